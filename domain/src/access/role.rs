//! Roles, and the kinds of organization that they are held in.

use serde::{Deserialize, Serialize};

/// A role that a membership gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the agency's programs: imports, screens, ranks, tells.
    ProgramManager,
    /// Scores applications against the rubric.
    Reviewer,
    /// Approves what a manager proposes.
    Approver,
    /// Approves draws and records payments.
    FiscalAgent,
    /// Reads everything, changes nothing.
    Auditor,
    /// Fills in an applicant's application.
    Preparer,
    /// Signs and submits an applicant's application.
    Certifier,
    /// Prepares a regional organization's draws and reports.
    RegionalPreparer,
    /// Signs a regional organization's reports.
    RegionalCertifier,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 9] = [
        Self::ProgramManager,
        Self::Reviewer,
        Self::Approver,
        Self::FiscalAgent,
        Self::Auditor,
        Self::Preparer,
        Self::Certifier,
        Self::RegionalPreparer,
        Self::RegionalCertifier,
    ];

    /// As the store writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProgramManager => "program_manager",
            Self::Reviewer => "reviewer",
            Self::Approver => "approver",
            Self::FiscalAgent => "fiscal_agent",
            Self::Auditor => "auditor",
            Self::Preparer => "preparer",
            Self::Certifier => "certifier",
            Self::RegionalPreparer => "regional_preparer",
            Self::RegionalCertifier => "regional_certifier",
        }
    }

    /// As people say it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProgramManager => "Program manager",
            Self::Reviewer => "Reviewer",
            Self::Approver => "Approver",
            Self::FiscalAgent => "Fiscal agent",
            Self::Auditor => "Auditor",
            Self::Preparer => "Preparer",
            Self::Certifier => "Certifier",
            Self::RegionalPreparer => "Regional preparer",
            Self::RegionalCertifier => "Regional certifier",
        }
    }

    /// The role of a stored name.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// The kinds of organization in which the role may be held.
    #[must_use]
    pub const fn held_in(self) -> &'static [OrganizationKind] {
        match self {
            Self::ProgramManager | Self::Reviewer | Self::Approver | Self::FiscalAgent | Self::Auditor => &[OrganizationKind::Agency],
            Self::Preparer | Self::Certifier => &[OrganizationKind::District, OrganizationKind::Community],
            Self::RegionalPreparer | Self::RegionalCertifier => &[OrganizationKind::Region],
        }
    }
}

/// What kind of organization it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganizationKind {
    /// A state agency that runs programs.
    Agency,
    /// A school district.
    District,
    /// A community organization that applies.
    Community,
    /// A regional organization that receives awards.
    Region,
    /// A community college.
    College,
}

impl OrganizationKind {
    /// As the store writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agency => "agency",
            Self::District => "district",
            Self::Community => "community",
            Self::Region => "region",
            Self::College => "college",
        }
    }

    /// The kind of a stored name.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        [Self::Agency, Self::District, Self::Community, Self::Region, Self::College].into_iter().find(|kind| kind.as_str() == text)
    }
}
