//! Whom a decision reaches, before it is made: by region, locale, poverty and size, who could have applied, who did, who would be funded,
//! and how much for each student. Small groups are hidden, and never so that one could be found by subtraction.

use crate::exact::Exact;
use crate::money::Money;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// A group with fewer applicants than this, but some, is hidden.
pub const SMALL: u32 = 5;

/// One organization that could have applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The region's name, where it belongs to one.
    pub region: Option<String>,
    /// NCES locale code: 11 to 43.
    pub locale: Option<i64>,
    /// Rural-urban continuum code of its county, as the Department of Agriculture writes it: 1 to 9.
    pub rural_urban: Option<i64>,
    /// Percent of children in poverty.
    pub poverty: Option<Decimal>,
    /// Students enrolled.
    pub students: Option<i64>,
    /// Whether it applied.
    pub applied: bool,
    /// What it would be granted.
    pub granted: Money,
}

/// One way of grouping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// What is grouped by.
    pub title: &'static str,
    /// How the groups are made, in a sentence.
    pub rule: String,
    /// The groups that anybody belongs to.
    pub groups: Vec<Group>,
    /// Everybody together.
    pub all: Figures,
}

/// One group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its figures; none where they are hidden.
    pub figures: Option<Figures>,
    /// Organizations in it, which is never hidden.
    pub could: u32,
    /// Its share of funded applicants, divided by that of the group where it is highest; none when hidden or nobody applied.
    pub ratio: Option<Exact>,
}

impl Group {
    /// Whether the ratio is below four fifths.
    #[must_use]
    pub fn is_low(&self) -> bool {
        // 29 CFR 1607.4(D): a rate below four-fifths of the highest group's is generally regarded as evidence of adverse impact. Written for
        // hiring; used here as the mark at which to look closer.
        self.ratio.as_ref().zip(Exact::ratio(4, 5).ok()).is_some_and(|(ratio, four_fifths)| *ratio < four_fifths)
    }
}

/// What is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Organizations that could have applied.
    pub could: u32,
    /// Of these, applied.
    pub applied: u32,
    /// Of these, funded.
    pub funded: u32,
    /// Money granted.
    pub granted: Money,
    /// Students of those that applied.
    pub students: i64,
    /// How many that applied have no figure of students.
    pub uncounted: u32,
}

impl Figures {
    fn add(&mut self, one: &Reached) {
        self.could += 1;
        if one.applied {
            self.applied += 1;
            self.funded += u32::from(one.granted > Money::ZERO);
            // Money that fits in the pot fits in a sum of its parts.
            self.granted = self.granted.plus(one.granted).unwrap_or(self.granted);
            match one.students {
                Some(students) => self.students = self.students.saturating_add(students),
                None => self.uncounted += 1,
            }
        }
    }

    /// The share of those that could have applied that did.
    #[must_use]
    pub fn applying(&self) -> Option<Exact> {
        Exact::ratio(self.applied.into(), self.could.into()).ok()
    }

    /// The share of applicants that are funded.
    #[must_use]
    pub fn selected(&self) -> Option<Exact> {
        Exact::ratio(self.funded.into(), self.applied.into()).ok()
    }

    /// Money for each student of those that applied, in cents rounded half to even; none without students.
    #[must_use]
    pub fn per_student(&self) -> Option<Money> {
        let cents = Exact::ratio(self.granted.in_cents().into(), self.students.into()).ok()?.to_places(0).floor().ok()?;
        (self.students > 0).then(|| i64::try_from(cents).ok().map(Money::cents)).flatten()
    }
}

/// All four views.
#[must_use]
pub fn views(all: &[Reached]) -> Vec<View> {
    let cuts = quartiles(all);
    let poverty_rule = match &cuts {
        Some([low, middle, high]) => {
            format!("Quartiles of all organizations with a figure: up to {low}%, up to {middle}%, up to {high}%, above.")
        }
        None => "Fewer than four organizations have a figure, so there are no quartiles.".to_owned(),
    };
    let region = view(all, "Region", "The region that would receive the award.".to_owned(), |one| match &one.region {
        Some(region) => (0, region.clone()),
        None => (1, "In no region".to_owned()),
    });
    // Of the two ways to say how rural a place is, those are shown for which anybody has a figure.
    let by_locale = all.iter().any(|one| one.locale.is_some());
    let by_county = all.iter().any(|one| one.rural_urban.is_some());
    let locale = by_locale.then(|| view(all, "Locale", "The NCES locale code’s first digit.".to_owned(), |one| locale(one.locale)));
    let county = by_county.then(|| {
        let rule = "The county’s rural-urban continuum code, of the Department of Agriculture: 1 to 3, 4 to 7, 8 and 9.";
        view(all, "Rural or urban county", rule.to_owned(), |one| rural_urban(one.rural_urban))
    });
    let poverty = view(all, "Children in poverty", poverty_rule, |one| poverty(one.poverty, cuts.as_ref()));
    let size = view(all, "Size", "Students enrolled.".to_owned(), |one| size(one.students));
    [Some(region), locale, county, Some(poverty), Some(size)].into_iter().flatten().collect()
}

const UNKNOWN: (usize, &str) = (9, "Not on record");

fn named((rank, name): (usize, &str)) -> (usize, String) {
    (rank, name.to_owned())
}

fn locale(code: Option<i64>) -> (usize, String) {
    named(match code.map(|code| code / 10) {
        Some(1) => (1, "City"),
        Some(2) => (2, "Suburb"),
        Some(3) => (3, "Town"),
        Some(4) => (4, "Rural"),
        _ => UNKNOWN,
    })
}

fn rural_urban(code: Option<i64>) -> (usize, String) {
    named(match code {
        Some(1..=3) => (1, "In a metropolitan area"),
        Some(4..=7) => (2, "Outside one, with a town"),
        Some(8..=9) => (3, "Completely rural"),
        _ => UNKNOWN,
    })
}

fn size(students: Option<i64>) -> (usize, String) {
    named(match students {
        None => UNKNOWN,
        Some(..1_000) => (1, "Fewer than 1,000"),
        Some(1_000..2_500) => (2, "1,000 to 2,499"),
        Some(2_500..5_000) => (3, "2,500 to 4,999"),
        Some(5_000..) => (4, "5,000 and more"),
    })
}

fn poverty(rate: Option<Decimal>, cuts: Option<&[Decimal; 3]>) -> (usize, String) {
    let Some((rate, cuts)) = rate.zip(cuts) else { return named(UNKNOWN) };
    let names = ["Lowest quarter", "Second quarter", "Third quarter", "Highest quarter"];
    let at = cuts.iter().filter(|cut| rate > **cut).count();
    named((at, names.get(at).copied().unwrap_or_default()))
}

/// The rates that a quarter, half and three quarters of the organizations do not exceed.
fn quartiles(all: &[Reached]) -> Option<[Decimal; 3]> {
    let mut rates: Vec<Decimal> = all.iter().filter_map(|one| one.poverty).collect();
    rates.sort_unstable();
    let cut = |quarters: usize| rates.get((rates.len() * quarters).div_ceil(4).checked_sub(1)?).map(Decimal::normalize);
    (rates.len() >= 4).then(|| Some([cut(1)?, cut(2)?, cut(3)?])).flatten()
}

fn view(all: &[Reached], title: &'static str, rule: String, group_of: impl Fn(&Reached) -> (usize, String)) -> View {
    let mut groups: BTreeMap<(usize, String), Figures> = BTreeMap::new();
    let mut whole = Figures::default();
    for one in all {
        groups.entry(group_of(one)).or_default().add(one);
        whole.add(one);
    }
    let hidden = hidden(&groups.values().map(|figures| figures.applied).collect::<Vec<_>>());
    let shown: Vec<(String, Figures, bool)> =
        groups.into_iter().zip(hidden).map(|(((_, name), figures), hidden)| (name, figures, hidden)).collect();
    let highest = shown.iter().filter(|(_, _, hidden)| !hidden).filter_map(|(_, figures, _)| figures.selected()).max();
    let groups = shown.into_iter().map(|(name, figures, hidden)| {
        let ratio = highest.as_ref().filter(|_| !hidden).and_then(|highest| figures.selected()?.over(highest).ok());
        Group { name, could: figures.could, ratio, figures: (!hidden).then_some(figures) }
    });
    View { title, rule, groups: groups.collect(), all: whole }
}

/// Which groups are hidden, by their counts of applicants: the small ones, and when that is one alone, the next smallest with it.
fn hidden(applied: &[u32]) -> Vec<bool> {
    let mut hidden: Vec<bool> = applied.iter().map(|count| (1..SMALL).contains(count)).collect();
    if hidden.iter().filter(|hidden| **hidden).count() == 1 {
        let others = applied.iter().enumerate().filter(|(index, count)| **count > 0 && hidden.get(*index) == Some(&false));
        if let Some(slot) = others.min_by_key(|(_, count)| **count).map(|(index, _)| index).and_then(|index| hidden.get_mut(index)) {
            *slot = true;
        }
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(region: &str, poverty: i64, students: i64, applied: bool, granted: i64) -> Reached {
        Reached {
            region: Some(region.to_owned()),
            locale: None,
            rural_urban: None,
            poverty: Some(poverty.into()),
            students: Some(students),
            applied,
            granted: Money::cents(granted),
        }
    }

    fn many(region: &str, applied: usize, funded: usize) -> Vec<Reached> {
        (0..applied).map(|n| one(region, 20, 1_000, true, if n < funded { 10_000 } else { 0 })).collect()
    }

    /// North: 8 of 10 funded, 80%. South: 3 of 6, 50%; 50 ÷ 80 = 5/8, below four fifths. East: 7 of 10, 70%; 7/8, not below.
    #[test]
    fn ratios_are_worked_by_hand() {
        let all = [many("North", 10, 8), many("South", 6, 3), many("East", 10, 7)].concat();
        let view = views(&all).remove(0);
        let ratios: Vec<_> =
            view.groups.iter().map(|group| (group.name.as_str(), group.ratio.clone().unwrap().to_string(), group.is_low())).collect();
        assert_eq!(ratios, [("East", "0.875".to_owned(), false), ("North", "1".to_owned(), false), ("South", "0.625".to_owned(), true)]);
        assert_eq!((view.all.applied, view.all.funded, view.all.per_student()), (26, 18, Some(Money::cents(7))));
    }

    #[test]
    fn exactly_four_fifths_is_not_below() {
        let all = [many("North", 10, 10), many("South", 10, 8)].concat();
        assert!(views(&all)[0].groups.iter().all(|group| !group.is_low()));
    }

    #[test]
    fn a_small_group_is_hidden_and_never_alone() {
        assert_eq!(hidden(&[10, 3, 7, 0]), [false, true, true, false]);
        assert_eq!(hidden(&[10, 3, 4, 8]), [false, true, true, false]);
        assert_eq!(hidden(&[10, 5, 0]), [false, false, false]);
        assert_eq!(hidden(&[4]), [true]);
        let all = [many("North", 10, 8), many("South", 4, 3), many("East", 6, 5)].concat();
        let view = views(&all).remove(0);
        let shown: Vec<_> = view.groups.iter().map(|group| group.figures.is_some()).collect();
        assert_eq!(shown, [false, true, false]);
        assert_eq!(view.groups[0].ratio, None);
    }

    #[test]
    fn quarters_are_cut_among_all_who_could_apply() {
        let all: Vec<Reached> = (1..=8).map(|n| one("R", n, n * 700, n % 2 == 0, 0)).collect();
        let view = views(&all).remove(1);
        assert!(view.rule.contains("up to 2%, up to 4%, up to 6%"), "{}", view.rule);
        assert_eq!(view.groups.iter().map(|group| group.could).collect::<Vec<_>>(), [2, 2, 2, 2]);
    }

    #[test]
    fn what_is_not_on_record_is_a_group_of_its_own() {
        let mut all = many("R", 6, 6);
        all[0].students = None;
        let view = views(&all).remove(2);
        assert_eq!(view.groups.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["1,000 to 2,499", "Not on record"]);
        assert_eq!(view.all.uncounted, 1);
        assert!(views(&[]).iter().all(|view| view.groups.is_empty()));
    }

    /// Codes 1 and 3 are metropolitan, 6 has a town, 9 is rural; without any code there is no such view.
    #[test]
    fn counties_are_grouped_by_how_rural_they_are() {
        let with = |code: Option<i64>| Reached { rural_urban: code, ..one("North", 20, 1_000, true, 0) };
        let titles = |all: &[Reached]| views(all).iter().map(|view| view.title).collect::<Vec<_>>();
        assert_eq!(titles(&[with(None)]), ["Region", "Children in poverty", "Size"]);
        let all = [Some(1), Some(3), Some(6), Some(9), None].map(with);
        assert_eq!(titles(&all), ["Region", "Rural or urban county", "Children in poverty", "Size"]);
        let groups: Vec<_> = views(&all).remove(1).groups.into_iter().map(|group| (group.name, group.could)).collect();
        let expected = [("In a metropolitan area", 2), ("Outside one, with a town", 1), ("Completely rural", 1), ("Not on record", 1)];
        assert_eq!(groups, expected.map(|(name, count)| (name.to_owned(), count)));
    }
}
