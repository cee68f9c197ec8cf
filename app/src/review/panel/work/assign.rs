//! Setting a panel up: who is on it, who reads what, and reminding them.

use super::super::super::work::Board;
use super::Panel;
use crate::call::{Call, mint};
use crate::error::AppError;
use domain::access::Action;
use domain::panel::{Chair, Plan, Review, Seat, Wanted, balance};
use domain::{ApplicationId, PersonId, ReviewId, RoundId};
use std::collections::{BTreeMap, BTreeSet};
use store::panels::{self, Application, NewReview};
use store::{Tx, events, messages};

async fn begin(tx: &mut Tx<'_>, call: &Call, round: RoundId) -> Result<(Board, Panel), AppError> {
    let board = Board::load(tx, round).await?;
    call.must(Action::RunPanel, board.subject())?;
    let panel = Panel::need(tx, call, &board).await?;
    if board.progress.ranking.is_some() {
        return Err(AppError::Conflict("The ranking is frozen, so the panel’s work is done.".to_owned()));
    }
    Ok((board, panel))
}

macro_rules! write {
    ($call:expr, |$tx:ident, $own:ident $(, $arg:ident)*| $body:expr) => {{
        let kept = $call.clone();
        $call
            .write(move |$tx| {
                let $own = kept.clone();
                $(let $arg = $arg.clone();)*
                Box::pin(async move { $body })
            })
            .await
    }};
}

/// Puts a reviewer of the agency on the panel.
///
/// # Errors
/// [`AppError::Invalid`] for somebody who holds no reviewer's role there; as every act on the panel.
pub async fn add_member(call: &Call, round: RoundId, person: PersonId) -> Result<(), AppError> {
    write!(call, |tx, call| {
        let (board, panel) = begin(tx, &call, round).await?;
        let people = panels::eligible_people(tx, board.of.round.agency).await?;
        let Some((_, name)) = people.into_iter().find(|(id, _)| *id == person.0) else {
            return Err(AppError::field("person", "Choose somebody who holds the reviewer’s role in the agency."));
        };
        if panel.sitting().any(|member| member.person == person.0) {
            return Ok(());
        }
        panels::add_member(tx, round, person, call.person()?, call.now).await?;
        let mut event = call.event(board.subject(), "round", round.0, "put on the panel");
        event.facts = serde_json::json!({ "person": person, "name": name });
        Ok(events::add(tx, &event).await?)
    })
}

/// Takes somebody off the panel. What they have handed in stays; what waits on their desk is taken away.
///
/// # Errors
/// As every act on the panel.
pub async fn remove_member(call: &Call, round: RoundId, person: PersonId) -> Result<(), AppError> {
    write!(call, |tx, call| {
        let (board, panel) = begin(tx, &call, round).await?;
        let member = panel.sitting().find(|member| member.person == person.0).ok_or(AppError::NotFound)?;
        for review in panel.reviews.iter().filter(|review| review.person == person && review.stage.waits()) {
            let removed = Review { stage: review.stage }.remove().map_err(|refusal| AppError::Conflict(refusal.to_string()))?;
            panels::record_stage(tx, review.id, removed.stage, "Left the panel.", None, review.version).await?;
        }
        panels::record_member_end(tx, round, person, call.now).await?;
        let mut event = call.event(board.subject(), "round", round.0, "took off the panel");
        event.facts = serde_json::json!({ "person": person, "name": member.name });
        Ok(events::add(tx, &event).await?)
    })
}

/// Makes a member the chair, where the file lets one be appointed.
///
/// # Errors
/// [`AppError::Conflict`] where a program manager leads the panel; as every act on the panel.
pub async fn appoint(call: &Call, round: RoundId, person: PersonId) -> Result<(), AppError> {
    write!(call, |tx, call| {
        let (board, panel) = begin(tx, &call, round).await?;
        if panel.terms.chair != Chair::Appointed {
            return Err(AppError::Conflict("By the program file a program manager leads this panel.".to_owned()));
        }
        let member = panel.sitting().find(|member| member.person == person.0).ok_or(AppError::NotFound)?;
        panels::record_chair(tx, round, person).await?;
        let mut event = call.event(board.subject(), "round", round.0, "appointed the chair");
        event.facts = serde_json::json!({ "person": person, "name": member.name });
        Ok(events::add(tx, &event).await?)
    })
}

/// An assignment by hand, as posted.
#[derive(Clone, Copy, Debug)]
pub struct AssignInput {
    /// The application.
    pub application: ApplicationId,
    /// To whom.
    pub person: PersonId,
    /// Whether for practice.
    pub practice: bool,
    /// Minted with the form.
    pub id: ReviewId,
}

/// Gives one application to one member.
///
/// # Errors
/// [`AppError::Invalid`] for somebody not on the panel, with a conflict, or with a full desk; as every act on the panel.
pub async fn assign(call: &Call, round: RoundId, input: AssignInput) -> Result<(), AppError> {
    write!(call, |tx, call| {
        let (board, panel) = begin(tx, &call, round).await?;
        let AssignInput { application, person, practice, id } = input;
        if panel.reviews.iter().any(|review| review.id == id) {
            return Ok(());
        }
        must_be_closed(&call, &board)?;
        let application = panel.application(application).ok_or(AppError::NotFound)?;
        let refuse = |text: String| Err(AppError::field("person", text));
        let Some(member) = panel.sitting().find(|member| member.person == person.0) else {
            return refuse("Choose somebody who is on the panel.".to_owned());
        };
        if practice && !panel.terms.practice {
            return Err(AppError::Conflict("The program file has no practice round.".to_owned()));
        }
        if !practice && application.eligible != Some(true) {
            return Err(AppError::Conflict("Only applications that were found eligible are reviewed.".to_owned()));
        }
        if let Some(conflict) = panel.conflicts(person, application).first() {
            return refuse(format!("{} has a conflict of interest. {}", member.name, conflict.say()));
        }
        let before = panel
            .reviews
            .iter()
            .find(|review| review.person == person && review.application == application.id && review.practice == practice);
        let live = |review: &&panels::Review| review.person == person && review.stage.is_live() && !review.practice;
        if !practice && panel.reviews.iter().filter(live).count() >= panel.terms.load as usize {
            return refuse(format!("{} has {} applications already, the most that the file allows.", member.name, panel.terms.load));
        }
        if let Some(before) = before {
            Review { stage: before.stage }.give_again().map_err(|refusal| AppError::field("person", refusal.to_string()))?;
            panels::record_given_again(tx, before.id, call.person()?, call.now).await?;
        } else {
            panels::add(tx, &new_review(&call, round, application, person, practice, id)?).await?;
        }
        let mut event = call.event(board.subject(), "application", application.id.0, "assigned a reviewer");
        event.facts = serde_json::json!({ "number": application.number, "person": person, "name": member.name, "practice": practice });
        events::add(tx, &event).await?;
        let base = &call.desk.house.base_url;
        let text = format!(
            "Hello {},\n\nan application of {}, {}, is on your desk for review:\n{base}/review/desk\n",
            member.name, board.of.program.name, board.of.round.name
        );
        let mail = call.message(&member.email, format!("To review: {}", board.of.round.name), text, "round", round.0);
        Ok(messages::add(tx, &mail).await?)
    })
}

fn must_be_closed(call: &Call, board: &Board) -> Result<(), AppError> {
    let round = &board.of.round;
    if call.now > round.closes_at {
        return Ok(());
    }
    Err(AppError::Conflict(format!("The round is open until {}: assign reviewers after it closes.", round.deadline())))
}

fn new_review(
    call: &Call,
    round: RoundId,
    application: &Application,
    person: PersonId,
    practice: bool,
    id: ReviewId,
) -> Result<NewReview, AppError> {
    let (by, at, synthetic) = (call.person()?, call.now, call.desk.house.demo);
    Ok(NewReview { id, round, application: application.id, person, practice, synthetic, by, at })
}

/// What each application still wants, and what room each member has. Besides whoever has a conflict, nobody is given what lies in the region
/// of an organization that they hold or held a role in, nor what was taken from them.
fn wants(panel: &Panel) -> (Vec<Wanted>, Vec<Seat>) {
    let own = |person: PersonId| panel.parts.iter().filter(move |part| part.person == person && part.part.declared.is_none());
    let own_regions = |person: PersonId| own(person).filter_map(|part| part.region);
    let wanted = panel
        .applications
        .iter()
        .filter(|application| application.eligible == Some(true))
        .map(|application| {
            let has: BTreeSet<String> = panel.live(application).map(|review| review.person.to_string()).collect();
            let barred = panel.sitting().map(|member| PersonId(member.person)).filter(|person| {
                !panel.conflicts(*person, application).is_empty()
                    || application.ties.region.is_some_and(|region| own_regions(*person).any(|own| own == region))
                    || panel.reviews.iter().any(|review| {
                        review.application == application.id && review.person == *person && !review.practice && !review.stage.is_live()
                    })
            });
            let more = panel.quorum(application).saturating_sub(has.len());
            Wanted {
                application: application.id.to_string(),
                more: u32::try_from(more).unwrap_or(u32::MAX),
                barred: barred.map(|person| person.to_string()).collect(),
                has,
            }
        })
        .collect();
    let seats = panel
        .sitting()
        .map(|member| {
            let live = panel.reviews.iter().filter(|review| review.person.0 == member.person && !review.practice && review.stage.is_live());
            Seat { reviewer: member.person.to_string(), taken: u32::try_from(live.count()).unwrap_or(u32::MAX), load: panel.terms.load }
        })
        .collect();
    (wanted, seats)
}

/// Fills every place that is still empty, evenly; tells each reviewer once. Gives back what was done and what could not be filled.
///
/// # Errors
/// [`AppError::Conflict`] while the round is open; as every act on the panel.
pub async fn assign_balanced(call: &Call, round: RoundId) -> Result<Plan, AppError> {
    write!(call, |tx, call| {
        let (board, panel) = begin(tx, &call, round).await?;
        must_be_closed(&call, &board)?;
        if panel.sitting().next().is_none() {
            return Err(AppError::field("person", "Nobody is on the panel yet. Put reviewers on it first."));
        }
        let (wanted, seats) = wants(&panel);
        let plan = balance(&wanted, &seats);
        let applications: BTreeMap<String, &Application> =
            panel.applications.iter().map(|application| (application.id.to_string(), application)).collect();
        let mut each: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for pair in &plan.pairs {
            let Some(application) = applications.get(&pair.application) else { continue };
            let person: PersonId = pair.reviewer.parse::<uuid::Uuid>().map_err(AppError::internal)?.into();
            panels::add(tx, &new_review(&call, round, application, person, false, mint(call.now))?).await?;
            each.entry(&pair.reviewer).or_default().push(&application.number);
        }
        if plan.pairs.is_empty() {
            return Ok(plan);
        }
        let mut event = call.event(board.subject(), "round", round.0, "assigned reviewers, balanced");
        event.facts = serde_json::json!({ "assigned": each, "short": plan.short.len() });
        events::add(tx, &event).await?;
        let base = &call.desk.house.base_url;
        let mut mails = Vec::new();
        for (person, numbers) in &each {
            let Some(member) = panel.members.iter().find(|member| member.person.to_string() == *person) else { continue };
            let due = panel.terms.due.map(|due| format!(" by {}", due.say_in(board.of.round.zone))).unwrap_or_default();
            let text = format!(
                "Hello {},\n\n{} of {}, {}, are on your desk. Please hand your reviews in{due}. First you will be asked for conflicts of interest.\n\n{base}/review/desk\n",
                member.name,
                super::super::super::parts::count(i64::try_from(numbers.len()).unwrap_or(0), "application", "applications"),
                board.of.program.name,
                board.of.round.name
            );
            mails.push(call.message(&member.email, format!("To review: {}", board.of.round.name), text, "round", round.0));
        }
        messages::add_all(tx, &mails).await?;
        Ok(plan)
    })
}

/// Takes a review from a reviewer who has not handed it in.
///
/// # Errors
/// [`AppError::Conflict`] for one that is handed in; [`AppError::Invalid`] without a reason; as every act on the panel.
pub async fn take_away(call: &Call, round: RoundId, review: ReviewId, why: &str, seen: i64) -> Result<(), AppError> {
    let why = why.trim().to_owned();
    if why.is_empty() {
        return Err(AppError::field("why", "Say why in a sentence; it stays on record."));
    }
    write!(call, |tx, call, why| {
        let (board, panel) = begin(tx, &call, round).await?;
        let found = panel.reviews.iter().find(|found| found.id == review).ok_or(AppError::NotFound)?;
        let removed = Review { stage: found.stage }.remove().map_err(|refusal| AppError::Conflict(refusal.to_string()))?;
        panels::record_stage(tx, review, removed.stage, &why, None, seen).await?;
        let mut event = call.event(board.subject(), "application", found.application.0, "took a reviewer away");
        event.why = Some(why);
        event.from = Some(found.stage.as_str().to_owned());
        event.to = Some(removed.stage.as_str().to_owned());
        event.facts = serde_json::json!({ "number": found.number, "person": found.person, "name": found.person_name });
        Ok(events::add(tx, &event).await?)
    })
}

/// Reminds everybody who has something left to do, by one message each; how many that were.
///
/// # Errors
/// As every act on the panel.
pub async fn remind(call: &Call, round: RoundId) -> Result<usize, AppError> {
    write!(call, |tx, call| {
        let (board, panel) = begin(tx, &call, round).await?;
        let base = &call.desk.house.base_url;
        let mut mails = Vec::new();
        let mut who = Vec::new();
        for member in panel.sitting() {
            let waits =
                panel.reviews.iter().filter(|review| review.person.0 == member.person && !review.practice && review.stage.waits()).count();
            if waits == 0 {
                continue;
            }
            let due = panel.terms.due.map(|due| format!(" They are due {}.", due.say_in(board.of.round.zone))).unwrap_or_default();
            let left = super::super::super::parts::count(i64::try_from(waits).unwrap_or(0), "review is", "reviews are");
            let text = format!(
                "Hello {},\n\n{left} still on your desk for {}, {}.{due}\n\n{base}/review/desk\n",
                member.name, board.of.program.name, board.of.round.name
            );
            mails.push(call.message(&member.email, format!("Reminder: reviews for {}", board.of.round.name), text, "round", round.0));
            who.push(member.name.clone());
        }
        messages::add_all(tx, &mails).await?;
        if !who.is_empty() {
            let mut event = call.event(board.subject(), "round", round.0, "reminded the panel");
            event.facts = serde_json::json!({ "people": who });
            events::add(tx, &event).await?;
        }
        Ok(mails.len())
    })
}
