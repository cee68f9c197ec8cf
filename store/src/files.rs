//! Uploaded files: the rows. The bytes lie in the files folder, outside the web root, under the row's id; a row is written only after
//! its bytes are safely there.

use crate::db::{Tx, all, execute, optional};
use crate::error::{Result, changed_one};
use chrono::{DateTime, Utc};
use domain::access::Subject;
use domain::{ApplicationId, FileId, PersonId, Timestamp};
use uuid::Uuid;

/// A file of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its id, which is also the name of its bytes.
    pub id: FileId,
    /// The application.
    pub application: ApplicationId,
    /// `support_letter` or `college_agreement`.
    pub kind: String,
    /// The name, cleaned.
    pub name: String,
    /// What its content is.
    pub media_type: String,
    /// Its size.
    pub bytes: i64,
    /// SHA-256 of its content.
    pub sha256: String,
    /// When it was uploaded.
    pub uploaded_at: Timestamp,
    /// Whether it was invented for a demonstration, and so has no bytes.
    pub synthetic: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    application: Uuid,
    kind: String,
    name: String,
    media_type: String,
    bytes: i64,
    sha256: String,
    uploaded_at: DateTime<Utc>,
    synthetic: bool,
}

impl From<Row> for File {
    fn from(row: Row) -> Self {
        let Row { id, application, kind, name, media_type, bytes, sha256, uploaded_at, synthetic } = row;
        let (id, application) = (id.into(), application.into());
        Self { id, application, kind, name, media_type, bytes, sha256, uploaded_at: Timestamp::new(uploaded_at), synthetic }
    }
}

#[derive(sqlx::FromRow)]
struct OwnedRow {
    agency: Uuid,
    applicant: Uuid,
    #[sqlx(flatten)]
    file: Row,
}

/// Adds a file whose bytes are stored.
///
/// # Errors
/// The store's failure; a unique violation when the id is there.
pub async fn add(tx: &mut Tx<'_>, file: &File, by: PersonId) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO files (id, application, kind, name, media_type, bytes, sha256, uploaded_by, uploaded_at, synthetic)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        file.id.0,
        file.application.0,
        file.kind.as_str(),
        file.name.as_str(),
        file.media_type.as_str(),
        file.bytes,
        file.sha256.as_str(),
        by.0,
        file.uploaded_at.utc(),
        file.synthetic
    )?;
    Ok(())
}

/// An application's files, in the order of their upload, without those removed.
///
/// # Errors
/// The store's failure.
pub async fn list_of(tx: &mut Tx<'_>, application: ApplicationId) -> Result<Vec<File>> {
    let rows = all!(
        tx,
        Row,
        "SELECT id, application, kind, name, media_type, bytes, sha256, uploaded_at, synthetic FROM files
         WHERE application = $1 AND removed_at IS NULL ORDER BY uploaded_at, name, id",
        application.0
    )?;
    Ok(rows.into_iter().map(File::from).collect())
}

/// A file, and whose it is; none when it was removed.
///
/// # Errors
/// The store's failure.
pub async fn find(tx: &mut Tx<'_>, id: FileId) -> Result<Option<(File, Subject)>> {
    let row = optional!(
        tx,
        OwnedRow,
        "SELECT f.id, f.application, f.kind, f.name, f.media_type, f.bytes, f.sha256, f.uploaded_at, f.synthetic, p.agency, a.applicant
         FROM files f JOIN applications a ON a.id = f.application JOIN rounds r ON r.id = a.round JOIN programs p ON p.id = r.program
         WHERE f.id = $1 AND f.removed_at IS NULL",
        id.0
    )?;
    Ok(row.map(|row| {
        let subject = Subject { agency: Some(row.agency.into()), owner: Some(row.applicant.into()) };
        (File::from(row.file), subject)
    }))
}

/// Takes a file off its application. The bytes stay, for an auditor.
///
/// # Errors
/// [`crate::Error::Conflict`] when it was removed meanwhile; the store's failure.
pub async fn record_removed(tx: &mut Tx<'_>, id: FileId, application: ApplicationId, at: Timestamp) -> Result<()> {
    let changed = execute!(
        tx,
        "UPDATE files SET removed_at = $3 WHERE id = $1 AND application = $2 AND removed_at IS NULL",
        id.0,
        application.0,
        at.utc()
    )?;
    changed_one(changed, "file")
}
