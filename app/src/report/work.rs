//! What recipients and the agency do with reports: save, sign and submit, accept, return. Submitting posts the spending to the ledger in
//! the same transaction; returning a report reverses that entry. The demo's loader goes through the same functions.

use crate::call::{Call, mint};
use crate::error::{AppError, Problem};
use domain::access::{Action, Role};
use domain::ledger::{AccountKind, Entry, EntryKind};
use domain::program::{ProgramFile, ReportingTerms};
use domain::report::{Content, ReportError, ReportState, Signature};
use domain::signature::signature;
use domain::{AwardId, Money, OrganizationId, ReportId};
use std::sync::Arc;
use store::draws::AwardOf;
use store::ledger::{self, Stamp};
use store::reports::{self, Report};
use store::{Tx, events, memberships, messages, programs};

/// A report with its award and the program file that says what is reported.
#[derive(Clone, Debug)]
pub struct Found {
    /// The report.
    pub report: Report,
    /// Its award.
    pub award: AwardOf,
    /// The round's program file.
    pub file: Arc<ProgramFile>,
}

impl Found {
    /// What is reported.
    #[must_use]
    pub fn terms(&self) -> &ReportingTerms {
        &self.file.reporting
    }
}

/// The certifier's signature as posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signing {
    /// The name typed.
    pub name: String,
    /// Whether the statement was ticked.
    pub stated: bool,
}

/// Loads a report that the asker may see.
///
/// # Errors
/// [`AppError::NotFound`] when there is none, or none for them.
pub async fn find(tx: &mut Tx<'_>, call: &Call, id: ReportId) -> Result<Found, AppError> {
    let report = reports::find(tx, id).await?.ok_or(AppError::NotFound)?;
    let award = crate::fund::work::award(tx, call, report.award).await?;
    let file = programs::file_by_hash(tx, award.program_version.into(), &award.file_sha256).await?;
    Ok(Found { report, award, file })
}

/// What the names of the form's fields of categories begin with,
pub const LINE: &str = "line-";
/// and those of outcomes.
pub const OUTCOME: &str = "outcome-";

/// The form's field of a category.
#[must_use]
pub fn line_field(key: &str) -> String {
    format!("{LINE}{key}")
}

/// The form's field of an outcome.
#[must_use]
pub fn outcome_field(key: &str) -> String {
    format!("{OUTCOME}{key}")
}

fn problem(error: &ReportError) -> Problem {
    let field = match error {
        ReportError::MissingAmount { key, .. } | ReportError::NegativeAmount { key, .. } => line_field(key),
        ReportError::MissingCount { key, .. } => outcome_field(key),
        ReportError::NoNarrative => "narrative".to_owned(),
        ReportError::State(_) | ReportError::OverAdvanced { .. } | ReportError::TooEarly(_) | ReportError::Sum(_) => String::new(),
    };
    Problem::new(field, error.to_string())
}

fn refused(error: ReportError) -> AppError {
    match error {
        ReportError::State(_) => AppError::Conflict(error.to_string()),
        other => AppError::Invalid(vec![problem(&other)]),
    }
}

const STALE: &str = "This report was changed by somebody else meanwhile. Look at it again; what you typed is kept below.";

async fn tell(
    tx: &mut Tx<'_>,
    call: &Call,
    found: &Found,
    act: (&'static str, ReportState, Option<&str>),
    total: Money,
) -> Result<(), AppError> {
    let (verb, to, why) = act;
    let Found { report, award, .. } = found;
    let mut event = call.event(award.subject(), "report", report.id.0, verb);
    event.from = Some(report.state.as_str().to_owned());
    event.to = Some(to.as_str().to_owned());
    event.why = why.map(str::to_owned);
    event.facts = serde_json::json!({
        "award": award.number, "quarter": report.quarter.name(), "total_cents": total.in_cents(), "recipient": award.recipient_name,
    });
    events::add(tx, &event).await?;
    let (organization, role, words) = match to {
        ReportState::Submitted => {
            (award.agency, Role::ProgramManager, format!("{} submitted a report. It waits for you.", award.recipient_name))
        }
        ReportState::Accepted => (award.recipient, Role::RegionalCertifier, "Your report was accepted.".to_owned()),
        ReportState::Returned => {
            (award.recipient, Role::RegionalCertifier, format!("Your report came back:\n\n{}", why.unwrap_or_default()))
        }
        ReportState::Due | ReportState::Draft => return Ok(()),
    };
    let subject = format!("Report of {}, {}: {}", award.number, report.quarter.name(), to.name().to_lowercase());
    let body = format!("{words}\n\nSpending reported: {total}\n\n{}/report/{}\n", call.desk.house.base_url, report.id);
    let to = memberships::emails_of(tx, OrganizationId(organization), role).await?;
    let to: Vec<_> = to.into_iter().map(|address| call.message(&address, subject.clone(), body.clone(), "report", report.id.0)).collect();
    Ok(messages::add_all(tx, &to).await?)
}

/// Refuses what no draft may hold either: keys that the program file does not have, amounts or counts below zero.
fn check_draft(terms: &ReportingTerms, content: &Content) -> Result<(), AppError> {
    let known = content.lines.keys().all(|key| terms.categories.iter().any(|category| category.key == *key))
        && content.outcomes.keys().all(|key| terms.outcomes.iter().any(|outcome| outcome.key == *key));
    if !known {
        return Err(AppError::Bad("The form was incomplete. Go back, reload the page and try again.".to_owned()));
    }
    let mut problems = Vec::new();
    for category in &terms.categories {
        if content.lines.get(&category.key).is_some_and(|amount| *amount < Money::ZERO) {
            problems.push(problem(&ReportError::NegativeAmount { key: category.key.clone(), name: category.name.clone() }));
        }
    }
    for outcome in &terms.outcomes {
        if content.outcomes.get(&outcome.key).is_some_and(|count| *count < 0) {
            problems.push(problem(&ReportError::MissingCount { key: outcome.key.clone(), name: outcome.name.clone() }));
        }
    }
    if content.narrative.chars().count() > 10_000 {
        problems.push(Problem::new("narrative", "Keep it within 10,000 characters."));
    }
    if problems.is_empty() { Ok(()) } else { Err(AppError::Invalid(problems)) }
}

/// Saves a report, incomplete as it may be.
///
/// # Errors
/// [`AppError::Conflict`] once it is submitted or when somebody else saved meanwhile; [`AppError::Invalid`] for numbers below zero.
pub async fn save_report(call: &Call, id: ReportId, seen: i64, content: &Content) -> Result<(), AppError> {
    let (inner, content) = (call.clone(), content.clone());
    call.write(move |tx| {
        let (call, content) = (inner.clone(), content.clone());
        Box::pin(async move {
            let found = find(tx, &call, id).await?;
            call.must(Action::EditReport, found.award.subject())?;
            let by = call.person()?;
            let state = found.report.state.save().map_err(refused)?;
            if found.report.version != seen {
                return Err(AppError::Conflict(STALE.to_owned()));
            }
            check_draft(found.terms(), &content)?;
            reports::record_draft(tx, id, seen, state, &content, by, call.now).await?;
            let mut event = call.event(found.award.subject(), "report", id.0, "saved");
            event.from = Some(found.report.state.as_str().to_owned());
            event.to = Some(state.as_str().to_owned());
            event.facts = serde_json::json!({ "award": found.award.number, "quarter": found.report.quarter.name() });
            events::add(tx, &event).await?;
            Ok(())
        })
    })
    .await
}

/// Signs and submits a report: its total moves from paid to spent. Sending it again after it was taken changes nothing.
///
/// # Errors
/// [`AppError::Invalid`] with all that is missing, or when more was spent than was paid; [`AppError::Conflict`].
pub async fn submit_report(call: &Call, id: ReportId, seen: i64, content: &Content, signing: &Signing) -> Result<(), AppError> {
    let (inner, content, signing) = (call.clone(), content.clone(), signing.clone());
    call.write(move |tx| {
        let (call, content, signing) = (inner.clone(), content.clone(), signing.clone());
        Box::pin(async move { submit_in(tx, &call, id, seen, content, signing).await })
    })
    .await
}

async fn submit_in(tx: &mut Tx<'_>, call: &Call, id: ReportId, seen: i64, content: Content, signing: Signing) -> Result<(), AppError> {
    let found = find(tx, call, id).await?;
    call.must(Action::SubmitReport, found.award.subject())?;
    let by = call.person()?;
    let Found { report, award, .. } = &found;
    if report.state == ReportState::Submitted && report.version == seen + 1 {
        return Ok(());
    }
    let state = report.state.submit().map_err(refused)?;
    if report.version != seen {
        return Err(AppError::Conflict(STALE.to_owned()));
    }
    let advanced = ledger::balances(tx, report.award).await?.of(AccountKind::Advanced);
    let mut problems: Vec<Problem> = content.problems(found.terms(), advanced).iter().map(problem).collect();
    let today = call.now.date_in(award.zone()?);
    if today <= report.quarter.ends {
        problems.push(problem(&ReportError::TooEarly(report.quarter.ends)));
    }
    let typed = signature(&signing.name, &call.actor.name);
    problems.extend(typed.as_ref().err().map(|cause| Problem::new("signature", cause.to_string())));
    if !signing.stated {
        problems.push(Problem::new("stated", "Tick the statement to sign."));
    }
    if !problems.is_empty() {
        return Err(AppError::Invalid(problems));
    }
    check_draft(found.terms(), &content)?;
    let signature = Signature { by, name: signing.name.trim().to_owned(), at: call.now };
    let digest = content.digest(id, report.award, report.quarter, &signature).map_err(AppError::internal)?;
    reports::record_submission(tx, id, seen, &content, &signature, &digest).await?;
    let total = content.total().map_err(AppError::internal)?;
    // A quarter without spending is reported too, and moves nothing.
    if total.is_positive() {
        let entry = Entry::expense(report.award, id, seen + 1, total).map_err(AppError::internal)?;
        let memo = format!("Report of {} for {}, digest {}", award.number, report.quarter.name(), digest.get(..12).unwrap_or(&digest));
        post(tx, call, &entry, &memo, || refused(ReportError::OverAdvanced { total, advanced })).await?;
    }
    tell(tx, call, &found, ("submitted", state, None), total).await
}

async fn post(tx: &mut Tx<'_>, call: &Call, entry: &Entry, memo: &str, short: impl FnOnce() -> AppError + Send) -> Result<(), AppError> {
    let now = call.now;
    let make = move || mint(now);
    match ledger::post(tx, entry, memo, &Stamp { mint: &make, by: call.actor.person, at: now }).await {
        Ok(_) => Ok(()),
        Err(cause) if cause.is_check_violation() => Err(short()),
        Err(cause) => Err(cause.into()),
    }
}

/// Accepts a submitted report.
///
/// # Errors
/// [`AppError::Conflict`] unless it is submitted.
pub async fn accept_report(call: &Call, id: ReportId, seen: i64) -> Result<(), AppError> {
    decide(call, id, seen, None).await
}

/// Returns a submitted report with a reason; the spending it had posted is reversed.
///
/// # Errors
/// [`AppError::Invalid`] without a reason; [`AppError::Conflict`] unless it is submitted.
pub async fn return_report(call: &Call, id: ReportId, seen: i64, reason: &str) -> Result<(), AppError> {
    decide(call, id, seen, Some(reason.trim().to_owned())).await
}

async fn decide(call: &Call, id: ReportId, seen: i64, reason: Option<String>) -> Result<(), AppError> {
    let inner = call.clone();
    call.write(move |tx| {
        let (call, reason) = (inner.clone(), reason.clone());
        Box::pin(async move { decide_in(tx, &call, id, seen, reason).await })
    })
    .await
}

async fn decide_in(tx: &mut Tx<'_>, call: &Call, id: ReportId, seen: i64, reason: Option<String>) -> Result<(), AppError> {
    let found = find(tx, call, id).await?;
    call.must(Action::DecideReport, found.award.subject())?;
    let by = call.person()?;
    let report = &found.report;
    let aim = if reason.is_some() { ReportState::Returned } else { ReportState::Accepted };
    if report.state == aim && report.version == seen + 1 {
        return Ok(());
    }
    let state = if reason.is_some() { report.state.send_back() } else { report.state.accept() }.map_err(refused)?;
    if report.version != seen {
        return Err(AppError::Conflict(STALE.to_owned()));
    }
    if reason.as_deref().is_some_and(str::is_empty) {
        return Err(AppError::field("reason", "Say what is to be corrected."));
    }
    if reason.is_some() && report.total.is_positive() {
        let standing = ledger::find_standing(tx, id.0, EntryKind::Expense).await?;
        let standing = standing.ok_or_else(|| AppError::internal(format!("report {id} was submitted and has no entry")))?;
        let entry = Entry::expense(report.award, id, seen, report.total).map_err(AppError::internal)?.reversal(standing);
        let memo = format!("Report of {} for {} was returned", found.award.number, report.quarter.name());
        post(tx, call, &entry, &memo, || AppError::internal("less was spent than the report says")).await?;
    }
    reports::record_decision(tx, id, seen, state, reason.as_deref(), by, call.now).await?;
    let verb = if state == ReportState::Accepted { "accepted" } else { "returned" };
    tell(tx, call, &found, (verb, state, reason.as_deref()), report.total).await
}

/// An award's reports, for those who may see it.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn list_of_award(call: &Call, award: AwardId) -> Result<Vec<Report>, AppError> {
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    crate::fund::work::award(&mut tx, call, award).await?;
    Ok(reports::list(&mut tx, award).await?)
}
