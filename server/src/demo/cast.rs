//! The demo's people. All are invented; their addresses end in a domain that no mail reaches.

use app::call::{Call, Desk, Opened};
use domain::access::{Actor, Membership, OrganizationKind, Role};
use domain::{OrganizationId, PersonId, Timestamp};

/// One of the demo's people, with the one role they play.
#[derive(Clone, Debug)]
pub struct Player {
    /// Their id.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Where they act.
    pub organization: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// Its kind.
    pub kind: OrganizationKind,
    /// As what.
    pub role: Role,
}

impl Player {
    /// The player's request at an instant, as a use case takes it.
    #[must_use]
    pub fn call(&self, desk: &Desk, now: Timestamp) -> Call {
        let membership = Membership {
            organization: self.organization,
            organization_name: self.organization_name.clone(),
            kind: self.kind,
            role: self.role,
        };
        let actor = Actor { person: Some(self.person), name: self.name.clone(), email: self.email.clone(), memberships: vec![membership] };
        Call { actor, now, desk: desk.clone(), path: "/".to_owned(), session: None, opened: Opened::default() }
    }
}

/// Everybody who plays in the history.
#[derive(Clone, Debug)]
pub struct Cast {
    /// The agency's program manager.
    pub manager: Player,
    /// A reviewer.
    pub reviewer: Player,
    /// The panel of the bridge round, its chair first; `reviewer` sits on it, too.
    pub panel: Vec<Player>,
    /// The approver.
    pub approver: Player,
    /// Another approver, who had no hand in the awards and rules on appeals.
    pub umpire: Player,
    /// The fiscal agent.
    pub fiscal: Player,
    /// For each district, who signs: in the tables' order.
    pub certifiers: Vec<Player>,
    /// For each region of the program file, who prepares and who signs: in the file's order.
    pub regions: Vec<(Player, Player)>,
}

/// A district's or community's people with a desk in the demo: NCES id or key, preparer, certifier.
pub const APPLICANTS: [(&str, &str, &str); 4] = [
    ("2803030", "Josie Bell", "Harold Nix"),
    ("2800750", "Keisha Moore", "Walter Dunn"),
    ("2802910", "Amos Tate", "Lillian Cross"),
    ("community", "Renee Fontaine", "Curtis Webb"),
];

/// The panel of the bridge round besides the reviewer; the first is its chair.
pub const PANEL: [&str; 4] = ["Ines Carver", "Noah Lindqvist", "Bettina Shaw", "Omar Haddad"];

/// The member of the panel who also prepares draws for a regional organization: the portal finds that conflict by itself.
pub const TIED: (&str, &str) = ("Bettina Shaw", "ncpdd");

/// The regional organizations with a desk in the demo: key in the program file, preparer, certifier.
pub const RECIPIENTS: [(&str, &str, &str); 2] = [("cmpdd", "Priya Raman", "Gordon Hale"), ("sdpdd", "Tyrell Banks", "Maria Esposito")];
