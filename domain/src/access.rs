//! Who may do what: the one access table. Every door of the server names an [`Action`], every use case asks [`Actor::must`], and both
//! read the table below. What a record's state allows is decided by the record's own transitions, not here.

mod role;

pub use role::{OrganizationKind, Role};

use crate::{OrganizationId, PersonId};

/// One role in one organization, held now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Where.
    pub organization: OrganizationId,
    /// Its name, for pages.
    pub organization_name: String,
    /// Its kind.
    pub kind: OrganizationKind,
    /// As what.
    pub role: Role,
}

/// Who is asking: nobody known, or a person with the roles they hold now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// The person, when signed in.
    pub person: Option<PersonId>,
    /// Their name, for pages and the log.
    pub name: String,
    /// Their address.
    pub email: String,
    /// The roles they hold.
    pub memberships: Vec<Membership>,
}

/// What a door or a use case does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Read public pages and open data.
    ReadPublic,
    /// Sign in, or out.
    SignIn,
    /// See one's own account, sessions and home page.
    UseAccount,
    /// See an agency's programs from the inside.
    ReadPrograms,
    /// Import a program file, open a round.
    RunPrograms,
    /// Propose an amendment of an opened round's rules.
    ProposeAmendment,
    /// Approve an amendment of somebody else's, or return it.
    DecideAmendment,
    /// Invite people and end memberships.
    ManagePeople,
    /// Start an application.
    StartApplication,
    /// Read an application: the applicant's own people and the agency.
    ReadApplication,
    /// Fill in an application, upload letters, contest a figure.
    EditApplication,
    /// Sign and submit an application, or withdraw it.
    SubmitApplication,
    /// Accept the terms of an award that the law names.
    AcceptTerms,
    /// See the list of applications and the ranking.
    ReadReviews,
    /// Decide eligibility, rule on a contested figure.
    DecideEligibility,
    /// Score an application against the rubric.
    ScoreApplications,
    /// Set a panel up: who is on it, who reads what.
    RunPanel,
    /// See what a panel does: its chair, its manager, an auditor.
    ReadPanel,
    /// Lead a panel: note, ask for another look.
    ChairPanel,
    /// Declare ties, read and score what one was given.
    ReviewForPanel,
    /// Rank and freeze.
    RankRound,
    /// Declare a tie to a recipient that the law names.
    DeclareTie,
    /// Propose an allocation.
    ProposeAllocation,
    /// Approve a step of an allocation, or return it: which role a step asks for, the program file says.
    DecideAllocation,
    /// Tell applicants and publish results.
    PublishResults,
    /// Look at the bench and at the scenarios saved on it.
    ReadBench,
    /// Save a scenario.
    SaveScenario,
    /// Decline what one was awarded.
    DeclineAward,
    /// Appeal against a decision, or take the appeal back.
    SubmitAppeal,
    /// Rule on an appeal: that nobody rules who had a hand in the decision, the appeal itself says.
    RuleAppeal,
    /// Read awards, draws, reports and balances: the recipient's own people and the agency.
    ReadAwards,
    /// Request a draw, answer a question on it, withdraw it.
    RequestDraw,
    /// Approve a draw or return it with a question.
    DecideDraw,
    /// Record that a draw was paid.
    RecordPayment,
    /// Fill in a report.
    EditReport,
    /// Sign and submit a report.
    SubmitReport,
    /// Accept or return a report.
    DecideReport,
    /// Read any record's history and the ledger.
    ReadHistory,
    /// Only under `allotment demo`.
    UseDemo,
}

/// Whose record an action is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The agency that runs the program.
    pub agency: Option<OrganizationId>,
    /// The organization that the record belongs to: the applicant, the recipient.
    pub owner: Option<OrganizationId>,
}

/// Why an action is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Nobody is signed in.
    #[error("Please sign in first.")]
    SignIn,
    /// The person has no part in this record: to them it does not exist.
    #[error("There is no such page.")]
    NotYours,
    /// The person has a part in it, but not this one.
    #[error("Your role does not include this. {0}")]
    Role(&'static str),
}

/// A row of the access table.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Anybody, signed in or not.
    pub anyone: bool,
    /// Anybody signed in.
    pub signed_in: bool,
    /// These roles, in the agency that runs the program.
    pub agency: &'static [Role],
    /// These roles, in the organization that the record belongs to.
    pub owner: &'static [Role],
    /// Who can, in words, for the person who can't.
    pub who: &'static str,
}

use Role::{Approver, Auditor, Certifier, FiscalAgent, Preparer, ProgramManager, RegionalCertifier, RegionalPreparer, Reviewer};
const STAFF: &[Role] = &[ProgramManager, Reviewer, Approver, FiscalAgent, Auditor];

impl Action {
    /// Every action, for tests that walk the table.
    pub const ALL: [Self; 39] = [
        Self::ReadPublic,
        Self::SignIn,
        Self::UseAccount,
        Self::ReadPrograms,
        Self::RunPrograms,
        Self::ProposeAmendment,
        Self::DecideAmendment,
        Self::ManagePeople,
        Self::StartApplication,
        Self::ReadApplication,
        Self::EditApplication,
        Self::SubmitApplication,
        Self::AcceptTerms,
        Self::ReadReviews,
        Self::DecideEligibility,
        Self::ScoreApplications,
        Self::RunPanel,
        Self::ReadPanel,
        Self::ChairPanel,
        Self::ReviewForPanel,
        Self::RankRound,
        Self::DeclareTie,
        Self::ProposeAllocation,
        Self::DecideAllocation,
        Self::PublishResults,
        Self::ReadBench,
        Self::SaveScenario,
        Self::DeclineAward,
        Self::SubmitAppeal,
        Self::RuleAppeal,
        Self::ReadAwards,
        Self::RequestDraw,
        Self::DecideDraw,
        Self::RecordPayment,
        Self::EditReport,
        Self::SubmitReport,
        Self::DecideReport,
        Self::ReadHistory,
        Self::UseDemo,
    ];

    /// The access table.
    #[must_use]
    pub const fn rule(self) -> Rule {
        let (agency, owner, who): (&[Role], &[Role], &str) = match self {
            Self::ReadPublic | Self::SignIn | Self::UseDemo => {
                return Rule { anyone: true, signed_in: true, agency: &[], owner: &[], who: "Anybody can." };
            }
            Self::UseAccount => {
                return Rule { anyone: false, signed_in: true, agency: &[], owner: &[], who: "Anybody who has signed in can." };
            }
            Self::ReadPrograms | Self::ReadReviews => (STAFF, &[], "The agency's staff can."),
            Self::DeclareTie => {
                (&[ProgramManager, Reviewer, Approver, FiscalAgent], &[], "The agency's staff can, who take part in the decision.")
            }
            Self::RunPrograms
            | Self::ProposeAmendment
            | Self::ManagePeople
            | Self::DecideEligibility
            | Self::RunPanel
            | Self::RankRound
            | Self::ProposeAllocation
            | Self::PublishResults
            | Self::SaveScenario => (&[ProgramManager], &[], "A program manager can."),
            Self::StartApplication | Self::EditApplication => (&[], &[Preparer, Certifier], "The applicant's preparer or certifier can."),
            Self::ReadApplication => (STAFF, &[Preparer, Certifier], "The applicant and the agency's staff can."),
            Self::SubmitApplication | Self::AcceptTerms | Self::DeclineAward | Self::SubmitAppeal => {
                (&[], &[Certifier], "The applicant's certifier can.")
            }
            Self::RuleAppeal => {
                (&[ProgramManager, Approver], &[], "A program manager or an approver can, who had no hand in the decision.")
            }
            Self::ScoreApplications => (&[ProgramManager, Reviewer], &[], "A reviewer or a program manager can."),
            Self::ReadPanel => (&[ProgramManager, Reviewer, Auditor], &[], "The panel’s chair, a program manager or an auditor can."),
            Self::ChairPanel => (&[ProgramManager, Reviewer], &[], "The panel’s chair can."),
            Self::ReviewForPanel => (&[Reviewer], &[], "A reviewer can."),
            Self::ReadBench => (&[ProgramManager, Approver, Auditor], &[], "A program manager, an approver or an auditor can."),
            Self::DecideAllocation => (&[Approver, FiscalAgent, ProgramManager], &[], "Whoever the program file names for the step can."),
            Self::DecideAmendment => (&[Approver], &[], "An approver can, who had no hand in it."),
            Self::ReadAwards => (STAFF, &[RegionalPreparer, RegionalCertifier], "The recipient and the agency's staff can."),
            Self::RequestDraw | Self::EditReport => {
                (&[], &[RegionalPreparer, RegionalCertifier], "The recipient's preparer or certifier can.")
            }
            Self::DecideDraw | Self::RecordPayment => (&[FiscalAgent], &[], "A fiscal agent can."),
            Self::SubmitReport => (&[], &[RegionalCertifier], "The recipient's certifier can."),
            Self::DecideReport => (&[ProgramManager], &[], "A program manager can."),
            Self::ReadHistory => (&[Auditor, ProgramManager], &[], "An auditor or a program manager can."),
        };
        Rule { anyone: false, signed_in: false, agency, owner, who }
    }
}

impl Actor {
    /// Whether the actor may do this to that, by the access table.
    ///
    /// # Errors
    /// [`Denied::SignIn`] for a stranger, [`Denied::NotYours`] for somebody with no part in the record, else [`Denied::Role`].
    pub fn must(&self, action: Action, on: Subject) -> Result<(), Denied> {
        let rule = action.rule();
        if rule.anyone {
            return Ok(());
        }
        if self.person.is_none() {
            return Err(Denied::SignIn);
        }
        if rule.signed_in {
            return Ok(());
        }
        let mut has_part = false;
        for membership in &self.memberships {
            let in_agency = on.agency == Some(membership.organization);
            let in_owner = on.owner == Some(membership.organization);
            has_part |= in_agency || in_owner;
            if (in_agency && rule.agency.contains(&membership.role)) || (in_owner && rule.owner.contains(&membership.role)) {
                return Ok(());
            }
        }
        Err(if has_part { Denied::Role(rule.who) } else { Denied::NotYours })
    }

    /// Whether the actor may, as a yes or no, to show or leave out a button.
    #[must_use]
    pub fn may(&self, action: Action, on: Subject) -> bool {
        self.must(action, on).is_ok()
    }

    /// Whether the actor holds a role that the action asks for, anywhere: the first gate of every door, before a record is loaded.
    ///
    /// # Errors
    /// [`Denied::SignIn`] for a stranger, [`Denied::Role`] for somebody who holds no such role anywhere.
    pub fn must_somewhere(&self, action: Action) -> Result<(), Denied> {
        let rule = action.rule();
        if rule.anyone {
            return Ok(());
        }
        if self.person.is_none() {
            return Err(Denied::SignIn);
        }
        let held = |membership: &Membership| rule.agency.contains(&membership.role) || rule.owner.contains(&membership.role);
        if rule.signed_in || self.memberships.iter().any(held) { Ok(()) } else { Err(Denied::Role(rule.who)) }
    }

    /// The organizations in which the actor holds one of these roles, each once.
    #[must_use]
    pub fn organizations_as(&self, roles: &[Role]) -> Vec<OrganizationId> {
        let mut found: Vec<OrganizationId> = Vec::new();
        for membership in &self.memberships {
            if roles.contains(&membership.role) && !found.contains(&membership.organization) {
                found.push(membership.organization);
            }
        }
        found
    }

    /// Whether the actor holds any role in an organization.
    #[must_use]
    pub fn belongs_to(&self, organization: OrganizationId) -> bool {
        self.memberships.iter().any(|membership| membership.organization == organization)
    }

    /// Whether the actor is of the agency's staff, in any agency.
    #[must_use]
    pub fn is_staff(&self) -> bool {
        self.memberships.iter().any(|membership| STAFF.contains(&membership.role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn org(n: u128) -> OrganizationId {
        OrganizationId(Uuid::from_u128(n))
    }

    fn actor(role: Role, organization: OrganizationId) -> Actor {
        let membership = Membership { organization, organization_name: "Here".to_owned(), kind: role.held_in()[0], role };
        Actor { person: Some(PersonId(Uuid::from_u128(9))), name: "A".to_owned(), email: "a@b".to_owned(), memberships: vec![membership] }
    }

    #[test]
    fn a_stranger_is_asked_to_sign_in_for_all_that_is_not_public() {
        for action in Action::ALL {
            let on = Subject { agency: Some(org(1)), owner: Some(org(2)) };
            let expected = if action.rule().anyone { Ok(()) } else { Err(Denied::SignIn) };
            assert_eq!(Actor::default().must(action, on), expected, "{action:?}");
        }
    }

    #[test]
    fn a_role_elsewhere_gives_nothing_here() {
        for action in Action::ALL {
            for role in Role::ALL {
                let on = Subject { agency: Some(org(1)), owner: Some(org(2)) };
                let expected = if action.rule().anyone || action.rule().signed_in { Ok(()) } else { Err(Denied::NotYours) };
                assert_eq!(actor(role, org(3)).must(action, on), expected, "{action:?} {role:?}");
            }
        }
    }

    #[test]
    fn an_auditor_changes_nothing() {
        let on = Subject { agency: Some(org(1)), owner: Some(org(2)) };
        let allowed: Vec<Action> =
            Action::ALL.into_iter().filter(|action| !action.rule().signed_in && actor(Role::Auditor, org(1)).may(*action, on)).collect();
        assert_eq!(
            allowed,
            [
                Action::ReadPrograms,
                Action::ReadApplication,
                Action::ReadReviews,
                Action::ReadPanel,
                Action::ReadBench,
                Action::ReadAwards,
                Action::ReadHistory
            ]
        );
    }

    #[test]
    fn a_preparer_cannot_submit() {
        let on = Subject { agency: Some(org(1)), owner: Some(org(2)) };
        assert!(actor(Role::Preparer, org(2)).may(Action::EditApplication, on));
        assert!(matches!(actor(Role::Preparer, org(2)).must(Action::SubmitApplication, on), Err(Denied::Role(_))));
    }
}
