//! Identities: one UUID newtype per noun, minted at the edge. This file makes no ids: chance is an argument.

/// Declares id newtypes over [`uuid::Uuid`].
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                uuid::Uuid::parse_str(text).map(Self)
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(id: uuid::Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for uuid::Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

ids! {
    /// A person with an account.
    PersonId,
    /// An agency, district, community, regional organization or college.
    OrganizationId,
    /// A person's role in an organization.
    MembershipId,
    /// An invitation to a role, by email.
    InvitationId,
    /// A program of a legislature's money.
    ProgramId,
    /// One imported version of a program file.
    ProgramVersionId,
    /// An amendment of a round's rules.
    AmendmentId,
    /// Money appropriated by a bill's section for a fiscal year.
    AppropriationId,
    /// One call for applications.
    RoundId,
    /// One applicant's application to a round.
    ApplicationId,
    /// An uploaded file.
    FileId,
    /// A contested figure.
    ContestId,
    /// A frozen ranking.
    RankingId,
    /// Money laid down a frozen ranking.
    AllocationId,
    /// Money laid out again: to the waiting list, or for an upheld appeal.
    RefillId,
    /// An appeal against what became of an application.
    AppealId,
    /// A change of an award after it was made.
    AwardChangeId,
    /// An award to a regional organization.
    AwardId,
    /// One district's part of an award.
    AwardLineId,
    /// A ledger account.
    AccountId,
    /// A ledger entry.
    EntryId,
    /// A request for money under an award.
    DrawId,
    /// A quarter's spending and outcome report.
    ReportId,
    /// One panel member's review of one application.
    ReviewId,
    /// A row of the event log.
    EventId,
    /// A message waiting to be sent.
    MessageId,
}
