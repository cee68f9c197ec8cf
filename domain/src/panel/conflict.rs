//! Conflicts of interest: what a reviewer declares, and what follows from memberships on record. Either shuts the reviewer out.

use crate::id::OrganizationId;

/// The organizations that an application is tied to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ties {
    /// Who applies.
    pub applicant: OrganizationId,
    /// The regional organization that serves the applicant.
    pub region: Option<OrganizationId>,
    /// The college that the application names.
    pub college: Option<OrganizationId>,
}

/// How an organization is tied to an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tie {
    /// It applies.
    Applicant,
    /// It serves the applicant as its regional organization.
    Region,
    /// The application names it as its college.
    College,
}

/// One organization that a reviewer has a part in, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The organization.
    pub organization: OrganizationId,
    /// Its name.
    pub name: String,
    /// The reviewer's own words where it is declared; none where it follows from a membership.
    pub declared: Option<String>,
}

/// Why a reviewer is shut out of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// How the organization is tied to the application.
    pub tie: Tie,
    /// The reviewer's part in it.
    pub part: Part,
}

impl Ties {
    fn of(&self, organization: OrganizationId) -> Option<Tie> {
        if organization == self.applicant {
            Some(Tie::Applicant)
        } else if self.region == Some(organization) {
            Some(Tie::Region)
        } else if self.college == Some(organization) {
            Some(Tie::College)
        } else {
            None
        }
    }
}

impl Conflict {
    /// In a sentence without the reviewer's name: “Member of Alcorn School District, which applies.”
    #[must_use]
    pub fn say(&self) -> String {
        let tie = match self.tie {
            Tie::Applicant => "which applies",
            Tie::Region => "the applicant’s regional organization",
            Tie::College => "the college that the application names",
        };
        match &self.part.declared {
            None => format!("Holds or held a role in {}, {tie}.", self.part.name),
            Some(why) => format!("Declared a tie to {}, {tie}: {why}", self.part.name),
        }
    }
}

/// Every conflict between a reviewer's parts and an application's ties; the closest tie first.
#[must_use]
pub fn conflicts(ties: &Ties, parts: &[Part]) -> Vec<Conflict> {
    let mut found: Vec<Conflict> =
        parts.iter().filter_map(|part| Some(Conflict { tie: ties.of(part.organization)?, part: part.clone() })).collect();
    found.sort_by(|a, b| a.tie.cmp(&b.tie).then(a.part.declared.is_some().cmp(&b.part.declared.is_some())));
    found
}
