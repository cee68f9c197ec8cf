//! All that a draft holds, read at once: its sections, its letters, and who is told of it.

use super::{Addressee, SavedSection, SectionRow};
use crate::db::{Tx, all};
use crate::error::{Error, Result};
use crate::files::File;
use crate::people::fold_email;
use chrono::{DateTime, Utc};
use domain::{ApplicationId, OrganizationId, Timestamp};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What a draft holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The saved sections, by key.
    pub sections: BTreeMap<String, SavedSection>,
    /// The letters, in the order of their upload, without those removed.
    pub letters: Vec<File>,
    /// The applicant's preparers and certifiers now, each person once, certifiers first.
    pub people: Vec<Addressee>,
}

/// A row of any of the three; what each column holds is said in [`draft`].
#[derive(sqlx::FromRow)]
struct Row {
    part: String,
    name: String,
    first: String,
    second: String,
    third: String,
    number: i64,
    yes: bool,
    at: Option<DateTime<Utc>>,
    id: Option<Uuid>,
}

/// Reads it in one statement: three journeys to the database would cost more than what they bring.
///
/// # Errors
/// The store's failure, or answers that are no JSON object of texts.
pub async fn draft(tx: &mut Tx<'_>, id: ApplicationId, applicant: OrganizationId) -> Result<Draft> {
    let rows = all!(
        tx,
        Row,
        "SELECT 'section' AS part, s.section AS name, s.answers AS first, p.name AS second, '' AS third, s.version AS number, s.complete AS yes,
                s.saved_at AS at, CAST(NULL AS UUID) AS id
         FROM application_sections s JOIN people p ON p.id = s.saved_by WHERE s.application = $1
         UNION ALL
         SELECT 'letter', f.name, f.kind, f.media_type, f.sha256, f.bytes, f.synthetic, f.uploaded_at, f.id
         FROM files f WHERE f.application = $1 AND f.removed_at IS NULL
         UNION ALL
         SELECT 'person', p.name, p.email, '', '', 0, m.role = 'certifier', NULL, p.id
         FROM memberships m JOIN people p ON p.id = m.person AND p.disabled_at IS NULL
         WHERE m.organization = $2 AND m.role IN ('preparer', 'certifier') AND m.ended_at IS NULL",
        id.0,
        applicant.0
    )?;
    let mut draft = Draft::default();
    let mut people = BTreeMap::new();
    for row in rows {
        let Row { part, name, first, second, third, number, yes, at, id: own } = row;
        match (part.as_str(), at, own) {
            ("section", Some(saved_at), _) => {
                let row = SectionRow { section: name, answers: first, complete: yes, saved_by_name: second, saved_at, version: number };
                let saved = SavedSection::try_from(row)?;
                draft.sections.insert(saved.section.clone(), saved);
            }
            ("letter", Some(at), Some(own)) => draft.letters.push(File {
                id: own.into(),
                application: id,
                kind: first,
                name,
                media_type: second,
                bytes: number,
                sha256: third,
                uploaded_at: Timestamp::new(at),
                synthetic: yes,
            }),
            // A row for each role.
            ("person", _, Some(own)) => people.entry(own).or_insert(Addressee { name, email: first, certifies: false }).certifies |= yes,
            _ => return Err(Error::inconsistent("applications", id.0, part)),
        }
    }
    draft.letters.sort_by(|a, b| (a.uploaded_at, &a.name, a.id).cmp(&(b.uploaded_at, &b.name, b.id)));
    draft.people = people.into_values().collect();
    draft.people.sort_by_cached_key(|person| (Reverse(person.certifies), fold_email(&person.email)));
    Ok(draft)
}
