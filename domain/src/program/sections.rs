//! Reads every section of a program file but `[ranking]`, with the checks that span sections: references, duplicate members, the order of
//! dates.

use super::allocations::Over;
use super::named::{self, Around};
use super::panels;
use super::read::{Fields, Reader, Spot};
use super::rules::Vocabulary;
use super::{
    Agency, ApplicantKind, Appropriation, AwardTerms, Category, DrawBasis, DrawTerms, Eligibility, FileProblem, OutcomeMeasure, Program,
    ProgramFile, Reasons, Region, ReportingTerms, RoundTerms, RulesFile, Years, allocations, decisions, rules,
};
use crate::letter::Basis;
use crate::ruleset::RuleSet;
use crate::time::{Timestamp, Zone};
use std::collections::{BTreeMap, BTreeSet};

/// Reads a file; when there are problems the file is not to be used.
pub(super) fn read(text: &str) -> (Option<ProgramFile>, Vec<FileProblem>) {
    read_with(text, whole)
}

/// Reads the rules of a file, and passes over its other sections.
pub(super) fn read_rules(text: &str) -> (Option<RulesFile>, Vec<FileProblem>) {
    read_with(text, only_rules)
}

fn read_with<T>(text: &str, body: impl for<'a> Fn(Fields<'a>, &Reader<'a>) -> Option<T>) -> (Option<T>, Vec<FileProblem>) {
    let reader = Reader::new(text);
    let document = match toml_edit::Document::parse(text) {
        Ok(document) => document,
        Err(cause) => {
            reader.note(
                cause.span().map_or(0, |span| span.start),
                "",
                format!("This is not TOML: {}.", cause.message().trim_end_matches('.')),
            );
            return (None, reader.into_problems());
        }
    };
    let read = body(Fields::root(&reader, document.as_table()), &reader);
    (read, reader.into_problems())
}

/// The sections of a program file that hold no rule of ranking or allocation.
const OTHERS: [&str; 12] = [
    "named",
    "agency",
    "program",
    "appropriations",
    "regions",
    "eligibility",
    "award",
    "reporting",
    "draws",
    "approvals",
    "letters",
    "appeals",
];

fn only_rules(root: Fields<'_>, reader: &Reader<'_>) -> Option<RulesFile> {
    for section in OTHERS {
        root.optional(section);
    }
    let seed = root.optional("seed").or_else(|| root.optional("round").and_then(|round| round.fields()?.optional("seed")));
    root.optional("round");
    // Of a panel the ranking takes only how its scores become one number; a table has that number.
    let panel = root.optional("review").and_then(|spot| spot.fields()).and_then(|fields| panels::aggregation(&fields));
    let with_panel = |rules: RuleSet| RuleSet { panel, ..rules };
    let rules = RulesFile {
        seed: seed.map(|seed| seed.text()),
        ranking: root
            .optional("ranking")
            .and_then(|spot| spot.fields())
            .map(|fields| with_panel(rules::ranking(fields, reader, Vocabulary::Any))),
        allocation: root
            .optional("allocation")
            .and_then(|spot| spot.fields())
            .and_then(|fields| allocations::allocation(fields, Over::Table)),
    };
    root.end();
    Some(rules)
}

fn whole(root: Fields<'_>, reader: &Reader<'_>) -> Option<ProgramFile> {
    // Every section is read before any is missed, so that all problems are found at once.
    let agency = root.table("agency").map(agency);
    let program = root.table("program").map(program);
    let appropriations = appropriations(&root);
    let round = root.table("round").and_then(|fields| round(fields, &appropriations));
    let regions = regions(&root);
    let eligibility = root.table("eligibility").map(eligibility);
    let award = root.table("award").map(award);
    let appeals = decisions::appeals(&root);
    let by_law = root.optional("named");
    let reserve = appeals.as_ref().and_then(|appeals| appeals.reserve).unwrap_or_default();
    let pot = round.as_ref().and_then(|round| appropriations.iter().find(|one| one.key == round.appropriation));
    let around = Around { regions: &regions, award: award.as_ref(), pot: pot.and_then(|money| money.amount.minus(reserve).ok()) };
    let named = by_law.as_ref().and_then(|section| named::named(&root, section, &around));
    // Where the law names, the rules follow from it.
    let competes = |key| if by_law.is_some() { None } else { root.table(key) };
    let mut ranking = match &named {
        Some(named) => Some(named.list_rules()),
        None => competes("ranking").map(|fields| rules::ranking(fields, reader, Vocabulary::Known)),
    };
    let asked = root.optional("review");
    let (zone, closes) = (round.as_ref().map(|round| round.zone), round.as_ref().map(|round| round.closes));
    let panel = asked.as_ref().and_then(Spot::fields).and_then(|fields| panels::review(fields, zone, closes, ranking.as_mut()));
    let allocation = match &named {
        Some(named) => Some(named.money_rule()),
        None => competes("allocation").and_then(|fields| allocations::allocation(fields, Over::Round)),
    };
    if let Some((rule, spot)) = allocation.as_ref().zip(root.optional("allocation")) {
        allocations::around(rule, &spot, &regions, &appropriations, round.as_ref().map(|round| round.appropriation.as_str()));
    }
    let reporting = root.table("reporting").map(reporting);
    let draws = root.table("draws").and_then(draws);
    let approvals = decisions::approvals(&root);
    let letters = decisions::letters(&root, if by_law.is_some() { Basis::Law } else { Basis::Ranking });
    root.end();
    // A section that could not be read has been noted; without one, staff score.
    let review = if asked.is_some() { Some(panel?) } else { None };
    if by_law.is_some() && named.is_none() {
        return None;
    }
    Some(ProgramFile {
        agency: agency?,
        program: program?,
        appropriations,
        round: round?,
        regions,
        eligibility: eligibility?,
        named,
        ranking: ranking?,
        review,
        award: award?,
        allocation: allocation?,
        reporting: reporting?,
        draws: draws?,
        approvals,
        letters,
        appeals,
    })
}

fn agency(fields: Fields<'_>) -> Agency {
    let agency = Agency {
        name: fields.text("name"),
        short_name: fields.text("short_name"),
        fiscal_agent: fields.text("fiscal_agent"),
        contact: fields.optional("contact").map(|spot| spot.text()),
    };
    fields.end();
    agency
}

fn program(fields: Fields<'_>) -> Program {
    let program =
        Program { slug: fields.key("slug"), name: fields.text("name"), summary: fields.text("summary"), citation: fields.text("citation") };
    fields.end();
    program
}

fn appropriations(root: &Fields<'_>) -> Vec<Appropriation> {
    let mut all: Vec<Appropriation> = Vec::new();
    for fields in root.tables("appropriations") {
        let (begins_on, lapses_on) = (fields.date("begins_on"), fields.date("lapses_on"));
        let one = Appropriation {
            key: fields.key("key"),
            bill: fields.text("bill"),
            section: fields.text("section"),
            fund_source: fields.text("fund_source"),
            fiscal_year: i32::try_from(fields.integer("fiscal_year", 1900..=2200)).unwrap_or(1900),
            amount: fields.money("amount"),
            begins_on: begins_on.unwrap_or_default(),
            lapses_on: lapses_on.unwrap_or_default(),
            citation: fields.text("citation"),
            synthetic: fields.flag("synthetic"),
        };
        unique(fields.optional("key"), &one.key, all.iter().map(|other| other.key.as_str()));
        if begins_on.zip(lapses_on).is_some_and(|(begins, lapses)| lapses < begins)
            && let Some(spot) = fields.optional("lapses_on")
        {
            spot.note("The money lapses before it begins.");
        }
        fields.end();
        all.push(one);
    }
    all
}

/// Notes a key that stands among the earlier ones.
pub(super) fn unique<'k>(spot: Option<Spot<'_>>, key: &str, mut earlier: impl Iterator<Item = &'k str>) {
    if let Some(spot) = spot
        && !key.is_empty()
        && earlier.any(|other| other == key)
    {
        spot.note(format!("“{key}” is used by an earlier one; keys are unique."));
    }
}

fn round(fields: Fields<'_>, appropriations: &[Appropriation]) -> Option<RoundTerms> {
    let zone = fields.required("zone").and_then(|spot| {
        let named = Zone::named(&spot.text());
        named.map_err(|problem| spot.note(problem.to_string())).ok()
    });
    // Without a zone the times are still read, so that other slips in them are found.
    let instant = |spot: Option<Spot<'_>>| {
        let (spot, wall) = spot.and_then(|spot| spot.wall().map(|wall| (spot, wall)))?;
        zone?.at(wall).map_err(|problem| spot.note(problem.to_string())).ok()
    };
    let (opens, closes) = (instant(fields.required("opens")), instant(fields.required("closes")));
    let questions = fields.optional("questions_until");
    let questions_until = instant(questions.clone());
    let award = fields.optional("award_on");
    let award_on = award.as_ref().and_then(Spot::date);
    let note = |key, problem: &str| {
        if let Some(spot) = fields.optional(key) {
            spot.note(problem);
        }
    };
    // A close before the opening is one slip; the other dates are compared only with a round that is in order.
    let open = opens.zip(closes).filter(|(opens, closes)| opens < closes);
    if open.is_none() && opens.is_some() && closes.is_some() {
        note("closes", "The round closes before it opens.");
    }
    if open.zip(questions_until).is_some_and(|((opens, closes), until)| until < opens || until > closes) {
        note("questions_until", "Questions must end while the round is open.");
    }
    if open.zip(award_on).zip(zone).is_some_and(|(((_, closes), day), zone)| day < closes.date_in(zone)) {
        note("award_on", "Awards can't be announced before the round closes.");
    }
    let appropriation = fields.key("appropriation");
    if !appropriation.is_empty() && !appropriations.iter().any(|one| one.key == appropriation) {
        note("appropriation", &format!("“{appropriation}” is the key of no appropriation in this file."));
    }
    let synthetic = fields.optional("synthetic").map(|spot| spot.list().iter().map(Spot::text).collect()).unwrap_or_default();
    let reasons = match fields.optional("reasons") {
        None => Some(Reasons::default()),
        Some(_) => choice(&fields, "reasons", &[("applicant", Reasons::Applicant), ("public", Reasons::Public), ("staff", Reasons::Staff)]),
    };
    let standing = Timestamp::from_unix(0);
    let round = RoundTerms {
        slug: fields.key("slug"),
        name: fields.text("name"),
        zone: zone.unwrap_or(Zone::CENTRAL),
        opens: opens.unwrap_or(standing),
        closes: closes.unwrap_or(standing),
        questions_until,
        award_on,
        appropriation,
        seed: fields.optional("seed").map(|seed| seed.text()),
        reasons: reasons.unwrap_or_default(),
        citation: fields.text("citation"),
        synthetic,
    };
    fields.end();
    Some(round)
}

fn regions(root: &Fields<'_>) -> Vec<Region> {
    let mut all: Vec<Region> = Vec::new();
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for fields in root.tables("regions") {
        let (key, name) = (fields.key("key"), fields.text("name"));
        unique(fields.optional("key"), &key, all.iter().map(|other| other.key.as_str()));
        let districts = members(fields.optional("districts"), 7, "a district's NCES id: seven digits in quotation marks", &name, &mut seen);
        let counties = members(fields.optional("counties"), 5, "a county's FIPS code: five digits in quotation marks", &name, &mut seen);
        if districts.is_empty() && counties.is_empty() {
            fields.note("A region needs members: a list of districts, counties or both.");
        }
        all.push(Region { key, name, districts, counties, citation: fields.text("citation"), synthetic: fields.flag("synthetic") });
        fields.end();
    }
    all
}

fn members(list: Option<Spot<'_>>, digits: usize, what: &str, region: &str, seen: &mut BTreeMap<String, String>) -> Vec<String> {
    let mut members = BTreeSet::new();
    for spot in list.map(|spot| spot.list()).unwrap_or_default() {
        let id = spot.text();
        if id.len() != digits || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            if !id.is_empty() {
                spot.note(format!("“{id}” is not {what}."));
            }
        } else if let Some(other) = seen.insert(id.clone(), region.to_owned()) {
            spot.note(format!("{id} is already a member of {other}; each belongs to one region."));
        }
        members.insert(id);
    }
    members.into_iter().collect()
}

fn eligibility(fields: Fields<'_>) -> Eligibility {
    let mut applicants = BTreeSet::new();
    for spot in fields.list("applicants") {
        match spot.text().as_str() {
            "district" => applicants.insert(ApplicantKind::District),
            "community" => applicants.insert(ApplicantKind::Community),
            "" => continue,
            other => {
                spot.note(format!("“{other}” is no kind of applicant. The kinds are district and community."));
                continue;
            }
        };
    }
    let eligibility =
        Eligibility { applicants: applicants.into_iter().collect(), text: fields.text("text"), citation: fields.text("citation") };
    fields.end();
    eligibility
}

fn award(fields: Fields<'_>) -> AwardTerms {
    let award = AwardTerms {
        unit: fields.text("unit"),
        units: fields.text("units"),
        unit_cost: fields.money("unit_cost"),
        max_units: fields.integer("max_units", 1..=100_000),
        years: fields.optional("years").and_then(|spot| spot.fields()).map(years),
        citation: fields.text("citation"),
        synthetic: fields.flag("synthetic"),
    };
    fields.end();
    award
}

fn years(fields: Fields<'_>) -> Years {
    let count = u32::try_from(fields.integer("count", 2..=10)).unwrap_or(2);
    let years = Years { count, citation: fields.text("citation"), synthetic: fields.flag("synthetic") };
    fields.end();
    years
}

/// The choice a word names; noted with the words there are when it names none.
pub(super) fn choice<T: Copy>(fields: &Fields<'_>, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
    let spot = fields.required(key)?;
    let word = spot.text();
    let chosen = choices.iter().find(|(name, _)| *name == word).map(|(_, choice)| *choice);
    if chosen.is_none() && !word.is_empty() {
        let words: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        spot.note(format!("“{word}” is not one of: {}.", words.join(", ")));
    }
    chosen
}

fn reporting(fields: Fields<'_>) -> ReportingTerms {
    let mut categories: Vec<Category> = Vec::new();
    for one in fields.tables("categories") {
        let category = Category { key: one.key("key"), name: one.text("name") };
        unique(one.optional("key"), &category.key, categories.iter().map(|other| other.key.as_str()));
        one.end();
        categories.push(category);
    }
    let mut outcomes: Vec<OutcomeMeasure> = Vec::new();
    for one in fields.tables("outcomes") {
        let outcome = OutcomeMeasure { key: one.key("key"), name: one.text("name"), unit: one.text("unit") };
        unique(one.optional("key"), &outcome.key, outcomes.iter().map(|other| other.key.as_str()));
        one.end();
        outcomes.push(outcome);
    }
    let terms = ReportingTerms {
        categories,
        outcomes,
        due_days: u32::try_from(fields.integer("due_days", 1..=365)).unwrap_or(1),
        citation: fields.text("citation"),
        synthetic: fields.flag("synthetic"),
    };
    fields.end();
    terms
}

fn draws(fields: Fields<'_>) -> Option<DrawTerms> {
    let basis = choice(&fields, "basis", &[("advance", DrawBasis::Advance), ("reimbursement", DrawBasis::Reimbursement)]);
    let (citation, synthetic) = (fields.text("citation"), fields.flag("synthetic"));
    fields.end();
    Some(DrawTerms { basis: basis?, citation, synthetic })
}
