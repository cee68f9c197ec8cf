//! `allotment allocate`: a pot over candidates from a table.

use super::sheet::{Row, Sheet};
use super::{Allocate, Wrong, csv_line, rules_of, text_of, write_json};
use domain::allocation::{Bid, BidProblem, Cost, Granted, Outcome, by_rule, costs};
use domain::money::Money;
use serde_json::json;

pub fn run(given: &Allocate) -> Result<String, Wrong> {
    let file = rules_of(&given.rules)?;
    let Some(rule) = file.allocation else {
        return Err(vec![format!("{}: There is no [allocation] section.", given.rules.display())]);
    };
    let pot = Money::parse(&given.pot).ok().filter(|pot| *pot >= Money::ZERO);
    let pot = pot.ok_or_else(|| vec![format!("--pot: “{}” is not an amount such as 1234567.89.", given.pot)])?;
    let text = text_of(&given.candidates)?;
    let sheet = Sheet::read(&given.candidates, &text, &["id", "points", "request"])?;
    let bids = bids(&sheet)?;
    let granted = by_rule(&rule, file.seed.as_deref(), pot, &bids).map_err(|problems| told(&sheet, given, &problems))?;
    let costs = if given.costs {
        costs(&rule, file.seed.as_deref(), pot, &bids).map_err(|problems| told(&sheet, given, &problems))?
    } else {
        Vec::new()
    };
    write_json(given.json.as_deref(), json_of(pot, &bids, &granted, given.costs.then_some(&costs)).to_string().as_bytes())?;
    let mut text = written(pot, &bids, &granted);
    text.extend(costs.iter().map(|cost| format!("# {}\n", cost.plain())));
    Ok(text)
}

fn bids(sheet: &Sheet) -> Result<Vec<Bid>, Wrong> {
    let (mut bids, mut problems) = (Vec::new(), Vec::new());
    for row in sheet.rows() {
        match bid(sheet, row) {
            Ok(bid) => bids.push(bid),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(bids) } else { Err(problems) }
}

fn bid(sheet: &Sheet, row: Row<'_>) -> Result<Bid, String> {
    let id = row.get("id").to_owned();
    if id.is_empty() {
        return Err(row.problem("id", "The id is empty."));
    }
    let seats = match row.get("seats") {
        "" => None,
        text => Some(text.parse::<i64>().map_err(|_| row.problem("seats", format!("“{text}” is not a whole number of seats.")))?),
    };
    Ok(Bid {
        id,
        points: row.exact("points")?.ok_or_else(|| row.problem("points", "The points are missing; they are never taken as zero."))?,
        request: row.money("request")?.ok_or_else(|| row.problem("request", "The request is missing."))?,
        seats,
        least: if sheet.has("min") { row.money("min")? } else { None },
        region: row.get("region").to_owned(),
        district: row.get("district").to_owned(),
        organization: row.get("organization").to_owned(),
        last: if sheet.has("last") { row.money("last")? } else { None },
    })
}

fn told(sheet: &Sheet, given: &Allocate, problems: &[BidProblem]) -> Wrong {
    let tell = |problem: &BidProblem| match problem {
        BidProblem::Twice { row, .. } => sheet.problem(*row, "id", &problem.to_string()),
        BidProblem::Tied { row, .. } | BidProblem::Negative { row, .. } => sheet.problem(*row, "points", &problem.to_string()),
        BidProblem::Seats { row, .. } => sheet.problem(*row, "seats", &problem.to_string()),
        BidProblem::Request { row, .. } => sheet.problem(*row, "request", &problem.to_string()),
        BidProblem::Unnamed { row, column } => sheet.problem(*row, column, &problem.to_string()),
        BidProblem::Held { row, .. } => sheet.problem(*row, "last", &problem.to_string()),
        BidProblem::NoSeed | BidProblem::NoSuchRegion(_) | BidProblem::Conflict(_) => format!("{}: {problem}", given.rules.display()),
        BidProblem::Money(_) => format!("{}: {problem}", given.candidates.display()),
    };
    problems.iter().map(tell).collect()
}

const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Funded => "funded",
        Outcome::Partial => "partial",
        Outcome::Waitlisted => "waitlisted",
        Outcome::NotFunded => "not funded",
    }
}

/// Money as a plain number: 1234567.89.
fn plain(money: Money) -> String {
    let cents = money.in_cents();
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Columns id, place, requested, granted, outcome, reason; then the totals on lines that begin with #.
fn written(pot: Money, bids: &[Bid], granted: &Granted) -> String {
    let mut text = csv_line(&["id", "place", "requested", "granted", "outcome", "reason"].map(str::to_owned));
    for grant in &granted.grants {
        let Some(bid) = bids.get(grant.row) else { continue };
        text.push_str(&csv_line(&[
            bid.id.clone(),
            grant.place.to_string(),
            plain(bid.request),
            plain(grant.granted),
            word(grant.outcome).to_owned(),
            grant.reason.clone(),
        ]));
    }
    let amounts = [("pot", pot), ("set aside", granted.set_aside), ("granted", granted.total), ("rest", granted.rest)];
    for (name, amount) in amounts.into_iter().filter(|(name, amount)| *name != "set aside" || amount.is_positive()) {
        text.push_str(&format!("# {name},{}\n", plain(amount)));
    }
    if let Some(proof) = &granted.proof {
        text.push_str(&format!("# {proof}\n"));
    }
    text
}

fn json_of(pot: Money, bids: &[Bid], granted: &Granted, costs: Option<&Vec<Cost>>) -> serde_json::Value {
    let grants = granted.grants.iter().filter_map(|grant| {
        let bid = bids.get(grant.row)?;
        Some(json!({
            "id": bid.id, "place": grant.place, "points": bid.points, "region": bid.region,
            "requested_cents": bid.request, "granted_cents": grant.granted,
            "outcome": word(grant.outcome), "reason": grant.reason,
        }))
    });
    let mut result = json!({
        "pot_cents": pot, "set_aside_cents": granted.set_aside, "granted_cents": granted.total, "rest_cents": granted.rest,
        "proof": granted.proof, "grants": grants.collect::<Vec<_>>(),
    });
    if let Some(costs) = costs {
        result["costs"] = json!(costs);
    }
    result
}
