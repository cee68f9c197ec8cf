//! Nothing that a client was told is lost: the real binary is killed in the middle of 200 submissions, and every receipt that a client
//! saw is there when the binary runs again, on a SQLite file and on PostgreSQL.

use crate::app::encode;
use crate::apply::{ANSWERS, open_round};
use ::app::call::mint;
use ::app::sessions::{ABSOLUTE_SECONDS, sha256_hex};
use domain::access::{OrganizationKind, Role};
use domain::answers::{self, Limits};
use domain::application::Application;
use domain::{ApplicationId, OrganizationId, PersonId, Timestamp};
use sqlx::{Connection, Executor, PgConnection};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use store::applications::{self, NewSection};
use store::events::NewEvent;
use store::organizations::{self, Organization};
use store::{Db, Error, memberships, people, sessions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const APPLICATIONS: usize = 200;
const COOKIE: &str = "the-key-of-one-certifier-of-all";

/// The machine's clock: the binary under test has no other.
#[expect(clippy::disallowed_methods, reason = "the drafts must lie in a round that is open by the binary's own clock")]
fn machine_now() -> Timestamp {
    Timestamp::new(std::time::SystemTime::now().into())
}

fn organization(kind: OrganizationKind, name: String, now: Timestamp) -> Organization {
    Organization {
        id: mint(now),
        kind,
        name,
        nces_id: None,
        ipeds_id: None,
        county_fips: None,
        county_name: None,
        planning_district: None,
        latitude: None,
        longitude: None,
        source: "Made for a test.".to_owned(),
    }
}

/// 200 whole drafts of 200 districts, for all of which one person certifies.
async fn prepare(db: &Db) -> Vec<ApplicationId> {
    let now = machine_now();
    let agency = organization(OrganizationKind::Agency, "Agency".to_owned(), now);
    let agency_id = agency.id;
    let add: Result<(), Error> = db
        .write(move |tx| {
            let agency = agency.clone();
            Box::pin(async move { organizations::add(tx, &agency).await })
        })
        .await;
    add.unwrap();
    let round = open_round(db, agency_id, now).await;
    let person: PersonId = mint(now);
    let made: Result<Vec<ApplicationId>, Error> = db
        .write(move |tx| {
            let round = round.clone();
            Box::pin(async move {
                people::add(tx, person, "C. Signer", "signer@example.org", now).await?;
                sessions::add(tx, &sha256_hex(COOKIE), person, "email", now, now.plus_seconds(ABSOLUTE_SECONDS)).await?;
                let limits = Limits { max_units: 6, unit: "seat".to_owned(), units: "seats".to_owned() };
                let mut made = Vec::with_capacity(APPLICATIONS);
                for n in 0..APPLICATIONS {
                    let district = organization(OrganizationKind::District, format!("District {n}"), now);
                    let owner: OrganizationId = district.id;
                    organizations::add(tx, &district).await?;
                    memberships::add(tx, mint(now), person, owner, Role::Certifier, now).await?;
                    let application = Application::start(mint(now), &round, owner, now).unwrap();
                    applications::record_start(tx, &application, person, now).await?;
                    for (key, typed) in ANSWERS {
                        let section = answers::section(key).unwrap();
                        let typed = typed.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect();
                        let (answers, problems) = section.check(&typed, &limits);
                        assert!(problems.is_empty());
                        let new = NewSection {
                            application: application.id,
                            section: section.key,
                            answers,
                            complete: true,
                            seen: 0,
                            by: person,
                            at: now,
                        };
                        let event = NewEvent::new(mint(now), now, "application", application.id.0, "saved");
                        applications::record_section(tx, &new, &event).await?;
                    }
                    made.push(application.id);
                }
                Ok(made)
            })
        })
        .await;
    made.unwrap()
}

/// The binary, ended with the test whatever happens.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been killed before, which is what the test is about.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(data: &Path, database: &str, port: u16) -> Server {
    let child = Command::new(env!("CARGO_BIN_EXE_allotment"))
        .args(["serve", "--data"])
        .arg(data)
        .args(["--address", &format!("127.0.0.1:{port}"), "--database-url", database])
        .current_dir(data)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Server(child)
}

/// One request over a connection of its own; the whole answer, or none when the connection broke.
async fn ask(port: u16, head: &str, body: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    let length = body.len();
    let request = format!(
        "{head} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncookie: session={COOKIE}\r\nsec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    answer.contains("\r\n\r\n").then_some(answer)
}

async fn wait_until_up(port: u16) {
    for _ in 0..600 {
        if ask(port, "GET /help", "").await.is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the binary did not answer within 30 seconds");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_receipt_that_a_client_saw_exists_after_kill_9() {
    let folder = temp_dir::TempDir::new().unwrap();
    let address = format!("sqlite:{}", folder.path().join("allotment.db").display());
    every_receipt_that_was_seen_exists(folder.path(), &address).await;
}

/// On a database of its own on the server of TEST_POSTGRES_URL; without a server there, `cargo xtask test` would have failed.
#[tokio::test(flavor = "multi_thread")]
async fn every_receipt_that_a_client_saw_exists_after_kill_9_on_postgresql() {
    let Ok(url) = std::env::var("TEST_POSTGRES_URL") else { return };
    let (server, name) = (url.rsplit_once('/').unwrap().0, format!("kill9_{}", std::process::id()));
    let mut admin = PgConnection::connect(&url).await.unwrap();
    admin.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    let folder = temp_dir::TempDir::new().unwrap();
    every_receipt_that_was_seen_exists(folder.path(), &format!("{server}/{name}")).await;
}

async fn every_receipt_that_was_seen_exists(folder: &Path, address: &str) {
    let db = Db::open(address).await.unwrap();
    db.migrate().await.unwrap();
    let drafts = Arc::new(prepare(&db).await);
    db.close().await;
    drop(db);

    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut server = serve(folder, address, port);
    wait_until_up(port).await;
    let (next, seen) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let (drafts, next, seen) = (drafts.clone(), next.clone(), seen.clone());
            tokio::spawn(async move {
                let mut told = Vec::new();
                while let Some(id) = drafts.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let submission = id.to_string();
                    let body = encode(&[("submission", submission.as_str()), ("signature", "C. Signer"), ("stated", "yes")]);
                    let Some(answer) = ask(port, &format!("POST /apply/{id}/check"), &body).await else { break };
                    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
                    told.push(*id);
                    seen.fetch_add(1, Ordering::Relaxed);
                }
                told
            })
        })
        .collect();
    while seen.load(Ordering::Relaxed) < APPLICATIONS / 3 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    server.0.kill().unwrap();
    server.0.wait().unwrap();
    let told: Vec<ApplicationId> = futures::future::join_all(clients).await.into_iter().flat_map(Result::unwrap).collect();
    assert!(told.len() >= APPLICATIONS / 3);

    let again = serve(folder, address, port);
    wait_until_up(port).await;
    for id in &told {
        let receipt = ask(port, &format!("GET /apply/{id}/receipt"), "").await.unwrap();
        assert!(receipt.starts_with("HTTP/1.1 200") && receipt.contains("Application received"), "{id}: {receipt}");
    }
    drop(again);
    // No number is given twice and none is lost: as many as there are submissions.
    let db = Db::open(address).await.unwrap();
    let mut reader = db.reader().await.unwrap();
    let round = applications::find(&mut reader.tx(), told[0]).await.unwrap().unwrap().of.round;
    let submitted = applications::list_submitted(&mut reader.tx(), round.id).await.unwrap();
    assert_eq!(i64::try_from(submitted.len()).unwrap(), round.last_number);
    assert!(submitted.len() >= told.len());
    eprintln!("killed after {} receipts; {} submissions are on record", told.len(), submitted.len());
}
