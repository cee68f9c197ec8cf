//! What applicants contest in the demo: made up, as their letters are.

use super::cast::Cast;
use super::synthetic::coaches_before_2023;
use super::tables::District;
use super::{at, id};
use app::apply::contest::{Typed, contest, rule};
use app::apply::letters::Upload;
use app::call::Desk;
use app::error::AppError;
use domain::{ApplicationId, ContestId, RoundId};

/// One contest: whose, what, and what came of it.
struct Told<'a> {
    round: RoundId,
    district: usize,
    nces_id: &'a str,
    key: &'a str,
    value: &'a str,
    reason: &'a str,
    source: &'a str,
    when: &'a str,
    ruling: Option<(bool, &'a str)>,
}

async fn tell(desk: &Desk, cast: &Cast, told: &Told<'_>) -> Result<(), AppError> {
    let application: ApplicationId = id(&format!("application {} {}", told.round, told.nces_id));
    let contested: ContestId = id(&format!("contest {application} {}", told.key));
    let now = at(told.when)?;
    let typed = Typed {
        id: contested,
        key: told.key.to_owned(),
        value: told.value.to_owned(),
        reason: told.reason.to_owned(),
        source: told.source.to_owned(),
    };
    let page = format!("%PDF-1.4\n% Synthetic evidence for the demonstration: {}\n%%EOF\n", told.source);
    let file = Upload { name: "evidence.pdf".to_owned(), bytes: page.into_bytes() };
    contest(&cast.certifiers[told.district].call(desk, now), application, &typed, Some(file)).await?;
    if let Some((upheld, reason)) = told.ruling {
        rule(&cast.manager.call(desk, now.plus_seconds(86_400)), contested, Some(upheld), reason, 1).await?;
    }
    Ok(())
}

/// One district says that it has no coach any more, and is told why the register counts.
pub async fn in_finished_round(
    desk: &Desk,
    cast: &Cast,
    round: RoundId,
    districts: &[District],
    applied: &[(usize, u64)],
) -> Result<(), AppError> {
    let with_coach = applied.iter().map(|(index, _)| *index).find(|index| coaches_before_2023(&districts[*index]) == (1, None));
    let Some(district) = with_coach else { return Ok(()) };
    let told = Told {
        round,
        district,
        nces_id: districts[district].nces_id,
        key: "coaches_in_place",
        value: "0",
        reason: "Our coach has resigned and leaves on June 30, so we begin the year without one.",
        source: "Letter of resignation of May 1, 2023 (synthetic)",
        when: "2023-05-08T10:00:00",
        ruling: Some((
            false,
            "The call counts coaches in place on the day it closed, May 5. The position is still funded and can be filled again.",
        )),
    };
    tell(desk, cast, &told).await
}

/// One contest is upheld, one waits.
pub async fn in_open_round(desk: &Desk, cast: &Cast, round: RoundId, districts: &[District]) -> Result<(), AppError> {
    let others =
        districts.iter().enumerate().filter(|(_, district)| !super::cast::APPLICANTS.iter().any(|(key, ..)| *key == district.nces_id));
    let begun: Vec<(usize, &District)> = others.step_by(7).take(2).collect();
    let [first, second] = begun.as_slice() else { return Ok(()) };
    let upheld = Told {
        round,
        district: first.0,
        nces_id: first.1.nces_id,
        key: "college_distance_km",
        value: "12.4",
        reason: "The college has taught at a site in our county since January, which is nearer than its main campus.",
        source: "The college’s list of sites, spring 2024 (synthetic)",
        when: "2024-04-15T10:00:00",
        ruling: Some((true, "The list of sites shows it, and the road from the district’s office to the site is shorter.")),
    };
    let open = Told {
        round,
        district: second.0,
        nces_id: second.1.nces_id,
        key: "child_poverty_rate",
        value: "41.5",
        reason: "The estimate speaks of 2020. Our own count of this winter is higher.",
        source: "Count of the district’s office, February 2024 (synthetic)",
        when: "2024-04-18T15:00:00",
        ruling: None,
    };
    tell(desk, cast, &upheld).await?;
    tell(desk, cast, &open).await
}
