//! What follows a proposal, over HTTP: approval in steps, release at a second to come, letters, parts declined, the waiting list, appeals; and
//! what is refused on the way.

use crate::app::{Answer, Visitor};
use crate::road::Road;
use ::app::call::mint;
use ::app::decide::work as deciding;
use domain::access::Role;
use domain::award::Outcome::{Funded, NotFunded, Waitlisted};
use domain::{AllocationId, Money};
use store::reviews;
use uuid::Uuid;

pub const UNIT: i64 = 6_486_486;

const STEPS: &str = r#"
[[approvals]]
name = "Program approval"
role = "approver"
citation = "Test."

[[approvals]]
name = "Concurrence"
role = "fiscal_agent"
over = "100,000.00"
citation = "Test."
"#;

const LETTERS: &str = r#"
method = "down_the_list"
misfit = "waitlist"

[letters]
funded = """
Dear {applicant},

{number} gets {granted}, {amount}, through {recipient} ({award}).
"""
"#;

impl Road {
    pub async fn sign(&self, who: &Visitor, id: AllocationId, version: i64) -> Answer {
        let (id, version) = (id.to_string(), version.to_string());
        let fields = [("allocation", id.as_str()), ("version", version.as_str()), ("sure", "yes")];
        self.app.post(&format!("/decide/{}/approve", self.round), Some(who), &fields).await
    }

    pub async fn decide(&self, who: &Visitor, act: &str, fields: &[(&str, &str)]) -> Answer {
        self.app.post(&format!("/decide/{}/{act}", self.round), Some(who), fields).await
    }

    async fn awards(&self) -> Vec<(String, i64, i64)> {
        let mut reader = self.app.desk.db.reader().await.unwrap();
        let awards = store::awards::list(&mut reader.tx(), self.round).await.unwrap();
        awards.into_iter().map(|award| (award.number, award.units, award.amount_cents)).collect()
    }

    pub async fn outcomes(&self) -> Vec<(domain::award::Outcome, i64)> {
        let mut reader = self.app.desk.db.reader().await.unwrap();
        let outcomes = store::awards::outcomes(&mut reader.tx(), self.round).await.unwrap();
        outcomes.into_iter().map(|outcome| (outcome.outcome, outcome.units)).collect()
    }

    pub async fn available(&self) -> Money {
        let mut reader = self.app.desk.db.reader().await.unwrap();
        reviews::progress(&mut reader.tx(), self.round).await.unwrap().available
    }

    /// The application of a place with its district's certifier, signed in.
    pub async fn at_place(&self, place: i64) -> (Uuid, Visitor) {
        let mut reader = self.app.desk.db.reader().await.unwrap();
        let outcomes = store::awards::outcomes(&mut reader.tx(), self.round).await.unwrap();
        let outcome = outcomes.into_iter().find(|outcome| outcome.place == Some(place)).unwrap();
        drop(reader);
        (outcome.application.0, self.app.sign_in_as(Role::Certifier, outcome.applicant).await)
    }

    /// The time passes while everybody is signed in.
    pub async fn pass(&self, seconds: i64) {
        let before = self.app.now();
        self.app.desk.clock.shift(seconds);
        let now = self.app.now();
        self.app
            .write(move |tx| Box::pin(async move { store::sessions::record_clock_moved(tx, before, now, now.plus_seconds(3_600)).await }))
            .await;
    }

    /// Approved by the one step, and told.
    pub async fn told(more: &str) -> Self {
        let (road, id) = Self::proposed_with(more).await;
        assert_eq!(road.sign(&road.approver, id, 1).await.status, 303);
        assert_eq!(road.decide(&road.manager, "tell", &[]).await.status, 303);
        road
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_of_the_steps_makes_the_awards_and_nobody_signs_twice_or_in_anothers_place() {
    let (road, id) = Road::proposed_with(STEPS).await;
    let fiscal = road.app.sign_in_as(Role::FiscalAgent, road.app.agency).await;
    assert_eq!(road.sign(&fiscal, id, 1).await.status, 403, "the second step's role");
    assert_eq!(road.sign(&road.approver, id, 1).await.status, 303);
    assert_eq!(road.sign(&road.approver, id, 1).await.status, 303, "a double click signs once");
    assert!(road.awards().await.is_empty());
    assert!(road.app.mail().await.iter().any(|mail| mail.to_email == fiscal.email && mail.subject.contains("Concurrence")));
    road.app.give(road.approver.person, Role::FiscalAgent, road.app.agency).await;
    let twice = road.sign(&road.approver, id, 2).await;
    assert!(twice.status == 403 && twice.body.contains("You approved an earlier step"), "{}", twice.body);
    let page = road.app.get(&format!("/decide/{}", road.round), Some(&fiscal)).await;
    assert!(page.body.contains("It waits for “Concurrence”.") && page.body.contains("Approve the awards"), "{}", page.body);
    assert_eq!(road.sign(&fiscal, id, 2).await.status, 303);
    assert_eq!(road.awards().await.len(), 2);
    let packet = road.app.get(&format!("/decide/{}/packet", road.round), Some(&road.reviewer)).await;
    for words in [
        "approved step 1, “Program approval”",
        "approved step 2, “Concurrence”",
        "$259,459.44",
        "Exceptions to rank order",
        "Whom it reaches",
        "Scenarios tried",
    ] {
        assert!(packet.body.contains(words), "{words}: {}", packet.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_step_can_return_with_a_reason_and_the_steps_begin_anew() {
    let (road, id) = Road::proposed_with(STEPS).await;
    let fiscal = road.app.sign_in_as(Role::FiscalAgent, road.app.agency).await;
    assert_eq!(road.sign(&road.approver, id, 1).await.status, 303);
    let allocation = id.to_string();
    let fields = [("allocation", allocation.as_str()), ("version", "2"), ("reason", "The second region’s share.")];
    assert_eq!(road.decide(&road.approver, "return", &fields).await.status, 403, "it is the fiscal agent's turn");
    assert_eq!(road.decide(&fiscal, "return", &fields).await.status, 303);
    let again: AllocationId = mint(road.app.now());
    let manager = road.call(&road.manager).await;
    deciding::propose(&manager, road.round, again).await.unwrap();
    assert_eq!(road.sign(&fiscal, again, 1).await.status, 403, "the first step comes first again");
    assert_eq!(road.sign(&road.approver, again, 1).await.status, 303);
    assert_eq!(road.sign(&fiscal, again, 2).await.status, 303);
    let packet = road.app.get(&format!("/decide/{}/packet", road.round), Some(&road.approver)).await;
    assert!(packet.body.contains("returned it: The second region’s share."));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_scored_or_screened_does_not_approve() {
    let (road, id) = Road::proposed_with("").await;
    for who in [&road.reviewer, &road.manager] {
        road.app.give(who.person, Role::Approver, road.app.agency).await;
        assert_eq!(road.sign(who, id, 1).await.status, 403);
    }
    assert!(road.awards().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn results_appear_at_the_second_that_was_set_and_not_before() {
    let (road, id) = Road::proposed_with("").await;
    assert_eq!(road.sign(&road.approver, id, 1).await.status, 303);
    let (application, certifier) = road.at_place(1).await;
    let (outcome, letter) = (format!("/apply/{application}/outcome"), format!("/apply/{application}/letter"));
    for bad in ["tomorrow", "2024-01-01T09:00", "2024-03-10T02:30"] {
        let answer = road.decide(&road.manager, "tell", &[("at", bad)]).await;
        assert!(answer.status == 422 && answer.body.contains(&format!("value=\"{bad}\"")), "{bad}: {}", answer.status);
    }
    // Now it is April 7, noon, in Mississippi.
    assert_eq!(road.decide(&road.manager, "tell", &[("at", "2024-04-07T13:00")]).await.status, 303);
    let page = road.app.get(&format!("/decide/{}", road.round), Some(&road.manager)).await;
    assert!(page.body.contains("The applicants are told April 7, 2024, 1:00 p.m. CDT."), "{}", page.body);
    assert!(road.app.get(&outcome, Some(&certifier)).await.body.contains("Not decided yet."));
    assert_eq!(road.app.get(&letter, Some(&certifier)).await.status, 404);
    let early = road.decide(&road.manager, "publish", &[("at", "2024-04-07T12:30")]).await;
    assert!(early.status == 409 && early.body.contains("can’t be told before"), "{}", early.body);
    assert_eq!(road.decide(&road.manager, "hold", &[]).await.status, 303);
    assert_eq!(road.decide(&road.manager, "hold", &[]).await.status, 409, "nothing waits any more");
    let held = road.app.mail().await.iter().filter(|mail| mail.error.as_deref() == Some("held back before its time")).count();
    assert!(held >= 3, "{held} letters held back");

    assert_eq!(road.decide(&road.manager, "tell", &[("at", "2024-04-07T13:00")]).await.status, 303);
    assert_eq!(road.decide(&road.manager, "publish", &[("at", "2024-04-07T14:00")]).await.status, 303);
    let results = "/programs/test/round-1/results";
    road.pass(3_599).await;
    assert!(road.app.get(&outcome, Some(&certifier)).await.body.contains("Not decided yet."), "a second before");
    road.pass(1).await;
    assert!(road.app.get(&outcome, Some(&certifier)).await.body.contains("Funded: 2 seats"), "at the second");
    assert_eq!(road.app.get(&letter, Some(&certifier)).await.status, 200);
    road.pass(3_599).await;
    assert_eq!(road.app.get("/programs/test/round-1/awards.csv", None).await.status, 404);
    assert!(!road.app.get(results, None).await.body.contains("Published April 7"));
    road.pass(1).await;
    assert_eq!(road.app.get("/programs/test/round-1/awards.csv", None).await.status, 200);
    assert!(road.app.get(results, None).await.body.contains("Published April 7, 2024, 2:00 p.m. CDT"));
    assert_eq!(road.decide(&road.manager, "hold", &[]).await.status, 409, "what is out is out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_written_from_the_files_text_for_staff_before_and_for_its_applicant_after() {
    let (road, id) = Road::proposed_with(LETTERS).await;
    assert_eq!(road.sign(&road.approver, id, 1).await.status, 303);
    let (application, certifier) = road.at_place(1).await;
    let all = road.app.get(&format!("/decide/{}/letters", road.round), Some(&road.manager)).await;
    assert!(all.body.contains("gets 2 seats, $129,729.72, through Region"), "{}", all.body);
    assert!(all.body.contains("is on the waiting list"), "the portal's own text where the file is silent");
    assert_eq!(road.app.get(&format!("/decide/{}/letters/{application}", road.round), Some(&road.manager)).await.status, 200);
    assert_eq!(road.app.get(&format!("/apply/{application}/letter"), Some(&certifier)).await.status, 404);
    assert_eq!(road.decide(&road.manager, "tell", &[]).await.status, 303);
    let own = road.app.get(&format!("/apply/{application}/letter"), Some(&certifier)).await;
    assert!(own.status == 200 && own.body.contains("gets 2 seats"), "{}", own.body);
    let (_, other) = road.at_place(2).await;
    let file = format!("/apply/{application}/letter.pdf");
    for page in [&format!("/apply/{application}/letter"), &file] {
        assert_eq!(road.app.get(page, Some(&other)).await.status, 404);
    }
    let paper = road.app.get(&file, Some(&certifier)).await;
    assert_eq!((paper.status, paper.header("content-type")), (200, "application/pdf"));
    let staffs = road.app.get(&format!("/decide/{}/letters/{application}/letter.pdf", road.round), Some(&road.manager)).await;
    assert_eq!(staffs.status, 200);
    assert!(road.app.mail().await.iter().any(|mail| mail.body.contains("gets 2 seats, $129,729.72") && mail.body.contains("/letter")));
}

const OPTIMAL: &str = r#"
method = "optimal"
objective = "points"
regions = [{ region = "east", floor = "FLOOR", citation = "Test." }]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_round_may_fund_the_best_set_and_what_can_not_be_is_named() {
    let (road, id) = Road::proposed_with(&OPTIMAL.replace("FLOOR", "129,729.72")).await;
    let page = road.app.get(&format!("/decide/{}", road.round), Some(&road.manager)).await;
    assert!(page.body.contains("Proved: no set of awards has more points.") && page.body.contains("Each ranked request"), "{}", page.body);
    let list = road.app.get(&format!("/review/{}/ranking", road.round), Some(&road.manager)).await;
    assert!(list.status == 200 && !list.body.contains("The money can’t") && !list.body.contains("the money reaches"), "{}", list.body);
    let packet = road.app.get(&format!("/decide/{}/packet", road.round), Some(&road.manager)).await;
    assert!(packet.body.contains("the floor of $129,729.72 for Region Two"), "{}", packet.body);
    assert_eq!(road.sign(&road.approver, id, 1).await.status, 303);
    assert_eq!(road.outcomes().await, [(Funded, 2), (Funded, 2), (NotFunded, 0)]);

    // East asks for two seats in all: a floor above that can't be met.
    let road = Road::frozen_with(&OPTIMAL.replace("FLOOR", "200,000.00")).await;
    let page = road.app.get(&format!("/decide/{}", road.round), Some(&road.manager)).await;
    assert!(page.status == 200 && page.body.contains("Nothing to propose yet") && page.body.contains("east"), "{}", page.body);
    let list = road.app.get(&format!("/review/{}/ranking", road.round), Some(&road.manager)).await;
    assert!(list.status == 200 && list.body.contains("The money can’t be laid out"), "{}", list.body);
    let id = Uuid::from_u128(9).to_string();
    assert_eq!(road.decide(&road.manager, "propose", &[("id", &id)]).await.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_declined_goes_to_the_next_on_the_waiting_list_by_the_same_rule() {
    let road = Road::told(LETTERS).await;
    assert_eq!(road.outcomes().await, [(Funded, 2), (Funded, 2), (Waitlisted, 0)]);
    let before = road.available().await;
    assert_eq!(before, Money::cents(30_000_000 - 4 * UNIT));
    assert_eq!(road.decide(&road.manager, "refill", &[("id", &Uuid::from_u128(1).to_string())]).await.status, 409, "nothing came back");

    let (application, certifier) = road.at_place(1).await;
    let decline = format!("/apply/{application}/decline");
    assert_eq!(road.app.get(&decline, Some(&certifier)).await.status, 200);
    let unsure = road.app.post(&decline, Some(&certifier), &[("reason", "We hired by ourselves.")]).await;
    assert!(unsure.status == 422 && unsure.body.contains("We hired by ourselves."));
    assert_eq!(road.app.post(&decline, Some(&certifier), &[("sure", "yes")]).await.status, 422, "no reason");
    let (_, other) = road.at_place(2).await;
    let fields = [("reason", "We hired by ourselves."), ("sure", "yes")];
    assert_eq!(road.app.post(&decline, Some(&other), &fields).await.status, 404);
    assert_eq!(road.app.post(&decline, Some(&certifier), &fields).await.status, 303);
    assert_eq!(road.app.post(&decline, Some(&certifier), &fields).await.status, 409, "it has ended");
    assert_eq!(road.available().await, Money::cents(30_000_000 - 2 * UNIT));
    assert_eq!(road.outcomes().await, [(NotFunded, 0), (Funded, 2), (Waitlisted, 0)]);

    let waitlist = format!("/decide/{}/waitlist", road.round);
    let page = road.app.get(&waitlist, Some(&road.manager)).await;
    assert!(page.body.contains("Propose this offer") && page.body.contains("We hired by ourselves."), "{}", page.body);
    let refill = Uuid::from_u128(2).to_string();
    for _ in 0..2 {
        assert_eq!(road.decide(&road.manager, "refill", &[("id", &refill)]).await.status, 303, "the same form twice is one offer");
    }
    let fields = [("version", "1"), ("sure", "yes")];
    assert_eq!(road.app.post(&format!("/refills/{refill}/approve"), Some(&road.manager), &fields).await.status, 403);
    assert_eq!(
        road.app.post(&format!("/refills/{refill}/approve"), Some(&road.approver), &[("version", "9"), ("sure", "yes")]).await.status,
        409
    );
    assert_eq!(road.app.post(&format!("/refills/{refill}/approve"), Some(&road.approver), &fields).await.status, 303);
    assert_eq!(road.app.post(&format!("/refills/{refill}/approve"), Some(&road.approver), &fields).await.status, 303, "a double click");
    assert_eq!(road.outcomes().await, [(NotFunded, 0), (Funded, 2), (Funded, 2)]);
    assert_eq!(road.available().await, before);
    let units: i64 = road.awards().await.iter().map(|(_, units, _)| units).sum();
    let cents: i64 = road.awards().await.iter().map(|(.., cents)| cents).sum();
    assert_eq!((units, cents), (4, 4 * UNIT));
    let (third, its_people) = road.at_place(3).await;
    assert!(road.app.get(&format!("/apply/{third}/outcome"), Some(&its_people)).await.body.contains("Funded: 2 seats"));
    assert!(road.app.get(&waitlist, Some(&road.reviewer)).await.body.contains("Nobody waits."));
    let mut reader = road.app.desk.db.reader().await.unwrap();
    assert!(store::check::balances_that_differ(&mut reader.tx()).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_can_be_returned_and_a_part_can_lapse_by_the_manager_alone() {
    let road = Road::told(LETTERS).await;
    let (application, certifier) = road.at_place(2).await;
    let application = application.to_string();
    let fields = [("application", application.as_str()), ("reason", "No answer in thirty days.")];
    assert_eq!(road.decide(&certifier, "lapse", &fields).await.status, 403);
    assert_eq!(road.decide(&road.approver, "lapse", &fields).await.status, 403);
    assert_eq!(road.decide(&road.manager, "lapse", &[("application", ""), ("reason", "x")]).await.status, 422);
    assert_eq!(road.decide(&road.manager, "lapse", &fields).await.status, 303);
    assert!(road.app.mail().await.iter().any(|mail| mail.to_email == certifier.email && mail.body.contains("No answer in thirty days.")));
    let refill = Uuid::from_u128(3).to_string();
    assert_eq!(road.decide(&road.manager, "refill", &[("id", &refill)]).await.status, 303);
    let back = format!("/refills/{refill}/return");
    assert_eq!(road.app.post(&back, Some(&road.approver), &[("version", "1"), ("return_reason", "")]).await.status, 422);
    assert_eq!(road.app.post(&back, Some(&road.approver), &[("version", "1"), ("return_reason", "Wait for the audit.")]).await.status, 303);
    let page = road.app.get(&format!("/decide/{}/waitlist", road.round), Some(&road.manager)).await;
    assert!(page.body.contains("Wait for the audit.") && page.body.contains("Propose this offer"), "{}", page.body);
}
