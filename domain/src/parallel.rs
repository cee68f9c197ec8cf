//! The same work on many items, on as many threads as there are processors; one after the other in a browser. The answers come in the
//! order of the items, so that nothing depends on how many threads there were.

/// What `work` makes of each item.
#[cfg(not(target_family = "wasm"))]
pub fn map<T: Sync, U: Send>(items: &[T], work: impl Fn(&T) -> U + Sync) -> Vec<U> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(items.len());
    if threads < 2 {
        return items.iter().map(work).collect();
    }
    let work = &work;
    let mut made: Vec<Vec<U>> = std::thread::scope(|scope| {
        // Every so manieth item: those that take long often stand together.
        let own = |first: usize| scope.spawn(move || items.iter().skip(first).step_by(threads).map(work).collect::<Vec<U>>());
        let running: Vec<_> = (0..threads).map(own).collect();
        running.into_iter().map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    made.iter_mut().for_each(|own| own.reverse());
    (0..items.len()).filter_map(|at| made.get_mut(at % threads)?.pop()).collect()
}

/// What `work` makes of each item.
#[cfg(target_family = "wasm")]
pub fn map<T, U>(items: &[T], work: impl Fn(&T) -> U) -> Vec<U> {
    items.iter().map(work).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn answers_come_in_the_order_of_the_items() {
        for count in 0..40_u32 {
            let items: Vec<u32> = (0..count).collect();
            assert_eq!(super::map(&items, |item| item * item), items.iter().map(|item| item * item).collect::<Vec<_>>());
        }
    }
}
