//! Scores on a spreadsheet over HTTP: out, back, looked at, applied; and everything that is refused on the way, with nothing written.

use crate::app::{Answer, TestApp, Visitor};
use crate::panel::{Panel, SECTION};
use crate::road::Road;
use crate::score_book::{FORMULAS, pack, part};
use ::app::review::panel::work as panel;
use ::app::review::sheet::book::{self, Book};
use ::app::review::work::{self as reviewing};
use axum::body::{Body, to_bytes};
use domain::access::Role;
use domain::score_sheet::Cell;
use http::Request;
use rust_decimal::Decimal;
use store::panels::Review;
use tower::ServiceExt;

const POINTS: usize = 6;
const REASON: usize = 7;

async fn export(app: &TestApp, address: &str, who: &Visitor) -> Vec<u8> {
    let request = Request::get(format!("{address}.xlsx")).header("cookie", &who.cookie).body(Body::empty()).unwrap();
    let response = app.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    assert!(response.headers()["content-disposition"].to_str().unwrap().ends_with(".xlsx\""));
    to_bytes(response.into_body(), 16 << 20).await.unwrap().to_vec()
}

async fn send(app: &TestApp, address: &str, who: &Visitor, bytes: &[u8]) -> Answer {
    let mut body = b"--XX\r\nContent-Disposition: form-data; name=\"sheet\"; filename=\"scores.xlsx\"\r\n\r\n".to_vec();
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--XX--\r\n");
    let request = Request::post(address)
        .header("content-type", "multipart/form-data; boundary=XX")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(body))
        .unwrap();
    app.send(request, Some(&who.cookie)).await
}

/// What the page's form would post.
fn hidden(page: &Answer) -> String {
    let start = page.body.find("name=\"changes\" value=\"").expect("the page has a form to apply") + 22;
    let text = page.body[start..].split('"').next().unwrap();
    text.replace("&quot;", "\"").replace("&#x27;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

async fn apply(app: &TestApp, address: &str, who: &Visitor, changes: &str) -> Answer {
    app.post(&format!("{address}/apply"), Some(who), &[("changes", changes)]).await
}

fn score(book: &mut Book, row: usize, points: i64, reason: &str) {
    book.scores[row].resize(REASON + 1, Cell::Empty);
    book.scores[row][POINTS] = Cell::Number(Decimal::from(points));
    book.scores[row][REASON] = Cell::Text(reason.to_owned());
}

/// A reviewer with two applications on the desk, and their sheet.
struct Desk {
    panel: Panel,
    address: String,
    sheet: Book,
}

impl Desk {
    async fn new() -> Self {
        Self::with(SECTION).await
    }

    async fn with(section: &str) -> Self {
        let panel = Panel::assigned(section).await;
        let address = panel.road.page("/desk/scores");
        let sheet = book::read(&export(panel.app(), &address, &panel.members[0]).await).unwrap();
        Self { panel, address, sheet }
    }

    fn who(&self) -> &Visitor {
        &self.panel.members[0]
    }

    async fn desk(&self) -> Vec<Review> {
        self.panel.desk(self.who()).await
    }

    async fn send(&self) -> Answer {
        send(self.panel.app(), &self.address, self.who(), &pack(&self.sheet)).await
    }

    async fn apply(&self, changes: &str) -> Answer {
        apply(self.panel.app(), &self.address, self.who(), changes).await
    }

    /// Both rows scored, and the form that would apply it.
    async fn filled(&mut self) -> String {
        score(&mut self.sheet, 1, 100, "All of it.");
        score(&mut self.sheet, 2, 0, "None of it.");
        let page = self.send().await;
        assert_eq!(page.status, 200, "{}", page.body);
        hidden(&page)
    }

    async fn nothing_is_written(&self) {
        assert!(self.desk().await.iter().all(|review| review.written.is_empty()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reviewers_sheet_goes_out_and_comes_back_and_is_applied_once() {
    let mut desk = Desk::new().await;
    let own = desk.desk().await;
    let ids: Vec<Cell> = desk.sheet.scores[1..].iter().map(|row| row[0].clone()).collect();
    assert_eq!(ids, own.iter().map(|review| Cell::Text(review.id.to_string())).collect::<Vec<_>>(), "their own, and nobody else's");
    let same = desk.send().await;
    assert!(same.status == 200 && same.body.contains("Nothing differs") && same.body.contains("2 scores are as on record"));
    let changes = desk.filled().await;
    let page = desk.send().await;
    assert!(page.body.contains("Apply all 2 changes") && page.body.contains("not scored") && page.body.contains("All of it."));
    desk.nothing_is_written().await;
    for _ in 0..2 {
        let done = desk.apply(&changes).await;
        assert_eq!((done.status, done.location()), (303, format!("{}?applied=2", desk.address).as_str()));
    }
    let saved = desk.desk().await;
    assert!(saved.iter().all(|review| review.version == 2 && review.stage.waits()), "saved once, as drafts");
    assert_eq!(saved[0].written["college_ties"].reason, "All of it.");
    let events = {
        let mut reader = desk.panel.app().desk.db.reader().await.unwrap();
        store::events::list_of(&mut reader.tx(), desk.panel.road.round.0).await.unwrap()
    };
    assert_eq!(events.iter().filter(|event| event.verb == "brought draft scores in from a sheet").count(), 1);
    let told = desk.panel.app().get(&format!("{}?applied=2", desk.address), Some(desk.who())).await;
    assert!(told.body.contains("2 scores are saved."));
    let page = desk.panel.app().get(&desk.panel.road.page("/desk"), Some(desk.who())).await;
    assert!(page.body.contains("/desk/scores\""), "the desk leads there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_that_looks_like_a_formula_stays_text_all_the_way() {
    let mut desk = Desk::new().await;
    for formula in FORMULAS {
        score(&mut desk.sheet, 1, 100, formula);
        let page = desk.send().await;
        assert_eq!(desk.apply(&hidden(&page)).await.status, 303);
        assert_eq!(desk.desk().await[0].written["college_ties"].reason, formula);
        let bytes = export(desk.panel.app(), &desk.address, desk.who()).await;
        let cells = part(&bytes, "xl/worksheets/sheet1.xml");
        assert!(!cells.contains("<f>") && !cells.contains("<f "), "{formula}");
        desk.sheet = book::read(&bytes).unwrap();
        assert_eq!(desk.sheet.scores[1][REASON], Cell::Text(formula.to_owned()));
        assert!(desk.send().await.body.contains("Nothing differs"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn anothers_reviews_are_neither_on_the_sheet_nor_taken_from_it() {
    let mut desk = Desk::new().await;
    let changes = desk.filled().await;
    let (app, other) = (desk.panel.app(), &desk.panel.members[1]);
    let page = send(app, &desk.address, other, &pack(&desk.sheet)).await;
    assert!(page.status == 422 && page.body.contains("Row 2: Its id names nothing that you can score"), "{}", page.body);
    assert_eq!(apply(app, &desk.address, other, &changes).await.status, 422);
    assert_eq!(apply(app, &desk.address, &desk.panel.road.manager, &changes).await.status, 403, "managers write no reviews");
    assert_eq!(app.get(&format!("{}.xlsx", desk.address), Some(&desk.panel.road.manager)).await.status, 403);
    let stranger = app.sign_in_as(Role::Reviewer, app.agency).await;
    for page in [desk.address.clone(), format!("{}.xlsx", desk.address)] {
        assert_eq!(app.get(&page, Some(&stranger)).await.status, 404, "on no panel: {page}");
    }
    desk.nothing_is_written().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_conflict_of_interest_stops_the_whole_sheet() {
    let mut desk = Desk::new().await;
    let changes = desk.filled().await;
    let barred = desk.desk().await.remove(1);
    panel::declare_on_sheet(&desk.panel.road.call(desk.who()).await, barred.id, "A cousin.").await.unwrap();
    assert_eq!(desk.send().await.status, 422);
    assert_eq!(desk.apply(&changes).await.status, 422);
    desk.nothing_is_written().await;
    let again = book::read(&export(desk.panel.app(), &desk.address, desk.who()).await).unwrap();
    assert_eq!(again.scores.len(), 2, "the heading and the one that is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_exported_before_ties_are_declared() {
    let panel = Panel::with(SECTION).await;
    panel::assign_balanced(&panel.road.call(&panel.road.manager).await, panel.road.round).await.unwrap();
    for page in ["/desk/scores", "/desk/scores.xlsx"] {
        assert_eq!(panel.app().get(&panel.road.page(page), Some(&panel.members[0])).await.status, 403, "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_saved_meanwhile_is_a_conflict_that_names_it() {
    let mut desk = Desk::new().await;
    let changes = desk.filled().await;
    let review = desk.desk().await.remove(1);
    let sheet = format!("/review/desk/{}", review.id);
    let save = [("version", "1"), ("college_ties-points", "100"), ("college_ties-reason", "Typed."), ("then", "save")];
    assert_eq!(desk.panel.app().post(&sheet, Some(desk.who()), &save).await.status, 303);
    for page in [desk.send().await, desk.apply(&changes).await] {
        assert_eq!(page.status, 409);
        assert!(page.body.contains(&review.number) && page.body.contains("is on record with 100 points"), "{}", page.body);
        assert!(!page.body.contains("name=\"changes\""), "there is nothing to apply");
    }
    let after = desk.desk().await;
    assert!(after[0].written.is_empty(), "all or none");
    assert_eq!(after[1].written["college_ties"].reason, "Typed.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_score_without_reason_or_level_names_its_cell_and_so_does_one_that_is_handed_in() {
    let mut desk = Desk::new().await;
    score(&mut desk.sheet, 1, 100, "");
    score(&mut desk.sheet, 2, 70, "Between.");
    let page = desk.send().await;
    assert!(page.status == 422 && page.body.contains("Row 2, column H: Give the reason for “College ties”"), "{}", page.body);
    assert!(page.body.contains("Row 3, column G: This is no level of “College ties”. Its levels are 0, 100."));
    let forged =
        format!(r#"[{{"row":"{}","version":"1","criterion":"college_ties","points":"100","reason":" "}}]"#, desk.desk().await[0].id);
    assert_eq!(desk.apply(&forged).await.status, 422, "a form that was altered is judged the same");
    assert_eq!(desk.apply("[]").await.status, 303);
    for broken in ["", "{", "[{\"row\":1}]"] {
        assert_eq!(desk.apply(broken).await.status, 400);
    }
    desk.nothing_is_written().await;
    let review = desk.desk().await.remove(0);
    desk.panel.hand_in(desk.who(), &review, 0).await;
    score(&mut desk.sheet, 1, 100, "Changed my mind.");
    desk.sheet.scores.truncate(2);
    let page = desk.send().await;
    assert!(page.status == 422 && page.body.contains("This review is handed in."), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_blind_sheet_holds_no_name_and_nobody_elses_word() {
    let section = SECTION.replace("chair", "sealed = true\nblind = true\nidentifying = [\"district.contact_name\"]\nchair");
    let desk = Desk::with(&section).await;
    for other in &desk.panel.members[1..] {
        for review in desk.panel.desk(other).await {
            desk.panel.hand_in(other, &review, 100).await;
        }
    }
    let bytes = export(desk.panel.app(), &desk.address, desk.who()).await;
    let strings = part(&bytes, "xl/sharedStrings.xml");
    assert!(strings.contains("Masked") && !strings.contains("As written."));
    for name in ["Alcorn", "Benton", "Coahoma", "28001"] {
        assert!(!strings.contains(name), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_sheet_of_this_round_is_refused_on_the_page() {
    let mut desk = Desk::new().await;
    let app = desk.panel.app();
    let refused = |bytes: Vec<u8>| send(app, &desk.address, desk.who(), Box::leak(bytes.into_boxed_slice()));
    for (bytes, why) in [
        (Vec::new(), "The file is empty."),
        (b"Id,Version\n".to_vec(), "This is no Excel workbook."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old".to_vec(), "an older Excel file"),
    ] {
        let page = refused(bytes).await;
        assert!(page.status == 422 && page.body.contains(why) && page.body.contains("type=\"file\""), "{why}: {}", page.status);
    }
    let large = refused(vec![b'x'; 30 << 20]).await;
    assert!(large.status == 413 && large.body.contains("larger than 5 MB"), "{}", large.status);
    let bare = app.post(&desk.address, Some(desk.who()), &[]).await;
    assert_eq!(bare.status, 400);
    desk.sheet.about.insert("Round id".to_owned(), "018f0000-0000-7000-8000-00000000ffff".to_owned());
    let page = desk.send().await;
    assert!(page.status == 422 && page.body.contains("It was exported from another round."), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_staffs_sheet_makes_the_round_trip_with_an_event_for_each_score() {
    let road = Road::screened().await;
    let address = road.page("/scores");
    let bytes = export(&road.app, &address, &road.manager).await;
    assert!(part(&bytes, "xl/sharedStrings.xml").contains("<t>2800185</t>"), "a code is text");
    let mut sheet = book::read(&bytes).unwrap();
    assert!(send(&road.app, &address, &road.manager, &pack(&sheet)).await.body.contains("3 scores are as on record"));
    score(&mut sheet, 1, 0, "Read again.");
    score(&mut sheet, 3, 0, "Read again, too.");
    let page = send(&road.app, &address, &road.manager, &pack(&sheet)).await;
    assert!(page.body.contains("100 points") && page.body.contains("On record: Signed.") && page.body.contains("1 score is as on record"));
    let changes = hidden(&page);
    for _ in 0..2 {
        assert_eq!(apply(&road.app, &address, &road.manager, &changes).await.status, 303);
    }
    let mut reader = road.app.desk.db.reader().await.unwrap();
    let scores = store::rankings::scores_of_round(&mut reader.tx(), road.round).await.unwrap();
    assert_eq!(scores.iter().filter(|score| score.points.is_zero() && score.version == 2).count(), 2);
    let events = store::events::list_of(&mut reader.tx(), road.applications[0].0).await.unwrap();
    assert_eq!(events.iter().filter(|event| event.verb == "scored").count(), 2, "the first, and the sheet's once");
    drop(reader);
    let stale = send(&road.app, &address, &road.reviewer, &pack(&sheet)).await;
    assert!(stale.status == 200 && stale.body.contains("Nothing differs"), "it is on record by now");
    score(&mut sheet, 1, 100, "Once more.");
    assert_eq!(send(&road.app, &address, &road.reviewer, &pack(&sheet)).await.status, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_staffs_sheet_is_theirs_alone_and_closed_where_scores_are() {
    let road = Road::screened().await;
    let address = road.page("/scores");
    assert_eq!(road.app.get(&address, Some(&road.approver)).await.status, 403);
    assert_eq!(road.app.get(&format!("{address}.xlsx"), Some(&road.approver)).await.status, 200, "the staff may read");
    let elsewhere = road.app.sign_in_as(Role::ProgramManager, road.app.other_agency).await;
    assert_eq!(road.app.get(&format!("{address}.xlsx"), Some(&elsewhere)).await.status, 404);
    let list = road.app.get(&road.page(""), Some(&road.manager)).await;
    assert!(list.body.contains("Scores on a spreadsheet"));
    let mut sheet = book::read(&export(&road.app, &address, &road.manager).await).unwrap();
    score(&mut sheet, 1, 0, "Read again.");
    let changes = hidden(&send(&road.app, &address, &road.manager, &pack(&sheet)).await);
    let manager = road.call(&road.manager).await;
    reviewing::freeze(&manager, road.round, ::app::call::mint(manager.now)).await.unwrap();
    for page in [send(&road.app, &address, &road.manager, &pack(&sheet)).await, apply(&road.app, &address, &road.manager, &changes).await] {
        assert!(page.status == 422 && page.body.contains("The ranking is frozen"), "{}", page.status);
    }
    let page = road.app.get(&address, Some(&road.manager)).await;
    assert!(page.body.contains("The ranking is frozen") && !page.body.contains("type=\"file\""));
    let panel = Panel::assigned(SECTION).await;
    assert_eq!(panel.app().get(&panel.road.page("/scores"), Some(&panel.road.manager)).await.status, 409, "a panel scores there");
}
