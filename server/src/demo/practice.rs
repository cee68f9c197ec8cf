//! A program for practice, of an agency of its own: fourteen districts' applications, a blind and sealed review, a frozen ranking, and the best
//! set of awards within floors and caps, which waits for its approval. All of it is synthetic but the districts and their figures.

use super::cast::{Cast, Player};
use super::ground::{plain, player};
use super::history::{AT_ONCE, apply, open_round};
use super::minnesota::record;
use super::synthetic::panel_anchor;
use super::tables::District;
use super::{at, id};
use app::call::Desk;
use app::error::AppError;
use app::review::panel::work::{SheetInput, add_member, assign_balanced, declare, hand_in, note, say};
use app::review::work::{Board, DecisionInput, decide_eligibility, freeze};
use domain::access::{OrganizationKind, Role};
use domain::review::anchors_of;
use domain::{ApplicationId, RoundId};
use futures::stream::{self, TryStreamExt};
use std::collections::BTreeMap;
use store::panels::{self, Review, Written};

const FILE: &str = include_str!("practice.toml");

/// Who applies, by NCES id, and for how many seats.
const APPLY: [(&str, u64); 14] = [
    ("2800185", 2),
    ("2800360", 2),
    ("2801140", 1),
    ("2801380", 2),
    ("2801620", 4),
    ("2801890", 2),
    ("2801950", 2),
    ("2802340", 3),
    ("2802640", 3),
    ("2803240", 3),
    ("2803780", 3),
    ("2803960", 2),
    ("2804050", 3),
    ("2804710", 3),
];

/// The one that is too small for the file's condition.
const TOO_SMALL: &str = "2801140";

/// The program's people.
struct Staff {
    manager: Player,
    approver: Player,
    panel: Vec<Player>,
}

/// Plays the round through the use cases.
///
/// # Errors
/// What a use case refused.
pub async fn play(desk: &Desk, cast: &Cast, districts: &[District]) -> Result<(), AppError> {
    let staff = lay(desk).await?;
    let round = open_round(desk, &staff.manager, FILE, "2024-01-04T10:00:00").await?;
    let applying = APPLY.iter().filter_map(|(nces_id, seats)| {
        let index = districts.iter().position(|district| district.nces_id == *nces_id)?;
        Some((districts.get(index)?, cast.certifiers.get(index)?, *seats))
    });
    let applying: Vec<(&District, &Player, u64)> = applying.collect();
    let (staff, begun) = (&staff, at("2024-01-22T09:00:00")?);
    stream::iter(applying.iter().enumerate().map(Ok::<_, AppError>))
        .try_for_each_concurrent(AT_ONCE, |(order, (district, certifier, seats))| async move {
            let later = i64::try_from(order).unwrap_or(0) * 60_000;
            apply(desk, certifier, district, round, *seats, begun.plus_seconds(later), "August 2024").await?;
            let call = staff.manager.call(desk, at("2024-02-06T09:00:00")?.plus_seconds(later / 100));
            let small = district.nces_id == TOO_SMALL;
            let reason = if small { "Synthetic. It has fewer than 400 students." } else { "Synthetic. A district; the form is complete." };
            let decision = DecisionInput { eligible: Some(!small), reason: reason.to_owned(), seen: None };
            decide_eligibility(&call, application(round, district), &decision).await
        })
        .await?;
    review(desk, staff, round, districts).await?;
    freeze(&staff.manager.call(desk, at("2024-03-06T10:00:00")?), round, id("practice ranking")).await?;
    let call = staff.manager.call(desk, at("2024-03-08T10:00:00")?);
    app::decide::work::propose(&call, round, id("practice allocation")).await
}

fn application(round: RoundId, district: &District) -> ApplicationId {
    id(&format!("application {round} {}", district.nces_id))
}

/// Everybody hands in before the seal is broken; the day after, two talk about the first application.
async fn review(desk: &Desk, staff: &Staff, round: RoundId, districts: &[District]) -> Result<(), AppError> {
    let manager = staff.manager.call(desk, at("2024-02-08T09:00:00")?);
    for member in &staff.panel {
        add_member(&manager, round, member.person).await?;
    }
    assign_balanced(&manager, round).await?;
    let mut reader = desk.db.reader().await?;
    let board = Board::load(&mut reader.tx(), round).await?;
    let reviews = panels::of_round(&mut reader.tx(), round).await?;
    drop(reader);
    for (nth, member) in staff.panel.iter().enumerate() {
        let call = member.call(desk, at("2024-02-12T09:00:00")?);
        declare(&call, round, &[]).await?;
        for (order, review) in reviews.iter().filter(|review| review.person == member.person).enumerate() {
            let Some(district) = districts.iter().find(|district| application(round, district) == review.application) else { continue };
            let input = SheetInput { written: written(&board, district, nth), seen: review.version };
            let later = i64::try_from(order).unwrap_or(0) * 50_000;
            hand_in(&member.call(desk, at("2024-02-12T10:00:00")?.plus_seconds(later)), review.id, &input).await?;
        }
    }
    talk(desk, staff, &reviews).await
}

fn written(board: &Board, district: &District, reviewer: usize) -> BTreeMap<String, Written> {
    let of = |criterion: &domain::ruleset::Criterion| {
        let anchors = anchors_of(criterion)?;
        let chosen = anchors.get(panel_anchor(district, &criterion.key, reviewer, anchors.len()))?;
        let written = Written { points: Some(chosen.points), reason: format!("Synthetic score. {}", chosen.text) };
        Some((criterion.key.clone(), written))
    };
    board.file.ranking.criteria.iter().filter_map(of).collect()
}

async fn talk(desk: &Desk, staff: &Staff, reviews: &[Review]) -> Result<(), AppError> {
    let Some(first) = reviews.first() else { return Ok(()) };
    let chair = staff.manager.call(desk, at("2024-03-04T09:00:00")?);
    let text = "Synthetic. Is the plan’s second school named anywhere? I do not find it.";
    note(&chair, first.application, id("practice note"), text).await?;
    let Some(member) = staff.panel.iter().find(|member| member.person == first.person) else { return Ok(()) };
    let text = "Synthetic. It is not; I gave the level for what is written.";
    say(&member.call(desk, at("2024-03-04T11:00:00")?), first.id, id("practice answer"), text).await
}

/// Lays the agency and its people.
async fn lay(desk: &Desk) -> Result<Staff, AppError> {
    let agency = "Practice Office (invented)";
    let of = |name: &str, role: Role| player(name, "practice office", agency, OrganizationKind::Agency, role);
    let panel = ["Sam Ortiz", "Lee Marsh", "Kim Doyle"].map(|name| of(name, Role::Reviewer));
    let staff = Staff { manager: of("Pat Quill", Role::ProgramManager), approver: of("Robin Vale", Role::Approver), panel: panel.to_vec() };
    let people: Vec<Player> = [&staff.manager, &staff.approver].into_iter().chain(&staff.panel).cloned().collect();
    let office = plain("practice office", OrganizationKind::Agency, agency, "Invented for the demonstration");
    let early = at("2024-01-02T09:00:00")?;
    desk.db
        .write(move |tx| {
            let (office, people) = (office.clone(), people.clone());
            Box::pin(async move { record(tx, &[office], &people, early).await })
        })
        .await?;
    Ok(staff)
}
