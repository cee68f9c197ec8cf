//! A closed round with three districts’ applications, and the people who decide on it: where most tests of a decision begin.

use crate::app::{TestApp, Visitor};
use ::app::apply::work::{self as applying, Signing};
use ::app::call::{Call, mint};
use ::app::decide::work as deciding;
use ::app::manage::work as managing;
use ::app::review::work::{self as reviewing, DecisionInput, ScoreInput};
use domain::access::{OrganizationKind, Role};
use domain::{AllocationId, ApplicationId, OrganizationId, RoundId};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use store::organizations::Organization;
use uuid::Uuid;

const FILE: &str = include_str!("../../../domain/src/program/tests/small.toml");

/// A round with three applications, closed; two districts of the west, one of the east.
pub struct Road {
    pub app: TestApp,
    pub round: RoundId,
    pub manager: Visitor,
    pub reviewer: Visitor,
    pub approver: Visitor,
    pub applications: Vec<ApplicationId>,
}

pub async fn district(app: &TestApp, name: &str, nces: &str) -> OrganizationId {
    let organization = Organization {
        id: mint(app.now()),
        kind: OrganizationKind::District,
        name: name.to_owned(),
        nces_id: Some(nces.to_owned()),
        ipeds_id: None,
        county_fips: Some(format!("28{}", &nces[4..])),
        county_name: Some(format!("{name} County")),
        planning_district: None,
        latitude: None,
        longitude: None,
        source: "Made for a test.".to_owned(),
    };
    let id = organization.id;
    app.write(move |tx| {
        let organization = organization.clone();
        Box::pin(async move { store::organizations::add(tx, &organization).await })
    })
    .await;
    id
}

/// The facts that the small file's rules ask for.
async fn facts(app: &TestApp, organization: OrganizationId, coaches: i64, enrollment: i64) {
    for (key, value) in [("coaches_in_place", coaches), ("enrollment", enrollment)] {
        let (id, now) = (mint::<Uuid>(app.now()), app.now());
        app.write(move |tx| {
            Box::pin(async move {
                let fact = store::facts::Fact {
                    id,
                    organization,
                    key: key.to_owned(),
                    value: Decimal::from(value),
                    year: Some(2023),
                    place: "Here".to_owned(),
                    source: "A table".to_owned(),
                    row: None,
                    retrieved: None,
                    synthetic: false,
                    round: None,
                };
                store::facts::add(tx, &fact, now).await
            })
        })
        .await;
    }
}

pub async fn apply(app: &TestApp, round: RoundId, applicant: OrganizationId, seats: &str) -> ApplicationId {
    let certifier = app.sign_in_as(Role::Certifier, applicant).await;
    let call = app.call_as(&certifier).await;
    let id = applying::start(&call, round, applicant, mint(call.now)).await.unwrap();
    let answers: [(&str, &[(&str, &str)]); 5] = [
        ("district", &[("facts_right", "yes"), ("contact_name", "A. Person"), ("contact_phone", "601-555-0123")]),
        ("need", &[("why", "There is none."), ("high_schools", "One High"), ("students_served", "1250")]),
        ("coaches", &[("seats", seats), ("placement", "One High"), ("start_month", "August 2024")]),
        ("support", &[("support", "The chamber offers visits.")]),
        ("college", &[("college", "Hinds Community College"), ("relationship", "Dual credit."), ("agreement", "no")]),
    ];
    for (section, typed) in answers {
        let typed: BTreeMap<String, String> = typed.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect();
        applying::save_section(&call, id, section, &typed, 0).await.unwrap();
    }
    let signing = Signing { submission: mint(call.now), signature: "A. Certifier".to_owned(), stated: true };
    applying::submit(&call, id, &signing).await.unwrap();
    id
}

impl Road {
    /// Three submitted applications, the round still open.
    pub async fn open() -> Self {
        Self::open_with("").await
    }

    /// The same with another method of allocation, or more sections in the program file, or both.
    pub async fn open_with(more: &str) -> Self {
        Self::open_among(more, 0).await
    }

    /// The same with so many more districts of the west, and money for each as for the three.
    pub async fn open_among(more: &str, others: usize) -> Self {
        let (mut road, districts) = Self::imported(more, others).await;
        road.open_it().await;
        for district in districts {
            road.applications.push(apply(&road.app, road.round, district, "2").await);
        }
        road
    }

    /// The round imported and not opened, with the districts that are to apply.
    pub async fn imported(more: &str, others: usize) -> (Self, Vec<OrganizationId>) {
        let app = TestApp::new().await;
        let manager = app.sign_in_as(Role::ProgramManager, app.agency).await;
        let reviewer = app.sign_in_as(Role::Reviewer, app.agency).await;
        let approver = app.sign_in_as(Role::Approver, app.agency).await;
        let mut districts = Vec::new();
        for (name, nces) in [("Alcorn", "2800185"), ("Benton", "2800186"), ("Coahoma", "2800001")] {
            districts.push(district(&app, name, nces).await);
        }
        for other in 0..others {
            districts.push(district(&app, &format!("Other {other}"), &format!("28{other:02}011")).await);
        }
        for (index, place) in districts.iter().enumerate() {
            facts(&app, *place, i64::from(index == 1), 1_000 + i64::try_from(index).unwrap()).await;
        }
        let text = FILE
            .replace("\"Test Agency\"", "\"Agency One\"")
            .replace("name = \"West\"", "name = \"Region One\"")
            .replace("name = \"East\"", "name = \"Region Two\"")
            .replace("counties = [\"28001\"]", "districts = [\"2800001\"]\ncounties = [\"28001\"]")
            .replace("1,000,000.00", &format!("{}00,000.00", districts.len()))
            .replace("2023-04-03T08:00:00", "2024-03-01T08:00:00")
            .replace("2023-05-05T23:59:00", "2024-04-05T23:59:00")
            .replace("2023-05-01T17:00:00", "2024-04-02T17:00:00")
            .replace("2023-07-25", "2024-05-25");
        // What stands before the first section of `more` is the method of allocation.
        let (method, more) = more.find("\n[").map_or((more, ""), |at| more.split_at(at));
        let method = if method.trim().is_empty() { "method = \"down_the_list\"\nmisfit = \"partial\"" } else { method };
        let text = text.replace("method = \"down_the_list\"\nmisfit = \"partial\"", method) + "\n" + more;
        let call = app.call_as(&manager).await;
        let imported = managing::import(&call, &text).await.unwrap();
        (Self { app, round: imported.round, manager, reviewer, approver, applications: Vec::new() }, districts)
    }

    /// Opens the round.
    pub async fn open_it(&self) {
        let version = {
            let mut reader = self.app.desk.db.reader().await.unwrap();
            store::programs::find_round(&mut reader.tx(), self.round).await.unwrap().unwrap().version
        };
        managing::open_round(&self.call(&self.manager).await, self.round, version).await.unwrap();
    }

    pub async fn closed() -> Self {
        Self::closed_with("").await
    }

    /// The same with another section at the end of the program file.
    pub async fn closed_with(section: &str) -> Self {
        Self::closed_of(Self::open_with(section).await).await
    }

    /// Closed, with so many more districts than the three.
    pub async fn closed_among(others: usize) -> Self {
        Self::closed_of(Self::open_among("", others).await).await
    }

    pub async fn closed_of(road: Self) -> Self {
        road.pass(6 * 86_400).await;
        road
    }

    pub async fn call(&self, who: &Visitor) -> Call {
        self.app.call_as(who).await
    }

    /// All eligible, all scored.
    pub async fn screened() -> Self {
        Self::screened_of(Self::closed().await).await
    }

    pub async fn screened_of(road: Self) -> Self {
        let (manager, reviewer) = (road.call(&road.manager).await, road.call(&road.reviewer).await);
        for application in &road.applications {
            let decision = DecisionInput { eligible: Some(true), reason: "A district.".to_owned(), seen: None };
            reviewing::decide_eligibility(&manager, *application, &decision).await.unwrap();
            let score = ScoreInput {
                criterion: "college_ties".to_owned(),
                points: Some(Decimal::from(100)),
                reason: "Signed.".to_owned(),
                seen: None,
            };
            reviewing::score(&reviewer, *application, &score).await.unwrap();
        }
        road
    }

    pub async fn frozen() -> Self {
        let road = Self::screened().await;
        let manager = road.call(&road.manager).await;
        reviewing::freeze(&manager, road.round, mint(manager.now)).await.unwrap();
        road
    }

    pub async fn proposed() -> (Self, AllocationId) {
        Self::proposed_of(Self::frozen().await).await
    }

    /// As [`Road::frozen`], with more in the program file.
    pub async fn frozen_with(more: &str) -> Self {
        let road = Self::screened_of(Self::closed_of(Self::open_with(more).await).await).await;
        let manager = road.call(&road.manager).await;
        reviewing::freeze(&manager, road.round, mint(manager.now)).await.unwrap();
        road
    }

    /// As [`Road::proposed`], with more in the program file.
    pub async fn proposed_with(more: &str) -> (Self, AllocationId) {
        Self::proposed_of(Self::frozen_with(more).await).await
    }

    pub async fn proposed_of(road: Self) -> (Self, AllocationId) {
        let manager = road.call(&road.manager).await;
        let id = mint(manager.now);
        deciding::propose(&manager, road.round, id).await.unwrap();
        (road, id)
    }

    pub fn page(&self, rest: &str) -> String {
        format!("/review/{}{rest}", self.round)
    }
}
