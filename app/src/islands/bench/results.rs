//! What a setting gives, beside what is declared: the awards that flip, the list about the line, how far each place can go, and whether a
//! leaver could turn others round.

use domain::bench::{Bench, Flip, Slow, Tried, WITHIN, percent};
use leptos::prelude::*;

/// A list of at most so many is shown whole; of a longer one the part about the line.
const WHOLE_LIST: usize = 200;
/// So many places on either side of the line.
const ABOUT: usize = 20;

/// The results.
pub fn results(bench: &Bench, tried: &Tried, declared: &Tried, slow: Option<&Slow>) -> AnyView {
    let flips = tried.flips(declared);
    let units: i64 = tried.units.iter().sum();
    let line = tried.line.map_or_else(|| "–".to_owned(), |line| line.to_string());
    let figure = |number: String, words: &'static str| view! { <li class="al-figure"><strong>{number}</strong>" "{words}</li> };
    view! {
        <h2>"What it would give"</h2>
        <ul class="al-figures">
            {figure(flips.len().to_string(), "awards flip")}
            {figure(line, "the lowest place funded")}
            {figure(units.to_string(), "units")}
            {figure(tried.granted.to_string(), "granted")}
            {figure(tried.rest.to_string(), "left")}
        </ul>
        {flip_table(bench, tried, declared, &flips)}
        {list(bench, tried, declared, slow)}
        {reversals(bench, slow)}
    }
    .into_any()
}

fn name(bench: &Bench, entrant: usize) -> (String, String) {
    bench.entrants.get(entrant).map(|one| (one.number.clone(), one.name.clone())).unwrap_or_default()
}

fn place(tried: &Tried, entrant: usize) -> String {
    tried.places.get(entrant).copied().flatten().map_or_else(|| "–".to_owned(), |place| place.to_string())
}

fn way(flip: &Flip) -> (&'static str, &'static str) {
    match (flip.before, flip.after) {
        (0, _) => ("al-tag al-tag--good", "gains"),
        (_, 0) => ("al-tag al-tag--bad", "loses"),
        (before, after) if after > before => ("al-tag al-tag--info", "gets more"),
        _ => ("al-tag al-tag--warn", "gets less"),
    }
}

fn flip_table(bench: &Bench, tried: &Tried, declared: &Tried, flips: &[Flip]) -> AnyView {
    if flips.is_empty() {
        return view! { <p class="al-bench__same">"Every award stays as declared."</p> }.into_any();
    }
    let rows = flips
        .iter()
        .map(|flip| {
            let (number, name) = name(bench, flip.entrant);
            let (class, words) = way(flip);
            view! {
                <tr>
                    <th scope="row">{number}" "<span class="al-source">{name}</span></th>
                    <td data-label="Change"><span class=class>{words}</span></td>
                    <td class="num" data-label="Place declared">{place(declared, flip.entrant)}</td>
                    <td class="num" data-label="Place tried">{place(tried, flip.entrant)}</td>
                    <td class="num" data-label="Units declared">{flip.before}</td>
                    <td class="num" data-label="Units tried">{flip.after}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <h3>"Awards that flip"</h3>
        <div class="al-table-scroll" tabindex="0" role="region" aria-label="Awards that flip">
            <table class="al-table al-cards-table">
                <thead>
                    <tr>
                        <th scope="col">"Applicant"</th><th scope="col">"Change"</th><th scope="col" class="num">"Place declared"</th>
                        <th scope="col" class="num">"Place tried"</th><th scope="col" class="num">"Units declared"</th>
                        <th scope="col" class="num">"Units tried"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn list(bench: &Bench, tried: &Tried, declared: &Tried, slow: Option<&Slow>) -> AnyView {
    let whole = tried.order.len() <= WHOLE_LIST;
    let line = tried.line.and_then(|line| usize::try_from(line).ok()).unwrap_or(0);
    let (from, to) = if whole { (0, tried.order.len()) } else { (line.saturating_sub(ABOUT), (line + ABOUT).min(tried.order.len())) };
    let ranges = slow.map(|slow| slow.ranges.as_ref());
    let range = |entrant: usize| match ranges {
        None => "…".to_owned(),
        Some(None) => "–".to_owned(),
        Some(Some(ranges)) => match ranges.get(entrant).copied().flatten() {
            Some(range) if range.best == range.worst => range.best.to_string(),
            Some(range) => format!("{} to {}", range.best, range.worst),
            None => "–".to_owned(),
        },
    };
    let mut rows = Vec::with_capacity(to - from + 1);
    for (at, entrant) in tried.order.iter().copied().enumerate().take(to).skip(from) {
        let (number, name) = name(bench, entrant);
        let units = tried.units.get(entrant).copied().unwrap_or(0);
        rows.push(
            view! {
                <tr>
                    <td class="num al-order" data-label="Place">{at + 1}</td>
                    <th scope="row">{number}" "<span class="al-source">{name}</span></th>
                    <td class="num" data-label="Declared">{place(declared, entrant)}</td>
                    <td class="num" data-label="Units">{units}</td>
                    <td class="num" data-label="Range">{range(entrant)}</td>
                </tr>
            }
            .into_any(),
        );
        if at + 1 == line {
            rows.push(view! { <tr class="al-line-row"><td colspan="5">"The line as tried"</td></tr> }.into_any());
        }
    }
    let shown = (!whole).then(|| view! { <p>{format!("Places {} to {} of {}, about the line.", from + 1, to, tried.order.len())}</p> });
    let within = percent(WITHIN);
    view! {
        <h3>"The list as tried"</h3>
        {shown}
        <div class="al-table-scroll" tabindex="0" role="region" aria-label="The list as tried">
            <table class="al-table al-cards-table al-rows-table">
                <thead>
                    <tr>
                        <th scope="col" class="num">"Place"</th><th scope="col">"Applicant"</th><th scope="col" class="num">"Declared"</th>
                        <th scope="col" class="num">"Units"</th><th scope="col" class="num">"Range"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <p class="al-source">
            {format!("The range holds every place that the applicant has when any one weight moves by up to {within} points of percent either way, the others sharing the rest in proportion; each hundredth of a percent is looked at. No range is given where criteria are capped together, where a criterion is left out for somebody, or beyond 2,000 applicants.")}
        </p>
    }
    .into_any()
}

fn reversals(bench: &Bench, slow: Option<&Slow>) -> AnyView {
    let heading = "Could somebody’s leaving turn others round?";
    let Some(slow) = slow else { return view! { <h3>{heading}</h3> <p>"…"</p> }.into_any() };
    let found = &slow.reversals;
    if found.scales.is_empty() {
        return view! {
            <h3>{heading}</h3>
            <p>"No. Every scale of these rules looks at one applicant alone, so the order of two never depends on a third."</p>
        }
        .into_any();
    }
    let scales = found.scales.join("”, “");
    let lead = format!("These scales compare applicants with each other, so it is possible: “{scales}”.");
    let items = found
        .found
        .iter()
        .map(|one| {
            let [without, up, down] = [one.without, one.up, one.down].map(|entrant| name(bench, entrant).0);
            let award = if one.award { " An award flips by it." } else { "" };
            view! { <li>{format!("Without {without}, {up} goes ahead of {down}.{award}")}</li> }
        })
        .collect_view();
    let tried = format!("Left out in turn: the {} applicants without money nearest below the line.", found.tried);
    let none = found.found.is_empty().then(|| view! { <p>"None of them turns others round."</p> });
    view! { <h3>{heading}</h3> <p>{lead}</p> <p>{tried}</p> {none} <ul>{items}</ul> }.into_any()
}
