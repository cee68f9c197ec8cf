//! What holds for every pot and all claimants.

use super::*;
use crate::money::Money;
use proptest::prelude::*;

fn methods() -> impl Strategy<Value = Method> {
    prop_oneof![Just(Method::LargestRemainder), Just(Method::Webster)]
}

/// Weights from few values, so that ties are common, or from many.
fn weights() -> impl Strategy<Value = Vec<i128>> {
    prop_oneof![prop::collection::vec(0_i128..6, 1..12), prop::collection::vec(0_i128..100_000, 1..12)]
        .prop_filter("someone weighs something", |weights| weights.iter().any(|weight| *weight > 0))
}

fn bounds(floors: bool, caps: bool) -> impl Strategy<Value = (i64, Option<i64>)> {
    let floor = if floors { prop_oneof![Just(0_i64), 0_i64..8].boxed() } else { Just(0).boxed() };
    let room = if caps { prop::option::of(0_i64..20).boxed() } else { Just(None).boxed() };
    (floor, room).prop_map(|(floor, room)| (floor, room.map(|room| floor + room)))
}

/// A pot that covers the floors, and its claimants.
fn bounded(floors: bool, caps: bool) -> impl Strategy<Value = (i64, Vec<Claimant>)> {
    (weights(), prop::collection::vec(bounds(floors, caps), 12), 0_i64..120).prop_map(|(weights, bounds, more)| {
        let mut claimants = claimants(&weights);
        for (claimant, (floor, cap)) in claimants.iter_mut().zip(bounds) {
            (claimant.floor, claimant.cap) = (floor, cap);
        }
        (claimants.iter().map(|claimant| claimant.floor).sum::<i64>() + more, claimants)
    })
}

fn outcome(method: Method, pot: i64, claimants: &[Claimant]) -> (Vec<i64>, i64) {
    let shares = share(method, pot, claimants).unwrap();
    (granted(&shares), shares.rest)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn parts_and_rest_sum_to_the_pot_within_bounds((pot, claimants) in bounded(true, true), method in methods()) {
        let shares = share(method, pot, &claimants).unwrap();
        prop_assert_eq!(granted(&shares).iter().sum::<i64>(), shares.granted);
        prop_assert_eq!(shares.granted + shares.rest, pot);
        for (part, claimant) in shares.parts.iter().zip(&claimants) {
            prop_assert!(claimant.floor <= part.granted && claimant.cap.is_none_or(|cap| part.granted <= cap));
            prop_assert!(shares.rest == 0 || claimant.weight == 0 || claimant.cap == Some(part.granted));
        }
    }

    #[test]
    fn webster_agrees_with_handing_out_unit_by_unit((pot, claimants) in bounded(true, true)) {
        prop_assert_eq!(outcome(Method::Webster, pot, &claimants), reference::webster(pot, &claimants));
    }

    #[test]
    fn largest_remainder_agrees_with_the_final_rate((pot, claimants) in bounded(true, true)) {
        prop_assert_eq!(outcome(Method::LargestRemainder, pot, &claimants), reference::hamilton(pot, &claimants));
    }

    #[test]
    fn floors_alone_are_settled_as_usually_told((pot, claimants) in bounded(true, false)) {
        prop_assert_eq!(outcome(Method::LargestRemainder, pot, &claimants), reference::hamilton_by_turns(pot, &claimants));
    }

    #[test]
    fn caps_alone_are_settled_as_usually_told((pot, claimants) in bounded(false, true)) {
        prop_assert_eq!(outcome(Method::LargestRemainder, pot, &claimants), reference::hamilton_by_turns(pot, &claimants));
    }

    #[test]
    fn without_bounds_money_is_split_alike(pot in 0_i64..1_000_000_000_000, weights in weights()) {
        let small: Vec<i64> = weights.iter().map(|weight| i64::try_from(*weight).unwrap()).collect();
        let split: Vec<i64> = Money::cents(pot).split(&small).unwrap().into_iter().map(Money::in_cents).collect();
        prop_assert_eq!(outcome(Method::LargestRemainder, pot, &claimants(&weights)), (split, 0));
    }

    #[test]
    fn largest_remainder_without_bounds_stays_within_the_quota(pot in 0_i64..1_000_000_000_000, weights in weights()) {
        let shares = share(Method::LargestRemainder, pot, &claimants(&weights)).unwrap();
        for (index, part) in shares.parts.iter().enumerate() {
            let above = part.quota.whole + i64::from(part.quota.remainder > 0);
            prop_assert!(part.quota.whole <= part.granted && part.granted <= above);
            prop_assert_eq!(part.granted, part.quota.whole + i64::from(part.rounded_up));
            prop_assert_eq!(shares.quota(index).unwrap(), shares.share(index).unwrap());
        }
    }

    #[test]
    fn the_order_given_decides_only_ties((pot, claimants) in bounded(true, true), method in methods(), turns in any::<prop::sample::Index>(), mirrored: bool) {
        let mut moved: Vec<usize> = (0..claimants.len()).collect();
        moved.rotate_left(turns.index(claimants.len()));
        if mirrored {
            moved.reverse();
        }
        let elsewhere: Vec<Claimant> = moved.iter().map(|index| claimants[*index].clone()).collect();
        let (here, there) = (share(method, pot, &claimants).unwrap(), share(method, pot, &elsewhere).unwrap());
        prop_assert_eq!(here.tie.is_some(), there.tie.is_some());
        let tied: Vec<usize> = here.tie.iter().flat_map(|tie| tie.ahead.iter().chain(&tie.behind).copied()).collect();
        for (to, from) in moved.into_iter().enumerate() {
            let difference = (here.parts[from].granted - there.parts[to].granted).abs();
            prop_assert!(difference <= i64::from(tied.contains(&from)), "{} and {:?}", from, tied);
        }
    }

    #[test]
    fn a_tie_is_told_where_it_was_cut((pot, claimants) in bounded(true, true), method in methods()) {
        let shares = share(method, pot, &claimants).unwrap();
        if let Some(tie) = &shares.tie {
            prop_assert!(tie.ahead.last() < tie.behind.first());
            let next = shares.cutoff.unwrap().next.unwrap();
            prop_assert_eq!(shares.cutoff.unwrap().last.exact(), next.exact());
            prop_assert_eq!((tie.ahead.last(), tie.behind.first()), (Some(&shares.cutoff.unwrap().last.claimant), Some(&next.claimant)));
        }
    }

    #[test]
    fn scaling_all_weights_changes_no_part((pot, claimants) in bounded(true, true), method in methods(), scale in 1_i128..1_000_000_000) {
        let scaled: Vec<Claimant> = claimants.iter().map(|claimant| Claimant { weight: claimant.weight * scale, ..claimant.clone() }).collect();
        let (here, there) = (share(method, pot, &claimants).unwrap(), share(method, pot, &scaled).unwrap());
        prop_assert_eq!(granted(&here), granted(&there));
        prop_assert_eq!(settled(&here), settled(&there));
        prop_assert_eq!(here.tie, there.tie);
    }

    #[test]
    fn by_webster_no_one_loses_when_the_pot_grows((pot, claimants) in bounded(true, true)) {
        let (smaller, larger) = (outcome(Method::Webster, pot, &claimants).0, outcome(Method::Webster, pot + 1, &claimants).0);
        prop_assert!(smaller.iter().zip(&larger).all(|(before, after)| before <= after));
    }

    /// No population paradox: a claimant whose weight grew against another's does not lose a unit while that other gains one.
    #[test]
    fn by_webster_no_one_loses_to_a_claimant_it_outgrew(weights in prop::collection::vec((1_i128..2000, 1_i128..2000), 2..12), pot in 0_i64..300) {
        let (before, after): (Vec<i128>, Vec<i128>) = weights.into_iter().unzip();
        let (was, is) = (outcome(Method::Webster, pot, &claimants(&before)).0, outcome(Method::Webster, pot, &claimants(&after)).0);
        for one in 0..was.len() {
            for other in 0..was.len() {
                if after[one] * before[other] >= before[one] * after[other] {
                    prop_assert!(is[one] >= was[one] || is[other] <= was[other], "{} lost to {}", one, other);
                }
            }
        }
    }

    /// The divisor tells Webster's parts again: halves rounded up, within the bounds, except for those behind in a tie.
    #[test]
    fn the_divisor_gives_the_parts_again((pot, claimants) in bounded(true, true)) {
        let shares = share(Method::Webster, pot, &claimants).unwrap();
        prop_assume!(shares.cutoff.is_some());
        for (index, (part, claimant)) in shares.parts.iter().zip(&claimants).enumerate() {
            let behind = shares.tie.as_ref().is_some_and(|tie| tie.behind.contains(&index));
            let doubled = &shares.share(index).unwrap().unwrap() * &Exact::whole(2);
            let within = |odd: i64| Exact::whole(odd) <= doubled && doubled <= Exact::whole(odd + 2);
            match part.settled {
                Settled::ByShare => {
                    prop_assert!(within(2 * part.granted - 1), "{} for a doubled share of {}", part.granted, doubled);
                    let capped = claimant.cap == Some(part.granted);
                    prop_assert_eq!(behind, !capped && doubled == Exact::whole(2 * part.granted + 1));
                    prop_assert_eq!(part.rounded_up, Exact::whole(2 * part.granted) > doubled);
                }
                Settled::AtFloor => prop_assert!(part.granted == claimant.floor && doubled <= Exact::whole(2 * claimant.floor - 1)),
                Settled::AtCap => prop_assert!(Some(part.granted) == claimant.cap && doubled >= Exact::whole(2 * part.granted + 1)),
            }
        }
    }

    #[test]
    fn large_numbers_are_shared_as_exactly(pot in any::<i64>().prop_map(|pot| pot.unsigned_abs() / 2), weights in prop::collection::vec(0_i64..i64::MAX / 16, 1..12), method in methods()) {
        prop_assume!(weights.iter().any(|weight| *weight > 0));
        let pot = i64::try_from(pot).unwrap();
        let weights: Vec<i128> = weights.into_iter().map(i128::from).collect();
        let shares = share(method, pot, &claimants(&weights)).unwrap();
        prop_assert_eq!((granted(&shares).iter().sum::<i64>(), shares.rest), (pot, 0));
        for part in &shares.parts {
            prop_assert!((part.granted - part.quota.whole).abs() <= 6);
        }
    }
}
