//! The forms on an application's page: the decision on eligibility, and a score for each rubric criterion. Who may not decide, or can't
//! yet, reads why instead.

use super::application::Whole;
use super::panel;
use super::parts::tag;
use super::work::{level_field, reason_field};
use crate::call::Call;
use crate::form::{Attempt, Fields};
use crate::ui::field::{Radios, TextArea};
use domain::access::Action;
use domain::review::anchors_of;
use domain::ruleset::Criterion;
use leptos::prelude::*;
use store::reviews::Score;

/// The decision on eligibility with its form.
pub(super) fn eligibility(call: &Call, whole: &Whole, attempt: Attempt) -> impl IntoView + use<> {
    let application = &whole.application;
    let zone = whole.board.of.round.zone;
    let standing = whole.board.standing(application);
    let refused = standing.may_decide(call.now).err().map(|refusal| refusal.say(standing.closes_at, zone));
    let allowed = call.actor.may(Action::DecideEligibility, application.subject());
    let stands = application.decision.as_ref().map(|decision| {
        let words = if decision.eligible { tag("good", "Eligible") } else { tag("bad", "Not eligible") };
        view! {
            <p>{words}" "{decision.reason.clone()}</p>
            <p class="al-source">{format!("Decided by {}, {}", decision.by, decision.at.say_in(zone))}</p>
        }
    });
    let rule = whole.board.file.eligibility.text.clone();
    let citation = whole.board.file.eligibility.citation.clone();
    let form = match (allowed, refused) {
        (_, Some(refusal)) => view! { <p>{refusal}</p> }.into_any(),
        (false, None) if application.decision.is_none() => view! { <p>"A program manager decides."</p> }.into_any(),
        (false, None) => ().into_any(),
        (true, None) => {
            let attempt = if attempt.problems.is_empty() { prefilled(whole) } else { attempt };
            let version = application.decision.as_ref().map(|decision| decision.version.to_string()).unwrap_or_default();
            let action = format!("/review/applications/{}/eligibility", application.id);
            let options =
                [("yes", "Eligible"), ("no", "Not eligible")].map(|(value, words)| (value.to_owned(), words.to_owned(), String::new()));
            let button = if application.decision.is_some() { "Change the decision" } else { "Decide" };
            view! {
                <form method="post" action=action>
                    <input type="hidden" name="version" value=version/>
                    <Radios name="eligible" legend="Is this application eligible?" attempt=attempt.clone() options=options.to_vec()/>
                    <TextArea name="eligible_reason" label="Reason" hint="One or two sentences. The applicant will read them." rows=3 attempt/>
                    <button class="usa-button" type="submit">{button}</button>
                </form>
            }
            .into_any()
        }
    };
    view! {
        <section id="eligibility" class="al-card" aria-labelledby="eligibility-heading">
            <h2 id="eligibility-heading">"Eligibility"</h2>
            <p>{rule}</p>
            <p class="al-source">{citation}</p>
            {stands}
            {form}
        </section>
    }
}

fn prefilled(whole: &Whole) -> Attempt {
    match &whole.application.decision {
        None => Attempt::default(),
        Some(decision) => Attempt::fresh(vec![
            ("eligible", if decision.eligible { "yes" } else { "no" }.to_owned()),
            ("eligible_reason", decision.reason.clone()),
        ]),
    }
}

/// Declaring a tie to the applicant, which closes the application to whoever declares it.
pub(super) fn tie(call: &Call, whole: &Whole) -> Option<AnyView> {
    let application = &whole.application;
    call.actor.may(Action::DeclareTie, application.subject()).then(|| {
        view! {
            <details class="al-card">
                <summary>"I have a tie to this applicant"</summary>
                <form method="post" action=format!("/decide/{}/ties", application.round)>
                    <p>"The application closes to you, and what you decided or scored of it must be judged anew by somebody else. A tie once declared stays."</p>
                    <input type="hidden" name="organization" value=application.applicant.to_string()/>
                    <TextArea name="why" label="What the tie is" rows=2 attempt=Attempt::default()/>
                    <button class="usa-button usa-button--outline" type="submit">"Declare the tie"</button>
                </form>
            </details>
        }
        .into_any()
    })
}

/// A score for each rubric criterion, with its form.
pub(super) fn scores(call: &Call, whole: &Whole, attempt: &Attempt, form: &str) -> AnyView {
    if whole.board.file.review.is_some() {
        return by_panel(whole);
    }
    if whole.board.file.named.is_some() {
        return ().into_any();
    }
    let standing = whole.board.standing(&whole.application);
    let zone = whole.board.of.round.zone;
    let refused = standing.may_score(call.now).err().map(|refusal| refusal.say(standing.closes_at, zone));
    let allowed = call.actor.may(Action::ScoreApplications, whole.application.subject());
    let action = format!("/review/applications/{}/score", whole.application.id);
    let open = allowed && refused.is_none();
    let cards = whole
        .rubrics()
        .into_iter()
        .map(|(criterion, score)| {
            let attempt = if form == criterion.key { attempt.clone() } else { Attempt::default() };
            card(&action, &criterion, score.as_ref(), open, &attempt, zone)
        })
        .collect_view();
    let why = refused.map(|text| view! { <p>{text}</p> });
    let who = (!allowed).then(|| view! { <p>"A reviewer or a program manager scores."</p> });
    view! {
        <h2>"Staff scores"</h2>
        {why}
        {who}
        {cards}
    }
    .into_any()
}

/// What a panel's scores come to, and the way to them.
fn by_panel(whole: &Whole) -> AnyView {
    let address = format!("/review/panel/{}", whole.application.id);
    let averages = whole.panel.as_ref().map(|panel| match whole.hidden.clone() {
        Some(why) => view! { <p>{why}</p> }.into_any(),
        None => panel::scores::averages(&whole.board, &panel.averages(&whole.board), &whole.application.number),
    });
    view! {
        <h2>"The panel’s scores"</h2>
        {averages}
        <p><a href=address>"Each review, the discussion, and who reviews it"</a></p>
    }
    .into_any()
}

fn card(
    action: &str,
    criterion: &Criterion,
    score: Option<&Score>,
    open: bool,
    attempt: &Attempt,
    zone: domain::Zone,
) -> impl IntoView + use<> {
    let stands = score.map(|score| {
        let synthetic = score.synthetic.then(|| view! { " " <span class="al-synthetic">"synthetic"</span> });
        let level =
            anchors_of(criterion).unwrap_or_default().iter().find(|anchor| anchor.points == score.points).map(|anchor| anchor.text.clone());
        view! {
            <p><strong>{format!("{} points. ", score.points.normalize())}</strong>{level}</p>
            <p>{score.reason.clone()}{synthetic}</p>
            <p class="al-source">{format!("Scored by {}, {}", score.by, score.at.say_in(zone))}</p>
        }
    });
    let none = (score.is_none() && !open).then(|| view! { <p>"Not scored."</p> });
    let id = format!("score-{}", criterion.key);
    let (heading, labelled) = (format!("{id}-heading"), format!("{id}-heading"));
    let form = open.then(|| {
        let form = level_form(action, criterion, score, attempt);
        if score.is_some() && attempt.problems.is_empty() {
            view! { <details><summary>"Change the score"</summary>{form}</details> }.into_any()
        } else {
            form.into_any()
        }
    });
    view! {
        <section class="al-card" id=id aria-labelledby=labelled>
            <h3 id=heading>{criterion.name.clone()}</h3>
            <p>{criterion.plain.clone()}</p>
            {stands}
            {none}
            {form}
        </section>
    }
}

fn level_form(action: &str, criterion: &Criterion, score: Option<&Score>, attempt: &Attempt) -> impl IntoView + use<> {
    let (level, reason) = (level_field(&criterion.key), reason_field(&criterion.key));
    let typed: Fields = if attempt.problems.is_empty() {
        let before = |score: &Score| {
            Fields(vec![("points".to_owned(), score.points.normalize().to_string()), ("reason".to_owned(), score.reason.clone())])
        };
        score.map(before).unwrap_or_default()
    } else {
        attempt.fields.clone()
    };
    let chosen: Option<rust_decimal::Decimal> = typed.text("points").parse().ok();
    let levels = anchors_of(criterion)
        .unwrap_or_default()
        .iter()
        .enumerate()
        .map(|(index, anchor)| {
            let id = if index == 0 { level.clone() } else { format!("{level}-{index}") };
            let points = anchor.points.normalize().to_string();
            view! {
                <div class="usa-radio">
                    <input class="usa-radio__input" id=id.clone() type="radio" name="points" value=points.clone() checked=chosen == Some(anchor.points)/>
                    <label class="usa-radio__label" for=id>
                        {format!("{points} points")}<span class="usa-radio__label-description">{anchor.text.clone()}</span>
                    </label>
                </div>
            }
        })
        .collect_view();
    let problem = |field: &str| {
        attempt.problem(field).map(|text| view! { <span class="usa-error-message" id=format!("{field}-problem")>{text}</span> })
    };
    let wrong = attempt.problem(&reason);
    let described = wrong.is_some().then(|| format!("{reason}-problem"));
    let invalid = wrong.is_some().then_some("true");
    let version = score.map(|score| score.version.to_string()).unwrap_or_default();
    view! {
        <form method="post" action=action.to_owned()>
            <input type="hidden" name="version" value=version/>
            <input type="hidden" name="criterion" value=criterion.key.clone()/>
            <fieldset class="usa-fieldset">
                <legend class="usa-legend">"Which level fits best?"</legend>
                {problem(&level)}
                {levels}
            </fieldset>
            <div class="usa-form-group">
                <label class="usa-label" for=reason.clone()>"Reason"</label>
                {problem(&reason)}
                <textarea class="usa-textarea" id=reason.clone() name="reason" rows="3" aria-describedby=described aria-invalid=invalid>{typed.text("reason").to_owned()}</textarea>
            </div>
            <button class="usa-button usa-button--outline" type="submit">"Save the score"</button>
        </form>
    }
}
