//! Reads the `[ranking]` section and checks that the rules can rank: weights that make a whole, scales within 0 to 100, known facts, and a
//! tie-break chain that ends in the lot.

use super::read::{Fields, Reader, Spot};
use crate::facts::{FACTS, fact};
use crate::ruleset::{Anchor, Criterion, RuleSet, Scale, ScaleStep, Source, TieStep, WHOLE};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// The `[ranking]` section.
pub(super) fn ranking(fields: Fields<'_>, reader: &Reader<'_>) -> RuleSet {
    let before = reader.count();
    let version = u32::try_from(fields.integer("version", 1..=1_000_000)).unwrap_or(1);
    let citation = fields.text("citation");
    let mut criteria = Vec::new();
    let mut keys = BTreeSet::new();
    let mut sources: BTreeMap<String, &'static str> = BTreeMap::new();
    for one in fields.tables("criteria") {
        let spot = one.optional("key");
        let criterion = criterion(one);
        if !keys.insert(criterion.key.clone())
            && let Some(spot) = &spot
        {
            spot.note(format!("“{}” is the key of an earlier criterion.", criterion.key));
        }
        let kind = kind(&criterion.source);
        let earlier = *sources.entry(criterion.input_key().to_owned()).or_insert(kind);
        if earlier != kind
            && let Some(spot) = &spot
        {
            spot.note(format!(
                "“{}” is a {kind} here and a {earlier} in an earlier criterion; give them different keys.",
                criterion.input_key()
            ));
        }
        criteria.push(criterion);
    }
    let sum: u32 = criteria.iter().map(|criterion| criterion.weight).sum();
    // Only once every weight was read: otherwise the sum is a second complaint about the same slip.
    if reader.count() == before && sum != WHOLE {
        let problem = format!("The weights of the criteria sum to {sum} basis points; they must sum to 10,000, the whole.");
        if let Some(spot) = fields.optional("criteria") {
            spot.note(problem);
        }
    }
    let ties = ties(&fields, &keys, &sources);
    fields.end();
    RuleSet { version, citation, criteria, ties }
}

fn kind(source: &Source) -> &'static str {
    match source {
        Source::Fact { .. } => "fact",
        Source::Evidence { .. } => "kind of evidence",
        Source::Rubric { .. } => "rubric",
    }
}

fn criterion(fields: Fields<'_>) -> Criterion {
    let source_spot = fields.optional("source");
    let source = fields.table("source").and_then(source);
    let scale = match &source {
        Some(Source::Rubric { .. }) => {
            if let Some(spot) = fields.optional("scale") {
                spot.note("A rubric has no scale: its written levels are the points.");
            }
            Scale::AsScored
        }
        _ => fields.table("scale").and_then(scale).unwrap_or(Scale::AsScored),
    };
    if let (Some(Source::Fact { key }), Some(spot)) = (&source, source_spot)
        && fact(key).is_none()
        && !key.is_empty()
    {
        spot.note(format!("“{key}” is no fact that Allotment knows. The facts are: {}.", FACTS.map(|fact| fact.key).join(", ")));
    }
    let criterion = Criterion {
        key: fields.key("key"),
        name: fields.text("name"),
        plain: fields.text("plain"),
        weight: u32::try_from(fields.integer("weight", 1..=i64::from(WHOLE))).unwrap_or(WHOLE),
        citation: fields.text("citation"),
        synthetic: fields.flag("synthetic"),
        source: source.unwrap_or(Source::Fact { key: String::new() }),
        scale,
    };
    fields.end();
    criterion
}

fn source(fields: Fields<'_>) -> Option<Source> {
    let (fact, evidence, rubric) = (fields.optional("fact"), fields.optional("evidence"), fields.optional("rubric"));
    let source = match (fact, evidence, rubric) {
        (Some(fact), None, None) => Some(Source::Fact { key: fact.key() }),
        (None, Some(evidence), None) => {
            let cap = u32::try_from(fields.integer("cap", 1..=10_000)).unwrap_or(1);
            Some(Source::Evidence { key: evidence.key(), cap })
        }
        (None, None, Some(rubric)) => Some(Source::Rubric { anchors: rubric.fields().map(anchors).unwrap_or_default() }),
        _ => {
            fields.note("A source is exactly one of fact, evidence (with cap) or rubric.");
            return None;
        }
    };
    fields.end();
    source
}

fn anchors(fields: Fields<'_>) -> Vec<Anchor> {
    let mut anchors: Vec<Anchor> = Vec::new();
    let list = fields.list("anchors");
    for spot in &list {
        let Some((points, text)) = pair(spot, "[points, \"what it looks like\"]") else { continue };
        let anchor = Anchor { points: points.points(), text: text.text() };
        if anchors.last().is_some_and(|last| last.points >= anchor.points) {
            points.note("The levels must rise: write the fewest points first, each once.");
        }
        anchors.push(anchor);
    }
    if list.len() == 1 {
        fields.note("A rubric needs at least two levels.");
    }
    fields.end();
    anchors
}

fn pair<'a>(spot: &Spot<'a>, form: &str) -> Option<(Spot<'a>, Spot<'a>)> {
    if let [first, second] = spot.list().as_slice() {
        return Some((first.clone(), second.clone()));
    }
    spot.note(format!("This must be a pair: {form}."));
    None
}

fn scale(fields: Fields<'_>) -> Option<Scale> {
    let (yes_no, steps, linear) = (fields.optional("yes_no"), fields.optional("steps"), fields.optional("linear"));
    let scale = match (yes_no, steps, linear) {
        (Some(spot), None, None) => spot.fields().map(|inner| {
            let scale = Scale::YesNo { zero: inner.points("zero"), nonzero: inner.points("nonzero") };
            inner.end();
            scale
        }),
        (None, Some(_), None) => Some(Scale::Steps { steps: scale_steps(&fields), above: fields.points("above") }),
        (None, None, Some(spot)) => spot.fields().map(|inner| line(inner, &spot)),
        _ => {
            fields.note("A scale is exactly one of yes_no, steps (with above) or linear.");
            return None;
        }
    };
    fields.end();
    scale
}

fn scale_steps(fields: &Fields<'_>) -> Vec<ScaleStep> {
    let mut steps: Vec<ScaleStep> = Vec::new();
    for spot in fields.list("steps") {
        let Some((up_to, points)) = pair(&spot, "[up to this value, points]") else { continue };
        let step = ScaleStep { up_to: up_to.decimal(), points: points.points() };
        if steps.last().is_some_and(|last| last.up_to >= step.up_to) {
            up_to.note("The limits must rise from step to step.");
        }
        steps.push(step);
    }
    steps
}

fn line(fields: Fields<'_>, spot: &Spot<'_>) -> Scale {
    let (from, to) = (fields.decimal("from"), fields.decimal("to"));
    if from == to && fields.optional("from").is_some() && fields.optional("to").is_some() {
        spot.note("The two ends of the line are the same value; they must differ.");
    }
    let end = |key, standard: Decimal| fields.optional(key).map_or(standard, |spot| spot.points());
    let (from_points, to_points) = (end("from_points", Decimal::ZERO), end("to_points", Decimal::ONE_HUNDRED));
    fields.end();
    Scale::Linear { from, to, from_points, to_points }
}

fn ties(fields: &Fields<'_>, criteria: &BTreeSet<String>, sources: &BTreeMap<String, &'static str>) -> Vec<TieStep> {
    let spots = fields.list("ties");
    let mut ties = Vec::with_capacity(spots.len());
    for spot in &spots {
        let text = spot.text();
        let words: Vec<&str> = text.split_whitespace().collect();
        let step = match words.as_slice() {
            ["lot"] => TieStep::Lot,
            ["points", key] if criteria.contains(*key) => TieStep::Points((*key).to_owned()),
            ["points", key] => {
                spot.note(format!("“{key}” is no criterion's key."));
                continue;
            }
            [way @ ("higher" | "lower"), key] if sources.contains_key(*key) || fact(key).is_some() => {
                let key = (*key).to_owned();
                if *way == "higher" { TieStep::Higher(key) } else { TieStep::Lower(key) }
            }
            ["higher" | "lower", key] => {
                spot.note(format!("“{key}” is neither a fact that Allotment knows nor something a criterion draws on."));
                continue;
            }
            _ => {
                spot.note("A tie-break is “points CRITERION”, “higher FACT”, “lower FACT” or “lot”.");
                continue;
            }
        };
        if ties.contains(&step) {
            spot.note("This tie-break stands twice.");
        }
        ties.push(step);
    }
    if let Some(last) = spots.last()
        && spots.len() == ties.len()
        && ties.iter().position(|step| *step == TieStep::Lot) != Some(ties.len() - 1)
    {
        last.note("The chain must end in “lot”, and hold it only there: only the lot always separates.");
    }
    ties
}
