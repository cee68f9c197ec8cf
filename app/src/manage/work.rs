//! Importing a program file and opening its round. The file decides everything a round is; these use cases only match its names with the
//! organizations on record, write the rows, and lock the file when the round opens.

use super::plan::{self, Matched};
use crate::call::{Call, mint};
use crate::error::{AppError, Problem};
use crate::sessions::{fresh_secret, sha256_hex};
use domain::access::{Action, OrganizationKind, Subject};
use domain::program::{Appropriation, ProgramFile};
use domain::round::Round;
use domain::{AppropriationId, OrganizationId, ProgramId, ProgramVersionId, RoundId, Zone};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::programs::{self, NewProgram, NewVersion};
use store::{Tx, ledger};
use uuid::Uuid;

/// The longest program file taken, in bytes; a state with a thousand districts needs a tenth of it.
pub const LONGEST: usize = 1_000_000;

/// What an import did to the round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The round is new.
    Created,
    /// The round was not opened yet and is now made from this file.
    Replaced,
    /// The round was made from this very file before.
    Unchanged,
}

/// An import's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The program's slug.
    pub program: String,
    /// The round.
    pub round: RoundId,
    /// What became of it.
    pub change: Change,
}

/// Reads a program file as it was pasted or uploaded.
///
/// # Errors
/// [`AppError::Invalid`] with every problem, each naming its line and field; [`AppError::TooLarge`].
pub fn read(text: &str) -> Result<(String, ProgramFile), AppError> {
    if text.len() > LONGEST {
        return Err(AppError::TooLarge("The file is longer than a million characters, so it can't be a program file.".to_owned()));
    }
    // Browsers send a text area's lines with CR LF; the file is kept with LF, as it was written.
    let text = text.replace("\r\n", "\n");
    if text.trim().is_empty() {
        return Err(AppError::field("text", "Paste a program file, or choose one to upload."));
    }
    match ProgramFile::parse(&text) {
        Ok(file) => Ok((text, file)),
        Err(problems) => {
            let problem = |problem: domain::program::FileProblem| {
                let mut sentence = problem.to_string();
                if let Some(first) = sentence.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                Problem::new("text", sentence)
            };
            Err(AppError::Invalid(problems.into_iter().map(problem).collect()))
        }
    }
}

/// What an import would do, without doing it.
///
/// # Errors
/// As [`import`].
pub async fn preview(call: &Call, text: &str) -> Result<plan::Plan, AppError> {
    let (text, file) = read(text)?;
    let mut reader = call.reader().await?;
    let matched = plan::match_file(&mut reader.tx(), call, &text, &file).await?;
    plan::tell(text, &file, &matched)
}

/// Imports a program file: the program, its appropriations, its round with regions and members. A round that was not opened is made anew
/// from the file; importing the same file again changes nothing.
///
/// # Errors
/// [`AppError::Invalid`] with every problem of the file; [`AppError::Conflict`] when the round was opened and the file differs; a refusal
/// by the access table.
pub async fn import(call: &Call, text: &str) -> Result<Imported, AppError> {
    let (text, file) = read(text)?;
    let (text, file, whose): (Arc<str>, _, _) = (text.into(), Arc::new(file), call.clone());
    call.write(move |tx| {
        let (text, file, call) = (Arc::clone(&text), Arc::clone(&file), whose.clone());
        Box::pin(async move {
            let matched = plan::match_file(tx, &call, &text, &file).await?;
            record(tx, &call, &text, &file, matched).await
        })
    })
    .await
}

async fn record(tx: &mut Tx<'_>, call: &Call, text: &str, file: &ProgramFile, matched: Matched) -> Result<Imported, AppError> {
    let sha256 = file.sha256().map_err(AppError::internal)?;
    if let Some(of) = &matched.round
        && of.file_sha256 == sha256
    {
        return Ok(Imported { program: file.program.slug.clone(), round: of.round.id, change: Change::Unchanged });
    }
    let program = record_program(tx, call, file, &matched).await?;
    let version = NewVersion {
        id: mint(call.now),
        program,
        version: programs::last_version(tx, program).await? + 1,
        source_toml: text.to_owned(),
        canonical: file.canonical().map_err(AppError::internal)?,
        sha256,
        at: call.now,
        by: call.actor.person,
    };
    programs::add_version(tx, &version).await?;
    let appropriations = record_appropriations(tx, call, program, file, &matched).await?;
    let Some(appropriation) = appropriations.get(file.round.appropriation.as_str()).copied() else {
        return Err(AppError::internal("a program file was read without its round's appropriation"));
    };
    let (round, change) = record_round(tx, file, &matched, (program, version.id, appropriation), mint(call.now)).await?;
    record_regions(tx, call, file, &matched, round).await?;
    let pots = file
        .allocation
        .before
        .iter()
        .filter_map(|pot| Some((pot.appropriation.as_str(), *appropriations.get(pot.appropriation.as_str())?)));
    programs::set_pots(tx, round, &pots.collect::<Vec<_>>()).await?;
    let on = Subject { agency: Some(matched.agency), owner: None };
    let mut event = call.event(on, "round", round.0, if change == Change::Created { "created" } else { "replaced" });
    event.to = Some("not opened".to_owned());
    event.facts = serde_json::json!({
        "program": file.program.slug, "round": file.round.slug, "file_version": version.version, "file_sha256": version.sha256
    });
    store::events::add(tx, &event).await?;
    Ok(Imported { program: file.program.slug.clone(), round, change })
}

async fn record_program(tx: &mut Tx<'_>, call: &Call, file: &ProgramFile, matched: &Matched) -> Result<ProgramId, AppError> {
    let terms = &file.program;
    if let Some(program) = &matched.program {
        programs::set_program(tx, program.id, &terms.name, &terms.summary).await?;
        return Ok(program.id);
    }
    let program = NewProgram {
        id: mint(call.now),
        slug: terms.slug.clone(),
        agency: matched.agency,
        name: terms.name.clone(),
        summary: terms.summary.clone(),
        at: call.now,
    };
    programs::add_program(tx, &program).await?;
    let on = Subject { agency: Some(matched.agency), owner: None };
    let mut event = call.event(on, "program", program.id.0, "created");
    event.facts = serde_json::json!({ "slug": terms.slug, "name": terms.name });
    store::events::add(tx, &event).await?;
    Ok(program.id)
}

/// Each appropriation's id by its key in the file.
pub(super) async fn record_appropriations<'f>(
    tx: &mut Tx<'_>,
    call: &Call,
    program: ProgramId,
    file: &'f ProgramFile,
    matched: &Matched,
) -> Result<BTreeMap<&'f str, AppropriationId>, AppError> {
    let mut ids = BTreeMap::new();
    for terms in &file.appropriations {
        let id = match matched.appropriation(terms) {
            Some(known) => {
                if plan::differs(known, terms) {
                    programs::set_appropriation(tx, known.id, terms).await?;
                }
                known.id
            }
            None => add_appropriation(tx, call, program, terms).await?,
        };
        ids.insert(terms.key.as_str(), id);
    }
    Ok(ids)
}

async fn add_appropriation(tx: &mut Tx<'_>, call: &Call, program: ProgramId, terms: &Appropriation) -> Result<AppropriationId, AppError> {
    let id = mint(call.now);
    programs::add_appropriation(tx, id, program, terms).await?;
    Ok(id)
}

async fn record_round(
    tx: &mut Tx<'_>,
    file: &ProgramFile,
    matched: &Matched,
    (program, program_version, appropriation): (ProgramId, ProgramVersionId, AppropriationId),
    fresh: RoundId,
) -> Result<(RoundId, Change), AppError> {
    let terms = &file.round;
    let earlier = matched.round.as_ref().map(|of| &of.round);
    let round = Round {
        id: earlier.map_or(fresh, |round| round.id),
        program,
        agency: matched.agency,
        program_version,
        appropriation,
        slug: terms.slug.clone(),
        name: terms.name.clone(),
        zone: terms.zone,
        opens_at: terms.opens,
        closes_at: terms.closes,
        questions_until: terms.questions_until,
        award_on: terms.award_on,
        seed: terms.seed.clone().unwrap_or_default(),
        opened: None,
        published_at: None,
        last_number: 0,
        version: earlier.map_or(0, |round| round.version),
    };
    if earlier.is_some() {
        programs::replace_round(tx, &round).await?;
        Ok((round.id, Change::Replaced))
    } else {
        programs::add_round(tx, &round).await?;
        Ok((round.id, Change::Created))
    }
}

pub(super) async fn record_regions(
    tx: &mut Tx<'_>,
    call: &Call,
    file: &ProgramFile,
    matched: &Matched,
    round: RoundId,
) -> Result<(), AppError> {
    programs::clear_regions(tx, round).await?;
    for region in &file.regions {
        let organization = match matched.regions.get(&region.name.to_lowercase()) {
            Some(known) => *known,
            None => add_organization(tx, call, &region.name, &region.citation).await?,
        };
        programs::add_region(tx, round, organization, &region.key, region.synthetic).await?;
        for member in matched.members.iter().filter(|(key, _)| *key == region.key) {
            programs::add_member(tx, round, organization, member.1).await?;
        }
    }
    Ok(())
}

async fn add_organization(tx: &mut Tx<'_>, call: &Call, name: &str, source: &str) -> Result<OrganizationId, AppError> {
    let organization = store::organizations::Organization {
        id: mint(call.now),
        kind: OrganizationKind::Region,
        name: name.to_owned(),
        nces_id: None,
        ipeds_id: None,
        county_fips: None,
        county_name: None,
        planning_district: None,
        latitude: None,
        longitude: None,
        source: source.to_owned(),
    };
    store::organizations::add(tx, &organization).await?;
    Ok(organization.id)
}

/// Opens a round: locks its program file by hash and enters its appropriation in the ledger. Pressing the button twice opens it once.
///
/// # Errors
/// [`AppError::Conflict`] when it was opened before, its deadline has passed, or `version` is not the row's; a refusal by the access table.
pub async fn open_round(call: &Call, round: RoundId, version: i64) -> Result<Round, AppError> {
    let (whose, drawn) = (call.clone(), fresh_secret()?);
    call.write(move |tx| {
        let (call, drawn) = (whose.clone(), drawn.clone());
        Box::pin(async move { open(tx, &call, round, version, &drawn).await })
    })
    .await
}

async fn open(tx: &mut Tx<'_>, call: &Call, round: RoundId, version: i64, drawn: &str) -> Result<Round, AppError> {
    let of = programs::find_round_of(tx, round).await?.ok_or(AppError::NotFound)?;
    let on = Subject { agency: Some(of.round.agency), owner: None };
    call.must(Action::RunPrograms, on)?;
    let again = of.round.opened.is_some() && of.round.version == version + 1;
    if again {
        return Ok(of.round);
    }
    let zone: Zone = of.round.zone;
    let opened = of.round.with_seed(drawn).open(call.now, &of.file_sha256).map_err(|refused| AppError::Conflict(refused.to_string()))?;
    if opened.version != version {
        return Err(store::Error::Conflict { noun: "round" }.into());
    }
    programs::record_opened(tx, &opened).await?;
    let (now, person) = (call.now, call.actor.person);
    ledger::open_appropriation(tx, opened.appropriation, of.amount, &move || mint::<Uuid>(now), person, now).await?;
    for pot in programs::pots_of(tx, round).await? {
        ledger::open_appropriation(tx, pot.appropriation, pot.amount, &move || mint::<Uuid>(now), person, now).await?;
    }
    let mut event = call.event(on, "round", round.0, "opened");
    event.from = Some("not opened".to_owned());
    event.to = Some("open".to_owned());
    event.facts = serde_json::json!({
        "file_sha256": of.file_sha256, "closes": opened.closes_at.say_in(zone), "appropriated": of.amount.plain(),
        "seed_sha256": sha256_hex(&opened.seed),
    });
    store::events::add(tx, &event).await?;
    Ok(opened)
}
