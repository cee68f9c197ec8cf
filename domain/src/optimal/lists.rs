//! Lists of partial sets: built part by part, sorted by spend, cut by loss and by dominance, and two halves matched across a budget.

/// Losses are cut to this where they are larger: still a valid lower bound.
pub(super) const FAR: i64 = 1 << 61;

/// A partial set of awards, told against the base set.
#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    /// Cents more than the base.
    pub spend: i64,
    /// Points more than the base.
    pub value: i64,
    /// Scaled points lost against the bound; never below zero.
    pub loss: i64,
    /// How it was made: an index into the working of the list it stands in.
    pub trace: usize,
}

/// One way a part can differ from the base.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub spend: i64,
    pub value: i64,
    pub loss: i64,
    pub swap: Swap,
}

/// What a way changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Swap {
    /// Nothing.
    Keep,
    /// A class takes this option.
    Class { class: usize, option: usize },
    /// A child takes a whole partial set.
    Span(usize),
}

/// Why a list was not finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stop;

/// The work allowed.
pub(super) struct Meter {
    pub steps: u64,
    pub limit: u64,
    pub room: usize,
}

impl Meter {
    /// Counts steps.
    pub fn count(&mut self, steps: usize) -> Result<(), Stop> {
        self.steps = self.steps.saturating_add(u64::try_from(steps).unwrap_or(u64::MAX));
        if self.steps > self.limit { Err(Stop) } else { Ok(()) }
    }
}

/// How lists are cut.
#[derive(Clone, Copy)]
pub(super) struct Cut {
    /// States that lost more are dropped.
    pub budget: i64,
    /// A state is dropped for another that costs up to this much less and is worth as much: no floor can notice.
    pub margin: i64,
    /// Only this many states that lost least are kept; the list is then no proof.
    pub beam: Option<usize>,
}

/// The working of one half: for each step, the step before and the way taken.
pub(super) type Working = Vec<(usize, Way)>;

/// Drops dominated states as they come in order of spend, the more valuable first.
struct Sieve {
    margin: i64,
    best: Option<(i64, i64)>,
    spend: Option<i64>,
}

impl Sieve {
    const fn new(margin: i64) -> Self {
        Self { margin, best: None, spend: None }
    }

    fn keeps(&mut self, spend: i64, value: i64) -> bool {
        if self.spend == Some(spend) {
            return false;
        }
        if let Some((best, at)) = self.best {
            if best >= value && spend - at <= self.margin {
                return false;
            }
            if best > value {
                self.spend = Some(spend);
                return true;
            }
        }
        self.best = Some((value, spend));
        self.spend = Some(spend);
        true
    }
}

/// All states made by taking one way of each part, largest losses first so that lists stay short for long.
pub(super) fn fold(parts: &[&[Way]], cut: Cut, meter: &mut Meter) -> Result<(Vec<State>, Working), Stop> {
    let mut working: Working = vec![(0, Way { spend: 0, value: 0, loss: 0, swap: Swap::Keep })];
    let mut list = vec![State { spend: 0, value: 0, loss: 0, trace: 0 }];
    for part in parts {
        list = match part {
            [one] => shifted(&list, *one, cut.budget, &mut working),
            [keep, other] if keep.loss == 0 && keep.spend == 0 && keep.swap == Swap::Keep => {
                merged(&list, *other, cut, &mut working)
            }
            many => crossed(&list, many, cut, &mut working),
        };
        meter.count(list.len())?;
        if let Some(beam) = cut.beam {
            narrow(&mut list, beam);
        } else if list.len() > meter.room || working.len() > meter.room.saturating_mul(4) {
            return Err(Stop);
        }
    }
    Ok((list, working))
}

/// Keeps the states that lost least.
pub(super) fn narrow(list: &mut Vec<State>, beam: usize) {
    if list.len() > beam {
        list.select_nth_unstable_by_key(beam, |state| (state.loss, state.spend));
        list.truncate(beam);
        list.sort_unstable_by_key(|state| state.spend);
    }
}

fn step(state: State, way: Way) -> State {
    State { spend: state.spend + way.spend, value: state.value + way.value, loss: state.loss.saturating_add(way.loss), trace: state.trace }
}

fn shifted(list: &[State], way: Way, budget: i64, working: &mut Working) -> Vec<State> {
    let mut next = Vec::with_capacity(list.len());
    for state in list.iter().map(|state| step(*state, way)).filter(|state| state.loss <= budget) {
        next.push(taken(state, way, working));
    }
    next
}

fn taken(mut state: State, way: Way, working: &mut Working) -> State {
    if way.swap != Swap::Keep {
        working.push((state.trace, way));
        state.trace = working.len() - 1;
    }
    state
}

fn merged(list: &[State], way: Way, cut: Cut, working: &mut Working) -> Vec<State> {
    let mut next = Vec::with_capacity(list.len() + list.len() / 2);
    let mut sieve = Sieve::new(cut.margin);
    let mut kept = list.iter().copied().peekable();
    let mut moved = list.iter().map(|state| step(*state, way)).filter(|state| state.loss <= cut.budget).peekable();
    loop {
        let (state, fresh) = match (kept.peek(), moved.peek()) {
            (None, None) => return next,
            (Some(a), Some(b)) if (a.spend, -a.value) <= (b.spend, -b.value) => (kept.next(), false),
            (Some(_), None) => (kept.next(), false),
            _ => (moved.next(), true),
        };
        let Some(state) = state else { return next };
        if sieve.keeps(state.spend, state.value) {
            next.push(if fresh { taken(state, way, working) } else { state });
        }
    }
}

fn crossed(list: &[State], ways: &[Way], cut: Cut, working: &mut Working) -> Vec<State> {
    let mut all: Vec<(State, usize)> = Vec::with_capacity(list.len().saturating_mul(2));
    for state in list {
        for (index, way) in ways.iter().enumerate() {
            let state = step(*state, *way);
            // Ways are sorted by loss.
            if state.loss > cut.budget {
                break;
            }
            all.push((state, index));
        }
    }
    all.sort_unstable_by_key(|(state, index)| (state.spend, -state.value, state.loss, *index, state.trace));
    let mut sieve = Sieve::new(cut.margin);
    all.retain(|(state, _)| sieve.keeps(state.spend, state.value));
    all.into_iter().map(|(state, index)| taken(state, ways[index], working)).collect()
}

/// Where the sum of two halves must lie, against the base, and what slack costs.
#[derive(Clone, Copy)]
pub(super) struct Window {
    pub low: i64,
    pub high: i64,
    /// Scaled points per cent below the high end (above zero) or above the low end (below zero).
    pub multiplier: i64,
}

impl Window {
    /// What the slack of a spend inside the window costs; more than any budget if it is more than `budget`.
    pub fn cost(&self, spend: i64, budget: i64) -> i64 {
        let slack = if self.multiplier > 0 { self.high - spend } else { spend - self.low };
        let size = self.multiplier.saturating_abs();
        if size == 0 || slack == 0 {
            0
        } else if slack > budget / size {
            i64::MAX
        } else {
            slack * size
        }
    }

    /// The spends whose slack costs no more than `budget`.
    fn within(&self, budget: i64) -> (i64, i64) {
        let size = self.multiplier.saturating_abs();
        if size == 0 {
            return (self.low, self.high);
        }
        let room = budget / size;
        if self.multiplier > 0 {
            (self.low.max(self.high.saturating_sub(room)), self.high)
        } else {
            (self.low, self.high.min(self.low.saturating_add(room)))
        }
    }
}

/// A pair of states, one of each half, and what both come to with the cost of slack; traces are indices into the halves.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    pub sum: State,
    pub left: usize,
    pub right: usize,
}

/// All pairs inside the window that lost no more than the budget. With `only_best`, one pair: the most value, then the least spend.
pub(super) fn matched(
    (left, right): (&[State], &[State]),
    window: Window,
    cut: Cut,
    only_best: bool,
    meter: &mut Meter,
) -> Result<Vec<Pair>, Stop> {
    let mut pairs: Vec<Pair> = Vec::new();
    let mut budget = cut.budget;
    for (at, one) in left.iter().enumerate() {
        if one.loss > budget {
            continue;
        }
        let (low, high) = window.within(budget - one.loss);
        let top = right.partition_point(|other| other.spend <= high - one.spend);
        let mut seen = 1;
        for (index, other) in right[..top].iter().enumerate().rev() {
            let spend = one.spend + other.spend;
            if spend < low {
                break;
            }
            seen += 1;
            let loss = one.loss.saturating_add(other.loss);
            if loss > budget {
                continue;
            }
            let loss = loss.saturating_add(window.cost(spend, budget - loss));
            if loss > budget {
                continue;
            }
            let sum = State { spend, value: one.value + other.value, loss, trace: 0 };
            let pair = Pair { sum, left: at, right: index };
            if only_best {
                let better = pairs.first().is_none_or(|best| (best.sum.value, -best.sum.spend) < (sum.value, -sum.spend));
                if better {
                    pairs = vec![pair];
                    // Losses beyond `FAR` are understated and tell nothing about others.
                    budget = if loss < FAR { budget.min(loss) } else { budget };
                }
            } else {
                pairs.push(pair);
            }
        }
        meter.count(seen)?;
        if cut.beam.is_none() && pairs.len() > meter.room {
            return Err(Stop);
        }
    }
    pairs.sort_unstable_by_key(|pair| (pair.sum.spend, -pair.sum.value, pair.sum.loss, pair.left, pair.right));
    let mut sieve = Sieve::new(cut.margin);
    pairs.retain(|pair| sieve.keeps(pair.sum.spend, pair.sum.value));
    if let Some(beam) = cut.beam {
        pairs.sort_unstable_by_key(|pair| (pair.sum.loss, pair.sum.spend));
        pairs.truncate(beam);
        pairs.sort_unstable_by_key(|pair| pair.sum.spend);
    }
    Ok(pairs)
}
