//! Shares by formula for bids from a table: the pot among the regions that are bounded and everybody else, each part among its bids, and
//! nobody an amount that is of no use to it.
//!
//! **Minima.** A bid whose share is less than the least that is of use to it gets nothing, and its part is shared among the rest again. One at
//! a time: the bid that falls short by the largest part of its minimum goes first, of equals the one with the lower place, and all is shared
//! anew before the next is looked at, since what it leaves may lift others above their minima. Whoever went does not come back.
//! Whoever is held harmless gets its minimum at least, since it must get something.

use super::bids::{Bid, BidProblem, Grant, Granted, granted, outcome, place_of};
use super::{AllocationRule, Outcome};
use crate::exact::Exact;
use crate::money::Money;
use crate::shares::{self, Claimant, SharesProblem};

/// One bid in the order of the places.
struct Sharer<'a> {
    row: usize,
    bid: &'a Bid,
    weight: i128,
    /// The part of the pot it belongs to.
    part: usize,
    /// In cents, what it gets at least.
    floor: i64,
    /// In cents, its share when it was found to be of no use.
    gone: Option<i64>,
}

impl Sharer<'_> {
    /// The most it gets, in cents.
    fn cap(&self) -> i64 {
        if self.gone.is_some() { 0 } else { self.bid.request.in_cents() }
    }

    fn weighs(&self) -> i128 {
        if self.gone.is_some() { 0 } else { self.weight }
    }

    fn least(&self) -> i64 {
        self.bid.least.map_or(0, Money::in_cents)
    }

    /// By how much a share is too little, in cents.
    fn short(&self, share: i64) -> i64 {
        if self.gone.is_some() { 0 } else { (self.least() - share).max(0) }
    }
}

/// Shares the pot among the regions that are bounded and the rest, and each part among its bids. Where no region is bounded, among all.
pub(super) fn by_shares(rule: &AllocationRule, pot: Money, bids: &[Bid], order: &[usize]) -> Result<Granted, Vec<BidProblem>> {
    let mut sharers = sharers(rule, bids, order)?;
    let shared = loop {
        let shared = once(rule, pot, &sharers)?;
        let Some(worst) = worst(&sharers, &shared) else { break shared };
        if let Some((sharer, share)) = sharers.get_mut(worst).zip(shared.get(worst)) {
            sharer.gone = Some(*share);
        }
    };
    let grants = sharers.iter().zip(shared).enumerate().map(|(at, (sharer, share))| grant(rule, at, sharer, Money::cents(share)));
    granted(pot, grants.collect())
}

/// Whoever falls short by the largest part of its minimum; of equals the one with the lower place.
fn worst(sharers: &[Sharer<'_>], shared: &[i64]) -> Option<usize> {
    let short = sharers.iter().zip(shared).enumerate().filter(|(_, (sharer, share))| sharer.short(**share) > 0);
    let part = |of: &Sharer<'_>, share: i64, other: i64| i128::from(of.short(share)) * i128::from(other);
    let worst = short.max_by(|(_, (a, a_share)), (_, (b, b_share))| part(a, **a_share, b.least()).cmp(&part(b, **b_share, a.least())));
    worst.map(|(at, _)| at)
}

fn grant(rule: &AllocationRule, at: usize, sharer: &Sharer<'_>, share: Money) -> Grant {
    let request = sharer.bid.request;
    let (outcome, reason) = match sharer.gone.zip(sharer.bid.least) {
        Some((share, least)) => {
            let share = Money::cents(share);
            let told =
                format!("Its share would have been {share} of {request}, less than the {least} that are of use; it went to the rest.");
            (Outcome::NotFunded, told)
        }
        None => {
            let by = if rule.by_request { "its request" } else { "its points" };
            (outcome(share.in_cents(), request.in_cents()), format!("{share} of {request} in proportion to {by}."))
        }
    };
    Grant { place: place_of(at), row: sharer.row, granted: share, outcome, reason }
}

fn sharers<'a>(rule: &AllocationRule, bids: &'a [Bid], order: &[usize]) -> Result<Vec<Sharer<'a>>, Vec<BidProblem>> {
    let weights = weights(rule, bids, order)?;
    let one = |(row, weight): (&usize, i128)| {
        let bid = bids.get(*row)?;
        let held = rule.hold_harmless.as_ref().and_then(|hold| hold.least(bid.last));
        let floor = held.map_or(Money::ZERO, |held| held.max(bid.least.unwrap_or(Money::ZERO)));
        let part = rule.bounds.iter().position(|bound| bound.region == bid.region).unwrap_or(rule.bounds.len());
        Some(Sharer { row: *row, bid, weight, part, floor: floor.in_cents(), gone: None })
    };
    Ok(order.iter().zip(weights).filter_map(one).collect())
}

/// What each gets, in cents, in the order of the places.
fn once(rule: &AllocationRule, pot: Money, sharers: &[Sharer<'_>]) -> Result<Vec<i64>, Vec<BidProblem>> {
    let method = rule.rounding.unwrap_or(shares::Method::LargestRemainder);
    let split = |pot: i64, claimants: &[Claimant]| {
        shares::share(method, pot, claimants)
            .map_err(|problems| problems.iter().map(|problem| BidProblem::Conflict(SharesProblem::to_string(problem))).collect::<Vec<_>>())
    };
    let mut parts: Vec<Vec<usize>> = vec![Vec::new(); rule.bounds.len() + 1];
    for (at, sharer) in sharers.iter().enumerate() {
        parts.get_mut(sharer.part).into_iter().for_each(|part| part.push(at));
    }
    let mut shared = vec![0; sharers.len()];
    for (members, part) in parts.iter().zip(split(pot.in_cents(), &claimants(rule, sharers)?)?.parts) {
        let inside = members.iter().filter_map(|at| sharers.get(*at));
        let inside = inside.map(|one| Claimant::new(&one.bid.id, one.weight).at_least(one.floor).at_most(one.cap()));
        for (at, own) in members.iter().zip(split(part.granted, &inside.collect::<Vec<_>>())?.parts) {
            shared.get_mut(*at).into_iter().for_each(|share| *share = own.granted);
        }
    }
    Ok(shared)
}

/// The parts of the pot: one for each bounded region, one for everybody else.
fn claimants(rule: &AllocationRule, sharers: &[Sharer<'_>]) -> Result<Vec<Claimant>, Vec<BidProblem>> {
    // Where nobody with a weight is left, what they weighed says where the pot would have gone, and nobody there can take it.
    let all_gone = sharers.iter().all(|one| one.weighs() == 0);
    let mut claimants = Vec::with_capacity(rule.bounds.len() + 1);
    for part in 0..=rule.bounds.len() {
        let bound = rule.bounds.get(part);
        let members = || sharers.iter().filter(|one| one.part == part);
        let sum = |cents: &mut dyn Iterator<Item = i64>| Money::sum(cents.map(Money::cents)).map_err(|cause| vec![cause.into()]);
        let asked = sum(&mut members().map(Sharer::cap))?.in_cents();
        let held = sum(&mut members().map(|one| one.floor))?.in_cents();
        let declared = bound.map_or(0, |bound| bound.floor.in_cents()).max(held);
        // A floor that could be met is met as far as those go who are left.
        let floor = if members().any(|one| one.gone.is_some()) { declared.min(asked) } else { declared };
        if floor > asked {
            let region = bound.map_or("", |bound| bound.region.as_str());
            let told = format!("The floor of {region} is {}, but its rows ask for {} in all.", Money::cents(floor), Money::cents(asked));
            return Err(vec![BidProblem::Conflict(told)]);
        }
        let cap = bound.and_then(|bound| bound.cap).map_or(asked, |cap| cap.in_cents().min(asked));
        let weight = members().map(|one| if all_gone { one.weight } else { one.weighs() }).sum();
        let name = bound.map_or("everybody else", |bound| bound.region.as_str());
        claimants.push(Claimant::new(name, weight).at_least(floor).at_most(cap));
    }
    Ok(claimants)
}

/// The weights in the order of the places, as whole numbers of one denominator.
fn weights(rule: &AllocationRule, bids: &[Bid], order: &[usize]) -> Result<Vec<i128>, Vec<BidProblem>> {
    if rule.by_request {
        return Ok(order.iter().filter_map(|row| bids.get(*row)).map(|bid| bid.request.in_cents().into()).collect());
    }
    let negative = |(row, bid): (usize, &Bid)| {
        (bid.points < Exact::ZERO).then(|| BidProblem::Negative { row, id: bid.id.clone(), points: bid.points.shown() })
    };
    let problems: Vec<BidProblem> = bids.iter().enumerate().filter_map(negative).collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    let points: Vec<Exact> = order.iter().filter_map(|row| bids.get(*row)).map(|bid| bid.points.clone()).collect();
    shares::whole_weights(&points).map_err(|cause| vec![BidProblem::Conflict(cause.to_string())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocation::{Bound, HoldHarmless, Method, Misfit, Ties, by_rule};
    use proptest::prelude::*;

    fn bid(nth: usize, (points, request, least, region, last): (u32, i64, Option<i64>, bool, Option<i64>)) -> Bid {
        Bid {
            id: format!("b{nth}"),
            points: Exact::whole(points.into()),
            request: Money::cents(request),
            seats: None,
            least: least.map(|least| Money::cents(least.min(request))),
            region: if region { "east".to_owned() } else { String::new() },
            district: String::new(),
            organization: String::new(),
            last: last.map(|last| Money::cents(last.min(request))),
        }
    }

    fn bids() -> impl Strategy<Value = Vec<Bid>> {
        let one = (0_u32..40, 1_i64..500, prop::option::of(1_i64..300), any::<bool>(), prop::option::weighted(0.2, 1_i64..60));
        prop::collection::vec(one, 1..12).prop_map(|all| all.into_iter().enumerate().map(|(nth, one)| bid(nth, one)).collect())
    }

    fn rule(webster: bool, by_request: bool, bounds: Vec<Bound>, held: bool) -> AllocationRule {
        let hold = HoldHarmless { percent: 80, citation: String::new(), synthetic: true };
        AllocationRule {
            method: Method::Shares,
            misfit: None,
            ties: Some(Ties::File),
            by_request,
            rounding: Some(if webster { shares::Method::Webster } else { shares::Method::LargestRemainder }),
            bounds,
            hold_harmless: held.then_some(hold),
            ..AllocationRule::down_the_list(Misfit::Stop, "test")
        }
    }

    fn conflict(problems: &[BidProblem]) -> bool {
        problems.iter().all(|problem| matches!(problem, BidProblem::Conflict(_)))
    }

    proptest! {
        /// The parts and the rest are the pot; nobody gets anything between nothing and its minimum; whoever is held harmless is; nothing
        /// is left while anybody with a weight who is still there could take it; and whoever went would have had too little by the same
        /// rule among those who were there then.
        #[test]
        fn nobody_gets_less_than_is_of_use(
            bids in bids(), pot in 0_i64..3_000, webster in any::<bool>(), by_request in any::<bool>(), held in any::<bool>(),
            bound in prop::option::of((0_i64..200, prop::option::of(0_i64..400)))
        ) {
            let has_east = bids.iter().any(|bid| bid.region == "east");
            let bounds = bound.filter(|_| has_east).map(|(floor, more)| Bound {
                region: "east".to_owned(),
                floor: Money::cents(floor),
                cap: more.map(|more| Money::cents(floor + more)),
                citation: String::new(),
                synthetic: true,
            });
            let bounded = bounds.is_some();
            let rule = rule(webster, by_request, bounds.into_iter().collect(), held);
            let granted = match by_rule(&rule, None, Money::cents(pot), &bids) {
                Ok(granted) => granted,
                Err(problems) => {
                    prop_assert!(conflict(&problems), "{:?}", problems);
                    return Ok(());
                }
            };
            let sum: i64 = granted.grants.iter().map(|grant| grant.granted.in_cents()).sum();
            prop_assert_eq!((sum, granted.rest.in_cents()), (granted.total.in_cents(), pot - sum));
            for grant in &granted.grants {
                let bid = &bids[grant.row];
                let least = bid.least.unwrap_or(Money::ZERO);
                prop_assert!(grant.granted == Money::ZERO || (grant.granted >= least && grant.granted <= bid.request), "{:?}", grant);
                prop_assert_eq!(grant.reason.contains("that are of use"), grant.granted == Money::ZERO && bid.least.is_some());
                let harmless = rule.hold_harmless.as_ref().and_then(|hold| hold.least(bid.last));
                prop_assert!(harmless.is_none_or(|harmless| grant.granted >= harmless));
                let open = grant.granted > Money::ZERO && grant.granted < bid.request && (bid.points > Exact::ZERO || by_request);
                prop_assert!(bounded || !open || granted.rest == Money::ZERO);
            }
            // Without those who went, the same rule gives the same to the rest.
            let rest: Vec<Bid> = bids.iter().filter(|bid| {
                let own = granted.grants.iter().find(|grant| bids[grant.row].id == bid.id);
                own.is_some_and(|own| !own.reason.contains("that are of use"))
            }).cloned().collect();
            if let (false, Ok(again)) = (bounded, by_rule(&rule, None, Money::cents(pot), &rest)) {
                for grant in &again.grants {
                    let before = granted.grants.iter().find(|one| bids[one.row].id == rest[grant.row].id).map(|one| one.granted);
                    prop_assert_eq!(before, Some(grant.granted));
                }
            }
        }
    }

    /// 100 cents by points 5, 3 and 2: 50, 30 and 20. The second wants 40 at least and is short by a quarter of it, the third 30 and is short
    /// by a third: it goes first, and the second has 37.5, rounded to 37 or 38, still too little, and goes as well.
    #[test]
    fn the_largest_part_of_a_minimum_that_is_missing_goes_first() {
        let bids: Vec<Bid> = [(5, 100, None), (3, 100, Some(40)), (2, 100, Some(30))]
            .into_iter()
            .enumerate()
            .map(|(nth, (points, request, least))| bid(nth, (points, request, least, false, None)))
            .collect();
        let rule = rule(false, false, Vec::new(), false);
        let granted = by_rule(&rule, None, Money::cents(100), &bids).unwrap();
        let cents: Vec<i64> = granted.grants.iter().map(|grant| grant.granted.in_cents()).collect();
        assert_eq!(cents, [100, 0, 0]);
        assert!(granted.grants[2].reason.contains("$0.20 of $1, less than the $0.30"), "{}", granted.grants[2].reason);
        assert!(granted.grants[1].reason.contains("$0.37 of $1,") || granted.grants[1].reason.contains("$0.38 of $1,"));
        let low = [(5, 100, None), (3, 100, Some(37)), (2, 100, Some(30))];
        let bids: Vec<Bid> =
            low.into_iter().enumerate().map(|(nth, (points, request, least))| bid(nth, (points, request, least, false, None))).collect();
        let granted = by_rule(&rule, None, Money::cents(100), &bids).unwrap();
        assert_eq!(granted.grants.iter().map(|grant| grant.granted.in_cents()).filter(|cents| *cents > 0).count(), 2);
    }
}
