//! What is measured goes between two marks of docs/PERFORMANCE.md; the words round them are people's.

use crate::tools::{self, Result, cannot, read};

/// Writes lines anew between the marks of a name, with when, at which commit and on which machine they were measured.
pub fn write(name: &str, lines: &str) -> Result<()> {
    let path = tools::root().join("docs/PERFORMANCE.md");
    let before = std::fs::read_to_string(&path).map_err(cannot("read", &path))?;
    let (begin, end) = (format!("<!-- {name}: begin -->"), format!("<!-- {name}: end -->"));
    let parts = before.split_once(&begin).and_then(|(head, rest)| Some((head, rest.split_once(&end)?.1)));
    let Some((head, tail)) = parts else { return Err(format!("{} has no marks “{name}”.", path.display())) };
    let text = format!("{head}{begin}\n{}\n\n{}\n{end}{tail}", measured(), lines.trim_end());
    std::fs::write(&path, text).map_err(cannot("write", &path))
}

/// `Measured on 2026-11-23, at commit f0adbd7. Machine: …`
fn measured() -> String {
    let said = |program: &str, arguments: &[&str]| read(&mut tools::program(program, arguments)).map(|text| text.trim().to_owned());
    let day = said("date", &["--utc", "+%Y-%m-%d"]).unwrap_or_default();
    let commit = said("git", &["rev-parse", "--short", "HEAD"]).unwrap_or_default();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let kernel = said("uname", &["-sr"]).unwrap_or_default();
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| Some(line.strip_prefix("model name")?.trim_start_matches([' ', '\t', ':']).to_owned()));
    format!("Measured on {day}, at commit {commit}. Machine: {}, {processors} processors, {kernel}.", model.unwrap_or_default())
}
