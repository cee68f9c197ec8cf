//! The demonstration: Mississippi's districts and colleges, made-up people, a finished round, an open one and one that a panel reviews, five
//! partnerships of Minnesota that a law names, and a program for practice that is invented whole. The history is made by the portal's own use
//! cases, as its people, at its hours: nothing is written that a person could not have done.

mod amended;
pub mod cast;
mod contested;
pub mod ground;
mod history;
mod minnesota;
mod panel;
mod practice;
pub mod synthetic;
pub mod tables;
mod year;

use app::call::Desk;
use app::clock::Clock;
use app::error::AppError;
use domain::Timestamp;
use std::io;
use std::path::Path;
use uuid::Uuid;

/// The demo begins on Sunday, April 21, 2024, at 10 in the morning, Central time: two weeks before the open round closes.
pub const BEGINS: i64 = 1_713_711_600;

/// The demo's clock. When the demo first starts it is set to [`BEGINS`]; how far that is from the machine's time is kept in `folder`, so
/// that the demo's time runs on through restarts.
///
/// # Errors
/// The folder can't be read or written.
pub fn clock(folder: &Path) -> io::Result<Clock> {
    let kept = folder.join("clock");
    let base = match std::fs::read_to_string(&kept) {
        Ok(text) => text.trim().parse().map_err(|_| io::Error::other(format!("{} does not hold a number of seconds", kept.display())))?,
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
            let base = BEGINS - Clock::machine().now().unix();
            std::fs::write(&kept, base.to_string())?;
            base
        }
        Err(failed) => return Err(failed),
    };
    Ok(Clock::machine_from(base))
}

/// Loads the demo into an empty database; leaves a loaded one alone.
///
/// # Errors
/// What a use case refused, or the store's failure: either is a fault of ours. A conflict when an earlier load was cut off.
pub async fn load(desk: &Desk) -> Result<(), AppError> {
    if ground::is_laid(desk).await? {
        let whole = history::is_played(desk).await?;
        return whole
            .then_some(())
            .ok_or_else(|| AppError::Conflict("An earlier start was cut off while it loaded. Start over with --fresh.".to_owned()));
    }
    let cast = ground::lay(desk).await?;
    history::play(desk, &cast).await?;
    desk.db.analyze().await.map_err(AppError::from)
}

/// A demo id: the same in every demo.
#[must_use]
pub fn id<I: From<Uuid>>(what: &str) -> I {
    let hash = app::sessions::sha256_hex(format!("allotment demo: {what}"));
    I::from(Uuid::parse_str(&hash[..32]).unwrap_or_default())
}

/// An instant in Central time, from `2023-04-21T08:00:00`.
fn at(wall: &str) -> Result<Timestamp, AppError> {
    let wall = wall.parse().map_err(AppError::internal)?;
    domain::Zone::CENTRAL.at(wall).map_err(AppError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_begins_two_weeks_before_the_open_round_closes() {
        assert_eq!(at("2024-04-21T10:00:00").unwrap().unix(), BEGINS);
        let file = domain::program::ProgramFile::parse(include_str!("../../programs/acceleratems-2024-25.toml")).unwrap();
        assert_eq!(file.round.closes.seconds_since(Timestamp::from_unix(BEGINS)) / 86_400, 14);
    }
}
