//! Checks of the whole database, for `allotment doctor`.

use crate::db::{Tx, all, one};
use crate::error::Result;
use uuid::Uuid;

/// The schema's version: the last step applied; none in a database that was never migrated.
///
/// # Errors
/// The store's failure, also when there is no schema at all.
pub async fn schema_version(tx: &mut Tx<'_>) -> Result<Option<i64>> {
    Ok(one!(tx, (Option<i64>,), "SELECT MAX(version) FROM _sqlx_migrations WHERE success")?.0)
}

/// The version that this program expects.
#[must_use]
pub fn expected_version() -> Option<i64> {
    crate::migrations::list(false).iter().map(|step| step.version).max()
}

/// An account whose kept balance is not the sum of its transfers.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Differs {
    /// The account.
    pub id: Uuid,
    /// Its kept balance, in cents.
    pub balance_cents: i64,
    /// What its transfers add up to, in cents.
    pub sum_cents: i64,
}

/// The accounts whose balance is not the sum of their transfers: none, unless rows were changed past the program.
///
/// # Errors
/// The store's failure.
pub async fn balances_that_differ(tx: &mut Tx<'_>) -> Result<Vec<Differs>> {
    Ok(all!(
        tx,
        Differs,
        "SELECT id, balance_cents, sum_cents FROM (
            SELECT a.id, a.balance_cents,
                CAST(COALESCE((SELECT SUM(amount_cents) FROM transfers WHERE to_account = a.id), 0)
                   - COALESCE((SELECT SUM(amount_cents) FROM transfers WHERE from_account = a.id), 0) AS BIGINT) AS sum_cents
            FROM accounts a) AS sums
         WHERE balance_cents <> sum_cents ORDER BY id"
    )?)
}
