//! A second program, of another agency: five partnerships that a law names, in a small finished round. Four have their awards; one was found
//! eligible and has not accepted the terms yet. The split, the round and what the five say are synthetic.

use super::cast::Player;
use super::ground::{add_person, plain, player};
use super::{at, id};
use app::apply::terms::{TermsInput, accept_terms};
use app::apply::work as applying;
use app::call::Desk;
use app::error::AppError;
use app::review::work::{DecisionInput, decide_eligibility};
use app::{decide, review};
use domain::access::{OrganizationKind, Role};
use domain::answers::SectionAnswers;
use domain::{ApplicationId, RoundId, Timestamp};
use store::organizations::{self, Organization};
use store::{Tx, memberships};

const FILE: &str = include_str!("../../../programs/minnesota-education-partnerships.toml");

/// What the demo replaces in the file: its two years, so that the awards are about as old as the demo's others; and the districts by their
/// counties, since the demo has no district of Minnesota on record.
const MOVED: [(&str, &str); 13] = [
    ("slug = \"2016-18\"", "slug = \"2024-26\""),
    ("name = \"Two years from 2016\"", "name = \"Two years from 2024\""),
    ("fiscal_year = 2018", "fiscal_year = 2026"),
    ("begins_on = 2016-07-01", "begins_on = 2024-07-01"),
    ("lapses_on = 2018-06-30", "lapses_on = 2026-06-30"),
    ("opens = 2016-09-01T08:00:00", "opens = 2024-02-01T08:00:00"),
    ("closes = 2016-09-30T16:30:00", "closes = 2024-02-29T16:30:00"),
    ("districts = [\"2733840\"]", "counties = [\"27123\"]"),
    ("districts = [\"2721240\"]", "counties = [\"27053\"]"),
    ("districts = [\"2723880\"]", "counties = [\"27131\"]"),
    ("districts = [\"2730480\"]", "counties = [\"27049\"]"),
    ("districts = [\"2733510\"]", "counties = [\"27145\"]"),
    (
        "  \"That there was a round at all, and its dates.\",",
        "  \"That there was a round at all, and its dates; the demonstration moves the two years from 2016 to 2024.\",",
    ),
];

/// The partnerships: key in the file, name, who signs, county code, county, college. The last one waits for its terms.
const NAMED: [[&str; 6]; 5] = [
    ["saint-paul", "Saint Paul Promise Neighborhood", "Lena Brooks", "27123", "Ramsey", "Saint Paul College"],
    ["northside", "Northside Achievement Zone", "Andre Coleman", "27053", "Hennepin", "Minneapolis College"],
    ["northfield", "Northfield Promise", "Karin Solberg", "27131", "Rice", "South Central College"],
    ["red-wing", "Every Hand Joined", "Peter Lund", "27049", "Goodhue", "Minnesota State College Southeast"],
    ["st-cloud", "Partner for Student Success", "Maya Thao", "27145", "Stearns", "St. Cloud Technical and Community College"],
];

/// The program's people.
struct Staff {
    manager: Player,
    approver: Player,
    certifiers: Vec<Player>,
}

/// Plays the round through the use cases.
///
/// # Errors
/// What a use case refused.
pub async fn play(desk: &Desk) -> Result<(), AppError> {
    let staff = lay(desk).await?;
    let mut file = FILE.to_owned();
    for (from, to) in MOVED {
        file = file.replacen(from, to, 1);
    }
    let round = super::history::open_round(desk, &staff.manager, &file, "2024-01-25T15:00:00").await?;
    for (index, (certifier, [.., college])) in staff.certifiers.iter().zip(NAMED).enumerate() {
        let now = at("2024-02-12T10:00:00")?.plus_seconds(i64::try_from(index).unwrap_or(0) * 90_000);
        apply(desk, certifier, round, college, now).await?;
        // The last one has not come to it.
        if index + 1 < NAMED.len() {
            let input = TermsInput { id: id(&format!("terms {}", certifier.person)), signature: certifier.name.clone(), stated: true };
            accept_terms(&certifier.call(desk, now.plus_seconds(90_000)), application(certifier), &input).await?;
        }
    }
    award(desk, &staff, round).await
}

fn application(certifier: &Player) -> ApplicationId {
    id(&format!("application {}", certifier.organization))
}

async fn award(desk: &Desk, staff: &Staff, round: RoundId) -> Result<(), AppError> {
    let manager = |when: &str| Ok::<_, AppError>(staff.manager.call(desk, at(when)?));
    for certifier in &staff.certifiers {
        let reason = "Named in law, and the form is complete. (Synthetic.)".to_owned();
        let decision = DecisionInput { eligible: Some(true), reason, seen: None };
        decide_eligibility(&manager("2024-03-05T10:00:00")?, application(certifier), &decision).await?;
    }
    review::work::freeze(&manager("2024-03-12T10:00:00")?, round, id("list of partnerships")).await?;
    let allocation = id("allocation of partnerships");
    decide::work::propose(&manager("2024-03-14T10:00:00")?, round, allocation).await?;
    decide::work::approve(&staff.approver.call(desk, at("2024-03-20T11:00:00")?), allocation, 1).await?;
    decide::work::tell(&manager("2024-03-22T09:00:00")?, round, &decide::work::Release::Now).await?;
    decide::work::publish(&manager("2024-04-02T09:00:00")?, round, &decide::work::Release::Now).await
}

async fn apply(desk: &Desk, who: &Player, round: RoundId, college: &str, now: Timestamp) -> Result<(), AppError> {
    let application = application(who);
    let call = who.call(desk, now);
    applying::start(&call, round, who.organization, application).await?;
    let name = &who.organization_name;
    let why = format!("Synthetic answer. {name} brings schools, families and local groups together for the coalition’s five results.");
    let partners = format!("Synthetic answer. The partners of {name} meet each month and look at the same numbers.");
    let sections: [(&str, Vec<(&str, &str)>); 5] = [
        ("district", vec![("facts_right", "yes"), ("facts_wrong", ""), ("contact_name", &who.name), ("contact_phone", "651-555-0123")]),
        ("need", vec![("why", &why), ("high_schools", "The schools of the partnership"), ("students_served", "4000")]),
        ("coaches", vec![("seats", "1"), ("placement", "The schools of the partnership"), ("start_month", "July 2024")]),
        ("support", vec![("support", &partners), ("employers", "")]),
        ("college", vec![("college", college), ("relationship", "Synthetic answer. Courses for credit."), ("agreement", "no")]),
    ];
    for (section, answers) in sections {
        let answers: SectionAnswers = answers.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect();
        applying::save_section(&call, application, section, &answers, 0).await?;
    }
    let signing = applying::Signing { submission: id(&format!("submission {application}")), signature: who.name.clone(), stated: true };
    applying::submit(&who.call(desk, now.plus_seconds(1_800)), application, &signing).await?;
    Ok(())
}

/// Lays the agency, the five and their people.
async fn lay(desk: &Desk) -> Result<Staff, AppError> {
    let agency = "Minnesota Department of Education";
    let staff = |name: &str, role: Role| player(name, "mde", agency, OrganizationKind::Agency, role);
    let of = |[key, name, certifier, ..]: &[&str; 6]| player(certifier, key, name, OrganizationKind::Community, Role::Certifier);
    let staff = Staff {
        manager: staff("Anders Dahl", Role::ProgramManager),
        approver: staff("Mai Vang", Role::Approver),
        certifiers: NAMED.iter().map(of).collect(),
    };
    let mut all = vec![plain("mde", OrganizationKind::Agency, agency, "education.mn.gov")];
    for [key, name, _, county_fips, county, _] in NAMED {
        let source = "A member of the coalition (intersector.com, August 23, 2016)";
        let community = plain(key, OrganizationKind::Community, name, source);
        all.push(Organization { county_fips: Some(county_fips.to_owned()), county_name: Some(county.to_owned()), ..community });
    }
    let people: Vec<Player> = [&staff.manager, &staff.approver].into_iter().chain(&staff.certifiers).cloned().collect();
    let early = at("2024-01-15T09:00:00")?;
    desk.db
        .write(move |tx| {
            let (all, people) = (all.clone(), people.clone());
            Box::pin(async move { record(tx, &all, &people, early).await })
        })
        .await?;
    Ok(staff)
}

/// Lays organizations and people, each with a role.
pub(super) async fn record(tx: &mut Tx<'_>, organizations: &[Organization], people: &[Player], early: Timestamp) -> Result<(), AppError> {
    for organization in organizations {
        organizations::add(tx, organization).await?;
    }
    for player in people {
        add_person(tx, player, early).await?;
        let membership = id(&format!("membership {} {}", player.person, player.role.as_str()));
        memberships::add(tx, membership, player.person, player.organization, player.role, early).await?;
    }
    Ok(())
}
