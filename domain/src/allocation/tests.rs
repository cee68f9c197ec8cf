mod optimal;

use super::*;
use crate::program::ProgramFile;
use proptest::prelude::*;

const UNIT: Money = Money::cents(6_486_486);

fn rule(misfit: Misfit) -> AllocationRule {
    AllocationRule::down_the_list(misfit, "test")
}

fn claim(place: u32, region: &str, units: i64) -> Claim {
    let (id, number) = (format!("id-{place}"), format!("N-{place}"));
    Claim { id, number, place, region: region.to_owned(), units_requested: units, unit_cost: None, least: None, last: None, named: None }
}

/// Five districts ask for 2, 3, 4, 1 and 2 seats.
fn five() -> Vec<Claim> {
    vec![claim(1, "delta", 2), claim(2, "jones", 3), claim(3, "delta", 4), claim(4, "jones", 1), claim(5, "simpson", 2)]
}

/// $500,000 at $64,864.86 a seat. By hand: place 1 takes 2 seats, $129,729.72, leaving $370,270.28; place 2 takes 3, $194,594.58, leaving
/// $175,675.70; place 3 asks for 4, $259,459.44, which does not fit: two seats, $129,729.72, would.
const POT: Money = Money::cents(50_000_000);

fn outcomes(misfit: Misfit) -> (Vec<(Outcome, i64)>, i64, Option<u32>) {
    let allocation = allocate(&rule(misfit), UNIT, POT, &five()).unwrap();
    (allocation.steps.iter().map(|step| (step.outcome, step.units_granted)).collect(), allocation.rest.in_cents(), allocation.line)
}

#[test]
fn stop_ends_at_the_first_request_that_does_not_fit() {
    use Outcome::{Funded, NotFunded};
    assert_eq!(
        outcomes(Misfit::Stop),
        (vec![(Funded, 2), (Funded, 3), (NotFunded, 0), (NotFunded, 0), (NotFunded, 0)], 17_567_570, Some(2))
    );
}

/// By hand, going on from $175,675.70: place 4 takes 1, leaving $110,810.84; place 5 asks for 2, $129,729.72, which does not fit.
#[test]
fn skip_funds_a_smaller_request_further_down() {
    use Outcome::{Funded, NotFunded};
    assert_eq!(outcomes(Misfit::Skip), (vec![(Funded, 2), (Funded, 3), (NotFunded, 0), (Funded, 1), (NotFunded, 0)], 11_081_084, Some(4)));
}

/// By hand: place 3 gets two of four seats, $129,729.72, leaving $45,945.98, less than a seat.
#[test]
fn partial_grants_the_whole_units_that_fit() {
    use Outcome::{Funded, NotFunded, Partial};
    assert_eq!(
        outcomes(Misfit::Partial),
        (vec![(Funded, 2), (Funded, 3), (Partial, 2), (NotFunded, 0), (NotFunded, 0)], 4_594_598, Some(3))
    );
}

#[test]
fn waitlist_keeps_the_rest_in_order() {
    use Outcome::{Funded, Waitlisted};
    assert_eq!(
        outcomes(Misfit::Waitlist),
        (vec![(Funded, 2), (Funded, 3), (Waitlisted, 0), (Waitlisted, 0), (Waitlisted, 0)], 17_567_570, Some(2))
    );
}

#[test]
fn partial_with_no_whole_unit_left_grants_nothing() {
    let allocation = allocate(&rule(Misfit::Partial), Money::cents(100), Money::cents(199), &[claim(1, "a", 1), claim(2, "a", 1)]).unwrap();
    assert_eq!(allocation.steps[1].outcome, Outcome::NotFunded);
    assert!(allocation.steps[1].reason.ends_with("Not even one whole unit fits."), "{}", allocation.steps[1].reason);
}

#[test]
fn a_request_that_takes_the_last_cent_is_funded() {
    let allocation = allocate(&rule(Misfit::Stop), Money::cents(100), Money::cents(300), &[claim(1, "a", 3)]).unwrap();
    assert_eq!((allocation.steps[0].outcome, allocation.rest), (Outcome::Funded, Money::ZERO));
}

#[test]
fn the_reasons_name_the_money() {
    let allocation = allocate(&rule(Misfit::Partial), UNIT, POT, &five()).unwrap();
    let reasons: Vec<&str> = allocation.steps.iter().map(|step| step.reason.as_str()).collect();
    assert_eq!(
        reasons[1..4],
        [
            "The request of $194,594.58 fits in the $370,270.28 that was left.",
            "The request of $259,459.44 is more than the $175,675.70 that was left. By the rule, it gets the 2 of 4 that fit.",
            "The money ran out at place 3: less than one unit is left.",
        ]
    );
}

#[test]
fn regions_are_totalled() {
    let allocation = allocate(&rule(Misfit::Partial), UNIT, POT, &five()).unwrap();
    let totals: Vec<_> = allocation.regions.iter().map(|total| (total.region.as_str(), total.claims, total.funded, total.units)).collect();
    assert_eq!(totals, [("delta", 2, 2, 4), ("jones", 2, 1, 3), ("simpson", 1, 0, 0)]);
}

#[test]
fn no_claims_leave_the_whole_pot() {
    let allocation = allocate(&rule(Misfit::Stop), UNIT, POT, &[]).unwrap();
    assert_eq!((allocation.rest, allocation.line, allocation.units), (POT, None, 0));
}

/// SB 3021: $12,000,000 at the cost of 185 seats funds 185 seats and leaves 90 cents.
#[test]
fn the_appropriation_funds_the_185_seats_its_unit_cost_was_made_from() {
    let file = ProgramFile::parse(include_str!("../../../programs/acceleratems-2023-24.toml")).unwrap();
    let claims: Vec<Claim> = (1..=60).map(|place| claim(place, "delta", 5)).collect();
    let allocation = allocate(&file.allocation, file.award.unit_cost, file.appropriation().unwrap().amount, &claims).unwrap();
    assert_eq!((allocation.units, allocation.rest), (185, Money::cents(90)));
}

#[test]
fn bad_claims_are_all_named() {
    let claims = [claim(1, "a", 0), claim(2, "a", -4), claim(2, "a", 1)];
    let problems = allocate(&rule(Misfit::Stop), Money::ZERO, Money::cents(-1), &claims).unwrap_err();
    assert_eq!(
        problems,
        [
            AllocationProblem::UnitCost(Money::ZERO),
            AllocationProblem::Pot(Money::cents(-1)),
            AllocationProblem::Units { number: "N-1".to_owned(), units: 0 },
            AllocationProblem::Units { number: "N-2".to_owned(), units: -4 },
            AllocationProblem::Twice { number: "N-2".to_owned() },
        ]
    );
}

#[test]
fn too_much_money_is_an_error_and_no_panic() {
    let problems = allocate(&rule(Misfit::Skip), Money::cents(i64::MAX), POT, &[claim(1, "a", 2)]).unwrap_err();
    assert_eq!(problems, [AllocationProblem::Money(MoneyError::TooLarge)]);
}

#[test]
fn a_frozen_allocation_replays_to_the_same_bytes_and_a_changed_one_does_not() {
    let file = ProgramFile::parse(include_str!("../../../programs/acceleratems-2023-24.toml")).unwrap();
    let mut shuffled = five();
    shuffled.reverse();
    let document = AllocationDocument::make(&file, "a-ranking", POT, &shuffled).unwrap();
    assert_eq!(document, AllocationDocument::make(&file, "a-ranking", POT, &five()).unwrap());
    let bytes = document.bytes().unwrap();
    assert!(replay_allocation(&bytes).unwrap().same);
    let changed = String::from_utf8(bytes).unwrap().replacen("\"units_requested\":4", "\"units_requested\":2", 1);
    assert!(!replay_allocation(changed.as_bytes()).unwrap().same);
    assert!(matches!(replay_allocation(b"{}"), Err(AllocationDocumentError::NotADocument(_))));
}

fn some_misfit() -> impl Strategy<Value = Misfit> {
    prop::sample::select(vec![Misfit::Stop, Misfit::Skip, Misfit::Partial, Misfit::Waitlist])
}

fn some_claims() -> impl Strategy<Value = Vec<Claim>> {
    prop::collection::vec((1_i64..9, 0_usize..4), 0..40)
        .prop_map(|rows| (1..).zip(rows).map(|(place, (units, region))| claim(place, ["a", "b", "c", "d"][region], units)).collect())
}

proptest! {
    #[test]
    fn not_a_cent_is_made_or_lost(misfit in some_misfit(), claims in some_claims(), unit in 1_i64..10_000_000, pot in 0_i64..100_000_000) {
        let (unit, pot) = (Money::cents(unit), Money::cents(pot));
        let allocation = allocate(&rule(misfit), unit, pot, &claims).unwrap();
        prop_assert_eq!(allocation.granted.plus(allocation.rest).unwrap(), pot);
        prop_assert!(allocation.rest >= Money::ZERO);
        prop_assert_eq!(Money::sum(allocation.steps.iter().map(|step| step.granted)).unwrap(), allocation.granted);
        prop_assert_eq!(Money::sum(allocation.regions.iter().map(|region| region.granted)).unwrap(), allocation.granted);
        prop_assert_eq!(allocation.steps.len(), claims.len());
        let mut left = pot;
        for step in &allocation.steps {
            prop_assert!(0 <= step.units_granted && step.units_granted <= step.units_requested);
            prop_assert_eq!(unit.times(step.units_granted).unwrap(), step.granted);
            left = left.minus(step.granted).unwrap();
            prop_assert_eq!(step.left, left);
            prop_assert_eq!(step.outcome == Outcome::Funded, step.units_granted == step.units_requested);
            prop_assert_eq!(step.outcome == Outcome::Partial, 0 < step.units_granted && step.units_granted < step.units_requested);
        }
    }

    #[test]
    fn the_order_of_the_claims_changes_nothing(misfit in some_misfit(), (claims, shuffled) in some_claims().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())), pot in 0_i64..5_000) {
        let lay = |claims: &[Claim]| allocate(&rule(misfit), Money::cents(100), Money::cents(pot), claims).unwrap();
        prop_assert_eq!(lay(&claims), lay(&shuffled));
    }

    #[test]
    fn dollars_or_cents_make_the_same_seats(misfit in some_misfit(), claims in some_claims(), unit in 1_i64..1_000, pot in 0_i64..50_000, scale in 1_i64..1_000) {
        let lay = |scale: i64| allocate(&rule(misfit), Money::cents(unit * scale), Money::cents(pot * scale), &claims).unwrap();
        let units = |allocation: &Allocation| allocation.steps.iter().map(|step| (step.units_granted, step.outcome)).collect::<Vec<_>>();
        let (small, large) = (lay(1), lay(scale));
        prop_assert_eq!(units(&small), units(&large));
        prop_assert_eq!(small.rest.times(scale).unwrap(), large.rest);
    }

    #[test]
    fn more_money_never_funds_fewer_seats_down_to_the_line(misfit in prop::sample::select(vec![Misfit::Stop, Misfit::Partial, Misfit::Waitlist]), claims in some_claims(), pot in 0_i64..5_000, more in 0_i64..5_000) {
        // Skip is left out on purpose: a larger pot may fund one large request in place of several small ones.
        let units = |pot: i64| allocate(&rule(misfit), Money::cents(100), Money::cents(pot), &claims).unwrap().units;
        prop_assert!(units(pot + more) >= units(pot));
    }

    #[test]
    fn only_skip_funds_anybody_below_one_who_got_nothing(misfit in some_misfit(), claims in some_claims(), pot in 0_i64..5_000) {
        let allocation = allocate(&rule(misfit), Money::cents(100), Money::cents(pot), &claims).unwrap();
        let granted: Vec<bool> = allocation.steps.iter().map(|step| step.units_granted > 0).collect();
        let gap = granted.windows(2).any(|pair| !pair[0] && pair[1]);
        prop_assert!(!gap || misfit == Misfit::Skip);
    }
}
