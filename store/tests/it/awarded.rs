//! A program with an appropriation, a round and one award, for the tests of money: written as bare rows, so that these tests hang on no
//! other station's functions.

use domain::{AppropriationId, AwardId, Money, PersonId, Timestamp};
use std::sync::atomic::{AtomicU64, Ordering};
use store::ledger::{self, Stamp};
use store::{Db, Error, Tx};
use uuid::Uuid;

static NEXT: AtomicU64 = AtomicU64::new(1_000_000);

/// A fresh id.
pub fn mint() -> Uuid {
    Uuid::from_u128(u128::from(NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// Who writes in these tests: nobody, on the first second of 1970.
pub fn stamp() -> Stamp<'static> {
    Stamp { mint: &mint, by: None, at: Timestamp::from_unix(0) }
}

/// Runs a statement that the store does not offer.
macro_rules! run {
    ($tx:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        match &mut $tx.on {
            store::On::Sqlite(conn) => sqlx::query::<sqlx::Sqlite>($sql)$(.bind($arg))*.execute(&mut **conn).await.map(|_| ()).map_err(store::Error::from),
            store::On::Postgres(conn) => sqlx::query::<sqlx::Postgres>($sql)$(.bind($arg))*.execute(&mut **conn).await.map(|_| ()).map_err(store::Error::from),
        }
    };
}
pub(crate) use run;

/// The ids that the tests speak of.
#[derive(Clone, Copy)]
pub struct Ids {
    pub agency: Uuid,
    pub recipient: Uuid,
    pub pot: AppropriationId,
    pub award: AwardId,
    pub asks: PersonId,
    pub decides: PersonId,
}

pub const IDS: Ids = Ids {
    agency: Uuid::from_u128(1),
    recipient: Uuid::from_u128(2),
    pot: AppropriationId(Uuid::from_u128(3)),
    award: AwardId(Uuid::from_u128(4)),
    asks: PersonId(Uuid::from_u128(5)),
    decides: PersonId(Uuid::from_u128(6)),
};

async fn rows(tx: &mut Tx<'_>, pot: Money, award: Money) -> Result<(), Error> {
    let at = Timestamp::from_unix(0).utc();
    let [program, version, round, ranking, allocation] = [11, 12, 13, 14, 15].map(Uuid::from_u128);
    let file = include_str!("../../../programs/acceleratems-2023-24.toml");
    let canonical = domain::program::ProgramFile::parse(file).unwrap().canonical().unwrap();
    for (id, kind, name) in [(IDS.agency, "agency", "Agency"), (IDS.recipient, "region", "Region")] {
        run!(tx, "INSERT INTO organizations (id, kind, name, name_folded, source) VALUES ($1, $2, $3, $3, 'test')", id, kind, name)?;
    }
    for (id, name) in [(IDS.asks, "Asks"), (IDS.decides, "Decides")] {
        run!(tx, "INSERT INTO people (id, name, email, email_folded, created_at) VALUES ($1, $2, $2, $2, $3)", id.0, name, at)?;
    }
    run!(
        tx,
        "INSERT INTO programs (id, slug, agency, name, summary, created_at) VALUES ($1, 'p', $2, 'Program', '', $3)",
        program,
        IDS.agency,
        at
    )?;
    run!(
        tx,
        "INSERT INTO program_versions (id, program, version, source_toml, canonical, sha256, imported_at) VALUES ($1, $2, 1, '', $3, '', $4)",
        version,
        program,
        canonical,
        at
    )?;
    run!(
        tx,
        "INSERT INTO appropriations (id, program, bill, section, fund_source, fiscal_year, amount_cents, begins_on, lapses_on, citation)
         VALUES ($1, $2, 'B', 'S', 'F', 2024, $3, $4, $5, 'C')",
        IDS.pot.0,
        program,
        pot.in_cents(),
        chrono::NaiveDate::from_ymd_opt(2023, 7, 1),
        chrono::NaiveDate::from_ymd_opt(2024, 6, 30)
    )?;
    run!(
        tx,
        "INSERT INTO rounds (id, program, program_version, appropriation, slug, name, zone, opens_at, closes_at, questions_until, award_on,
           seed, last_number, version)
         VALUES ($1, $2, $3, $4, 'r', 'Round', 'America/Chicago', $5, $6, $5, $7, '', 0, 1)",
        round,
        program,
        version,
        IDS.pot.0,
        at,
        Timestamp::from_unix(60).utc(),
        chrono::NaiveDate::from_ymd_opt(2023, 6, 1)
    )?;
    run!(
        tx,
        "INSERT INTO rankings (id, round, document, rules_sha256, inputs_sha256, result_sha256, frozen_by, frozen_at)
         VALUES ($1, $2, '', '', '', '', $3, $4)",
        ranking,
        round,
        IDS.decides.0,
        at
    )?;
    run!(
        tx,
        "INSERT INTO allocations (id, round, ranking, appropriation, pot_cents, granted_cents, document, sha256, status, proposed_by,
           proposed_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, '', '', 'proposed', $7, $8, 1)",
        allocation,
        round,
        ranking,
        IDS.pot.0,
        pot.in_cents(),
        award.in_cents(),
        IDS.asks.0,
        at
    )?;
    run!(
        tx,
        "INSERT INTO awards (id, number, round, allocation, appropriation, recipient, units, amount_cents, awarded_at, last_draw)
         VALUES ($1, 'AW-1', $2, $3, $4, $5, 1, $6, $7, 0)",
        IDS.award.0,
        round,
        allocation,
        IDS.pot.0,
        IDS.recipient,
        award.in_cents(),
        at
    )
}

/// The rows, with the pot opened and the award committed.
pub async fn set_up(db: &Db, pot: i64, award: i64) {
    let (pot, award) = (Money::cents(pot), Money::cents(award));
    db.write(move |tx| {
        Box::pin(async move {
            rows(tx, pot, award).await?;
            ledger::open_appropriation(tx, IDS.pot, pot, &mint, None, Timestamp::from_unix(0)).await?;
            ledger::commit_award(tx, IDS.award, IDS.pot, award, &mint, None, Timestamp::from_unix(0)).await
        })
    })
    .await
    .unwrap();
}

/// Enters one entry in a transaction of its own.
pub async fn enter(db: &Db, entry: domain::ledger::Entry) -> Result<domain::EntryId, Error> {
    db.write(move |tx| {
        let entry = entry.clone();
        Box::pin(async move { ledger::post(tx, &entry, "test", &stamp()).await })
    })
    .await
}
