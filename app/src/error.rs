//! What a person may be told. The cause of an internal error is logged where it is converted, under a reference number that the person
//! can quote; nothing else of it reaches them.

use axum::response::{IntoResponse, Response};
use domain::access::Denied;
use http::StatusCode;

/// A field's problem, in a sentence for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// The field's name in the form; empty when it is about the whole.
    pub field: String,
    /// The sentence.
    pub text: String,
}

impl Problem {
    /// A problem of one field.
    pub fn new(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self { field: field.into(), text: text.into() }
    }

    /// A problem of the whole form.
    pub fn whole(text: impl Into<String>) -> Self {
        Self::new("", text)
    }
}

/// A refusal or a failure, as a page tells it.
#[derive(Clone, Debug)]
pub enum AppError {
    /// There is no such record, or not for this person (404).
    NotFound,
    /// Sign in first (redirects there, and back).
    SignIn,
    /// The role does not include it (403).
    Forbidden(String),
    /// The record's state or somebody else's change stands against it (409).
    Conflict(String),
    /// What was typed cannot be taken (422).
    Invalid(Vec<Problem>),
    /// The request itself makes no sense (400).
    Bad(String),
    /// Too much at once (413).
    TooLarge(String),
    /// Too often (429).
    TooMany(String),
    /// The store failed (500): kept whole so that a write can be run again, logged when it reaches a page.
    Store(std::sync::Arc<store::Error>),
    /// Our fault (500); the number stands in the log beside the cause.
    Internal(String),
}

impl AppError {
    /// An internal error: logs the cause, keeps the reference.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        let mut chance = [0_u8; 4];
        let _ = getrandom::fill(&mut chance);
        let reference = format!("{:08X}", u32::from_be_bytes(chance));
        tracing::error!(%cause, reference, "internal error");
        Self::Internal(reference)
    }

    /// One problem of one field.
    pub fn field(field: &str, text: impl Into<String>) -> Self {
        Self::Invalid(vec![Problem::new(field, text)])
    }

    /// The status to answer with.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Bad(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal(_) | Self::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The problems to show beside a form, when the person can mend them there.
    #[must_use]
    pub fn problems(&self) -> Option<Vec<Problem>> {
        match self {
            Self::Invalid(problems) => Some(problems.clone()),
            Self::Conflict(text) => Some(vec![Problem::whole(text.clone())]),
            _ => None,
        }
    }

    /// Title and sentence for the page.
    #[must_use]
    pub fn say(&self) -> (&'static str, String) {
        match self {
            Self::NotFound => (
                "Page not found",
                "There is no such page, or it is not yours to see. Check the address, or start from the home page.".to_owned(),
            ),
            Self::SignIn => ("Please sign in", "Sign in first; you will then come back here.".to_owned()),
            Self::Forbidden(text) => ("Not part of your role", text.clone()),
            Self::Conflict(text) => ("Something changed meanwhile", text.clone()),
            Self::Invalid(problems) => ("This can’t be saved yet", problems.iter().map(|p| p.text.as_str()).collect::<Vec<_>>().join(" ")),
            Self::Bad(text) => ("The request could not be read", text.clone()),
            Self::TooLarge(text) => ("Too large", text.clone()),
            Self::TooMany(text) => ("Please wait a little", text.clone()),
            Self::Store(cause) => Self::internal(cause).say(),
            Self::Internal(reference) => (
                "Something went wrong on our side",
                format!("What you had saved before is safe. Please try again; if it happens again, tell us this number: {reference}."),
            ),
        }
    }
}

impl From<Denied> for AppError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::SignIn => Self::SignIn,
            Denied::NotYours => Self::NotFound,
            Denied::Role(_) => Self::Forbidden(denied.to_string()),
        }
    }
}

impl From<store::Error> for AppError {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Conflict { noun } => {
                Self::Conflict(format!("This {noun} was changed by somebody else meanwhile. Look at it again, then decide."))
            }
            store::Error::Missing { .. } => Self::NotFound,
            other => Self::Store(std::sync::Arc::new(other)),
        }
    }
}

impl store::AsRetry for AppError {
    fn store_error(&self) -> Option<&store::Error> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        crate::ui::layout::error_page(&self)
    }
}
