//! The islands: the only part of the app that runs in the browser. A page works without each of them. Those that rank and allocate stand in
//! a module of their own (feature `reckon`), so that an applicant's page does not fetch exact arithmetic that it never uses.

#[cfg(any(feature = "ssr", feature = "reckon"))]
pub mod bench;
#[cfg(any(feature = "ssr", feature = "reckon"))]
pub mod replay;

use leptos::prelude::*;

/// What lies at an address of this portal; an error where the answer is one.
#[cfg(feature = "reckon")]
async fn fetched(address: &str) -> Result<web_sys::Response, wasm_bindgen::JsValue> {
    use wasm_bindgen::{JsCast, JsValue};
    let answer = wasm_bindgen_futures::JsFuture::from(window().fetch_with_str(address)).await?;
    let response: web_sys::Response = answer.dyn_into()?;
    if response.ok() { Ok(response) } else { Err(JsValue::NULL) }
}

/// Called by the loader once the module is there; islands then wake one by one.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}

/// The time left until a deadline, counting down. `left_seconds` is the server's figure, so a wrong clock on the desk does no harm.
#[island]
pub fn Countdown(
    /// Seconds left when the page was made.
    left_seconds: i64,
) -> impl IntoView {
    let left = RwSignal::new(left_seconds);
    #[cfg(feature = "hydrate")]
    {
        use std::time::Duration;
        let ticking = set_interval_with_handle(move || left.update(|left| *left -= 1), Duration::from_secs(1));
        on_cleanup(move || {
            if let Ok(handle) = ticking {
                handle.clear();
            }
        });
    }
    view! { <span class="al-countdown" role="timer">{move || say_left(left.get())}</span> }
}

/// `13 days 4 hours`, `2 hours 5 minutes`, `4 minutes 10 seconds`, or that it is closed.
#[must_use]
pub fn say_left(seconds: i64) -> String {
    if seconds <= 0 {
        return "closed".to_owned();
    }
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let say = |count: i64, one: &str| if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") };
    if days > 0 {
        format!("{} {} left", say(days, "day"), say(hours, "hour"))
    } else if hours > 0 {
        format!("{} {} left", say(hours, "hour"), say(minutes, "minute"))
    } else {
        format!("{} {} left", say(minutes, "minute"), say(seconds % 60, "second"))
    }
}

/// A warning that the session is about to end, from five minutes before. `left_seconds` is the server's figure.
#[island]
pub fn SessionWarning(
    /// Seconds until the session ends if nothing is asked.
    left_seconds: i64,
    /// That time in words.
    at: String,
) -> impl IntoView {
    let left = RwSignal::new(left_seconds);
    #[cfg(feature = "hydrate")]
    {
        use std::time::Duration;
        let ticking = set_interval_with_handle(move || left.update(|left| *left -= 15), Duration::from_secs(15));
        on_cleanup(move || {
            if let Ok(handle) = ticking {
                handle.clear();
            }
        });
    }
    let said = move || match left.get() {
        ..=0 => "You have been signed out. Copy what you typed, then sign in again.".to_owned(),
        1..=300 => format!("You will be signed out at {at}. Save now to stay signed in."),
        _ => String::new(),
    };
    view! { <p class="al-session-warning" role="status">{said}</p> }
}

/// Saves the form around it some seconds after typing stops, and when the reader turns away from the page, by posting the same form that
/// its button posts. What it says is read out; a save that fails says so and leaves the button to it.
#[island]
pub fn Autosave(
    /// What is known of the last save when the page is made.
    said: String,
) -> impl IntoView {
    let said = RwSignal::new(said);
    #[cfg(feature = "hydrate")]
    autosave::watch(said);
    view! { <p class="al-source" role="status">{move || said.get()}</p> }
}

#[cfg(feature = "hydrate")]
mod autosave {
    use leptos::ev;
    use leptos::prelude::*;
    use std::time::Duration;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::{JsFuture, spawn_local};
    use web_sys::{FormData, Headers, HtmlElement, HtmlFormElement, HtmlInputElement, RequestInit, Response, SubmitEvent, UrlSearchParams};

    const AFTER: Duration = Duration::from_secs(4);

    /// What is under way.
    #[derive(Clone, Copy)]
    struct Saving {
        said: RwSignal<String>,
        changed: StoredValue<bool>,
        busy: StoredValue<bool>,
        stopped: StoredValue<bool>,
        timer: StoredValue<Option<TimeoutHandle>>,
        pressed: StoredValue<Option<HtmlElement>, LocalStorage>,
    }

    fn form() -> Option<HtmlFormElement> {
        document().query_selector("form[data-autosave]").ok()??.dyn_into().ok()
    }

    fn version(form: &HtmlFormElement) -> Option<HtmlInputElement> {
        form.query_selector("input[name=version]").ok()??.dyn_into().ok()
    }

    pub fn watch(said: RwSignal<String>) {
        let saving = Saving {
            said,
            changed: StoredValue::new(false),
            busy: StoredValue::new(false),
            stopped: StoredValue::new(false),
            timer: StoredValue::new(None),
            pressed: StoredValue::new_local(None),
        };
        let typed = move || {
            saving.changed.set_value(true);
            clear(saving);
            saving.timer.set_value(set_timeout_with_handle(move || save(saving), AFTER).ok());
        };
        let _ = window_event_listener(ev::input, move |_| typed());
        // On a slow line much is typed while the module is still on its way; the loader has noted it.
        if document().document_element().is_some_and(|root| root.has_attribute("data-typed")) {
            typed();
        }
        let _ = window_event_listener_untyped("visibilitychange", move |_| {
            if document().hidden() {
                save(saving);
            }
        });
        // The button must not overtake a save under way: both would name the same version, and the second would be a conflict.
        let _ = window_event_listener_untyped("submit", move |event| {
            clear(saving);
            saving.changed.set_value(false);
            if saving.busy.get_value() {
                event.prevent_default();
                let pressed = event.dyn_into::<SubmitEvent>().ok().and_then(|event| event.submitter());
                saving.pressed.set_value(pressed);
            }
        });
    }

    fn clear(saving: Saving) {
        if let Some(timer) = saving.timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    }

    fn save(saving: Saving) {
        if saving.stopped.get_value() || saving.busy.get_value() || !saving.changed.get_value() {
            return;
        }
        let Some(form) = form() else { return };
        clear(saving);
        saving.changed.set_value(false);
        saving.busy.set_value(true);
        spawn_local(async move {
            let told = match post(&form).await {
                Ok(told) => told,
                Err(_) => {
                    saving.changed.set_value(true);
                    "Not saved: no connection. Keep this page open and press Save when it is back.".to_owned()
                }
            };
            saving.stopped.set_value(told.starts_with("Not saved") && !told.contains("connection"));
            saving.said.set(told);
            saving.busy.set_value(false);
            if let Some(pressed) = saving.pressed.try_update_value(Option::take).flatten() {
                let _ = form.request_submit_with_submitter(Some(&pressed));
            } else if saving.changed.get_value() {
                saving.timer.set_value(set_timeout_with_handle(move || save(saving), AFTER).ok());
            }
        });
    }

    async fn post(form: &HtmlFormElement) -> Result<String, JsValue> {
        let fields = FormData::new_with_form(form)?;
        let body = UrlSearchParams::new_with_str_sequence_sequence(&fields)?;
        let headers = Headers::new()?;
        headers.set("accept", "application/json")?;
        let request = RequestInit::new();
        request.set_method("POST");
        request.set_headers(&headers);
        request.set_body(&body);
        let response: Response = JsFuture::from(window().fetch_with_str_and_init(&form.action(), &request)).await?.dyn_into()?;
        let Ok(answer) = JsFuture::from(response.json()?).await else {
            return Ok("Not saved: please sign in again in another window, then press Save here.".to_owned());
        };
        let read = |key: &str| js_sys::Reflect::get(&answer, &key.into()).ok();
        if let Some(problem) = read("problem").and_then(|text| text.as_string()) {
            return Ok(format!("Not saved: {problem}"));
        }
        let (Some(at), Some(number)) = (read("saved_at").and_then(|at| at.as_string()), read("version").and_then(|number| number.as_f64()))
        else {
            return Ok("Not saved. Press Save to try again.".to_owned());
        };
        if let Some(version) = version(form) {
            version.set_value(&number.to_string());
        }
        Ok(format!("Saved at {at}."))
    }
}
