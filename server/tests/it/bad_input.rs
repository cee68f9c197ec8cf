//! What comes in wrong: each gets a clear answer with the right status, and nothing is half done.

use crate::app::{TestApp, Visitor};
use axum::body::Body;
use domain::access::Role;
use http::Request;

/// Somebody with every role, so that only the input is wrong.
async fn everybody(app: &TestApp) -> Visitor {
    let all = app.sign_in_as(Role::ProgramManager, app.agency).await;
    for role in Role::ALL {
        app.give(all.person, role, app.home_of(role)).await;
    }
    all
}

/// A path with every parameter replaced.
fn fill(path: &str, with: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { with } else { part }).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn a_form_beyond_the_limit_is_refused_as_too_large() {
    let app = TestApp::new().await;
    let long = "x".repeat(300 * 1024);
    let answer = app.post("/sign-in", None, &[("email", &long)]).await;
    assert_eq!(answer.status, 413);
    assert!(answer.body.contains("too much text"));
}

#[tokio::test]
async fn a_form_from_a_foreign_page_is_refused_and_one_from_ours_is_not() {
    let app = TestApp::new().await;
    let post = |name: &str, value: &str| {
        Request::post("/sign-in").header(name, value).header("host", "127.0.0.1:3000").body(Body::from("email=a@b.example")).unwrap()
    };
    for (name, value, status) in [
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("sec-fetch-site", "same-origin", 303),
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
        ("origin", "http://127.0.0.1:3000", 303),
    ] {
        assert_eq!(app.send(post(name, value), None).await.status, status, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_nul_byte_broken_percent_or_broken_utf8_is_a_bad_request() {
    let app = TestApp::new().await;
    for body in ["email=a%00b", "email=%zz", "email=%", "email=%ff%fe"] {
        let request = Request::post("/sign-in").header("sec-fetch-site", "same-origin").body(Body::from(body)).unwrap();
        assert_eq!(app.send(request, None).await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn a_path_that_names_no_record_is_not_found_at_every_page() {
    let app = TestApp::new().await;
    let all = everybody(&app).await;
    for door in app.doors.iter().filter(|door| door.method == "GET" && door.path.contains('{')) {
        for with in ["garbage", "018f0000-0000-7000-8000-00000000ffff", "%00", "..%2f..%2fetc%2fpasswd", "-1", "%F0%9F%92%B8"] {
            let path = fill(door.path, with);
            assert_eq!(app.get(&path, Some(&all)).await.status, 404, "{path}");
        }
    }
}

#[tokio::test]
async fn a_form_sent_to_no_record_writes_nothing_and_never_fails() {
    let app = TestApp::new().await;
    let all = everybody(&app).await;
    for door in app.doors.iter().filter(|door| door.method == "POST" && door.path.contains('{')) {
        for with in ["garbage", "018f0000-0000-7000-8000-00000000ffff", "%00"] {
            let path = fill(door.path, with);
            let status = app.post(&path, Some(&all), &[("version", "1"), ("reason", "x")]).await.status;
            assert!((400..500).contains(&status), "{path}: {status}");
        }
    }
}

#[tokio::test]
async fn nonsense_in_any_form_never_fails_inside() {
    let app = TestApp::demo().await;
    let words = ["", "-1", "1e9", "0.001", "\u{1F4B8}", "'; DROP TABLE people; --", "<script>", "9223372036854775808"];
    let names = ["id", "version", "amount", "to", "email", "code", "name", "reason", "person", "organization", "role", "key"];
    for door in app.doors.iter().filter(|door| door.method == "POST" && !door.path.starts_with("/sign-out")) {
        // A new person for each door: some doors sign out.
        let all = everybody(&app).await;
        for word in words {
            let fields: Vec<(&str, &str)> = names.iter().map(|name| (*name, word)).collect();
            let path = fill(door.path, "018f0000-0000-7000-8000-00000000ffff");
            let status = app.post(&path, Some(&all), &fields).await.status;
            assert!(status < 500, "{path} {word}: {status}");
        }
    }
}

#[tokio::test]
async fn every_page_carries_the_policy_and_no_script_or_style_of_its_own() {
    let app = TestApp::demo().await;
    let all = everybody(&app).await;
    for door in app.doors.iter().filter(|door| door.method == "GET" && !door.path.contains('{')) {
        let page = app.get(door.path, Some(&all)).await;
        assert!(page.status < 500, "{}: {}", door.path, page.status);
        if !page.header("content-type").starts_with("text/html") {
            continue;
        }
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe-inline"), "{}: {policy}", door.path);
        assert_eq!((page.header("x-content-type-options"), page.header("cache-control")), ("nosniff", "no-store"), "{}", door.path);
        for inline in ["<style", " style=\"", " onclick=", " onsubmit=", " onload=", "javascript:"] {
            assert!(!page.body.contains(inline), "{} holds {inline}", door.path);
        }
        for script in page.body.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(tag.contains("nonce=") && tag.contains("src="), "{}: <script{tag}>", door.path);
        }
        assert_eq!(page.body.matches("<h1").count(), 1, "{} has one main heading", door.path);
    }
}

#[tokio::test]
async fn a_page_that_trace_asks_for_is_refused() {
    let app = TestApp::new().await;
    let request = Request::builder().method("TRACE").uri("/").body(Body::empty()).unwrap();
    assert!(matches!(app.send(request, None).await.status, 403 | 405));
}
