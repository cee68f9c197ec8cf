//! Who sees the reviewers’ scores when: the others’ once one’s own are in, everybody’s once a seal is off, a manager’s after their own.

use crate::app::Visitor;
use crate::panel::{Panel, SECTION};
use ::app::review::panel::work::{self as panel};
use domain::access::Role;
use store::panels::{self, Review};

#[tokio::test(flavor = "multi_thread")]
async fn others_scores_show_once_own_are_in_but_not_through_a_seal() {
    for (sealed, section) in [(false, SECTION.to_owned()), (true, SECTION.replace("chair", "sealed = true\nchair"))] {
        let panel = Panel::assigned(&section).await;
        let all = panels::of_round(&mut panel.app().desk.db.reader().await.unwrap().tx(), panel.road.round).await.unwrap();
        let (one, other) = all.iter().zip(all.iter().skip(1)).find(|(a, b)| a.application == b.application).unwrap();
        let who = |review: &Review| panel.members.iter().find(|member| member.person == review.person).unwrap();
        panel.hand_in(who(other), other, 100).await;
        let sheet = format!("/review/desk/{}", one.id);
        assert!(!panel.app().get(&sheet, Some(who(one))).await.body.contains("The others’ scores"));
        panel.hand_in(who(one), one, 0).await;
        let page = panel.app().get(&sheet, Some(who(one))).await;
        assert!(page.body.contains("The others’ scores"));
        assert_eq!(page.body.contains("stay sealed"), sealed);
        assert_eq!(page.body.contains("Scores by reviewer and criterion"), !sealed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_binds_staff_too_until_the_reviews_are_due() {
    let panel = Panel::assigned(&SECTION.replace("chair", "sealed = true\nchair")).await;
    panel.all_in().await;
    let (manager, approver) = (&panel.road.manager, &panel.road.approver);
    let auditor = panel.app().sign_in_as(Role::Auditor, panel.app().agency).await;
    let chair = &panel.members[0];
    panel::appoint(&panel.road.call(manager).await, panel.road.round, chair.person).await.unwrap();
    let application = panel.road.applications[0];
    let [staff, one, history] = ["/review/applications", "/review/panel", "/audit/application"].map(|page| format!("{page}/{application}"));
    let [list, ranking, working, spread, board] =
        ["", "/ranking", "/ranking/A-2024-0001", "/panel/spread", "/panel"].map(|page| panel.road.page(page));
    let bench = format!("/bench/{}", panel.road.round);
    let app = panel.app();
    let read = |address: String, who: Visitor| async move { app.get(&address, Some(&who)).await };
    // Whoever looks: that six reviews are in, and nothing of what they say.
    for who in [manager, approver, &auditor] {
        for address in [&staff, &list, &ranking, &bench] {
            let page = read(address.clone(), who.clone()).await;
            let told = ["Raw mean", "As written.", "Points × weight", "The list as it would be", "A panel of 2"];
            assert!(page.status == 200 || page.status == 403, "{address}: {}", page.status);
            assert!(!told.iter().any(|words| page.body.contains(words)), "{address}");
        }
        assert!(read(staff.clone(), who.clone()).await.body.contains("stay sealed until April 20, 2024"));
        assert_eq!(read(working.clone(), who.clone()).await.status, 404);
        assert_eq!(read(spread.clone(), who.clone()).await.status, 403);
    }
    assert!(read(bench, manager.clone()).await.body.contains("The bench needs every figure and every score"));
    for who in [manager, &auditor, chair] {
        let page = read(one.clone(), who.clone()).await;
        assert!(page.status == 200 && page.body.contains("Handed in April"), "{}", page.status);
        assert!(!page.body.contains("As written.") && !page.body.contains("Scores by reviewer") && !page.body.contains("Discussion"));
        assert_eq!(page.body.contains("Assign by hand"), who.person == manager.person, "who reads it is arranged still");
        let page = read(board.clone(), who.clone()).await;
        assert!(page.body.contains("stay sealed until") && !page.body.contains("/panel/spread"));
    }
    let review = panel.desk(&panel.members[1]).await.remove(0);
    let again = [("review", review.id.to_string()), ("version", review.version.to_string()), ("why", "Why?".to_owned())];
    let again: Vec<(&str, &str)> = again.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let address = format!("/review/panel/{}/again", review.application);
    assert_eq!(panel.app().post(&address, Some(chair), &again).await.status, 403, "nobody has seen what there is to ask about");
    for who in [manager, &auditor] {
        let acts = read(history.clone(), who.clone()).await.body;
        assert!(
            acts.contains("handed a review in")
                && acts.contains("Hidden: sealed until the reviews are due")
                && !acts.contains("As written.")
        );
    }
    let frozen = panel.freeze().await;
    assert!(frozen.status == 409 && frozen.body.contains("stay sealed until April 20, 2024"), "{}", frozen.status);
    panel.until_due().await;
    assert!(read(staff.clone(), manager.clone()).await.body.contains("Raw mean"));
    assert!(read(one, auditor.clone()).await.body.contains("As written."));
    assert!(read(history.clone(), auditor.clone()).await.body.contains("As written."));
    assert!(read(ranking, approver.clone()).await.body.contains("The list as it would be"));
    assert_eq!(read(spread, manager.clone()).await.status, 200);
    assert_eq!(panel.freeze().await.status, 303);
    // A history tells as much as the pages do: a tie shuts out of it, too.
    let ties = {
        let mut reader = panel.app().desk.db.reader().await.unwrap();
        panels::application(&mut reader.tx(), application).await.unwrap().unwrap().ties
    };
    panel.app().give(auditor.person, Role::Preparer, ties.applicant).await;
    assert_eq!(read(history, auditor).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_who_reviews_hands_in_first_too() {
    let panel = Panel::assigned(SECTION).await;
    let both = &panel.members[0];
    panel.app().give(both.person, Role::ProgramManager, panel.app().agency).await;
    for (nth, member) in panel.members.iter().enumerate().skip(1) {
        for review in panel.desk(member).await {
            panel.hand_in(member, &review, if nth == 1 { 100 } else { 0 }).await;
        }
    }
    let own = panel.desk(both).await;
    let application = own[0].application;
    let staff = format!("/review/applications/{application}");
    let history = format!("/audit/application/{application}");
    let pages = [&staff, &history, &panel.road.page("/ranking"), &format!("/bench/{}", panel.road.round)];
    for address in pages {
        let page = panel.app().get(address, Some(both)).await;
        let told = ["Raw mean", "As written.", "Points × weight", "The list as it would be", "A panel of"];
        assert!(page.status == 200 && !told.iter().any(|words| page.body.contains(words)), "{address}: {}", page.status);
    }
    let list = panel.app().get(&panel.road.page("/ranking"), Some(both)).await;
    assert!(list.body.contains("Hand in your own reviews first"));
    assert!(panel.app().get(&staff, Some(&panel.road.manager)).await.body.contains("Raw mean"), "who does not review may look");
    assert!(panel.app().get(&history, Some(&panel.road.manager)).await.body.contains("As written."));
    for review in own {
        panel.hand_in(both, &review, 100).await;
    }
    assert!(panel.app().get(&staff, Some(both)).await.body.contains("Raw mean"));
    assert!(panel.app().get(&panel.road.page("/ranking"), Some(both)).await.body.contains("The list as it would be"));
}
