//! A setting of the bench, as a form holds it: the same text is read in the browser at every move and on the server from an address.

use super::{Bench, Choices, Region};
use crate::allocation::{Bound, Method, Misfit};
use crate::money::Money;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Weights in basis points, by the rules' criteria; they need not sum to the whole. A bonus has none and stays as it is.
    pub weights: Vec<u32>,
    /// The numbers of scales that were moved, by criterion, in the order of [`numbers`](crate::ruleset::Scale::numbers). What was kept before
    /// more than the two ends of straight lines could be moved holds these, and the rest stays as declared.
    #[serde(default, alias = "ends", skip_serializing_if = "BTreeMap::is_empty")]
    pub scales: BTreeMap<String, Vec<Decimal>>,
    /// The money there is.
    pub pot: Money,
    /// What one unit costs.
    pub unit_cost: Money,
    /// How the money is laid out.
    #[serde(default = "down_the_list", skip_serializing_if = "is_down_the_list")]
    pub method: Method,
    /// Down the list: what happens to a request that does not fit.
    pub misfit: Misfit,
    /// What regions get at least and at most, by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub bounds: BTreeMap<String, Between>,
    /// What else the methods leave open.
    #[serde(default, skip_serializing_if = "Choices::is_declared")]
    pub choices: Choices,
}

/// A floor, a cap, or both, in cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Between {
    /// The least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Money>,
    /// The most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Money>,
}

const fn down_the_list() -> Method {
    Method::DownTheList
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_down_the_list(method: &Method) -> bool {
    matches!(method, Method::DownTheList)
}

impl From<&Bound> for Between {
    fn from(bound: &Bound) -> Self {
        Self { floor: Some(bound.floor).filter(|floor| *floor > Money::ZERO), cap: bound.cap }
    }
}

/// A field of the form that can't be taken, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The field's name.
    pub field: String,
    /// A sentence for whoever typed it.
    pub problem: String,
}

/// A weight is given in percent, from nothing to all.
const MOST_PERCENT: i64 = 100;

impl Setting {
    /// What the program file declares.
    #[must_use]
    pub fn declared(bench: &Bench) -> Self {
        Self {
            weights: bench.rules.criteria.iter().map(|criterion| criterion.weight).collect(),
            scales: BTreeMap::new(),
            pot: bench.pot,
            unit_cost: bench.unit_cost,
            method: bench.allocation.method,
            misfit: bench.allocation.misfit.unwrap_or(Misfit::Stop),
            bounds: bench.allocation.bounds.iter().map(|bound| (bound.region.clone(), Between::from(bound))).collect(),
            choices: Choices::default(),
        }
    }

    /// Reads a form's fields, by name: `w-KEY` a weight in percent, `WORD-KEY` a number of a scale (`from-KEY`, `points1-KEY`), `pot` and
    /// `unit_cost` in dollars, `method` and `misfit` a word, `floor-KEY` and `cap-KEY` a region's in dollars or empty, and those of
    /// [`Choices`]. A field that is not there keeps what is declared.
    ///
    /// # Errors
    /// Every field that can't be taken.
    pub fn read<'a>(bench: &Bench, field: impl Fn(&str) -> Option<&'a str>) -> Result<Self, Vec<Refused>> {
        let mut setting = Self::declared(bench);
        let mut refused = Vec::new();
        let mut note = |field: &str, problem: String| refused.push(Refused { field: field.to_owned(), problem });
        for (criterion, weight) in bench.rules.criteria.iter().zip(&mut setting.weights).filter(|(criterion, _)| !criterion.bonus) {
            let name = format!("w-{}", criterion.key);
            match field(&name).map(basis_points) {
                None => {}
                Some(Some(points)) => *weight = points,
                Some(None) => {
                    note(&name, format!("The weight of “{}” is a number from 0 to 100, with two decimals at most.", criterion.name));
                }
            }
        }
        setting.read_scales(bench, &field, &mut note);
        if setting.weights.iter().all(|weight| *weight == 0) {
            let first = bench.rules.criteria.iter().find(|criterion| !criterion.bonus).map(|criterion| format!("w-{}", criterion.key));
            note(&first.unwrap_or_default(), "Nothing weighs anything. Give at least one criterion a weight.".to_owned());
        }
        for (name, amount) in [("pot", &mut setting.pot), ("unit_cost", &mut setting.unit_cost)] {
            match field(name).map(Money::parse) {
                None => {}
                Some(Ok(read)) if read > Money::ZERO || (name == "pot" && read == Money::ZERO) => *amount = read,
                Some(Ok(_)) => note(name, "The amount must be more than nothing.".to_owned()),
                Some(Err(problem)) => note(name, problem.to_string()),
            }
        }
        match field("misfit").map(misfit) {
            None => {}
            Some(Some(chosen)) => setting.misfit = chosen,
            Some(None) => note("misfit", "Choose what happens to a request that does not fit.".to_owned()),
        }
        match field("method").map(method) {
            None => {}
            Some(Some(chosen)) => setting.method = chosen,
            Some(None) => note("method", "Choose how the money is laid out.".to_owned()),
        }
        setting.choices = Choices::read(&bench.allocation, &field, &mut note);
        setting.read_bounds(bench, field, &mut note);
        if refused.is_empty() { Ok(setting) } else { Err(refused) }
    }

    fn read_bounds<'a>(&mut self, bench: &Bench, field: impl Fn(&str) -> Option<&'a str>, note: &mut impl FnMut(&str, String)) {
        // Down the list there are none, whatever the form holds.
        if self.method == Method::DownTheList {
            self.bounds.clear();
            return;
        }
        for region in &bench.regions {
            let (floor, cap) = (format!("floor-{}", region.key), format!("cap-{}", region.key));
            let mut between = self.bounds.get(&region.key).copied().unwrap_or_default();
            for (name, bound) in [(&floor, &mut between.floor), (&cap, &mut between.cap)] {
                match field(name).map(str::trim) {
                    None => {}
                    Some("") => *bound = None,
                    Some(text) => match Money::parse(text) {
                        Ok(amount) if amount >= Money::ZERO => *bound = Some(amount),
                        Ok(_) => note(name, format!("{}: the amount can’t be below zero.", region.name)),
                        Err(problem) => note(name, format!("{}: {problem}", region.name)),
                    },
                }
            }
            if between.floor.zip(between.cap).is_some_and(|(floor, cap)| floor > cap) {
                note(&floor, format!("The floor of {} is above its cap.", region.name));
            }
            if between == Between::default() {
                self.bounds.remove(&region.key);
            } else {
                self.bounds.insert(region.key.clone(), between);
            }
        }
    }

    /// The form's fields that give this setting again, those of the declared one left out.
    #[must_use]
    pub fn fields(&self, bench: &Bench) -> Vec<(String, String)> {
        let declared = Self::declared(bench);
        let mut fields = Vec::new();
        for (criterion, (weight, was)) in bench.rules.criteria.iter().zip(self.weights.iter().zip(&declared.weights)) {
            if weight != was {
                fields.push((format!("w-{}", criterion.key), percent(*weight)));
            }
        }
        let moved = self.moved_numbers(bench).into_iter();
        fields
            .extend(moved.map(|(criterion, number)| (format!("{}-{}", number.word, criterion.key), number.value.normalize().to_string())));
        let changed = |name: &str, now: Money, was: Money| (now != was).then(|| (name.to_owned(), now.plain()));
        fields.extend(changed("pot", self.pot, declared.pot));
        fields.extend(changed("unit_cost", self.unit_cost, declared.unit_cost));
        if self.misfit != declared.misfit {
            fields.push(("misfit".to_owned(), misfit_word(self.misfit).to_owned()));
        }
        if self.method != declared.method {
            fields.push(("method".to_owned(), method_word(self.method).to_owned()));
        }
        fields.extend(self.choices.fields().into_iter().map(|(name, value)| (name.to_owned(), value)));
        let bounds = self.changed_bounds(bench).into_iter();
        fields.extend(bounds.map(|(region, name, now)| (format!("{name}-{}", region.key), now.map(Money::plain).unwrap_or_default())));
        fields
    }

    /// The floors and caps that are not as declared: of which region, `floor` or `cap`, and what it is.
    #[must_use]
    pub fn changed_bounds<'a>(&self, bench: &'a Bench) -> Vec<(&'a Region, &'static str, Option<Money>)> {
        let declared = Self::declared(bench);
        let both = |region: &'a Region| {
            let of = |setting: &Self| setting.bounds.get(&region.key).copied().unwrap_or_default();
            let (now, was) = (of(self), of(&declared));
            [("floor", now.floor, was.floor), ("cap", now.cap, was.cap)].map(|(name, now, was)| (region, name, now, was))
        };
        let all = bench.regions.iter().flat_map(both);
        all.filter(|(.., now, was)| now != was).map(|(region, name, now, _)| (region, name, now)).collect()
    }
}

/// A weight in percent, as a form shows it.
#[must_use]
pub fn percent(basis_points: u32) -> String {
    Decimal::new(basis_points.into(), 2).normalize().to_string()
}

fn basis_points(text: &str) -> Option<u32> {
    let value: Decimal = text.trim().trim_end_matches('%').trim().parse().ok()?;
    let points = value * Decimal::ONE_HUNDRED;
    let fine = value >= Decimal::ZERO && value <= Decimal::from(MOST_PERCENT) && points.fract().is_zero();
    fine.then(|| points.to_u32()).flatten()
}

/// The word of a policy, as program files write it.
#[must_use]
pub const fn misfit_word(misfit: Misfit) -> &'static str {
    match misfit {
        Misfit::Stop => "stop",
        Misfit::Skip => "skip",
        Misfit::Partial => "partial",
        Misfit::Waitlist => "waitlist",
    }
}

/// The word of a method, as program files write it.
#[must_use]
pub const fn method_word(method: Method) -> &'static str {
    match method {
        Method::DownTheList => "down_the_list",
        Method::Shares => "shares",
        Method::Optimal => "optimal",
        Method::Named => "named",
    }
}

/// A method that can be tried: what the law names can't.
fn method(word: &str) -> Option<Method> {
    [Method::DownTheList, Method::Shares, Method::Optimal].into_iter().find(|one| method_word(*one) == word)
}

fn misfit(word: &str) -> Option<Misfit> {
    [Misfit::Stop, Misfit::Skip, Misfit::Partial, Misfit::Waitlist].into_iter().find(|one| misfit_word(*one) == word)
}
