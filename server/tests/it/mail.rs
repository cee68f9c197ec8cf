//! The outbox's other end: what is sent, refused, tried again and given up, over a real connection to a small mail server.

use crate::app::TestApp;
use crate::diagrams;
use crate::road::Road;
use ::app::decide::work as deciding;
use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use store::messages::Message;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the mail server does with the next message; without one it takes it.
#[derive(Clone, Copy)]
enum Does {
    /// Answers `RCPT TO` so.
    Answers(&'static str),
    /// Answers `MAIL FROM` so.
    KnowsNoSender(&'static str),
    /// Closes the connection in the middle of the letter.
    HangsUp,
}

/// A mail server on loopback, as RFC 5321 has it speak, without TLS.
struct MailServer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    next: Arc<Mutex<VecDeque<Does>>>,
    taken: Arc<Mutex<Vec<String>>>,
    begun: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    async fn start(next: impl IntoIterator<Item = Does>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let server = Self {
            transport: server::mail::transport(&url).unwrap(),
            from: "Allotment <a@example.gov>".parse().unwrap(),
            next: Arc::new(Mutex::new(next.into_iter().collect())),
            taken: Arc::default(),
            begun: Arc::default(),
        };
        let (next, taken, begun) = (server.next.clone(), server.taken.clone(), server.begun.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, next.clone(), taken.clone(), begun.clone()));
            }
        });
        server
    }

    async fn send(&self, app: &TestApp) -> usize {
        server::mail::send_due(&app.desk, &self.transport, &self.from).await.unwrap()
    }

    /// The letters that were taken whole.
    fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}

/// One conversation; over when the other side leaves, or this one hangs up.
async fn talk(
    stream: TcpStream,
    next: Arc<Mutex<VecDeque<Does>>>,
    taken: Arc<Mutex<Vec<String>>>,
    begun: Arc<Mutex<Vec<String>>>,
) -> Option<()> {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    let mut does = None;
    writing.write_all(b"220 mail.example.org ESMTP\r\n").await.ok()?;
    loop {
        let line = lines.next_line().await.ok()??;
        let mut reply = "250 OK";
        if line.starts_with("MAIL FROM:") {
            assert!(line.starts_with("MAIL FROM:<a@example.gov>"), "{line}");
            does = next.lock().unwrap().pop_front();
            if let Some(Does::KnowsNoSender(refusal)) = does {
                reply = refusal;
            }
        } else if line.starts_with("RCPT TO:") {
            assert!(line.starts_with("RCPT TO:<ada@example.org>"), "{line}");
            if let Some(Does::Answers(refusal)) = does {
                reply = refusal;
            }
        } else if line == "DATA" {
            writing.write_all(b"354 Go on\r\n").await.ok()?;
            let mut letter = String::new();
            loop {
                let line = lines.next_line().await.ok()??;
                if line.starts_with("Message-ID:") {
                    begun.lock().unwrap().push(line.clone());
                    if matches!(does, Some(Does::HangsUp)) {
                        return None;
                    }
                }
                if line == "." {
                    break;
                }
                letter.push_str(&line);
                letter.push('\n');
            }
            taken.lock().unwrap().push(letter);
        } else if line == "QUIT" {
            reply = "221 Bye";
        }
        writing.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
    }
}

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
    let mail_server = MailServer::start([]).await;
    assert_eq!((mail_server.send(&app).await, mail_server.send(&app).await), (1, 0));
    let sent = mail_server.taken();
    assert_eq!(sent.len(), 1);
    assert!(sent[0].contains("Subject: Your award\n") && sent[0].contains("\n\nGood news.\n"), "{}", sent[0]);
    assert!(sent[0].contains("From: Allotment <a@example.gov>\n") && sent[0].contains("To: ada@example.org\n"), "{}", sent[0]);
    assert!(only(&app).await.sent_at.is_some());
}

#[tokio::test]
async fn a_message_that_is_put_off_is_tried_again_later_and_given_up_after_twelve_tries() {
    let app = TestApp::new().await;
    queue(&app, "award", "ada@example.org").await;
    let mail_server = MailServer::start([Does::Answers("451 4.7.1 Greylisted, try again later"); 12]).await;
    for tries in 1..=12 {
        assert_eq!((mail_server.send(&app).await, mail_server.send(&app).await), (1, 0), "it waits");
        let message = only(&app).await;
        assert_eq!((message.attempts, message.failed_at.is_some()), (tries, tries == 12));
        assert!(message.error.unwrap().contains("Greylisted"));
        app.desk.clock.shift(6 * 60 * 60);
    }
    assert_eq!((mail_server.send(&app).await, mail_server.taken().len()), (0, 0));
}

#[tokio::test]
async fn a_recipient_who_does_not_exist_is_given_up_at_once_with_the_mail_servers_words() {
    let app = TestApp::new().await;
    queue(&app, "award", "ada@example.org").await;
    let mail_server = MailServer::start([Does::Answers("550 5.1.1 <ada@example.org>: user unknown")]).await;
    assert_eq!(mail_server.send(&app).await, 1);
    let message = only(&app).await;
    assert!(message.failed_at.is_some() && message.sent_at.is_none(), "{message:?}");
    assert!(message.error.unwrap().contains("user unknown"));
    app.desk.clock.shift(48 * 60 * 60);
    assert_eq!((mail_server.send(&app).await, mail_server.taken().len()), (0, 0), "nobody is asked again");
}

#[tokio::test]
async fn a_refusal_that_may_be_our_own_mistake_loses_no_mail() {
    let app = TestApp::new().await;
    queue(&app, "award", "ada@example.org").await;
    let mail_server =
        MailServer::start([Does::KnowsNoSender("550 5.7.1 Sender not allowed"), Does::Answers("554 5.7.1 Relay access denied")]).await;
    for _ in 0..3 {
        assert_eq!(mail_server.send(&app).await, 1);
        app.desk.clock.shift(60 * 60);
    }
    assert_eq!((mail_server.send(&app).await, mail_server.taken().len()), (0, 1));
    assert!(only(&app).await.sent_at.is_some());
}

#[tokio::test]
async fn what_is_put_off_or_breaks_off_in_the_middle_is_sent_exactly_once_in_the_end() {
    let app = TestApp::new().await;
    queue(&app, "award", "ada@example.org").await;
    let mail_server = MailServer::start([Does::Answers("450 4.2.1 Mailbox busy"), Does::HangsUp, Does::HangsUp]).await;
    for tries in 1..=4 {
        assert_eq!(mail_server.send(&app).await, 1);
        let message = only(&app).await;
        assert_eq!((message.attempts, message.sent_at.is_some(), message.failed_at), (tries, tries == 4, None));
        app.desk.clock.shift(60 * 60);
    }
    assert_eq!((mail_server.send(&app).await, mail_server.taken().len()), (0, 1));
    let begun = mail_server.begun.lock().unwrap().clone();
    assert!(begun.len() == 3 && begun.iter().all(|id| *id == begun[0]), "one identity for every try: {begun:?}");
}

#[tokio::test]
async fn a_mail_server_that_is_away_is_asked_again() {
    let app = TestApp::new().await;
    queue(&app, "award", "ada@example.org").await;
    let mut mail_server = MailServer::start([]).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let working = std::mem::replace(&mut mail_server.transport, server::mail::transport(&format!("smtp://{closed}")).unwrap());
    assert_eq!(mail_server.send(&app).await, 1);
    let message = only(&app).await;
    assert_eq!((message.attempts, message.sent_at, message.failed_at), (1, None, None));
    mail_server.transport = working;
    app.desk.clock.shift(60);
    assert_eq!((mail_server.send(&app).await, mail_server.taken().len()), (1, 1));
}

/// Where a message stands.
const fn state(message: &Message) -> &'static str {
    match (message.sent_at.is_some(), message.failed_at.is_some()) {
        (true, false) => "sent",
        (false, true) => "failed",
        (false, false) => "queued",
        (true, true) => "sent and failed",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_diagram_of_a_message_is_what_the_outbox_does() {
    let mut found = Vec::new();
    let put_off = Does::Answers("450 4.2.1 Mailbox busy");
    for (verb, replies) in
        [("take", vec![]), ("put off", vec![put_off; 12]), ("refuse", vec![Does::Answers("550 5.1.1 <ada@example.org>: user unknown")])]
    {
        let app = TestApp::new().await;
        queue(&app, "award", "ada@example.org").await;
        let mail_server = MailServer::start(replies).await;
        // Two more looks than a message is ever tried: what is over stays over.
        for _ in 0..14 {
            let before = only(&app).await;
            mail_server.send(&app).await;
            let after = only(&app).await;
            if after.attempts > before.attempts {
                found.push((state(&before), verb, state(&after)));
            }
            app.desk.clock.shift(6 * 60 * 60);
        }
    }
    let (road, id) = Road::proposed_with("").await;
    let (manager, approver) = (road.call(&road.manager).await, road.call(&road.approver).await);
    deciding::approve(&approver, id, 1).await.unwrap();
    deciding::tell(&manager, road.round, &deciding::Release::At("2024-04-07T13:00".to_owned())).await.unwrap();
    let held = only(&road.app).await;
    deciding::hold_back(&manager, road.round).await.unwrap();
    let after = road.app.mail().await.into_iter().find(|message| message.id == held.id).unwrap();
    found.push((state(&held), "hold back", state(&after)));
    assert_eq!(diagrams::found(found), diagrams::arrows("message"));
}

#[tokio::test]
async fn a_sign_in_code_is_forgotten_once_it_is_sent() {
    let app = TestApp::new().await;
    queue(&app, "sign_in_code", "ada@example.org").await;
    MailServer::start([]).await.send(&app).await;
    let message = only(&app).await;
    assert_eq!((message.subject.as_str(), message.body.as_str()), ("Your code for Allotment", ""));
}
