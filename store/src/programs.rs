//! Programs, the versions of their files, the appropriations behind them, their rounds and regions. Whether a round is open is not a
//! column: the domain derives it from the clock.

mod files;
mod record;
mod regions;
pub(crate) mod rounds;

pub use files::{file_by_hash, file_of, file_of_round, file_of_version, source_of_round, source_of_version};
pub use record::{
    Appropriated, NewProgram, NewVersion, PotOf, add_appropriation, add_program, add_round, add_version, appropriations_of,
    appropriations_used, held_in_pots, last_version, next_number, pots_of, record_amended, record_held_back, record_opened,
    record_published, replace_round, set_appropriation, set_pots, set_program,
};
pub use regions::{
    Known, Member, Region, add_member, add_region, agencies_named, clear_regions, known_members, members, region_of, regions, regions_named,
};
pub(crate) use rounds::RoundRow;
pub use rounds::{RoundOf, find_round, find_round_of, list_rounds, round_by_slug, round_with_file, rounds_of};

use crate::db::{Tx, all, optional};
use crate::error::Result;
use domain::{OrganizationId, ProgramId};
use uuid::Uuid;

/// A program of a legislature's money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its id.
    pub id: ProgramId,
    /// The name in addresses.
    pub slug: String,
    /// The agency that runs it.
    pub agency: OrganizationId,
    /// The agency's name.
    pub agency_name: String,
    /// The name people read.
    pub name: String,
    /// What it does, in plain words.
    pub summary: String,
}

#[derive(sqlx::FromRow)]
struct ProgramRow {
    id: Uuid,
    slug: String,
    agency: Uuid,
    agency_name: String,
    name: String,
    summary: String,
}

impl From<ProgramRow> for Program {
    fn from(row: ProgramRow) -> Self {
        let ProgramRow { id, slug, agency, agency_name, name, summary } = row;
        Self { id: id.into(), slug, agency: agency.into(), agency_name, name, summary }
    }
}

/// The program of an address.
///
/// # Errors
/// The store's failure.
pub async fn find_program(tx: &mut Tx<'_>, slug: &str) -> Result<Option<Program>> {
    let row = optional!(
        tx,
        ProgramRow,
        "SELECT p.id, p.slug, p.agency, o.name AS agency_name, p.name, p.summary
         FROM programs p JOIN organizations o ON o.id = p.agency WHERE p.slug = $1",
        slug
    )?;
    Ok(row.map(Program::from))
}

/// All programs, by name.
///
/// # Errors
/// The store's failure.
pub async fn list_programs(tx: &mut Tx<'_>) -> Result<Vec<Program>> {
    let rows = all!(
        tx,
        ProgramRow,
        "SELECT p.id, p.slug, p.agency, o.name AS agency_name, p.name, p.summary
         FROM programs p JOIN organizations o ON o.id = p.agency ORDER BY p.name, p.id"
    )?;
    Ok(rows.into_iter().map(Program::from).collect())
}
