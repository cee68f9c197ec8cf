//! Program files, read back from their canonical form. A file never changes under its hash, so the last few stay in memory.

use crate::db::{Tx, one, optional};
use crate::error::{Error, Result};
use domain::program::ProgramFile;
use domain::{ProgramVersionId, RoundId};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, RwLock};

/// How many files are kept; a server has a few rounds running at a time.
const KEPT: usize = 64;

type Kept = RwLock<HashMap<String, Arc<ProgramFile>>>;

fn kept() -> &'static Kept {
    static KEPT_FILES: OnceLock<Kept> = OnceLock::new();
    KEPT_FILES.get_or_init(Kept::default)
}

/// The file of a hash, when it was read before.
fn cached(sha256: &str) -> Option<Arc<ProgramFile>> {
    kept().read().ok()?.get(sha256).cloned()
}

fn keep(sha256: String, file: &Arc<ProgramFile>) {
    // A poisoned lock only means reading the file again next time.
    if let Ok(mut files) = kept().write() {
        if files.len() >= KEPT {
            files.clear();
        }
        files.insert(sha256, Arc::clone(file));
    }
}

#[derive(sqlx::FromRow)]
struct FileRow {
    sha256: String,
    canonical: String,
}

fn read(row: FileRow) -> Result<Arc<ProgramFile>> {
    if let Some(file) = cached(&row.sha256) {
        return Ok(file);
    }
    let file = ProgramFile::from_canonical(&row.canonical).map_err(|cause| Error::inconsistent("program_versions", &row.sha256, cause))?;
    let file = Arc::new(file);
    keep(row.sha256, &file);
    Ok(file)
}

/// A round's program file.
///
/// # Errors
/// [`Error::Missing`] when there is no such round; the store's failure.
pub async fn file_of_round(tx: &mut Tx<'_>, round: RoundId) -> Result<Arc<ProgramFile>> {
    let row = optional!(
        tx,
        FileRow,
        "SELECT v.sha256, v.canonical FROM rounds r JOIN program_versions v ON v.id = r.program_version WHERE r.id = $1",
        round.0
    )?;
    read(row.ok_or(Error::Missing { noun: "round" })?)
}

/// The program file of a version.
///
/// # Errors
/// [`Error::Missing`] when there is no such version; the store's failure.
pub async fn file_of_version(tx: &mut Tx<'_>, version: ProgramVersionId) -> Result<Arc<ProgramFile>> {
    let row = optional!(tx, FileRow, "SELECT sha256, canonical FROM program_versions WHERE id = $1", version.0)?;
    read(row.ok_or(Error::Missing { noun: "program file" })?)
}

/// A round's program file, by the hash that the round's row carries: no statement when it was read before, one the first time.
///
/// # Errors
/// As [`file_of_version`].
pub async fn file_of(tx: &mut Tx<'_>, of: &super::RoundOf) -> Result<Arc<ProgramFile>> {
    file_by_hash(tx, of.round.program_version, &of.file_sha256).await
}

/// The program file of a version whose hash is known: no statement when it was read before.
///
/// # Errors
/// As [`file_of_version`].
pub async fn file_by_hash(tx: &mut Tx<'_>, version: ProgramVersionId, sha256: &str) -> Result<Arc<ProgramFile>> {
    match cached(sha256) {
        Some(file) => Ok(file),
        None => file_of_version(tx, version).await,
    }
}

/// A round's program file as it was imported, and its canonical form.
///
/// # Errors
/// The store's failure, also when there is no such round.
pub async fn source_of_round(tx: &mut Tx<'_>, round: RoundId) -> Result<(String, String)> {
    Ok(one!(
        tx,
        (String, String),
        "SELECT v.source_toml, v.canonical FROM rounds r JOIN program_versions v ON v.id = r.program_version WHERE r.id = $1",
        round.0
    )?)
}

/// A program file as it was imported, and its canonical form.
///
/// # Errors
/// The store's failure, also when there is no such version.
pub async fn source_of_version(tx: &mut Tx<'_>, version: ProgramVersionId) -> Result<(String, String)> {
    Ok(one!(tx, (String, String), "SELECT source_toml, canonical FROM program_versions WHERE id = $1", version.0)?)
}
