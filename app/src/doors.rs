//! Every door of the server: its method, path and [`Action`]. A room registers its doors here and nowhere else, so that the access test
//! can walk them all. The first gate stands before the handler: who holds the action's role nowhere is refused before a row is read.

use crate::call::{Call, Desk};
use crate::error::AppError;
use crate::form::Fields;
use axum::Router;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::handler::Handler;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use domain::access::{Action, Denied};
use http::HeaderMap;
use http::header::{CONTENT_TYPE, REFERER};

/// One door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Door {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// As axum writes it: `/apply/{application}`.
    pub path: &'static str,
    /// What it does, for the access table.
    pub action: Action,
}

/// The doors registered so far.
#[derive(Debug)]
pub struct Doors {
    desk: Desk,
    router: Router<Desk>,
    list: Vec<Door>,
}

impl Doors {
    /// No doors yet.
    #[must_use]
    pub fn new(desk: Desk) -> Self {
        Self { desk, router: Router::new(), list: Vec::new() }
    }

    /// Adds a page.
    #[must_use]
    pub fn get<H, T>(self, path: &'static str, action: Action, handler: H) -> Self
    where
        H: Handler<T, Desk>,
        T: 'static,
    {
        self.add("GET", path, action, get(handler))
    }

    /// Adds a door that writes.
    #[must_use]
    pub fn post<H, T>(self, path: &'static str, action: Action, handler: H) -> Self
    where
        H: Handler<T, Desk>,
        T: 'static,
    {
        self.add("POST", path, action, post(handler))
    }

    fn add(mut self, method: &'static str, path: &'static str, action: Action, methods: MethodRouter<Desk>) -> Self {
        self.list.push(Door { method, path, action });
        let gate =
            from_fn_with_state(self.desk.clone(), move |desk: axum::extract::State<Desk>, request: Request, next: Next| async move {
                pass(action, &desk, request, next).await
            });
        self.router = self.router.route(path, methods.route_layer(gate));
        self
    }

    /// All doors, and the router that opens them.
    pub fn into_parts(self) -> (Vec<Door>, Router<Desk>) {
        (self.list, self.router)
    }
}

/// The page on which a form stood, as the browser says; the first page where it does not.
fn came_from(headers: &HeaderMap) -> String {
    let page = headers.get(REFERER).and_then(|page| page.to_str().ok()).and_then(|page| page.split_once("://"));
    page.and_then(|(_, page)| page.find('/').and_then(|at| page.get(at..))).unwrap_or("/").to_owned()
}

/// The first gate: finds out who asks, once, and leaves the [`Call`] in the request for the handler.
async fn pass(action: Action, desk: &Desk, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let call = match Call::from_request_parts(&mut parts, desk).await {
        Ok(call) => call,
        Err(failed) => return failed.into_response(),
    };
    if crate::form::decode(parts.uri.path()).is_none() {
        return crate::ui::layout::refuse(&call, &AppError::NotFound);
    }
    if let Err(denied) = call.actor.must_somewhere(action) {
        let posted = denied == Denied::SignIn && parts.method == http::Method::POST;
        let from = came_from(&parts.headers);
        let typed = parts.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
        let fields = if typed { Fields::from_request(Request::from_parts(parts, body), &()).await.ok() } else { None };
        return match fields {
            Some(fields) if posted && !fields.0.is_empty() => crate::ui::layout::keep_typed(&call, fields),
            // Nothing was typed that could be kept. Where the form is sent to is no page, so back to where it stood.
            _ if posted => crate::ui::layout::refuse(&Call { path: from, ..call }, &AppError::SignIn),
            _ => crate::ui::layout::refuse(&call, &AppError::from(denied)),
        };
    }
    let whose = call.clone();
    parts.extensions.insert(call);
    let response = next.run(Request::from_parts(parts, body)).await;
    // A refusal from the handler's depths is told on a page that knows who is reading it.
    match response.extensions().get::<crate::ui::layout::Told>() {
        Some(told) => crate::ui::layout::refuse(&whose, &told.0),
        None => response,
    }
}
