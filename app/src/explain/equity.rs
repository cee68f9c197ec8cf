//! `/decide/{round}/equity`: whom the proposed awards would reach, for whoever approves them.

use crate::call::Call;
use crate::decide::work::compute;
use crate::error::AppError;
use crate::form::id;
use crate::review::panel::work::staff_board;
use crate::review::parts::{alert, crumbs};
use crate::review::work::Board;
use crate::ui::layout::{Head, page};
use crate::ui::table::Table;
use axum::extract::Path;
use axum::response::Response;
use domain::Money;
use domain::allocation::AllocationDocument;
use domain::equity::{Figures, Group, Reached, SMALL, View, views};
use domain::exact::Exact;
use domain::program::ProgramFile;
use leptos::prelude::*;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeMap;
use store::equity::Could;
use store::{Tx, allocations};

/// The page.
///
/// # Errors
/// [`AppError::NotFound`] for another agency's round; the store's failure.
pub async fn get(call: Call, Path(round): Path<String>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let board = staff_board(tx, &call, id(&round)?).await?;
    let reached = match granted(tx, &board).await {
        Ok(granted) => Ok(sections(tx, &board, &granted).await?),
        Err(AppError::Conflict(text)) => Err(text),
        Err(other) => return Err(other),
    };
    drop(reader);
    let title = format!("Who is reached, {}", board.of.round.name);
    let round = board.of.round.id;
    let above = vec![("/decide".to_owned(), "Awards".to_owned()), (format!("/decide/{round}"), format!("Awards, {}", board.of.round.name))];
    let reached = match reached {
        Ok(reached) => reached,
        Err(text) => {
            return Ok(page(&call, Head::new(title.clone()), move || {
                view! { {crumbs(above, "Who is reached".to_owned())} <h1>{title}</h1> {alert("info", "Not yet", view! { {text} })} }
            }));
        }
    };
    let standing = match board.progress.allocation {
        Some(live) if live.approved => "The awards as approved.",
        Some(_) => "The awards as proposed; nobody has approved them yet.",
        None => "The awards as they would be proposed now.",
    };
    Ok(page(&call, Head::new(title.clone()), move || {
        view! {
            {crumbs(above, "Who is reached".to_owned())}
            <h1>{title}</h1>
            <p class="al-lede">{standing}</p>
            {how_to_read()}
            <h2>"Group by group"</h2>
            {reached}
        }
    }))
}

/// What the tables count, and what is hidden.
pub(super) fn how_to_read() -> impl IntoView {
    view! {
            <p>
                "Who could have applied, who did, who is funded, and the money for each student of those that applied. The ratio is a group’s share of funded applicants, divided by that of the group where it is highest; below four fifths (29 CFR 1607.4(D), written for hiring) it is marked, as a place to look closer and not as a finding."
            </p>
            <p>{format!("A group with 1 to {} applicants is hidden. Where that would be one group alone, the next smallest is hidden with it, so that it can’t be found by subtraction.", SMALL - 1)}</p>
    }
}

/// A table for each way of looking at whom awards of these amounts, by application id, would reach.
pub(super) async fn sections(tx: &mut Tx<'_>, board: &Board, granted: &BTreeMap<String, Money>) -> Result<Vec<AnyView>, AppError> {
    let all = store::equity::list(tx, board.of.round.id).await?;
    let could = all.iter().filter(|one| may_apply(&board.file, one));
    let reached: Vec<Reached> = could.map(|one| reached(&board.file, one, granted)).collect();
    Ok(views(&reached).into_iter().map(|view| section(view).into_any()).collect())
}

/// What each application is granted, by its id.
async fn granted(tx: &mut Tx<'_>, board: &Board) -> Result<BTreeMap<String, Money>, AppError> {
    let document: AllocationDocument = match board.progress.allocation {
        Some(live) => {
            let found = allocations::find(tx, live.id).await?.ok_or(AppError::NotFound)?;
            serde_json::from_str(&found.document).map_err(AppError::internal)?
        }
        None => compute(tx, board).await.map_err(|error| match error {
            AppError::Invalid(problems) => {
                AppError::Conflict(problems.into_iter().map(|problem| problem.text).collect::<Vec<_>>().join(" "))
            }
            other => other,
        })?,
    };
    Ok(by_application(&document))
}

/// What an allocation grants, by application id.
pub(super) fn by_application(document: &AllocationDocument) -> BTreeMap<String, Money> {
    document.result.steps.iter().map(|step| (step.id.clone(), step.granted)).collect()
}

fn may_apply(file: &ProgramFile, one: &Could) -> bool {
    // Who applied could; else the file says which kinds may, and where. Whom a law does not name could not, and those it names have applied.
    let served = one.region.is_some() || file.region_of(one.nces_id.as_deref(), one.county_fips.as_deref()).is_some();
    let kind = file.eligibility.applicants.iter().any(|kind| kind.as_str() == one.kind);
    one.application.is_some() || (file.named.is_none() && kind && served)
}

fn reached(file: &ProgramFile, one: &Could, granted: &BTreeMap<String, Money>) -> Reached {
    let by_file = || file.region_of(one.nces_id.as_deref(), one.county_fips.as_deref());
    let region = one.region.as_deref().and_then(|key| file.region(key)).or_else(by_file);
    let whole = |value: Option<rust_decimal::Decimal>| value.and_then(|value| value.trunc().to_i64());
    Reached {
        region: region.map(|region| region.name.clone()),
        locale: whole(one.locale),
        rural_urban: whole(one.rural_urban),
        poverty: one.poverty,
        students: whole(one.students),
        applied: one.application.is_some(),
        granted: one.application.and_then(|application| granted.get(&application.to_string()).copied()).unwrap_or(Money::ZERO),
    }
}

fn percent(share: Option<Exact>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{}%", (&share * &Exact::whole(100)).rounded(0)))
}

fn section(view: View) -> impl IntoView {
    let rows = view.groups.iter().map(row).collect_view();
    let all = cells(&view.all);
    let uncounted = (view.all.uncounted > 0)
        .then(|| view! { <p class="al-source">{format!("{} of those that applied have no figure of students; their money is in the sums all the same.", view.all.uncounted)}</p> });
    let could = view.all.could;
    view! {
        <h3>{view.title}</h3>
        <p class="al-source">{view.rule}</p>
        <Table caption=format!("Who is reached, by {}", view.title.to_lowercase()) unseen=true>
            <thead>
                <tr>
                    <th scope="col">"Group"</th><th scope="col" class="num">"Could apply"</th><th scope="col" class="num">"Applied"</th>
                    <th scope="col" class="num">"Funded"</th><th scope="col" class="num">"Granted"</th>
                    <th scope="col" class="num">"Per student"</th><th scope="col" class="num">"Ratio"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
            <tfoot>
                <tr><th scope="row">"Together"</th><td class="num" data-label="Could apply">{could}</td>{all}<td class="num" data-label="Ratio">"–"</td></tr>
            </tfoot>
        </Table>
        {uncounted}
    }
}

fn cells(figures: &Figures) -> impl IntoView + use<> {
    let applied = format!("{} ({})", figures.applied, percent(figures.applying()));
    let funded = format!("{} ({})", figures.funded, percent(figures.selected()));
    let each = figures.per_student().map_or_else(|| "–".to_owned(), Money::in_column);
    view! {
        <td class="num" data-label="Applied">{applied}</td>
        <td class="num" data-label="Funded">{funded}</td>
        <td class="num" data-label="Granted">{figures.granted.in_column()}</td>
        <td class="num" data-label="Per student">{each}</td>
    }
}

fn row(group: &Group) -> impl IntoView + use<> {
    let (class, words) = if group.is_low() { ("al-tag al-tag--warn", "below four fifths") } else { ("", "") };
    let mark = group.is_low().then(|| view! { " "<span class=class>{words}</span> });
    let ratio = group.ratio.as_ref().map_or_else(|| "–".to_owned(), |ratio| ratio.rounded(2));
    let figures = match &group.figures {
        Some(figures) => cells(figures).into_any(),
        None => view! { <td class="num" colspan="4" data-label="Hidden">"hidden: few applicants"</td> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">{group.name.clone()}</th>
            <td class="num" data-label="Could apply">{group.could}</td>
            {figures}
            <td class="num" data-label="Ratio"><span>{ratio}{mark}</span></td>
        </tr>
    }
}
