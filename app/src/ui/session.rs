//! What every page with a form says of the session: when it ends, and, with islands, a warning five minutes before.

use crate::call::Call;
use crate::islands::SessionWarning;
use crate::sessions::say_time;
use leptos::prelude::*;

/// The notice for a page whose body is this markup. None for a stranger, or where there is nothing to type or to choose.
pub fn notice(call: &Call, body: &str) -> Option<impl IntoView + use<>> {
    let live = call.session.as_ref().filter(|_| holds_typing(body))?;
    let at = say_time(live.idle_at);
    let left_seconds = live.idle_at.seconds_since(call.now);
    Some(view! {
        <aside class="al-session" aria-label="Your session">
            <p>"You will be signed out at " {at.clone()} " if you do nothing. What you have saved is kept."</p>
            <SessionWarning left_seconds=left_seconds at=at/>
        </aside>
    })
}

/// Whether a form that is posted has a field that shows. The markup is asked, so that no page can forget to say it.
fn holds_typing(body: &str) -> bool {
    let forms = body.split("<form").skip(1).filter_map(|rest| rest.split("</form>").next());
    forms.filter(|form| form.split('>').next().is_some_and(|tag| tag.contains("method=\"post\""))).any(|form| {
        let mut inputs = form.split("<input").skip(1).filter_map(|rest| rest.split('>').next());
        form.contains("<textarea") || form.contains("<select") || inputs.any(|tag| !tag.contains("type=\"hidden\""))
    })
}

#[cfg(test)]
mod tests {
    use super::holds_typing;

    #[test]
    fn only_a_posted_form_with_a_field_that_shows_holds_typing() {
        let hidden = "<input type=\"hidden\" name=\"id\">";
        for (body, holds) in [
            ("<form method=\"post\"><textarea></textarea></form>".to_owned(), true),
            (format!("<form class=\"a\" method=\"post\">{hidden}<input name=\"amount\"></form>"), true),
            (format!("<form method=\"post\">{hidden}</form><form method=\"post\"><select></select></form>"), true),
            (format!("<form method=\"post\">{hidden}<button>Approve</button></form>"), false),
            (format!("<form method=\"get\"><input name=\"text\"></form><form method=\"post\">{hidden}</form>"), false),
            ("<p>method=\"post\"</p><input>".to_owned(), false),
        ] {
            assert_eq!(holds_typing(&body), holds, "{body}");
        }
    }
}
