//! A round that two appropriations pay for, over HTTP: each is committed for what it pays and no more, money goes back where it came from, and
//! an appeal can bring what another appropriation pays.

use crate::appeals::APPEALS;
use crate::commands;
use crate::decide::UNIT;
use crate::road::Road;
use ::app::review::work::Board;
use domain::Money;
use domain::allocation::{AllocationDocument, replay_allocation};
use domain::award::Outcome::{Funded, NotFunded, PartlyFunded, Waitlisted};
use uuid::Uuid;

const FEDERAL: i64 = 20_000_000;
const OWN: i64 = 30_000_000;

/// Two of the state's four seats are kept for appeals; the federal money is for the west, where Alcorn and Benton are.
const POTS: &str = r#"
method = "down_the_list"
misfit = "waitlist"

[[allocation.before]]
appropriation = "federal"
name = "The federal year"
amount = "AMOUNT"
only_regions = ["west"]
method = "down_the_list"
misfit = "MISFIT"
citation = "Test."

[[appropriations]]
key = "federal"
bill = "P.L. 1"
section = "2"
fund_source = "Federal fund"
fiscal_year = 2024
amount = "200,000.00"
begins_on = 2023-10-01
lapses_on = 2024-09-30
citation = "Test."
"#;

fn pots(amount: &str, misfit: &str) -> String {
    POTS.replace("AMOUNT", amount).replace("MISFIT", misfit) + APPEALS
}

impl Road {
    /// What is available of the federal appropriation and of the state's, and what the trial balance says.
    async fn left(&self) -> (i64, i64) {
        let mut reader = self.app.desk.db.reader().await.unwrap();
        let board = Board::load(&mut reader.tx(), self.round).await.unwrap();
        (board.available().before["federal"].in_cents(), board.available().own.in_cents())
    }

    /// The awards by number: who pays, and how much.
    async fn paid(&self) -> Vec<(String, bool, i64)> {
        let mut reader = self.app.desk.db.reader().await.unwrap();
        let mut tx = reader.tx();
        let own = Board::load(&mut tx, self.round).await.unwrap().of.round.appropriation;
        let awards = store::awards::list(&mut tx, self.round).await.unwrap();
        awards.into_iter().map(|award| (award.number, award.appropriation == own.0, award.amount_cents)).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_appropriation_pays_by_its_own_rule_and_has_back_what_is_declined() {
    let (road, id) = Road::proposed_with(&pots("129,729.72", "skip")).await;
    assert_eq!(road.left().await, (FEDERAL, OWN), "both are in the ledger since the round opened");
    let page = road.app.get(&format!("/decide/{}", road.round), Some(&road.manager)).await;
    assert!(page.body.contains("By appropriation") && page.body.contains("The federal year"), "{}", page.body);
    let list = road.app.get(&format!("/review/{}/ranking", road.round), Some(&road.manager)).await;
    assert!(list.status == 200 && !list.body.contains("the money reaches"), "no line is drawn through two pots: {}", list.body);
    let public = road.app.get("/programs/test/round-1", None).await;
    assert!(public.body.contains("First “The federal year”, at most $129,729.72, for Region One only: Money"), "{}", public.body);
    for list in ["/", "/programs/test"] {
        let list = road.app.get(list, None).await;
        assert!(list.body.contains("<strong>$500,000</strong>"), "all that pays for the round: {}", list.body);
    }
    let packet = road.app.get(&format!("/decide/{}/packet", road.round), Some(&road.manager)).await;
    assert!(packet.body.contains("By appropriation"), "{}", packet.body);

    assert_eq!(road.sign(&road.approver, id, 1).await.status, 303);
    assert_eq!(road.decide(&road.manager, "tell", &[]).await.status, 303);
    assert_eq!(road.outcomes().await, [(Funded, 2), (Funded, 2), (Waitlisted, 0)]);
    assert_eq!(road.left().await, (FEDERAL - 2 * UNIT, OWN - 2 * UNIT));
    let two = [("AW-2024-01".to_owned(), false, 2 * UNIT), ("AW-2024-02".to_owned(), true, 2 * UNIT)];
    assert_eq!(road.paid().await, two);
    let after = road.app.get(&format!("/review/{}/ranking", road.round), Some(&road.manager)).await;
    let within = after.body.matches("data-label=\"Within the money\" class=\"num\">2<").count();
    assert!(after.status == 200 && within == 2, "as it was laid out, not as the ledger is now: {}", after.body);
    let bench = road.app.get(&format!("/bench/{}", road.round), Some(&road.manager)).await;
    assert_eq!(bench.status, 200, "{}", bench.body);

    // There is no line, but where each award turns is told, and by what.
    let none = "No change of a single figure, score or weight that was tried would have brought it there.";
    let some = "Any one of these, everything else as it was, would have brought it there:";
    for (place, turn, what) in [(1, "0 seats instead of 2 from place 3 down", none), (3, "2 seats instead of 0 from place 2 up", some)] {
        let (application, certifier) = road.at_place(place).await;
        let why = road.app.get(&format!("/apply/{application}/why"), Some(&certifier)).await;
        assert!(why.body.contains("The smallest change that would have altered the award"), "{}", why.body);
        assert!(why.body.contains(turn) && why.body.contains(what), "{place}: {}", why.body);
    }

    // Who the federal money pays declines: it is offered from there, to the west alone.
    let (application, certifier) = road.at_place(1).await;
    let fields = [("reason", "We hired by ourselves."), ("sure", "yes")];
    assert_eq!(road.app.post(&format!("/apply/{application}/decline"), Some(&certifier), &fields).await.status, 303);
    assert_eq!(road.left().await, (FEDERAL, OWN - 2 * UNIT));
    let refill = Uuid::from_u128(2).to_string();
    assert_eq!(road.decide(&road.manager, "refill", &[("id", &refill)]).await.status, 303);
    let offer = road.app.get(&format!("/refills/{refill}/allocation.json"), Some(&road.manager)).await;
    assert!(replay_allocation(offer.body.as_bytes()).unwrap().same);
    let fields = [("version", "1"), ("sure", "yes")];
    assert_eq!(road.app.post(&format!("/refills/{refill}/approve"), Some(&road.approver), &fields).await.status, 303);
    assert_eq!(road.outcomes().await, [(NotFunded, 0), (Funded, 2), (Funded, 2)]);
    assert_eq!(road.left().await, (FEDERAL - 2 * UNIT, OWN - 2 * UNIT));
    assert_eq!(road.paid().await, two);

    assert_eq!(road.decide(&road.manager, "publish", &[]).await.status, 303);
    let money = road.app.get("/programs/test/round-1/money/appropriated", None).await;
    assert!(money.status == 200 && money.body.contains("P.L. 1") && money.body.contains("$500,000"), "{}", money.body);
    let left = road.app.get("/programs/test/round-1/money/left", None).await;
    assert!(left.status == 200 && left.body.contains("$500,000"), "{}", left.body);

    // Whoever has the file and the command is told the same.
    let decision = road.app.get("/programs/test/round-1/decision.json", None).await.body;
    let folder = temp_dir::TempDir::new().unwrap();
    commands::file(folder.path(), "decision.json", &decision);
    let decision: serde_json::Value = serde_json::from_str(&decision).unwrap();
    let number = decision["ranking"]["result"]["places"][2]["number"].as_str().unwrap();
    let (code, said, _) = commands::run(folder.path(), &["explain", "decision.json", "--id", number]);
    assert!(
        code == 0 && said.contains("it would have got 2 instead of 0 from place 2 up.\n  Any one of these would have brought it there"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_can_bring_what_another_appropriation_pays() {
    let (road, id) = Road::proposed_with(&pots("64,864.86", "partial")).await;
    let document: AllocationDocument = {
        let mut reader = road.app.desk.db.reader().await.unwrap();
        let text = store::allocations::find(&mut reader.tx(), id).await.unwrap().unwrap().document;
        assert!(replay_allocation(text.as_bytes()).unwrap().same);
        serde_json::from_str(&text).unwrap()
    };
    assert_eq!(document.pot, Money::cents(UNIT + OWN - 2 * UNIT), "the reserve is the state's");
    assert_eq!(road.sign(&road.approver, id, 1).await.status, 303);
    assert_eq!(road.decide(&road.manager, "tell", &[]).await.status, 303);
    assert_eq!(road.outcomes().await, [(PartlyFunded, 1), (Funded, 2), (Waitlisted, 0)], "one pot pays an application");

    let (application, certifier) = road.at_place(1).await;
    let appeal = Uuid::from_u128(5).to_string();
    let typed = [("id", appeal.as_str()), ("ground", "figure"), ("statement", "We asked for two.")];
    assert_eq!(road.app.post(&format!("/apply/{application}/appeal"), Some(&certifier), &typed).await.status, 303);
    let umpire = road.app.sign_in_as(domain::access::Role::Approver, road.app.agency).await;
    let upheld = [("version", "1"), ("ruling", "upheld"), ("reason", "So it is.")];
    assert_eq!(road.app.post(&format!("/appeals/{appeal}/rule"), Some(&umpire), &upheld).await.status, 303);
    let refill = {
        let mut reader = road.app.desk.db.reader().await.unwrap();
        store::refills::list_of(&mut reader.tx(), road.round).await.unwrap().remove(0)
    };
    let fields = [("version", "1"), ("sure", "yes")];
    assert_eq!(road.app.post(&format!("/refills/{}/approve", refill.id), Some(&road.approver), &fields).await.status, 303);
    assert_eq!(road.outcomes().await[0], (Funded, 2));
    assert_eq!(road.left().await, (FEDERAL - UNIT, OWN - 3 * UNIT));
    let letter = road.app.get(&format!("/apply/{application}/letter"), Some(&certifier)).await;
    assert!(letter.body.contains("AW-2024-01 and AW-2024-03") && letter.body.contains("$129,729.72"), "{}", letter.body);

    // Declined whole, each part goes back where it came from.
    let fields = [("reason", "We hired by ourselves."), ("sure", "yes")];
    assert_eq!(road.app.post(&format!("/apply/{application}/decline"), Some(&certifier), &fields).await.status, 303);
    assert_eq!(road.left().await, (FEDERAL, OWN - 2 * UNIT));
    assert_eq!(road.outcomes().await[0], (NotFunded, 0));
}

/// A second year of which the law pays for two seats and a part of a third.
const YEARS: &str = r#"
method = "down_the_list"
misfit = "waitlist"

[award.years]
count = 2
citation = "Test."

[[appropriations]]
key = "fy2025"
bill = "SB 2"
section = "3"
fund_source = "General Fund"
fiscal_year = 2025
amount = "150,000.00"
begins_on = 2024-07-01
lapses_on = 2025-06-30
citation = "Test."
"#;

#[tokio::test(flavor = "multi_thread")]
async fn an_award_goes_on_as_far_as_the_next_years_money_goes() {
    let (road, id) = Road::proposed_with(YEARS).await;
    let public = road.app.get("/programs/test/round-1", None).await;
    assert!(public.body.contains("An award runs for 2 fiscal years."), "{}", public.body);
    let waitlist = format!("/decide/{}/waitlist", road.round);
    let appropriation = {
        let mut reader = road.app.desk.db.reader().await.unwrap();
        let mut tx = reader.tx();
        let program = Board::load(&mut tx, road.round).await.unwrap().of.program.id;
        let all = store::programs::appropriations_of(&mut tx, program).await.unwrap();
        all.into_iter().find(|money| money.fiscal_year == 2025).unwrap().id
    };
    let of = appropriation.to_string();
    let propose = async |n: u128, who| {
        let id = Uuid::from_u128(n).to_string();
        road.decide(who, "later", &[("id", &id), ("appropriation", &of)]).await.status
    };
    assert_eq!(propose(1, &road.manager).await, 409, "nothing is approved yet");
    assert_eq!(road.sign(&road.approver, id, 1).await.status, 303);
    assert_eq!(propose(1, &road.manager).await, 409, "nobody is told yet");
    assert_eq!(road.decide(&road.manager, "tell", &[]).await.status, 303);
    let page = road.app.get(&waitlist, Some(&road.manager)).await;
    assert!(page.body.contains("Propose fiscal year 2025 from $150,000 (SB 2, General Fund)"), "{}", page.body);
    assert_eq!(propose(1, &road.reviewer).await, 403);
    let nothing = [("id", "00000000-0000-0000-0000-000000000009"), ("appropriation", "00000000-0000-0000-0000-000000000009")];
    assert_eq!(road.decide(&road.manager, "later", &nothing).await.status, 404);
    assert_eq!((propose(1, &road.manager).await, propose(1, &road.manager).await), (303, 303), "a double click");
    assert_eq!(propose(2, &road.manager).await, 409, "it is proposed already");
    let refill = Uuid::from_u128(1);
    let offer = road.app.get(&format!("/refills/{refill}/allocation.json"), Some(&road.manager)).await;
    assert!(replay_allocation(offer.body.as_bytes()).unwrap().same);
    let page = road.app.get(&waitlist, Some(&road.approver)).await;
    assert!(page.body.contains("For a later fiscal year") && page.body.contains("$129,729.72"), "{}", page.body);
    let fields = [("version", "1"), ("sure", "yes")];
    assert_eq!(road.app.post(&format!("/refills/{refill}/approve"), Some(&road.manager), &fields).await.status, 403);
    for _ in 0..2 {
        assert_eq!(road.app.post(&format!("/refills/{refill}/approve"), Some(&road.approver), &fields).await.status, 303);
    }
    let later = async || {
        let mut reader = road.app.desk.db.reader().await.unwrap();
        store::ledger::available_of(&mut reader.tx(), appropriation).await.unwrap().in_cents()
    };
    assert_eq!(later().await, 15_000_000 - 2 * UNIT);
    assert_eq!(road.outcomes().await, [(Funded, 2), (Funded, 2), (Waitlisted, 0)], "the round's decision stands");
    let awards = road.paid().await;
    let third = awards.iter().find(|(number, ..)| number.ends_with("-FY2025")).unwrap();
    assert_eq!((awards.len(), third.1, third.2), (3, false, 2 * UNIT));
    assert_eq!(propose(2, &road.manager).await, 409);

    let (application, certifier) = road.at_place(1).await;
    let letter = road.app.get(&format!("/apply/{application}/letter"), Some(&certifier)).await;
    assert!(letter.body.contains("$129,729.72") && !letter.body.contains("FY2025"), "the letter speaks of the round: {}", letter.body);
    assert_eq!(road.decide(&road.manager, "publish", &[]).await.status, 303);
    let money = road.app.get("/programs/test/round-1/money/appropriated", None).await;
    assert!(money.body.contains("2025, for awards that go on") && money.body.contains("$429,729.72"), "{}", money.body);
    let results = road.app.get("/programs/test/round-1/results", None).await;
    assert!(results.body.contains("Later fiscal years") && results.body.contains(">4</a></strong>seats awarded"), "{}", results.body);
    for what in ["awarded", "left"] {
        assert_eq!(road.app.get(&format!("/programs/test/round-1/money/{what}"), None).await.status, 200);
    }
    let fields = [("reason", "We hired by ourselves."), ("sure", "yes")];
    assert_eq!(road.app.post(&format!("/apply/{application}/decline"), Some(&certifier), &fields).await.status, 303);
    assert_eq!(later().await, 15_000_000, "the later year's part ends with the award");
}
