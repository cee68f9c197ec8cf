//! The outbox's other end: sends queued messages over SMTP, tries again with growing pauses, and writes down what became of each. Without a
//! mail server messages wait in the outbox; the demo never sends.

use crate::config::Mail;
use app::call::Desk;
use domain::{MessageId, Timestamp};
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::Error as SmtpError;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message as Letter, Tokio1Executor};
use std::error::Error as _;
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
pub async fn send_due(desk: &Desk, transport: &AsyncSmtpTransport<Tokio1Executor>, from: &Mailbox) -> Result<usize, store::Error> {
    let now = desk.clock.now();
    let due = messages::list_due(&mut desk.db.reader().await?.tx(), now, BATCH).await?;
    for message in &due {
        let outcome = match write_letter(message, from) {
            Ok(letter) => transport.send(letter).await.map(drop).map_err(|refused| Refusal::of(&refused)),
            Err(wrong) => Err(Refusal { said: wrong, for_good: true }),
        };
        record(desk, message, outcome, now).await?;
    }
    Ok(due.len())
}

/// Why a message was not taken.
#[derive(Clone, Debug)]
struct Refusal {
    said: String,
    /// Whether another try would be refused as well.
    for_good: bool,
}

impl Refusal {
    fn of(refused: &SmtpError) -> Self {
        let reply = refused.source().map(ToString::to_string).unwrap_or_default();
        let code = refused.status().map(u16::from);
        Self { said: refused.to_string(), for_good: code.is_some_and(|code| names_the_recipient(code, &reply)) }
    }
}

/// Whether a reply says that there is no such recipient. Any other refusal for good may be our own mistake (a password, a sender that the
/// mail server does not let write, a relay that is closed): it is tried again, or a wrong setting would lose all mail that waits.
/// The codes are those of RFC 5321 (4.2.3) and, where the text begins with one, RFC 3463 (3.2, 3.3).
fn names_the_recipient(code: u16, reply: &str) -> bool {
    let detail = reply.split_whitespace().next().filter(|word| word.starts_with("5.") && word.split('.').count() == 3);
    let unknown = detail.is_none_or(|detail| ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"].contains(&detail));
    [550, 551, 553].contains(&code) && unknown
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

async fn record(desk: &Desk, message: &Message, outcome: Result<(), Refusal>, now: Timestamp) -> Result<(), store::Error> {
    let (id, tries) = (MessageId(message.id), message.attempts + 1);
    if let Err(refusal) = &outcome {
        tracing::warn!(message = %message.id, tries, error = refusal.said, "a message could not be sent");
    }
    desk.db
        .write(move |tx| {
            let outcome = outcome.clone();
            Box::pin(async move {
                match outcome {
                    Ok(()) => messages::record_sent(tx, id, now).await,
                    Err(refusal) if refusal.for_good || tries >= MOST_TRIES => messages::record_failed(tx, id, &refusal.said, now).await,
                    Err(refusal) => messages::record_try(tx, id, &refusal.said, now.plus_seconds(pause_after(tries))).await,
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

    #[test]
    fn only_what_is_said_of_the_recipient_is_for_good() {
        for (code, reply, of_the_recipient) in [
            (550, "5.1.1 <ada@example.org>: user unknown", true),
            (550, "No such user here", true),
            (553, "5.1.3 Bad recipient address syntax", true),
            (550, "5.7.1 Relaying denied", false),
            (550, "5.1.8 Sender address rejected: domain not found", false),
            (535, "5.7.8 Authentication credentials invalid", false),
            (554, "5.7.1 Relay access denied", false),
            (552, "5.2.2 Mailbox full", false),
            (451, "4.7.1 Greylisted, try again later", false),
        ] {
            assert_eq!(names_the_recipient(code, reply), of_the_recipient, "{code} {reply}");
        }
    }
}
