//! The schema's steps, embedded. Common files run on both engines; triggers have a file for each.

use crate::db::migration;
use sqlx::migrate::Migration;

macro_rules! steps {
    ($($version:literal $name:literal $path:literal),* $(,)?) => {
        vec![$(migration($version, $name, include_str!(concat!("../../migrations/", $path)))),*]
    };
}

/// The steps for one engine, in order.
pub(crate) fn list(postgres: bool) -> Vec<Migration> {
    let mut steps = steps![
        1 "people" "0001_people.sql",
        2 "programs" "0002_programs.sql",
        3 "applications" "0003_applications.sql",
        4 "reviews" "0004_reviews.sql",
        5 "awards" "0005_awards.sql",
        6 "ledger" "0006_ledger.sql",
        7 "draws and reports" "0007_draws_and_reports.sql",
        8 "events" "0008_events.sql",
    ];
    steps.extend(if postgres { steps![9 "guards" "postgres/0009_guards.sql"] } else { steps![9 "guards" "sqlite/0009_guards.sql"] });
    steps.extend(steps![10 "scenarios" "0010_scenarios.sql"]);
    steps.extend(steps![12 "panels" "0012_panels.sql"]);
    steps.extend(steps![13 "contests" "0013_contests.sql"]);
    steps.extend(if postgres {
        steps![14 "panel history" "postgres/0014_panel_history.sql"]
    } else {
        steps![14 "panel history" "sqlite/0014_panel_history.sql"]
    });
    // Tables, and what keeps some of them only added.
    let decisions = if postgres {
        concat!(include_str!("../../migrations/0011_decisions.sql"), include_str!("../../migrations/postgres/0011_decisions.sql"))
    } else {
        concat!(include_str!("../../migrations/0011_decisions.sql"), include_str!("../../migrations/sqlite/0011_decisions.sql"))
    };
    steps.push(migration(11, "decisions", decisions));
    let named = if postgres {
        concat!(include_str!("../../migrations/0015_named_in_law.sql"), include_str!("../../migrations/postgres/0015_named_in_law.sql"))
    } else {
        concat!(include_str!("../../migrations/0015_named_in_law.sql"), include_str!("../../migrations/sqlite/0015_named_in_law.sql"))
    };
    steps.push(migration(15, "named in law", named));
    let amendments = if postgres {
        concat!(include_str!("../../migrations/0016_amendments.sql"), include_str!("../../migrations/postgres/0016_amendments.sql"))
    } else {
        concat!(include_str!("../../migrations/0016_amendments.sql"), include_str!("../../migrations/sqlite/0016_amendments.sql"))
    };
    steps.push(migration(16, "amendments", amendments));
    steps.extend(if postgres {
        steps![17 "panel notes" "postgres/0017_panel_notes.sql"]
    } else {
        steps![17 "panel notes" "sqlite/0017_panel_notes.sql"]
    });
    steps.extend(steps![18 "appeals put right" "0018_appeals_put_right.sql", 19 "facts' rows" "0019_facts_rows.sql"]);
    let pots = if postgres {
        concat!(include_str!("../../migrations/0020_pots.sql"), include_str!("../../migrations/postgres/0020_pots.sql"))
    } else {
        concat!(include_str!("../../migrations/0020_pots.sql"), include_str!("../../migrations/sqlite/0020_pots.sql"))
    };
    steps.push(migration(20, "pots", pots));
    steps.extend(steps![21 "memberships by person" "0021_memberships_by_person.sql", 22 "later years" "0022_later_years.sql"]);
    steps
}
