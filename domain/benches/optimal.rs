//! How long the optimal allocation takes on nine shapes of 13,000 requests in ten regions with floors and caps.
//!
//! `cargo bench -p domain --bench optimal` prints the median of five runs for each shape. With `-- --write DIR` it writes each problem
//! as JSON, with what is found here and how long that takes, for `highs.py`, which solves it by another way; with `-- --only TEXT` it runs the shapes whose names hold the text; with
//! `-- --more N` it solves N other problems of each shape, once each, and prints how many were proved and how long they took.
#![expect(clippy::unwrap_used, reason = "a bench may stop")]

mod shapes;

use domain::Money;
use domain::optimal::{Effort, Problem, Proof, Solution, Unsolvable, solve, verify};
use shapes::{SHAPES, as_json};
use std::time::{Duration, Instant};

const RUNS: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |flag: &str| arguments.iter().position(|argument| argument == flag).and_then(|at| arguments.get(at + 1));
    let more: Option<u64> = after("--more").map(|more| more.parse().unwrap());
    if after("--write").is_none() {
        match more {
            None => println!("{:<52} {:>9} {:>10} {:>14} {:>14}  proof", "shape", "median ms", "thousand steps", "value", "spent"),
            Some(_) => println!("{:<52} {:>9} {:>9} {:>9}  widest gap in value", "shape", "proved", "median ms", "worst ms"),
        }
    }
    for (number, (name, make)) in SHAPES.iter().enumerate() {
        if after("--only").is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        match (after("--write"), more) {
            (Some(folder), _) => {
                std::fs::create_dir_all(folder).unwrap();
                let problem = make(0);
                let (solved, took) = median(&problem);
                let ours = solved.map(|solution| (solution.value, solution.proof == Proof::Optimal, took)).ok();
                std::fs::write(format!("{folder}/{}.json", number + 1), as_json(name, &problem, ours)).unwrap();
            }
            (None, None) => one(name, &make(0)),
            (None, Some(more)) => others(name, *make, more),
        }
    }
}

/// Solves a problem and checks the solution; with the time it took.
fn timed(problem: &Problem) -> (Result<Solution, Unsolvable>, Duration) {
    let start = Instant::now();
    let solved = solve(problem, Effort::default());
    let took = start.elapsed();
    if let Ok(solution) = &solved {
        assert!(verify(problem, solution).is_empty());
    }
    (solved, took)
}

/// The run of middle length.
fn median(problem: &Problem) -> (Result<Solution, Unsolvable>, Duration) {
    let mut runs: Vec<_> = (0..RUNS).map(|_| timed(problem)).collect();
    runs.sort_by_key(|run| run.1);
    runs.swap_remove(RUNS / 2)
}

fn one(name: &str, problem: &Problem) {
    let (solved, median) = median(problem);
    let line = match solved {
        Ok(solution) => {
            let spent = Money::cents(solution.spent_cents).plain();
            let proof = match solution.proof {
                Proof::Optimal => "optimal".to_owned(),
                Proof::Gap { bound } => format!("at most {} more", bound - solution.value),
            };
            format!("{:>14} {:>14} {spent:>14}  {proof}", solution.steps / 1_000, solution.value)
        }
        Err(problem) => problem.to_string(),
    };
    println!("{name:<52} {:>9} {line}", median.as_millis());
}

fn others(name: &str, make: fn(u64) -> Problem, more: u64) {
    let (mut proved, mut times, mut gap) = (0, Vec::new(), (0, 0));
    for number in 1..=more {
        let (solved, took) = timed(&make(number));
        times.push(took.as_millis());
        match solved {
            Ok(Solution { proof: Proof::Optimal, .. }) => proved += 1,
            Ok(Solution { proof: Proof::Gap { bound }, value, .. }) => gap = gap.max((bound - value, value)),
            Err(problem) => println!("{name} {number}: {problem}"),
        }
    }
    times.sort_unstable();
    let gap = if gap.0 == 0 { String::new() } else { format!("{} in {}", gap.0, gap.1) };
    println!("{name:<52} {proved:>4}/{more:<4} {:>9} {:>9}  {gap}", times[times.len() / 2], times[times.len() - 1]);
}
