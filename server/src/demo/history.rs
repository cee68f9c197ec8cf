//! What happened before the demo begins.

use super::cast::Cast;
use app::call::Desk;
use app::error::AppError;

/// Plays the history through the use cases.
///
/// # Errors
/// What a use case refused.
pub async fn play(_desk: &Desk, _cast: &Cast) -> Result<(), AppError> {
    Ok(())
}
