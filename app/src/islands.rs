//! The islands: the only part of the app that runs in the browser. A page works without each of them.

use leptos::prelude::*;

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
