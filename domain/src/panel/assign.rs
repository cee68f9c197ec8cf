//! Who reads what: every application its number of reviewers, nobody more than their load, nobody where they have a tie, and the work as
//! even as that allows. No chance is in it: the same panel and applications, in any order, give the same plan.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A reviewer with room on the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The reviewer, by any name that orders.
    pub reviewer: String,
    /// Applications on the desk already.
    pub taken: u32,
    /// The most that are given.
    pub load: u32,
}

/// An application that wants reviewers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The application, by any name that orders.
    pub application: String,
    /// How many more reviewers.
    pub more: u32,
    /// Who reads it already.
    pub has: BTreeSet<String>,
    /// Who may not: a conflict, an own region, or they were asked before.
    pub barred: BTreeSet<String>,
}

/// Who is to read what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The application.
    pub application: String,
    /// The reviewer.
    pub reviewer: String,
}

/// An application for which too few could be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Short {
    /// The application.
    pub application: String,
    /// How many are missing.
    pub missing: u32,
    /// How many of the panel may read it at all, those who do included.
    pub free: usize,
}

/// New assignments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Who is to read what, by application, then reviewer.
    pub pairs: Vec<Pair>,
    /// What could not be filled, by application.
    pub short: Vec<Short>,
}

/// The graph while it is being filled: for each application, by index, whom it may have and whom it was given.
struct Work {
    may: Vec<Vec<usize>>,
    given: Vec<BTreeSet<usize>>,
    read_by: Vec<BTreeSet<usize>>,
    desk: Vec<u32>,
    met: BTreeMap<(usize, usize), u32>,
}

/// Fills applications with reviewers. First whoever has the least on the desk, then whoever has met the application's other readers least
/// (so that leniency can be compared across the panel), then the first by name. Where that leaves a place empty, places are passed on along
/// a chain until one is found, so that no place stays empty that could be filled; and as long as passing one on makes the desks more even,
/// it is passed on.
#[must_use]
pub fn balance(wanted: &[Wanted], seats: &[Seat]) -> Plan {
    let seats: BTreeMap<&str, &Seat> = seats.iter().map(|seat| (seat.reviewer.as_str(), seat)).collect();
    let wanted: BTreeMap<&str, &Wanted> = wanted.iter().map(|one| (one.application.as_str(), one)).collect();
    let (seats, wanted): (Vec<&Seat>, Vec<&Wanted>) = (seats.into_values().collect(), wanted.into_values().collect());
    let place = |name: &String| seats.iter().position(|seat| seat.reviewer == *name);
    let may = |one: &Wanted| {
        let free = |(_, seat): &(usize, &&Seat)| !one.barred.contains(&seat.reviewer) && !one.has.contains(&seat.reviewer);
        seats.iter().enumerate().filter(free).map(|(index, _)| index).collect()
    };
    let mut work = Work {
        may: wanted.iter().map(|one| may(one)).collect(),
        given: vec![BTreeSet::new(); wanted.len()],
        read_by: wanted.iter().map(|one| one.has.iter().filter_map(place).collect()).collect(),
        desk: seats.iter().map(|seat| seat.taken).collect(),
        met: BTreeMap::new(),
    };
    let load: Vec<u32> = seats.iter().map(|seat| seat.load).collect();
    // The application with the fewest to choose from chooses first.
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|index| (work.may.get(*index).map_or(0, Vec::len), *index));
    let most = wanted.iter().map(|one| one.more).max().unwrap_or(0);
    for turn in 0..most {
        for application in &order {
            if wanted.get(*application).is_some_and(|one| one.more > turn) && !work.choose(*application, &load) {
                work.pass_on(*application, |reviewer, desk| desk < load.get(reviewer).copied().unwrap_or(0));
            }
        }
    }
    work.even_out(&load);
    let mut plan = Plan::default();
    for (index, one) in wanted.iter().enumerate() {
        let given = work.given.get(index).into_iter().flatten().filter_map(|reviewer| seats.get(*reviewer));
        let before = plan.pairs.len();
        plan.pairs.extend(given.map(|seat| Pair { application: one.application.clone(), reviewer: seat.reviewer.clone() }));
        let missing = one.more.saturating_sub(u32::try_from(plan.pairs.len() - before).unwrap_or(u32::MAX));
        if missing > 0 {
            let free = work.may.get(index).map_or(0, Vec::len) + one.has.len();
            plan.short.push(Short { application: one.application.clone(), missing, free });
        }
    }
    plan
}

impl Work {
    fn give(&mut self, application: usize, reviewer: usize) {
        self.note(application, reviewer, true);
    }

    fn note(&mut self, application: usize, reviewer: usize, given: bool) {
        let (Some(own), Some(desk)) = (self.given.get_mut(application), self.desk.get_mut(reviewer)) else { return };
        let change = |count: &mut u32| *count = if given { *count + 1 } else { count.saturating_sub(1) };
        change(desk);
        if given {
            own.insert(reviewer);
        } else {
            own.remove(&reviewer);
        }
        let others: Vec<usize> =
            own.iter().chain(self.read_by.get(application).into_iter().flatten()).copied().filter(|o| *o != reviewer).collect();
        for other in others {
            change(self.met.entry((reviewer.min(other), reviewer.max(other))).or_default());
        }
    }

    fn may_take(&self, application: usize, reviewer: usize) -> bool {
        self.may.get(application).is_some_and(|may| may.binary_search(&reviewer).is_ok())
            && !self.given.get(application).is_some_and(|given| given.contains(&reviewer))
    }

    fn on_desk(&self, reviewer: usize) -> u32 {
        self.desk.get(reviewer).copied().unwrap_or(0)
    }

    /// Gives the application to the best of those with room; whether there was one.
    fn choose(&mut self, application: usize, load: &[u32]) -> bool {
        let others: Vec<usize> = self.given.get(application).into_iter().chain(self.read_by.get(application)).flatten().copied().collect();
        let met = |reviewer: usize| -> u32 {
            others.iter().map(|other| self.met.get(&(reviewer.min(*other), reviewer.max(*other))).copied().unwrap_or(0)).sum()
        };
        let room = |reviewer: &usize| self.on_desk(*reviewer) < load.get(*reviewer).copied().unwrap_or(0);
        let free = self.may.get(application).into_iter().flatten().copied().filter(|reviewer| self.may_take(application, *reviewer));
        let best = free.filter(room).min_by_key(|reviewer| (self.on_desk(*reviewer), met(*reviewer), *reviewer));
        best.inspect(|reviewer| self.give(application, *reviewer)).is_some()
    }

    /// Finds the shortest chain in which each reviewer takes the place and passes one of their own on, to one who `can` take it; and does it.
    fn pass_on(&mut self, application: usize, can: impl Fn(usize, u32) -> bool) -> bool {
        let mut came: BTreeMap<usize, (usize, Option<usize>)> = BTreeMap::new();
        let mut queue: VecDeque<usize> = VecDeque::new();
        for reviewer in self.may.get(application).cloned().unwrap_or_default() {
            if self.may_take(application, reviewer) {
                came.insert(reviewer, (application, None));
                queue.push_back(reviewer);
            }
        }
        while let Some(reviewer) = queue.pop_front() {
            if can(reviewer, self.on_desk(reviewer)) {
                self.follow(&came, reviewer);
                return true;
            }
            let own: Vec<usize> =
                (0..self.given.len()).filter(|other| self.given.get(*other).is_some_and(|g| g.contains(&reviewer))).collect();
            for other in own {
                for next in self.may.get(other).cloned().unwrap_or_default() {
                    if !came.contains_key(&next) && self.may_take(other, next) {
                        came.insert(next, (other, Some(reviewer)));
                        queue.push_back(next);
                    }
                }
            }
        }
        false
    }

    fn follow(&mut self, came: &BTreeMap<usize, (usize, Option<usize>)>, last: usize) {
        let mut taker = last;
        while let Some((application, giver)) = came.get(&taker) {
            if let Some(giver) = giver {
                self.note(*application, *giver, false);
            }
            self.give(*application, taker);
            match giver {
                Some(giver) => taker = *giver,
                None => return,
            }
        }
    }

    /// Takes a place from whoever has the most, as long as a chain leads to somebody with at least two fewer.
    fn even_out(&mut self, load: &[u32]) {
        loop {
            let mut fullest: Vec<usize> = (0..self.desk.len()).collect();
            fullest.sort_by_key(|reviewer| (std::cmp::Reverse(self.on_desk(*reviewer)), *reviewer));
            if !fullest.into_iter().any(|reviewer| self.relieve(reviewer, load)) {
                return;
            }
        }
    }

    fn relieve(&mut self, reviewer: usize, load: &[u32]) -> bool {
        let most = self.on_desk(reviewer);
        if self.desk.iter().all(|desk| desk + 2 > most) {
            return false;
        }
        let own: Vec<usize> =
            (0..self.given.len()).filter(|one| self.given.get(*one).is_some_and(|given| given.contains(&reviewer))).collect();
        for application in own {
            self.note(application, reviewer, false);
            // Only somebody with two fewer makes it more even, so nothing goes round in circles.
            if self.pass_on(application, |other, desk| desk + 2 <= most && desk < load.get(other).copied().unwrap_or(0)) {
                return true;
            }
            self.give(application, reviewer);
        }
        false
    }
}
