//! Golden cases, each worked by hand or taken from the literature named beside it; then what is refused.

use super::*;
use crate::exact::Exact;

mod census;
mod properties;
mod reference;

fn exact(text: &str) -> Exact {
    text.parse().unwrap()
}

fn claimants(weights: &[i128]) -> Vec<Claimant> {
    weights.iter().enumerate().map(|(index, weight)| Claimant::new(format!("C{index}"), *weight)).collect()
}

fn granted(shares: &Shares) -> Vec<i64> {
    shares.parts.iter().map(|part| part.granted).collect()
}

fn settled(shares: &Shares) -> Vec<Settled> {
    shares.parts.iter().map(|part| part.settled).collect()
}

fn problems(pot: i64, claimants: &[Claimant]) -> Vec<String> {
    share(Method::LargestRemainder, pot, claimants).unwrap_err().iter().map(ToString::to_string).collect()
}

/// By hand: 10 units over 14 are quotas 4 4/14, 4 4/14 and 1 6/14, so the third gets the unit over; 11 units are 4 10/14, 4 10/14 and
/// 1 8/14, so the first two get the two units over, and the third has one less of a larger pot.
#[test]
fn one_more_unit_can_cost_a_claimant_one_by_largest_remainder() {
    let three = claimants(&[6, 6, 2]);
    let ten = share(Method::LargestRemainder, 10, &three).unwrap();
    let eleven = share(Method::LargestRemainder, 11, &three).unwrap();
    assert_eq!((granted(&ten), granted(&eleven)), (vec![4, 4, 2], vec![5, 5, 1]));
    assert_eq!(ten.parts[2].quota, Quota { whole: 1, remainder: 6 });
    assert_eq!(ten.quota(2).unwrap(), Some(exact("10/7")));
    assert_eq!(ten.parts.iter().map(|part| part.rounded_up).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(ten.cutoff.unwrap().last, Mark { claimant: 2, above: 6, below: 14 });
    assert_eq!(ten.cutoff.unwrap().next, Some(Mark { claimant: 0, above: 4, below: 14 }));
    assert_eq!(ten.tie, None);
}

/// The usual textbook example of Sainte-Laguë: 53, 24 and 23 votes (in thousands) for seven seats. By hand, the quotients by 1, 3, 5, 7 are
/// 53, 17.67, 10.6, 7.57; 24, 8, 4.8; 23, 7.67, 4.6. The seven largest are 53, 24, 23, 17.67, 10.6, 8 and 7.67: three, two and two.
#[test]
fn webster_gives_three_two_and_two_of_seven() {
    let shares = share(Method::Webster, 7, &claimants(&[53_000, 24_000, 23_000])).unwrap();
    assert_eq!(granted(&shares), [3, 2, 2]);
    assert_eq!(shares.cutoff.unwrap().last, Mark { claimant: 2, above: 23_000, below: 3 });
    assert_eq!(shares.cutoff.unwrap().next, Some(Mark { claimant: 0, above: 53_000, below: 7 }));
    // 46,000 ÷ 3 = 15,333.3: the weights divided by it are 3.457, 1.565 and 1.5, rounded 3, 2 and 2.
    assert_eq!(shares.divisor().unwrap(), Some(exact("46000/3")));
    assert_eq!(shares.share(2).unwrap(), Some(exact("3/2")));
    assert_eq!(shares.share(0).unwrap(), Some(exact("159/46")));
    assert_eq!(shares.parts.iter().map(|part| part.rounded_up).collect::<Vec<_>>(), [false, true, true]);
}

/// By hand: quotas of 100 are 80, 15 and 5; the third is below its floor of 20. The 80 left over a weight of 95 are 67 35/95 and 12 60/95.
#[test]
fn a_floor_is_paid_for_by_the_others_in_proportion() {
    let mut three = claimants(&[80, 15, 5]);
    three[2].floor = 20;
    let shares = share(Method::LargestRemainder, 100, &three).unwrap();
    assert_eq!(granted(&shares), [67, 13, 20]);
    assert_eq!(settled(&shares), [Settled::ByShare, Settled::ByShare, Settled::AtFloor]);
    assert_eq!(shares.parts.iter().map(|part| part.round).collect::<Vec<_>>(), [Some(2), Some(2), Some(1)]);
    let first = Round { units: 100, weight: 100, at_floor: 1, at_cap: 0 };
    assert_eq!(shares.rounds, [first, Round { units: 80, weight: 95, at_floor: 0, at_cap: 0 }]);
    assert_eq!(shares.share(0).unwrap(), Some(exact("6400/95")));
    assert_eq!(shares.quota(0).unwrap(), Some(exact("80")));
}

/// By hand: quotas 60, 21, 10 and 9; only the last is below its floor of 20. Of the 80 left over 91, the second's share is 18 42/91, now
/// below its floor of 20, too. The 60 left over 70 are 51 30/70 and 8 40/70.
#[test]
fn floors_paid_can_put_another_below_its_floor() {
    let mut four = claimants(&[60, 21, 10, 9]);
    (four[1].floor, four[3].floor) = (20, 20);
    let shares = share(Method::LargestRemainder, 100, &four).unwrap();
    assert_eq!(granted(&shares), [51, 20, 9, 20]);
    assert_eq!(shares.rounds.iter().map(|round| round.at_floor).collect::<Vec<_>>(), [1, 1, 0]);
}

/// By hand: the first's quota of 50 is cut to 40, and the 60 left over a weight of 50 are 36 and 24.
#[test]
fn what_a_cap_cuts_goes_to_the_others_in_proportion() {
    let mut three = claimants(&[50, 30, 20]);
    three[0].cap = Some(40);
    for method in [Method::LargestRemainder, Method::Webster] {
        let shares = share(method, 100, &three).unwrap();
        assert_eq!(granted(&shares), [40, 36, 24], "{method:?}");
        assert_eq!(settled(&shares), [Settled::AtCap, Settled::ByShare, Settled::ByShare], "{method:?}");
        assert_eq!((shares.granted, shares.rest), (100, 0));
    }
}

/// By hand: of 50 units over a weight of 1,000, each of ninety-nine claimants of weight 4 has a quota of 0.2, rounded to none, and the one of
/// weight 604 has 30.2, rounded to 30: 20 units are short. Its quotients 604 ÷ 61, … ÷ 99 are all above the others' first of 4 until the
/// odd number passes 151, so it gets all 20.
#[test]
fn by_webster_one_heavy_claimant_can_gain_many_units_by_rounding() {
    let mut hundred = vec![4; 99];
    hundred.push(604);
    let shares = share(Method::Webster, 50, &claimants(&hundred)).unwrap();
    assert_eq!((shares.parts[99].granted, shares.parts[0].granted, shares.granted), (50, 0, 50));
    // Of 80 units, quota 48.32, it gets those by 1 to 149, which are 75, then ties at 604 ÷ 151 = 4 with all the others and comes last.
    let shares = share(Method::Webster, 80, &claimants(&hundred)).unwrap();
    assert_eq!((shares.parts[99].granted, granted(&shares)[..6].to_vec()), (75, vec![1, 1, 1, 1, 1, 0]));
    assert_eq!(shares.tie, Some(Tie { ahead: (0..5).collect(), behind: (5..100).collect() }));
}

/// By hand: quotas 8, 1 and 1; the cap of 2 cuts 6, the floor of 2 lifts 1, so the cap goes first, and the 8 left are 4 and 4. With the floor
/// first, two claimants of equal weight would get 6 and 2.
#[test]
fn a_floor_that_a_cap_makes_needless_is_not_paid() {
    let mut three = claimants(&[8, 1, 1]);
    (three[0].cap, three[2].floor) = (Some(2), 2);
    for method in [Method::LargestRemainder, Method::Webster] {
        assert_eq!(granted(&share(method, 10, &three).unwrap()), [2, 4, 4], "{method:?}");
    }
}

#[test]
fn what_no_one_can_take_is_left() {
    let mut three = claimants(&[5, 5, 0]);
    (three[0].cap, three[1].cap, three[2].floor) = (Some(10), Some(20), 3);
    for method in [Method::LargestRemainder, Method::Webster] {
        let shares = share(method, 100, &three).unwrap();
        assert_eq!((granted(&shares), shares.granted, shares.rest), (vec![10, 20, 3], 33, 67), "{method:?}");
        assert_eq!(settled(&shares), [Settled::AtCap, Settled::AtCap, Settled::AtFloor], "{method:?}");
    }
    assert_eq!(share(Method::LargestRemainder, 100, &three).unwrap().share(0).unwrap(), None);
}

/// By hand: quotas of 8 over three equal weights are 2 2/3 each, so two units are over for three; by Webster, the quotients for the third
/// unit are one fifth each.
#[test]
fn a_tie_goes_to_those_given_earlier_and_is_told() {
    let tie = Some(Tie { ahead: vec![0, 1], behind: vec![2] });
    for method in [Method::LargestRemainder, Method::Webster] {
        let shares = share(method, 8, &claimants(&[1, 1, 1])).unwrap();
        assert_eq!((granted(&shares), shares.tie), (vec![3, 3, 2], tie.clone()), "{method:?}");
        let even = share(method, 9, &claimants(&[1, 1, 1])).unwrap();
        assert_eq!((granted(&even), even.tie), (vec![3, 3, 3], None), "{method:?}");
    }
}

#[test]
fn a_pot_taken_up_by_floors_needs_no_divisor() {
    let two = [Claimant::new("A", 1).at_least(1), Claimant::new("B", 9).at_least(4)];
    let shares = share(Method::Webster, 5, &two).unwrap();
    assert_eq!((granted(&shares), shares.divisor().unwrap(), shares.cutoff), (vec![1, 4], None, None));
    assert_eq!(granted(&share(Method::LargestRemainder, 5, &two).unwrap()), [1, 4]);
}

#[test]
fn an_empty_pot_gives_everyone_nothing() {
    for method in [Method::LargestRemainder, Method::Webster] {
        assert_eq!(granted(&share(method, 0, &claimants(&[3, 0, 1])).unwrap()), [0, 0, 0]);
        assert_eq!(granted(&share(method, 0, &claimants(&[0, 0])).unwrap()), [0, 0]);
        let nobody = share(method, 0, &[]).unwrap();
        assert_eq!((nobody.parts.len(), nobody.rest, nobody.quota(0).unwrap(), nobody.share(0).unwrap()), (0, 0, None, None));
    }
}

#[test]
fn the_largest_pot_is_shared_to_the_last_unit() {
    let weights = [i128::from(i64::MAX / 8), i128::from(i64::MAX / 8) - 1, 1];
    for method in [Method::LargestRemainder, Method::Webster] {
        let shares = share(method, i64::MAX, &claimants(&weights)).unwrap();
        assert_eq!(granted(&shares).iter().map(|units| i128::from(*units)).sum::<i128>(), i128::from(i64::MAX), "{method:?}");
        assert!((shares.parts[0].granted - i64::MAX / 2).abs() <= 1, "{method:?}");
    }
}

#[test]
fn one_claimant_takes_the_largest_pot_whole() {
    for method in [Method::LargestRemainder, Method::Webster] {
        let shares = share(method, i64::MAX, &[Claimant::new("A", 5).at_most(i64::MAX), Claimant::new("B", 0)]).unwrap();
        assert_eq!((granted(&shares), settled(&shares)), (vec![i64::MAX, 0], vec![Settled::ByShare; 2]), "{method:?}");
    }
}

#[test]
fn weights_too_large_to_share_exactly_are_refused() {
    let edge = i128::MAX / 4 / 1001;
    for method in [Method::LargestRemainder, Method::Webster] {
        let shares = share(method, 1000, &claimants(&[edge - edge / 3, edge / 3])).unwrap();
        assert_eq!(granted(&shares), [667, 333], "{method:?}");
        assert_eq!(share(method, 1000, &claimants(&[edge, 1])), Err(vec![SharesProblem::TooLarge]), "{method:?}");
    }
    assert_eq!(share(Method::Webster, 1, &claimants(&[i128::MAX, i128::MAX])), Err(vec![SharesProblem::TooLarge]));
}

#[test]
fn problems_are_told_in_sentences_and_all_at_once() {
    let two = [Claimant::new("Delta", -3), Claimant::new("Jones", 1).at_least(5).at_most(2)];
    assert_eq!(
        problems(-1, &two),
        [
            "The pot is -1; it can't be below zero.",
            "The weight of Delta is -3; it can't be below zero.",
            "The floor of Jones is 5, more than its cap of 2.",
        ]
    );
    assert_eq!(problems(9, &[Claimant::new("Delta", 1).at_least(-1)]), ["The floor of Delta is -1; it can't be below zero."]);
    assert_eq!(
        problems(9, &[Claimant::new("Delta", 0).at_least(6), Claimant::new("Jones", 0).at_least(4)]),
        [
            "The floors sum to 10, more than the pot of 9.",
            "No claimant has a weight above zero, so nothing says how to share the pot of 9.",
        ]
    );
    assert_eq!(problems(9, &[]), ["No claimant has a weight above zero, so nothing says how to share the pot of 9."]);
}

#[test]
fn fractions_become_the_smallest_whole_weights() {
    let whole = |texts: &[&str]| whole_weights(&texts.iter().map(|text| exact(text)).collect::<Vec<_>>());
    assert_eq!(whole(&["1/2", "1/3", "1/6"]), Ok(vec![3, 2, 1]));
    assert_eq!(whole(&["10", "0", "25/2"]), Ok(vec![4, 0, 5]));
    assert_eq!(whole(&["0", "0"]), Ok(vec![0, 0]));
    assert_eq!(whole(&[]), Ok(vec![]));
    let far = [Exact::ratio(1, i128::MAX).unwrap(), Exact::ratio(1, i128::MAX - 1).unwrap()];
    assert_eq!(whole_weights(&far), Err(crate::exact::ExactError::TooLarge));
}
