//! Money over HTTP: nobody approves their own draw, nothing is entered twice, what is not there can't be drawn, and other people's awards
//! do not exist.

#[path = "../../../store/tests/it/awarded.rs"]
#[expect(dead_code, unused_imports, reason = "the store's tests use the rest of it")]
mod awarded;

use crate::app::{Answer, TestApp, Visitor};
use awarded::{IDS, set_up};
use domain::access::Role;
use domain::ledger::AccountKind;
use domain::{Money, OrganizationId};
use uuid::Uuid;

struct House {
    app: TestApp,
    recipient: Visitor,
    certifier: Visitor,
    agent: Visitor,
    manager: Visitor,
    auditor: Visitor,
}

async fn house() -> House {
    let app = TestApp::new().await;
    // $1,000 of $5,000.
    set_up(&app.desk.db, 500_000, 100_000).await;
    let (agency, region) = (OrganizationId(IDS.agency), OrganizationId(IDS.recipient));
    House {
        recipient: app.sign_in_as(Role::RegionalPreparer, region).await,
        certifier: app.sign_in_as(Role::RegionalCertifier, region).await,
        agent: app.sign_in_as(Role::FiscalAgent, agency).await,
        manager: app.sign_in_as(Role::ProgramManager, agency).await,
        auditor: app.sign_in_as(Role::Auditor, agency).await,
        app,
    }
}

impl House {
    async fn balance(&self, kind: AccountKind) -> Money {
        let mut reader = self.app.desk.db.reader().await.unwrap();
        store::ledger::balances(&mut reader.tx(), IDS.award).await.unwrap().of(kind)
    }

    async fn ask(&self, id: Uuid, amount: &str) -> Answer {
        let path = format!("/fund/awards/{}/draw", IDS.award);
        let id = id.to_string();
        self.app.post(&path, Some(&self.recipient), &[("id", &id), ("amount", amount), ("purpose", "Coaches’ salaries")]).await
    }

    async fn act(&self, who: &Visitor, path: String, fields: &[(&str, &str)]) -> u16 {
        self.app.post(&path, Some(who), fields).await.status
    }

    /// A draw that is paid.
    async fn paid(&self, id: Uuid, amount: &str) {
        assert_eq!(self.ask(id, amount).await.status, 303);
        assert_eq!(self.act(&self.agent, format!("/fund/draws/{id}/approve"), &[("version", "1")]).await, 303);
        let payment = [("version", "2"), ("paid_on", "2024-04-01"), ("reference", "W-77")];
        assert_eq!(self.act(&self.agent, format!("/fund/draws/{id}/pay"), &payment).await, 303);
    }
}

const DRAW: Uuid = Uuid::from_u128(77);

#[tokio::test]
async fn a_draw_goes_from_request_to_payment_and_every_click_counts_once() {
    let house = house().await;
    for _ in 0..2 {
        assert_eq!(house.ask(DRAW, "250.50").await.location(), format!("/fund/draws/{DRAW}"));
    }
    assert_eq!(house.balance(AccountKind::Requested).await, Money::cents(25_050));
    for _ in 0..2 {
        assert_eq!(house.act(&house.agent, format!("/fund/draws/{DRAW}/approve"), &[("version", "1")]).await, 303);
    }
    assert_eq!(house.balance(AccountKind::Approved).await, Money::cents(25_050));
    let payment = [("version", "2"), ("paid_on", "2024-04-01"), ("reference", "W-77")];
    for _ in 0..2 {
        assert_eq!(house.act(&house.agent, format!("/fund/draws/{DRAW}/pay"), &payment).await, 303);
    }
    assert_eq!(house.balance(AccountKind::Advanced).await, Money::cents(25_050));
    let page = house.app.get(&format!("/fund/draws/{DRAW}"), Some(&house.recipient)).await;
    assert!(page.body.contains("W-77") && page.body.contains("$250.50"), "{}", page.body);
    let page = house.app.get(&format!("/fund/awards/{}", IDS.award), Some(&house.recipient)).await;
    assert!(page.body.contains("$749.50"), "{}", page.body);
}

#[tokio::test]
async fn who_asked_can_not_approve() {
    let house = house().await;
    let both = house.app.person("Both", "both@example.org").await;
    house.app.give(both, Role::RegionalPreparer, OrganizationId(IDS.recipient)).await;
    house.app.give(both, Role::FiscalAgent, OrganizationId(IDS.agency)).await;
    let both = house.app.session_of(both, "both@example.org").await;
    let id = DRAW.to_string();
    let path = format!("/fund/awards/{}/draw", IDS.award);
    assert_eq!(house.app.post(&path, Some(&both), &[("id", &id), ("amount", "1"), ("purpose", "x")]).await.status, 303);
    assert_eq!(house.act(&both, format!("/fund/draws/{DRAW}/approve"), &[("version", "1")]).await, 403);
    assert_eq!(house.balance(AccountKind::Approved).await, Money::ZERO);
}

#[tokio::test]
async fn what_can_not_be_drawn_is_refused_and_what_was_typed_stays() {
    let house = house().await;
    let cases = [("-5", "more than zero"), ("1.005", "fraction of a cent"), ("1000.01", "$1,000 left to draw"), ("ten", "not an amount")];
    for (typed, told) in cases {
        let answer = house.ask(DRAW, typed).await;
        assert_eq!(answer.status, 422, "{typed}");
        assert!(answer.body.contains(told) && answer.body.contains(&format!("value=\"{typed}\"")), "{typed}: {}", answer.body);
    }
    assert_eq!(house.balance(AccountKind::Undrawn).await, Money::cents(100_000));
}

#[tokio::test]
async fn another_organizations_award_and_draw_do_not_exist() {
    let house = house().await;
    house.ask(DRAW, "1").await;
    for role in [Role::RegionalPreparer, Role::FiscalAgent] {
        let stranger = house.app.sign_in_as(role, house.app.elsewhere_for(role)).await;
        for path in [format!("/fund/awards/{}", IDS.award), format!("/fund/draws/{DRAW}"), "/fund/awards/not-an-id".to_owned()] {
            assert_eq!(house.app.get(&path, Some(&stranger)).await.status, 404, "{role:?} {path}");
        }
    }
    let stranger = house.app.sign_in_as(Role::Auditor, house.app.other_agency).await;
    assert_eq!(house.app.get(&format!("/audit/draw/{DRAW}"), Some(&stranger)).await.status, 404);
    assert_eq!(house.app.get(&format!("/audit/ledger/{}", IDS.pot), Some(&stranger)).await.status, 404);
}

#[tokio::test]
async fn an_auditor_reads_everything_and_changes_nothing() {
    let house = house().await;
    house.ask(DRAW, "1").await;
    let pot = format!("/audit/ledger/{}", IDS.pot);
    let paths = [
        "/fund".to_owned(),
        format!("/fund/awards/{}", IDS.award),
        format!("/fund/draws/{DRAW}"),
        "/report".to_owned(),
        "/audit".to_owned(),
        "/audit?noun=draw&person=regional&from=2024-01-01&to=2024-12-31".to_owned(),
        format!("/audit/draw/{DRAW}"),
        format!("{pot}/entries.csv"),
        format!("{pot}/journal"),
        pot,
    ];
    for path in paths {
        assert_eq!(house.app.get(&path, Some(&house.auditor)).await.status, 200, "{path}");
    }
    let path = format!("/fund/awards/{}/draw", IDS.award);
    assert_eq!(house.app.post(&path, Some(&house.auditor), &[("amount", "1")]).await.status, 403);
    for verb in ["approve", "return", "pay", "resend", "withdraw"] {
        assert_eq!(house.act(&house.auditor, format!("/fund/draws/{DRAW}/{verb}"), &[("version", "1")]).await, 403, "{verb}");
    }
}

#[tokio::test]
async fn a_question_releases_the_hold_and_the_answer_takes_it_again() {
    let house = house().await;
    house.ask(DRAW, "400").await;
    let back = [("version", "1"), ("question", "Which months?")];
    assert_eq!(house.act(&house.agent, format!("/fund/draws/{DRAW}/return"), &back).await, 303);
    assert_eq!(house.balance(AccountKind::Undrawn).await, Money::cents(100_000));
    let stale = [("version", "1"), ("amount", "300"), ("purpose", "March"), ("answer", "March.")];
    assert_eq!(house.act(&house.recipient, format!("/fund/draws/{DRAW}/resend"), &stale).await, 409);
    let again = [("version", "2"), ("amount", "300"), ("purpose", "March"), ("answer", "March.")];
    assert_eq!(house.act(&house.recipient, format!("/fund/draws/{DRAW}/resend"), &again).await, 303);
    assert_eq!(house.balance(AccountKind::Requested).await, Money::cents(30_000));
    assert_eq!(house.act(&house.recipient, format!("/fund/draws/{DRAW}/withdraw"), &[("version", "3")]).await, 422);
    assert_eq!(house.act(&house.recipient, format!("/fund/draws/{DRAW}/withdraw"), &[("version", "3"), ("sure", "yes")]).await, 303);
    assert_eq!(house.balance(AccountKind::Undrawn).await, Money::cents(100_000));
}

async fn add_report(house: &House) -> Uuid {
    let id = Uuid::from_u128(88);
    let day = |text: &str| text.parse::<domain::Date>().unwrap();
    let quarter = domain::award::Quarter { begins: day("2023-07-01"), ends: day("2023-09-30"), due: day("2023-10-30") };
    house.app.write(move |tx| Box::pin(async move { store::awards::add_reports_due(tx, IDS.award, &[(id.into(), quarter)]).await })).await;
    id
}

#[tokio::test]
async fn an_overdue_report_stops_approval_until_it_is_signed_and_a_returned_one_gives_the_spending_back() {
    let house = house().await;
    house.paid(DRAW, "500").await;
    let report = add_report(&house).await;
    let second = Uuid::from_u128(78);
    house.ask(second, "100").await;
    let refused = house.app.post(&format!("/fund/draws/{second}/approve"), Some(&house.agent), &[("version", "1")]).await;
    assert!(refused.status == 422 && refused.body.contains("overdue"), "{}", refused.body);
    let list = house.app.get("/report", Some(&house.recipient)).await;
    assert!(list.body.contains("days overdue"), "{}", list.body);

    let path = format!("/report/{report}");
    let draft = [("version", "1"), ("do", "save"), ("line-salaries", "12.34")];
    assert_eq!(house.act(&house.recipient, path.clone(), &draft).await, 303);
    let terms = domain::program::ProgramFile::parse(include_str!("../../../programs/acceleratems-2023-24.toml")).unwrap().reporting;
    let lines: Vec<String> = terms.categories.iter().map(|category| format!("line-{}", category.key)).collect();
    let outcomes: Vec<String> = terms.outcomes.iter().map(|outcome| format!("outcome-{}", outcome.key)).collect();
    let filled = |first: &'static str| {
        let mut fields = vec![
            ("version", "2"),
            ("do", "submit"),
            ("narrative", "Coaches met students."),
            ("signature", "A. Certifier"),
            ("stated", "yes"),
        ];
        fields.extend(lines.iter().enumerate().map(|(index, name)| (name.as_str(), if index == 0 { first } else { "0" })));
        fields.extend(outcomes.iter().map(|name| (name.as_str(), "3")));
        fields
    };
    let over = house.app.post(&path, Some(&house.certifier), &filled("500.01")).await;
    assert!(over.status == 422 && over.body.contains("$500.01") && over.body.contains("only $500 was paid"), "{}", over.body);
    assert_eq!(house.act(&house.recipient, path.clone(), &filled("400")).await, 403);
    for _ in 0..2 {
        assert_eq!(house.act(&house.certifier, path.clone(), &filled("400")).await, 303);
    }
    assert_eq!(house.balance(AccountKind::Spent).await, Money::cents(40_000));
    assert_eq!(house.act(&house.agent, format!("/fund/draws/{second}/approve"), &[("version", "1")]).await, 303);

    let back = [("version", "3"), ("reason", "Travel is missing.")];
    assert_eq!(house.act(&house.manager, format!("{path}/return"), &back).await, 303);
    assert_eq!(house.balance(AccountKind::Spent).await, Money::ZERO);
    let mut again = filled("450");
    again[0] = ("version", "4");
    assert_eq!(house.act(&house.certifier, path.clone(), &again).await, 303);
    assert_eq!(house.act(&house.manager, format!("{path}/accept"), &[("version", "5")]).await, 303);
    assert_eq!(house.balance(AccountKind::Spent).await, Money::cents(45_000));
    assert!(house.app.mail().await.iter().any(|mail| mail.subject.contains("accepted")));
}

impl House {
    /// Another day, with everybody signed in anew.
    async fn on(&mut self, unix: i64) {
        self.app.desk.clock.shift(unix - self.app.now().unix());
        for who in [&mut self.recipient, &mut self.agent] {
            *who = self.app.session_of(who.person, &who.email).await;
        }
    }
}

#[tokio::test]
async fn money_that_lapsed_is_neither_asked_for_nor_approved_and_what_was_approved_is_paid() {
    /// June 30, 2024, 11:59:59 p.m. in Mississippi.
    const LAST: i64 = 1_719_809_999;
    let mut house = house().await;
    let [approved, waits, sent_back, late] = [81, 82, 83, 84].map(Uuid::from_u128);
    house.on(LAST).await;
    for draw in [approved, waits, sent_back] {
        assert_eq!(house.ask(draw, "100").await.status, 303, "the last second counts");
    }
    assert_eq!(house.act(&house.agent, format!("/fund/draws/{approved}/approve"), &[("version", "1")]).await, 303);
    assert_eq!(house.act(&house.agent, format!("/fund/draws/{sent_back}/return"), &[("version", "1"), ("question", "?")]).await, 303);
    house.on(LAST + 1).await;
    let refused = house.ask(late, "100").await;
    assert!(refused.status == 422 && refused.body.contains("The money of B lapsed on June 30, 2024."), "{}", refused.body);
    assert_eq!(house.act(&house.agent, format!("/fund/draws/{waits}/approve"), &[("version", "1")]).await, 422);
    let again = [("version", "2"), ("amount", "100"), ("purpose", "March"), ("answer", "March.")];
    assert_eq!(house.act(&house.recipient, format!("/fund/draws/{sent_back}/resend"), &again).await, 422);
    for (who, page) in [(&house.agent, format!("/fund/draws/{waits}")), (&house.recipient, format!("/fund/awards/{}", IDS.award))] {
        let page = house.app.get(&page, Some(who)).await;
        assert!(page.body.contains("lapsed on June 30, 2024") && !page.body.contains("Approve $100"), "{}", page.body);
    }
    let form = house.app.get(&format!("/fund/awards/{}/draw", IDS.award), Some(&house.recipient)).await;
    assert!(form.status == 200 && form.body.contains("lapsed on June 30, 2024"), "{}", form.body);
    let payment = [("version", "2"), ("paid_on", "2024-07-01"), ("reference", "W-1")];
    assert_eq!(house.act(&house.agent, format!("/fund/draws/{approved}/pay"), &payment).await, 303, "it was encumbered in time");
    let (requested, paid) = (house.balance(AccountKind::Requested).await, house.balance(AccountKind::Advanced).await);
    assert_eq!((requested, paid), (Money::cents(10_000), Money::cents(10_000)));
}

#[tokio::test]
async fn money_is_not_paid_before_its_first_day() {
    /// June 30, 2023, noon in Mississippi.
    const DAY_BEFORE: i64 = 1_688_144_400;
    let mut house = house().await;
    let draw = Uuid::from_u128(85);
    house.on(DAY_BEFORE).await;
    assert_eq!(house.ask(draw, "100").await.status, 303, "asked for as money of the next day");
    assert_eq!(house.act(&house.agent, format!("/fund/draws/{draw}/approve"), &[("version", "1")]).await, 303);
    let pay = |day: &'static str| [("version", "2"), ("paid_on", day), ("reference", "W-1")];
    let path = format!("/fund/draws/{draw}/pay");
    let refused = house.app.post(&path, Some(&house.agent), &pay("2023-06-30")).await;
    assert!(refused.status == 422 && refused.body.contains("The money of B can be paid from July 1, 2023 on."), "{}", refused.body);
    house.on(DAY_BEFORE + 86_400).await;
    assert_eq!(house.act(&house.agent, path.clone(), &pay("2023-06-30")).await, 422);
    assert_eq!(house.act(&house.agent, path, &pay("2023-07-01")).await, 303);
}

impl House {
    /// The statements of one request, of which the session takes one.
    async fn statements(&self, who: &Visitor, path: &str, fields: Option<&[(&str, &str)]>) -> u64 {
        let before = store::statements_on_this_thread();
        let (answer, wanted) = match fields {
            Some(fields) => (self.app.post(path, Some(who), fields).await, 303),
            None => (self.app.get(path, Some(who)).await, 200),
        };
        assert_eq!(answer.status, wanted, "{path}: {}", answer.body);
        store::statements_on_this_thread() - before
    }
}

#[tokio::test]
async fn pages_and_acts_of_money_take_few_statements_however_many_people_are_told() {
    let house = house().await;
    for role in [Role::FiscalAgent, Role::ProgramManager] {
        for _ in 0..3 {
            house.app.sign_in_as(role, OrganizationId(IDS.agency)).await;
        }
    }
    for _ in 0..3 {
        house.app.sign_in_as(Role::RegionalCertifier, OrganizationId(IDS.recipient)).await;
    }
    let report = format!("/report/{}", add_report(&house).await);
    let (award, draw, id) = (format!("/fund/awards/{}", IDS.award), format!("/fund/draws/{DRAW}"), DRAW.to_string());
    let mut taken = Vec::new();
    let mut note = |name: &'static str, most: u64, count: u64| taken.push((name, most, count));
    let asked = [("id", id.as_str()), ("amount", "500"), ("purpose", "Salaries")];
    note("request", 12, house.statements(&house.recipient, &format!("{award}/draw"), Some(&asked)).await);
    let question = [("version", "1"), ("question", "Which months?")];
    note("return", 12, house.statements(&house.agent, &format!("{draw}/return"), Some(&question)).await);
    let again = [("version", "2"), ("amount", "500"), ("purpose", "March"), ("answer", "March.")];
    note("resend", 12, house.statements(&house.recipient, &format!("{draw}/resend"), Some(&again)).await);
    // A report is overdue: it is signed before anything is approved.
    let filled =
        [("version", "1"), ("do", "submit"), ("narrative", "Coaches met students."), ("signature", "A. Certifier"), ("stated", "yes")];
    let terms = domain::program::ProgramFile::parse(include_str!("../../../programs/acceleratems-2023-24.toml")).unwrap().reporting;
    let keys = terms.categories.iter().map(|category| format!("line-{}", category.key));
    let keys: Vec<String> = keys.chain(terms.outcomes.iter().map(|outcome| format!("outcome-{}", outcome.key))).collect();
    let mut signed = filled.to_vec();
    signed.extend(keys.iter().map(|key| (key.as_str(), "0")));
    note("sign nothing spent", 12, house.statements(&house.certifier, &report, Some(&signed)).await);
    note("approve", 12, house.statements(&house.agent, &format!("{draw}/approve"), Some(&[("version", "3")])).await);
    let payment = [("version", "4"), ("paid_on", "2024-04-01"), ("reference", "W-77")];
    note("pay", 12, house.statements(&house.agent, &format!("{draw}/pay"), Some(&payment)).await);
    let back = [("version", "2"), ("reason", "Spending is missing.")];
    note("return the report", 12, house.statements(&house.manager, &format!("{report}/return"), Some(&back)).await);
    signed[0] = ("version", "3");
    signed.iter_mut().filter(|(name, _)| name.starts_with("line-")).for_each(|field| field.1 = "2");
    note("sign", 12, house.statements(&house.certifier, &report, Some(&signed)).await);
    note("accept", 12, house.statements(&house.manager, &format!("{report}/accept"), Some(&[("version", "4")])).await);
    for (name, most, path, who) in [
        ("awards", 6, "/fund", &house.recipient),
        ("awards of the agency", 6, "/fund", &house.agent),
        ("award", 12, award.as_str(), &house.recipient),
        ("draw", 12, draw.as_str(), &house.agent),
        ("draw form", 4, &format!("{award}/draw"), &house.recipient),
        ("reports", 6, "/report", &house.certifier),
        ("report", 12, report.as_str(), &house.manager),
        ("acts", 6, "/audit?noun=draw&person=regional", &house.auditor),
        ("history", 6, &format!("/audit/draw/{DRAW}"), &house.auditor),
        ("ledger", 6, &format!("/audit/ledger/{}", IDS.pot), &house.auditor),
    ] {
        note(name, most, house.statements(who, path, None).await);
    }
    let over: Vec<_> = taken.iter().filter(|(_, most, count)| count > most || *count == 0).collect();
    assert!(over.is_empty(), "{taken:?}");
}

/// One transaction of the journal: its day, and each posting's account and cents.
fn read_journal(text: &str) -> Vec<(String, Vec<(String, i64)>)> {
    let declared: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("account ")).collect();
    let mut entries: Vec<(String, Vec<(String, i64)>)> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with(';')) {
        if let Some(posting) = line.strip_prefix("    ") {
            // An account ends at two spaces, then comes the amount with its two decimals.
            let (account, amount) = posting.split_once("  ").unwrap();
            assert!(declared.contains(&account), "{account} is not declared");
            let (whole, cents) = amount.strip_suffix(" USD").unwrap().split_once('.').unwrap();
            assert_eq!(cents.len(), 2, "{posting}");
            entries.last_mut().unwrap().1.push((account.to_owned(), format!("{whole}{cents}").parse().unwrap()));
        } else if !line.starts_with("account ") && !line.starts_with("commodity ") {
            let (day, told) = line.split_once(' ').unwrap();
            assert!(day.parse::<domain::Date>().is_ok() && told.matches(';').count() == 1 && told.contains("; entry: "), "{line}");
            entries.push((day.to_owned(), Vec::new()));
        }
    }
    entries
}

#[tokio::test]
async fn the_journal_balances_and_ends_in_the_balances_of_the_ledger() {
    let house = house().await;
    house.paid(DRAW, "250.50").await;
    let second = Uuid::from_u128(78);
    let path = format!("/fund/awards/{}/draw", IDS.award);
    let (id, purpose) = (second.to_string(), "Pens; paper | and\r\n    Awards:X  -5.00 USD");
    let asked = [("id", id.as_str()), ("amount", "0.05"), ("purpose", purpose)];
    assert_eq!(house.act(&house.recipient, path, &asked).await, 303);
    let text = house.app.get(&format!("/audit/ledger/{}/journal", IDS.pot), Some(&house.auditor)).await.body;
    let entries = read_journal(&text);
    assert_eq!(entries.len(), 6, "appropriated, awarded, requested, approved, paid, requested: {text}");
    assert!(entries.windows(2).all(|pair| pair[0].0 <= pair[1].0), "in the order of days");
    let mut sums = std::collections::BTreeMap::<&str, i64>::new();
    for (_, postings) in &entries {
        assert_eq!(postings.iter().map(|(_, cents)| cents).sum::<i64>(), 0, "{postings:?}");
        for (account, cents) in postings {
            *sums.entry(account).or_default() += cents;
        }
    }
    let balance = |kind: AccountKind| house.balance(kind);
    assert_eq!(sums["Awards:AW-1:Undrawn"], balance(AccountKind::Undrawn).await.in_cents());
    assert_eq!(sums["Awards:AW-1:Advanced"], balance(AccountKind::Advanced).await.in_cents());
    assert_eq!(sums["Awards:AW-1:Requested"], 5);
    assert_eq!((sums["Appropriation:Appropriated"], sums["Appropriation:Available"]), (-500_000, 400_000));
}
