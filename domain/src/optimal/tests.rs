use super::*;
use proptest::prelude::*;

mod brute;
mod words;

fn node(name: &str, parent: Option<usize>, floor_cents: i64, cap_cents: i64) -> Node {
    Node { name: name.to_owned(), parent, floor_cents, cap_cents }
}

fn candidate(place: u32, node: usize, options: &[(i64, i64)], must: bool) -> Candidate {
    let options = options.iter().map(|(cost_cents, value)| Choice { cost_cents: *cost_cents, value: *value, units: 1 }).collect();
    Candidate { id: format!("id-{place}"), place, node, options, must }
}

/// The most value by trying every set; `None` if none fits.
fn by_brute_force(problem: &Problem) -> Option<i64> {
    fn go(problem: &Problem, next: usize, spends: &mut Vec<i64>, value: i64, best: &mut Option<i64>) {
        let Some(candidate) = problem.candidates.get(next) else {
            let fits = problem.nodes.iter().zip(&*spends).all(|(node, spend)| (node.floor_cents..=node.cap_cents).contains(spend));
            if fits && best.is_none_or(|best| best < value) {
                *best = Some(value);
            }
            return;
        };
        if !candidate.must {
            go(problem, next + 1, spends, value, best);
        }
        for option in &candidate.options {
            add(problem, candidate.node, option.cost_cents, spends);
            go(problem, next + 1, spends, value + option.value, best);
            add(problem, candidate.node, -option.cost_cents, spends);
        }
    }
    fn add(problem: &Problem, node: usize, cents: i64, spends: &mut [i64]) {
        let mut at = Some(node);
        while let Some(index) = at {
            spends[index] += cents;
            at = problem.nodes[index].parent;
        }
    }
    let mut best = None;
    go(problem, 0, &mut vec![0; problem.nodes.len()], 0, &mut best);
    best
}

/// Small problems of every kind: floors, caps, nests, musts, ties, negative and free options; many have no solution.
fn small() -> impl Strategy<Value = Problem> {
    let bounds = || (prop_oneof![3 => Just(0_i64), 2 => 0_i64..30], prop_oneof![1 => Just(i64::MAX), 4 => 5_i64..60]);
    let nodes = prop::collection::vec((any::<prop::sample::Index>(), bounds()), 0..5);
    let option = (prop_oneof![3 => 0_i64..20, 1 => Just(10_i64)], prop_oneof![8 => 0_i64..12, 1 => -3_i64..0]);
    let asks = prop::collection::vec((any::<prop::sample::Index>(), prop::collection::vec(option, 0..4), prop::bool::weighted(0.15)), 0..8);
    (nodes, bounds(), asks).prop_map(|(below, pot, asks)| {
        let mut nodes = vec![node("the pot", None, pot.0 / 2, pot.1.saturating_mul(2))];
        for (index, (parent, (floor, cap))) in below.into_iter().enumerate() {
            nodes.push(node(&format!("Part {index}"), Some(parent.index(index + 1)), floor, cap));
        }
        let count = nodes.len();
        let candidates = asks
            .into_iter()
            .zip(1..)
            .map(|((at, options, must), place)| candidate(place, at.index(count), &options, must && !options.is_empty()));
        Problem { candidates: candidates.collect(), nodes }
    })
}
