//! Parts that every room shares.

pub mod field;
pub mod layout;
pub mod working;
