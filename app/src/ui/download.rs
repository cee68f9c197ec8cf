//! A file that the browser keeps and never shows in our name.

use super::layout::percent;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};

/// A file as a download, whatever its content claims to be.
#[must_use]
pub fn download(name: &str, media_type: String, bytes: Vec<u8>) -> Response {
    let plain: String = name.chars().map(|c| if c.is_ascii() && c != '"' && c != '\\' { c } else { '_' }).collect();
    let disposition = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", percent(name));
    let headers = [
        (CONTENT_TYPE, media_type),
        (CONTENT_DISPOSITION, disposition),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        (CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    (headers, bytes).into_response()
}

/// A JSON document as a download, under this name with `.json` after it.
#[must_use]
pub fn document(name: &str, bytes: impl Into<Vec<u8>>) -> Response {
    download(&format!("{name}.json"), "application/json".to_owned(), bytes.into())
}
