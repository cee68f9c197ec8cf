//! No write from a foreign page: the browser says where a request comes from (`Sec-Fetch-Site`, else `Origin`), and only our own pages
//! may post. A link opened from elsewhere is a GET and changes nothing.

use app::call::Desk;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};

/// The layer.
pub async fn refuse_foreign(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) || is_ours(&desk, &request) {
        return next.run(request).await;
    }
    tracing::warn!(path = request.uri().path(), "a write from a foreign page was refused");
    (StatusCode::FORBIDDEN, "This form was sent from another site, so nothing was done. Open the page here and try again.").into_response()
}

fn is_ours(desk: &Desk, request: &Request) -> bool {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    match (header("sec-fetch-site"), header("origin")) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => {
            let host = header("host").unwrap_or_default();
            origin == desk.house.base_url || origin.split_once("://").is_some_and(|(_, from)| from == host)
        }
        // No browser of the last years leaves out both; what does is a program, and carries no one's cookie by accident.
        (None, None) => true,
    }
}
