//! The figures about an applicant: what the ranking will draw on and where each comes from, what was contested, and the form for it.

use super::contest::{self, Typed, drawn_on};
use super::letters::{self, Uploads};
use super::{crumbs, id, work};
use crate::call::{Call, mint};
use crate::error::AppError;
use crate::form::Attempt;
use crate::review::panel::work::may_open_file;
use crate::ui::download::download;
use crate::ui::field::{ErrorSummary, TextArea, TextField};
use crate::ui::layout::{Head, go, page};
use crate::ui::table::Table;
use crate::ui::working;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path};
use axum::response::Response;
use domain::access::Action;
use domain::contest::State;
use domain::facts::Fact as Known;
use domain::{ApplicationId, ContestId, Zone};
use leptos::prelude::*;
use store::applications::Found;
use store::contests::{self, Contest};
use store::facts::{self, Fact};
use store::{programs, reviews};

/// What the pages show.
struct Shown {
    found: Found,
    known: Vec<Known>,
    facts: Vec<Fact>,
    contests: Vec<Contest>,
    frozen: bool,
}

async fn load(call: &Call, application: &str, action: Action) -> Result<Shown, AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let found = work::opened(tx, call, id(application)?, action).await?;
    let file = programs::file_of(tx, &found.of).await?;
    let facts = facts::of_organization(tx, found.application.applicant, found.of.round.id).await?;
    let contests = contests::list_of(tx, found.application.id).await?;
    let frozen = reviews::progress(tx, found.of.round.id).await?.ranking.is_some();
    Ok(Shown { found, known: drawn_on(&file), facts, contests, frozen })
}

/// `/apply/{application}/figures`.
pub async fn get_figures(call: Call, Path(application): Path<String>) -> Result<Response, AppError> {
    let shown = load(&call, &application, Action::ReadApplication).await?;
    let edits = call.actor.may(Action::EditApplication, shown.found.subject()) && !shown.frozen;
    let head = Head::new(format!("Figures: {}", shown.found.applicant_name));
    Ok(page(&call, head, move || {
        let Shown { found, known, facts, contests, frozen } = shown;
        let key = found.application.id;
        let zone = found.of.round.zone;
        let rows = known
            .iter()
            .map(|known| {
                let open = contests.iter().find(|contest| contest.key == known.key && contest.state == State::Open);
                row(key, known, facts.iter().find(|fact| fact.key == known.key), open, edits)
            })
            .collect_view();
        let until = if frozen {
            "The ranking is frozen: these figures counted as they stand."
        } else {
            "If one is wrong, say so before the applications are ranked. The agency looks at what you bring and rules on it with a reason."
        };
        let past = (!contests.is_empty()).then(|| {
            let items = contests.into_iter().map(|contest| item(contest, zone, edits)).collect_view();
            view! { <h2>"Contested"</h2> <div class="al-narrow">{items}</div> }
        });
        view! {
            {crumbs(&found)}
            <h1>"Figures about you"</h1>
            <p class="al-lede">"The ranking draws on these figures. "{until}</p>
            <Table caption="Figures that the ranking draws on">
                <thead>
                    <tr>
                        <th scope="col">"Figure"</th>
                        <th scope="col" class="num">"On record"</th>
                        <th scope="col">"Where it comes from"</th>
                        <th scope="col"><span class="usa-sr-only">"What you can do"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
            {past}
            <p><a href=format!("/apply/{key}")>"Back to the application"</a></p>
        }
    }))
}

fn row(application: ApplicationId, known: &Known, fact: Option<&Fact>, open: Option<&Contest>, edits: bool) -> impl IntoView + use<> {
    let figure = fact.map_or_else(|| "None".to_owned(), |fact| working::amount(fact.value, known.unit));
    let source = fact.map_or_else(
        || view! { <span class="al-source">"Nobody has brought one yet"</span> }.into_any(),
        |fact| view! { <span class="al-source">{working::source(&fact.input())}</span> }.into_any(),
    );
    let act = match (open, edits) {
        (Some(_), _) => view! { <span class="al-tag al-tag--warn">"Contested"</span> }.into_any(),
        (None, true) => {
            let words = if fact.is_some() { "This is wrong" } else { "Bring a figure" };
            let label = format!("{words}: {}", known.name);
            view! { <a href=format!("/apply/{application}/figures/{}", known.key) aria-label=label>{words}</a> }.into_any()
        }
        (None, false) => ().into_any(),
    };
    view! {
        <tr>
            <th scope="row">{known.name}</th>
            <td class="num" data-label="On record">{figure}</td>
            <td data-label="Where it comes from">{source}</td>
            <td>{act}</td>
        </tr>
    }
}

/// The state of a contest as a tag.
#[must_use]
pub fn state_tag(state: State) -> impl IntoView {
    let (class, words) = match state {
        State::Open => ("al-tag al-tag--warn", "To be ruled on"),
        State::Upheld => ("al-tag al-tag--good", "Upheld"),
        State::Dismissed => ("al-tag al-tag--bad", "Dismissed"),
        State::Withdrawn => ("al-tag al-tag--plain", "Taken back"),
    };
    view! { <span class=class>{words}</span> }
}

/// What was said and ruled, for the applicant and for staff.
pub fn said(contest: &Contest, zone: Zone) -> impl IntoView + use<> {
    let unit = domain::facts::fact(&contest.key).map_or("", |known| known.unit);
    let stood = contest.stood.as_ref().map_or_else(
        || "None".to_owned(),
        |stood| {
            let year = stood.year.map(|year| format!(", {year}")).unwrap_or_default();
            format!("{} ({}{year})", working::amount(stood.value, unit), stood.source)
        },
    );
    let evidence = contest.evidence.as_ref().map(|evidence| {
        view! { <div><dt>"File"</dt><dd><a href=format!("/contests/{}/evidence", contest.id)>{evidence.name.clone()}</a></dd></div> }
    });
    let ruled = contest.ruled.as_ref().map(|ruled| {
        view! {
            <div><dt>"Ruling"</dt><dd>{ruled.reason.clone()}<br/><span class="al-source">{format!("{}, {}", ruled.by, ruled.at.say_in(zone))}</span></dd></div>
        }
    });
    view! {
        <dl class="al-facts">
            <div><dt>"On record then"</dt><dd>{stood}</dd></div>
            <div><dt>"Claimed"</dt><dd><strong>{working::amount(contest.claim.value, unit)}</strong></dd></div>
            <div><dt>"Why"</dt><dd>{contest.claim.reason.clone()}<br/><span class="al-source">{format!("{}, {}", contest.by, contest.at.say_in(zone))}</span></dd></div>
            <div><dt>"Where it can be checked"</dt><dd>{contest.claim.source.clone()}</dd></div>
            {evidence}
            {ruled}
        </dl>
    }
}

/// The name of a contested figure.
#[must_use]
pub fn name_of(contest: &Contest) -> String {
    domain::facts::fact(&contest.key).map_or_else(|| contest.key.clone(), |known| known.name.to_owned())
}

fn item(contest: Contest, zone: Zone, edits: bool) -> impl IntoView {
    let name = name_of(&contest);
    let back = (edits && contest.state == State::Open).then(|| {
        let label = format!("Take it back: {name}");
        view! {
            <form method="post" action=format!("/contests/{}/withdraw", contest.id)>
                <button class="usa-button usa-button--unstyled" type="submit" aria-label=label>"Take it back"</button>
            </form>
        }
    });
    view! {
        <section class="al-card">
            <h3>{name}" "{state_tag(contest.state)}</h3>
            {said(&contest, zone)}
            {back}
        </section>
    }
}

/// `/apply/{application}/figures/{key}`.
pub async fn get_contest(call: Call, Path((application, key)): Path<(String, String)>) -> Result<Response, AppError> {
    let shown = load(&call, &application, Action::EditApplication).await?;
    let id: ContestId = mint(call.now);
    show_form(&call, shown, &key, Attempt::fresh(vec![("id", id.to_string())]))
}

/// Contests a figure.
pub async fn post_contest(
    call: Call,
    Path((application, key)): Path<(String, String)>,
    upload: Result<Multipart, MultipartRejection>,
) -> Result<Response, AppError> {
    let application_id: ApplicationId = id(&application)?;
    // Asked before the body is read: a stranger can't make the server swallow megabytes.
    super::load(&call, application_id, Action::EditApplication).await?;
    let upload = upload.map_err(|_| AppError::Bad("The form did not arrive whole. Go back and send it again.".to_owned()))?;
    let Uploads { fields, mut files } = letters::read(upload).await?;
    let typed = Typed {
        id: fields.hidden("id")?,
        key: key.clone(),
        value: fields.text("value").to_owned(),
        reason: fields.text("reason").to_owned(),
        source: fields.text("source").to_owned(),
    };
    let outcome = if files.len() > 1 {
        Err(AppError::field("files", "One file only. Put several pages into one document."))
    } else {
        contest::contest(&call, application_id, &typed, files.pop()).await
    };
    match outcome {
        Ok(()) => Ok(go(format!("/apply/{application_id}/figures"))),
        Err(error) => {
            let status = error.status();
            let attempt = Attempt::of(fields, error)?;
            let shown = load(&call, &application, Action::EditApplication).await?;
            let mut response = show_form(&call, shown, &key, attempt)?;
            *response.status_mut() = status;
            Ok(response)
        }
    }
}

fn show_form(call: &Call, shown: Shown, key: &str, attempt: Attempt) -> Result<Response, AppError> {
    let Shown { found, known, facts, contests, frozen } = shown;
    let known = known.into_iter().find(|known| known.key == key).ok_or(AppError::NotFound)?;
    let contested = contests.iter().any(|contest| contest.key == key && contest.state == State::Open);
    let head = Head::new(format!("{}: {}", known.name, found.applicant_name)).after(&attempt);
    let fact = facts.into_iter().find(|fact| fact.key == key);
    Ok(page(call, head, move || {
        let application = found.application.id;
        let stands = match &fact {
            Some(fact) => {
                let input = fact.input();
                let number = working::amount(fact.value, known.unit);
                view! { <p>"On record: "<strong>{number}</strong>". "<span class="al-source">{working::source(&input)}</span></p> }
                    .into_any()
            }
            None => view! { <p>"No figure is on record."</p> }.into_any(),
        };
        let body = if frozen {
            view! { <p>"The ranking is frozen, so its figures can no longer change."</p> }.into_any()
        } else if contested {
            view! { <p>"You have contested this figure already. "<a href=format!("/apply/{application}/figures")>"See it, or take it back"</a>"."</p> }
                .into_any()
        } else {
            form(application, &known, attempt.clone()).into_any()
        };
        view! {
            {crumbs(&found)}
            <div class="al-narrow">
                <ErrorSummary attempt/>
                <h1>{known.name}</h1>
                {stands}
                {body}
            </div>
        }
    }))
}

fn form(application: ApplicationId, known: &Known, attempt: Attempt) -> impl IntoView + use<> {
    let label = match known.unit {
        "%" => "What should it be, in percent?".to_owned(),
        unit => format!("What should it be, in {unit}?"),
    };
    let wrong = attempt.problem("files").map(|text| view! { <span class="usa-error-message" id="files-problem">{text}</span> });
    let described = if wrong.is_some() { "files-hint files-problem" } else { "files-hint" };
    let id = attempt.fields.text("id").to_owned();
    view! {
        <form method="post" enctype="multipart/form-data" action=format!("/apply/{application}/figures/{}", known.key) novalidate="">
            <input type="hidden" name="id" value=id/>
            <TextField name="value" label mode="decimal" short=true attempt=attempt.clone()/>
            <TextArea name="reason" label="Why is the figure on record wrong?" hint="A sentence or two." rows=3 attempt=attempt.clone()/>
            <TextField name="source" label="Where can your figure be checked?" hint="A report with its year, a data set, an address on the web." attempt=attempt.clone()/>
            <div class="usa-form-group">
                <label class="usa-label" for="files">"A file that shows it, if you have one"</label>
                <span class="usa-hint" id="files-hint">"PDF, Word document or picture, at most 10 MB."</span>
                {wrong}
                <input class="usa-file-input" id="files" type="file" name="files" aria-describedby=described/>
            </div>
            <div class="al-actions">
                <button class="usa-button" type="submit">"Contest this figure"</button>
                <a href=format!("/apply/{application}/figures")>"Back without contesting"</a>
            </div>
        </form>
    }
}

/// Takes a contest back.
pub async fn post_withdraw(call: Call, Path(contest): Path<String>) -> Result<Response, AppError> {
    let application = contest::withdraw(&call, id(&contest)?).await?;
    Ok(go(format!("/apply/{application}/figures")))
}

/// `/contests/{contest}/evidence`: the file, as a download.
pub async fn get_evidence(call: Call, Path(contest): Path<String>) -> Result<Response, AppError> {
    let key: ContestId = id(&contest)?;
    let contest = contests::find(&mut call.reader().await?.tx(), key).await?.ok_or(AppError::NotFound)?;
    call.must(Action::ReadApplication, contest.subject())?;
    may_open_file(&call, contest.application, contest.subject()).await?;
    let evidence = contest.evidence.ok_or(AppError::NotFound)?;
    let bytes = tokio::fs::read(call.desk.house.files.join(evidence.id.to_string())).await.map_err(AppError::internal)?;
    Ok(download(&evidence.name, evidence.media_type, bytes))
}
