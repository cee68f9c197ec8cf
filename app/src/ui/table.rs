//! A table in a box of its own: what is too wide scrolls inside the box, by keyboard too. On a phone each row becomes a card, or two lines.

use leptos::prelude::*;

/// How a row looks on a phone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnPhone {
    /// A card, each cell under its `data-label`.
    #[default]
    Cards,
    /// Two lines, for lists that are long. A cell of class `al-order` comes first, one of class `al-plain` needs no label.
    Lines,
    /// As it is.
    Table,
}

/// The frame of a table; the children are its head and its body.
#[component]
pub fn Table(
    /// What it holds, for everybody, and for those who hear the page also the name of the box.
    #[prop(into)]
    caption: String,
    /// Only heard: a heading above says the same already.
    #[prop(optional)]
    unseen: bool,
    /// How a row looks on a phone.
    #[prop(optional)]
    on_phone: OnPhone,
    /// Head, body, foot.
    children: Children,
) -> impl IntoView {
    let class = match on_phone {
        OnPhone::Cards => "al-table al-cards-table",
        OnPhone::Lines => "al-table al-cards-table al-rows-table",
        OnPhone::Table => "al-table",
    };
    let name = caption.clone();
    view! {
        <div class="al-table-scroll" tabindex="0" role="region" aria-label=name>
            <table class=class>
                <caption class=unseen.then_some("usa-sr-only")>{caption}</caption>
                {children()}
            </table>
        </div>
    }
}
