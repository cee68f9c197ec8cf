//! The money and the reports of fiscal year 2024, up to the spring.

use super::cast::Cast;
use app::call::Desk;
use app::error::AppError;
use domain::RoundId;

/// Plays the year's draws and reports.
///
/// # Errors
/// What a use case refused.
pub async fn play(_desk: &Desk, _cast: &Cast, _round: RoundId) -> Result<(), AppError> {
    Ok(())
}
