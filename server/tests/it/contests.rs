//! Contesting a figure: from the form with its file to the ruling, the fact that then counts, and the ranking that waits for it.

use crate::app::{Answer, Visitor};
use crate::road::Road;
use ::app::call::mint;
use ::app::review::work::{self as reviewing, Board};
use axum::body::Body;
use domain::access::Role;
use domain::{ContestId, OrganizationId};
use http::Request;
use rust_decimal::Decimal;

const PDF: &[u8] = b"%PDF-1.4\n%%EOF\n";

/// A district of the closed round whose coach is on record, with somebody who prepares for it.
struct Contesting {
    road: Road,
    preparer: Visitor,
    applicant: OrganizationId,
    address: String,
}

fn form(fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend_from_slice(format!("--XX\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes());
    }
    let (name, bytes) = file.unwrap_or_default();
    body.extend_from_slice(
        format!(
            "--XX\r\ncontent-disposition: form-data; name=\"files\"; filename=\"{name}\"\r\ncontent-type: application/octet-stream\r\n\r\n"
        )
        .as_bytes(),
    );
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--XX--\r\n");
    body
}

impl Contesting {
    async fn new() -> Self {
        let road = Road::screened().await;
        let application = road.applications[1];
        let mut reader = road.app.desk.db.reader().await.unwrap();
        let applicant = store::applications::find(&mut reader.tx(), application).await.unwrap().unwrap().application.applicant;
        drop(reader);
        let preparer = road.app.sign_in_as(Role::Preparer, applicant).await;
        Self { road, preparer, applicant, address: format!("/apply/{application}/figures") }
    }

    fn fresh(&self) -> ContestId {
        mint(self.road.app.now())
    }

    async fn send(&self, who: &Visitor, key: &str, fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Answer {
        let request = Request::post(format!("{}/{key}", self.address))
            .header("content-type", "multipart/form-data; boundary=XX")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(form(fields, file)))
            .unwrap();
        self.road.app.send(request, Some(&who.cookie)).await
    }

    /// Says that there is no coach, with a file.
    async fn contest(&self, id: ContestId) -> Answer {
        let id = id.to_string();
        let fields = [("id", id.as_str()), ("value", "0"), ("reason", "The coach left."), ("source", "Letter of April 2")];
        self.send(&self.preparer, "coaches_in_place", &fields, Some(("letter.pdf", PDF))).await
    }

    async fn rule(&self, who: &Visitor, id: ContestId, fields: &[(&str, &str)]) -> Answer {
        self.road.app.post(&format!("/review/contests/{id}"), Some(who), fields).await
    }

    /// The number of coaches that the ranking would take.
    async fn coaches(&self) -> Decimal {
        let mut reader = self.road.app.desk.db.reader().await.unwrap();
        let facts = store::facts::of_organization(&mut reader.tx(), self.applicant, self.road.round).await.unwrap();
        facts.iter().find(|fact| fact.key == "coaches_in_place").unwrap().value
    }

    fn stored_files(&self) -> usize {
        std::fs::read_dir(&self.road.app.desk.house.files).unwrap().count()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ranking_waits_for_the_ruling_and_draws_on_an_upheld_figure() {
    let contesting = Contesting::new().await;
    let (road, id) = (&contesting.road, contesting.fresh());
    let page = road.app.get(&contesting.address, Some(&contesting.preparer)).await;
    assert!(page.status == 200 && page.body.contains("1 coach") && page.body.contains("This is wrong"), "{}", page.body);
    let sent = contesting.contest(id).await;
    assert_eq!((sent.status, sent.location()), (303, contesting.address.as_str()), "{}", sent.body);
    assert_eq!(contesting.contest(id).await.status, 303, "sent twice is contested once");
    assert_eq!(contesting.stored_files(), 1, "and its file kept once");
    let page = road.app.get(&contesting.address, Some(&contesting.preparer)).await;
    assert!(page.body.contains("To be ruled on") && page.body.contains("letter.pdf") && page.body.contains("Take it back"));

    let freeze = [("id", &*mint::<uuid::Uuid>(road.app.now()).to_string()), ("sure", "yes")];
    let refused = road.app.post(&format!("/review/{}/ranking/freeze", road.round), Some(&road.manager), &freeze).await;
    assert!(refused.status == 422 && refused.body.contains("is contested, and nobody has ruled on it"), "{}", refused.body);

    let list = road.app.get(&format!("/review/{}/contests", road.round), Some(&road.manager)).await;
    assert!(list.status == 200 && list.body.contains("The coach left.") && list.body.contains("Rule on it"));
    let bare = contesting.rule(&road.manager, id, &[("version", "1"), ("reason", "")]).await;
    assert!(bare.status == 422 && bare.body.contains("Choose whether the contest is upheld."), "{}", bare.body);
    let ruling = [("version", "1"), ("upheld", "yes"), ("reason", "The letter shows it.")];
    assert_eq!(contesting.rule(&road.reviewer, id, &ruling).await.status, 403);
    let stranger = road.app.sign_in_as(Role::ProgramManager, road.app.other_agency).await;
    assert_eq!(contesting.rule(&stranger, id, &ruling).await.status, 404);
    assert_eq!(contesting.coaches().await, Decimal::ONE);
    assert_eq!(contesting.rule(&road.manager, id, &ruling).await.status, 303);
    assert_eq!(contesting.rule(&road.manager, id, &ruling).await.status, 303, "the same ruling twice is one");
    let other = [("version", "1"), ("upheld", "no"), ("reason", "On second thought.")];
    let late = contesting.rule(&road.manager, id, &other).await;
    assert!(late.status == 409 && late.body.contains("was ruled on or taken back"), "{}", late.body);
    assert_eq!(contesting.coaches().await, Decimal::ZERO);
    let mail = road.app.mail().await;
    let told = mail.iter().find(|mail| mail.to_email == contesting.preparer.email && mail.subject.starts_with("Ruled on")).unwrap();
    assert!(told.body.contains("Your figure, 0, counts") && told.body.contains("The letter shows it."), "{}", told.body);

    let mut reader = road.app.desk.db.reader().await.unwrap();
    let mut tx = reader.tx();
    let board = Board::load(&mut tx, road.round).await.unwrap();
    let gathered = reviewing::gather(&mut tx, &board, None, road.app.now()).await.unwrap();
    drop(reader);
    assert!(gathered.is_complete());
    let inputs = &gathered.candidates.iter().find(|one| one.id == road.applications[1].to_string()).unwrap().inputs;
    assert!(inputs["coaches_in_place"].value.is_zero() && inputs["coaches_in_place"].source.contains("Letter of April 2"));

    let call = road.app.call_as(&road.manager).await;
    reviewing::freeze(&call, road.round, mint(call.now)).await.unwrap();
    let closed = contesting.contest(contesting.fresh()).await;
    assert!(closed.status == 409 && closed.body.contains("The ranking is frozen"), "{}", closed.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contest_that_can_not_be_taken_keeps_what_was_typed_and_no_file() {
    let contesting = Contesting::new().await;
    let id = contesting.fresh().to_string();
    let wrong = [("id", id.as_str()), ("value", "-3"), ("reason", "Typed and kept."), ("source", "")];
    let refused = contesting.send(&contesting.preparer, "coaches_in_place", &wrong, Some(("letter.pdf", PDF))).await;
    assert_eq!(refused.status, 422);
    for text in ["Typed and kept.", "it must be 0 or more", "Say where the figure can be checked"] {
        assert!(refused.body.contains(text), "{text}: {}", refused.body);
    }
    let right = [("id", id.as_str()), ("value", "0"), ("reason", "It left."), ("source", "Letter")];
    let page = contesting.send(&contesting.preparer, "coaches_in_place", &right, Some(("letter.pdf", b"<html>"))).await;
    assert!(page.status == 422 && page.body.contains("letter.pdf"), "{}", page.body);
    assert_eq!(contesting.send(&contesting.preparer, "no_such_fact", &right, None).await.status, 404);
    assert_eq!(contesting.send(&contesting.preparer, "child_poverty_rate", &right, None).await.status, 404, "the rules don’t draw on it");
    let elsewhere = contesting.road.app.sign_in_as(Role::Preparer, contesting.road.app.elsewhere_for(Role::Preparer)).await;
    assert_eq!(contesting.send(&elsewhere, "coaches_in_place", &right, None).await.status, 404);
    assert_eq!(contesting.send(&contesting.road.manager, "coaches_in_place", &right, None).await.status, 403);
    assert_eq!(contesting.stored_files(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_contest_at_a_time_and_the_applicant_may_take_it_back() {
    let contesting = Contesting::new().await;
    let id = contesting.fresh();
    assert_eq!(contesting.contest(id).await.status, 303);
    let second = contesting.contest(contesting.fresh()).await;
    assert!(second.status == 409 && second.body.contains("contested already"), "{}", second.body);
    assert_eq!(contesting.stored_files(), 1, "the second one's file is not kept");
    let app = &contesting.road.app;
    let file = app.get(&format!("/contests/{id}/evidence"), Some(&contesting.preparer)).await;
    assert_eq!((file.status, file.header("content-type")), (200, "application/pdf"));
    let elsewhere = app.sign_in_as(Role::Preparer, app.elsewhere_for(Role::Preparer)).await;
    assert_eq!(app.get(&format!("/contests/{id}/evidence"), Some(&elsewhere)).await.status, 404);
    let back = format!("/contests/{id}/withdraw");
    assert_eq!(app.post(&back, Some(&elsewhere), &[]).await.status, 404);
    assert_eq!(app.post(&back, Some(&contesting.preparer), &[]).await.status, 303);
    assert_eq!(app.post(&back, Some(&contesting.preparer), &[]).await.status, 303, "taken back twice is once");
    let ruling = [("version", "1"), ("upheld", "yes"), ("reason", "Too late.")];
    assert_eq!(contesting.rule(&contesting.road.manager, id, &ruling).await.status, 409);
    assert_eq!(contesting.contest(contesting.fresh()).await.status, 303, "and may be contested again");
}
