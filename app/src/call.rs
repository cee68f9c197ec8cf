//! One request: who asks, when, and the database. [`Desk`] is what the server lends every door; [`Call`] is made of it and of the
//! session cookie, and is the only thing that use cases need besides their input. Below a use case there are arguments only.

use crate::clock::Clock;
use crate::error::AppError;
use crate::sessions;
use axum::extract::FromRequestParts;
use domain::access::{Action, Actor, Subject};
use domain::{ApplicationId, MessageId, OrganizationId, PersonId, Timestamp};
use futures::future::BoxFuture;
use http::request::Parts;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::applications::Found;
use store::events::NewEvent;
use store::{Db, Reader, Tx};
use uuid::Uuid;

/// What the server lends to every request.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
    /// The rest, which does not change while the server runs.
    pub house: Arc<House>,
}

/// Settings that pages and use cases need.
#[derive(Clone, Debug)]
pub struct House {
    /// `https://allotment.example.gov`, without a slash at the end: for links in mail and OpenID redirects.
    pub base_url: String,
    /// Where uploaded files lie.
    pub files: PathBuf,
    /// Whether this is the demo: a band on every page, one-click people, readable mail.
    pub demo: bool,
    /// Names of the static files, which carry a hash of their content.
    pub site: Site,
    /// OpenID Connect providers to offer: key and label.
    pub providers: Vec<(String, String)>,
}

/// The static files' names under `/site/`.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Site {
    /// The style sheet.
    pub css: String,
    /// The islands' script.
    pub js: String,
    /// The islands' module.
    pub wasm: String,
    /// The script of the islands that rank and allocate.
    pub reckon_js: String,
    /// Their module.
    pub reckon_wasm: String,
    /// The small script that loads the islands.
    pub loader: String,
}

/// One request's actor, instant and desk.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who asks.
    pub actor: Actor,
    /// When, once for the whole request.
    pub now: Timestamp,
    /// The desk.
    pub desk: Desk,
    /// The path asked for, for "sign in and come back".
    pub path: String,
    /// The session, when there is one.
    pub session: Option<sessions::Live>,
    /// The application that the address names, read with the session.
    pub opened: Opened,
}

/// An application as it was when the request began. It is taken once, and gone once something is written: whoever looks again sees it as it is
/// then.
#[derive(Clone, Debug, Default)]
pub struct Opened(Arc<Mutex<Option<Found>>>);

impl Opened {
    fn of(found: Option<Found>) -> Self {
        Self(Arc::new(Mutex::new(found)))
    }

    /// The application, if it is this one and nobody took it.
    #[must_use]
    pub fn take(&self, id: ApplicationId) -> Option<Found> {
        self.lock().take_if(|found| found.application.id == id)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Found>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The application that an address under `/apply/` names.
fn application_in(path: &str) -> Option<ApplicationId> {
    path.strip_prefix("/apply/")?.split('/').next()?.parse().ok()
}

impl Call {
    /// A connection for reading.
    ///
    /// # Errors
    /// The store's failure, as an internal error.
    pub async fn reader(&self) -> Result<Reader, AppError> {
        Ok(self.desk.db.reader().await?)
    }

    /// Runs one write, all or nothing. `work` may be run more than once: clone what it needs, reach nothing outside the database.
    ///
    /// ```ignore
    /// let input = input.clone();
    /// call.write(move |tx| { let input = input.clone(); Box::pin(async move { decide_and_record(tx, input).await }) }).await?
    /// ```
    ///
    /// # Errors
    /// What `work` refused, or an internal error.
    pub async fn write<T, F>(&self, work: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: for<'a> Fn(&'a mut Tx<'_>) -> BoxFuture<'a, Result<T, AppError>> + Send + 'static,
    {
        self.opened.lock().take();
        self.desk.db.write(work).await
    }

    /// Asks the access table.
    ///
    /// # Errors
    /// The refusal, as a page would tell it.
    pub fn must(&self, action: Action, on: Subject) -> Result<(), AppError> {
        Ok(self.actor.must(action, on)?)
    }

    /// The signed-in person.
    ///
    /// # Errors
    /// [`AppError::SignIn`] when nobody is.
    pub fn person(&self) -> Result<PersonId, AppError> {
        self.actor.person.ok_or(AppError::SignIn)
    }

    /// The organization for which the person acts on this record: the owner's when they are a member of it, else the agency's.
    #[must_use]
    pub fn acting_for(&self, on: Subject) -> Option<OrganizationId> {
        let member_of = |organization: &OrganizationId| self.actor.belongs_to(*organization);
        on.owner.filter(member_of).or(on.agency.filter(member_of))
    }

    /// Starts the event row for an act on a record; set the rest with struct update.
    #[must_use]
    pub fn event(&self, on: Subject, noun: &'static str, noun_id: Uuid, verb: &'static str) -> NewEvent {
        let organization = self.acting_for(on);
        NewEvent { person: self.actor.person, organization, ..NewEvent::new(mint(self.now), self.now, noun, noun_id, verb) }
    }

    /// A message for the outbox.
    #[must_use]
    pub fn message(&self, to: &str, subject: String, body: String, noun: &'static str, noun_id: Uuid) -> store::messages::NewMessage {
        let id: MessageId = mint(self.now);
        store::messages::NewMessage { id, to_email: to.to_owned(), subject, body, noun, noun_id, queued_at: self.now }
    }
}

impl FromRequestParts<Desk> for Call {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, AppError> {
        if let Some(call) = parts.extensions.get::<Self>() {
            return Ok(call.clone());
        }
        let now = desk.clock.now();
        let found = sessions::find_live(desk, &parts.headers, application_in(parts.uri.path()), now).await?;
        let (session, opened) = found.map_or((None, None), |(live, opened)| (Some(live), opened));
        let actor = session.as_ref().map(|live| live.actor.clone()).unwrap_or_default();
        let path = parts.uri.path_and_query().map_or_else(|| "/".to_owned(), |p| p.as_str().to_owned());
        Ok(Self { actor, now, desk: desk.clone(), path, session, opened: Opened::of(opened) })
    }
}

/// Ids minted so far: what happens in one second keeps its order in the log.
static MINTED: AtomicU64 = AtomicU64::new(0);

/// Mints an id (UUID version 7) of the instant, a running number within it, and fresh chance: the edge's task, so that everything below
/// can be replayed.
#[must_use]
pub fn mint<I: From<Uuid>>(now: Timestamp) -> I {
    let mut chance = [0_u8; 10];
    // The operating system's generator does not fail once it has started; were it to, the database would refuse a repeated id.
    if let Err(failed) = getrandom::fill(&mut chance) {
        tracing::error!(%failed, "no randomness for an id");
    }
    // The running number's low 12 bits follow the milliseconds in the id's order, its high part stands in the milliseconds themselves.
    let running = MINTED.fetch_add(1, Ordering::Relaxed);
    let [.., high, low] = running.to_be_bytes();
    (chance[0], chance[1]) = (high & 0x0f, low);
    let millis = u64::try_from(now.unix()).unwrap_or_default() * 1_000 + (running >> 12) % 1_000;
    I::from(uuid::Builder::from_unix_timestamp_millis(millis, &chance).into_uuid())
}
