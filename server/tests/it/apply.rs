//! Applying over HTTP: the deadline to the second, repeats and races, conflicts that keep what was typed, other people's ids, uploads.

use crate::app::{Answer, TestApp, Visitor};
use ::app::call::mint;
use axum::body::Body;
use domain::access::Role;
use domain::program::ProgramFile;
use domain::round::Round;
use domain::{AppropriationId, OrganizationId, ProgramId, ProgramVersionId, RoundId, Timestamp};
use http::Request;
use store::Db;
use store::programs::{self, NewProgram, NewVersion};

/// A round of the career coaches' program, open from the test's start for five weeks: its program file is the one in `programs/`.
pub async fn open_round(db: &Db, agency: OrganizationId, now: Timestamp) -> Round {
    let today = now.date_in(domain::Zone::CENTRAL);
    let (first, last) = (today - chrono::TimeDelta::days(1), today + chrono::TimeDelta::days(35));
    let text: String = include_str!("../../../programs/acceleratems-2024-25.toml")
        .lines()
        .filter(|line| !line.starts_with("questions_until = "))
        .map(|line| match line.split(" = ").next() {
            Some("opens") => format!("opens = {first}T08:00:00\n"),
            Some("closes") => format!("closes = {last}T17:00:00\n"),
            Some("award_on") => format!("award_on = {}\n", last + chrono::TimeDelta::days(60)),
            _ => format!("{line}\n"),
        })
        .collect();
    let file = ProgramFile::parse(&text).unwrap();
    let (program, version, appropriation): (ProgramId, ProgramVersionId, AppropriationId) = (mint(now), mint(now), mint(now));
    let round = Round {
        id: mint(now),
        program,
        agency,
        program_version: version,
        appropriation,
        slug: file.round.slug.clone(),
        name: file.round.name.clone(),
        zone: file.round.zone,
        opens_at: file.round.opens,
        closes_at: file.round.closes,
        questions_until: None,
        award_on: file.round.award_on,
        seed: file.round.seed.clone().unwrap_or_default(),
        opened: None,
        published_at: None,
        last_number: 0,
        version: 0,
    };
    let opened = round.clone().open(now, &file.sha256().unwrap()).unwrap();
    let made = opened.clone();
    let written: Result<(), store::Error> = db
        .write(move |tx| {
            let (text, file, round, opened) = (text.clone(), file.clone(), round.clone(), opened.clone());
            Box::pin(async move {
                let (slug, name) = (file.program.slug.clone(), file.program.name.clone());
                programs::add_program(tx, &NewProgram { id: program, slug, agency, name, summary: String::new(), at: now }).await?;
                let (canonical, sha256) = (file.canonical().unwrap(), file.sha256().unwrap());
                let new = NewVersion { id: version, program, version: 1, source_toml: text, canonical, sha256, at: now, by: None };
                programs::add_version(tx, &new).await?;
                programs::add_appropriation(tx, appropriation, program, file.appropriation().unwrap()).await?;
                programs::add_round(tx, &round).await?;
                programs::record_opened(tx, &opened).await
            })
        })
        .await;
    written.unwrap();
    made
}

/// The answers of a whole form, section by section.
pub const ANSWERS: [(&str, &[(&str, &str)]); 5] = [
    ("district", &[("facts_right", "yes"), ("contact_name", "A. Person"), ("contact_phone", "601-555-0123")]),
    ("need", &[("why", "There is none today."), ("high_schools", "One High"), ("students_served", "1,250")]),
    ("coaches", &[("seats", "2"), ("placement", "One High"), ("start_month", "August 2024")]),
    ("support", &[("support", "The chamber offers visits."), ("employers", "")]),
    ("college", &[("college", "Hinds Community College"), ("relationship", "Dual credit."), ("agreement", "yes")]),
];

const SIGNED: [(&str, &str); 2] = [("signature", "A. Certifier"), ("stated", "yes")];

/// A portal with an open round, and the two people of District One.
struct Applying {
    app: TestApp,
    round: RoundId,
    closes_at: Timestamp,
    preparer: Visitor,
    certifier: Visitor,
    path: String,
}

impl Applying {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let round = open_round(&app.desk.db, app.agency, app.now()).await;
        let preparer = app.sign_in_as(Role::Preparer, app.district).await;
        let certifier = app.sign_in_as(Role::Certifier, app.district).await;
        let started = app.post(&format!("/apply/start/{}", round.id), Some(&preparer), &[]).await;
        assert_eq!(started.status, 303, "{}", started.body);
        let path = started.location().to_owned();
        Self { app, round: round.id, closes_at: round.closes_at, preparer, certifier, path }
    }

    async fn filled() -> Self {
        let this = Self::new().await;
        for (section, answers) in ANSWERS {
            let saved = this.save(section, 0, answers, &this.preparer).await;
            assert_eq!(saved.status, 303, "{section}: {}", saved.body);
        }
        this
    }

    async fn save(&self, section: &str, version: i64, answers: &[(&str, &str)], who: &Visitor) -> Answer {
        let version = version.to_string();
        let fields: Vec<_> = [("version", version.as_str()), ("then", "next")].iter().chain(answers).copied().collect();
        self.app.post(&format!("{}/sections/{section}", self.path), Some(who), &fields).await
    }

    async fn submit(&self, id: u128, who: &Visitor) -> Answer {
        let id = uuid::Uuid::from_u128(id).to_string();
        let fields: Vec<_> = [("submission", id.as_str())].into_iter().chain(SIGNED).collect();
        self.app.post(&format!("{}/check", self.path), Some(who), &fields).await
    }

    async fn get(&self, page: &str, who: &Visitor) -> Answer {
        self.app.get(&format!("{}{page}", self.path), Some(who)).await
    }

    /// Moves the clock to so many seconds after the close, with everybody signed in again.
    async fn move_to_close(&mut self, seconds: i64) {
        self.app.desk.clock.shift(self.closes_at.plus_seconds(seconds).seconds_since(self.app.now()));
        self.preparer = self.app.session_of(self.preparer.person, &self.preparer.email).await;
        self.certifier = self.app.session_of(self.certifier.person, &self.certifier.email).await;
    }

    async fn upload(&self, parts: &[(&str, &[u8])], who: &Visitor) -> Answer {
        let mut body = b"--XX\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nsupport_letter\r\n".to_vec();
        for (name, bytes) in parts {
            body.extend_from_slice(
                format!("--XX\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\r\n").as_bytes(),
            );
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--XX--\r\n");
        self.upload_raw(body, who).await
    }

    async fn upload_raw(&self, body: Vec<u8>, who: &Visitor) -> Answer {
        let request = Request::post(format!("{}/letters", self.path))
            .header("content-type", "multipart/form-data; boundary=XX")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body))
            .unwrap();
        self.app.send(request, Some(&who.cookie)).await
    }

    fn stored_files(&self) -> usize {
        std::fs::read_dir(&self.app.desk.house.files).unwrap().count()
    }
}

#[tokio::test]
async fn an_application_is_prepared_by_one_signed_by_another_and_receipted() {
    let applying = Applying::filled().await;
    let check = applying.get("/check", &applying.preparer).await;
    assert!(check.body.contains("Ask your certifier to sign") && !check.body.contains("Sign and submit</button>"), "{}", check.body);
    let asked = applying.app.post(&format!("{}/ask", applying.path), Some(&applying.preparer), &[]).await;
    assert_eq!(asked.status, 303);
    let again = applying.app.post(&format!("{}/ask", applying.path), Some(&applying.preparer), &[]).await;
    assert_eq!((again.status, again.location()), (303, asked.location()), "a double click asks once");
    assert_eq!(applying.app.mail().await.iter().filter(|mail| mail.to_email == applying.certifier.email).count(), 1);
    applying.app.desk.clock.shift(10);
    assert_eq!(applying.app.post(&format!("{}/ask", applying.path), Some(&applying.preparer), &[]).await.status, 303);
    assert_eq!(applying.app.mail().await.iter().filter(|mail| mail.to_email == applying.certifier.email).count(), 2, "asked anew");
    let done = applying.submit(1, &applying.certifier).await;
    assert_eq!((done.status, done.location()), (303, format!("{}/receipt", applying.path).as_str()), "{}", done.body);
    let receipt = applying.get("/receipt", &applying.preparer).await;
    assert!(receipt.body.contains("A-2025-0001") && receipt.body.contains("Digest (SHA-256)"), "{}", receipt.body);
    assert_eq!(applying.app.mail().await.iter().filter(|mail| mail.subject.starts_with("Received")).count(), 2);
    for page in ["", "/check", "/outcome"] {
        assert_eq!(applying.get(page, &applying.preparer).await.status, 200, "{page}");
    }
    assert!(applying.get("/outcome", &applying.preparer).await.body.contains("Not decided yet."));
}

#[tokio::test]
async fn every_page_of_a_draft_opens() {
    let applying = Applying::new().await;
    for page in
        ["", "/letters", "/check", "/sections/district", "/sections/need", "/sections/coaches", "/sections/support", "/sections/college"]
    {
        let answer = applying.get(page, &applying.preparer).await;
        assert_eq!(answer.status, 200, "{page}");
        assert!(answer.body.contains("<h1>"), "{page}");
    }
    assert_eq!(applying.app.get("/apply", Some(&applying.preparer)).await.status, 200);
    assert_eq!(applying.get("/sections/nothing", &applying.preparer).await.status, 404);
    assert_eq!(applying.app.get("/apply/not-an-id", Some(&applying.preparer)).await.status, 404);
    assert_eq!(applying.get("/receipt", &applying.preparer).await.location(), applying.path);
}

#[tokio::test]
async fn starting_twice_leads_to_the_same_application() {
    let applying = Applying::new().await;
    let path = format!("/apply/start/{}", applying.round);
    for who in [&applying.preparer, &applying.certifier] {
        let district = applying.app.district.to_string();
        let id = uuid::Uuid::from_u128(77).to_string();
        let again = applying.app.post(&path, Some(who), &[("applicant", &district), ("id", &id)]).await;
        assert_eq!((again.status, again.location()), (303, applying.path.as_str()));
    }
    let other = applying.app.other_district.to_string();
    assert_eq!(applying.app.post(&path, Some(&applying.preparer), &[("applicant", &other)]).await.status, 404);
}

#[tokio::test]
async fn at_the_deadlines_second_it_is_taken_and_one_second_later_refused_with_the_draft_kept() {
    let mut in_time = Applying::filled().await;
    in_time.move_to_close(0).await;
    assert_eq!(in_time.submit(1, &in_time.certifier).await.status, 303);

    let mut late = Applying::filled().await;
    late.move_to_close(1).await;
    let refused = late.submit(1, &late.certifier).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("The round closed on May 6, 2024, 5:00 p.m. CDT. Your draft is kept."), "{}", refused.body);
    assert!(late.get("/check", &late.certifier).await.body.contains("There is none today."));
    let unsaved = late.save("need", 1, &[("why", "Words typed too late.")], &late.preparer).await;
    assert_eq!(unsaved.status, 409);
    assert!(unsaved.body.contains("Words typed too late.") && unsaved.body.contains("The round closed on"), "{}", unsaved.body);
    assert!(!late.get("/check", &late.certifier).await.body.contains("Words typed too late."));
}

#[tokio::test]
async fn a_repeated_submit_gives_the_first_receipt() {
    let mut applying = Applying::filled().await;
    for id in [1, 1, 2] {
        assert_eq!(applying.submit(id, &applying.certifier).await.status, 303);
    }
    let first = applying.get("/receipt", &applying.certifier).await.body;
    applying.move_to_close(30).await;
    assert_eq!(applying.submit(1, &applying.certifier).await.status, 303);
    let later = applying.get("/receipt", &applying.certifier).await.body;
    let digest = |page: &str| page.split("al-hash\">").nth(1).unwrap()[..64].to_owned();
    assert_eq!(digest(&first), digest(&later));
    assert_eq!(applying.app.mail().await.iter().filter(|mail| mail.subject.starts_with("Received")).count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_submits_at_once_make_one_submission() {
    let applying = Applying::filled().await;
    let tries = futures::future::join_all((0..8).map(|id| applying.submit(id, &applying.certifier))).await;
    assert!(tries.iter().all(|answer| answer.status == 303));
    assert_eq!(applying.app.mail().await.iter().filter(|mail| mail.subject.starts_with("Received")).count(), 2);
}

#[tokio::test]
async fn a_stale_section_is_a_conflict_that_keeps_both_texts() {
    let applying = Applying::new().await;
    assert_eq!(applying.save("support", 0, &[("support", "The first one’s words.")], &applying.preparer).await.status, 303);
    let stale = applying.save("support", 0, &[("support", "The second one’s words.")], &applying.certifier).await;
    assert_eq!(stale.status, 409);
    assert!(stale.body.contains("The first one’s words.") && stale.body.contains("The second one’s words."), "{}", stale.body);
    assert!(stale.body.contains("name=\"version\" value=\"1\""), "{}", stale.body);
    assert_eq!(applying.save("support", 1, &[("support", "Both.")], &applying.certifier).await.status, 303);
}

#[tokio::test]
async fn wrong_answers_are_saved_and_told_and_bar_the_submission() {
    let applying = Applying::filled().await;
    let told =
        applying.save("coaches", 1, &[("seats", "lots"), ("placement", "One High"), ("start_month", "8/2024")], &applying.preparer).await;
    assert_eq!(told.status, 422);
    assert!(told.body.contains("“lots” is not a whole number") && told.body.contains("value=\"lots\""), "{}", told.body);
    let refused = applying.submit(1, &applying.certifier).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("Coaches you ask for: “") && refused.body.contains("”: “lots” is not a whole number"),
        "{}",
        refused.body
    );
    let unsigned = applying
        .app
        .post(&format!("{}/check", applying.path), Some(&applying.certifier), &[("submission", &uuid::Uuid::nil().to_string())])
        .await;
    assert!(unsigned.status == 422 && unsigned.body.contains("Type your full name to sign."));
    let fields = [("submission", "00000000-0000-0000-0000-000000000000"), ("signature", "Somebody Else"), ("stated", "yes")];
    let another = applying.app.post(&format!("{}/check", applying.path), Some(&applying.certifier), &fields).await;
    assert!(another.status == 422 && another.body.contains("Sign with your own name: you are signed in as "), "{}", another.body);
}

#[tokio::test]
async fn the_browsers_own_saving_is_told_its_version_or_the_conflict() {
    let applying = Applying::new().await;
    let post = |version: &'static str| {
        let request = Request::post(format!("{}/sections/support", applying.path))
            .header("accept", "application/json")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(format!("version={version}&support=Half+a+sen")))
            .unwrap();
        applying.app.send(request, Some(&applying.preparer.cookie))
    };
    let saved = post("0").await;
    assert_eq!(saved.status, 200);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&saved.body).unwrap()["version"], 1);
    assert_eq!(post("0").await.status, 409);
    assert_eq!(post("1").await.status, 200);
}

#[tokio::test]
async fn a_submitted_application_is_changed_only_after_it_is_withdrawn_and_keeps_its_number() {
    let applying = Applying::filled().await;
    assert_eq!(applying.submit(1, &applying.certifier).await.status, 303);
    let refused = applying.save("need", 1, &[("why", "More.")], &applying.preparer).await;
    assert!(refused.status == 409 && refused.body.contains("withdraw it first"), "{}", refused.body);
    let withdraw = format!("{}/withdraw", applying.path);
    assert_eq!(applying.app.post(&withdraw, Some(&applying.preparer), &[("reason", "x")]).await.status, 403);
    assert_eq!(applying.app.post(&withdraw, Some(&applying.certifier), &[("reason", " ")]).await.status, 422);
    assert_eq!(applying.app.post(&withdraw, Some(&applying.certifier), &[("reason", "A mistake.")]).await.status, 303);
    assert_eq!(applying.submit(1, &applying.certifier).await.status, 409, "the old form is not sent again by accident");
    assert_eq!(
        applying
            .save("coaches", 1, &[("seats", "3"), ("placement", "One High"), ("start_month", "8/2024")], &applying.preparer)
            .await
            .status,
        303
    );
    assert_eq!(applying.submit(2, &applying.certifier).await.status, 303);
    assert!(applying.get("/receipt", &applying.certifier).await.body.contains("A-2025-0001"));
}

#[tokio::test]
async fn a_preparer_cannot_submit_and_another_organization_sees_nothing() {
    let applying = Applying::filled().await;
    assert_eq!(applying.submit(1, &applying.preparer).await.status, 403);
    let stranger = applying.app.sign_in_as(Role::Certifier, applying.app.other_district).await;
    for page in ["", "/sections/need", "/letters", "/check", "/receipt", "/withdraw", "/outcome"] {
        assert_eq!(applying.get(page, &stranger).await.status, 404, "{page}");
    }
    assert_eq!(applying.submit(1, &stranger).await.status, 404);
    assert_eq!(applying.save("need", 1, &[("why", "Mine now.")], &stranger).await.status, 404);
    assert_eq!(applying.upload(&[("a.pdf", b"%PDF-1.7")], &stranger).await.status, 404);
    let elsewhere = applying.app.sign_in_as(Role::ProgramManager, applying.app.other_agency).await;
    assert_eq!(applying.get("/check", &elsewhere).await.status, 404);
    let manager = applying.app.sign_in_as(Role::ProgramManager, applying.app.agency).await;
    assert_eq!(applying.get("/check", &manager).await.status, 404, "a draft is its applicant’s alone");
    assert_eq!(applying.save("need", 1, &[("why", "Mine now.")], &manager).await.status, 403);
}

#[tokio::test]
async fn letters_are_stored_outside_the_web_root_and_sent_back_as_downloads() {
    let applying = Applying::new().await;
    let uploaded = applying.upload(&[("../My letter.pdf", b"%PDF-1.7 words"), ("b.png", b"\x89PNG\r\n\x1a\n..")], &applying.preparer).await;
    assert_eq!(uploaded.status, 303, "{}", uploaded.body);
    assert_eq!(applying.stored_files(), 2);
    let page = applying.get("/letters", &applying.preparer).await.body;
    assert!(page.contains("My letter.pdf") && !page.contains("../My"), "{page}");
    let file = format!("/files/{}", &page.split("/files/").nth(1).unwrap()[..36]);
    let download = applying.app.get(&file, Some(&applying.preparer)).await;
    assert_eq!(download.body, "%PDF-1.7 words");
    assert!(download.header("content-disposition").starts_with("attachment; filename=\"My letter.pdf\""));
    assert_eq!(download.header("x-content-type-options"), "nosniff");
    assert_eq!(download.header("content-security-policy"), "default-src 'none'; sandbox");
    let stranger = applying.app.sign_in_as(Role::Preparer, applying.app.other_district).await;
    assert_eq!(applying.app.get(&file, Some(&stranger)).await.status, 404);
    let manager = applying.app.sign_in_as(Role::ProgramManager, applying.app.agency).await;
    assert_eq!(applying.app.get(&file, Some(&manager)).await.status, 404, "a draft's letters are its applicant's alone");
    let remove = format!("{}/letters/{}/remove", applying.path, &file[7..]);
    assert_eq!(applying.app.post(&remove, Some(&applying.preparer), &[]).await.status, 303);
    assert_eq!(applying.app.get(&file, Some(&applying.preparer)).await.status, 404);
}

#[tokio::test]
async fn bad_uploads_are_refused_with_the_right_status_and_leave_nothing_behind() {
    let applying = Applying::new().await;
    let who = &applying.preparer;
    let good: (&str, &[u8]) = ("good.pdf", b"%PDF-1.7");
    for (name, bytes, word) in [
        ("empty.pdf", b"".as_slice(), "the file is empty"),
        ("page.pdf", b"<html>", "this kind of file can’t be taken"),
        ("picture.png", b"%PDF-1.7", "not what its name says"),
        ("run.exe", b"MZ", "this kind of file can’t be taken"),
    ] {
        let refused = applying.upload(&[good, (name, bytes)], who).await;
        assert_eq!(refused.status, 422, "{name}");
        assert!(refused.body.contains(word), "{name}: {}", refused.body);
        assert!(refused.body.contains("none of these files was saved"), "{name}: {}", refused.body);
    }
    assert_eq!(applying.upload(&[], who).await.status, 422);
    let cut = b"--XX\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.7 and then noth".to_vec();
    assert_eq!(applying.upload_raw(cut, who).await.status, 400);
    let large = vec![b'x'; 10 * 1024 * 1024 + 1];
    let refused = applying.upload(&[("large.pdf", &large)], who).await;
    assert!(refused.status == 413 && refused.body.contains("A file is larger than 10 MB"), "{}", refused.body);
    assert!(refused.body.contains("enctype=\"multipart/form-data\""), "on the page of the letters");
    assert_eq!(applying.upload(&[good; 11], who).await.status, 413);
    let plain = applying.app.post(&format!("{}/letters", applying.path), Some(who), &[("kind", "support_letter")]).await;
    assert_eq!(plain.status, 400);
    assert_eq!(applying.stored_files(), 0);
    let texts: Vec<String> = (0..11).map(|nth| format!("%PDF-1.7 letter {nth}")).collect();
    let letters: Vec<(&str, &[u8])> = texts.iter().map(|text| ("a.pdf", text.as_bytes())).collect();
    assert_eq!(applying.upload(&letters[..9], who).await.status, 303);
    // Sent again, and twice in one form: the one that is there.
    assert_eq!(applying.upload(&letters[..9], who).await.status, 303);
    assert_eq!(applying.upload(&[letters[9], letters[9], letters[0]], who).await.status, 303);
    assert_eq!(applying.stored_files(), 10);
    assert_eq!(applying.upload(&letters[10..], who).await.status, 422);
    assert_eq!(applying.stored_files(), 10);
}

#[tokio::test]
async fn pages_take_no_more_statements_than_they_may() {
    let applying = Applying::filled().await;
    let count = || store::statements_on_this_thread();
    for (page, most) in
        [("", 4), ("/sections/need", 4), ("/sections/district", 4), ("/sections/college", 4), ("/letters", 4), ("/check", 4)]
    {
        let before = count();
        assert_eq!(applying.get(page, &applying.preparer).await.status, 200);
        let taken = count() - before;
        assert!(taken > 0 && taken <= most, "{page} took {taken} statements");
    }
    let before = count();
    applying.app.get("/apply", Some(&applying.preparer)).await;
    assert!(count() - before <= 6);
    let before = count();
    let (_, need) = ANSWERS[1];
    assert_eq!(applying.save("need", 1, need, &applying.preparer).await.status, 303);
    let taken = count() - before;
    assert!(taken > 1 && taken <= 12, "saving a section took {taken} statements");
    let before = count();
    assert_eq!(applying.submit(1, &applying.certifier).await.status, 303);
    let taken = count() - before;
    assert!(taken > 3 && taken <= 12, "submit took {taken} statements");
}
