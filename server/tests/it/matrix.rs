//! The access matrix on real rows: the whole demonstration, every door with a record in it, every role once in the organization that the
//! record belongs to and once in another. And how many statements the demonstration's pages take.

use crate::app::{START, TestApp, Visitor};
use domain::access::{Action, Actor, Membership, OrganizationKind, Role, Subject};
use domain::{InvitationId, OrganizationId};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use store::On;
use uuid::Uuid;

/// The demonstration with the records that doors are filled with, and whose they are.
struct Demo {
    app: TestApp,
    agency: OrganizationId,
    records: BTreeMap<&'static str, Record>,
}

#[derive(Clone)]
struct Record {
    /// As it stands in the path.
    named: String,
    /// The applicant or the recipient, where there is one.
    owner: Option<OrganizationId>,
}

async fn row(app: &TestApp, sql: &'static str) -> (String, Option<Uuid>) {
    let mut reader = app.desk.db.reader().await.unwrap();
    let tx = reader.tx();
    let On::Sqlite(conn) = tx.on else { panic!("these tests run on SQLite") };
    let found = sqlx::query_as::<_, (String, Option<Uuid>)>(sql).fetch_optional(conn).await;
    found.unwrap().unwrap_or_else(|| panic!("the demonstration has no row for: {sql}"))
}

/// What each record is read by. Ids are text in the path and bytes in the file.
const RECORDS: [(&str, &str); 24] = [
    ("finished", "SELECT lower(hex(id)), NULL FROM rounds WHERE slug = '2023-24'"),
    ("open", "SELECT lower(hex(id)), NULL FROM rounds WHERE slug = '2024-25'"),
    ("panel", "SELECT lower(hex(id)), NULL FROM rounds WHERE slug = '2024-bridge'"),
    (
        "paneled",
        "SELECT lower(hex(a.id)), a.applicant FROM applications a JOIN rounds r ON r.id = a.round
         WHERE r.slug = '2024-bridge' ORDER BY a.number LIMIT 1",
    ),
    ("review", "SELECT lower(hex(id)), NULL FROM panel_reviews ORDER BY id LIMIT 1"),
    ("finished slug", "SELECT slug, NULL FROM rounds WHERE slug = '2023-24'"),
    ("program", "SELECT p.slug, NULL FROM programs p JOIN rounds r ON r.program = p.id WHERE r.slug = '2023-24'"),
    ("number", "SELECT a.number, NULL FROM applications a JOIN rounds r ON r.id = a.round WHERE r.slug = '2023-24' ORDER BY 1 LIMIT 1"),
    (
        "told",
        "SELECT lower(hex(a.id)), a.applicant FROM applications a JOIN rounds r ON r.id = a.round
         WHERE r.slug = '2023-24' ORDER BY a.number LIMIT 1",
    ),
    (
        "submitted",
        "SELECT lower(hex(a.id)), a.applicant FROM applications a JOIN rounds r ON r.id = a.round
         WHERE r.slug = '2024-25' AND a.status = 'submitted' ORDER BY a.number LIMIT 1",
    ),
    ("draft", "SELECT lower(hex(id)), applicant FROM applications WHERE status = 'draft' ORDER BY id LIMIT 1"),
    (
        "contest",
        "SELECT lower(hex(c.id)), a.applicant FROM fact_contests c JOIN applications a ON a.id = c.application WHERE c.state = 'open' LIMIT 1",
    ),
    (
        "file",
        "SELECT lower(hex(f.id)), a.applicant FROM files f JOIN applications a ON a.id = f.application JOIN rounds r ON r.id = a.round
         WHERE r.slug = '2023-24' ORDER BY f.id LIMIT 1",
    ),
    ("draw", "SELECT lower(hex(d.id)), w.recipient FROM draws d JOIN awards w ON w.id = d.award WHERE d.status = 'requested' LIMIT 1"),
    ("award", "SELECT lower(hex(id)), recipient FROM awards ORDER BY number LIMIT 1"),
    ("report", "SELECT lower(hex(q.id)), w.recipient FROM reports q JOIN awards w ON w.id = q.award WHERE q.status = 'draft' LIMIT 1"),
    ("appropriation", "SELECT lower(hex(appropriation)), NULL FROM rounds WHERE slug = '2023-24'"),
    ("allocation", "SELECT lower(hex(l.id)), NULL FROM allocations l JOIN rounds r ON r.id = l.round WHERE r.slug = '2023-24'"),
    ("amendment", "SELECT lower(hex(id)), NULL FROM amendments LIMIT 1"),
    ("appeal", "SELECT lower(hex(id)), NULL FROM appeals LIMIT 1"),
    ("appealed", "SELECT lower(hex(a.id)), a.applicant FROM appeals p JOIN applications a ON a.id = p.application LIMIT 1"),
    (
        "membership",
        "SELECT lower(hex(m.id)), NULL FROM memberships m JOIN programs p ON p.agency = m.organization JOIN rounds r ON r.program = p.id
         WHERE m.role = 'approver' AND r.slug = '2023-24' LIMIT 1",
    ),
    (
        "accepted",
        "SELECT lower(hex(a.id)), a.applicant FROM acceptances c JOIN applications a ON a.id = c.application ORDER BY a.number LIMIT 1",
    ),
    ("district", "SELECT nces_id, id FROM organizations WHERE nces_id = '2803030'"),
];

impl Demo {
    async fn new() -> Self {
        let app = TestApp::demo().await;
        app.desk.clock.shift(server::demo::BEGINS - START);
        server::demo::load(&app.desk).await.unwrap();
        let agency: OrganizationId = server::demo::id("agency");
        let mut records = BTreeMap::new();
        for (name, sql) in RECORDS {
            let (named, owner) = row(&app, sql).await;
            records.insert(name, Record { named, owner: owner.map(OrganizationId) });
        }
        let manager = app.sign_in_as(Role::ProgramManager, agency).await;
        let invitation: InvitationId = ::app::call::mint(app.now());
        let call = app.call_as(&manager).await;
        ::app::account::work::people::give(&call, invitation, "new@example.org", agency, Role::Auditor).await.unwrap();
        records.insert("invitation", Record { named: invitation.to_string(), owner: None });
        Self { app, agency, records }
    }

    fn named(&self, record: &str) -> &str {
        &self.records[record].named
    }

    /// The record that a parameter of a door stands for.
    fn record(&self, path: &str, parameter: &str) -> &'static str {
        match parameter {
            "slug" | "program" => "program",
            "round" if path.starts_with("/programs/") => "finished slug",
            "round" if path.starts_with("/apply/start/") => "open",
            "round" if is_of_a_panel(path) => "panel",
            "round" => "finished",
            "number" => "number",
            "application" if path.starts_with("/decide/") => "told",
            "application" if is_in_law(path) => "accepted",
            "application" if ["/sections/", "/letters", "/check", "/ask"].iter().any(|part| path.contains(part)) => "draft",
            "application" if path.ends_with("/appeal/record.json") => "appealed",
            "application" if path.ends_with("/withdraw") => "submitted",
            "application" if is_of_a_panel(path) => "paneled",
            "review" => "review",
            "application" | "id" => "told",
            "file" => "file",
            "contest" => "contest",
            "draw" => "draw",
            "award" => "award",
            "report" => "report",
            "appropriation" => "appropriation",
            "appeal" => "appeal",
            // The demonstration has no money laid out again: this is the id of none.
            "refill" => "appeal",
            "membership" => "membership",
            "amendment" => "amendment",
            "invitation" => "invitation",
            // An id is minted with the form, so any will do.
            "scenario" => "allocation",
            other => panic!("{path}: the matrix has no record for {{{other}}}"),
        }
    }

    /// A door's address with real records in it, and whose they are.
    fn fill(&self, path: &str) -> (String, Option<OrganizationId>) {
        let mut owner = None;
        let parts = path.split('/').map(|part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            None => part.to_owned(),
            Some("section") => "need".to_owned(),
            Some("key") => "child_poverty_rate".to_owned(),
            Some("what") => "awarded".to_owned(),
            Some("version") => "1".to_owned(),
            Some("noun") => "application".to_owned(),
            Some(parameter) => {
                let record = &self.records[self.record(path, parameter)];
                owner = owner.or(record.owner);
                record.named.clone()
            }
        });
        let address = parts.collect::<Vec<_>>().join("/");
        // Staff's own pages show them no applicant's side.
        (address, owner.filter(|_| !path.starts_with("/review/") && !path.starts_with("/audit/")))
    }

    /// The agency of a door's record.
    fn agency_of(&self, path: &str) -> OrganizationId {
        if is_in_law(path) { server::demo::id("mde") } else { self.agency }
    }

    /// The organization in which a role is held for a record of this owner: its own, or another that has no part in it.
    fn home(&self, role: Role, path: &str, owner: Option<OrganizationId>, own: bool) -> OrganizationId {
        match (role.held_in()[0], own) {
            (OrganizationKind::Agency, true) => self.agency_of(path),
            (OrganizationKind::Region, true) => owner.or(self.records["award"].owner).unwrap(),
            (_, true) => owner.or(self.records["district"].owner).unwrap(),
            (_, false) => self.app.elsewhere_for(role),
        }
    }
}

/// Doors whose record is whatever organization the person themselves brings along, or none.
fn is_loose(path: &str) -> bool {
    !path.contains('{') || path.starts_with("/apply/start/")
}

/// Doors of an application that a law names.
fn is_in_law(path: &str) -> bool {
    path.contains("/terms")
}

/// Doors whose record is a draft here, which staff do not read.
fn is_a_drafts(path: &str) -> bool {
    path == "/apply/{application}/check"
}

/// Doors of a round's panel.
fn is_of_a_panel(path: &str) -> bool {
    path.starts_with("/review/panel/")
        || ["/panel", "/desk", "/conflicts"].iter().any(|part| path.starts_with("/review/{round}") && path.contains(part))
}

/// Doors that ask for more than a role: to be on the panel, to lead it, to have this very review on the desk.
fn is_personal(path: &str) -> bool {
    is_of_a_panel(path) || path.starts_with("/review/desk/{review}")
}

/// Documents of what the demo has none of: an offer from the waiting list, a ruling that put numbers right.
fn has_none(path: &str) -> bool {
    ["/refills/{refill}/allocation.json", "/appeals/{appeal}/ranking.json", "/appeals/{appeal}/allocation.json"].contains(&path)
}

#[tokio::test]
async fn every_role_meets_every_door_with_its_own_record_and_with_anothers() {
    let demo = Demo::new().await;
    let mut visitors: BTreeMap<(Role, OrganizationId), Visitor> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut warned = BTreeSet::new();
    let (mut allowed, mut refused) = (0, 0);
    for door in demo.app.doors.iter().filter(|door| !door.path.starts_with("/sign-")) {
        let (address, owner) = demo.fill(door.path);
        let on = Subject { agency: Some(demo.agency_of(door.path)), owner };
        for (role, own) in Role::ALL.into_iter().flat_map(|role| [(role, true), (role, false)]) {
            let home = demo.home(role, door.path, owner, own);
            if let Entry::Vacant(place) = visitors.entry((role, home)) {
                place.insert(demo.app.sign_in_as(role, home).await);
            }
            let who = &visitors[&(role, home)];
            let membership = Membership { organization: home, organization_name: String::new(), kind: role.held_in()[0], role };
            let actor = Actor { person: Some(who.person), memberships: vec![membership], ..Actor::default() };
            let may = if is_loose(door.path) { actor.must_somewhere(door.action) } else { actor.must(door.action, on) };
            // A form that is refused names a version that never was: were the door open by mistake, nothing would be written.
            let id = ::app::call::mint::<Uuid>(demo.app.now()).to_string();
            let stale = [("id", &*id), ("submission", &*id), ("allocation", demo.named("allocation")), ("version", "999999")];
            let asked: &[(&str, &str)] = if may.is_ok() { &[] } else { &stale };
            let answer = if door.method == "GET" {
                demo.app.get(&address, Some(who)).await
            } else {
                demo.app.post(&address, Some(who), asked).await
            };
            let status = answer.status;
            if answer.body.contains("You will be signed out at") {
                warned.insert(door.path);
            }
            let good = match (may.is_ok(), door.method) {
                (true, "GET") if is_personal(door.path) && role == Role::Reviewer => status == 403 || status == 404,
                (true, "GET") if is_a_drafts(door.path) && role.held_in()[0] == OrganizationKind::Agency => status == 404,
                (true, "GET") if has_none(door.path) => status == 404,
                (true, "GET") if is_loose(door.path) && !own => status < 500 && status != 403,
                (true, "GET") => status == 200,
                (true, _) => status < 500,
                (false, _) => status == 403 || status == 404,
            };
            (allowed, refused) = (allowed + u32::from(may.is_ok()), refused + u32::from(may.is_err()));
            if !good {
                let whose = if own { "own" } else { "another's" };
                wrong.push(format!("{} {} ({address}), {role:?}, {whose}: {status}, and the table says {may:?}", door.method, door.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(allowed > 300 && refused > 700, "{allowed} allowed and {refused} refused: is this the whole matrix?");
    let silent: Vec<_> = FORMS.iter().filter(|door| !warned.contains(*door)).collect();
    assert!(silent.is_empty(), "these do not say when the session ends, or show no form: {silent:?}");
}

/// Changes when another connection has written to the file since the last look through this one.
async fn version_of_the_file(tx: &mut store::Tx<'_>) -> i64 {
    let On::Sqlite(conn) = &mut tx.on else { panic!("these tests run on SQLite") };
    sqlx::query_as::<_, (i64,)>("PRAGMA data_version").fetch_one(&mut **conn).await.unwrap().0
}

#[tokio::test]
async fn whoever_holds_every_role_elsewhere_reaches_no_record_that_is_there_and_writes_nothing() {
    let demo = Demo::new().await;
    let all = demo.app.sign_in_as(Role::ProgramManager, demo.app.other_agency).await;
    for role in Role::ALL {
        demo.app.give(all.person, role, demo.app.elsewhere_for(role)).await;
    }
    let mut reader = demo.app.desk.db.reader().await.unwrap();
    let mut tx = reader.tx();
    let before = version_of_the_file(&mut tx).await;
    let id = ::app::call::mint::<Uuid>(demo.app.now()).to_string();
    // What each form asks for, as it would be taken from whoever may send it.
    let filled = [
        ("id", id.as_str()),
        ("submission", &id),
        ("allocation", demo.named("allocation")),
        ("version", "1"),
        ("sure", "yes"),
        ("stated", "yes"),
        ("signature", "A. Stranger"),
        ("reason", "A reason."),
        ("question", "Why?"),
        ("amount", "1.00"),
        ("purpose", "Salaries"),
        ("paid_on", "2024-04-01"),
        ("reference", "W-1"),
        ("eligible", "yes"),
        ("eligible_reason", "A reason."),
        ("upheld", "yes"),
    ];
    let mut asked = 0;
    let public = |action: Action| matches!(action, Action::ReadPublic | Action::SignIn | Action::UseDemo);
    for door in demo.app.doors.iter().filter(|door| !is_loose(door.path) && !public(door.action)) {
        let (address, _) = demo.fill(door.path);
        let answer = match door.method {
            "GET" => demo.app.get(&address, Some(&all)).await,
            _ => demo.app.post(&address, Some(&all), &filled).await,
        };
        assert!(matches!(answer.status, 403 | 404), "{} {address}: {}", door.method, answer.status);
        assert_eq!(version_of_the_file(&mut tx).await, before, "{} {address} wrote", door.method);
        asked += 1;
    }
    assert!(asked > 80, "{asked} doors with a record");
    demo.app.person("Somebody", "somebody@example.org").await;
    assert_ne!(version_of_the_file(&mut tx).await, before, "a write would have been seen");
}

/// Pages that show a form, as the demonstration stands, and so say when the session ends; every page of every test is looked at for it, too
/// ([`crate::app::Answer::look_for_the_sessions_end`]).
const FORMS: [&str; 9] = [
    "/account",
    "/people",
    "/apply/{application}/sections/{section}",
    "/apply/{application}/letters",
    "/apply/{application}/decline",
    "/fund/awards/{award}/draw",
    "/report/{report}",
    "/review/panel/{application}",
    "/manage/import",
];

#[tokio::test]
async fn a_stranger_sees_the_finished_rounds_results_and_nobodys_record() {
    let demo = Demo::new().await;
    for door in demo.app.doors.iter().filter(|door| !door.path.starts_with("/sign-")) {
        let (address, _) = demo.fill(door.path);
        let answer = if door.method == "GET" { demo.app.get(&address, None).await } else { demo.app.post(&address, None, &[]).await };
        if door.action == Action::ReadPublic {
            assert_eq!(answer.status, 200, "{address}");
        } else if door.action != Action::UseDemo {
            assert!(answer.status == 303 && answer.location().starts_with("/sign-in?to="), "{} {address}: {}", door.method, answer.status);
        }
    }
    let budget = Budgets::of(demo).await;
    assert!(budget.over.is_empty(), "over their budget: {:?}\nall: {:#?}", budget.over, budget.taken);
}

/// What the demonstration's pages took.
struct Budgets {
    taken: Vec<String>,
    over: Vec<String>,
}

impl Budgets {
    async fn of(demo: Demo) -> Self {
        let manager = demo.app.sign_in_as(Role::ProgramManager, demo.agency).await;
        let auditor = demo.app.sign_in_as(Role::Auditor, demo.agency).await;
        let of = |record: &str| demo.records[record].owner.unwrap();
        let applicant = demo.app.sign_in_as(Role::Certifier, of("draft")).await;
        let told = demo.app.sign_in_as(Role::Certifier, of("told")).await;
        let region = demo.app.sign_in_as(Role::RegionalCertifier, of("report")).await;
        let drawer = demo.app.sign_in_as(Role::RegionalPreparer, of("award")).await;
        let [finished, open, slug, program, panel] =
            ["finished", "open", "finished slug", "program", "panel"].map(|record| demo.named(record));
        // Somebody who sits on two panels is shown both; the demo's sit on one and are led straight to it.
        let noah = server::demo::id("person noah.lindqvist@demo.invalid");
        let sitting = demo.app.session_of(noah, "noah.lindqvist@demo.invalid").await;
        let reviews = store::panels::desk_of(&mut demo.app.desk.db.reader().await.unwrap().tx(), noah).await.unwrap();
        let accepted = demo.app.sign_in_as(Role::Certifier, of("accepted")).await;
        let own_sheet = reviews.iter().find(|review| review.stage == domain::panel::Stage::HandedIn).unwrap().id;
        let public = format!("/programs/{program}/{slug}");
        let draft = format!("/apply/{}", demo.named("draft"));
        let (list, form, detail) = (6, 4, 12);
        let pages: Vec<(String, Option<&Visitor>, u64)> = vec![
            ("/".to_owned(), None, list),
            (format!("/programs/{program}"), None, list),
            (public.clone(), None, detail),
            (format!("{public}/results"), None, detail),
            (format!("{public}/results/{}", demo.named("number")), None, detail),
            (format!("{public}/results/{}/why", demo.named("number")), None, detail),
            (format!("{public}/replay"), None, detail),
            (format!("{public}/decision.json"), None, detail),
            (format!("/review/{finished}/why/{}", demo.named("number")), Some(&manager), detail),
            (format!("/apply/{}/why", demo.named("told")), Some(&told), detail),
            (format!("/bench/{finished}"), Some(&manager), detail),
            (format!("/bench/{finished}/slow"), Some(&manager), detail),
            (format!("/bench/{finished}/compare"), Some(&manager), detail),
            (format!("/decide/{finished}/equity"), Some(&manager), detail),
            (format!("{public}/money/awarded"), None, list),
            (format!("{public}/money/drawn"), None, list),
            ("/home".to_owned(), Some(&manager), list),
            ("/people".to_owned(), Some(&manager), list),
            ("/manage".to_owned(), Some(&manager), list),
            (format!("/manage/{program}"), Some(&manager), list),
            (format!("/manage/rounds/{open}"), Some(&manager), detail),
            ("/review".to_owned(), Some(&manager), list),
            (format!("/review/{finished}"), Some(&manager), list),
            (format!("/review/{open}"), Some(&manager), list),
            (format!("/review/{finished}/ranking"), Some(&manager), detail),
            (format!("/review/applications/{}", demo.named("told")), Some(&manager), detail),
            (format!("/review/{panel}"), Some(&manager), list),
            (format!("/review/{panel}/panel"), Some(&manager), detail),
            (format!("/review/{panel}/panel/spread"), Some(&manager), detail),
            (format!("/review/{panel}/ranking"), Some(&manager), detail),
            (format!("/review/panel/{}", demo.named("paneled")), Some(&manager), detail),
            (format!("/review/applications/{}", demo.named("paneled")), Some(&manager), detail),
            ("/review/desk".to_owned(), Some(&sitting), list),
            (format!("/review/{panel}/desk"), Some(&sitting), list),
            (format!("/review/{panel}/conflicts"), Some(&sitting), detail),
            (format!("/review/{panel}/desk/scores"), Some(&sitting), detail),
            (format!("/review/{panel}/desk/scores.xlsx"), Some(&sitting), detail),
            (format!("/review/{finished}/scores"), Some(&manager), detail),
            (format!("/review/{finished}/scores.xlsx"), Some(&manager), detail),
            (format!("/review/desk/{own_sheet}"), Some(&sitting), detail),
            (format!("/review/desk/{own_sheet}/discussion"), Some(&sitting), detail),
            ("/decide".to_owned(), Some(&manager), list),
            (format!("/decide/{finished}"), Some(&manager), detail),
            (format!("/decide/{finished}/packet"), Some(&manager), detail),
            (format!("/decide/{finished}/letters"), Some(&manager), detail),
            (format!("/decide/{finished}/waitlist"), Some(&manager), detail),
            (format!("/decide/{finished}/appeals"), Some(&manager), list),
            (format!("/appeals/{}", demo.named("appeal")), Some(&manager), detail),
            (format!("/apply/{}/terms", demo.named("accepted")), Some(&accepted), form),
            (format!("/apply/{}", demo.named("accepted")), Some(&accepted), form + 1),
            ("/fund".to_owned(), Some(&manager), list),
            (format!("/fund/draws/{}", demo.named("draw")), Some(&manager), detail),
            (format!("/fund/awards/{}", demo.named("award")), Some(&manager), detail),
            (format!("/fund/awards/{}/draw", demo.named("award")), Some(&drawer), form),
            ("/report".to_owned(), Some(&manager), list),
            (format!("/report/{}", demo.named("report")), Some(&region), detail),
            ("/audit".to_owned(), Some(&auditor), list),
            (format!("/audit/application/{}", demo.named("told")), Some(&auditor), detail),
            (format!("/audit/ledger/{}", demo.named("appropriation")), Some(&auditor), list),
            ("/apply".to_owned(), Some(&applicant), list),
            (draft.clone(), Some(&applicant), form),
            (format!("{draft}/sections/need"), Some(&applicant), form),
            (format!("{draft}/sections/district"), Some(&applicant), form),
            (format!("{draft}/letters"), Some(&applicant), form),
            (format!("{draft}/check"), Some(&applicant), form),
            (format!("{draft}/figures"), Some(&applicant), detail),
            (format!("{draft}/figures/child_poverty_rate"), Some(&applicant), detail),
            (format!("/review/{open}/contests"), Some(&manager), list),
            (format!("/review/contests/{}", demo.named("contest")), Some(&manager), detail),
            (format!("/apply/{}/receipt", demo.named("told")), Some(&told), detail),
            (format!("/apply/{}/outcome", demo.named("told")), Some(&told), detail),
            (format!("/apply/{}/letter", demo.named("told")), Some(&told), detail),
            (format!("/apply/{}/appeal", demo.named("told")), Some(&told), detail),
            (format!("/apply/{}/decline", demo.named("told")), Some(&told), detail),
        ];
        let mut budgets = Self { taken: Vec::new(), over: Vec::new() };
        for (page, who, most) in pages {
            let before = store::statements_on_this_thread();
            let status = demo.app.get(&page, who).await.status;
            let taken = store::statements_on_this_thread() - before;
            assert!(status == 200 || (status == 303 && page == "/review/desk"), "{page}: {status}");
            budgets.note(&page, taken, most);
        }
        budgets.submit(&demo).await;
        budgets
    }

    fn note(&mut self, page: &str, taken: u64, most: u64) {
        let line = format!("{taken} of {most}: {page}");
        if taken == 0 || taken > most {
            self.over.push(line.clone());
        }
        self.taken.push(line);
    }

    /// A draw's request by its page: identify, load, decide, record, with its event and its messages.
    async fn submit(&mut self, demo: &Demo) {
        let award = &demo.records["award"];
        let drawer = demo.app.sign_in_as(Role::RegionalPreparer, award.owner.unwrap()).await;
        let id = ::app::call::mint::<Uuid>(demo.app.now()).to_string();
        let fields = [("id", id.as_str()), ("amount", "1.00"), ("purpose", "A test."), ("version", "0")];
        let address = format!("/fund/awards/{}/draw", award.named);
        let before = store::statements_on_this_thread();
        let answer = demo.app.post(&address, Some(&drawer), &fields).await;
        let taken = store::statements_on_this_thread() - before;
        assert_eq!(answer.status, 303, "{}", answer.body);
        self.note(&format!("POST {address}"), taken, 12);
    }
}
