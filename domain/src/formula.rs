//! A small language for rules and conditions: exact decimals, text, yes and no, a handful of functions. The same code runs in the
//! browser and on the server. A name without a value makes the whole formula missing, never zero; only `given(name)` asks whether it
//! is there. What is absent on purpose: loops, assignment, dates, and any function whose result is not exact.

mod parse;
mod reach;
#[cfg(test)]
mod tests;

pub(crate) use reach::Doubt;

use crate::exact::{Exact, ExactError};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A formula, read and kept with its text. As JSON it is its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Formula {
    text: String,
    root: Node,
}

/// One node, with the character it begins at, from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Node {
    at: usize,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Number(Exact),
    Text(String),
    Truth(bool),
    Name(String),
    Not(Box<Node>),
    Negative(Box<Node>),
    Both(Operator, Box<Node>, Box<Node>),
    Call(Function, Vec<Node>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    Below,
    AtMost,
    Above,
    AtLeast,
    Plus,
    Minus,
    Times,
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    /// `min(a, b, …)`
    Min,
    /// `max(a, b, …)`
    Max,
    /// `abs(a)`
    Abs,
    /// `round(a, places)`: half to even.
    Round,
    /// `clamp(a, low, high)`
    Clamp,
    /// `if(condition, then, otherwise)`: only the branch taken has to have values.
    If,
    /// `given(name)`: whether there is a value.
    Given,
}

/// Every function by its name in formulas, with the fewest and the most arguments.
const FUNCTIONS: [(&str, Function, usize, usize); 7] = [
    ("min", Function::Min, 1, 20),
    ("max", Function::Max, 1, 20),
    ("abs", Function::Abs, 1, 1),
    ("round", Function::Round, 2, 2),
    ("clamp", Function::Clamp, 3, 3),
    ("if", Function::If, 3, 3),
    ("given", Function::Given, 1, 1),
];

/// What a formula or a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Number,
    /// Text, such as a chosen answer.
    Text,
    /// Yes or no.
    Truth,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Number => "a number",
            Self::Text => "text",
            Self::Truth => "yes or no",
        })
    }
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Number(Exact),
    /// Text.
    Text(String),
    /// Yes or no.
    Truth(bool),
}

/// What is wrong with a formula's text, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct FormulaProblem {
    /// The character in the formula, from 0.
    pub at: usize,
    /// What is wrong and what would be right.
    pub problem: String,
}

/// Why a formula that reads well has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsolved {
    /// A name has no value.
    #[error("“{0}” has no value.")]
    Missing(String),
    /// A value is of another kind than the formula needs. [`Formula::kind`] finds it beforehand.
    #[error("“{0}” does not fit here.")]
    Kind(String),
    /// A division by zero, or numbers too long.
    #[error(transparent)]
    Number(#[from] ExactError),
}

impl Formula {
    /// Reads a formula.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse(text: &str) -> Result<Self, FormulaProblem> {
        Ok(Self { text: text.to_owned(), root: parse::read(text)? })
    }

    /// The formula as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names it draws on, sorted, each once.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.root.names(&mut names);
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The kind of its value, once every name's kind is known.
    ///
    /// # Errors
    /// The first name that `kind_of` does not know, or the first part whose kind does not fit.
    pub fn kind(&self, kind_of: &dyn Fn(&str) -> Option<Kind>) -> Result<Kind, FormulaProblem> {
        self.root.kind(kind_of)
    }

    /// Its value.
    ///
    /// # Errors
    /// [`Unsolved`].
    pub fn value(&self, given: &dyn Fn(&str) -> Option<Value>) -> Result<Value, Unsolved> {
        self.root.value(given)
    }

    /// Its value as a number.
    ///
    /// # Errors
    /// As [`Formula::value`]; [`Unsolved::Kind`] when it is none.
    pub fn number(&self, given: &dyn Fn(&str) -> Option<Value>) -> Result<Exact, Unsolved> {
        self.root.number(given)
    }

    /// Its value as yes or no.
    ///
    /// # Errors
    /// As [`Formula::value`]; [`Unsolved::Kind`] when it is neither.
    pub fn truth(&self, given: &dyn Fn(&str) -> Option<Value>) -> Result<bool, Unsolved> {
        self.root.truth(given)
    }
}

impl Node {
    fn names<'a>(&'a self, names: &mut Vec<&'a str>) {
        match &self.what {
            What::Number(_) | What::Text(_) | What::Truth(_) => {}
            What::Name(name) => names.push(name),
            What::Not(inner) | What::Negative(inner) => inner.names(names),
            What::Both(_, left, right) => {
                left.names(names);
                right.names(names);
            }
            What::Call(_, arguments) => arguments.iter().for_each(|argument| argument.names(names)),
        }
    }

    fn kind(&self, kind_of: &dyn Fn(&str) -> Option<Kind>) -> Result<Kind, FormulaProblem> {
        let must = |node: &Self, wanted: Kind| match node.kind(kind_of)? {
            kind if kind == wanted => Ok(kind),
            kind => Err(FormulaProblem { at: node.at, problem: format!("This must be {wanted}; it is {kind}.") }),
        };
        let same = |left: &Self, right: &Self| must(right, left.kind(kind_of)?);
        match &self.what {
            What::Number(_) => Ok(Kind::Number),
            What::Text(_) => Ok(Kind::Text),
            What::Truth(_) => Ok(Kind::Truth),
            What::Name(name) => {
                kind_of(name).ok_or_else(|| FormulaProblem { at: self.at, problem: format!("“{name}” is not known here.") })
            }
            What::Not(inner) => must(inner, Kind::Truth),
            What::Negative(inner) => must(inner, Kind::Number),
            What::Both(operator, left, right) => match operator {
                Operator::Or | Operator::And => must(left, Kind::Truth).and_then(|_| must(right, Kind::Truth)),
                Operator::Equal | Operator::Unequal => same(left, right).map(|_| Kind::Truth),
                Operator::Below | Operator::AtMost | Operator::Above | Operator::AtLeast => {
                    must(left, Kind::Number)?;
                    must(right, Kind::Number).map(|_| Kind::Truth)
                }
                Operator::Plus | Operator::Minus | Operator::Times | Operator::Over => {
                    must(left, Kind::Number).and_then(|_| must(right, Kind::Number))
                }
            },
            What::Call(Function::Given, arguments) => match arguments.as_slice() {
                [Self { what: What::Name(_), .. }] => arguments[0].kind(kind_of).map(|_| Kind::Truth),
                _ => Err(FormulaProblem { at: self.at, problem: "given(…) asks about one name.".to_owned() }),
            },
            What::Call(Function::If, arguments) => match arguments.as_slice() {
                [condition, then, otherwise] => must(condition, Kind::Truth).and_then(|_| same(then, otherwise)),
                _ => Err(FormulaProblem { at: self.at, problem: "if(…) takes three parts.".to_owned() }),
            },
            What::Call(_, arguments) => {
                arguments.iter().try_for_each(|argument| must(argument, Kind::Number).map(|_| ()))?;
                Ok(Kind::Number)
            }
        }
    }

    fn value(&self, given: &dyn Fn(&str) -> Option<Value>) -> Result<Value, Unsolved> {
        Ok(match &self.what {
            What::Number(number) => Value::Number(number.clone()),
            What::Text(text) => Value::Text(text.clone()),
            What::Truth(truth) => Value::Truth(*truth),
            What::Name(name) => given(name).ok_or_else(|| Unsolved::Missing(name.clone()))?,
            What::Not(inner) => Value::Truth(!inner.truth(given)?),
            What::Negative(inner) => Value::Number(-&inner.number(given)?),
            What::Both(operator, left, right) => both(*operator, left, right, given)?,
            What::Call(function, arguments) => call(*function, arguments, given)?,
        })
    }

    fn number(&self, given: &dyn Fn(&str) -> Option<Value>) -> Result<Exact, Unsolved> {
        match self.value(given)? {
            Value::Number(number) => Ok(number),
            other => Err(misfit(&other)),
        }
    }

    fn truth(&self, given: &dyn Fn(&str) -> Option<Value>) -> Result<bool, Unsolved> {
        match self.value(given)? {
            Value::Truth(truth) => Ok(truth),
            other => Err(misfit(&other)),
        }
    }
}

fn misfit(value: &Value) -> Unsolved {
    Unsolved::Kind(match value {
        Value::Number(number) => number.shown(),
        Value::Text(text) => text.clone(),
        Value::Truth(truth) => if *truth { "yes" } else { "no" }.to_owned(),
    })
}

fn both(operator: Operator, left: &Node, right: &Node, given: &dyn Fn(&str) -> Option<Value>) -> Result<Value, Unsolved> {
    let numbers = || Ok::<_, Unsolved>((left.number(given)?, right.number(given)?));
    let compared = |test: fn(&Exact, &Exact) -> bool| numbers().map(|(left, right)| Value::Truth(test(&left, &right)));
    let reckoned = |sum: fn(&Exact, &Exact) -> Exact| numbers().map(|(left, right)| Value::Number(sum(&left, &right)));
    match operator {
        // The right side is only asked when it decides, so that `given(x) and x > 2` holds.
        Operator::Or => Ok(Value::Truth(left.truth(given)? || right.truth(given)?)),
        Operator::And => Ok(Value::Truth(left.truth(given)? && right.truth(given)?)),
        Operator::Equal => Ok(Value::Truth(left.value(given)? == right.value(given)?)),
        Operator::Unequal => Ok(Value::Truth(left.value(given)? != right.value(given)?)),
        Operator::Below => compared(Exact::lt),
        Operator::AtMost => compared(Exact::le),
        Operator::Above => compared(Exact::gt),
        Operator::AtLeast => compared(Exact::ge),
        Operator::Plus => reckoned(|left, right| left + right),
        Operator::Minus => reckoned(|left, right| left - right),
        Operator::Times => reckoned(|left, right| left * right),
        Operator::Over => {
            let (left, right) = numbers()?;
            Ok(Value::Number(left.over(&right)?))
        }
    }
}

fn call(function: Function, arguments: &[Node], given: &dyn Fn(&str) -> Option<Value>) -> Result<Value, Unsolved> {
    let numbers = || arguments.iter().map(|argument| argument.number(given)).collect::<Result<Vec<_>, _>>();
    let none = || Unsolved::Kind(String::new());
    let number = match (function, arguments) {
        (Function::Given, [Node { what: What::Name(name), .. }]) => return Ok(Value::Truth(given(name).is_some())),
        (Function::If, [condition, then, otherwise]) => {
            return if condition.truth(given)? { then.value(given) } else { otherwise.value(given) };
        }
        (Function::Min, _) => numbers()?.into_iter().min().ok_or_else(none)?,
        (Function::Max, _) => numbers()?.into_iter().max().ok_or_else(none)?,
        (Function::Abs, [one]) => {
            let number = one.number(given)?;
            let turned = -&number;
            number.max(turned)
        }
        (Function::Clamp, [one, low, high]) => one.number(given)?.max(low.number(given)?).min(high.number(given)?),
        (Function::Round, [one, places]) => {
            let places = places.number(given)?.floor().ok().and_then(|places| u32::try_from(places).ok()).filter(|places| *places <= 9);
            one.number(given)?.to_places(places.ok_or(ExactError::TooLarge)?)
        }
        _ => return Err(none()),
    };
    Ok(Value::Number(number))
}

impl From<Formula> for String {
    fn from(formula: Formula) -> Self {
        formula.text
    }
}

impl TryFrom<String> for Formula {
    type Error = FormulaProblem;
    fn try_from(text: String) -> Result<Self, FormulaProblem> {
        Self::parse(&text)
    }
}
