//! What each of a round's appropriations pays, where several do.

use crate::ui::table::Table;
use domain::allocation::Allocation;
use domain::program::ProgramFile;
use leptos::prelude::*;

/// The pots in the order in which they were filled; nothing where the round's own appropriation pays alone.
pub(crate) fn pots(file: &ProgramFile, result: &Allocation) -> Option<AnyView> {
    if result.pots.is_empty() {
        return None;
    }
    let own = file.appropriation().map_or_else(String::new, |money| format!("The round’s own: {}", money.bill));
    let rows = result
        .pots
        .iter()
        .map(|total| {
            let before = total.pot.as_ref().and_then(|key| file.allocation.before.iter().find(|pot| pot.appropriation == *key));
            let name = before.map_or_else(|| own.clone(), |pot| pot.name.clone());
            let rest = total.amount.minus(total.granted).unwrap_or_default();
            view! {
                <tr>
                    <th scope="row">{name}</th>
                    <td class="num" data-label="In it">{total.amount.in_column()}</td>
                    <td class="num" data-label="Applications paid">{total.funded}</td>
                    <td class="num" data-label="Granted">{total.granted.in_column()}</td>
                    <td class="num" data-label="Left">{rest.in_column()}</td>
                </tr>
            }
        })
        .collect_view();
    Some(
        view! {
            <h2>"By appropriation"</h2>
            <Table caption="The appropriations in the order in which they are laid out" unseen=true>
                <thead>
                    <tr>
                        <th scope="col">"Appropriation"</th>
                        <th scope="col" class="num">"In it"</th>
                        <th scope="col" class="num">"Applications paid"</th>
                        <th scope="col" class="num">"Granted"</th>
                        <th scope="col" class="num">"Left"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        }
        .into_any(),
    )
}
