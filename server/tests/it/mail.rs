//! The outbox's other end: what is sent, tried again and given up.

use crate::app::TestApp;
use lettre::transport::stub::AsyncStubTransport;
use store::messages::Message;

async fn queue(app: &TestApp, noun: &'static str, to: &str) {
    let message = store::messages::NewMessage {
        id: ::app::call::mint(app.now()),
        to_email: to.to_owned(),
        subject: "Your award".to_owned(),
        body: "Good news.".to_owned(),
        noun,
        noun_id: uuid::Uuid::nil(),
        queued_at: app.now(),
    };
    app.write(move |tx| {
        let message = message.clone();
        Box::pin(async move { store::messages::add(tx, &message).await })
    })
    .await;
}

async fn only(app: &TestApp) -> Message {
    app.mail().await.remove(0)
}

#[tokio::test]
async fn a_queued_message_is_sent_once_and_written_down() {
    let app = TestApp::new().await;
    queue(&app, "award", "ada@example.org").await;
    let (mail_server, from) = (AsyncStubTransport::new_ok(), "Allotment <a@example.gov>".parse().unwrap());
    assert_eq!(server::mail::send_due(&app.desk, &mail_server, &from).await.unwrap(), 1);
    assert_eq!(server::mail::send_due(&app.desk, &mail_server, &from).await.unwrap(), 0);
    let sent = mail_server.messages().await;
    assert_eq!(sent.len(), 1);
    assert!(sent[0].1.contains("Subject: Your award") && sent[0].1.contains("Good news."), "{}", sent[0].1);
    assert!(only(&app).await.sent_at.is_some());
}

#[tokio::test]
async fn a_refused_message_is_tried_again_later_and_given_up_after_twelve_tries() {
    let app = TestApp::new().await;
    queue(&app, "award", "ada@example.org").await;
    let (mail_server, from) = (AsyncStubTransport::new_error(), "Allotment <a@example.gov>".parse().unwrap());
    for tries in 1..=12 {
        assert_eq!(server::mail::send_due(&app.desk, &mail_server, &from).await.unwrap(), 1);
        assert_eq!(server::mail::send_due(&app.desk, &mail_server, &from).await.unwrap(), 0, "it waits");
        let message = only(&app).await;
        assert_eq!((message.attempts, message.failed_at.is_some(), message.error.is_some()), (tries, tries == 12, true));
        app.desk.clock.shift(6 * 60 * 60);
    }
    assert_eq!(server::mail::send_due(&app.desk, &mail_server, &from).await.unwrap(), 0);
}

#[tokio::test]
async fn a_sign_in_code_is_forgotten_once_it_is_sent() {
    let app = TestApp::new().await;
    queue(&app, "sign_in_code", "ada@example.org").await;
    let from = "Allotment <a@example.gov>".parse().unwrap();
    server::mail::send_due(&app.desk, &AsyncStubTransport::new_ok(), &from).await.unwrap();
    let message = only(&app).await;
    assert_eq!((message.subject.as_str(), message.body.as_str()), ("Your code for Allotment", ""));
}
