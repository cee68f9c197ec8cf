//! Applications and their files: guards against stale and doubled writes, and what lists and counts give.

use crate::awarded::mint;
use domain::access::{OrganizationKind, Role};
use domain::answers::SectionAnswers;
use domain::application::{Application, State, Submission, Submitted};
use domain::program::ProgramFile;
use domain::round::Round;
use domain::{ApplicationId, FileId, OrganizationId, PersonId, RoundId, Timestamp, Zone};
use store::applications::{self, NewSection};
use store::events::{self, NewEvent};
use store::files::{self, File};
use store::messages::{self, NewMessage};
use store::organizations::Organization;
use store::programs::{self, NewProgram, NewVersion};
use store::{Db, Error, Tx, memberships, organizations, people, rankings, sessions};
use uuid::Uuid;

const PERSON: PersonId = PersonId(Uuid::from_u128(1));
const AGENCY: OrganizationId = OrganizationId(Uuid::from_u128(2));
const DISTRICT: OrganizationId = OrganizationId(Uuid::from_u128(3));
const ROUND: RoundId = RoundId(Uuid::from_u128(4));
const APPLICATION: ApplicationId = ApplicationId(Uuid::from_u128(5));

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_700_000_000 + seconds)
}

fn organization(id: OrganizationId, kind: OrganizationKind) -> Organization {
    Organization {
        id,
        kind,
        name: format!("Organization {id}"),
        nces_id: None,
        ipeds_id: None,
        county_fips: None,
        county_name: None,
        planning_district: None,
        latitude: None,
        longitude: None,
        source: "Test".to_owned(),
    }
}

fn round() -> Round {
    Round {
        id: ROUND,
        program: Uuid::from_u128(6).into(),
        agency: AGENCY,
        program_version: Uuid::from_u128(7).into(),
        appropriation: Uuid::from_u128(8).into(),
        slug: "r".to_owned(),
        name: "R".to_owned(),
        zone: Zone::CENTRAL,
        opens_at: at(0),
        closes_at: at(1_000),
        questions_until: None,
        award_on: Some(at(0).date_in(Zone::CENTRAL)),
        seed: "s".to_owned(),
        opened: None,
        published_at: None,
        last_number: 0,
        version: 0,
    }
}

async fn ground(tx: &mut Tx<'_>) -> Result<(), Error> {
    let file = ProgramFile::parse(include_str!("../../../programs/acceleratems-2024-25.toml")).unwrap();
    people::add(tx, PERSON, "P", "p@example.org", at(0)).await?;
    organizations::add(tx, &organization(AGENCY, OrganizationKind::Agency)).await?;
    organizations::add(tx, &organization(DISTRICT, OrganizationKind::District)).await?;
    memberships::add(tx, Uuid::from_u128(9).into(), PERSON, DISTRICT, Role::Preparer, at(0)).await?;
    let round = round();
    let program =
        NewProgram { id: round.program, slug: "p".to_owned(), agency: AGENCY, name: "P".to_owned(), summary: String::new(), at: at(0) };
    programs::add_program(tx, &program).await?;
    let sha256 = file.sha256().unwrap();
    let version = NewVersion {
        id: round.program_version,
        program: round.program,
        version: 1,
        source_toml: String::new(),
        canonical: file.canonical().unwrap(),
        sha256: sha256.clone(),
        at: at(0),
        by: None,
    };
    programs::add_version(tx, &version).await?;
    programs::add_appropriation(tx, round.appropriation, round.program, file.appropriation().unwrap()).await?;
    programs::add_round(tx, &round).await?;
    let opened = round.open(at(0), &sha256).unwrap();
    programs::record_opened(tx, &opened).await?;
    let application = Application::start(APPLICATION, &opened, DISTRICT, at(1)).unwrap();
    applications::record_start(tx, &application, PERSON, at(1)).await
}

fn section(text: &str, seen: i64) -> NewSection {
    NewSection {
        application: APPLICATION,
        section: "need",
        answers: SectionAnswers::from([("why".to_owned(), text.to_owned())]),
        complete: false,
        seen,
        by: PERSON,
        at: at(2),
    }
}

fn event(verb: &'static str) -> NewEvent {
    NewEvent::new(mint().into(), at(2), "application", APPLICATION.0, verb)
}

async fn save(tx: &mut Tx<'_>, new: &NewSection) -> Result<i64, Error> {
    applications::record_section(tx, new, &event("saved")).await
}

async fn submit(tx: &mut Tx<'_>, judged: i64) -> Result<(), Error> {
    let mail = |n: u128| NewMessage {
        id: mint().into(),
        to_email: format!("{n}@example.org"),
        subject: "Received".to_owned(),
        body: "It’s here: “A-2025-0001”\nThanks.".to_owned(),
        noun: "application",
        noun_id: APPLICATION.0,
        queued_at: at(3),
    };
    applications::record_submission(tx, &submitted(), judged, &event("submitted"), &[mail(1), mail(2)]).await
}

/// Whom mail waits for, and its text.
async fn queued(db: &Db) -> Vec<(String, String)> {
    let due = messages::list_due(&mut db.reader().await.unwrap().tx(), at(9), 9).await.unwrap();
    due.into_iter().map(|message| (message.to_email, message.body)).collect()
}

/// What is logged of the application, in order.
async fn logged(db: &Db) -> Vec<String> {
    let events = events::list_of(&mut db.reader().await.unwrap().tx(), APPLICATION.0).await.unwrap();
    events.into_iter().map(|event| event.verb).collect()
}

fn submitted() -> Submitted {
    let submission =
        Submission { id: Uuid::from_u128(11), number: "A-2025-0001".to_owned(), by: PERSON, at: at(3), units: 2, digest: "d".to_owned() };
    let application = Application { id: APPLICATION, round: ROUND, applicant: DISTRICT, state: State::Submitted(submission.clone()) };
    Submitted { application, submission, document: "{}".to_owned() }
}

/// Runs one write of a test; what it borrows besides is named before it.
macro_rules! write {
    ($db:expr, $($own:ident,)? |$tx:ident| $work:expr) => {{
        let written: Result<_, Error> = $db
            .write(move |$tx| {
                $(let $own = $own.clone();)?
                Box::pin(async move { $work.await })
            })
            .await;
        written
    }};
}

async fn found(db: &Db) -> applications::Found {
    applications::find(&mut db.reader().await.unwrap().tx(), APPLICATION).await.unwrap().unwrap()
}

both_engines!(of_two_saves_over_the_same_version_one_is_a_conflict, db, {
    write!(db, |tx| ground(tx)).unwrap();
    assert_eq!(write!(db, |tx| save(tx, &section("a", 0))).unwrap(), 1);
    assert!(matches!(write!(db, |tx| save(tx, &section("b", 0))), Err(Error::Conflict { .. })));
    assert_eq!(write!(db, |tx| save(tx, &section("c", 1))).unwrap(), 2);
    assert!(matches!(write!(db, |tx| save(tx, &section("d", 1))), Err(Error::Conflict { .. })));
    assert!(matches!(write!(db, |tx| save(tx, &NewSection { section: "college", ..section("e", 4) })), Err(Error::Conflict { .. })));
    let saved = applications::section(&mut db.reader().await.unwrap().tx(), APPLICATION, "need").await.unwrap().unwrap();
    assert_eq!((saved.answers.get("why").map(String::as_str), saved.version), (Some("c"), 2));
    assert_eq!(logged(&db).await, ["saved", "saved"], "what was refused left nothing");
    assert_eq!((found(&db).await.version, found(&db).await.saved_at), (3, at(2)));
});

both_engines!(a_session_comes_with_the_application_that_is_asked_for, db, {
    write!(db, |tx| ground(tx)).unwrap();
    write!(db, |tx| memberships::add(tx, Uuid::from_u128(10).into(), PERSON, AGENCY, Role::Auditor, at(0))).unwrap();
    write!(db, |tx| sessions::add(tx, "k", PERSON, "email", at(1), at(100))).unwrap();
    let mut reader = db.reader().await.unwrap();
    let tx = &mut reader.tx();
    let alone = sessions::find(tx, "k").await.unwrap().unwrap();
    let (session, opened) = sessions::find_with_application(tx, "k", APPLICATION).await.unwrap().unwrap();
    assert_eq!((session.actor.memberships.len(), &session.actor, session.expires_at), (2, &alone.actor, alone.expires_at));
    assert_eq!(opened, applications::find(tx, APPLICATION).await.unwrap());
    let (session, none) = sessions::find_with_application(tx, "k", Uuid::from_u128(77).into()).await.unwrap().unwrap();
    assert_eq!((session.actor, none), (alone.actor, None));
    assert!(
        sessions::find_with_application(tx, "other", APPLICATION).await.unwrap().is_none(),
        "without a session there is nothing to read"
    );
});

both_engines!(an_applicant_has_one_application_in_a_round, db, {
    write!(db, |tx| ground(tx)).unwrap();
    let twin = Application { id: Uuid::from_u128(12).into(), ..found(&db).await.application };
    let again = write!(db, twin, |tx| applications::record_start(tx, &twin, PERSON, at(2)));
    assert!(again.unwrap_err().is_unique_violation());
});

both_engines!(a_submission_is_refused_when_anything_changed_since_it_was_judged, db, {
    write!(db, |tx| ground(tx)).unwrap();
    write!(db, |tx| applications::record_touch(tx, APPLICATION, at(2))).unwrap();
    assert!(matches!(write!(db, |tx| submit(tx, 1)), Err(Error::Conflict { .. })));
    write!(db, |tx| submit(tx, 2)).unwrap();
    assert!(matches!(write!(db, |tx| submit(tx, 3)), Err(Error::Conflict { .. })));
    assert!(matches!(write!(db, |tx| applications::record_touch(tx, APPLICATION, at(4))), Err(Error::Conflict { .. })));
    assert!(matches!(write!(db, |tx| save(tx, &section("late", 0))), Err(Error::Conflict { .. })));
    assert_eq!(logged(&db).await, ["submitted"]);
    let text = "It’s here: “A-2025-0001”\nThanks.".to_owned();
    let mut mails = queued(&db).await;
    mails.sort();
    assert_eq!(mails, [("1@example.org".to_owned(), text.clone()), ("2@example.org".to_owned(), text)], "once, with what was kept");
    let now = found(&db).await;
    assert_eq!(now.application, submitted().application);
    assert_eq!(applications::list_submitted(&mut db.reader().await.unwrap().tx(), ROUND).await.unwrap(), std::slice::from_ref(&now));
    let withdrawn = now.application.withdraw(&now.of.round, at(5)).unwrap();
    write!(db, withdrawn, |tx| applications::record_withdrawal(tx, &withdrawn, 3)).unwrap();
    assert_eq!(found(&db).await.application.state, State::Withdrawn { was: submitted().submission, at: at(5) });
});

both_engines!(letters_are_there_until_they_are_removed, db, {
    write!(db, |tx| ground(tx)).unwrap();
    let file = |n: u128, kind: &str| File {
        id: FileId(Uuid::from_u128(n)),
        application: APPLICATION,
        kind: kind.to_owned(),
        name: "a.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        bytes: 1,
        sha256: "x".to_owned(),
        uploaded_at: at(2),
        synthetic: false,
    };
    for (n, kind) in [(20, "support_letter"), (21, "support_letter"), (22, "college_agreement")] {
        let one = file(n, kind);
        write!(db, one, |tx| files::add(tx, &one, PERSON)).unwrap();
    }
    write!(db, |tx| files::record_removed(tx, FileId(Uuid::from_u128(20)), APPLICATION, at(3))).unwrap();
    assert!(matches!(
        write!(db, |tx| files::record_removed(tx, FileId(Uuid::from_u128(20)), APPLICATION, at(3))),
        Err(Error::Conflict { .. })
    ));
    let mut reader = db.reader().await.unwrap();
    let tx = &mut reader.tx();
    assert_eq!(files::list_of(tx, APPLICATION).await.unwrap().len(), 2);
    assert!(files::find(tx, FileId(Uuid::from_u128(20))).await.unwrap().is_none());
    let (_, subject) = files::find(tx, FileId(Uuid::from_u128(21))).await.unwrap().unwrap();
    assert_eq!((subject.agency, subject.owner), (Some(AGENCY), Some(DISTRICT)));
    // The same content under another name is one letter where letters count.
    let twin = File { name: "b.pdf".to_owned(), ..file(23, "support_letter") };
    write!(db, twin, |tx| files::add(tx, &twin, PERSON)).unwrap();
    write!(db, |tx| submit(tx, 1)).unwrap();
    let counted = rankings::evidence(&mut db.reader().await.unwrap().tx(), ROUND).await.unwrap();
    let counted: Vec<_> = counted.into_iter().map(|of| (of.kind, of.files, of.any_synthetic)).collect();
    assert_eq!(counted, [("college_agreement".to_owned(), 1, false), ("support_letter".to_owned(), 1, false)]);
});

both_engines!(all_that_a_draft_holds_is_what_each_part_says, db, {
    write!(db, |tx| ground(tx)).unwrap();
    for (n, at_hour) in [(31, 5), (30, 4)] {
        let one = File {
            id: FileId(Uuid::from_u128(n)),
            application: APPLICATION,
            kind: "support_letter".to_owned(),
            name: format!("{n}.pdf"),
            media_type: "application/pdf".to_owned(),
            bytes: 9,
            sha256: "x".to_owned(),
            uploaded_at: at(at_hour),
            synthetic: n == 31,
        };
        write!(db, one, |tx| files::add(tx, &one, PERSON)).unwrap();
    }
    write!(db, |tx| save(tx, &section("Because.", 0))).unwrap();
    let mut reader = db.reader().await.unwrap();
    let tx = &mut reader.tx();
    let held = applications::draft(tx, APPLICATION, DISTRICT).await.unwrap();
    let need = applications::section(tx, APPLICATION, "need").await.unwrap().unwrap();
    assert_eq!(held.sections.into_iter().collect::<Vec<_>>(), [("need".to_owned(), need)]);
    assert_eq!(held.letters, files::list_of(tx, APPLICATION).await.unwrap());
    assert_eq!(held.letters.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["30.pdf", "31.pdf"]);
    assert_eq!(held.people, applications::addressees(tx, DISTRICT).await.unwrap());
    let nobodys = applications::draft(tx, ApplicationId(Uuid::from_u128(77)), OrganizationId(Uuid::from_u128(77))).await.unwrap();
    assert_eq!(nobodys, applications::Draft::default());
});

both_engines!(a_person_sees_the_applications_of_their_organizations_and_its_people_get_the_mail, db, {
    write!(db, |tx| ground(tx)).unwrap();
    let mut reader = db.reader().await.unwrap();
    let tx = &mut reader.tx();
    assert_eq!(applications::list_of_person(tx, PERSON).await.unwrap().len(), 1);
    assert_eq!(applications::list_of_person(tx, PersonId(Uuid::nil())).await.unwrap(), []);
    let people = applications::addressees(tx, DISTRICT).await.unwrap();
    assert_eq!((people.len(), people[0].certifies), (1, false));
    assert_eq!(applications::told(tx, APPLICATION, at(9)).await.unwrap(), None);
    assert_eq!(applications::document(tx, APPLICATION).await.unwrap(), None);
    assert_eq!(applications::find_of(tx, ROUND, DISTRICT).await.unwrap().unwrap().application.id, APPLICATION);
});
