//! Tables from the command line: all of a file or nothing, each problem by line and column, and every change in the record's history.

use crate::app::TestApp;
use crate::road::Road;
use ::app::call::{Call, Opened};
use ::app::error::AppError;
use domain::access::{Actor, OrganizationKind};
use server::import::{Done, facts, organizations, say};
use store::organizations::Organization;

const HEADS: &str = "kind,name,nces_id,ipeds_id,county_fips,latitude,longitude,source\n";

fn system(app: &TestApp) -> Call {
    Call { actor: Actor::default(), now: app.now(), desk: app.desk.clone(), path: "/".to_owned(), session: None, opened: Opened::default() }
}

async fn take(app: &TestApp, rows: &str) -> Result<Done, AppError> {
    organizations::import(&system(app), &format!("{HEADS}{rows}")).await
}

async fn all(app: &TestApp, kind: OrganizationKind) -> Vec<Organization> {
    let mut reader = app.desk.db.reader().await.unwrap();
    store::organizations::list_of_kind(&mut reader.tx(), kind).await.unwrap()
}

fn told(refused: &AppError) -> Vec<String> {
    say("o.csv".as_ref(), refused).into_iter().map(|line| line.chars().take(60).collect()).collect()
}

#[tokio::test]
async fn every_problem_of_a_table_is_told_and_nothing_of_it_is_taken() {
    let app = TestApp::new().await;
    let before = all(&app, OrganizationKind::District).await.len();
    let rows = "district,Good,2800185,,28011,33.6,-90.9,CCD\n\
                school,,280018,,,,,\n\
                agency,The Agency,,,,,,x\n\
                region,R,2800186,,,,,x\n\
                district,D,2800187,175519,2801,91,,x\n\
                district,Good again,2800185,,,,,x\n";
    let refused = take(&app, rows).await.unwrap_err();
    let lines = told(&refused);
    for expected in [
        "o.csv, line 3, kind: “school” is none of",
        "o.csv, line 3, name: A name",
        "o.csv, line 3, nces_id: “280018” is not 7 digits.",
        "o.csv, line 3, source: Say where",
        "o.csv, line 4, kind: An agency comes with its first manager",
        "o.csv, line 5, nces_id: Only a district has one.",
        "o.csv, line 6, ipeds_id: Only a college has one.",
        "o.csv, line 6, county_fips: “2801” is not 5 digits.",
        "o.csv, line 6, latitude: “91” is not a number of degrees",
        "o.csv, line 6, latitude: Give latitude and longitude both",
        "o.csv, line 7, name: The same organization stands in line 2",
    ] {
        assert!(lines.iter().any(|line| line.starts_with(&expected.chars().take(60).collect::<String>())), "{expected}: {lines:#?}");
    }
    assert_eq!(lines.len(), 11, "{lines:#?}");
    assert_eq!(all(&app, OrganizationKind::District).await.len(), before);
}

#[tokio::test]
async fn a_later_table_brings_what_is_on_record_up_to_date_and_the_history_keeps_it() {
    let app = TestApp::new().await;
    take(&app, "district,Old Name,2800185,,28011,,,CCD 2022\nregion,R One,,,,,,The call\n").await.unwrap();
    let district = all(&app, OrganizationKind::District).await.into_iter().find(|it| it.name == "Old Name").unwrap();
    let done = take(&app, "district,New Name,2800185,,28011,33.6,-90.9,CCD 2023\nregion,r one,,,,,,The call\n").await.unwrap();
    assert_eq!(done, Done { changed: 2, ..Done::default() });
    let now = all(&app, OrganizationKind::District).await.into_iter().find(|it| it.id == district.id).unwrap();
    assert_eq!((now.name.as_str(), now.latitude.as_deref(), now.source.as_str()), ("New Name", Some("33.6"), "CCD 2023"));
    let mut reader = app.desk.db.reader().await.unwrap();
    let history = store::events::list_of(&mut reader.tx(), district.id.0).await.unwrap();
    let told: Vec<_> = history.iter().map(|event| (event.verb.as_str(), event.from_state.as_deref(), event.to_state.as_deref())).collect();
    assert!(
        told.contains(&("added", None, Some("Old Name"))) && told.contains(&("changed", Some("Old Name"), Some("New Name"))),
        "{told:?}"
    );
    // District One is on record without a public id: it gains one by its name, and stays the same organization.
    assert_eq!(take(&app, "district,district one,2800999,,,,,CCD\n").await.unwrap().changed, 1);
    let gained = all(&app, OrganizationKind::District).await.into_iter().find(|it| it.id == app.district).unwrap();
    assert_eq!(gained.nces_id.as_deref(), Some("2800999"));
}

/// Verbs and the points that changed, of the history of a round.
async fn refreshed(road: &Road) -> Vec<String> {
    let mut reader = road.app.desk.db.reader().await.unwrap();
    let history = store::events::list_of(&mut reader.tx(), road.round.0).await.unwrap();
    history.into_iter().filter(|event| event.verb == "figures brought up to date").map(|event| event.facts.to_string()).collect()
}

#[tokio::test]
async fn new_figures_tell_whose_points_change_and_a_look_takes_nothing() {
    let road = Road::screened().await;
    let mut reader = road.app.desk.db.reader().await.unwrap();
    let found = store::applications::find(&mut reader.tx(), road.applications[1]).await.unwrap().unwrap();
    let nces = store::organizations::find(&mut reader.tx(), found.application.applicant).await.unwrap().unwrap().nces_id.unwrap();
    drop(reader);
    let number = found.number.unwrap();
    let table = format!("organization,key,value,year,source\n{nces},coaches_in_place,0,2030,CCD\n{nces},enrollment,900,2030,CCD\n");
    for look in [true, true, false] {
        assert!(refreshed(&road).await.is_empty());
        let done = facts::import(&system(&road.app), &table, look).await.unwrap();
        let [round] = done.refreshed.as_slice() else { panic!("one round is under way: {done:?}") };
        let told: Vec<String> = round.shifts.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with(&number), "{told:?}");
    }
    let kept = refreshed(&road).await;
    assert!(kept.len() == 1 && kept[0].contains(&number), "{kept:?}");
    assert!(facts::import(&system(&road.app), &table, false).await.unwrap().refreshed.is_empty(), "the same figures change nothing");
}

#[tokio::test]
async fn a_figure_needs_a_known_organization_key_number_and_source() {
    let app = TestApp::new().await;
    let rows = "organization,key,value,year,place,source\n\
                District One,enrollment,900,2023,,CCD\n\
                District Nine,enrollment,900,2023,,CCD\n\
                District One,enrolment,-1,23,,\n\
                district one,enrollment,901,2023,,CCD\n";
    let refused = facts::import(&system(&app), rows, false).await.unwrap_err();
    let lines = say("f.csv".as_ref(), &refused);
    let places: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("f.csv, ")?.split(": ").next()).collect();
    assert_eq!(places, ["line 4, key", "line 4, value", "line 4, year", "line 4, source", "line 3, organization", "line 5, key"]);

    let good = "organization,key,value,year,place,source,row,retrieved\nDistrict One,enrollment,900,2023,,CCD,,\nDistrict One,enrollment,950,2024,Here,CCD,LEAID 1,2024-05-31\n";
    let undated = facts::import(&system(&app), &good.replace("2024-05-31", "May"), false).await.unwrap_err();
    assert_eq!(say("f.csv".as_ref(), &undated), ["f.csv, line 3, retrieved: “May” is not a day, such as 2024-05-31."]);
    assert_eq!(facts::import(&system(&app), good, false).await.unwrap().added, 2);
    assert_eq!(facts::import(&system(&app), &good.replace("950", "955"), false).await.unwrap().added, 2);
    let mut reader = app.desk.db.reader().await.unwrap();
    let round = domain::RoundId(uuid::Uuid::nil());
    let on_record = store::facts::of_organization(&mut reader.tx(), app.district, round).await.unwrap();
    let [fact] = on_record.as_slice() else { panic!("one fact a key: {on_record:?}") };
    assert_eq!((fact.value, fact.year, fact.place.as_str(), fact.synthetic), (955.into(), Some(2024), "Here", false));
    assert_eq!(fact.input().source, "CCD, LEAID 1, retrieved 2024-05-31");
}
