//! Programs, rounds, regions and facts on both engines.

use domain::access::OrganizationKind;
use domain::program::ProgramFile;
use domain::round::{Phase, Round};
use domain::{OrganizationId, RoundId, Timestamp, Zone};
use store::facts::{self, Fact};
use store::organizations::{self, Organization};
use store::programs::{self, NewProgram, NewVersion};
use store::{Db, Error, Tx, open_data};
use uuid::Uuid;

const FILE: &str = include_str!("../../../programs/acceleratems-2023-24.toml");

fn id<I: From<Uuid>>(n: u128) -> I {
    Uuid::from_u128(n).into()
}

fn at(text: &str) -> Timestamp {
    text.to_owned().try_into().unwrap()
}

async fn organization(tx: &mut Tx<'_>, n: u128, kind: OrganizationKind, name: &str, nces: Option<&str>, county: &str) -> Result<(), Error> {
    let organization = Organization {
        id: id(n),
        kind,
        name: name.to_owned(),
        nces_id: nces.map(str::to_owned),
        ipeds_id: None,
        county_fips: Some(county.to_owned()),
        county_name: None,
        planning_district: None,
        latitude: None,
        longitude: None,
        source: "Made for a test.".to_owned(),
    };
    organizations::add(tx, &organization).await
}

/// An agency (1), a region (2), a district of it (3), a community in its county (4); a program (10) with one round (20), not opened.
async fn lay(tx: &mut Tx<'_>) -> Result<(), Error> {
    let file = ProgramFile::parse(FILE).unwrap();
    organization(tx, 1, OrganizationKind::Agency, "AccelerateMS", None, "28049").await?;
    organization(tx, 2, OrganizationKind::Region, &file.regions[0].name, None, "28049").await?;
    organization(tx, 3, OrganizationKind::District, "Jackson", Some("2802190"), "28049").await?;
    organization(tx, 4, OrganizationKind::Community, "A community", None, &file.regions[0].counties[0]).await?;
    let when = at("2023-03-01T00:00:00Z");
    let (slug, name, summary) = (file.program.slug.clone(), file.program.name.clone(), file.program.summary.clone());
    programs::add_program(tx, &NewProgram { id: id(10), slug, agency: id(1), name, summary, at: when }).await?;
    let version = programs::last_version(tx, id(10)).await? + 1;
    let (canonical, sha256) = (file.canonical().unwrap(), file.sha256().unwrap());
    let source_toml = FILE.to_owned();
    programs::add_version(tx, &NewVersion { id: id(11), program: id(10), version, source_toml, canonical, sha256, at: when, by: None })
        .await?;
    programs::add_appropriation(tx, id(12), id(10), file.appropriation().unwrap()).await?;
    programs::add_round(tx, &round(&file)).await?;
    programs::add_region(tx, id(20), id(2), &file.regions[0].key, true).await?;
    programs::add_member(tx, id(20), id(2), id(3)).await
}

fn round(file: &ProgramFile) -> Round {
    Round {
        id: id(20),
        program: id(10),
        agency: id(1),
        program_version: id(11),
        appropriation: id(12),
        slug: file.round.slug.clone(),
        name: file.round.name.clone(),
        zone: Zone::CENTRAL,
        opens_at: file.round.opens,
        closes_at: file.round.closes,
        questions_until: file.round.questions_until,
        award_on: file.round.award_on,
        seed: file.round.seed.clone().unwrap_or_default(),
        opened: None,
        published_at: None,
        last_number: 0,
        version: 0,
    }
}

async fn laid(db: &Db) {
    db.write(|tx| Box::pin(lay(tx))).await.unwrap();
}

async fn find(db: &Db) -> Round {
    programs::find_round(&mut db.reader().await.unwrap().tx(), id(20)).await.unwrap().unwrap()
}

both_engines!(a_round_comes_back_as_it_was_laid_with_its_program_and_file, db, {
    laid(&db).await;
    let file = ProgramFile::parse(FILE).unwrap();
    assert_eq!(find(&db).await, round(&file));
    let mut reader = db.reader().await.unwrap();
    let mut tx = reader.tx();
    let of = programs::round_by_slug(&mut tx, &file.program.slug, &file.round.slug).await.unwrap().unwrap();
    assert_eq!((of.file_sha256.clone(), of.file_version), (file.sha256().unwrap(), 1));
    assert_eq!(of.amount, file.appropriation().unwrap().amount);
    assert_eq!(*programs::file_of_round(&mut tx, id(20)).await.unwrap(), file);
    let (again, read) = programs::round_with_file(&mut tx, id(20)).await.unwrap().unwrap();
    assert_eq!((again, &*read), (of.clone(), &file));
    assert_eq!(programs::list_rounds(&mut tx).await.unwrap(), std::slice::from_ref(&of));
    assert_eq!(programs::rounds_of(&mut tx, id(10)).await.unwrap(), std::slice::from_ref(&of));
    assert_eq!(programs::find_program(&mut tx, &file.program.slug).await.unwrap(), Some(of.program.clone()));
    assert_eq!(programs::list_programs(&mut tx).await.unwrap(), [of.program]);
    let (source, canonical) = programs::source_of_round(&mut tx, id(20)).await.unwrap();
    assert_eq!((source.as_str(), canonical), (FILE, file.canonical().unwrap()));
    assert!(programs::find_round(&mut tx, id(21)).await.unwrap().is_none());
    assert!(programs::round_by_slug(&mut tx, "no", "such").await.unwrap().is_none());
    assert!(matches!(programs::file_of_round(&mut tx, id(21)).await, Err(Error::Missing { .. })));
});

both_engines!(an_opening_is_recorded_once_and_locks_the_round_against_a_replacement, db, {
    laid(&db).await;
    let earlier = find(&db).await;
    let sha256 = ProgramFile::parse(FILE).unwrap().sha256().unwrap();
    let opened = earlier.clone().open(at("2023-04-10T00:00:00Z"), &sha256).unwrap();
    let record = |round: Round| {
        let db = db.clone();
        async move {
            db.write(move |tx| {
                let round = round.clone();
                Box::pin(async move { programs::record_opened(tx, &round).await })
            })
            .await
        }
    };
    record(opened.clone()).await.unwrap();
    assert!(matches!(record(opened.clone()).await, Err(Error::Conflict { noun: "round" })));
    let now = find(&db).await;
    assert_eq!((now.opened.clone(), now.version), (opened.opened, 1));
    assert_eq!(now.phase(now.closes_at), Phase::Open);
    let replaced = db
        .write(move |tx| {
            let stale = Round { version: 1, ..earlier.clone() };
            Box::pin(async move { programs::replace_round(tx, &stale).await })
        })
        .await;
    assert!(matches!(replaced, Err(Error::Conflict { noun: "round" })));
    let used = programs::appropriations_used(&mut db.reader().await.unwrap().tx(), id(10)).await.unwrap();
    assert_eq!(used, [id(12)]);
});

both_engines!(a_round_that_was_not_opened_is_replaced_from_the_version_its_editor_saw, db, {
    laid(&db).await;
    let seen = find(&db).await;
    let replace = |name: &str| {
        let (db, round) = (db.clone(), Round { name: name.to_owned(), ..seen.clone() });
        async move {
            db.write(move |tx| {
                let round = round.clone();
                Box::pin(async move { programs::replace_round(tx, &round).await })
            })
            .await
        }
    };
    replace("Another name").await.unwrap();
    assert!(matches!(replace("A third").await, Err(Error::Conflict { .. })));
    assert_eq!((find(&db).await.name, find(&db).await.version), ("Another name".to_owned(), 1));
});

both_engines!(results_are_published_once, db, {
    laid(&db).await;
    let sha256 = ProgramFile::parse(FILE).unwrap().sha256().unwrap();
    db.write(move |tx| {
        let sha256 = sha256.clone();
        Box::pin(async move {
            let round = programs::find_round(tx, id(20)).await?.unwrap();
            programs::record_opened(tx, &round.open(at("2023-04-10T00:00:00Z"), &sha256).unwrap()).await?;
            let round = programs::find_round(tx, id(20)).await?.unwrap();
            let published = round.publish(at("2023-07-15T00:00:00Z"), None).unwrap();
            programs::record_published(tx, &published).await?;
            assert!(matches!(programs::record_published(tx, &published).await, Err(Error::Conflict { .. })));
            Ok::<_, Error>(())
        })
    })
    .await
    .unwrap();
    assert_eq!(find(&db).await.published_at, Some(at("2023-07-15T00:00:00Z")));
});

both_engines!(numbers_are_given_out_in_order_and_each_once, db, {
    laid(&db).await;
    let tries = (0..20).map(|_| {
        let db = db.clone();
        tokio::spawn(async move { db.write(|tx| Box::pin(async move { programs::next_number(tx, id(20)).await })).await.unwrap() })
    });
    let mut numbers: Vec<i64> = futures::future::join_all(tries).await.into_iter().map(Result::unwrap).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
});

both_engines!(a_member_and_whoever_sits_in_a_listed_county_belong_to_the_region, db, {
    laid(&db).await;
    let mut reader = db.reader().await.unwrap();
    let mut tx = reader.tx();
    let region: OrganizationId = id(2);
    assert_eq!(programs::region_of(&mut tx, id(20), id(3)).await.unwrap(), Some(region));
    assert_eq!(programs::region_of(&mut tx, id(20), id(4)).await.unwrap(), Some(region), "by its county");
    assert_eq!(programs::region_of(&mut tx, id(20), id(99)).await.unwrap(), None);
    let regions = programs::regions(&mut tx, id(20)).await.unwrap();
    assert_eq!((regions.len(), regions[0].organization, regions[0].members, regions[0].synthetic), (1, region, 1, true));
    let members = programs::members(&mut tx, id(20)).await.unwrap();
    assert_eq!((members.len(), members[0].organization, members[0].region), (1, id(3), region));
    assert_eq!(programs::known_members(&mut tx).await.unwrap().len(), 2);
    assert_eq!(programs::agencies_named(&mut tx, "no such", "acceleratems").await.unwrap(), [(id(1), "AccelerateMS".to_owned())]);
    assert_eq!(programs::regions_named(&mut tx).await.unwrap().len(), 1);
    drop(reader);
    db.write(|tx| Box::pin(async move { programs::clear_regions(tx, id(20)).await })).await.unwrap();
    assert!(programs::regions(&mut db.reader().await.unwrap().tx(), id(20)).await.unwrap().is_empty());
});

both_engines!(an_appropriation_takes_new_terms_until_a_round_on_it_is_opened, db, {
    laid(&db).await;
    let mut terms = ProgramFile::parse(FILE).unwrap().appropriation().unwrap().clone();
    terms.amount = domain::Money::cents(100);
    db.write(move |tx| {
        let terms = terms.clone();
        Box::pin(async move {
            programs::set_appropriation(tx, id(12), &terms).await?;
            let known = programs::appropriations_of(tx, id(10)).await?;
            assert_eq!((known.len(), known[0].amount), (1, domain::Money::cents(100)));
            let round = programs::find_round_of(tx, id(20)).await?.unwrap();
            let opened = round.round.open(at("2023-04-10T00:00:00Z"), &round.file_sha256).unwrap();
            programs::record_opened(tx, &opened).await?;
            assert!(matches!(programs::set_appropriation(tx, id(12), &terms).await, Err(Error::Conflict { .. })));
            programs::set_program(tx, id(10), "New name", "New summary").await
        })
    })
    .await
    .unwrap();
    let program = programs::list_programs(&mut db.reader().await.unwrap().tx()).await.unwrap().remove(0);
    assert_eq!((program.name.as_str(), program.summary.as_str()), ("New name", "New summary"));
});

both_engines!(pots_stand_in_their_order_and_lock_their_appropriations_once_the_round_is_opened, db, {
    laid(&db).await;
    let terms = ProgramFile::parse(FILE).unwrap().appropriation().unwrap().clone();
    db.write(move |tx| {
        let terms = terms.clone();
        Box::pin(async move {
            for (n, key, cents) in [(13, "gift", 500), (14, "federal", 700)] {
                let terms = domain::program::Appropriation { bill: key.to_owned(), amount: domain::Money::cents(cents), ..terms.clone() };
                programs::add_appropriation(tx, id(n), id(10), &terms).await?;
            }
            assert!(programs::pots_of(tx, id(20)).await?.is_empty());
            programs::set_pots(tx, id(20), &[("gift", id(13))]).await?;
            programs::set_pots(tx, id(20), &[("federal", id(14)), ("gift", id(13))]).await?;
            store::ledger::open_appropriation(
                tx,
                id(13),
                domain::Money::cents(400),
                &crate::awarded::mint,
                None,
                at("2023-04-10T00:00:00Z"),
            )
            .await?;
            let pots = programs::pots_of(tx, id(20)).await?;
            let short: Vec<_> = pots.iter().map(|pot| (pot.key.as_str(), pot.amount.in_cents(), pot.available.in_cents())).collect();
            assert_eq!(short, [("federal", 700, 700), ("gift", 500, 400)], "by the ledger, where it has an account");
            let held = programs::held_in_pots(tx).await?;
            assert_eq!(held.into_iter().collect::<Vec<_>>(), [(id(20), domain::Money::cents(1_200))]);
            assert_eq!(programs::appropriations_used(tx, id(10)).await?, []);
            programs::set_appropriation(tx, id(14), &terms).await?;
            let round = programs::find_round_of(tx, id(20)).await?.unwrap();
            let opened = round.round.open(at("2023-04-10T00:00:00Z"), &round.file_sha256).unwrap();
            programs::record_opened(tx, &opened).await?;
            let used = programs::appropriations_used(tx, id(10)).await?;
            assert_eq!(used.into_iter().collect::<std::collections::BTreeSet<_>>(), [id(12), id(13), id(14)].into());
            assert!(matches!(programs::set_appropriation(tx, id(14), &terms).await, Err(Error::Conflict { .. })));
            Ok::<_, Error>(())
        })
    })
    .await
    .unwrap();
});

fn figure(n: u128, value: &str, year: Option<i32>, round: Option<RoundId>) -> Fact {
    Fact {
        id: Uuid::from_u128(n),
        organization: id(3),
        key: "county_unemployment_rate".to_owned(),
        value: value.parse().unwrap(),
        year,
        place: "Hinds County".to_owned(),
        source: "LAUS".to_owned(),
        row: Some("county FIPS 28049".to_owned()),
        retrieved: chrono::NaiveDate::from_ymd_opt(2024, 5, 31),
        synthetic: false,
        round,
    }
}

both_engines!(of_several_figures_the_rounds_own_counts_and_else_the_latest_year, db, {
    laid(&db).await;
    let add = |fact: Fact| {
        let db = db.clone();
        async move {
            db.write(move |tx| {
                let fact = fact.clone();
                Box::pin(async move { facts::replace(tx, &fact, at("2023-03-01T00:00:00Z")).await })
            })
            .await
            .unwrap();
        }
    };
    let value = || async {
        let found = facts::of_organization(&mut db.reader().await.unwrap().tx(), id(3), id(20)).await.unwrap();
        assert!(found.len() <= 1, "one a key");
        found.first().map(|fact| fact.value.to_string())
    };
    assert_eq!(value().await, None);
    add(figure(1, "5.50", None, None)).await;
    assert_eq!(value().await.as_deref(), Some("5.5"));
    add(figure(2, "5.1", Some(2019), None)).await;
    add(figure(3, "7.2", Some(2020), None)).await;
    assert_eq!(value().await.as_deref(), Some("7.2"));
    add(figure(4, "6.9", Some(2020), None)).await;
    assert_eq!(value().await.as_deref(), Some("6.9"), "a figure takes the place of the one of its year");
    add(figure(5, "1", None, Some(id(20)))).await;
    add(figure(6, "2", None, Some(id(20)))).await;
    assert_eq!(value().await.as_deref(), Some("2"));
    let input = facts::of_organization(&mut db.reader().await.unwrap().tx(), id(3), id(20)).await.unwrap().remove(0).input();
    assert_eq!((input.source.as_str(), input.place.as_str()), ("LAUS, county FIPS 28049, retrieved 2024-05-31", "Hinds County"));
    let of_round = facts::of_round(&mut db.reader().await.unwrap().tx(), id(20)).await.unwrap();
    assert!(of_round.is_empty(), "nobody has applied yet");
});

both_engines!(a_round_without_results_has_an_empty_money_line, db, {
    laid(&db).await;
    let mut reader = db.reader().await.unwrap();
    let mut tx = reader.tx();
    let line = open_data::money_line(&mut tx, id(20)).await.unwrap();
    assert_eq!(line.appropriated, ProgramFile::parse(FILE).unwrap().appropriation().unwrap().amount);
    assert_eq!([line.awarded, line.awarded_elsewhere, line.drawn, line.reported], [domain::Money::ZERO; 4]);
    assert!(open_data::awards(&mut tx, id(20)).await.unwrap().is_empty());
    assert!(open_data::award_lines(&mut tx, id(20)).await.unwrap().is_empty());
    assert!(open_data::paid_draws(&mut tx, id(20)).await.unwrap().is_empty());
    assert!(open_data::reported_lines(&mut tx, id(20)).await.unwrap().is_empty());
    assert!(open_data::places(&mut tx, id(20)).await.unwrap().is_empty());
    assert!(open_data::outcome(&mut tx, id(20), "A-2023-0001").await.unwrap().is_none());
    assert!(open_data::frozen(&mut tx, id(20)).await.unwrap().is_none());
    assert!(open_data::ranking_document(&mut tx, id(20)).await.unwrap().is_none());
    assert!(open_data::allocation_document(&mut tx, id(20)).await.unwrap().is_none());
});
