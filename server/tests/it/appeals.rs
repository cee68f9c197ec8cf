//! Appeals, over HTTP: ruled by others than who decided, ranked and laid out again with the numbers put right, paid from what was set aside,
//! and over when their days are.

use crate::decide::UNIT;
use crate::road::Road;
use domain::Money;
use domain::access::Role;
use domain::award::Outcome::{Funded, NotFunded, Waitlisted};
use uuid::Uuid;

pub const APPEALS: &str = r#"
[appeals]
days = 5
reserve = "129,729.72"
citation = "Test."
grounds = [{ key = "figure", name = "A figure is wrong", citation = "Test." }]
"#;

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
