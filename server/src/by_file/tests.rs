//! Whatever bytes the files hold, a command ends with an answer or with sentences, and never with a panic.

use super::{Allocate, Rank, allocate, rank};
use proptest::prelude::*;
use std::path::PathBuf;

const RULES: &str = include_str!("../../tests/it/by_file/rules.toml");
const POOL: &str = include_str!("../../tests/it/by_file/pool.csv");
const RANKED: &str = "id,points,request,region,seats,min,district,organization,last\n\
    A,80.5,\"150,000.00\",west,2,,d1,o1,\nB,70,75000,east,1,,d2,o2,75000\nC,70/3,300000,east,4,150000,d2,o2,\nD,-0.25,75000,west,1,,d1,o1,1\n";

/// The methods that the rules may name, with all that belongs to them.
const METHODS: [&str; 3] = [
    "method = \"down_the_list\"\nmisfit = \"partial\"",
    "method = \"shares\"\nby = \"request\"\nrounding = \"webster\"\nhold_harmless = { percent = 80, citation = \"6\" }",
    "method = \"optimal\"\nobjective = \"points_per_seat\"\neach_district = { cap = \"300,000\", citation = \"6\" }\n\
     each_organization = { cap = \"400,000\", citation = \"6\" }\nset_aside = { for = \"appeals\", amount = \"5\", citation = \"6\" }\n\
     regions = [{ region = \"east\", floor = \"75,000\", cap = \"375,000\", citation = \"6\" }]",
];

/// What breaks numbers, quotes, lines and letters.
const SCRAPS: [&[u8]; 24] = [
    b"",
    b"\"",
    b",",
    b"\n",
    b"\r",
    b"-",
    b"9",
    b"99999999999999999999999999999",
    b"0",
    b"=",
    b"\0",
    b"\xff",
    b"\xc3",
    b"[",
    b"]",
    b"1/0",
    b"-1/3",
    b"yes",
    b"((((((((",
    b"1e9",
    b".",
    b"{",
    b"0.0000000000000000000000000001",
    b"9223372036854775807",
];

/// One text with a few places written over, taken out or doubled.
fn garbled(text: String) -> impl Strategy<Value = Vec<u8>> {
    let slip = (any::<prop::sample::Index>(), 0_usize..12, prop::sample::select(SCRAPS.to_vec()), any::<bool>());
    prop::collection::vec(slip, 0..4).prop_map(move |slips| {
        let mut bytes = text.clone().into_bytes();
        for (at, length, scrap, double) in slips {
            let at = at.index(bytes.len() + 1);
            let end = (at + length).min(bytes.len());
            let kept = if double { bytes[at..end].repeat(2) } else { Vec::new() };
            bytes.splice(at..end, scrap.iter().copied().chain(kept));
        }
        bytes
    })
}

fn rules() -> impl Strategy<Value = Vec<u8>> {
    let whole = |method: &str| RULES.replace("method = \"down_the_list\"\nmisfit = \"partial\"", method);
    prop_oneof![
        8 => prop::sample::select(METHODS.to_vec()).prop_flat_map(move |method| garbled(whole(method))),
        1 => prop::collection::vec(any::<u8>(), 0..300),
    ]
}

fn table(text: &'static str) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![8 => garbled(text.to_owned()), 1 => prop::collection::vec(any::<u8>(), 0..300)]
}

/// Files that hold these bytes, in a folder that goes with the first value.
fn files(rules: &[u8], table: &[u8]) -> (temp_dir::TempDir, PathBuf, PathBuf) {
    let folder = temp_dir::TempDir::new().unwrap();
    let (first, second) = (folder.path().join("rules.toml"), folder.path().join("table.csv"));
    std::fs::write(&first, rules).unwrap();
    std::fs::write(&second, table).unwrap();
    (folder, first, second)
}

fn told(outcome: &Result<String, super::Wrong>) -> bool {
    match outcome {
        Ok(text) => text.ends_with('\n'),
        Err(wrong) => !wrong.is_empty() && wrong.iter().all(|sentence| !sentence.trim().is_empty()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn ranking_any_bytes_ends_in_an_answer_or_a_sentence(rules in rules(), pool in table(POOL)) {
        let (_folder, rules, applicants) = files(&rules, &pool);
        let outcome = rank::run(&Rank { rules, applicants, json: None });
        prop_assert!(told(&outcome));
    }

    #[test]
    fn allocating_any_bytes_ends_in_an_answer_or_a_sentence(rules in rules(), ranked in table(RANKED), pot in "[0-9]{1,9}(\\.[0-9]{2})?|\\PC{0,12}") {
        let (_folder, rules, candidates) = files(&rules, &ranked);
        let outcome = allocate::run(&Allocate { rules, candidates, pot, costs: true, json: None });
        prop_assert!(told(&outcome));
    }
}

/// The texts that are garbled above are sound themselves, so that what is behind the readers is reached.
#[test]
fn the_texts_that_are_garbled_are_sound() {
    for method in METHODS {
        let rules = RULES.replace("method = \"down_the_list\"\nmisfit = \"partial\"", method);
        let (_folder, rules, candidates) = files(rules.as_bytes(), RANKED.as_bytes());
        let costs = method.contains("optimal");
        let outcome = allocate::run(&Allocate { rules, candidates, pot: "450000".to_owned(), costs, json: None });
        assert!(outcome.is_ok(), "{outcome:?}");
    }
}
