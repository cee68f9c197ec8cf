//! Scenarios, and who could apply, on both engines.

use crate::awarded::{IDS, set_up};
use crate::reviews::apply;
use domain::allocation::{Method, Misfit};
use domain::bench::{Between, Choices, Setting};
use domain::{Money, OrganizationId, RoundId, Timestamp};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use store::facts::Fact;
use store::{Db, Error, equity, facts, scenarios};
use uuid::Uuid;

const ROUND: RoundId = RoundId(Uuid::from_u128(13));

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

fn setting(pot: i64) -> Setting {
    let scales = BTreeMap::from([("need".to_owned(), [3, 9, 0, 100].map(Decimal::from).to_vec())]);
    let choices = Choices { by_request: Some(true), ..Choices::default() };
    let bounds = BTreeMap::from([("north".to_owned(), Between { floor: Some(Money::cents(200)), cap: None })]);
    let (pot, unit_cost) = (Money::cents(pot), Money::cents(100));
    let (method, misfit) = (Method::Shares, Misfit::Skip);
    Setting { weights: vec![6_000, 4_000], scales, pot, unit_cost, method, misfit, bounds, choices }
}

async fn save(db: &Db, id: u128, name: &'static str, pot: i64, when: i64) -> Result<(), Error> {
    db.write(move |tx| {
        Box::pin(async move { scenarios::add(tx, Uuid::from_u128(id), ROUND, name, &setting(pot), IDS.decides, at(when)).await })
    })
    .await
}

both_engines!(scenarios_come_back_in_the_order_they_were_saved, db, {
    set_up(&db, 1_000_000_000, 400).await;
    save(&db, 2, "Later", 500, 20).await.unwrap();
    save(&db, 1, "Sooner", 700, 10).await.unwrap();
    assert!(save(&db, 1, "Again", 700, 30).await.unwrap_err().is_unique_violation(), "an id is one scenario");
    assert!(save(&db, 3, "", 700, 30).await.is_err(), "a scenario has a name");
    let mut reader = db.reader().await.unwrap();
    let found = scenarios::list(&mut reader.tx(), ROUND).await.unwrap();
    let told: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.setting.clone(), one.saved_by.as_str(), one.saved_at)).collect();
    assert_eq!(told, [("Sooner", setting(700), "Decides", at(10)), ("Later", setting(500), "Decides", at(20))]);
    assert!(scenarios::list(&mut reader.tx(), RoundId(Uuid::from_u128(404))).await.unwrap().is_empty());
});

both_engines!(who_could_apply_comes_with_the_latest_figure_of_each_key, db, {
    set_up(&db, 1_000_000_000, 400).await;
    let application = apply(&db, ROUND, 1).await;
    let mut reader = db.reader().await.unwrap();
    let own = equity::list(&mut reader.tx(), ROUND).await.unwrap().into_iter().find(|one| one.application == Some(application.0));
    assert!(own.is_some_and(|one| one.poverty.is_none() && one.students.is_none()));
    let applicant = Uuid::from_u128(501);
    drop(reader);
    for (n, key, value, year, round) in [
        (91, "child_poverty_rate", "20.5", Some(2019), None),
        (92, "child_poverty_rate", "30.5", Some(2020), None),
        (93, "enrollment", "900", Some(2024), None),
        (94, "enrollment", "950", Some(2023), Some(ROUND)),
        (95, "nces_locale", "42", None, None),
    ] {
        let fact = Fact {
            id: Uuid::from_u128(n),
            organization: OrganizationId(applicant),
            key: key.to_owned(),
            value: value.parse().unwrap(),
            year,
            place: "Here".to_owned(),
            source: "A table".to_owned(),
            row: None,
            retrieved: None,
            synthetic: false,
            round,
        };
        let added: Result<(), Error> = db
            .write(move |tx| {
                let fact = fact.clone();
                Box::pin(async move { facts::add(tx, &fact, at(1)).await })
            })
            .await;
        added.unwrap();
    }
    let mut reader = db.reader().await.unwrap();
    let all = equity::list(&mut reader.tx(), ROUND).await.unwrap();
    assert_eq!(all.iter().filter(|one| one.application == Some(application.0)).count(), 1, "one row each");
    let own = all.into_iter().find(|one| one.application == Some(application.0)).unwrap();
    // The round's own figure counts before a later one of nobody's.
    let figures = [own.poverty, own.students, own.locale].map(|value| value.unwrap().to_string());
    assert_eq!(figures, ["30.5", "950", "42"]);
});
