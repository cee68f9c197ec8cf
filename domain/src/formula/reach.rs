//! What a formula can come to while its names move between two numbers each.

use super::{Formula, Function, Node, Operator, What};
use crate::span::Span;
use std::cmp::Ordering;

/// A value, or all that it can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Number(Span),
    Text(String),
    /// `None` where it can be either.
    Truth(Option<bool>),
}

/// Why nothing is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// A value is missing, wherever the names move.
    Missing,
    /// It may have a value or none.
    Unsure,
}

impl Formula {
    /// All that its value can be as a number; `given` has no text.
    pub(crate) fn reach(&self, given: &dyn Fn(&str) -> Option<Span>) -> Result<Span, Doubt> {
        self.root.span(given)
    }

    /// Whether it is true; `None` where it can be either.
    pub(crate) fn reached(&self, given: &dyn Fn(&str) -> Option<Span>) -> Result<Option<bool>, Doubt> {
        self.root.either(given)
    }
}

impl Node {
    fn known(&self, given: &dyn Fn(&str) -> Option<Span>) -> Result<Known, Doubt> {
        Ok(match &self.what {
            What::Number(number) => Known::Number(Span::one(number.clone())),
            What::Text(text) => Known::Text(text.clone()),
            What::Truth(truth) => Known::Truth(Some(*truth)),
            What::Name(name) => Known::Number(given(name).ok_or(Doubt::Missing)?),
            What::Not(inner) => Known::Truth(inner.either(given)?.map(|truth| !truth)),
            What::Negative(inner) => Known::Number(inner.span(given)?.turned()),
            What::Both(operator, left, right) => both(*operator, left, right, given)?,
            What::Call(function, arguments) => call(*function, arguments, given)?,
        })
    }

    fn span(&self, given: &dyn Fn(&str) -> Option<Span>) -> Result<Span, Doubt> {
        if let Known::Number(span) = self.known(given)? { Ok(span) } else { Err(Doubt::Unsure) }
    }

    fn either(&self, given: &dyn Fn(&str) -> Option<Span>) -> Result<Option<bool>, Doubt> {
        if let Known::Truth(truth) = self.known(given)? { Ok(truth) } else { Err(Doubt::Unsure) }
    }
}

fn both(operator: Operator, left: &Node, right: &Node, given: &dyn Fn(&str) -> Option<Span>) -> Result<Known, Doubt> {
    let spans = || Ok::<_, Doubt>((left.span(given)?, right.span(given)?));
    // The right side is only asked when the left does not decide; where it may or may not be asked, all that it lacks is in doubt.
    let joined = |decides: bool| match left.either(given)? {
        Some(truth) if truth == decides => Ok(Known::Truth(Some(decides))),
        Some(_) => right.either(given).map(Known::Truth),
        None => match right.either(given) {
            Ok(truth) => Ok(Known::Truth(truth.filter(|truth| *truth == decides))),
            Err(_) => Err(Doubt::Unsure),
        },
    };
    match operator {
        Operator::Or => joined(true),
        Operator::And => joined(false),
        Operator::Equal => Ok(Known::Truth(equal(&left.known(given)?, &right.known(given)?))),
        Operator::Unequal => Ok(Known::Truth(equal(&left.known(given)?, &right.known(given)?).map(|truth| !truth))),
        Operator::Below => spans().map(|(left, right)| Known::Truth(below(&left, &right))),
        Operator::AtLeast => spans().map(|(left, right)| Known::Truth(below(&left, &right).map(|truth| !truth))),
        Operator::Above => spans().map(|(left, right)| Known::Truth(below(&right, &left))),
        Operator::AtMost => spans().map(|(left, right)| Known::Truth(below(&right, &left).map(|truth| !truth))),
        Operator::Plus => spans().map(|(left, right)| Known::Number(left.plus(&right))),
        Operator::Minus => spans().map(|(left, right)| Known::Number(left.plus(&right.turned()))),
        Operator::Times => spans().map(|(left, right)| Known::Number(left.times(&right))),
        Operator::Over => spans().and_then(|(left, right)| left.over(&right).map(Known::Number).ok_or(Doubt::Unsure)),
    }
}

fn equal(left: &Known, right: &Known) -> Option<bool> {
    match (left, right) {
        (Known::Number(left), Known::Number(right)) => {
            let apart = left.high < right.low || left.low > right.high;
            if apart { Some(false) } else { left.compare(right).map(Ordering::is_eq) }
        }
        (Known::Truth(left), Known::Truth(right)) => Some((*left)? == (*right)?),
        (left, right) => Some(left == right),
    }
}

fn below(left: &Span, right: &Span) -> Option<bool> {
    if left.high < right.low { Some(true) } else { (left.low >= right.high).then_some(false) }
}

fn call(function: Function, arguments: &[Node], given: &dyn Fn(&str) -> Option<Span>) -> Result<Known, Doubt> {
    match (function, arguments) {
        (Function::Given, [Node { what: What::Name(name), .. }]) => return Ok(Known::Truth(Some(given(name).is_some()))),
        (Function::If, [condition, then, otherwise]) => return chosen(condition.either(given)?, then, otherwise, given),
        _ => {}
    }
    let spans = arguments.iter().map(|argument| argument.span(given)).collect::<Result<Vec<_>, _>>()?;
    let span = match (function, spans.as_slice()) {
        (Function::Min, spans) => spans.iter().cloned().reduce(|one, other| one.least(&other)),
        (Function::Max, spans) => spans.iter().cloned().reduce(|one, other| one.most(&other)),
        (Function::Abs, [one]) => {
            let farther = one.most(&one.turned());
            // Zero is between the ends, or the nearer end is the least.
            Some(farther.most(&Span::ZERO))
        }
        (Function::Clamp, [one, low, high]) => Some(one.most(low).least(high)),
        (Function::Round, [one, places]) if places.is_one() => {
            let places = places.low.floor().ok().and_then(|places| u32::try_from(places).ok()).filter(|places| *places <= 9);
            places.map(|places| one.rising(|number| number.to_places(places)))
        }
        _ => None,
    };
    span.map(Known::Number).ok_or(Doubt::Unsure)
}

fn chosen(condition: Option<bool>, then: &Node, otherwise: &Node, given: &dyn Fn(&str) -> Option<Span>) -> Result<Known, Doubt> {
    match condition {
        Some(true) => then.known(given),
        Some(false) => otherwise.known(given),
        None => match (then.known(given), otherwise.known(given)) {
            (Ok(Known::Number(one)), Ok(Known::Number(other))) => Ok(Known::Number(one.with(&other))),
            (Ok(Known::Truth(one)), Ok(Known::Truth(other))) => Ok(Known::Truth(one.filter(|_| one == other))),
            (Ok(one), Ok(other)) if one == other => Ok(one),
            (Err(Doubt::Missing), Err(Doubt::Missing)) => Err(Doubt::Missing),
            _ => Err(Doubt::Unsure),
        },
    }
}
