//! How long the optimal allocation takes on nine shapes of 13,000 requests in ten regions with floors and caps.
//!
//! `cargo bench -p domain --bench optimal` prints the median of five runs for each shape. With `-- --write DIR` it writes each problem
//! as JSON for `highs.py`, which solves it by another way; with `-- --only TEXT` it runs the shapes whose names hold the text.
#![expect(clippy::unwrap_used, reason = "a bench may stop")]

mod shapes;

use domain::Money;
use domain::optimal::{Effort, Proof, solve, verify};
use shapes::{SHAPES, as_json};
use std::time::Instant;

const RUNS: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |flag: &str| arguments.iter().position(|argument| argument == flag).and_then(|at| arguments.get(at + 1));
    let steps = after("--steps").map_or(Effort::default().steps, |steps| steps.parse().unwrap());
    println!("{:<44} {:>9} {:>10} {:>20} {:>18}  proof", "shape", "median ms", "Msteps", "value", "spent");
    for (number, (name, make)) in SHAPES.iter().enumerate() {
        if after("--only").is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        let problem = make();
        if let Some(folder) = after("--write") {
            std::fs::create_dir_all(folder).unwrap();
            std::fs::write(format!("{folder}/{}.json", number + 1), as_json(name, &problem)).unwrap();
            continue;
        }
        let mut times = Vec::new();
        let mut line = String::new();
        for _ in 0..RUNS {
            let start = Instant::now();
            let solved = solve(&problem, Effort { steps, ..Effort::default() });
            times.push(start.elapsed());
            line = match solved {
                Ok(solution) => {
                    assert!(verify(&problem, &solution).is_empty());
                    let spent = Money::cents(solution.spent_cents).plain();
                    let proof = match solution.proof {
                        Proof::Optimal => "optimal".to_owned(),
                        Proof::Gap { bound } => format!("at most {} more", bound - solution.value),
                    };
                    format!("{:>10} {:>20} {spent:>18}  {proof}", solution.steps / 1_000_000, solution.value)
                }
                Err(problem) => problem.to_string(),
            };
        }
        times.sort_unstable();
        println!("{name:<44} {:>9} {line}", times[RUNS / 2].as_millis());
    }
}
