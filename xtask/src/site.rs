//! `cargo xtask site`: the browser half, the style sheet and the images, hashed and compressed into `site/`.
//!
//! `site/manifest.json` says which name belongs to which part; the server reads it and embeds the folder.

use crate::tools::{self, Result, cannot, must_run, program};
use crate::{manifest, node, shrink, style, toolchain};
use clap::Args;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// How to build the site.
#[derive(Args, Default)]
pub struct Options {
    /// Cargo profile of the browser half; `wasm` makes it small
    #[arg(long, default_value = "wasm")]
    profile: Option<String>,
    /// The same as `--profile wasm`
    #[arg(long)]
    release: bool,
}

/// Builds what has changed since the last time.
pub fn run(options: &Options) -> Result<()> {
    let profile = options.profile.as_deref().filter(|_| !options.release).unwrap_or("wasm");
    let site = tools::root().join("site");
    std::fs::create_dir_all(&site).map_err(cannot("make", &site))?;
    let mut named = manifest::read(&site);
    let stamp_path = site.join(".stamp");
    let (browser, style) = stamps(profile)?;
    let stamp = format!("browser {browser}\nstyle {style}\n");
    let before = std::fs::read_to_string(&stamp_path).unwrap_or_default();
    let whole = manifest::is_whole(&site, &named);
    if whole && before == stamp {
        println!("site/ is up to date.");
        return Ok(());
    }
    node::install("style")?;
    if !whole || !before.contains(&format!("browser {browser}")) {
        named.extend(build_browser_half(&site, profile)?);
    }
    if !whole || !before.contains(&format!("style {style}")) {
        named.extend(style::build(&site)?);
    }
    let path = site.join("manifest.json");
    let text = format!("{:#}\n", Value::Object(named.clone()));
    std::fs::write(&path, text).map_err(cannot("write", &path))?;
    manifest::sweep(&site, &named)?;
    std::fs::write(&stamp_path, stamp).map_err(cannot("write", &stamp_path))
}

/// One hash over everything the browser half is made of, one over the style sheet's.
fn stamps(profile: &str) -> Result<(String, String)> {
    let all = |paths: &[&str]| -> Result<String> {
        let mut bytes = Vec::new();
        let paths: Vec<PathBuf> = paths.iter().map(|path| tools::root().join(path)).collect();
        for path in tools::files_under(&paths) {
            bytes.extend(path.display().to_string().bytes());
            bytes.extend(std::fs::read(&path).map_err(cannot("read", &path))?);
        }
        Ok(tools::hash(&bytes, 64))
    };
    let ours = ["xtask/src/site.rs", "xtask/src/style.rs", "xtask/src/shrink.rs", "style/package-lock.json"];
    let browser = all(&[&ours[..], &["app", "domain", "Cargo.toml", "Cargo.lock"]].concat())?;
    Ok((format!("{profile} {browser}"), all(&[&ours[..], &["style"]].concat())?))
}

/// The browser's modules: how each is named, and the feature of `app` that makes it. The second holds the islands that rank and allocate.
const MODULES: [(&str, &str); 2] = [("allotment", "hydrate"), ("reckon", "reckon")];

fn build_browser_half(site: &Path, profile: &str) -> Result<Map<String, Value>> {
    let mut parts = Map::new();
    for (name, feature) in MODULES {
        let (wasm, script) = build_module(name, feature, profile)?;
        let part = |kind: &str| if name == "allotment" { kind.to_owned() } else { format!("{name}_{kind}") };
        parts.insert(part("wasm"), publish(site, &format!("{name}.wasm"), &wasm)?);
        parts.insert(part("js"), publish(site, &format!("{name}.js"), &script)?);
    }
    let loader = tools::root().join("app/src/loader.js");
    if loader.exists() {
        parts.insert("loader".into(), publish(site, "loader.js", &loader)?);
    }
    Ok(parts)
}

fn publish(site: &Path, name: &str, path: &Path) -> Result<Value> {
    let bytes = std::fs::read(path).map_err(cannot("read", path))?;
    shrink::publish(site, name, &bytes).map(Value::from)
}

/// Builds one module and its script, small; gives where they lie.
fn build_module(name: &str, feature: &str, profile: &str) -> Result<(PathBuf, PathBuf)> {
    let folder = tools::target().join("wasm");
    println!("Building the browser half, {name} (profile {profile}) ...");
    let mut command = toolchain::wasm()?.cargo_build();
    command.args(["--package", "app", "--lib", "--features", feature, "--no-default-features", "--profile", profile]);
    must_run(command.env("CARGO_TARGET_DIR", &folder))?;
    let built = if profile == "dev" { "debug" } else { profile };
    let module = folder.join("wasm32-unknown-unknown").join(built).join("app.wasm");
    let bound = folder.join("bound").join(name);
    drop(std::fs::remove_dir_all(&bound));
    bind(&module, &bound)?;
    // Some crates bring scripts of their own; one file in all saves a request for each.
    let script = bound.join("small.js");
    let mut bundle = program(
        "node",
        &["style/node_modules/esbuild/bin/esbuild", "--bundle", "--minify", "--format=esm", "--target=es2022", "--log-level=warning"],
    );
    must_run(bundle.arg(bound.join("allotment.js")).arg(format!("--outfile={}", script.display())))?;
    // No optimizer of modules runs over it: `wasm-opt -Oz` makes it a tenth smaller, and what is sent of it, compressed, a tenth larger.
    Ok((bound.join("allotment_bg.wasm"), script))
}

/// Turns the compiler's module into a module and the script that speaks for it.
fn bind(module: &Path, folder: &Path) -> Result<()> {
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    let made = bindgen
        .input_path(module)
        .out_name("allotment")
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        // The loader says where the module is: its name carries a hash that this script can't know.
        .omit_default_module_path(true)
        .web(true)
        .and_then(|bindgen| bindgen.generate_output());
    let mut output = made.map_err(|error| format!("wasm-bindgen failed: {error:#}"))?;
    output.emit(folder).map_err(|error| format!("wasm-bindgen failed: {error:#}"))
}
