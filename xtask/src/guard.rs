//! Programs that must not outlive us: servers started for a test.

use crate::tools::{self, Result};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

/// A program that ends when this one does, however this one ends.
///
/// A shell holds the program and waits for its own input to close, which the kernel does for us even after `kill -9`; it has
/// its own process group, so Ctrl-C reaches only us.
pub struct Guarded {
    shell: Child,
    leash: Option<ChildStdin>,
}

/// Starts `command` so that it gets `signal` when the guard is dropped, and `folder` is removed after it.
pub fn guarded(command: &Command, signal: &str, folder: Option<&Path>) -> Result<Guarded> {
    use std::os::unix::process::CommandExt;
    let script = r#"signal=$1 folder=$2; shift 2; "$@" & child=$!; cat >/dev/null; kill -s "$signal" "$child" 2>/dev/null; wait "$child"
        [ -z "$folder" ] || rm -rf "$folder""#;
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "sh", signal]).arg(folder.unwrap_or(Path::new("")));
    shell.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell.current_dir(command.get_current_dir().unwrap_or(&tools::root())).stdin(Stdio::piped()).process_group(0);
    let mut shell = shell.spawn().map_err(|error| tools::cannot_start(command, &error))?;
    let leash = shell.stdin.take();
    Ok(Guarded { shell, leash })
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.leash.take());
        drop(self.shell.wait());
    }
}
