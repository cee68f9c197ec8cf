//! A panel from its set-up to the frozen ranking: assignment, conflicts as access, the desk, the seal, the mask, another look, and what the
//! official run waits for.

use crate::app::{TestApp, Visitor};
use crate::road::Road;
use ::app::call::mint;
use ::app::decide::work as deciding;
use ::app::review::panel::work::{self as panel, AssignInput, SheetInput};
use ::app::review::work::{self as reviewing, DecisionInput};
use domain::access::Role;
use domain::panel::Stage;
use domain::{ApplicationId, ReviewId};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use store::panels::{self, Review, Written};
use uuid::Uuid;

pub const SECTION: &str = "\n[review]\nreviewers = 2\nload = 3\npractice = true\ndue = 2024-04-20T17:00:00\naggregation = \"adjusted\"\nchair = \"appointed\"\ncitation = \"Cited review.\"\n";

/// A closed round with three eligible applications and a panel of three who have declared no tie.
pub struct Panel {
    pub road: Road,
    pub members: Vec<Visitor>,
}

impl Panel {
    pub async fn with(section: &str) -> Self {
        let road = Road::closed_with(section).await;
        let manager = road.call(&road.manager).await;
        for application in &road.applications {
            let decision = DecisionInput { eligible: Some(true), reason: "A district.".to_owned(), seen: None };
            reviewing::decide_eligibility(&manager, *application, &decision).await.unwrap();
        }
        let mut members = vec![road.reviewer.clone()];
        for _ in 0..2 {
            members.push(road.app.sign_in_as(Role::Reviewer, road.app.agency).await);
        }
        for member in &members {
            panel::add_member(&manager, road.round, member.person).await.unwrap();
        }
        Self { road, members }
    }

    pub async fn assigned(section: &str) -> Self {
        let panel = Self::with(section).await;
        for member in &panel.members {
            panel::declare(&panel.road.call(member).await, panel.road.round, &[]).await.unwrap();
        }
        panel::assign_balanced(&panel.road.call(&panel.road.manager).await, panel.road.round).await.unwrap();
        panel
    }

    pub fn app(&self) -> &TestApp {
        &self.road.app
    }

    pub async fn desk(&self, member: &Visitor) -> Vec<Review> {
        panels::desk_of(&mut self.app().desk.db.reader().await.unwrap().tx(), member.person).await.unwrap()
    }

    pub async fn hand_in(&self, member: &Visitor, review: &Review, points: i64) -> Option<ReviewId> {
        let written = BTreeMap::from([(
            "college_ties".to_owned(),
            Written { points: Some(Decimal::from(points)), reason: "As written.".to_owned() },
        )]);
        let input = SheetInput { written, seen: review.version };
        panel::hand_in(&self.road.call(member).await, review.id, &input).await.unwrap()
    }

    /// Everybody hands everything in: the first gives 100, the others nothing.
    pub async fn all_in(&self) {
        for (nth, member) in self.members.iter().enumerate() {
            for review in self.desk(member).await {
                self.hand_in(member, &review, if nth == 0 { 100 } else { 0 }).await;
            }
        }
    }

    /// From the frozen ranking to an approved award, by others than who ranked.
    async fn approved(&self) {
        assert_eq!(self.freeze().await.status, 303);
        let manager = self.road.call(&self.road.manager).await;
        let allocation = mint(manager.now);
        deciding::propose(&manager, self.road.round, allocation).await.unwrap();
        deciding::approve(&self.road.call(&self.road.approver).await, allocation, 1).await.unwrap();
    }

    /// Lets the day pass on which the reviews are due.
    pub async fn until_due(&self) {
        self.road.pass(14 * 86_400).await;
    }

    pub async fn freeze(&self) -> crate::app::Answer {
        let id: Uuid = mint(self.app().now());
        self.app().post(&self.road.page("/ranking/freeze"), Some(&self.road.manager), &[("id", &id.to_string()), ("sure", "yes")]).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_gets_an_even_share_and_is_told_once() {
    let panel = Panel::assigned(SECTION).await;
    for member in &panel.members {
        assert_eq!(panel.desk(member).await.len(), 2);
    }
    let mail = panel.app().mail().await;
    assert_eq!(mail.iter().filter(|message| message.subject.starts_with("To review")).count(), 3);
    let page = panel.app().get(&panel.road.page("/panel"), Some(&panel.road.manager)).await;
    assert!(page.status == 200 && page.body.contains("reviews needed"), "{}", page.status);
    let again = panel.app().post(&panel.road.page("/panel/balance"), Some(&panel.road.manager), &[]).await;
    assert!(again.location().ends_with("?assigned=0"), "nothing is left to assign");
    assert_eq!(panel.app().post(&panel.road.page("/panel/balance"), Some(&panel.members[0]), &[]).await.status, 403);
    let reminded = panel.app().post(&panel.road.page("/panel/remind"), Some(&panel.road.manager), &[]).await;
    assert!(reminded.location().ends_with("?reminded=3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_read_before_ties_are_declared() {
    let panel = Panel::with(SECTION).await;
    panel::assign_balanced(&panel.road.call(&panel.road.manager).await, panel.road.round).await.unwrap();
    let member = &panel.members[0];
    let review = panel.desk(member).await.remove(0);
    let sheet = format!("/review/desk/{}", review.id);
    let first = panel.app().get(&sheet, Some(member)).await;
    assert!(first.status == 303 && first.location().ends_with("/conflicts"));
    assert_eq!(panel.app().post(&sheet, Some(member), &[("version", "1"), ("college_ties-points", "100")]).await.status, 403);
    let conflicts = panel.road.page("/conflicts");
    assert!(panel.app().get(&conflicts, Some(member)).await.body.contains("Alcorn"));
    assert_eq!(panel.app().post(&conflicts, Some(member), &[]).await.status, 422, "saying nothing is no declaration");
    assert_eq!(panel.app().post(&conflicts, Some(member), &[("none", "yes")]).await.status, 303);
    let page = panel.app().get(&sheet, Some(member)).await;
    assert!(page.status == 200 && page.body.contains("A signed agreement.") && page.body.contains("The chamber offers visits."));
    assert_eq!(panel.app().get(&sheet, Some(&panel.members[1])).await.status, 404, "another's sheet is not there");
    for staff in ["", "/ranking", "/ranking.json"] {
        assert_eq!(panel.app().get(&panel.road.page(staff), Some(member)).await.status, 403, "{staff}");
    }
    let application = format!("/review/applications/{}", review.application);
    assert_eq!(panel.app().get(&application, Some(member)).await.status, 403);
    assert_eq!(panel.app().get(&application, Some(&panel.road.manager)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_shuts_out_and_the_quorum_is_counted_anew() {
    let panel = Panel::assigned(SECTION).await;
    let member = &panel.members[0];
    let review = panel.desk(member).await.remove(0);
    let sheet = format!("/review/desk/{}", review.id);
    assert_eq!(panel.app().get(&sheet, Some(member)).await.status, 200);
    let bare = panel.app().post(&format!("{sheet}/conflict"), Some(member), &[("why", " ")]).await;
    assert_eq!(bare.status, 422);
    let declared = panel.app().post(&format!("{sheet}/conflict"), Some(member), &[("why", "My brother teaches there.")]).await;
    assert_eq!(declared.status, 303);
    let refused = panel.app().get(&sheet, Some(member)).await;
    assert!(refused.status == 403 && refused.body.contains("conflict of interest"), "{}", refused.status);
    let score = [("version", "2"), ("college_ties-points", "100"), ("college_ties-reason", "Mine."), ("then", "hand_in")];
    assert_eq!(panel.app().post(&sheet, Some(member), &score).await.status, 403);
    let told = panel.app().mail().await;
    assert!(told.iter().any(|message| message.subject.starts_with("Conflict of interest on the panel")));
    let page = panel.app().get(&panel.road.page("/panel"), Some(&panel.road.manager)).await;
    assert!(page.body.contains("My brother teaches there.") && page.body.contains("One more reviewer is to be assigned."));
    let manager = panel.road.call(&panel.road.manager).await;
    let hand = AssignInput { application: review.application, person: member.person, practice: false, id: mint(manager.now) };
    assert!(panel::assign(&manager, panel.road.round, hand).await.is_err(), "nobody with a conflict is assigned by hand");
    let plan = panel::assign_balanced(&manager, panel.road.round).await.unwrap();
    assert_eq!((plan.pairs.len(), plan.short.len()), (1, 0));
    assert!(plan.pairs[0].reviewer != member.person.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_at_the_applicant_is_a_conflict_found_without_being_declared() {
    let panel = Panel::with(SECTION).await;
    let member = &panel.members[0];
    let applicant = {
        let mut reader = panel.app().desk.db.reader().await.unwrap();
        panels::application(&mut reader.tx(), panel.road.applications[0]).await.unwrap().unwrap().ties
    };
    panel.app().give(member.person, Role::Preparer, applicant.applicant).await;
    let region = panel.app().sign_in_as(Role::Reviewer, panel.app().agency).await;
    panel.app().give(region.person, Role::RegionalPreparer, applicant.region.unwrap()).await;
    let manager = panel.road.call(&panel.road.manager).await;
    panel::add_member(&manager, panel.road.round, region.person).await.unwrap();
    let plan = panel::assign_balanced(&manager, panel.road.round).await.unwrap();
    let own = |who: &Visitor, application: ApplicationId| {
        plan.pairs.iter().any(|pair| pair.reviewer == who.person.to_string() && pair.application == application.to_string())
    };
    assert!(!own(member, panel.road.applications[0]) && !own(&region, panel.road.applications[0]));
    // Whoever manages is shut out by a tie as well.
    panel.app().give(panel.road.manager.person, Role::Preparer, applicant.applicant).await;
    for page in ["/review/applications", "/review/panel"] {
        let address = format!("{page}/{}", panel.road.applications[0]);
        assert_eq!(panel.app().get(&address, Some(&panel.road.manager)).await.status, 403, "{address}");
    }
    let again = panel.app().sign_in_as(Role::ProgramManager, panel.app().agency).await;
    assert_eq!(panel.app().get(&format!("/review/panel/{}", panel.road.applications[0]), Some(&again)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_the_applicants_pages_nor_those_of_the_awards_are_a_way_round_the_panel() {
    let panel = Panel::assigned(SECTION).await;
    let (reviewer, manager) = (&panel.members[0], &panel.road.manager);
    let applicants = ["", "/check", "/figures", "/receipt", "/outcome"].map(|page| format!("/apply/{}{page}", panel.road.applications[0]));
    let awards = ["", "/packet", "/equity", "/letters", "/appeals", "/waitlist"].map(|page| format!("/decide/{}{page}", panel.road.round));
    let bench = format!("/bench/{}", panel.road.round);
    for page in applicants.iter().chain(&awards).chain([&bench]) {
        assert_eq!(panel.app().get(page, Some(reviewer)).await.status, 403, "{page}");
    }
    for page in &applicants {
        assert!(matches!(panel.app().get(page, Some(manager)).await.status, 200 | 303), "{page}");
    }
    // A tie shuts the manager out there, too.
    let ties = {
        let mut reader = panel.app().desk.db.reader().await.unwrap();
        panels::application(&mut reader.tx(), panel.road.applications[0]).await.unwrap().unwrap().ties
    };
    panel.app().give(manager.person, Role::RegionalPreparer, ties.region.unwrap()).await;
    for page in &applicants {
        assert_eq!(panel.app().get(page, Some(manager)).await.status, 403, "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_saves_drafts_and_hands_in_once_complete() {
    let panel = Panel::assigned(SECTION).await;
    let member = &panel.members[1];
    let reviews = panel.desk(member).await;
    let sheet = format!("/review/desk/{}", reviews[0].id);
    let save = [("version", "1"), ("college_ties-points", "100"), ("college_ties-reason", ""), ("then", "save")];
    assert_eq!(panel.app().post(&sheet, Some(member), &save).await.status, 303);
    let stale = panel
        .app()
        .post(&sheet, Some(member), &[("version", "1"), ("college_ties-points", "0"), ("college_ties-reason", "Typed."), ("then", "save")])
        .await;
    assert!(stale.status == 409 && stale.body.contains("Typed."), "what was typed is kept: {}", stale.status);
    let bare = [("version", "2"), ("college_ties-points", "100"), ("college_ties-reason", ""), ("then", "hand_in")];
    let answer = panel.app().post(&sheet, Some(member), &bare).await;
    assert!(answer.status == 422 && answer.body.contains("College ties: give the reason"), "{}", answer.status);
    let off = [("version", "2"), ("college_ties-points", "50"), ("college_ties-reason", "x"), ("then", "save")];
    assert_eq!(panel.app().post(&sheet, Some(member), &off).await.status, 422);
    let good = [("version", "2"), ("college_ties-points", "100"), ("college_ties-reason", "Signed."), ("then", "hand_in")];
    let next = panel.app().post(&sheet, Some(member), &good).await;
    assert_eq!(next.location(), format!("/review/desk/{}", reviews[1].id));
    assert_eq!(panel.app().post(&sheet, Some(member), &good).await.status, 409, "handed in, it is closed");
    let page = panel.app().get(&sheet, Some(member)).await;
    assert!(page.body.contains("Handed in April") && page.body.contains("No other review of this application is handed in yet."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blind_sheet_does_not_say_who_applies() {
    let blind = SECTION.replace("chair", "blind = true\nidentifying = [\"district.contact_name\", \"coaches.placement\"]\nchair");
    let panel = Panel::assigned(&blind).await;
    for review in panel.desk(&panel.members[0]).await {
        let page = panel.app().get(&format!("/review/desk/{}", review.id), Some(&panel.members[0])).await;
        assert_eq!(page.status, 200);
        for name in ["Alcorn", "Benton", "Coahoma", "A. Person"] {
            assert!(!page.body.contains(name), "{name}");
        }
        assert!(page.body.contains("Masked: it would tell who applies."));
    }
    let desk = panel.app().get(&panel.road.page("/desk"), Some(&panel.members[0])).await;
    assert!(!desk.body.contains("Alcorn") && !desk.body.contains("Coahoma"));
    let known = panel.desk(&panel.members[0]).await.remove(0);
    panel::declare_on_sheet(&panel.road.call(&panel.members[0]).await, known.id, "I know this plan.").await.unwrap();
    let refused = panel.app().get(&format!("/review/desk/{}", known.id), Some(&panel.members[0])).await;
    assert!(refused.status == 403 && !["Alcorn", "Benton", "Coahoma"].iter().any(|name| refused.body.contains(name)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chair_notes_and_asks_for_another_look_and_history_is_kept() {
    let panel = Panel::assigned(SECTION).await;
    panel.all_in().await;
    let (chair, other) = (&panel.members[2], &panel.members[0]);
    let review = panel.desk(other).await.remove(0);
    let page = format!("/review/panel/{}", review.application);
    assert_eq!(panel.app().get(&page, Some(chair)).await.status, 403, "not appointed yet");
    let appoint = [("person", chair.person.to_string()), ("act", "chair".to_owned())];
    let appoint: Vec<(&str, &str)> = appoint.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(panel.app().post(&panel.road.page("/panel/members"), Some(&panel.road.manager), &appoint).await.status, 303);
    assert_eq!(panel.app().get(&page, Some(chair)).await.status, 200);
    let spread = panel.app().get(&panel.road.page("/panel/spread"), Some(chair)).await;
    assert!(spread.status == 200 && spread.body.contains("Wide"), "{}", spread.status);
    let id: Uuid = mint(panel.app().now());
    let note = [("id", id.to_string()), ("note", "We differ on the agreement.".to_owned())];
    let note: Vec<(&str, &str)> = note.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for _ in 0..2 {
        assert_eq!(panel.app().post(&format!("{page}/note"), Some(chair), &note).await.status, 303);
    }
    let ask = |why: &str| [("review", review.id.to_string()), ("version", review.version.to_string()), ("why", why.to_owned())];
    let post = |fields: [(&'static str, String); 3]| {
        let (app, address) = (panel.app(), format!("{page}/again"));
        async move {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            app.post(&address, Some(chair), &fields).await.status
        }
    };
    assert_eq!(post(ask(" ")).await, 422);
    assert_eq!(post(ask("Look at page 2.")).await, 303);
    assert_eq!(post(ask("Look at page 2.")).await, 409);
    let frozen = panel.freeze().await;
    assert!(frozen.status == 422 && frozen.body.contains("Another look was asked for."), "{}", frozen.status);
    let sheet = panel.app().get(&format!("/review/desk/{}", review.id), Some(other)).await;
    assert!(sheet.body.contains("Look at page 2.") && sheet.body.contains("As written."));
    let again = panel.desk(other).await.into_iter().find(|found| found.id == review.id).unwrap();
    assert_eq!(again.stage, Stage::AskedAgain);
    panel.hand_in(other, &again, 0).await;
    let shown = panel.app().get(&page, Some(chair)).await;
    assert!(shown.body.contains("As handed in") && shown.body.contains("We differ on the agreement."));
    assert_eq!(panel.freeze().await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_run_waits_for_every_review_and_its_document_replays() {
    let panel = Panel::assigned(SECTION).await;
    let waiting = panel.freeze().await;
    assert!(waiting.status == 422 && waiting.body.contains("The review is not handed in."));
    let list = panel.app().get(&panel.road.page("/ranking"), Some(&panel.road.manager)).await;
    assert!(list.body.contains("Missing: 6 reviews") && list.body.contains("Reviewer"), "who is listed");
    let staff = format!("/review/applications/{}/score", panel.road.applications[0]);
    let score = [("criterion", "college_ties"), ("points", "100"), ("reason", "x"), ("version", "")];
    assert_eq!(panel.app().post(&staff, Some(&panel.road.manager), &score).await.status, 409, "staff don't score where a panel does");
    panel.all_in().await;
    assert_eq!(panel.freeze().await.status, 303);
    let document = panel.app().get(&panel.road.page("/ranking.json"), Some(&panel.road.manager)).await.body;
    let replayed = domain::ranking::replay(document.as_bytes()).unwrap();
    assert!(replayed.same, "{:?}", replayed.differences);
    let record = replayed.again.panel.unwrap();
    assert_eq!((record.scores.len(), record.result.averages.len(), record.result.leniency.len()), (6, 3, 3));
    assert!(!document.contains(&panel.members[0].email), "no name is published");
    let late = panel.desk(&panel.members[0]).await.remove(0);
    let sheet = format!("/review/desk/{}", late.id);
    assert_eq!(panel.app().post(&sheet, Some(&panel.members[0]), &[("version", "3"), ("then", "save")]).await.status, 409);
    assert_eq!(panel.app().post(&panel.road.page("/panel/balance"), Some(&panel.road.manager), &[]).await.status, 409);
    let working = panel.app().get(&panel.road.page("/ranking/A-2024-0001"), Some(&panel.road.manager)).await;
    assert!(working.body.contains("A panel of 2: raw mean 50, used"), "raw and used stand side by side");
}

#[tokio::test(flavor = "multi_thread")]
async fn practice_never_counts() {
    let panel = Panel::assigned(SECTION).await;
    let manager = panel.road.call(&panel.road.manager).await;
    let member = &panel.members[0];
    let input = AssignInput { application: panel.road.applications[0], person: member.person, practice: true, id: mint(manager.now) };
    panel::assign(&manager, panel.road.round, input).await.unwrap();
    let practice = panel.desk(member).await.into_iter().find(|review| review.practice).unwrap();
    assert!(panel.app().get(&format!("/review/desk/{}", practice.id), Some(member)).await.body.contains("These scores never count."));
    panel.hand_in(member, &practice, 100).await;
    let list = panel.app().get(&panel.road.page("/ranking"), Some(&panel.road.manager)).await;
    assert!(list.body.contains("Missing: 6 reviews"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chair_who_reviews_sees_nothing_before_their_own_is_in_nor_names_where_they_are_masked() {
    let blind = SECTION.replace("chair", "blind = true\nidentifying = [\"district.contact_name\"]\nchair");
    let panel = Panel::assigned(&blind).await;
    let chair = &panel.members[0];
    panel::appoint(&panel.road.call(&panel.road.manager).await, panel.road.round, chair.person).await.unwrap();
    let review = panel.desk(chair).await.remove(0);
    let page = format!("/review/panel/{}", review.application);
    let early = panel.app().get(&page, Some(chair)).await;
    assert!(early.status == 403 && early.body.contains("Hand in your own review"), "{}", early.status);
    assert_eq!(panel.app().get(&page, Some(&panel.road.manager)).await.status, 200);
    panel.hand_in(chair, &review, 100).await;
    for address in [page, panel.road.page("/panel"), panel.road.page("/panel/spread")] {
        let shown = panel.app().get(&address, Some(chair)).await;
        assert_eq!(shown.status, 200, "{address}");
        assert!(!["Alcorn", "Benton", "Coahoma"].iter().any(|name| shown.body.contains(name)), "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_applicant_reads_the_reviewers_reasons_once_told_and_never_their_names() {
    let panel = Panel::assigned(SECTION).await;
    panel.all_in().await;
    panel.approved().await;
    let application = panel.road.applications[0];
    let applicant = {
        let mut reader = panel.app().desk.db.reader().await.unwrap();
        panels::application(&mut reader.tx(), application).await.unwrap().unwrap().ties.applicant
    };
    let certifier = panel.app().sign_in_as(Role::Certifier, applicant).await;
    let why = format!("/apply/{application}/why");
    assert!(!panel.app().get(&why, Some(&certifier)).await.body.contains("As written."), "before the telling");
    let manager = panel.road.call(&panel.road.manager).await;
    deciding::tell(&manager, panel.road.round, &deciding::Release::Now).await.unwrap();
    let page = panel.app().get(&why, Some(&certifier)).await;
    assert_eq!((page.status, page.body.matches("As written.").count()), (200, 2), "one of each review that counts");
    let said = page.body.split("What the reviewers said of the scores").nth(1).unwrap();
    assert!(!said.contains(Role::Reviewer.name()) && !panel.members.iter().any(|member| said.contains(&member.email)), "no name");
    let address = format!("/decide/{}/publish", panel.road.round);
    assert_eq!(panel.app().post(&address, Some(&panel.road.manager), &[]).await.status, 303);
    let open = panel.app().get("/programs/test/round-1/results/A-2024-0001/why", None).await;
    assert!(open.status == 200 && !open.body.contains("As written."), "the file does not make them public: {}", open.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amended_rubric_puts_what_was_handed_in_on_the_desk_again_without_its_level() {
    let panel = Panel::assigned(SECTION).await;
    panel.all_in().await;
    let id = panel.road.propose(&[("[100, \"A signed agreement.\"]", "[100, \"An agreement signed by both.\"]")]).await;
    let sent = panel.app().mail().await.len();
    assert_eq!(crate::amendments::sign(&panel.road, &panel.road.approver, id).await, 303);
    for member in &panel.members {
        for review in panel.desk(member).await {
            assert_eq!((review.stage, review.written["college_ties"].points), (Stage::AskedAgain, None));
            assert_eq!(review.written["college_ties"].reason, "As written.", "the reason is there still");
        }
    }
    assert!(panel.app().mail().await.len() >= sent + 6, "each reviewer is told of each review");
    let page = panel.app().get(&panel.road.page("/ranking"), Some(&panel.road.manager)).await;
    assert!(page.body.contains("Missing: 6 reviews"), "{}", page.body);
    panel.all_in().await;
    assert_eq!(panel.freeze().await.status, 303);
}
