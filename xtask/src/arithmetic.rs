//! `cargo xtask bench --arithmetic`: our ranking, best sets and shares beside what others have published for the same, on the same inputs in the
//! same run. The others are Python packages, installed by pip into a folder of their own; what can't be installed is left out, and said so.

use crate::figures;
use crate::tools::{self, Result, cannot, must_run, program, read, run_and_read};
use std::path::{Path, PathBuf};

/// A package with its version, the bench that writes its input, and the script that reads it.
struct Outside {
    package: &'static str,
    version: &'static str,
    bench: &'static str,
    script: &'static str,
}

const ALL: [Outside; 3] = [
    Outside { package: "pymcdm", version: "1.4.0", bench: "ranking", script: "wsm.py" },
    Outside { package: "highspy", version: "1.15.1", bench: "optimal", script: "highs.py" },
    Outside { package: "apportionment", version: "1.0", bench: "shares", script: "apportion.py" },
];

/// HiGHS is stopped after so many seconds for each problem.
const SECONDS: &str = "60";
const SECONDS_QUICK: &str = "1";

/// Runs each bench and the script beside it; `quick` stops HiGHS sooner, and the document stays as it is.
pub fn run(quick: bool) -> Result<()> {
    let python = environment()?;
    let folder = tools::target().join("bench-arithmetic");
    let mut rows = vec!["| what | ours | beside | its time | its answer |".to_owned(), "|---|---|---|---|---|".to_owned()];
    let mut left_out = Vec::new();
    for outside in &ALL {
        let Outside { package, version, .. } = outside;
        if let Err(cause) = installed(&python, outside) {
            println!("Left out: {package} {version} can't be installed by pip here. {cause}");
            left_out.push(format!("{package} {version}"));
            continue;
        }
        rows.extend(beside(&python, outside, &folder, quick)?);
    }
    drop(std::fs::remove_dir_all(&folder));
    let mut text = rows.join("\n");
    if !left_out.is_empty() {
        text.push_str(&format!("\n\nLeft out, since pip could not install it: {}.", left_out.join(", ")));
    }
    println!("\n{text}");
    if quick { Ok(()) } else { figures::write("outside", &text) }
}

/// A Python of our own, so that nothing on the machine changes.
fn environment() -> Result<PathBuf> {
    let folder = tools::target().join("outside-tools");
    let python = folder.join("bin/python");
    if !python.exists() {
        read(program("python3", &["-m", "venv"]).arg(&folder))
            .map_err(|cause| format!("Please install Python 3 with venv (Debian: python3-venv), and try again. {cause}"))?;
    }
    Ok(python)
}

fn installed(python: &Path, outside: &Outside) -> Result<()> {
    let wanted = format!("{}=={}", outside.package, outside.version);
    read(program(python, &["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).arg(wanted)).map(drop)
}

/// The rows of one tool.
fn beside(python: &Path, outside: &Outside, folder: &Path, quick: bool) -> Result<Vec<String>> {
    let folder = folder.join(outside.bench);
    std::fs::create_dir_all(&folder).map_err(cannot("make", &folder))?;
    println!("{}: ours ...", outside.bench);
    must_run(tools::cargo(&["bench", "--package", "domain", "--bench", outside.bench, "--", "--write"]).arg(&folder))?;
    println!("{}: {} ...", outside.bench, outside.package);
    let mut script = program(python, &[]);
    script.arg(tools::root().join("domain/benches").join(outside.script)).arg(&folder);
    script.arg(if quick { SECONDS_QUICK } else { SECONDS });
    let (succeeded, output) = run_and_read(&mut script)?;
    let rows: Vec<String> = output.lines().filter(|line| line.starts_with("| ")).map(str::to_owned).collect();
    if succeeded && !rows.is_empty() { Ok(rows) } else { Err(format!("{} ended without an answer.", outside.script)) }
}
