//! What a setting gives, beside what is declared: the awards that flip, how far each weight and each place can go, whether a leaver could
//! turn others round, and the list about the line.

use domain::allocation::Method;
use domain::bench::{Bench, Beyond, Change, Flip, MOST_FOR_REVERSALS, Slow, Tried, WITHIN, percent};
use domain::exact::Exact;
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
        {tried.proof.clone().map(|proof| view! { <p>{proof}</p> })}
        {flip_table(bench, tried, declared, &flips)}
        {costs(tried, slow)}
        {held(bench, tried, slow)}
        {reversals(bench, tried, slow)}
        {list(bench, tried, declared, slow)}
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
    let range = |entrant: usize| match slow.map(|slow| slow.ranges.get(entrant).copied().flatten()) {
        None => "…".to_owned(),
        Some(None) => "–".to_owned(),
        Some(Some(range)) if range.best == range.worst => range.best.to_string(),
        Some(Some(range)) => format!("{} to {}", range.best, range.worst),
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
        if at + 1 == line && tried.one_walk {
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
            {format!("The range holds every place that the applicant has while any one weight moves by up to {within} percentage points either way, the others sharing the rest in proportion. It is computed, not sampled.")}
        </p>
    }
    .into_any()
}

/// So many changed awards are named at an end.
const NAMED: usize = 3;

/// What happens beyond an end: whose awards change, or who changes sides of the line.
fn beyond(bench: &Bench, met: Option<(usize, usize)>, beyond: &Beyond) -> String {
    let Some((falls, rises)) = met else { return "nobody, to the very end".to_owned() };
    if beyond.changes.is_empty() {
        return format!("{} falls, {} rises", name(bench, falls).0, name(bench, rises).0);
    }
    let change = |one: &Change| format!("{}: {} instead of {}", name(bench, one.entrant).0, one.then, one.now);
    let mut words: Vec<String> = beyond.changes.iter().take(NAMED).map(change).collect();
    if beyond.changes.len() > NAMED {
        words.push(format!("and {} more", beyond.changes.len() - NAMED));
    }
    let only = if beyond.only_there { " (at this very weight only, by the tie-break)" } else { "" };
    format!("{}{only}", words.join("; "))
}

fn still_computed(heading: &'static str) -> AnyView {
    view! { <h3>{heading}</h3> <p>"…"</p> }.into_any()
}

/// How far each weight can go by itself before anybody's award changes, or others stand above the line.
fn held(bench: &Bench, tried: &Tried, slow: Option<&Slow>) -> AnyView {
    let heading = match slow {
        Some(slow) if slow.by_line => "How far each weight can go before other applicants are above the line",
        _ => "How far each weight can go before anybody’s award changes",
    };
    let Some(slow) = slow else { return still_computed(heading) };
    if let Some(why) = slow.unsteady.clone() {
        return view! { <h3>{heading}</h3> <p>{why}</p> }.into_any();
    }
    // An end that is no fraction is known to a millionth of a basis point, far beyond what is shown.
    let end = |weight: &Exact| format!("{}%", weight.over(&Exact::whole(100)).unwrap_or(Exact::ZERO).rounded(2));
    let ends = if tried.method == Method::DownTheList {
        "exactly and shown with two decimals; at an end two have equal points and the tie-break decides."
    } else {
        "in hundredths of a percent: one further awards are others."
    };
    let rows = slow
        .held
        .iter()
        .map(|one| {
            view! {
                <tr>
                    <th scope="row">{one.name.clone()}</th>
                    <td class="num" data-label="As tried">{format!("{}%", percent(one.weight))}</td>
                    <td class="num" data-label="Down to">{end(&one.low)}</td>
                    <td data-label="Below that">{beyond(bench, one.at_low, &one.below)}</td>
                    <td class="num" data-label="Up to">{end(&one.high)}</td>
                    <td data-label="Above that">{beyond(bench, one.at_high, &one.above)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <h3>{heading}</h3>
        <div class="al-table-scroll" tabindex="0" role="region" aria-label=heading>
            <table class="al-table al-cards-table">
                <thead>
                    <tr>
                        <th scope="col">"Criterion"</th><th scope="col" class="num">"As tried"</th><th scope="col" class="num">"Down to"</th>
                        <th scope="col">"Below that"</th><th scope="col" class="num">"Up to"</th><th scope="col">"Above that"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <p class="al-source">"One weight by itself, the others sharing the rest in proportion. The ends are computed "{ends}</p>
    }
    .into_any()
}

/// What floors, caps and limits cost the set with the most points.
fn costs(tried: &Tried, slow: Option<&Slow>) -> Option<AnyView> {
    let heading = "What each floor, cap and limit costs";
    if tried.method != Method::Optimal {
        return None;
    }
    let Some(slow) = slow else { return Some(still_computed(heading)) };
    let items = slow.costs.iter().map(|text| view! { <li>{text.clone()}</li> }).collect_view();
    let found = if slow.costs.is_empty() {
        view! { <p>"There is none but the pot."</p> }.into_any()
    } else {
        view! { <ul>{items}</ul> }.into_any()
    };
    Some(view! { <h3>{heading}</h3> {found} }.into_any())
}

fn reversals(bench: &Bench, tried: &Tried, slow: Option<&Slow>) -> AnyView {
    let heading = "Could somebody’s leaving turn others round?";
    let Some(slow) = slow else { return still_computed(heading) };
    if slow.comparing.is_empty() {
        return view! {
            <h3>{heading}</h3>
            <p>"No. Every scale of these rules looks at one applicant alone, so the order of two never depends on a third."</p>
        }
        .into_any();
    }
    if !tried.one_walk {
        return view! { <h3>{heading}</h3> <p>"This is told of one pot that goes down the list."</p> }.into_any();
    }
    let scales = slow.comparing.join("”, “");
    let lead = format!("These scales compare applicants with each other, so it is possible: “{scales}”.");
    let numbers = |entrants: &[usize]| entrants.iter().map(|entrant| name(bench, *entrant).0).collect::<Vec<_>>().join(", ");
    let found = match &slow.reversals {
        None => view! { <p>{format!("With more than {MOST_FOR_REVERSALS} applicants, leaving each out in turn takes too long for a page.")}</p> }.into_any(),
        Some(found) if found.is_empty() => {
            view! { <p>"Left out one by one, nobody below the line changes who stands above it."</p> }.into_any()
        }
        Some(found) => {
            let items = found
                .iter()
                .map(|one| {
                    let without = name(bench, one.without).0;
                    view! { <li>{format!("Without {without}, who gets nothing: {} comes above the line, {} falls below it.", numbers(&one.rises), numbers(&one.falls))}</li> }
                })
                .collect_view();
            view! { <p>"It happens here:"</p> <ul>{items}</ul> }.into_any()
        }
    };
    view! { <h3>{heading}</h3> <p>{lead}</p> {found} }.into_any()
}
