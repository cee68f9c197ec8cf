//! The browser that the journeys run in.

use crate::tools::{self, Result};
use std::path::PathBuf;

const PLACES: [&str; 4] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/snap/bin/chromium"];

/// Finds Chromium (or the browser named by `CHROMIUM`), installing Debian's when there is none.
pub fn chromium() -> Result<PathBuf> {
    if let Some(chosen) = std::env::var_os("CHROMIUM") {
        return Ok(chosen.into());
    }
    if let Some(found) = find() {
        return Ok(found);
    }
    // Screenshots need letters: a bare machine has no fonts at all.
    tools::apt_install(&["chromium", "fonts-liberation"])?;
    find().ok_or_else(|| "Please install Chromium, or name a browser in CHROMIUM, and try again.".to_owned())
}

fn find() -> Option<PathBuf> {
    PLACES.iter().map(PathBuf::from).find(|path| path.exists())
}
