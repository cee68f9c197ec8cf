//! Saying why, over HTTP, on the whole demonstration: one text for every reader but for the reasons of scores; the decision's file and its
//! replay; the bench, which never writes to the decision; the scenarios on the record; whom awards reach.

use crate::app::{START, TestApp, Visitor};
use domain::OrganizationId;
use domain::access::Role;
use std::io::Write;
use std::process::{Command, Stdio};
use store::On;
use uuid::Uuid;

struct House {
    app: TestApp,
    manager: Visitor,
    approver: Visitor,
    auditor: Visitor,
    reviewer: Visitor,
    round: String,
    open: String,
}

const PUBLIC: &str = "/programs/career-coaches/2023-24";

async fn texts(app: &TestApp, sql: &'static str) -> Vec<(String, Option<Uuid>)> {
    let mut reader = app.desk.db.reader().await.unwrap();
    let tx = reader.tx();
    let On::Sqlite(conn) = tx.on else { panic!("these tests run on SQLite") };
    sqlx::query_as::<_, (String, Option<Uuid>)>(sql).fetch_all(conn).await.unwrap()
}

async fn house() -> House {
    let app = TestApp::demo().await;
    app.desk.clock.shift(server::demo::BEGINS - START);
    server::demo::load(&app.desk).await.unwrap();
    let agency: OrganizationId = server::demo::id("agency");
    let rounds = texts(&app, "SELECT lower(hex(r.id)), NULL FROM rounds r JOIN programs p ON p.id = r.program WHERE p.slug = 'career-coaches' ORDER BY r.closes_at").await;
    House {
        manager: app.sign_in_as(Role::ProgramManager, agency).await,
        approver: app.sign_in_as(Role::Approver, agency).await,
        auditor: app.sign_in_as(Role::Auditor, agency).await,
        reviewer: app.sign_in_as(Role::Reviewer, agency).await,
        round: Uuid::parse_str(&rounds[0].0).unwrap().to_string(),
        open: Uuid::parse_str(&rounds[1].0).unwrap().to_string(),
        app,
    }
}

/// What stands between the page's frame and the reasons of scores: the same for every reader.
fn text_of(page: &str) -> String {
    let from = page.find("<div class=\"al-why\">").unwrap();
    let to = page.find("What staff said of the scores").unwrap();
    page[from..to].to_owned()
}

#[tokio::test]
async fn everybody_reads_the_same_reasons_and_only_the_applicant_what_staff_said() {
    let house = house().await;
    let told = texts(
        &house.app,
        "SELECT a.number || ' ' || lower(hex(a.id)), a.applicant FROM applications a JOIN rounds r ON r.id = a.round
         JOIN ranking_places k ON k.application = a.id JOIN outcomes o ON o.application = a.id
         WHERE r.slug = '2023-24' ORDER BY k.place",
    )
    .await;
    let said = "Synthetic score.";
    for (which, owner) in [&told[0], &told[told.len() / 2], &told[told.len() - 1]] {
        let (number, application) = which.split_once(' ').unwrap();
        let own = house.app.sign_in_as(Role::Certifier, OrganizationId(owner.unwrap())).await;
        let own = house.app.get(&format!("/apply/{application}/why"), Some(&own)).await;
        let staff = house.app.get(&format!("/review/{}/why/{number}", house.round), Some(&house.manager)).await;
        let auditor = house.app.get(&format!("/review/{}/why/{number}", house.round), Some(&house.auditor)).await;
        let public = house.app.get(&format!("{PUBLIC}/results/{number}/why"), None).await;
        let answers = [&own, &staff, &auditor, &public];
        assert!(answers.iter().all(|answer| answer.status == 200), "{:?}", answers.map(|answer| answer.status));
        let texts: Vec<String> = answers.iter().map(|answer| text_of(&answer.body)).collect();
        assert!(texts.windows(2).all(|pair| pair[0] == pair[1]), "{number} is not told the same");
        assert!(texts[0].contains("At the line (place ") && texts[0].contains("of 100 points: place "), "{}", texts[0]);
        assert!(own.body.contains(said) && staff.body.contains(said) && auditor.body.contains(said));
        assert!(!public.body.contains(said) && public.body.contains("Not shown here."));
    }
    // Nobody else's, and no reason in what is published.
    let other = house.app.sign_in_as(Role::Certifier, OrganizationId(told[0].1.unwrap())).await;
    let (_, theirs) = told[told.len() - 1].0.split_once(' ').unwrap();
    assert_eq!(house.app.get(&format!("/apply/{theirs}/why"), Some(&other)).await.status, 404);
    assert_eq!(house.app.get(&format!("{PUBLIC}/results/A-0000-0000/why"), None).await.status, 404);
    for file in ["ranking.json", "decision.json"] {
        assert!(!house.app.get(&format!("{PUBLIC}/{file}"), None).await.body.contains(said), "{file}");
    }
}

#[tokio::test]
async fn the_published_decision_replays_to_the_same_bytes() {
    let house = house().await;
    let file = house.app.get(&format!("{PUBLIC}/decision.json"), None).await;
    assert_eq!(file.status, 200);
    assert!(file.header("content-disposition").contains("decision-career-coaches-2023-24.json"));
    let replay = domain::replay::replay(file.body.as_bytes()).unwrap();
    assert!(replay.is_same(), "{:?}", replay.differences);
    assert!(replay.what.contains(", and an allocation of $"), "{}", replay.what);
    let page = house.app.get(&format!("{PUBLIC}/replay"), None).await;
    assert!(page.body.contains(&replay.given_sha256) && page.body.contains("allotment replay decision-career-coaches-2023-24.json"));
    let staff = house.app.get(&format!("/decide/{}/decision.json", house.round), Some(&house.manager)).await;
    assert_eq!(staff.body, file.body);
    let path = house.app.folder.path().join("decision.json");
    std::fs::write(&path, &file.body).unwrap();
    let run = |args: &[&str]| std::process::Command::new(env!("CARGO_BIN_EXE_allotment")).args(args).output().unwrap();
    let said = run(&["replay", path.to_str().unwrap()]);
    assert!(said.status.success() && String::from_utf8_lossy(&said.stdout).contains("a decision: a ranking of"));
    std::fs::write(&path, file.body.replacen("\"units_granted\":1", "\"units_granted\":2", 1)).unwrap();
    let told = run(&["replay", path.to_str().unwrap()]);
    assert_eq!(told.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&told.stderr).contains("The first difference is at allocation.result.steps["), "{told:?}");
    for path in ["/programs/career-coaches/2024-25/decision.json", "/programs/career-coaches/2024-25/replay"] {
        assert_eq!(house.app.get(path, None).await.status, 404, "{path}");
    }
}

/// Everything that a decision is made of and leads to.
async fn decision(app: &TestApp) -> Vec<(String, Option<Uuid>)> {
    texts(
        app,
        "SELECT k.document || l.document || l.status || l.version || (SELECT group_concat(o.outcome || o.units) FROM outcomes o)
                || (SELECT group_concat(c.balance_cents) FROM accounts c), NULL
         FROM rankings k JOIN allocations l ON l.ranking = k.id",
    )
    .await
}

#[tokio::test]
async fn the_bench_tries_and_keeps_scenarios_and_never_touches_the_decision() {
    let house = house().await;
    let before = decision(&house.app).await;
    let bench = format!("/bench/{}", house.round);
    let page = house.app.get(&bench, Some(&house.manager)).await;
    assert!(page.status == 200 && page.body.contains("Every award stays as declared."), "{}", page.body);
    let tried = house.app.get(&format!("{bench}?pot=500000.00&misfit=skip"), Some(&house.approver)).await;
    assert!(tried.status == 200 && tried.body.contains("Awards that flip") && tried.body.contains("value=\"500000.00\""));
    assert!(!tried.body.contains("Save the scenario"), "an approver saves none");
    let wrong = house.app.get(&format!("{bench}?pot=much"), Some(&house.manager)).await;
    assert!(wrong.status == 422 && wrong.body.contains("value=\"much\""), "{}", wrong.status);

    let capped = house.app.get(&format!("{bench}?method=optimal&cap-cmpdd=130000.00"), Some(&house.manager)).await;
    assert!(capped.status == 200 && capped.body.contains("Proved: no set of awards has more points."), "{}", capped.body);
    assert!(
        capped.body.contains("the cap of $130,000 for Central Mississippi")
            || capped.body.contains("The cap of $130,000 for Central Mississippi")
    );
    let shared = house.app.get(&format!("{bench}?method=shares&floor-cmpdd=260000.00"), Some(&house.manager)).await;
    assert!(shared.status == 200 && shared.body.contains("value=\"260000.00\""), "{}", shared.body);
    let beyond = house.app.get(&format!("{bench}?method=optimal&pot=1000.00&floor-cmpdd=260000.00"), Some(&house.manager)).await;
    assert!(
        beyond.status == 422 && beyond.body.contains("href=\"#method\"") && beyond.body.contains("value=\"260000.00\""),
        "{}",
        beyond.body
    );

    // What the page asks for once nothing moves any more.
    let slow = house.app.get(&format!("{bench}/slow?misfit=skip&w-need=40"), Some(&house.approver)).await;
    let read: Option<domain::bench::Slow> = serde_json::from_str(&slow.body).unwrap();
    assert!(slow.status == 200 && !read.unwrap().held.is_empty());
    assert_eq!(house.app.get(&format!("{bench}/slow?pot=much"), Some(&house.manager)).await.body, "null");
    assert_eq!(house.app.get(&format!("{bench}/slow"), Some(&house.reviewer)).await.status, 403);
    assert_eq!(house.app.get(&format!("/bench/{}/slow", house.open), Some(&house.manager)).await.status, 409);

    let id = Uuid::from_u128(71).to_string();
    let save = format!("{bench}/scenarios/{id}");
    let fields = [("name", "Half the pot"), ("pot", "500000.00")];
    for _ in 0..2 {
        assert_eq!(house.app.post(&save, Some(&house.manager), &fields).await.status, 303);
    }
    let nameless = house.app.post(&format!("{bench}/scenarios/{}", Uuid::from_u128(72)), Some(&house.manager), &[("pot", "1.00")]).await;
    assert!(nameless.status == 422 && nameless.body.contains("Give the scenario a name.") && nameless.body.contains("value=\"1.00\""));
    for who in [&house.approver, &house.auditor, &house.reviewer] {
        assert_eq!(house.app.post(&save, Some(who), &fields).await.status, 403);
    }
    assert_eq!(house.app.get(&bench, Some(&house.reviewer)).await.status, 403);

    let page = house.app.get(&bench, Some(&house.auditor)).await;
    assert_eq!(page.body.matches("Half the pot").count(), 2, "once as a link, once as the name of its box");
    let compared = house.app.get(&format!("{bench}/compare?s={id}"), Some(&house.auditor)).await;
    assert!(compared.status == 200 && compared.body.contains("As declared") && compared.body.contains("pot $500,000 instead of"));
    let record = house.app.get(&format!("/audit/round/{}", house.round), Some(&house.auditor)).await;
    assert_eq!(record.body.matches("saved a scenario").count(), 1, "{}", record.body);
    assert_eq!(decision(&house.app).await, before);

    let early = house.app.get(&format!("/bench/{}", house.open), Some(&house.manager)).await;
    assert!(early.status == 200 && early.body.contains("The bench needs every figure"));
    let early = house.app.post(&format!("/bench/{}/scenarios/{id}", house.open), Some(&house.manager), &fields).await;
    assert_eq!(early.status, 409);
}

/// What no other round of the demonstration has: a formula, a condition, a group with a cap, a blind and sealed panel, floors and caps.
#[tokio::test]
async fn the_practice_round_shows_what_each_constraint_costs_and_what_departs_from_the_order() {
    let house = house().await;
    let office: OrganizationId = server::demo::id("practice office");
    let [manager, approver] =
        [house.app.sign_in_as(Role::ProgramManager, office).await, house.app.sign_in_as(Role::Approver, office).await];
    let found = texts(&house.app, "SELECT lower(hex(id)), NULL FROM rounds WHERE slug = 'practice-2024'").await;
    let round = Uuid::parse_str(&found[0].0).unwrap();
    let packet = house.app.get(&format!("/decide/{round}/packet"), Some(&approver)).await;
    let told =
        ["What each constraint cost", "The cap of $250,000 for Practice region Delta", "Passed over: place", "fewer than 400 students"];
    assert!(packet.status == 200 && told.iter().all(|words| packet.body.contains(words)), "{}", packet.body);
    let page = house.app.get(&format!("/decide/{round}"), Some(&manager)).await;
    assert!(page.body.contains("Proved: no set of awards has more points.") && !page.body.contains("The line:"));
    let public = house.app.get("/programs/practice/practice-2024", None).await;
    let told = [
        "Conditions for being ranked",
        "Computed: child_poverty_rate",
        "together add at most 20 points",
        "names and identifying answers are masked",
    ];
    assert!(public.status == 200 && told.iter().all(|words| public.body.contains(words)), "{}", public.body);
    let list = house.app.get(&format!("/review/{round}/ranking"), Some(&manager)).await.body;
    let link = format!("href=\"/review/{round}/ranking/");
    let numbers: Vec<&str> =
        list.split(&link).filter_map(|rest| rest.split('"').next()).filter(|number| number.starts_with("A-")).collect();
    assert!(numbers.len() > 5, "{numbers:?}");
    let mut turns = 0;
    for number in numbers {
        let page = house.app.get(&format!("/review/{round}/why/{number}"), Some(&manager)).await.body;
        let told = page.contains("With the others as they are, it would have got");
        turns += usize::from(told && page.contains("would have brought it there:"));
        assert!(
            page.contains("Changes that would have altered the award") && page.contains("A smaller change may do so too") == told,
            "{page}"
        );
        assert!(told || page.contains("neither the most points nor none"), "{page}");
    }
    assert!(turns > 3, "{turns} were told what would have turned their awards");
    let ranking = house.app.get(&format!("/review/{round}/ranking/replay"), Some(&manager)).await;
    assert!(ranking.body.contains("The same bytes"), "{}", ranking.body);
    assert_eq!(house.app.get(&format!("/decide/{round}/packet"), Some(&house.manager)).await.status, 404, "another agency's");
}

#[tokio::test]
async fn an_approver_sees_whom_the_awards_reach() {
    let house = house().await;
    let page = house.app.get(&format!("/decide/{}/equity", house.round), Some(&house.approver)).await;
    assert_eq!(page.status, 200);
    for part in ["The awards as approved.", "Lowest quarter", "Fewer than 1,000", "Completely rural", "Per student", "is hidden"] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    let early = house.app.get(&format!("/decide/{}/equity", house.open), Some(&house.approver)).await;
    assert!(early.status == 200 && early.body.contains("Not yet"));
}

#[tokio::test]
async fn another_program_decides_the_finished_round_alike_to_the_cent() {
    let house = house().await;
    let decision = house.app.get(&format!("{PUBLIC}/decision.json"), None).await.body;
    let mut python = Command::new("python3");
    python.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/decided_again.py"));
    python.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../domain/tests"));
    let piped = python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = piped.spawn().expect("python3 must be installed (Debian: python3)");
    running.stdin.take().unwrap().write_all(decision.as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert_eq!(said, "122 places and $11,999,999.10 alike");
}
