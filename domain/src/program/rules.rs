//! Reads the `[ranking]` section and checks that the rules can rank: weights that make a whole, known facts, formulas over known names, and
//! a tie-break chain that ends in the lot. Scales are read in [`super::scales`].

use super::read::{Fields, Reader, Spot};
use super::scales;
use crate::facts::{FACTS, fact};
use crate::formula::{Formula, Kind};
use crate::review::EVIDENCE;
use crate::ruleset::{Anchor, BONUS_POINTS, Criterion, Gate, Group, Missing, PLAIN_POINTS, RuleSet, Scale, Source, TieStep, WHOLE};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Which names rules may draw on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Vocabulary {
    /// The facts and the evidence that Allotment knows: a slip of the pen is found here.
    Known,
    /// Any: the table that comes with the rules has the columns, and a slip is found there.
    Any,
}

/// What the criteria read so far draw on.
struct Names {
    vocabulary: Vocabulary,
    criteria: BTreeSet<String>,
    sources: BTreeMap<String, &'static str>,
}

impl Names {
    fn knows_fact(&self, key: &str) -> bool {
        self.vocabulary == Vocabulary::Any || fact(key).is_some()
    }

    /// Whether a formula or a tie-break may name this: a fact, counted evidence or a rubric's score.
    fn knows(&self, key: &str) -> bool {
        self.knows_fact(key) || EVIDENCE.iter().any(|(evidence, ..)| *evidence == key) || self.sources.contains_key(key)
    }
}

/// The `[ranking]` section.
pub(super) fn ranking(fields: Fields<'_>, reader: &Reader<'_>, vocabulary: Vocabulary) -> RuleSet {
    let before = reader.count();
    let version = u32::try_from(fields.integer("version", 1..=1_000_000)).unwrap_or(1);
    let citation = fields.text("citation");
    let mut names = Names { vocabulary, criteria: BTreeSet::new(), sources: BTreeMap::new() };
    let mut criteria = Vec::new();
    let mut formulas = Vec::new();
    for one in fields.tables("criteria") {
        let spot = one.optional("key");
        let (criterion, formula) = criterion(one, &names);
        formulas.extend(formula);
        note_repeats(&criterion, spot.as_ref(), &mut names);
        criteria.push(criterion);
    }
    // A formula may draw on a rubric that stands below it, so names are looked up when all are read.
    for (spot, formula) in formulas {
        of_kind(&spot, &formula, Kind::Number, &names);
    }
    let sum: u32 = criteria.iter().map(|criterion| criterion.weight).sum();
    // Only once every weight was read: otherwise the sum is a second complaint about the same slip.
    if reader.count() == before && sum != WHOLE {
        let problem = format!("The weights of the criteria sum to {sum} basis points; they must sum to 10,000, the whole.");
        if let Some(spot) = fields.optional("criteria") {
            spot.note(problem);
        }
    }
    let gates = gates(&fields, &names);
    let groups = groups(&fields, &names.criteria);
    let ties = ties(&fields, &names);
    fields.end();
    RuleSet { version, citation, gates, criteria, groups, ties, panel: None }
}

/// Notes a key that an earlier criterion has, and an input that an earlier one draws on as something else.
fn note_repeats(criterion: &Criterion, spot: Option<&Spot<'_>>, names: &mut Names) {
    let note = |problem| {
        if let Some(spot) = spot {
            spot.note(problem);
        }
    };
    if !names.criteria.insert(criterion.key.clone()) {
        note(format!("“{}” is the key of an earlier criterion.", criterion.key));
    }
    let kind = match &criterion.source {
        Source::Fact { .. } => "fact",
        Source::Evidence { .. } => "kind of evidence",
        Source::Rubric { .. } => "rubric",
        Source::Formula { .. } => return,
    };
    let earlier = *names.sources.entry(criterion.input_key().to_owned()).or_insert(kind);
    if earlier != kind {
        note(format!("“{}” is a {kind} here and a {earlier} in an earlier criterion; give them different keys.", criterion.input_key()));
    }
}

/// A criterion, and its formula's spot when it has one.
fn criterion<'a>(fields: Fields<'a>, names: &Names) -> (Criterion, Option<(Spot<'a>, Formula)>) {
    let source_spot = fields.optional("source");
    let formula_spot = source_spot.as_ref().and_then(Spot::fields).and_then(|fields| fields.optional("formula"));
    let source = fields.table("source").and_then(source);
    let bonus = fields.flag("bonus");
    let scale = match &source {
        Some(Source::Rubric { .. }) => {
            if let Some(spot) = fields.optional("scale") {
                spot.note("A rubric has no scale: its written levels are the points.");
            }
            Scale::AsScored
        }
        _ if bonus && fields.optional("scale").is_none() => Scale::AsScored,
        _ => fields.table("scale").and_then(|scale| scales::scale(scale, bonus)).unwrap_or(Scale::AsScored),
    };
    if let (Some(Source::Fact { key }), Some(spot)) = (&source, source_spot)
        && !names.knows_fact(key)
        && !key.is_empty()
    {
        spot.note(format!("“{key}” is no fact that Allotment knows. The facts are: {}.", FACTS.map(|fact| fact.key).join(", ")));
    }
    let weight = match fields.optional("weight") {
        Some(spot) if bonus => {
            spot.note("A bonus has no weight: its points are added as they are.");
            0
        }
        None if bonus => 0,
        _ => u32::try_from(fields.integer("weight", 1..=i64::from(WHOLE))).unwrap_or(WHOLE),
    };
    let policies = [("error", Missing::Error), ("exclude", Missing::Exclude), ("contest", Missing::Contest)];
    let missing = fields.optional("missing").and_then(|_| super::sections::choice(&fields, "missing", &policies)).unwrap_or_default();
    let formula = match &source {
        Some(Source::Formula { formula }) => formula_spot.map(|spot| (spot, formula.clone())),
        _ => None,
    };
    let criterion = Criterion {
        key: fields.key("key"),
        name: fields.text("name"),
        plain: fields.text("plain"),
        weight,
        bonus,
        citation: fields.text("citation"),
        synthetic: fields.flag("synthetic"),
        source: source.unwrap_or(Source::Fact { key: String::new() }),
        scale,
        missing,
    };
    fields.end();
    (criterion, formula)
}

fn source(fields: Fields<'_>) -> Option<Source> {
    let (fact, evidence) = (fields.optional("fact"), fields.optional("evidence"));
    let (rubric, formula) = (fields.optional("rubric"), fields.optional("formula"));
    let source = match (fact, evidence, rubric, formula) {
        (Some(fact), None, None, None) => Some(Source::Fact { key: fact.key() }),
        (None, Some(evidence), None, None) => {
            let cap = u32::try_from(fields.integer("cap", 1..=10_000)).unwrap_or(1);
            Some(Source::Evidence { key: evidence.key(), cap })
        }
        (None, None, Some(rubric), None) => Some(Source::Rubric { anchors: rubric.fields().map(anchors).unwrap_or_default() }),
        (None, None, None, Some(spot)) => read_formula(&spot).map(|formula| Source::Formula { formula }),
        _ => {
            fields.note("A source is exactly one of fact, evidence (with cap), rubric or formula.");
            return None;
        }
    };
    fields.end();
    source
}

fn read_formula(spot: &Spot<'_>) -> Option<Formula> {
    Formula::parse(&spot.text()).map_err(|problem| spot.note_inside(problem.at, problem.problem)).ok()
}

/// Notes a formula of another kind than is wanted, or one that draws on an unknown name.
fn of_kind(spot: &Spot<'_>, formula: &Formula, wanted: Kind, names: &Names) {
    match formula.kind(&|name| names.knows(name).then_some(Kind::Number)) {
        Ok(kind) if kind == wanted => {}
        Ok(kind) => spot.note(format!("This formula must give {wanted}; it gives {kind}.")),
        Err(problem) => spot.note_inside(problem.at, problem.problem),
    }
}

fn anchors(fields: Fields<'_>) -> Vec<Anchor> {
    let mut anchors: Vec<Anchor> = Vec::new();
    let list = fields.list("anchors");
    for spot in &list {
        let Some((points, text)) = scales::pair(spot, "[points, \"what it looks like\"]") else { continue };
        let anchor = Anchor { points: points.points(PLAIN_POINTS), text: text.text() };
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

fn gates(fields: &Fields<'_>, names: &Names) -> Vec<Gate> {
    let mut gates: Vec<Gate> = Vec::new();
    for one in fields.tables_if_any("gates") {
        let key = one.key("key");
        super::sections::unique(one.optional("key"), &key, gates.iter().map(|gate| gate.key.as_str()));
        let must = one.required("must").and_then(|spot| {
            let formula = read_formula(&spot)?;
            of_kind(&spot, &formula, Kind::Truth, names);
            Some(formula)
        });
        let (name, plain, citation, synthetic) = (one.text("name"), one.text("plain"), one.text("citation"), one.flag("synthetic"));
        one.end();
        gates.extend(must.map(|must| Gate { key, name, plain, must, citation, synthetic }));
    }
    gates
}

fn groups(fields: &Fields<'_>, criteria: &BTreeSet<String>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut taken = BTreeSet::new();
    for one in fields.tables_if_any("groups") {
        let key = one.key("key");
        super::sections::unique(one.optional("key"), &key, groups.iter().map(|group| group.key.as_str()));
        let mut members = Vec::new();
        for spot in one.list("criteria") {
            let member = spot.key();
            if !criteria.contains(&member) {
                spot.note(format!("“{member}” is no criterion's key."));
            } else if !taken.insert(member.clone()) {
                spot.note(format!("“{member}” is in a group already; a criterion is in one at most."));
            }
            members.push(member);
        }
        let cap = one.required("cap").map_or(Decimal::ZERO, |spot| spot.points(BONUS_POINTS));
        groups.push(Group {
            key,
            name: one.text("name"),
            criteria: members,
            cap,
            citation: one.text("citation"),
            synthetic: one.flag("synthetic"),
        });
        one.end();
    }
    groups
}

fn ties(fields: &Fields<'_>, names: &Names) -> Vec<TieStep> {
    let spots = fields.list("ties");
    let mut ties = Vec::with_capacity(spots.len());
    for spot in &spots {
        let text = spot.text();
        let words: Vec<&str> = text.split_whitespace().collect();
        let step = match words.as_slice() {
            ["lot"] => TieStep::Lot,
            ["points", key] if names.criteria.contains(*key) => TieStep::Points((*key).to_owned()),
            ["points", key] => {
                spot.note(format!("“{key}” is no criterion's key."));
                continue;
            }
            [way @ ("higher" | "lower"), key] if names.sources.contains_key(*key) || names.knows_fact(key) => {
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
