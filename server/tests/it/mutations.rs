//! The commands' files with bytes knocked about: each run ends with 0, or with 2 and sentences that name the file and where it is wrong. The
//! same seed gives the same files, so whatever is found can be run again; `ALLOTMENT_MUTATIONS` asks for more than a test has time for.

use std::path::Path;
use std::process::Command;

const RULES: &str = include_str!("by_file/rules.toml");
const POOL: &str = include_str!("by_file/pool.csv");
const RANKED: &str = "id,points,request,region,seats,min,district,organization,last\n\
    A,80.5,\"150,000.00\",west,2,,d1,o1,\nB,70,75000,east,1,,d2,o2,75000\nC,70/3,300000,east,4,150000,d2,o2,\nD,0.25,75000,west,1,,d1,o1,1\n";

/// The methods that the rules may name, with what belongs to them.
const METHODS: [&str; 4] = [
    "method = \"down_the_list\"\nmisfit = \"partial\"",
    "method = \"down_the_list\"\nmisfit = \"skip\"\nset_aside = { for = \"appeals\", amount = \"5\", citation = \"6\" }",
    "method = \"shares\"\nby = \"points\"\nrounding = \"largest_remainder\"\n\
     regions = [{ region = \"east\", floor = \"75,000\", cap = \"375,000\", citation = \"6\" }]",
    "method = \"optimal\"\nobjective = \"points_per_seat\"\neach_district = { cap = \"300,000\", citation = \"6\" }\n\
     hold_harmless = { percent = 80, citation = \"6\" }",
];

/// What breaks numbers, quotes, lines, letters and formulas.
const SCRAPS: [&[u8]; 30] = [
    b"\"",
    b",",
    b"\n",
    b"\r\n",
    b"\r",
    b"-",
    b"9",
    b"0",
    b"1e9",
    b".",
    b"=",
    b"\t",
    b"\0",
    b"\xff",
    b"\xc3",
    b"\xf0\x9f\x92\xa9",
    b"\xef\xbb\xbf",
    b"[",
    b"]",
    b"{",
    b"((((((((",
    b"/ 0",
    b"1/0",
    b"-1/3",
    b"yes",
    b"99999999999999999999999999999",
    b"9223372036854775807",
    b"0.0000000000000000000000000001",
    b"\"\"\"",
    b"[[ranking.criteria]]\n",
];

/// So many files for each command, unless the environment asks for more.
const USUAL: u64 = 250;

/// SplitMix64: the same numbers on every machine.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    /// Some bytes from here on: a few, or to the end of a line.
    fn stretch(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        let from = self.below(bytes.len() + 1);
        let line = bytes[from..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |length| from + length + 1);
        let end = if self.below(3) == 0 { line } else { (from + self.below(12)).min(bytes.len()) };
        from..end
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }

    fn once(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let stretch = self.stretch(bytes);
        let at = stretch.start;
        match self.below(9) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(stretch)),
            2 => {
                let again = bytes[stretch].to_vec();
                let to = self.below(bytes.len() + 1);
                bytes.splice(to..to, again);
            }
            3 => {
                let scrap = SCRAPS[self.below(SCRAPS.len())];
                bytes.splice(stretch, scrap.iter().copied());
            }
            4 => {
                let foreign = other[self.stretch(other)].to_vec();
                bytes.splice(at..at, foreign);
            }
            5 => bytes.insert(at, self.byte()),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = if self.below(2) == 0 { *byte ^ (1 << self.below(8)) } else { self.byte() };
                }
            }
        }
    }

    /// A text with one to four slips; now and then nothing of it is left.
    fn mutated(&mut self, text: &str, other: &str) -> Vec<u8> {
        let mut bytes = text.as_bytes().to_vec();
        if self.below(40) == 0 {
            return (0..self.below(200)).map(|_| self.byte()).collect();
        }
        for _ in 0..=self.below(4) {
            self.once(&mut bytes, other.as_bytes());
        }
        bytes
    }

    /// Both files; mostly only one of them is knocked about, so that what comes after its reader is reached.
    fn both(&mut self, rules: &str, table: &str) -> (Vec<u8>, Vec<u8>) {
        match self.below(5) {
            0 | 1 => (self.mutated(rules, table), table.into()),
            2 | 3 => (rules.into(), self.mutated(table, rules)),
            _ => (self.mutated(rules, table), self.mutated(table, rules)),
        }
    }
}

fn count() -> u64 {
    std::env::var("ALLOTMENT_MUTATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(USUAL)
}

/// Whether a sentence without a line is of a file as a whole: a table that is no text or whose sums are too long, rules that lack a part or whose
/// amounts do not go together. What only a mistake of ours could bring about is none of these.
fn is_of_the_whole(file: &str, rest: &str) -> bool {
    let ours = ["The solver made a mistake", "The problem makes no sense", "does not fit the problem"];
    let of_rules = file == "rules.toml" && rest.starts_with(": ") && rest.ends_with('.') && !ours.iter().any(|words| rest.contains(words));
    of_rules || rest.starts_with(" is not text in UTF-8.") || rest == ": The amount is too large."
}

/// What is wrong with how a run ended; `args` name the files.
fn fault(folder: &Path, args: &[&str], table: &str) -> Option<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_allotment")).args(args).env_clear().current_dir(folder).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let out = String::from_utf8_lossy(&output.stdout);
    match output.status.code() {
        Some(0) if told.is_empty() && out.starts_with("id,place,") && out.ends_with('\n') => None,
        Some(2) if out.is_empty() && !told.is_empty() => {
            let unclear = told.lines().find(|line| {
                let named = ["rules.toml", table].into_iter().find_map(|file| Some((file, line.strip_prefix(file)?)));
                named.is_none_or(|(file, rest)| {
                    let spot = rest.strip_prefix(": line ").is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
                    !(spot || is_of_the_whole(file, rest))
                })
            });
            unclear.map(|line| format!("unclear: {line}"))
        }
        code => Some(format!("ended with {code:?}: {out}{told}")),
    }
}

/// Runs a command on so many pairs of files.
fn knock_about(seed: u64, table: &str, text: &str, rules: impl Fn(&mut Draw) -> String, args: &[&str]) {
    let folder = temp_dir::TempDir::new().unwrap();
    let mut refused = 0;
    for nth in 0..count() {
        let mut draw = Draw(seed + nth);
        let rules = rules(&mut draw);
        let (rules, bytes) = draw.both(&rules, text);
        std::fs::write(folder.path().join("rules.toml"), &rules).unwrap();
        std::fs::write(folder.path().join(table), &bytes).unwrap();
        let fault = fault(folder.path(), args, table);
        let shown = || format!("{}\n---\n{}", String::from_utf8_lossy(&rules), String::from_utf8_lossy(&bytes));
        assert!(fault.is_none(), "seed {}: {}\n{}", seed + nth, fault.unwrap_or_default(), shown());
        refused += u64::from(bytes != text.as_bytes());
    }
    assert!(refused > count() / 3, "the tables are knocked about");
}

#[test]
fn ranking_files_knocked_about_ends_with_an_answer_or_with_where_they_are_wrong() {
    let args = ["rank", "--rules", "rules.toml", "--applicants", "pool.csv"];
    knock_about(1_000_000, "pool.csv", POOL, |_| RULES.to_owned(), &args);
}

#[test]
fn allocating_files_knocked_about_ends_with_an_answer_or_with_where_they_are_wrong() {
    let args = ["allocate", "--rules", "rules.toml", "--candidates", "ranked.csv", "--pot", "450000"];
    let rules = |draw: &mut Draw| {
        let method = METHODS[draw.below(METHODS.len())];
        let whole = RULES.replace("method = \"down_the_list\"\nmisfit = \"partial\"", method);
        assert!(whole.contains(method));
        whole
    };
    knock_about(2_000_000, "ranked.csv", RANKED, rules, &args);
}
