//! What a posted form holds, and what a page shows again when it was refused: the same words, beside the problems.

use crate::error::{AppError, Problem};
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use domain::Money;
use std::str::FromStr;

/// A form without an id of its own that comes again within so many seconds is a double click: what the first did is the answer to both.
pub const DOUBLE_CLICK_SECONDS: i64 = 10;

/// A posted form's fields, in order; a name may occur more than once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// The fields of an address's query.
    ///
    /// # Errors
    /// [`AppError::Bad`] when it can't be read.
    pub fn of_query(query: &str) -> Result<Self, AppError> {
        read_pairs(query.as_bytes()).map(Self).ok_or_else(|| AppError::Bad("The address could not be read.".to_owned()))
    }

    /// The field's text, trimmed; empty when it is missing.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// The field's text, or a problem when it is empty.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with `missing` as its sentence.
    pub fn required(&self, name: &str, missing: &str) -> Result<String, AppError> {
        let text = self.text(name);
        if text.is_empty() { Err(AppError::field(name, missing)) } else { Ok(text.to_owned()) }
    }

    /// An amount in dollars.
    ///
    /// # Errors
    /// [`AppError::Invalid`] when it is empty, not an amount, or holds a fraction of a cent.
    pub fn money(&self, name: &str) -> Result<Money, AppError> {
        Money::parse(&self.required(name, "Enter an amount in dollars.")?).map_err(|problem| AppError::field(name, problem.to_string()))
    }

    /// A value that the page itself put there (an id, a version).
    ///
    /// # Errors
    /// [`AppError::Bad`] when it is not what the page put there.
    pub fn hidden<T: FromStr>(&self, name: &str) -> Result<T, AppError> {
        self.text(name).parse().map_err(|_| AppError::Bad("The form was incomplete. Go back, reload the page and try again.".to_owned()))
    }

    /// Whether a checkbox was ticked.
    #[must_use]
    pub fn ticked(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> Result<Self, AppError> {
        let bytes = Bytes::from_request(request, state).await.map_err(|refused| {
            if refused.status() == http::StatusCode::PAYLOAD_TOO_LARGE {
                AppError::TooLarge("The form holds too much text. Shorten it and send it again.".to_owned())
            } else {
                AppError::Bad("The form did not arrive whole. Please send it again.".to_owned())
            }
        })?;
        let pairs = read_pairs(&bytes).ok_or_else(|| AppError::Bad("The form could not be read.".to_owned()))?;
        Ok(Self(pairs))
    }
}

/// Reads `a=b&c=d` with percent signs and pluses; none when it is not UTF-8, or holds a NUL (PostgreSQL stores none).
fn read_pairs(bytes: &[u8]) -> Option<Vec<(String, String)>> {
    let text = std::str::from_utf8(bytes).ok()?;
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(key)?, decode(value)?))
        })
        .collect()
}

/// What percent signs and pluses stand for; none when it is not UTF-8, or holds a NUL.
pub(crate) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes().iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let high = char::from(*rest.next()?).to_digit(16)?;
                let low = char::from(*rest.next()?).to_digit(16)?;
                bytes.push(u8::try_from(high * 16 + low).ok()?);
            }
            other => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

/// An id from a path: what is no id names no record.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn id<I: From<uuid::Uuid>>(text: &str) -> Result<I, AppError> {
    text.parse::<uuid::Uuid>().map(I::from).map_err(|_| AppError::NotFound)
}

/// A refused form: shown again with what was typed and what is wrong.
#[derive(Clone, Debug, Default)]
pub struct Attempt {
    /// What was typed.
    pub fields: Fields,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl Attempt {
    /// A form that nobody has sent yet, prefilled.
    #[must_use]
    pub fn fresh(fields: Vec<(&str, String)>) -> Self {
        Self { fields: Fields(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()), problems: Vec::new() }
    }

    /// The refused form of a mendable error; any other error is passed on.
    ///
    /// # Errors
    /// The error itself, when a form can't mend it.
    pub fn of(fields: Fields, error: AppError) -> Result<Self, AppError> {
        match error.problems() {
            Some(problems) => Ok(Self { fields, problems }),
            None => Err(error),
        }
    }

    /// The field's problem.
    #[must_use]
    pub fn problem(&self, field: &str) -> Option<String> {
        self.problems.iter().find(|problem| problem.field == field).map(|problem| problem.text.clone())
    }
}
