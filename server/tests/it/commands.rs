//! The commands as a person runs them: the real binary, its sentences and its exit codes. Each gets an empty environment, so that nobody's
//! own settings get in.

use std::path::Path;
use std::process::Command;

const DISTRICTS: &str = "kind,name,nces_id,county_fips,latitude,longitude,source\n\
    district,\"Yazoo City, Municipal\",2804860,28163,32.86,-90.41,NCES CCD 2023-24\n\
    region,South Delta PDD,,,,,The call of 2023-24\n";

/// Exit code, standard output, standard error.
pub fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_allotment")).args(args).env_clear().env("RUST_LOG", "error").current_dir(folder).output();
    let output = output.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// What waits in the outbox of a folder's portal.
fn letters(folder: &Path) -> Vec<store::messages::Message> {
    let address = format!("sqlite:{}", folder.join("data/allotment.db").display());
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let db = store::Db::open(&address).await.unwrap();
        let mut reader = db.reader().await.unwrap();
        store::messages::list_latest(&mut reader.tx(), 100).await.unwrap()
    })
}

pub fn file(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
}

#[test]
fn migrate_makes_the_database_and_doctor_says_that_all_is_well() {
    let folder = temp_dir::TempDir::new().unwrap();
    let (code, before, _) = run(folder.path(), &["doctor"]);
    assert!(code == 1 && before.contains("There is no database data/allotment.db yet. Run: allotment migrate"), "{before}");
    assert!(!folder.path().join("data").exists(), "the doctor changes nothing");
    std::fs::create_dir(folder.path().join("data")).unwrap();
    file(folder.path(), "data/allotment.db", "");
    let (code, before, _) = run(folder.path(), &["doctor"]);
    assert!(code == 1 && before.contains("bad      The schema is not up to date. Run: allotment migrate"), "{before}");
    assert!(before.ends_with("1 to mend.\n"), "{before}");
    assert_eq!(run(folder.path(), &["migrate"]), (0, "The schema is up to date.\n".to_owned(), String::new()));
    assert_eq!(run(folder.path(), &["migrate"]).0, 0, "a second time does nothing");
    let (code, after, _) = run(folder.path(), &["doctor"]);
    assert!(code == 0 && after.contains("good     Every ledger balance is the sum of its transfers."), "{after}");
    assert!(after.contains("warning  No mail server is set") && after.ends_with("All is well.\n"), "{after}");
}

#[test]
fn the_demo_leaves_a_real_portals_folder_alone() {
    let folder = temp_dir::TempDir::new().unwrap();
    assert_eq!(run(folder.path(), &["migrate"]).0, 0);
    for args in [["demo", "--fresh", "--data=data"].as_slice(), &["demo", "--data=data"]] {
        let (code, _, told) = run(folder.path(), args);
        assert!(code == 1 && told.contains("records that are not a demonstration’s"), "{told}");
    }
    let (code, said, _) = run(folder.path(), &["doctor"]);
    assert!(code == 0 && said.contains("All is well."), "{said}");
}

#[test]
fn a_bad_setting_is_one_sentence_and_exit_code_2() {
    let folder = temp_dir::TempDir::new().unwrap();
    for args in [["doctor", "--address=nowhere"], ["migrate", "--database-url=mysql://x"], ["serve", "--base-url=http://example.gov"]] {
        let (code, out, told) = run(folder.path(), &args);
        assert_eq!((code, out.as_str(), told.lines().count()), (2, "", 1), "{told}");
        assert!(told.starts_with("The setting "), "{told}");
    }
    file(folder.path(), "allotment.toml", "adress = \"127.0.0.1:1\"\n");
    let (code, _, told) = run(folder.path(), &["doctor"]);
    assert!(code == 2 && told.contains("allotment.toml is wrong in line 1"), "{told}");
}

#[test]
fn program_check_reads_a_good_file_and_names_line_and_field_of_a_bad_one() {
    let folder = temp_dir::TempDir::new().unwrap();
    let good = include_str!("../../../programs/acceleratems-2024-25.toml");
    file(folder.path(), "good.toml", good);
    let (code, said, _) = run(folder.path(), &["program", "check", "good.toml"]);
    assert!(code == 0 && said.contains("AccelerateMS"), "{said}");
    file(folder.path(), "bad.toml", &good.replacen("closes = \"", "closes = \"x", 1).replacen("closes = 2", "closes = \"x\" # 2", 1));
    let (code, _, told) = run(folder.path(), &["program", "check", "bad.toml"]);
    assert!(code == 1 && told.contains("bad.toml: line ") && told.contains("round.closes: ") && told.contains("problem(s)."), "{told}");
    assert_eq!(run(folder.path(), &["program", "check", "none.toml"]).0, 2);
}

#[test]
fn the_first_manager_is_given_once() {
    let folder = temp_dir::TempDir::new().unwrap();
    let args = ["first-manager", "--agency", " The  Agency ", "--email", "Dana@Agency.example.gov", "--name", "Dana W."];
    let (code, said, told) = run(folder.path(), &args);
    assert_eq!((code, told.as_str()), (0, ""));
    assert!(said.starts_with("The agency “The Agency” is on record now.\nDana@Agency.example.gov is its program manager"), "{said}");
    assert!(said.contains("http://127.0.0.1:3000/sign-in") && said.contains("No mail server is set"), "{said}");

    let (code, said, told) = run(folder.path(), &["first-manager", "--agency", "the agency", "--email", "eve@example.org"]);
    assert_eq!((code, said.as_str()), (1, ""));
    assert!(told.starts_with("The Agency has a program manager already.") && told.contains("--reason"), "{told}");
    let again =
        |reason: &str| run(folder.path(), &["first-manager", "--agency", "the agency", "--email", "eve@example.org", "--reason", reason]);
    assert!(again("  ").2.contains("Give the reason"));
    let (code, said, told) = again("Dana has left.");
    assert!(code == 0 && said.starts_with("eve@example.org is its program manager") && told.is_empty(), "{said} {told}");
    let letters = letters(folder.path());
    let of = |to: &str, words: &str| letters.iter().filter(|letter| letter.to_email == to && letter.body.contains(words)).count();
    assert_eq!(letters.len(), 3);
    assert_eq!(of("Dana@Agency.example.gov", "You are the first program manager of The Agency"), 1);
    assert_eq!(of("Dana@Agency.example.gov", "eve@example.org was made program manager of The Agency"), 1, "so that a misuse is noticed");
    assert_eq!(of("eve@example.org", "You are a program manager of The Agency"), 1);
    let (code, _, told) = run(folder.path(), &["first-manager", "--agency", "Another", "--email", "nobody"]);
    assert!(code == 1 && told.contains("Enter an email address"), "{told}");
    // One person may run two agencies' programs, with one account.
    let (code, said, _) = run(folder.path(), &["first-manager", "--agency", "Another", "--email", "dana@agency.example.gov"]);
    assert!(code == 0 && said.starts_with("The agency “Another” is on record now."), "{said}");
}

#[test]
fn organizations_and_figures_are_loaded_and_loaded_again() {
    let folder = temp_dir::TempDir::new().unwrap();
    file(folder.path(), "o.csv", DISTRICTS);
    let import = |what: &str, name: &str| run(folder.path(), &[what, "import", name]);
    assert_eq!(import("organizations", "o.csv").1, "2 organizations added, 0 changed, 0 as they were.\n");
    assert_eq!(import("organizations", "o.csv").1, "0 organizations added, 0 changed, 2 as they were.\n");
    file(folder.path(), "o.csv", &DISTRICTS.replace("Yazoo City, Municipal", "Yazoo City"));
    assert_eq!(import("organizations", "o.csv").1, "0 organizations added, 1 changed, 1 as they were.\n");

    let figures =
        "organization\tkey\tvalue\tyear\tsource\n2804860\tenrollment\t2110\t2023\tCCD\nyazoo city\tchild_poverty_rate\t41.5\t2020\tSAIPE\n";
    file(folder.path(), "f.tsv", figures);
    for _ in 0..2 {
        assert_eq!(import("facts", "f.tsv"), (0, "2 figures are on record.\n".to_owned(), String::new()));
    }
    file(folder.path(), "f.tsv", &figures.replace("2110", "2,110"));
    let (code, _, told) = import("facts", "f.tsv");
    assert!(code == 1 && told.starts_with("f.tsv, line 2, value: “2,110” is not a number from zero up."), "{told}");
    assert!(told.ends_with("1 problem(s); nothing was taken.\n"), "{told}");
    assert_eq!(import("facts", "none.tsv").0, 1);
}
