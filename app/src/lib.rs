//! Allotment's pages and use cases. One room per task that people come to do; each room has its pages (`mod.rs`), its use cases (`work.rs`)
//! and, where a page is nicer with it, its islands. Pages are plain axum doors that load rows, then render a Leptos view; only `islands`
//! compiles for the browser, so the wasm grows with interactivity, not with pages.

pub mod islands;

#[cfg(feature = "ssr")]
pub mod account;
#[cfg(feature = "ssr")]
pub mod apply;
#[cfg(feature = "ssr")]
pub mod audit;
#[cfg(feature = "ssr")]
pub mod call;
#[cfg(feature = "ssr")]
pub mod clock;
#[cfg(feature = "ssr")]
pub mod decide;
#[cfg(feature = "ssr")]
pub mod doors;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod explain;
#[cfg(feature = "ssr")]
pub mod form;
#[cfg(feature = "ssr")]
pub mod fund;
#[cfg(feature = "ssr")]
pub mod manage;
#[cfg(feature = "ssr")]
pub mod open;
#[cfg(feature = "ssr")]
pub mod render;
#[cfg(feature = "ssr")]
pub mod report;
#[cfg(feature = "ssr")]
pub mod review;
#[cfg(feature = "ssr")]
pub mod sessions;
#[cfg(feature = "ssr")]
pub mod ui;

/// Every room's doors.
#[cfg(feature = "ssr")]
#[must_use]
pub fn rooms(doors: doors::Doors) -> doors::Doors {
    [
        account::doors,
        open::doors,
        manage::doors,
        apply::doors,
        review::doors,
        decide::doors,
        explain::doors,
        fund::doors,
        report::doors,
        audit::doors,
    ]
    .into_iter()
    .fold(doors, |doors, room| room(doors))
}
