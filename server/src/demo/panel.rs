//! The round that a panel reviews, under way: four reviewers at different stages, one of them with a conflict that the portal finds, one who
//! declares one, and the agency's reviewer with everything still to do. Every score is synthetic.

use super::cast::{Cast, Player};
use super::history::apply;
use super::synthetic::panel_anchor;
use super::tables::District;
use super::{at, id};
use app::call::Desk;
use app::error::AppError;
use app::review::panel::work::{
    AssignInput, SheetInput, add_member, appoint, ask_again, assign, assign_balanced, declare, hand_in, note, save, say,
};
use app::review::work::{Board, DecisionInput, decide_eligibility};
use domain::panel::Stage;
use domain::review::anchors_of;
use domain::{ApplicationId, OrganizationId, PersonId, ReviewId, RoundId, Timestamp};
use store::panels::{self, Review, Written};

/// So many districts apply: the agency's reviewer gets more than twenty.
const APPLY: usize = 36;

/// Plays the round up to the demo's first day.
///
/// # Errors
/// What a use case refused.
pub async fn play(desk: &Desk, cast: &Cast, round: RoundId, districts: &[District]) -> Result<(), AppError> {
    let desks: Vec<&str> = super::cast::APPLICANTS.iter().map(|(key, ..)| *key).collect();
    let applying: Vec<(usize, &District)> =
        districts.iter().enumerate().filter(|(_, district)| !desks.contains(&district.nces_id)).skip(1).step_by(3).take(APPLY).collect();
    let decided = at("2024-04-15T09:00:00")?;
    for (order, (index, district)) in applying.iter().enumerate() {
        let seconds = |each: i64| i64::try_from(order).unwrap_or(0) * each;
        let now = at("2024-03-20T09:00:00")?.plus_seconds(seconds(52_000));
        apply(desk, &cast.certifiers[*index], district, round, 1, now, "June 2024").await?;
        let reason = "A local school district; the form is complete.".to_owned();
        let decision = DecisionInput { eligible: Some(true), reason, seen: None };
        decide_eligibility(&cast.manager.call(desk, decided.plus_seconds(seconds(240))), application(round, district), &decision).await?;
    }
    set_up(desk, cast, round, applying.first().map(|(_, district)| *district)).await?;
    for (nth, member) in cast.panel.iter().enumerate() {
        review(desk, member, nth, round, districts).await?;
    }
    discuss(desk, cast, round).await
}

fn application(round: RoundId, district: &District) -> ApplicationId {
    id(&format!("application {round} {}", district.nces_id))
}

async fn set_up(desk: &Desk, cast: &Cast, round: RoundId, first: Option<&District>) -> Result<(), AppError> {
    let manager = |when: &str| Ok::<_, AppError>(cast.manager.call(desk, at(when)?));
    let call = manager("2024-04-16T09:00:00")?;
    for member in cast.panel.iter().chain([&cast.reviewer]) {
        add_member(&call, round, member.person).await?;
    }
    if let Some(chair) = cast.panel.first() {
        appoint(&call, round, chair.person).await?;
    }
    assign_balanced(&manager("2024-04-16T10:00:00")?, round).await?;
    if let Some(first) = first {
        let application = application(round, first);
        let practice =
            AssignInput { application, person: cast.reviewer.person, practice: true, id: id(&format!("practice {application}")) };
        assign(&manager("2024-04-16T10:20:00")?, round, practice).await?;
    }
    Ok(())
}

async fn reviews_of(desk: &Desk, round: RoundId, person: PersonId) -> Result<Vec<Review>, AppError> {
    let mut reader = desk.db.reader().await?;
    let reviews = panels::desk_of(&mut reader.tx(), person).await?;
    Ok(reviews.into_iter().filter(|review| review.round == round && review.stage.waits() && !review.practice).collect())
}

/// One member declares, then works through the desk as far as they have come.
async fn review(desk: &Desk, member: &Player, nth: usize, round: RoundId, districts: &[District]) -> Result<(), AppError> {
    let begun = at("2024-04-16T13:00:00")?;
    let mine = reviews_of(desk, round, member.person).await?;
    let is_of = |review: &Review, district: &&District| application(round, district) == review.application;
    // The last one's brother teaches where one of the applications comes from.
    let tie = mine.iter().rev().find_map(|review| districts.iter().find(|district| is_of(review, district)));
    let ties: Vec<(OrganizationId, String)> = tie
        .filter(|_| nth == 3)
        .map(|district| (id(district.nces_id), "My brother teaches there. (Synthetic.)".to_owned()))
        .into_iter()
        .collect();
    declare(&member.call(desk, begun), round, &ties).await?;
    let mine = reviews_of(desk, round, member.person).await?;
    let done = match nth {
        1 => mine.len().saturating_sub(3),
        3 => mine.len() / 2,
        _ => mine.len(),
    };
    let mut reader = desk.db.reader().await?;
    let board = Board::load(&mut reader.tx(), round).await?;
    drop(reader);
    for (order, review) in mine.iter().enumerate().take(done + 1) {
        let Some(district) = districts.iter().find(|district| is_of(review, district)) else { continue };
        let mut written = std::collections::BTreeMap::new();
        for criterion in &board.file.ranking.criteria {
            let Some(anchors) = anchors_of(criterion) else { continue };
            let Some(chosen) = anchors.get(panel_anchor(district, &criterion.key, nth, anchors.len())) else { continue };
            written.insert(
                criterion.key.clone(),
                Written { points: Some(chosen.points), reason: format!("Synthetic score. {}", chosen.text) },
            );
        }
        let now: Timestamp = begun.plus_seconds(1_800 + i64::try_from(order).unwrap_or(0) * 3_600);
        let call = member.call(desk, now);
        if order < done {
            hand_in(&call, review.id, &SheetInput { written, seen: review.version }).await?;
        } else {
            // One is written half.
            written.pop_last();
            save(&call, review.id, &SheetInput { written, seen: review.version }).await?;
        }
    }
    Ok(())
}

/// The chair has looked at one application, talked about it and asked for another look.
async fn discuss(desk: &Desk, cast: &Cast, round: RoundId) -> Result<(), AppError> {
    let (Some(chair), Some(asked)) = (cast.panel.first(), cast.panel.get(1)) else { return Ok(()) };
    let call = chair.call(desk, at("2024-04-19T15:00:00")?);
    let mut reader = desk.db.reader().await?;
    let reviews = panels::of_round(&mut reader.tx(), round).await?;
    drop(reader);
    let of = |member: &Player, review: &Review| {
        let own = |own: &&Review| own.person == member.person && own.application == review.application && own.stage == Stage::HandedIn;
        reviews.iter().find(own)
    };
    // One of those that somebody else has handed in as well, so that there is an answer.
    let answers = |review: &&Review| cast.panel.iter().skip(2).any(|member| of(member, review).is_some());
    let theirs = || reviews.iter().filter(|review| review.person == asked.person && review.stage == Stage::HandedIn);
    if let Some(review) = theirs().find(answers).or_else(|| theirs().next()) {
        let text = "Synthetic. We are far apart on what the college has signed; I have asked for another look at the agreement.";
        note(&call, review.application, id("panel note"), text).await?;
        for (member, own) in cast.panel.iter().skip(2).filter_map(|member| Some((member, of(member, review)?))) {
            let call = member.call(desk, at("2024-04-19T16:00:00")?);
            let text = "Synthetic. I read it as dual credit in two subjects, which is the middle level.";
            say(&call, own.id, id(&format!("panel note {}", member.person)), text).await?;
        }
        let why = "Synthetic. Please look at the signed agreement again: does it cover dual credit?";
        let review_id: ReviewId = review.id;
        ask_again(&call, review.application, review_id, why, review.version).await?;
    }
    Ok(())
}
