//! The program file: one human-readable TOML file that says what a round is, from the appropriation to the reports, each rule with the
//! clause it rests on. Reading it finds every problem at once, each with its line and field. This file reads no disk and no clock.

mod allocations;
mod decisions;
mod named;
mod panels;
mod read;
mod rules;
mod scales;
mod sections;
mod summary;
#[cfg(test)]
mod tests;

use crate::allocation::AllocationRule;
use crate::appeal::AppealTerms;
use crate::approval::ApprovalStep;
use crate::canonical::{CanonicalError, canonical, sha256_hex};
use crate::letter::Letters;
use crate::money::Money;
use crate::named::NamedTerms;
use crate::panel::PanelTerms;
use crate::ruleset::RuleSet;
use crate::time::{Date, Timestamp, Zone};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A whole program file, read and checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgramFile {
    /// Who runs the program.
    pub agency: Agency,
    /// What the program is.
    pub program: Program,
    /// The money a legislature set aside.
    pub appropriations: Vec<Appropriation>,
    /// The call for applications.
    pub round: RoundTerms,
    /// The regions that awards go to, with their members.
    pub regions: Vec<Region>,
    /// Who may apply.
    pub eligibility: Eligibility,
    /// Who the law names, where nothing is ranked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named: Option<NamedTerms>,
    /// How applications are ranked; of what the law names, the order of the act.
    pub ranking: RuleSet,
    /// How a panel reviews them; staff score where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<PanelTerms>,
    /// What is awarded.
    pub award: AwardTerms,
    /// How the money goes down the list.
    pub allocation: AllocationRule,
    /// What recipients report.
    pub reporting: ReportingTerms,
    /// How recipients draw money.
    pub draws: DrawTerms,
    /// Who approves the awards, step by step; none: one step, by an approver.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<ApprovalStep>,
    /// What applicants are written; none: the texts of [`Letters::default_text`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letters: Option<Letters>,
    /// How a decision can be appealed; none: not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeals: Option<AppealTerms>,
}

/// Who runs the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agency {
    /// The full name.
    pub name: String,
    /// The name people use.
    pub short_name: String,
    /// The agency that holds and pays the money.
    pub fiscal_agent: String,
    /// Where questions go, if it says: an email address or a telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// What the program is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// The name in addresses: lower-case letters, digits and hyphens.
    pub slug: String,
    /// The name people read.
    pub name: String,
    /// What it does, in plain words.
    pub summary: String,
    /// The law it rests on.
    pub citation: String,
}

/// Money that a legislature set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appropriation {
    /// The key within the file.
    pub key: String,
    /// The bill: `SB 3021 (2023)`.
    pub bill: String,
    /// The section of the bill, or a plain word that it is not known.
    pub section: String,
    /// The fund the money comes from.
    pub fund_source: String,
    /// The fiscal year, by the year it ends in.
    pub fiscal_year: i32,
    /// The amount, in cents.
    pub amount: Money,
    /// The first day the money may be spent.
    pub begins_on: Date,
    /// The last day the money may be spent.
    pub lapses_on: Date,
    /// Where this stands.
    pub citation: String,
    /// Whether any of this was invented for a demonstration; the citation says what.
    pub synthetic: bool,
}

/// One call for applications. A wall-clock time in the file is kept as the instant it names in `zone`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoundTerms {
    /// The name in addresses.
    pub slug: String,
    /// The name people read.
    pub name: String,
    /// The zone of the deadline.
    pub zone: Zone,
    /// From when applications are taken.
    pub opens: Timestamp,
    /// The last second at which an application is in time.
    pub closes: Timestamp,
    /// Until when questions are answered, if a time is set.
    pub questions_until: Option<Timestamp>,
    /// The day awards are to be announced, if one is set.
    pub award_on: Option<Date>,
    /// The key of the appropriation that pays.
    pub appropriation: String,
    /// The seed of the lots, where the file publishes one; else one is drawn when the round opens, and shown when it has closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// Who reads the reasons of the scores that staff or a panel gave.
    #[serde(default, skip_serializing_if = "Reasons::is_default")]
    pub reasons: Reasons,
    /// Where the call stands.
    pub citation: String,
    /// What of this round was invented for a demonstration, one sentence each; shown on its pages.
    pub synthetic: Vec<String>,
}

/// Who reads the reasons of scores, besides staff. A reviewer’s name is never with them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reasons {
    /// Each applicant those of its own scores, once it is told.
    #[default]
    Applicant,
    /// Everybody: they stand in the frozen ranking, which is published.
    Public,
    /// Nobody.
    Staff,
}

impl Reasons {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The rule in a plain sentence.
    #[must_use]
    pub const fn plain(self) -> &'static str {
        match self {
            Self::Applicant => {
                "The reasons of scores are shown to their own applicant and to the agency, without the scorers’ names, and to nobody else."
            }
            Self::Public => "The reasons of scores are public, without the scorers’ names.",
            Self::Staff => "The reasons of scores are not released.",
        }
    }
}

/// One region: the organization that receives awards and the districts and counties it serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// The key within the file.
    pub key: String,
    /// The organization's name.
    pub name: String,
    /// Member districts by NCES id, seven digits, sorted.
    pub districts: Vec<String>,
    /// Member counties by FIPS code, five digits, sorted.
    pub counties: Vec<String>,
    /// Where the organization and its members stand.
    pub citation: String,
    /// Whether the members were invented for a demonstration.
    pub synthetic: bool,
}

/// A kind of applicant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicantKind {
    /// A school district.
    District,
    /// A community organization.
    Community,
}

impl ApplicantKind {
    /// The word in program files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::District => "district",
            Self::Community => "community",
        }
    }
}

/// Who may apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Eligibility {
    /// The kinds of applicant, sorted, each once.
    pub applicants: Vec<ApplicantKind>,
    /// Who may apply, in plain words.
    pub text: String,
    /// The clause it rests on.
    pub citation: String,
}

/// What is awarded: whole units at one cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwardTerms {
    /// One unit's name: `career coach seat`.
    pub unit: String,
    /// More than one's: `career coach seats`.
    pub units: String,
    /// What one unit may cost at most, in cents.
    pub unit_cost: Money,
    /// The most units one applicant may ask for.
    pub max_units: i64,
    /// Where an award runs for more than one fiscal year: for how many, each later one subject to appropriation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub years: Option<Years>,
    /// Where this stands.
    pub citation: String,
    /// Whether cost or limit was invented for a demonstration.
    pub synthetic: bool,
}

/// For how many fiscal years an award runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Years {
    /// How many, the first included.
    pub count: u32,
    /// Where this stands.
    pub citation: String,
    /// Whether it was invented for a demonstration.
    pub synthetic: bool,
}

impl Years {
    /// The terms in a plain sentence.
    #[must_use]
    pub fn plain(&self) -> String {
        format!(
            "An award runs for {} fiscal years. It pays for the first; each later one is subject to appropriation, in the order of the ranking as \
             far as that year’s money goes.",
            self.count
        )
    }
}

/// What recipients report each quarter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportingTerms {
    /// The categories of spending.
    pub categories: Vec<Category>,
    /// The outcomes counted.
    pub outcomes: Vec<OutcomeMeasure>,
    /// Days after a quarter's end until its report is due.
    pub due_days: u32,
    /// Where this stands.
    pub citation: String,
    /// Whether categories, outcomes or days were invented for a demonstration.
    pub synthetic: bool,
}

/// A category of spending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// The key within the file.
    pub key: String,
    /// The name people read.
    pub name: String,
}

/// An outcome that is counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeMeasure {
    /// The key within the file.
    pub key: String,
    /// The name people read.
    pub name: String,
    /// What is counted: `students`.
    pub unit: String,
}

/// How recipients draw money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawTerms {
    /// Before or after spending.
    pub basis: DrawBasis,
    /// Where this stands.
    pub citation: String,
    /// Whether the basis was invented for a demonstration.
    pub synthetic: bool,
}

/// Whether money is drawn before or after it is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrawBasis {
    /// Drawn ahead of spending, and reported afterwards.
    Advance,
    /// Drawn for what was spent.
    Reimbursement,
}

/// One thing wrong with a program file, where it stands and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileProblem {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The field: `ranking.criteria[2].weight`.
    pub field: String,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl fmt::Display for FileProblem {
    /// `line 12, column 8, round.closes: …`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, field, problem } = self;
        if field.is_empty() {
            write!(f, "line {line}, column {column}: {problem}")
        } else {
            write!(f, "line {line}, column {column}, {field}: {problem}")
        }
    }
}

/// The rules of a round without the rest of its file, for ranking and allocating what stands in a table. Facts may have any key: the table
/// has the columns, and a slip of the pen is found there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesFile {
    /// The seed of the lots: `seed` at the head of the file, or the round's.
    pub seed: Option<String>,
    /// The `[ranking]` section.
    pub ranking: Option<RuleSet>,
    /// The `[allocation]` section.
    pub allocation: Option<AllocationRule>,
}

impl RulesFile {
    /// Reads and checks the rules in a file; a whole program file will do, and its other sections are passed over.
    ///
    /// # Errors
    /// Every problem found, in the order of the lines.
    pub fn parse(text: &str) -> Result<Self, Vec<FileProblem>> {
        let (rules, problems) = sections::read_rules(text);
        in_order(rules, problems)
    }
}

/// What was read, if nothing is wrong with it.
fn in_order<T>(read: Option<T>, mut problems: Vec<FileProblem>) -> Result<T, Vec<FileProblem>> {
    problems.sort();
    problems.dedup();
    match read {
        Some(read) if problems.is_empty() => Ok(read),
        _ => Err(problems),
    }
}

impl ProgramFile {
    /// Reads and checks a program file.
    ///
    /// # Errors
    /// Every problem found, in the order of the lines.
    pub fn parse(text: &str) -> Result<Self, Vec<FileProblem>> {
        let (file, problems) = sections::read(text);
        in_order(file, problems)
    }

    /// Reads a file back from its canonical form, as the store keeps it.
    ///
    /// # Errors
    /// A sentence saying why the text is not a canonical program file.
    pub fn from_canonical(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|cause| format!("This is not a program file's canonical form: {cause}"))
    }

    /// The canonical form: compact JSON with sorted keys, money in cents, decimals as text without trailing zeros, times in UTC. Comments,
    /// order of keys and layout of the TOML leave no trace in it.
    ///
    /// # Errors
    /// [`CanonicalError`], which no file that was read gives.
    pub fn canonical(&self) -> Result<String, CanonicalError> {
        canonical(self)
    }

    /// SHA-256 of the canonical form, as shown on the public page.
    ///
    /// # Errors
    /// As [`ProgramFile::canonical`].
    pub fn sha256(&self) -> Result<String, CanonicalError> {
        self.canonical().map(|text| sha256_hex(text.as_bytes()))
    }

    /// The appropriation that pays for the round.
    #[must_use]
    pub fn appropriation(&self) -> Option<&Appropriation> {
        self.appropriations.iter().find(|appropriation| appropriation.key == self.round.appropriation)
    }

    /// The appropriations that pay for the round, in the order in which they are laid out: its own comes last.
    pub fn paying(&self) -> impl Iterator<Item = &Appropriation> {
        let of = |key: &String| self.appropriations.iter().find(move |appropriation| appropriation.key == *key);
        self.allocation.before.iter().filter_map(move |pot| of(&pot.appropriation)).chain(self.appropriation())
    }

    /// The region of a district or of a community's county. A district named itself belongs where it is named, whatever its county.
    #[must_use]
    pub fn region_of(&self, district: Option<&str>, county: Option<&str>) -> Option<&Region> {
        let named =
            |list: fn(&Region) -> &Vec<String>, id: &str| self.regions.iter().find(|region| list(region).iter().any(|member| member == id));
        district.and_then(|id| named(|region| &region.districts, id)).or_else(|| county.and_then(|id| named(|region| &region.counties, id)))
    }

    /// The region of a key.
    #[must_use]
    pub fn region(&self, key: &str) -> Option<&Region> {
        self.regions.iter().find(|region| region.key == key)
    }
}
