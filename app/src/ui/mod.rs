//! Parts that every room shares.

pub mod changes;
pub mod field;
pub mod layout;
pub mod map;
pub mod money_line;
pub mod table;
pub mod working;

/// A noun as a heading: `seats` as `Seats`.
#[must_use]
pub fn capital(noun: &str) -> String {
    let mut letters = noun.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
