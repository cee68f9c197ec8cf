//! Matching a program file with what is on record, and saying in words what importing it would do. Nothing is written here.

use crate::call::Call;
use crate::error::{AppError, Problem};
use domain::OrganizationId;
use domain::access::{Action, Subject};
use domain::program::{Appropriation, ProgramFile};
use std::collections::{BTreeMap, BTreeSet};
use store::Tx;
use store::programs::{self, Appropriated, Known, Program, RoundOf};

/// What a file's names stand for.
#[derive(Debug)]
pub struct Matched {
    /// The agency.
    pub agency: OrganizationId,
    /// The program, when it is on record.
    pub program: Option<Program>,
    /// The round, when it is on record.
    pub round: Option<RoundOf>,
    /// The program's appropriations on record.
    pub appropriations: Vec<Appropriated>,
    /// Regional organizations on record, by folded name.
    pub regions: BTreeMap<String, OrganizationId>,
    /// Members: the region's key and the organization.
    pub members: Vec<(String, OrganizationId)>,
    /// Counties of the file in which no district or community is on record.
    pub empty_counties: Vec<String>,
    /// Recipients that the law names and that nobody on record is called.
    pub unknown_recipients: Vec<String>,
}

impl Matched {
    /// The appropriation on record that a file's one names.
    #[must_use]
    pub fn appropriation(&self, terms: &Appropriation) -> Option<&Appropriated> {
        self.appropriations.iter().find(|known| {
            known.bill == terms.bill
                && known.section == terms.section
                && known.fund_source == terms.fund_source
                && known.fiscal_year == i64::from(terms.fiscal_year)
        })
    }
}

/// Whether a file gives an appropriation other terms than those on record.
#[must_use]
pub fn differs(known: &Appropriated, terms: &Appropriation) -> bool {
    known.amount != terms.amount
        || known.begins_on != terms.begins_on
        || known.lapses_on != terms.lapses_on
        || known.citation != terms.citation
}

/// Finds what a file's names stand for, and refuses what can't be imported.
///
/// # Errors
/// [`AppError::Invalid`] with every name that stands for nothing; [`AppError::Conflict`] for an opened round; a refusal by the access table.
pub async fn match_file(tx: &mut Tx<'_>, call: &Call, text: &str, file: &ProgramFile) -> Result<Matched, AppError> {
    let agency = find_agency(tx, text, file).await?;
    call.must(Action::RunPrograms, Subject { agency: Some(agency.0), owner: None }).map_err(|refused| match refused {
        AppError::SignIn => AppError::SignIn,
        _ => AppError::Forbidden(format!("This file belongs to {}. A program manager there can import it.", agency.1)),
    })?;
    let program = programs::find_program(tx, &file.program.slug).await?;
    if let Some(other) = program.as_ref().filter(|program| program.agency != agency.0) {
        let problem = format!("“{}” is already a program of {}. Choose another slug.", file.program.slug, other.agency_name);
        return Err(AppError::Invalid(vec![at(text, &file.program.slug, "program.slug", &problem)]));
    }
    let round = programs::round_by_slug(tx, &file.program.slug, &file.round.slug).await?;
    refuse_opened(file, round.as_ref())?;
    match_names(tx, text, file, agency.0, program, round).await
}

/// Finds what a file's names stand for, of a program and round that are found already.
///
/// # Errors
/// [`AppError::Invalid`] with every name that stands for nothing.
pub(super) async fn match_names(
    tx: &mut Tx<'_>,
    text: &str,
    file: &ProgramFile,
    agency: OrganizationId,
    program: Option<Program>,
    round: Option<RoundOf>,
) -> Result<Matched, AppError> {
    let appropriations = match &program {
        Some(program) => programs::appropriations_of(tx, program.id).await?,
        None => Vec::new(),
    };
    let known = programs::known_members(tx).await?;
    let regions = programs::regions_named(tx).await?.into_iter().map(|(id, folded)| (folded, id)).collect();
    let mut problems = unknown_districts(text, file, &known);
    let (members, empty_counties) = members(file, &known);
    let unknown_recipients = unknown_recipients(file, &known);
    let matched = Matched { agency, program, round, appropriations, regions, members, empty_counties, unknown_recipients };
    problems.extend(locked_terms(tx, text, file, &matched).await?);
    if problems.is_empty() { Ok(matched) } else { Err(AppError::Invalid(problems)) }
}

async fn find_agency(tx: &mut Tx<'_>, text: &str, file: &ProgramFile) -> Result<(OrganizationId, String), AppError> {
    let agency = &file.agency;
    let found = programs::agencies_named(tx, &agency.name.to_lowercase(), &agency.short_name.to_lowercase()).await?;
    found.into_iter().next().ok_or_else(|| {
        let problem = format!(
            "No agency called “{}” or “{}” is on record. Write its name as it stands under People, or have it added there first.",
            agency.name, agency.short_name
        );
        AppError::Invalid(vec![at(text, &agency.name, "agency.name", &problem)])
    })
}

/// An opened round's file is locked; only the very same file passes.
fn refuse_opened(file: &ProgramFile, round: Option<&RoundOf>) -> Result<(), AppError> {
    let Some(of) = round else { return Ok(()) };
    let Some(opened) = &of.round.opened else { return Ok(()) };
    if file.sha256().map_err(AppError::internal)? == opened.sha256 {
        return Ok(());
    }
    Err(AppError::Conflict(format!(
        "The round “{}” was opened on {} and its program file is locked, so it can’t be changed by an import. Propose an amendment on \
         the round’s page; for a new call, give the round another slug.",
        of.round.name,
        opened.at.say_in(of.round.zone)
    )))
}

fn unknown_districts(text: &str, file: &ProgramFile, known: &[Known]) -> Vec<Problem> {
    let on_record: BTreeSet<&str> = known.iter().filter_map(|known| known.nces_id.as_deref()).collect();
    let regions = file.regions.iter().flat_map(|region| region.districts.iter().map(move |id| (region, id)));
    regions
        .filter(|(_, id)| !on_record.contains(id.as_str()))
        .map(|(region, id)| {
            let problem = format!("{id} ({}) is the NCES id of no district on record.", region.name);
            at(text, id, "regions.districts", &problem)
        })
        .collect()
}

/// Every district and community that the file places in a region, and the counties where nobody is on record.
fn members(file: &ProgramFile, known: &[Known]) -> (Vec<(String, OrganizationId)>, Vec<String>) {
    let placed = known.iter().filter_map(|known| {
        let region = file.region_of(known.nces_id.as_deref(), known.county_fips.as_deref())?;
        Some((region.key.clone(), known.organization))
    });
    let counties: BTreeSet<&str> = known.iter().filter_map(|known| known.county_fips.as_deref()).collect();
    let named = file.regions.iter().flat_map(|region| &region.counties);
    (placed.collect(), named.filter(|fips| !counties.contains(fips.as_str())).cloned().collect())
}

fn unknown_recipients(file: &ProgramFile, known: &[Known]) -> Vec<String> {
    let Some(named) = &file.named else { return Vec::new() };
    let on_record: BTreeSet<&str> = known.iter().filter_map(|known| Some(named.recipient_of(&known.name)?.1.key.as_str())).collect();
    let missing = named.recipients.iter().filter(|recipient| !on_record.contains(recipient.key.as_str()));
    missing.map(|recipient| recipient.name.clone()).collect()
}

async fn locked_terms(tx: &mut Tx<'_>, text: &str, file: &ProgramFile, matched: &Matched) -> Result<Vec<Problem>, AppError> {
    let Some(program) = &matched.program else { return Ok(Vec::new()) };
    let used = programs::appropriations_used(tx, program.id).await?;
    let locked = file.appropriations.iter().filter_map(|terms| {
        let known = matched.appropriation(terms).filter(|known| used.contains(&known.id) && differs(known, terms))?;
        let problem = format!(
            "The appropriation {} pays for a round that was opened, so its terms are locked: {} from {} to {}, citation “{}”.",
            known.bill, known.amount, known.begins_on, known.lapses_on, known.citation
        );
        Some(at(text, &terms.key, "appropriations", &problem))
    });
    Ok(locked.collect())
}

/// A problem of a field, at the first line that holds its value in quotation marks.
fn at(text: &str, value: &str, field: &str, problem: &str) -> Problem {
    let quoted = format!("\"{value}\"");
    match text.lines().position(|line| line.contains(&quoted)) {
        Some(index) => Problem::new("text", format!("Line {}, {field}: {problem}", index + 1)),
        None => Problem::new("text", format!("{field}: {problem}")),
    }
}

/// What an import would do, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The file as it would be kept.
    pub text: String,
    /// SHA-256 of its canonical form.
    pub sha256: String,
    /// What would be created or changed, a sentence each; empty when the file is on record already.
    pub changes: Vec<String>,
    /// What is worth knowing before.
    pub notes: Vec<String>,
    /// The file in plain sentences.
    pub summary: Vec<String>,
}

/// Says what importing a matched file would do.
///
/// # Errors
/// An internal error when the file has no canonical form, which no file that was read gives.
pub fn tell(text: String, file: &ProgramFile, matched: &Matched) -> Result<Plan, AppError> {
    let sha256 = file.sha256().map_err(AppError::internal)?;
    let summary = file.summary().map_err(AppError::internal)?;
    let same = matched.round.as_ref().is_some_and(|of| of.file_sha256 == sha256);
    let changes = if same { Vec::new() } else { changes(file, matched) };
    let mut notes = Vec::new();
    if !matched.empty_counties.is_empty() {
        notes.push(format!(
            "No district or community is on record in these counties yet: {}. Whoever applies from there later still belongs to the region.",
            matched.empty_counties.join(", ")
        ));
    }
    if !matched.unknown_recipients.is_empty() {
        notes.push(format!(
            "The law names recipients that no district or community on record is called: {}. Each can apply once it is on record under \
             that very name.",
            matched.unknown_recipients.join("; ")
        ));
    }
    Ok(Plan { text, sha256, changes, notes, summary })
}

fn changes(file: &ProgramFile, matched: &Matched) -> Vec<String> {
    let mut changes = Vec::new();
    let program = &file.program;
    match &matched.program {
        None => changes.push(format!("Create the program “{}” at /programs/{}.", program.name, program.slug)),
        Some(known) if known.name != program.name || known.summary != program.summary => {
            changes.push(format!("Change the name or summary of “{}”.", known.name));
        }
        Some(_) => {}
    }
    for terms in &file.appropriations {
        match matched.appropriation(terms) {
            None => changes.push(format!("Add the appropriation {}, {}: {}.", terms.bill, terms.section, terms.amount)),
            Some(known) if differs(known, terms) => {
                changes.push(format!("Change the appropriation {}: {}, was {}.", terms.bill, terms.amount, known.amount));
            }
            Some(_) => {}
        }
    }
    let deadline = file.round.closes.say_in(file.round.zone);
    match &matched.round {
        None => changes.push(format!("Create the round “{}”, closing {deadline}. It stays shut until you open it.", file.round.name)),
        Some(of) if of.round.closes_at == file.round.closes => changes.push(format!("Replace the file of the round “{}”.", of.round.name)),
        Some(of) => {
            changes.push(format!("Replace the file of the round “{}”; it closes {deadline}, was {}.", of.round.name, of.round.deadline()));
        }
    }
    for region in &file.regions {
        let members = matched.members.iter().filter(|(key, _)| *key == region.key).count();
        let known = matched.regions.contains_key(&region.name.to_lowercase());
        let new = if known { "" } else { " It is not on record yet and will be added." };
        changes.push(format!("{} serves {members} districts and communities.{new}", region.name));
    }
    changes
}
