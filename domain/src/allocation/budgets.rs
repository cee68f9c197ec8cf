//! The tree of budgets that a rule's regions and limits make of the pot, for the bids at hand.

use super::bids::{Bid, BidProblem};
use super::{AllocationRule, Limited};
use crate::money::Money;
use crate::optimal::Node;
use std::collections::BTreeMap;

/// The budgets, and where each bid draws.
pub(super) struct Budgets {
    /// The pot first, then its parts, each after what it is part of.
    pub nodes: Vec<Node>,
    /// What of the rule each is: the bound of a region or a limit, by its place there; `None` for the pot.
    pub of: Vec<Option<Part>>,
    /// For each bid, by row, its innermost budget.
    pub inside: Vec<usize>,
}

/// A constraint of the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A bounded region.
    Region(usize),
    /// One organization or district of a limit.
    Limit(usize),
}

/// One way to part the pot.
#[derive(Clone, Copy)]
enum Level {
    Regions,
    Limit(usize, Limited),
}

impl Level {
    /// The part that a bid belongs to; `None` outside all.
    fn of<'b>(self, rule: &AllocationRule, bid: &'b Bid) -> Option<&'b str> {
        match self {
            Self::Regions => Some(bid.region.as_str()).filter(|region| rule.bounds.iter().any(|bound| bound.region == *region)),
            Self::Limit(_, of) => Some(of.of(bid)),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Regions => "region",
            Self::Limit(_, of) => of.word(),
        }
    }
}

/// Parts the pot into bounded regions, and these into limited districts and organizations, whichever lie inside the others.
///
/// # Errors
/// A part that lies in two others, which no tree can hold.
pub(super) fn budgets(rule: &AllocationRule, pot: Money, bids: &[Bid]) -> Result<Budgets, Vec<BidProblem>> {
    let levels = levels(rule, bids)?;
    let pot = Node { name: "the pot".to_owned(), parent: None, floor_cents: 0, cap_cents: pot.in_cents() };
    let mut budgets = Budgets { nodes: vec![pot], of: vec![None], inside: Vec::with_capacity(bids.len()) };
    for (index, bound) in rule.bounds.iter().enumerate() {
        let cap_cents = bound.cap.map_or(i64::MAX, Money::in_cents);
        budgets.nodes.push(Node { name: bound.region.clone(), parent: Some(0), floor_cents: bound.floor.in_cents(), cap_cents });
        budgets.of.push(Some(Part::Region(index)));
    }
    let mut known: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for bid in bids {
        let mut inside = 0;
        for level in &levels {
            let Some(name) = level.of(rule, bid) else { continue };
            inside = match *level {
                Level::Regions => rule.bounds.iter().position(|bound| bound.region == name).map_or(0, |index| index + 1),
                Level::Limit(index, of) => *known.entry((index, name)).or_insert_with(|| {
                    let cap_cents = rule.limits.get(index).map_or(i64::MAX, |limit| limit.cap.in_cents());
                    let name = format!("{} {name}", of.word());
                    budgets.nodes.push(Node { name, parent: Some(inside), floor_cents: 0, cap_cents });
                    budgets.of.push(Some(Part::Limit(index)));
                    budgets.nodes.len() - 1
                }),
            };
        }
        budgets.inside.push(inside);
    }
    Ok(budgets)
}

/// The levels, each inside the one before.
fn levels(rule: &AllocationRule, bids: &[Bid]) -> Result<Vec<Level>, Vec<BidProblem>> {
    let mut levels: Vec<Level> = if rule.bounds.is_empty() { Vec::new() } else { vec![Level::Regions] };
    let mut limits: Vec<Level> = rule.limits.iter().enumerate().map(|(index, limit)| Level::Limit(index, limit.of)).collect();
    if let [one, other] = limits.as_slice()
        && straddling(rule, bids, *one, *other).is_none()
    {
        limits.reverse();
    }
    levels.extend(limits);
    for (outer, inner) in levels.iter().zip(levels.iter().skip(1)) {
        if let Some((name, [one, other])) = straddling(rule, bids, *inner, *outer) {
            let (inner, outer) = (inner.word(), outer.word());
            let told = format!(
                "The {inner} “{name}” lies in more than one {outer} (“{one}” and “{other}”); both can only be bounded where each {inner} lies in one {outer}."
            );
            return Err(vec![BidProblem::Conflict(told)]);
        }
    }
    Ok(levels)
}

/// A part of `inner` that lies in two parts of `outer`, with these.
fn straddling<'b>(rule: &AllocationRule, bids: &'b [Bid], inner: Level, outer: Level) -> Option<(&'b str, [&'b str; 2])> {
    let mut seen: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    bids.iter().find_map(|bid| {
        let (name, now) = (inner.of(rule, bid)?, outer.of(rule, bid));
        let before = *seen.entry(name).or_insert(now);
        (before != now).then(|| (name, [before.unwrap_or("the rest"), now.unwrap_or("the rest")]))
    })
}
