//! Awards named in law: an act says who receives how much, so nothing is ranked and nobody competes. The gates are the same as in a
//! competition all the same: who is named files its application, is found eligible by somebody without a tie to it, accepts the terms, and
//! the awards are approved. What a gate keeps back stays in the pot; what the law gives is never more nor less than its amount.

#[cfg(test)]
mod tests;

use crate::allocation::{AllocationRule, Method, Misfit};
use crate::application::{Application, State};
use crate::canonical::{CanonicalError, canonical, sha256_hex};
use crate::facts::Input;
use crate::id::PersonId;
use crate::money::{Money, MoneyError};
use crate::ruleset::{RuleSet, TieStep};
use crate::signature::{NotSigned, signature};
use crate::time::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

/// The input that carries a recipient's place in the act: its source is the clause. It puts a list in order and decides nothing else.
pub const ORDER: &str = "order_in_law";

/// The recipients that an act names, and what each accepts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedTerms {
    /// The act that names them.
    pub citation: String,
    /// Whether any of this was invented for a demonstration.
    pub synthetic: bool,
    /// Who is named, in the order of the act.
    pub recipients: Vec<Recipient>,
    /// What a recipient accepts before an award can be proposed.
    pub terms: Vec<Term>,
}

/// A recipient that an act names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// The key within the file.
    pub key: String,
    /// The applicant's name, as it stands on record.
    pub name: String,
    /// The key of the region that receives its award.
    pub region: String,
    /// Units: one, where the act gives an amount alone.
    pub units: i64,
    /// What one unit costs, in cents: the whole amount, where the act gives an amount alone.
    pub unit_cost: Money,
    /// The clause.
    pub citation: String,
    /// Whether the amount was invented for a demonstration.
    pub synthetic: bool,
}

/// One condition that a recipient accepts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// The condition.
    pub text: String,
    /// The clause.
    pub citation: String,
    /// Whether it was invented for a demonstration.
    pub synthetic: bool,
}

/// What makes a claim one that the law names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedClaim {
    /// The recipient's key in the program file.
    pub recipient: String,
    /// The clause.
    pub citation: String,
    /// SHA-256 of the accepted terms; none while they are not accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<String>,
}

/// A recipient without a claim, and why: its amount stays in the pot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unclaimed {
    /// The recipient's key in the program file.
    pub recipient: String,
    /// Its name.
    pub name: String,
    /// Its application's number, where it applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// What the law names for it.
    pub amount: Money,
    /// The clause.
    pub citation: String,
    /// Why there is no award.
    pub reason: String,
}

impl Recipient {
    /// What the act names for it.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`], which a file that was read never gives.
    pub fn amount(&self) -> Result<Money, MoneyError> {
        self.unit_cost.times(self.units)
    }

    /// Its place in the act as an input, so that a list in the order of the law can be replayed as any other.
    #[must_use]
    pub fn input(&self, place: usize) -> Input {
        Input {
            value: Decimal::from(place),
            source: self.citation.clone(),
            year: None,
            place: self.name.clone(),
            synthetic: self.synthetic,
        }
    }

    /// This recipient without a claim.
    ///
    /// # Errors
    /// As [`Recipient::amount`].
    pub fn unclaimed(&self, number: Option<String>, reason: String) -> Result<Unclaimed, MoneyError> {
        Ok(Unclaimed {
            recipient: self.key.clone(),
            name: self.name.clone(),
            number,
            amount: self.amount()?,
            citation: self.citation.clone(),
            reason,
        })
    }

    /// Its claim's mark.
    #[must_use]
    pub fn claim(&self, accepted: Option<String>) -> NamedClaim {
        NamedClaim { recipient: self.key.clone(), citation: self.citation.clone(), accepted }
    }
}

impl NamedTerms {
    /// The recipient that an applicant of this name is, with its place in the act from 1. Letter case and blanks at the ends count for nothing.
    #[must_use]
    pub fn recipient_of(&self, applicant: &str) -> Option<(usize, &Recipient)> {
        let folded = |name: &str| name.trim().to_lowercase();
        let wanted = folded(applicant);
        self.recipients.iter().enumerate().find(|(_, one)| folded(&one.name) == wanted).map(|(index, one)| (index + 1, one))
    }

    /// Whether an applicant of this name is this recipient.
    #[must_use]
    pub fn means(&self, recipient: &Recipient, applicant: &str) -> bool {
        self.recipient_of(applicant).is_some_and(|(_, found)| found.key == recipient.key)
    }

    /// What the act names in all.
    ///
    /// # Errors
    /// As [`Recipient::amount`].
    pub fn total(&self) -> Result<Money, MoneyError> {
        self.recipients.iter().try_fold(Money::ZERO, |sum, one| sum.plus(one.amount()?))
    }

    /// The rules of the list: no criteria, so nobody has points; the order of the act.
    #[must_use]
    pub fn list_rules(&self) -> RuleSet {
        RuleSet {
            version: 1,
            citation: self.citation.clone(),
            gates: Vec::new(),
            criteria: Vec::new(),
            groups: Vec::new(),
            ties: vec![TieStep::Lower(ORDER.to_owned()), TieStep::Lot],
            panel: None,
        }
    }

    /// The rule of the money.
    #[must_use]
    pub fn money_rule(&self) -> AllocationRule {
        AllocationRule {
            method: Method::Named,
            misfit: None,
            synthetic: self.synthetic,
            ..AllocationRule::down_the_list(Misfit::Stop, &self.citation)
        }
    }
}

/// The statement that a certifier confirms with the terms.
pub const STATEMENT: &str = "I may bind the recipient, and accept these terms for it.";

/// All that an acceptance is made of.
#[derive(Clone, Debug)]
pub struct Accepting<'a> {
    /// Minted with the form.
    pub id: Uuid,
    /// The program's and the round's names in addresses.
    pub call: String,
    /// SHA-256 of the locked program file.
    pub rules_sha256: &'a str,
    /// The terms as the file has them.
    pub terms: &'a [Term],
    /// The recipient.
    pub recipient: &'a Recipient,
    /// The certifier.
    pub by: PersonId,
    /// The name the certifier typed.
    pub signature: &'a str,
    /// The certifier's name.
    pub name: &'a str,
    /// Whether the statement was ticked.
    pub stated: bool,
}

/// Terms accepted for one submission: an application that is withdrawn and handed in anew accepts anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// Minted with the form.
    pub id: Uuid,
    /// The submission that it belongs to.
    pub submission: Uuid,
    /// The recipient's key.
    pub recipient: String,
    /// Who.
    pub by: PersonId,
    /// The name typed.
    pub signature: String,
    /// When.
    pub at: Timestamp,
    /// SHA-256 of the document.
    pub digest: String,
    /// What was accepted, by whom and when: canonical JSON.
    pub document: String,
}

/// Why terms can't be accepted as typed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AcceptProblem {
    /// There is nothing that the terms could belong to.
    #[error("The application is not handed in. Submit it first; then accept the terms.")]
    NotSubmitted,
    /// The certifier has not signed.
    #[error(transparent)]
    NotSigned(#[from] NotSigned),
    /// The certifier has not ticked the statement.
    #[error("Tick the statement to accept the terms.")]
    NotStated,
    /// The document could not be written, which text and whole numbers never give.
    #[error(transparent)]
    Unwritable(#[from] CanonicalError),
    /// The amount does not fit, which a file that was read never gives.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Accepts the terms for the submission that an application has now.
///
/// # Errors
/// Every reason against it, in the order of the form.
pub fn accept(application: &Application, accepting: &Accepting<'_>, now: Timestamp) -> Result<Acceptance, Vec<AcceptProblem>> {
    let State::Submitted(submission) = &application.state else { return Err(vec![AcceptProblem::NotSubmitted]) };
    let mut problems = Vec::new();
    if !accepting.stated {
        problems.push(AcceptProblem::NotStated);
    }
    let signature = signature(accepting.signature, accepting.name).map_err(|cause| problems.push(cause.into()));
    let (Ok(signature), true) = (signature, problems.is_empty()) else { return Err(problems) };
    let one = |problem: AcceptProblem| vec![problem];
    let recipient = accepting.recipient;
    let document = json!({
        "acceptance": accepting.id,
        "call": accepting.call,
        "rules_sha256": accepting.rules_sha256,
        "application": { "id": application.id, "number": submission.number, "digest": submission.digest },
        "recipient": { "key": recipient.key, "name": recipient.name, "citation": recipient.citation },
        "amount": recipient.amount().map_err(|cause| one(cause.into()))?,
        "terms": accepting.terms,
        "accepted_at": now,
        "certified": { "by": accepting.by, "signature": signature, "statement": STATEMENT },
    });
    let document = canonical(&document).map_err(|cause| one(cause.into()))?;
    Ok(Acceptance {
        id: accepting.id,
        submission: submission.id,
        recipient: recipient.key.clone(),
        by: accepting.by,
        signature: signature.to_owned(),
        at: now,
        digest: sha256_hex(document.as_bytes()),
        document,
    })
}
