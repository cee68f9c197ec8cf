//! `site/manifest.json`: the hashed name of each part.

use crate::tools::{self, Result, cannot};
use serde_json::{Map, Value};
use std::path::Path;

/// What the last build wrote; nothing, when there was none.
pub fn read(site: &Path) -> Map<String, Value> {
    let text = std::fs::read_to_string(site.join("manifest.json")).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

fn names(manifest: &Map<String, Value>) -> Vec<&str> {
    let images = manifest.get("images").and_then(Value::as_object);
    let images = images.into_iter().flat_map(Map::values);
    manifest.values().chain(images).filter_map(Value::as_str).collect()
}

/// True when every part is named, and every named file is there.
pub fn is_whole(site: &Path, manifest: &Map<String, Value>) -> bool {
    let parts = ["css", "js", "wasm", "reckon_js", "reckon_wasm"].iter().all(|part| manifest.contains_key(*part));
    parts && names(manifest).iter().all(|name| site.join(name).exists())
}

/// Removes the files of earlier builds.
pub fn sweep(site: &Path, manifest: &Map<String, Value>) -> Result<()> {
    let kept = names(manifest);
    for path in tools::files_under(&[site.to_path_buf()]) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let plain = name.trim_end_matches(".br").trim_end_matches(".gz");
        if name != "manifest.json" && !kept.contains(&plain) {
            std::fs::remove_file(&path).map_err(cannot("remove", &path))?;
        }
    }
    Ok(())
}
