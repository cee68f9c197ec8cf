//! The outbox: mail is a row in the transaction that it tells of, and is sent by the server afterwards.

use crate::db::{Tx, all, execute, one};
use crate::error::Result;
use crate::many::{execute_many, hex};
use chrono::{DateTime, Utc};
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

/// Several messages of one instant, as [`queue`] takes them.
pub(crate) fn in_json(messages: &[NewMessage]) -> serde_json::Value {
    let row = |message: &NewMessage| {
        serde_json::json!({
            "id": hex(message.id.0), "to": message.to_email, "subject": message.subject, "body": message.body,
            "noun": message.noun, "noun_id": hex(message.noun_id),
        })
    };
    messages.iter().map(row).collect()
}

/// The INSERT of several messages. The JSON, the instant of queueing and the one before which none is sent stand at these places.
macro_rules! queue {
    ($engine:ident $json:literal, $at:literal, $next:literal) => {
        concat!(
            "INSERT INTO messages (id, to_email, subject, body, noun, noun_id, queued_at, next_try_at, attempts) SELECT ",
            $crate::many::cell!($engine uuid "id"), ", ",
            $crate::many::cell!($engine text "to"), ", ",
            $crate::many::cell!($engine text "subject"), ", ",
            $crate::many::cell!($engine text "body"), ", ",
            $crate::many::cell!($engine text "noun"), ", ",
            $crate::many::cell!($engine uuid "noun_id"), ", ",
            $at, ", ", $next, ", 0 FROM ", $crate::many::each!($engine $json)
        )
    };
}
pub(crate) use queue;

macro_rules! add_all_sql {
    ($engine:ident) => {
        queue!($engine "$1", "$2", "$3")
    };
}

/// Queues several messages of one instant in one statement.
///
/// # Errors
/// The store's failure.
pub async fn add_all(tx: &mut Tx<'_>, messages: &[NewMessage]) -> Result<()> {
    let Some(first) = messages.first() else { return Ok(()) };
    add_all_held(tx, messages, first.queued_at).await
}

/// Queues several messages of one instant, none of which is to be sent before another.
///
/// # Errors
/// The store's failure.
pub async fn add_all_held(tx: &mut Tx<'_>, messages: &[NewMessage], until: Timestamp) -> Result<()> {
    let Some(first) = messages.first() else { return Ok(()) };
    execute_many!(tx, add_all_sql, in_json(messages), first.queued_at.utc(), until.utc())?;
    Ok(())
}

/// A message as it lies in the outbox.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Message {
    /// Its id.
    pub id: Uuid,
    /// To whom.
    pub to_email: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// When it was queued.
    pub queued_at: DateTime<Utc>,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was given up.
    pub failed_at: Option<DateTime<Utc>>,
    /// What the mail server said last.
    pub error: Option<String>,
}

/// The messages whose turn it is, oldest first.
///
/// # Errors
/// The store's failure.
pub async fn list_due(tx: &mut Tx<'_>, now: Timestamp, most: i64) -> Result<Vec<Message>> {
    Ok(all!(
        tx,
        Message,
        "SELECT id, to_email, subject, body, queued_at, attempts, sent_at, failed_at, error FROM messages
         WHERE sent_at IS NULL AND failed_at IS NULL AND next_try_at <= $1 ORDER BY queued_at, id LIMIT $2",
        now.utc(),
        most
    )?)
}

/// The latest messages, newest first: for the demo's mail page.
///
/// # Errors
/// The store's failure.
pub async fn list_latest(tx: &mut Tx<'_>, most: i64) -> Result<Vec<Message>> {
    Ok(all!(
        tx,
        Message,
        "SELECT id, to_email, subject, body, queued_at, attempts, sent_at, failed_at, error FROM messages
         ORDER BY queued_at DESC, id DESC LIMIT $1",
        most
    )?)
}

/// Writes down that a message was sent. A sign-in code is forgotten then: nobody may find it in the outbox.
///
/// # Errors
/// The store's failure.
pub async fn record_sent(tx: &mut Tx<'_>, id: MessageId, now: Timestamp) -> Result<()> {
    execute!(
        tx,
        "UPDATE messages SET sent_at = $2, attempts = attempts + 1, error = NULL,
            subject = CASE WHEN noun = 'sign_in_code' THEN 'Your code for Allotment' ELSE subject END,
            body = CASE WHEN noun = 'sign_in_code' THEN '' ELSE body END
         WHERE id = $1",
        id.0,
        now.utc()
    )?;
    Ok(())
}

/// Writes down a failed try and when to try again.
///
/// # Errors
/// The store's failure.
pub async fn record_try(tx: &mut Tx<'_>, id: MessageId, error: &str, next_try_at: Timestamp) -> Result<()> {
    execute!(
        tx,
        "UPDATE messages SET attempts = attempts + 1, error = $2, next_try_at = $3 WHERE id = $1 AND sent_at IS NULL",
        id.0,
        error,
        next_try_at.utc()
    )?;
    Ok(())
}

/// Gives a message up.
///
/// # Errors
/// The store's failure.
pub async fn record_failed(tx: &mut Tx<'_>, id: MessageId, error: &str, now: Timestamp) -> Result<()> {
    execute!(
        tx,
        "UPDATE messages SET attempts = attempts + 1, error = $2, failed_at = $3 WHERE id = $1 AND sent_at IS NULL",
        id.0,
        error,
        now.utc()
    )?;
    Ok(())
}

/// How many messages wait, and how many were given up.
///
/// # Errors
/// The store's failure.
pub async fn count(tx: &mut Tx<'_>) -> Result<(i64, i64)> {
    Ok(one!(
        tx,
        (i64, i64),
        "SELECT (SELECT COUNT(*) FROM messages WHERE sent_at IS NULL AND failed_at IS NULL),
                (SELECT COUNT(*) FROM messages WHERE failed_at IS NOT NULL)"
    )?)
}
