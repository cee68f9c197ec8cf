//! Random formulas in the language of program files, as text: with and without parentheses, so that what binds how tightly is told apart.

use super::{Criterion, Draw, Gate, Missing, Source};
use domain::formula::Formula;

/// Names that every candidate has a number for, and those that some lack.
struct Names {
    sure: Vec<String>,
    unsure: Vec<String>,
}

impl Names {
    fn of(criteria: &[Criterion]) -> Self {
        let plain = criteria.iter().filter(|one| !matches!(one.source, Source::Formula { .. }));
        let (sure, unsure): (Vec<_>, Vec<_>) = plain.partition(|one| one.missing == Missing::Error);
        let keys = |some: Vec<&Criterion>| some.into_iter().map(|one| one.key.clone()).collect();
        Self { sure: keys(sure), unsure: keys(unsure) }
    }
}

impl Draw {
    fn one<'a>(&mut self, of: &'a [String]) -> Option<&'a str> {
        let count = u64::try_from(of.len()).unwrap().max(1);
        of.get(usize::try_from(self.below(count)).unwrap()).map(String::as_str)
    }

    /// The first that is not longer than a formula may be.
    fn read(&mut self, text: impl Fn(&mut Self) -> String) -> Formula {
        loop {
            match Formula::parse(&text(self)) {
                Ok(formula) => return formula,
                Err(problem) => assert!(problem.problem.starts_with("A formula has at most"), "{problem}"),
            }
        }
    }

    /// Makes some of the criteria, but never the first, computed ones.
    pub(super) fn formulas(&mut self, criteria: &mut [Criterion]) {
        for at in 1..criteria.len() {
            let rubric = matches!(criteria[at].source, Source::Rubric { .. });
            if rubric || self.below(4) != 0 {
                continue;
            }
            let mut names = Names::of(&criteria[..at]);
            if criteria[at].missing == Missing::Exclude {
                names.sure.append(&mut names.unsure);
            }
            let formula = self.read(|draw| draw.sum(&names, 3));
            criteria[at].source = Source::Formula { formula };
        }
    }

    /// A condition for some pools.
    pub(super) fn gates(&mut self, criteria: &[Criterion]) -> Vec<Gate> {
        let names = Names::of(criteria);
        let count = self.below(6).saturating_sub(3);
        let gate = |nth: u64| Gate {
            key: format!("g{nth}"),
            name: String::new(),
            plain: String::new(),
            must: self.read(|draw| draw.truth(&names, 3)),
            citation: "test".to_owned(),
            synthetic: true,
        };
        (0..count).map(gate).collect()
    }

    fn sum(&mut self, names: &Names, depth: u32) -> String {
        let mut text = self.product(names, depth);
        for _ in 0..self.below(3) {
            let sign = if self.below(2) == 0 { "+" } else { " - " };
            text = format!("{text}{sign}{}", self.product(names, depth));
        }
        text
    }

    fn product(&mut self, names: &Names, depth: u32) -> String {
        let text = self.single(names, depth);
        match self.below(5) {
            0 => format!("{text}*{}", self.single(names, depth)),
            // Never by zero.
            1 => format!("{text} / {}", self.decimal(90, 1) + rust_decimal::Decimal::ONE),
            2 => format!("{text} / (abs({}) + 3)", self.single(names, depth)),
            _ => text,
        }
    }

    fn single(&mut self, names: &Names, depth: u32) -> String {
        let depth = depth.saturating_sub(1);
        if depth == 0 || self.below(2) == 0 {
            return match (self.below(3), self.one(&names.sure)) {
                (0, _) | (_, None) => self.decimal(1_000, 1).to_string(),
                (_, Some(name)) => name.to_owned(),
            };
        }
        let (one, two) = (self.sum(names, depth), self.sum(names, depth));
        match self.below(9) {
            0 => format!("-{}", self.single(names, depth)),
            1 => format!("({one})"),
            2 => format!("min({one}, {two})"),
            3 => format!("max({one},{two}, 7)"),
            4 => format!("abs({one})"),
            5 => format!("round({one}, {})", self.below(4)),
            6 => format!("clamp({one}, {}, 60.5)", self.below(50)),
            _ => format!("if({}, {one}, {two})", self.truth(names, depth)),
        }
    }

    fn truth(&mut self, names: &Names, depth: u32) -> String {
        let mut text = self.comparison(names, depth);
        for _ in 0..self.below(3) {
            let word = if self.below(2) == 0 { "and" } else { "or" };
            text = format!("{text} {word} {}", self.comparison(names, depth));
        }
        text
    }

    fn comparison(&mut self, names: &Names, depth: u32) -> String {
        let depth = depth.saturating_sub(1);
        let signs = ["<", "<=", ">", ">=", "=", "!="];
        let sign = signs[usize::try_from(self.below(6)).unwrap()];
        match (self.below(8), self.one(&names.unsure)) {
            (0, _) if depth > 0 => format!("({})", self.truth(names, depth)),
            (1, _) if depth > 0 => format!("not {}", self.comparison(names, depth)),
            (2, Some(name)) => format!("given({name})"),
            (3, Some(name)) => format!("(not given({name}) or {name} {sign} 40)"),
            (4, _) => "yes".to_owned(),
            _ => format!("{} {sign} {}", self.sum(names, depth), self.sum(names, depth)),
        }
    }
}
