//! The use cases of contesting a figure: an applicant contests and takes back, the agency rules. An upheld figure becomes a fact of the
//! round in the transaction of the ruling.

use super::letters::{Upload, forget, keep};
use super::work;
use crate::call::{Call, mint};
use crate::error::{AppError, Problem};
use crate::review::panel::work::free_to_read;
use crate::review::work::Board;
use crate::sessions::sha256_hex;
use domain::access::Action;
use domain::application::State as Filed;
use domain::contest::{Claim, NotNow, Ruling, State, Wrong};
use domain::facts::{Fact as Known, fact};
use domain::program::ProgramFile;
use domain::sniff::Media;
use domain::{ApplicationId, ContestId, RoundId};
use store::applications::{self, Found};
use store::contests::{self, Contest, Evidence, NewContest, Stood};
use store::facts::{self, Fact};
use store::{Tx, events, messages, programs, reviews};

impl From<NotNow> for AppError {
    fn from(refusal: NotNow) -> Self {
        Self::Conflict(refusal.to_string())
    }
}

fn invalid(problems: Vec<Wrong>) -> AppError {
    AppError::Invalid(problems.into_iter().map(|wrong| Problem::new(wrong.field(), wrong.to_string())).collect())
}

/// The facts that a program's rules draw on, in the order of their keys: those that an applicant may contest.
#[must_use]
pub fn drawn_on(file: &ProgramFile) -> Vec<Known> {
    let mut keys: Vec<&str> = file.ranking.inputs().into_iter().collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter().filter_map(fact).collect()
}

/// What an applicant types.
#[derive(Clone, Debug)]
pub struct Typed {
    /// Minted with the form: the same again is the same contest.
    pub id: ContestId,
    /// The fact's key.
    pub key: String,
    /// The figure.
    pub value: String,
    /// Why the one on record is wrong.
    pub reason: String,
    /// Where it can be checked.
    pub source: String,
}

/// Contests a figure, with a file if there is one.
///
/// # Errors
/// [`AppError::Invalid`] with everything wrong; [`AppError::Conflict`] when it is contested already, or the ranking is frozen;
/// [`AppError::NotFound`] for a fact that the rules don't draw on.
pub async fn contest(call: &Call, application: ApplicationId, typed: &Typed, file: Option<Upload>) -> Result<(), AppError> {
    // Asked before anything touches the disk, and again where the row is written.
    let mut reader = call.reader().await?;
    let (found, new) = judge(&mut reader.tx(), call, application, typed, None).await?;
    drop(reader);
    if new.is_none() {
        return Ok(());
    }
    let evidence = file.as_ref().map(|file| evidence_of(call, file)).transpose()?;
    let folder = call.desk.house.files.clone();
    let stored = evidence.as_ref().map(|evidence| evidence.id.0);
    if let (Some(file), Some(stored)) = (&file, stored) {
        keep(&folder, stored, &file.bytes).await.map_err(AppError::internal)?;
    }
    let (mover, typed) = (call.clone(), typed.clone());
    let subject = found.subject();
    let written = call
        .write(move |tx| {
            let (call, typed, evidence) = (mover.clone(), typed.clone(), evidence.clone());
            Box::pin(async move {
                let (found, new) = judge(tx, &call, application, &typed, evidence).await?;
                let Some(new) = new else { return Ok(false) };
                contests::add(tx, &new)
                    .await
                    .map_err(|failed| if failed.is_unique_violation() { AppError::from(NotNow::Contested) } else { failed.into() })?;
                let mut event = call.event(subject, "application", application.0, "contested a figure");
                event.from = new.stood.as_ref().map(|stood| stood.value.normalize().to_string());
                event.to = Some(new.claim.value.normalize().to_string());
                event.why = Some(new.claim.reason.clone());
                event.facts = serde_json::json!({
                    "contest": new.id, "fact": new.key, "source": new.claim.source, "number": found.number,
                    "evidence_sha256": new.evidence.as_ref().map(|evidence| &evidence.sha256),
                });
                events::add(tx, &event).await?;
                Ok(true)
            })
        })
        .await;
    if !matches!(written, Ok(true)) {
        forget(&folder, stored.as_slice()).await;
    }
    written.map(drop)
}

fn evidence_of(call: &Call, file: &Upload) -> Result<Evidence, AppError> {
    let media = Media::of(&file.name, &file.bytes).map_err(|problem| AppError::field("files", format!("“{}”: {problem}", file.name)))?;
    Ok(Evidence {
        id: mint(call.now),
        name: file.name.clone(),
        media_type: media.media_type().to_owned(),
        bytes: i64::try_from(file.bytes.len()).unwrap_or(i64::MAX),
        sha256: sha256_hex(&file.bytes),
    })
}

/// Nothing new when this very contest is on record.
async fn judge(
    tx: &mut Tx<'_>,
    call: &Call,
    application: ApplicationId,
    typed: &Typed,
    evidence: Option<Evidence>,
) -> Result<(Found, Option<NewContest>), AppError> {
    let found = work::find(tx, call, application, Action::EditApplication).await?;
    let file = programs::file_of(tx, &found.of).await?;
    let known = drawn_on(&file).into_iter().find(|known| known.key == typed.key).ok_or(AppError::NotFound)?;
    let there = contests::list_of(tx, application).await?;
    if there.iter().any(|contest| contest.id == typed.id) {
        return Ok((found, None));
    }
    if there.iter().any(|contest| contest.key == typed.key && contest.state == State::Open) {
        return Err(NotNow::Contested.into());
    }
    if matches!(found.application.state, Filed::Withdrawn { .. }) {
        return Err(NotNow::Withdrawn.into());
    }
    if reviews::progress(tx, found.of.round.id).await?.ranking.is_some() {
        return Err(NotNow::Frozen.into());
    }
    let stands = facts::of_organization(tx, found.application.applicant, found.of.round.id).await?;
    let stands = stands.into_iter().find(|fact| fact.key == typed.key);
    let claim = Claim::new(&known, stands.as_ref().map(|fact| fact.value), &typed.value, &typed.reason, &typed.source).map_err(invalid)?;
    let stood = stands.map(|fact| Stood { value: fact.value, year: fact.year, place: fact.place, source: fact.source });
    let round = found.of.round.id;
    let new =
        NewContest { id: typed.id, application, round, key: typed.key.clone(), stood, claim, evidence, by: call.person()?, at: call.now };
    Ok((found, Some(new)))
}

/// The applicant takes a contest back. Taken back twice is taken back once.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] when it was ruled on, or the ranking is frozen.
pub async fn withdraw(call: &Call, id: ContestId) -> Result<ApplicationId, AppError> {
    let mover = call.clone();
    call.write(move |tx| {
        let call = mover.clone();
        Box::pin(async move {
            let contest = contests::find(tx, id).await?.ok_or(AppError::NotFound)?;
            call.must(Action::EditApplication, contest.subject())?;
            if contest.state == State::Withdrawn {
                return Ok(contest.application);
            }
            let frozen = reviews::progress(tx, contest.round).await?.ranking.is_some();
            let state = contest.state.withdraw(frozen)?;
            contests::record_withdrawal(tx, id).await?;
            let mut event = call.event(contest.subject(), "application", contest.application.0, "took a contest back");
            event.from = Some(contest.state.as_str().to_owned());
            event.to = Some(state.as_str().to_owned());
            event.facts = serde_json::json!({ "contest": id, "fact": contest.key });
            events::add(tx, &event).await?;
            Ok(contest.application)
        })
    })
    .await
}

/// Rules on a contest and gives its round. `seen` is the version that the ruler saw. The same ruling posted twice is taken once.
///
/// # Errors
/// [`AppError::Invalid`] without choice or reason; [`AppError::Conflict`] when it is over, or the ranking is frozen;
/// [`AppError::Forbidden`] for the person who contested.
pub async fn rule(call: &Call, id: ContestId, upheld: Option<bool>, reason: &str, seen: i64) -> Result<RoundId, AppError> {
    let (mover, reason) = (call.clone(), reason.to_owned());
    call.write(move |tx| {
        let (call, reason) = (mover.clone(), reason.clone());
        Box::pin(async move { rule_in(tx, &call, id, upheld, &reason, seen).await })
    })
    .await
}

async fn rule_in(tx: &mut Tx<'_>, call: &Call, id: ContestId, upheld: Option<bool>, reason: &str, seen: i64) -> Result<RoundId, AppError> {
    let contest = contests::find(tx, id).await?.ok_or(AppError::NotFound)?;
    call.must(Action::DecideEligibility, contest.subject())?;
    let ruling = Ruling::new(upheld, reason).map_err(invalid)?;
    let repeated = |ruled: &contests::Ruled| {
        ruled.by == call.actor.name && ruled.reason == ruling.reason && (contest.state == State::Upheld) == ruling.upheld
    };
    if contest.state != State::Open && contest.ruled.as_ref().is_some_and(repeated) {
        return Ok(contest.round);
    }
    let board = Board::load(tx, contest.round).await?;
    free_to_read(tx, call, &board, contest.application).await?;
    let frozen = board.progress.ranking.is_some();
    let state = contest.state.rule(ruling.upheld, frozen)?;
    match contests::record_ruling(tx, id, &ruling, call.person()?, call.now, seen).await {
        Err(failed) if failed.is_check_violation() => {
            return Err(AppError::Forbidden("You contested this figure yourself, so somebody else rules on it.".to_owned()));
        }
        other => other?,
    }
    if ruling.upheld {
        facts::replace(tx, &corrected(call, &contest), call.now).await?;
    }
    let mut event = call.event(contest.subject(), "application", contest.application.0, "ruled on a contested figure");
    event.from = Some(contest.state.as_str().to_owned());
    event.to = Some(state.as_str().to_owned());
    event.why = Some(ruling.reason.clone());
    event.facts = serde_json::json!({
        "contest": id, "fact": contest.key,
        "stood": contest.stood.as_ref().map(|stood| stood.value.normalize().to_string()),
        "claimed": contest.claim.value.normalize().to_string(),
    });
    events::add(tx, &event).await?;
    tell(tx, call, &contest, &ruling).await?;
    Ok(contest.round)
}

/// The claimed figure as a fact of the round, which counts before the one that holds for every round.
fn corrected(call: &Call, contest: &Contest) -> Fact {
    let stood = contest.stood.as_ref();
    Fact {
        id: contest.id.0,
        organization: contest.applicant,
        key: contest.key.clone(),
        value: contest.claim.value,
        year: stood.and_then(|stood| stood.year),
        place: stood.map_or_else(|| contest.applicant_name.clone(), |stood| stood.place.clone()),
        source: format!("Corrected when the applicant contested it: {}", contest.claim.source),
        row: None,
        retrieved: None,
        synthetic: call.desk.house.demo,
        round: Some(contest.round),
    }
}

async fn tell(tx: &mut Tx<'_>, call: &Call, contest: &Contest, ruling: &Ruling) -> Result<(), AppError> {
    let name = fact(&contest.key).map_or(contest.key.as_str(), |known| known.name);
    let claimed = contest.claim.value.normalize();
    let outcome = match (&contest.stood, ruling.upheld) {
        (_, true) => format!("Your figure, {claimed}, counts in the ranking."),
        (Some(stood), false) => format!("The figure on record, {}, stays.", stood.value.normalize()),
        (None, false) => "There is still no figure on record.".to_owned(),
    };
    let subject = format!("Ruled on: {name}");
    let body = format!(
        "{applicant} said that a figure about it is wrong: {name}.\n\n{outcome}\n\nThe reason: {reason}\n\nAll figures about you:\n{base}/apply/{application}/figures\n",
        applicant = contest.applicant_name,
        reason = ruling.reason,
        base = call.desk.house.base_url,
        application = contest.application,
    );
    for person in applications::addressees(tx, contest.applicant).await? {
        messages::add(tx, &call.message(&person.email, subject.clone(), body.clone(), "application", contest.application.0)).await?;
    }
    Ok(())
}
