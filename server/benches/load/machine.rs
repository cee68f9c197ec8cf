//! What the machine says of itself: processor time of a process, of PostgreSQL and of everything else, memory, and the disk's pace. All of
//! it is read from /proc, so the measurements run on Linux only.

use crate::Result;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// Linux counts processor time in hundredths of a second, whatever the kernel's own tick is.
const TICKS_A_SECOND: u64 = 100;

/// Processor time, in microseconds, since each process began.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    /// The server under measurement.
    pub server: u64,
    /// PostgreSQL, all its processes; zero on SQLite.
    pub postgres: u64,
    /// This program, which makes the load.
    pub load: u64,
    /// The whole machine: user and system time, without interrupts and waiting; and on a machine that is shared, what it wanted and its
    /// host gave to others (“steal”).
    pub machine: u64,
}

impl Spent {
    /// Reads the counters now.
    pub fn read(server: u32, postgres: Option<u32>) -> Self {
        let [user, nice, system, .., steal] = whole_machine();
        Self {
            server: of_process(server),
            postgres: postgres.map_or(0, of_family),
            load: of_process(std::process::id()),
            machine: in_microseconds(user + nice + system + steal),
        }
    }

    /// What was spent since `earlier`.
    pub const fn since(self, earlier: Self) -> Self {
        Self {
            server: self.server.saturating_sub(earlier.server),
            postgres: self.postgres.saturating_sub(earlier.postgres),
            load: self.load.saturating_sub(earlier.load),
            machine: self.machine.saturating_sub(earlier.machine),
        }
    }

    /// What neither the server nor PostgreSQL nor the load spent.
    pub const fn others(self) -> u64 {
        self.machine.saturating_sub(self.server + self.postgres + self.load)
    }
}

/// The machine's counters in ticks: user, nice, system, idle, waiting, two kinds of interrupts, steal.
fn whole_machine() -> [u64; 8] {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let fields = text.lines().next().unwrap_or_default().split_whitespace().skip(1);
    let mut counters = [0; 8];
    counters.iter_mut().zip(fields).for_each(|(counter, field)| *counter = field.parse().unwrap_or_default());
    counters
}

/// Waits until the machine gives its cores whole, two minutes at most: keeps them busy for a quarter of a second and looks what was kept
/// back.
pub fn wait_for_quiet() {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(120) {
        let before = Spent::read(std::process::id(), None);
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        std::thread::scope(|scope| {
            for _ in 0..cores {
                scope.spawn(|| {
                    let began = Instant::now();
                    while began.elapsed() < Duration::from_millis(250) {
                        std::hint::spin_loop();
                    }
                });
            }
        });
        let spent = Spent::read(std::process::id(), None).since(before);
        // This program is counted twice here, as server and as load; what is left is others'.
        let others = spent.machine.saturating_sub(spent.load);
        if others * 20 <= spent.machine {
            return;
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

const fn in_microseconds(ticks: u64) -> u64 {
    ticks * (1_000_000 / TICKS_A_SECOND)
}

/// The fields of /proc/PID/stat after the name, which may hold spaces: the first is the state, the second the parent.
fn fields(process: u32) -> Vec<String> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let rest = text.rsplit_once(") ").map_or("", |(_, rest)| rest);
    rest.split_whitespace().map(str::to_owned).collect()
}

fn of_process(process: u32) -> u64 {
    let fields = fields(process);
    in_microseconds(fields.iter().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum())
}

/// A process with its children, the ended ones included.
fn of_family(parent: u32) -> u64 {
    let ended: u64 = fields(parent).iter().skip(13).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    let parent_field = parent.to_string();
    let children = processes().into_iter().filter(|process| fields(*process).get(1) == Some(&parent_field));
    children.map(of_process).sum::<u64>() + of_process(parent) + in_microseconds(ended)
}

fn processes() -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// The PostgreSQL server that listens on a port: its first process.
pub fn postgres_on(port: u16) -> Option<u32> {
    let wanted = port.to_string();
    processes().into_iter().find(|process| {
        let line = fs::read_to_string(format!("/proc/{process}/cmdline")).unwrap_or_default();
        let mut words = line.split('\0');
        let program = words.next().unwrap_or_default();
        program.ends_with("/postgres") && words.clone().zip(words.skip(1)).any(|(flag, port)| flag == "-p" && port == wanted)
    })
}

/// A process's memory in kilobytes: all that is resident, and its own share of it.
pub fn memory(process: u32) -> (u64, u64) {
    let of = |file: &str, name: &str| -> u64 {
        let text = fs::read_to_string(format!("/proc/{process}/{file}")).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse().unwrap_or_default()
    };
    (of("status", "VmRSS:"), of("smaps_rollup", "Pss:"))
}

/// Durable appends of 4 kB that the disk takes in a second, one after the other.
///
/// # Errors
/// The folder can't be written.
pub fn fsyncs_a_second(folder: &Path) -> Result<u64> {
    let path = folder.join("fsync-probe");
    let told = |error: std::io::Error| format!("Cannot write {}: {error}.", path.display());
    let mut file = fs::File::create(&path).map_err(told)?;
    let (began, mut count) = (Instant::now(), 0);
    while began.elapsed() < Duration::from_secs(1) {
        file.write_all(&[7; 4096]).map_err(told)?;
        file.sync_data().map_err(told)?;
        count += 1;
    }
    let elapsed = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    fs::remove_file(&path).map_err(told)?;
    Ok(count * 1_000_000 / elapsed)
}

/// The machine in a line: processor, cores, memory, kernel.
pub fn description() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let named = |text: &str, name: &str| {
        let value = text.lines().find(|line| line.starts_with(name)).and_then(|line| line.split_once(':'));
        value.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let kilobytes: u64 = named(&read("/proc/meminfo"), "MemTotal").trim_end_matches(" kB").parse().unwrap_or_default();
    let kernel = read("/proc/sys/kernel/osrelease");
    format!(
        "{}, {cores} cores, {} GiB, Linux {}",
        named(&read("/proc/cpuinfo"), "model name"),
        (kilobytes + 524_288) / 1_048_576,
        kernel.trim()
    )
}
