//! A compiler that can make WebAssembly: the machine's own, or where rustup can fetch nothing, Debian's, unpacked beside us.

use crate::tools::{self, Result, cannot, must_run, program, read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const TARGET: &str = "wasm32-unknown-unknown";
const ADVICE: &str = "The browser half needs Rust's wasm32-unknown-unknown target: run `rustup target add wasm32-unknown-unknown`";

/// How to compile for the browser.
pub enum Wasm {
    /// The toolchain in use has the target.
    Ready,
    /// Debian's compiler, which builds the standard library from source.
    Debian { rustc: PathBuf, linker: PathBuf },
}

/// Finds a compiler, setting one up when none is there.
pub fn wasm() -> Result<Wasm> {
    let sysroot = PathBuf::from(read(&mut program("rustc", &["--print", "sysroot"]))?.trim());
    // Set to try Debian's route on a machine that doesn't need it.
    let debian = std::env::var_os("ALLOTMENT_WASM_FROM_DEBIAN").is_some();
    if !debian && has_target(&sysroot) {
        return Ok(Wasm::Ready);
    }
    let linker = sysroot.join("lib/rustlib").join(host()?).join("bin/rust-lld");
    let unpacked = tools::cache().join("debian-rust");
    if !unpacked.join("rustc").exists() {
        if !debian {
            println!("The wasm32 target is not installed; asking rustup for it ...");
            if added_by_rustup() && has_target(&sysroot) {
                return Ok(Wasm::Ready);
            }
            println!("rustup cannot fetch it.");
        }
        println!("Unpacking Debian's Rust, whose library source will do (160 MB, once) ...");
        unpack_debian(&unpacked)?;
    }
    is_new_enough(&unpacked)?;
    if !linker.exists() {
        return Err(format!("{ADVICE} (the linker rust-lld is missing too)."));
    }
    Ok(Wasm::Debian { rustc: unpacked.join("rustc"), linker })
}

impl Wasm {
    /// The cargo command that builds for the browser, with everything but the package chosen.
    pub fn cargo_build(&self) -> Command {
        let mut command = tools::cargo(&["build", "--target", TARGET]);
        if let Wasm::Debian { rustc, linker } = self {
            command.args(["-Z", "build-std=std,panic_abort", "-Z", "build-std-features=optimize_for_size"]);
            command.env("RUSTC", rustc).env("RUSTC_BOOTSTRAP", "1");
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        command
    }
}

fn has_target(sysroot: &Path) -> bool {
    sysroot.join("lib/rustlib").join(TARGET).join("lib").exists()
}

fn host() -> Result<String> {
    let version = read(&mut program("rustc", &["-vV"]))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc does not say which machine it runs on.".to_owned())
}

/// Asks rustup, for a minute at most: without a network it may wait for ever.
fn added_by_rustup() -> bool {
    let mut command = program("rustup", &["target", "add", TARGET]);
    let Ok(mut child) = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn() else {
        return false;
    };
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(60) {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => std::thread::sleep(Duration::from_millis(200)),
            Err(_) => break,
        }
    }
    drop(child.kill());
    drop(child.wait());
    false
}

/// Downloads Debian's packages and unpacks them into `folder`. Nothing is installed on the system.
fn unpack_debian(folder: &Path) -> Result<()> {
    let packages = debian_packages()?;
    let parent = tools::cache();
    let downloads = parent.join("debian-downloads");
    let unfinished = parent.join("debian-rust.unfinished");
    drop(std::fs::remove_dir_all(&unfinished));
    std::fs::create_dir_all(&downloads).map_err(cannot("make", &downloads))?;
    must_run(
        Command::new("apt-get")
            .args(["--quiet=2", "--option", "APT::Sandbox::User=root", "download"])
            .args(&packages)
            .current_dir(&downloads),
    )
    .map_err(|reason| format!("{ADVICE}; Debian's packages could not be downloaded either. {reason}"))?;
    for package in tools::files_under(std::slice::from_ref(&downloads)) {
        must_run(Command::new("dpkg").arg("-x").arg(&package).arg(&unfinished))?;
    }
    write_wrapper(&unfinished, folder)?;
    drop(std::fs::remove_dir_all(folder));
    std::fs::rename(&unfinished, folder).map_err(cannot("make", folder))?;
    std::fs::remove_dir_all(&downloads).map_err(cannot("remove", &downloads))
}

/// The compiler finds its own sysroot, but not its own libraries.
fn write_wrapper(unfinished: &Path, folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let wrapper = unfinished.join("rustc");
    let usr = folder.join("usr");
    let script = format!(
        "#!/bin/sh\nexport LD_LIBRARY_PATH=\"$(echo '{usr}'/lib/*-linux-gnu):$LD_LIBRARY_PATH\"\nexec '{usr}/bin/rustc' \"$@\"\n",
        usr = usr.display()
    );
    std::fs::write(&wrapper, script).map_err(cannot("write", &wrapper))?;
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&wrapper, executable).map_err(cannot("change", &wrapper))
}

/// An older compiler than the project asks for can't build it; what was unpacked is removed, so that the next try is a new one.
fn is_new_enough(unpacked: &Path) -> Result<()> {
    let told = read(Command::new(unpacked.join("rustc")).arg("-V"))?;
    let version = told.split_whitespace().nth(1).unwrap_or_default();
    let asked = env!("CARGO_PKG_RUST_VERSION");
    if numbers(version) >= numbers(asked) {
        return Ok(());
    }
    std::fs::remove_dir_all(unpacked).map_err(cannot("remove", unpacked))?;
    Err(format!(
        "{ADVICE}. Debian's Rust as this machine knows it is {version}, and {asked} is needed: run `apt-get update` as root and try again."
    ))
}

/// `1.95` and `1.96.0` by their first two numbers.
fn numbers(version: &str) -> Vec<u32> {
    version.split('.').take(2).filter_map(|number| number.parse().ok()).collect()
}

/// The packages by name; two of them carry a version in their names, which Debian changes with each new Rust. Old lists name a Rust that is
/// too old, so they are fetched anew where that is allowed.
fn debian_packages() -> Result<Vec<String>> {
    if tools::is_root() {
        // Where that fails, the lists as they are may do.
        drop(Command::new("apt-get").args(["update", "--quiet=2"]).status());
    }
    let library = depends_on("libstd-rust-web-dev", "libstd-rust-web-")?;
    let llvm = depends_on(&library, "libllvm")?;
    Ok(["rustc-web", "rust-web-src", "libstd-rust-web-dev", &library, &llvm].map(str::to_owned).to_vec())
}

fn depends_on(package: &str, prefix: &str) -> Result<String> {
    let listed = read(Command::new("apt-cache").args(["depends", package])).map_err(|_| format!("{ADVICE}."))?;
    let mut names = listed.lines().filter_map(|line| line.trim().strip_prefix("Depends: "));
    names.find(|name| name.starts_with(prefix)).map(str::to_owned).ok_or_else(|| format!("{ADVICE}."))
}
