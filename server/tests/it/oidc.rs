//! OpenID Connect against a provider on loopback that answers whatever a test tells it to: the good journey, and every hostile token.

use crate::app::{Answer, TestApp};
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::access::Role;
use openidconnect::core::{CoreEdDsaPrivateSigningKey, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKeyId, PrivateSigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// What the provider answers, and what it was asked.
#[derive(Default)]
struct Script {
    token: String,
    keys: Vec<Value>,
    asked: HashMap<String, String>,
    names_itself: bool,
    keys_fetched: u32,
}

struct Provider {
    issuer: String,
    script: Arc<Mutex<Script>>,
}

/// An Ed25519 key of a fixed seed: a test's key guards nothing.
fn key(seed: u8, kid: &str) -> CoreEdDsaPrivateSigningKey {
    let mut der = vec![0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    der.extend([seed; 32]);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der));
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(JsonWebKeyId::new(kid.to_owned()))).unwrap()
}

fn public(key: &CoreEdDsaPrivateSigningKey) -> Value {
    serde_json::to_value(key.as_verification_key()).unwrap()
}

fn sign(key: &CoreEdDsaPrivateSigningKey, kid: &str, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(&json!({ "alg": "EdDSA", "kid": kid, "typ": "JWT" })), part(claims));
    let signature = key.sign(&CoreJwsSigningAlgorithm::EdDsa, message.as_bytes()).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

async fn start() -> Provider {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let script = Arc::new(Mutex::new(Script { keys: vec![public(&key(1, "k1"))], ..Script::default() }));
    let (about, of) = (issuer.clone(), issuer.clone());
    let router = Router::new()
        .route(
            "/.well-known/openid-configuration",
            get(move |State(script): State<Arc<Mutex<Script>>>| async move {
                Json(json!({
                    "issuer": about, "authorization_endpoint": format!("{about}/authorize"), "token_endpoint": format!("{about}/token"),
                    "jwks_uri": format!("{about}/keys"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["EdDSA"],
                    "authorization_response_iss_parameter_supported": script.lock().unwrap().names_itself,
                }))
            }),
        )
        .route(
            "/keys",
            get(|State(script): State<Arc<Mutex<Script>>>| async move {
                let mut script = script.lock().unwrap();
                script.keys_fetched += 1;
                Json(json!({ "keys": script.keys }))
            }),
        )
        .route(
            "/token",
            post(|State(script): State<Arc<Mutex<Script>>>, axum::Form(asked): axum::Form<HashMap<String, String>>| async move {
                let mut script = script.lock().unwrap();
                script.asked = asked;
                Json(json!({ "access_token": "at", "token_type": "Bearer", "id_token": script.token }))
            }),
        )
        .with_state(Arc::clone(&script));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Provider { issuer: of, script }
}

/// A portal with that provider.
async fn portal(provider: &Provider) -> TestApp {
    let settings = server::config::Provider {
        key: "state".to_owned(),
        label: "State login".to_owned(),
        issuer: provider.issuer.clone(),
        client_id: "allotment".to_owned(),
        client_secret: Some("secret".to_owned()),
    };
    let providers = server::oidc::Providers::new(&[settings], "http://127.0.0.1:3000").unwrap();
    TestApp::with_providers(|_| {}, providers).await
}

/// A journey that has begun.
struct Journey {
    browser: String,
    sent: HashMap<String, String>,
}

async fn depart(app: &TestApp) -> Journey {
    let answer = app.get("/sign-in/oidc/state?to=/account", None).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let query = answer.location().split_once('?').unwrap().1.to_owned();
    let decode = |text: &str| text.replace("%3A", ":").replace("%2F", "/").replace('+', " ");
    let sent = query.split('&').map(|pair| pair.split_once('=').unwrap()).map(|(k, v)| (k.to_owned(), decode(v))).collect();
    Journey { browser: answer.cookie("browser").unwrap(), sent }
}

async fn arrive(app: &TestApp, journey: &Journey, more: &str) -> Answer {
    let path = format!("/sign-in/oidc/callback?code=c&state={}{more}", journey.sent["state"]);
    app.send(http::Request::get(path).body(axum::body::Body::empty()).unwrap(), Some(&journey.browser)).await
}

fn claims(app: &TestApp, provider: &Provider, journey: &Journey) -> Value {
    json!({
        "iss": provider.issuer, "aud": "allotment", "sub": "s-1", "nonce": journey.sent["nonce"], "iat": app.now().unix(),
        "exp": app.now().unix() + 300, "email": "ada@example.org", "email_verified": true, "name": "Ada L.",
    })
}

/// One journey with a token made by `make`.
async fn journey(make: impl FnOnce(&TestApp, &Provider, &Journey) -> String) -> (TestApp, Provider, Answer) {
    let provider = start().await;
    let app = portal(&provider).await;
    app.person("Ada", "ada@example.org").await;
    let begun = depart(&app).await;
    provider.script.lock().unwrap().token = make(&app, &provider, &begun);
    let answer = arrive(&app, &begun, "").await;
    (app, provider, answer)
}

async fn refused_with(change: impl FnOnce(&mut Value)) {
    let (_, _, answer) = journey(|app, provider, begun| {
        let mut claims = claims(app, provider, begun);
        change(&mut claims);
        sign(&key(1, "k1"), "k1", &claims)
    })
    .await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert!(answer.cookie("session").is_none());
}

#[tokio::test]
async fn a_verified_address_signs_in_its_person_with_pkce_state_and_nonce() {
    let (_, _, answer) = journey(|app, provider, begun| {
        assert_eq!(begun.sent["code_challenge_method"], "S256");
        assert_eq!(begun.sent["redirect_uri"], "http://127.0.0.1:3000/sign-in/oidc/callback");
        sign(&key(1, "k1"), "k1", &claims(app, provider, begun))
    })
    .await;
    assert_eq!((answer.status, answer.location()), (303, "/account"));
    assert!(answer.cookie("session").is_some());
}

#[tokio::test]
async fn the_verifier_sent_to_the_provider_is_the_challenges() {
    let provider = start().await;
    let app = portal(&provider).await;
    app.person("Ada", "ada@example.org").await;
    let begun = depart(&app).await;
    provider.script.lock().unwrap().token = sign(&key(1, "k1"), "k1", &claims(&app, &provider, &begun));
    arrive(&app, &begun, "").await;
    let verifier = provider.script.lock().unwrap().asked["code_verifier"].clone();
    assert_eq!(URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)), begun.sent["code_challenge"]);
}

#[tokio::test]
async fn a_token_for_another_audience_is_refused() {
    refused_with(|claims| claims["aud"] = json!("another")).await;
    refused_with(|claims| claims["aud"] = json!(["allotment", "another"])).await;
}

#[tokio::test]
async fn a_token_of_another_issuer_is_refused() {
    refused_with(|claims| claims["iss"] = json!("https://evil.example")).await;
}

#[tokio::test]
async fn a_token_with_another_nonce_or_none_is_refused() {
    refused_with(|claims| claims["nonce"] = json!("another")).await;
    refused_with(|claims| drop(claims.as_object_mut().unwrap().remove("nonce"))).await;
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    refused_with(|claims| claims["exp"] = json!(crate::app::START - 1)).await;
}

#[tokio::test]
async fn a_token_signed_with_an_unknown_or_a_wrong_key_is_refused() {
    for (seed, kid) in [(2, "k2"), (2, "k1")] {
        let (_, _, answer) = journey(|app, provider, begun| sign(&key(seed, kid), kid, &claims(app, provider, begun))).await;
        assert_eq!((answer.status, answer.cookie("session")), (400, None), "{kid}");
    }
}

#[tokio::test]
async fn an_unsigned_token_and_one_signed_with_the_shared_secret_are_refused() {
    for algorithm in ["none", "HS256"] {
        let (_, _, answer) = journey(|app, provider, begun| {
            let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            let signature = if algorithm == "none" { String::new() } else { URL_SAFE_NO_PAD.encode([7; 32]) };
            format!("{}.{}.{signature}", part(&json!({ "alg": algorithm })), part(&claims(app, provider, begun)))
        })
        .await;
        assert_eq!((answer.status, answer.cookie("session")), (400, None), "{algorithm}");
    }
}

#[tokio::test]
async fn a_state_is_taken_once_and_only_from_its_own_browser() {
    let provider = start().await;
    let app = portal(&provider).await;
    app.person("Ada", "ada@example.org").await;
    let begun = depart(&app).await;
    provider.script.lock().unwrap().token = sign(&key(1, "k1"), "k1", &claims(&app, &provider, &begun));
    let other = depart(&app).await;
    let stolen = Journey { browser: other.browser.clone(), sent: begun.sent.clone() };
    assert_eq!(arrive(&app, &stolen, "").await.status, 400, "another browser");
    let path = format!("/sign-in/oidc/callback?code=c&state={}", begun.sent["state"]);
    assert_eq!(app.get(&path, None).await.status, 400, "no cookie");
    assert_eq!(arrive(&app, &begun, "").await.status, 303);
    assert_eq!(arrive(&app, &begun, "").await.status, 400, "replayed");
    let late = depart(&app).await;
    app.desk.clock.shift(15 * 60);
    assert_eq!(arrive(&app, &late, "").await.status, 400, "too late");
}

#[tokio::test]
async fn an_answer_that_names_another_issuer_is_refused_and_so_is_one_that_should_name_it_and_does_not() {
    let provider = start().await;
    provider.script.lock().unwrap().names_itself = true;
    let app = portal(&provider).await;
    app.person("Ada", "ada@example.org").await;
    for (iss, status) in [("&iss=https://evil.example".to_owned(), 400), (String::new(), 400), (format!("&iss={}", provider.issuer), 303)] {
        let begun = depart(&app).await;
        provider.script.lock().unwrap().token = sign(&key(1, "k1"), "k1", &claims(&app, &provider, &begun));
        assert_eq!(arrive(&app, &begun, &iss).await.status, status, "{iss}");
    }
}

#[tokio::test]
async fn an_unverified_address_links_nothing() {
    for verified in [json!(false), Value::Null] {
        let (app, _, answer) = journey(|app, provider, begun| {
            let mut claims = claims(app, provider, begun);
            if verified.is_null() {
                claims.as_object_mut().unwrap().remove("email_verified");
            } else {
                claims["email_verified"] = verified.clone();
            }
            sign(&key(1, "k1"), "k1", &claims)
        })
        .await;
        assert_eq!((answer.status, answer.cookie("session")), (200, None));
        assert!(answer.body.contains("You have no role here yet"));
        let mut reader = app.desk.db.reader().await.unwrap();
        assert!(store::people::find_by_identity(&mut reader.tx(), "x", "s-1").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_stranger_is_told_kindly_that_they_have_no_role_and_an_invitation_lets_them_in() {
    let provider = start().await;
    let app = portal(&provider).await;
    let come = async || {
        let begun = depart(&app).await;
        provider.script.lock().unwrap().token = sign(&key(1, "k1"), "k1", &claims(&app, &provider, &begun));
        arrive(&app, &begun, "").await
    };
    let stranger = come().await;
    assert!(stranger.status == 200 && stranger.body.contains("ada@example.org") && stranger.cookie("session").is_none());
    let manager = app.sign_in_as(Role::ProgramManager, app.agency).await;
    let (id, organization) = (uuid::Uuid::from_u128(5).to_string(), app.district.to_string());
    let fields = [("id", id.as_str()), ("email", "Ada@Example.org"), ("organization", &organization), ("role", "certifier")];
    assert_eq!(app.post("/people", Some(&manager), &fields).await.status, 303);
    let invited = come().await;
    assert_eq!(invited.status, 303);
    let page =
        app.send(http::Request::get("/account").body(axum::body::Body::empty()).unwrap(), invited.cookie("session").as_deref()).await;
    assert!(page.body.contains("Certifier") && page.body.contains("Ada L."));
}

#[tokio::test]
async fn an_identity_keeps_its_person_when_the_address_changes_and_a_second_identity_cannot_take_them_over() {
    let provider = start().await;
    let app = portal(&provider).await;
    app.person("Ada", "ada@example.org").await;
    let come = async |subject: &str, email: &str| {
        let begun = depart(&app).await;
        let mut claims = claims(&app, &provider, &begun);
        claims["sub"] = json!(subject);
        claims["email"] = json!(email);
        provider.script.lock().unwrap().token = sign(&key(1, "k1"), "k1", &claims);
        arrive(&app, &begun, "").await.status
    };
    assert_eq!(come("s-1", "ada@example.org").await, 303);
    assert_eq!(come("s-1", "married@example.org").await, 303);
    assert_eq!(come("s-2", "ada@example.org").await, 403);
}

#[tokio::test]
async fn new_keys_are_fetched_when_a_token_names_one_that_is_not_known() {
    let provider = start().await;
    let app = portal(&provider).await;
    app.person("Ada", "ada@example.org").await;
    depart(&app).await;
    depart(&app).await;
    assert_eq!(provider.script.lock().unwrap().keys_fetched, 1, "kept");
    let begun = depart(&app).await;
    {
        let mut script = provider.script.lock().unwrap();
        script.keys = vec![public(&key(2, "k2"))];
        script.token = sign(&key(2, "k2"), "k2", &claims(&app, &provider, &begun));
    }
    assert_eq!(arrive(&app, &begun, "").await.status, 303);
    assert_eq!(provider.script.lock().unwrap().keys_fetched, 2);
}

#[tokio::test]
async fn a_provider_that_cannot_be_reached_is_said_kindly_and_an_unknown_one_is_not_found() {
    let provider = Provider { issuer: "http://127.0.0.1:9".to_owned(), script: Arc::default() };
    let app = portal(&provider).await;
    let answer = app.get("/sign-in/oidc/state", None).await;
    assert!(answer.status == 400 && answer.body.contains("cannot be reached just now"), "{}", answer.body);
    assert_eq!(app.get("/sign-in/oidc/other", None).await.status, 404);
    assert!(app.get("/sign-in", None).await.body.contains("Sign in with State login"));
}

#[tokio::test]
async fn a_person_who_says_no_at_the_provider_is_told_that_nothing_changed() {
    let provider = start().await;
    let app = portal(&provider).await;
    let begun = depart(&app).await;
    let answer = arrive(&app, &begun, "&error=access_denied").await;
    assert!(answer.status == 400 && answer.body.contains("did not sign you in"));
}
