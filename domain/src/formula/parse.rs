//! Reads a formula: a hand-written descent, at most [`DEEPEST`] deep and with at most [`MOST_OPERATORS`] operators, so that no input can
//! exhaust the stack.

use super::{FUNCTIONS, FormulaProblem, Node, Operator, What};
use crate::exact::Exact;
use rust_decimal::Decimal;

/// The longest formula, in characters.
const LONGEST: usize = 2_000;
/// How deep parts may stand inside each other.
const DEEPEST: usize = 40;
/// The most operators in one formula: a chain of them is as deep a tree as it is long.
const MOST_OPERATORS: usize = 100;

/// The operators by how tightly they bind, loosest first. Comparisons don't chain.
const LEVELS: [&[(&str, Operator)]; 5] = [
    &[("or", Operator::Or)],
    &[("and", Operator::And)],
    &[
        ("<=", Operator::AtMost),
        (">=", Operator::AtLeast),
        ("!=", Operator::Unequal),
        ("=", Operator::Equal),
        ("<", Operator::Below),
        (">", Operator::Above),
    ],
    &[("+", Operator::Plus), ("-", Operator::Minus)],
    &[("*", Operator::Times), ("/", Operator::Over)],
];
const COMPARISONS: usize = 2;

/// Reads a whole formula.
pub(super) fn read(text: &str) -> Result<Node, FormulaProblem> {
    let characters: Vec<char> = text.chars().collect();
    let mut reader = Reader { characters: &characters, at: 0, operators: 0 };
    if characters.len() > LONGEST {
        return Err(reader.problem(format!("A formula has at most {LONGEST} characters.")));
    }
    let root = reader.level(0, 0)?;
    reader.blanks();
    if let Some(next) = reader.peek() {
        return Err(reader.problem(format!("“{next}” was not expected here.")));
    }
    Ok(root)
}

struct Reader<'a> {
    characters: &'a [char],
    at: usize,
    operators: usize,
}

impl Reader<'_> {
    fn problem(&self, problem: impl Into<String>) -> FormulaProblem {
        FormulaProblem { at: self.at, problem: problem.into() }
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// Takes a sign or a whole word if it stands here.
    fn take(&mut self, wanted: &str) -> bool {
        self.blanks();
        let length = wanted.chars().count();
        let Some(here) = self.characters.get(self.at..self.at + length) else { return false };
        let follows = self.characters.get(self.at + length).copied();
        let is_word = wanted.starts_with(|c: char| c.is_alphabetic());
        if here.iter().copied().ne(wanted.chars()) || is_word && follows.is_some_and(in_name) {
            return false;
        }
        self.at += length;
        true
    }

    fn level(&mut self, level: usize, depth: usize) -> Result<Node, FormulaProblem> {
        let Some(operators) = LEVELS.get(level) else { return self.unary(depth) };
        let mut left = self.level(level + 1, depth)?;
        let mut taken = 0;
        while let Some((_, operator)) = operators.iter().find(|(sign, _)| self.take(sign)) {
            taken += 1;
            self.operators += 1;
            if self.operators > MOST_OPERATORS {
                return Err(self.problem(format!("A formula has at most {MOST_OPERATORS} operators.")));
            }
            if level == COMPARISONS && taken > 1 {
                return Err(self.problem("Comparisons can't be chained; join two with “and”."));
            }
            let right = self.level(level + 1, depth)?;
            left = Node { at: left.at, what: What::Both(*operator, Box::new(left), Box::new(right)) };
        }
        Ok(left)
    }

    fn unary(&mut self, depth: usize) -> Result<Node, FormulaProblem> {
        if depth > DEEPEST {
            return Err(self.problem("The formula nests too deeply."));
        }
        self.blanks();
        let at = self.at;
        if self.take("not") {
            // `not a = b` denies the comparison, as people read it.
            let inner = self.level(COMPARISONS, depth + 1)?;
            return Ok(Node { at, what: What::Not(Box::new(inner)) });
        }
        if self.take("-") {
            let inner = self.unary(depth + 1)?;
            return Ok(Node { at, what: What::Negative(Box::new(inner)) });
        }
        self.primary(depth)
    }

    fn primary(&mut self, depth: usize) -> Result<Node, FormulaProblem> {
        let at = self.at;
        match self.peek() {
            Some('(') => {
                self.at += 1;
                let inner = self.level(0, depth + 1)?;
                if !self.take(")") {
                    return Err(self.problem("A closing parenthesis “)” is missing here."));
                }
                Ok(Node { at, ..inner })
            }
            Some('"') => self.text().map(|text| Node { at, what: What::Text(text) }),
            Some(c) if c.is_ascii_digit() => self.number().map(|number| Node { at, what: What::Number(number) }),
            Some(c) if c.is_ascii_alphabetic() => self.word(depth),
            Some(other) => Err(self.problem(format!("“{other}” was not expected here; a number, a name or a parenthesis was."))),
            None => Err(self.problem("The formula ends too early.")),
        }
    }

    fn text(&mut self) -> Result<String, FormulaProblem> {
        let rest = self.characters.get(self.at + 1..).unwrap_or_default();
        let Some(length) = rest.iter().position(|c| *c == '"') else {
            return Err(self.problem("The closing quotation mark of this text is missing."));
        };
        self.at += length + 2;
        Ok(rest.iter().take(length).collect())
    }

    fn number(&mut self) -> Result<Exact, FormulaProblem> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit() || c == '.' || c == '_') {
            self.at += 1;
        }
        let written: String = self.characters.get(start..self.at).unwrap_or_default().iter().filter(|c| **c != '_').collect();
        let decimal = Decimal::from_str_exact(&written).ok().filter(|_| !written.ends_with('.'));
        decimal
            .map(Exact::from)
            .ok_or_else(|| FormulaProblem { at: start, problem: format!("“{written}” is not a number such as 12 or 6.5.") })
    }

    fn word(&mut self, depth: usize) -> Result<Node, FormulaProblem> {
        let at = self.at;
        while self.peek().is_some_and(in_name) {
            self.at += 1;
        }
        let name: String = self.characters.get(at..self.at).unwrap_or_default().iter().collect();
        if !self.take("(") {
            let what = match name.as_str() {
                "yes" => What::Truth(true),
                "no" => What::Truth(false),
                "and" | "or" => {
                    return Err(FormulaProblem { at, problem: format!("“{name}” joins two conditions; one is missing before it.") });
                }
                _ => What::Name(name),
            };
            return Ok(Node { at, what });
        }
        let Some((_, function, fewest, most)) = FUNCTIONS.into_iter().find(|(known, ..)| *known == name) else {
            let known: Vec<&str> = FUNCTIONS.iter().map(|(known, ..)| *known).collect();
            return Err(FormulaProblem { at, problem: format!("There is no function “{name}”. There are: {}.", known.join(", ")) });
        };
        let mut arguments = Vec::new();
        if !self.take(")") {
            loop {
                arguments.push(self.level(0, depth + 1)?);
                if self.take(")") {
                    break;
                }
                if !self.take(",") {
                    return Err(self.problem("A comma or a closing parenthesis is missing here."));
                }
            }
        }
        if arguments.len() < fewest || arguments.len() > most {
            let wanted = if fewest == most { fewest.to_string() } else { format!("{fewest} to {most}") };
            return Err(FormulaProblem { at, problem: format!("{name}(…) takes {wanted} parts; here are {}.", arguments.len()) });
        }
        Ok(Node { at, what: What::Call(function, arguments) })
    }
}

/// A character of a name. Hyphens would be read as minus, so names in formulas have underscores.
const fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
