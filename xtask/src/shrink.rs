//! The last step before the wire: content-hashed names, and each file in brotli and gzip beside itself.

use crate::tools::{self, Result, cannot};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Brotli's largest ordinary window, which its best quality may use.
const WINDOW: i32 = 22;

/// Writes `name.EXT` as `name.HASH.EXT` with `.br` and `.gz` beside it, and returns the hashed name.
pub fn publish(site: &Path, name: &str, bytes: &[u8]) -> Result<String> {
    let (stem, extension) = name.rsplit_once('.').ok_or_else(|| format!("{name} needs an extension."))?;
    let hashed = format!("{stem}.{}.{extension}", tools::hash(bytes, 8));
    let path = site.join(&hashed);
    std::fs::write(&path, bytes).map_err(cannot("write", &path))?;
    let (brotli, gzip) = (brotli(bytes), gzip(bytes));
    println!("  {hashed}: {} bytes, {} gzip, {} brotli", bytes.len(), gzip.len(), brotli.len());
    for (suffix, packed) in [("br", brotli), ("gz", gzip)] {
        let path = PathBuf::from(format!("{}.{suffix}", path.display()));
        std::fs::write(&path, packed).map_err(cannot("write", &path))?;
    }
    Ok(hashed)
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: WINDOW, size_hint: bytes.len(), ..Default::default() };
    let mut packed = Vec::new();
    // Neither side can fail: one is a slice, the other grows.
    drop(brotli::BrotliCompress(&mut &bytes[..], &mut packed, &parameters));
    packed
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    drop(encoder.write_all(bytes));
    encoder.finish().unwrap_or_default()
}
