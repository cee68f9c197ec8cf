//! Panels as rows: members, ties, reviews guarded by version and stage, history, notes.

use crate::awarded::{IDS, mint, run, set_up};
use crate::reviews::apply;
use domain::panel::Stage;
use domain::review::EligibilityDecision;
use domain::{PersonId, ReviewId, RoundId, Timestamp};
use std::collections::BTreeMap;
use store::memberships;
use store::panels::{self, NewReview, Written};
use store::{Db, Error, Tx};
use uuid::Uuid;

const ROUND: RoundId = RoundId(Uuid::from_u128(12 + 1));

macro_rules! write {
    ($db:expr, |$tx:ident $(, $kept:ident)*| $body:expr) => {{
        $(let $kept = $kept.clone();)*
        let written: Result<_, Error> = $db
            .write(move |$tx| {
                $(let $kept = $kept.clone();)*
                Box::pin(async move { $body })
            })
            .await;
        written
    }};
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_unix(second)
}

async fn reader(db: &Db) -> store::Reader {
    db.reader().await.unwrap()
}

async fn sit(tx: &mut Tx<'_>) -> Result<(), Error> {
    panels::add_member(tx, ROUND, IDS.asks, IDS.decides, at(1)).await?;
    panels::add_member(tx, ROUND, IDS.decides, IDS.decides, at(2)).await?;
    panels::add_member(tx, ROUND, IDS.asks, IDS.decides, at(3)).await
}

both_engines!(members_come_go_lead_and_declare, db, {
    set_up(&db, 1_000, 400).await;
    write!(db, |tx| sit(tx).await).unwrap();
    write!(db, |tx| panels::record_chair(tx, ROUND, IDS.asks).await).unwrap();
    write!(db, |tx| panels::record_chair(tx, ROUND, IDS.decides).await).unwrap();
    write!(db, |tx| panels::record_declaration(tx, ROUND, IDS.asks, at(4)).await).unwrap();
    write!(db, |tx| panels::record_member_end(tx, ROUND, IDS.asks, at(5)).await).unwrap();
    assert!(matches!(write!(db, |tx| panels::record_member_end(tx, ROUND, IDS.asks, at(6)).await), Err(Error::Conflict { .. })));
    assert!(matches!(write!(db, |tx| panels::record_chair(tx, ROUND, IDS.asks).await), Err(Error::Conflict { .. })));
    let mut reader = reader(&db).await;
    let tx = &mut reader.tx();
    let members = panels::members(tx, ROUND).await.unwrap();
    let short: Vec<_> = members.iter().map(|one| (one.person, one.chair, one.declared_at.is_some(), one.ended_at.is_some())).collect();
    assert_eq!(short, [(IDS.asks.0, false, true, true), (IDS.decides.0, true, false, false)]);
    assert!(panels::eligible_people(tx, IDS.agency.into()).await.unwrap().is_empty());
    let sittings = panels::sittings(tx, IDS.decides).await.unwrap();
    assert_eq!(sittings.iter().map(|one| (one.chair, one.waiting, one.handed_in)).collect::<Vec<_>>(), [(true, 0, 0)]);
});

both_engines!(ties_are_found_in_memberships_and_declarations, db, {
    set_up(&db, 1_000, 400).await;
    let application = apply(&db, ROUND, 1).await;
    let other = apply(&db, ROUND, 2).await;
    let teacher = PersonId(Uuid::from_u128(78));
    let applicant = Uuid::from_u128(501);
    write!(db, |tx| {
        sit(tx).await?;
        run!(
            tx,
            "INSERT INTO memberships (id, person, organization, role, since, ended_at) VALUES ($1, $2, $3, 'preparer', $4, $4)",
            mint(),
            IDS.asks.0,
            applicant,
            at(0).utc()
        )?;
        run!(
            tx,
            "INSERT INTO organizations (id, kind, name, name_folded, source) VALUES ($1, 'college', 'C', 'c', 'test')",
            Uuid::from_u128(900)
        )?;
        run!(
            tx,
            "INSERT INTO application_sections (application, section, answers, complete, saved_by, saved_at, version)
             VALUES ($1, 'college', '{\"college\":\"C\"}', $2, $3, $4, 1)",
            application.0,
            true,
            IDS.asks.0,
            at(0).utc()
        )?;
        run!(tx, "INSERT INTO people (id, name, email, email_folded, created_at) VALUES ($1, 'T', 'T', 'T', $2)", teacher.0, at(0).utc())?;
        run!(
            tx,
            "INSERT INTO memberships (id, person, organization, role, since) VALUES ($1, $2, $3, 'preparer', $4)",
            mint(),
            teacher.0,
            Uuid::from_u128(900),
            at(0).utc()
        )?;
        let decision = EligibilityDecision::new(Some(true), "A district.").unwrap();
        store::reviews::record_decision(tx, application, &decision, teacher, at(3), None).await?;
        panels::add_conflict(tx, ROUND, IDS.decides, applicant.into(), "A cousin.", at(4)).await?;
        panels::add_conflict(tx, ROUND, IDS.decides, applicant.into(), "A brother.", at(5)).await
    })
    .unwrap();
    let mut reader = reader(&db).await;
    let tx = &mut reader.tx();
    let all = panels::parts_of_panel(tx, ROUND, None).await.unwrap();
    let said: Vec<_> = all.iter().map(|one| (one.person, one.part.organization.0, one.part.declared.clone())).collect();
    assert_eq!(said, [(IDS.asks, applicant, None), (IDS.decides, applicant, Some("A brother.".to_owned()))]);
    assert_eq!(panels::parts_of(tx, ROUND, IDS.asks).await.unwrap().len(), 1, "a role that has ended counts");
    assert_eq!(panels::declared(tx, ROUND, IDS.decides).await.unwrap()[0].why, "A brother.");
    let found = panels::application(tx, application).await.unwrap().unwrap();
    assert_eq!((found.ties.applicant.0, found.ties.college.map(|college| college.0)), (applicant, Some(Uuid::from_u128(900))));
    assert_eq!(panels::applications(tx, ROUND).await.unwrap().len(), 2);
    let tied = panels::tied_records(tx, IDS.asks).await.unwrap();
    assert!(tied.contains(&application.0) && !tied.contains(&other.0), "{tied:?}");
    assert_eq!(panels::tied_records(tx, teacher).await.unwrap().into_iter().collect::<Vec<_>>(), [application.0], "its college");
    assert!(panels::tied_records(tx, PersonId(Uuid::nil())).await.unwrap().is_empty());
    let judged = store::reviews::judged(tx, ROUND).await.unwrap();
    assert_eq!(judged.iter().map(|one| (one.application, one.person)).collect::<Vec<_>>(), [(application.0, teacher.0)]);
    let parts = panels::parts_of_judges(tx, ROUND).await.unwrap();
    assert_eq!(parts.iter().map(|one| (one.person, one.part.organization.0)).collect::<Vec<_>>(), [(teacher, Uuid::from_u128(900))]);
});

both_engines!(a_review_is_written_handed_in_and_asked_for_again, db, {
    set_up(&db, 1_000, 400).await;
    let application = apply(&db, ROUND, 1).await;
    let id = ReviewId(mint());
    let new = NewReview { id, round: ROUND, application, person: IDS.asks, practice: false, synthetic: false, by: IDS.decides, at: at(1) };
    write!(db, |tx| panels::add(tx, &new).await).unwrap();
    let twice = NewReview { id: ReviewId(mint()), ..new };
    assert!(matches!(write!(db, |tx| panels::add(tx, &twice).await), Err(Error::Conflict { .. })), "given once");
    let written = BTreeMap::from([("c".to_owned(), Written { points: Some("40.5".parse().unwrap()), reason: "As written.".to_owned() })]);
    write!(db, |tx, written| panels::record_written(tx, id, &written, at(2), 1).await).unwrap();
    assert!(matches!(write!(db, |tx, written| panels::record_written(tx, id, &written, at(3), 1).await), Err(Error::Conflict { .. })));
    write!(db, |tx, written| {
        panels::record_stage(tx, id, Stage::HandedIn, "", Some(at(4)), 2).await?;
        panels::add_history(tx, id, 2, &written, at(4)).await
    })
    .unwrap();
    assert!(
        matches!(write!(db, |tx, written| panels::record_written(tx, id, &written, at(5), 3).await), Err(Error::Conflict { .. })),
        "it is in"
    );
    write!(db, |tx| panels::record_stage(tx, id, Stage::AskedAgain, "Page 2.", None, 3).await).unwrap();
    let mut reader = reader(&db).await;
    let tx = &mut reader.tx();
    let found = panels::of_desk(tx, id).await.unwrap().remove(0);
    assert_eq!((found.stage, found.said.as_str(), found.version, found.handed_in_at), (Stage::AskedAgain, "Page 2.", 4, Some(at(4))));
    assert_eq!(found.written, written);
    assert!(store::approvals::hands(tx, ROUND, IDS.asks).await.unwrap().scored, "who reviewed had a hand in the decision");
    assert!(!store::approvals::hands(tx, ROUND, IDS.decides).await.unwrap().scored);
    assert_eq!(panels::history(tx, application).await.unwrap()[0].written, written);
    for sql in ["UPDATE panel_history SET written = '{}'", "DELETE FROM panel_history"] {
        let done: Result<(), Error> = write!(db, |tx| run!(tx, sql));
        assert!(done.is_err(), "what was handed in stays: {sql}");
    }
    for all in [panels::of_round(tx, ROUND).await, panels::of_application(tx, application).await, panels::desk_of(tx, IDS.asks).await] {
        assert_eq!(all.unwrap(), std::slice::from_ref(&found));
    }
});

both_engines!(what_waits_on_a_desk_is_counted_until_the_round_is_ranked, db, {
    set_up(&db, 1_000, 400).await;
    let next = RoundId(Uuid::from_u128(99));
    write!(db, |tx| {
        run!(
            tx,
            "INSERT INTO rounds (id, program, program_version, appropriation, slug, name, zone, opens_at, closes_at, award_on, seed,
               last_number, version)
             SELECT $1, program, program_version, appropriation, 'next', 'Next', zone, opens_at, closes_at, award_on, seed, 0, 1
             FROM rounds WHERE id = $2",
            next.0,
            ROUND.0
        )?;
        panels::add_member(tx, next, IDS.asks, IDS.decides, at(1)).await?;
        panels::add_member(tx, ROUND, IDS.asks, IDS.decides, at(1)).await
    })
    .unwrap();
    let id = ReviewId(mint());
    for (nth, round, review) in [(1, ROUND, ReviewId(mint())), (2, next, id)] {
        let application = apply(&db, round, nth).await;
        let new =
            NewReview { id: review, round, application, person: IDS.asks, practice: false, synthetic: false, by: IDS.decides, at: at(1) };
        write!(db, |tx| panels::add(tx, &new).await).unwrap();
    }
    let waits = async || {
        let mut reader = reader(&db).await;
        let waiting = memberships::waiting(&mut reader.tx(), IDS.agency.into(), IDS.asks, at(9)).await.unwrap();
        let counted = panels::counted(&mut reader.tx(), next).await.unwrap();
        (waiting.undeclared, waiting.reviews, counted.iter().map(|one| (one.given, one.handed_in)).collect::<Vec<_>>())
    };
    assert_eq!(waits().await, (1, 1, vec![(1, 0)]), "the other round is ranked");
    write!(db, |tx| panels::record_declaration(tx, next, IDS.asks, at(4)).await).unwrap();
    write!(db, |tx| panels::record_stage(tx, id, Stage::HandedIn, "", Some(at(4)), 1).await).unwrap();
    assert_eq!(waits().await, (0, 0, vec![(1, 1)]));
    write!(db, |tx| panels::record_stage(tx, id, Stage::AskedAgain, "Page 2.", None, 2).await).unwrap();
    assert_eq!(waits().await, (0, 1, vec![(1, 0)]));
});

both_engines!(a_review_taken_away_can_be_given_back_and_a_note_is_one, db, {
    set_up(&db, 1_000, 400).await;
    let application = apply(&db, ROUND, 1).await;
    let (id, note) = (ReviewId(mint()), mint());
    let new = NewReview { id, round: ROUND, application, person: IDS.asks, practice: true, synthetic: true, by: IDS.decides, at: at(1) };
    write!(db, |tx| {
        panels::add(tx, &new).await?;
        panels::record_stage(tx, id, Stage::Removed, "Ill.", None, 1).await?;
        panels::record_given_again(tx, id, IDS.decides, at(2)).await?;
        assert!(panels::add_note(tx, note, application, IDS.asks, "Far apart.", at(3)).await?);
        assert!(!panels::add_note(tx, note, application, IDS.asks, "Far apart.", at(3)).await?);
        Ok(())
    })
    .unwrap();
    assert!(matches!(write!(db, |tx| panels::record_given_again(tx, id, IDS.decides, at(4)).await), Err(Error::Conflict { .. })));
    let mut reader = reader(&db).await;
    let tx = &mut reader.tx();
    assert_eq!(panels::of_desk(tx, id).await.unwrap()[0].stage, Stage::Assigned);
    assert_eq!(panels::notes(tx, application).await.unwrap().len(), 1);
});

both_engines!(a_desk_counts_what_others_noted_since_and_notes_stay_as_they_are, db, {
    set_up(&db, 1_000, 400).await;
    let application = apply(&db, ROUND, 1).await;
    let new = |person| NewReview {
        id: ReviewId(mint()),
        round: ROUND,
        application,
        person,
        practice: false,
        synthetic: false,
        by: IDS.decides,
        at: at(1),
    };
    let [own, others] = [IDS.asks, IDS.decides].map(new);
    write!(db, |tx| {
        panels::add(tx, &own).await?;
        panels::add(tx, &others).await
    })
    .unwrap();
    for (person, second, counted) in
        [(IDS.decides, 2, [(1, 1), (1, 0)]), (IDS.asks, 3, [(2, 0), (2, 1)]), (IDS.decides, 4, [(3, 1), (3, 0)])]
    {
        write!(db, |tx| panels::add_note(tx, mint(), application, person, "Far apart.", at(second)).await).unwrap();
        let mut reader = reader(&db).await;
        let tx = &mut reader.tx();
        for (who, counted) in [IDS.asks, IDS.decides].into_iter().zip(counted) {
            let desk = panels::desk_in(tx, ROUND, who).await.unwrap();
            assert_eq!(desk.iter().map(|one| (one.notes, one.since)).collect::<Vec<_>>(), [counted], "{second}");
            assert_eq!(desk[0].review.person, who);
        }
    }
    for sql in ["UPDATE panel_notes SET note = 'Near.'", "DELETE FROM panel_notes"] {
        let done: Result<(), Error> = write!(db, |tx| run!(tx, sql));
        assert!(done.is_err(), "what was said stays: {sql}");
    }
});
