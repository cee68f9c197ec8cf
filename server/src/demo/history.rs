//! What happened before the demo begins: the round of 2023-24 from its opening to its publication, and the first days of 2024-25.
//! Money and reports are in [`super::year`].

use super::cast::{Cast, Player};
use super::ground::{FINISHED, OPEN, PANELED, coaches_fact};
use super::synthetic::{anchor, has_agreement, ineligible, letter_pdf, letters, seats_asked_2023};
use super::tables::{District, colleges, districts};
use super::{amended, at, contested, id, minnesota, panel, practice, year};
use app::apply::letters::{self as uploads, Upload, Uploads};
use app::apply::work as applying;
use app::call::{Call, Desk};
use app::error::AppError;
use app::form::Fields;
use app::review::work::{DecisionInput, ScoreInput, decide_eligibility, score};
use app::{decide, manage, review};
use domain::access::Subject;
use domain::answers::SectionAnswers;
use domain::program::ProgramFile;
use domain::ruleset::Source;
use domain::{ApplicationId, OrganizationId, RoundId, Timestamp};
use futures::stream::{self, TryStreamExt};
use store::facts::Fact;

/// So many people work at once; the database's writer gathers them.
pub(super) const AT_ONCE: usize = 16;

/// Plays the history through the use cases.
///
/// # Errors
/// What a use case refused.
pub async fn play(desk: &Desk, cast: &Cast) -> Result<(), AppError> {
    std::fs::create_dir_all(&desk.house.files).map_err(AppError::internal)?;
    let districts = districts();
    let finished = open_round(desk, &cast.manager, FINISHED, "2023-04-20T15:00:00").await?;
    let facts = districts.iter().map(|district| coaches_fact(district, finished)).collect();
    add_facts(desk, facts, at("2023-04-20T15:30:00")?).await?;

    let applying: Vec<(usize, u64)> =
        districts.iter().enumerate().filter_map(|(index, district)| Some((index, seats_asked_2023(district)?))).collect();
    stream::iter(applying.iter().enumerate().map(Ok::<_, AppError>))
        .try_for_each_concurrent(AT_ONCE, |(order, (index, seats))| {
            let (district, certifier) = (&districts[*index], &cast.certifiers[*index]);
            async move {
                // Spread over the two weeks, most of them near the end, as people are.
                let left = i64::try_from(applying_seconds(order)).unwrap_or(0);
                let now = at("2023-05-05T23:40:00")?.plus_seconds(-left);
                apply(desk, certifier, district, finished, *seats, now, "August 2023").await
            }
        })
        .await?;
    contested::in_finished_round(desk, cast, finished, &districts, &applying).await?;
    screen(desk, cast, finished, &districts, &applying).await?;
    let ranked = at("2023-05-30T14:00:00")?;
    review::work::freeze(&cast.manager.call(desk, ranked), finished, id("ranking 2023-24")).await?;
    award(desk, cast, finished).await?;
    year::play(desk, cast, finished).await?;

    let open = open_round(desk, &cast.manager, OPEN, "2024-04-05T15:00:00").await?;
    add_facts(desk, coaches_after(desk, finished, open, &districts).await?, at("2024-04-05T15:30:00")?).await?;
    begin_open_round(desk, cast, open, &districts).await?;
    contested::in_open_round(desk, cast, open, &districts).await?;

    let bridge = open_round(desk, &cast.manager, PANELED, "2024-03-14T15:00:00").await?;
    add_facts(desk, coaches_after(desk, finished, bridge, &districts).await?, at("2024-03-14T15:30:00")?).await?;
    amended::play(desk, cast, bridge).await?;
    panel::play(desk, cast, bridge, &districts).await?;
    minnesota::play(desk).await?;
    practice::play(desk, cast, &districts).await?;
    let call = cast.manager.call(desk, Timestamp::from_unix(super::BEGINS));
    let loaded = call.event(Subject::default(), "demonstration", id("demonstration"), "loaded");
    desk.db
        .write(move |tx| {
            let loaded = loaded.clone();
            Box::pin(async move { Ok(store::events::add(tx, &loaded).await?) })
        })
        .await
}

/// Whether the history was played to its end, which the event log tells.
///
/// # Errors
/// The store's failure.
pub async fn is_played(desk: &Desk) -> Result<bool, AppError> {
    let mut reader = desk.db.reader().await?;
    Ok(!store::events::list_of(&mut reader.tx(), id("demonstration")).await?.is_empty())
}

/// Seconds before the deadline's evening at which the n-th district begins.
fn applying_seconds(order: usize) -> usize {
    (order * order * 61 + order * 977) % (13 * 86_400)
}

pub(super) async fn open_round(desk: &Desk, manager: &Player, file: &str, when: &str) -> Result<RoundId, AppError> {
    let now = at(when)?;
    let call = manager.call(desk, now);
    let imported = manage::work::import(&call, file).await?;
    let call = manager.call(desk, now.plus_seconds(1_200));
    let mut reader = desk.db.reader().await?;
    let round = store::programs::find_round(&mut reader.tx(), imported.round).await?.ok_or(AppError::NotFound)?;
    drop(reader);
    manage::work::open_round(&call, round.id, round.version).await?;
    Ok(round.id)
}

async fn add_facts(desk: &Desk, facts: Vec<Fact>, now: Timestamp) -> Result<(), AppError> {
    desk.db
        .write(move |tx| {
            let facts = facts.clone();
            Box::pin(async move {
                for fact in &facts {
                    store::facts::add(tx, fact, now).await?;
                }
                Ok(())
            })
        })
        .await
}

pub(super) async fn apply(
    desk: &Desk,
    who: &Player,
    district: &District,
    round: RoundId,
    seats: u64,
    now: Timestamp,
    start: &str,
) -> Result<(), AppError> {
    let application: ApplicationId = id(&format!("application {round} {}", district.nces_id));
    let minutes = |minutes: i64| -> Call { who.call(desk, now.plus_seconds(minutes * 60 - 1_800)) };
    applying::start(&minutes(0), round, who.organization, application).await?;
    fill_in(&minutes(5), application, district, seats, start, true).await?;
    send_letters(&minutes(15), application, district).await?;
    let signing = applying::Signing { submission: id(&format!("submission {application}")), signature: who.name.clone(), stated: true };
    applying::submit(&minutes(25), application, &signing).await?;
    Ok(())
}

async fn send_letters(call: &Call, application: ApplicationId, district: &District) -> Result<(), AppError> {
    let letter = |number: u64| Upload { name: format!("letter-{}.pdf", number + 1), bytes: letter_pdf(district, number) };
    let support: Vec<Upload> = (0..letters(district)).map(letter).collect();
    if !support.is_empty() {
        uploads::add(call, application, Uploads { fields: of_kind("support_letter"), files: support }).await?;
    }
    if has_agreement(district) {
        let agreement = Upload { name: "agreement.pdf".to_owned(), bytes: letter_pdf(district, 9) };
        uploads::add(call, application, Uploads { fields: of_kind("college_agreement"), files: vec![agreement] }).await?;
    }
    Ok(())
}

fn of_kind(kind: &str) -> Fields {
    Fields(vec![("kind".to_owned(), kind.to_owned())])
}

/// Fills in the form; only its first two sections when it is not to be whole.
async fn fill_in(
    call: &Call,
    application: ApplicationId,
    district: &District,
    seats: u64,
    start: &str,
    whole: bool,
) -> Result<(), AppError> {
    let county = district.county_name;
    let short = district.name.trim_end_matches(" School District").trim_end_matches(" Consolidated").trim_end_matches(" Public");
    let college = colleges().into_iter().find(|college| college.ipeds_id == district.college).map_or("", |college| college.name);
    let served = district.enrollment.parse::<u64>().unwrap_or(0) * 3 / 10 + 1;
    let school = format!("{short} High School");
    let seats_text = seats.to_string();
    let served_text = served.to_string();
    let why = format!(
        "Synthetic answer. Students in {short} leave school without having met anyone who can tell them what work there is in {county} County and how to get it. A coach would meet each student twice a year and bring employers into the school."
    );
    let relationship = format!("Synthetic answer. Dual credit in two subjects with {college}; a shared welding program is planned.");
    let support =
        format!("Synthetic answer. Employers in {county} County promise places for visits and summer work; the letters say which.");
    let agreement = if has_agreement(district) { "yes" } else { "no" };
    let contact = format!("Federal programs office, {short}");
    let sections: [(&str, Vec<(&str, &str)>); 5] = [
        ("district", vec![("facts_right", "yes"), ("facts_wrong", ""), ("contact_name", &contact), ("contact_phone", "601-555-0123")]),
        ("need", vec![("why", &why), ("high_schools", &school), ("students_served", &served_text)]),
        ("coaches", vec![("seats", &seats_text), ("placement", &school), ("start_month", start)]),
        ("support", vec![("support", &support), ("employers", "")]),
        ("college", vec![("college", college), ("relationship", &relationship), ("agreement", agreement)]),
    ];
    for (section, answers) in sections.iter().take(if whole { 5 } else { 2 }) {
        let answers: SectionAnswers = answers.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect();
        applying::save_section(call, application, section, &answers, 0).await?;
    }
    Ok(())
}

async fn screen(desk: &Desk, cast: &Cast, round: RoundId, districts: &[District], applied: &[(usize, u64)]) -> Result<(), AppError> {
    let file = ProgramFile::parse(FINISHED).map_err(|problems| AppError::internal(format!("{problems:?}")))?;
    let (decided, scored) = (at("2023-05-09T09:00:00")?, at("2023-05-16T09:00:00")?);
    let file = &file;
    stream::iter(applied.iter().enumerate().map(Ok::<_, AppError>))
        .try_for_each_concurrent(AT_ONCE, |(order, (index, _))| async move {
            let district = &districts[*index];
            let application: ApplicationId = id(&format!("application {round} {}", district.nces_id));
            let later = i64::try_from(order).unwrap_or(0) * 300;
            let call = cast.manager.call(desk, decided.plus_seconds(later));
            let refused = ineligible(order);
            let reason =
                refused.unwrap_or("A local school district; it asks for coaches in high schools, and the form is complete.").to_owned();
            decide_eligibility(&call, application, &DecisionInput { eligible: Some(refused.is_none()), reason, seen: None }).await?;
            if refused.is_some() {
                return Ok(());
            }
            let call = cast.reviewer.call(desk, scored.plus_seconds(later));
            for criterion in &file.ranking.criteria {
                let Source::Rubric { anchors } = &criterion.source else { continue };
                let Some(chosen) = anchors.get(anchor(district, &criterion.key, anchors.len())) else { continue };
                let reason = format!("Synthetic score. {}", chosen.text);
                let input = ScoreInput { criterion: criterion.key.clone(), points: Some(chosen.points), reason, seen: None };
                score(&call, application, &input).await?;
            }
            Ok(())
        })
        .await
}

async fn award(desk: &Desk, cast: &Cast, round: RoundId) -> Result<(), AppError> {
    let proposed = at("2023-06-05T10:00:00")?;
    let allocation = id("allocation 2023-24");
    decide::work::propose(&cast.manager.call(desk, proposed), round, allocation).await?;
    decide::work::approve(&cast.approver.call(desk, at("2023-06-12T11:00:00")?), allocation, 1).await?;
    decide::work::tell(&cast.manager.call(desk, at("2023-06-14T09:00:00")?), round, &decide::work::Release::Now).await?;
    appeal(desk, cast, round).await?;
    decide::work::publish(&cast.manager.call(desk, at("2023-07-25T09:00:00")?), round, &decide::work::Release::Now).await
}

/// The highest of those not funded appeals, and somebody without a hand in the awards lets the decision stand.
async fn appeal(desk: &Desk, cast: &Cast, round: RoundId) -> Result<(), AppError> {
    let mut reader = desk.db.reader().await?;
    let outcomes = store::awards::outcomes(&mut reader.tx(), round).await?;
    drop(reader);
    let of = |outcome: &&store::awards::OutcomeOf| outcome.place.is_some() && outcome.units == 0;
    let Some(outcome) = outcomes.iter().find(of) else { return Ok(()) };
    let certifier = cast.certifiers.iter().find(|player| player.organization == outcome.applicant).ok_or(AppError::NotFound)?;
    let appeal = id("appeal 2023-24");
    let input = decide::work::AppealInput {
        id: appeal,
        ground: "rule_misapplied".to_owned(),
        statement: "Synthetic appeal. What was left after the last award could have gone to us in part.".to_owned(),
    };
    decide::work::submit_appeal(&certifier.call(desk, at("2023-06-20T15:00:00")?), outcome.application, &input).await?;
    let ruling = decide::work::RulingInput {
        upheld: Some(false),
        reason: "Synthetic ruling. Ninety cents were left after the last place that money reached, and the rule grants whole seats."
            .to_owned(),
        right: Vec::new(),
        seen: 1,
    };
    decide::work::rule(&cast.umpire.call(desk, at("2023-06-28T10:00:00")?), appeal, &ruling).await
}

/// Coaches in place before the open round: those of before, and the seats awarded in the finished one.
async fn coaches_after(desk: &Desk, finished: RoundId, open: RoundId, districts: &[District]) -> Result<Vec<Fact>, AppError> {
    let mut reader = desk.db.reader().await?;
    let lines = store::awards::lines_of_round(&mut reader.tx(), finished).await?;
    drop(reader);
    let mut facts: Vec<Fact> = districts
        .iter()
        .map(|district| {
            let mut fact = coaches_fact(district, open);
            let awarded: i64 = lines.iter().filter(|line| line.beneficiary == fact.organization.0).map(|line| line.units).sum();
            if awarded > 0 {
                fact.value += rust_decimal::Decimal::from(awarded);
                fact.source = "Coaches before, and the seats awarded in the round of 2023-24 of this demonstration".to_owned();
                fact.synthetic = true;
            }
            fact.year = Some(2024);
            fact
        })
        .collect();
    // The alliance has none; it is invented, and so is this.
    if let Some(first) = facts.first().cloned() {
        let organization: OrganizationId = id("community");
        let source = "Invented for the demonstration".to_owned();
        facts.push(Fact {
            id: id(&format!("fact community coaches {open}")),
            organization,
            value: 0.into(),
            place: "Jefferson County".to_owned(),
            source,
            synthetic: true,
            ..first
        });
    }
    Ok(facts)
}

/// Two weeks before the close a dozen districts have submitted and a few have begun; those with a desk in the demo have done nothing yet.
async fn begin_open_round(desk: &Desk, cast: &Cast, round: RoundId, districts: &[District]) -> Result<(), AppError> {
    let desks: Vec<&str> = super::cast::APPLICANTS.iter().map(|(key, ..)| *key).collect();
    let others = districts.iter().enumerate().filter(|(_, district)| !desks.contains(&district.nces_id)).step_by(7).take(18);
    let begun = at("2024-04-09T09:00:00")?;
    for (order, (index, district)) in others.enumerate() {
        let certifier = &cast.certifiers[index];
        let now = begun.plus_seconds(i64::try_from(order).unwrap_or(0) * 50_000);
        if order % 3 == 2 {
            let application: ApplicationId = id(&format!("application {round} {}", district.nces_id));
            applying::start(&certifier.call(desk, now), round, certifier.organization, application).await?;
            fill_in(&certifier.call(desk, now.plus_seconds(900)), application, district, 1, "August 2024", false).await?;
        } else {
            apply(desk, certifier, district, round, 1 + u64::from(order % 4 == 0), now, "August 2024").await?;
        }
    }
    Ok(())
}
