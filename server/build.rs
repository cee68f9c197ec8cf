//! Makes sure that `site/` exists, so that the server also compiles in a checkout where nothing has been built yet.

fn main() -> std::io::Result<()> {
    std::fs::create_dir_all("../site")?;
    println!("cargo:rerun-if-changed=../site");
    println!("cargo:rerun-if-changed=build.rs");
    Ok(())
}
