use super::*;
use crate::allocation::{Bound, Method, Misfit, Objective};
use proptest::prelude::*;

fn claim(place: u32, region: &str, units_requested: i64) -> Claim {
    let (id, number, region) = (format!("id{place}"), format!("A-{place}"), region.to_owned());
    Claim { id, number, place, region, units_requested, unit_cost: None, least: None, last: None, named: None }
}

fn pot(key: &str, cents: i64, regions: &[&str], rule: AllocationRule) -> Pot {
    let regions = regions.iter().map(|region| (*region).to_owned()).collect();
    Pot { appropriation: key.to_owned(), name: format!("The {key} money"), amount: Some(Money::cents(cents)), regions, rule }
}

fn down(misfit: Misfit) -> AllocationRule {
    AllocationRule::down_the_list(misfit, "test")
}

/// Units and who pays, in the order of the places.
fn paid(laid: &Allocation) -> Vec<(i64, Option<&str>)> {
    laid.steps.iter().map(|step| (step.units_granted, step.pot.as_deref())).collect()
}

/// Units of $1. The federal pot has $3, for the west alone, and passes over what does not fit: of 2, 2 and 1 it pays the first and the third.
/// The state's $4 go down what is left and end at what does not fit: 2 (place 1), 2 (place 3), and place 5 waits.
#[test]
fn each_pot_goes_by_its_own_rule_over_whom_none_before_it_pays() {
    let rule = AllocationRule { before: vec![pot("federal", 300, &["west"], down(Misfit::Skip))], ..down(Misfit::Waitlist) };
    let claims = [claim(1, "east", 2), claim(2, "west", 2), claim(3, "west", 2), claim(4, "west", 1), claim(5, "east", 1)];
    let laid = lay(&rule, Money::cents(100), Money::cents(700), &claims, &Points::new()).unwrap();
    let federal = Some("federal");
    assert_eq!(paid(&laid), [(2, None), (2, federal), (2, None), (1, federal), (0, None)]);
    assert_eq!((laid.units, laid.granted, laid.rest), (7, Money::cents(700), Money::ZERO));
    assert_eq!(laid.steps[4].outcome, Outcome::Waitlisted);
    let told = "The federal money: The request of $2 is more than the $1 that was left. By the rule, it is passed over and smaller \
                requests below may still fit. The round’s own appropriation: ";
    assert!(laid.steps[2].reason.starts_with(told), "{}", laid.steps[2].reason);
    let totals: Vec<_> =
        laid.pots.iter().map(|total| (total.pot.as_deref(), total.amount, total.funded, total.units, total.granted)).collect();
    let dollars = |dollars: i64| Money::cents(dollars * 100);
    assert_eq!(totals, [(federal, dollars(3), 2, 3, dollars(3)), (None, dollars(4), 2, 4, dollars(4))]);
    assert!(!rule.has_line());
}

/// What one pot does not use is not another's: it is another appropriation's money.
#[test]
fn the_rest_of_a_pot_is_not_poured_into_the_next() {
    let rule = AllocationRule { before: vec![pot("federal", 500, &["west"], down(Misfit::Stop))], ..down(Misfit::Stop) };
    let claims = [claim(1, "west", 2), claim(2, "east", 4)];
    let laid = lay(&rule, Money::cents(100), Money::cents(800), &claims, &Points::new()).unwrap();
    assert_eq!(paid(&laid), [(2, Some("federal")), (0, None)]);
    assert_eq!(laid.rest, Money::cents(600));
}

/// With less money than the pots hold, the first in the order has it.
#[test]
fn pots_are_filled_in_their_order() {
    let before = vec![pot("first", 200, &[], down(Misfit::Stop)), pot("second", 200, &[], down(Misfit::Partial))];
    let rule = AllocationRule { before, ..down(Misfit::Stop) };
    let claims = [claim(1, "west", 2), claim(2, "west", 2), claim(3, "west", 2)];
    let at = |cents| paid_owned(&lay(&rule, Money::cents(100), Money::cents(cents), &claims, &Points::new()).unwrap());
    assert_eq!(at(300), [(2, Some("first".to_owned())), (1, Some("second".to_owned())), (0, None)]);
    assert_eq!(at(600), [(2, Some("first".to_owned())), (2, Some("second".to_owned())), (2, None)]);
}

fn paid_owned(laid: &Allocation) -> Vec<(i64, Option<String>)> {
    paid(laid).into_iter().map(|(units, pot)| (units, pot.map(str::to_owned))).collect()
}

#[test]
fn a_pot_that_cannot_be_laid_out_is_named() {
    let floor = Bound { region: "west".to_owned(), floor: Money::cents(900), cap: None, citation: "s. 1".to_owned(), synthetic: true };
    let best = AllocationRule {
        method: Method::Optimal,
        misfit: None,
        objective: Some(Objective::Points),
        bounds: vec![floor],
        ..down(Misfit::Stop)
    };
    let rule = AllocationRule { before: vec![pot("federal", 300, &[], best)], ..down(Misfit::Stop) };
    let points = [("id1".to_owned(), Exact::whole(50))].into();
    let refused = lay(&rule, Money::cents(100), Money::cents(700), &[claim(1, "west", 2)], &points).unwrap_err();
    assert!(refused[0].to_string().starts_with("The federal money: "), "{refused:?}");
    let unknown = AllocationRule { before: vec![Pot { amount: None, ..pot("federal", 1, &[], down(Misfit::Stop)) }], ..down(Misfit::Stop) };
    let refused = lay(&unknown, Money::cents(100), Money::cents(700), &[claim(1, "west", 2)], &points).unwrap_err();
    assert_eq!(refused[0].to_string(), "What is in the pot “The federal money” is not known.");
}

/// What there is of each, at most what the file says.
#[test]
fn a_pot_holds_what_is_there() {
    let rule = AllocationRule {
        before: vec![pot("federal", 300, &[], down(Misfit::Stop)), pot("gift", 100, &[], down(Misfit::Stop))],
        ..down(Misfit::Stop)
    };
    let there = [("federal".to_owned(), Money::cents(250))].into();
    let held: Vec<_> = rule.holding(&there).before.iter().map(|pot| pot.amount).collect();
    assert_eq!(held, [Some(Money::cents(250)), Some(Money::ZERO)]);
    assert_eq!(rule.holding(&there).held_before().unwrap(), Money::cents(250));
}

fn misfit() -> impl Strategy<Value = Misfit> {
    prop_oneof![Just(Misfit::Stop), Just(Misfit::Skip), Just(Misfit::Partial), Just(Misfit::Waitlist)]
}

proptest! {
    /// No pot pays more than it holds or whom it may not, nobody gets more than was asked for or from two pots, and what is granted and what is
    /// left sum to the whole; the order of the rows changes nothing.
    #[test]
    fn no_pot_pays_more_than_it_holds(
        units in proptest::collection::vec((1_i64..6, 0_usize..3), 1..12),
        holds in proptest::collection::vec((0_i64..1_500, misfit(), proptest::option::of(0_usize..3)), 1..4),
        last in misfit(),
        money in 0_i64..4_000,
    ) {
        let regions = ["east", "north", "west"];
        let claims: Vec<Claim> = (1_u32..).zip(&units).map(|(place, (units, region))| claim(place, regions[*region], *units)).collect();
        let before: Vec<Pot> = holds.iter().enumerate().map(|(at, (cents, misfit, only))| {
            let only: Vec<&str> = only.iter().map(|region| regions[*region]).collect();
            pot(&format!("pot{at}"), *cents, &only, down(*misfit))
        }).collect();
        let rule = AllocationRule { before: before.clone(), ..down(last) };
        let laid = lay(&rule, Money::cents(100), Money::cents(money), &claims, &Points::new()).unwrap();
        prop_assert_eq!(laid.granted.plus(laid.rest).unwrap(), Money::cents(money));
        prop_assert_eq!(laid.steps.len(), claims.len());
        let sum = |pot: Option<&str>| Money::sum(laid.steps.iter().filter(|step| step.pot.as_deref() == pot).map(|step| step.granted)).unwrap();
        for total in &laid.pots {
            prop_assert_eq!(sum(total.pot.as_deref()), total.granted);
            prop_assert!(total.granted <= total.amount);
        }
        prop_assert_eq!(Money::sum(laid.pots.iter().map(|total| total.amount)).unwrap(), Money::cents(money));
        for step in &laid.steps {
            prop_assert!(step.units_granted <= step.units_requested);
            if let Some(paying) = step.pot.as_ref().and_then(|key| before.iter().find(|pot| pot.appropriation == *key)) {
                prop_assert!(paying.regions.is_empty() || paying.regions.contains(&step.region));
            }
        }
        let mut backwards = claims;
        backwards.reverse();
        prop_assert_eq!(lay(&rule, Money::cents(100), Money::cents(money), &backwards, &Points::new()).unwrap(), laid);
    }
}
