//! How long the exact ranking of a large pool takes: 13,000 applicants on 12 criteria. `cargo bench -p domain --bench ranking`;
//! with `-- --write DIR` it only writes the pool, in order, and how long the order takes, for `benches/wsm.py`, which ranks it with an outside tool.

#![expect(clippy::expect_used, reason = "a bench that can't go on has nothing to say but why")]

use domain::allocation::{AllocationRule, Bound, Claim, Method, Misfit, Objective};
use domain::facts::Input;
use domain::formula::Formula;
use domain::money::Money;
use domain::ranking::{Candidate, Pool, Standing};
use domain::ruleset::{Criterion, Group, Missing, RuleSet, Scale, Source, TieStep};
use domain::stability::{Laying, held, intervals, ranges};
use domain::why::{award_changes, everybodys_changes, smallest_changes};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

const APPLICANTS: usize = 13_000;
const WEIGHTS: [u32; 12] = [1_700, 1_300, 1_100, 1_000, 900, 800, 700, 600, 600, 500, 400, 400];
const RUNS: usize = 51;

/// Numbers that are the same on every machine.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

fn pool(draw: &mut Draw) -> Vec<Candidate> {
    let one = |nth: usize| {
        let input = |value: u64| Input {
            value: Decimal::new(i64::try_from(value).unwrap_or(0), 2),
            source: String::new(),
            year: None,
            place: String::new(),
            synthetic: true,
        };
        let inputs: BTreeMap<String, Input> = (0..WEIGHTS.len()).map(|key| (format!("k{key:02}"), input(draw.below(90_000)))).collect();
        Candidate { id: format!("id-{nth}"), number: format!("N-{nth:05}"), inputs }
    };
    (0..APPLICANTS).map(one).collect()
}

/// What they ask for: one to four units.
fn claims(candidates: &[Candidate]) -> Vec<Claim> {
    let claim = |(units, one): (i64, &Candidate)| Claim {
        id: one.id.clone(),
        number: one.number.clone(),
        place: 0,
        region: String::new(),
        units_requested: units,
        unit_cost: None,
        least: None,
        last: None,
        named: None,
    };
    [1, 2, 3, 4].into_iter().cycle().zip(candidates).map(claim).collect()
}

/// Straight lines between two values each.
fn rules(ends: &[(Decimal, Decimal)]) -> RuleSet {
    let criterion = |(index, (from, to)): (usize, &(Decimal, Decimal))| Criterion {
        key: format!("k{index:02}"),
        name: String::new(),
        plain: String::new(),
        weight: WEIGHTS[index],
        bonus: false,
        citation: String::new(),
        synthetic: true,
        source: Source::Fact { key: format!("k{index:02}") },
        scale: Scale::Linear { from: *from, to: *to, from_points: Decimal::ZERO, to_points: Decimal::ONE_HUNDRED },
        missing: Missing::Error,
    };
    RuleSet {
        version: 1,
        citation: String::new(),
        gates: Vec::new(),
        criteria: ends.iter().enumerate().map(criterion).collect(),
        groups: Vec::new(),
        ties: vec![TieStep::Lot],
        panel: None,
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// How long one order takes.
fn ranked(pool: &Pool<'_>) -> Duration {
    let began = Instant::now();
    black_box(Standing::of(black_box(pool), "seed"));
    began.elapsed()
}

fn measure(name: &str, rules: &RuleSet, candidates: &[Candidate]) {
    let began = Instant::now();
    let pool = Pool::gather(rules, candidates).expect("the pool is whole");
    let gathered = began.elapsed();
    let ranked = median((0..RUNS).map(|_| ranked(&pool)).collect());
    for line in [APPLICANTS / 10, APPLICANTS / 2] {
        let line = u32::try_from(line).unwrap_or(0);
        let times = (0..5).map(|_| {
            let began = Instant::now();
            black_box(everybodys_changes(rules, candidates, "seed", line).expect("the pool is whole"));
            began.elapsed()
        });
        let told = median(times.collect());
        let times = (0..11).map(|_| {
            let began = Instant::now();
            black_box(intervals(black_box(&pool), "seed", line).expect("sums are straight lines"));
            began.elapsed()
        });
        let steady = median(times.collect());
        println!("  line at {line}: all explanations in {told:?} (median of 5); the funded set's intervals in {steady:?} (median of 11)");
    }
    let some = &candidates[..1_000];
    let fewer = Pool::gather(rules, some).expect("the pool is whole");
    let began = Instant::now();
    let moved = ranges(&fewer, "seed", "k00", WEIGHTS[0] - 100, WEIGHTS[0] + 100).expect("sums are straight lines");
    println!("  ranges of the places of {}, one weight a percent point either way, in {:?}", moved.len(), began.elapsed());
    for pot in [200, 1_000, 2_490] {
        let claims = claims(some);
        let times = [Misfit::Stop, Misfit::Skip, Misfit::Partial].map(|misfit| {
            let rule = AllocationRule::down_the_list(misfit, "bench");
            let laying = Laying { rule: &rule, unit_cost: Money::cents(100), pot: Money::cents(pot * 100), claims: &claims };
            let began = Instant::now();
            let followed = black_box(held(black_box(&fewer), "seed", &laying)).map_or("not followed", |_| "followed");
            format!("{misfit:?} {followed} in {:?}", began.elapsed())
        });
        println!("  awards held of {}, 1 to 4 units each, {pot} units there: {}", some.len(), times.join(", "));
    }
    let began = Instant::now();
    let places = black_box(Standing::of(&pool, "seed").places());
    println!(
        "{name}: ranked in {ranked:?} (median of {RUNS}); checked and made ready once in {gathered:?}; {} full workings in {:?}",
        places.len(),
        began.elapsed()
    );
}

/// One applicant's changes where a formula, a capped group and scales that compare everybody draw on the numbers.
fn intricate(rules: &RuleSet, candidates: &[Candidate]) {
    let mut rules = rules.clone();
    if let [formula, percentile, z_score, ..] = rules.criteria.as_mut_slice() {
        formula.source = Source::Formula { formula: Formula::parse("900 * k03 / (k04 + k05 + 1)").expect("the formula reads") };
        percentile.scale = Scale::Percentile { lowest: Decimal::ZERO, highest: Decimal::ONE_HUNDRED };
        let fifteen = Decimal::from(15);
        z_score.scale = Scale::ZScore { middle: fifteen, per_deviation: fifteen, least: Decimal::ZERO, most: Decimal::ONE_HUNDRED };
    }
    rules.groups.push(Group {
        key: "group".to_owned(),
        name: String::new(),
        criteria: ["k06", "k07"].map(str::to_owned).to_vec(),
        cap: Decimal::from(9),
        citation: String::new(),
        synthetic: true,
    });
    for count in [1_000, candidates.len()] {
        let some = &candidates[..count];
        let began = Instant::now();
        let told = smallest_changes(&rules, some, "seed", &some[count / 3].id, u32::try_from(count / 10).unwrap_or(0));
        let told = told.expect("the pool is whole").len();
        println!("one of {count}, with a formula, a group, a percentile and a z-score: {told} changes in {:?}", began.elapsed());
    }
}

/// What one reads of its award where the set with the most points is funded, in seven regions of which one has a cap.
fn by_points(name: &str, rules: &RuleSet, some: &[Candidate]) {
    let pot = Money::cents(120 * 1_000);
    let regional = |(nth, claim): (usize, Claim)| Claim { region: format!("region {}", nth % 7), ..claim };
    let claims: Vec<Claim> = claims(some).into_iter().enumerate().map(regional).collect();
    let capped = Bound {
        region: "region 1".to_owned(),
        floor: Money::ZERO,
        cap: Some(Money::cents(pot.in_cents() / 14)),
        citation: String::new(),
        synthetic: true,
    };
    for objective in [Objective::Points, Objective::PointsPerSeat] {
        let rule = AllocationRule {
            method: Method::Optimal,
            misfit: None,
            objective: Some(objective),
            bounds: vec![capped.clone()],
            ..AllocationRule::down_the_list(Misfit::Stop, "bench")
        };
        let laying = Laying { rule: &rule, unit_cost: Money::cents(100), pot, claims: &claims };
        let told = [some.len() / 3, some.len() / 2].map(|one| {
            let began = Instant::now();
            let told = award_changes(rules, some, "seed", &some[one].id, &laying).expect("the pool is whole");
            format!("{} changes in {:?}", told.map_or(0, |(_, changes)| changes.len()), began.elapsed())
        });
        println!("{name}: one of {} by the best set, {objective:?}: {}", some.len(), told.join(", "));
    }
}

fn main() {
    let candidates = pool(&mut Draw(7));
    let arguments: Vec<String> = std::env::args().collect();
    let folder = arguments.iter().position(|word| word == "--write").and_then(|at| arguments.get(at + 1));
    let tidy = [(Decimal::ZERO, Decimal::from(900)); 12];
    if folder.is_none() {
        measure("fixed ends", &rules(&tidy), &candidates);
        by_points("fixed ends", &rules(&tidy), &candidates[..1_000]);
    }
    let ends: Vec<(Decimal, Decimal)> = (0..WEIGHTS.len())
        .map(|key| {
            let values = candidates.iter().map(|one| one.inputs[&format!("k{key:02}")].value);
            (values.clone().min().unwrap_or_default(), values.max().unwrap_or_default())
        })
        .collect();
    let rules = rules(&ends);
    if folder.is_none() {
        measure("the pool's own ends", &rules, &candidates);
        by_points("the pool's own ends", &rules, &candidates[..1_000]);
        intricate(&rules, &candidates);
    }
    if let Some(folder) = folder {
        let pool = Pool::gather(&rules, &candidates).expect("the pool is whole");
        let ours = median((0..RUNS).map(|_| ranked(&pool)).collect()).as_nanos();
        let mut text = format!("{ours}\n{}\n", WEIGHTS.map(|weight| weight.to_string()).join(","));
        for one in Standing::of(&pool, "seed").in_order() {
            let values: Vec<String> = one.inputs.values().map(|input| input.value.to_string()).collect();
            let _ = writeln!(text, "{}", values.join(","));
        }
        std::fs::write(format!("{folder}/pool.csv"), text).expect("the folder can be written");
    }
}
