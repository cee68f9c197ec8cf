//! The outbox's other end: sends queued messages over SMTP, tries again with growing pauses, and writes down what became of each.

use lettre::{AsyncSmtpTransport, Tokio1Executor};

/// The transport of a mail server's address.
///
/// # Errors
/// What is wrong with the address.
pub fn transport(smtp_url: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>, lettre::transport::smtp::Error> {
    Ok(AsyncSmtpTransport::<Tokio1Executor>::from_url(smtp_url)?.timeout(Some(std::time::Duration::from_secs(20))).build())
}
