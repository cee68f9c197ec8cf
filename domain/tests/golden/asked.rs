//! What a program file's other sections say and bring about, asked in words.

use domain::approval;
use domain::award::quarters;
use domain::money::Money;
use domain::program::{ApplicantKind, DrawBasis, ProgramFile};

/// The answer to a question of a case; `given` is what it is asked about.
pub fn answer(file: &ProgramFile, question: &str, given: &str) -> String {
    let money = file.appropriation().unwrap();
    let or_none = |found: Option<String>| found.unwrap_or_else(|| "none".to_owned());
    match question {
        "agency" => file.agency.name.clone(),
        "appropriation" => format!("{} from {} to {}", money.amount.plain(), money.begins_on, money.lapses_on),
        "unit cost" => unit_cost(file, given),
        "most units" => file.award.max_units.to_string(),
        "closes" => file.round.closes.iso(),
        "awards on" => or_none(file.round.award_on.map(|day| day.to_string())),
        "appeal until" => {
            let until = |appeals: &domain::appeal::AppealTerms| appeals.until(given.to_owned().try_into().unwrap(), file.round.zone).iso();
            or_none(file.appeals.as_ref().map(until))
        }
        "grounds" => {
            let grounds = file.appeals.iter().flat_map(|appeals| &appeals.grounds);
            grounds.map(|ground| ground.key.as_str()).collect::<Vec<_>>().join(" ")
        }
        "approved by" => {
            let steps = approval::steps(&file.approvals, Money::parse(given).unwrap());
            steps.into_iter().map(|step| step.name).collect::<Vec<_>>().join("; ")
        }
        "report due" => {
            let quarters = quarters(money.begins_on, money.lapses_on, file.reporting.due_days);
            let nth: usize = given.parse().unwrap();
            or_none(quarters.get(nth - 1).map(|quarter| quarter.due.to_string()))
        }
        "spending category" => {
            or_none(file.reporting.categories.iter().find(|category| category.key == given).map(|category| category.name.clone()))
        }
        "outcome" => or_none(file.reporting.outcomes.iter().find(|outcome| outcome.key == given).map(|outcome| outcome.name.clone())),
        "may apply" => {
            let kind = if given == "district" { ApplicantKind::District } else { ApplicantKind::Community };
            if file.eligibility.applicants.contains(&kind) { "yes" } else { "no" }.to_owned()
        }
        "district belongs to" => or_none(file.region_of(Some(given), None).map(|region| region.key.clone())),
        "county belongs to" => or_none(file.region_of(None, Some(given)).map(|region| region.key.clone())),
        "district and county" => {
            let (district, county) = given.split_once(' ').unwrap();
            or_none(file.region_of(Some(district), Some(county)).map(|region| region.key.clone()))
        }
        "draws" => match file.draws.basis {
            DrawBasis::Advance => "advance",
            DrawBasis::Reimbursement => "reimbursement",
        }
        .to_owned(),
        "terms" => or_none(file.named.as_ref().map(|named| named.terms.len().to_string())),
        "reviewers" => or_none(file.review.as_ref().map(|terms| format!("{} of at most {} each", terms.reviewers, terms.load))),
        other => panic!("nobody knows how to ask for “{other}”"),
    }
}

/// The price of a unit, which is also an amount over so many, cut to the cent: `12000000.00 over 185`.
fn unit_cost(file: &ProgramFile, given: &str) -> String {
    let (amount, count) = given.split_once(" over ").unwrap();
    let cut = Money::parse(amount).unwrap().in_cents() / count.parse::<i64>().unwrap();
    assert_eq!(file.award.unit_cost, Money::cents(cut), "{given}");
    file.award.unit_cost.plain()
}
