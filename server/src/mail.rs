//! The outbox's other end: sends queued messages over SMTP, tries again with growing pauses, and writes down what became of each. Without a
//! mail server messages wait in the outbox; the demo never sends.

use crate::config::Mail;
use app::call::Desk;
use domain::{MessageId, Timestamp};
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::Error as SmtpError;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message as Letter, Tokio1Executor};
use std::time::Duration;
use store::messages::{self, Message};

/// A message is tried so often before it is given up: over about a day and a half.
const MOST_TRIES: i64 = 12;
/// The outbox is looked at so often.
const PAUSE: Duration = Duration::from_secs(2);
/// So many messages at a time.
const BATCH: i64 = 50;

/// The transport of a mail server's address.
///
/// # Errors
/// What is wrong with the address.
pub fn transport(smtp_url: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>, SmtpError> {
    Ok(AsyncSmtpTransport::<Tokio1Executor>::from_url(smtp_url)?.timeout(Some(Duration::from_secs(20))).build())
}

/// Sends what is queued, again and again, until the task is dropped.
///
/// # Errors
/// Only when the mail server's address is wrong, before anything is sent.
pub async fn run(desk: Desk, mail: Mail) -> Result<(), SmtpError> {
    let transport = transport(&mail.smtp_url)?;
    loop {
        match send_due(&desk, &transport, &mail.from).await {
            // A full batch: there may be more at once.
            Ok(sent) if sent == usize::try_from(BATCH).unwrap_or(usize::MAX) => {}
            Ok(_) => tokio::time::sleep(PAUSE).await,
            Err(failed) => {
                tracing::error!(%failed, "the outbox cannot be read");
                tokio::time::sleep(PAUSE * 10).await;
            }
        }
    }
}

/// Sends the messages whose turn it is; how many were tried.
///
/// # Errors
/// The store's failure; a mail server's refusal is written down with its message instead.
pub async fn send_due<T>(desk: &Desk, transport: &T, from: &Mailbox) -> Result<usize, store::Error>
where
    T: AsyncTransport + Sync,
    T::Error: std::fmt::Display,
{
    let now = desk.clock.now();
    let due = messages::list_due(&mut desk.db.reader().await?.tx(), now, BATCH).await?;
    for message in &due {
        let outcome = match write_letter(message, from) {
            Ok(letter) => transport.send(letter).await.map(drop).map_err(|refused| refused.to_string()),
            Err(wrong) => Err(wrong),
        };
        record(desk, message, outcome, now).await?;
    }
    Ok(due.len())
}

fn write_letter(message: &Message, from: &Mailbox) -> Result<Letter, String> {
    let to = message.to_email.parse().map_err(|_| "the address cannot be written to".to_owned())?;
    // One identity for every try, so that a mail server that took it before the connection broke can drop the second.
    let host = from.email.domain();
    Letter::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(&message.subject)
        .message_id(Some(format!("<{}@{host}>", message.id)))
        .header(ContentType::TEXT_PLAIN)
        .body(message.body.clone())
        .map_err(|wrong| wrong.to_string())
}

async fn record(desk: &Desk, message: &Message, outcome: Result<(), String>, now: Timestamp) -> Result<(), store::Error> {
    let (id, tries) = (MessageId(message.id), message.attempts + 1);
    if let Err(error) = &outcome {
        tracing::warn!(message = %message.id, tries, error, "a message could not be sent");
    }
    desk.db
        .write(move |tx| {
            let outcome = outcome.clone();
            Box::pin(async move {
                match outcome {
                    Ok(()) => messages::record_sent(tx, id, now).await,
                    Err(error) if tries >= MOST_TRIES => messages::record_failed(tx, id, &error, now).await,
                    Err(error) => messages::record_try(tx, id, &error, now.plus_seconds(pause_after(tries))).await,
                }
            })
        })
        .await
}

/// Half a minute, doubled with each try, at most six hours.
fn pause_after(tries: i64) -> i64 {
    let doubled = u32::try_from(tries - 1).ok().and_then(|times| 2_i64.checked_pow(times)).unwrap_or(i64::MAX);
    doubled.saturating_mul(30).min(6 * 60 * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_six_hours_and_stay_there() {
        assert_eq!([1, 2, 3, 10, 11, 70].map(pause_after), [30, 60, 120, 15_360, 21_600, 21_600]);
    }
}
