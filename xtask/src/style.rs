//! The style sheet and the images.

use crate::shrink;
use crate::tools::{self, Result, cannot, program, read};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Where the design system keeps the icons that its rules name below `/img/`.
const ICONS: &str = "style/node_modules/@uswds/uswds/dist/img";

/// Compiles the sheet and publishes it with the images of `style/img`.
pub fn build(site: &Path) -> Result<Map<String, Value>> {
    println!("Compiling the style sheet ...");
    let arguments = [
        "node_modules/sass/sass.js",
        "--quiet",
        "--quiet-deps",
        "--style=compressed",
        "--no-source-map",
        "--load-path=node_modules/@uswds/uswds/packages",
        "main.scss",
    ];
    let css = read(program("node", &arguments).current_dir(tools::root().join("style")))?;
    let css = with_icons_inside(css.trim_start_matches('\u{feff}'))?;
    let css = shrink::publish(site, "style.css", css.as_bytes())?;
    let mut images = Map::new();
    for path in tools::files_under(&[tools::root().join("style/img")]) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).map_err(cannot("read", &path))?;
        images.insert(name.clone(), shrink::publish(site, &name, &bytes)?.into());
    }
    Ok(Map::from_iter([("css".to_owned(), json!(css)), ("images".to_owned(), Value::Object(images))]))
}

/// Replaces `url("/img/NAME.svg")` by the icon itself: a dozen small icons cost less than a request each.
fn with_icons_inside(css: &str) -> Result<String> {
    let mut pieces = css.split("url(\"/img/");
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once("\")").ok_or_else(|| "An address in the style sheet does not end.".to_owned())?;
        let path = tools::root().join(ICONS).join(name);
        let icon = std::fs::read_to_string(&path).map_err(cannot("read", &path))?;
        whole.push_str(&format!("url(\"data:image/svg+xml,{}\"){rest}", escaped(icon.trim())));
    }
    Ok(whole)
}

/// What an SVG needs to stand in a quoted data address.
fn escaped(svg: &str) -> String {
    let pairs = [("%", "%25"), ("\"", "'"), ("#", "%23"), ("<", "%3C"), (">", "%3E"), ("\n", " "), ("\r", "")];
    pairs.iter().fold(svg.to_owned(), |text, (plain, coded)| text.replace(plain, coded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_icon_is_safe_inside_quotes() {
        assert_eq!(escaped("<svg fill=\"#fff\">\n</svg>"), "%3Csvg fill='%23fff'%3E %3C/svg%3E");
    }
}
