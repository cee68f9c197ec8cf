//! The staff's scores of a round on one sheet: what is on record, and bringing a sheet's changes in, all or none. Each goes through the same
//! use case as a score saved on an application's page.

use super::{Board, ScoreInput, score_in};
use crate::call::Call;
use crate::error::{AppError, Problem};
use crate::review::parts::eligibility_words;
use domain::access::Action;
use domain::panel::Written;
use domain::review::{Standing, anchors_of};
use domain::score_sheet::{Judged, Record, Row, Wanted};
use domain::{ApplicationId, RoundId};
use std::collections::BTreeMap;
use store::Tx;
use store::rankings::{self, Entrant};
use store::reviews::Score;
use uuid::Uuid;

/// A round with what is on record for one sheet.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The round.
    pub board: Board,
    /// What the sheet is about.
    pub record: Record,
}

/// The round's rubric scores by staff. Four statements.
///
/// # Errors
/// [`AppError::NotFound`] for another agency's round; [`AppError::Conflict`] where a panel scores; the store's failure.
pub async fn sheet(tx: &mut Tx<'_>, call: &Call, round: RoundId, action: Action) -> Result<Sheet, AppError> {
    let board = Board::load(tx, round).await?;
    call.must(action, board.subject())?;
    if board.file.review.is_some() {
        return Err(AppError::Conflict("A panel scores this round; each reviewer does so at their own desk.".to_owned()));
    }
    let mut scores: BTreeMap<Uuid, Vec<Score>> = BTreeMap::new();
    for score in rankings::scores_of_round(tx, round).await? {
        scores.entry(score.application.0).or_default().push(score);
    }
    let entrants = rankings::entrants(tx, round).await?;
    let criteria = board.file.ranking.criteria.iter().filter(|criterion| anchors_of(criterion).is_some()).cloned().collect();
    let mut record = Record { criteria, rows: Vec::new() };
    for entrant in &entrants {
        let own = scores.remove(&entrant.id).unwrap_or_default();
        record.rows.push(row(call, &board, &record, entrant, &own));
    }
    Ok(Sheet { board, record })
}

fn row(call: &Call, board: &Board, record: &Record, entrant: &Entrant, scores: &[Score]) -> Row {
    let (round, eligible) = (&board.of.round, entrant.eligible);
    let frozen = board.progress.ranking.is_some();
    let standing = Standing { submitted: true, closes_at: round.closes_at, frozen, ineligible: eligible == Some(false) };
    let of = |key: &str| scores.iter().find(|score| score.criterion == key);
    let versions = record.criteria.iter().map(|criterion| of(&criterion.key).map_or(0, |score| score.version).to_string());
    let written = |score: &Score| Written { points: Some(score.points), reason: score.reason.clone() };
    Row {
        id: entrant.id,
        version: versions.collect::<Vec<_>>().join("."),
        number: entrant.number.clone(),
        applicant: entrant.name.clone(),
        nces_id: entrant.nces_id.clone().unwrap_or_default(),
        state: eligibility_words(eligible).to_owned(),
        closed: standing.may_score(call.now).err().map(|refusal| refusal.say(round.closes_at, round.zone)),
        scores: scores.iter().map(|score| (score.criterion.clone(), written(score))).collect(),
    }
}

/// Refuses what a sheet asks for where anything stands against it.
///
/// # Errors
/// [`AppError::Conflict`] when the record moved since the sheet was made; else [`AppError::Invalid`].
pub(in crate::review) fn must_stand(judged: &Judged) -> Result<(), AppError> {
    let says = || judged.problems.iter().map(domain::score_sheet::Found::say);
    if judged.has_moved() {
        return Err(AppError::Conflict(says().collect::<Vec<_>>().join(" ")));
    }
    if judged.problems.is_empty() { Ok(()) } else { Err(AppError::Invalid(says().map(Problem::whole).collect())) }
}

/// Brings a sheet's scores in: all of them, or none. What is on record already stays as it is, so that a form sent twice is taken once.
///
/// # Errors
/// As `must_stand` and [`super::score`].
pub async fn apply_sheet(call: &Call, round: RoundId, wanted: &[Wanted]) -> Result<(), AppError> {
    let (own, wanted) = (call.clone(), wanted.to_vec());
    call.write(move |tx| {
        let (call, wanted) = (own.clone(), wanted.clone());
        Box::pin(async move {
            let found = sheet(tx, &call, round, Action::ScoreApplications).await?;
            let judged = found.record.judge(&wanted);
            must_stand(&judged)?;
            for change in judged.changes {
                let (application, wanted) = (ApplicationId(change.wanted.row), change.wanted);
                let criteria = found.record.criteria.iter().map(|criterion| &criterion.key);
                let seen = criteria.zip(wanted.version.split('.')).find(|(key, _)| **key == wanted.criterion);
                let seen = seen.and_then(|(_, version)| version.parse().ok()).filter(|version| *version > 0);
                let input = ScoreInput { criterion: wanted.criterion.clone(), points: wanted.points, reason: wanted.reason.clone(), seen };
                score_in(tx, &call, application, &input).await?;
            }
            Ok(())
        })
    })
    .await
}
