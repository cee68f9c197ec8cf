//! The money line: where a dollar is, from the law to the report, as one bar and as a list. The list says everything that the bar shows.

use domain::Money;
use leptos::prelude::*;

/// One station of the money.
#[derive(Clone, Debug)]
pub struct Station {
    /// `appropriated`, `awarded`, `drawn`, `reported` or `left`: also the name of its colour.
    pub key: &'static str,
    /// The station in a word or two.
    pub name: &'static str,
    /// What it means, in a short sentence.
    pub help: &'static str,
    /// How much.
    pub amount: Money,
    /// The page with the rows that it sums.
    pub href: Option<String>,
}

/// The amount in thousandths of the whole, for drawing only.
#[must_use]
pub fn thousandths(amount: Money, whole: Money) -> i64 {
    if !whole.is_positive() {
        return 0;
    }
    let share = i128::from(amount.in_cents().max(0)) * 1000 / i128::from(whole.in_cents());
    i64::try_from(share).unwrap_or(1000).min(1000)
}

/// The bar and its list. The first station is the whole; those before `left` lie on each other, the later on top, as each is a part of the
/// one before.
pub fn money_line(stations: Vec<Station>) -> impl IntoView {
    let whole = stations.first().map_or(Money::ZERO, |station| station.amount);
    let bars = stations
        .iter()
        .filter(|station| station.key != "left")
        .map(|station| {
            let class = if station.key == "appropriated" { "al-seg--left".to_owned() } else { format!("al-seg--{}", station.key) };
            view! { <rect class=class x="0" y="0" width=thousandths(station.amount, whole).to_string() height="36"></rect> }
        })
        .collect_view();
    let items = stations
        .into_iter()
        .map(|station| {
            let amount = station.amount.to_string();
            let figure = match station.href {
                Some(href) => view! { <strong><a href=href>{amount}</a></strong> }.into_any(),
                None => view! { <strong>{amount}</strong> }.into_any(),
            };
            view! { <li class=format!("al-key--{}", station.key)>{figure}{station.name}" "<span class="al-source">{station.help}</span></li> }
        })
        .collect_view();
    view! {
        <div class="al-money-line">
            <svg viewBox="0 0 1000 36" preserveAspectRatio="none" aria-hidden="true" focusable="false">{bars}</svg>
            <ul>{items}</ul>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_drawn_within_the_whole() {
        let cents = Money::cents;
        assert_eq!(thousandths(cents(1), cents(3)), 333);
        assert_eq!(thousandths(cents(5), cents(3)), 1000);
        assert_eq!(thousandths(cents(-5), cents(3)), 0);
        assert_eq!(thousandths(cents(5), cents(0)), 0);
    }
}
