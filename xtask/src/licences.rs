//! Every crate we build on must allow what we do with it: ship it inside a binary under MIT or Apache-2.0.

use crate::tools::{self, Result, read};
use serde_json::Value;
use spdx::{Expression, ParseMode};

/// Licences that ask for no more than their notice. MPL-2.0 asks that changes to its own files be published: we change none.
const ALLOWED: [&str; 17] = [
    "0BSD",
    "Apache-2.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "NCSA",
    "OpenSSL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Checks each crate's own declaration, and names those that don't pass.
pub fn check() -> Result<()> {
    let text = read(&mut tools::cargo(&["metadata", "--format-version", "1", "--all-features"]))?;
    let metadata: Value = serde_json::from_str(&text).map_err(|error| format!("cargo metadata is not JSON: {error}."))?;
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let bought: Vec<&Value> = packages.iter().filter(|package| !package["source"].is_null()).collect();
    let refused: Vec<String> = bought.iter().filter_map(|package| objection(package)).collect();
    println!("{} crates, {} not allowed.", bought.len(), refused.len());
    if bought.is_empty() {
        return Err("cargo metadata names no crates.".to_owned());
    }
    if refused.is_empty() { Ok(()) } else { Err(refused.join("\n")) }
}

fn objection(package: &Value) -> Option<String> {
    let name = format!("{} {}", package["name"].as_str().unwrap_or("?"), package["version"].as_str().unwrap_or("?"));
    let Some(declared) = package["license"].as_str() else {
        return Some(format!("{name} declares no licence."));
    };
    match Expression::parse_mode(declared, ParseMode::LAX) {
        Ok(expression) if allows(&expression) => None,
        Ok(_) => Some(format!("{name} is under {declared}, which we don't allow.")),
        Err(_) => Some(format!("{name} declares a licence that can't be read: {declared}.")),
    }
}

fn allows(expression: &Expression) -> bool {
    expression.evaluate(|asked| asked.license.id().is_some_and(|id| ALLOWED.contains(&id.name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(declared: &str) -> bool {
        allows(&Expression::parse_mode(declared, ParseMode::LAX).unwrap())
    }

    #[test]
    fn one_allowed_choice_is_enough() {
        assert!(verdict("MIT OR GPL-3.0-only"));
        assert!(verdict("MIT/Apache-2.0"));
        assert!(verdict("Apache-2.0 WITH LLVM-exception"));
    }

    #[test]
    fn every_part_of_an_and_must_be_allowed() {
        assert!(verdict("Apache-2.0 AND ISC"));
        assert!(!verdict("MIT AND GPL-3.0-only"));
        assert!(!verdict("AGPL-3.0-only"));
    }
}
