//! The program under measurement, as a process of its own: started, asked until it answers, stopped when it is let go.

use crate::Result;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server that ends with this value.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start to its first answer, in microseconds.
    pub first_answer: u64,
}

/// A loopback address that nobody listens on.
fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| format!("No free port: {error}."))?;
    listener.local_addr().map_err(|error| format!("No free port: {error}."))
}

impl Server {
    /// Starts `allotment serve` on a database and a folder.
    ///
    /// # Errors
    /// It did not start, or did not answer within half a minute.
    pub fn allotment(binary: &Path, database: &str, folder: &Path) -> Result<Self> {
        let address = free_address()?;
        let mut command = Command::new(binary);
        command.args(["serve", "--database-url", database, "--address", &address.to_string(), "--data"]).arg(folder);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("ALLOTMENT_") {
                command.env_remove(name);
            }
        }
        // In a folder without a settings file, so that no setting but these counts.
        Self::start(command.current_dir(folder), address)
    }

    /// Starts a server that says hello: this program again.
    ///
    /// # Errors
    /// As [`Self::allotment`].
    pub fn hello() -> Result<Self> {
        let address = free_address()?;
        let program = std::env::current_exe().map_err(|error| format!("This program does not know where it lies: {error}."))?;
        Self::start(Command::new(program).args(["hello", &address.to_string()]), address)
    }

    fn start(command: &mut Command, address: SocketAddr) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let began = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().map_err(|error| format!("Cannot start {name}: {error}."))?;
        let mut server = Self { child, address, first_answer: 0 };
        while !answers(address) {
            if let Ok(Some(status)) = server.child.try_wait() {
                return Err(format!("{name} ended with {status} instead of answering."));
            }
            if began.elapsed() > Duration::from_secs(30) {
                return Err(format!("{name} did not answer within 30 seconds."));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        server.first_answer = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(server)
    }

    /// Its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It holds nothing that the next measurement needs, so it need not end in order.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn answers(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let asked = write!(stream, "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut beginning = [0; 12];
    asked.is_ok() && stream.read_exact(&mut beginning).is_ok() && &beginning == b"HTTP/1.1 200"
}
