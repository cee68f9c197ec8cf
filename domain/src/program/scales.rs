//! Reads a criterion's scale, and checks that it can give points: ends that differ, limits that rise, points within bounds.

use super::read::{Fields, Spot};
use crate::ruleset::{BONUS_POINTS, Bend, PLAIN_POINTS, Scale, ScaleStep};
use rust_decimal::Decimal;

/// Both of a pair in square brackets.
pub(super) fn pair<'a>(spot: &Spot<'a>, form: &str) -> Option<(Spot<'a>, Spot<'a>)> {
    if let [first, second] = spot.list().as_slice() {
        return Some((first.clone(), second.clone()));
    }
    spot.note(format!("This must be a pair: {form}."));
    None
}

/// The `scale` of a criterion. A bonus may stay without one: its number is its points.
pub(super) fn scale(fields: Fields<'_>, bonus: bool) -> Option<Scale> {
    let ends = if bonus { BONUS_POINTS } else { PLAIN_POINTS };
    let named = ["yes_no", "steps", "linear", "distance", "piecewise", "percentile", "z_score"].map(|name| (name, fields.optional(name)));
    let mut there = named.into_iter().filter_map(|(name, spot)| Some((name, spot?)));
    let (Some((name, spot)), None) = (there.next(), there.next()) else {
        fields.note("A scale is exactly one of yes_no, steps (with above), linear, distance, piecewise, percentile or z_score.");
        return None;
    };
    let scale = match name {
        "steps" => Some(Scale::Steps { steps: steps(&fields, ends), above: fields.points("above", ends) }),
        "piecewise" => Some(Scale::Piecewise { bends: bends(&spot, ends) }),
        "yes_no" => spot.fields().map(|inner| {
            let scale = Scale::YesNo { zero: inner.points("zero", ends), nonzero: inner.points("nonzero", ends) };
            inner.end();
            scale
        }),
        "linear" => spot.fields().map(|inner| line(inner, &spot, ends)),
        "distance" => spot.fields().map(|inner| distance(inner, &spot)),
        "percentile" => spot.fields().map(|inner| {
            let scale = Scale::Percentile { lowest: inner.points("lowest", ends), highest: inner.points("highest", ends) };
            inner.end();
            scale
        }),
        _ => spot.fields().map(|inner| z_score(inner, &spot, ends)),
    };
    fields.end();
    scale
}

fn steps(fields: &Fields<'_>, ends: (i64, i64)) -> Vec<ScaleStep> {
    let mut steps: Vec<ScaleStep> = Vec::new();
    for spot in fields.list("steps") {
        let Some((up_to, points)) = pair(&spot, "[up to this value, points]") else { continue };
        let step = ScaleStep { up_to: up_to.decimal(), points: points.points(ends) };
        if steps.last().is_some_and(|last| last.up_to >= step.up_to) {
            up_to.note("The limits must rise from step to step.");
        }
        steps.push(step);
    }
    steps
}

fn bends(spot: &Spot<'_>, ends: (i64, i64)) -> Vec<Bend> {
    let mut bends: Vec<Bend> = Vec::new();
    let list = spot.list();
    for one in &list {
        let Some((at, points)) = pair(one, "[at this value, points]") else { continue };
        let bend = Bend { at: at.decimal(), points: points.points(ends) };
        if bends.last().is_some_and(|last| last.at >= bend.at) {
            at.note("The values must rise from bend to bend.");
        }
        bends.push(bend);
    }
    if list.len() < 2 {
        spot.note("A piecewise scale has at least two bends.");
    }
    bends
}

fn line(fields: Fields<'_>, spot: &Spot<'_>, ends: (i64, i64)) -> Scale {
    let (from, to) = (fields.decimal("from"), fields.decimal("to"));
    if from == to && fields.optional("from").is_some() && fields.optional("to").is_some() {
        spot.note("The two ends of the line are the same value; they must differ.");
    }
    let end = |key, standard: Decimal| fields.optional(key).map_or(standard, |spot| spot.points(ends));
    let (from_points, to_points) = (end("from_points", Decimal::ZERO), end("to_points", Decimal::ONE_HUNDRED));
    fields.end();
    Scale::Linear { from, to, from_points, to_points }
}

/// All points as near as `near`, none as far as `far`.
fn distance(fields: Fields<'_>, spot: &Spot<'_>) -> Scale {
    let (near, far) = (fields.decimal("near"), fields.decimal("far"));
    if near >= far && fields.optional("near").is_some() && fields.optional("far").is_some() {
        spot.note("“near” must be less than “far”.");
    }
    fields.end();
    Scale::Linear { from: far, to: near, from_points: Decimal::ZERO, to_points: Decimal::ONE_HUNDRED }
}

fn z_score(fields: Fields<'_>, spot: &Spot<'_>, ends: (i64, i64)) -> Scale {
    let end = |key, standard: i64| fields.optional(key).map_or_else(|| Decimal::from(standard), |spot| spot.points(ends));
    let (least, most) = (end("least", ends.0.max(0)), end("most", ends.1.min(100)));
    if least >= most {
        spot.note("“least” must be less than “most”.");
    }
    let scale = Scale::ZScore {
        middle: fields.points("middle", ends),
        per_deviation: fields.required("per_deviation").map_or(Decimal::ONE, |spot| spot.points((-1_000, 1_000))),
        least,
        most,
    };
    fields.end();
    scale
}
