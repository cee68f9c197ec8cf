//! Node packages: what the style sheet is compiled with, and what drives the browser in the journeys.

use crate::tools::{self, Result, cannot, must_run, program, read};

/// Installs exactly what a folder's package-lock.json names, unless that is there already.
pub fn install(folder: &str) -> Result<()> {
    let folder = tools::root().join(folder);
    let lock = folder.join("package-lock.json");
    let wanted = tools::hash(&std::fs::read(&lock).map_err(cannot("read", &lock))?, 64);
    let note = folder.join("node_modules/.installed-from");
    if std::fs::read_to_string(&note).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    read(&mut program("npm", &["--version"])).map_err(|_| "Please install Node.js 20 or later, with npm, and try again.".to_owned())?;
    println!("Installing the node packages of {} ...", folder.display());
    let arguments = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
    must_run(program("npm", &arguments).current_dir(&folder))?;
    std::fs::write(&note, wanted).map_err(cannot("write", &note))
}
