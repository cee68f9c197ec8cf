//! The rounds that settle floors and caps: who is held by a bound, and what is left for whom.

use super::{Claimant, Round, Settled, SharesProblem, product, units};

/// Where the rounds ended.
pub(super) struct Rounds {
    /// What settled each claimant, and in which round, from 1.
    pub settled: Vec<(Settled, u32)>,
    /// All rounds.
    pub rounds: Vec<Round>,
    /// The units left for those settled by their share, or for no one.
    pub units: i64,
    /// The weights of those settled by their share together; zero when there are none or all of them weigh nothing.
    pub weight: i128,
}

/// A claimant still open that a bound might settle. The others need no look: they leave in no round.
struct Bounded {
    index: usize,
    weight: i128,
    floor: i128,
    cap: i128,
}

/// Settles the bounds of claimants that [`super::check`] found in order, with `weight` their weights together.
///
/// Whoever leaves in a round leaves for good. Let the final rate be the one at which `max(floor, min(cap, rate × weight))` sums to the pot.
/// If a round's floors lift by as much as its caps cut, or more, its own rate gives at least the pot, so the final rate is no higher and
/// whoever is below its floor now stays so; and the other way round with caps.
pub(super) fn settle(pot: i64, weight: i128, claimants: &[Claimant]) -> Result<Rounds, SharesProblem> {
    let mut open = bounded(pot, claimants);
    let mut settled = vec![(Settled::ByShare, 0); claimants.len()];
    let mut rounds = Vec::new();
    let (mut units_left, mut weight_left) = (i128::from(pot), weight);
    for number in 1.. {
        // By how much floors lift shares and caps cut them, in units × weight; neither sum exceeds what is left × weight. When no weight is
        // left, those open weigh nothing, and a scale of one in its place keeps their floors in sight.
        let scale = weight_left.max(1);
        let (mut lift, mut cut) = (0_i128, 0_i128);
        for claimant in &open {
            let share = product(claimant.weight, units_left);
            lift += (product(scale, claimant.floor) - share).max(0);
            cut += (share - product(scale, claimant.cap)).max(0);
        }
        let mut round = Round { units: units(units_left)?, weight: weight_left, at_floor: 0, at_cap: 0 };
        if lift == 0 && cut == 0 {
            rounds.push(round);
            for (_, round) in settled.iter_mut().filter(|(settled, _)| *settled == Settled::ByShare) {
                *round = number;
            }
            break;
        }
        let (units_before, weight_before) = (units_left, weight_left);
        open.retain(|claimant| {
            let share = product(claimant.weight, units_before);
            let bound = if lift >= cut && share < product(scale, claimant.floor) {
                round.at_floor += 1;
                units_left -= claimant.floor;
                Settled::AtFloor
            } else if cut >= lift && share > product(scale, claimant.cap) {
                round.at_cap += 1;
                units_left -= claimant.cap;
                Settled::AtCap
            } else {
                return true;
            };
            weight_left -= claimant.weight;
            settled[claimant.index] = (bound, number);
            false
        });
        debug_assert!(weight_left < weight_before || units_left < units_before, "a round must settle someone");
        rounds.push(round);
    }
    Ok(Rounds { settled, rounds, units: units(units_left)?, weight: weight_left })
}

/// Those with a floor above zero or a cap below the pot.
fn bounded(pot: i64, claimants: &[Claimant]) -> Vec<Bounded> {
    let all = claimants.iter().enumerate().map(|(index, claimant)| (index, claimant, claimant.cap_in(pot)));
    all.filter(|(_, claimant, cap)| claimant.floor > 0 || *cap < pot)
        .map(|(index, claimant, cap)| Bounded { index, weight: claimant.weight, floor: claimant.floor.into(), cap: cap.into() })
        .collect()
}
