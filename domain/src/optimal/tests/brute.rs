//! Against every set tried, against tables by the cent, and against the walk down the list.

use super::*;

/// Checks a solution's value, proof and constraints against the best there is.
fn agree(problem: &Problem, solved: Result<Solution, Unsolvable>, best: Option<i64>) -> Result<(), TestCaseError> {
    match (solved, best) {
        (Ok(solution), Some(best)) => {
            prop_assert_eq!(solution.value, best);
            prop_assert_eq!(solution.proof, Proof::Optimal);
            prop_assert_eq!(verify(problem, &solution), vec![]);
        }
        (Err(Unsolvable::Conflict(conflicts)), None) => prop_assert!(!conflicts.is_empty()),
        (found, best) => prop_assert!(false, "{found:?} but {best:?}"),
    }
    Ok(())
}

/// The pot and three regions with a floor and a cap each, and some forty requests: too many to try every set.
fn regions() -> impl Strategy<Value = Problem> {
    let option = (1_i64..60, 0_i64..40);
    let asks = prop::collection::vec((1_usize..4, prop::collection::vec(option, 1..3), prop::bool::weighted(0.05)), 25..45);
    let bounds = prop::collection::vec((0_i64..300, 1_i64..200), 3);
    (bounds, 200_i64..900, asks).prop_map(|(bounds, pot, asks)| {
        let mut nodes = vec![node("the pot", None, 0, pot)];
        nodes.extend(bounds.iter().map(|(floor, more)| node("a region", Some(0), *floor, floor + more)));
        let candidates = asks.into_iter().zip(1..).map(|((at, options, must), place)| candidate(place, at, &options, must)).collect();
        Problem { nodes, candidates }
    })
}

/// The most value for each spend in cents up to `cap`, of candidates that draw on one node.
fn by_table(problem: &Problem, at: usize, cap: usize) -> Vec<Option<i64>> {
    let mut table = vec![None; cap + 1];
    table[0] = Some(0);
    for candidate in problem.candidates.iter().filter(|candidate| candidate.node == at) {
        let mut next = if candidate.must { vec![None; cap + 1] } else { table.clone() };
        for option in &candidate.options {
            let cost = usize::try_from(option.cost_cents).unwrap();
            for spend in cost..=cap {
                next[spend] = next[spend].max(table[spend - cost].map(|value: i64| value + option.value));
            }
        }
        table = next;
    }
    table
}

/// The most value in the pot, region by region.
fn by_tables(problem: &Problem) -> Option<i64> {
    let pot = usize::try_from(problem.nodes[0].cap_cents).unwrap();
    let mut whole: Vec<Option<i64>> = vec![None; pot + 1];
    whole[0] = Some(0);
    for (at, region) in problem.nodes.iter().enumerate().skip(1) {
        let (floor, cap) = (usize::try_from(region.floor_cents).unwrap(), usize::try_from(region.cap_cents).unwrap());
        let table = by_table(problem, at, cap);
        let mut next = vec![None; pot + 1];
        for (before, value) in whole.iter().enumerate().filter_map(|(spend, value)| value.map(|value| (spend, value))) {
            for spend in floor..=cap.min(pot - before).max(floor) {
                if let Some(more) = table[spend].filter(|_| before + spend <= pot) {
                    next[before + spend] = next[before + spend].max(Some(value + more));
                }
            }
        }
        whole = next;
    }
    whole.into_iter().flatten().max()
}

/// Down the list with `skip`: each takes its most valuable option that fits every cap above it.
fn down_the_list(problem: &Problem) -> i64 {
    let (mut spends, mut value) = (vec![0; problem.nodes.len()], 0);
    for candidate in &problem.candidates {
        let mut path = vec![candidate.node];
        while let Some(parent) = path.last().and_then(|at| problem.nodes[*at].parent) {
            path.push(parent);
        }
        let fits = |option: &&Choice| path.iter().all(|at| spends[*at] + option.cost_cents <= problem.nodes[*at].cap_cents);
        if let Some(option) = candidate.options.iter().filter(fits).max_by_key(|option| option.value) {
            value += option.value;
            for at in path {
                spends[at] += option.cost_cents;
            }
        }
    }
    value
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_value_equals_that_of_every_set_tried(problem in small()) {
        let best = by_brute_force(&problem);
        agree(&problem, solve(&problem, Effort::default()), best)?;
        agree(&problem, solve_folding(&problem, Effort::default(), 0), best)?;
    }

    #[test]
    fn a_search_without_room_still_bounds_the_best(problem in small(), room in 1_usize..6, steps in 1_u64..300) {
        match (solve_folding(&problem, Effort { room, steps }, 0), by_brute_force(&problem)) {
            (Ok(solution), Some(best)) => {
                prop_assert_eq!(verify(&problem, &solution), vec![]);
                match solution.proof {
                    Proof::Optimal => prop_assert_eq!(solution.value, best),
                    Proof::Gap { bound } => prop_assert!(solution.value <= best && best <= bound),
                }
            }
            (Err(Unsolvable::Undecided { .. }), _) | (Err(Unsolvable::Conflict(_)), None) => {}
            (found, best) => prop_assert!(false, "{found:?} but {best:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_value_equals_that_of_a_table_by_the_cent(problem in regions()) {
        agree(&problem, solve(&problem, Effort::default()), by_tables(&problem))?;
    }

    #[test]
    fn points_that_follow_costs_are_bounded_and_proved_alike(problem in regions(), each in 0_i64..80, room in 1_usize..400) {
        let mut problem = problem;
        for option in problem.candidates.iter_mut().flat_map(|candidate| &mut candidate.options) {
            option.value = option.cost_cents + each;
        }
        let best = by_tables(&problem);
        agree(&problem, solve(&problem, Effort::default()), best)?;
        match (solve(&problem, Effort { room, ..Effort::default() }), best) {
            (Ok(solution), Some(best)) => {
                prop_assert_eq!(verify(&problem, &solution), vec![]);
                match solution.proof {
                    Proof::Optimal => prop_assert_eq!(solution.value, best),
                    Proof::Gap { bound } => prop_assert!(solution.value <= best && best <= bound),
                }
            }
            (Err(Unsolvable::Undecided { .. }), _) | (Err(Unsolvable::Conflict(_)), None) => {}
            (found, best) => prop_assert!(false, "{found:?} but {best:?}"),
        }
    }

    #[test]
    fn the_best_set_is_never_worse_than_down_the_list(problem in regions()) {
        let mut problem = problem;
        problem.nodes.iter_mut().for_each(|node| node.floor_cents = 0);
        problem.candidates.iter_mut().for_each(|candidate| candidate.must = false);
        prop_assert!(solve(&problem, Effort::default()).unwrap().value >= down_the_list(&problem));
    }

    #[test]
    fn the_order_given_changes_nothing(problem in regions(), turn in any::<prop::sample::Index>()) {
        let mut turned = problem.clone();
        let by = turn.index(problem.candidates.len());
        turned.candidates.rotate_left(by);
        turned.candidates.reverse();
        turned.candidates.iter_mut().for_each(|candidate| candidate.options.reverse());
        let awards = |problem: &Problem| solve(problem, Effort::default()).map(|solution| {
            let award = |(candidate, option): (&Candidate, Option<usize>)| (candidate.place, option.map(|option| candidate.options[option]));
            let mut awards: Vec<_> = problem.candidates.iter().zip(solution.chosen).map(award).collect();
            awards.sort_unstable();
            (awards, solution.value, solution.spent_cents)
        });
        prop_assert_eq!(awards(&problem), awards(&turned));
    }

    #[test]
    fn a_tampered_solution_is_refused(problem in regions(), at in any::<prop::sample::Index>()) {
        let Ok(solution) = solve(&problem, Effort::default()) else { return Ok(()) };
        prop_assert_eq!(verify(&problem, &solution), vec![]);
        let mut dearer = solution.clone();
        dearer.spent_cents += 1;
        prop_assert_eq!(verify(&problem, &dearer), vec![Violation::Sums]);
        let at = at.index(problem.candidates.len());
        let mut other = solution.clone();
        other.chosen[at] = if solution.chosen[at].is_some() { None } else { Some(0) };
        prop_assert!(!verify(&problem, &other).is_empty());
        other.chosen[at] = Some(problem.candidates[at].options.len());
        prop_assert_eq!(verify(&problem, &other), vec![Violation::Shape]);
        other.chosen.pop();
        prop_assert_eq!(verify(&problem, &other), vec![Violation::Shape]);
    }
}
