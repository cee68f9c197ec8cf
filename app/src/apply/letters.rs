//! Letters: a plain upload that works without script. The bytes are judged by their content, written under a minted name in the files
//! folder, flushed to the disk, and only then does a row name them. A row without bytes can't be; bytes without a row harm nobody.

use crate::apply::work;
use crate::call::{Call, mint};
use crate::error::{AppError, Problem};
use crate::form::Fields;
use crate::sessions::sha256_hex;
use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use domain::access::Action;
use domain::sniff::{Media, clean_name};
use domain::{ApplicationId, FileId};
use http::StatusCode;
use std::collections::BTreeSet;
use std::path::Path;
use store::files::File;
use store::{applications, events, files};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

/// One file may be at most so large.
pub const FILE_BYTES: usize = 10 * 1024 * 1024;
/// An application may hold at most so many files.
pub const FILES: usize = 10;
/// One upload may be at most so large, its wrapping included.
pub const UPLOAD_BYTES: usize = FILES * FILE_BYTES + 64 * 1024;

/// An agreement with a college, as stored.
pub const AGREEMENT: &str = "college_agreement";
/// The kinds of letter: as stored and as people say.
pub const KINDS: [(&str, &str); 2] = [("support_letter", "Letter of support"), (AGREEMENT, "Agreement with a college")];

/// A file as it came.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The name, cleaned.
    pub name: String,
    /// The content.
    pub bytes: Vec<u8>,
}

/// A whole upload.
#[derive(Clone, Debug, Default)]
pub struct Uploads {
    /// The form's other fields.
    pub fields: Fields,
    /// The files.
    pub files: Vec<Upload>,
}

fn broken(error: &MultipartError) -> AppError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        too_large()
    } else {
        AppError::Bad(
            "The upload did not arrive whole, so nothing was saved. Please try again; on a slow line, send one file at a time.".to_owned(),
        )
    }
}

fn too_large() -> AppError {
    AppError::TooLarge(
        "A file is larger than 10 MB, so nothing was saved. Make it smaller, for example by scanning at a lower resolution, and try again."
            .to_owned(),
    )
}

/// Reads an upload.
///
/// # Errors
/// [`AppError::Bad`] when it is cut off; [`AppError::TooLarge`].
pub async fn read(mut multipart: Multipart) -> Result<Uploads, AppError> {
    let mut uploads = Uploads::default();
    while let Some(field) = multipart.next_field().await.map_err(|error| broken(&error))? {
        match field.name() {
            Some("files") => {
                let name = field.file_name().unwrap_or_default().to_owned();
                let bytes = whole(field).await?;
                // A form without a chosen file sends one without a name.
                if name.is_empty() && bytes.is_empty() {
                    continue;
                }
                if uploads.files.len() == FILES {
                    return Err(AppError::TooLarge(format!("At most {FILES} files can be uploaded; nothing was saved.")));
                }
                uploads.files.push(Upload { name: clean_name(&name), bytes });
            }
            Some(name) => {
                let name = name.to_owned();
                let text = field.text().await.map_err(|error| broken(&error))?;
                if text.contains('\0') {
                    return Err(AppError::Bad("The form could not be read.".to_owned()));
                }
                uploads.fields.0.push((name, text));
            }
            None => {}
        }
    }
    Ok(uploads)
}

async fn whole(mut field: Field<'_>) -> Result<Vec<u8>, AppError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error))? {
        if bytes.len() + chunk.len() > FILE_BYTES {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Adds the files of one upload to a draft: all of them, or none.
///
/// # Errors
/// [`AppError::Invalid`] naming each file that can't be taken; [`AppError::Conflict`] when the application is submitted or the round closed.
pub async fn add(call: &Call, id: ApplicationId, uploads: Uploads) -> Result<(), AppError> {
    // Asked before anything touches the disk, and again where the rows are written.
    let mut reader = call.reader().await?;
    let found = work::find(&mut reader.tx(), call, id, Action::EditApplication).await?;
    drop(reader);
    found.application.save_section(&found.of.round, call.now)?;
    let judged = judge(call, id, &uploads)?;
    let ids: Vec<Uuid> = judged.iter().map(|file| file.id.0).collect();
    let folder = &call.desk.house.files;
    for (file, upload) in judged.iter().zip(&uploads.files) {
        if let Err(failed) = keep(folder, file.id.0, &upload.bytes).await {
            forget(folder, &ids).await;
            return Err(AppError::internal(failed));
        }
    }
    let (mover, rows) = (call.clone(), judged.clone());
    let written = call
        .write(move |tx| {
            let (call, rows) = (mover.clone(), rows.clone());
            Box::pin(async move {
                let found = work::find(tx, &call, id, Action::EditApplication).await?;
                let subject = found.subject();
                found.application.save_section(&found.of.round, call.now)?;
                let there = files::list_of(tx, id).await?;
                // Sent twice, by a second press, a letter is the one that is there.
                let rows = new_among(rows, &there);
                if there.len() + rows.len() > FILES {
                    let text = format!("At most {FILES} files fit on an application; {} are there already. Remove one first.", there.len());
                    return Err(AppError::field("files", text));
                }
                for file in &rows {
                    files::add(tx, file, call.person()?).await?;
                    let mut event = call.event(subject, "application", id.0, "uploaded a letter");
                    event.facts = serde_json::json!({ "file": file.id, "name": file.name, "bytes": file.bytes, "sha256": file.sha256 });
                    events::add(tx, &event).await?;
                }
                if !rows.is_empty() {
                    applications::record_touch(tx, id, call.now).await?;
                }
                Ok(rows.into_iter().map(|file| file.id.0).collect::<Vec<Uuid>>())
            })
        })
        .await;
    let kept = written.as_deref().unwrap_or_default();
    let left: Vec<Uuid> = ids.into_iter().filter(|id| !kept.contains(id)).collect();
    forget(folder, &left).await;
    written.map(drop)
}

/// The files of which none there, nor an earlier one among them, is the same in kind, name and content.
fn new_among(files: Vec<File>, there: &[File]) -> Vec<File> {
    let same = |file: &File| (file.kind.clone(), file.name.clone(), file.sha256.clone());
    let mut known: BTreeSet<(String, String, String)> = there.iter().map(same).collect();
    files.into_iter().filter(|file| known.insert(same(file))).collect()
}

fn judge(call: &Call, id: ApplicationId, uploads: &Uploads) -> Result<Vec<File>, AppError> {
    let mut problems = Vec::new();
    let kind = uploads.fields.text("kind");
    if !KINDS.iter().any(|(known, _)| *known == kind) {
        problems.push(Problem::new("kind", "Choose what you upload."));
    }
    if uploads.files.is_empty() {
        problems.push(Problem::new("files", "Choose at least one file."));
    }
    let mut rows = Vec::with_capacity(uploads.files.len());
    for upload in &uploads.files {
        match Media::of(&upload.name, &upload.bytes) {
            Ok(media) => rows.push(File {
                id: mint(call.now),
                application: id,
                kind: kind.to_owned(),
                name: upload.name.clone(),
                media_type: media.media_type().to_owned(),
                bytes: i64::try_from(upload.bytes.len()).unwrap_or(i64::MAX),
                sha256: sha256_hex(&upload.bytes),
                uploaded_at: call.now,
                synthetic: call.desk.house.demo,
            }),
            Err(problem) => problems.push(Problem::new("files", format!("“{}”: {problem}", upload.name))),
        }
    }
    if problems.is_empty() {
        return Ok(rows);
    }
    if !rows.is_empty() {
        problems.push(Problem::new("files", "So none of these files was saved: choose the others again."));
    }
    Err(AppError::Invalid(problems))
}

/// Writes the bytes under the id and waits until the disk has them, the folder's entry included.
pub(super) async fn keep(folder: &Path, id: Uuid, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = tokio::fs::OpenOptions::new().write(true).create_new(true).open(folder.join(id.to_string())).await?;
    file.write_all(bytes).await?;
    file.sync_all().await?;
    tokio::fs::File::open(folder).await?.sync_all().await
}

/// Takes away bytes whose rows were refused.
pub(super) async fn forget(folder: &Path, ids: &[Uuid]) {
    for id in ids {
        // Those never written are not there to remove; bytes that stay behind are named by nobody.
        let _ = tokio::fs::remove_file(folder.join(id.to_string())).await;
    }
}

/// Takes a letter off a draft.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] when the application is submitted or the round closed.
pub async fn remove(call: &Call, id: ApplicationId, file: FileId) -> Result<(), AppError> {
    let mover = call.clone();
    call.write(move |tx| {
        let call = mover.clone();
        Box::pin(async move {
            let found = work::find(tx, &call, id, Action::EditApplication).await?;
            let subject = found.subject();
            found.application.save_section(&found.of.round, call.now)?;
            let Some((row, _)) = files::find(tx, file).await? else { return Ok(()) };
            if row.application != id {
                return Err(AppError::NotFound);
            }
            files::record_removed(tx, file, id, call.now).await?;
            applications::record_touch(tx, id, call.now).await?;
            let mut event = call.event(subject, "application", id.0, "removed a letter");
            event.facts = serde_json::json!({ "file": file, "name": row.name });
            events::add(tx, &event).await?;
            Ok(())
        })
    })
    .await
}
