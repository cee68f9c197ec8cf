//! A thousand random pools, with conditions and formulas, ranked here and once more by another program in another language with its own
//! fractions; and some hundred pots, for which that program looks at every set there is.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

#[path = "second_opinion/formulas.rs"]
mod formulas;
#[path = "second_opinion/pots.rs"]
mod pots;

use domain::exact::Exact;
use domain::facts::Input;
use domain::ranking::{Candidate, rank};
use domain::ruleset::{Anchor, Bend, Criterion, Gate, Group, Missing, RuleSet, Scale, ScaleStep, Source, TieStep, WHOLE};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

const POOLS: usize = 1_000;
const POTS: usize = 400;

/// Numbers that are the same on every machine.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn decimal(&mut self, end: u64, places: u32) -> Decimal {
        Decimal::new(i64::try_from(self.below(end)).unwrap(), places)
    }

    fn scale(&mut self) -> Scale {
        let (low, high) = (self.decimal(1_000, 1), self.decimal(1_000, 1));
        let end = low + Decimal::ONE + high;
        match self.below(7) {
            0 => Scale::YesNo { zero: 100.into(), nonzero: self.decimal(100, 0) },
            1 => {
                let steps = vec![ScaleStep { up_to: low, points: 20.into() }, ScaleStep { up_to: end, points: self.decimal(1_000, 1) }];
                Scale::Steps { steps, above: 100.into() }
            }
            2 => Scale::Linear { from: end, to: low, from_points: 0.into(), to_points: 100.into() },
            3 => {
                let bends = [(low, 0), (low + Decimal::ONE, 30), (end + Decimal::ONE, 100)];
                Scale::Piecewise { bends: bends.map(|(at, points)| Bend { at, points: points.into() }).to_vec() }
            }
            4 => Scale::Percentile { lowest: 0.into(), highest: 100.into() },
            5 => Scale::ZScore { middle: 50.into(), per_deviation: self.decimal(400, 1), least: 0.into(), most: 100.into() },
            _ => Scale::Linear { from: low, to: end, from_points: 0.into(), to_points: 100.into() },
        }
    }

    fn criterion(&mut self, index: usize, weight: u32) -> Criterion {
        let key = format!("k{index}");
        let (source, scale) = match self.below(4) {
            0 => (Source::Evidence { key: key.clone(), cap: 5 }, self.scale()),
            1 => {
                let anchors = [0, 40, 100].map(|points| Anchor { points: points.into(), text: "level".to_owned() });
                (Source::Rubric { anchors: anchors.to_vec() }, Scale::AsScored)
            }
            _ => (Source::Fact { key: key.clone() }, self.scale()),
        };
        let bonus = index > 0 && self.below(6) == 0;
        Criterion {
            name: key.clone(),
            key,
            plain: String::new(),
            weight: if bonus { 0 } else { weight },
            bonus,
            citation: "test".to_owned(),
            synthetic: true,
            source,
            scale,
            missing: if index > 0 && self.below(3) == 0 { Missing::Exclude } else { Missing::Error },
        }
    }

    fn rules(&mut self) -> RuleSet {
        let count = 1 + usize::try_from(self.below(12)).unwrap();
        let mut criteria: Vec<Criterion> = (0..count).map(|index| self.criterion(index, WHOLE / 13)).collect();
        self.formulas(&mut criteria);
        let others: u32 = criteria.iter().skip(1).map(|criterion| criterion.weight).sum();
        criteria[0].weight = WHOLE - others;
        let mut groups = Vec::new();
        if count > 2 && self.below(2) == 0 {
            let members = criteria.iter().skip(1).take(2).map(|criterion| criterion.key.clone()).collect();
            let (key, name, citation) = ("g".to_owned(), "G".to_owned(), "test".to_owned());
            groups.push(Group { key, name, criteria: members, cap: self.decimal(200, 1), citation, synthetic: true });
        }
        let gates = self.gates(&criteria);
        RuleSet { version: 1, citation: "test".to_owned(), gates, criteria, groups, ties: self.ties(), panel: None }
    }

    /// The first criterion is never left out, so that ties can ask for it.
    fn ties(&mut self) -> Vec<TieStep> {
        let first = || "k0".to_owned();
        let mut ties = match self.below(4) {
            0 => vec![TieStep::Points(first())],
            1 => vec![TieStep::Higher(first())],
            2 => vec![TieStep::Points(first()), TieStep::Lower(first())],
            _ => Vec::new(),
        };
        ties.push(TieStep::Lot);
        ties
    }

    fn candidate(&mut self, rules: &RuleSet, nth: usize) -> Candidate {
        let mut inputs = BTreeMap::new();
        for criterion in &rules.criteria {
            let computed = matches!(criterion.source, Source::Formula { .. });
            if computed || criterion.missing == Missing::Exclude && self.below(4) == 0 {
                continue;
            }
            let value = match &criterion.source {
                Source::Evidence { .. } => self.decimal(9, 0),
                Source::Rubric { anchors } => anchors[usize::try_from(self.below(3)).unwrap()].points,
                _ => {
                    let places = u32::try_from(self.below(3)).unwrap();
                    self.decimal(2_000, places)
                }
            };
            let input = Input { value, source: "test".to_owned(), year: None, place: String::new(), synthetic: true };
            inputs.insert(criterion.key.clone(), input);
        }
        Candidate { id: format!("id-{nth}"), number: format!("N-{nth}"), inputs }
    }

    fn pool(&mut self) -> Value {
        let rules = self.rules();
        let count = 1 + usize::try_from(self.below(25)).unwrap();
        let candidates: Vec<Candidate> = (0..count).map(|nth| self.candidate(&rules, nth)).collect();
        let ranking = rank(&rules, &candidates, "seed").unwrap();
        let inputs = |candidate: &Candidate| -> BTreeMap<String, String> {
            candidate.inputs.iter().map(|(key, input)| (key.clone(), input.value.to_string())).collect()
        };
        let given: Vec<Value> = candidates.iter().map(|one| json!({ "number": one.number, "inputs": inputs(one) })).collect();
        let result: Vec<(&str, &Exact)> = ranking.places.iter().map(|place| (place.number.as_str(), &place.points)).collect();
        let shut_out: Vec<&str> = ranking.shut_out.iter().map(|out| out.number.as_str()).collect();
        json!({ "rules": rules, "candidates": given, "seed": "seed", "result": result, "shut_out": shut_out })
    }
}

#[test]
fn a_second_program_ranks_a_thousand_pools_alike_and_finds_the_same_best_sets() {
    let mut draw = Draw(20_240_505);
    let pools: Vec<Value> = (0..POOLS).map(|_| draw.pool()).collect();
    let pots: Vec<Value> = (0..POTS).map(|_| draw.pot()).collect();
    // What is drawn holds what it is drawn for.
    let some = |of: &dyn Fn(&Value) -> bool, all: &[Value]| all.iter().filter(|one| of(one)).count();
    let computed =
        |pool: &Value| pool["rules"]["criteria"].as_array().is_some_and(|all| all.iter().any(|one| one["source"]["formula"].is_object()));
    assert!(some(&computed, &pools) > POOLS / 4);
    assert!(some(&|pool| pool["shut_out"].as_array().is_some_and(|out| !out.is_empty()), &pools) > POOLS / 20);
    assert!(some(&|pot| pot["worth"].is_null(), &pots) > POTS / 50 && some(&|pot| pot["worth"].is_string(), &pots) > POTS / 2);
    let given = json!({ "pools": pools, "pots": pots });
    let mut python = Command::new("python3");
    python.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/second_opinion.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = python.stderr(Stdio::piped()).spawn().expect("python3 must be installed (Debian: python3)");
    running.stdin.take().unwrap().write_all(serde_json::to_string(&given).unwrap().as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.trim(), format!("{POOLS} pools and {POTS} pots agree"));
}
