//! The rule for money that is laid out again: what awards stand at counts against the round's caps and limits, and floors and what is held
//! harmless were kept when it was laid out first.

use super::{AllocationRule, Bound, Claim, Limit, Limited, Method, Pot};
use crate::money::Money;
use std::collections::{BTreeMap, BTreeSet};

/// What awards stand at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Already {
    /// The awards of each region's organization, by the region's key.
    pub regions: BTreeMap<String, Money>,
    /// What each claim has of them, by its id.
    pub claims: BTreeMap<String, Money>,
    /// What is in the round's earlier pots now, by their appropriations' keys.
    pub pots: BTreeMap<String, Money>,
}

impl AllocationRule {
    /// The rule for these claims, as far as caps and limits leave room.
    pub(super) fn left(&self, claims: &[Claim], already: &Already) -> Self {
        let rest = |cap: Money, had: Option<&Money>| Money::cents((cap.in_cents() - had.map_or(0, |had| had.in_cents())).max(0));
        let counts = matches!(self.method, Method::Shares | Method::Optimal);
        let of = |kind: Limited| self.limits.iter().find(move |limit| limit.of == kind).filter(|_| counts);
        let regions: BTreeSet<&String> = claims.iter().map(|claim| &claim.region).filter(|_| counts).collect();
        // A region's claims are one organization's, which carries out both what it has and what it is given.
        let bound = |region: &String| {
            let capped = self.bounds.iter().find(|bound| bound.region == *region);
            let capped = capped.and_then(|bound| Some((bound.cap?, &bound.citation, bound.synthetic)));
            let limited = of(Limited::Organization).map(|limit| (limit.cap, &limit.citation, limit.synthetic));
            let (cap, citation, synthetic) = capped.into_iter().chain(limited).min_by_key(|(cap, ..)| *cap)?;
            let cap = Some(rest(cap, already.regions.get(region)));
            Some(Bound { region: region.clone(), floor: Money::ZERO, cap, citation: citation.clone(), synthetic })
        };
        // One limit is for all of them: what is left to whoever has most. Who waits has nothing, and an appeal is one claim.
        let had = claims.iter().filter_map(|claim| already.claims.get(&claim.id)).max();
        let limits = of(Limited::District).map(|limit| Limit { cap: rest(limit.cap, had), ..limit.clone() });
        let left = |pot: &Pot| Pot { rule: pot.rule.left(claims, already), ..pot.clone() };
        Self {
            bounds: regions.into_iter().filter_map(bound).collect(),
            limits: limits.into_iter().collect(),
            hold_harmless: None,
            before: self.holding(&already.pots).before.iter().map(left).collect(),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocation::{Misfit, Objective, lay};
    use crate::exact::Exact;

    fn claim(place: u32, region: &str, units_requested: i64) -> Claim {
        let (id, number, region) = (format!("id{place}"), format!("A-{place}"), region.to_owned());
        Claim { id, number, place, region, units_requested, unit_cost: None, least: None, last: None, named: None }
    }

    fn rule(method: Method) -> AllocationRule {
        let cap = Bound {
            region: "west".to_owned(),
            floor: Money::cents(300),
            cap: Some(Money::cents(500)),
            citation: "s. 4".to_owned(),
            synthetic: true,
        };
        let limit = |of, cents| Limit { of, cap: Money::cents(cents), citation: "s. 5".to_owned(), synthetic: true };
        AllocationRule {
            method,
            misfit: None,
            objective: Some(Objective::PointsPerSeat).filter(|_| method == Method::Optimal),
            bounds: vec![cap],
            limits: vec![limit(Limited::Organization, 600), limit(Limited::District, 300)],
            ..AllocationRule::down_the_list(Misfit::Stop, "test")
        }
    }

    fn already() -> Already {
        let money = |list: &[(&str, i64)]| list.iter().map(|(key, cents)| ((*key).to_owned(), Money::cents(*cents))).collect();
        Already { regions: money(&[("west", 400), ("east", 200)]), claims: money(&[("id9", 100)]), pots: BTreeMap::new() }
    }

    /// West has $4 of the $5 it may have: one unit of $1 is left for it. East has $2 of the $6 of any organization, and each may have $3.
    #[test]
    fn what_stands_counts_against_caps_and_limits() {
        let waiting = [claim(1, "west", 2), claim(2, "east", 4), claim(3, "east", 3)];
        let points = waiting.iter().map(|claim| (claim.id.clone(), Exact::whole(100 - i64::from(claim.place)))).collect();
        let left = rule(Method::Optimal).left(&waiting, &already());
        let laid = lay(&left, Money::cents(100), Money::cents(2_000), &waiting, &points).unwrap();
        let units: Vec<i64> = laid.steps.iter().map(|step| step.units_granted).collect();
        assert_eq!(units, [1, 3, 1]);
        let full = Already { regions: [("west".to_owned(), Money::cents(700))].into(), ..already() };
        let laid = lay(&rule(Method::Optimal).left(&waiting[..1], &full), Money::cents(100), Money::cents(900), &waiting[..1], &points);
        assert_eq!(laid.unwrap().granted, Money::ZERO, "nothing, where more stands than may");
    }

    #[test]
    fn a_claim_that_has_something_gets_the_rest_of_its_limit() {
        let appealed = [claim(9, "east", 5)];
        let points = [("id9".to_owned(), Exact::ONE)].into();
        let laid =
            lay(&rule(Method::Optimal).left(&appealed, &already()), Money::cents(100), Money::cents(900), &appealed, &points).unwrap();
        assert_eq!(laid.granted, Money::cents(200));
    }

    #[test]
    fn down_the_list_knows_no_caps() {
        let left = rule(Method::DownTheList).left(&[claim(1, "west", 2)], &already());
        assert!(left.bounds.is_empty() && left.limits.is_empty());
    }
}
