//! Lays a round's pot out by any method of its rule, in whole units: down the list, in shares of units, as the set with the most points, or
//! as an act names it.
//! Each step says why; places come from the frozen ranking, so no tie is left to settle here.

use super::best::problem;
use super::bids::{Bid, BidProblem, by_rule, ready};
use super::by_law::by_law;
use super::costs::{Cost, costs};
use super::pots::{in_pots, last_pot};
use super::{
    Allocation, AllocationProblem, AllocationRule, Bound, Claim, Got, HoldHarmless, Method, Outcome, RegionTotal, Step, Ties, allocate,
    in_order,
};
use crate::exact::Exact;
use crate::money::{Money, MoneyError};
use crate::optimal::Problem;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Lays `pot` out over the claims. `points` by claim id are needed by methods that weigh them; down the list the places suffice.
///
/// # Errors
/// Every problem found; floors, caps and pot that don't go together are named.
pub fn lay(
    rule: &AllocationRule,
    unit_cost: Money,
    pot: Money,
    claims: &[Claim],
    points: &BTreeMap<String, Exact>,
) -> Result<Allocation, Vec<AllocationProblem>> {
    if !rule.before.is_empty() {
        return in_pots(rule, unit_cost, pot, claims, points);
    }
    let claims = &all_viable(rule, claims);
    if rule.method == Method::DownTheList {
        return allocate(rule, unit_cost, pot, claims);
    }
    let claims = in_order(unit_cost, pot, claims)?;
    if rule.method == Method::Named {
        return by_law(unit_cost, pot, &claims);
    }
    let whole = |cause: MoneyError| vec![AllocationProblem::from(cause)];
    // Shares are of units: one is counted as one cent, so that nobody gets a part of a seat. The optimal set is of money.
    let shares = rule.method == Method::Shares;
    let unit = if shares { Money::cents(1) } else { unit_cost };
    let bids = bids(rule, unit_cost, unit, &claims, points)?;
    let rule = &of_these(rule, &claims)?;
    let rule_of_units = AllocationRule { bounds: bounds(rule, unit_cost, shares), ..by_place(rule) };
    let pot_of_units = if shares { Money::cents(pot.in_cents() / unit_cost.in_cents()) } else { pot };
    let granted = by_rule(&rule_of_units, None, pot_of_units, &bids).map_err(|problems| {
        problems.iter().map(|problem| AllocationProblem::Rule(plain(problem.to_string(), unit_cost, shares))).collect::<Vec<_>>()
    })?;
    let mut by_row: BTreeMap<usize, (i64, Outcome, String)> = BTreeMap::new();
    for grant in granted.grants {
        let units = grant.granted.in_cents() / unit.in_cents();
        by_row.insert(grant.row, (units, grant.outcome, grant.reason));
    }
    let mut steps = Vec::with_capacity(claims.len());
    let mut left = pot;
    for (row, claim) in claims.iter().enumerate() {
        let (units, outcome, reason) = by_row.remove(&row).unwrap_or((0, Outcome::NotFunded, String::new()));
        let amount = unit_cost.times(units).map_err(whole)?;
        left = left.minus(amount).map_err(whole)?;
        let reason = if shares {
            let by = if rule.by_request { "its request" } else { "its points" };
            format!("{units} of {} in proportion to {by}.", claim.units_requested)
        } else {
            reason
        };
        let requested = unit_cost.times(claim.units_requested).map_err(whole)?;
        steps.push(claim.step(Got { requested, units, granted: amount, left, outcome, reason }));
    }
    total(pot, left, steps, granted.proof).map_err(whole)
}

/// What each constraint of an optimal allocation costs, of several pots of the last; a bid goes by the claim's number, so that the answer can
/// be read.
///
/// # Errors
/// As [`lay`].
pub fn costs_of(
    rule: &AllocationRule,
    unit_cost: Money,
    pot: Money,
    claims: &[Claim],
    points: &BTreeMap<String, Exact>,
) -> Result<Vec<Cost>, Vec<AllocationProblem>> {
    let (pot, claims) = last_pot(rule, unit_cost, pot, claims, points)?;
    let claims = all_viable(rule, &claims);
    let claims = in_order(unit_cost, pot, &claims)?;
    let mut bids = bids(rule, unit_cost, unit_cost, &claims, points)?;
    bids.iter_mut().zip(&claims).for_each(|(bid, claim)| bid.id.clone_from(&claim.number));
    costs(&by_place(&of_these(rule, &claims)?), None, pot, &bids).map_err(told)
}

/// The search for the set of awards with the most points, as [`lay`] poses it: its candidates are the claims, in the order of the places.
///
/// # Errors
/// As [`lay`].
pub(crate) fn posed(
    rule: &AllocationRule,
    unit_cost: Money,
    pot: Money,
    claims: &[Claim],
    points: &BTreeMap<String, Exact>,
) -> Result<Problem, Vec<AllocationProblem>> {
    let claims = all_viable(rule, claims);
    let claims = in_order(unit_cost, pot, &claims)?;
    let bids = bids(rule, unit_cost, unit_cost, &claims, points)?;
    let rule = by_place(&of_these(rule, &claims)?);
    let (order, left) = ready(&rule, None, pot, &bids).map_err(told)?;
    problem(&rule, left, &bids, &order).map(|posed| posed.problem).map_err(told)
}

fn told(problems: Vec<BidProblem>) -> Vec<AllocationProblem> {
    problems.iter().map(|problem| AllocationProblem::Rule(problem.to_string())).collect()
}

/// The rule without caps on regions where nobody claims anything; a floor there can't be met.
fn of_these(rule: &AllocationRule, claims: &[&Claim]) -> Result<AllocationRule, Vec<AllocationProblem>> {
    let claimed = |bound: &&Bound| claims.iter().any(|claim| claim.region == bound.region);
    let unmet = rule.bounds.iter().filter(|bound| !claimed(bound) && bound.floor.is_positive());
    let problems: Vec<_> = unmet
        .map(|bound| {
            let Bound { region, floor, .. } = bound;
            AllocationProblem::Rule(format!("The floor of {floor} for {region} can’t be met: nobody there is on the list."))
        })
        .collect();
    let bounds = rule.bounds.iter().filter(claimed).cloned().collect();
    if problems.is_empty() { Ok(AllocationRule { bounds, ..rule.clone() }) } else { Err(problems) }
}

/// A claim with the fewest units that are of use to it, by the rule's smallest award where it doesn't say itself.
pub(crate) fn viable<'a>(rule: &AllocationRule, claim: &'a Claim) -> Cow<'a, Claim> {
    match &rule.least_award {
        Some(smallest) if claim.least.is_none() => {
            Cow::Owned(Claim { least: Some(smallest.units.min(claim.units_requested)), ..claim.clone() })
        }
        _ => Cow::Borrowed(claim),
    }
}

fn all_viable<'a>(rule: &AllocationRule, claims: &'a [Claim]) -> Cow<'a, [Claim]> {
    match &rule.least_award {
        Some(_) => claims.iter().map(|claim| viable(rule, claim).into_owned()).collect(),
        None => Cow::Borrowed(claims),
    }
}

/// The rule for bids that have places, and whose last awards are what must be held of them already.
fn by_place(rule: &AllocationRule) -> AllocationRule {
    let hold_harmless = rule.hold_harmless.clone().map(|hold| HoldHarmless { percent: 100, ..hold });
    AllocationRule { ties: Some(Ties::File), hold_harmless, ..rule.clone() }
}

/// The whole units that hold a claim harmless, or as many as it asks for.
fn held(rule: &AllocationRule, unit_cost: Money, claim: &Claim) -> Option<i64> {
    let least = rule.hold_harmless.as_ref()?.least(claim.last)?;
    Some((least.in_cents() - 1).div_euclid(unit_cost.in_cents()).saturating_add(1).min(claim.units_requested))
}

/// The claims as bids, a unit counted as `unit`. A claim's region is the organization that would carry it out.
fn bids(
    rule: &AllocationRule,
    unit_cost: Money,
    unit: Money,
    claims: &[&Claim],
    points: &BTreeMap<String, Exact>,
) -> Result<Vec<Bid>, Vec<AllocationProblem>> {
    let bid = |claim: &Claim| {
        let points = match points.get(&claim.id) {
            Some(points) => points.clone(),
            None if rule.by_request => Exact::ZERO,
            None => return Err(vec![AllocationProblem::NoPoints { number: claim.number.clone() }]),
        };
        Ok(Bid {
            id: claim.id.clone(),
            points,
            request: unit.times(claim.units_requested).map_err(|cause| vec![AllocationProblem::from(cause)])?,
            seats: Some(claim.units_requested),
            least: claim.least.map(|units| unit.times(units)).transpose().map_err(|cause| vec![cause.into()])?,
            region: claim.region.clone(),
            district: claim.number.clone(),
            organization: claim.region.clone(),
            last: held(rule, unit_cost, claim).map(|units| unit.times(units)).transpose().map_err(|cause| vec![cause.into()])?,
        })
    };
    claims.iter().copied().map(bid).collect()
}

/// Floors and caps as the method counts: in whole units for shares, a floor rounded up and a cap rounded down.
fn bounds(rule: &AllocationRule, unit_cost: Money, shares: bool) -> Vec<Bound> {
    let unit = unit_cost.in_cents();
    let in_units = |bound: &Bound| Bound {
        floor: Money::cents(bound.floor.in_cents().saturating_add(unit - 1) / unit),
        cap: bound.cap.map(|cap| Money::cents(cap.in_cents() / unit)),
        ..bound.clone()
    };
    if shares { rule.bounds.iter().map(in_units).collect() } else { rule.bounds.clone() }
}

/// A problem told in units, with what they stand for.
fn plain(problem: String, unit_cost: Money, shares: bool) -> String {
    if shares { format!("{problem} (Here one cent stands for one unit of {unit_cost}.)") } else { problem }
}

pub(super) fn total(pot: Money, left: Money, steps: Vec<Step>, proof: Option<String>) -> Result<Allocation, MoneyError> {
    let mut regions: BTreeMap<&str, RegionTotal> = BTreeMap::new();
    for step in &steps {
        let empty = || RegionTotal { region: step.region.clone(), claims: 0, funded: 0, units: 0, granted: Money::ZERO };
        let total = regions.entry(&step.region).or_insert_with(empty);
        total.claims += 1;
        total.funded += u32::from(step.units_granted > 0);
        total.units = total.units.checked_add(step.units_granted).ok_or(MoneyError::TooLarge)?;
        total.granted = total.granted.plus(step.granted)?;
    }
    let regions: Vec<RegionTotal> = regions.into_values().collect();
    Ok(Allocation {
        units: regions.iter().try_fold(0_i64, |sum, region| sum.checked_add(region.units)).ok_or(MoneyError::TooLarge)?,
        granted: pot.minus(left)?,
        rest: left,
        line: steps.iter().rev().find(|step| step.units_granted > 0).map(|step| step.place),
        steps,
        regions,
        proof,
        pots: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocation::{LeastAward, Limit, Limited, Misfit, Objective};
    use crate::shares;
    use proptest::prelude::*;

    fn rule(method: Method) -> AllocationRule {
        AllocationRule {
            method,
            misfit: None,
            rounding: (method == Method::Shares).then_some(shares::Method::LargestRemainder),
            objective: (method == Method::Optimal).then_some(Objective::Points),
            ..AllocationRule::down_the_list(Misfit::Stop, "test")
        }
    }

    fn claims(units: &[i64]) -> (Vec<Claim>, BTreeMap<String, Exact>) {
        let claim = |(place, units): (u32, &i64)| Claim {
            id: format!("id{place}"),
            number: format!("A-{place}"),
            place,
            region: if place % 2 == 0 { "east" } else { "west" }.to_owned(),
            units_requested: *units,
            unit_cost: None,
            least: None,
            last: None,
            named: None,
        };
        let claims: Vec<Claim> = (1_u32..).zip(units).map(claim).collect();
        let points = claims.iter().map(|claim| (claim.id.clone(), Exact::from(rust_decimal::Decimal::from(100 - claim.place)))).collect();
        (claims, points)
    }

    fn granted(allocation: &Allocation) -> Vec<i64> {
        allocation.steps.iter().map(|step| step.units_granted).collect()
    }

    #[test]
    fn the_optimal_set_takes_two_small_requests_instead_of_one_large() {
        let (claims, points) = claims(&[5, 3, 3]);
        let laid = lay(&rule(Method::Optimal), Money::cents(100), Money::cents(600), &claims, &points).unwrap();
        assert_eq!(granted(&laid), [0, 3, 3]);
        assert!(laid.proof.as_deref().unwrap().starts_with("Proved"));
        assert_eq!((laid.granted, laid.rest, laid.line), (Money::cents(600), Money::ZERO, Some(3)));
    }

    #[test]
    fn a_cap_where_nobody_claims_anything_binds_nobody_and_a_floor_there_is_told() {
        let (claims, points) = claims(&[5, 3, 3]);
        let bound = |floor: i64, cap: Option<i64>| Bound {
            region: "north".to_owned(),
            floor: Money::cents(floor),
            cap: cap.map(Money::cents),
            citation: "test".to_owned(),
            synthetic: true,
        };
        for method in [Method::Optimal, Method::Shares] {
            let laid = |bound| {
                let bounded = AllocationRule { bounds: vec![bound], ..rule(method) };
                lay(&bounded, Money::cents(100), Money::cents(600), &claims, &points)
            };
            let free = lay(&rule(method), Money::cents(100), Money::cents(600), &claims, &points);
            assert_eq!(laid(bound(0, Some(100))), free);
            let told = laid(bound(200, None)).unwrap_err();
            assert_eq!(told, [AllocationProblem::Rule("The floor of $2 for north can’t be met: nobody there is on the list.".to_owned())]);
        }
    }

    #[test]
    fn shares_are_of_whole_units_and_a_floor_is_kept() {
        let (claims, points) = claims(&[6, 6]);
        let by_points = lay(&rule(Method::Shares), Money::cents(100), Money::cents(750), &claims, &points).unwrap();
        assert_eq!(granted(&by_points), [4, 3]);
        assert_eq!(by_points.rest, Money::cents(50));
        let floor = Bound { region: "east".to_owned(), floor: Money::cents(450), cap: None, citation: "test".to_owned(), synthetic: true };
        let bounded = AllocationRule { bounds: vec![floor], ..rule(Method::Shares) };
        let laid = lay(&bounded, Money::cents(100), Money::cents(750), &claims, &points).unwrap();
        assert_eq!(granted(&laid), [2, 5], "450 are at least five units");
        assert_eq!(laid.steps[1].reason, "5 of 6 in proportion to its points.");
    }

    /// A had $3.00 the last time and asks for two units of $1: 80% are $2.40, three units, so it gets both that it asks for. C had $1.50: 80%
    /// are $1.20, two units of the three that it asks for.
    #[test]
    fn whoever_had_an_award_is_held_harmless_in_whole_units() {
        let (mut claims, points) = claims(&[2, 3, 3]);
        claims[0].last = Some(Money::cents(300));
        claims[2].last = Some(Money::cents(150));
        let hold_harmless = Some(HoldHarmless { percent: 80, citation: "test".to_owned(), synthetic: true });
        let held = AllocationRule { hold_harmless, ..rule(Method::Shares) };
        let laid = lay(&held, Money::cents(100), Money::cents(400), &claims, &points).unwrap();
        assert_eq!(granted(&laid), [2, 0, 2]);
        let conflict = lay(&held, Money::cents(100), Money::cents(300), &claims, &points).unwrap_err();
        assert!(matches!(conflict.as_slice(), [AllocationProblem::Rule(_)]), "{conflict:?}");
        let seats = AllocationRule { objective: Some(Objective::PointsPerSeat), ..held };
        let seats = AllocationRule { method: Method::Optimal, ..seats };
        let laid = lay(&seats, Money::cents(100), Money::cents(500), &claims, &points).unwrap();
        assert_eq!(granted(&laid), [2, 1, 2]);
    }

    #[test]
    fn an_organization_gets_no_more_than_it_can_carry_out_and_an_applicant_no_more_than_the_limit() {
        let (claims, points) = claims(&[3, 2, 3, 2]);
        let limit = |of, cents| Limit { of, cap: Money::cents(cents), citation: "test".to_owned(), synthetic: true };
        let limits = vec![limit(Limited::Organization, 400)];
        let capacity = AllocationRule { limits, ..rule(Method::Optimal) };
        let laid = lay(&capacity, Money::cents(100), Money::cents(900), &claims, &points).unwrap();
        assert_eq!(granted(&laid), [3, 2, 0, 2], "the west has room for one of its two");
        let limits = vec![limit(Limited::District, 200), limit(Limited::Organization, 300)];
        let objective = Some(Objective::PointsPerSeat);
        let both = AllocationRule { limits, objective, ..rule(Method::Optimal) };
        let laid = lay(&both, Money::cents(100), Money::cents(900), &claims, &points).unwrap();
        assert_eq!(granted(&laid), [2, 2, 1, 1]);
        let costs = costs_of(&both, Money::cents(100), Money::cents(900), &claims, &points).unwrap();
        assert!(costs[1].plain().starts_with("The limit of $3 for each organization cost "), "{:?}", costs[1]);
    }

    #[test]
    fn what_a_floor_costs_is_told_by_application_number() {
        let (claims, points) = claims(&[2, 2, 2]);
        let floor = Bound { region: "east".to_owned(), floor: Money::cents(200), cap: None, citation: "test".to_owned(), synthetic: true };
        let rule = AllocationRule { bounds: vec![floor], ..rule(Method::Optimal) };
        let pot = Money::cents(400);
        assert_eq!(granted(&lay(&rule, Money::cents(100), pot, &claims, &points).unwrap()), [2, 2, 0]);
        assert_eq!(costs_of(&rule, Money::cents(100), pot, &claims, &points).unwrap()[0].points, Exact::ZERO);
        let costs = costs_of(&rule, Money::cents(100), Money::cents(200), &claims, &points).unwrap();
        assert_eq!(costs[0].plain(), "The floor of $2 for east cost 1 points: A-1 would get an award instead of A-2.");
    }

    #[test]
    fn what_can_not_be_is_named() {
        let (claims, points) = claims(&[2, 2]);
        let floor = |region: &str, cents| Bound {
            region: region.to_owned(),
            floor: Money::cents(cents),
            cap: None,
            citation: "test".to_owned(),
            synthetic: true,
        };
        let rule = AllocationRule { bounds: vec![floor("east", 200), floor("west", 200)], ..rule(Method::Optimal) };
        let problems = lay(&rule, Money::cents(100), Money::cents(300), &claims, &points).unwrap_err();
        assert!(problems.iter().any(|problem| matches!(problem, AllocationProblem::Rule(_))), "{problems:?}");
        let silent = lay(&rule, Money::cents(100), Money::cents(900), &claims, &BTreeMap::new()).unwrap_err();
        assert_eq!(silent, [AllocationProblem::NoPoints { number: "A-1".to_owned() }]);
    }

    proptest! {
        #[test]
        fn every_method_keeps_to_the_pot_and_to_what_is_asked(units in prop::collection::vec(1_i64..6, 1..9), pot in 0_i64..3_000) {
            let (claims, points) = claims(&units);
            let unit = Money::cents(77);
            for method in [Method::DownTheList, Method::Shares, Method::Optimal] {
                let rule = AllocationRule { misfit: Some(Misfit::Skip), ..rule(method) };
                let laid = lay(&rule, unit, Money::cents(pot), &claims, &points).unwrap();
                prop_assert_eq!(laid.granted.plus(laid.rest).unwrap(), Money::cents(pot));
                prop_assert_eq!(laid.granted, unit.times(laid.units).unwrap());
                prop_assert!(laid.steps.iter().all(|step| (0..=step.units_requested).contains(&step.units_granted)));
                prop_assert!(laid.rest >= Money::ZERO);
            }
        }

        #[test]
        fn the_optimal_set_is_never_worse_than_down_the_list(units in prop::collection::vec(1_i64..6, 1..9), pot in 0_i64..3_000) {
            let (claims, points) = claims(&units);
            let worth = |laid: &Allocation| -> i64 {
                laid.steps.iter().filter(|step| step.units_granted == step.units_requested).map(|step| i64::from(100 - step.place)).sum()
            };
            let laid = |method| {
                let rule = AllocationRule { misfit: Some(Misfit::Skip), ..rule(method) };
                lay(&rule, Money::cents(77), Money::cents(pot), &claims, &points).unwrap()
            };
            prop_assert!(worth(&laid(Method::Optimal)) >= worth(&laid(Method::DownTheList)));
        }
    }

    /// No award below two seats. Four seats for 1, 2 and 2: down the list the third would get one, and gets none; by shares of 100, 99 and 98
    /// points the first asks for one and keeps it; the best set leaves the first out, so that no seat stays empty.
    #[test]
    fn no_award_is_below_the_smallest_that_the_rule_makes() {
        let least_award = Some(LeastAward { units: 2, citation: "test".to_owned(), synthetic: true });
        let (claims, points) = claims(&[1, 2, 2]);
        let units = |rule: AllocationRule, pot: i64| {
            let rule = AllocationRule { least_award: least_award.clone(), ..rule };
            granted(&lay(&rule, Money::cents(100), Money::cents(pot), &claims, &points).unwrap())
        };
        let partial = AllocationRule { misfit: Some(Misfit::Partial), ..rule(Method::DownTheList) };
        assert_eq!(units(partial.clone(), 400), [1, 2, 0]);
        assert_eq!(granted(&lay(&partial, Money::cents(100), Money::cents(400), &claims, &points).unwrap()), [1, 2, 1], "without it");
        let shares = units(rule(Method::Shares), 400);
        assert!(shares[0] < 2 && shares[1..].iter().all(|units| *units != 1), "{shares:?}");
        let seats = AllocationRule { objective: Some(Objective::PointsPerSeat), ..rule(Method::Optimal) };
        assert_eq!(units(seats.clone(), 400), [0, 2, 2]);
        assert_eq!(granted(&lay(&seats, Money::cents(100), Money::cents(400), &claims, &points).unwrap()), [1, 2, 1], "without it");
        // What a cap costs is told of awards that may be made: of two seats there is none for whoever needs two whole.
        let cap = Some(Money::cents(100));
        let bounds =
            vec![Bound { region: claims[1].region.clone(), floor: Money::ZERO, cap, citation: "test".to_owned(), synthetic: true }];
        let capped = AllocationRule { least_award: least_award.clone(), bounds, ..seats };
        let without = |rule: &AllocationRule| costs_of(rule, Money::cents(100), Money::cents(400), &claims, &points).unwrap();
        let kept = AllocationRule { least_award: None, ..capped.clone() };
        assert_ne!(without(&capped)[0].plain(), without(&kept)[0].plain());
    }
}
