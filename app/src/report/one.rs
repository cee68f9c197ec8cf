//! `/report/{report}`: one quarter's report. The recipient fills it in and signs; the agency accepts it or returns it with a reason.

use super::work::{self, Found, LINE, OUTCOME, Signing, line_field, outcome_field};
use crate::call::Call;
use crate::error::{AppError, Problem};
use crate::form::{Attempt, Fields, id};
use crate::fund::parts::{due_words, entries_table, report_tag};
use crate::review::parts::alert;
use crate::ui::field::{ErrorSummary, TextArea, TextField, Tick, signs_as};
use crate::ui::layout::{Head, go, page};
use axum::extract::{Path, Query};
use axum::response::Response;
use domain::access::Action;
use domain::ledger::AccountKind;
use domain::program::ReportingTerms;
use domain::report::{Content, ReportError, ReportState};
use domain::{Date, Money, ReportId, Zone};
use leptos::prelude::*;
use std::collections::BTreeMap;
use store::events::{self, Event};
use store::ledger::{self, EntryRow};
use store::reports;

struct Shown {
    found: Found,
    content: Content,
    advanced: Money,
    history: Vec<Event>,
    entries: Vec<EntryRow>,
    zone: Zone,
    today: Date,
}

async fn load(call: &Call, id: ReportId) -> Result<Shown, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let found = work::find(&mut tx, call, id).await?;
    let zone = found.award.zone()?;
    Ok(Shown {
        content: reports::content(&mut tx, &found.report).await?,
        advanced: ledger::balances(&mut tx, found.report.award).await?.of(AccountKind::Advanced),
        history: events::list_of(&mut tx, id.0).await?,
        entries: ledger::entries_of_noun(&mut tx, id.0).await?,
        zone,
        today: call.now.date_in(zone),
        found,
    })
}

fn prefilled(shown: &Shown) -> Attempt {
    let mut fields = vec![("narrative".to_owned(), shown.content.narrative.clone())];
    fields.extend(shown.content.lines.iter().map(|(key, amount)| (line_field(key), amount.plain())));
    fields.extend(shown.content.outcomes.iter().map(|(key, count)| (outcome_field(key), count.to_string())));
    Attempt { fields: Fields(fields), problems: Vec::new() }
}

/// The page.
///
/// # Errors
/// [`AppError::NotFound`]; the store's failure.
pub async fn get(call: Call, Path(report): Path<String>, Query(query): Query<BTreeMap<String, String>>) -> Result<Response, AppError> {
    let shown = load(&call, id(&report)?).await?;
    let attempt = prefilled(&shown);
    Ok(show(&call, shown, attempt, query.contains_key("saved")))
}

/// What the form says: empty fields are left out; beside it, the fields that can't be read, with why.
fn read(fields: &Fields) -> (Content, Vec<(String, String)>) {
    let mut content = Content { narrative: fields.text("narrative").to_owned(), ..Content::default() };
    let mut wrong = Vec::new();
    for (field, typed) in &fields.0 {
        let typed = typed.trim();
        if typed.is_empty() {
            continue;
        }
        if let Some(key) = field.strip_prefix(LINE) {
            match Money::parse(typed) {
                Ok(amount) => drop(content.lines.insert(key.to_owned(), amount)),
                Err(cause) => wrong.push((field.clone(), cause.to_string())),
            }
        } else if let Some(key) = field.strip_prefix(OUTCOME) {
            match typed.replace(',', "").parse() {
                Ok(count) => drop(content.outcomes.insert(key.to_owned(), count)),
                Err(_) => wrong.push((field.clone(), "enter a whole number.".to_owned())),
            }
        }
    }
    (content, wrong)
}

/// The problems of fields that can't be read, each with its field's name in words.
fn problems(wrong: Vec<(String, String)>, terms: &ReportingTerms) -> Vec<Problem> {
    let lines = terms.categories.iter().map(|category| (line_field(&category.key), category.name.as_str()));
    let names: Vec<_> = lines.chain(terms.outcomes.iter().map(|outcome| (outcome_field(&outcome.key), outcome.name.as_str()))).collect();
    let name = |field: &str| names.iter().find(|(known, _)| known == field).map(|(_, name)| *name);
    wrong
        .into_iter()
        .filter_map(|(field, cause)| name(&field).map(|name| Problem::new(field.as_str(), format!("{name}: {cause}"))))
        .collect()
}

async fn take(call: &Call, id: ReportId, fields: &Fields) -> Result<(), AppError> {
    let seen: i64 = fields.hidden("version")?;
    let (content, wrong) = read(fields);
    if !wrong.is_empty() {
        let mut reader = call.reader().await?;
        let found = work::find(&mut reader.tx(), call, id).await?;
        return Err(AppError::Invalid(problems(wrong, found.terms())));
    }
    if fields.text("do") == "submit" {
        let signing = Signing { name: fields.text("signature").to_owned(), stated: fields.ticked("stated") };
        work::submit_report(call, id, seen, &content, &signing).await
    } else {
        work::save_report(call, id, seen, &content).await
    }
}

async fn answer(call: Call, id: ReportId, fields: Fields, taken: Result<(), AppError>) -> Result<Response, AppError> {
    match taken {
        Ok(()) if fields.text("do") == "save" => Ok(go(format!("/report/{id}?saved=yes"))),
        Ok(()) => Ok(go(format!("/report/{id}"))),
        Err(error) => {
            let stale = matches!(error, AppError::Conflict(_));
            let attempt = Attempt::of(fields, error)?;
            let mut response = show(&call, load(&call, id).await?, attempt, false);
            if stale {
                *response.status_mut() = http::StatusCode::CONFLICT;
            }
            Ok(response)
        }
    }
}

/// Saves, or signs and submits: the button says which.
///
/// # Errors
/// As [`work::save_report`] and [`work::submit_report`], when the page can't show it.
pub async fn post(call: Call, Path(report): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let id = id(&report)?;
    let taken = take(&call, id, &fields).await;
    answer(call, id, fields, taken).await
}

/// Accepts.
///
/// # Errors
/// As [`work::accept_report`], when the page can't show it.
pub async fn post_accept(call: Call, Path(report): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let (id, seen) = (id(&report)?, fields.hidden("version")?);
    let taken = work::accept_report(&call, id, seen).await;
    answer(call, id, fields, taken).await
}

/// Returns with a reason.
///
/// # Errors
/// As [`work::return_report`], when the page can't show it.
pub async fn post_return(call: Call, Path(report): Path<String>, fields: Fields) -> Result<Response, AppError> {
    let (id, seen) = (id(&report)?, fields.hidden("version")?);
    let taken = work::return_report(&call, id, seen, fields.text("reason")).await;
    answer(call, id, fields, taken).await
}

fn show(call: &Call, shown: Shown, attempt: Attempt, saved: bool) -> Response {
    let title = format!("Report for {}", shown.found.report.quarter.name());
    let actor = call.actor.clone();
    page(call, Head::new(title.clone()).after(&attempt), move || {
        let Shown { found, content, advanced, history, entries, zone, today } = shown;
        let on = found.award.subject();
        let (report, award) = (found.report.clone(), found.award.clone());
        let middle = if report.state.is_open() && actor.may(Action::EditReport, on) {
            let signs = actor.may(Action::SubmitReport, on);
            let hint = format!("{} Typing it signs the report.", signs_as(&actor.name));
            form(&found, advanced, attempt.clone(), signs.then_some(hint), today).into_any()
        } else {
            read_only(found.terms(), &content).into_any()
        };
        let decide =
            (report.state == ReportState::Submitted && actor.may(Action::DecideReport, on)).then(|| decide(&report, attempt.clone()));
        let signed = report.signature.clone().zip(report.submitted_at).map(|(name, at)| {
            view! {
                <div><dt>"Signed"</dt><dd>{name}", "{at.say_in(zone)}</dd></div>
                <div><dt>"Digest (SHA-256) of what was signed"</dt><dd class="al-hash">{report.digest.clone().unwrap_or_default()}</dd></div>
            }
        });
        let returned = (report.state == ReportState::Returned).then(|| {
            let by = report.decided_by.clone().unwrap_or_default();
            view! {
                <div class="usa-alert usa-alert--warning">
                    <div class="usa-alert__body">
                        <p class="usa-alert__text"><strong>{by}" returned this report: "</strong>{report.decision_reason.clone().unwrap_or_default()}</p>
                    </div>
                </div>
            }
        });
        let synthetic = found.terms().synthetic.then(|| {
            view! { <p class="al-source"><span class="al-synthetic">"Synthetic"</span>" "{found.terms().citation.clone()}</p> }
        });
        let saved = (saved && report.state == ReportState::Draft).then(|| {
            alert(
                "success",
                "Saved as a draft",
                view! { "It is not handed in yet: a certifier of your organization signs and submits it." },
            )
        });
        // What stands against signing can be mended while it is a draft.
        let total = content.total().unwrap_or_default();
        let too_much = (report.state.is_open() && total > advanced)
            .then(|| alert("warning", "More than was paid", ReportError::OverAdvanced { total, advanced }.to_string()));
        view! {
            <p><a href="/report">"Reports"</a>" · "<a href=format!("/fund/awards/{}", award.id)>{format!("Award {}", award.number)}</a></p>
            <h1>{title}</h1>
            <p class="al-lede">{award.recipient_name.clone()}" "{report_tag(&report, today)}</p>
            <ErrorSummary attempt=attempt/>
            {saved}
            {too_much}
            {returned}
            <dl class="al-facts">
                <div><dt>"Due"</dt><dd>{due_words(&report, today)}</dd></div>
                <div><dt>"Paid and not yet reported"</dt><dd>{advanced.to_string()}</dd></div>
                <div><dt>"Spending in this report"</dt><dd><strong>{report.total.to_string()}</strong></dd></div>
                {signed}
            </dl>
            {middle}
            {decide}
            {synthetic}
            <h2>"What happened"</h2>
            {crate::fund::history_list(history, zone)}
            {(!entries.is_empty()).then(|| view! { <h2>"In the ledger"</h2> {entries_table("Ledger entries of this report", entries, zone)} })}
        }
    })
}

/// A field whose name is made of a key.
fn keyed(name: String, label: String, hint: String, mode: &'static str, attempt: &Attempt) -> impl IntoView + use<> {
    let problem = attempt.problem(&name);
    let wrong = problem.is_some();
    let described = if wrong { format!("{name}-hint {name}-problem") } else { format!("{name}-hint") };
    let value = attempt.fields.text(&name).to_owned();
    view! {
        <div class=if wrong { "usa-form-group usa-form-group--error" } else { "usa-form-group" }>
            <label class="usa-label" for=name.clone()>{label}</label>
            <span class="usa-hint" id=format!("{name}-hint")>{hint}</span>
            {problem.map(|text| view! { <span class="usa-error-message" id=format!("{name}-problem")>{text}</span> })}
            <input
                class=if wrong { "usa-input usa-input--small usa-input--error" } else { "usa-input usa-input--small" }
                id=name.clone()
                name=name
                type="text"
                inputmode=mode
                value=value
                aria-describedby=described
                aria-invalid=wrong.then_some("true")
            />
        </div>
    }
}

/// `signs` is what the signer reads, for whoever may sign.
fn form(found: &Found, advanced: Money, attempt: Attempt, signs: Option<String>, today: Date) -> impl IntoView + use<> {
    let terms = found.terms();
    let lines = terms
        .categories
        .iter()
        .map(|category| keyed(line_field(&category.key), category.name.clone(), "Dollars".to_owned(), "decimal", &attempt))
        .collect_view();
    let outcomes = terms
        .outcomes
        .iter()
        .map(|outcome| keyed(outcome_field(&outcome.key), outcome.name.clone(), format!("Number of {}", outcome.unit), "numeric", &attempt))
        .collect_view();
    let ended = today > found.report.quarter.ends;
    let submit = (signs.is_some() && ended)
        .then(|| view! { <button class="usa-button" type="submit" name="do" value="submit">"Check, sign and submit"</button> });
    let sign = match (signs, ended) {
        (Some(hint), true) => view! {
            <h2>"Sign"</h2>
            <Tick name="stated" label="I certify that this report is true and complete, and that the money was spent for the award’s purpose." attempt=attempt.clone()/>
            <TextField name="signature" label="Your full name" hint=hint autocomplete="name" attempt=attempt.clone()/>
        }
        .into_any(),
        (Some(_), false) => view! { <p class="al-empty">"The quarter is not over: save a draft now, and sign it when it is."</p> }.into_any(),
        (None, _) => view! { <p class="al-empty">"Save the report; a certifier of your organization signs and submits it."</p> }.into_any(),
    };
    view! {
        <form class="al-narrow" method="post" action=format!("/report/{}", found.report.id) novalidate="">
            <input type="hidden" name="version" value=found.report.version.to_string()/>
            <h2>"What was spent"</h2>
            <p>"The lines may add up to at most "<strong>{advanced.to_string()}</strong>", what was paid and is not yet reported."</p>
            {lines}
            <h2>"What came of it"</h2>
            {outcomes}
            <TextArea name="narrative" label="In a few sentences" hint="What was done with the money this quarter" attempt=attempt.clone() rows=6/>
            {sign}
            <p class="al-actions">
                {submit}
                <button class="usa-button usa-button--outline" type="submit" name="do" value="save">"Save draft"</button>
            </p>
        </form>
    }
}

fn read_only(terms: &ReportingTerms, content: &Content) -> impl IntoView + use<> {
    let lines = terms
        .categories
        .iter()
        .map(|category| {
            let amount = content.lines.get(&category.key).map_or_else(|| "Not entered".to_owned(), |amount| amount.in_column());
            view! { <tr><th scope="row">{category.name.clone()}</th><td class="num">{amount}</td></tr> }
        })
        .collect_view();
    let outcomes = terms
        .outcomes
        .iter()
        .map(|outcome| {
            let count = content.outcomes.get(&outcome.key).map_or_else(|| "Not entered".to_owned(), i64::to_string);
            view! { <tr><th scope="row">{outcome.name.clone()}</th><td class="num">{count}</td></tr> }
        })
        .collect_view();
    let total = content.total().unwrap_or_default().in_column();
    let narrative = if content.narrative.is_empty() { "Not written yet.".to_owned() } else { content.narrative.clone() };
    view! {
        <div class="al-columns">
            <table class="al-table">
                <caption>"What was spent"</caption>
                <thead><tr><th scope="col">"Category"</th><th scope="col" class="num">"Amount"</th></tr></thead>
                <tbody>{lines}</tbody>
                <tfoot><tr><th scope="row">"Together"</th><td class="num">{total}</td></tr></tfoot>
            </table>
            <table class="al-table">
                <caption>"What came of it"</caption>
                <thead><tr><th scope="col">"Outcome"</th><th scope="col" class="num">"Count"</th></tr></thead>
                <tbody>{outcomes}</tbody>
            </table>
        </div>
        <h2>"In words"</h2>
        <p>{narrative}</p>
    }
}

fn decide(report: &reports::Report, attempt: Attempt) -> impl IntoView + use<> {
    let version = report.version.to_string();
    view! {
        <section aria-labelledby="decide">
            <h2 id="decide">"Decide"</h2>
            <form method="post" action=format!("/report/{}/accept", report.id)>
                <input type="hidden" name="version" value=version.clone()/>
                <p class="al-actions"><button class="usa-button" type="submit">"Accept the report"</button></p>
            </form>
            <form method="post" action=format!("/report/{}/return", report.id) novalidate="">
                <input type="hidden" name="version" value=version/>
                <TextArea name="reason" label="Or say what is to be corrected" hint="The report goes back to the recipient; the spending it posted is reversed." attempt=attempt rows=3/>
                <p class="al-actions"><button class="usa-button usa-button--outline" type="submit">"Return with this reason"</button></p>
            </form>
        </section>
    }
}
