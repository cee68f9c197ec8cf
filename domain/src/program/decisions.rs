//! Reads what follows a ranking: `[[approvals]]`, `[letters]` and `[appeals]`. A file may be silent on each.

use super::read::{Fields, Spot};
use super::sections::{choice, unique};
use crate::appeal::{AppealTerms, Ground};
use crate::approval::ApprovalStep;
use crate::award::Outcome;
use crate::letter::{self, Basis, Letters};

pub(super) fn approvals(root: &Fields<'_>) -> Vec<ApprovalStep> {
    let mut steps: Vec<ApprovalStep> = Vec::new();
    let all = root.tables_if_any("approvals");
    for fields in &all {
        let name = fields.text("name");
        unique(fields.optional("name"), &name, steps.iter().map(|step| step.name.as_str()));
        let role = choice(fields, "role", &ApprovalStep::ROLES);
        let over = fields.optional("over").map(|spot| spot.money());
        let step = ApprovalStep {
            name,
            role: role.unwrap_or(crate::access::Role::Approver),
            over,
            citation: fields.text("citation"),
            synthetic: fields.flag("synthetic"),
        };
        steps.push(step);
    }
    if let Some(first) = all.first()
        && steps.iter().all(|step| step.over.is_some())
    {
        first.note("Every step has an “over”, so a small allocation would need no approval. Leave “over” out of one of them.");
    }
    all.into_iter().for_each(Fields::end);
    steps
}

pub(super) fn letters(root: &Fields<'_>, basis: Basis) -> Option<Letters> {
    let fields = root.optional("letters")?.fields()?;
    let text = |key: &'static str, outcome: Outcome| {
        let spot = fields.optional(key)?;
        let text = spot.text();
        for (at, problem) in letter::problems(&text, outcome, basis) {
            spot.note_inside(at, problem);
        }
        Some(text)
    };
    let letters = Letters {
        funded: text("funded", Outcome::Funded),
        partly_funded: text("partly_funded", Outcome::PartlyFunded),
        waitlisted: text("waitlisted", Outcome::Waitlisted),
        not_funded: text("not_funded", Outcome::NotFunded),
        ineligible: text("ineligible", Outcome::Ineligible),
        synthetic: fields.flag("synthetic"),
    };
    fields.end();
    Some(letters)
}

pub(super) fn appeals(root: &Fields<'_>) -> Option<AppealTerms> {
    let fields = root.optional("appeals")?.fields()?;
    let mut grounds: Vec<Ground> = Vec::new();
    for one in fields.tables("grounds") {
        let ground = Ground { key: one.key("key"), name: one.text("name"), citation: one.text("citation") };
        unique(one.optional("key"), &ground.key, grounds.iter().map(|other| other.key.as_str()));
        one.end();
        grounds.push(ground);
    }
    let terms = AppealTerms {
        days: u32::try_from(fields.integer("days", 1..=365)).unwrap_or(1),
        reserve: fields.optional("reserve").as_ref().map(Spot::money),
        grounds,
        citation: fields.text("citation"),
        synthetic: fields.flag("synthetic"),
    };
    fields.end();
    Some(terms)
}
