//! A program file in a few plain sentences, for the command line and the import page: what a person checks before opening a round.

use super::{ProgramFile, Years};
use crate::allocation::Pot;
use crate::approval::ApprovalStep;
use crate::canonical::CanonicalError;
use crate::named::NamedTerms;
use crate::time::say_date;

impl ProgramFile {
    /// The file in plain sentences, one a line, the hash last.
    ///
    /// # Errors
    /// As [`ProgramFile::sha256`].
    pub fn summary(&self) -> Result<Vec<String>, CanonicalError> {
        let round = &self.round;
        let mut lines = vec![format!("{}, {}.", self.program.name, round.name)];
        if let Some(money) = self.appropriation() {
            let days = format!("{} to {}", say_date(money.begins_on), say_date(money.lapses_on));
            lines.push(format!("{} from {}, fiscal year {}, {days}: {}", money.amount, money.fund_source, money.fiscal_year, money.bill));
        }
        lines.push(format!("Opens {}; closes {}.", round.opens.say_in(round.zone), round.closes.say_in(round.zone)));
        match &self.named {
            Some(named) => lines.extend(named_lines(named)),
            None => {
                let criteria: Vec<String> =
                    self.ranking.criteria.iter().map(|criterion| format!("{} {}", criterion.name, criterion.weight_percent())).collect();
                lines.push(format!("Ranked by {}.", criteria.join(", ")));
                lines.push(format!("Ties: {}.", self.ranking.plain_ties().join("; then ")));
            }
        }
        if let (Some(review), Some(how)) = (&self.review, self.ranking.panel) {
            lines.extend(review.plain());
            lines.push(format!("The panel's scores become one number by {}.", how.plain()));
        }
        let award = &self.award;
        if self.named.is_none() {
            lines.push(format!("Awarded in {} at {} each, at most {} to one applicant.", award.units, award.unit_cost, award.max_units));
        }
        lines.extend(award.years.as_ref().map(Years::plain));
        lines.push(self.plain_allocation());
        if !self.approvals.is_empty() {
            let steps: Vec<String> = self.approvals.iter().map(ApprovalStep::plain).collect();
            lines.push(format!("Approved in steps: {}", steps.join(" ")));
        }
        if let Some(appeals) = &self.appeals {
            let reserve = appeals.reserve.map(|reserve| format!("; {reserve} set aside")).unwrap_or_default();
            lines.push(format!("Appeals within {} days of being told, on {} grounds{reserve}.", appeals.days, appeals.grounds.len()));
        }
        let districts: usize = self.regions.iter().map(|region| region.districts.len()).sum();
        let counties: usize = self.regions.iter().map(|region| region.counties.len()).sum();
        lines.push(format!("Regions: {}, with {districts} districts and {counties} counties.", self.regions.len()));
        lines.extend(round.synthetic.iter().map(|sentence| format!("Invented for demonstration: {sentence}")));
        lines.push(format!("SHA-256 {}", self.sha256()?));
        Ok(lines)
    }
}

impl ProgramFile {
    /// How the money is laid out, in plain sentences: what each pot does that is filled first, and then the round's own appropriation.
    #[must_use]
    pub fn plain_allocation(&self) -> String {
        let before = self.allocation.before.iter().map(|pot| self.plain_pot(pot));
        let then = if self.allocation.before.is_empty() { "" } else { "Then the round’s own appropriation: " };
        before.chain([format!("{then}{}", self.allocation.plain())]).collect::<Vec<_>>().join(" ")
    }

    /// A pot that is filled before the round's own appropriation, in plain sentences.
    #[must_use]
    pub fn plain_pot(&self, pot: &Pot) -> String {
        let from = self.appropriations.iter().find(|money| money.key == pot.appropriation);
        let most = pot.amount.or(from.map(|money| money.amount)).map_or_else(String::new, |amount| format!(", at most {amount}"));
        let names = pot.regions.iter().map(|key| self.region(key).map_or(key.as_str(), |region| region.name.as_str()));
        let only = names.collect::<Vec<_>>().join(", ");
        let only = if only.is_empty() { String::new() } else { format!(", for {only} only") };
        format!("First “{}”{most}{only}: {} Whoever it pays is not paid by another.", pot.name, pot.rule.plain())
    }
}

fn named_lines(named: &NamedTerms) -> Vec<String> {
    let total = named.total().unwrap_or_default();
    let mut lines = vec![format!("Named in law, without competition: {} recipients, {total} in all.", named.recipients.len())];
    lines.extend(named.recipients.iter().map(|one| {
        let synthetic = if one.synthetic { " (amount invented)" } else { "" };
        format!("{}: {}{synthetic}. {}", one.name, one.amount().unwrap_or_default(), one.citation)
    }));
    lines.push(format!("Each accepts {} terms before its award can be made.", named.terms.len()));
    lines
}
