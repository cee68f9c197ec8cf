//! Importing a program file, opening its round, and what the public then sees.

use crate::app::{TestApp, Visitor};
use domain::RoundId;
use domain::access::{OrganizationKind, Role};
use domain::program::ProgramFile;
use http::Request;
use store::organizations::{self, Organization};

const FILE: &str = include_str!("../../../programs/acceleratems-2024-25.toml");
const PUBLIC: &str = "/programs/career-coaches/2024-25";

/// The example file with an agency of this test and a round that closes two weeks after the test's start.
fn file() -> String {
    FILE.replace("short_name = \"AccelerateMS\"", "short_name = \"Agency One\"")
        .lines()
        .map(|line| match line.split_once(" = ").map(|(key, _)| key) {
            Some("opens") => "opens = 2024-04-01T00:00:00",
            Some("closes") => "closes = 2024-04-15T23:59:00",
            Some("questions_until") => "questions_until = 2024-04-10T17:00:00",
            _ => line,
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Adds the districts that the file names.
async fn add_districts(app: &TestApp) {
    let parsed = ProgramFile::parse(&file()).unwrap();
    let now = app.now();
    app.write(move |tx| {
        let parsed = parsed.clone();
        Box::pin(async move {
            for region in &parsed.regions {
                for (nces, county) in region.districts.iter().zip(region.counties.iter().cycle()) {
                    let district = Organization {
                        id: ::app::call::mint(now),
                        kind: OrganizationKind::District,
                        name: format!("District {nces}"),
                        nces_id: Some(nces.clone()),
                        ipeds_id: None,
                        county_fips: Some(county.clone()),
                        county_name: None,
                        planning_district: None,
                        latitude: None,
                        longitude: None,
                        source: "Made for a test.".to_owned(),
                    };
                    organizations::add(tx, &district).await?;
                }
            }
            Ok(())
        })
    })
    .await;
}

async fn manager(app: &TestApp) -> Visitor {
    app.sign_in_as(Role::ProgramManager, app.agency).await
}

/// Imports the file; the round's page inside.
async fn import(app: &TestApp, manager: &Visitor) -> String {
    let (text, sha256) = (file(), ProgramFile::parse(&file()).unwrap().sha256().unwrap());
    let answer = app.post("/manage/import", Some(manager), &[("text", &text), ("confirmed", &sha256)]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.location().to_owned()
}

/// Imports the file and opens its round.
async fn open(app: &TestApp, manager: &Visitor) -> String {
    add_districts(app).await;
    let inside = import(app, manager).await;
    let opened = app.post(&inside, Some(manager), &[("version", "0"), ("sure", "yes")]).await;
    assert_eq!((opened.status, opened.location()), (303, inside.as_str()), "{}", opened.body);
    inside
}

#[tokio::test]
async fn a_file_with_slips_comes_back_with_every_line_and_field_and_its_text() {
    let app = TestApp::new().await;
    let manager = manager(&app).await;
    let bad = file().replace("weight = 3_000", "weight = 2_999").replace("[award]\nunit = ", "[award]\nunits_of = ");
    let answer = app.post("/manage/import", Some(&manager), &[("text", &bad)]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("units_of = "), "the text is kept");
    assert!(answer.body.contains("Line ") && answer.body.contains("award.unit"), "{}", &answer.body[..4000]);
    for text in ["", "not toml at all [", "a = \"\u{0}\""] {
        let answer = app.post("/manage/import", Some(&manager), &[("text", text)]).await;
        assert!(answer.status == 422 || answer.status == 400, "{text}: {}", answer.status);
    }
}

#[tokio::test]
async fn districts_that_nobody_knows_are_named_with_their_line() {
    let app = TestApp::new().await;
    let manager = manager(&app).await;
    let answer = app.post("/manage/import", Some(&manager), &[("text", &file())]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("regions.districts: 2800900"), "named");
    let line = file().lines().position(|line| line.contains("\"2800900\"")).unwrap() + 1;
    assert!(answer.body.contains(&format!("Line {line}, regions.districts: 2800900")));
}

#[tokio::test]
async fn an_unknown_agency_and_another_agencys_file_are_refused() {
    let app = TestApp::new().await;
    let manager = manager(&app).await;
    let unknown = file().replace("Agency One", "Agency Nine");
    let answer = app.post("/manage/import", Some(&manager), &[("text", &unknown)]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("Agency Nine"));
    let others = file().replace("Agency One", "Agency Two");
    assert_eq!(app.post("/manage/import", Some(&manager), &[("text", &others)]).await.status, 403);
}

#[tokio::test]
async fn looking_at_a_file_saves_nothing_and_confirming_it_makes_the_round() {
    let app = TestApp::new().await;
    let manager = manager(&app).await;
    add_districts(&app).await;
    let look = app.post("/manage/import", Some(&manager), &[("text", &file())]).await;
    assert_eq!(look.status, 200);
    assert!(look.body.contains("Create the program"));
    assert!(!app.get("/manage", Some(&manager)).await.body.contains("School year 2024-25"));
    let inside = import(&app, &manager).await;
    assert!(app.get("/manage", Some(&manager)).await.body.contains("School year 2024-25"));
    assert_eq!(import(&app, &manager).await, inside, "the same file again is the same round");
    let page = app.get(&inside, Some(&manager)).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Open the round"));
    assert_eq!(app.get(PUBLIC, None).await.status, 404, "nobody has opened it");
}

#[tokio::test]
async fn a_file_can_be_uploaded() {
    let app = TestApp::new().await;
    let manager = manager(&app).await;
    add_districts(&app).await;
    let send = |body: Vec<u8>| {
        let request = Request::post("/manage/import/file")
            .header("content-type", "multipart/form-data; boundary=cut")
            .header("sec-fetch-site", "same-origin")
            .body(axum::body::Body::from(body))
            .unwrap();
        app.send(request, Some(&manager.cookie))
    };
    let head = b"--cut\r\ncontent-disposition: form-data; name=\"file\"; filename=\"p.toml\"\r\n\r\n".to_vec();
    let whole = [head.clone(), file().into_bytes(), b"\r\n--cut--\r\n".to_vec()].concat();
    let answer = send(whole).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.body.contains("Check the import"));
    assert_eq!(send([head.clone(), file().into_bytes()].concat()).await.status, 400, "cut off");
    assert_eq!(send([head, vec![0xff, 0xfe, 0x00], b"\r\n--cut--\r\n".to_vec()].concat()).await.status, 422, "not text");
}

#[tokio::test]
async fn opening_needs_the_tick_and_the_version_and_happens_once() {
    let app = TestApp::new().await;
    let manager = manager(&app).await;
    add_districts(&app).await;
    let inside = import(&app, &manager).await;
    assert_eq!(app.post(&inside, Some(&manager), &[("version", "0")]).await.status, 422);
    assert_eq!(app.post(&inside, Some(&manager), &[("version", "7"), ("sure", "yes")]).await.status, 409);
    assert_eq!(app.post(&inside, Some(&manager), &[("version", "x"), ("sure", "yes")]).await.status, 400);
    for _ in 0..2 {
        assert_eq!(app.post(&inside, Some(&manager), &[("version", "0"), ("sure", "yes")]).await.status, 303, "pressed twice, opened once");
    }
    let round: RoundId = inside.rsplit('/').next().unwrap().parse().unwrap();
    let events = store::events::list_of(&mut app.desk.db.reader().await.unwrap().tx(), round.0).await.unwrap();
    let verbs: Vec<&str> = events.iter().map(|event| event.verb.as_str()).collect();
    assert_eq!(verbs, ["created", "opened"]);
}

#[tokio::test]
async fn the_file_of_an_opened_round_cant_change() {
    let app = TestApp::new().await;
    let manager = manager(&app).await;
    open(&app, &manager).await;
    let changed = file().replace("max_units = 6", "max_units = 7");
    let sha256 = ProgramFile::parse(&changed).unwrap().sha256().unwrap();
    let answer = app.post("/manage/import", Some(&manager), &[("text", &changed), ("confirmed", &sha256)]).await;
    assert_eq!(answer.status, 409);
    assert!(answer.body.contains("max_units = 7"), "what was typed is kept");
    assert_eq!(app.post("/manage/import", Some(&manager), &[("text", &file())]).await.status, 200, "the very same file is no change");
}

#[tokio::test]
async fn the_public_page_says_law_rules_deadline_and_lock_and_shuts_a_second_after_the_deadline() {
    let app = TestApp::new().await;
    let manager = manager(&app).await;
    open(&app, &manager).await;
    let page = app.get(PUBLIC, None).await;
    assert_eq!(page.status, 200);
    let sha256 = ProgramFile::parse(&file()).unwrap().sha256().unwrap();
    for words in [
        "$15,000,000",
        "State General Fund",
        "April 15, 2024, 11:59 p.m. CDT",
        "No career coach yet",
        "30%",
        "synthetic",
        &sha256,
        "/apply/start/",
    ] {
        assert!(page.body.contains(words), "{words}");
    }
    assert!(app.get("/", None).await.body.contains("AccelerateMS Career Coaches"));
    assert_eq!(app.get("/programs/career-coaches", None).await.status, 200);
    let to_close = domain::Timestamp::try_from("2024-04-16T04:59:00Z".to_owned()).unwrap().seconds_since(app.now());
    app.desk.clock.shift(to_close);
    assert!(app.get(PUBLIC, None).await.body.contains("/apply/start/"), "in the deadline's own second");
    app.desk.clock.shift(1);
    let shut = app.get(PUBLIC, None).await;
    assert!(!shut.body.contains("/apply/start/"));
    assert!(shut.body.contains("Applications are closed"));
}

#[tokio::test]
async fn a_drawn_seed_is_hidden_until_the_close_and_then_hashes_to_what_was_published() {
    let app = TestApp::new().await;
    let manager = manager(&app).await;
    let inside = open(&app, &manager).await;
    let mut reader = app.desk.db.reader().await.unwrap();
    let round: RoundId = inside.rsplit('/').next().unwrap().parse::<uuid::Uuid>().unwrap().into();
    let seed = store::programs::find_round(&mut reader.tx(), round).await.unwrap().unwrap().seed;
    drop(reader);
    let sha256 = domain::canonical::sha256_hex(seed.as_bytes());
    assert!(seed.len() >= 43, "256 bits");
    for (page, who) in [(PUBLIC, None), (inside.as_str(), Some(&manager))] {
        let before = app.get(page, who).await;
        assert!(before.body.contains(&sha256) && !before.body.contains(&seed), "{page}: {}", before.body);
    }
    app.desk.clock.shift(30 * 86_400);
    let after = app.get(PUBLIC, None).await;
    assert!(after.body.contains(&sha256) && after.body.contains(&seed), "{}", after.body);
}

#[tokio::test]
async fn the_canonical_file_hashes_to_the_lock() {
    let app = TestApp::new().await;
    let manager = manager(&app).await;
    open(&app, &manager).await;
    let canonical = app.get(&format!("{PUBLIC}/file.json"), None).await;
    assert_eq!(canonical.header("content-type"), "application/json");
    assert_eq!(domain::canonical::sha256_hex(canonical.body.as_bytes()), ProgramFile::parse(&file()).unwrap().sha256().unwrap());
    let source = app.get(&format!("{PUBLIC}/file"), None).await;
    assert_eq!((source.status, source.body), (200, file()));
}

#[tokio::test]
async fn unknown_addresses_are_not_found_and_results_wait_for_their_publication() {
    let app = TestApp::new().await;
    let manager = manager(&app).await;
    open(&app, &manager).await;
    for path in [
        "/programs/none".to_owned(),
        "/programs/career-coaches/none".to_owned(),
        format!("{PUBLIC}/money/awarded"),
        format!("{PUBLIC}/results/A-1"),
        format!("{PUBLIC}/ranking.json"),
        format!("{PUBLIC}/allocation.json"),
        format!("{PUBLIC}/awards.csv"),
    ] {
        assert_eq!(app.get(&path, None).await.status, 404, "{path}");
    }
    let results = app.get(&format!("{PUBLIC}/results"), None).await;
    assert_eq!(results.status, 200);
    assert!(results.body.contains("not out yet"));
    for path in ["/open", "/help", "/accessibility"] {
        assert_eq!(app.get(path, None).await.status, 200, "{path}");
    }
    for path in ["/manage/rounds/nonsense", "/manage/none"] {
        assert_eq!(app.get(path, Some(&manager)).await.status, 404, "{path}");
    }
    let other = app.sign_in_as(Role::ProgramManager, app.other_agency).await;
    assert_eq!(app.get("/manage/career-coaches", Some(&other)).await.status, 404, "another agency's program");
    assert!(!app.get("/manage", Some(&other)).await.body.contains("School year 2024-25"));
}
