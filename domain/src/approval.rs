//! Approvals in steps, as the program file declares them: who signs, in which order, above which amount. A file that is silent has one step,
//! an approver's. Nobody approves what is their own work, and nobody approves twice.

use crate::access::Role;
use crate::money::Money;
use serde::{Deserialize, Serialize};

/// One step of approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalStep {
    /// As people call it: `Program director`.
    pub name: String,
    /// The role that signs it.
    pub role: Role,
    /// Only an allocation that grants more than this needs the step; without it, every one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<Money>,
    /// The clause it rests on.
    pub citation: String,
    /// Whether it was invented for a demonstration.
    pub synthetic: bool,
}

impl ApprovalStep {
    /// The roles that a step may name.
    pub const ROLES: [(&'static str, Role); 3] =
        [("approver", Role::Approver), ("fiscal_agent", Role::FiscalAgent), ("program_manager", Role::ProgramManager)];

    /// The one step of a file that declares none.
    #[must_use]
    pub fn only() -> Self {
        Self { name: "Approval".to_owned(), role: Role::Approver, over: None, citation: String::new(), synthetic: false }
    }

    /// The step in a sentence.
    #[must_use]
    pub fn plain(&self) -> String {
        let role = self.role.name().to_lowercase();
        match self.over {
            None => format!("{}, by a {role}.", self.name),
            Some(over) => format!("{}, by a {role}, when more than {over} is granted.", self.name),
        }
        .replace("by a a", "by an a")
    }
}

/// The steps that an allocation of this much goes through, first to last; at least one.
#[must_use]
pub fn steps(declared: &[ApprovalStep], granted: Money) -> Vec<ApprovalStep> {
    let needed: Vec<ApprovalStep> = declared.iter().filter(|step| step.over.is_none_or(|over| granted > over)).cloned().collect();
    if needed.is_empty() { vec![ApprovalStep::only()] } else { needed }
}

/// What a person has done towards a decision so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hands {
    /// They proposed it.
    pub proposed: bool,
    /// They froze the ranking it rests on.
    pub ranked: bool,
    /// They scored an application of the round.
    pub scored: bool,
    /// They decided whether an application is eligible, or ruled on a contested figure.
    pub screened: bool,
    /// They approved it, at any step.
    pub approved: bool,
    /// They have a part in an applicant, in what it is tied to, or in a recipient that the law names; or declared one.
    pub tied: bool,
}

/// Why a person can't decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwnWork {
    /// They proposed it.
    #[error("You proposed this. Somebody else must approve it.")]
    Proposed,
    /// They froze the ranking.
    #[error("You froze the ranking that this rests on. Somebody else must approve it.")]
    Ranked,
    /// They scored.
    #[error("You scored applications of this round. Somebody else must approve this.")]
    Scored,
    /// They screened.
    #[error("You decided who is eligible in this round. Somebody else must approve this.")]
    Screened,
    /// They approved an earlier step.
    #[error("You approved an earlier step. Somebody else must approve this one.")]
    Approved,
    /// They have a tie to an applicant or a recipient.
    #[error("You have a part in an organization that is tied to this decision, or declared one. Somebody without such a tie must do this.")]
    Tied,
    /// The step is another role's.
    #[error("This step is signed by somebody else: {0}.")]
    Role(&'static str),
}

/// Whether a person who holds these roles in the agency and did this so far may sign a step.
///
/// # Errors
/// [`OwnWork`], the first that applies.
pub fn may_approve(step: &ApprovalStep, roles: &[Role], hands: Hands) -> Result<(), OwnWork> {
    if !roles.contains(&step.role) {
        return Err(OwnWork::Role(step.role.name()));
    }
    let own = [
        (hands.tied, OwnWork::Tied),
        (hands.proposed, OwnWork::Proposed),
        (hands.ranked, OwnWork::Ranked),
        (hands.approved, OwnWork::Approved),
        (hands.scored, OwnWork::Scored),
        (hands.screened, OwnWork::Screened),
    ];
    own.into_iter().find(|(did, _)| *did).map_or(Ok(()), |(_, refusal)| Err(refusal))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &str, role: Role, over: Option<i64>) -> ApprovalStep {
        ApprovalStep { name: name.to_owned(), role, over: over.map(Money::cents), citation: "test".to_owned(), synthetic: true }
    }

    #[test]
    fn a_silent_file_has_one_step_and_a_threshold_is_passed_by_the_next_cent() {
        assert_eq!(steps(&[], Money::cents(5)), [ApprovalStep::only()]);
        let declared = [step("Director", Role::Approver, None), step("Board", Role::FiscalAgent, Some(100))];
        let names = |cents| steps(&declared, Money::cents(cents)).into_iter().map(|step| step.name).collect::<Vec<_>>();
        assert_eq!(names(100), ["Director"]);
        assert_eq!(names(101), ["Director", "Board"]);
    }

    #[test]
    fn nobody_approves_own_work_or_twice_or_in_anothers_place() {
        let step = ApprovalStep::only();
        let may = |hands| may_approve(&step, &[Role::Approver, Role::Reviewer], hands);
        assert_eq!(may(Hands::default()), Ok(()));
        assert_eq!(may(Hands { proposed: true, ranked: true, ..Hands::default() }), Err(OwnWork::Proposed));
        assert_eq!(may(Hands { ranked: true, ..Hands::default() }), Err(OwnWork::Ranked));
        assert_eq!(may(Hands { scored: true, ..Hands::default() }), Err(OwnWork::Scored));
        assert_eq!(may(Hands { screened: true, ..Hands::default() }), Err(OwnWork::Screened));
        assert_eq!(may(Hands { approved: true, ..Hands::default() }), Err(OwnWork::Approved));
        assert_eq!(may(Hands { tied: true, ..Hands::default() }), Err(OwnWork::Tied));
        assert_eq!(may_approve(&step, &[Role::ProgramManager], Hands::default()), Err(OwnWork::Role("Approver")));
    }

    #[test]
    fn a_step_reads_as_a_sentence() {
        assert_eq!(ApprovalStep::only().plain(), "Approval, by an approver.");
        let board = step("Board", Role::FiscalAgent, Some(10_000_000));
        assert_eq!(board.plain(), "Board, by a fiscal agent, when more than $100,000 is granted.");
    }
}
