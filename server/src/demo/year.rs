//! The money and the reports of fiscal year 2024, up to the spring: two draws paid to everybody but one, third draws in every state, a
//! report overdue, a draw returned with a question. Amounts, spending and counts are synthetic.

use super::cast::{Cast, Player};
use super::{at, id};
use app::call::Desk;
use app::error::AppError;
use app::{fund, report};
use domain::report::Content;
use domain::{AwardId, DrawId, Money, OrganizationId, ReportId, RoundId, Timestamp};
use std::collections::BTreeMap;

/// How an award is drawn: hundredths of it for the first, second and third draw, and the rest.
const DRAWN: [i64; 4] = [25, 25, 20, 30];
/// What a quarter's spending goes to, in hundredths: salaries, benefits, travel, training, supplies, administration.
const SPENT: [(&str, i64); 6] =
    [("salaries", 62), ("benefits", 18), ("travel", 4), ("training", 5), ("supplies", 6), ("administration", 5)];

/// One regional organization's award, and who acts for it.
struct Recipient<'a> {
    key: &'static str,
    award: AwardId,
    units: i64,
    draws: Vec<Money>,
    preparer: &'a Player,
    certifier: &'a Player,
}

/// Plays the year's draws and reports.
///
/// # Errors
/// What a use case refused.
pub async fn play(desk: &Desk, cast: &Cast, round: RoundId) -> Result<(), AppError> {
    for recipient in recipients(desk, cast, round).await? {
        draw(desk, cast, &recipient, 1, "2023-07-10T10:00:00", Until::Paid).await?;
        file_report(desk, cast, &recipient, 0, "2023-10-16T10:00:00", Filed::Accepted).await?;
        draw(desk, cast, &recipient, 2, "2024-01-08T10:00:00", Until::Paid).await?;
        let late = recipient.key == "jones";
        if !late {
            file_report(desk, cast, &recipient, 1, "2024-01-22T10:00:00", Filed::Accepted).await?;
        }
        let third = match recipient.key {
            "cmpdd" => Until::Returned,
            "sdpdd" | "jones" => Until::Requested,
            "trpdd" => Until::Approved,
            "ncpdd" | "smpdd" => Until::Paid,
            _ => continue,
        };
        draw(desk, cast, &recipient, 3, "2024-04-02T10:00:00", third).await?;
        match recipient.key {
            "ncpdd" => file_report(desk, cast, &recipient, 2, "2024-04-15T10:00:00", Filed::Submitted).await?,
            "cmpdd" => file_report(desk, cast, &recipient, 2, "2024-04-17T10:00:00", Filed::Draft).await?,
            _ => {}
        }
    }
    Ok(())
}

async fn recipients<'a>(desk: &Desk, cast: &'a Cast, round: RoundId) -> Result<Vec<Recipient<'a>>, AppError> {
    let mut reader = desk.db.reader().await?;
    let awards = store::awards::list(&mut reader.tx(), round).await?;
    drop(reader);
    let mut found = Vec::new();
    for (preparer, certifier) in &cast.regions {
        let key = ["cmpdd", "sdpdd", "trpdd", "ncpdd", "smpdd", "simpson", "jones"]
            .into_iter()
            .find(|key| id::<OrganizationId>(key) == preparer.organization);
        let award = awards.iter().find(|award| award.recipient == preparer.organization.0);
        if let (Some(key), Some(award)) = (key, award) {
            let draws = Money::cents(award.amount_cents).split(&DRAWN).map_err(AppError::internal)?;
            found.push(Recipient { key, award: AwardId(award.id), units: award.units, draws, preparer, certifier });
        }
    }
    Ok(found)
}

/// How far a draw has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    Requested,
    Returned,
    Approved,
    Paid,
}

async fn draw(desk: &Desk, cast: &Cast, of: &Recipient<'_>, number: usize, when: &str, until: Until) -> Result<(), AppError> {
    let requested = at(when)?;
    let amount = of.draws.get(number - 1).copied().unwrap_or(Money::ZERO);
    let draw: DrawId = id(&format!("draw {} {number}", of.key));
    let purpose = format!("Synthetic. Salaries, benefits and travel of {} coaches for the coming quarter.", of.units);
    fund::work::request_draw(&of.preparer.call(desk, requested), of.award, &fund::work::Wanted { id: draw, amount, purpose }).await?;
    let days = |days: i64| requested.plus_seconds(days * 86_400 + 7_200);
    match until {
        Until::Requested => {}
        Until::Returned => {
            let question = "The request names more coaches than your last report says are employed. How many positions are filled today, and from when?";
            fund::work::return_draw(&cast.fiscal.call(desk, days(3)), draw, version(desk, draw).await?, question).await?;
        }
        Until::Approved | Until::Paid => {
            fund::work::approve_draw(&cast.fiscal.call(desk, days(3)), draw, version(desk, draw).await?).await?;
            if until == Until::Paid {
                let paid = days(9);
                let reference = format!("MAGIC-{}-{number:03}", of.key.to_uppercase());
                let on = paid.date_in(domain::Zone::CENTRAL);
                fund::work::record_payment(&cast.fiscal.call(desk, paid), draw, version(desk, draw).await?, on, &reference).await?;
            }
        }
    }
    Ok(())
}

async fn version(desk: &Desk, draw: DrawId) -> Result<i64, AppError> {
    let mut reader = desk.db.reader().await?;
    let found = store::draws::find(&mut reader.tx(), draw).await?.ok_or(AppError::NotFound)?;
    Ok(found.draw.version)
}

/// How far a report has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Filed {
    Draft,
    Submitted,
    Accepted,
}

/// Files the report of the `nth` quarter, counted from zero.
async fn file_report(desk: &Desk, cast: &Cast, of: &Recipient<'_>, nth: usize, when: &str, filed: Filed) -> Result<(), AppError> {
    let saved = at(when)?;
    let content = content(of, nth, filed)?;
    let (report, seen) = newest(desk, of, nth, saved).await?;
    report::work::save_report(&of.preparer.call(desk, saved), report, seen, &content).await?;
    if filed == Filed::Draft {
        return Ok(());
    }
    let signing = report::work::Signing { name: of.certifier.name.clone(), stated: true };
    let (_, seen) = newest(desk, of, nth, saved).await?;
    report::work::submit_report(&of.certifier.call(desk, saved.plus_seconds(7_200)), report, seen, &content, &signing).await?;
    if filed == Filed::Accepted {
        let (_, seen) = newest(desk, of, nth, saved).await?;
        report::work::accept_report(&cast.manager.call(desk, saved.plus_seconds(3 * 86_400)), report, seen).await?;
    }
    Ok(())
}

async fn newest(desk: &Desk, of: &Recipient<'_>, nth: usize, now: Timestamp) -> Result<(ReportId, i64), AppError> {
    let mut reports = report::work::list_of_award(&of.preparer.call(desk, now), of.award).await?;
    reports.sort_by_key(|report| report.quarter.begins);
    reports.get(nth).map(|report| (report.id, report.version)).ok_or(AppError::NotFound)
}

/// Four fifths of the quarter's draw, by category, and counts in proportion to the seats. A draft's own draw is not paid yet: it says a fifth,
/// which is less than the earlier quarters left.
fn content(of: &Recipient<'_>, nth: usize, filed: Filed) -> Result<Content, AppError> {
    let advanced = of.draws.get(nth).copied().unwrap_or(Money::ZERO);
    let spent =
        advanced.split(&[4, 1]).map_err(AppError::internal)?.get(usize::from(filed == Filed::Draft)).copied().unwrap_or(Money::ZERO);
    let weights: Vec<i64> = SPENT.iter().map(|(_, weight)| *weight).collect();
    let parts = spent.split(&weights).map_err(AppError::internal)?;
    let lines: BTreeMap<String, Money> = SPENT.iter().zip(parts).map(|((key, _), part)| ((*key).to_owned(), part)).collect();
    let quarter = i64::try_from(nth).unwrap_or(0);
    let outcomes = [
        ("coaches_employed", of.units - 2 + quarter),
        ("students_coached", of.units * (96 + 11 * quarter)),
        ("students_with_plan", of.units * (41 + 9 * quarter)),
        ("work_visits", of.units * (17 + 5 * quarter)),
    ];
    let outcomes = outcomes.into_iter().map(|(key, count)| (key.to_owned(), count)).collect();
    let narrative =
        "Synthetic report. Coaches are in place in the schools named; two positions took longer to fill than planned.".to_owned();
    Ok(Content { lines, outcomes, narrative })
}
