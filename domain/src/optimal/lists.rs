//! Lists of partial sets: built part by part, sorted by spend, cut by loss and by dominance.

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
    /// As many states are held in one list.
    pub room: usize,
    /// Whether some list was cut to `room`: what was built is then no proof.
    pub narrowed: bool,
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
}

/// The working of one half: for each step, the step before and what changed.
pub(super) type Working = Vec<(usize, Swap)>;

/// A half's working is swept when it has grown to so many times the room of one list, or to twice what the last sweep left.
const WORKING: usize = 6;

/// Drops dominated states as they come in order of spend, the more valuable first.
pub(super) struct Sieve {
    margin: i64,
    best: Option<(i64, i64)>,
    spend: Option<i64>,
}

impl Sieve {
    /// Nothing has come yet.
    pub const fn new(margin: i64) -> Self {
        Self { margin, best: None, spend: None }
    }

    /// Whether the next state is kept.
    pub fn keeps(&mut self, spend: i64, value: i64) -> bool {
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
    let mut working: Working = vec![(0, Swap::Keep)];
    let mut list = vec![State { spend: 0, value: 0, loss: 0, trace: 0 }];
    let mut full = meter.room.saturating_mul(WORKING);
    for part in parts {
        meter.count(list.len())?;
        list = match part {
            [one] => shifted(&list, *one, cut.budget, &mut working),
            [keep, other] if keep.loss == 0 && keep.spend == 0 && keep.swap == Swap::Keep => merged(&list, *other, cut, &mut working),
            many => crossed(&list, many, cut, &mut working, meter)?,
        };
        narrow(&mut list, meter);
        if working.len() > full {
            sweep(&mut list, &mut working);
            full = full.max(working.len().saturating_mul(2));
        }
    }
    Ok((list, working))
}

/// Drops the working of states that were dropped. Every step stands after the step before it.
fn sweep(list: &mut [State], working: &mut Working) {
    let mut seats = vec![usize::MAX; working.len()];
    seats[0] = 0;
    for state in list.iter() {
        let mut trace = state.trace;
        while seats[trace] == usize::MAX {
            seats[trace] = 1;
            trace = working[trace].0;
        }
    }
    let mut kept: Working = Vec::new();
    for (at, (before, swap)) in working.iter().enumerate() {
        if seats[at] != usize::MAX {
            seats[at] = kept.len();
            kept.push((seats[*before], *swap));
        }
    }
    for state in list {
        state.trace = seats[state.trace];
    }
    *working = kept;
}

/// Keeps the states that lost least, if there is no room for all.
fn narrow(list: &mut Vec<State>, meter: &mut Meter) {
    if list.len() > meter.room {
        meter.narrowed = true;
        list.select_nth_unstable_by_key(meter.room, |state| (state.loss, state.spend));
        list.truncate(meter.room);
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
        working.push((state.trace, way.swap));
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

fn crossed(list: &[State], ways: &[Way], cut: Cut, working: &mut Working, meter: &mut Meter) -> Result<Vec<State>, Stop> {
    let budget = affordable(list, ways, cut.budget, meter);
    let mut all: Vec<(State, usize)> = Vec::with_capacity(list.len().saturating_mul(2));
    for state in list {
        for (index, way) in ways.iter().enumerate() {
            let state = step(*state, *way);
            // Ways are sorted by loss. Ties could make more than there is room for.
            if state.loss > budget || (meter.narrowed && all.len() >= meter.room.saturating_mul(8)) {
                break;
            }
            all.push((state, index));
        }
    }
    meter.count(all.len())?;
    all.sort_unstable_by_key(|(state, index)| (state.spend, -state.value, state.loss, *index, state.trace));
    let mut sieve = Sieve::new(cut.margin);
    all.retain(|(state, _)| sieve.keeps(state.spend, state.value));
    Ok(all.into_iter().map(|(state, index)| taken(state, ways[index], working)).collect())
}

/// The largest budget up to `budget` at which no more than a few times the room of pairs is made.
fn affordable(list: &[State], ways: &[Way], budget: i64, meter: &mut Meter) -> i64 {
    let most = meter.room.saturating_mul(4);
    if list.len().saturating_mul(ways.len()) <= most {
        return budget;
    }
    let made =
        |budget: i64| -> usize { list.iter().map(|state| ways.partition_point(|way| state.loss.saturating_add(way.loss) <= budget)).sum() };
    if made(budget) <= most {
        return budget;
    }
    meter.narrowed = true;
    // Counted from the least that any pair loses, so that some pair is always made.
    let least = list.iter().map(|state| state.loss).min().unwrap_or(0).saturating_add(ways.first().map_or(0, |way| way.loss));
    let (mut more, mut too_much) = (0, budget.saturating_sub(least).max(1));
    while too_much - more > 1 + more / 16 {
        let middle = more + (too_much - more) / 2;
        if made(least.saturating_add(middle)) <= most { more = middle } else { too_much = middle }
    }
    least.saturating_add(more)
}
