//! From a decision on eligibility to what applicants are told, on both engines: each written by the store's own functions and read back.

use crate::awarded::{IDS, mint, run, set_up};
use crate::reviews::apply;
use domain::access::Role;
use domain::allocation::{AllocationDocument, Claim};
use domain::award::{Outcome, PlannedAward, PlannedLine};
use domain::facts::Input;
use domain::program::ProgramFile;
use domain::ranking::{Candidate, RankingDocument};
use domain::review::{EligibilityDecision, RubricScore};
use domain::{AllocationId, ApplicationId, AwardId, Money, OrganizationId, PersonId, RankingId, RoundId, Timestamp};
use std::collections::BTreeMap;
use store::allocations::{self, NewAllocation};
use store::awards::{self, NewAward, NewOutcome};
use store::rankings::{self, NewRanking};
use store::reviews::{ListFilter, Sort};
use store::{Db, Error, Tx, memberships, open_data, reviews};
use uuid::Uuid;

const FIRST: RoundId = RoundId(Uuid::from_u128(13));
/// A second round of the same program, with nothing ranked yet.
const ROUND: RoundId = RoundId(Uuid::from_u128(21));
const RANKING: RankingId = RankingId(Uuid::from_u128(22));
const ALLOCATION: AllocationId = AllocationId(Uuid::from_u128(23));
const AWARD: AwardId = AwardId(Uuid::from_u128(24));
const APPROVER: PersonId = PersonId(Uuid::from_u128(77));

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

fn file() -> ProgramFile {
    ProgramFile::parse(include_str!("../../../programs/acceleratems-2023-24.toml")).unwrap()
}

/// Records what becomes of one application.
pub async fn decide(tx: &mut Tx<'_>, application: ApplicationId, outcome: Outcome, units: i64, at: Timestamp) -> Result<(), Error> {
    awards::add_outcomes(tx, &[NewOutcome { application, outcome, units, reason: "A reason.".to_owned() }], at).await
}

/// Runs one write of a test in a transaction of its own.
macro_rules! write {
    ($db:expr, $($own:ident,)* |$tx:ident| $work:expr) => {
        $db.write(move |$tx| {
            $(let $own = $own.clone();)*
            Box::pin(async move { $work.await })
        })
        .await
    };
}

async fn second_round(db: &Db) {
    set_up(db, 1_000_000_000, 400).await;
    let added: Result<(), Error> = write!(db, |tx| async move {
        run!(
            tx,
            "INSERT INTO rounds (id, program, program_version, appropriation, slug, name, zone, opens_at, closes_at, questions_until,
               award_on, seed, last_number, version)
             SELECT $1, program, program_version, appropriation, 's', 'Second', zone, opens_at, closes_at, questions_until, award_on, seed, 0, 1
             FROM rounds WHERE id = $2",
            ROUND.0,
            FIRST.0
        )?;
        run!(tx, "INSERT INTO people (id, name, email, email_folded, created_at) VALUES ($1, 'T', 'T', 'T', $2)", APPROVER.0, at(0).utc())
    });
    added.unwrap();
}

both_engines!(a_decision_and_a_score_are_recorded_and_changed_by_who_saw_the_last, db, {
    second_round(&db).await;
    let id = apply(&db, ROUND, 1).await;
    let decide = async |eligible: bool, seen: Option<i64>| -> Result<(), Error> {
        let decision = EligibilityDecision::new(Some(eligible), "By the call.").unwrap();
        write!(db, decision, |tx| reviews::record_decision(tx, id, &decision, IDS.decides, at(5), seen))
    };
    decide(false, None).await.unwrap();
    assert!(matches!(decide(true, None).await, Err(Error::Conflict { .. })), "somebody decided meanwhile");
    decide(true, Some(1)).await.unwrap();
    assert!(matches!(decide(false, Some(1)).await, Err(Error::Conflict { .. })), "a stale page");

    let criterion = file().ranking.criteria.into_iter().find(|one| domain::review::anchors_of(one).is_some()).unwrap();
    let points = domain::review::anchors_of(&criterion).unwrap()[0].points;
    let score = async |seen: Option<i64>| -> Result<(), Error> {
        let score = RubricScore::new(&criterion, Some(points), "As written.").unwrap();
        write!(db, score, |tx| reviews::record_score(tx, id, &score, true, IDS.decides, at(6), seen))
    };
    score(None).await.unwrap();
    assert!(matches!(score(None).await, Err(Error::Conflict { .. })));
    score(Some(1)).await.unwrap();
    assert!(matches!(score(Some(1)).await, Err(Error::Conflict { .. })));

    let mut reader = db.reader().await.unwrap();
    let mut tx = reader.tx();
    let found = reviews::find(&mut tx, id).await.unwrap().unwrap();
    let decision = found.decision.unwrap();
    assert_eq!((found.number.as_str(), found.applicant_name.as_str(), found.units, found.submitted), ("A-1", "District 1", 2, true));
    assert_eq!((decision.eligible, decision.by.as_str(), decision.at, decision.version), (true, "Decides", at(5), 2));
    let scores = reviews::scores(&mut tx, id).await.unwrap();
    assert_eq!((scores[0].criterion.as_str(), scores[0].points, scores[0].version), (criterion.key.as_str(), points.normalize(), 2));
    assert!(scores[0].synthetic);
    assert_eq!(rankings::scores_of_round(&mut tx, ROUND).await.unwrap(), scores);
    let entrants = rankings::entrants(&mut tx, ROUND).await.unwrap();
    assert_eq!((entrants.len(), entrants[0].eligible, entrants[0].units), (1, Some(true), 2));
});

both_engines!(counts_from_indexes_agree_with_those_row_by_row, db, {
    second_round(&db).await;
    let mut ids = Vec::new();
    for n in 1..=6 {
        ids.push(apply(&db, ROUND, n).await);
    }
    for (id, eligible) in ids.iter().copied().zip([true, true, false, true, false]) {
        let decision = EligibilityDecision::new(Some(eligible), "By the call.").unwrap();
        let decided: Result<(), Error> = write!(db, decision, |tx| reviews::record_decision(tx, id, &decision, IDS.decides, at(5), None));
        decided.unwrap();
    }
    for id in [ids[3], ids[4]] {
        let withdrawn: Result<(), Error> = write!(db, |tx| async move {
            run!(tx, "UPDATE applications SET status = 'withdrawn', withdrawn_at = $2 WHERE id = $1", id.0, at(6).utc())
        });
        withdrawn.unwrap();
    }
    let mut reader = db.reader().await.unwrap();
    let mut tx = reader.tx();
    // Every number has this in it: a filter that leaves all.
    let filter = ListFilter { text: "a-".into(), ..ListFilter::default() };
    let whole = reviews::totals(&mut tx, ROUND, &ListFilter::default()).await.unwrap();
    assert_eq!(whole, reviews::totals(&mut tx, ROUND, &filter).await.unwrap());
    assert_eq!((whole.submitted, whole.undecided, whole.eligible, whole.ineligible, whole.withdrawn), (4, 1, 2, 1, 2));
    assert_eq!((whole.units, whole.matched, whole.matched_units), (8, 6, 8));
    for sort in Sort::ALL {
        for descending in [false, true] {
            let page = reviews::list(&mut tx, ROUND, &ListFilter::default(), sort, descending, 0).await.unwrap();
            assert_eq!(page, reviews::list(&mut tx, ROUND, &filter, sort, descending, 0).await.unwrap());
            assert_eq!(page.len(), 6);
        }
    }
    let waiting = memberships::waiting(&mut tx, OrganizationId(IDS.agency), PersonId(Uuid::nil()), at(4_000_000_000)).await.unwrap();
    assert_eq!((waiting.to_screen, waiting.to_score), (1, 2));
});

fn candidate(application: ApplicationId, number: &str, unemployment: &str) -> Candidate {
    let values = [
        ("coaches_in_place", "0"),
        ("county_unemployment_rate", unemployment),
        ("child_poverty_rate", "30"),
        ("letters", "3"),
        ("community_support", "70"),
        ("college_ties", "50"),
        ("college_distance_km", "40"),
    ];
    let input = |value: &str| Input {
        value: value.parse().unwrap(),
        source: "worked by hand".to_owned(),
        year: Some(2020),
        place: "Test County".to_owned(),
        synthetic: true,
    };
    Candidate {
        id: application.to_string(),
        number: number.to_owned(),
        inputs: values.into_iter().map(|(key, value)| (key.to_owned(), input(value))).collect(),
    }
}

async fn freeze(db: &Db, id: RankingId, document: &RankingDocument) -> Result<(), Error> {
    let document = document.clone();
    write!(db, document, |tx| async move {
        let units = BTreeMap::from([("county_unemployment".to_owned(), "%".to_owned())]);
        rankings::add(tx, &NewRanking { id, round: ROUND, document: &document, units: &units, by: IDS.decides, at: at(100) }).await
    })
}

async fn propose(db: &Db, id: AllocationId, document: &AllocationDocument) -> Result<(), Error> {
    let document = document.clone();
    write!(db, document, |tx| async move {
        let (by, at) = (IDS.asks, at(110));
        let new = NewAllocation { id, round: ROUND, ranking: RANKING, appropriation: IDS.pot, document: &document, by, at };
        allocations::add(tx, &new).await
    })
}

both_engines!(a_ranking_becomes_an_allocation_awards_and_outcomes_that_people_are_told_once, db, {
    second_round(&db).await;
    let (one, two) = (apply(&db, ROUND, 1).await, apply(&db, ROUND, 2).await);
    let ranked = RankingDocument::make(&file(), "a seed", &[candidate(one, "A-1", "5"), candidate(two, "A-2", "7")]).unwrap();
    freeze(&db, RANKING, &ranked).await.unwrap();
    assert!(freeze(&db, RankingId(Uuid::from_u128(99)), &ranked).await.unwrap_err().is_unique_violation(), "a round is frozen once");

    let unit = file().award.unit_cost;
    let claim = |id: ApplicationId, number: &str, place: u32| Claim {
        id: id.to_string(),
        number: number.to_owned(),
        place,
        region: "r".to_owned(),
        units_requested: 2,
        unit_cost: None,
        least: None,
        last: None,
        named: None,
    };
    // Two seats and no more: the second in line gets nothing.
    let pot = unit.plus(unit).unwrap();
    let document =
        AllocationDocument::make(&file(), &ranked.sha256().unwrap(), pot, &[claim(two, "A-2", 1), claim(one, "A-1", 2)]).unwrap();
    propose(&db, ALLOCATION, &document).await.unwrap();
    assert!(propose(&db, AllocationId(Uuid::from_u128(98)), &document).await.unwrap_err().is_unique_violation(), "one is live");
    let approved: Result<(), Error> = write!(db, |tx| allocations::record_approval(tx, ALLOCATION, APPROVER, at(120), 1));
    approved.unwrap();

    let line = PlannedLine { application: two.to_string(), units: 2, amount: pot };
    let plan = PlannedAward { number: "AW-2".to_owned(), pot: None, region: "r".to_owned(), units: 2, amount: pot, lines: vec![line] };
    let awarded: Result<bool, Error> = write!(db, plan, |tx| async move {
        let (recipient, at) = (OrganizationId(IDS.recipient), at(120));
        let new = NewAward {
            id: AWARD,
            round: ROUND,
            allocation: ALLOCATION,
            appropriation: IDS.pot,
            continues: None,
            recipient,
            plan: &plan,
            at,
        };
        awards::add(tx, &new).await?;
        awards::add_lines(tx, AWARD, &[(mint().into(), &plan.lines[0])]).await?;
        let becomes = |application, outcome, units, reason: &str| NewOutcome { application, outcome, units, reason: reason.to_owned() };
        let outcomes = [becomes(two, Outcome::Funded, 2, "Place 1."), becomes(one, Outcome::Waitlisted, 0, "Place 2.")];
        awards::add_outcomes(tx, &outcomes, at).await?;
        memberships::add(tx, mint().into(), IDS.asks, OrganizationId(Uuid::from_u128(502)), Role::Preparer, at).await?;
        memberships::add(tx, mint().into(), IDS.asks, OrganizationId(Uuid::from_u128(502)), Role::Certifier, at).await
    });
    assert!(awarded.unwrap());
    let nobodys = PlannedLine { application: Uuid::nil().to_string(), units: 1, amount: unit };
    let refused: Result<(), Error> =
        write!(db, nobodys, |tx| async move { awards::add_lines(tx, AWARD, &[(mint().into(), &nobodys)]).await });
    assert!(matches!(refused, Err(Error::Inconsistent { .. })), "an application that is not there");
    let doubled: Result<(), Error> = write!(db, |tx| decide(tx, two, Outcome::NotFunded, 0, at(121)));
    assert!(doubled.unwrap_err().is_unique_violation());

    let mut reader = db.reader().await.unwrap();
    let to_tell = awards::people_to_tell(&mut reader.tx(), ROUND).await.unwrap();
    assert_eq!(to_tell.iter().map(|told| told.name.as_str()).collect::<Vec<_>>(), ["Asks"], "two roles, one mail");
    drop(reader);
    let told: Result<u64, Error> = write!(db, |tx| awards::record_told(tx, ROUND, at(130)));
    assert_eq!(told.unwrap(), 2);
    let again: Result<u64, Error> = write!(db, |tx| awards::record_told(tx, ROUND, at(140)));
    assert_eq!(again.unwrap(), 0, "nobody is told twice");

    let mut reader = db.reader().await.unwrap();
    let mut tx = reader.tx();
    assert!(awards::people_to_tell(&mut tx, ROUND).await.unwrap().is_empty());
    let people = awards::people_of_applicants(&mut tx, ROUND).await.unwrap();
    assert_eq!(people.iter().map(|told| (told.application, told.name.as_str())).collect::<Vec<_>>(), [(two.0, "Asks")], "told or not");
    let frozen = rankings::of_round(&mut tx, ROUND).await.unwrap().unwrap();
    assert_eq!(frozen.document.as_bytes(), ranked.bytes().unwrap());
    assert_eq!(open_data::ranking_document(&mut tx, ROUND).await.unwrap().as_deref(), Some(frozen.document.as_str()));
    let places = rankings::places(&mut tx, RANKING).await.unwrap();
    assert_eq!(places.iter().map(|row| (row.place, row.number.as_str())).collect::<Vec<_>>(), [(1, "A-2"), (2, "A-1")]);
    let working = rankings::working_of(&mut tx, one).await.unwrap().unwrap();
    assert_eq!((working.place.place, working.of, working.line), (2, 2, Some(1)));
    assert_eq!(working.units["county_unemployment"], "%");
    assert_eq!(rankings::working_of_number(&mut tx, ROUND, "A-1").await.unwrap(), Some(working));

    let laid = allocations::find(&mut tx, ALLOCATION).await.unwrap().unwrap();
    let live = allocations::live(&mut tx, laid.round.into()).await.unwrap().unwrap();
    assert_eq!((live.id, live.approved), (ALLOCATION, true));
    assert_eq!((laid.status.as_str(), laid.decided_by, laid.version), ("approved", Some(APPROVER.0), 2));
    assert_eq!(open_data::allocation_document(&mut tx, ROUND).await.unwrap().as_deref(), Some(laid.document.as_str()));
    let award = awards::find(&mut tx, AWARD).await.unwrap().unwrap();
    assert_eq!((award.amount(), award.lines, award.recipient_name.as_str()), (pot, 1, "Region"));
    let lines = awards::lines_of(&mut tx, AWARD).await.unwrap();
    assert_eq!((lines[0].beneficiary_name.as_str(), lines[0].units), ("District 2", 2));
    assert_eq!(awards::lines_of_round(&mut tx, ROUND).await.unwrap(), lines);
    let stands = awards::standing(&mut tx, ROUND).await.unwrap();
    let stands: Vec<_> = stands.iter().map(|of| (of.application, of.region.as_deref(), of.amount_cents)).collect();
    assert_eq!(stands, [(lines[0].application, None, lines[0].amount_cents)]);
    assert!(awards::last_of(&mut tx, ROUND).await.unwrap().is_empty(), "no round closed before");
    let outcomes = awards::outcomes(&mut tx, ROUND).await.unwrap();
    let said: Vec<_> = outcomes.iter().map(|of| (of.number.as_str(), of.outcome, of.place, of.told_at)).collect();
    assert_eq!(said, [("A-2", Outcome::Funded, Some(1), Some(at(130))), ("A-1", Outcome::Waitlisted, Some(2), Some(at(130)))]);
    assert_eq!(awards::outcome_of(&mut tx, one).await.unwrap().as_ref(), Some(&outcomes[1]));

    let shown = open_data::places(&mut tx, ROUND).await.unwrap();
    assert_eq!(shown.iter().map(|of| (of.place, of.units)).collect::<Vec<_>>(), [(1, 2), (2, 0)]);
    let outcome = open_data::outcome(&mut tx, ROUND, "A-1").await.unwrap().unwrap();
    assert_eq!((outcome.outcome.as_deref(), outcome.reason.as_deref()), (Some("waitlisted"), Some("Place 2.")));
    assert_eq!(open_data::frozen(&mut tx, ROUND).await.unwrap().unwrap().line, Some(1));
    let line = open_data::money_line(&mut tx, ROUND).await.unwrap();
    assert_eq!((line.awarded, line.awarded_elsewhere), (pot, Money::cents(400)));
    drop(reader);

    let third = RoundId(Uuid::from_u128(97));
    let added: Result<(), Error> = write!(db, |tx| async move {
        run!(tx, "UPDATE rounds SET closes_at = $2 WHERE id = $1", ROUND.0, at(4_000_000_000).utc())?;
        run!(
            tx,
            "INSERT INTO rounds (id, program, program_version, appropriation, slug, name, zone, opens_at, closes_at, seed, last_number, version)
             SELECT $1, program, program_version, appropriation, 't', 'Third', zone, opens_at, $3, seed, 0, 1 FROM rounds WHERE id = $2",
            third.0,
            ROUND.0,
            at(4_100_000_000).utc()
        )
    });
    added.unwrap();
    let mut reader = db.reader().await.unwrap();
    let last = awards::last_of(&mut reader.tx(), third).await.unwrap();
    assert_eq!(last, BTreeMap::from([(Uuid::from_u128(502), pot)]), "the last round's, and not the one before's");
});
