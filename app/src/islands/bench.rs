//! The bench: at every move of a slider the whole pool is ranked again in the browser and the money laid down anew, by the code that
//! decides. Without script the same form asks the server. Nothing here writes, but for the button that saves a scenario by name.

mod results;

pub use results::results;

use domain::Money;
use domain::allocation::{Method, Misfit};
use domain::bench::{
    BY, Bench, Choices, OBJECTIVES, ROUNDINGS, Ready, Refused, Region, Setting, Slow, Tried, method_word, misfit_word, percent,
};
use domain::ruleset::Criterion;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// The form's texts by field.
type Texts = BTreeMap<String, String>;

/// What each field holds when nothing is typed: the declared setting.
fn declared_texts(bench: &Bench) -> Texts {
    let mut texts = Texts::new();
    for criterion in &bench.rules.criteria {
        texts.insert(format!("w-{}", criterion.key), percent(criterion.weight));
        for number in criterion.scale.numbers() {
            texts.insert(format!("{}-{}", number.word, criterion.key), number.value.normalize().to_string());
        }
    }
    texts.insert("pot".to_owned(), bench.pot.plain());
    texts.insert("unit_cost".to_owned(), bench.unit_cost.plain());
    let declared = Setting::declared(bench);
    texts.insert("misfit".to_owned(), misfit_word(declared.misfit).to_owned());
    texts.insert("method".to_owned(), method_word(declared.method).to_owned());
    texts.extend(Choices::declared_fields(&bench.allocation).into_iter().map(|(name, text)| (name.to_owned(), text)));
    for region in &bench.regions {
        let between = declared.bounds.get(&region.key).copied().unwrap_or_default();
        for (name, amount) in [("floor", between.floor), ("cap", between.cap)] {
            texts.insert(format!("{name}-{}", region.key), amount.map(Money::plain).unwrap_or_default());
        }
    }
    texts
}

/// Everything that moves.
#[derive(Clone, Copy)]
struct Desk {
    ready: StoredValue<Ready>,
    texts: RwSignal<Texts>,
    setting: Memo<Result<Setting, Vec<Refused>>>,
    tried: Memo<Result<Tried, Vec<String>>>,
    declared: StoredValue<Option<Tried>>,
    slow: RwSignal<Option<Slow>>,
    /// Whether the last question for it came to nothing.
    unanswered: RwSignal<bool>,
    #[cfg_attr(not(feature = "reckon"), expect(dead_code, reason = "the server asks nobody"))]
    address: StoredValue<String>,
}

impl Desk {
    fn new(bench: Bench, typed: Vec<(String, String)>, slow: Option<Slow>, address: String) -> Self {
        let mut texts = declared_texts(&bench);
        texts.extend(typed);
        let ready = Ready::new(bench);
        let declared = StoredValue::new(ready.run(&ready.declared()).ok());
        let ready = StoredValue::new(ready);
        let texts = RwSignal::new(texts);
        let setting = Memo::new(move |_| {
            texts.with(|texts| ready.with_value(|ready| Setting::read(&ready.bench, |name| texts.get(name).map(String::as_str))))
        });
        // What can't be read leaves the last result standing; the problem is told beside its field.
        let tried = Memo::new(move |before: Option<&Result<Tried, Vec<String>>>| {
            setting.with(|setting| match (setting, before) {
                (Ok(setting), _) => ready.with_value(|ready| ready.run(setting)),
                (Err(_), Some(before)) => before.clone(),
                (Err(_), None) => ready.with_value(|ready| ready.run(&ready.declared())),
            })
        });
        let (slow, unanswered, address) = (RwSignal::new(slow), RwSignal::new(false), StoredValue::new(address));
        Self { ready, texts, setting, tried, declared, slow, unanswered, address }
    }

    fn text(self, field: &str) -> String {
        self.texts.with(|texts| texts.get(field).cloned().unwrap_or_default())
    }

    fn put(self, field: &str, text: String) {
        self.texts.update(|texts| {
            texts.insert(field.to_owned(), text);
        });
        self.slow.set(None);
        self.unanswered.set(false);
        #[cfg(feature = "reckon")]
        later::ask(self);
    }

    fn problem(self, field: &str) -> Option<String> {
        self.setting.with(|setting| {
            let refused = setting.as_ref().err()?.iter().find(|refused| refused.field == field)?;
            Some(refused.problem.clone())
        })
    }

    /// What a criterion's weight comes to among all, as the form stands.
    fn share(self, index: usize) -> String {
        let weights =
            self.setting.with(|setting| setting.as_ref().ok().map(|setting| self.ready.with_value(|ready| ready.shares(setting))));
        weights.and_then(|weights| weights.get(index).copied()).map_or_else(|| "–".to_owned(), |share| format!("{}%", percent(share)))
    }
}

/// The form and what comes of it.
#[island]
pub fn BenchDesk(
    /// The round.
    bench: Bench,
    /// What was typed, by field; what is not there is as declared.
    typed: Vec<(String, String)>,
    /// What takes long, computed for what was typed.
    slow: Option<Slow>,
    /// The bench's address.
    address: String,
    /// Where a scenario is saved; empty for whoever may not.
    save: String,
    /// What is wrong with the scenario's name, if it was refused.
    name_problem: Option<String>,
) -> impl IntoView {
    let name = typed.iter().find(|(field, _)| field == "name").map(|(_, text)| text.clone()).unwrap_or_default();
    let desk = Desk::new(bench, typed, slow, address.clone());
    #[cfg(feature = "reckon")]
    later::keep(desk);
    let criteria = desk.ready.with_value(|ready| ready.bench.rules.criteria.clone());
    let weights = criteria.iter().enumerate().map(|(index, criterion)| weight(desk, index, criterion)).collect_view();
    let scales = criteria.iter().filter_map(|criterion| scale(desk, criterion)).collect_view();
    let limits = limits(desk);
    let regions = desk.ready.with_value(|ready| ready.bench.regions.clone());
    let bounds = regions.iter().map(|region| bounds(desk, region)).collect_view();
    let bounds = (!regions.is_empty()).then(|| {
        view! {
            <details>
                <summary>"Floors and caps of regions"</summary>
                <div>
                    <p class="usa-hint">"In dollars; empty for none. They hold for shares and for the set with the most points, and not down the list."</p>
                    {bounds}
                </div>
            </details>
        }
    });
    let save = (!save.is_empty()).then(|| saving(save, name, name_problem));
    let reset = address.clone();
    view! {
        <div class="al-bench">
            <form class="al-bench__form" method="get" action=address>
                <fieldset class="usa-fieldset">
                    <legend class="usa-legend">"Weights"</legend>
                    <p class="usa-hint">"In percent. Whatever they sum to is taken as the whole."</p>
                    {weights}
                </fieldset>
                <fieldset class="usa-fieldset">
                    <legend class="usa-legend">"Money"</legend>
                    {field(desk, "pot", "Pot in dollars".to_owned())}
                    {field(desk, "unit_cost", "Cost of a unit in dollars".to_owned())}
                    {choice(desk, "method", "How the money is laid out", &METHODS)}
                    {choice(desk, "misfit", "Down the list, the first request that does not fit", &MISFITS)}
                    {choice(desk, "by", "Shares are in proportion to", &words(&BY))}
                    {choice(desk, "rounding", "Shares are rounded by", &words(&ROUNDINGS))}
                    {choice(desk, "objective", "The best set has the most", &words(&OBJECTIVES))}
                    {limits}
                </fieldset>
                {bounds}
                <details>
                    <summary>"Numbers of the scales"</summary>
                    <div>{scales}</div>
                </details>
                <div class="al-actions">
                    <button class="usa-button al-bench__try" type="submit">"Try it"</button>
                    <a href=reset>"Back to what is declared"</a>
                </div>
                {save}
            </form>
            <div class="al-bench__results" aria-live="polite" aria-atomic="false">
                {move || unanswered(desk)}
                {move || desk.show()}
            </div>
        </div>
    }
}

impl Desk {
    fn show(self) -> AnyView {
        let slow = self.slow.get();
        self.tried.with(|tried| {
            self.ready.with_value(|ready| {
                self.declared.with_value(|declared| match (tried, declared) {
                    (Ok(tried), Some(declared)) => results(&ready.bench, tried, declared, slow.as_ref()),
                    (Err(problems), _) => {
                        let items = problems.iter().take(5).map(|text| view! { <li>{text.clone()}</li> }).collect_view();
                        view! { <p>"This can’t be done:"</p> <ul>{items}</ul> }.into_any()
                    }
                    (Ok(_), None) => view! { <p>"The declared rules give no ranking."</p> }.into_any(),
                })
            })
        })
    }
}

fn unanswered(desk: Desk) -> Option<AnyView> {
    let text = "The server did not answer. What it computes, shown as “…”, is asked for again at the next change.";
    let body = view! { <div class="usa-alert__body"><p class="usa-alert__text">{text}</p></div> };
    desk.unanswered.get().then(|| view! { <div class="usa-alert usa-alert--warning usa-alert--slim">{body}</div> }.into_any())
}

fn weight(desk: Desk, index: usize, criterion: &Criterion) -> AnyView {
    if criterion.bonus {
        let name = criterion.name.clone();
        return view! { <p class="al-bench__weight"><span class="usa-label">{name}</span>" is added as it is"</p> }.into_any();
    }
    let id = format!("w-{}", criterion.key);
    let [key, typed, slid, read, wrong, of] = [(); 6].map(|()| id.clone());
    let first = desk.texts.with_untracked(|texts| texts.get(&id).cloned().unwrap_or_default());
    let slider_name = format!("Weight of {}", criterion.name);
    view! {
        <div class="al-bench__weight">
            <label class="usa-label" for=key.clone()>{criterion.name.clone()}</label>
            <input class="usa-input usa-input--small" type="text" inputmode="decimal" id=key.clone() name=key value=first.clone()
                prop:value=move || desk.text(&read) on:input=move |event| desk.put(&typed, event_target_value(&event))/>
            <input class="al-bench__slider" type="range" min="0" max="100" step="0.5" aria-label=slider_name data-of=of value=first
                prop:value=move || desk.text(&id) on:input=move |event| desk.put(&slid, event_target_value(&event))/>
            <span class="al-source">"counts "{move || desk.share(index)}</span>
            {move || problem(desk, &wrong)}
        </div>
    }
    .into_any()
}

fn problem(desk: Desk, field: &str) -> Option<AnyView> {
    desk.problem(field).map(|text| view! { <span class="usa-error-message">{text}</span> }.into_any())
}

fn field(desk: Desk, id: &str, label: String) -> AnyView {
    let [key, typed, read, wrong] = [(); 4].map(|()| id.to_owned());
    let first = desk.texts.with_untracked(|texts| texts.get(id).cloned().unwrap_or_default());
    view! {
        <label class="usa-label" for=key.clone()>{label}</label>
        {move || problem(desk, &wrong)}
        <input class="usa-input usa-input--medium" type="text" inputmode="decimal" id=key.clone() name=key value=first
            prop:value=move || desk.text(&read) on:input=move |event| desk.put(&typed, event_target_value(&event))/>
    }
    .into_any()
}

/// The ways to lay money out, by their words in program files.
const METHODS: [(&str, &str); 3] = [
    (method_word(Method::DownTheList), "Down the list"),
    (method_word(Method::Shares), "In shares, to everybody"),
    (method_word(Method::Optimal), "To the set with the most points"),
];

/// What becomes of a request that does not fit, likewise.
const MISFITS: [(&str, &str); 4] = [
    (misfit_word(Misfit::Stop), "stops there"),
    (misfit_word(Misfit::Skip), "is passed over for smaller ones below"),
    (misfit_word(Misfit::Partial), "gets the whole units that are left"),
    (misfit_word(Misfit::Waitlist), "waits, and all below with it"),
];

/// The words of a choice with what they say.
fn words<T>(all: &[(&'static str, T, &'static str)]) -> Vec<(&'static str, &'static str)> {
    all.iter().map(|(word, _, says)| (*word, *says)).collect()
}

/// What the program file limits or holds harmless, each in a field.
const LIMITS: [(&str, &str); 3] = [
    ("limit-organization", "The best set: at most, in dollars, for one organization"),
    ("limit-district", "The best set: at most, in dollars, for one district"),
    ("percent", "Shares and the best set: percent of the last award held harmless"),
];

fn limits(desk: Desk) -> Vec<AnyView> {
    let there = |name: &str| desk.texts.with_untracked(|texts| texts.contains_key(name));
    let mut fields = Vec::new();
    for (name, label) in LIMITS {
        if there(name) {
            fields.push(field(desk, name, label.to_owned()));
        }
    }
    fields
}

fn choice(desk: Desk, name: &'static str, label: &'static str, words: &[(&'static str, &'static str)]) -> AnyView {
    let chosen = desk.texts.with_untracked(|texts| texts.get(name).cloned().unwrap_or_default());
    let options = words
        .iter()
        .map(|(word, says)| {
            let selected = *word == chosen;
            view! { <option value=*word selected=selected>{*says}</option> }
        })
        .collect_view();
    view! {
        <label class="usa-label" for=name>{label}</label>
        {move || problem(desk, name)}
        <select class="usa-select" id=name name=name on:change=move |event| desk.put(name, event_target_value(&event))>{options}</select>
    }
    .into_any()
}

/// A scale's numbers, two side by side.
fn scale(desk: Desk, criterion: &Criterion) -> Option<AnyView> {
    let numbers = criterion.scale.numbers();
    let mut fields = Vec::with_capacity(numbers.len());
    for number in &numbers {
        fields.push(view! { <div>{field(desk, &format!("{}-{}", number.word, criterion.key), number.plain.clone())}</div> }.into_any());
    }
    (!fields.is_empty()).then(|| side_by_side(criterion.name.clone(), fields))
}

fn bounds(desk: Desk, region: &Region) -> AnyView {
    let bound = |word: &str, label: &str| field(desk, &format!("{word}-{}", region.key), label.to_owned());
    let both = [bound("floor", "At least"), bound("cap", "At most")];
    side_by_side(region.name.clone(), both.map(|field| view! { <div>{field}</div> }.into_any()).into())
}

/// Fields two by two under a heading.
fn side_by_side(heading: String, fields: Vec<AnyView>) -> AnyView {
    view! {
        <fieldset class="usa-fieldset">
            <legend>{heading}</legend>
            <div class="al-bench__pair">{fields}</div>
        </fieldset>
    }
    .into_any()
}

fn saving(address: String, name: String, problem: Option<String>) -> AnyView {
    let wrong = problem.is_some().then_some("true");
    view! {
        <div class="al-bench__save">
            <label class="usa-label" for="name">"Keep it as a scenario named"</label>
            {problem.map(|text| view! { <span class="usa-error-message" id="name-problem">{text}</span> })}
            <input class="usa-input" type="text" id="name" name="name" maxlength="80" value=name aria-invalid=wrong/>
            <p class="usa-hint">"Who saved it and when goes on the round’s record, and stays there."</p>
            <button class="usa-button usa-button--outline" type="submit" formmethod="post" formaction=address>"Save the scenario"</button>
        </div>
    }
    .into_any()
}

#[cfg(feature = "reckon")]
mod later {
    use super::Desk;
    use leptos::prelude::*;
    use std::cell::RefCell;
    use std::time::Duration;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::{JsFuture, spawn_local};
    use web_sys::{FormData, HtmlFormElement, HtmlInputElement, UrlSearchParams};

    /// So long nothing may have moved.
    const STILL: Duration = Duration::from_millis(400);

    thread_local! {
        static WAITING: RefCell<Option<TimeoutHandle>> = const { RefCell::new(None) };
    }

    /// What was typed and chosen while the module was still on its way is taken up once the island is awake.
    pub(super) fn keep(desk: Desk) {
        let Some(form) = on_the_page() else { return };
        let early: Vec<(String, String)> = desk.texts.with_untracked(|texts| {
            let typed = |field: &str, known: &str| form.get(field).as_string().filter(|text| text != known);
            let done = texts.iter().map(|(field, known)| Some((field.clone(), typed(field, known).or_else(|| slid(field))?)));
            done.flatten().collect()
        });
        Effect::new(move |_| early.iter().for_each(|(field, text)| desk.put(field, text.clone())));
    }

    fn on_the_page() -> Option<FormData> {
        let form: HtmlFormElement = document().query_selector("form.al-bench__form").ok()??.dyn_into().ok()?;
        FormData::new_with_form(&form).ok()
    }

    /// Where the slider of a weight was moved to.
    fn slid(field: &str) -> Option<String> {
        let slider = document().query_selector(&format!("[data-of='{field}'][data-typed]")).ok()??;
        Some(slider.dyn_into::<HtmlInputElement>().ok()?.value())
    }

    /// Asks for ranges and reversals once nothing moves any more: where many apply they take seconds, and a page that computes stands still.
    pub(super) fn ask(desk: Desk) {
        let run = move || {
            if desk.setting.with_untracked(Result::is_err) || desk.tried.with_untracked(Result::is_err) {
                return;
            }
            let asked = desk.texts.get_untracked();
            spawn_local(async move {
                let answer = fetch(desk).await;
                // An answer to what has moved on since is none.
                if desk.texts.with_untracked(|texts| *texts == asked) {
                    desk.unanswered.set(answer.is_err());
                    desk.slow.set(answer.ok().flatten());
                }
            });
        };
        let waiting = set_timeout_with_handle(run, STILL).ok();
        if let Some(before) = WAITING.replace(waiting) {
            before.clear();
        }
    }

    async fn fetch(desk: Desk) -> Result<Option<domain::bench::Slow>, JsValue> {
        let query = UrlSearchParams::new()?;
        desk.texts.with_untracked(|texts| texts.iter().for_each(|(field, text)| query.append(field, text)));
        let address = format!("{}/slow?{}", desk.address.get_value(), String::from(query.to_string()));
        let text = JsFuture::from(crate::islands::fetched(&address).await?.text()?).await?.as_string().ok_or(JsValue::NULL)?;
        serde_json::from_str(&text).map_err(|_| JsValue::NULL)
    }
}
