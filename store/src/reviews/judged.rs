//! Who judged what in a round.

use crate::db::{Tx, all};
use crate::error::Result;
use domain::RoundId;
use uuid::Uuid;

/// Somebody who decided on an application or scored it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Judged {
    /// The application.
    pub application: Uuid,
    /// Who.
    pub person: Uuid,
    /// Their name.
    pub name: String,
}

/// Who decided on eligibility or scored as staff, by application and name; each person once for each application.
///
/// # Errors
/// The store's failure.
pub async fn judged(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Judged>> {
    Ok(all!(
        tx,
        Judged,
        "SELECT q.application, q.person, p.name
         FROM (SELECT e.application, e.decided_by AS person FROM eligibility_decisions e WHERE e.round = $1
               UNION SELECT s.application, s.scored_by FROM applications a JOIN rubric_scores s ON s.application = a.id WHERE a.round = $1) q
         JOIN people p ON p.id = q.person ORDER BY q.application, p.name, p.id",
        round.0
    )?)
}
