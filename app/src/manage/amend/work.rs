//! Amending the rules of an opened round: one person proposes a whole new program file with a reason, its authority and a notice; another
//! approves it, and in that one transaction it is the round's next version, or returns it with a reason. What may not change the domain says.

use super::effects;
use crate::call::Call;
use crate::decide::work::roles_in;
use crate::error::{AppError, Problem};
use crate::manage::{plan, work as importing};
use crate::review::work::Board;
use domain::access::{Action, Role};
use domain::amendment::{self, CITATION_MAX, Change, Late, Refusal, Standing, TEXT_MAX};
use domain::approval::{ApprovalStep, Hands, OwnWork, may_approve};
use domain::program::ProgramFile;
use domain::review::REASON_MAX;
use domain::{AmendmentId, RoundId};
use std::sync::Arc;
use store::amendments::{self, Amendment, NewAmendment};
use store::programs::{self, NewVersion};
use store::{Tx, approvals, events, memberships, messages};

/// An amendment as typed.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    /// The program file's text.
    pub text: String,
    /// The authority it rests on.
    pub citation: String,
    /// Why.
    pub reason: String,
    /// What the applicants are told.
    pub notice: String,
}

/// What an amendment would do: shown before it is proposed, before it is approved, and afterwards to everybody.
#[derive(Clone, Debug)]
pub struct Effect {
    /// SHA-256 of the new file's canonical form.
    pub sha256: String,
    /// Field by field.
    pub changes: Vec<Change>,
    /// Whether it comes late.
    pub late: Option<Late>,
    /// The names of the criteria that must be scored anew.
    pub to_score: Vec<String>,
}

impl Effect {
    /// What a file would change of the one in force.
    ///
    /// # Errors
    /// An internal error when the file has no canonical form, which no file that was read gives.
    pub fn of(old: &ProgramFile, new: &ProgramFile, standing: &Standing) -> Result<Self, AppError> {
        let changes = amendment::compare(old, new);
        let late = amendment::late(old, &changes, standing);
        let keys = if standing.scored { amendment::to_score_anew(old, new) } else { Vec::new() };
        let to_score = keys.iter().filter_map(|key| new.ranking.criterion(key)).map(|criterion| criterion.name.clone()).collect();
        Ok(Self { sha256: new.sha256().map_err(AppError::internal)?, changes, late, to_score })
    }
}

/// What stands in a round now.
///
/// # Errors
/// The store's failure.
pub async fn standing(tx: &mut Tx<'_>, call: &Call, board: &Board) -> Result<Standing, AppError> {
    let round = board.of.round.id;
    Ok(Standing {
        now: call.now,
        frozen: board.progress.ranking.is_some(),
        scored: amendments::scored(tx, round).await?,
        applied: amendments::applied(tx, round, call.now).await?,
    })
}

/// The line of a field, `section.key`, in a program file's text: that of the key under the section's heading, else the heading's.
fn line_of(text: &str, field: &str) -> Option<usize> {
    let (section, key) = field.split_once('.').unwrap_or((field, ""));
    let mut inside = false;
    let mut heading = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').map(|line| line.trim_matches(['[', ']'])) {
            inside = name == section;
            heading = heading.or_else(|| inside.then_some(index + 1));
        } else if inside && line.split('=').next().is_some_and(|name| !key.is_empty() && name.trim() == key) {
            return Some(index + 1);
        }
    }
    heading
}

fn refused(text: &str, refusal: &Refusal) -> Problem {
    let sentence = refusal.to_string();
    let field = sentence.split_once(": ").map(|(field, _)| field).filter(|field| !field.contains(' '));
    match field.and_then(|field| line_of(text, field)) {
        Some(line) => Problem::new("text", format!("Line {line}, {sentence}")),
        None => Problem::new("text", sentence),
    }
}

fn checked(proposal: &Proposal) -> Vec<Problem> {
    let said = |field: &str, text: &str, most: usize, missing: &str| {
        if text.is_empty() {
            Some(Problem::new(field, missing))
        } else {
            (text.chars().count() > most).then(|| Problem::new(field, format!("This is longer than {most} characters. Shorten it.")))
        }
    };
    [
        said("citation", &proposal.citation, CITATION_MAX, "Name the authority: the law, rule, minutes or letter that allows this change."),
        said("reason", &proposal.reason, TEXT_MAX, "Say why the rules must change while the round runs."),
        said("notice", &proposal.notice, TEXT_MAX, "Write what applicants are told: what changes for them, and what they can do."),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A proposal that was read and judged.
struct Judged {
    text: String,
    file: ProgramFile,
    effect: Effect,
}

async fn judge(tx: &mut Tx<'_>, call: &Call, board: &Board, proposal: &Proposal) -> Result<Judged, AppError> {
    call.must(Action::ProposeAmendment, board.subject())?;
    if board.of.round.opened.is_none() {
        return Err(AppError::Conflict(domain::round::RoundError::NotOpenedYet.to_string()));
    }
    let standing = standing(tx, call, board).await?;
    if standing.frozen {
        return Err(AppError::Conflict(Refusal::Frozen.to_string()));
    }
    let mut problems = checked(proposal);
    let (text, file) = match importing::read(&proposal.text) {
        Ok(read) => read,
        Err(AppError::Invalid(more)) => {
            problems.splice(0..0, more);
            return Err(AppError::Invalid(problems));
        }
        Err(other) => return Err(other),
    };
    let refusals = amendment::refusals(&board.file, &file, &standing);
    problems.splice(0..0, refusals.iter().map(|refusal| refused(&text, refusal)));
    if refusals.is_empty() {
        match matched(tx, &text, &file, board).await {
            Ok(_) => {}
            Err(AppError::Invalid(more)) => drop(problems.splice(0..0, more)),
            Err(other) => return Err(other),
        }
    }
    if problems.is_empty() {
        let effect = Effect::of(&board.file, &file, &standing)?;
        Ok(Judged { text, file, effect })
    } else {
        Err(AppError::Invalid(problems))
    }
}

pub(super) async fn matched(tx: &mut Tx<'_>, text: &str, file: &ProgramFile, board: &Board) -> Result<plan::Matched, AppError> {
    plan::match_names(tx, text, file, board.of.round.agency, Some(board.of.program.clone()), Some(board.of.clone())).await
}

/// What a proposal would do, without doing it.
///
/// # Errors
/// As [`propose`].
pub async fn preview(call: &Call, round: RoundId, proposal: &Proposal) -> Result<(Board, Effect), AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let board = Board::load(tx, round).await?;
    let effect = judge(tx, call, &board, proposal).await?.effect;
    Ok((board, effect))
}

/// Proposes an amendment under the id minted with the form: the same id again is the same proposal. The approvers are told.
///
/// # Errors
/// [`AppError::Invalid`] with every problem of the file, each naming its line and field, and every text that is missing;
/// [`AppError::Conflict`] before the opening, once the ranking is frozen, and while another amendment waits; a refusal by the access table.
pub async fn propose(call: &Call, round: RoundId, id: AmendmentId, proposal: &Proposal) -> Result<(), AppError> {
    let (call, proposal) = (call.clone(), Arc::new(proposal.clone()));
    let writer = call.clone();
    writer
        .write(move |tx| {
            let (call, proposal) = (call.clone(), Arc::clone(&proposal));
            Box::pin(async move { propose_in(tx, &call, round, id, &proposal).await })
        })
        .await
}

async fn propose_in(tx: &mut Tx<'_>, call: &Call, round: RoundId, id: AmendmentId, proposal: &Proposal) -> Result<(), AppError> {
    let board = Board::load(tx, round).await?;
    if amendments::find(tx, id).await?.is_some_and(|found| found.round == round && Some(found.proposed_by) == call.actor.person) {
        return Ok(());
    }
    let Judged { text, file, effect } = judge(tx, call, &board, proposal).await?;
    let person = call.person()?;
    let version = NewVersion {
        id: crate::call::mint(call.now),
        program: board.of.program.id,
        version: programs::last_version(tx, board.of.program.id).await? + 1,
        source_toml: text,
        canonical: file.canonical().map_err(AppError::internal)?,
        sha256: effect.sha256.clone(),
        at: call.now,
        by: Some(person),
    };
    programs::add_version(tx, &version).await?;
    let new = NewAmendment {
        id,
        round,
        base: board.of.round.program_version,
        file: version.id,
        citation: proposal.citation.clone(),
        reason: proposal.reason.clone(),
        notice: proposal.notice.clone(),
        synthetic: call.desk.house.demo,
        by: person,
        at: call.now,
    };
    amendments::add(tx, &new).await.map_err(|failed| {
        if failed.is_unique_violation() {
            AppError::Conflict("An amendment of this round waits for approval already. It must be decided first.".to_owned())
        } else {
            failed.into()
        }
    })?;
    let mut event = call.event(board.subject(), "amendment", id.0, "proposed");
    event.to = Some("proposed".to_owned());
    event.why = Some(proposal.reason.clone());
    event.facts = serde_json::json!({
        "round": round, "citation": proposal.citation, "notice": proposal.notice, "base_sha256": board.of.file_sha256,
        "file_sha256": effect.sha256, "changes": effect.changes, "late": effect.late.map(Late::as_str),
    });
    events::add(tx, &event).await?;
    tell_approvers(tx, call, &board, id).await
}

async fn tell_approvers(tx: &mut Tx<'_>, call: &Call, board: &Board, id: AmendmentId) -> Result<(), AppError> {
    let (base, program, round) = (&call.desk.house.base_url, &board.of.program.name, &board.of.round.name);
    let text = format!(
        "{} proposes an amendment of the rules of {program}, {round}.\n\nRead what changes and why, and approve it or return it:\n{base}/manage/amendments/{id}\n",
        call.actor.name
    );
    for email in memberships::emails_of(tx, board.of.round.agency, Role::Approver).await? {
        let subject = format!("An amendment waits for approval: {program}, {round}");
        messages::add(tx, &call.message(&email, subject, text.clone(), "amendment", id.0)).await?;
    }
    Ok(())
}

/// Whether the actor may decide on an amendment: an approver who neither proposed it nor scored or screened in the round.
///
/// # Errors
/// Why not.
pub fn may_decide(call: &Call, board: &Board, amendment: &Amendment, hands: Hands) -> Result<(), OwnWork> {
    let proposed = call.actor.person == Some(amendment.proposed_by);
    may_approve(&ApprovalStep::only(), &roles_in(call, board), Hands { proposed, approved: false, ..hands })
}

/// Approves an amendment: it is the next version of the round's rules from this second on, scores on changed rubrics are void, and every
/// applicant is told. Posted twice it is taken once.
///
/// # Errors
/// [`AppError::Forbidden`] for whoever had a hand in it; [`AppError::Conflict`] when it no longer waits, the ranking was frozen, or what
/// applicants did meanwhile stands against it.
pub async fn approve(call: &Call, id: AmendmentId, seen: i64) -> Result<(), AppError> {
    let call = call.clone();
    let writer = call.clone();
    writer
        .write(move |tx| {
            let call = call.clone();
            Box::pin(async move { approve_in(tx, &call, id, seen).await })
        })
        .await
}

async fn approve_in(tx: &mut Tx<'_>, call: &Call, id: AmendmentId, seen: i64) -> Result<(), AppError> {
    let found = amendments::find(tx, id).await?.ok_or(AppError::NotFound)?;
    let board = Board::load(tx, found.round).await?;
    call.must(Action::DecideAmendment, board.subject())?;
    let person = call.person()?;
    let stage = match found.stage.approve() {
        Ok(stage) => stage,
        Err(_) if found.number.is_some() && found.decided_by == Some(person) => return Ok(()),
        Err(decided) => return Err(AppError::Conflict(decided.to_string())),
    };
    let hands = approvals::hands(tx, found.round, person).await?;
    may_decide(call, &board, &found, hands).map_err(|refusal| AppError::Forbidden(refusal.to_string()))?;
    let file = programs::file_of_version(tx, found.file).await?;
    let standing = standing(tx, call, &board).await?;
    if let Some(refusal) = amendment::refusals(&board.file, &file, &standing).first() {
        return Err(AppError::Conflict(format!("It can’t be approved any more: {refusal} Return it.")));
    }
    let effect = Effect::of(&board.file, &file, &standing)?;
    let amended = board.of.round.clone().amend(&file.round, found.file, &effect.sha256);
    let amended = amended.map_err(|refusal| AppError::Conflict(refusal.to_string()))?;
    let number = amended.opened.as_ref().map_or(1, |opened| opened.version);
    // First the amendment, whose guard compares its base with the round's file, then the round.
    amendments::record_approval(tx, &found, number, effect.late, person, call.now, seen).await?;
    programs::record_amended(tx, &amended).await?;
    effects::record_names(tx, call, &board, &found, &file).await?;
    let keys = amendment::to_score_anew(&board.file, &file);
    let void = effects::void_scores(tx, call, &board, &found, &file, &keys).await?;
    let mut event = call.event(board.subject(), "amendment", id.0, "approved");
    event.from = Some(found.stage.as_str().to_owned());
    event.to = Some(stage.as_str().to_owned());
    event.why = Some(found.reason.clone());
    event.facts = serde_json::json!({
        "round": found.round, "rules_version": number, "base_sha256": found.base_sha256, "file_sha256": found.sha256,
        "late": effect.late.map(Late::as_str), "scores_void": void,
    });
    events::add(tx, &event).await?;
    let mut event = call.event(board.subject(), "round", found.round.0, "amended the rules");
    event.from = Some(format!("version {}", number.saturating_sub(1)));
    event.to = Some(format!("version {number}"));
    event.why = Some(found.reason.clone());
    event.facts =
        serde_json::json!({ "amendment": id, "citation": found.citation, "file_sha256": found.sha256, "changes": effect.changes });
    events::add(tx, &event).await?;
    effects::tell_applicants(tx, call, &board, &found, number, &effect).await
}

/// Returns an amendment with a reason. Posted twice it is taken once.
///
/// # Errors
/// [`AppError::Invalid`] without a reason; [`AppError::Forbidden`] for whoever is no approver; [`AppError::Conflict`] when it no longer waits.
pub async fn give_back(call: &Call, id: AmendmentId, reason: &str, seen: i64) -> Result<(), AppError> {
    let (call, reason) = (call.clone(), reason.trim().to_owned());
    let writer = call.clone();
    writer
        .write(move |tx| {
            let (call, reason) = (call.clone(), reason.clone());
            Box::pin(async move { give_back_in(tx, &call, id, &reason, seen).await })
        })
        .await
}

async fn give_back_in(tx: &mut Tx<'_>, call: &Call, id: AmendmentId, reason: &str, seen: i64) -> Result<(), AppError> {
    let found = amendments::find(tx, id).await?.ok_or(AppError::NotFound)?;
    let board = Board::load(tx, found.round).await?;
    call.must(Action::DecideAmendment, board.subject())?;
    let person = call.person()?;
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        return Err(AppError::field("decision_reason", format!("Say what should be different, in at most {REASON_MAX} characters.")));
    }
    let stage = match found.stage.give_back() {
        Ok(stage) => stage,
        Err(_) if found.decided_by == Some(person) && found.decision_reason.as_deref() == Some(reason) => return Ok(()),
        Err(decided) => return Err(AppError::Conflict(decided.to_string())),
    };
    amendments::record_return(tx, id, person, call.now, reason, seen).await?;
    let mut event = call.event(board.subject(), "amendment", id.0, "returned");
    event.from = Some(found.stage.as_str().to_owned());
    event.to = Some(stage.as_str().to_owned());
    event.why = Some(reason.to_owned());
    event.facts = serde_json::json!({ "round": found.round });
    events::add(tx, &event).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::line_of;

    #[test]
    fn a_field_is_found_under_its_section_and_not_elsewhere() {
        let text = "[program]\nslug = \"a\"\n\n[round]\nname = \"b\"\nslug = \"c\"\n\n[[regions]]\nkey = \"d\"\n";
        assert_eq!(line_of(text, "round.slug"), Some(6));
        assert_eq!(line_of(text, "program.slug"), Some(2));
        assert_eq!(line_of(text, "round.seed"), Some(4), "the section's heading");
        assert_eq!(line_of(text, "regions"), Some(8));
        assert_eq!(line_of(text, "award.max_units"), None);
    }
}
