//! Serving: opens the database, listens, answers until it is told to stop, then lets what is under way finish.

use crate::cli::{Failed, make_private, open};
use crate::config::Config;
use crate::oidc::Providers;
use crate::router::{self, Outside};
use app::call::Desk;
use app::clock::Clock;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;

/// What to serve.
pub struct Serving {
    /// The settings.
    pub config: Config,
    /// Whether it is the demonstration.
    pub demo: bool,
}

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// A sentence about what stands in the way.
pub async fn run(serving: Serving) -> Result<ExitCode, Failed> {
    let Serving { config, demo } = serving;
    // Before the database: by its clock a demo's folder is known.
    let clock = if demo { demo_clock(&config.data)? } else { Clock::machine() };
    let db = open(&config).await?;
    db.migrate().await.map_err(|cause| Failed::to("bring the schema up to date", cause))?;
    let desk = Desk { db, clock, house: Arc::new(config.house(demo)) };
    if demo {
        crate::demo::load(&desk).await.map_err(|refused| Failed::to("load the demonstration", refused.say().1))?;
    }
    let listener = TcpListener::bind(config.address).await.map_err(|cause| Failed::to(&format!("listen on {}", config.address), cause))?;
    let providers =
        Providers::new(&config.providers, &config.base_url).map_err(|cause| Failed::to("set up the sign-in providers", cause))?;
    let outside = Outside { providers, client_address_header: config.client_address_header.clone() };
    let (_, app) = router::build(&desk, &outside);
    if let Some(mail) = config.mail.clone().filter(|_| !demo) {
        tokio::spawn(crate::mail::run(desk.clone(), mail));
    }
    tokio::spawn(forget_sign_ins(desk.clone()));
    welcome(&config, demo);
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(told_to_stop())
        .await
        .map_err(|cause| Failed::to("go on serving", cause))?;
    desk.db.close().await;
    println!("Stopped.");
    Ok(ExitCode::SUCCESS)
}

fn demo_clock(folder: &std::path::Path) -> Result<Clock, Failed> {
    make_private(folder).and_then(|()| crate::demo::clock(folder)).map_err(|cause| Failed::to("keep the demonstration's clock", cause))
}

fn welcome(config: &Config, demo: bool) {
    println!("Allotment listens on {}", config.base_url);
    if demo {
        println!("This is a demonstration. Sign in as any of its people, with one click, at {}/demo", config.base_url);
    } else {
        let providers: Vec<&str> = config.providers.iter().map(|provider| provider.label.as_str()).collect();
        let mail =
            if config.mail.is_some() { "a code by email" } else { "a code by email (no mail server is set, so codes wait in the outbox)" };
        println!("People who were invited sign in with {mail}{}{}", if providers.is_empty() { "" } else { " or " }, providers.join(", "));
    }
}

/// Ends at SIGTERM or Ctrl-C.
async fn told_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}

/// Every hour, forgets codes and journeys of sign-in that ended a day ago.
async fn forget_sign_ins(desk: Desk) {
    loop {
        let before = desk.clock.now().plus_seconds(-24 * 60 * 60);
        let swept: Result<(), store::Error> =
            desk.db.write(move |tx| Box::pin(async move { store::sign_in::sweep(tx, before).await })).await;
        if let Err(failed) = swept {
            tracing::warn!(%failed, "old sign-ins could not be forgotten");
        }
        tokio::time::sleep(std::time::Duration::from_secs(60 * 60)).await;
    }
}
