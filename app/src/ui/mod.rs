//! Parts that every room shares.

pub mod changes;
pub mod download;
pub mod field;
pub mod layout;
pub mod map;
pub mod money_line;
pub mod named;
pub mod session;
pub mod table;
pub mod working;

use leptos::prelude::*;

/// The tag of whatever was invented for the demonstration.
pub fn synthetic(is: bool) -> impl IntoView {
    is.then(|| view! { " "<span class="al-tag al-synthetic">"synthetic"</span> })
}

/// Where something stands.
pub fn source(citation: &str) -> impl IntoView + use<> {
    let text = format!("Source: {citation}");
    view! { <p class="al-source">{text}</p> }
}

/// A noun as a heading: `seats` as `Seats`.
#[must_use]
pub fn capital(noun: &str) -> String {
    let mut letters = noun.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
