//! Running other programs, and the few folders every command needs.

use sha2::{Digest, Sha256};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A sentence for the person at the keyboard.
pub type Result<T> = std::result::Result<T, String>;

/// The workspace's top folder.
pub fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let here = PathBuf::from(here);
    here.parent().map(Path::to_path_buf).unwrap_or(here)
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// Where downloaded tools are kept: `.toolchain/`, or the folder named by `ALLOTMENT_CACHE`.
pub fn cache() -> PathBuf {
    std::env::var_os("ALLOTMENT_CACHE").map_or_else(|| root().join(".toolchain"), PathBuf::from)
}

/// Cargo, without the variables that `cargo run` set for this program: some build scripts watch them, and would run again.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    for (name, _) in std::env::vars_os() {
        let shown = name.to_string_lossy();
        if shown.starts_with("CARGO_PKG_") || shown.starts_with("CARGO_MANIFEST_") || shown == "CARGO" {
            command.env_remove(&name);
        }
    }
    command
}

/// A program with its arguments, to be run from the workspace's top folder.
pub fn program(name: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).current_dir(root());
    command
}

/// Runs to the end, output shown.
pub fn must_run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    if status.success() { Ok(()) } else { Err(format!("{} ended with {status}.", shown(command))) }
}

/// Runs to the end and returns what it printed; its complaints are part of the error.
pub fn read(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| cannot_start(command, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(format!("{} ended with {}. {complaint}", shown(command), output.status))
}

/// Runs to the end, showing each line of its output and keeping it. `bool` is whether it succeeded.
pub fn run_and_read(command: &mut Command) -> Result<(bool, String)> {
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| cannot_start(command, &error))?;
    let mut kept = String::new();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n').map_while(std::result::Result::ok) {
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            kept.push_str(&line);
            kept.push('\n');
        }
    }
    let status = child.wait().map_err(|error| cannot_start(command, &error))?;
    Ok((status.success(), kept))
}

/// True when this program may install packages.
pub fn is_root() -> bool {
    read(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// Installs Debian packages, or says in a sentence what to install.
pub fn apt_install(packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    if !is_root() || !Path::new("/usr/bin/apt-get").exists() {
        return Err(format!("Please install these packages and try again: {names} (on Debian: sudo apt-get install {names})."));
    }
    println!("Installing {names} ...");
    let install = || {
        let mut command = Command::new("apt-get");
        command.args(["install", "--yes", "--quiet=2", "--no-install-recommends"]).args(packages);
        read(command.env("DEBIAN_FRONTEND", "noninteractive"))
    };
    // Package lists may be missing or old: fetch them only when the first try fails.
    if install().is_ok() {
        return Ok(());
    }
    read(Command::new("apt-get").args(["update", "--quiet=2"]))?;
    install().map(drop).map_err(|reason| format!("Installing {names} failed. {reason}"))
}

/// The first `digits` hexadecimal digits of the SHA-256 of some bytes.
pub fn hash(bytes: &[u8], digits: usize) -> String {
    let digest = Sha256::digest(bytes);
    let mut hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.truncate(digits);
    hex
}

/// Every file under some paths, in order.
pub fn files_under(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
            let inner: Vec<PathBuf> = entries.filter(|path| !path.ends_with("node_modules")).collect();
            found.extend(files_under(&inner));
        } else if path.exists() {
            found.push(path.clone());
        }
    }
    found.sort();
    found
}

/// A loopback port that nobody listens on.
pub fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(|error| format!("No free port: {error}."))?;
    listener.local_addr().map(|address| address.port()).map_err(|error| format!("No free port: {error}."))
}

/// `cannot("read", path)` is the beginning of an error about a file.
pub fn cannot<'a>(verb: &'a str, path: &'a Path) -> impl Fn(std::io::Error) -> String + 'a {
    move |error| format!("Cannot {verb} {}: {error}.", path.display())
}

/// The error for a program that would not start.
pub fn cannot_start(command: &Command, error: &std::io::Error) -> String {
    format!("Cannot start {}: {error}.", command.get_program().to_string_lossy())
}

fn shown(command: &Command) -> String {
    let arguments: Vec<_> = command.get_args().take(4).map(|argument| argument.to_string_lossy()).collect();
    format!("{} {}", command.get_program().to_string_lossy(), arguments.join(" "))
}
