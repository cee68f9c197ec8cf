//! Sign-in by email, sessions and their limits, and the demo's doors.

use crate::app::{Answer, START, TestApp, Visitor};
use axum::body::Body;
use domain::access::Role;
use http::Request;
use store::messages::Message;

/// Asks for a code as a fresh browser; the answer and the browser's cookie.
async fn ask(app: &TestApp, email: &str) -> (Answer, String) {
    let answer = app.post("/sign-in", None, &[("email", email), ("to", "/account")]).await;
    let browser = answer.cookie("browser").or_else(|| answer.cookie("__Host-browser")).unwrap_or_default();
    (answer, browser)
}

fn code_of(message: &Message) -> String {
    message.subject.split(" is your code").next().unwrap().to_owned()
}

/// Path and query of the link in a message.
fn link_of(message: &Message) -> String {
    let line = message.body.lines().find(|line| line.contains("/sign-in/link?")).unwrap();
    line.strip_prefix("http://127.0.0.1:3000").unwrap().to_owned()
}

fn visitor(app: &TestApp, answer: &Answer) -> Visitor {
    let _ = app;
    Visitor { person: domain::PersonId(uuid::Uuid::nil()), email: String::new(), cookie: answer.cookie("session").unwrap() }
}

#[tokio::test]
async fn a_code_signs_in_the_browser_that_asked_and_leads_where_it_was_going() {
    let app = TestApp::new().await;
    app.person("Ada", "ada@example.org").await;
    let (asked, browser) = ask(&app, "Ada@Example.org").await;
    assert_eq!((asked.status, asked.location()), (303, "/sign-in/code?to=/account"));
    let mail = app.mail().await;
    let entered = app.post_with("/sign-in/code", Some(&browser), &[("code", &code_of(&mail[0])), ("to", "/account")]).await;
    assert_eq!((entered.status, entered.location()), (303, "/account"));
    let set = entered.header("set-cookie");
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/"), "{set}");
    let page = app.get("/account", Some(&visitor(&app, &entered))).await;
    assert!(page.status == 200 && page.body.contains("ada@example.org"));
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_the_host_and_secure() {
    let app = TestApp::with(|house| house.base_url = "https://allotment.example.gov".to_owned()).await;
    let (asked, _) = ask(&app, "ada@example.org").await;
    let set = asked.header("set-cookie");
    assert!(set.starts_with("__Host-browser=") && set.contains("; Secure"), "{set}");

    app.person("Ada", "ada@example.org").await;
    let (_, browser) = ask(&app, "ada@example.org").await;
    let entered = app.post_with("/sign-in/code", Some(&browser), &[("code", &code_of(&app.mail().await[0]))]).await;
    let set = entered.header("set-cookie");
    // What browsers ask of a `__Host-` cookie: Secure, the whole site, no other host.
    assert!(entered.status == 303 && set.starts_with("__Host-session="), "{}: {set}", entered.status);
    assert!(set.contains("; Secure") && set.contains("; HttpOnly") && set.contains("; Path=/") && !set.contains("Domain"), "{set}");
    let session = entered.cookie("__Host-session").unwrap();
    let key = session.split_once('=').unwrap().1;
    let account = http::Request::get("/account").body(axum::body::Body::empty());
    assert_eq!(app.send(account.unwrap(), Some(&session)).await.status, 200);
    let account = http::Request::get("/account").body(axum::body::Body::empty());
    assert_eq!(app.send(account.unwrap(), Some(&format!("session={key}"))).await.status, 303, "the plain name opens nothing over https");
}

#[tokio::test]
async fn a_code_works_once() {
    let app = TestApp::new().await;
    app.person("Ada", "ada@example.org").await;
    let (_, browser) = ask(&app, "ada@example.org").await;
    let code = code_of(&app.mail().await[0]);
    assert_eq!(app.post_with("/sign-in/code", Some(&browser), &[("code", &code)]).await.status, 303);
    let again = app.post_with("/sign-in/code", Some(&browser), &[("code", &code)]).await;
    assert_eq!(again.status, 422);
    assert!(again.body.contains("does not hold any more"));
}

#[tokio::test]
async fn a_code_ends_after_ten_minutes_and_after_five_wrong_tries() {
    let app = TestApp::new().await;
    app.person("Ada", "ada@example.org").await;
    let (_, browser) = ask(&app, "ada@example.org").await;
    app.desk.clock.shift(600);
    let late = app.post_with("/sign-in/code", Some(&browser), &[("code", &code_of(&app.mail().await[0]))]).await;
    assert_eq!(late.status, 422);

    let (_, browser) = ask(&app, "ada@example.org").await;
    let code = code_of(&app.mail().await[0]);
    let wrong = if code == "0000 0000" { "1111 1111" } else { "0000 0000" };
    for _ in 0..5 {
        assert_eq!(app.post_with("/sign-in/code", Some(&browser), &[("code", wrong)]).await.status, 422);
    }
    assert_eq!(app.post_with("/sign-in/code", Some(&browser), &[("code", &code)]).await.status, 422);
}

#[tokio::test]
async fn a_code_is_worth_nothing_in_another_browser() {
    let app = TestApp::new().await;
    app.person("Ada", "ada@example.org").await;
    ask(&app, "ada@example.org").await;
    let code = code_of(&app.mail().await[0]);
    let (_, thiefs) = ask(&app, "thief@example.org").await;
    assert_eq!(app.post_with("/sign-in/code", Some(&thiefs), &[("code", &code)]).await.status, 422);
}

#[tokio::test]
async fn an_unknown_address_looks_the_same_and_gets_no_mail() {
    let app = TestApp::new().await;
    app.person("Ada", "ada@example.org").await;
    let (known, known_browser) = ask(&app, "ada@example.org").await;
    let (unknown, unknown_browser) = ask(&app, "nobody@example.org").await;
    assert_eq!((known.status, known.location(), &known.body), (unknown.status, unknown.location(), &unknown.body));
    assert_eq!(app.mail().await.len(), 1);
    let tries = [("code", "0000 0001")];
    let known = app.post_with("/sign-in/code", Some(&known_browser), &tries).await;
    let unknown = app.post_with("/sign-in/code", Some(&unknown_browser), &tries).await;
    assert_eq!((known.status, known.body), (unknown.status, unknown.body));
}

#[tokio::test]
async fn opening_the_link_uses_nothing_up_only_its_button_does() {
    let app = TestApp::new().await;
    app.person("Ada", "ada@example.org").await;
    let (_, browser) = ask(&app, "ada@example.org").await;
    let link = link_of(&app.mail().await[0]);
    let cookied = |path: String| http::Request::get(path).body(axum::body::Body::empty()).unwrap();
    for _ in 0..3 {
        let page = app.send(cookied(link.clone()), Some(&browser)).await;
        assert!(page.status == 200 && page.cookie("session").is_none() && page.body.contains("Press the button"));
    }
    let query: Vec<(&str, &str)> = link.split_once('?').unwrap().1.split('&').map(|pair| pair.split_once('=').unwrap()).collect();
    let entered = app.post_with("/sign-in/link", Some(&browser), &query).await;
    assert_eq!((entered.status, entered.location()), (303, "/account"));
    assert!(entered.cookie("session").is_some());
    assert_eq!(app.post_with("/sign-in/link", Some(&browser), &query).await.status, 409);
    assert_eq!(app.send(cookied(link), Some(&browser)).await.status, 410);
}

#[tokio::test]
async fn a_link_opened_in_another_browser_explains_itself_and_signs_nobody_in() {
    let app = TestApp::new().await;
    app.person("Ada", "ada@example.org").await;
    ask(&app, "ada@example.org").await;
    let link = link_of(&app.mail().await[0]);
    let page = app.get(&link, None).await;
    assert!(page.status == 200 && page.body.contains("Go back to the other browser"));
    let query: Vec<(&str, &str)> = link.split_once('?').unwrap().1.split('&').map(|pair| pair.split_once('=').unwrap()).collect();
    assert_eq!(app.post("/sign-in/link", None, &query).await.status, 409);
}

#[tokio::test]
async fn one_address_gets_three_mails_in_ten_minutes_and_a_school_of_two_hundred_is_let_in() {
    let app = TestApp::new().await;
    app.person("Ada", "ada@example.org").await;
    for _ in 0..3 {
        assert_eq!(ask(&app, "ada@example.org").await.0.status, 303);
    }
    assert_eq!(ask(&app, "ada@example.org").await.0.status, 429);
    for n in 3..200 {
        assert_eq!(ask(&app, &format!("p{n}@example.org")).await.0.status, 303, "{n}");
    }
    assert_eq!(ask(&app, "p200@example.org").await.0.status, 429);
    app.desk.clock.shift(3600);
    assert_eq!(ask(&app, "ada@example.org").await.0.status, 303);
}

#[tokio::test]
async fn a_double_click_asks_for_one_code_and_its_code_signs_in() {
    let app = TestApp::new().await;
    app.person("Ada", "ada@example.org").await;
    // The page itself makes the browser known, so that both forms are sent with its cookie.
    let browser = app.get("/sign-in", None).await.cookie("browser").unwrap();
    let ask = async |email: &str| app.post_with("/sign-in", Some(&browser), &[("email", email)]).await;
    let both = (ask("ada@example.org").await, ask("Ada@example.org").await);
    assert_eq!((both.0.status, both.1.status, both.0.location()), (303, 303, both.1.location()));
    let mail = app.mail().await;
    assert_eq!(mail.len(), 1);
    let entered = app.post_with("/sign-in/code", Some(&browser), &[("code", &code_of(&mail[0]))]).await;
    assert!(entered.status == 303 && entered.cookie("session").is_some(), "{}", entered.status);
    assert_eq!((ask("ada@example.org").await.status, app.mail().await.len()), (303, 2), "the first is used up");
    app.desk.clock.shift(10);
    assert_eq!((ask("ada@example.org").await.status, app.mail().await.len()), (303, 3), "asked for anew");
}

#[tokio::test]
async fn an_invitation_made_before_the_account_is_taken_up_at_sign_in() {
    let app = TestApp::new().await;
    let manager = app.sign_in_as(Role::ProgramManager, app.agency).await;
    let organization = app.district.to_string();
    let fields = [
        ("id", "018f0000-0000-7000-8000-000000000001"),
        ("email", "new@example.org"),
        ("organization", organization.as_str()),
        ("role", "preparer"),
    ];
    assert_eq!(app.post("/people", Some(&manager), &fields).await.status, 303);
    assert_eq!(app.post("/people", Some(&manager), &fields).await.status, 303, "sent twice, done once");
    assert_eq!(app.mail().await.len(), 1);
    let (_, browser) = ask(&app, "new@example.org").await;
    let mail = app.mail().await;
    let code = mail.iter().find(|message| message.subject.contains("is your code")).map(code_of).unwrap();
    let entered = app.post_with("/sign-in/code", Some(&browser), &[("code", &code)]).await;
    let roles = app.roles_of(&visitor(&app, &entered)).await;
    assert_eq!(roles.iter().map(|held| (held.organization, held.role)).collect::<Vec<_>>(), [(app.district, Role::Preparer)]);
}

#[tokio::test]
async fn an_invitation_made_after_the_account_is_taken_up_at_once() {
    let app = TestApp::new().await;
    let manager = app.sign_in_as(Role::ProgramManager, app.agency).await;
    let ada = app.person("Ada", "ada@example.org").await;
    let ada = app.session_of(ada, "ada@example.org").await;
    let organization = app.agency.to_string();
    let fields = [
        ("id", "018f0000-0000-7000-8000-000000000001"),
        ("email", "ADA@example.org"),
        ("organization", organization.as_str()),
        ("role", "auditor"),
    ];
    assert_eq!(app.post("/people", Some(&manager), &fields).await.status, 303);
    assert_eq!(app.roles_of(&ada).await[0].role, Role::Auditor);
}

#[tokio::test]
async fn a_role_is_given_only_where_it_can_be_held_and_not_in_another_agency() {
    let app = TestApp::new().await;
    let manager = app.sign_in_as(Role::ProgramManager, app.agency).await;
    let try_it = async |organization: domain::OrganizationId, role: &str| {
        let (id, organization) = (uuid::Uuid::from_u128(7).to_string(), organization.to_string());
        let fields = [("id", id.as_str()), ("email", "x@example.org"), ("organization", &organization), ("role", role)];
        app.post("/people", Some(&manager), &fields).await.status
    };
    assert_eq!(try_it(app.district, "approver").await, 422);
    assert_eq!(try_it(app.agency, "certifier").await, 422);
    assert_eq!(try_it(app.other_agency, "auditor").await, 404);
    assert_eq!(try_it(domain::OrganizationId(uuid::Uuid::nil()), "auditor").await, 404);
}

#[tokio::test]
async fn the_last_program_manager_stays_and_a_role_that_ends_is_gone_from_the_next_request() {
    let app = TestApp::new().await;
    let manager = app.sign_in_as(Role::ProgramManager, app.agency).await;
    let reviewer = app.sign_in_as(Role::Reviewer, app.agency).await;
    let held = store::memberships::list(&mut app.desk.db.reader().await.unwrap().tx()).await.unwrap();
    let of = |visitor: &Visitor| format!("/people/roles/{}", held.iter().find(|held| held.person == visitor.person).unwrap().id);
    let refused = app.post(&of(&manager), Some(&manager), &[("reason", "Leaves.")]).await;
    assert!(refused.status == 422 && refused.body.contains("is the last program manager"));
    assert_eq!(app.post(&of(&reviewer), Some(&manager), &[("reason", "")]).await.status, 422);
    assert_eq!(app.get("/review", Some(&reviewer)).await.status, 200);
    assert_eq!(app.post(&of(&reviewer), Some(&manager), &[("reason", "Moved on.")]).await.status, 303);
    assert_eq!(app.get("/review", Some(&reviewer)).await.status, 403);
    assert_eq!(app.post(&of(&reviewer), Some(&manager), &[("reason", "Again.")]).await.status, 404);
    assert!(app.mail().await[0].body.contains("Moved on."));
}

#[tokio::test]
async fn a_session_ends_when_idle_for_an_hour_and_after_twelve_in_any_case() {
    let app = TestApp::new().await;
    let ada = app.sign_in_as(Role::Auditor, app.agency).await;
    for _ in 0..14 {
        app.desk.clock.shift(50 * 60);
        assert_eq!(app.get("/home", Some(&ada)).await.status, 200);
        until_written(&app, &ada).await;
    }
    app.desk.clock.shift(50 * 60);
    assert_eq!(app.get("/home", Some(&ada)).await.status, 303, "twelve hours");
    let ada = app.sign_in_as(Role::Auditor, app.agency).await;
    app.desk.clock.shift(60 * 60);
    let out = app.get("/home", Some(&ada)).await;
    assert_eq!((out.status, out.location()), (303, "/sign-in?to=/home"));
}

/// The answer does not wait until the session's last use is written down; the clock here is turned on before that would be.
async fn until_written(app: &TestApp, visitor: &Visitor) {
    let now = app.desk.clock.now();
    for _ in 0..500 {
        let mut reader = app.desk.db.reader().await.unwrap();
        let live = store::sessions::list_live(&mut reader.tx(), visitor.person, now, now.plus_seconds(-1)).await.unwrap();
        if !live.is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the session's last use was not written down");
}

#[tokio::test]
async fn signing_in_again_ends_the_old_session_and_signing_out_everywhere_ends_all() {
    let app = TestApp::demo().await;
    let ada = app.sign_in_as(Role::Auditor, app.agency).await;
    let person = ada.person.to_string();
    let again = app.post("/demo/sign-in", Some(&ada), &[("person", &person)]).await;
    assert_eq!((again.status, again.location()), (303, "/home"));
    let fresh = visitor(&app, &again);
    assert_eq!(app.get("/home", Some(&ada)).await.status, 303);
    let other = app.session_of(ada.person, &ada.email).await;
    assert_eq!(app.get("/home", Some(&other)).await.status, 200);
    assert_eq!(app.post("/sign-out/everywhere", Some(&fresh), &[]).await.status, 303);
    assert_eq!(app.get("/home", Some(&fresh)).await.status, 303);
    assert_eq!(app.get("/home", Some(&other)).await.status, 303);
}

#[tokio::test]
async fn outside_the_demo_its_doors_are_not_there() {
    let app = TestApp::new().await;
    let ada = app.sign_in_as(Role::Auditor, app.agency).await;
    let person = ada.person.to_string();
    assert_eq!(app.get("/demo", None).await.status, 404);
    assert_eq!(app.get("/demo/mail", Some(&ada)).await.status, 404);
    assert_eq!(app.post("/demo/sign-in", None, &[("person", &person)]).await.status, 404);
    assert_eq!(app.post("/demo/clock", None, &[("to", "day")]).await.status, 404);
    assert_eq!(app.now().unix(), START);
}

#[tokio::test]
async fn the_demos_clock_moves_without_signing_anybody_out() {
    let app = TestApp::demo().await;
    let ada = app.sign_in_as(Role::Auditor, app.agency).await;
    assert_eq!(app.post("/demo/clock", Some(&ada), &[("to", "day")]).await.status, 303);
    assert_eq!(app.now().unix(), START + 86_400);
    assert_eq!(app.get("/home", Some(&ada)).await.status, 200);
    let acts = app.get("/audit?noun=demo", Some(&ada)).await.body;
    assert!(acts.contains("moved the demo’s clock") && acts.contains("2024-04-01T17:00:00Z → 2024-04-02T17:00:00Z"), "it is an act");
    assert_eq!(app.post("/demo/clock", Some(&ada), &[("to", "elsewhere")]).await.status, 400);
    assert_eq!(app.get("/demo", None).await.status, 200);
}

#[tokio::test]
async fn a_form_that_arrives_after_the_session_ended_comes_back_with_all_that_was_typed() {
    let app = TestApp::new().await;
    let manager = app.sign_in_as(Role::ProgramManager, app.agency).await;
    app.desk.clock.shift(61 * 60);
    let text = "A long answer with <b>markup</b> & a second line\nthat nobody wants to type again.";
    let kept = app.post("/manage/import", Some(&manager), &[("text", text), ("version", "3")]).await;
    assert_eq!(kept.status, 401);
    assert!(kept.body.contains("Nothing was saved yet, and nothing is lost"));
    assert!(kept.body.contains("A long answer with &lt;b&gt;markup&lt;/b&gt; &amp; a second line"));
    assert!(kept.body.contains(r#"action="/manage/import""#) && kept.body.contains(r#"name="version" value="3""#), "{}", kept.body);
}

#[tokio::test]
async fn a_press_after_the_session_ended_leads_back_to_its_page_and_not_to_where_it_was_sent() {
    let app = TestApp::new().await;
    let manager = app.sign_in_as(Role::ProgramManager, app.agency).await;
    app.desk.clock.shift(61 * 60);
    let press = |path: &str, kind: &'static str, body: &'static str| {
        Request::post(path)
            .header("content-type", kind)
            .header("sec-fetch-site", "same-origin")
            .header("referer", "https://allotment.example.gov/manage?page=2")
            .body(Body::from(body))
            .unwrap()
    };
    for (path, kind, body) in [
        ("/manage/import", "application/x-www-form-urlencoded", ""),
        (
            "/manage/import/file",
            "multipart/form-data; boundary=XX",
            "--XX\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\na&b=c\r\n--XX--\r\n",
        ),
    ] {
        let answer = app.send(press(path, kind, body), Some(&manager.cookie)).await;
        assert_eq!((answer.status, answer.location()), (303, "/sign-in?to=/manage%3Fpage%3D2"), "{path}");
    }
    let answer = app.post("/manage/import", Some(&manager), &[]).await;
    assert_eq!(answer.location(), "/sign-in?to=/", "no page is known");
}
