//! Scenarios saved on the bench: a name and a setting, who and when. They are only added.

use crate::db::{Tx, all, execute};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use domain::bench::Setting;
use domain::canonical::canonical;
use domain::{PersonId, RoundId, Timestamp};
use uuid::Uuid;

/// A scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Its id, minted with the form.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// What was tried.
    pub setting: Setting,
    /// Who saved it, by name.
    pub saved_by: String,
    /// When.
    pub saved_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct ScenarioRow {
    id: Uuid,
    name: String,
    setting: String,
    saved_by: String,
    saved_at: DateTime<Utc>,
}

impl TryFrom<ScenarioRow> for Scenario {
    type Error = Error;
    fn try_from(row: ScenarioRow) -> Result<Self> {
        let setting = serde_json::from_str(&row.setting).map_err(|cause| Error::inconsistent("scenarios", row.id, cause))?;
        Ok(Self { id: row.id, name: row.name, setting, saved_by: row.saved_by, saved_at: Timestamp::new(row.saved_at) })
    }
}

/// Saves a scenario.
///
/// # Errors
/// A unique violation when the id is there already; the store's failure.
pub async fn add(tx: &mut Tx<'_>, id: Uuid, round: RoundId, name: &str, setting: &Setting, by: PersonId, at: Timestamp) -> Result<()> {
    let text = canonical(setting).map_err(|cause| Error::inconsistent("scenarios", id, cause))?;
    execute!(
        tx,
        "INSERT INTO scenarios (id, round, name, setting, saved_by, saved_at) VALUES ($1, $2, $3, $4, $5, $6)",
        id,
        round.0,
        name,
        text,
        by.0,
        at.utc()
    )?;
    Ok(())
}

/// A round's scenarios, the first saved first.
///
/// # Errors
/// The store's failure, or a row that makes no sense.
pub async fn list(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Scenario>> {
    let rows = all!(
        tx,
        ScenarioRow,
        "SELECT s.id, s.name, s.setting, p.name AS saved_by, s.saved_at FROM scenarios s JOIN people p ON p.id = s.saved_by
         WHERE s.round = $1 ORDER BY s.saved_at, s.id",
        round.0
    )?;
    rows.into_iter().map(Scenario::try_from).collect()
}
