//! People, organizations, roles, invitations and sessions as rows: SQL that both engines take, and what the database refuses.

use crate::awarded::{IDS, set_up};
use domain::access::{OrganizationKind, Role};
use domain::{InvitationId, MembershipId, OrganizationId, PersonId, Timestamp};
use store::invitations::{self, NewInvitation};
use store::organizations::{self, Organization};
use store::{Db, Error, memberships, people, sessions};
use uuid::Uuid;

const ADA: PersonId = PersonId(Uuid::from_u128(0xada));
const BOB: PersonId = PersonId(Uuid::from_u128(0xb0b));
const DISTRICT: OrganizationId = OrganizationId(Uuid::from_u128(0xd1));
const AGENCY: OrganizationId = OrganizationId(Uuid::from_u128(0xa1));

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

/// One write: `put!(db, tx => people::add(tx, …))` gives its result.
macro_rules! put {
    ($db:expr, $tx:ident => $work:expr) => {{
        let written: Result<_, Error> = $db.write(move |$tx| Box::pin(async move { $work.await })).await;
        written
    }};
    // With a value that each run of the write takes a copy of.
    ($db:expr, $value:ident, $tx:ident => $work:expr) => {{
        let written: Result<_, Error> = $db
            .write(move |$tx| {
                let $value = $value.clone();
                Box::pin(async move { $work.await })
            })
            .await;
        written
    }};
}
/// One read: `ask!(db, tx => people::find(tx, …))` gives the value.
macro_rules! ask {
    ($db:expr, $tx:ident => $work:expr) => {{
        let mut reader = $db.reader().await.unwrap();
        let mut held = reader.tx();
        let $tx = &mut held;
        $work.await.unwrap()
    }};
}
pub(crate) use {ask, put};

fn organization(id: OrganizationId, kind: OrganizationKind, name: &str, nces_id: Option<&str>, ipeds_id: Option<&str>) -> Organization {
    Organization {
        id,
        kind,
        name: name.to_owned(),
        nces_id: nces_id.map(str::to_owned),
        ipeds_id: ipeds_id.map(str::to_owned),
        county_fips: Some("28011".to_owned()),
        county_name: None,
        planning_district: Some("South Delta PDD".to_owned()),
        latitude: Some("33.657".to_owned()),
        longitude: Some("-90.907".to_owned()),
        source: "Made for a test.".to_owned(),
    }
}

async fn ground(db: &Db) {
    put!(db, tx => async {
        organizations::add(tx, &organization(DISTRICT, OrganizationKind::District, "aDistrict", Some("2800185"), None)).await?;
        organizations::add(tx, &organization(AGENCY, OrganizationKind::Agency, "The Agency", None, None)).await?;
        people::add(tx, ADA, "Ada", " Ada@Example.org ", at(1)).await?;
        people::add(tx, BOB, "Bob", "bob@example.org", at(1)).await
    })
    .unwrap();
}

both_engines!(a_person_is_found_by_id_address_and_identity, db, {
    ground(&db).await;
    let ada = ask!(db, tx => people::find(tx, ADA)).unwrap();
    assert_eq!(
        (ada.id(), ada.name.as_str(), ada.email.as_str(), ada.created_at, ada.disabled_at),
        (ADA, "Ada", "Ada@Example.org", at(1).utc(), None)
    );
    assert_eq!(ask!(db, tx => people::find_by_email(tx, "ADA@example.ORG")), Some(ada.clone()));
    assert_eq!(ask!(db, tx => people::find_by_email(tx, "ad_@example.org")), None);
    assert!(
        put!(db, tx => people::add(tx, PersonId(Uuid::from_u128(9)), "X", "ada@EXAMPLE.org", at(2))).unwrap_err().is_unique_violation()
    );
    assert!(put!(db, tx => people::add(tx, PersonId(Uuid::from_u128(9)), "", "x@example.org", at(2))).unwrap_err().is_check_violation());

    assert!(!ask!(db, tx => people::has_identity_from(tx, "https://i", ADA)));
    put!(db, tx => people::add_identity(tx, "https://i", "s-1", ADA, at(2))).unwrap();
    assert!(ask!(db, tx => people::has_identity_from(tx, "https://i", ADA)));
    assert!(!ask!(db, tx => people::has_identity_from(tx, "https://j", ADA)));
    assert!(!ask!(db, tx => people::has_identity_from(tx, "https://i", BOB)));
    assert_eq!(ask!(db, tx => people::find_by_identity(tx, "https://i", "s-1")).unwrap().id(), ADA);
    assert_eq!(ask!(db, tx => people::find_by_identity(tx, "https://i", "S-1")), None);
    assert!(put!(db, tx => people::add_identity(tx, "https://i", "s-1", BOB, at(3))).unwrap_err().is_unique_violation());

    put!(db, tx => people::record_name(tx, ADA, "Ada Byron")).unwrap();
    assert_eq!(ask!(db, tx => people::find(tx, ADA)).unwrap().name, "Ada Byron");
});

both_engines!(organizations_come_by_name_however_it_is_capitalised, db, {
    ground(&db).await;
    let second = OrganizationId(Uuid::from_u128(0xd2));
    let twice = put!(db, tx => async { organizations::add(tx, &organization(second, OrganizationKind::District, "B", Some("2800185"), None)).await });
    assert!(twice.unwrap_err().is_unique_violation(), "an NCES id stands once");
    let nameless =
        put!(db, tx => async { organizations::add(tx, &organization(second, OrganizationKind::District, "", None, None)).await });
    assert!(nameless.unwrap_err().is_check_violation());
    put!(db, tx => async { organizations::add(tx, &organization(second, OrganizationKind::District, "B District", None, None)).await })
        .unwrap();
    let college = OrganizationId(Uuid::from_u128(0xc1));
    put!(db, tx => async { organizations::add(tx, &organization(college, OrganizationKind::College, "C", None, Some("175519"))).await })
        .unwrap();

    let found = ask!(db, tx => organizations::find(tx, DISTRICT)).unwrap();
    assert_eq!(found, organization(DISTRICT, OrganizationKind::District, "aDistrict", Some("2800185"), None));
    assert_eq!(ask!(db, tx => organizations::find(tx, OrganizationId(Uuid::nil()))), None);
    let districts = ask!(db, tx => organizations::list_of_kind(tx, OrganizationKind::District));
    assert_eq!(districts.iter().map(|district| district.name.as_str()).collect::<Vec<_>>(), ["aDistrict", "B District"]);
    let all = ask!(db, tx => organizations::list(tx));
    let kinds: Vec<_> = all.iter().map(|organization| organization.kind.as_str()).collect();
    assert_eq!(kinds, ["agency", "college", "district", "district"]);
});

both_engines!(a_newer_table_changes_all_but_an_organizations_id_and_kind, db, {
    ground(&db).await;
    let newer = Organization {
        county_name: Some("Bolivar".to_owned()),
        planning_district: None,
        ..organization(DISTRICT, OrganizationKind::District, "A District", Some("2800186"), None)
    };
    let asked = newer.clone();
    put!(db, asked, tx => organizations::record_particulars(tx, &asked)).unwrap();
    assert_eq!(ask!(db, tx => organizations::find(tx, DISTRICT)), Some(newer.clone()));
    let other_kind = Organization { kind: OrganizationKind::Region, ..newer };
    assert!(matches!(put!(db, other_kind, tx => organizations::record_particulars(tx, &other_kind)), Err(Error::Conflict { .. })));
});

both_engines!(a_role_is_held_once_until_it_ends_and_can_be_held_again, db, {
    ground(&db).await;
    let [first, second, third] = [1, 2, 3].map(|n| MembershipId(Uuid::from_u128(n)));
    assert!(put!(db, tx => memberships::add(tx, first, ADA, DISTRICT, Role::Preparer, at(5))).unwrap());
    assert!(!put!(db, tx => memberships::add(tx, second, ADA, DISTRICT, Role::Preparer, at(6))).unwrap(), "held already");
    assert!(put!(db, tx => memberships::add(tx, second, ADA, DISTRICT, Role::Certifier, at(6))).unwrap(), "another role there");
    assert!(put!(db, tx => memberships::add(tx, third, BOB, DISTRICT, Role::Preparer, at(7))).unwrap());

    let held = ask!(db, tx => memberships::find(tx, first)).unwrap();
    assert_eq!((held.person, held.organization, held.organization_name.as_str()), (ADA, DISTRICT, "aDistrict"));
    assert_eq!((held.role, held.since, held.email.as_str()), (Role::Preparer, at(5).utc(), "Ada@Example.org"));
    let listed: Vec<_> = ask!(db, tx => memberships::list(tx)).into_iter().map(|held| held.id).collect();
    assert_eq!(listed, [second, first, third], "by organization, role and name");
    assert_eq!(ask!(db, tx => memberships::emails_of(tx, DISTRICT, Role::Preparer)), ["Ada@Example.org", "bob@example.org"]);
    assert_eq!(ask!(db, tx => memberships::count_of(tx, DISTRICT, Role::Preparer)), 2);
    assert_eq!(ask!(db, tx => memberships::count_of(tx, AGENCY, Role::ProgramManager)), 0);

    put!(db, tx => memberships::record_end(tx, first, at(9))).unwrap();
    assert!(matches!(put!(db, tx => memberships::record_end(tx, first, at(10))), Err(Error::Conflict { .. })));
    assert_eq!(ask!(db, tx => memberships::find(tx, first)), None);
    assert_eq!(ask!(db, tx => memberships::count_of(tx, DISTRICT, Role::Preparer)), 1);
    let again = MembershipId(Uuid::from_u128(4));
    assert!(put!(db, tx => memberships::add(tx, again, ADA, DISTRICT, Role::Preparer, at(11))).unwrap());
});

both_engines!(what_waits_is_counted_for_the_agency_and_for_the_region, db, {
    set_up(&db, 1_000, 400).await;
    let (agency, region) = (OrganizationId(IDS.agency), OrganizationId(IDS.recipient));
    let of_agency = ask!(db, tx => memberships::waiting(tx, agency, PersonId(Uuid::nil()), at(120)));
    assert_eq!(of_agency, memberships::Waiting { to_approve: 1, ..Default::default() });
    let of_region = ask!(db, tx => memberships::waiting(tx, region, PersonId(Uuid::nil()), at(120)));
    assert_eq!(of_region, memberships::Waiting { awards: 1, ..Default::default() });
    assert_eq!(
        ask!(db, tx => memberships::waiting(tx, OrganizationId(Uuid::nil()), PersonId(Uuid::nil()), at(120))),
        memberships::Waiting::default()
    );
});

fn invitation(n: u128, email: &str, expires: i64) -> NewInvitation {
    NewInvitation {
        id: InvitationId(Uuid::from_u128(n)),
        email: email.to_owned(),
        organization: DISTRICT,
        role: Role::Certifier,
        by: BOB,
        at: at(10),
        expires_at: at(expires),
    }
}

both_engines!(an_invitation_is_open_until_it_is_taken_up_withdrawn_or_expired, db, {
    ground(&db).await;
    let (first, second, late) =
        (invitation(1, " New@Example.org", 100), invitation(2, "new@example.org", 100), invitation(3, "new@example.org", 50));
    let [id, other, expired] = [first.id, second.id, late.id];
    for new in [first.clone(), second, late] {
        assert!(put!(db, new, tx => invitations::add(tx, &new)).unwrap());
    }
    assert!(!put!(db, first, tx => invitations::add(tx, &first)).unwrap(), "the form was sent twice");

    let open: Vec<_> = ask!(db, tx => invitations::list_open_of(tx, "NEW@example.org", at(60))).into_iter().map(|open| open.id).collect();
    assert_eq!(open, [id, other], "one has expired");
    assert_eq!(ask!(db, tx => invitations::list_open(tx, at(20))).len(), 3);
    assert!(ask!(db, tx => invitations::find_open(tx, expired, at(50))).is_none(), "it holds until its second, not through it");
    let found = ask!(db, tx => invitations::find_open(tx, id, at(60))).unwrap();
    assert_eq!(
        (found.email.as_str(), found.role, found.organization, found.invited_at),
        ("New@Example.org", Role::Certifier, DISTRICT, at(10).utc())
    );
    assert_eq!((found.organization_name.as_str(), found.expires_at), ("aDistrict", at(100).utc()));

    put!(db, tx => invitations::record_accepted(tx, id, ADA, at(70))).unwrap();
    assert!(matches!(put!(db, tx => invitations::record_accepted(tx, id, ADA, at(71))), Err(Error::Conflict { .. })));
    assert!(matches!(put!(db, tx => invitations::record_withdrawn(tx, id, at(71))), Err(Error::Conflict { .. })));
    put!(db, tx => invitations::record_withdrawn(tx, other, at(70))).unwrap();
    assert!(matches!(put!(db, tx => invitations::record_accepted(tx, other, ADA, at(71))), Err(Error::Conflict { .. })));
    assert!(ask!(db, tx => invitations::list_open(tx, at(80))).is_empty());
});

both_engines!(a_session_carries_the_roles_held_now, db, {
    ground(&db).await;
    put!(db, tx => sessions::add(tx, "k1", ADA, "email", at(10), at(1_000))).unwrap();
    let plain = ask!(db, tx => sessions::find(tx, "k1")).unwrap();
    assert_eq!((plain.actor.person, plain.actor.email.as_str(), plain.actor.memberships.len()), (Some(ADA), "Ada@Example.org", 0));
    assert_eq!((plain.method.as_str(), plain.seen_at, plain.expires_at, plain.ended_at), ("email", at(10).utc(), at(1_000).utc(), None));
    assert!(ask!(db, tx => sessions::find(tx, "k2")).is_none());
    assert!(put!(db, tx => sessions::add(tx, "k3", ADA, "password", at(10), at(1_000))).unwrap_err().is_check_violation());

    let [preparer, manager] = [1, 2].map(|n| MembershipId(Uuid::from_u128(n)));
    put!(db, tx => memberships::add(tx, preparer, ADA, DISTRICT, Role::Preparer, at(11))).unwrap();
    put!(db, tx => memberships::add(tx, manager, ADA, AGENCY, Role::ProgramManager, at(11))).unwrap();
    let roles = |session: sessions::Session| session.actor.memberships.into_iter().map(|held| (held.kind, held.role)).collect::<Vec<_>>();
    let mut both = roles(ask!(db, tx => sessions::find(tx, "k1")).unwrap());
    both.sort();
    assert_eq!(both, [(OrganizationKind::Agency, Role::ProgramManager), (OrganizationKind::District, Role::Preparer)]);
    put!(db, tx => memberships::record_end(tx, manager, at(12))).unwrap();
    assert_eq!(roles(ask!(db, tx => sessions::find(tx, "k1")).unwrap()), [(OrganizationKind::District, Role::Preparer)]);
});

both_engines!(sessions_are_seen_moved_and_ended_one_by_one_or_all_at_once, db, {
    ground(&db).await;
    for (key, person, began) in [("k1", ADA, 10), ("k2", ADA, 20), ("k3", ADA, 30), ("b1", BOB, 10)] {
        put!(db, tx => sessions::add(tx, key, person, "email", at(began), at(1_000))).unwrap();
    }
    put!(db, tx => sessions::record_seen(tx, "k1", at(40).utc())).unwrap();
    let live = |idle| {
        let db = db.clone();
        async move {
            let listed = ask!(db, tx => sessions::list_live(tx, ADA, at(50), at(idle)));
            listed.into_iter().map(|session| session.key_sha256).collect::<Vec<_>>()
        }
    };
    assert_eq!(live(0).await, ["k1", "k3", "k2"], "the latest first");
    assert_eq!(live(20).await, ["k1", "k3"], "k2 is idle");
    put!(db, tx => sessions::record_end(tx, "k3", at(45))).unwrap();
    assert_eq!(live(0).await, ["k1", "k2"]);
    assert_eq!(ask!(db, tx => sessions::find(tx, "k3")).unwrap().ended_at, Some(at(45).utc()));
    put!(db, tx => sessions::record_clock_moved(tx, at(50), at(5_000), at(9_000))).unwrap();
    let moved = ask!(db, tx => sessions::find(tx, "k1")).unwrap();
    assert_eq!((moved.seen_at, moved.expires_at), (at(5_000).utc(), at(9_000).utc()));
    assert_eq!(ask!(db, tx => sessions::find(tx, "k3")).unwrap().expires_at, at(1_000).utc(), "an ended session stays where it ended");
    assert_eq!(put!(db, tx => sessions::record_end_all(tx, ADA, at(5_001))).unwrap(), 2);
    assert!(ask!(db, tx => sessions::list_live(tx, ADA, at(5_002), at(0))).is_empty());
    assert_eq!(ask!(db, tx => sessions::list_live(tx, BOB, at(5_002), at(0))).len(), 1, "nobody else's");
});
