//! A round from the inside: its dates, its rules as they are or will be locked, and the button that opens it.

use super::list::{of, phase_tag};
use super::work;
use crate::call::Call;
use crate::error::AppError;
use crate::form::{Attempt, Fields};
use crate::ui::field::{ErrorSummary, Tick};
use crate::ui::layout::{Head, go, page};
use crate::ui::table::{OnPhone, Table};
use axum::extract::Path;
use axum::response::Response;
use domain::access::Action;
use domain::named::NamedTerms;
use domain::program::ProgramFile;
use domain::round::{Lots, Round};
use domain::time::say_date;
use domain::{RoundId, Timestamp};
use http::StatusCode;
use leptos::prelude::*;
use std::sync::Arc;
use store::amendments::{self, Amendment};
use store::programs::{self, Region, RoundOf};

/// What the page shows.
#[derive(Debug)]
struct Shown {
    of: RoundOf,
    file: Arc<ProgramFile>,
    regions: Vec<Region>,
    amendments: Vec<Amendment>,
    runs: bool,
    now: Timestamp,
}

async fn load(call: &Call, id: &str) -> Result<Shown, AppError> {
    let round: RoundId = id.parse().map_err(|_| AppError::NotFound)?;
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    let (found, file) = programs::round_with_file(&mut tx, round).await?.ok_or(AppError::NotFound)?;
    call.must(Action::ReadPrograms, of(found.round.agency))?;
    let regions = programs::regions(&mut tx, round).await?;
    let amendments = amendments::list_of(&mut tx, round).await?;
    let runs = call.must(Action::RunPrograms, of(found.round.agency)).is_ok();
    Ok(Shown { of: found, file, regions, amendments, runs, now: call.now })
}

/// `GET /manage/rounds/{round}`
pub async fn get(call: Call, Path(id): Path<String>) -> Result<Response, AppError> {
    let shown = load(&call, &id).await?;
    Ok(show(&call, shown, Attempt::default(), StatusCode::OK))
}

/// `POST /manage/rounds/{round}`: opens the round.
pub async fn post(call: Call, Path(id): Path<String>, fields: Fields) -> Result<Response, AppError> {
    match open(&call, &id, &fields).await {
        Ok(round) => Ok(go(format!("/manage/rounds/{}", round.id))),
        Err(error) => {
            let status = error.status();
            let attempt = Attempt::of(fields, error)?;
            let shown = load(&call, &id).await?;
            Ok(show(&call, shown, attempt, status))
        }
    }
}

async fn open(call: &Call, id: &str, fields: &Fields) -> Result<Round, AppError> {
    let round: RoundId = id.parse().map_err(|_| AppError::NotFound)?;
    if !fields.ticked("sure") {
        return Err(AppError::field("sure", "Tick the box to say that you read the rules: opening can’t be undone."));
    }
    work::open_round(call, round, fields.hidden("version")?).await
}

fn show(call: &Call, shown: Shown, attempt: Attempt, status: StatusCode) -> Response {
    let mut head = Head::new(format!("{}, {}", shown.of.program.name, shown.of.round.name)).after(&attempt);
    head.status = status;
    page(call, head, move || {
        let Shown { of, file, regions, amendments, runs, now } = shown;
        let round = &of.round;
        let address = format!("/programs/{}/{}", of.program.slug, round.slug);
        let public = round.opened.is_some().then(|| {
            view! {
                <p class="al-actions">
                    <a class="usa-button usa-button--outline" href=address>"The public page"</a>
                    <a class="usa-button usa-button--outline" href=format!("/review/{}", round.id)>"Applications"</a>
                </p>
            }
        });
        view! {
            <p><a href=format!("/manage/{}", of.program.slug)>{of.program.name.clone()}</a></p>
            <ErrorSummary attempt=attempt.clone()/>
            <h1>{of.program.name.clone()}", "{round.name.clone()}</h1>
            <p>{phase_tag(round, now)}</p>
            {public}
            {lock(&of, runs, attempt)}
            {amended(&of, &amendments, runs)}
            <h2>"Dates and money"</h2>
            {dates(&of, file.round.seed.is_some(), now)}
            <h2>"Rules"</h2>
            {rules(&file)}
            <h2>"Regions"</h2>
            {members(&regions)}
        }
    })
}

fn lock(of: &RoundOf, runs: bool, attempt: Attempt) -> impl IntoView + use<> {
    let sha256 = of.file_sha256.clone();
    if let Some(opened) = &of.round.opened {
        let words = format!(
            "Opened {}. In force is {}, made from import {} of the program file and locked by its fingerprint:",
            opened.at.say_in(of.round.zone),
            opened.rules(),
            of.file_version
        );
        return view! { <h2>"Locked"</h2><p>{words}</p><p><code class="al-hash">{sha256}</code></p> }.into_any();
    }
    let words = format!("Made from version {} of the program file, whose fingerprint (SHA-256) is:", of.file_version);
    let form = runs.then(|| {
        view! {
            <form method="post" action=format!("/manage/rounds/{}", of.round.id)>
                <input type="hidden" name="version" value=of.round.version.to_string()/>
                <Tick name="sure" label="I have read the dates and rules below. Once the round is open they change only by an amendment." attempt/>
                <p class="al-actions">
                    <button class="usa-button" type="submit">"Open the round"</button>
                    <a href="/manage/import">"Import a changed file instead"</a>
                </p>
            </form>
        }
    });
    view! {
        <h2>"Not opened yet"</h2>
        <p>{words}</p>
        <p><code class="al-hash">{sha256}</code></p>
        <p>"Opening it locks the file by this fingerprint, enters the appropriation in the ledger, and puts the round on the public pages. Applications are taken from its first day."</p>
        {form}
    }
    .into_any()
}

/// The amendments so far, and the way to a new one.
fn amended(of: &RoundOf, amendments: &[Amendment], runs: bool) -> Option<impl IntoView + use<>> {
    of.round.opened.as_ref()?;
    let zone = of.round.zone;
    let items = amendments
        .iter()
        .map(|amendment| {
            let words = match amendment.number {
                Some(number) => format!("Version {number} of the rules"),
                None => amendment.stage.name().to_owned(),
            };
            let when = format!(", proposed by {}, {}", amendment.proposed_by_name, amendment.proposed_at.say_in(zone));
            view! { <li><a href=format!("/manage/amendments/{}", amendment.id)>{words}</a>{when}</li> }
        })
        .collect_view();
    let list = if amendments.is_empty() {
        view! { <p>"The rules have not been amended."</p> }.into_any()
    } else {
        view! { <ul>{items}</ul> }.into_any()
    };
    let way = runs.then(|| {
        let address = format!("/manage/rounds/{}/amend", of.round.id);
        view! { <p class="al-actions"><a class="usa-button usa-button--outline" href=address>"Propose an amendment"</a></p> }
    });
    Some(view! { <h2>"Amendments"</h2>{list}{way} })
}

fn dates(of: &RoundOf, published: bool, now: Timestamp) -> impl IntoView + use<> {
    let round = &of.round;
    let lots = match round.lots(published, now) {
        Lots::Published(seed) => seed.to_owned(),
        Lots::ToBeDrawn => "Drawn when the round opens".to_owned(),
        Lots::Committed { sha256 } => format!("Drawn; shown when the round has closed. SHA-256 {sha256}"),
        Lots::Revealed { seed, sha256 } => format!("{seed} (SHA-256 {sha256})"),
    };
    let say = |at: Timestamp| at.say_in(round.zone);
    let row = |term: &'static str, value: String| view! { <div><dt>{term}</dt><dd>{value}</dd></div> };
    view! {
        <dl class="al-facts">
            {row("Opens", say(round.opens_at))}
            {row("Questions until", round.questions_until.map_or_else(|| "No time set".to_owned(), say))}
            {row("Closes", say(round.closes_at))}
            {row("Awards announced", round.award_on.map_or_else(|| "No day set".to_owned(), say_date))}
            {row("Zone", round.zone.name().to_owned())}
            {row("Appropriation", format!("{}, fiscal year {}", of.amount, of.fiscal_year))}
            {row("Seed of the lots", lots)}
        </dl>
    }
}

/// Those whom the law names, where nothing is ranked.
fn named(named: &NamedTerms, plain: &str) -> impl IntoView + use<> {
    let rows = named
        .recipients
        .iter()
        .map(|one| {
            let tag = one.synthetic.then(|| view! { " "<span class="al-tag al-synthetic">"synthetic"</span> });
            view! {
                <tr>
                    <th scope="row">{one.name.clone()}<span class="al-source">{one.citation.clone()}</span></th>
                    <td class="num">{one.amount().unwrap_or_default().in_column()}{tag}</td>
                </tr>
            }
        })
        .collect_view();
    let plain = plain.to_owned();
    view! {
        <Table caption="Named in law" on_phone=OnPhone::Table>
            <thead><tr><th scope="col">"Recipient"</th><th scope="col" class="num">"Amount"</th></tr></thead>
            <tbody>{rows}</tbody>
        </Table>
        <p><strong>"Money: "</strong>{plain}</p>
        <p><strong>"Names: "</strong>"an applicant is the recipient of the same name, so the names must be those on record."</p>
    }
}

fn rules(file: &ProgramFile) -> AnyView {
    if let Some(terms) = &file.named {
        return named(terms, file.allocation.plain()).into_any();
    }
    let rows = file
        .ranking
        .criteria
        .iter()
        .map(|criterion| {
            let tag = criterion.synthetic.then(|| view! { " "<span class="al-tag al-synthetic">"synthetic"</span> });
            view! {
                <tr>
                    <th scope="row">{criterion.name.clone()}</th>
                    <td class="num">{criterion.weight_percent()}{tag}</td>
                    <td>{criterion.scale.plain()}<span class="al-source">{criterion.citation.clone()}</span></td>
                </tr>
            }
        })
        .collect_view();
    let ties = file.ranking.plain_ties().join("; then ");
    let award = &file.award;
    let unit = format!("{} each at most {}, at most {} to one applicant.", award.units, award.unit_cost, award.max_units);
    view! {
        <Table caption="Criteria and weights" on_phone=OnPhone::Table>
            <thead><tr><th scope="col">"Criterion"</th><th scope="col" class="num">"Weight"</th><th scope="col">"Points"</th></tr></thead>
            <tbody>{rows}</tbody>
        </Table>
        <p><strong>"Ties: "</strong>{ties}"."</p>
        <p><strong>"Money: "</strong>{file.plain_allocation()}" "{unit}</p>
    }
    .into_any()
}

fn members(regions: &[Region]) -> impl IntoView + use<> {
    let rows = regions
        .iter()
        .map(|region| {
            let tag = region.synthetic.then(|| view! { " "<span class="al-tag al-synthetic">"synthetic"</span> });
            view! { <tr><th scope="row">{region.name.clone()}{tag}</th><td class="num">{region.members}</td></tr> }
        })
        .collect_view();
    view! {
        <table class="al-table">
            <caption>"Regional organizations, and how many districts and communities each serves"</caption>
            <thead><tr><th scope="col">"Organization"</th><th scope="col" class="num">"Members"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
}
