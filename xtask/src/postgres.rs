//! A private PostgreSQL server for tests: a fresh folder, a free loopback port, gone when its owner is.

use crate::guard::{self, Guarded};
use crate::tools::{self, Result, cannot, read};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// A running server.
pub struct Postgres {
    /// Where its one database is.
    pub url: String,
    /// The same by its Unix socket, as a server on the same machine is best reached.
    pub url_by_socket: String,
    _server: Guarded,
}

/// `cargo xtask postgres`: runs until Ctrl-C.
pub fn run() -> Result<()> {
    let server = start()?;
    println!("PostgreSQL is listening. Ctrl-C stops it and removes what it held.\n\nTEST_POSTGRES_URL={}", server.url);
    loop {
        std::thread::park();
    }
}

/// Starts a server with one empty database. Anyone on this machine may enter: it holds tests' rows only.
pub fn start() -> Result<Postgres> {
    let programs = programs()?;
    let port = tools::free_port()?;
    let folder = std::env::temp_dir().join(format!("allotment-postgres-{}-{port}", std::process::id()));
    std::fs::create_dir(&folder).map_err(cannot("make", &folder))?;
    // PostgreSQL refuses to run as root, so root lends the folder to the user that Debian's package made.
    let lent = tools::is_root();
    if lent {
        read(Command::new("chown").arg("postgres:postgres").arg(&folder))?;
    }
    let as_user = |name: &str| {
        let path = programs.join(name);
        let mut command = Command::new(if lent { Path::new("setpriv") } else { &path });
        if lent {
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(&path);
        }
        command.current_dir("/");
        command
    };
    let data = folder.join("data");
    let encoding = ["--encoding=UTF8", "--no-locale", "--auth=trust", "--username=allotment", "--no-sync"];
    read(as_user("initdb").arg("--pgdata").arg(&data).args(encoding))?;
    let mut server = as_user("postgres");
    server.arg("-D").arg(&data).arg("-k").arg(&folder).arg("-p").arg(port.to_string());
    server.args(["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", "-c", "log_min_messages=fatal"]);
    // SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
    let guard = guard::guarded(&server, "INT", Some(&folder))?;
    let began = Instant::now();
    let local = ["-h", "127.0.0.1", "-U", "allotment", "-p"];
    while read(as_user("createdb").args(local).arg(port.to_string()).arg("allotment")).is_err() {
        if began.elapsed() > Duration::from_secs(30) {
            return Err("PostgreSQL did not start within 30 seconds.".to_owned());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(Postgres {
        url: format!("postgres://allotment@127.0.0.1:{port}/allotment"),
        url_by_socket: format!("postgres://allotment@localhost:{port}/allotment?host={}", folder.display()),
        _server: guard,
    })
}

/// The folder with initdb and postgres: Debian's newest, or the one in the path.
fn programs() -> Result<PathBuf> {
    if let Some(found) = find_programs() {
        return Ok(found);
    }
    tools::apt_install(&["postgresql"])?;
    find_programs().ok_or_else(|| "PostgreSQL is installed, but its initdb is nowhere to be found.".to_owned())
}

fn find_programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut debian: Vec<PathBuf> = versions.filter(|folder| folder.join("initdb").exists()).collect();
    debian.sort();
    debian.pop().or_else(|| std::env::split_paths(&path).find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists()))
}
