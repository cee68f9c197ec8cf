//! The ledger on both engines: it can't be overspent, whatever runs at once, and what is entered stays.

use crate::awarded::{IDS, enter, mint, run, set_up};
use domain::award::PlannedAward;
use domain::ledger::{AccountKind, Entry, EntryKind};
use domain::{AllocationId, AppropriationId, AwardId, DrawId, Money, OrganizationId, ReportId, RoundId, Timestamp};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRng, TestRunner};
use std::collections::BTreeMap;
use store::awards::{self, NewAward};
use store::ledger::{self, Balances};
use store::{Db, Error, open_data};
use uuid::Uuid;

async fn balances(db: &Db) -> Balances {
    ledger::balances(&mut db.reader().await.unwrap().tx(), IDS.award).await.unwrap()
}

fn draw(n: u128) -> DrawId {
    DrawId(Uuid::from_u128(n << 64))
}

/// Sixteen at once, on as many servers as there are handles: within one, the writer's queue parts them; between two, only the engine.
async fn sixteen_spenders_never_take_more_than_there_is(servers: &[Db]) {
    set_up(&servers[0], 5_000, 1_000).await;
    let tasks = (0..16_u128).zip(servers.iter().cycle().cloned()).map(|(task, db)| {
        tokio::spawn(async move {
            let mut spent = 0_i64;
            for n in 0..20_u128 {
                let cents = 7;
                match enter(&db, Entry::reserve(IDS.award, draw(task * 100 + n + 1), 1, Money::cents(cents)).unwrap()).await {
                    Ok(_) => spent += cents,
                    Err(refused) => assert!(refused.is_check_violation(), "{refused}"),
                }
            }
            spent
        })
    });
    let spent: i64 = futures::future::join_all(tasks).await.into_iter().map(Result::unwrap).sum();
    assert_eq!(spent, 1_000 - 1_000 % 7);
    let after = balances(&servers[0]).await;
    assert_eq!((after.left(), after.of(AccountKind::Requested)), (Money::cents(6), Money::cents(994)));
}

both_engines!(sixteen_spenders_on_one_server, db, { sixteen_spenders_never_take_more_than_there_is(&[db]).await });

async fn four_on(first: Db, address: &str) {
    let mut servers = vec![first];
    while servers.len() < 4 {
        servers.push(Db::open(address).await.unwrap());
    }
    sixteen_spenders_never_take_more_than_there_is(&servers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_spenders_on_four_servers_with_one_sqlite_file() {
    let (db, address, _folder) = crate::engines::sqlite_at().await;
    four_on(db, &address).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_spenders_on_four_servers_with_one_postgres() {
    if let Some((db, address)) = crate::engines::postgres_at().await {
        four_on(db, &address).await;
    }
}

both_engines!(more_than_is_available_is_not_awarded, db, {
    set_up(&db, 1_000, 1_000).await;
    let refused = enter(&db, Entry::award(IDS.pot, IDS.award, Money::cents(1)).unwrap()).await.unwrap_err();
    // The award is entered once already; and with another record there would be nothing left for it.
    assert!(refused.is_unique_violation(), "{refused}");
    let refused = enter(&db, Entry::return_unspent(IDS.award, 9, Money::cents(1)).unwrap()).await.unwrap_err();
    assert!(refused.is_check_violation(), "{refused}");
});

both_engines!(opening_an_appropriation_again_changes_nothing, db, {
    set_up(&db, 1_000, 400).await;
    db.write(|tx| {
        Box::pin(async move { ledger::open_appropriation(tx, IDS.pot, Money::cents(1_000), &mint, None, Timestamp::from_unix(9)).await })
    })
    .await
    .unwrap();
    let mut reader = db.reader().await.unwrap();
    let pot = ledger::balances_of_appropriation(&mut reader.tx(), IDS.pot).await.unwrap();
    assert_eq!(pot.appropriated().unwrap(), Money::cents(1_000));
    assert_eq!((pot.of(AccountKind::Available), pot.awarded().unwrap()), (Money::cents(600), Money::cents(400)));
    let accounts = ledger::accounts_of_appropriation(&mut reader.tx(), IDS.pot).await.unwrap();
    assert_eq!((accounts.len(), accounts.iter().map(|account| account.balance_cents).sum::<i64>()), (8, 0));
});

both_engines!(what_is_entered_can_be_neither_changed_nor_removed, db, {
    set_up(&db, 1_000, 400).await;
    db.write(|tx| {
        Box::pin(async move {
            run!(
                tx,
                "INSERT INTO events (id, at, noun, noun_id, verb, facts) VALUES ($1, $2, 'n', $1, 'v', '{}')",
                mint(),
                Timestamp::from_unix(0).utc()
            )
        })
    })
    .await
    .unwrap();
    for text in [
        "UPDATE entries SET memo = ''",
        "DELETE FROM entries",
        "UPDATE transfers SET amount_cents = 1",
        "DELETE FROM transfers",
        "UPDATE events SET verb = ''",
        "DELETE FROM events",
        "INSERT INTO accounts (id, appropriation, kind, balance_cents, floor_cents) SELECT award, appropriation, 'spent', 5, 0 FROM accounts",
    ] {
        let refused: Result<(), Error> = db.write(move |tx| Box::pin(async move { run!(tx, text) })).await;
        assert!(refused.is_err(), "{text}");
    }
    assert_eq!(balances(&db).await.left(), Money::cents(400));
});

both_engines!(one_act_on_one_version_is_entered_once, db, {
    set_up(&db, 1_000, 400).await;
    let entry = Entry::reserve(IDS.award, draw(1), 1, Money::cents(100)).unwrap();
    enter(&db, entry.clone()).await.unwrap();
    assert!(enter(&db, entry).await.unwrap_err().is_unique_violation());
    assert_eq!(balances(&db).await.left(), Money::cents(300));
});

both_engines!(a_reversal_restores_the_balances_and_can_be_made_once, db, {
    set_up(&db, 1_000, 400).await;
    let before = balances(&db).await;
    let entry = Entry::reserve(IDS.award, draw(1), 1, Money::cents(100)).unwrap();
    let id = enter(&db, entry.clone()).await.unwrap();
    let mut reader = db.reader().await.unwrap();
    assert_eq!(ledger::find_standing(&mut reader.tx(), draw(1).0, EntryKind::Reserve).await.unwrap(), Some(id));
    enter(&db, entry.reversal(id)).await.unwrap();
    assert_eq!(balances(&db).await, before);
    assert_eq!(ledger::find_standing(&mut reader.tx(), draw(1).0, EntryKind::Reserve).await.unwrap(), None);
    assert!(enter(&db, entry.reversal(id)).await.unwrap_err().is_unique_violation());
    let told = ledger::entries_of_noun(&mut reader.tx(), draw(1).0).await.unwrap();
    assert_eq!(told.iter().map(|row| (row.kind.as_str(), row.amount_cents)).collect::<Vec<_>>(), [("reserve", 100), ("reversal", 100)]);
    assert_eq!(ledger::entries_of_award(&mut reader.tx(), IDS.award, 2, 1).await.unwrap().len(), 2);
    assert_eq!(ledger::entries_of_appropriation(&mut reader.tx(), IDS.pot, 50, 0).await.unwrap().len(), 4);
    let of_account = ledger::entries_of_account(&mut reader.tx(), told[0].from_account.into(), 50, 0).await.unwrap();
    assert_eq!(of_account.len(), 3);
});

both_engines!(an_entry_on_accounts_that_are_not_open_is_refused, db, {
    set_up(&db, 1_000, 400).await;
    let elsewhere = domain::AwardId(Uuid::from_u128(99));
    let refused = enter(&db, Entry::reserve(elsewhere, draw(1), 1, Money::cents(1)).unwrap()).await.unwrap_err();
    assert!(matches!(refused, Error::Missing { .. }), "{refused}");
});

/// One try of the model test: which event, and how much.
fn event(step: (u8, i64), n: u128) -> Entry {
    let (which, cents) = step;
    let (award, amount, draw, report) = (IDS.award, Money::cents(cents), draw(n), ReportId(Uuid::from_u128(n << 80)));
    match which {
        0 => Entry::reserve(award, draw, 1, amount),
        1 => Entry::release(award, draw, 1, amount),
        2 => Entry::approve(award, draw, 1, amount),
        3 => Entry::pay(award, draw, 1, amount),
        4 => Entry::expense(award, report, 1, amount),
        _ => Entry::return_unspent(award, i64::try_from(n).unwrap() + 1, amount),
    }
    .unwrap()
}

both_engines!(the_ledger_agrees_with_a_plain_model_after_every_event, db, {
    set_up(&db, 5_000, 1_000).await;
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha));
    let steps = prop::collection::vec((0_u8..6, 1_i64..300), 250).new_tree(&mut runner).unwrap().current();
    let mut model: BTreeMap<AccountKind, i64> = AccountKind::OF_AWARD.into_iter().map(|kind| (kind, 0)).collect();
    model.insert(AccountKind::Undrawn, 1_000);
    let mut done: Vec<(domain::EntryId, Entry)> = Vec::new();
    let (mut taken, mut refused) = (0, 0);
    for (n, step) in steps.into_iter().enumerate() {
        // Every tenth step undoes something done, once.
        let entry = match done.len() {
            length if n % 10 == 9 && length > 0 => {
                let (id, entry) = done.remove(n % length);
                entry.reversal(id)
            }
            _ => event(step, n as u128 + 1),
        };
        let (from, to) = (entry.lines()[0].from().kind(), entry.lines()[0].to().kind());
        let cents = entry.lines()[0].amount().in_cents();
        match enter(&db, entry.clone()).await {
            Ok(id) => {
                taken += 1;
                *model.get_mut(&from).unwrap() -= cents;
                *model.get_mut(&to).unwrap() += cents;
                if entry.reverses().is_none() {
                    done.push((id, entry));
                }
            }
            Err(error) => {
                refused += 1;
                assert!(error.is_check_violation(), "{error}");
                assert!(model[&from] < cents, "refused {cents} from {from:?} with {}", model[&from]);
            }
        }
        assert!(model.values().all(|cents| *cents >= 0));
        let now = balances(&db).await;
        for (kind, cents) in &model {
            assert_eq!(now.of(*kind), Money::cents(*cents), "{kind:?} after step {n}");
        }
        assert_eq!(now.awarded().unwrap(), Money::cents(1_000));
    }
    assert!(taken > 20 && refused > 20, "taken {taken}, refused {refused}");
});

both_engines!(an_award_goes_on_from_a_later_years_money, db, {
    set_up(&db, 1_000, 600).await;
    let round = RoundId(Uuid::from_u128(13));
    db.write(move |tx| {
        Box::pin(async move {
            let (at, amount) = (Timestamp::from_unix(0), Money::cents(400));
            let (next, award) = (AppropriationId(Uuid::from_u128(70)), AwardId(Uuid::from_u128(71)));
            run!(
                tx,
                "INSERT INTO appropriations (id, program, bill, section, fund_source, fiscal_year, amount_cents, begins_on, lapses_on, citation)
                 SELECT $1, program, 'Next', section, fund_source, 2025, 500, begins_on, lapses_on, citation FROM appropriations WHERE id = $2",
                next.0,
                IDS.pot.0
            )?;
            assert_eq!(ledger::available_of(tx, next).await?, Money::ZERO);
            ledger::open_appropriation(tx, next, Money::cents(500), &mint, None, at).await?;
            let (number, region) = ("AW-1-FY2025".to_owned(), "r".to_owned());
            let plan = PlannedAward { number, pot: None, region, units: 1, amount, lines: Vec::new() };
            let (allocation, recipient) = (AllocationId(Uuid::from_u128(15)), OrganizationId(IDS.recipient));
            let continues = Some(IDS.award);
            let new = NewAward { id: award, round, allocation, appropriation: next, continues, recipient, plan: &plan, at };
            awards::add(tx, &new).await?;
            ledger::commit_award(tx, award, next, amount, &mint, None, at).await?;
            assert_eq!(ledger::available_of(tx, next).await?, Money::cents(100));
            Ok::<_, Error>(())
        })
    })
    .await
    .unwrap();
    let mut reader = db.reader().await.unwrap();
    let mut tx = reader.tx();
    let later = open_data::later(&mut tx, round).await.unwrap();
    let short: Vec<_> = later.iter().map(|later| (later.bill.as_str(), later.fiscal_year, later.amount_cents)).collect();
    assert_eq!(short, [("Next", 2025, 400)]);
    let awards = open_data::awards(&mut tx, round).await.unwrap();
    let short: Vec<_> = awards.iter().map(|award| (award.later, award.amount.in_cents())).collect();
    assert_eq!(short, [(false, 600), (true, 400)]);
    let line = open_data::money_line(&mut tx, round).await.unwrap();
    assert_eq!((line.appropriated, line.awarded), (Money::cents(1_400), Money::cents(1_000)));
});

/// The step of the schema that makes the table of awards anew keeps what refers to it.
#[tokio::test(flavor = "multi_thread")]
async fn awards_are_made_anew_with_all_that_hangs_on_them() {
    use sqlx::{Connection, Executor};
    let (db, address, _folder) = crate::engines::sqlite_at().await;
    set_up(&db, 1_000, 600).await;
    let mut conn = sqlx::SqliteConnection::connect(&address).await.unwrap();
    conn.execute("PRAGMA foreign_keys = ON").await.unwrap();
    let mut tx = conn.begin().await.unwrap();
    tx.execute(include_str!("../../../migrations/sqlite/0020_pots.sql")).await.unwrap();
    tx.commit().await.unwrap();
    assert!(conn.fetch_all("PRAGMA foreign_key_check").await.unwrap().is_empty());
    assert!(conn.execute("DELETE FROM awards").await.is_err(), "accounts refer to it");
    let mut reader = db.reader().await.unwrap();
    let award = store::awards::find(&mut reader.tx(), IDS.award).await.unwrap().unwrap();
    assert_eq!((award.number.as_str(), award.amount_cents), ("AW-1", 600));
}
