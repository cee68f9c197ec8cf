//! Small charts drawn on the server. Each stands beside the number it draws, so nothing is lost to whoever does not see it.

use super::money_line::thousandths;
use domain::Money;
use leptos::prelude::*;

/// A bar for a table's cell: how much of the whole this is.
pub fn share_bar(part: Money, whole: Money) -> impl IntoView {
    bar(thousandths(part, whole))
}

/// A bar for a table's cell, of so many thousandths.
pub fn bar(thousandths: i64) -> impl IntoView {
    view! {
        <svg class="al-bar" viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <rect x="0" y="0" width=thousandths.clamp(0, 1000).to_string() height="12"></rect>
        </svg>
    }
}
