//! The allocation as a table: each step down the list with what is left after it and why, the line, and the totals by region.

use crate::review::parts::outcome_tag;
use crate::ui::table::{OnPhone, Table};
use domain::allocation::{Allocation, ExceptionKind, Step, exceptions};
use domain::award::Outcome;
use domain::program::ProgramFile;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// The names that the steps' ids and keys stand for.
pub(crate) struct Names {
    /// Applicants by application id.
    pub applicants: BTreeMap<String, String>,
    /// Regions by key.
    pub regions: BTreeMap<String, String>,
}

impl Names {
    /// Region names out of the program file.
    pub(crate) fn new(file: &ProgramFile, applicants: BTreeMap<String, String>) -> Self {
        Self { applicants, regions: file.regions.iter().map(|region| (region.key.clone(), region.name.clone())).collect() }
    }

    /// What a region is called.
    pub(crate) fn region(&self, key: &str) -> String {
        self.regions.get(key).cloned().unwrap_or_else(|| key.to_owned())
    }
}

/// The steps, place by place, with the line where the money ends at one.
pub(crate) fn steps(round: &str, allocation: &Allocation, names: &Names) -> impl IntoView + use<> {
    let mut rows: Vec<AnyView> = Vec::with_capacity(allocation.steps.len() + 1);
    // Where somebody above got nothing, the money does not end at one place.
    let passed_over = exceptions(allocation).iter().any(|one| matches!(one.kind, ExceptionKind::PassedOver { .. }));
    let line = allocation.line.filter(|_| !passed_over && allocation.pots.is_empty());
    for step in &allocation.steps {
        rows.push(row(round, step, names).into_any());
        if line == Some(step.place) {
            let text = format!("The line: the money reaches place {}; {} is left.", step.place, allocation.rest);
            rows.push(view! { <tr class="al-line-row"><th scope="row" colspan="8">{text}</th></tr> }.into_any());
        }
    }
    view! {
        <Table caption="Each step down the list, with what is left after it and why" unseen=true on_phone=OnPhone::Lines>
            <thead>
                <tr>
                    <th scope="col" class="num">"Place"</th><th scope="col">"Applicant"</th><th scope="col">"Region"</th>
                    <th scope="col" class="num">"Asked for"</th><th scope="col" class="num">"Granted"</th>
                    <th scope="col" class="num">"Amount"</th><th scope="col" class="num">"Left"</th><th scope="col">"Why"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

fn row(round: &str, step: &Step, names: &Names) -> impl IntoView + use<> {
    let applicant = names.applicants.get(&step.id).cloned().unwrap_or_default();
    let working = format!("/review/{round}/ranking/{}", step.number);
    view! {
        <tr>
            <td class="num al-order" data-label="Place">{step.place}</td>
            <th scope="row"><a href=working>{step.number.clone()}</a>" "<span class="al-source">{applicant}</span></th>
            <td data-label="Region">{names.region(&step.region)}</td>
            <td class="num" data-label="Asked for">{step.units_requested}</td>
            <td class="num" data-label="Granted">{step.units_granted}</td>
            <td class="num" data-label="Amount">{step.granted.in_column()}</td>
            <td class="num" data-label="Left">{step.left.in_column()}</td>
            <td class="al-plain" data-label="Why"><span>{outcome_tag(Outcome::from(step.outcome))}<span class="al-source">{step.reason.clone()}</span></span></td>
        </tr>
    }
}

/// The totals by region.
pub(crate) fn regions(allocation: &Allocation, names: &Names) -> impl IntoView + use<> {
    let rows = allocation
        .regions
        .iter()
        .map(|total| {
            view! {
                <tr>
                    <th scope="row">{names.region(&total.region)}</th>
                    <td class="num" data-label="Applications">{total.claims}</td>
                    <td class="num" data-label="Funded">{total.funded}</td>
                    <td class="num" data-label="Granted">{total.units}</td>
                    <td class="num" data-label="Amount">{total.granted.in_column()}</td>
                </tr>
            }
        })
        .collect_view();
    let (claims, funded) =
        allocation.regions.iter().fold((0_u32, 0_u32), |(claims, funded), total| (claims + total.claims, funded + total.funded));
    let (units, granted) = (allocation.units, allocation.granted.in_column());
    view! {
        <Table caption="What each region’s applications come to" unseen=true>
            <thead>
                <tr>
                    <th scope="col">"Region"</th><th scope="col" class="num">"Applications"</th><th scope="col" class="num">"Funded"</th>
                    <th scope="col" class="num">"Granted"</th><th scope="col" class="num">"Amount"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
            <tfoot>
                <tr>
                    <th scope="row">"In all"</th>
                    <td class="num" data-label="Applications">{claims}</td>
                    <td class="num" data-label="Funded">{funded}</td>
                    <td class="num" data-label="Granted">{units}</td>
                    <td class="num" data-label="Amount">{granted}</td>
                </tr>
            </tfoot>
        </Table>
    }
}
