//! A round's public page: what the money is for, until when to apply, by which rules it is decided, and how to check them.

use super::amendments::notices;
use super::parts::{crumbs, fact, phase_tag, when};
use super::rules::rules;
use crate::call::Call;
use crate::error::AppError;
use crate::islands::Countdown;
use crate::ui::layout::{Head, page};
use axum::extract::Path;
use axum::response::Response;
use domain::program::ProgramFile;
use domain::round::{Lots, Phase, Round};
use domain::time::say_date;
use domain::{Money, RoundId, Timestamp};
use leptos::prelude::*;
use std::sync::Arc;
use store::Tx;
use store::amendments::{self, Amendment};
use store::programs::{self, RoundOf};

/// A round that the public may see, with its file.
#[derive(Clone, Debug)]
pub struct PublicRound {
    /// The round.
    pub of: RoundOf,
    /// Its file.
    pub file: Arc<ProgramFile>,
}

impl PublicRound {
    /// The round's address.
    #[must_use]
    pub fn address(&self) -> String {
        format!("/programs/{}/{}", self.of.program.slug, self.of.round.slug)
    }

    /// The way to this round, for the top of its pages.
    #[must_use]
    pub fn way(&self) -> Vec<(String, String)> {
        vec![
            ("/".to_owned(), "Programs".to_owned()),
            (format!("/programs/{}", self.of.program.slug), self.of.program.name.clone()),
            (self.address(), self.of.round.name.clone()),
        ]
    }

    /// The round's id.
    #[must_use]
    pub fn id(&self) -> RoundId {
        self.of.round.id
    }
}

/// Finds an opened round by its address.
///
/// # Errors
/// [`AppError::NotFound`] when there is none, or nobody has opened it yet.
pub async fn find(tx: &mut Tx<'_>, program: &str, round: &str) -> Result<PublicRound, AppError> {
    let of = programs::round_by_slug(tx, program, round).await?.filter(|of| of.round.opened.is_some()).ok_or(AppError::NotFound)?;
    let file = programs::file_of(tx, &of).await?;
    Ok(PublicRound { of, file })
}

/// `/programs/{slug}/{round}`
pub async fn show(call: Call, Path((program, round)): Path<(String, String)>) -> Result<Response, AppError> {
    let mut reader = call.reader().await?;
    let tx = &mut reader.tx();
    let round = find(tx, &program, &round).await?;
    let amended = if round.of.round.rules_version() > 1 { amendments::approved_of(tx, round.id()).await? } else { Vec::new() };
    drop(reader);
    let (now, open) = (call.now, round.of.round.phase(call.now) == Phase::Open);
    let title = format!("{}, {}", round.of.program.name, round.of.round.name);
    let head = if open { Head::new(title).with_islands() } else { Head::new(title) };
    Ok(page(&call, head, move || body(&round, &amended, now)))
}

fn body(shown: &PublicRound, amended: &[Amendment], now: Timestamp) -> impl IntoView + use<> {
    let PublicRound { of, file } = shown;
    let rules = rules(file, &of.file_sha256);
    let amount = Money::sum(file.paying().map(|money| money.amount)).unwrap_or(of.amount).to_string();
    let mut way = shown.way();
    way.truncate(2);
    view! {
        {crumbs(way, of.round.name.clone())}
        <h1>{of.program.name.clone()}", "{of.round.name.clone()}</h1>
        <p class="al-lede">{of.program.summary.clone()}</p>
        <p>{phase_tag(&of.round, now)}" "{when(&of.round, now)}</p>
        {notices(shown, amended)}
        {shortcut(shown, now)}
        <div class="al-columns">
            <div>
                <div inner_html=String::from(&*rules)></div>
                {lots(shown, now)}
                {lock(shown)}
            </div>
            <aside aria-label="Apply, and key dates">
                {apply(shown, now)}
                {dates(&of.round, file.agency.contact.as_deref(), now)}
                <dl class="al-facts">
                    {fact("Amount", amount)}
                    {fact("Agency", format!("{} ({})", file.agency.name, file.agency.short_name))}
                    {fact("Fiscal agent", file.agency.fiscal_agent.clone())}
                </dl>
            </aside>
        </div>
    }
}

/// The seed of the lots: while the round is open only its hash, after the close the seed, by which anybody can check the hash.
fn lots(shown: &PublicRound, now: Timestamp) -> Option<AnyView> {
    let (sha256, seed) = match shown.of.round.lots(shown.file.round.seed.is_some(), now) {
        Lots::Published(_) | Lots::ToBeDrawn => return None,
        Lots::Committed { sha256 } => (sha256, None),
        Lots::Revealed { seed, sha256 } => (sha256, Some(seed.to_owned())),
    };
    let said = match seed {
        None => view! { <p>"The seed was drawn when the round opened. It is shown here when the round has closed; until then nobody can know how a tie would end."</p> }
            .into_any(),
        Some(seed) => view! { <p>"The seed, drawn when the round opened and shown since it closed:"</p> <p class="al-hash">{seed}</p> }.into_any(),
    };
    Some(
        view! {
            <section aria-labelledby="lots">
                <h2 id="lots">"The seed of the lots"</h2>
                {said}
                <p>"Its SHA-256, public since the opening, so that it can’t be exchanged:"</p>
                <p class="al-hash">{sha256}</p>
            </section>
        }
        .into_any(),
    )
}

/// On a phone the box beside the rules stands below them, so the way in stands above them too.
fn shortcut(shown: &PublicRound, now: Timestamp) -> Option<impl IntoView + use<>> {
    (shown.of.round.phase(now) == Phase::Open).then(|| {
        view! { <p class="al-actions"><a class="usa-button usa-button--outline" href=format!("/apply/start/{}", shown.of.round.id)>"Start an application"</a></p> }
    })
}

fn apply(shown: &PublicRound, now: Timestamp) -> impl IntoView + use<> {
    let round = &shown.of.round;
    let deadline = round.deadline();
    let inner = match round.phase(now) {
        Phase::NotOpened => {
            let from = round.opens_at.say_in(round.zone);
            view! { <h2>"Opens soon"</h2><p>"Applications are taken from "<strong>{from}</strong>" to "<strong>{deadline}</strong>"."</p> }
                .into_any()
        }
        Phase::Open => view! {
            <h2>"Apply until "{deadline}</h2>
            <p><Countdown left_seconds=round.seconds_left(now)/></p>
            <p>"The server’s clock decides; one second later the door is shut, so please don’t wait for the last one."</p>
            <p><a class="usa-button usa-button--big" href=format!("/apply/start/{}", round.id)>"Apply"</a></p>
        }
        .into_any(),
        Phase::Closed => {
            let results = match round.published(now) {
                Some(_) => {
                    view! { <p><a class="usa-button" href=format!("{}/results", shown.address())>"See the results"</a></p> }.into_any()
                }
                None => view! { <p>"Applications are being screened and ranked. The results will stand on this page."</p> }.into_any(),
            };
            view! { <h2>"Applications are closed"</h2><p>"This round closed "<strong>{deadline}</strong>"."</p>{results} }.into_any()
        }
    };
    view! { <div>{inner}</div> }
}

fn dates(round: &Round, contact: Option<&str>, now: Timestamp) -> impl IntoView + use<> {
    let say = |at: Timestamp| at.say_in(round.zone);
    let contact = contact.map(|contact| {
        let is_address = contact.contains('@') && !contact.contains(char::is_whitespace);
        let text = contact.to_owned();
        let words = if is_address { view! { <a href=format!("mailto:{contact}")>{text}</a> }.into_any() } else { text.into_any() };
        view! { <div><dt>"Questions to"</dt><dd>{words}</dd></div> }
    });
    let zone = format!("All times are those of the zone {}; daylight saving is taken into account.", round.zone.name());
    view! {
        <h2>"Key dates"</h2>
        <dl class="al-facts">
            {fact("Opens", say(round.opens_at))}
            {round.questions_until.map(|at| fact("Questions until", say(at)))}
            {contact}
            {fact("Closes", say(round.closes_at))}
            {round.award_on.map(|day| fact("Awards announced", say_date(day)))}
            {round.published(now).map(|at| fact("Results published", say(at)))}
        </dl>
        <p class="al-source">{zone}</p>
    }
}

fn lock(shown: &PublicRound) -> Option<impl IntoView + use<>> {
    let opened = shown.of.round.opened.as_ref()?;
    let address = shown.address();
    let on = opened.at.say_in(shown.of.round.zone);
    let since = match opened.version {
        1 => format!("Since {on}."),
        _ => format!("Since {on}; {} is in force.", opened.rules()),
    };
    Some(view! {
        <section aria-labelledby="lock">
            <h2 id="lock">"The rules are locked"</h2>
            <p>{since}" Nobody can change them silently, not even the agency: an amendment is a new version, approved by a second person, and stands here with its reason. The fingerprint (SHA-256) is:"</p>
            <p><code class="al-hash">{opened.sha256.clone()}</code></p>
            <p>
                "To check it yourself, download "<a href=format!("{address}/file.json")>"the rules in canonical form"</a>
                " and run "<code>"sha256sum file.json"</code>" (Mac: "<code>"shasum -a 256 file.json"</code>", Windows: "
                <code>"certutil -hashfile file.json SHA256"</code>"). The same letters and digits mean the same rules. "
                <a href=format!("{address}/file")>"The program file as people read it"</a>" (TOML). "
                <a href=format!("{address}/rules")>"Every version of the rules"</a>
            </p>
        </section>
    })
}
