//! A round's whole machine, driven through the use cases: at each station every act is tried, and what moves is what docs/STATES.md draws.

use crate::amendments::sign;
use crate::app::START;
use crate::diagrams;
use crate::road::{Road, apply};
use ::app::call::mint;
use ::app::decide::work::{self as deciding, Release};
use ::app::manage::work as managing;
use ::app::review::work::{self as reviewing, Board};
use domain::AmendmentId;
use domain::access::Role;
use domain::program::ProgramFile;
use domain::round::Phase;
use std::collections::BTreeSet;
use store::{approvals, awards};

const STEPS: &str = r#"
[[approvals]]
name = "Program approval"
role = "approver"
citation = "Test."

[[approvals]]
name = "Concurrence"
role = "fiscal_agent"
citation = "Test."
"#;

/// What a person can do; what the clock does comes beside it.
const ACTS: [&str; 9] = [
    "open the round",
    "amend the rules",
    "freeze the ranking",
    "propose the allocation",
    "return",
    "approve",
    "tell the applicants",
    "publish the results",
    "hold back",
];

/// Where a round stands, and what else an act of its machine changes: the version of its rules, and the steps signed.
type Trace = (&'static str, u32, usize);

/// A round with the arrows that were found so far.
struct Machine {
    road: Road,
    fiscal: crate::app::Visitor,
    found: BTreeSet<(String, String, String)>,
    release: Release,
}

impl Machine {
    async fn trace(&self) -> Trace {
        let mut reader = self.road.app.desk.db.reader().await.unwrap();
        let mut tx = reader.tx();
        let board = Board::load(&mut tx, self.road.round).await.unwrap();
        let outcomes = awards::outcomes(&mut tx, self.road.round).await.unwrap();
        let told = !outcomes.is_empty() && outcomes.iter().all(|outcome| outcome.told_at.is_some());
        let signed = approvals::list_of_round(&mut tx, self.road.round).await.unwrap();
        let live = board.progress.allocation;
        let station = match (&board.of.round, board.of.round.phase(self.road.app.now())) {
            (round, _) if round.opened.is_none() => "imported",
            (round, _) if round.published_at.is_some() => "published",
            _ if told => "told",
            (_, Phase::NotOpened) => "locked",
            (_, Phase::Open) => "open",
            (_, Phase::Closed) => match (board.progress.ranking, live) {
                (None, _) => "closed",
                (Some(_), None) => "ranked",
                (Some(_), Some(live)) if live.approved => "approved",
                (Some(_), Some(_)) => "proposed",
            },
        };
        let signed = signed.iter().filter(|step| live.is_some_and(|live| step.allocation == live.id.0)).count();
        (station, board.of.round.rules_version(), signed)
    }

    /// Tries an act by whoever may do it; what it refuses is no arrow.
    async fn act(&mut self, act: &str) {
        let before = self.trace().await;
        let (round, manager) = (self.road.round, self.road.call(&self.road.manager).await);
        let live = {
            let mut reader = self.road.app.desk.db.reader().await.unwrap();
            let mut tx = reader.tx();
            match Board::load(&mut tx, round).await.unwrap().progress.allocation {
                Some(live) => store::allocations::find(&mut tx, live.id).await.unwrap(),
                None => None,
            }
        };
        let signer = if before.2 == 0 { &self.road.approver } else { &self.fiscal };
        let signer = self.road.call(signer).await;
        let _refused_or_not = match (act, live) {
            ("open the round", _) => {
                let mut reader = self.road.app.desk.db.reader().await.unwrap();
                let version = store::programs::find_round(&mut reader.tx(), round).await.unwrap().unwrap().version;
                drop(reader);
                managing::open_round(&manager, round, version).await.map(drop)
            }
            ("amend the rules", _) => {
                self.amend().await;
                Ok(())
            }
            ("freeze the ranking", _) => reviewing::freeze(&manager, round, mint(manager.now)).await,
            ("propose the allocation", _) => deciding::propose(&manager, round, mint(manager.now)).await,
            ("return", Some(live)) => deciding::return_it(&signer, live.id.into(), "Look again.", live.version).await,
            ("approve", Some(live)) => deciding::approve(&signer, live.id.into(), live.version).await,
            ("tell the applicants", _) => deciding::tell(&manager, round, &self.release).await.map(drop),
            ("publish the results", _) => deciding::publish(&manager, round, &self.release).await,
            ("hold back", _) => deciding::hold_back(&manager, round).await,
            _ => Ok(()),
        };
        let after = self.trace().await;
        let verb = match act {
            "approve" if after.0 == "approved" => "approve the last step",
            "approve" => "approve a step",
            other => other,
        };
        if before != after {
            self.found.insert((before.0.to_owned(), verb.to_owned(), after.0.to_owned()));
        }
    }

    /// Proposes a change of one word and approves it, where that is let through.
    async fn amend(&self) {
        let road = &self.road;
        let text = road.changed(&[("No coach goes first", "No coach goes first of all")]).await;
        let sha256 = ProgramFile::parse(&text).unwrap().sha256().unwrap();
        let id: AmendmentId = mint(road.app.now());
        if road.send(&road.manager, id, &text, &sha256).await.status == 303 {
            assert_eq!(sign(road, &road.approver, id).await, 303);
        }
    }

    /// Tries every act but these, which are drawn from here: nothing else moves.
    async fn nothing_but(&mut self, drawn: &[&str]) {
        let before = (self.trace().await, self.found.len());
        for act in ACTS.into_iter().filter(|act| !drawn.contains(act)) {
            self.act(act).await;
            assert_eq!((self.trace().await, self.found.len()), before, "{act} in {before:?}");
        }
    }

    async fn acts(&mut self, acts: &[&str]) {
        for act in acts {
            self.act(act).await;
        }
    }

    async fn clock(&mut self, seconds: i64, verb: &str) {
        let before = self.trace().await;
        self.road.pass(seconds).await;
        let after = self.trace().await;
        self.found.insert((before.0.to_owned(), verb.to_owned(), after.0.to_owned()));
    }

    async fn screened(self) -> Self {
        Self { road: Road::screened_of(self.road).await, ..self }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_diagram_of_a_round_is_what_its_acts_and_its_clock_do() {
    let (road, districts) = Road::imported(STEPS, 0).await;
    // A month before the first day.
    road.pass(-45 * 86_400).await;
    let fiscal = road.app.sign_in_as(Role::FiscalAgent, road.app.agency).await;
    let at = |text: &str| Release::At(text.to_owned());
    let mut machine = Machine { road, fiscal, found: BTreeSet::new(), release: Release::Now };
    machine.nothing_but(&["open the round"]).await;
    machine.act("open the round").await;
    machine.nothing_but(&["amend the rules"]).await;
    machine.act("amend the rules").await;
    machine.clock(START - machine.road.app.now().unix(), "the opening's second has come").await;
    for district in districts {
        let application = apply(&machine.road.app, machine.road.round, district, "2").await;
        machine.road.applications.push(application);
    }
    machine.nothing_but(&["amend the rules"]).await;
    machine.act("amend the rules").await;
    machine.clock(6 * 86_400, "one second after the deadline").await;
    machine = machine.screened().await;
    machine.nothing_but(&["amend the rules", "freeze the ranking"]).await;
    machine.acts(&["amend the rules", "freeze the ranking"]).await;
    machine.nothing_but(&["propose the allocation"]).await;
    machine.act("propose the allocation").await;
    machine.nothing_but(&["return", "approve"]).await;
    machine.acts(&["return", "propose the allocation", "approve"]).await;
    machine.nothing_but(&["return", "approve"]).await;
    machine.act("approve").await;
    machine.nothing_but(&["tell the applicants"]).await;
    // It is April 7, noon, in Mississippi.
    machine.release = at("2024-04-07T13:00");
    machine.acts(&["tell the applicants", "hold back", "tell the applicants", "publish the results", "hold back"]).await;
    machine.release = Release::Now;
    machine.act("tell the applicants").await;
    machine.nothing_but(&["publish the results"]).await;
    machine.release = at("2024-04-07T13:00");
    machine.acts(&["publish the results", "hold back"]).await;
    machine.release = Release::Now;
    machine.act("publish the results").await;
    machine.nothing_but(&[]).await;

    let mut drawn = diagrams::arrows("round");
    drawn.retain(|(from, ..)| from != "[*]");
    assert_eq!(machine.found, drawn);
}
