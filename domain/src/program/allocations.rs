//! Reads the `[allocation]` section: the method, what belongs to it, floors and caps of regions, limits, what is held harmless and what is
//! set aside, each with its clause.

use super::read::{Fields, Spot};
use super::sections::{choice, unique};
use crate::allocation::{AllocationRule, Bound, HoldHarmless, LeastAward, Limit, Limited, Method, Misfit, Objective, Pot, SetAside, Ties};
use crate::money::Money;
use crate::program::{Appropriation, Region};
use crate::shares;

/// What a rule lays out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// Rows of a table.
    Table,
    /// A round of the portal: places have no ties, and regions are the file's own.
    Round,
    /// One of a round's pots.
    Pot,
}

/// A rule: the section, or what a pot says.
pub(super) fn allocation(fields: Fields<'_>, over: Over) -> Option<AllocationRule> {
    let portal = over != Over::Table;
    let methods = [("down_the_list", Method::DownTheList), ("shares", Method::Shares), ("optimal", Method::Optimal)];
    let method = choice(&fields, "method", &methods);
    let of = |wanted| method.is_none_or(|method| method == wanted);
    // In a round, a method that is none is one slip; what the others would need is not asked for.
    let asked = method.is_some() || !portal;
    if !asked {
        for key in [
            "misfit",
            "by",
            "rounding",
            "objective",
            "regions",
            "each_district",
            "each_organization",
            "hold_harmless",
            "least_award",
            "before",
        ] {
            fields.optional(key);
        }
    }
    let misfits = [("stop", Misfit::Stop), ("skip", Misfit::Skip), ("partial", Misfit::Partial), ("waitlist", Misfit::Waitlist)];
    let misfit = (asked && of(Method::DownTheList)).then(|| choice(&fields, "misfit", &misfits)).flatten();
    let (mut ties, mut by_request, mut rounding, mut objective) = (None, false, None, None);
    if !portal {
        ties = fields.optional("ties").and_then(|_| choice(&fields, "ties", &[("file", Ties::File), ("lot", Ties::Lot)]));
    }
    if asked && of(Method::Shares) {
        by_request = choice(&fields, "by", &[("points", false), ("request", true)]).unwrap_or_default();
        let roundings = [("largest_remainder", shares::Method::LargestRemainder), ("webster", shares::Method::Webster)];
        rounding = choice(&fields, "rounding", &roundings);
    }
    if asked && of(Method::Optimal) {
        let objectives = [("points", Objective::Points), ("points_per_seat", Objective::PointsPerSeat)];
        objective = choice(&fields, "objective", &objectives);
    }
    let bounds = if !asked || method == Some(Method::DownTheList) { Vec::new() } else { bounds(&fields) };
    let limits = if asked && of(Method::Optimal) { limits(&fields) } else { Vec::new() };
    let hold_harmless = if !asked || method == Some(Method::DownTheList) { None } else { hold_harmless(&fields) };
    let least_award = if asked && portal { least_award(&fields, misfit) } else { None };
    let before = if over == Over::Round { before(&fields) } else { Vec::new() };
    let set_aside = if portal { None } else { set_aside(&fields) };
    if !portal {
        of_a_round(&fields);
    }
    let (citation, synthetic) = (fields.text("citation"), fields.flag("synthetic"));
    fields.end();
    let method = method?;
    // A choice that a method needs and that was not read was noted; the file is thrown away then.
    match method {
        Method::DownTheList => misfit.map(|_| ())?,
        Method::Shares => rounding.map(|_| ())?,
        Method::Optimal => objective.map(|_| ())?,
        // No word of this section means it: it follows from `[named]`.
        Method::Named => return None,
    }
    Some(AllocationRule {
        method,
        misfit,
        ties,
        by_request,
        rounding,
        objective,
        bounds,
        limits,
        hold_harmless,
        least_award,
        before,
        set_aside,
        citation,
        synthetic,
    })
}

/// Notes what a table has no use for, and what it has instead.
fn of_a_round(fields: &Fields<'_>) {
    let instead = [
        ("least_award", "In a table the column “min” says for each row what the smallest award is; leave this out."),
        ("before", "A table is laid out from one pot, --pot; lay out one table for each pot, and leave this out."),
    ];
    for (key, text) in instead {
        if let Some(spot) = fields.optional(key) {
            spot.note(text);
        }
    }
}

/// The pots before the round's own appropriation; a rule of theirs is read as the section's, with what only they have taken out.
fn before(fields: &Fields<'_>) -> Vec<Pot> {
    let mut pots: Vec<Pot> = Vec::new();
    for one in fields.tables_if_any("before") {
        let (appropriation, name) = (one.text("appropriation"), one.text("name"));
        unique(one.optional("appropriation"), &appropriation, pots.iter().map(|pot| pot.appropriation.as_str()));
        let amount = one.optional("amount").map(|spot| spot.money());
        let regions = one.optional("only_regions").map(|spot| spot.list().iter().map(Spot::key).collect()).unwrap_or_default();
        let rule = allocation(one, Over::Pot);
        pots.extend(rule.map(|rule| Pot { appropriation, name, amount, regions, rule }));
    }
    pots
}

/// Notes what a rule and its pots name and the rest of the file does not have.
pub(super) fn around(rule: &AllocationRule, spot: &Spot<'_>, regions: &[Region], money: &[Appropriation], own: Option<&str>) {
    let bounds = rule.bounds.iter().chain(rule.before.iter().flat_map(|pot| &pot.rule.bounds)).map(|bound| &bound.region);
    let mut unknown: Vec<&String> = bounds.chain(rule.before.iter().flat_map(|pot| &pot.regions)).collect();
    unknown.retain(|key| !regions.iter().any(|region| region.key == **key));
    unknown.dedup();
    unknown.iter().for_each(|key| spot.note(format!("“{key}” is the key of no region in this file.")));
    for pot in &rule.before {
        let key = &pot.appropriation;
        if own == Some(key.as_str()) {
            spot.note(format!("“{key}” is the round’s own appropriation, which is filled last; a pot before it needs another."));
        } else if let Some(found) = money.iter().find(|one| one.key == *key) {
            if pot.amount.is_some_and(|amount| amount > found.amount) {
                spot.note(format!("The pot “{}” holds more than its appropriation of {}.", pot.name, found.amount));
            }
        } else {
            spot.note(format!("“{key}” is the key of no appropriation in this file."));
        }
    }
}

fn bounds(fields: &Fields<'_>) -> Vec<Bound> {
    let mut bounds: Vec<Bound> = Vec::new();
    for one in fields.tables_if_any("regions") {
        let region = one.text("region");
        unique(one.optional("region"), &region, bounds.iter().map(|bound| bound.region.as_str()));
        let (floor, cap) = (one.optional("floor").map(|spot| spot.money()), one.optional("cap").map(|spot| spot.money()));
        if floor.zip(cap).is_some_and(|(floor, cap)| floor > cap) {
            one.note(format!("The floor of {region} is above its cap."));
        }
        if floor.is_none() && cap.is_none() {
            one.note(format!("{region} has neither a floor nor a cap; leave it out."));
        }
        bounds.push(Bound {
            region,
            floor: floor.unwrap_or(Money::ZERO),
            cap,
            citation: one.text("citation"),
            synthetic: one.flag("synthetic"),
        });
        one.end();
    }
    bounds
}

fn limits(fields: &Fields<'_>) -> Vec<Limit> {
    let limit = |(key, of): (&'static str, Limited)| {
        let one = fields.optional(key)?.fields()?;
        let limit = Limit { of, cap: one.money("cap"), citation: one.text("citation"), synthetic: one.flag("synthetic") };
        one.end();
        Some(limit)
    };
    [("each_district", Limited::District), ("each_organization", Limited::Organization)].into_iter().filter_map(limit).collect()
}

fn hold_harmless(fields: &Fields<'_>) -> Option<HoldHarmless> {
    let one = fields.optional("hold_harmless")?.fields()?;
    let percent = one.integer("percent", 1..=100);
    let hold =
        HoldHarmless { percent: u32::try_from(percent).unwrap_or(100), citation: one.text("citation"), synthetic: one.flag("synthetic") };
    one.end();
    Some(hold)
}

/// The smallest award. Down the list only the policy `partial` makes a part of one.
fn least_award(fields: &Fields<'_>, misfit: Option<Misfit>) -> Option<LeastAward> {
    let spot = fields.optional("least_award")?;
    if misfit.is_some_and(|misfit| misfit != Misfit::Partial) {
        spot.note("Down the list an award is a part of a request only where “misfit” is “partial”; leave this out, or choose that.");
    }
    let one = spot.fields()?;
    let least = LeastAward { units: one.integer("units", 1..=10_000), citation: one.text("citation"), synthetic: one.flag("synthetic") };
    one.end();
    Some(least)
}

fn set_aside(fields: &Fields<'_>) -> Option<SetAside> {
    let one = fields.optional("set_aside")?.fields()?;
    let (purpose, amount) = (one.text("for"), one.money("amount"));
    let aside = SetAside { purpose, amount, citation: one.text("citation"), synthetic: one.flag("synthetic") };
    one.end();
    Some(aside)
}
