//! Use cases of coming in, going out and giving roles.

pub mod codes;
pub mod enter;
pub mod first;
pub mod people;
