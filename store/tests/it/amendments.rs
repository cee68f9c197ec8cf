//! Amendments of a round's rules on both engines: one waits at a time, two people decide, and what was decided never changes.

use crate::awarded::{IDS, run, set_up};
use crate::reviews::apply;
use domain::access::Role;
use domain::amendment::{Late, Stage};
use domain::program::ProgramFile;
use domain::review::RubricScore;
use domain::round::Round;
use domain::{AmendmentId, PersonId, ProgramVersionId, RoundId, Timestamp};
use store::amendments::{self, Amendment, NewAmendment};
use store::programs::{self, NewVersion};
use store::{Db, Error, memberships, reviews};
use uuid::Uuid;

const FIRST: RoundId = RoundId(Uuid::from_u128(13));
/// A second round of the same program, opened, with nothing ranked yet.
const ROUND: RoundId = RoundId(Uuid::from_u128(21));
const BASE: ProgramVersionId = ProgramVersionId(Uuid::from_u128(30));
const NEXT: ProgramVersionId = ProgramVersionId(Uuid::from_u128(31));
const AMENDMENT: AmendmentId = AmendmentId(Uuid::from_u128(32));
const FILE: &str = include_str!("../../../programs/acceleratems-2023-24.toml");

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

fn later() -> String {
    let line = FILE.lines().find(|line| line.starts_with("award_on = ")).unwrap();
    FILE.replace(line, "award_on = 2023-08-15")
}

/// A write of a test in a transaction of its own.
macro_rules! write {
    ($db:expr, |$tx:ident| $work:expr) => {
        $db.write(move |$tx| Box::pin(async move { $work.await })).await
    };
}

fn version(id: ProgramVersionId, number: i64, text: &str) -> NewVersion {
    let file = ProgramFile::parse(text).unwrap();
    NewVersion {
        id,
        program: Uuid::from_u128(11).into(),
        version: number,
        source_toml: text.to_owned(),
        canonical: file.canonical().unwrap(),
        sha256: file.sha256().unwrap(),
        at: at(1),
        by: Some(IDS.asks),
    }
}

async fn opened_round(db: &Db) {
    set_up(db, 1_000_000_000, 400).await;
    let added: Result<(), Error> = write!(db, |tx| async move {
        programs::add_version(tx, &version(BASE, 2, FILE)).await?;
        programs::add_version(tx, &version(NEXT, 3, &later())).await?;
        let sha256 = ProgramFile::parse(FILE).unwrap().sha256().unwrap();
        run!(
            tx,
            "INSERT INTO rounds (id, program, program_version, appropriation, slug, name, zone, opens_at, closes_at, seed, opened_at,
               locked_sha256, last_number, version)
             SELECT $1, program, $3, appropriation, 's', 'Second', zone, opens_at, closes_at, seed, opens_at, $4, 0, 1
             FROM rounds WHERE id = $2",
            ROUND.0,
            FIRST.0,
            BASE.0,
            sha256
        )
    });
    added.unwrap();
}

fn new(id: AmendmentId) -> NewAmendment {
    NewAmendment {
        id,
        round: ROUND,
        base: BASE,
        file: NEXT,
        citation: "Board minutes.".to_owned(),
        reason: "The board meets later.".to_owned(),
        notice: "Awards come in August.".to_owned(),
        synthetic: true,
        by: IDS.asks,
        at: at(10),
    }
}

async fn propose(db: &Db, id: AmendmentId) -> Result<(), Error> {
    write!(db, |tx| async move { amendments::add(tx, &new(id)).await })
}

async fn found(db: &Db) -> Amendment {
    amendments::find(&mut db.reader().await.unwrap().tx(), AMENDMENT).await.unwrap().unwrap()
}

async fn approve(db: &Db, by: PersonId, seen: i64) -> Result<(), Error> {
    let amendment = found(db).await;
    db.write(move |tx| {
        let amendment = amendment.clone();
        Box::pin(async move { amendments::record_approval(tx, &amendment, 2, Some(Late::AfterClose), by, at(20), seen).await })
    })
    .await
}

async fn round(db: &Db) -> Round {
    programs::find_round(&mut db.reader().await.unwrap().tx(), ROUND).await.unwrap().unwrap()
}

async fn amend(db: &Db, round: Round) -> Result<(), Error> {
    db.write(move |tx| {
        let round = round.clone();
        Box::pin(async move { programs::record_amended(tx, &round).await })
    })
    .await
}

fn second(round: Round) -> Round {
    let file = ProgramFile::parse(&later()).unwrap();
    round.amend(&file.round, NEXT, &file.sha256().unwrap()).unwrap()
}

both_engines!(one_waits_at_a_time_and_another_person_decides_it_once, db, {
    opened_round(&db).await;
    propose(&db, AMENDMENT).await.unwrap();
    let twice = propose(&db, AmendmentId(Uuid::from_u128(33))).await;
    assert!(twice.unwrap_err().is_unique_violation());
    let waits = found(&db).await;
    assert_eq!((waits.stage, waits.number, waits.base, waits.file, waits.synthetic), (Stage::Proposed, None, BASE, NEXT, true));
    assert_eq!(waits.sha256, ProgramFile::parse(&later()).unwrap().sha256().unwrap());
    assert!(matches!(approve(&db, IDS.asks, 1).await, Err(Error::Conflict { .. })), "one's own");
    assert!(matches!(approve(&db, IDS.decides, 2).await, Err(Error::Conflict { .. })), "a stale version");
    approve(&db, IDS.decides, 1).await.unwrap();
    assert!(matches!(approve(&db, IDS.decides, 2).await, Err(Error::Conflict { .. })), "a second approval");
    let approved = found(&db).await;
    assert_eq!((approved.stage, approved.number, approved.late), (Stage::Approved, Some(2), Some(Late::AfterClose)));
    assert_eq!((approved.decided_by, approved.decided_at), (Some(IDS.decides), Some(at(20))));
    propose(&db, AmendmentId(Uuid::from_u128(33))).await.unwrap();
    let mut reader = db.reader().await.unwrap();
    let tx = &mut reader.tx();
    assert_eq!(amendments::list_of(tx, ROUND).await.unwrap().len(), 2);
    assert_eq!(amendments::approved_of(tx, ROUND).await.unwrap(), [approved]);
    assert_eq!(amendments::waiting(tx).await.unwrap().len(), 1);
    assert!(reviews::progress(tx, ROUND).await.unwrap().amending);
    assert!(!reviews::progress(tx, FIRST).await.unwrap().amending);
});

both_engines!(what_is_returned_keeps_its_reason_and_makes_room, db, {
    opened_round(&db).await;
    propose(&db, AMENDMENT).await.unwrap();
    let give_back = |seen: i64| {
        let db = db.clone();
        async move {
            write!(db, |tx| async move { amendments::record_return(tx, AMENDMENT, IDS.decides, at(20), "Cite the minutes.", seen).await })
        }
    };
    assert!(matches!(give_back(7).await, Err(Error::Conflict { .. })));
    give_back(1).await.unwrap();
    let returned = found(&db).await;
    assert_eq!((returned.stage, returned.decision_reason.as_deref(), returned.number), (Stage::Returned, Some("Cite the minutes."), None));
    assert!(matches!(approve(&db, IDS.decides, 2).await, Err(Error::Conflict { .. })));
    propose(&db, AmendmentId(Uuid::from_u128(33))).await.unwrap();
});

both_engines!(the_database_keeps_versions_and_decided_amendments_as_they_are, db, {
    opened_round(&db).await;
    propose(&db, AMENDMENT).await.unwrap();
    let own: Result<(), Error> = write!(db, |tx| async move {
        run!(
            tx,
            "UPDATE amendments SET status = 'approved', number = 2, decided_by = proposed_by, decided_at = proposed_at WHERE id = $1",
            AMENDMENT.0
        )
    });
    assert!(own.unwrap_err().is_check_violation());
    approve(&db, IDS.decides, 1).await.unwrap();
    let changed: Result<(), Error> =
        write!(db, |tx| async move { run!(tx, "UPDATE amendments SET reason = 'x' WHERE id = $1", AMENDMENT.0) });
    assert!(changed.is_err());
    let gone: Result<(), Error> = write!(db, |tx| async move { run!(tx, "DELETE FROM amendments WHERE id = $1", AMENDMENT.0) });
    assert!(gone.is_err());
    let edited: Result<(), Error> =
        write!(db, |tx| async move { run!(tx, "UPDATE program_versions SET canonical = 'x' WHERE id = $1", BASE.0) });
    assert!(edited.is_err());
    let lost: Result<(), Error> = write!(db, |tx| async move { run!(tx, "DELETE FROM program_versions WHERE id = $1", NEXT.0) });
    assert!(lost.is_err());
});

both_engines!(the_round_uses_the_next_version_and_every_version_can_be_read, db, {
    opened_round(&db).await;
    let read = |version: i64| {
        let db = db.clone();
        async move { amendments::file_of_version(&mut db.reader().await.unwrap().tx(), ROUND, version).await.unwrap() }
    };
    assert_eq!((read(1).await, read(2).await), (Some(BASE), None));
    propose(&db, AMENDMENT).await.unwrap();
    approve(&db, IDS.decides, 1).await.unwrap();
    let before = round(&db).await;
    let stale = Round { version: 9, ..before.clone() };
    assert!(matches!(amend(&db, second(stale)).await, Err(Error::Conflict { .. })));
    amend(&db, second(before.clone())).await.unwrap();
    assert!(matches!(amend(&db, second(before)).await, Err(Error::Conflict { .. })), "twice");
    let after = round(&db).await;
    let opened = after.opened.clone().unwrap();
    assert_eq!((opened.version, opened.sha256, after.program_version), (2, found(&db).await.sha256, NEXT));
    assert_eq!(after.award_on.map(|day| day.to_string()).as_deref(), Some("2023-08-15"));
    assert_eq!((read(0).await, read(1).await, read(2).await, read(3).await), (None, Some(BASE), Some(NEXT), None));
    let (source, canonical) = programs::source_of_version(&mut db.reader().await.unwrap().tx(), BASE).await.unwrap();
    assert_eq!((source.as_str(), canonical), (FILE, ProgramFile::parse(FILE).unwrap().canonical().unwrap()));
});

both_engines!(a_frozen_ranking_keeps_the_rules_that_made_it, db, {
    opened_round(&db).await;
    let frozen: Result<(), Error> = write!(db, |tx| async move {
        run!(
            tx,
            "INSERT INTO rankings (id, round, rules_sha256, inputs_sha256, result_sha256, frozen_by, frozen_at, document)
             VALUES ($1, $2, '', '', '', $3, $4, '{}')",
            Uuid::from_u128(40),
            ROUND.0,
            IDS.decides.0,
            at(5).utc()
        )
    });
    frozen.unwrap();
    assert!(matches!(amend(&db, second(round(&db).await)).await, Err(Error::Conflict { noun: "round" })));
});

both_engines!(scores_on_a_changed_rubric_are_taken_away_and_given_back_for_the_record, db, {
    opened_round(&db).await;
    let application = apply(&db, ROUND, 1).await;
    let elsewhere = apply(&db, FIRST, 2).await;
    let score = |application, criterion: &str| {
        let (db, criterion) = (db.clone(), criterion.to_owned());
        async move {
            db.write(move |tx| {
                let score = RubricScore { criterion: criterion.clone(), points: 50.into(), reason: "Good.".to_owned() };
                Box::pin(async move { reviews::record_score(tx, application, &score, false, IDS.decides, at(3), None).await })
            })
            .await
            .unwrap();
        }
    };
    let scored = |db: Db| async move { amendments::scored(&mut db.reader().await.unwrap().tx(), ROUND).await.unwrap() };
    assert!(!scored(db.clone()).await);
    score(application, "support").await;
    score(application, "ties").await;
    score(elsewhere, "ties").await;
    assert!(scored(db.clone()).await);
    let void = write!(db, |tx| async move { amendments::void_scores(tx, ROUND, "ties").await }).unwrap();
    assert_eq!((void.len(), void[0].application, void[0].points.as_str(), void[0].scored_by), (1, application.0, "50", IDS.decides.0));
    let mut reader = db.reader().await.unwrap();
    let left = reviews::scores(&mut reader.tx(), application).await.unwrap();
    assert_eq!(left.iter().map(|score| score.criterion.as_str()).collect::<Vec<_>>(), ["support"]);
    assert_eq!(reviews::scores(&mut reader.tx(), elsewhere).await.unwrap().len(), 1, "another round's");
});

both_engines!(applicants_are_known_by_what_they_ask_for_and_told, db, {
    opened_round(&db).await;
    let application = apply(&db, ROUND, 1).await;
    let district = Uuid::from_u128(501);
    let drafted: Result<(), Error> = write!(db, |tx| async move {
        run!(
            tx,
            "INSERT INTO application_sections (application, section, answers, complete, saved_by, saved_at, version)
             VALUES ($1, 'coaches', '{\"seats\":\"7\"}', TRUE, $2, $3, 1)",
            application.0,
            IDS.asks.0,
            at(2).utc()
        )?;
        memberships::add(tx, Uuid::from_u128(70).into(), IDS.decides, district.into(), Role::Certifier, at(1)).await?;
        memberships::add(tx, Uuid::from_u128(71).into(), IDS.decides, district.into(), Role::Preparer, at(1)).await.map(drop)
    });
    drafted.unwrap();
    propose(&db, AMENDMENT).await.unwrap();
    approve(&db, IDS.decides, 1).await.unwrap();
    amend(&db, second(round(&db).await)).await.unwrap();
    let mut reader = db.reader().await.unwrap();
    let tx = &mut reader.tx();
    let applied = amendments::applied(tx, ROUND, at(4)).await.unwrap();
    assert_eq!((applied.len(), applied[0].units, applied[0].name.as_str()), (1, Some(7), "District 1"));
    let people = amendments::people_to_tell(tx, ROUND).await.unwrap();
    assert_eq!((people.len(), people[0].application), (1, application.0), "one person with two roles is told once");
    let latest = amendments::latest_for(tx, application).await.unwrap().unwrap();
    assert_eq!((latest.number, latest.at, latest.notice.as_str(), latest.round), (2, at(20), "Awards come in August.", ROUND));
    let waiting = memberships::waiting(tx, district.into(), PersonId(Uuid::nil()), at(30)).await.unwrap();
    assert_eq!((waiting.amended, waiting.submitted), (1, 1));
});
