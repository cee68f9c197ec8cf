//! The access matrix: every door of the router, for every role. The router is built from the list of doors and from nothing else, so a door
//! cannot be missing here.

use crate::app::{Answer, TestApp, Visitor};
use domain::access::{Action, Actor, Role};

const NO_RECORD: &str = "018f0000-0000-7000-8000-00000000ffff";

fn fill(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { NO_RECORD } else { part }).collect::<Vec<_>>().join("/")
}

async fn knock(app: &TestApp, method: &str, path: &str, who: Option<&Visitor>) -> Answer {
    if method == "GET" { app.get(path, who).await } else { app.post(path, who, &[]).await }
}

fn holds(role: Role, action: Action) -> bool {
    let rule = action.rule();
    rule.anyone || rule.signed_in || rule.agency.contains(&role) || rule.owner.contains(&role)
}

#[tokio::test]
async fn a_stranger_is_sent_to_sign_in_from_every_door_that_is_not_public() {
    let app = TestApp::new().await;
    for door in &app.doors {
        let answer = knock(&app, door.method, &fill(door.path), None).await;
        if Actor::default().must_somewhere(door.action).is_ok() {
            assert!(answer.status < 500, "{} {}: {}", door.method, door.path, answer.status);
        } else {
            assert_eq!(answer.status, 303, "{} {}", door.method, door.path);
            assert!(answer.location().starts_with("/sign-in?to="), "{} {}", door.method, door.path);
        }
    }
}

#[tokio::test]
async fn a_role_outside_the_access_tables_row_is_refused_at_every_door() {
    let app = TestApp::new().await;
    for role in Role::ALL {
        for door in app.doors.iter().filter(|door| !door.path.starts_with("/sign-")) {
            let who = app.sign_in_as(role, app.home_of(role)).await;
            let status = knock(&app, door.method, &fill(door.path), Some(&who)).await.status;
            if holds(role, door.action) {
                assert!(status < 500, "{role:?} {} {}: {status}", door.method, door.path);
            } else {
                assert_eq!(status, 403, "{role:?} {} {}", door.method, door.path);
            }
        }
    }
}

#[tokio::test]
async fn somebody_without_any_role_reaches_the_public_pages_and_their_own_account_only() {
    let app = TestApp::new().await;
    let id = app.person("Nobody", "nobody@example.org").await;
    let nobody = app.session_of(id, "nobody@example.org").await;
    for door in app.doors.iter().filter(|door| !door.path.starts_with("/sign-")) {
        let status = knock(&app, door.method, &fill(door.path), Some(&nobody)).await.status;
        let rule = door.action.rule();
        if rule.anyone || rule.signed_in {
            assert!(status < 500 && status != 403, "{} {}: {status}", door.method, door.path);
        } else {
            assert_eq!(status, 403, "{} {}", door.method, door.path);
        }
    }
    let home = app.get("/home", Some(&nobody)).await;
    assert!(home.body.contains("You have no role yet"));
}

#[tokio::test]
async fn no_door_stands_twice_and_every_door_that_writes_is_no_public_one() {
    let app = TestApp::new().await;
    let mut seen = Vec::new();
    for door in &app.doors {
        assert!(!seen.contains(&(door.method, door.path)), "{} {}", door.method, door.path);
        seen.push((door.method, door.path));
        assert!(door.method == "GET" || door.action != Action::ReadPublic, "{} writes in public", door.path);
    }
}

#[tokio::test]
async fn another_agencys_people_are_neither_shown_nor_changed() {
    let app = TestApp::new().await;
    let manager = app.sign_in_as(Role::ProgramManager, app.agency).await;
    let theirs = app.sign_in_as(Role::Reviewer, app.other_agency).await;
    let page = app.get("/people", Some(&manager)).await;
    assert!(page.status == 200 && page.body.contains(&manager.email) && !page.body.contains(&theirs.email));
    let held = store::memberships::list(&mut app.desk.db.reader().await.unwrap().tx()).await.unwrap();
    let role = held.iter().find(|held| held.person == theirs.person).unwrap().id;
    let path = format!("/people/roles/{role}");
    assert_eq!(app.get(&path, Some(&manager)).await.status, 404);
    assert_eq!(app.post(&path, Some(&manager), &[("reason", "Not mine.")]).await.status, 404);
    assert_eq!(app.roles_of(&theirs).await.len(), 1);
}

#[tokio::test]
async fn lists_and_forms_of_the_account_room_take_few_statements() {
    let app = TestApp::demo().await;
    let manager = app.sign_in_as(Role::ProgramManager, app.agency).await;
    for (path, most) in [("/people", 4), ("/home", 2), ("/account", 2), ("/demo", 3), ("/demo/mail", 2), ("/sign-in", 1)] {
        let before = store::statements_on_this_thread();
        assert_eq!(app.get(path, Some(&manager)).await.status, 200, "{path}");
        let taken = store::statements_on_this_thread() - before;
        assert!(taken <= most, "{path} took {taken} statements");
    }
}

#[tokio::test]
async fn a_manager_gives_roles_in_districts_and_regions_that_all_agencies_share() {
    let app = TestApp::new().await;
    let manager = app.sign_in_as(Role::ProgramManager, app.agency).await;
    for (n, organization, role) in
        [(1, app.other_district, "certifier"), (2, app.other_region, "regional_preparer"), (3, app.district, "preparer")]
    {
        let (id, organization) = (uuid::Uuid::from_u128(n).to_string(), organization.to_string());
        let fields = [("id", id.as_str()), ("email", "x@example.org"), ("organization", &organization), ("role", role)];
        assert_eq!(app.post("/people", Some(&manager), &fields).await.status, 303);
    }
    assert!(app.folder.path().join("files").is_dir(), "nothing of it needs a file");
}
