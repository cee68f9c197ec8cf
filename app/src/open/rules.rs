//! A round's rules in plain words, straight from its program file. A file never changes under its hash, so the markup is made once for each
//! and kept.

use super::decisions::{bounds, decisions, pots};
use super::parts::fact;
use crate::ui::table::Table;
use crate::ui::{capital, source, synthetic};
use domain::allocation::Method;
use domain::program::{ApplicantKind, Appropriation, DrawBasis, ProgramFile};
use domain::ruleset::{Criterion, Group, Missing, RuleSet, Source};
use domain::time::say_date;
use leptos::prelude::*;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, RwLock};

/// How many rounds' markup is kept.
const KEPT: usize = 64;

/// The rules of a file as markup, made the first time it is asked for.
pub fn rules(file: &ProgramFile, sha256: &str) -> Arc<str> {
    static MADE: OnceLock<RwLock<HashMap<String, Arc<str>>>> = OnceLock::new();
    let made = MADE.get_or_init(RwLock::default);
    if let Some(html) = made.read().ok().and_then(|made| made.get(sha256).cloned()) {
        return html;
    }
    let html: Arc<str> = whole(file).to_html().into();
    // A poisoned lock only means making it again next time.
    if let Ok(mut made) = made.write() {
        if made.len() >= KEPT {
            made.clear();
        }
        made.insert(sha256.to_owned(), Arc::clone(&html));
    }
    html
}

fn whole(file: &ProgramFile) -> impl IntoView + use<> {
    view! {
        {law(file)}
        {applicants(file)}
        {before(file)}
        {match &file.named {
            Some(named) => super::in_law::rules(named).into_any(),
            None => ranking(file).into_any(),
        }}
        {panel(file)}
        {money(file)}
        {decisions(file)}
        {afterwards(file)}
        {regions(file)}
        {invented(file)}
    }
}

fn law(file: &ProgramFile) -> impl IntoView + use<> {
    let money = file.appropriation().map(appropriation);
    let before: Vec<_> = file
        .paying()
        .filter(|money| money.key != file.round.appropriation)
        .map(|money| view! { <h3>"Laid out before it"</h3> {appropriation(money)} })
        .collect();
    view! {
        <section aria-labelledby="law">
            <h2 id="law">"The law and the money"</h2>
            {money}
            {before}
            <p>{file.program.citation.clone()}</p>
        </section>
    }
}

fn appropriation(terms: &Appropriation) -> impl IntoView + use<> {
    let days = format!("{} to {}", say_date(terms.begins_on), say_date(terms.lapses_on));
    view! {
        <dl class="al-facts">
            {fact("Amount", terms.amount.to_string())}
            {fact("Bill", terms.bill.clone())}
            {fact("Section", terms.section.clone())}
            {fact("Fund", terms.fund_source.clone())}
            {fact("Fiscal year", terms.fiscal_year.to_string())}
            {fact("To be spent", days)}
        </dl>
        {source(&terms.citation)}
        {terms.synthetic.then(|| view! { <p>{synthetic(true)}" Part of this was invented for the demonstration; the source says what."</p> })}
    }
}

fn applicants(file: &ProgramFile) -> impl IntoView + use<> {
    let kinds: Vec<&str> = file
        .eligibility
        .applicants
        .iter()
        .map(|kind| match kind {
            ApplicantKind::District => "school districts",
            ApplicantKind::Community => "community organizations",
        })
        .collect();
    let award = &file.award;
    let most = format!("At most {} {} for one applicant.", award.max_units, if award.max_units == 1 { &award.unit } else { &award.units });
    view! {
        <section aria-labelledby="who">
            <h2 id="who">"Who may apply"</h2>
            <p>{file.eligibility.text.clone()}</p>
            {award.years.as_ref().map(|years| view! { <p>{years.plain()}{synthetic(years.synthetic)}</p> {source(&years.citation)} })}
            <p><strong>"In short: "</strong>{kinds.join(" and ")}". "{most}{synthetic(award.synthetic)}</p>
            {source(&file.eligibility.citation)}
        </section>
    }
}

fn before(file: &ProgramFile) -> impl IntoView + use<> {
    let evidence = file
        .ranking
        .criteria
        .iter()
        .filter_map(|criterion| match &criterion.source {
            Source::Evidence { .. } => {
                let text = format!("{}: {} Upload them as PDF files or scans.", criterion.name, criterion.plain);
                Some(view! { <li>{text}</li> })
            }
            Source::Fact { .. } | Source::Rubric { .. } | Source::Formula { .. } => None,
        })
        .collect_view();
    let rubrics = file
        .ranking
        .criteria
        .iter()
        .filter(|criterion| matches!(criterion.source, Source::Rubric { .. }))
        .map(|criterion| view! { <li>{format!("A paragraph on “{}”: {}", criterion.name, criterion.plain)}</li> })
        .collect_view();
    let public = |criterion: &&Criterion| matches!(criterion.source, Source::Fact { .. } | Source::Formula { .. });
    let figures = file.ranking.criteria.iter().filter(public).count();
    let figures = (figures > 0)
        .then(|| format!("Nothing for the {figures} criteria that rest on public figures: we fill them in and show you the source."));
    let figures = figures.map(|text| view! { <li>{text}</li> });
    let terms =
        file.named.is_some().then(|| view! { <li>"The terms of the award, to be accepted by the certifier after submitting."</li> });
    let units = format!("How many {} you ask for, and what they would do.", file.award.units);
    view! {
        <section aria-labelledby="before">
            <h2 id="before">"Before you start"</h2>
            <p>
                "Plan about an hour of writing if you have the figures at hand, spread over as many days as you like: every section is saved, and letters usually take the longest to come in. Two people are needed: one prepares, one certifies and submits."
            </p>
            <ul>
                <li>"An account for the preparer and one for the certifier: the person who may sign for your organization."</li>
                <li>{units}</li>
                {evidence}
                {rubrics}
                {figures}
                {terms}
            </ul>
        </section>
    }
}

fn ranking(file: &ProgramFile) -> impl IntoView + use<> {
    let rules = &file.ranking;
    let rows = rules.criteria.iter().map(|one| criterion(one, rules.panel.is_some())).collect_view();
    let gates = conditions(rules);
    let groups = rules.groups.iter().map(|group| group_line(rules, group)).collect_view();
    let bonus =
        rules.criteria.iter().any(|criterion| criterion.bonus).then_some(" Points marked “added” count as they are, above or below zero.");
    let ties = rules.plain_ties().into_iter().map(|step| view! { <li>{capital(&step)}"."</li> }).collect_view();
    let seed = match &file.round.seed {
        Some(seed) => format!("The published seed is “{seed}”."),
        None => "The seed is drawn when the round opens. Its SHA-256 is published at once, the seed itself when the round has closed."
            .to_owned(),
    };
    view! {
        <section aria-labelledby="ranking">
            <h2 id="ranking">"How applications are ranked"</h2>
            <p>
                "Each criterion gives 0 to 100 points. Points times weight are added up; the sum decides the place. A missing figure is asked for, never counted as zero."
                {bonus}
            </p>
            {gates}
            <Table caption="Criteria, weights and points; the weights sum to 100%">
                <thead>
                    <tr><th scope="col">"Criterion"</th><th scope="col" class="num">"Weight"</th><th scope="col">"How points are given"</th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
            {groups}
            {source(&rules.citation)}
            <h3>"When two have the same points"</h3>
            <ol>{ties}</ol>
            <p>{seed}" A lot is the SHA-256 of the seed, a colon and the application number; the smaller goes first."</p>
        </section>
    }
}

/// How a panel reviews, where one does.
fn panel(file: &ProgramFile) -> Option<impl IntoView + use<>> {
    file.review.as_ref().map(|terms| {
        let how = file.ranking.panel.map(|how| format!("The panel’s scores become one number by {}.", how.plain()));
        let lines = terms.plain().into_iter().chain(how).map(|line| view! { <li>{line}</li> }).collect_view();
        view! {
            <section aria-labelledby="panel">
                <h2 id="panel">"Who reviews"</h2>
                <ul>{lines}</ul>
                {synthetic(terms.synthetic)}
                {source(&terms.citation)}
            </section>
        }
    })
}

/// What an applicant must meet to be ranked at all.
fn conditions(rules: &RuleSet) -> Option<impl IntoView + use<>> {
    let items = rules
        .gates
        .iter()
        .map(|gate| {
            view! {
                <li>
                    <strong>{gate.name.clone()}</strong>": "{gate.plain.clone()}" "<code>{gate.must.text().to_owned()}</code>
                    {synthetic(gate.synthetic)}
                    <span class="al-source">{format!("Source: {}", gate.citation)}</span>
                </li>
            }
        })
        .collect_view();
    (!rules.gates.is_empty()).then(|| view! { <h3>"Conditions for being ranked"</h3> <ul>{items}</ul> })
}

fn group_line(rules: &RuleSet, group: &Group) -> impl IntoView + use<> {
    let names: Vec<&str> = group.criteria.iter().filter_map(|key| rules.criterion(key)).map(|criterion| criterion.name.as_str()).collect();
    let said = format!("{}: {} together add at most {} points.", group.name, names.join(" and "), group.cap.normalize());
    view! { <p>{said}{synthetic(group.synthetic)}<span class="al-source">{format!("Source: {}", group.citation)}</span></p> }
}

fn criterion(criterion: &Criterion, panel: bool) -> impl IntoView + use<> {
    let levels = match &criterion.source {
        Source::Rubric { anchors } => {
            let items = anchors.iter().map(|anchor| view! { <li>{format!("{} points: {}", anchor.points.normalize(), anchor.text)}</li> });
            Some(view! { <details><summary>"The written levels"</summary><ul>{items.collect_view()}</ul></details> })
        }
        Source::Fact { .. } | Source::Evidence { .. } | Source::Formula { .. } => None,
    };
    let drawn_from = match &criterion.source {
        Source::Fact { key } => {
            let fact = domain::facts::fact(key);
            format!("From a public or declared figure: {}", fact.map_or(key.as_str(), |fact| fact.name))
        }
        Source::Evidence { cap, .. } => format!("Counted from what you upload, up to {cap}"),
        Source::Rubric { .. } if panel => "Scored by a panel of reviewers, who each give a written reason".to_owned(),
        Source::Rubric { .. } => "Scored by staff, who give a written reason".to_owned(),
        Source::Formula { formula } => format!("Computed: {}", formula.text()),
    };
    let missing = match criterion.missing {
        Missing::Error => None,
        Missing::Exclude => Some(" Where the figure is missing, this criterion is left out and the others weigh more in proportion."),
        Missing::Contest => Some(" Where the figure is missing, the applicant may bring one with evidence."),
    };
    let scale = capital(&criterion.scale.plain());
    view! {
        <tr>
            <th scope="row" data-label="Criterion">{criterion.name.clone()}</th>
            <td class="num" data-label="Weight">{criterion.weight_percent()}{synthetic(criterion.synthetic)}</td>
            <td data-label="How points are given">
                <p>{criterion.plain.clone()}</p>
                <p>{drawn_from}". "{scale}"."{missing}</p>
                {levels}
                <span class="al-source">{format!("Source: {}", criterion.citation)}</span>
            </td>
        </tr>
    }
}

fn money(file: &ProgramFile) -> impl IntoView + use<> {
    let award = &file.award;
    let heading = match file.allocation.method {
        Method::DownTheList if file.allocation.before.is_empty() => "How the money goes down the list",
        _ => "How the money is laid out",
    };
    let unit = file
        .named
        .is_none()
        .then(|| format!("One {} costs at most {}; awards are made in whole {}.", award.unit, award.unit_cost, award.units));
    view! {
        <section aria-labelledby="allocation">
            <h2 id="allocation">{heading}</h2>
            {pots(file)}
            <p>{file.allocation.plain()}{synthetic(file.allocation.synthetic)}</p>
            {source(&file.allocation.citation)}
            {bounds(file)}
            <p>{unit}{synthetic(award.synthetic)}</p>
            {source(&award.citation)}
        </section>
    }
}

fn afterwards(file: &ProgramFile) -> impl IntoView + use<> {
    let terms = &file.reporting;
    let names = |names: Vec<&str>| names.join("; ");
    let categories = names(terms.categories.iter().map(|category| category.name.as_str()).collect());
    let outcomes = names(terms.outcomes.iter().map(|outcome| outcome.name.as_str()).collect());
    let due = format!("A report each quarter, due {} days after the quarter ends, signed by the recipient’s certifier.", terms.due_days);
    let basis = match file.draws.basis {
        DrawBasis::Advance => "Recipients draw money ahead of spending it and report on it afterwards.",
        DrawBasis::Reimbursement => "Recipients spend first and are paid back for what they spent.",
    };
    view! {
        <section aria-labelledby="afterwards">
            <h2 id="afterwards">"What a recipient owes, if funded"</h2>
            <p>{due}{synthetic(terms.synthetic)}</p>
            <dl class="al-facts">
                {fact("Spending by", categories)}
                {fact("Counts of", outcomes)}
                {fact("Payment", view! { {basis}{synthetic(file.draws.synthetic)} })}
            </dl>
            {source(&terms.citation)}
        </section>
    }
}

fn regions(file: &ProgramFile) -> impl IntoView + use<> {
    let rows = file
        .regions
        .iter()
        .map(|region| {
            view! {
                <tr>
                    <th scope="row" data-label="Organization">{region.name.clone()}{synthetic(region.synthetic)}
                        <span class="al-source">{region.citation.clone()}</span>
                    </th>
                    <td class="num" data-label="Districts">{region.districts.len()}</td>
                    <td class="num" data-label="Counties">{region.counties.len()}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section aria-labelledby="regions">
            <h2 id="regions">"Who receives the money for your district"</h2>
            <details>
                <summary>{format!("The {} recipients and how many districts each serves", file.regions.len())}</summary>
                <Table caption="Recipients of awards, with the districts and counties they serve in this round">
                    <thead>
                        <tr><th scope="col">"Organization"</th><th scope="col" class="num">"Districts"</th><th scope="col" class="num">"Counties"</th></tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </Table>
            </details>
        </section>
    }
}

fn invented(file: &ProgramFile) -> Option<impl IntoView + use<>> {
    let items = file.round.synthetic.iter().map(|sentence| view! { <li>{sentence.clone()}</li> }).collect_view();
    (!file.round.synthetic.is_empty()).then(|| {
        view! {
            <section aria-labelledby="invented">
                <h2 id="invented">"What is invented here"</h2>
                <p>"The sources do not say everything. Whatever carries the tag"{synthetic(true)}" was invented so that this round could be shown whole:"</p>
                <ul>{items}</ul>
            </section>
        }
    })
}
