//! The one binary's parts: the router with its layers, the static files, sign-in, mail, the demo.

pub mod by_file;
pub mod cli;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod import;
pub mod mail;
pub mod network;
pub mod oidc;
pub mod router;
pub mod same_origin;
pub mod serve;
pub mod site;
pub mod vouch;
