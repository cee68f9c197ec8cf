//! The same rules told again, slowly and in other ways: Webster unit by unit, Hamilton by the final rate among the bounds' own rates, and
//! floors or caps alone by the rule as it is usually told.

use super::*;

/// Parts and rest.
type Outcome = (Vec<i64>, i64);

/// Webster unit by unit: floors first, then each unit to the largest weight ÷ (2 × units + 1), compared by cross products; of equals, to the
/// first.
pub(super) fn webster(pot: i64, claimants: &[Claimant]) -> Outcome {
    let mut parts: Vec<i64> = claimants.iter().map(|claimant| claimant.floor).collect();
    let mut left = pot - parts.iter().sum::<i64>();
    while left > 0 {
        let mut best: Option<usize> = None;
        for (index, claimant) in claimants.iter().enumerate() {
            if claimant.weight == 0 || claimant.cap.is_some_and(|cap| parts[index] >= cap) {
                continue;
            }
            let odd = |index: usize| i128::from(2 * parts[index] + 1);
            if best.is_none_or(|best| claimant.weight * odd(best) > claimants[best].weight * odd(index)) {
                best = Some(index);
            }
        }
        let Some(best) = best else { break };
        parts[best] += 1;
        left -= 1;
    }
    (parts, left)
}

/// Hamilton by the textbook, given exact shares: whole parts, then a full sort of the remainders.
fn round_by_remainder(pot: i64, shares: &[Exact]) -> Outcome {
    let mut parts: Vec<i64> = Vec::new();
    let mut remainders = Vec::new();
    let mut sum = Exact::ZERO;
    for (index, share) in shares.iter().enumerate() {
        let text = String::from(share.clone());
        let (above, below) = text.split_once('/').unwrap_or((&text, "1"));
        let whole = above.parse::<i64>().unwrap() / below.parse::<i64>().unwrap();
        parts.push(whole);
        remainders.push((share - &Exact::whole(whole), index));
        sum = &sum + share;
    }
    remainders.sort_by(|left, right| right.0.cmp(&left.0).then(left.1.cmp(&right.1)));
    let mut next = remainders.iter();
    while Exact::whole(parts.iter().sum()) < sum {
        parts[next.next().unwrap().1] += 1;
    }
    let rest = pot - parts.iter().sum::<i64>();
    (parts, rest)
}

fn at_rate(claimant: &Claimant, rate: &Exact) -> Exact {
    let share = rate * &Exact::ratio(claimant.weight, 1).unwrap();
    let share = match claimant.cap.filter(|_| claimant.weight > 0) {
        Some(cap) => share.min(Exact::whole(cap)),
        None => share,
    };
    share.max(Exact::whole(claimant.floor))
}

/// Hamilton with both bounds, by one final rate: walks the rates at which a claimant meets a bound until the sum passes the pot, and solves
/// the straight piece before.
pub(super) fn hamilton(pot: i64, claimants: &[Claimant]) -> Outcome {
    let sum = |rate: &Exact| claimants.iter().fold(Exact::ZERO, |sum, claimant| &sum + &at_rate(claimant, rate));
    let weighted = || claimants.iter().filter(|claimant| claimant.weight > 0);
    let mut rates: Vec<Exact> = weighted()
        .flat_map(|claimant| [Some(claimant.floor), claimant.cap].into_iter().flatten().map(|bound| (bound, claimant.weight)))
        .map(|(bound, weight)| Exact::ratio(bound.into(), weight).unwrap())
        .collect();
    rates.push(Exact::ZERO);
    rates.sort();
    let pot_exact = Exact::whole(pot);
    // The last rate at which the sum is within the pot; above it, sums grow by one slope up to the next.
    let rate = rates.iter().rev().find(|rate| sum(rate) <= pot_exact).cloned().unwrap();
    let slope: i128 = weighted()
        .filter(|claimant| {
            let met = |bound: i64| Exact::ratio(bound.into(), claimant.weight).unwrap();
            met(claimant.floor) <= rate && claimant.cap.is_none_or(|cap| met(cap) > rate)
        })
        .map(|claimant| claimant.weight)
        .sum();
    let gap = &pot_exact - &sum(&rate);
    let step = if slope == 0 { Exact::ZERO } else { gap.over(&Exact::ratio(slope, 1).unwrap()).unwrap() };
    let rate = &rate + &step;
    let shares: Vec<Exact> = claimants.iter().map(|claimant| at_rate(claimant, &rate)).collect();
    round_by_remainder(pot, &shares)
}

/// Floors alone or caps alone as usually told: whoever's quota is out of bounds gets the bound, the rest is shared anew among the others.
pub(super) fn hamilton_by_turns(pot: i64, claimants: &[Claimant]) -> Outcome {
    let mut held: Vec<Option<i64>> = vec![None; claimants.len()];
    loop {
        let left = pot - held.iter().flatten().sum::<i64>();
        let weight: i128 = claimants.iter().zip(&held).filter(|(_, held)| held.is_none()).map(|(claimant, _)| claimant.weight).sum();
        let quota = |claimant: &Claimant| {
            if weight == 0 { Exact::ZERO } else { Exact::ratio(claimant.weight * i128::from(left), weight).unwrap() }
        };
        let before = held.clone();
        for (claimant, held) in claimants.iter().zip(&mut held).filter(|(_, held)| held.is_none()) {
            if quota(claimant) < Exact::whole(claimant.floor) {
                *held = Some(claimant.floor);
            } else if let Some(cap) = claimant.cap.filter(|cap| quota(claimant) > Exact::whole(*cap)) {
                *held = Some(cap);
            }
        }
        if held == before {
            let shares: Vec<Exact> =
                claimants.iter().zip(&held).map(|(claimant, held)| held.map_or_else(|| quota(claimant), Exact::whole)).collect();
            return round_by_remainder(pot, &shares);
        }
    }
}
