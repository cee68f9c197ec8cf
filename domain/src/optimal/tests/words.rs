//! What is said of problems that make no sense or have no solution, of ties, and of what a constraint costs.

use super::*;

fn said(problem: &Problem) -> String {
    solve(problem, Effort::default()).unwrap_err().to_string()
}

fn problem(nodes: Vec<Node>, candidates: Vec<Candidate>) -> Problem {
    Problem { nodes, candidates }
}

#[test]
fn floors_above_the_pot_are_named() {
    let nodes = vec![
        node("the pot", None, 0, 1_000),
        node("Region A", Some(0), 500, i64::MAX),
        node("Region B", Some(0), 400, i64::MAX),
        node("Region C", Some(0), 300, i64::MAX),
    ];
    let asks = (1..4).map(|at| candidate(u32::try_from(at).unwrap(), at, &[(600, 1)], false)).collect();
    assert_eq!(
        said(&problem(nodes, asks)),
        "The floors of Region A, Region B and Region C come to $12 at least, more than the $10 of the pot."
    );
}

#[test]
fn a_floor_above_all_that_is_asked_is_named() {
    let nodes = vec![node("the pot", None, 0, 9_000), node("Region A", Some(0), 2_000, 5_000)];
    let asks = vec![candidate(1, 1, &[(700, 1), (900, 2)], false), candidate(2, 1, &[(600, 1)], false)];
    assert_eq!(said(&problem(nodes, asks)), "The floor of Region A is $20, but its applicants can get $15 in all at most.");
}

#[test]
fn awards_that_must_be_made_count_against_a_cap() {
    let nodes = vec![node("the pot", None, 0, 1_000), node("Region A", Some(0), 600, i64::MAX)];
    let asks = vec![candidate(1, 0, &[(500, 1)], true), candidate(2, 1, &[(700, 1)], false)];
    assert_eq!(
        said(&problem(nodes, asks)),
        "The floor of Region A and one award that must be made come to $11 at least, more than the $10 of the pot."
    );
    let dear = problem(vec![node("the pot", None, 0, 1_000)], vec![candidate(1, 0, &[(1_001, 1)], true)]);
    assert_eq!(said(&dear), "id-1 must get an award, but each of its options costs more than a cap above it allows.");
}

#[test]
fn a_floor_above_its_own_cap_is_named() {
    let crossed = problem(vec![node("the pot", None, 900, 800)], vec![candidate(1, 0, &[(100, 1)], false)]);
    assert_eq!(said(&crossed), "The floor of the pot is $9, above its cap of $8.");
}

/// Costs of $4 and $7 make 0, 4, 7, 8, 11 and more, never 9 or 10; a search, not a sum, shows it.
#[test]
fn a_floor_and_a_cap_between_which_no_set_falls_are_named() {
    let nodes = vec![node("the pot", None, 0, 10_000), node("Region A", Some(0), 900, 1_000)];
    let asks: Vec<_> = (1..=12).map(|place| candidate(place, 1, &[(if place % 2 == 0 { 400 } else { 700 }, 1)], false)).collect();
    let near = problem(nodes, asks);
    let expected = "No set of awards in Region A comes to between $9 and $10 within the floors and caps below it.";
    assert_eq!(said(&near), expected);
}

#[test]
fn nonsense_is_refused() {
    let one = || candidate(1, 0, &[(100, 1)], false);
    let pot = || node("the pot", None, 0, 800);
    for (nodes, asks, text) in [
        (vec![pot(), node("A", Some(2), 0, 1), node("B", Some(1), 0, 1)], vec![one()], "in a circle"),
        (vec![pot(), pot()], vec![one()], "Exactly one budget"),
        (vec![pot(), node("A", Some(7), 0, 1)], vec![one()], "not there"),
        (vec![pot()], vec![one(), one()], "stands twice"),
        (vec![pot()], vec![candidate(1, 3, &[(100, 1)], false)], "draws on a budget that is not there"),
        (vec![pot()], vec![candidate(1, 0, &[(-1, 1)], false)], "costs less than nothing"),
        (vec![pot()], vec![candidate(1, 0, &[], true)], "has no option"),
        (vec![node("the pot", None, -1, 800)], vec![one()], "below zero"),
    ] {
        let said = said(&problem(nodes, asks));
        assert!(said.contains(text), "{said}");
    }
}

#[test]
fn amounts_too_large_are_an_error() {
    let pot = vec![node("the pot", None, 0, i64::MAX)];
    let ask = |place, cost, value| candidate(place, 0, &[(cost, value)], false);
    for asks in [
        vec![ask(1, i64::MAX, 1)],
        vec![ask(1, 1, i64::MAX)],
        vec![ask(1, 1, i64::MIN)],
        vec![ask(1, i64::MAX / 8, 1), ask(2, i64::MAX / 8, 1)],
    ] {
        assert_eq!(solve(&problem(pot.clone(), asks), Effort::default()), Err(Unsolvable::TooLarge));
    }
    let floors = vec![node("the pot", None, i64::MAX, i64::MAX), node("A", Some(0), i64::MAX, i64::MAX)];
    assert_eq!(solve(&problem(floors, vec![]), Effort::default()), Err(Unsolvable::TooLarge));
}

#[test]
fn large_amounts_below_the_limit_are_exact() {
    let large = 1_i64 << 57;
    let asks = vec![
        candidate(1, 0, &[(large, large)], false),
        candidate(2, 0, &[(large - 1, large - 1)], false),
        candidate(3, 0, &[(1, 2)], false),
    ];
    let solution = solve(&problem(vec![node("the pot", None, 0, large)], asks), Effort::default()).unwrap();
    assert_eq!((solution.value, solution.proof, solution.chosen), (large + 1, Proof::Optimal, vec![None, Some(0), Some(0)]));
}

#[test]
fn nobody_asking_is_a_solution() {
    let solution = solve(&problem(vec![node("the pot", None, 0, 0)], vec![]), Effort::default()).unwrap();
    assert_eq!((solution.value, solution.spent_cents, solution.proof), (0, 0, Proof::Optimal));
}

#[test]
fn of_candidates_alike_the_better_place_gets_more() {
    let asks: Vec<_> = [7, 3, 9, 5].into_iter().map(|place| candidate(place, 0, &[(100, 10)], false)).collect();
    let solution = solve(&problem(vec![node("the pot", None, 0, 250)], asks), Effort::default()).unwrap();
    assert_eq!(solution.chosen, vec![None, Some(0), None, Some(0)]);
}

/// By hand: Region A's floor of $3 forces id-3 (1 point) in for id-2 (5 points), so it costs 4.
#[test]
fn a_floor_costs_what_it_keeps_out() {
    let nodes = vec![node("the pot", None, 0, 600), node("Region A", Some(0), 300, 600), node("Region B", Some(0), 0, 600)];
    let asks = vec![candidate(1, 2, &[(300, 9)], false), candidate(2, 2, &[(300, 5)], false), candidate(3, 1, &[(300, 1)], false)];
    let problem = problem(nodes, asks);
    let solution = solve(&problem, Effort::default()).unwrap();
    assert_eq!(solution.value, 10);
    let shadow = shadow_cost(&problem, &solution, 1, Side::Floor, Effort::default()).unwrap();
    assert_eq!((shadow.value, shadow.spent_cents), (4, 0));
    assert_eq!((shadow.come_in, shadow.go_out, shadow.change), (vec!["id-2".to_owned()], vec!["id-3".to_owned()], vec![]));
    let free = shadow_cost(&problem, &solution, 2, Side::Cap, Effort::default()).unwrap();
    assert_eq!((free.value, free.come_in.len(), free.proof), (0, 0, Proof::Optimal));
    assert!(matches!(shadow_cost(&problem, &solution, 9, Side::Cap, Effort::default()), Err(Unsolvable::Malformed(_))));
}
