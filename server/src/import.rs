//! Loading a real portal's tables from the command line: its organizations, and the public figures about them. All of a file is taken, or
//! nothing of it; what is wrong is named by line and column, all at once.

pub mod facts;
pub mod organizations;
pub mod table;

use app::error::{AppError, Problem};
pub use app::review::work::Refreshed;
use std::path::Path;

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Rows that are new.
    pub added: usize,
    /// Rows that were on record and now say something else.
    pub changed: usize,
    /// Rows that were on record just so.
    pub same: usize,
    /// The rounds under way in which somebody's points changed by it.
    pub refreshed: Vec<Refreshed>,
}

/// The sentences about a file that was refused: one for each problem.
#[must_use]
pub fn say(file: &Path, refused: &AppError) -> Vec<String> {
    match refused.problems() {
        Some(problems) => problems.iter().map(|Problem { field, text }| format!("{}, {field}: {text}", file.display())).collect(),
        None => vec![refused.say().1],
    }
}
