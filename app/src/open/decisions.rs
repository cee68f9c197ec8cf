//! The rules of a decision in plain words, for the public page: floors and caps of regions, the steps of approval, appeals.

use crate::ui::{source, synthetic};
use domain::Money;
use domain::allocation::{Limited, Pot};
use domain::approval::{self, ApprovalStep};
use domain::program::ProgramFile;
use leptos::prelude::*;

/// Floors, caps and limits, what is held harmless and the smallest award, where the rule has them.
pub(super) fn bounds(file: &ProgramFile) -> Option<AnyView> {
    let name = |key: &str| file.region(key).map_or_else(|| key.to_owned(), |region| region.name.clone());
    let rule = &file.allocation;
    let item = |text: String, invented: bool, citation: &str| view! { <li>{text}{synthetic(invented)}{source(citation)}</li> };
    let regions = rule.bounds.iter().map(|bound| {
        let text = match (bound.floor > Money::ZERO, bound.cap) {
            (true, Some(cap)) => format!("{}: at least {}, at most {cap}.", name(&bound.region), bound.floor),
            (true, None) => format!("{}: at least {}.", name(&bound.region), bound.floor),
            (false, Some(cap)) => format!("{}: at most {cap}.", name(&bound.region)),
            (false, None) => name(&bound.region),
        };
        item(text, bound.synthetic, &bound.citation)
    });
    let limits = rule.limits.iter().map(|limit| {
        let each = match limit.of {
            Limited::District => "applicant",
            Limited::Organization => "organization that receives awards",
        };
        item(format!("Each {each}: at most {}.", limit.cap), limit.synthetic, &limit.citation)
    });
    let held = rule.hold_harmless.iter().map(|hold| {
        let text = format!("Whoever had an award the time before: at least {}% of it, or all that is asked for.", hold.percent);
        item(text, hold.synthetic, &hold.citation)
    });
    let least = rule.least_award.iter().map(|least| {
        let text = format!("No award is smaller than {} {}: a part that would be goes to others.", least.units, file.award.units);
        item(text, least.synthetic, &least.citation)
    });
    let items: Vec<_> = regions.chain(limits).chain(held).chain(least).collect();
    (!items.is_empty()).then(|| view! { <ul>{items}</ul> }.into_any())
}

/// The pots that are filled before the round's own appropriation, in their order.
pub(super) fn pots(file: &ProgramFile) -> Option<AnyView> {
    let item = |pot: &Pot| {
        view! { <li>{file.plain_pot(pot)}{synthetic(pot.rule.synthetic)}{source(&pot.rule.citation)}</li> }
    };
    let items: Vec<_> = file.allocation.before.iter().map(item).collect();
    (!items.is_empty()).then(|| view! { <p>"Several appropriations pay, each by a rule of its own, in this order; the round’s own comes last."</p> <ol>{items}</ol> }.into_any())
}

/// Who approves, and how the decision can be appealed.
pub(super) fn decisions(file: &ProgramFile) -> impl IntoView + use<> {
    // Every step that there may be: an amount above all thresholds.
    let steps: Vec<ApprovalStep> = approval::steps(&file.approvals, Money::cents(i64::MAX));
    let items = steps
        .iter()
        .map(|step| {
            let cited = (!step.citation.is_empty()).then(|| source(&step.citation));
            view! { <li>{step.plain()}{synthetic(step.synthetic)}{cited}</li> }
        })
        .collect_view();
    let appeals = match &file.appeals {
        None => view! { <p>"These rules know no appeal."</p> }.into_any(),
        Some(terms) => {
            let reserve = terms.reserve.map(|reserve| format!(" {reserve} are set aside for appeals that are upheld.")).unwrap_or_default();
            let text = format!(
                "Whoever is not funded whole can appeal within {} days of being told; somebody without a hand in the decision rules.{reserve}",
                terms.days
            );
            let grounds =
                terms.grounds.iter().map(|ground| view! { <li>{ground.name.clone()}{source(&ground.citation)}</li> }).collect_view();
            view! { <p>{text}{synthetic(terms.synthetic)}</p> {source(&terms.citation)} <p>"Grounds:"</p> <ul>{grounds}</ul> }.into_any()
        }
    };
    view! {
        <section aria-labelledby="decisions">
            <h2 id="decisions">"Who approves, and how to appeal"</h2>
            <ol>{items}</ol>
            <p>"Nobody approves their own work, and nobody twice."</p>
            {appeals}
        </section>
    }
}
