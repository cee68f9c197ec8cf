//! Ranking, allocating, replaying and explaining from files, as somebody does who has nothing but the binary and the files.

use std::path::Path;
use std::process::Command;

const RULES: &str = include_str!("by_file/rules.toml");
const POOL: &str = include_str!("by_file/pool.csv");
const CANDIDATES: &str = "id,points,request,region,seats,min\n\
    A,80.5,\"150,000.00\",west,2,\n\
    B,70,75000,east,1,\n\
    C,70,300000,east,4,150000\n\
    D,60.25,75000,west,1,\n";

struct Desk(temp_dir::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(temp_dir::TempDir::new().unwrap());
        desk.put("rules.toml", RULES);
        desk.put("pool.csv", POOL);
        desk.put("ranked.csv", CANDIDATES);
        desk
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn put(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    /// Exit code, standard output, standard error.
    fn run(&self, args: &[&str]) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_allotment")).args(args).env_clear().current_dir(self.path()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    fn good(&self, args: &[&str]) -> String {
        let (code, out, told) = self.run(args);
        assert_eq!((code, told.as_str()), (0, ""));
        out
    }

    fn bad(&self, args: &[&str]) -> String {
        let (code, out, told) = self.run(args);
        assert_eq!((code, out.as_str()), (2, ""), "{told}");
        told
    }

    fn rank(&self) -> Vec<&'static str> {
        vec!["rank", "--rules", "rules.toml", "--applicants", "pool.csv"]
    }

    fn allocate<'a>(&self, rules: &'a str, pot: &'a str) -> Vec<&'a str> {
        vec!["allocate", "--rules", rules, "--candidates", "ranked.csv", "--pot", pot]
    }
}

/// Worked by hand from by_file/rules.toml. A and D: need (30 + 5 × 7.5) ÷ 2 = 33.75 → 23.75/40 → 59.375 × 60% = 35.625; 12 km → 96 × 15% =
/// 14.4; three letters beat one of three others and equal one: 1½ of 3 → 50 × 25% = 12.5. C has no distance, so 6,000 of 8,500 weighs need:
/// 25 × 60/85 = 300/17.
#[test]
fn a_table_is_ranked_as_worked_by_hand() {
    let said = Desk::new().good(&Desk::new().rank());
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "id,place,points,need,reach,support,late,tie,points_exact,note");
    assert_eq!(lines[1], "D,1,62.525,59.375,96,50,0,step 2: the lot drawn from the published seed decides,2501/40,");
    assert!(lines[2].starts_with("A,2,62.525,"));
    assert_eq!(lines[3], "B,3,57.585,63.125,31.4,100,-10,,11517/200,");
    assert_eq!(lines[4], "C,4,17.647058823529,25,,0,0,,300/17,\"reach left out, no km\"");
    assert_eq!(lines[5], "E,,,,,,,,,\"not ranked: does not meet “At most 5,000 students”\"");
}

#[test]
fn the_order_of_the_rows_changes_nothing() {
    let desk = Desk::new();
    let before = desk.good(&desk.rank());
    let mut rows: Vec<&str> = POOL.lines().collect();
    rows[1..].reverse();
    desk.put("pool.csv", rows.join("\r\n"));
    assert_eq!(desk.good(&desk.rank()), before);
}

#[test]
fn a_document_replays_to_the_same_bytes_and_one_that_was_touched_does_not() {
    let desk = Desk::new();
    desk.good(&[desk.rank(), vec!["--json", "ranking.json"]].concat());
    let said = desk.good(&["replay", "ranking.json"]);
    assert!(said.starts_with("The same ") && said.contains("a ranking of 4 applications"), "{said}");
    let document = std::fs::read_to_string(desk.path().join("ranking.json")).unwrap();
    desk.put("ranking.json", document.replacen("\"value\":\"44.3\"", "\"value\":\"14.3\"", 1));
    let told = desk.bad(&["replay", "ranking.json"]);
    assert!(told.contains("The hash of the inputs is not the hash of these inputs.") && told.contains("another result"), "{told}");
    assert!(desk.bad(&["replay", "pool.csv"]).contains("This is no document of Allotment"));
    desk.put("other.json", "{\"format\":\"something/7\"}");
    assert!(desk.bad(&["replay", "other.json"]).contains("The format “something/7” is not known"));
}

#[test]
fn an_applicant_is_told_why_and_what_would_have_crossed_the_line() {
    let desk = Desk::new();
    desk.good(&[desk.rank(), vec!["--json", "ranking.json"]].concat());
    let said = desk.good(&["explain", "ranking.json", "--id", "A", "--line", "2"]);
    assert!(said.starts_with("A: place 2 of 4, 62.525 points.\n"), "{said}");
    assert!(said.contains("  Need: 33.75 → 59.375 points, weight 6000 of 10,000 → 35.625"), "{said}");
    assert!(said.contains("Equal points, behind D: step 2, the lot"), "{said}");
    // 4.94 points to B, at 15% × 2 points a kilometer: 16.47 km more.
    assert!(said.contains("    Distance to a college: 29 instead of 12 → place 3"), "{said}");
    assert!(said.contains("    Late report last year: 1 instead of 0 → place 3"), "{said}");
    let out = desk.good(&["explain", "ranking.json", "--id", "E"]);
    assert_eq!(out, "E is not ranked: it does not meet the condition “At most 5,000 students”.\n");
    let all = desk.good(&["explain", "ranking.json", "--line", "2"]);
    let alone =
        |id| desk.good(&["explain", "ranking.json", "--line", "2", "--id", id]).replace("each was tried", "computed for everybody at once");
    assert_eq!(all, ["D", "A", "B", "C", "E"].map(alone).join("\n"), "everybody is told what each is told, in the order of the places");
    assert!(desk.bad(&["explain", "ranking.json", "--id", "Z"]).contains("Nobody here has the id or number “Z”."));
}

#[test]
fn what_is_wrong_with_a_table_is_named_by_row_and_column() {
    let desk = Desk::new();
    for (table, wrong) in [
        (POOL.replace("45.5,", "=cmd,"), "pool.csv: line 3, poverty: “=cmd” is not a number such as 12 or 6.5."),
        (POOL.replace("A,30,", "A,1e3,"), "pool.csv: line 2, poverty: “1e3” is not a number such as 12 or 6.5."),
        (POOL.replace("A,30,", ",30,"), "pool.csv: line 2, id: The id is empty."),
        (POOL.replace("A,30,7.5,", "A,30,"), "pool.csv: line 2: The row has 6 cells; the first line names 7."),
        (POOL.replace("jobless", "jobles"), "pool.csv: line 1: The column “jobless” is missing."),
        (POOL.replace("A,30,7.5", "A,,7.5"), "pool.csv: line 2, poverty: A has no figure for “Need” (poverty). Add it,"),
        (POOL.replace("D,30", "A,30"), "pool.csv: line 5, id: A appears twice among the candidates."),
        (POOL.replace("A,30", "\"A,30"), "pool.csv: line 2: A quoted cell begins here and does not end."),
        (String::new(), "pool.csv: line 1: The file is empty"),
    ] {
        desk.put("pool.csv", table);
        let told = desk.bad(&desk.rank());
        assert!(told.contains(wrong), "{wrong}: {told}");
    }
    desk.put("pool.csv", b"id,\xff\n");
    assert!(desk.bad(&desk.rank()).contains("is not text in UTF-8"));
    std::fs::remove_file(desk.path().join("pool.csv")).unwrap();
    assert!(desk.bad(&desk.rank()).contains("pool.csv can't be read"));
}

#[test]
fn what_is_wrong_with_rules_is_named_by_line_and_column() {
    let desk = Desk::new();
    for (right, wrong, told) in [
        ("5 * jobless", "5 ** jobless", "line 21, column 37, ranking.criteria[1].source.formula: “*” was not expected here"),
        (
            "must = \"enrollment <= 5000\"",
            "must = \"enrollment\"",
            "ranking.gates[1].must: This formula must give yes or no; it gives a number.",
        ),
        ("weight = 1_500", "weight = 1_400", "sum to 9900 basis points"),
        ("bonus = true", "bonus = true\nweight = 5", "A bonus has no weight"),
        ("nonzero = -10", "nonzero = -1001", "Points go from -1000 to 1000 here"),
        ("missing = \"exclude\"", "missing = \"zero\"", "not one of: error, exclude, contest"),
        ("{ near = 10, far = 60 }", "{ near = 60, far = 10 }", "“near” must be less than “far”"),
        ("seed = \"public draw of 2024-05-06\"", "", "The seed of the lots is missing"),
    ] {
        assert!(RULES.contains(right), "{right}");
        desk.put("rules.toml", RULES.replacen(right, wrong, 1));
        let said = desk.bad(&desk.rank());
        assert!(said.contains(told), "{told}: {said}");
    }
}

#[test]
fn money_goes_down_the_list_in_whole_seats() {
    let desk = Desk::new();
    let said = desk.good(&desk.allocate("rules.toml", "450000.00"));
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "id,place,requested,granted,outcome,reason");
    assert!(lines[3].starts_with("C,3,300000.00,225000.00,partial,"), "{said}");
    assert!(lines[4].starts_with("D,4,75000.00,0.00,not funded,"), "{said}");
    assert_eq!(&lines[5..], ["# pot,450000.00", "# granted,450000.00", "# rest,0.00"]);
    // A part below what C can use is not granted.
    let said = desk.good(&desk.allocate("rules.toml", "300000.00"));
    assert!(said.contains("C,3,300000.00,0.00,not funded,") && said.contains("less than it can use"), "{said}");
}

#[test]
fn a_pot_is_shared_by_points_within_requests() {
    let desk = Desk::new();
    let shares = RULES.replace("\"down_the_list\"\nmisfit = \"partial\"", "\"shares\"\nby = \"points\"\nrounding = \"webster\"");
    desk.put("shares.toml", shares);
    let said = desk.good(&desk.allocate("shares.toml", "450000.01"));
    assert!(said.contains("C,3,300000.00,150000.01,partial,") && said.contains("# rest,0.00"), "{said}");
}

#[test]
fn the_best_set_keeps_a_floor_and_is_proved() {
    let desk = Desk::new();
    let best = |floor: &str| {
        let rules = RULES.replace("\"down_the_list\"\nmisfit = \"partial\"", "\"optimal\"\nobjective = \"points\"");
        format!("{rules}\n[[allocation.regions]]\nregion = \"east\"\nfloor = \"{floor}\"\ncitation = \"Section 5(b).\"\n")
    };
    desk.put("best.toml", best("300,000.00"));
    let said = desk.good(&desk.allocate("best.toml", "450000.01"));
    assert!(said.contains("A,1,150000.00,0.00,not funded,") && said.contains("C,3,300000.00,300000.00,funded,"), "{said}");
    assert!(said.ends_with("# rest,0.01\n# Proved: no set of awards has more points.\n"), "{said}");
    desk.put("best.toml", best("380,000.00"));
    let told = desk.bad(&desk.allocate("best.toml", "450000.01"));
    assert!(told.contains("The floor of east is $380,000") && told.contains("$375,000"), "{told}");
}

/// By hand, $350,000 less $50,000 set aside: the floor of $300,000 for east takes C alone, 70 points. Without it A, B and D cost exactly
/// $300,000 and have 210.75. Without the set-aside, $350,000 hold C and nobody else.
#[test]
fn what_each_constraint_costs_is_told_on_request() {
    let desk = Desk::new();
    let rules = RULES.replace("\"down_the_list\"\nmisfit = \"partial\"", "\"optimal\"\nobjective = \"points\"");
    let rules = format!(
        "{rules}\n[allocation.set_aside]\nfor = \"appeals\"\namount = \"50,000\"\ncitation = \"Section 6.\"\n\
         [[allocation.regions]]\nregion = \"east\"\nfloor = \"300,000\"\ncitation = \"Section 5(b).\"\n"
    );
    desk.put("best.toml", rules);
    let mut words = desk.allocate("best.toml", "350000");
    words.extend(["--costs", "--json", "out.json"]);
    let said = desk.good(&words);
    assert!(said.contains("# set aside,50000.00\n# granted,300000.00\n# rest,0.00\n"), "{said}");
    assert!(said.contains("# The floor of $300,000 for east cost 140.75 points: A, B and D would get an award instead of C.\n"), "{said}");
    assert!(said.contains("# Without the $50,000 set aside for appeals no set has more points.\n"), "{said}");
    let document: serde_json::Value = serde_json::from_slice(&std::fs::read(desk.path().join("out.json")).unwrap()).unwrap();
    assert_eq!(document["costs"][0]["points"], "563/4");
    assert_eq!(document["costs"][0]["rises"], serde_json::json!(["A", "B", "D"]));
    let told = desk.bad(&[desk.allocate("rules.toml", "350000"), vec!["--costs"]].concat());
    assert!(told.contains("Only an optimal allocation can say what its constraints cost."), "{told}");
}

#[test]
fn what_is_wrong_with_candidates_is_named() {
    let desk = Desk::new();
    let no_ties = RULES.replace("ties = \"file\"\n", "");
    desk.put("no-ties.toml", no_ties);
    let told = desk.bad(&desk.allocate("no-ties.toml", "1"));
    assert!(told.contains("ranked.csv: line 4, points: “B” and “C” have equal points"), "{told}");
    for (from, to, wrong) in [
        ("80.5", "", "ranked.csv: line 2, points: The points are missing; they are never taken as zero."),
        ("75000,east", "-75000,east", "ranked.csv: line 3, request: A request must be above zero."),
        ("300000,east,4", "300000.01,east,4", "ranked.csv: line 4, seats: $300,000.01 can't be split into 4 seats of equal cost."),
        ("4,150000", "4,350000", "ranked.csv: line 4, request: The least that is of use is more than the request."),
        ("D,60.25", "C,60.25", "ranked.csv: line 5, id: The id “C” stands twice."),
        ("300000,east", "300000.005,east", "ranked.csv: line 4, request:"),
    ] {
        assert!(CANDIDATES.contains(from), "{from}");
        desk.put("ranked.csv", CANDIDATES.replacen(from, to, 1));
        let told = desk.bad(&desk.allocate("rules.toml", "450000"));
        assert!(told.contains(wrong), "{wrong}: {told}");
    }
    assert!(desk.bad(&desk.allocate("rules.toml", "-5")).contains("--pot: “-5” is not an amount"));
}

/// Whatever the files hold, a command ends with 0 or with 2 and a sentence.
#[test]
fn no_garbled_file_brings_a_command_down() {
    let desk = Desk::new();
    let mut chance = 7_u64;
    let mut draw = move |end: usize| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(chance >> 33).unwrap() % end
    };
    let scraps = ["", "\"", ",", "\n", "-", "9999999999999999999999999999999", "0", "=", "\u{0}", "é", "[", "1/0", "yes", "("];
    for _ in 0..60 {
        for (name, text) in [("rules.toml", RULES), ("pool.csv", POOL), ("ranked.csv", CANDIDATES)] {
            let mut letters: Vec<char> = text.chars().collect();
            let (at, length) = (draw(letters.len()), draw(4));
            let end = (at + length).min(letters.len());
            letters.splice(at..end, scraps[draw(scraps.len())].chars());
            desk.put(name, letters.into_iter().collect::<String>());
        }
        for args in [desk.rank(), desk.allocate("rules.toml", "450000")] {
            let (code, _, told) = desk.run(&args);
            assert!(code == 0 || (code == 2 && !told.trim().is_empty() && !told.contains("panicked")), "{code}: {told}");
        }
    }
}
