//! From the closed round to told applicants: eligibility, scores, ranking, freezing, replay, allocation, approval, telling, publishing; and
//! what is refused on the way.

use crate::app::START;
use crate::road::{Road, district};
use ::app::apply::work::{self as applying};
use ::app::call::mint;
use ::app::decide::work as deciding;
use ::app::error::AppError;
use ::app::review::work::{self as reviewing, Board, DecisionInput, ScoreInput};
use domain::access::Role;
use domain::{ApplicationId, RankingId};
use rust_decimal::Decimal;
use store::reviews::{self, ListFilter, Sort};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_decided_while_applicants_may_still_withdraw() {
    let road = Road::open().await;
    let address = format!("/review/applications/{}/eligibility", road.applications[0]);
    let answer =
        road.app.post(&address, Some(&road.manager), &[("eligible", "yes"), ("eligible_reason", "A district."), ("version", "")]).await;
    assert_eq!(answer.status, 409);
    assert!(answer.body.contains("The round is open until April 5, 2024, 11:59 p.m. CDT"));
    assert_eq!(road.app.get(&road.page("/ranking"), Some(&road.manager)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_needs_a_choice_a_reason_and_a_manager() {
    let road = Road::closed().await;
    let address = format!("/review/applications/{}/eligibility", road.applications[0]);
    let bare = road.app.post(&address, Some(&road.manager), &[("version", "")]).await;
    assert_eq!(bare.status, 422);
    assert!(bare.body.contains("Choose whether the application is eligible."));
    assert!(bare.body.contains("Give the reason in a sentence."));
    let fields = [("eligible", "no"), ("eligible_reason", "A typed reason stays."), ("version", "")];
    assert_eq!(road.app.post(&address, Some(&road.reviewer), &fields).await.status, 403);
    let stranger = road.app.sign_in_as(Role::ProgramManager, road.app.other_agency).await;
    assert_eq!(road.app.post(&address, Some(&stranger), &fields).await.status, 404);
    assert_eq!(road.app.post(&address, Some(&road.manager), &fields).await.status, 303);
    assert_eq!(road.app.post(&address, Some(&road.manager), &fields).await.status, 303, "the same decision twice is one");
    let stale = road
        .app
        .post(&address, Some(&road.manager), &[("eligible", "yes"), ("eligible_reason", "Another reason."), ("version", "7")])
        .await;
    assert_eq!(stale.status, 409);
    assert!(stale.body.contains("Another reason."), "what was typed is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_score_stands_on_a_written_level_with_a_reason() {
    let road = Road::closed().await;
    let address = format!("/review/applications/{}/score", road.applications[0]);
    let wrong = [("criterion", "college_ties"), ("points", "50"), ("reason", ""), ("version", "")];
    let answer = road.app.post(&address, Some(&road.reviewer), &wrong).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("Choose one of the written levels."));
    assert!(answer.body.contains("Give the reason for the level in a sentence."));
    let good = [("criterion", "college_ties"), ("points", "100"), ("reason", "Signed."), ("version", "")];
    assert_eq!(road.app.post(&address, Some(&road.approver), &good).await.status, 403);
    assert_eq!(road.app.post(&address, Some(&road.reviewer), &good).await.status, 303);
    let unknown = [("criterion", "no_coach"), ("points", "100"), ("reason", "x"), ("version", "")];
    assert_eq!(road.app.post(&address, Some(&road.reviewer), &unknown).await.status, 422);
    assert!(road.app.get(&format!("/review/applications/{}", road.applications[0]), Some(&road.reviewer)).await.body.contains("Signed."));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_listed_and_never_taken_as_zero() {
    let road = Road::closed().await;
    let manager = road.call(&road.manager).await;
    let decision = DecisionInput { eligible: Some(true), reason: "A district.".to_owned(), seen: None };
    reviewing::decide_eligibility(&manager, road.applications[0], &decision).await.unwrap();
    let page = road.app.get(&road.page("/ranking"), Some(&road.manager)).await;
    assert!(page.body.contains("Eligibility to decide: 2 applications"));
    assert!(page.body.contains("College ties") && page.body.contains("Not scored"));
    let id: Uuid = mint(manager.now);
    let answer = road.app.post(&road.page("/ranking/freeze"), Some(&road.manager), &[("id", &id.to_string()), ("sure", "yes")]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("nobody has decided whether it is eligible"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ranking_is_frozen_once_and_replays_to_the_same_bytes() {
    let road = Road::screened().await;
    let id: Uuid = mint(road.app.now());
    let fields = [("id", id.to_string()), ("sure", "yes".to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let freeze = road.page("/ranking/freeze");
    assert_eq!(road.app.post(&freeze, Some(&road.reviewer), &fields).await.status, 403);
    assert_eq!(road.app.post(&freeze, Some(&road.manager), &fields).await.status, 303);
    assert_eq!(road.app.post(&freeze, Some(&road.manager), &fields).await.status, 303, "a double click freezes once");
    let other: Uuid = mint(road.app.now());
    assert_eq!(road.app.post(&freeze, Some(&road.manager), &[("id", &other.to_string()), ("sure", "yes")]).await.status, 409);
    let document = road.app.get(&road.page("/ranking.json"), Some(&road.reviewer)).await;
    assert!(domain::ranking::replay(document.body.as_bytes()).unwrap().same);
    assert!(road.app.get(&road.page("/ranking/replay"), Some(&road.reviewer)).await.body.contains("The same bytes"));
    let working = road.app.get(&road.page("/ranking/A-2024-0001"), Some(&road.reviewer)).await;
    assert_eq!(working.status, 200);
    assert!(working.body.contains("of 100 points: place 1 of 3."));
    let eligibility = format!("/review/applications/{}/eligibility", road.applications[0]);
    let late =
        road.app.post(&eligibility, Some(&road.manager), &[("eligible", "no"), ("eligible_reason", "Late."), ("version", "1")]).await;
    assert_eq!(late.status, 409);
    assert!(late.body.contains("The ranking is frozen"));
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_proposer_nor_ranker_approves_and_approval_happens_once() {
    let (road, id) = Road::proposed().await;
    let decide = |rest: &str| format!("/decide/{}{rest}", road.round);
    let allocation = id.to_string();
    let fields = [("allocation", allocation.as_str()), ("version", "1"), ("sure", "yes")];
    assert_eq!(road.app.post(&decide("/approve"), Some(&road.manager), &fields).await.status, 403);
    road.app.give(road.manager.person, Role::Approver, road.app.agency).await;
    let own = road.app.post(&decide("/approve"), Some(&road.manager), &fields).await;
    assert_eq!(own.status, 403, "{}", own.body);
    let stale = [("allocation", allocation.as_str()), ("version", "9"), ("sure", "yes")];
    assert_eq!(road.app.post(&decide("/approve"), Some(&road.approver), &stale).await.status, 409);
    assert_eq!(road.app.post(&decide("/approve"), Some(&road.approver), &fields).await.status, 303);
    assert_eq!(road.app.post(&decide("/approve"), Some(&road.approver), &fields).await.status, 303, "a double click approves once");
    let second = road.app.sign_in_as(Role::Approver, road.app.agency).await;
    assert_eq!(road.app.post(&decide("/approve"), Some(&second), &fields).await.status, 409);
    let mut reader = road.app.desk.db.reader().await.unwrap();
    let mut tx = reader.tx();
    let awards = store::awards::list(&mut tx, road.round).await.unwrap();
    let short: Vec<_> = awards.iter().map(|award| (award.number.as_str(), award.recipient_name.as_str(), award.units)).collect();
    assert_eq!(short, [("AW-2024-01", "Region Two", 2), ("AW-2024-02", "Region One", 2)]);
    let outcomes = store::awards::outcomes(&mut tx, road.round).await.unwrap();
    assert_eq!(outcomes.len(), 3);
    let balance = reviews::progress(&mut tx, road.round).await.unwrap().available;
    assert_eq!(balance, domain::Money::cents(30_000_000 - 4 * 6_486_486));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_returned_proposal_can_be_made_again() {
    let (road, id) = Road::proposed().await;
    let address = format!("/decide/{}/return", road.round);
    let allocation = id.to_string();
    let bare = [("allocation", allocation.as_str()), ("version", "1"), ("reason", " ")];
    assert_eq!(road.app.post(&address, Some(&road.approver), &bare).await.status, 422);
    let full = [("allocation", allocation.as_str()), ("version", "1"), ("reason", "Check the last seat.")];
    assert_eq!(road.app.post(&address, Some(&road.approver), &full).await.status, 303);
    let page = road.app.get(&format!("/decide/{}", road.round), Some(&road.manager)).await;
    assert!(page.body.contains("Check the last seat.") && page.body.contains("Propose this allocation"));
    let manager = road.call(&road.manager).await;
    deciding::propose(&manager, road.round, mint(manager.now)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn applicants_are_told_before_the_public() {
    let (road, id) = Road::proposed().await;
    let (manager, approver) = (road.call(&road.manager).await, road.call(&road.approver).await);
    let decide = |rest: &str| format!("/decide/{}{rest}", road.round);
    assert_eq!(road.app.post(&decide("/tell"), Some(&road.manager), &[]).await.status, 409);
    deciding::approve(&approver, id, 1).await.unwrap();
    assert_eq!(road.app.post(&decide("/publish"), Some(&road.manager), &[]).await.status, 409);
    let before = road.app.mail().await.len();
    assert_eq!(road.app.post(&decide("/tell"), Some(&road.manager), &[]).await.status, 303);
    let mail = road.app.mail().await;
    assert_eq!(mail.len() - before, 3, "each applicant has one person");
    assert!(mail.iter().any(|message| message.body.contains("Money reached as far as place")));
    assert_eq!(deciding::tell(&manager, road.round, &deciding::Release::Now).await.unwrap(), 0, "nobody is told twice");
    assert_eq!(road.app.post(&decide("/publish"), Some(&road.manager), &[]).await.status, 303);
    assert_eq!(road.app.post(&decide("/publish"), Some(&road.manager), &[]).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_filters_sorts_and_counts_in_few_statements() {
    let road = Road::screened().await;
    let all = road.app.get(&road.page(""), Some(&road.reviewer)).await;
    assert_eq!(all.status, 200);
    assert!(all.body.contains("3 applications in all: 6 seats, $389,189.16."));
    let one = road.app.get(&road.page("?text=coahoma&sort=-applicant"), Some(&road.reviewer)).await;
    assert!(one.body.contains("1 application match"));
    assert!(one.body.contains("aria-sort=\"descending\""));
    assert!(road.app.get(&road.page("?eligibility=ineligible"), Some(&road.reviewer)).await.body.contains("No application matches."));
    assert_eq!(road.app.get("/review/not-an-id", Some(&road.reviewer)).await.status, 404);
    assert_eq!(road.app.get(&road.page("?page=-5&sort=%27&region=%25"), Some(&road.reviewer)).await.status, 200);
    let mut reader = road.app.desk.db.reader().await.unwrap();
    let mut tx = reader.tx();
    let filter = ListFilter { region: "west".to_owned(), ..ListFilter::default() };
    Board::load(&mut tx, road.round).await.unwrap();
    assert_eq!(reviews::totals(&mut tx, road.round, &filter).await.unwrap().matched, 2);
    assert_eq!(reviews::list(&mut tx, road.round, &filter, Sort::County, true, 0).await.unwrap().len(), 2);
    assert!(tx.statements < 6, "with the session's, a list takes at most six: {}", tx.statements);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_its_applicants_alone() {
    let road = Road::open().await;
    let newcomer = district(&road.app, "Desoto", "2800999").await;
    let preparer = road.app.sign_in_as(Role::Preparer, newcomer).await;
    let call = road.call(&preparer).await;
    let draft = applying::start(&call, road.round, newcomer, mint(call.now)).await.unwrap();
    assert_eq!(road.app.get(&format!("/review/applications/{draft}"), Some(&road.manager)).await.status, 404);
    assert!(!road.app.get(&road.page(""), Some(&road.manager)).await.body.contains("Desoto"));
    assert_eq!(road.app.now().unix(), START);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_the_road_opens() {
    let (road, id) = Road::proposed().await;
    for address in ["/review".to_owned(), "/decide".to_owned(), format!("/decide/{}", road.round), road.page("/ranking")] {
        for who in [&road.manager, &road.reviewer, &road.approver] {
            assert_eq!(road.app.get(&address, Some(who)).await.status, 200, "{address}");
        }
    }
    let approver = road.call(&road.approver).await;
    deciding::approve(&approver, id, 1).await.unwrap();
    for address in
        [format!("/decide/{}", road.round), road.page("/ranking"), road.page(""), format!("/decide/{}/allocation.json", road.round)]
    {
        assert_eq!(road.app.get(&address, Some(&road.manager)).await.status, 200, "{address}");
    }
    let frozen = RankingId(Uuid::nil());
    assert!(matches!(reviewing::freeze(&approver, road.round, frozen).await, Err(::app::error::AppError::Forbidden(_))));
}

#[tokio::test]
async fn the_pages_take_few_statements() {
    let (road, _) = Road::proposed().await;
    let application = format!("/review/applications/{}", road.applications[1]);
    for (path, most) in
        [("/review", 2), (road.page("").as_str(), 6), (road.page("?region=west&sort=-place").as_str(), 6), (&application, 12)]
    {
        let before = store::statements_on_this_thread();
        assert_eq!(road.app.get(path, Some(&road.reviewer)).await.status, 200, "{path}");
        let taken = store::statements_on_this_thread() - before;
        assert!(taken <= most, "{path} took {taken} statements");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tie_closes_an_application_in_any_round_and_what_was_judged_with_it_is_judged_anew() {
    let road = Road::screened().await;
    let (alcorn, benton) = (road.applications[0], road.applications[1]);
    let applicant = store::reviews::find(&mut road.app.desk.db.reader().await.unwrap().tx(), alcorn).await.unwrap().unwrap().applicant;
    let open = |application: ApplicationId| format!("/review/applications/{application}");
    let page = road.app.get(&open(alcorn), Some(&road.reviewer)).await;
    assert!(page.status == 200 && page.body.contains("I have a tie to this applicant"), "{}", page.body);
    let ties = format!("/decide/{}/ties", road.round);
    let organization = applicant.to_string();
    let bare = road.app.post(&ties, Some(&road.reviewer), &[("organization", &organization), ("why", " ")]).await;
    assert_eq!(bare.status, 422);
    let tie = [("organization", organization.as_str()), ("why", "My sister teaches there.")];
    assert_eq!(road.app.post(&ties, Some(&road.reviewer), &tie).await.status, 303);
    // Neither read nor scored by whoever declared; the others stay open to them.
    assert_eq!(road.app.get(&open(alcorn), Some(&road.reviewer)).await.status, 403);
    assert_eq!(road.app.get(&open(benton), Some(&road.reviewer)).await.status, 200);
    let again = [("criterion", "college_ties"), ("points", "0"), ("reason", "No."), ("version", "1")];
    assert_eq!(road.app.post(&format!("{}/score", open(alcorn)), Some(&road.reviewer), &again).await.status, 403);
    // A part in the applicant is as much of a tie, whenever it came to be, for the manager as well.
    road.app.give(road.manager.person, Role::Preparer, applicant).await;
    assert_eq!(road.app.get(&open(alcorn), Some(&road.manager)).await.status, 403);
    let history = road.app.get(&format!("/audit/application/{alcorn}"), Some(&road.manager)).await;
    assert!(history.status == 403 && !history.body.contains("Signed."), "{}", history.body);
    let other = road.app.get(&format!("/audit/application/{benton}"), Some(&road.manager)).await;
    assert!(other.status == 200 && other.body.contains("Signed."));
    let log = road.app.get("/audit?noun=application", Some(&road.manager)).await;
    assert_eq!(
        log.body.matches("what was decided of it is held back").count(),
        log.body.matches(&format!("/audit/application/{alcorn}")).count()
    );
    // What they judged does not count: the ranking names it and is not frozen.
    let manager = road.call(&road.manager).await;
    let refused = reviewing::freeze(&manager, road.round, mint(manager.now)).await.unwrap_err();
    let AppError::Invalid(problems) = refused else { panic!("{refused:?}") };
    assert_eq!(problems.len(), 2, "the manager's decision and the reviewer's score: {problems:?}");
    let waits = road.app.get(&road.page("/ranking"), Some(&road.manager)).await;
    assert!(waits.body.contains("judged it and has a tie to it"), "{}", waits.body);
    let second = road.app.sign_in_as(Role::ProgramManager, road.app.agency).await;
    let free = road.call(&second).await;
    let decision = DecisionInput { eligible: Some(true), reason: "A district.".to_owned(), seen: Some(1) };
    reviewing::decide_eligibility(&free, alcorn, &decision).await.unwrap();
    let score =
        ScoreInput { criterion: "college_ties".to_owned(), points: Some(Decimal::from(100)), reason: "Signed.".to_owned(), seen: Some(1) };
    reviewing::score(&free, alcorn, &score).await.unwrap();
    reviewing::freeze(&free, road.round, mint(free.now)).await.unwrap();
    // Whoever has a tie puts forward what the rules make, and does not approve it.
    let id = mint(manager.now);
    deciding::propose(&manager, road.round, id).await.unwrap();
    road.app.give(road.approver.person, Role::Certifier, applicant).await;
    let allocation = id.to_string();
    let fields = [("allocation", allocation.as_str()), ("version", "1"), ("sure", "yes")];
    let own = road.app.post(&format!("/decide/{}/approve", road.round), Some(&road.approver), &fields).await;
    assert!(own.status == 403 && own.body.contains("tied to this decision"), "{}", own.body);
    let third = road.app.sign_in_as(Role::Approver, road.app.agency).await;
    assert_eq!(road.app.post(&format!("/decide/{}/approve", road.round), Some(&third), &fields).await.status, 303);
}
