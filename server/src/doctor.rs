//! `allotment doctor`: is everything that the portal needs in order? One plain line for each check; nothing is changed.

use crate::cli::{Failed, open};
use crate::config::Config;
use std::process::ExitCode;
use store::{Db, check, messages};

/// One check's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// In order.
    Good(String),
    /// Works, but somebody should know.
    Warning(String),
    /// Must be mended.
    Bad(String),
}

/// Checks, prints, and says by the exit code whether all is well.
///
/// # Errors
/// A sentence when the database cannot be opened at all.
pub async fn run(config: &Config) -> Result<ExitCode, Failed> {
    if let Some(missing) = missing_file(&config.database_url) {
        println!("bad      There is no database {missing} yet. Run: allotment migrate");
        return Ok(ExitCode::FAILURE);
    }
    let db = open(config).await?;
    let findings = examine(config, &db).await;
    db.close().await;
    for finding in &findings {
        match finding {
            Finding::Good(line) => println!("good     {line}"),
            Finding::Warning(line) => println!("warning  {line}"),
            Finding::Bad(line) => println!("bad      {line}"),
        }
    }
    let bad = findings.iter().filter(|finding| matches!(finding, Finding::Bad(_))).count();
    println!("{}", if bad == 0 { "All is well.".to_owned() } else { format!("{bad} to mend.") });
    Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The SQLite file that opening would make anew: a doctor changes nothing.
fn missing_file(database_url: &str) -> Option<&str> {
    let path = database_url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path).split('?').next()?;
    (!std::path::Path::new(path).exists()).then_some(path)
}

/// All findings.
pub async fn examine(config: &Config, db: &Db) -> Vec<Finding> {
    let mut findings = match examine_database(db).await {
        Ok(findings) => findings,
        Err(failed) => vec![Finding::Bad(format!("The database cannot be read: {failed}."))],
    };
    findings.push(examine_files(config));
    findings.push(if config.mail.is_some() {
        Finding::Good("A mail server is set.".to_owned())
    } else {
        Finding::Warning("No mail server is set: messages, sign-in codes among them, wait in the outbox.".to_owned())
    });
    findings.push(if config.base_url.starts_with("https://") {
        Finding::Good(format!("People reach the portal at {}.", config.base_url))
    } else {
        Finding::Warning(format!("{} is not https: good for this machine only.", config.base_url))
    });
    findings
}

async fn examine_database(db: &Db) -> Result<Vec<Finding>, store::Error> {
    let mut reader = db.reader().await?;
    let mut tx = reader.tx();
    let mut findings = vec![Finding::Good("The database answers.".to_owned())];
    let found = check::schema_version(&mut tx).await.unwrap_or_default();
    if found != check::expected_version() {
        findings.push(Finding::Bad("The schema is not up to date. Run: allotment migrate".to_owned()));
        return Ok(findings);
    }
    findings.push(Finding::Good("The schema is up to date.".to_owned()));
    let differing = check::balances_that_differ(&mut tx).await?;
    if differing.is_empty() {
        findings.push(Finding::Good("Every ledger balance is the sum of its transfers.".to_owned()));
    }
    for differs in differing {
        let (balance, sum) = (differs.balance_cents, differs.sum_cents);
        findings.push(Finding::Bad(format!("Account {} holds {balance} cents, but its transfers sum to {sum}.", differs.id)));
    }
    let (waiting, failed) = messages::count(&mut tx).await?;
    findings.push(match failed {
        0 => Finding::Good(format!("No message was given up; {waiting} wait in the outbox.")),
        _ => Finding::Warning(format!("{failed} messages were given up; {waiting} wait in the outbox.")),
    });
    Ok(findings)
}

fn examine_files(config: &Config) -> Finding {
    let folder = config.files();
    let probe = folder.join(".doctor");
    match std::fs::write(&probe, b"doctor").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => Finding::Good(format!("Files can be written to {}.", folder.display())),
        Err(failed) => Finding::Bad(format!("Files cannot be written to {}: {failed}.", folder.display())),
    }
}
