//! Parts that every room shares.

pub mod field;
pub mod layout;
pub mod map;
pub mod money_line;
pub mod working;
