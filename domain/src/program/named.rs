//! Reads the `[named]` section: the recipients that an act names, each with its amount and clause, and the terms they accept. It stands in
//! the place of `[ranking]`, `[review]` and `[allocation]`.

use super::read::{Fields, Spot};
use super::sections::unique;
use super::{AwardTerms, Region};
use crate::money::Money;
use crate::named::{NamedTerms, Recipient, Term};

/// What the section is checked against.
pub(super) struct Around<'a> {
    /// The regions of the file.
    pub(super) regions: &'a [Region],
    /// What is awarded, where it could be read.
    pub(super) award: Option<&'a AwardTerms>,
    /// What the appropriation holds, less what is set aside for appeals; none where either could not be read.
    pub(super) pot: Option<Money>,
}

/// The sections that a round of what the law names does not have.
const INSTEAD: [&str; 3] = ["ranking", "review", "allocation"];

pub(super) fn named(root: &Fields<'_>, section: &Spot<'_>, around: &Around<'_>) -> Option<NamedTerms> {
    for spot in INSTEAD.into_iter().filter_map(|key| root.optional(key)) {
        spot.note(
            "The law names the recipients here, so nothing is ranked, reviewed or allocated by a rule. Leave this section or [named] out.",
        );
    }
    let fields = section.fields()?;
    let terms = NamedTerms {
        citation: fields.text("citation"),
        synthetic: fields.flag("synthetic"),
        recipients: recipients(&fields, around),
        terms: fields.tables("terms").into_iter().map(term).collect(),
    };
    fields.end();
    Some(terms)
}

fn recipients(fields: &Fields<'_>, around: &Around<'_>) -> Vec<Recipient> {
    let mut all: Vec<Recipient> = Vec::new();
    let mut sum = Money::ZERO;
    for one in fields.tables("recipients") {
        let (recipient, amount_at) = recipient(&one, around);
        unique(one.optional("key"), &recipient.key, all.iter().map(|other| other.key.as_str()));
        if !recipient.name.is_empty()
            && all.iter().any(|other| other.name.to_lowercase() == recipient.name.to_lowercase())
            && let Some(spot) = one.optional("name")
        {
            spot.note(format!("“{}” is named above; add the amounts up, or give the names as they stand on record.", recipient.name));
        }
        let before = sum;
        // A sum that does not fit in 64 bits of cents is more than any appropriation.
        sum = recipient.amount().and_then(|amount| sum.plus(amount)).unwrap_or(Money::cents(i64::MAX));
        if let (Some(spot), Some(pot)) = (amount_at, around.pot)
            && before <= pot
            && sum > pot
        {
            spot.note(format!("With this amount the recipients come to {sum}, more than the {pot} that the appropriation holds for them."));
        }
        one.end();
        all.push(recipient);
    }
    all
}

/// A recipient, and where its amount stands.
fn recipient<'a>(one: &Fields<'a>, around: &Around<'_>) -> (Recipient, Option<Spot<'a>>) {
    let (amount, units_at) = (one.optional("amount"), one.optional("units"));
    let (units, unit_cost) = match (&amount, &units_at, around.award) {
        (Some(amount), None, _) => (1, amount.money()),
        (None, Some(units), award) => {
            let most = award.map_or(i64::MAX, |award| award.max_units);
            (units.integer(1..=most), award.map_or(Money::ZERO, |award| award.unit_cost))
        }
        _ => {
            one.note("A recipient has either an amount, or units at the award's unit_cost: write one of the two.");
            (1, Money::ZERO)
        }
    };
    let region = one.key("region");
    if !region.is_empty()
        && !around.regions.iter().any(|known| known.key == region)
        && let Some(spot) = one.optional("region")
    {
        spot.note(format!("“{region}” is the key of no region in this file."));
    }
    let recipient = Recipient {
        key: one.key("key"),
        name: one.text("name"),
        region,
        units,
        unit_cost,
        citation: one.text("citation"),
        synthetic: one.flag("synthetic"),
    };
    (recipient, amount.or(units_at))
}

fn term(one: Fields<'_>) -> Term {
    let term = Term { text: one.text("text"), citation: one.text("citation"), synthetic: one.flag("synthetic") };
    one.end();
    term
}
