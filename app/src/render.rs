//! Turning a Leptos view into an answer. Pages are rendered whole, after their rows are loaded, so a missing record is a 404 and a refused
//! form is a 422 before the first byte leaves; nothing streams and nothing suspends.

use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use http::{HeaderValue, StatusCode};
use leptos::prelude::*;
use leptos::reactive::owner::Owner;
use std::sync::Arc;

/// A page: its status, and its document.
#[derive(Debug)]
pub struct Page {
    status: StatusCode,
    html: String,
    nonce: Option<String>,
}

impl Page {
    /// Renders a document. `make` gets the nonce for its scripts when the page has any.
    pub fn render<V: IntoView + 'static>(status: StatusCode, scripted: bool, make: impl FnOnce(Option<String>) -> V) -> Self {
        let nonce = scripted.then(fresh_nonce);
        let html = html(|| make(nonce.clone()));
        Self { status, html, nonce }
    }
}

/// A view's markup.
pub fn html<V: IntoView + 'static>(make: impl FnOnce() -> V) -> String {
    let owner = Owner::new_root(Some(Arc::new(hydration_context::SsrSharedContext::new_islands())));
    let html = owner.with(|| make().into_view().to_html());
    owner.cleanup();
    html
}

/// 128 bits of chance, for one answer's scripts.
fn fresh_nonce() -> String {
    let mut chance = [0_u8; 16];
    if let Err(failed) = getrandom::fill(&mut chance) {
        tracing::error!(%failed, "no randomness for a nonce");
    }
    base64::engine::general_purpose::STANDARD_NO_PAD.encode(chance)
}

/// The policy: nothing but our own files, and scripts only by this answer's nonce.
fn policy(nonce: Option<&str>) -> String {
    let scripts = nonce.map_or_else(|| "'none'".to_owned(), |nonce| format!("'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'"));
    format!(
        "default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = (self.status, Html(self.html)).into_response();
        let headers = response.headers_mut();
        if let Ok(value) = HeaderValue::from_str(&policy(self.nonce.as_deref())) {
            headers.insert(CONTENT_SECURITY_POLICY, value);
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}
