//! The whole server: the rooms' doors, the static files, and the layers round them.

use crate::oidc::{self, Providers};
use crate::{network, same_origin, site};
use app::call::{Call, Desk};
use app::doors::{Door, Doors};
use app::error::AppError;
use app::ui::layout::refuse;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use http::HeaderValue;
use http::header::{REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS};
use tower_http::compression::CompressionLayer;
use tower_http::compression::CompressionLevel;
use tower_http::set_header::SetResponseHeaderLayer;

/// A plain form may be at most so large; uploads have their own limit.
const FORM_BYTES: usize = 256 * 1024;

/// What the router needs of the world outside: who else vouches for people, and where a visitor's address stands.
#[derive(Clone, Debug)]
pub struct Outside {
    /// OpenID Connect providers.
    pub providers: Providers,
    /// The reverse proxy's header with the visitor's address.
    pub client_address_header: Option<http::HeaderName>,
}

/// The router and the list of its doors, for the access test.
pub fn build(desk: &Desk, outside: &Outside) -> (Vec<Door>, Router) {
    let (list, doors) = oidc::doors(app::rooms(Doors::new(desk.clone())), &outside.providers).into_parts();
    let header = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    let router = doors
        .route("/site/{file}", get(site::file))
        .fallback(nowhere)
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(from_fn_with_state(outside.client_address_header.clone(), network::note))
        .layer(from_fn_with_state(desk.clone(), same_origin::refuse_foreign))
        .layer(from_fn(site::no_trace))
        // Live pages at brotli 4 at most: 11 costs four hundred times the rendering.
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(4)))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(REFERRER_POLICY, "same-origin"))
        .layer(header(STRICT_TRANSPORT_SECURITY, "max-age=31536000"))
        .with_state(desk.clone());
    (list, router)
}

async fn nowhere(call: Call) -> Response {
    refuse(&call, &AppError::NotFound)
}
