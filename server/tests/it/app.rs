//! A whole portal for one test: `let app = TestApp::new().await; let manager = app.sign_in_as(Role::ProgramManager, app.agency).await;
//! let page = app.get("/people", Some(&manager)).await; assert_eq!(page.status, 200);`

use ::app::call::{Call, Desk, House, Opened, mint};
use ::app::clock::Clock;
use ::app::doors::Door;
use ::app::sessions::{ABSOLUTE_SECONDS, sha256_hex};
use axum::Router;
use axum::body::{Body, to_bytes};
use domain::access::{Membership, OrganizationKind, Role};
use domain::{OrganizationId, PersonId, Timestamp};
use http::{HeaderMap, Request, StatusCode};
use std::sync::Arc;
use store::organizations::Organization;
use store::{Db, Error, memberships, organizations, people, sessions};
use tower::ServiceExt;

/// The instant at which tests begin: noon in Jackson, Mississippi, on April 1, 2024.
pub const START: i64 = 1_711_990_800;

/// One portal.
pub struct TestApp {
    /// Database, clock, settings.
    pub desk: Desk,
    /// Every door.
    pub doors: Vec<Door>,
    /// The router itself.
    pub router: Router,
    /// An agency: “Agency One”.
    pub agency: OrganizationId,
    /// Another agency: “Agency Two”.
    pub other_agency: OrganizationId,
    /// A district: “District One”.
    pub district: OrganizationId,
    /// Another district.
    pub other_district: OrganizationId,
    /// A regional organization.
    pub region: OrganizationId,
    /// Another regional organization.
    pub other_region: OrganizationId,
    /// The database and the files, gone with the test.
    pub folder: temp_dir::TempDir,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The status as a number.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The text.
    pub body: String,
}

impl Answer {
    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// A header's text, empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The `name=value` of a cookie that the answer sets.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let set = self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        set.filter_map(|line| line.split(';').next()).find(|pair| pair.starts_with(&format!("{name}="))).map(str::to_owned)
    }

    /// Whoever is signed in and has something to type, to choose or to upload is told when the session ends, by a line and an island.
    fn look_for_the_sessions_end(&self, path: &str) {
        let typed =
            ["<textarea", "usa-file-input", "usa-radio__input", "usa-checkbox__input"].iter().any(|field| self.body.contains(field));
        if typed && self.body.contains("href=\"/account\"") {
            let said = ["You will be signed out at", "SessionWarning", "<script"].iter().all(|part| self.body.contains(part));
            assert!(said, "{path}: a form, and nothing says when the session ends");
        }
    }
}

/// A signed-in person.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Who.
    pub person: PersonId,
    /// Their address.
    pub email: String,
    /// `session=…`.
    pub cookie: String,
}

impl TestApp {
    /// A portal that is not the demo.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// The demo.
    pub async fn demo() -> Self {
        Self::with(|house| house.demo = true).await
    }

    /// A portal with settings changed.
    pub async fn with(change: impl FnOnce(&mut House)) -> Self {
        Self::with_providers(change, server::oidc::Providers::none()).await
    }

    /// A portal with sign-in providers.
    pub async fn with_providers(change: impl FnOnce(&mut House), providers: server::oidc::Providers) -> Self {
        let folder = temp_dir::TempDir::new().unwrap();
        let db = Db::open(&format!("sqlite:{}", folder.path().join("test.db").display())).await.unwrap();
        db.migrate().await.unwrap();
        let files = folder.path().join("files");
        std::fs::create_dir(&files).unwrap();
        let mut house = House {
            base_url: "http://127.0.0.1:3000".to_owned(),
            files,
            demo: false,
            site: server::site::names(),
            providers: providers.labels(),
        };
        change(&mut house);
        let desk = Desk { db, clock: Clock::fixed(Timestamp::from_unix(START)), house: Arc::new(house) };
        let (doors, router) = server::router::build(&desk, &server::router::Outside { providers, client_address_header: None });
        let agency = add_organization(&desk, OrganizationKind::Agency, "Agency One").await;
        let other_agency = add_organization(&desk, OrganizationKind::Agency, "Agency Two").await;
        let district = add_organization(&desk, OrganizationKind::District, "District One").await;
        let other_district = add_organization(&desk, OrganizationKind::District, "District Two").await;
        let region = add_organization(&desk, OrganizationKind::Region, "Region One").await;
        let other_region = add_organization(&desk, OrganizationKind::Region, "Region Two").await;
        Self { desk, doors, router, agency, other_agency, district, other_district, region, other_region, folder }
    }

    /// The organization among the first three in which a role can be held.
    pub fn home_of(&self, role: Role) -> OrganizationId {
        match role.held_in()[0] {
            OrganizationKind::Agency => self.agency,
            OrganizationKind::Region => self.region,
            _ => self.district,
        }
    }

    /// The same in the other three.
    pub fn elsewhere_for(&self, role: Role) -> OrganizationId {
        match role.held_in()[0] {
            OrganizationKind::Agency => self.other_agency,
            OrganizationKind::Region => self.other_region,
            _ => self.other_district,
        }
    }

    /// A new person without any role.
    pub async fn person(&self, name: &str, email: &str) -> PersonId {
        let (id, now): (PersonId, _) = (mint(self.now()), self.now());
        let (name, email) = (name.to_owned(), email.to_owned());
        self.write(move |tx| {
            let (name, email) = (name.clone(), email.clone());
            Box::pin(async move { people::add(tx, id, &name, &email, now).await })
        })
        .await;
        id
    }

    /// Gives a person a role.
    pub async fn give(&self, person: PersonId, role: Role, organization: OrganizationId) {
        let (id, now) = (mint(self.now()), self.now());
        self.write(move |tx| Box::pin(async move { memberships::add(tx, id, person, organization, role, now).await.map(drop) })).await;
    }

    /// Signs a person in without passing the door.
    pub async fn session_of(&self, person: PersonId, email: &str) -> Visitor {
        let key = format!("key-of-{person}-{}", mint::<uuid::Uuid>(self.now()));
        let (hash, now) = (sha256_hex(&key), self.now());
        self.write(move |tx| {
            let hash = hash.clone();
            Box::pin(async move { sessions::add(tx, &hash, person, "email", now, now.plus_seconds(ABSOLUTE_SECONDS)).await })
        })
        .await;
        Visitor { person, email: email.to_owned(), cookie: format!("session={key}") }
    }

    /// A new person with one role, signed in.
    pub async fn sign_in_as(&self, role: Role, organization: OrganizationId) -> Visitor {
        let unique: uuid::Uuid = mint(self.now());
        let email = format!("{}-{}@example.org", role.as_str(), unique.simple());
        let person = self.person(role.name(), &email).await;
        self.give(person, role, organization).await;
        self.session_of(person, &email).await
    }

    /// A call as a handler would get it, for use cases: the person's roles are read from the database.
    pub async fn call_as(&self, visitor: &Visitor) -> Call {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", visitor.cookie.parse().unwrap());
        let session = ::app::sessions::find_live(&self.desk, &headers, None, self.now()).await.unwrap().map(|found| found.0);
        let actor = session.as_ref().map(|live| live.actor.clone()).unwrap_or_default();
        Call { actor, now: self.now(), desk: self.desk.clone(), path: "/".to_owned(), session, opened: Opened::default() }
    }

    /// What a person holds now.
    pub async fn roles_of(&self, visitor: &Visitor) -> Vec<Membership> {
        self.call_as(visitor).await.actor.memberships
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.desk.clock.now()
    }

    /// Opens a page.
    pub async fn get(&self, path: &str, who: Option<&Visitor>) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap(), who.map(|who| who.cookie.as_str())).await
    }

    /// Sends a form from our own page.
    pub async fn post(&self, path: &str, who: Option<&Visitor>, fields: &[(&str, &str)]) -> Answer {
        self.post_with(path, who.map(|who| who.cookie.as_str()), fields).await
    }

    /// Sends a form with these cookies.
    pub async fn post_with(&self, path: &str, cookies: Option<&str>, fields: &[(&str, &str)]) -> Answer {
        let body = encode(fields);
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body))
            .unwrap();
        self.send(request, cookies).await
    }

    /// Sends any request.
    pub async fn send(&self, mut request: Request<Body>, cookies: Option<&str>) -> Answer {
        if let Some(cookies) = cookies {
            request.headers_mut().insert("cookie", cookies.parse().unwrap());
        }
        let path = request.uri().path().to_owned();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 16 << 20).await.unwrap();
        let answer = Answer { status: parts.status.as_u16(), headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() };
        answer.look_for_the_sessions_end(&path);
        answer
    }

    /// Writes to the database past every use case.
    pub async fn write<T, F>(&self, work: F) -> T
    where
        T: Send + 'static,
        F: for<'a> Fn(&'a mut store::Tx<'_>) -> futures::future::BoxFuture<'a, Result<T, Error>> + Send + 'static,
    {
        self.desk.db.write(work).await.unwrap()
    }

    /// The messages in the outbox, newest first.
    pub async fn mail(&self) -> Vec<store::messages::Message> {
        let mut reader = self.desk.db.reader().await.unwrap();
        store::messages::list_latest(&mut reader.tx(), 1000).await.unwrap()
    }
}

/// A form's body.
pub fn encode(fields: &[(&str, &str)]) -> String {
    let escape = ::app::ui::layout::percent;
    fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect::<Vec<_>>().join("&")
}

/// An organization without public ids.
pub async fn add_organization(desk: &Desk, kind: OrganizationKind, name: &str) -> OrganizationId {
    let organization = Organization {
        id: mint(desk.clock.now()),
        kind,
        name: name.to_owned(),
        nces_id: None,
        ipeds_id: None,
        county_fips: None,
        county_name: None,
        planning_district: None,
        latitude: None,
        longitude: None,
        source: "Made for a test.".to_owned(),
    };
    let id = organization.id;
    let written: Result<(), Error> = desk
        .db
        .write(move |tx| {
            let organization = organization.clone();
            Box::pin(async move { organizations::add(tx, &organization).await })
        })
        .await;
    written.unwrap();
    id
}

#[tokio::test]
async fn an_unknown_address_is_a_page_that_says_so() {
    let app = TestApp::new().await;
    let answer = app.get("/no-such-page", None).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND.as_u16());
    assert!(answer.body.contains("<h1>Page not found</h1>"));
}
