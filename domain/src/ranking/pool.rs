//! Candidates made ready for one rule set: every number found, checked and counted; whoever a gate shuts out set aside; every problem named.

use super::totals::Whole;
use super::{Candidate, RankingProblem, ShutOut};
use crate::exact::Exact;
use crate::facts::Input;
use crate::formula::{Formula, Unsolved, Value};
use crate::ruleset::{Anchor, Criterion, Missing, Piece, RuleSet, Source, Spread, TieStep, WHOLE};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Starting threads takes as long as looking at some dozens; pools are gathered again and again where changes are tried.
const WORTH_THREADS: usize = 1_000;

/// The candidates that are ranked, in the order of their numbers, with a column of numbers for each criterion.
#[derive(Clone, Debug)]
pub struct Pool<'a> {
    pub(super) rules: &'a RuleSet,
    pub(super) candidates: Vec<&'a Candidate>,
    pub(super) columns: Vec<Column>,
    /// Whether a criterion is left out for anybody.
    pub(crate) has_gaps: bool,
    shut_out: Vec<ShutOut>,
}

/// One criterion's numbers, one for each candidate; `None` where the criterion is left out for it.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) values: Vec<Option<Exact>>,
    /// The same as whole numbers, where that can be.
    pub(super) whole: Option<Whole>,
    pub(super) pieces: Vec<Piece>,
}

impl Column {
    /// The points of a candidate; `None` where the criterion is left out for it.
    pub(super) fn points(&self, candidate: usize) -> Option<Exact> {
        let value = self.values.get(candidate)?.as_ref()?;
        self.pieces.iter().find(|piece| piece.limit.holds(value)).map(|piece| piece.points(value))
    }

    /// How far from zero anybody's points are.
    pub(super) fn farthest(&self) -> Exact {
        let sizes = (0..self.values.len()).filter_map(|index| self.points(index)).map(|points| points.clone().max(-&points));
        sizes.max().unwrap_or(Exact::ZERO)
    }
}

impl<'a> Pool<'a> {
    /// Gathers and checks what the rules ask for. The order of the candidates changes nothing.
    ///
    /// # Errors
    /// Every problem found, in the order of the candidates' numbers.
    pub fn gather(rules: &'a RuleSet, candidates: &'a [Candidate]) -> Result<Self, Vec<RankingProblem>> {
        let problems = rule_problems(rules);
        if problems.is_empty() { Self::gather_weighing_anything(rules, candidates) } else { Err(problems) }
    }

    /// As [`Pool::gather`], but the weights need not sum to the whole: for asking what another weight would have changed.
    pub(crate) fn gather_weighing_anything(rules: &'a RuleSet, candidates: &'a [Candidate]) -> Result<Self, Vec<RankingProblem>> {
        let mut problems = Vec::new();
        let mut sorted: Vec<&Candidate> = candidates.iter().collect();
        sorted.sort_by(|a, b| a.number.cmp(&b.number).then_with(|| a.id.cmp(&b.id)));
        let (mut numbers, mut ids) = (BTreeSet::new(), BTreeSet::new());
        let mut pool =
            Self { rules, candidates: Vec::with_capacity(sorted.len()), columns: Vec::new(), has_gaps: false, shut_out: Vec::new() };
        let mut values: Vec<Vec<Option<Exact>>> = rules.criteria.iter().map(|_| Vec::with_capacity(sorted.len())).collect();
        let look = |candidate: &&Candidate| Looked::at(rules, candidate);
        let looked: Vec<Looked> =
            if sorted.len() < WORTH_THREADS { sorted.iter().map(look).collect() } else { crate::parallel::map(&sorted, look) };
        for (candidate, looked) in sorted.into_iter().zip(looked) {
            if !numbers.insert(&candidate.number) || !ids.insert(&candidate.id) {
                problems.push(RankingProblem::Twice { number: candidate.number.clone() });
            }
            problems.extend(looked.problems);
            pool.shut_out.extend(looked.shut_out);
            if let Some(numbers) = looked.numbers {
                values.iter_mut().zip(numbers).for_each(|(column, number)| column.push(number));
                pool.candidates.push(candidate);
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        pool.weighable(&values)?;
        pool.has_gaps = values.iter().flatten().any(Option::is_none);
        pool.columns = rules.criteria.iter().zip(values).map(|(criterion, values)| column(criterion, values)).collect::<Result<_, _>>()?;
        Ok(pool)
    }

    /// The candidates that are ranked, in the order of their numbers.
    #[must_use]
    pub fn candidates(&self) -> &[&'a Candidate] {
        &self.candidates
    }

    /// The rules.
    pub(crate) const fn rules(&self) -> &'a RuleSet {
        self.rules
    }

    /// Whether every sum weighs the same criteria: none is left out for somebody, and no group has a cap.
    pub(crate) const fn is_even(&self) -> bool {
        !self.has_gaps && self.rules.groups.is_empty()
    }

    /// Those whom a gate shut out, in the order of their numbers.
    #[must_use]
    pub fn shut_out(&self) -> &[ShutOut] {
        &self.shut_out
    }

    /// The pool without one of its candidates, as if it had never been in: scales that compare applicants compare those who are left.
    pub(crate) fn without(&self, candidate: usize) -> Option<Self> {
        let mut pool = self.clone();
        (candidate < pool.candidates.len()).then(|| pool.candidates.remove(candidate))?;
        let mut columns = Vec::with_capacity(self.columns.len());
        for (criterion, mut left) in self.rules.criteria.iter().zip(pool.columns) {
            left.values.remove(candidate);
            left = if criterion.scale.needs_spread() {
                column(criterion, left.values).ok()?
            } else {
                Column { whole: Whole::of(&left.values), ..left }
            };
            columns.push(left);
        }
        Some(Self { has_gaps: columns.iter().flat_map(|column| &column.values).any(Option::is_none), columns, ..pool })
    }

    /// Refuses candidates for whom no weighted criterion is left.
    fn weighable(&self, values: &[Vec<Option<Exact>>]) -> Result<(), Vec<RankingProblem>> {
        if self.rules.weighs_nothing() {
            return Ok(());
        }
        let counts = |index: usize| {
            let mut columns = self.rules.criteria.iter().zip(values).filter(|(criterion, _)| !criterion.bonus);
            columns.any(|(_, column)| column.get(index).is_some_and(Option::is_some))
        };
        let empty = self.candidates.iter().enumerate().filter(|(index, _)| !counts(*index));
        let problems: Vec<_> = empty.map(|(_, one)| RankingProblem::NothingCounts { number: one.number.clone() }).collect();
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// A candidate's points on a criterion, by their places; `None` where it is left out.
    pub(crate) fn points(&self, criterion: usize, candidate: usize) -> Option<Exact> {
        self.columns.get(criterion)?.points(candidate)
    }

    /// Everybody's number on a criterion, in the pool's order; `None` where it is left out.
    pub(crate) fn values(&self, criterion: usize) -> &[Option<Exact>] {
        self.columns.get(criterion).map_or(&[], |column| &column.values)
    }

    /// A criterion's scale, as it stands in this pool.
    pub(crate) fn pieces(&self, criterion: usize) -> &[Piece] {
        self.columns.get(criterion).map_or(&[], |column| &column.pieces)
    }

    /// The weights that count for a candidate: all of them unless a criterion is left out.
    pub(crate) fn counted_weight(&self, candidate: usize) -> u32 {
        let counts = |column: &Column| column.values.get(candidate).is_some_and(Option::is_some);
        self.rules.criteria.iter().zip(&self.columns).filter(|(_, column)| counts(column)).map(|(criterion, _)| criterion.weight).sum()
    }

    /// A candidate's sum, exactly.
    pub(crate) fn total(&self, candidate: usize) -> Exact {
        let weight = self.counted_weight(candidate);
        let mut groups = vec![Exact::ZERO; self.rules.groups.len()];
        let mut total = Exact::ZERO;
        for (criterion, column) in self.rules.criteria.iter().zip(&self.columns) {
            let Some(points) = column.points(candidate) else { continue };
            let product = &points * &self.share(criterion, weight);
            let sum = self.rules.group_of(&criterion.key).and_then(|group| groups.get_mut(group)).unwrap_or(&mut total);
            *sum = &*sum + &product;
        }
        let counted = self.rules.groups.iter().zip(groups).map(|(group, sum)| sum.min(group.cap.into()));
        counted.fold(total, |total, sum| &total + &sum)
    }

    /// The share of a criterion's points that is added to a candidate's sum.
    pub(crate) fn share(&self, criterion: &Criterion, counted_weight: u32) -> Exact {
        if criterion.bonus || !self.has_gaps {
            return criterion.share();
        }
        Exact::ratio(criterion.weight.into(), counted_weight.into()).unwrap_or(Exact::ZERO)
    }
}

/// Each candidate's points on each criterion whose number is there, by application number, whatever else is missing.
pub(super) fn known_points<'a>(rules: &RuleSet, candidates: &'a [Candidate]) -> BTreeMap<&'a str, Vec<Option<Exact>>> {
    let columns = rules.criteria.iter().map(|criterion| {
        let values = candidates.iter().map(|candidate| number(rules, criterion, candidate).ok().flatten()).collect();
        column(criterion, values).ok()
    });
    let columns: Vec<Option<Column>> = columns.collect();
    let points = |at: usize| columns.iter().map(|column| column.as_ref()?.points(at)).collect();
    candidates.iter().enumerate().map(|(at, candidate)| (candidate.number.as_str(), points(at))).collect()
}

fn column(criterion: &Criterion, values: Vec<Option<Exact>>) -> Result<Column, Vec<RankingProblem>> {
    let spread = if criterion.scale.needs_spread() { values.iter().flatten().cloned().collect() } else { Vec::new() };
    // Where nobody has the number, there is nothing to scale.
    let pieces = if values.iter().all(Option::is_none) { Ok(Vec::new()) } else { criterion.scale.pieces(&Spread::new(spread)) };
    let pieces =
        pieces.map_err(|problem| vec![RankingProblem::Rules(format!("the scale of “{}” gives no points: {problem}.", criterion.name))])?;
    Ok(Column { whole: Whole::of(&values), values, pieces })
}

/// One candidate by itself.
#[derive(Default)]
struct Looked {
    problems: Vec<RankingProblem>,
    shut_out: Option<ShutOut>,
    /// One for each criterion; none of a candidate who is not ranked.
    numbers: Option<Vec<Option<Exact>>>,
}

impl Looked {
    fn at(rules: &RuleSet, candidate: &Candidate) -> Self {
        match shut_out(rules, candidate) {
            Ok(None) => {}
            Ok(out) => return Self { shut_out: out, ..Self::default() },
            Err(problem) => return Self { problems: vec![problem], ..Self::default() },
        }
        let mut problems = Vec::new();
        let numbers = rules.criteria.iter().map(|criterion| {
            number(rules, criterion, candidate).unwrap_or_else(|problem| {
                problems.push(problem);
                None
            })
        });
        let numbers = Some(numbers.collect());
        tie_numbers(rules, candidate, &mut problems);
        Self { problems, shut_out: None, numbers }
    }
}

fn rule_problems(rules: &RuleSet) -> Vec<RankingProblem> {
    let mut problems = Vec::new();
    let sum: u64 = rules.criteria.iter().map(|criterion| u64::from(criterion.weight)).sum();
    if sum != u64::from(WHOLE) && !rules.weighs_nothing() {
        problems.push(RankingProblem::Rules(format!("the weights sum to {sum}, not {WHOLE} basis points.")));
    }
    if rules.ties.last() != Some(&TieStep::Lot) {
        problems.push(RankingProblem::Rules("the tie-break chain must end in the lot.".to_owned()));
    }
    let keys = rules.ties.iter().filter_map(|step| if let TieStep::Points(key) = step { Some(key) } else { None });
    for key in keys.chain(rules.groups.iter().flat_map(|group| &group.criteria)) {
        if rules.criterion(key).is_none() {
            problems.push(RankingProblem::Rules(format!("a tie-break or a group names “{key}”, which is no criterion.")));
        }
    }
    problems
}

/// A candidate's inputs as a formula sees them.
fn value_of(candidate: &Candidate, key: &str) -> Option<Value> {
    candidate.inputs.get(key).map(|input| Value::Number(input.value.into()))
}

/// What a formula drew on, with its sources.
pub(super) fn drawn(formula: &Formula, candidate: &Candidate) -> BTreeMap<String, Input> {
    let inputs = formula.names().into_iter().filter_map(|name| Some((name.to_owned(), candidate.inputs.get(name)?.clone())));
    inputs.collect()
}

fn shut_out(rules: &RuleSet, candidate: &Candidate) -> Result<Option<ShutOut>, RankingProblem> {
    for gate in &rules.gates {
        let met = gate.must.truth(&|name| value_of(candidate, name)).map_err(|unsolved| match unsolved {
            Unsolved::Missing(input) => {
                RankingProblem::Missing { number: candidate.number.clone(), criterion: format!("condition: {}", gate.name), input }
            }
            other => formula_problem(candidate, &gate.name, &other),
        })?;
        if !met {
            return Ok(Some(ShutOut {
                candidate: candidate.id.clone(),
                number: candidate.number.clone(),
                gate: gate.key.clone(),
                name: gate.name.clone(),
                drawn: drawn(&gate.must, candidate),
            }));
        }
    }
    Ok(None)
}

fn formula_problem(candidate: &Candidate, criterion: &str, unsolved: &Unsolved) -> RankingProblem {
    RankingProblem::Formula { number: candidate.number.clone(), criterion: criterion.to_owned(), problem: unsolved.to_string() }
}

/// The number that a criterion scores for a candidate; `None` when the rules leave the criterion out for want of it.
fn number(rules: &RuleSet, criterion: &Criterion, candidate: &Candidate) -> Result<Option<Exact>, RankingProblem> {
    let (number, name) = (|| candidate.number.clone(), || criterion.name.clone());
    let missing = |input: String| match criterion.missing {
        Missing::Error => Err(RankingProblem::Missing { number: number(), criterion: name(), input }),
        Missing::Contest => Err(RankingProblem::Contested { number: number(), criterion: name(), input }),
        Missing::Exclude => Ok(None),
    };
    if let Source::Formula { formula } = &criterion.source {
        return match formula.number(&|key| value_of(candidate, key)) {
            Ok(value) => Ok(Some(value)),
            Err(Unsolved::Missing(input)) => missing(input),
            Err(other) => Err(formula_problem(candidate, &criterion.name, &other)),
        };
    }
    let key = criterion.input_key();
    let Some(input) = candidate.inputs.get(key) else { return missing(key.to_owned()) };
    let value = input.value;
    match &criterion.source {
        Source::Rubric { anchors } if !is_a_score(rules, anchors, value) => {
            Err(RankingProblem::OffAnchor { number: number(), criterion: name(), value: value.normalize().to_string() })
        }
        Source::Evidence { .. } if value.is_sign_negative() && !value.is_zero() || !value.fract().is_zero() => {
            Err(RankingProblem::NotACount { number: number(), criterion: name(), value: value.normalize().to_string() })
        }
        _ => Ok(Some(criterion.counted(value).into())),
    }
}

/// Whether a rubric can give this: one person's score is a written level; what a panel's scores come to is anything between the lowest and
/// the highest.
fn is_a_score(rules: &RuleSet, anchors: &[Anchor], value: Decimal) -> bool {
    let is_level = anchors.iter().any(|anchor| anchor.points == value);
    let points = || anchors.iter().map(|anchor| anchor.points);
    is_level || rules.panel.is_some() && points().any(|level| level < value) && points().any(|level| level > value)
}

/// Notes the tie-breaks' own inputs that a candidate lacks. Those that a criterion draws on are that criterion's to miss.
fn tie_numbers(rules: &RuleSet, candidate: &Candidate, problems: &mut Vec<RankingProblem>) {
    for step in &rules.ties {
        if let TieStep::Higher(key) | TieStep::Lower(key) = step
            && !candidate.inputs.contains_key(key)
            && !rules.criteria.iter().any(|criterion| criterion.input_key() == key)
        {
            let criterion = format!("tie-break: {}", rules.plain_tie(step));
            problems.push(RankingProblem::Missing { number: candidate.number.clone(), criterion, input: key.clone() });
        }
    }
}
