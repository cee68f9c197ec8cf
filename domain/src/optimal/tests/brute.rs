//! Against every set tried, and against the walk down the list.

use super::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_value_equals_that_of_every_set_tried(problem in small()) {
        match (solve(&problem, Effort::default()), by_brute_force(&problem)) {
            (Ok(solution), Some(best)) => {
                prop_assert_eq!(solution.value, best);
                prop_assert_eq!(solution.proof, Proof::Optimal);
                prop_assert_eq!(verify(&problem, &solution), vec![]);
            }
            (Err(Unsolvable::Conflict(conflicts)), None) => prop_assert!(!conflicts.is_empty()),
            (found, best) => prop_assert!(false, "{found:?} but {best:?}"),
        }
    }
}
