//! An amendment over HTTP: proposed with its file, reason, authority and notice; approved by somebody else; in force for everybody from then
//! on; and what is refused on the way.

use crate::app::{Answer, Visitor};
use crate::road::Road;
use ::app::call::mint;
use ::app::review::work::{self as reviewing, ScoreInput};
use domain::AmendmentId;
use domain::access::Role;
use domain::program::ProgramFile;
use domain::ranking::RankingDocument;
use rust_decimal::Decimal;
use store::{amendments, programs};

const PUBLIC: &str = "/programs/test/round-1";
const WEIGHTS: [(&str, &str); 2] = [("weight = 5_000", "weight = 4_000"), ("weight = 3_000", "weight = 4_000")];
const RUBRIC: [(&str, &str); 1] = [("[100, \"A signed agreement.\"]", "[100, \"An agreement signed by both.\"]")];

impl Road {
    /// The program file in force.
    async fn file(&self) -> String {
        programs::source_of_round(&mut self.app.desk.db.reader().await.unwrap().tx(), self.round).await.unwrap().0
    }

    /// The file in force with some texts exchanged.
    pub async fn changed(&self, changes: &[(&str, &str)]) -> String {
        let mut text = self.file().await;
        for (from, to) in changes {
            assert!(text.contains(from), "{from}");
            text = text.replacen(from, to, 1);
        }
        text
    }

    fn amend_address(&self) -> String {
        format!("/manage/rounds/{}/amend", self.round)
    }

    pub async fn send(&self, who: &Visitor, id: AmendmentId, text: &str, confirmed: &str) -> Answer {
        let id = id.to_string();
        let fields = [
            ("id", id.as_str()),
            ("text", text),
            ("citation", "Minutes of the board, April 3, 2024."),
            ("reason", "The board weighed need anew."),
            ("notice", "Letters count for more now; you can still change your application."),
            ("confirmed", confirmed),
        ];
        self.app.post(&self.amend_address(), Some(who), &fields).await
    }

    /// Proposes these changes; the amendment.
    pub async fn propose(&self, changes: &[(&str, &str)]) -> AmendmentId {
        let (id, text) = (mint(self.app.now()), self.changed(changes).await);
        let sha256 = ProgramFile::parse(&text).unwrap().sha256().unwrap();
        let answer = self.send(&self.manager, id, &text, &sha256).await;
        assert_eq!((answer.status, answer.location()), (303, format!("/manage/amendments/{id}").as_str()), "{}", answer.body);
        id
    }

    async fn sign_amendment(&self, who: &Visitor, id: AmendmentId, version: &str) -> Answer {
        self.app.post(&format!("/manage/amendments/{id}/approve"), Some(who), &[("version", version), ("sure", "yes")]).await
    }

    async fn in_force(&self) -> domain::round::Opened {
        programs::find_round(&mut self.app.desk.db.reader().await.unwrap().tx(), self.round).await.unwrap().unwrap().opened.unwrap()
    }

    async fn freeze(&self) -> Answer {
        let id = mint::<uuid::Uuid>(self.app.now()).to_string();
        self.app.post(&self.page("/ranking/freeze"), Some(&self.manager), &[("id", &id), ("sure", "yes")]).await
    }
}

/// Approves; the status.
pub async fn sign(road: &Road, who: &Visitor, id: AmendmentId) -> u16 {
    road.sign_amendment(who, id, "1").await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_amendment_is_version_2_for_everybody_and_version_1_stays() {
    let road = Road::open().await;
    let first = road.in_force().await;
    let text = road.changed(&WEIGHTS).await;
    let sha256 = ProgramFile::parse(&text).unwrap().sha256().unwrap();
    let look = road.send(&road.manager, mint(road.app.now()), &text, "").await;
    assert_eq!(look.status, 200);
    for words in
        ["criterion “No coach”, weight", "50%", "40%", "Cited no coach.", &sha256, "Propose this amendment", "The board weighed need anew."]
    {
        assert!(look.body.contains(words), "{words}: {}", look.body);
    }
    assert!(!look.body.contains("A late amendment"), "the round is open and nothing is scored");
    let id = road.propose(&WEIGHTS).await;
    assert_eq!(road.in_force().await, first, "a proposal changes nothing");
    assert!(road.app.mail().await.iter().any(|mail| mail.to_email == road.approver.email && mail.body.contains(&id.to_string())));
    let list = road.app.get("/manage", Some(&road.approver)).await;
    assert!(list.body.contains("Amendments that wait for approval") && list.body.contains(&id.to_string()));
    assert!(road.app.get("/home", Some(&road.approver)).await.body.contains("amendment of a round’s rules waits for approval"));
    let page = road.app.get(&format!("/manage/amendments/{id}"), Some(&road.approver)).await;
    assert!(page.body.contains("Approve the amendment") && page.body.contains("Minutes of the board"), "{}", page.body);

    let unticked = road.app.post(&format!("/manage/amendments/{id}/approve"), Some(&road.approver), &[("version", "1")]).await;
    assert_eq!(unticked.status, 422);
    assert_eq!(road.sign_amendment(&road.approver, id, "1").await.status, 303);
    assert_eq!(road.sign_amendment(&road.approver, id, "1").await.status, 303, "a double click approves once");
    let second = road.in_force().await;
    assert_eq!((second.version, second.sha256.as_str(), second.at), (2, sha256.as_str(), first.at));

    let public = road.app.get(PUBLIC, None).await;
    for words in [
        "Rules amended",
        "Letters count for more now",
        "version 2, SHA-256",
        "version 1 stays readable",
        "version 2 of the rules is in force",
    ] {
        assert!(public.body.contains(words), "{words}: {}", public.body);
    }
    let versions = road.app.get(&format!("{PUBLIC}/rules"), None).await;
    for words in ["Version 2, in force since", "Version 1, locked", "The board weighed need anew.", "40%", &first.sha256, &sha256] {
        assert!(versions.body.contains(words), "{words}: {}", versions.body);
    }
    assert!(!versions.body.contains(&road.manager.email), "no person stands on a public page");
    for (number, hash) in [(1, &first.sha256), (2, &sha256)] {
        let file = road.app.get(&format!("{PUBLIC}/rules/{number}/file.json"), None).await;
        assert_eq!(&domain::canonical::sha256_hex(file.body.as_bytes()), hash);
        assert_eq!(road.app.get(&format!("{PUBLIC}/rules/{number}/file"), None).await.status, 200);
    }
    assert_eq!(road.app.get(&format!("{PUBLIC}/rules/3/file.json"), None).await.status, 404);
    assert_eq!(
        road.app.get(&format!("{PUBLIC}/file.json"), None).await.body,
        road.app.get(&format!("{PUBLIC}/rules/2/file.json"), None).await.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn applicants_are_told_by_mail_on_their_tasks_and_at_home() {
    let road = Road::open().await;
    let id = road.propose(&WEIGHTS).await;
    assert_eq!(road.sign_amendment(&road.approver, id, "1").await.status, 303);
    let mail: Vec<_> = road.app.mail().await.into_iter().filter(|mail| mail.subject.starts_with("The rules were amended")).collect();
    assert_eq!(mail.len(), 3, "one certifier for each of three applicants");
    for words in [
        "Letters count for more now",
        "Minutes of the board",
        "criterion “No coach”, weight: was 50%; now 40%",
        "Version 2",
        "/programs/test/round-1/rules",
    ] {
        assert!(mail[0].body.contains(words), "{words}: {}", mail[0].body);
    }
    let mut reader = road.app.desk.db.reader().await.unwrap();
    let found = store::applications::find(&mut reader.tx(), road.applications[0]).await.unwrap().unwrap();
    drop(reader);
    let certifier = road.app.sign_in_as(Role::Certifier, found.application.applicant).await;
    let tasks = road.app.get(&format!("/apply/{}", road.applications[0]), Some(&certifier)).await;
    assert!(tasks.body.contains("The rules were amended") && tasks.body.contains("Letters count for more now"), "{}", tasks.body);
    assert!(road.app.get("/home", Some(&certifier)).await.body.contains("round you apply in has amended rules"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_approves_their_own_or_without_the_role_or_after_scoring() {
    let road = Road::screened().await;
    let id = road.propose(&WEIGHTS).await;
    assert_eq!(road.sign_amendment(&road.manager, id, "1").await.status, 403, "a manager is no approver");
    road.app.give(road.manager.person, Role::Approver, road.app.agency).await;
    let own = road.sign_amendment(&road.manager, id, "1").await;
    assert!(own.status == 403 && own.body.contains("You proposed this"), "{}", own.body);
    let page = road.app.get(&format!("/manage/amendments/{id}"), Some(&road.manager)).await;
    assert!(page.body.contains("Somebody else must approve") && !page.body.contains("Approve the amendment"));
    road.app.give(road.reviewer.person, Role::Approver, road.app.agency).await;
    let scorer = road.sign_amendment(&road.reviewer, id, "1").await;
    assert!(scorer.status == 403 && scorer.body.contains("You scored applications"), "{}", scorer.body);
    let elsewhere = road.app.sign_in_as(Role::Approver, road.app.other_agency).await;
    assert_eq!(road.sign_amendment(&elsewhere, id, "1").await.status, 404);
    assert_eq!(road.sign_amendment(&road.approver, id, "1").await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_returned_amendment_has_its_reason_and_a_stale_or_second_decision_is_a_conflict() {
    let road = Road::open().await;
    let id = road.propose(&WEIGHTS).await;
    let back = |reason: &'static str, version: &'static str| {
        let address = format!("/manage/amendments/{id}/return");
        let road = &road;
        async move { road.app.post(&address, Some(&road.approver), &[("version", version), ("decision_reason", reason)]).await }
    };
    assert_eq!(back("", "1").await.status, 422);
    assert_eq!(back("Cite the rule.", "7").await.status, 409, "a stale page");
    assert_eq!(back("Cite the rule.", "1").await.status, 303);
    assert_eq!(back("Cite the rule.", "1").await.status, 303, "a double click returns once");
    let late = road.sign_amendment(&road.approver, id, "2").await;
    assert!(late.status == 409 && late.body.contains("This amendment is returned already."), "{}", late.body);
    let page = road.app.get(&format!("/manage/amendments/{id}"), Some(&road.manager)).await;
    assert!(page.body.contains("Cite the rule."));
    assert_eq!(road.in_force().await.version, 1);
    let again = road.propose(&WEIGHTS).await;
    assert_eq!(road.sign_amendment(&road.approver, again, "1").await.status, 303);
    let other = road.app.sign_in_as(Role::Approver, road.app.agency).await;
    let second = road.sign_amendment(&other, again, "1").await;
    assert!(second.status == 409 && second.body.contains("This amendment is approved already."), "{}", second.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_waits_at_a_time_and_a_repeated_post_is_the_same_proposal() {
    let road = Road::open().await;
    let (id, text) = (mint(road.app.now()), road.changed(&WEIGHTS).await);
    let sha256 = ProgramFile::parse(&text).unwrap().sha256().unwrap();
    for _ in 0..2 {
        assert_eq!(road.send(&road.manager, id, &text, &sha256).await.location(), format!("/manage/amendments/{id}"));
    }
    let mut reader = road.app.desk.db.reader().await.unwrap();
    assert_eq!(amendments::list_of(&mut reader.tx(), road.round).await.unwrap().len(), 1);
    drop(reader);
    let second = road.send(&road.manager, mint(road.app.now()), &text, &sha256).await;
    assert!(second.status == 409 && second.body.contains("waits for approval already"), "{}", second.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_file_or_missing_text_comes_back_with_its_line_and_what_was_typed() {
    let road = Road::open().await;
    let sent = |text: String| {
        let road = &road;
        async move { road.send(&road.manager, mint(road.app.now()), &text, "").await }
    };
    let slip = sent(road.changed(&[("weight = 5_000", "weight = 4_999")]).await).await;
    assert!(
        slip.status == 422 && slip.body.contains("10,000") && slip.body.contains("weight = 4_999") && slip.body.contains("Line "),
        "{}",
        slip.body
    );
    let seed = road.changed(&[("seed = \"a published seed\"", "seed = \"a better seed\"")]).await;
    let line = seed.lines().position(|line| line.starts_with("seed =")).unwrap() + 1;
    let answer = sent(seed).await;
    assert!(answer.status == 422 && answer.body.contains(&format!("Line {line}, round.seed:")), "{}", answer.body);
    let slug = sent(road.changed(&[("slug = \"round-1\"", "slug = \"round-2\"")]).await).await;
    assert!(slug.status == 422 && slug.body.contains("round.slug: an amendment keeps the round"), "{}", slug.body);
    let fewer = sent(road.changed(&[("max_units = 4", "max_units = 1")]).await).await;
    assert!(fewer.status == 422 && fewer.body.contains("asks for 2 already"), "{}", fewer.body);
    let unknown = sent(road.changed(&[("\"2800185\"", "\"2800999\"")]).await).await;
    assert!(unknown.status == 422 && unknown.body.contains("2800999"), "{}", unknown.body);
    let same = sent(road.file().await).await;
    assert!(same.status == 422 && same.body.contains("nothing to amend"));
    let bare = road.app.post(&road.amend_address(), Some(&road.manager), &[("text", &road.changed(&WEIGHTS).await)]).await;
    assert_eq!(bare.status, 422);
    for words in ["Name the authority", "Say why the rules must change", "Write what applicants are told"] {
        assert!(bare.body.contains(words), "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_scores_it_is_late_a_changed_rubric_is_scored_anew_and_results_name_version_2() {
    let road = Road::screened().await;
    let mut changes = RUBRIC.to_vec();
    changes.extend(WEIGHTS);
    let id = road.propose(&changes).await;
    let page = road.app.get(&format!("/manage/amendments/{id}"), Some(&road.approver)).await;
    for words in ["A late amendment", "after scores were given", "Scores that become void"] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let early = road.freeze().await;
    assert!(early.body.contains("An amendment of the rules waits for approval"), "{}", early.body);
    assert_eq!(road.sign_amendment(&road.approver, id, "1").await.status, 303);
    assert!(road.app.get(PUBLIC, None).await.body.contains("A late amendment."));
    let ranking = road.app.get(&road.page("/ranking"), Some(&road.manager)).await;
    assert!(ranking.body.contains("Not scored"), "the missing list says so: {}", ranking.body);
    let reviewer = road.call(&road.reviewer).await;
    for application in &road.applications {
        let score =
            ScoreInput { criterion: "college_ties".to_owned(), points: Some(Decimal::from(100)), reason: "Both.".to_owned(), seen: None };
        reviewing::score(&reviewer, *application, &score).await.unwrap();
    }
    let frozen = road.freeze().await;
    assert_eq!(frozen.status, 303, "{}", frozen.body);
    let document: RankingDocument =
        serde_json::from_str(&road.app.get(&road.page("/ranking.json"), Some(&road.manager)).await.body).unwrap();
    let opened = road.in_force().await;
    assert_eq!((document.file_version, document.file_sha256.as_str()), (Some(2), opened.sha256.as_str()));
    assert_eq!(document.rules.criteria[0].weight, 4_000);
    for address in [road.page("/ranking"), road.page(&format!("/why/{}", document.candidates[0].number))] {
        let page = road.app.get(&address, Some(&road.manager)).await;
        assert!(page.body.contains("version 2 of the rules") && page.body.contains(&opened.sha256), "{address}: {}", page.body);
    }
    assert!(road.app.get(&road.page("/ranking/replay"), Some(&road.manager)).await.body.contains("The same bytes"));
    let refused = road.send(&road.manager, mint(road.app.now()), &road.changed(&[("due_days = 30", "due_days = 45")]).await, "").await;
    assert!(refused.status == 409 && refused.body.contains("The ranking is frozen"), "{}", refused.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_deadline_opens_the_door_for_longer_and_an_untouched_rubric_keeps_its_scores() {
    let road = Road::open().await;
    let id = road.propose(&[("closes = 2024-04-05T23:59:00", "closes = 2024-04-12T23:59:00")]).await;
    assert_eq!(road.sign_amendment(&road.approver, id, "1").await.status, 303);
    let public = road.app.get(PUBLIC, None).await;
    assert!(public.body.contains("Closes April 12, 2024, 11:59 p.m. CDT"), "{}", public.body);
    let road = Road::screened().await;
    let id = road.propose(&WEIGHTS).await;
    assert_eq!(road.sign_amendment(&road.approver, id, "1").await.status, 303);
    assert_eq!(road.freeze().await.status, 303, "scores stand");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_that_nobody_opened_is_imported_anew_and_results_by_version_1_say_so() {
    let road = Road::frozen_with("").await;
    let document: RankingDocument =
        serde_json::from_str(&road.app.get(&road.page("/ranking.json"), Some(&road.manager)).await.body).unwrap();
    assert_eq!(document.file_version, None);
    let page = road.app.get(&road.page("/ranking"), Some(&road.manager)).await;
    assert!(page.body.contains("version 1 of the rules"));
    let versions = road.app.get(&format!("{PUBLIC}/rules"), None).await;
    assert!(versions.status == 200 && versions.body.contains("Version 1 is in force"), "{}", versions.body);
}
