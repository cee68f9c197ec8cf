//! Random pots small enough that another program can look at every set.

use super::Draw;
use domain::allocation::{AllocationRule, Bid, BidProblem, Bound, Granted, Method, Misfit, Objective, Ties, by_rule};
use domain::exact::Exact;
use domain::money::Money;
use serde_json::{Value, json};

const REGIONS: [&str; 3] = ["", "east", "west"];

impl Draw {
    fn bid(&mut self, nth: usize) -> Bid {
        let seats = i64::try_from(1 + self.below(3)).unwrap();
        let unit = 1 + i64::try_from(self.below(40)).unwrap();
        let least =
            (self.below(3) == 0).then(|| Money::cents(1 + i64::try_from(self.below(u64::try_from(unit * seats).unwrap())).unwrap()));
        Bid {
            id: format!("b{nth}"),
            points: Exact::ratio(i128::from(self.below(400)), 1 + i128::from(self.below(3))).unwrap(),
            request: Money::cents(unit * seats),
            seats: Some(seats),
            least,
            region: REGIONS[usize::try_from(self.below(3)).unwrap()].to_owned(),
            district: String::new(),
            organization: String::new(),
            last: None,
        }
    }

    /// The best set of some bids, as it is found here; none where nothing keeps to the floors.
    pub(super) fn pot(&mut self) -> Value {
        let count = 1 + usize::try_from(self.below(6)).unwrap();
        let bids: Vec<Bid> = (0..count).map(|nth| self.bid(nth)).collect();
        let per_seat = self.below(2) == 0;
        let mut bounds = Vec::new();
        for region in ["east", "west"] {
            if bids.iter().any(|bid| bid.region == region) && self.below(2) == 0 {
                let floor = i64::try_from(self.below(60).saturating_sub(20)).unwrap();
                let cap = (self.below(2) == 0).then(|| Money::cents(floor + i64::try_from(self.below(80)).unwrap()));
                bounds.push(Bound { region: region.to_owned(), floor: Money::cents(floor), cap, citation: String::new(), synthetic: true });
            }
        }
        let rule = AllocationRule {
            method: Method::Optimal,
            misfit: None,
            ties: Some(Ties::File),
            objective: Some(if per_seat { Objective::PointsPerSeat } else { Objective::Points }),
            bounds,
            ..AllocationRule::down_the_list(Misfit::Stop, "test")
        };
        let pot = Money::cents(i64::try_from(self.below(200)).unwrap());
        let worth = match by_rule(&rule, None, pot, &bids) {
            Ok(granted) => Some(worth(&bids, &granted, per_seat)),
            Err(problems) => {
                assert!(problems.iter().all(|problem| matches!(problem, BidProblem::Conflict(_))), "{problems:?}");
                None
            }
        };
        let given = bids.iter().map(
            |bid| json!({ "points": bid.points, "request": bid.request, "seats": bid.seats, "least": bid.least, "region": bid.region }),
        );
        json!({ "rule": rule, "pot": pot, "bids": given.collect::<Vec<_>>(), "worth": worth })
    }
}

/// What the awards are worth together, once they were seen to be proved and within the pot.
fn worth(bids: &[Bid], granted: &Granted, per_seat: bool) -> Exact {
    assert!(granted.proof.as_deref().is_some_and(|proof| proof.starts_with("Proved")), "{:?}", granted.proof);
    let one = |row: usize, cents: Money| {
        let bid = &bids[row];
        let seats = cents.in_cents() * bid.seats.unwrap() / bid.request.in_cents();
        assert!(per_seat || cents == Money::ZERO || cents == bid.request);
        let times = if per_seat { seats } else { i64::from(cents == bid.request) };
        &bid.points * &Exact::whole(times)
    };
    let worth: Vec<Exact> = granted.grants.iter().map(|grant| one(grant.row, grant.granted)).collect();
    worth.iter().sum()
}
