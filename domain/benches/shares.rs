//! How long sharing takes: `cargo bench -p domain --bench shares`. Medians of many runs on one core, with the standard library's clock alone.
//! The aim is 2 ms for 10,000 claimants and a pot of 10^12 cents, by either method. The last case is made to be slow: bounds that need many
//! rounds, each of which looks at everyone with a bound. With `-- --write DIR` it writes two cases and what came of them for `apportion.py`,
//! which shares them by an outside tool.

#![expect(clippy::expect_used, reason = "a bench that can't go on has nothing to say but why")]

use domain::shares::{Claimant, Method, SharesProblem, share};
use std::hint::black_box;
use std::time::Instant;

const RUNS: usize = 101;
const POT: i64 = 1_000_000_000_000;

/// SplitMix64: small, and the same numbers on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

fn claimants(count: usize, weight: impl Fn(usize, &mut Numbers) -> u64) -> Vec<Claimant> {
    let mut numbers = Numbers(1880);
    (0..count).map(|index| Claimant::new(format!("District {index}"), i128::from(weight(index, &mut numbers)))).collect()
}

/// Every tenth has a floor of twice the even part, every seventh a cap of half of it.
fn bounded(mut claimants: Vec<Claimant>, pot: i64) -> Vec<Claimant> {
    let even = claimants.iter().fold(0, |count, _| count + 1).max(1);
    for (index, claimant) in claimants.iter_mut().enumerate() {
        if index % 10 == 0 {
            claimant.floor = 2 * (pot / even);
        } else if index % 7 == 0 {
            claimant.cap = Some(pot / even / 2);
        }
    }
    claimants
}

/// Thirty claimants of halving weights, each round's rate just putting the next one below its floor, and many light ones whose caps never
/// matter but are looked at in every round.
fn many_rounds(count: usize) -> Vec<Claimant> {
    let mut claimants = claimants(count, |index, _| if index < 30 { 1 << (60 - index) } else { 1 << 17 });
    let mut weight: i128 = claimants.iter().map(|claimant| claimant.weight).sum();
    let (mut units, mut before) = (i128::from(POT), (i128::from(POT) / 100 * 101, weight));
    for claimant in &mut claimants[..30] {
        // The rate of the round before would still have given it this much.
        let floor = (claimant.weight * before.0 / before.1).min(units);
        claimant.floor = i64::try_from(floor).unwrap_or(0);
        before = (units, weight);
        units -= floor;
        weight -= claimant.weight;
    }
    for claimant in &mut claimants[30..] {
        claimant.cap = Some(POT / 2);
    }
    claimants
}

/// The median in nanoseconds.
fn median(method: Method, pot: i64, claimants: &[Claimant]) -> Result<u128, Vec<SharesProblem>> {
    let mut taken = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let start = Instant::now();
        black_box(share(method, black_box(pot), black_box(claimants))?);
        taken.push(start.elapsed().as_nanos());
    }
    taken.sort_unstable();
    Ok(taken[RUNS / 2])
}

/// What an outside tool is to share as well: it knows no bounds, and for Webster's method it makes a table of claimants times seats.
fn write(folder: &str) -> Result<(), Vec<SharesProblem>> {
    let pupils = |_: usize, numbers: &mut Numbers| numbers.below(50_000) + 1;
    let cases = [
        ("largest remainder, 10,000 claimants, 10^12 cents", Method::LargestRemainder, POT, claimants(10_000, pupils)),
        ("Webster, 1,000 claimants, 4,000 seats", Method::Webster, 4_000, claimants(1_000, pupils)),
    ];
    let mut written = Vec::new();
    for (name, method, pot, claimants) in &cases {
        let granted: Vec<i64> = share(*method, *pot, claimants)?.parts.iter().map(|part| part.granted).collect();
        let weights: Vec<i128> = claimants.iter().map(|claimant| claimant.weight).collect();
        let ours = u64::try_from(median(*method, *pot, claimants)?).unwrap_or(u64::MAX);
        let case =
            serde_json::json!({ "name": name, "method": method, "pot": pot, "weights": weights, "granted": granted, "nanoseconds": ours });
        written.push(case);
    }
    std::fs::write(format!("{folder}/shares.json"), serde_json::Value::from(written).to_string()).expect("the folder can be written");
    Ok(())
}

fn main() -> Result<(), Vec<SharesProblem>> {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(folder) = arguments.iter().position(|word| word == "--write").and_then(|at| arguments.get(at + 1)) {
        return write(folder);
    }
    let pupils = |_: usize, numbers: &mut Numbers| numbers.below(50_000) + 1;
    let precise = |_: usize, numbers: &mut Numbers| numbers.below(1 << 50) + 1;
    // All but one quotas end just below the half, so rounding leaves nearly half a unit a claimant to correct.
    let below_half = |index: usize, _: &mut Numbers| if index == 0 { 1 } else { 499 };
    let cases = [
        ("10,000 claimants by pupils", POT, claimants(10_000, pupils)),
        ("10,000 claimants, weights of 50 bits", POT, claimants(10_000, precise)),
        ("10,000 claimants of equal weight", POT + 4_999, claimants(10_000, |_, _| 7)),
        ("10,000 claimants, half a unit short each", 100_004_990, claimants(10_000, below_half)),
        ("10,000 claimants for 4,000 seats", 4_000, claimants(10_000, pupils)),
        ("10,000 claimants with floors and caps", POT, bounded(claimants(10_000, pupils), POT)),
        ("1,000 claimants by pupils", POT, claimants(1_000, pupils)),
        ("10,000 claimants, thirty floors one by one", POT, many_rounds(10_000)),
    ];
    println!("{:<42} {:>18} {:>12} {:>8}", "median of 101 runs, microseconds", "largest remainder", "Webster", "rounds");
    for (name, pot, claimants) in &cases {
        let remainder = median(Method::LargestRemainder, *pot, claimants)? / 1_000;
        let webster = median(Method::Webster, *pot, claimants)? / 1_000;
        let rounds = share(Method::LargestRemainder, *pot, claimants)?.rounds.len();
        println!("{name:<42} {remainder:>18} {webster:>12} {rounds:>8}");
    }
    Ok(())
}
