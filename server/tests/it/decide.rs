//! What follows a proposal, over HTTP: approval in steps, release at a second to come, letters, parts declined, the waiting list, appeals; and
//! what is refused on the way.

use crate::app::{Answer, Visitor};
use crate::review::Road;
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

pub const APPEALS: &str = r#"
[appeals]
days = 5
reserve = "129,729.72"
citation = "Test."
grounds = [{ key = "figure", name = "A figure is wrong", citation = "Test." }]
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

    async fn available(&self) -> Money {
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
    async fn told(more: &str) -> Self {
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

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_is_ruled_by_somebody_else_and_paid_from_what_was_set_aside() {
    let road = Road::told(APPEALS).await;
    assert_eq!(road.outcomes().await, [(Funded, 2), (NotFunded, 0), (NotFunded, 0)]);
    let (first, funded) = road.at_place(1).await;
    let (second, certifier) = road.at_place(2).await;
    let id = Uuid::from_u128(5).to_string();
    let typed = [("id", id.as_str()), ("ground", "figure"), ("statement", "Our enrollment is 400, as the census says.")];
    let own = road.app.post(&format!("/apply/{first}/appeal"), Some(&funded), &typed).await;
    assert!(own.status == 409 && own.body.contains("funded whole"), "{}", own.body);
    let address = format!("/apply/{second}/appeal");
    let bare = road.app.post(&address, Some(&certifier), &[("id", &id), ("ground", "none"), ("statement", "A typed word stays.")]).await;
    assert!(bare.status == 422 && bare.body.contains("Choose the ground") && bare.body.contains("A typed word stays."), "{}", bare.body);
    assert_eq!(road.app.post(&address, Some(&funded), &typed).await.status, 404, "somebody else's");
    for _ in 0..2 {
        assert_eq!(road.app.post(&address, Some(&certifier), &typed).await.status, 303);
    }
    let page = road.app.get(&address, Some(&certifier)).await;
    assert!(page.body.contains("-A1") && page.body.contains("Our enrollment is 400"), "{}", page.body);
    let kept = road.app.get(&format!("{address}/record.json"), Some(&certifier)).await;
    assert!(kept.status == 200 && page.body.contains(&domain::canonical::sha256_hex(kept.body.as_bytes())), "{}", kept.body);
    assert_eq!(road.app.get(&format!("{address}/record.json"), Some(&funded)).await.status, 404, "somebody else's");
    assert!(road.app.mail().await.iter().any(|mail| mail.to_email == certifier.email && mail.subject.contains("received")));

    let ruling = format!("/appeals/{id}/rule");
    let upheld = [("version", "1"), ("ruling", "upheld"), ("reason", "The figure was the wrong district’s.")];
    for who in [&road.manager, &road.approver] {
        let refused = road.app.post(&ruling, Some(who), &upheld).await;
        assert!(refused.status == 403, "{}", refused.status);
    }
    let umpire = road.app.sign_in_as(Role::Approver, road.app.agency).await;
    assert_eq!(road.app.post(&ruling, Some(&umpire), &[("version", "1"), ("reason", "Typed.")]).await.status, 422);
    assert_eq!(road.app.post(&ruling, Some(&umpire), &upheld).await.status, 303);
    assert_eq!(road.app.post(&ruling, Some(&umpire), &[("version", "2"), ("ruling", "dismissed"), ("reason", "No.")]).await.status, 409);
    assert_eq!(road.outcomes().await[1], (NotFunded, 0), "the ruling itself awards nothing");
    let record = road.app.get(&format!("/appeals/{id}/record.json"), Some(&road.manager)).await;
    let sha256 = domain::canonical::sha256_hex(record.body.as_bytes());
    assert!(page.body.contains(&sha256), "the receipt has the record's fingerprint");

    let refill = {
        let mut reader = road.app.desk.db.reader().await.unwrap();
        store::refills::list_of(&mut reader.tx(), road.round).await.unwrap().remove(0)
    };
    let approve = format!("/refills/{}/approve", refill.id);
    let fields = [("version", "1"), ("sure", "yes")];
    assert_eq!(road.app.post(&approve, Some(&umpire), &fields).await.status, 403, "who ruled proposed it");
    assert_eq!(road.app.post(&approve, Some(&road.approver), &fields).await.status, 303);
    assert_eq!(road.outcomes().await[1], (Funded, 2));
    assert_eq!(road.available().await, Money::cents(30_000_000 - 4 * UNIT));

    // The reserve is used up: the next one upheld waits in its place.
    let (third, its_people) = road.at_place(3).await;
    let id = Uuid::from_u128(6).to_string();
    let typed = [("id", id.as_str()), ("ground", "figure"), ("statement", "So is ours.")];
    assert_eq!(road.app.post(&format!("/apply/{third}/appeal"), Some(&its_people), &typed).await.status, 303);
    assert_eq!(road.app.post(&format!("/appeals/{id}/rule"), Some(&umpire), &upheld).await.status, 303);
    assert_eq!(road.outcomes().await[2], (Waitlisted, 0));
}

/// Letters are 0 on record and coaches alike: six letters lift the second above the first, and the third not above them.
#[tokio::test(flavor = "multi_thread")]
async fn an_upheld_appeal_brings_what_the_rules_make_of_the_right_numbers() {
    let road = Road::told(APPEALS).await;
    let umpire = road.app.sign_in_as(Role::Approver, road.app.agency).await;
    let mut appealed = Vec::new();
    for place in [2, 3] {
        let (application, certifier) = road.at_place(place).await;
        let id = Uuid::from_u128(5 + u128::try_from(place).unwrap());
        let text = id.to_string();
        let typed = [("id", text.as_str()), ("ground", "figure"), ("statement", "Six letters were sent.")];
        assert_eq!(road.app.post(&format!("/apply/{application}/appeal"), Some(&certifier), &typed).await.status, 303);
        appealed.push((format!("/appeals/{id}"), application, certifier));
    }
    let form = road.app.get(&appealed[1].0, Some(&umpire)).await;
    assert!(form.body.contains("right_letters") && form.body.contains("Now 1: "), "the form shows what stands: {}", form.body);
    let rule = async |at: usize, ruling: &str, numbers: &[(&str, &str)]| {
        let fields: Vec<_> = [("version", "1"), ("ruling", ruling), ("reason", "So it is.")].iter().chain(numbers).copied().collect();
        road.app.post(&format!("{}/rule", appealed[at].0), Some(&umpire), &fields).await
    };
    for (ruling, numbers, say) in [
        ("upheld", ("right_letters", "six"), "Enter a number"),
        ("upheld", ("right_letters", "1.5"), "a count is a whole number"),
        ("dismissed", ("right_letters", "6"), "Empty this field, or uphold"),
    ] {
        let refused = rule(0, ruling, &[numbers]).await;
        assert!(refused.status == 422 && refused.body.contains(say) && refused.body.contains(numbers.1), "{}", refused.body);
    }
    assert_eq!(rule(0, "upheld", &[("right_shoe_size", "6")]).await.status, 404);
    for at in [0, 1] {
        assert_eq!(rule(at, "upheld", &[("right_letters", "6")]).await.status, 303);
        assert_eq!(rule(at, "upheld", &[("right_letters", "6")]).await.status, 303, "a double click rules once");
    }
    let refills = {
        let mut reader = road.app.desk.db.reader().await.unwrap();
        store::refills::list_of(&mut reader.tx(), road.round).await.unwrap()
    };
    assert_eq!(refills.iter().map(|refill| refill.granted_cents).collect::<Vec<_>>(), [2 * UNIT], "for the second alone");
    assert_eq!(road.outcomes().await, [(Funded, 2), (NotFunded, 0), (NotFunded, 0)], "nobody loses, and the third does not wait");
    for (at, say) in
        [(0, "place 1 instead of 2, where the same money brings 2 seats"), (1, "place 3 instead of 3, where the same money brings no more")]
    {
        let (address, application, certifier) = &appealed[at];
        for page in
            [road.app.get(address, Some(&road.manager)).await, road.app.get(&format!("/apply/{application}/appeal"), Some(certifier)).await]
        {
            assert!(page.body.contains(say) && page.body.contains("6 instead of 0"), "{}", page.body);
        }
        let ranking = road.app.get(&format!("{address}/ranking.json"), Some(&road.manager)).await;
        assert!(domain::ranking::replay(ranking.body.as_bytes()).unwrap().same);
        let allocation = road.app.get(&format!("{address}/allocation.json"), Some(&road.manager)).await;
        assert!(domain::allocation::replay_allocation(allocation.body.as_bytes()).unwrap().same);
    }
    let offer = road.app.get(&format!("/refills/{}/allocation.json", refills[0].id), Some(&road.manager)).await;
    assert!(offer.status == 200 && domain::allocation::replay_allocation(offer.body.as_bytes()).unwrap().same);
}

const CAPACITY: &str = r#"
method = "optimal"
objective = "points"

[allocation.each_organization]
cap = "129,729.72"
citation = "Test."
"#;

/// Two seats are all that an organization carries out: the reserve pays for an appeal where there is room, and not beyond it.
#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_is_paid_for_as_far_as_the_rounds_limits_leave_room() {
    let road = Road::told(&format!("{CAPACITY}{APPEALS}")).await;
    assert_eq!(road.outcomes().await, [(Funded, 2), (NotFunded, 0), (NotFunded, 0)]);
    let regions: Vec<String> = {
        let mut reader = road.app.desk.db.reader().await.unwrap();
        let text = store::allocations::list_of(&mut reader.tx(), road.round).await.unwrap().remove(0).document;
        let document: domain::allocation::AllocationDocument = serde_json::from_str(&text).unwrap();
        document.claims.into_iter().map(|claim| claim.region).collect()
    };
    let beside = 1 + regions.iter().skip(1).position(|region| *region == regions[0]).unwrap();
    let umpire = road.app.sign_in_as(Role::Approver, road.app.agency).await;
    for at in [beside, 3 - beside] {
        let (application, certifier) = road.at_place(i64::try_from(at).unwrap() + 1).await;
        let id = Uuid::from_u128(5 + u128::try_from(at).unwrap()).to_string();
        let typed = [("id", id.as_str()), ("ground", "figure"), ("statement", "Our enrollment is 400.")];
        assert_eq!(road.app.post(&format!("/apply/{application}/appeal"), Some(&certifier), &typed).await.status, 303);
        let upheld = [("version", "1"), ("ruling", "upheld"), ("reason", "So it is.")];
        assert_eq!(road.app.post(&format!("/appeals/{id}/rule"), Some(&umpire), &upheld).await.status, 303);
    }
    assert_eq!(road.outcomes().await[beside], (Waitlisted, 0), "its organization has all that it carries out");
    let mut reader = road.app.desk.db.reader().await.unwrap();
    let refills = store::refills::list_of(&mut reader.tx(), road.round).await.unwrap();
    drop(reader);
    assert_eq!(refills.iter().map(|refill| refill.granted_cents).collect::<Vec<_>>(), [2 * UNIT], "the other has room");
    let page = road.app.get(&format!("/decide/{}/waitlist", road.round), Some(&road.manager)).await;
    assert!(page.body.contains("the room that caps and limits leave"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn appeals_end_with_the_last_day_and_can_be_taken_back() {
    let road = Road::told(APPEALS).await;
    let (second, certifier) = road.at_place(2).await;
    let (third, other) = road.at_place(3).await;
    let id = Uuid::from_u128(7).to_string();
    let typed = [("id", id.as_str()), ("ground", "figure"), ("statement", "Ours is wrong.")];
    let address = format!("/apply/{second}/appeal");
    assert_eq!(road.app.post(&address, Some(&certifier), &typed).await.status, 303);
    assert_eq!(road.app.post(&format!("{address}/withdraw"), Some(&certifier), &[]).await.status, 422);
    assert_eq!(road.app.post(&format!("{address}/withdraw"), Some(&certifier), &[("sure", "yes")]).await.status, 303);
    assert!(road.app.get(&address, Some(&certifier)).await.body.contains("Withdrawn"));
    // Told at noon on the 7th: the fifth day is the 12th, to its last minute.
    let late = Uuid::from_u128(8).to_string();
    let typed = [("id", late.as_str()), ("ground", "figure"), ("statement", "So is ours.")];
    road.pass(5 * 86_400 + 12 * 3_600).await;
    let closed = road.app.post(&format!("/apply/{third}/appeal"), Some(&other), &typed).await;
    assert!(closed.status == 409 && closed.body.contains("until April 12, 2024, 11:59 p.m. CDT"), "{}", closed.body);
    let list = road.app.get(&format!("/decide/{}/appeals", road.round), Some(&road.reviewer)).await;
    assert!(list.body.contains("Withdrawn") && list.body.contains("$129,729.72 are set aside"), "{}", list.body);
    // What the applicant's people did with it is read by the agency's auditor, and by nobody of another agency.
    let auditor = road.app.sign_in_as(Role::Auditor, road.app.agency).await;
    let history = road.app.get(&format!("/audit/appeal/{id}"), Some(&auditor)).await;
    assert!(history.status == 200 && history.body.contains("withdrew"), "{}", history.body);
    assert!(road.app.get("/audit?noun=appeal", Some(&auditor)).await.body.contains(&format!("/audit/appeal/{id}")));
    let elsewhere = road.app.sign_in_as(Role::Auditor, road.app.other_agency).await;
    assert!(!road.app.get("/audit?noun=appeal", Some(&elsewhere)).await.body.contains(&id));
    assert_eq!(road.app.get(&format!("/audit/appeal/{id}"), Some(&elsewhere)).await.status, 404);
}
