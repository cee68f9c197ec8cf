//! A map of planning districts, drawn on the server: outlines by the US Census Bureau, joined by planning district. The number stands on each
//! area and in a table beside the map, so colour is never the only sign.

use leptos::prelude::*;
use std::collections::BTreeMap;

/// One outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The planning district's name.
    pub name: &'static str,
    /// Where its label stands, from the left.
    pub x: &'static str,
    /// Where its label stands, from the top.
    pub y: &'static str,
    /// The SVG path in a box of 300 by 485.
    pub path: &'static str,
}

/// Mississippi's ten planning districts, by name.
#[must_use]
pub fn mississippi() -> Vec<Outline> {
    let outline = |line: &'static str| {
        let mut columns = line.split('\t');
        Some(Outline { name: columns.next()?, x: columns.next()?, y: columns.next()?, path: columns.next()? })
    };
    include_str!("mississippi.tsv").lines().filter(|line| !line.starts_with('#')).filter_map(outline).collect()
}

/// The shade of a count: 0 for none, else 1 to 5 in equal steps up to the greatest.
#[must_use]
pub fn shade(count: i64, greatest: i64) -> i64 {
    if count <= 0 || greatest <= 0 { 0 } else { ((count * 5 + greatest - 1) / greatest).clamp(1, 5) }
}

/// The map with a count on each area; none when no count belongs to an outline known here.
pub fn count_map(counts: &BTreeMap<String, i64>, units: &str) -> Option<impl IntoView + use<>> {
    let outlines = mississippi();
    if !outlines.iter().any(|outline| counts.contains_key(outline.name)) {
        return None;
    }
    let greatest = counts.values().copied().max().unwrap_or_default();
    let count = |outline: &Outline| counts.get(outline.name).copied().unwrap_or_default();
    let shapes = outlines
        .iter()
        .map(|outline| {
            let count = count(outline);
            view! { <path class=format!("al-shade-{}", shade(count, greatest)) d=outline.path><title>{format!("{}: {count} {units}", outline.name)}</title></path> }
        })
        .collect_view();
    let labels = outlines.iter().map(|outline| view! { <text x=outline.x y=outline.y>{count(outline)}</text> }).collect_view();
    let title = format!("Map: {units} by planning district. The table beside it gives the same numbers.");
    Some(view! {
        <svg class="al-map" viewBox="-2 -2 304 489" role="img" aria-label=title>
            {shapes}
            {labels}
        </svg>
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_outlines_are_read() {
        let outlines = mississippi();
        assert_eq!(outlines.len(), 10);
        assert!(outlines.iter().all(|outline| outline.path.starts_with('M') && outline.path.ends_with('Z')));
    }

    #[test]
    fn none_has_no_shade_and_the_greatest_the_deepest() {
        assert_eq!([0, 1, 20, 21, 100].map(|count| shade(count, 100)), [0, 1, 1, 2, 5]);
        assert_eq!(shade(3, 0), 0);
    }
}
