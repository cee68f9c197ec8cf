//! The diagrams of docs/STATES.md, read by the machines' tests: what is drawn is what the code does, neither more nor less. The tests of the
//! store and the server, where some machines live, take this file in as it stands.

use std::collections::BTreeSet;

/// A machine's arrows: from, verb, to. What stands in parentheses behind a verb is for people.
pub fn arrows(machine: &str) -> BTreeSet<(String, String, String)> {
    let text = include_str!("../../docs/STATES.md");
    let section = text.split("\n## ").find(|section| section.lines().next() == Some(machine)).expect("the machine has a section");
    let arrow = |line: &str| {
        let (states, verb) = line.trim().split_once(": ")?;
        let (from, to) = states.split_once(" --> ")?;
        Some((from.to_owned(), verb.split(" (").next()?.to_owned(), to.to_owned()))
    };
    section.lines().filter_map(arrow).collect()
}

/// The arrows that a machine's test has found.
pub fn found<'a>(all: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>) -> BTreeSet<(String, String, String)> {
    let taken = all.into_iter().filter(|(_, _, to)| *to != "-");
    taken.map(|(from, verb, to)| (from.to_owned(), verb.to_owned(), to.to_owned())).collect()
}
