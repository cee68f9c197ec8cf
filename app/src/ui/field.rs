//! Form parts: each with its label, hint and problem tied together for screen readers, and refilled with what was typed.

use crate::form::Attempt;
use leptos::prelude::*;

/// The summary at the top of a refused form: each problem links to its field, and takes the focus.
#[component]
pub fn ErrorSummary(
    /// The refused form.
    attempt: Attempt,
) -> impl IntoView {
    (!attempt.problems.is_empty()).then(|| {
        let items = attempt
            .problems
            .into_iter()
            .map(|problem| {
                if problem.field.is_empty() {
                    view! { <li>{problem.text}</li> }.into_any()
                } else {
                    view! { <li><a href=format!("#{}", problem.field)>{problem.text}</a></li> }.into_any()
                }
            })
            .collect_view();
        view! {
            <div class="al-error-summary" role="alert" tabindex="-1" autofocus="">
                <h2>"There is a problem"</h2>
                <ul>{items}</ul>
            </div>
        }
    })
}

fn frame(name: &str, label: String, hint: Option<String>, problem: Option<String>, control: AnyView) -> impl IntoView + use<> {
    let wrong = problem.is_some();
    let hint = hint.map(|hint| view! { <span class="usa-hint" id=format!("{name}-hint")>{hint}</span> });
    let problem = problem.map(|text| view! { <span class="usa-error-message" id=format!("{name}-problem")>{text}</span> });
    view! {
        <div class=if wrong { "usa-form-group usa-form-group--error" } else { "usa-form-group" }>
            <label class="usa-label" for=name.to_owned()>{label}</label>
            {hint}
            {problem}
            {control}
        </div>
    }
}

fn described(name: &str, hint: bool, problem: bool) -> Option<String> {
    match (hint, problem) {
        (true, true) => Some(format!("{name}-hint {name}-problem")),
        (true, false) => Some(format!("{name}-hint")),
        (false, true) => Some(format!("{name}-problem")),
        (false, false) => None,
    }
}

/// One line of text.
#[component]
pub fn TextField(
    /// Field name and element id.
    #[prop(into)]
    name: String,
    /// What is asked.
    #[prop(into)]
    label: String,
    /// The form as typed.
    attempt: Attempt,
    /// Help beneath the label.
    #[prop(optional, into)]
    hint: Option<String>,
    /// `decimal` for amounts, `numeric`, `email`.
    #[prop(optional)]
    mode: Option<&'static str>,
    /// The input's type; `text` unless said.
    #[prop(optional)]
    kind: Option<&'static str>,
    /// For browsers that fill in: `email`, `one-time-code`, `name`.
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    /// Narrow box for short values.
    #[prop(optional)]
    short: bool,
) -> impl IntoView {
    let problem = attempt.problem(&name);
    let described = described(&name, hint.is_some(), problem.is_some());
    let wrong = problem.is_some().then_some("true");
    let class = match (short, wrong.is_some()) {
        (true, true) => "usa-input usa-input--small usa-input--error",
        (true, false) => "usa-input usa-input--small",
        (false, true) => "usa-input usa-input--error",
        (false, false) => "usa-input",
    };
    let value = attempt.fields.text(&name).to_owned();
    let control = view! {
        <input class=class id=name.clone() name=name.clone() type=kind.unwrap_or("text") inputmode=mode autocomplete=autocomplete value=value
            aria-describedby=described aria-invalid=wrong/>
    };
    frame(&name, label, hint, problem, control.into_any())
}

/// Several lines of text.
#[component]
pub fn TextArea(
    /// Field name and element id.
    name: &'static str,
    /// What is asked.
    #[prop(into)]
    label: String,
    /// The form as typed.
    attempt: Attempt,
    /// Help beneath the label.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Rows shown.
    #[prop(default = 5)]
    rows: u32,
) -> impl IntoView {
    let problem = attempt.problem(name);
    let described = described(name, hint.is_some(), problem.is_some());
    let wrong = problem.is_some().then_some("true");
    let value = attempt.fields.text(name).to_owned();
    let control = view! {
        <textarea class=if wrong.is_some() { "usa-textarea usa-input--error" } else { "usa-textarea" } id=name name=name rows=rows.to_string()
            aria-describedby=described aria-invalid=wrong>{value}</textarea>
    };
    frame(name, label, hint, problem, control.into_any())
}

/// A choice from a list: value and words.
#[component]
pub fn Select(
    /// Field name and element id.
    name: &'static str,
    /// What is asked.
    #[prop(into)]
    label: String,
    /// The form as typed.
    attempt: Attempt,
    /// Values and words.
    options: Vec<(String, String)>,
    /// Help beneath the label.
    #[prop(optional, into)]
    hint: Option<String>,
) -> impl IntoView {
    let problem = attempt.problem(name);
    let described = described(name, hint.is_some(), problem.is_some());
    let chosen = attempt.fields.text(name).to_owned();
    let options = options
        .into_iter()
        .map(|(value, words)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{words}</option> }
        })
        .collect_view();
    let control = view! { <select class="usa-select" id=name name=name aria-describedby=described>{options}</select> };
    frame(name, label, hint, problem, control.into_any())
}

/// One of a few, as radio buttons in a fieldset: value, words and a line of help.
#[component]
pub fn Radios(
    /// Field name; the first button's id is the same, so that problems can link to it.
    name: &'static str,
    /// What is asked.
    #[prop(into)]
    legend: String,
    /// The form as typed.
    attempt: Attempt,
    /// Value, words, help.
    options: Vec<(String, String, String)>,
    /// Help beneath the legend.
    #[prop(optional, into)]
    hint: Option<String>,
) -> impl IntoView {
    let problem = attempt.problem(name).map(|text| view! { <span class="usa-error-message" id=format!("{name}-problem")>{text}</span> });
    let chosen = attempt.fields.text(name).to_owned();
    let items = options
        .into_iter()
        .enumerate()
        .map(|(index, (value, words, help))| {
            let id = if index == 0 { name.to_owned() } else { format!("{name}-{index}") };
            let checked = value == chosen;
            let help = (!help.is_empty()).then(|| view! { <span class="usa-radio__label-description">{help}</span> });
            view! {
                <div class="usa-radio">
                    <input class="usa-radio__input" id=id.clone() type="radio" name=name value=value checked=checked/>
                    <label class="usa-radio__label" for=id>{words}{help}</label>
                </div>
            }
        })
        .collect_view();
    view! {
        <fieldset class="usa-fieldset">
            <legend class="usa-legend">{legend}</legend>
            {hint.map(|hint| view! { <span class="usa-hint">{hint}</span> })}
            {problem}
            {items}
        </fieldset>
    }
}

/// The hint of a field that is signed in.
#[must_use]
pub fn signs_as(name: &str) -> String {
    format!("As you sign letters; you are signed in as {name}.")
}

/// A tick box.
#[component]
pub fn Tick(
    /// Field name and element id.
    name: &'static str,
    /// What is agreed to.
    #[prop(into)]
    label: String,
    /// The form as typed.
    attempt: Attempt,
) -> impl IntoView {
    let problem = attempt.problem(name).map(|text| view! { <span class="usa-error-message" id=format!("{name}-problem")>{text}</span> });
    let checked = attempt.fields.ticked(name);
    view! {
        <div class="usa-form-group">
            {problem}
            <div class="usa-checkbox">
                <input class="usa-checkbox__input" id=name type="checkbox" name=name value="yes" checked=checked/>
                <label class="usa-checkbox__label" for=name>{label}</label>
            </div>
        </div>
    }
}
