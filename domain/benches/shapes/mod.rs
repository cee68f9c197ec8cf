//! Nine shapes of problem, always the same: every number comes from one small linear congruential generator.

use domain::optimal::{Candidate, Choice, Node, Problem};
use std::time::Duration;

/// A shape's name and how it is made; another number, another problem of the shape. Number 0 is the one that is compared with others.
pub type Shape = (&'static str, fn(u64) -> Problem);

/// All nine.
pub const SHAPES: [Shape; 9] = [
    ("1 varied costs, points apart from costs", |number| {
        requests(11 + 100 * number, TEN, |chance| vec![(chance.cost(), chance.up_to(1_000_000))])
    }),
    ("2 varied costs, points follow costs roughly", |number| {
        requests(12 + 100 * number, TEN, |chance| {
            let cost = chance.cost();
            vec![(cost, cost / 100 * (80 + chance.up_to(40)) / 100)]
        })
    }),
    ("3 varied costs, points are cost and a constant", |number| {
        requests(13 + 100 * number, TEN, |chance| {
            let cost = chance.cost();
            vec![(cost, cost + 4_000_000)]
        })
    }),
    ("4 varied costs, all points equal", |number| requests(14 + 100 * number, TEN, |chance| vec![(chance.cost(), 100)])),
    ("5 one unit each at one cost", |number| requests(15 + 100 * number, TEN, |chance| vec![(UNIT, chance.up_to(10_000))])),
    ("6 units at one cost, all or nothing", |number| {
        requests(16 + 100 * number, TEN, |chance| {
            let units = 1 + chance.up_to(19);
            vec![(units * UNIT, units * chance.up_to(10_000))]
        })
    }),
    ("7 units at own costs, any number, worth less each", |number| {
        requests(17 + 100 * number, TEN, |chance| {
            let (unit, points, most) = (2_000_000 + chance.up_to(5_000_000), chance.up_to(10_000), 1 + chance.up_to(7));
            let worth = |units: i64| (0..units).map(|unit| points * (20 - unit)).sum();
            (1..=most).map(|units| (units * unit, worth(units))).collect()
        })
    }),
    ("8 districts and organizations with caps", |number| {
        requests(18 + 100 * number, NESTED, |chance| vec![(chance.cost(), chance.up_to(1_000_000))])
    }),
    ("9 seats at own costs, as many as can be", |number| {
        requests(19 + 100 * number, TEN, |chance| {
            let seats = 1 + chance.up_to(29);
            vec![(seats * (500_000 + chance.up_to(400_000)), seats)]
        })
    }),
];

const REQUESTS: usize = 13_000;
const UNIT: i64 = 6_486_486;

/// Whether there are budgets below the regions.
#[derive(Clone, Copy)]
struct Budgets {
    organizations: usize,
    districts: usize,
}

const TEN: Budgets = Budgets { organizations: 0, districts: 0 };
const NESTED: Budgets = Budgets { organizations: 4, districts: 30 };

/// Chance that is always the same: Knuth's MMIX constants, the high bits.
struct Chance(u64);

impl Chance {
    /// A whole number from 0 to `most`.
    fn up_to(&mut self, most: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap() % (most + 1)
    }

    /// $20,000.00 to $400,000.00, small amounts more often.
    fn cost(&mut self) -> i64 {
        let (one, other) = (self.up_to(38_000_000), self.up_to(38_000_000));
        2_000_000 + one.min(other)
    }
}

/// Requests in regions of unlike sizes. The pot is a fifth of what is asked for; a third of the regions have caps below their share of it,
/// a third have floors above, the others' floors and caps leave room.
fn requests(seed: u64, budgets: Budgets, mut options: impl FnMut(&mut Chance) -> Vec<(i64, i64)>) -> Problem {
    let mut chance = Chance(seed);
    let mut nodes = vec![Node { name: "the pot".to_owned(), parent: None, floor_cents: 0, cap_cents: 0 }];
    let mut leaves: Vec<Vec<usize>> = Vec::new();
    for region in 1..=10 {
        let at = nodes.len();
        nodes.push(Node { name: format!("Region {region}"), parent: Some(0), floor_cents: 0, cap_cents: i64::MAX });
        let mut below = vec![at];
        for organization in 0..budgets.organizations {
            let at_organization = nodes.len();
            let name = format!("Organization {region}.{organization}");
            nodes.push(Node { name, parent: Some(at), floor_cents: 0, cap_cents: i64::MAX });
            for district in 0..budgets.districts {
                below.push(nodes.len());
                let name = format!("District {region}.{organization}.{district}");
                nodes.push(Node { name, parent: Some(at_organization), floor_cents: 0, cap_cents: i64::MAX });
            }
        }
        if below.len() > 1 {
            below.remove(0);
        }
        leaves.push(below);
    }
    let mut asked = vec![0_i64; nodes.len()];
    let mut candidates = Vec::with_capacity(REQUESTS);
    for (place, _) in (1..).zip(0..REQUESTS) {
        // The lesser of two draws: region 1 is the largest.
        let region = chance.up_to(9).min(chance.up_to(12)).min(9);
        let leaves = &leaves[usize::try_from(region).unwrap()];
        let node = leaves[usize::try_from(chance.up_to(i64::try_from(leaves.len()).unwrap() - 1)).unwrap()];
        let choices = options(&mut chance);
        let most = choices.iter().map(|choice| choice.0).max().unwrap();
        let mut at = Some(node);
        while let Some(index) = at {
            asked[index] += most;
            at = nodes[index].parent;
        }
        let options = choices.into_iter().zip(1..).map(|((cost_cents, value), units)| Choice { cost_cents, value, units });
        candidates.push(Candidate { id: format!("A-{place:05}"), place, node, options: options.collect(), must: false });
    }
    for (index, node) in nodes.iter_mut().enumerate() {
        let share = asked[index] / 5;
        let (floor, cap) = match (node.parent, index % 3) {
            (None, _) => (0, 100),
            (Some(0), 0) => (40, 80 + chance.up_to(15)),
            (Some(0), 1) => (105 + chance.up_to(25), 180),
            (Some(0), _) => (60, 140),
            // Below the regions: caps only; a district's lies at one and a half to three times its share.
            _ => (0, 150 + chance.up_to(150)),
        };
        node.floor_cents = share / 100 * floor;
        node.cap_cents = share / 100 * cap;
    }
    Problem { nodes, candidates }
}

/// The problem as JSON: nodes as `[parent or -1, floor, cap]`, candidates as `[node, must, [[cost, value], …]]`; and ours, if there is a
/// solution: its value, whether it is proved the best, and how long it took.
pub fn as_json(name: &str, problem: &Problem, ours: Option<(i64, bool, Duration)>) -> String {
    let nodes: Vec<_> = problem
        .nodes
        .iter()
        .map(|node| (node.parent.map_or(-1, |parent| i64::try_from(parent).unwrap()), node.floor_cents, node.cap_cents))
        .collect();
    let options = |candidate: &Candidate| candidate.options.iter().map(|option| (option.cost_cents, option.value)).collect::<Vec<_>>();
    let candidates: Vec<_> = problem.candidates.iter().map(|candidate| (candidate.node, candidate.must, options(candidate))).collect();
    let ours = ours.map(|(value, proved, took)| {
        serde_json::json!({ "value": value, "proved": proved, "nanoseconds": u64::try_from(took.as_nanos()).unwrap() })
    });
    serde_json::json!({ "name": name, "nodes": nodes, "candidates": candidates, "ours": ours }).to_string()
}
