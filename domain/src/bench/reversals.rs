//! Rank reversal: whether somebody's leaving turns round the order of others. It can't where every scale looks at each applicant alone; it
//! can where a scale compares applicants, and then it is tried.

use super::{Ready, Setting, Tried};
use crate::ranking::Candidate;
use serde::{Deserialize, Serialize};

/// At most so many are left out in turn, from the line downwards.
pub const MOST_LEFT_OUT: usize = 40;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reversals {
    /// The names of the criteria whose scales compare applicants; when there are none, no reversal is possible.
    pub scales: Vec<String>,
    /// How many were left out in turn.
    pub tried: usize,
    /// Those that turn others round.
    pub found: Vec<Reversal>,
}

/// One applicant whose leaving turns two others round. All are indexes of entrants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reversal {
    /// Who would leave.
    pub without: usize,
    /// Who then goes ahead.
    pub up: usize,
    /// Whom it passes.
    pub down: usize,
    /// Whether an award flips by it, beyond what the freed money does.
    pub award: bool,
}

impl Ready {
    /// Leaves out, one at a time, those without money that stand nearest below the line, and looks at the order of the rest.
    ///
    /// # Errors
    /// As [`Ready::run`].
    pub fn reversals(&self, setting: &Setting, tried: &Tried) -> Result<Reversals, Vec<String>> {
        let rules = self.rules(setting);
        let comparing = rules.criteria.iter().filter(|criterion| criterion.scale.needs_spread());
        let scales: Vec<String> = comparing.map(|criterion| criterion.name.clone()).collect();
        if scales.is_empty() {
            return Ok(Reversals { scales, tried: 0, found: Vec::new() });
        }
        let unfunded = tried.order.iter().copied().filter(|entrant| tried.units.get(*entrant) == Some(&0));
        let leaving: Vec<usize> = unfunded.take(MOST_LEFT_OUT).collect();
        let mut found = Vec::new();
        for without in &leaving {
            let rest: Vec<Candidate> =
                self.candidates.iter().enumerate().filter(|(index, _)| index != without).map(|(_, candidate)| candidate.clone()).collect();
            let again = self.run_without(setting, &rules, &rest)?;
            let before: Vec<usize> = tried.order.iter().copied().filter(|entrant| entrant != without).collect();
            let first = again.order.iter().zip(&before).find(|(now, was)| now != was);
            if let Some((up, down)) = first {
                // Whoever leaves had no money, so what the others get changes only with their order.
                let award = again.units.iter().zip(&tried.units).any(|(now, was)| now != was);
                found.push(Reversal { without: *without, up: *up, down: *down, award });
            }
        }
        Ok(Reversals { scales, tried: leaving.len(), found })
    }
}
