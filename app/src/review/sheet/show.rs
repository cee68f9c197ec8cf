//! The pages: the way out and back in, and what a sheet would change.

use super::super::parts::{alert, count, crumbs, under_applications};
use super::base;
use crate::call::Call;
use crate::form::Attempt;
use crate::review::work::{Board, Sheet};
use crate::ui::field::ErrorSummary;
use crate::ui::layout::{Head, page};
use crate::ui::table::Table;
use axum::response::Response;
use domain::score_sheet::{Change, Judged, Wanted, Whose, plain, say};
use http::StatusCode;
use leptos::prelude::*;

const TITLE: &str = "Scores on a spreadsheet";

fn above(whose: Whose, board: &Board) -> Vec<(String, String)> {
    let round = &board.of.round;
    match whose {
        Whose::Staff => under_applications(board),
        Whose::Reviewer => {
            vec![("/review/desk".to_owned(), "Your reviews".to_owned()), (format!("/review/{}/desk", round.id), round.name.clone())]
        }
    }
}

/// The way out and back in.
pub fn start(call: &Call, whose: Whose, sheet: &Sheet, applied: Option<i64>, attempt: Attempt) -> Response {
    let round = sheet.board.of.round.id;
    let crumbs = crumbs(above(whose, &sheet.board), TITLE.to_owned());
    let applied = applied.map(|applied| done(whose, sheet, applied));
    let what = match whose {
        Whose::Staff => "Every application that is handed in, with its rubric scores and their reasons.",
        Whose::Reviewer => "The applications on your desk, with your own scores and reasons.",
    };
    let open = sheet.record.rows.iter().filter(|row| row.closed.is_none()).count();
    let rows = count(i64::try_from(sheet.record.rows.len()).unwrap_or(i64::MAX), "application", "applications");
    let counted = format!("{rows}; {open} of them can be scored now.");
    let why = sheet.record.rows.iter().find_map(|row| row.closed.clone()).filter(|_| open == 0).map(|why| view! { <p>{why}</p> });
    let export = format!("{}.xlsx", base(whose, round));
    let upload = (open > 0).then(|| upload(&base(whose, round), &attempt));
    let draft = (whose == Whose::Reviewer).then_some("They come in as drafts: you hand each review in on its own page.");
    page(call, Head::new(TITLE).after(&attempt), move || {
        view! {
            {crumbs}
            <ErrorSummary attempt/>
            <h1>{TITLE}</h1>
            {applied}
            <p class="al-lede">{what}" "{counted}</p>
            {why}
            <h2>"1. Export"</h2>
            <p>"One row for each application, two columns for each criterion: its points and its reason. The written levels are on a sheet of their own."</p>
            <p><a class="usa-button usa-button--outline" href=export>"Export the sheet (.xlsx)"</a></p>
            <h2>"2. Fill it in"</h2>
            <p>"Change points and reasons. Every score needs its reason. The grey columns are locked, without a password, and stay as they are; in an unlocked sheet rows may be sorted or left out."</p>
            <h2>"3. Bring it back"</h2>
            <p>"You see every difference first; nothing is saved before you say so, and then all of it or nothing is. "{draft}</p>
            {upload}
        }
    })
}

fn done(whose: Whose, sheet: &Sheet, applied: i64) -> AnyView {
    let said = format!("{} saved.", count(applied, "score is", "scores are"));
    let next = match whose {
        Whose::Staff => None,
        Whose::Reviewer => {
            let desk = format!("/review/{}/desk", sheet.board.of.round.id);
            Some(view! { " "<a href=desk>"Go to your reviews to hand them in"</a>"." })
        }
    };
    alert("success", "The sheet is brought in", view! { {said} {next} })
}

fn upload(address: &str, attempt: &Attempt) -> impl IntoView + use<> {
    let wrong = attempt.problem("sheet").map(|text| view! { <span class="usa-error-message" id="sheet-problem">{text}</span> });
    let (described, class) = match wrong {
        Some(_) => ("sheet-hint sheet-problem", "usa-form-group usa-form-group--error"),
        None => ("sheet-hint", "usa-form-group"),
    };
    view! {
        <form method="post" enctype="multipart/form-data" action=address.to_owned() novalidate="">
            <div class=class>
                <label class="usa-label" for="sheet">"The sheet, filled in"</label>
                <span class="usa-hint" id="sheet-hint">"The .xlsx file that you exported here, at most 5 MB."</span>
                {wrong}
                <input class="usa-file-input" id="sheet" name="sheet" type="file" accept=".xlsx" aria-describedby=described/>
            </div>
            <p class="al-actions"><button class="usa-button" type="submit">"See what would change"</button></p>
        </form>
    }
}

/// What a sheet would change, or what stands against it.
pub fn preview(call: &Call, whose: Whose, sheet: &Sheet, judged: &Judged) -> Response {
    let base = base(whose, sheet.board.of.round.id);
    let mut way = above(whose, &sheet.board);
    way.push((base.clone(), TITLE.to_owned()));
    let (title, status) = match (judged.problems.is_empty(), judged.has_moved()) {
        (true, _) if judged.changes.is_empty() => ("Nothing differs", StatusCode::OK),
        (true, _) => ("What would change", StatusCode::OK),
        (false, true) => ("Something changed meanwhile", StatusCode::CONFLICT),
        (false, false) => ("This sheet can’t be taken yet", StatusCode::UNPROCESSABLE_ENTITY),
    };
    let crumbs = crumbs(way, title.to_owned());
    let against = against(judged);
    let same = (judged.unchanged > 0).then(|| {
        let verb = if judged.unchanged == 1 { "is" } else { "are" };
        let scores = count(i64::try_from(judged.unchanged).unwrap_or(i64::MAX), "score", "scores");
        view! { <p>{format!("{scores} {verb} as on record and would stay so.")}</p> }
    });
    let table = (!judged.changes.is_empty()).then(|| changes(&judged.changes));
    let apply = (judged.problems.is_empty() && !judged.changes.is_empty()).then(|| apply(&base, &judged.changes));
    let leave = if judged.problems.is_empty() { "Leave it, and save nothing" } else { "Back, to export or to send it again" };
    let mut head = Head::new(title);
    head.status = status;
    page(call, head, move || {
        view! {
            {crumbs}
            {against}
            <h1>{title}</h1>
            {same}
            {table}
            {apply}
            <p><a href=base>{leave}</a></p>
        }
    })
}

fn against(judged: &Judged) -> Option<AnyView> {
    if judged.problems.is_empty() {
        return None;
    }
    let items = judged.problems.iter().map(|found| view! { <li>{found.say()}</li> }).collect_view();
    let next = if judged.has_moved() {
        "Nothing was saved. Export the sheet again, and bring your changes in on that one."
    } else {
        "Nothing was saved. Mend this in the sheet and send it again."
    };
    Some(
        view! {
            <div class="al-error-summary" role="alert" tabindex="-1" autofocus="">
                <h2>{count(i64::try_from(judged.problems.len()).unwrap_or(i64::MAX), "problem", "problems")}</h2>
                <p>{next}</p>
                <ul>{items}</ul>
            </div>
        }
        .into_any(),
    )
}

fn changes(changes: &[Change]) -> impl IntoView + use<> {
    let rows = changes
        .iter()
        .map(|change| {
            let to = domain::panel::Written { points: change.wanted.points, reason: change.wanted.reason.clone() };
            let before = plain(&change.before.reason);
            let before = (!before.is_empty() && before != to.reason)
                .then(|| view! { <span class="al-source">{format!("On record: {before}")}</span> });
            view! {
                <tr>
                    <th scope="row">{change.number.clone()}</th>
                    <td data-label="Criterion">{change.name.clone()}</td>
                    <td data-label="On record">{say(&change.before)}</td>
                    <td data-label="On the sheet"><strong>{say(&to)}</strong></td>
                    <td data-label="Reason"><span>{to.reason.clone()}{before}</span></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="Scores that differ from the record" unseen=true>
            <thead><tr>
                <th scope="col">"Application"</th><th scope="col">"Criterion"</th><th scope="col">"On record"</th>
                <th scope="col">"On the sheet"</th><th scope="col">"Reason"</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

/// The form that applies. It carries the changes; whoever alters them there is judged like any other.
fn apply(base: &str, changes: &[Change]) -> impl IntoView + use<> {
    let wanted: Vec<&Wanted> = changes.iter().map(|change| &change.wanted).collect();
    // A list of ids, texts and decimals is always JSON.
    let wanted = serde_json::to_string(&wanted).unwrap_or_default();
    let button = match changes.len() {
        1 => "Apply the change".to_owned(),
        many => format!("Apply all {many} changes"),
    };
    view! {
        <form method="post" action=format!("{base}/apply")>
            <input type="hidden" name="changes" value=wanted/>
            <p class="al-actions"><button class="usa-button" type="submit">{button}</button></p>
        </form>
    }
}
