//! The outbox: mail is a row in the transaction that it tells of, and is sent by the server afterwards.

use crate::db::{Tx, execute};
use crate::error::Result;
use domain::{MessageId, Timestamp};
use uuid::Uuid;

/// A message to send.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Its id.
    pub id: MessageId,
    /// To whom.
    pub to_email: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// The kind of record it is about.
    pub noun: &'static str,
    /// The record.
    pub noun_id: Uuid,
    /// When it was queued.
    pub queued_at: Timestamp,
}

/// Queues a message.
///
/// # Errors
/// The store's failure.
pub async fn add(tx: &mut Tx<'_>, message: &NewMessage) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO messages (id, to_email, subject, body, noun, noun_id, queued_at, next_try_at, attempts)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 0)",
        message.id.0,
        message.to_email.as_str(),
        message.subject.as_str(),
        message.body.as_str(),
        message.noun,
        message.noun_id,
        message.queued_at.utc()
    )?;
    Ok(())
}
