//! The manager's list: one joined statement for a page of applications, one for the counts. The texts differ by sort column only, so
//! each is a constant made by the macro below and every one is planned by the engine with its index.

use crate::db::{Tx, all, one};
use crate::error::Result;
use domain::RoundId;
use uuid::Uuid;

/// Rows on a page.
pub const PAGE: i64 = 60;

/// What the list is narrowed to; empty means no narrowing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListFilter {
    /// `submitted` or `withdrawn`.
    pub status: String,
    /// `eligible`, `ineligible` or `undecided`.
    pub eligibility: String,
    /// A region's key.
    pub region: String,
    /// Part of a name, a county or a number, folded to lower case.
    pub text: String,
}

impl ListFilter {
    /// Whether nothing is narrowed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.status.is_empty() && self.eligibility.is_empty() && self.region.is_empty() && self.text.is_empty()
    }

    /// The text as a pattern, its wildcards taken literally.
    fn pattern(&self) -> String {
        if self.text.is_empty() {
            return String::new();
        }
        let mut pattern = String::with_capacity(self.text.len() + 2);
        pattern.push('%');
        for letter in self.text.to_lowercase().chars() {
            if matches!(letter, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(letter);
        }
        pattern.push('%');
        pattern
    }
}

/// The column that the list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Application number.
    #[default]
    Number,
    /// The applicant's name.
    Applicant,
    /// The county's name.
    County,
    /// Units requested.
    Units,
    /// Eligibility: undecided, ineligible, eligible.
    Eligibility,
    /// How many rubric scores there are.
    Scores,
    /// The place in the frozen ranking; unranked last.
    Place,
}

impl Sort {
    /// Every column.
    pub const ALL: [Self; 7] = [Self::Number, Self::Applicant, Self::County, Self::Units, Self::Eligibility, Self::Scores, Self::Place];

    /// As addresses write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Applicant => "applicant",
            Self::County => "county",
            Self::Units => "units",
            Self::Eligibility => "eligibility",
            Self::Scores => "scores",
            Self::Place => "place",
        }
    }

    /// The column of an address's word.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.as_str() == text)
    }
}

/// One application on the list.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ListRow {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    pub number: String,
    /// The applicant.
    pub applicant: String,
    /// The applicant's county.
    pub county: Option<String>,
    /// The region's key, when the applicant belongs to one.
    pub region: Option<String>,
    /// Units asked for.
    pub units: i64,
    /// `submitted` or `withdrawn`.
    pub status: String,
    /// The decision on eligibility, when there is one.
    pub eligible: Option<bool>,
    /// Rubric scores given.
    pub scored: i64,
    /// Place in the frozen ranking.
    pub place: Option<i64>,
    /// Points in the frozen ranking, an exact fraction.
    pub points: Option<String>,
}

/// The list's rows: of which applications, and what follows.
macro_rules! rows_sql {
    ([$($from:literal),+], [$($rest:literal),+]) => {
        concat!(
            "SELECT a.id, a.number, o.name AS applicant, o.county_name AS county, g.key AS region, COALESCE(a.units_requested, 0) AS units,
                    a.status, e.eligible, (SELECT count(*) FROM rubric_scores s WHERE s.application = a.id) AS scored, p.place, p.points
             FROM ", $($from,)+ " a JOIN organizations o ON o.id = a.applicant
             LEFT JOIN eligibility_decisions e ON e.application = a.id
             LEFT JOIN rankings k ON k.round = a.round
             LEFT JOIN ranking_places p ON p.ranking = k.id AND p.application = a.id
             LEFT JOIN region_members m ON m.round = a.round AND m.member = a.applicant
             LEFT JOIN regions g ON g.round = m.round AND g.organization = m.region ", $($rest),+
        )
    };
}

/// One page of the list. The page that is narrowed to nothing has a text of its own: an engine that plans a text once for all its
/// parameters reads whole tables for those of a filter, and knows no better when they are empty.
macro_rules! page_sql {
    ($filter:literal, $order:literal, $page:literal) => {
        rows_sql!(
            ["applications"],
            ["WHERE a.round = $1 AND a.number IS NOT NULL AND a.status <> 'draft'", $filter, " ORDER BY ", $order, $page]
        )
    };
}

/// By number and narrowed to nothing: the page is cut out of the index first, so that only its own rows are looked up elsewhere.
macro_rules! by_number_sql {
    ($cut:literal, $order:literal) => {
        rows_sql!(
            [
                "(SELECT id, number, applicant, round, units_requested, status FROM applications
                  WHERE round = $1 AND number IS NOT NULL AND status <> 'draft' ORDER BY ",
                $cut,
                " LIMIT $2 OFFSET $3)"
            ],
            ["ORDER BY ", $order]
        )
    };
}

/// The text of each order, with what stands before and behind it.
macro_rules! sorted {
    ($sort:expr, $filter:literal, $page:literal) => {
        match $sort {
            (Sort::Number, false) => page_sql!($filter, "a.number, a.id", $page),
            (Sort::Number, true) => page_sql!($filter, "a.number DESC, a.id", $page),
            (Sort::Applicant, false) => page_sql!($filter, "o.name_folded, a.id", $page),
            (Sort::Applicant, true) => page_sql!($filter, "o.name_folded DESC, a.id", $page),
            (Sort::County, false) => page_sql!($filter, "o.county_name NULLS LAST, a.number, a.id", $page),
            (Sort::County, true) => page_sql!($filter, "o.county_name DESC NULLS LAST, a.number, a.id", $page),
            (Sort::Units, false) => page_sql!($filter, "units, a.number, a.id", $page),
            (Sort::Units, true) => page_sql!($filter, "units DESC, a.number, a.id", $page),
            (Sort::Eligibility, false) => page_sql!($filter, "e.eligible NULLS FIRST, a.number, a.id", $page),
            (Sort::Eligibility, true) => page_sql!($filter, "e.eligible DESC NULLS LAST, a.number, a.id", $page),
            (Sort::Scores, false) => page_sql!($filter, "scored, a.number, a.id", $page),
            (Sort::Scores, true) => page_sql!($filter, "scored DESC, a.number, a.id", $page),
            (Sort::Place, false) => page_sql!($filter, "p.place NULLS LAST, a.number, a.id", $page),
            (Sort::Place, true) => page_sql!($filter, "p.place DESC NULLS LAST, a.number, a.id", $page),
        }
    };
}

/// A page of the round's applications, [`PAGE`] rows from `offset`.
///
/// # Errors
/// The store's failure.
pub async fn list(tx: &mut Tx<'_>, round: RoundId, filter: &ListFilter, sort: Sort, descending: bool, offset: i64) -> Result<Vec<ListRow>> {
    if filter.is_empty() {
        let sql = match (sort, descending) {
            (Sort::Number, false) => by_number_sql!("number, id", "a.number, a.id"),
            (Sort::Number, true) => by_number_sql!("number DESC, id", "a.number DESC, a.id"),
            other => sorted!(other, "", " LIMIT $2 OFFSET $3"),
        };
        return Ok(all!(tx, ListRow, sql, round.0, PAGE, offset)?);
    }
    let sql = sorted!(
        (sort, descending),
        " AND ($2 = '' OR a.status = $2)
             AND ($3 = '' OR ($3 = 'eligible' AND e.eligible) OR ($3 = 'ineligible' AND NOT e.eligible)
                  OR ($3 = 'undecided' AND e.eligible IS NULL AND a.status = 'submitted'))
             AND ($4 = '' OR g.key = $4)
             AND ($5 = '' OR o.name_folded LIKE $5 ESCAPE '\\' OR lower(o.county_name) LIKE $5 ESCAPE '\\' OR lower(a.number) LIKE $5 ESCAPE '\\')",
        " LIMIT $6 OFFSET $7"
    );
    Ok(all!(
        tx,
        ListRow,
        sql,
        round.0,
        filter.status.as_str(),
        filter.eligibility.as_str(),
        filter.region.as_str(),
        filter.pattern(),
        PAGE,
        offset
    )?)
}

/// Counts of a round's applications, and of those that a filter leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Totals {
    /// Handed in and not withdrawn.
    pub submitted: i64,
    /// Of these, without a decision.
    pub undecided: i64,
    /// Of these, eligible.
    pub eligible: i64,
    /// Of these, ineligible.
    pub ineligible: i64,
    /// Withdrawn after they were handed in.
    pub withdrawn: i64,
    /// Units asked for by those handed in.
    pub units: i64,
    /// Applications that the filter leaves.
    pub matched: i64,
    /// Units that these ask for, the withdrawn left out.
    pub matched_units: i64,
}

/// Counts that indexes alone answer. Of the decisions, those on applications since withdrawn (they are few) are counted apart.
#[derive(sqlx::FromRow)]
struct Counted {
    submitted: i64,
    units: i64,
    withdrawn: i64,
    decided: i64,
    against: i64,
    decided_of_withdrawn: i64,
    against_of_withdrawn: i64,
}

const COUNT_ALL: &str = "SELECT s.submitted, s.units,
    (SELECT count(*) FROM applications a WHERE a.round = $1 AND a.status = 'withdrawn') AS withdrawn,
    (SELECT count(*) FROM eligibility_decisions e WHERE e.round = $1) AS decided,
    (SELECT count(*) FROM eligibility_decisions e WHERE e.round = $1 AND e.eligible = FALSE) AS against,
    (SELECT count(*) FROM applications a JOIN eligibility_decisions e ON e.application = a.id
     WHERE a.round = $1 AND a.status = 'withdrawn') AS decided_of_withdrawn,
    (SELECT count(*) FROM applications a JOIN eligibility_decisions e ON e.application = a.id
     WHERE a.round = $1 AND a.status = 'withdrawn' AND e.eligible = FALSE) AS against_of_withdrawn
    FROM (SELECT count(*) AS submitted, CAST(COALESCE(sum(a.units_requested), 0) AS BIGINT) AS units
          FROM applications a WHERE a.round = $1 AND a.status = 'submitted') s";

impl Counted {
    const fn totals(&self) -> Totals {
        let (decided, ineligible) = (self.decided - self.decided_of_withdrawn, self.against - self.against_of_withdrawn);
        Totals {
            submitted: self.submitted,
            undecided: self.submitted - decided,
            eligible: decided - ineligible,
            ineligible,
            withdrawn: self.withdrawn,
            units: self.units,
            matched: self.submitted + self.withdrawn,
            matched_units: self.units,
        }
    }
}

/// Counts over the whole round and over what the filter leaves, in one pass.
///
/// # Errors
/// The store's failure.
pub async fn totals(tx: &mut Tx<'_>, round: RoundId, filter: &ListFilter) -> Result<Totals> {
    if filter.is_empty() {
        return Ok(one!(tx, Counted, COUNT_ALL, round.0)?.totals());
    }
    Ok(one!(
        tx,
        Totals,
        "SELECT count(*) FILTER (WHERE status = 'submitted') AS submitted,
                count(*) FILTER (WHERE status = 'submitted' AND eligible IS NULL) AS undecided,
                count(*) FILTER (WHERE status = 'submitted' AND eligible) AS eligible,
                count(*) FILTER (WHERE status = 'submitted' AND NOT eligible) AS ineligible,
                count(*) FILTER (WHERE status = 'withdrawn') AS withdrawn,
                CAST(COALESCE(sum(units_requested) FILTER (WHERE status = 'submitted'), 0) AS BIGINT) AS units,
                count(*) FILTER (WHERE matches) AS matched,
                CAST(COALESCE(sum(units_requested) FILTER (WHERE matches AND status = 'submitted'), 0) AS BIGINT) AS matched_units
         FROM (SELECT a.status, a.units_requested, e.eligible,
                      (($2 = '' OR a.status = $2)
                       AND ($3 = '' OR ($3 = 'eligible' AND e.eligible) OR ($3 = 'ineligible' AND NOT e.eligible)
                            OR ($3 = 'undecided' AND e.eligible IS NULL AND a.status = 'submitted'))
                       AND ($4 = '' OR g.key = $4)
                       AND ($5 = '' OR o.name_folded LIKE $5 ESCAPE '\\' OR lower(o.county_name) LIKE $5 ESCAPE '\\'
                            OR lower(a.number) LIKE $5 ESCAPE '\\')) AS matches
               FROM applications a JOIN organizations o ON o.id = a.applicant
               LEFT JOIN eligibility_decisions e ON e.application = a.id
               LEFT JOIN region_members m ON m.round = a.round AND m.member = a.applicant
               LEFT JOIN regions g ON g.round = m.round AND g.organization = m.region
               WHERE a.round = $1 AND a.number IS NOT NULL AND a.status <> 'draft') listed",
        round.0,
        filter.status.as_str(),
        filter.eligibility.as_str(),
        filter.region.as_str(),
        filter.pattern()
    )?)
}
