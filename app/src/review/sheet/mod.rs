//! Scores on a spreadsheet, there and back: a link exports, a plain upload shows what would change and writes nothing, and a second form
//! applies all of it or none. The second form carries the changes themselves; they are judged anew, against the record as it is then.

pub mod book;
mod show;

use crate::call::Call;
use crate::doors::Doors;
use crate::error::{AppError, Problem};
use crate::form::{Attempt, Fields, id};
use crate::review::work::{self, Board, Sheet};
use crate::ui::layout::go;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, Multipart, Path, Query};
use axum::handler::Handler;
use axum::response::{IntoResponse, Response};
use domain::RoundId;
use domain::access::Action;
use domain::score_sheet::{Found, Identity, Judged, Wanted, Whose};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};

/// A workbook may be at most so large.
const WORKBOOK_BYTES: usize = 5 * 1024 * 1024;
/// The form that applies may be at most so large: a thousand reasons, and what stands round them.
const CHANGES_BYTES: usize = 16 * 1024 * 1024;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The doors of both kinds of sheet.
#[must_use]
pub fn doors(doors: Doors) -> Doors {
    // What is larger than a workbook may be is read that far and no further.
    let upload = DefaultBodyLimit::max(WORKBOOK_BYTES + 64 * 1024);
    let changes = DefaultBodyLimit::max(CHANGES_BYTES);
    doors
        .get("/review/{round}/scores.xlsx", Action::ReadReviews, export_staff)
        .get("/review/{round}/scores", Action::ScoreApplications, get_staff)
        .post("/review/{round}/scores", Action::ScoreApplications, upload_staff.layer(upload))
        .post("/review/{round}/scores/apply", Action::ScoreApplications, apply_staff.layer(changes))
        .get("/review/{round}/desk/scores.xlsx", Action::ReviewForPanel, export_own)
        .get("/review/{round}/desk/scores", Action::ReviewForPanel, get_own)
        .post("/review/{round}/desk/scores", Action::ReviewForPanel, upload_own.layer(upload))
        .post("/review/{round}/desk/scores/apply", Action::ReviewForPanel, apply_own.layer(changes))
}

type Upload = Result<Multipart, MultipartRejection>;
type Asked = Query<Vec<(String, String)>>;

async fn export_staff(call: Call, Path(round): Path<String>) -> Result<Response, AppError> {
    export(&call, Whose::Staff, id(&round)?).await
}

async fn export_own(call: Call, Path(round): Path<String>) -> Result<Response, AppError> {
    export(&call, Whose::Reviewer, id(&round)?).await
}

async fn get_staff(call: Call, Path(round): Path<String>, Query(query): Asked) -> Result<Response, AppError> {
    get(&call, Whose::Staff, id(&round)?, Fields(query)).await
}

async fn get_own(call: Call, Path(round): Path<String>, Query(query): Asked) -> Result<Response, AppError> {
    get(&call, Whose::Reviewer, id(&round)?, Fields(query)).await
}

async fn upload_staff(call: Call, Path(round): Path<String>, upload: Upload) -> Result<Response, AppError> {
    preview(&call, Whose::Staff, id(&round)?, upload).await
}

async fn upload_own(call: Call, Path(round): Path<String>, upload: Upload) -> Result<Response, AppError> {
    preview(&call, Whose::Reviewer, id(&round)?, upload).await
}

async fn apply_staff(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    apply(&call, Whose::Staff, id(&round)?, &fields).await
}

async fn apply_own(call: Call, Path(round): Path<String>, fields: Fields) -> Result<Response, AppError> {
    apply(&call, Whose::Reviewer, id(&round)?, &fields).await
}

async fn load(call: &Call, whose: Whose, round: RoundId, action: Action) -> Result<Sheet, AppError> {
    let mut reader = call.reader().await?;
    match whose {
        Whose::Staff => work::sheet(&mut reader.tx(), call, round, action).await,
        Whose::Reviewer => super::panel::work::sheet(&mut reader.tx(), call, round).await,
    }
}

/// The address of a sheet's page.
fn base(whose: Whose, round: RoundId) -> String {
    match whose {
        Whose::Staff => format!("/review/{round}/scores"),
        Whose::Reviewer => format!("/review/{round}/desk/scores"),
    }
}

fn identity(whose: Whose, board: &Board) -> Identity {
    let round = &board.of.round;
    let file = round.opened.as_ref().map(|opened| opened.sha256.clone()).unwrap_or_default();
    Identity { whose, round: round.id, file }
}

async fn export(call: &Call, whose: Whose, round: RoundId) -> Result<Response, AppError> {
    let Sheet { board, record } = load(call, whose, round, Action::ReadReviews).await?;
    let round = &board.of.round;
    let mut about = vec![
        ("Program", board.of.program.name.clone()),
        ("Round", round.name.clone()),
        ("Exported", format!("{} by {}", call.now.say_in(round.zone), call.actor.name)),
        ("How to use it", "Change points and reasons on the sheet Scores; leave ids and versions as they are. Bring the file back on the page where you exported it: you see every difference before anything is saved.".to_owned()),
    ];
    about.extend(identity(whose, &board).lines());
    let name = format!("attachment; filename=\"scores-{}-{}.xlsx\"", board.of.program.slug, round.slug);
    let now = call.now;
    let written = tokio::task::spawn_blocking(move || book::write(&record, &about, now)).await;
    let bytes = written.map_err(AppError::internal)?.map_err(AppError::internal)?;
    let headers = [(CONTENT_TYPE, XLSX), (CONTENT_DISPOSITION, name.as_str()), (CACHE_CONTROL, "no-store")];
    Ok((headers, bytes).into_response())
}

async fn get(call: &Call, whose: Whose, round: RoundId, asked: Fields) -> Result<Response, AppError> {
    let sheet = load(call, whose, round, Action::ScoreApplications).await?;
    let applied = asked.text("applied").parse().ok();
    Ok(show::start(call, whose, &sheet, applied, Attempt::default()))
}

/// The first look: what would change, and everything that stands against it. Nothing is written.
async fn preview(call: &Call, whose: Whose, round: RoundId, upload: Upload) -> Result<Response, AppError> {
    // Asked before the body is read: a stranger can't make the server swallow megabytes.
    let sheet = load(call, whose, round, Action::ScoreApplications).await?;
    let read = match workbook(upload).await {
        Ok(bytes) => tokio::task::spawn_blocking(move || book::read(&bytes)).await.map_err(AppError::internal)?,
        Err(AppError::Invalid(problems)) => Err(problems.into_iter().map(|problem| problem.text).collect()),
        Err(AppError::TooLarge(why)) => return Ok(again(call, whose, &sheet, &why, StatusCode::PAYLOAD_TOO_LARGE)),
        Err(other) => return Err(other),
    };
    let known = read.and_then(|book| identity(whose, &sheet.board).must_be(&book.about).map(|()| book.scores));
    match known {
        Ok(scores) => Ok(show::preview(call, whose, &sheet, &sheet.record.compare(&scores))),
        Err(why) => Ok(again(call, whose, &sheet, &why, StatusCode::UNPROCESSABLE_ENTITY)),
    }
}

fn again(call: &Call, whose: Whose, sheet: &Sheet, why: &str, status: StatusCode) -> Response {
    let attempt = Attempt { fields: Fields::default(), problems: vec![Problem::new("sheet", why)] };
    let mut response = show::start(call, whose, sheet, None, attempt);
    *response.status_mut() = status;
    response
}

async fn workbook(upload: Upload) -> Result<Vec<u8>, AppError> {
    let unread = || AppError::Bad("The upload did not arrive whole. Please send it again.".to_owned());
    let large = || AppError::TooLarge("The file is larger than 5 MB, so it is no sheet of scores. Nothing was saved.".to_owned());
    let refused = |status: StatusCode| if status == StatusCode::PAYLOAD_TOO_LARGE { large() } else { unread() };
    let mut parts = upload.map_err(|_| unread())?;
    while let Some(mut part) = parts.next_field().await.map_err(|error| refused(error.status()))? {
        if part.name() != Some("sheet") {
            continue;
        }
        let mut bytes = Vec::new();
        let named = part.file_name().is_some_and(|name| !name.is_empty());
        while let Some(chunk) = part.chunk().await.map_err(|error| refused(error.status()))? {
            if bytes.len() + chunk.len() > WORKBOOK_BYTES {
                return Err(large());
            }
            bytes.extend_from_slice(&chunk);
        }
        if named || !bytes.is_empty() {
            return Ok(bytes);
        }
    }
    Err(AppError::field("sheet", "Choose the file to bring in."))
}

/// Applies all, or none and says what stands against it.
async fn apply(call: &Call, whose: Whose, round: RoundId, fields: &Fields) -> Result<Response, AppError> {
    let Ok(wanted) = serde_json::from_str::<Vec<Wanted>>(fields.text("changes")) else {
        // Whoever may not apply hears that first.
        load(call, whose, round, Action::ScoreApplications).await?;
        return Err(AppError::Bad("The form was incomplete. Go back, send the sheet again and apply it from there.".to_owned()));
    };
    let done = match whose {
        Whose::Staff => work::apply_sheet(call, round, &wanted).await,
        Whose::Reviewer => super::panel::work::apply_sheet(call, round, &wanted).await,
    };
    match done {
        Ok(()) => Ok(go(format!("{}?applied={}", base(whose, round), wanted.len()))),
        Err(error) => {
            let status = error.status();
            let problems = Attempt::of(Fields::default(), error)?.problems;
            let sheet = load(call, whose, round, Action::ScoreApplications).await?;
            let mut judged = sheet.record.judge(&wanted);
            if judged.problems.is_empty() {
                // It moved between the refusal and this look: what was refused is told all the same.
                judged.problems = problems.into_iter().map(|problem| Found::wrong(String::new(), problem.text)).collect();
            }
            let mut response = show::preview(call, whose, &sheet, &Judged { unchanged: 0, ..judged });
            *response.status_mut() = status;
            Ok(response)
        }
    }
}
