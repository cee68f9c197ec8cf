//! Awards named in law over HTTP: applications, terms, eligibility, the list, the proposal, approval, the recipient that comes later, and
//! what is refused on the way.

use crate::app::{Answer, TestApp, Visitor, add_organization};
use crate::road::apply;
use ::app::apply::work::{self as applying, Signing};
use ::app::call::mint;
use ::app::manage::work as managing;
use ::app::review::work::{self as reviewing, DecisionInput};
use domain::access::{OrganizationKind, Role};
use domain::award::Outcome::{self, Funded, Ineligible, Waitlisted};
use domain::{AllocationId, ApplicationId, Money, OrganizationId, RoundId};
use uuid::Uuid;

const FILE: &str = include_str!("../../../domain/src/program/tests/small.toml");

const NAMED: &str = r#"
[named]
citation = "SB 1, section 1."
recipients = [
  { key = "one", name = "District One", region = "west", amount = "100,000.00", citation = "SB 1, section 1 (a)" },
  { key = "two", name = "District Two", region = "east", amount = "150,000.01", citation = "SB 1, section 1 (b)" },
  { key = "three", name = "District Three", region = "west", amount = "49,999.99", citation = "SB 1, section 1 (c)" },
]
terms = [{ text = "Keep records for five years.", citation = "SB 1, section 2" }]
"#;

fn file() -> String {
    let text = FILE
        .replace("\"Test Agency\"", "\"Agency One\"")
        .replace("name = \"West\"", "name = \"Region One\"")
        .replace("name = \"East\"", "name = \"Region Two\"")
        .replace("districts = [\"2800185\", \"2800186\"]\n", "")
        .replace("1,000,000.00", "300,000.00")
        .replace("2023-04-03T08:00:00", "2024-03-01T08:00:00")
        .replace("2023-05-05T23:59:00", "2024-04-05T23:59:00")
        .replace("2023-05-01T17:00:00", "2024-04-02T17:00:00")
        .replace("2023-07-25", "2024-05-25");
    let at = |section: &str| text.find(section).unwrap();
    format!("{}{}{}{NAMED}", &text[..at("[ranking]")], &text[at("[award]")..at("[allocation]")], &text[at("[reporting]")..])
}

/// A round of three whom the law names.
struct Law {
    app: TestApp,
    round: RoundId,
    manager: Visitor,
    approver: Visitor,
    third: OrganizationId,
    applications: Vec<ApplicationId>,
}

impl Law {
    /// Open, with the applications of the first so many.
    async fn open(applications: usize) -> Self {
        let app = TestApp::new().await;
        let third = add_organization(&app.desk, OrganizationKind::District, "District Three").await;
        let manager = app.sign_in_as(Role::ProgramManager, app.agency).await;
        let approver = app.sign_in_as(Role::Approver, app.agency).await;
        let call = app.call_as(&manager).await;
        let round = managing::import(&call, &file()).await.unwrap().round;
        let version = {
            let mut reader = app.desk.db.reader().await.unwrap();
            store::programs::find_round(&mut reader.tx(), round).await.unwrap().unwrap().version
        };
        managing::open_round(&call, round, version).await.unwrap();
        let mut law = Self { app, round, manager, approver, third, applications: Vec::new() };
        for applicant in law.applicants().into_iter().take(applications) {
            law.applications.push(apply(&law.app, round, applicant, "1").await);
        }
        law
    }

    fn applicants(&self) -> [OrganizationId; 3] {
        [self.app.district, self.app.other_district, self.third]
    }

    async fn certifier(&self, which: usize) -> Visitor {
        self.app.sign_in_as(Role::Certifier, self.applicants()[which]).await
    }

    async fn accept(&self, which: usize, who: &Visitor, fields: &[(&str, &str)]) -> Answer {
        self.app.post(&format!("/apply/{}/terms", self.applications[which]), Some(who), fields).await
    }

    /// Accepts the terms with all that the form asks for.
    async fn accepted(&self, which: usize) {
        let id = mint::<Uuid>(self.app.now()).to_string();
        let fields = [("id", id.as_str()), ("signature", "A. Certifier"), ("stated", "yes")];
        assert_eq!(self.accept(which, &self.certifier(which).await, &fields).await.status, 303);
    }

    async fn pass(&self, days: i64) {
        let before = self.app.now();
        self.app.desk.clock.shift(days * 86_400);
        let now = self.app.now();
        self.app
            .write(move |tx| Box::pin(async move { store::sessions::record_clock_moved(tx, before, now, now.plus_seconds(3_600)).await }))
            .await;
    }

    /// Closed, every application decided and the list frozen.
    async fn frozen(&self, eligible: &[bool]) {
        self.pass(6).await;
        let manager = self.app.call_as(&self.manager).await;
        for (application, eligible) in self.applications.iter().zip(eligible) {
            let decision = DecisionInput { eligible: Some(*eligible), reason: "Looked at.".to_owned(), seen: None };
            reviewing::decide_eligibility(&manager, *application, &decision).await.unwrap();
        }
        let id = mint::<Uuid>(self.app.now()).to_string();
        let answer =
            self.app.post(&format!("/review/{}/ranking/freeze", self.round), Some(&self.manager), &[("id", &id), ("sure", "yes")]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
    }

    async fn decide(&self, who: &Visitor, act: &str, fields: &[(&str, &str)]) -> Answer {
        self.app.post(&format!("/decide/{}/{act}", self.round), Some(who), fields).await
    }

    async fn propose(&self) -> (Answer, AllocationId) {
        let id: AllocationId = mint(self.app.now());
        (self.decide(&self.manager, "propose", &[("id", &id.to_string())]).await, id)
    }

    async fn sign(&self, who: &Visitor, id: AllocationId) -> Answer {
        self.decide(who, "approve", &[("allocation", &id.to_string()), ("version", "1"), ("sure", "yes")]).await
    }

    async fn page(&self, path: &str) -> String {
        let answer = self.app.get(&path.replace("ROUND", &self.round.to_string()), Some(&self.manager)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    async fn outcomes(&self) -> Vec<(Outcome, i64)> {
        let mut reader = self.app.desk.db.reader().await.unwrap();
        let outcomes = store::awards::outcomes(&mut reader.tx(), self.round).await.unwrap();
        outcomes.into_iter().map(|outcome| (outcome.outcome, outcome.units)).collect()
    }

    async fn awards(&self) -> Vec<i64> {
        let mut reader = self.app.desk.db.reader().await.unwrap();
        store::awards::list(&mut reader.tx(), self.round).await.unwrap().into_iter().map(|award| award.amount_cents).collect()
    }

    async fn available(&self) -> Money {
        let mut reader = self.app.desk.db.reader().await.unwrap();
        store::reviews::progress(&mut reader.tx(), self.round).await.unwrap().available
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_gets_what_the_law_names_once_it_has_passed_every_gate_and_the_last_one_later() {
    let law = Law::open(3).await;
    let rules = law.app.get("/programs/test/round-1", None).await.body;
    assert!(rules.contains("Named in law") && rules.contains("SB 1, section 1 (b)") && rules.contains("Keep records for five years."));
    assert!(!rules.contains("How applications are ranked"), "nothing is ranked");
    law.accepted(0).await;
    law.accepted(1).await;
    law.frozen(&[true, true, true]).await;
    let list = law.page("/review/ROUND/ranking").await;
    assert!(list.contains("Named in law") && list.contains("Not accepted") && !list.contains("Points"), "{list}");
    let (answer, id) = law.propose().await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    assert_eq!(law.decide(&law.manager, "propose", &[("id", &id.to_string())]).await.status, 303, "the same proposal twice is one");
    let packet = law.page("/decide/ROUND/packet").await;
    for words in
        ["SB 1, section 1 (a)", "It has not accepted the terms yet", "$250,000.01", "49,999.99", "named in law and without an award"]
    {
        assert!(packet.contains(words), "{words}: {packet}");
    }
    assert!(!packet.contains("Exceptions to rank order") && !packet.contains("Points"));
    assert_eq!(law.sign(&law.approver, id).await.status, 303);
    assert_eq!(law.sign(&law.approver, id).await.status, 303, "a double click signs once");
    assert_eq!(law.awards().await, [15_000_001, 10_000_000], "by region, in the order of the regions' keys");
    assert_eq!(law.outcomes().await, [(Funded, 1), (Funded, 1), (Waitlisted, 0)]);
    assert_eq!(law.available().await, Money::cents(4_999_999));

    assert_eq!(law.decide(&law.manager, "tell", &[]).await.status, 303);
    let third = law.certifier(2).await;
    let outcome = format!("/apply/{}/outcome", law.applications[2]);
    assert!(law.app.get(&outcome, Some(&third)).await.body.contains("Waits for your terms"));
    let why = law.app.get(&format!("/apply/{}/why", law.applications[2]), Some(&third)).await;
    assert_eq!((why.status, why.location()), (303, outcome.as_str()), "there is no pool and no line to explain");
    let refill = [("id", "018f0000-0000-7000-8000-0000000000aa")];
    assert_eq!(law.decide(&law.manager, "refill", &refill).await.status, 409, "it has still not accepted");
    law.accepted(2).await;
    assert_eq!(law.decide(&law.manager, "refill", &refill).await.status, 303);
    let offer = format!("/refills/{}/approve", refill[0].1);
    let sure = [("version", "1"), ("sure", "yes")];
    assert_eq!(law.app.post(&offer, Some(&law.manager), &sure).await.status, 403, "who proposed");
    assert_eq!(law.app.post(&offer, Some(&law.approver), &sure).await.status, 303);
    assert_eq!(law.outcomes().await, [(Funded, 1), (Funded, 1), (Funded, 1)]);
    assert_eq!((law.awards().await.iter().sum::<i64>(), law.available().await), (30_000_000, Money::ZERO));

    assert_eq!(law.decide(&law.manager, "publish", &[]).await.status, 303);
    let results = law.app.get("/programs/test/round-1/results", None).await.body;
    assert!(results.contains("SB 1, section 1 (c)") && !results.contains("The ranked list") && !results.contains("Points"), "{results}");
    let number = results.split("/results/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let one = law.app.get(&format!("/programs/test/round-1/results/{number}"), None).await.body;
    assert!(
        one.contains("Named in law") && one.contains("nothing was ranked") && one.contains("Fingerprint of the accepted terms"),
        "{one}"
    );
    let decision = law.app.get("/programs/test/round-1/decision.json", None).await;
    assert!(domain::replay::replay(decision.body.as_bytes()).unwrap().is_same());
    assert_eq!(law.app.get(&format!("/bench/{}", law.round), Some(&law.manager)).await.status, 409);
    for path in [
        "/decide/ROUND",
        "/decide/ROUND/equity",
        "/decide/ROUND/letters",
        "/decide/ROUND/waitlist",
        "/review/ROUND",
        "/manage/rounds/ROUND",
    ] {
        law.page(path).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_applies_and_terms_are_the_certifiers_for_what_is_handed_in() {
    let law = Law::open(1).await;
    let mine = law.app.sign_in_as(Role::Certifier, law.third).await;
    let call = law.app.call_as(&mine).await;
    let draft = applying::start(&call, law.round, law.third, mint(call.now)).await.unwrap();
    let id = Uuid::from_u128(77).to_string();
    let whole = [("id", id.as_str()), ("signature", "A. Certifier"), ("stated", "yes")];
    let early = law.app.post(&format!("/apply/{draft}/terms"), Some(&mine), &whole).await;
    assert!(early.status == 409 && early.body.contains("The application is not handed in."), "{}", early.body);

    let preparer = law.app.sign_in_as(Role::Preparer, law.app.district).await;
    let terms = format!("/apply/{}/terms", law.applications[0]);
    assert!(law.app.get(&terms, Some(&preparer)).await.body.contains("The certifier accepts"));
    assert_eq!(law.accept(0, &preparer, &whole).await.status, 403);
    assert_eq!(law.accept(0, &mine, &whole).await.status, 404, "another's");
    let certifier = law.certifier(0).await;
    let bare = law.accept(0, &certifier, &[("id", &id), ("signature", "A typed name")]).await;
    assert!(bare.status == 422 && bare.body.contains("A typed name") && bare.body.contains("Tick the statement"), "{}", bare.body);
    for again in [id.as_str(), &Uuid::from_u128(78).to_string()] {
        let fields = [("id", again), ("signature", "A. Certifier"), ("stated", "yes")];
        assert_eq!(law.accept(0, &certifier, &fields).await.status, 303, "posted twice, accepted once");
    }
    let document = law.app.get(&format!("{terms}.json"), Some(&certifier)).await;
    let page = law.app.get(&terms, Some(&certifier)).await.body;
    assert!(page.contains(&domain::canonical::sha256_hex(document.body.as_bytes())) && document.body.contains(&id), "the first one stands");

    // Taken back and handed in anew: what was accepted belonged to the first submission.
    let call = law.app.call_as(&certifier).await;
    applying::withdraw(&call, law.applications[0], "A slip.").await.unwrap();
    let signing = Signing { submission: mint(call.now), signature: "A. Certifier".to_owned(), stated: true };
    applying::submit(&call, law.applications[0], &signing).await.unwrap();
    assert!(law.app.get(&terms, Some(&certifier)).await.body.contains("Accept the terms</button>"));

    let stranger = add_organization(&law.app.desk, OrganizationKind::District, "District Four").await;
    let other = law.app.sign_in_as(Role::Certifier, stranger).await;
    let start = law.app.post(&format!("/apply/start/{}", law.round), Some(&other), &[("applicant", &stranger.to_string())]).await;
    assert!(start.status == 409 && start.body.contains("not among those whom the law names"), "{}", start.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_terms_or_eligibility_there_is_no_award_and_the_money_stays() {
    let law = Law::open(2).await;
    law.frozen(&[true, false]).await;
    let (early, _) = law.propose().await;
    assert!(early.status == 409 && early.body.contains("No recipient on the list has accepted the terms yet"), "{}", early.body);
    // An acceptance opens no other gate.
    law.accepted(1).await;
    assert_eq!(law.propose().await.0.status, 409);
    law.accepted(0).await;
    let (answer, id) = law.propose().await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let packet = law.page("/decide/ROUND/packet").await;
    for words in
        ["Its application was found not eligible.", "It did not hand in an application by April 5, 2024, 11:59 p.m. CDT.", "Looked at."]
    {
        assert!(packet.contains(words), "{words}: {packet}");
    }
    assert_eq!(law.sign(&law.approver, id).await.status, 303);
    assert_eq!((law.awards().await, law.available().await), (vec![10_000_000], Money::cents(20_000_000)));
    assert_eq!(law.outcomes().await, [(Funded, 1), (Ineligible, 0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_a_tie_neither_reads_nor_proposes_nor_approves() {
    let law = Law::open(2).await;
    law.accepted(0).await;
    law.accepted(1).await;
    law.frozen(&[true, true]).await;
    let tie = [("organization", law.app.district.to_string()), ("why", "My sister is its treasurer.".to_owned())];
    let tie: Vec<(&str, &str)> = tie.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let second = law.app.sign_in_as(Role::ProgramManager, law.app.agency).await;
    let bare = law.decide(&second, "ties", &tie[1..]).await;
    assert!(bare.status == 422 && bare.body.contains("My sister is its treasurer."), "{}", bare.body);
    for _ in 0..2 {
        assert_eq!(law.decide(&second, "ties", &tie).await.status, 303);
    }
    assert_eq!(law.app.get(&format!("/review/applications/{}", law.applications[0]), Some(&second)).await.status, 403);
    assert_eq!(law.app.get(&format!("/review/applications/{}", law.applications[1]), Some(&second)).await.status, 200);
    let refused = law.decide(&second, "propose", &[("id", &Uuid::from_u128(5).to_string())]).await;
    assert!(refused.status == 403 && refused.body.contains("tied to this decision"), "{}", refused.body);
    let (answer, id) = law.propose().await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    // A role in who receives the award, or in who applies, counts as much as what is declared.
    for (role, organization) in [(Role::RegionalPreparer, law.app.region), (Role::Preparer, law.app.other_district)] {
        let approver = law.app.sign_in_as(Role::Approver, law.app.agency).await;
        law.app.give(approver.person, role, organization).await;
        let refused = law.sign(&approver, id).await;
        assert!(refused.status == 403 && refused.body.contains("tied to this decision"), "{role:?}: {}", refused.body);
    }
    assert!(law.awards().await.is_empty());
    // Who finds a tie after proposing says so; somebody else proposes then.
    assert_eq!(law.decide(&law.manager, "ties", &tie).await.status, 303);
    let late = law.sign(&law.approver, id).await;
    assert!(late.status == 409 && late.body.contains("Whoever proposed this has a tie"), "{}", late.body);
    let proposal = id.to_string();
    let back = [("allocation", proposal.as_str()), ("version", "1"), ("reason", "A tie.")];
    assert_eq!(law.decide(&law.approver, "return", &back).await.status, 303);
    let third = law.app.sign_in_as(Role::ProgramManager, law.app.agency).await;
    let again: AllocationId = mint(law.app.now());
    assert_eq!(law.decide(&third, "propose", &[("id", &again.to_string())]).await.status, 303);
    assert_eq!(law.sign(&law.approver, again).await.status, 303);
    assert_eq!(law.awards().await.len(), 2);
}

#[tokio::test]
async fn importing_says_which_recipients_nobody_on_record_is() {
    let app = TestApp::new().await;
    let manager = app.sign_in_as(Role::ProgramManager, app.agency).await;
    let text = file().replace("District Two", "district two ").replace("District Three", "Nobody’s District");
    let look = app.post("/manage/import", Some(&manager), &[("text", &text)]).await;
    assert_eq!(look.status, 200, "{}", look.body);
    assert!(look.body.contains("no district or community on record is called: Nobody’s District. Each can apply"), "{}", look.body);
}
