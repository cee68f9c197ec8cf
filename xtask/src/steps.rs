//! The ledger of a test run: steps with headings and times, counts, and the closing line.

use crate::tools::Result;
use std::time::Instant;

/// How many passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
}

/// What has been run so far.
#[derive(Default)]
pub struct Steps {
    total: Count,
    lines: Vec<String>,
}

impl Steps {
    /// Runs a step that passes or fails as a whole.
    pub fn check(&mut self, name: &str, step: impl FnOnce() -> Result<()>) -> bool {
        self.count(name, || step().map(|()| Count { passed: 1, failed: 0 }))
    }

    /// Runs a step that counts its own tests. A step that breaks off is one failure; so is one that finds nothing to run.
    pub fn count(&mut self, name: &str, step: impl FnOnce() -> Result<Count>) -> bool {
        println!("\n━━ {name}");
        let began = Instant::now();
        let outcome = step().and_then(|count| if count == Count::default() { Err("No test was run.".to_owned()) } else { Ok(count) });
        let count = outcome.unwrap_or_else(|reason| {
            println!("{reason}");
            Count { passed: 0, failed: 1 }
        });
        let verdict = if count.failed == 0 { "ok    " } else { "FAILED" };
        let line = format!("{verdict} {name}: {} passed, {} failed, {} s", count.passed, count.failed, began.elapsed().as_secs());
        println!("━━ {line}");
        self.lines.push(line);
        self.total.passed += count.passed;
        self.total.failed += count.failed;
        count.failed == 0
    }

    /// Prints the totals, last of all in the plain form that machines look for.
    pub fn close(&self) -> Result<()> {
        println!("\n━━ All steps");
        self.lines.iter().for_each(|line| println!("{line}"));
        println!("\n{} passed, {} failed", self.total.passed, self.total.failed);
        if self.total.failed == 0 && self.total.passed > 0 { Ok(()) } else { Err("Not everything passed.".to_owned()) }
    }
}

/// Adds up the numbers before the words "passed" and "failed" in the lines that `chosen` picks.
pub fn counted(output: &str, chosen: impl Fn(&str) -> bool) -> Count {
    let mut count = Count::default();
    for line in output.lines().filter(|line| chosen(line)) {
        let words: Vec<&str> = line.split([' ', ';', '.']).filter(|word| !word.is_empty()).collect();
        for pair in words.windows(2) {
            let number: u64 = pair[0].parse().unwrap_or_default();
            match pair[1] {
                "passed" => count.passed += number,
                "failed" | "flaky" | "interrupted" => count.failed += number,
                _ => {}
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_results_are_added_up() {
        let output = "running 2 tests\ntest result: ok. 2 passed; 0 failed; 0 ignored; finished in 0.00s\n\
            test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured\n";
        assert_eq!(counted(output, |line| line.starts_with("test result:")), Count { passed: 5, failed: 1 });
    }

    #[test]
    fn playwright_totals_are_read() {
        let output = "  ✓  1 [desktop] › road.spec.ts:3:5 › 4 passed by\n  1 failed\n    [phone] › a.spec.ts\n  7 passed (12.1s)\n";
        assert_eq!(counted(output, super::super::test::is_playwright_total), Count { passed: 7, failed: 1 });
    }
}
