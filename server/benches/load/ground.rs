//! The rows that are measured: a closed round, screened and ranked, whose pages are full; an open round of drafts; and for every run of
//! submissions a round of its own, full of drafts that are ready to be sent. What people do one by one goes through the use cases, as
//! those people, at hours past; drafts are laid in bulk, since there are tens of thousands of them.

use crate::Result;
use app::apply::work::{Signing, submit};
use app::call::{Call, Desk, House, mint};
use app::clock::Clock;
use app::error::AppError;
use app::manage::work::{import, open_round};
use app::review::work::{DecisionInput, ScoreInput, decide_eligibility, freeze, score};
use app::sessions::{ABSOLUTE_SECONDS, sha256_hex};
use domain::access::{OrganizationKind, Role};
use domain::answers::{SECTIONS, SectionAnswers};
use domain::application::{Application, State};
use domain::program::ProgramFile;
use domain::ruleset::Source;
use domain::{ApplicationId, FileId, MembershipId, OrganizationId, PersonId, RankingId, RoundId, Timestamp, Zone};
use futures::stream::{self, TryStreamExt};
use rust_decimal::Decimal;
use server::demo::cast::Player;
use server::demo::ground;
use server::demo::tables::districts;
use std::path::Path;
use std::sync::Arc;
use store::applications::{NewSection, record_section, record_start};
use store::events::NewEvent;
use store::facts::Fact;
use store::files::File;
use store::organizations::Organization;
use store::programs::find_round;
use store::{Db, Tx};
use uuid::Uuid;

/// The section that a submitting applicant saves last.
pub const CLOSING_SECTION: &str = "college";
/// So many people act at once while the rows are made.
const AT_ONCE: usize = 32;
/// So many applicants' rows are laid in one transaction.
const CHUNK: usize = 250;
const DAY: i64 = 86_400;

/// A draft and the cookie of who may sign it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The application.
    pub application: ApplicationId,
    /// `session=…`.
    pub cookie: String,
}

/// How much to lay.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Applications in the closed round, and drafts in the open one.
    pub applications: usize,
    /// Drafts in each round of submissions.
    pub rush: usize,
    /// Rounds of submissions.
    pub rushes: usize,
}

/// What was laid.
#[derive(Debug)]
pub struct Ground {
    /// The manager's cookie.
    pub manager: String,
    /// The round that was ranked.
    pub closed: RoundId,
    /// Its applications.
    pub ranked: Vec<ApplicationId>,
    /// The open round's drafts, which stay drafts.
    pub drafts: Vec<Draft>,
    /// The open round's public page.
    pub program_page: String,
    /// Drafts to submit, a list for each run.
    pub rushes: Vec<Vec<Draft>>,
}

#[derive(Clone, Debug)]
struct Applicant {
    organization: Organization,
    certifier: Player,
    key: String,
}

fn told(error: AppError) -> String {
    let (title, text) = error.say();
    format!("{title}: {text}")
}

/// Lays everything into a new database.
///
/// # Errors
/// What a use case refused, or the store's failure.
pub async fn lay(url: &str, folder: &Path, size: Size) -> Result<Ground> {
    let failed = |error: store::Error| format!("The database {url} cannot be filled: {error}.");
    let db = Db::open(url).await.map_err(failed)?;
    db.migrate().await.map_err(failed)?;
    let house = House {
        base_url: "http://127.0.0.1:3000".to_owned(),
        files: folder.join("files"),
        demo: false,
        site: server::site::names(),
        providers: Vec::new(),
    };
    let desk = Desk { db, clock: Clock::machine(), house: Arc::new(house) };
    let ground = lay_rows(&desk, size).await.map_err(told);
    desk.db.analyze().await.map_err(failed)?;
    desk.db.close().await;
    ground
}

async fn lay_rows(desk: &Desk, size: Size) -> std::result::Result<Ground, AppError> {
    let now = desk.clock.now();
    let manager = ground::lay(desk).await?.manager;
    let applicants: Arc<[Applicant]> = all_applicants(size.applications.max(size.rush), now).into();
    lay_applicants(desk, &applicants, &manager, now).await?;

    let closed = round(desk, &manager, "career-coaches", "closed", (now.plus_seconds(-60 * DAY), now.plus_seconds(-30 * DAY))).await?;
    let ranked = lay_drafts(desk, &applicants[..size.applications], closed, now.plus_seconds(-45 * DAY)).await?;
    screen(desk, &manager, closed, &applicants, &ranked, now).await?;

    let window = (now.plus_seconds(-10 * DAY), now.plus_seconds(30 * DAY));
    let open = round(desk, &manager, "career-coaches", "open", window).await?;
    let drafts = lay_drafts(desk, &applicants[..size.applications], open, now.plus_seconds(-DAY)).await?;
    let mut rushes = Vec::with_capacity(size.rushes);
    for nth in 0..size.rushes {
        let rush = round(desk, &manager, "rush", &format!("rush-{nth}"), window).await?;
        rushes.push(with_cookies(lay_drafts(desk, &applicants[..size.rush], rush, now.plus_seconds(-DAY)).await?, &applicants));
    }
    Ok(Ground {
        manager: format!("session={}", session_key(&manager)),
        closed,
        ranked,
        drafts: with_cookies(drafts, &applicants),
        program_page: "/programs/career-coaches/open".to_owned(),
        rushes,
    })
}

fn with_cookies(drafts: Vec<ApplicationId>, applicants: &[Applicant]) -> Vec<Draft> {
    let cookie = |applicant: &Applicant| format!("session={}", applicant.key);
    drafts.into_iter().zip(applicants).map(|(application, applicant)| Draft { application, cookie: cookie(applicant) }).collect()
}

fn session_key(player: &Player) -> String {
    format!("key-of-{}", player.person)
}

/// Districts that are none, spread over the real ones' counties so that each belongs to a region.
fn all_applicants(count: usize, now: Timestamp) -> Vec<Applicant> {
    let real = districts();
    (0..count)
        .zip(real.iter().cycle())
        .map(|(nth, near)| {
            let id: OrganizationId = mint(now);
            let name = format!("{} {nth:04}", near.name);
            let person: PersonId = mint(now);
            let certifier = Player {
                person,
                name: format!("Superintendent {nth:04}"),
                email: format!("superintendent.{nth:04}@bench.invalid"),
                organization: id,
                organization_name: name.clone(),
                kind: OrganizationKind::District,
                role: Role::Certifier,
            };
            let organization = Organization {
                id,
                kind: OrganizationKind::District,
                name,
                nces_id: Some(format!("99{nth:05}")),
                ipeds_id: None,
                county_fips: Some(near.county_fips.to_owned()),
                county_name: Some(near.county_name.to_owned()),
                planning_district: Some(near.planning_district.to_owned()),
                latitude: Some(near.latitude.to_owned()),
                longitude: Some(near.longitude.to_owned()),
                source: "Made for a measurement".to_owned(),
            };
            let key = session_key(&certifier);
            Applicant { organization, certifier, key }
        })
        .collect()
}

async fn lay_applicants(desk: &Desk, all: &Arc<[Applicant]>, manager: &Player, now: Timestamp) -> std::result::Result<(), AppError> {
    let signed_in = (session_key(manager), manager.person);
    desk.db
        .write(move |tx| {
            let (key, person) = signed_in.clone();
            Box::pin(async move { add_session(tx, &key, person, now).await })
        })
        .await?;
    for from in (0..all.len()).step_by(CHUNK) {
        let all = Arc::clone(all);
        desk.db
            .write(move |tx| {
                let all = Arc::clone(&all);
                Box::pin(async move {
                    for (nth, applicant) in all.iter().enumerate().skip(from).take(CHUNK) {
                        lay_applicant(tx, applicant, nth, now).await?;
                    }
                    Ok::<_, AppError>(())
                })
            })
            .await?;
    }
    Ok(())
}

async fn lay_applicant(tx: &mut Tx<'_>, applicant: &Applicant, nth: usize, now: Timestamp) -> std::result::Result<(), AppError> {
    let Applicant { organization, certifier, key } = applicant;
    store::organizations::add(tx, organization).await?;
    store::people::add(tx, certifier.person, &certifier.name, &certifier.email, now).await?;
    let membership: MembershipId = mint(now);
    store::memberships::add(tx, membership, certifier.person, organization.id, certifier.role, now).await?;
    add_session(tx, key, certifier.person, now).await?;
    let spread = |from: i64, steps: usize| Decimal::new(from + i64::try_from(nth % steps).unwrap_or_default(), 1);
    let facts = [
        ("enrollment", Decimal::from(900 + nth)),
        ("coaches_in_place", Decimal::from(nth % 3)),
        ("county_unemployment_rate", spread(35, 53)),
        ("child_poverty_rate", spread(140, 331)),
        ("college_distance_km", spread(40, 601)),
    ];
    for (key, value) in facts {
        let fact = Fact {
            id: mint(now),
            organization: organization.id,
            key: key.to_owned(),
            value,
            year: Some(2023),
            place: organization.name.clone(),
            source: "Made for a measurement, as long as the name of a federal table usually is".to_owned(),
            row: None,
            retrieved: None,
            synthetic: true,
            round: None,
        };
        store::facts::add(tx, &fact, now).await?;
    }
    Ok(())
}

async fn add_session(tx: &mut Tx<'_>, key: &str, person: PersonId, now: Timestamp) -> std::result::Result<(), AppError> {
    Ok(store::sessions::add(tx, &sha256_hex(key), person, "email", now, now.plus_seconds(ABSOLUTE_SECONDS)).await?)
}

/// Imports the example program file under other names and dates, and opens its round.
async fn round(
    desk: &Desk,
    manager: &Player,
    program: &str,
    name: &str,
    (opens, closes): (Timestamp, Timestamp),
) -> std::result::Result<RoundId, AppError> {
    let noon = |at: Timestamp| format!("{}T12:00:00", at.date_in(Zone::CENTRAL));
    let replaced = |line: &str| match line.split_once(" = ").map(|(key, _)| key) {
        Some("opens") => format!("opens = {}", noon(opens)),
        Some("closes") => format!("closes = {}", noon(closes)),
        Some("questions_until") => format!("questions_until = {}", noon(closes.plus_seconds(-5 * DAY))),
        Some("award_on") => format!("award_on = {}", closes.plus_seconds(60 * DAY).date_in(Zone::CENTRAL)),
        Some("slug") if line.contains("career-coaches") => format!("slug = \"{program}\""),
        Some("slug") => format!("slug = \"{name}\""),
        _ => line.to_owned(),
    };
    let text = ground::OPEN.lines().map(replaced).collect::<Vec<_>>().join("\n");
    let call = manager.call(desk, opens);
    let round = import(&call, &text).await?.round;
    let mut reader = desk.db.reader().await?;
    let fresh = find_round(&mut reader.tx(), round).await?.ok_or(AppError::NotFound)?;
    drop(reader);
    open_round(&call, round, fresh.version).await?;
    Ok(round)
}

/// A draft with all its sections and two letters for each applicant.
async fn lay_drafts(
    desk: &Desk,
    applicants: &[Applicant],
    round: RoundId,
    at: Timestamp,
) -> std::result::Result<Vec<ApplicationId>, AppError> {
    let mut reader = desk.db.reader().await?;
    let found = find_round(&mut reader.tx(), round).await?.ok_or(AppError::NotFound)?;
    drop(reader);
    let mut ids = Vec::with_capacity(applicants.len());
    for chunk in applicants.chunks(CHUNK) {
        let mut drafts = Vec::with_capacity(CHUNK);
        for applicant in chunk {
            let draft = Application::start(mint(at), &found, applicant.organization.id, at)?;
            ids.push(draft.id);
            drafts.push((draft, applicant.certifier.person));
        }
        let drafts: Arc<[(Application, PersonId)]> = drafts.into();
        desk.db
            .write(move |tx| {
                let drafts = Arc::clone(&drafts);
                Box::pin(async move {
                    for (draft, person) in drafts.iter() {
                        lay_draft(tx, draft, *person, at).await?;
                    }
                    Ok::<_, AppError>(())
                })
            })
            .await?;
    }
    Ok(ids)
}

async fn lay_draft(tx: &mut Tx<'_>, draft: &Application, by: PersonId, at: Timestamp) -> std::result::Result<(), AppError> {
    debug_assert_eq!(draft.state, State::Draft);
    record_start(tx, draft, by, at).await?;
    for section in SECTIONS {
        let answers = answers_of(section.key);
        let new = NewSection { application: draft.id, section: section.key, answers, complete: true, seen: 0, by, at };
        record_section(tx, &new, &NewEvent::new(mint(at), at, "application", draft.id.0, "saved")).await?;
    }
    for nth in 0..2 {
        let id: FileId = mint(at);
        let file = File {
            id,
            application: draft.id,
            kind: "support_letter".to_owned(),
            name: format!("Letter of support {nth}.pdf"),
            media_type: "application/pdf".to_owned(),
            bytes: 48_213,
            sha256: sha256_hex(id.to_string()),
            uploaded_at: at,
            synthetic: true,
        };
        store::files::add(tx, &file, by).await?;
    }
    Ok(())
}

const PLAIN: &str = "Students here leave school without ever having spoken to anybody whose work it is to show them what comes next. \
    The counselors see four hundred of them each, and spend the year on schedules and tests. ";

fn answers_of(section: &str) -> SectionAnswers {
    let long = PLAIN.repeat(8);
    let pairs: Vec<(&str, &str)> = match section {
        "district" => {
            vec![("facts_right", "yes"), ("facts_wrong", ""), ("contact_name", "A. Person, counselor"), ("contact_phone", "601-555-0123")]
        }
        "need" => vec![("why", &long), ("high_schools", "North High\nSouth High"), ("students_served", "1250")],
        "coaches" => vec![("seats", "2"), ("placement", "North High\nSouth High"), ("start_month", "2024-08")],
        "support" => vec![("support", &long), ("employers", "A mill\nA hospital\nA shipyard")],
        _ => closing_answers(),
    };
    pairs.into_iter().map(|(key, text)| (key.to_owned(), text.to_owned())).collect()
}

/// What an applicant answers in the last section.
pub fn closing_answers() -> Vec<(&'static str, &'static str)> {
    let relationship = "Dual credit in welding and nursing, a shared career fair in spring, and a bus to the campus on Fridays.";
    vec![("college", "Hinds Community College"), ("relationship", relationship), ("agreement", "yes")]
}

/// Submission, eligibility, scores and the frozen ranking of the closed round.
async fn screen(
    desk: &Desk,
    manager: &Player,
    round: RoundId,
    applicants: &[Applicant],
    applications: &[ApplicationId],
    now: Timestamp,
) -> std::result::Result<(), AppError> {
    let submitting = now.plus_seconds(-40 * DAY);
    let deciding = manager.call(desk, now.plus_seconds(-20 * DAY));
    let file = ProgramFile::parse(ground::OPEN).map_err(|problems| AppError::internal(format!("{problems:?}")))?;
    stream::iter(applications.iter().zip(applicants).map(Ok::<_, AppError>))
        .try_for_each_concurrent(AT_ONCE, |(id, applicant)| {
            let call = applicant.certifier.call(desk, submitting);
            async move {
                let signing = Signing { submission: mint::<Uuid>(call.now), signature: applicant.certifier.name.clone(), stated: true };
                submit(&call, *id, &signing).await.map(drop)
            }
        })
        .await?;
    let (deciding, file) = (&deciding, &file);
    stream::iter(applications.iter().enumerate().map(Ok::<_, AppError>))
        .try_for_each_concurrent(AT_ONCE, |(nth, id)| judge(deciding, file, *id, nth))
        .await?;
    freeze(&manager.call(desk, now.plus_seconds(-10 * DAY)), round, mint::<RankingId>(now)).await
}

async fn judge(call: &Call, file: &ProgramFile, id: ApplicationId, nth: usize) -> std::result::Result<(), AppError> {
    let decision = DecisionInput { eligible: Some(true), reason: "It names the schools and signs for itself.".to_owned(), seen: None };
    decide_eligibility(call, id, &decision).await?;
    for criterion in &file.ranking.criteria {
        let Source::Rubric { anchors, .. } = &criterion.source else { continue };
        let points = anchors.iter().cycle().nth(nth % 7).map(|anchor| anchor.points);
        let reason = "The letters name who will do what, and by when; one of them promises a bus.".to_owned();
        score(call, id, &ScoreInput { criterion: criterion.key.clone(), points, reason, seen: None }).await?;
    }
    Ok(())
}
