//! The discussion of an application: open to its reviewers once their own review is in, to whoever leads the panel or audits it, and never to
//! who has a conflict; only added to, and only read once the ranking is frozen.

use crate::app::{Answer, Visitor};
use crate::panel::{Panel, SECTION};
use ::app::call::mint;
use ::app::review::panel::work::{self as panel, AssignInput};
use domain::ApplicationId;
use domain::access::Role;
use store::panels::{self, Note, Review};
use uuid::Uuid;

const WORDS: &str = "The agreement covers dual credit only.";

fn talk(review: &Review) -> String {
    format!("/review/desk/{}/discussion", review.id)
}

impl Panel {
    async fn say(&self, address: &str, who: &Visitor, id: Uuid, words: &str) -> Answer {
        self.app().post(address, Some(who), &[("id", &id.to_string()), ("note", words)]).await
    }

    async fn notes(&self, application: ApplicationId) -> Vec<Note> {
        panels::notes(&mut self.app().desk.db.reader().await.unwrap().tx(), application).await.unwrap()
    }

    /// The first two reviews of the same application, with their reviewers.
    async fn two_of_one(&self) -> [(Review, &Visitor); 2] {
        let all = panels::of_round(&mut self.app().desk.db.reader().await.unwrap().tx(), self.road.round).await.unwrap();
        let (one, other) = all.iter().zip(all.iter().skip(1)).find(|(a, b)| a.application == b.application).unwrap();
        [one, other].map(|review| (review.clone(), self.members.iter().find(|member| member.person == review.person).unwrap()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reviewer_joins_once_their_own_review_is_in_and_a_repeated_note_is_one() {
    let panel = Panel::assigned(SECTION).await;
    let [(one, first), (other, second)] = panel.two_of_one().await;
    let address = talk(&one);
    let early = panel.app().get(&address, Some(first)).await;
    assert!(early.status == 403 && early.body.contains("Hand in your own review"), "{}", early.status);
    let id: Uuid = mint(panel.app().now());
    assert_eq!(panel.say(&address, first, id, WORDS).await.status, 403);
    panel.hand_in(first, &one, 100).await;
    for (who, status) in [(first, 200), (second, 404), (&panel.road.manager, 403), (&panel.road.approver, 403)] {
        assert_eq!(panel.app().get(&address, Some(who)).await.status, status);
        let written = panel.say(&address, who, id, WORDS).await.status;
        assert_eq!(written, if status == 200 { 303 } else { status });
    }
    assert_eq!(panel.say(&address, first, id, WORDS).await.status, 303, "sent twice");
    let changed = panel.say(&address, first, id, "Other words.").await;
    assert!(changed.status == 409 && changed.body.contains(">Other words.</textarea>"), "{}", changed.status);
    assert!(!changed.body.contains(&id.to_string()), "the form is a new one");
    let long = "long ".repeat(401);
    let refused = panel.say(&address, first, mint(panel.app().now()), &long).await;
    assert!(
        refused.status == 422 && refused.body.contains("2,004 characters long") && refused.body.contains(long.trim()),
        "{}",
        refused.status
    );
    assert_eq!(panel.say(&address, first, mint(panel.app().now()), " ").await.status, 422);
    assert_eq!(panel.notes(one.application).await.iter().map(|note| note.note.as_str()).collect::<Vec<_>>(), [WORDS]);
    // One act, and without the words: the list of acts is read by those, too, whom a conflict keeps out.
    let mut reader = panel.app().desk.db.reader().await.unwrap();
    let acts = store::audit::list_of(&mut reader.tx(), panel.road.manager.person, "application", one.application.0).await.unwrap();
    let noted: Vec<_> = acts.iter().filter(|act| act.verb == "noted in the panel’s discussion").collect();
    assert_eq!((noted.len(), noted[0].person_name.as_deref()), (1, Some(Role::Reviewer.name())));
    assert!(noted[0].why.is_none() && !noted[0].facts.contains(WORDS) && noted[0].facts.contains(&id.to_string()));
    drop(reader);
    // The other hears of it once theirs is in.
    let desk = panel.road.page("/desk");
    assert!(!panel.app().get(&desk, Some(second)).await.body.contains("1 note"));
    panel.hand_in(second, &other, 0).await;
    let shown = panel.app().get(&desk, Some(second)).await.body;
    assert!(shown.contains("Others have written since you last did") && shown.contains("1 note"));
    assert!(!panel.app().get(&desk, Some(first)).await.body.contains("Others have written"), "one's own words are no news");
    let read = panel.app().get(&talk(&other), Some(second)).await;
    assert!(read.body.contains(WORDS) && read.body.contains("part of the round’s record") && read.body.contains("Scores by reviewer"));
    assert_eq!(panel.say(&talk(&other), second, mint(panel.app().now()), "Then less.").await.status, 303);
    assert!(!panel.app().get(&desk, Some(second)).await.body.contains("Others have written"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chair_writes_along_an_auditor_reads_and_a_conflict_shuts_out() {
    let panel = Panel::assigned(SECTION).await;
    panel.all_in().await;
    let [(one, first), (_, second)] = panel.two_of_one().await;
    let chair = panel.members.iter().find(|member| member.person != first.person && member.person != second.person).unwrap();
    panel::appoint(&panel.road.call(&panel.road.manager).await, panel.road.round, chair.person).await.unwrap();
    assert_eq!(panel.say(&talk(&one), first, mint(panel.app().now()), WORDS).await.status, 303);
    let of_chair = format!("/review/panel/{}", one.application);
    let note = format!("{of_chair}/note");
    assert_eq!(panel.say(&note, chair, mint(panel.app().now()), "I ask again.").await.status, 303);
    let long = panel.say(&note, chair, mint(panel.app().now()), &"x".repeat(2_001)).await;
    assert!(long.status == 422 && long.body.contains("2,001 characters long"), "{}", long.status);
    assert_eq!(panel.say(&note, &panel.road.manager, mint(panel.app().now()), WORDS).await.status, 403, "a chair is appointed");
    let auditor = panel.app().sign_in_as(Role::Auditor, panel.app().agency).await;
    for reader in [chair, &auditor, &panel.road.manager] {
        let page = panel.app().get(&of_chair, Some(reader)).await.body;
        assert!(page.contains(WORDS) && page.contains("I ask again."));
        assert_eq!(page.contains("Add the note"), reader.person == chair.person, "who leads writes");
    }
    assert_eq!(panel.say(&note, &auditor, mint(panel.app().now()), WORDS).await.status, 403);
    // A tie that comes to light ends it, for the reviewer, the manager and the auditor.
    let ties = {
        let mut reader = panel.app().desk.db.reader().await.unwrap();
        panels::application(&mut reader.tx(), one.application).await.unwrap().unwrap().ties
    };
    for barred in [first, &panel.road.manager, &auditor] {
        panel.app().give(barred.person, Role::Preparer, ties.applicant).await;
    }
    assert_eq!(panel.app().get(&talk(&one), Some(first)).await.status, 403);
    assert_eq!(panel.say(&talk(&one), first, mint(panel.app().now()), WORDS).await.status, 403);
    for barred in [&panel.road.manager, &auditor] {
        assert_eq!(panel.app().get(&of_chair, Some(barred)).await.status, 403);
    }
    assert_eq!(panel.notes(one.application).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_ranking_closes_it_and_what_was_said_is_read_on() {
    let panel = Panel::assigned(SECTION).await;
    panel.all_in().await;
    let [(one, first), _] = panel.two_of_one().await;
    let (address, id) = (talk(&one), mint(panel.app().now()));
    assert_eq!(panel.say(&address, first, id, WORDS).await.status, 303);
    assert_eq!(panel.freeze().await.status, 303);
    let page = panel.app().get(&address, Some(first)).await;
    assert!(page.status == 200 && page.body.contains(WORDS) && !page.body.contains("Add the note"));
    let late = panel.say(&address, first, mint(panel.app().now()), "One more thing.").await;
    assert!(late.status == 409 && late.body.contains("One more thing."), "what was typed is kept: {}", late.status);
    assert_eq!(panel.notes(one.application).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_closes_it_until_the_reviews_are_due_and_practice_has_none() {
    let panel = Panel::assigned(&SECTION.replace("chair", "sealed = true\nchair")).await;
    panel.all_in().await;
    let [(one, first), _] = panel.two_of_one().await;
    let sealed = panel.app().get(&talk(&one), Some(first)).await;
    assert!(sealed.status == 403 && sealed.body.contains("stay sealed"), "{}", sealed.status);
    assert_eq!(panel.say(&talk(&one), first, mint(panel.app().now()), WORDS).await.status, 403);
    assert!(!panel.app().get(&format!("/review/desk/{}", one.id), Some(first)).await.body.contains("/discussion"));
    let manager = panel.road.call(&panel.road.manager).await;
    let practice = AssignInput { application: one.application, person: first.person, practice: true, id: mint(manager.now) };
    panel::assign(&manager, panel.road.round, practice).await.unwrap();
    let practice = panel.desk(first).await.into_iter().find(|review| review.practice).unwrap();
    panel.hand_in(first, &practice, 100).await;
    panel.until_due().await;
    assert_eq!(panel.app().get(&talk(&one), Some(first)).await.status, 200);
    assert_eq!(panel.app().get(&talk(&practice), Some(first)).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_blind_review_reviewers_are_numbers_and_the_applicant_is_masked() {
    let panel = Panel::assigned(&SECTION.replace("chair", "blind = true\nidentifying = [\"district.contact_name\"]\nchair")).await;
    panel.all_in().await;
    let [(one, first), (other, second)] = panel.two_of_one().await;
    let words = format!("Is this {}?", one.applicant_name);
    assert_eq!(panel.say(&talk(&one), first, mint(panel.app().now()), &words).await.status, 303);
    let page = panel.app().get(&talk(&other), Some(second)).await.body;
    assert!(page.contains("Is this [masked]?") && page.contains("Reviewer R") && page.contains("Applicant masked"));
    assert!(!page.contains(&one.applicant_name) && !page.contains(", Reviewer<"), "neither by name");
    let sheet = panel.app().get(&format!("/review/desk/{}", other.id), Some(second)).await.body;
    assert!(sheet.contains("<summary>Reviewer R"), "nor beside the scores");
}
