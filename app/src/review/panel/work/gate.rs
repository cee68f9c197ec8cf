//! Who may read in a round with a panel. A conflict shuts out everybody, staff as well; who is only a reviewer reads at the own desk.

use super::super::super::work::Board;
use super::Panel;
use crate::call::Call;
use crate::error::AppError;
use crate::review::ties::conflict_with;
use domain::access::{Action, Role, Subject};
use domain::application::State;
use domain::panel::{Chair, Stage, conflicts};
use domain::{ApplicationId, PersonId, RoundId, Timestamp, Zone};
use store::Tx;
use store::applications::Found;
use store::panels::{self, Application};

/// Why others' words are hidden from whoever has still to hand in their own review.
pub(super) const OWN_FIRST: &str =
    "Hand in your own review of this application first: the others’ scores and their discussion are hidden until then.";
/// Why they are hidden while the file seals them.
pub(super) const SEALED: &str = "The panel’s scores and their discussion stay sealed until the reviews are due.";

/// Refuses the staff's own pages of a round with a panel to those who are reviewers and nothing else: the desk shows them what they were
/// given, and nothing of what others give. Once results are published there is nothing left to keep from them.
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn staff_pages(call: &Call, board: &Board) -> Result<(), AppError> {
    let of_agency = |roles: &[Role]| call.actor.organizations_as(roles).contains(&board.of.round.agency);
    let only_reviews = !of_agency(&[Role::ProgramManager, Role::Approver, Role::FiscalAgent, Role::Auditor]);
    if board.file.review.is_some() && only_reviews && board.of.round.published(call.now).is_none() {
        return Err(AppError::Forbidden(
            "A panel reviews this round: reviewers read what they were given at their own desk, under Review, Your reviews.".to_owned(),
        ));
    }
    Ok(())
}

/// Loads a round for the staff's own pages.
///
/// # Errors
/// [`AppError::NotFound`] for another agency's round; as [`staff_pages`].
pub async fn staff_board(tx: &mut Tx<'_>, call: &Call, round: RoundId) -> Result<Board, AppError> {
    let board = Board::load(tx, round).await?;
    call.must(Action::ReadReviews, board.subject())?;
    staff_pages(call, &board)?;
    Ok(board)
}

/// Refuses an applicant's own pages to staff: while the application is not handed in, and wherever the staff's own pages are refused.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`]; the store's failure.
pub async fn staff_may_read(tx: &mut Tx<'_>, call: &Call, found: &Found) -> Result<(), AppError> {
    if call.actor.belongs_to(found.application.applicant) {
        return Ok(());
    }
    if !matches!(found.application.state, State::Submitted(_)) {
        return Err(AppError::NotFound);
    }
    let board = Board::load(tx, found.of.round.id).await?;
    staff_pages(call, &board)?;
    free_to_read(tx, call, &board, found.application.id).await
}

/// Refuses an application to whoever has a conflict with it, in every round: one statement for whoever has a part in nothing but the
/// agency, a few else.
///
/// # Errors
/// [`AppError::Forbidden`]; the store's failure.
pub async fn free_to_read(tx: &mut Tx<'_>, call: &Call, board: &Board, application: ApplicationId) -> Result<(), AppError> {
    match conflict_with(tx, board, call.person()?, application).await? {
        Some(conflict) => Err(refused(&conflict.say())),
        None => Ok(()),
    }
}

/// Refuses a letter of a round with a panel to staff with a conflict, and to reviewers unless the application is on their desk, not masked.
/// An applicant's own people read their own; a draft's are theirs alone.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`]; the store's failure.
pub async fn may_open_file(call: &Call, application: ApplicationId, subject: Subject) -> Result<(), AppError> {
    if subject.owner.is_some_and(|owner| call.actor.belongs_to(owner)) {
        return Ok(());
    }
    let mut reader = call.reader().await?;
    let mut tx = reader.tx();
    // A draft's letters are its applicant's alone.
    let found = store::reviews::find(&mut tx, application).await?.ok_or(AppError::NotFound)?;
    let board = Board::load(&mut tx, found.round).await?;
    free_to_read(&mut tx, call, &board, application).await?;
    let Some(terms) = &board.file.review else { return Ok(()) };
    let Err(refusal) = staff_pages(call, &board) else { return Ok(()) };
    let person = call.person()?;
    let on_desk = |review: &panels::Review| review.person == person && review.stage.is_live();
    let given = panels::of_application(&mut tx, application).await?.iter().any(on_desk);
    let members = panels::members(&mut tx, found.round).await?;
    let declared = members.iter().any(|member| member.person == person.0 && member.declared_at.is_some());
    if given && declared && !terms.blind { Ok(()) } else { Err(refusal) }
}

/// The refusal of a conflict.
pub(in crate::review::panel) fn refused(why: &str) -> AppError {
    let said = "There is a conflict of interest between you and this applicant, so you can neither read nor score its application.";
    AppError::Forbidden(format!("{said} {why}").trim_end().to_owned())
}

/// Refuses the panel's own pages to whoever does not lead it. An auditor reads them, too.
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn may_lead(call: &Call, board: &Board, panel: &Panel, reading: bool) -> Result<(), AppError> {
    let agency = board.of.round.agency;
    let as_role = |role: Role| call.actor.organizations_as(&[role]).contains(&agency);
    let person = call.person()?;
    let chairs = panel.sitting().any(|member| member.chair && member.person == person.0);
    let manages = as_role(Role::ProgramManager) && (reading || panel.terms.chair == Chair::Manager);
    if chairs || manages || (reading && as_role(Role::Auditor)) {
        return Ok(());
    }
    Err(AppError::Forbidden("The panel’s chair does this.".to_owned()))
}

/// Refuses scores to everybody while the file seals them, and else to whoever leads the panel and sits on it, too, of an application that
/// they still have to hand in themselves.
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn may_see_scores(call: &Call, panel: &Panel, application: Option<&Application>) -> Result<(), AppError> {
    if panel.sealed.is_some() {
        return Err(AppError::Forbidden(SEALED.to_owned()));
    }
    let person = call.person()?;
    if application.is_some_and(|application| own_waits(&panel.reviews, person, application.id)) {
        return Err(AppError::Forbidden(OWN_FIRST.to_owned()));
    }
    Ok(())
}

/// Whether somebody has still to hand in their own review of an application.
fn own_waits(reviews: &[panels::Review], person: PersonId, application: ApplicationId) -> bool {
    let own = |review: &&panels::Review| review.person == person && review.application == application && !review.practice;
    reviews.iter().filter(own).any(|review| review.stage.waits())
}

/// Why an application's scores are hidden from somebody, if they are. Whoever is of staff and on the panel is a reviewer first.
#[must_use]
pub fn hidden_scores(panel: &Panel, person: Option<PersonId>, application: ApplicationId, zone: Zone) -> Option<String> {
    let own = || person.filter(|person| own_waits(&panel.reviews, *person, application)).map(|_| OWN_FIRST.to_owned());
    panel.sealed.map(|until| seal(until, zone)).or_else(own)
}

/// Why what the panel's scores come to is hidden from somebody, if it is: while any of their own reviews waits.
#[must_use]
pub fn hidden_sums(panel: &Panel, person: Option<PersonId>, zone: Zone) -> Option<String> {
    let waits = |person: &PersonId| panel.applications.iter().any(|one| own_waits(&panel.reviews, *person, one.id));
    let own = || person.filter(waits).map(|_| "Hand in your own reviews first: what the panel’s come to is hidden until then.".to_owned());
    panel.sealed.map(|until| seal(until, zone)).or_else(own)
}

/// That scores are sealed, and until when.
#[must_use]
pub fn seal(until: Timestamp, zone: Zone) -> String {
    format!("The panel’s scores stay sealed until {}: nobody is shown another’s before, and nothing is ranked.", until.say_in(zone))
}

/// Refuses an application's history to whoever has a conflict with it. Whether what reviewers handed in is hidden in it: sealed still, or
/// one's own is to be handed in first.
///
/// # Errors
/// [`AppError::Forbidden`]; the store's failure.
pub async fn history_is_hidden(tx: &mut Tx<'_>, call: &Call, application: ApplicationId) -> Result<bool, AppError> {
    let Some(found) = store::reviews::find(tx, application).await? else { return Ok(false) };
    let board = Board::load(tx, found.round).await?;
    free_to_read(tx, call, &board, application).await?;
    let Some(terms) = &board.file.review else { return Ok(false) };
    Ok(terms.is_sealed(call.now) || own_waits(&panels::of_application(tx, application).await?, call.person()?, application))
}

/// Whether names are masked for whoever looks: in a blind review, for those who are reviewers and nothing else.
#[must_use]
pub fn is_masked(call: &Call, board: &Board, panel: &Panel) -> bool {
    panel.terms.blind && staff_pages(call, board).is_err()
}

/// The reviews of an application that count: handed in, not for practice, by people without a conflict. Four statements.
///
/// # Errors
/// The store's failure.
pub async fn counting_reviews(tx: &mut Tx<'_>, application: ApplicationId) -> Result<Vec<panels::Review>, AppError> {
    let reviews = panels::of_application(tx, application).await?;
    let (Some(first), Some(application)) = (reviews.first(), panels::application(tx, application).await?) else { return Ok(Vec::new()) };
    let parts = panels::parts_of_panel(tx, first.round, None).await?;
    let free = |person| {
        let own: Vec<_> = parts.iter().filter(|part| part.person == person).map(|part| part.part.clone()).collect();
        conflicts(&application.ties, &own).is_empty()
    };
    Ok(reviews.into_iter().filter(|review| review.stage == Stage::HandedIn && !review.practice && free(review.person)).collect())
}
