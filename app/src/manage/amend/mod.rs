//! Amending the rules of an opened round: propose, look, approve or return. The public reads what came of it in [`crate::open`].

mod effects;
pub(super) mod form;
pub(super) mod page;
pub mod work;
