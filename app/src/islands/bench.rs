//! The bench: at every move of a slider the whole pool is ranked again in the browser and the money laid down anew, by the code that
//! decides. Without script the same form asks the server. Nothing here writes, but for the button that saves a scenario by name.

mod results;

pub use results::results;

use domain::bench::{Bench, Ready, Refused, Setting, Slow, Tried, misfit_word, percent};
use domain::ruleset::{Criterion, Scale};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// The form's texts by field.
type Texts = BTreeMap<String, String>;

/// What each field holds when nothing is typed: the declared setting.
fn declared_texts(bench: &Bench) -> Texts {
    let mut texts = Texts::new();
    for criterion in &bench.rules.criteria {
        texts.insert(format!("w-{}", criterion.key), percent(criterion.weight));
        if let Scale::Linear { from, to, .. } = &criterion.scale {
            texts.insert(format!("from-{}", criterion.key), from.normalize().to_string());
            texts.insert(format!("to-{}", criterion.key), to.normalize().to_string());
        }
    }
    texts.insert("pot".to_owned(), bench.pot.plain());
    texts.insert("unit_cost".to_owned(), bench.unit_cost.plain());
    let misfit = bench.allocation.misfit.map_or("stop", misfit_word);
    texts.insert("misfit".to_owned(), misfit.to_owned());
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
}

impl Desk {
    fn new(bench: Bench, typed: Vec<(String, String)>, slow: Option<Slow>) -> Self {
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
        Self { ready, texts, setting, tried, declared, slow: RwSignal::new(slow) }
    }

    fn text(self, field: &str) -> String {
        self.texts.with(|texts| texts.get(field).cloned().unwrap_or_default())
    }

    fn put(self, field: &str, text: String) {
        self.texts.update(|texts| {
            texts.insert(field.to_owned(), text);
        });
        self.slow.set(None);
        #[cfg(feature = "reckon")]
        later::compute(self);
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
    let desk = Desk::new(bench, typed, slow);
    let criteria = desk.ready.with_value(|ready| ready.bench.rules.criteria.clone());
    let weights = criteria.iter().enumerate().map(|(index, criterion)| weight(desk, index, criterion)).collect_view();
    let scales = criteria.iter().filter_map(|criterion| scale(desk, criterion)).collect_view();
    let misfits = [
        ("stop", "stops there"),
        ("skip", "is passed over for smaller ones below"),
        ("partial", "gets the whole units that are left"),
        ("waitlist", "waits, and all below with it"),
    ];
    let chosen = desk.texts.with_untracked(|texts| texts.get("misfit").cloned().unwrap_or_default());
    let misfits = misfits
        .map(|(word, says)| {
            let selected = word == chosen;
            view! { <option value=word selected=selected>{says}</option> }
        })
        .collect_view();
    let save = (!save.is_empty()).then(|| saving(save, name, name_problem));
    let reset = address.clone();
    view! {
        <div class="al-bench" data-wake="now">
            <form class="al-bench__form" method="get" action=address>
                <fieldset class="usa-fieldset">
                    <legend class="usa-legend">"Weights"</legend>
                    <p class="usa-hint">"In percent. Whatever they sum to is taken as the whole."</p>
                    {weights}
                </fieldset>
                <fieldset class="usa-fieldset">
                    <legend class="usa-legend">"Money"</legend>
                    {field(desk, "pot", "Pot in dollars")}
                    {field(desk, "unit_cost", "Cost of a unit in dollars")}
                    <label class="usa-label" for="misfit">"The first request that does not fit"</label>
                    <select class="usa-select" id="misfit" name="misfit" on:change=move |event| desk.put("misfit", event_target_value(&event))>
                        {misfits}
                    </select>
                </fieldset>
                <details>
                    <summary>"Ends of the straight scales"</summary>
                    {scales}
                </details>
                <div class="al-actions">
                    <button class="usa-button al-bench__try" type="submit">"Try it"</button>
                    <a href=reset>"Back to what is declared"</a>
                </div>
                {save}
            </form>
            <div class="al-bench__results" aria-live="polite" aria-atomic="false">
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
                        view! { <p>"This can’t be ranked:"</p> <ul>{items}</ul> }.into_any()
                    }
                    (Ok(_), None) => view! { <p>"The declared rules give no ranking."</p> }.into_any(),
                })
            })
        })
    }
}

fn weight(desk: Desk, index: usize, criterion: &Criterion) -> AnyView {
    if criterion.bonus {
        let name = criterion.name.clone();
        return view! { <p class="al-bench__weight"><span class="usa-label">{name}</span>" is added as it is"</p> }.into_any();
    }
    let id = format!("w-{}", criterion.key);
    let [key, typed, slid, read, wrong] = [(); 5].map(|()| id.clone());
    let first = desk.texts.with_untracked(|texts| texts.get(&id).cloned().unwrap_or_default());
    let slider_name = format!("Weight of {}", criterion.name);
    view! {
        <div class="al-bench__weight">
            <label class="usa-label" for=key.clone()>{criterion.name.clone()}</label>
            <input class="usa-input usa-input--small" type="text" inputmode="decimal" id=key.clone() name=key value=first.clone()
                prop:value=move || desk.text(&read) on:input=move |event| desk.put(&typed, event_target_value(&event))/>
            <input class="al-bench__slider" type="range" min="0" max="100" step="0.5" aria-label=slider_name value=first
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

fn field(desk: Desk, id: &str, label: &'static str) -> AnyView {
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

fn scale(desk: Desk, criterion: &Criterion) -> Option<AnyView> {
    let Scale::Linear { from_points, to_points, .. } = &criterion.scale else { return None };
    let end = |end: &str, points: String| {
        let id = format!("{end}-{}", criterion.key);
        let label = format!("earns {points} points");
        let [key, typed, read, wrong] = [(); 4].map(|()| id.clone());
        let first = desk.texts.with_untracked(|texts| texts.get(&id).cloned().unwrap_or_default());
        view! {
            <div class="al-bench__end">
                {move || problem(desk, &wrong)}
                <input class="usa-input usa-input--small" type="text" inputmode="decimal" id=key.clone() name=key.clone() value=first
                    prop:value=move || desk.text(&read) on:input=move |event| desk.put(&typed, event_target_value(&event))/>
                <label for=key>{label}</label>
            </div>
        }
    };
    let (from, to) = (end("from", from_points.normalize().to_string()), end("to", to_points.normalize().to_string()));
    Some(view! { <fieldset class="usa-fieldset"><legend>{criterion.name.clone()}</legend>{from}{to}</fieldset> }.into_any())
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

    /// So long nothing may have moved.
    const STILL: Duration = Duration::from_millis(400);

    thread_local! {
        static WAITING: RefCell<Option<TimeoutHandle>> = const { RefCell::new(None) };
    }

    /// Computes ranges and reversals once nothing moves any more.
    pub(super) fn compute(desk: Desk) {
        let run = move || {
            let setting = desk.setting.get_untracked();
            let tried = desk.tried.get_untracked();
            if let (Ok(setting), Ok(tried)) = (setting, tried) {
                desk.slow.set(desk.ready.with_value(|ready| ready.slow(&setting, &tried)).ok());
            }
        };
        let waiting = set_timeout_with_handle(run, STILL).ok();
        if let Some(before) = WAITING.replace(waiting) {
            before.clear();
        }
    }
}
