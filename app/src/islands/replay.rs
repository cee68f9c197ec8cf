//! Computing a frozen document again in the reader's own browser. What is chosen or dropped goes nowhere: the module ranks and allocates
//! here, by the code that decided.

use domain::answers::count_with_commas;
use domain::replay::Replay;
use leptos::prelude::*;

/// What the reader sees of it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Told {
    /// Nothing chosen yet.
    Nothing,
    /// A sentence on what is under way.
    Wait(String),
    /// What came out.
    Done(Box<Replay>),
    /// Why nothing can be computed.
    Refused(String),
}

/// A box for a file, and, where one is named, the published file ready to be computed again.
#[island]
pub fn ReplayDesk(
    /// Where the published file lies; empty when the reader brings one.
    published: String,
) -> impl IntoView {
    let told = RwSignal::new(Told::Nothing);
    // Held from the moment the page is ready, so that the network may be cut before anything is computed.
    let held = RwSignal::new(Vec::<u8>::new());
    let names = !published.is_empty();
    #[cfg(feature = "reckon")]
    browser::begin(published, held, told);
    let again = move |_| {
        if held.with(Vec::is_empty) {
            told.set(Told::Wait(FETCHING.to_owned()));
        } else {
            compute(told, &held.get());
        }
    };
    let ready = move || {
        let bytes = held.with(Vec::len);
        let said = || {
            format!("The published file is here: {} bytes. The network can be cut now; nothing more is fetched.", count_with_commas(bytes))
        };
        if bytes > 0 { said() } else { String::new() }
    };
    let chosen = move |event| {
        #[cfg(feature = "reckon")]
        browser::chosen(event, told);
        #[cfg(not(feature = "reckon"))]
        let _: leptos::ev::Event = event;
    };
    let dropped = move |event: leptos::ev::DragEvent| {
        event.prevent_default();
        #[cfg(feature = "reckon")]
        browser::dropped(&event, told);
    };
    let button = names.then(|| {
        view! {
            <p><button class="usa-button usa-button--big" type="button" data-again="" on:click=again>"Compute the published file again"</button></p>
            <p role="status">{ready}</p>
        }
    });
    view! {
        <div class="al-replay">
            {button}
            <div class="al-replay__drop" data-drop="" on:dragover=|event: leptos::ev::DragEvent| event.prevent_default() on:drop=dropped>
                <label for="document">{if names { "Or choose a file of your own, or drop it here" } else { "Choose a document, or drop it here" }}</label>
                <input id="document" type="file" accept=".json,application/json" on:change=chosen/>
            </div>
            <div aria-live="polite">{move || say(told.get())}</div>
        </div>
    }
}

/// What is said while the published file is on its way and is to be computed once it is here.
const FETCHING: &str = "Fetching the published file…";

fn compute(told: RwSignal<Told>, bytes: &[u8]) {
    told.set(match domain::replay::replay(bytes) {
        Ok(replay) => Told::Done(Box::new(replay)),
        Err(refused) => Told::Refused(refused),
    });
}

fn say(told: Told) -> AnyView {
    match told {
        Told::Nothing => ().into_any(),
        Told::Wait(text) => view! { <p>{text}</p> }.into_any(),
        Told::Refused(text) => alert("error", "Nothing to compute", view! { <p>{text}</p> }.into_any()),
        Told::Done(replay) => done(*replay),
    }
}

fn alert(kind: &'static str, heading: &'static str, body: AnyView) -> AnyView {
    view! {
        <div class=format!("usa-alert usa-alert--{kind}")>
            <div class="usa-alert__body">
                <h2 class="usa-alert__heading">{heading}</h2>
                <div class="usa-alert__text">{body}</div>
            </div>
        </div>
    }
    .into_any()
}

fn done(replay: Replay) -> AnyView {
    let verdict = if replay.is_same() {
        let text = format!(
            "{} bytes: {}. Computed again from its own rules and inputs, it comes out the same, byte for byte.",
            count_with_commas(replay.bytes),
            replay.what
        );
        alert("success", "The same bytes", view! { <p>{text}</p> }.into_any())
    } else {
        let items = replay.differences.iter().map(|text| view! { <li>{text.clone()}</li> }).collect_view();
        let first = replay.first.as_ref().map(|first| {
            view! {
                <p>"It first differs at "<code>{first.at.clone()}</code>": the file says "<code>{first.given.clone()}</code>", and "<code>{first.again.clone()}</code>" comes out."</p>
            }
        });
        alert("error", "Other bytes", view! { <p>{replay.what.clone()}</p> <ul>{items}</ul> {first} }.into_any())
    };
    let names = &replay.names;
    let round = (!names.program.is_empty()).then(|| {
        let address = format!("/programs/{}/{}", names.program, names.round);
        view! { <div><dt>"It names the round"</dt><dd><a href=address>{format!("{}, {}", names.program, names.round)}</a></dd></div> }
    });
    let file = match names.file_version {
        Some(version) => format!("SHA-256 of version {version} of the rules, the program file that it names"),
        None => "SHA-256 of the program file that it names".to_owned(),
    };
    view! {
        {verdict}
        <dl class="al-facts">
            <div><dt>"SHA-256 of the file"</dt><dd class="al-hash">{replay.given_sha256.clone()}</dd></div>
            <div><dt>"SHA-256 of what came out"</dt><dd class="al-hash">{replay.again_sha256.clone()}</dd></div>
            {round}
            <div>
                <dt>{file}</dt>
                <dd class="al-hash">{names.file_sha256.clone()}</dd>
            </div>
        </dl>
        <p class="al-source">"Compare the last with the fingerprint on the round’s page: the same means the rules that were locked when the round opened, or amended since."</p>
    }
    .into_any()
}

#[cfg(feature = "reckon")]
mod browser {
    use super::{FETCHING, Told, compute};
    use leptos::prelude::*;
    use std::time::Duration;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::{JsFuture, spawn_local};
    use web_sys::{Blob, FileList, HtmlInputElement};

    /// Fetches the published file and keeps it; a file that was chosen while the module was on its way is computed at once.
    pub fn begin(address: String, held: RwSignal<Vec<u8>>, told: RwSignal<Told>) {
        let input = document().get_element_by_id("document").and_then(|input| input.dyn_into::<HtmlInputElement>().ok());
        let early = input.and_then(|input| input.files());
        Effect::new(move |_| first(early.clone(), told));
        if address.is_empty() {
            return;
        }
        spawn_local(async move {
            match fetch(&address).await {
                Ok(bytes) => {
                    if matches!(told.get_untracked(), Told::Wait(text) if text == FETCHING) {
                        compute(told, &bytes);
                    }
                    held.set(bytes);
                }
                Err(_) => told.set(Told::Refused("The published file could not be fetched. Download it, then choose it here.".to_owned())),
            }
        });
    }

    async fn fetch(address: &str) -> Result<Vec<u8>, JsValue> {
        let response = crate::islands::fetched(address).await?;
        Ok(bytes_of(&JsFuture::from(response.array_buffer()?).await?))
    }

    fn bytes_of(buffer: &JsValue) -> Vec<u8> {
        js_sys::Uint8Array::new(buffer).to_vec()
    }

    pub fn chosen(event: leptos::ev::Event, told: RwSignal<Told>) {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        first(input.and_then(|input| input.files()), told);
    }

    pub fn dropped(event: &leptos::ev::DragEvent, told: RwSignal<Told>) {
        first(event.data_transfer().and_then(|transfer| transfer.files()), told);
    }

    fn first(files: Option<FileList>, told: RwSignal<Told>) {
        let Some(file) = files.and_then(|files| files.get(0)) else { return };
        told.set(Told::Wait(format!("Computing {} again…", file.name())));
        spawn_local(async move {
            let blob: &Blob = file.as_ref();
            match JsFuture::from(blob.array_buffer()).await {
                // A breath, so that the sentence above is seen before the work begins.
                Ok(buffer) => set_timeout(move || compute(told, &bytes_of(&buffer)), Duration::from_millis(20)),
                Err(_) => told.set(Told::Refused("The file could not be read.".to_owned())),
            }
        });
    }
}
