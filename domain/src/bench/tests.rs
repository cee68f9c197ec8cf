use super::*;
use crate::allocation::{Method, Misfit};
use crate::program::ProgramFile;
use crate::ranking::rank;
use proptest::prelude::*;

fn file() -> ProgramFile {
    ProgramFile::parse(include_str!("../../../programs/acceleratems-2023-24.toml")).unwrap()
}

fn regions() -> Vec<Region> {
    ["north", "south"].map(|key| Region { key: key.to_owned(), name: key.to_uppercase() }).to_vec()
}

/// A bench of the example round's rules over applicants that seven small numbers make.
fn bench(pool: &[[u8; 7]]) -> Ready {
    let file = file();
    let keys = [
        "coaches_in_place",
        "county_unemployment_rate",
        "child_poverty_rate",
        "letters",
        "community_support",
        "college_ties",
        "college_distance_km",
    ];
    let anchors = [0_i64, 40, 70, 100];
    let entrant = |(index, one): (usize, &[u8; 7])| {
        let pick = |at: usize| i64::from(one[at]);
        let rubric = |at: usize, levels: &[i64]| Decimal::from(levels[usize::from(one[at]) % levels.len()]);
        let values = vec![
            Some(Decimal::from(pick(0) % 3)),
            Some(Decimal::new(40 + pick(1) % 50, 1)),
            Some(Decimal::new(1_500 + pick(2) * 13, 2)),
            Some(Decimal::from(pick(3) % 8)),
            Some(rubric(4, &anchors)),
            Some(rubric(5, &[0, 50, 100])),
            Some(Decimal::new(pick(6) * 7, 1)),
        ];
        Entrant {
            number: format!("A-{index:04}"),
            name: format!("District {index}"),
            units: 1 + pick(0) % 3,
            region: Some(index % 2),
            last: None,
            values,
        }
    };
    Ready::new(Bench {
        rules: file.ranking.clone(),
        seed: "seed".to_owned(),
        allocation: file.allocation.clone(),
        unit_cost: file.award.unit_cost,
        pot: file.award.unit_cost.times(7).unwrap(),
        regions: regions(),
        keys: keys.map(str::to_owned).to_vec(),
        entrants: pool.iter().enumerate().map(entrant).collect(),
    })
}

fn pool() -> Vec<[u8; 7]> {
    (0..12_u8)
        .map(|n| [n, n.wrapping_mul(37), n.wrapping_mul(91), n.wrapping_mul(5), n.wrapping_mul(3), n / 2, n.wrapping_mul(53)])
        .collect()
}

#[test]
fn the_declared_setting_ranks_and_awards_as_the_decision_does() {
    let ready = bench(&pool());
    let tried = ready.run(&ready.declared()).unwrap();
    let ranking = rank(&ready.bench.rules, &ready.candidates, "seed").unwrap();
    let numbers: Vec<&str> = tried.order.iter().map(|entrant| ready.bench.entrants[*entrant].number.as_str()).collect();
    assert_eq!(numbers, ranking.places.iter().map(|place| place.number.as_str()).collect::<Vec<_>>());
    assert_eq!(
        tried.units.iter().sum::<i64>(),
        ready.bench.unit_cost.times(1).map(|one| tried.granted.in_cents() / one.in_cents()).unwrap()
    );
    assert!(tried.flips(&tried).is_empty());
    let points = ready.points(&ready.declared()).unwrap();
    assert_eq!(points[&tried.order[0]], ranking.places[0].points);
}

#[test]
fn weights_are_taken_in_proportion() {
    assert_eq!(brought_to_whole(&[1, 1, 1]), [3334, 3333, 3333]);
    assert_eq!(brought_to_whole(&[0, 0]), [0, 0]);
    assert_eq!(brought_to_whole(&[6000, 2500, 1500]), [6000, 2500, 1500]);
    let ready = bench(&pool());
    let mut half = ready.declared();
    half.weights.iter_mut().for_each(|weight| *weight /= 2);
    assert_eq!(ready.run(&half), ready.run(&ready.declared()));
}

#[test]
fn a_form_gives_the_setting_that_it_was_made_of() {
    let ready = bench(&pool());
    let mut setting = ready.declared();
    assert!(setting.fields(&ready.bench).is_empty());
    setting.weights[0] = 1_250;
    setting.pot = Money::cents(123_456);
    setting.misfit = Misfit::Skip;
    setting.scales.insert("county_unemployment".to_owned(), [3, 9, 5, 95].map(Decimal::from).to_vec());
    assert!(ready.bench.rules.criterion("county_unemployment").is_some());
    let again = |setting: &Setting| {
        let fields = setting.fields(&ready.bench);
        Setting::read(&ready.bench, |name| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()))
    };
    assert_eq!(again(&setting), Ok(setting.clone()));
    setting.method = Method::Optimal;
    setting.bounds.insert("south".to_owned(), Between { floor: Some(Money::cents(100)), cap: None });
    assert_eq!(again(&setting), Ok(setting.clone()));
    setting.bounds.insert("south".to_owned(), Between { floor: Some(Money::cents(300)), cap: Some(Money::cents(200)) });
    assert_eq!(again(&setting).unwrap_err()[0].field, "floor-south");
}

/// One of each kind of scale, each number moved by the form and found again; what can't be is told by field.
#[test]
fn every_number_of_every_scale_can_be_moved() {
    let mut ready = bench(&pool());
    let json = |text: &str| serde_json::from_str::<crate::ruleset::Scale>(text).unwrap();
    let scales = [
        r#"{"yes_no":{"zero":"100","nonzero":"0"}}"#,
        r#"{"steps":{"steps":[{"up_to":"2","points":"100"},{"up_to":"5","points":"40"}],"above":"10"}}"#,
        r#"{"linear":{"from":"4","to":"8","from_points":"0","to_points":"100"}}"#,
        r#"{"piecewise":{"bends":[{"at":"0","points":"0"},{"at":"10","points":"60"},{"at":"30","points":"100"}]}}"#,
        r#"{"percentile":{"lowest":"0","highest":"100"}}"#,
        r#"{"z_score":{"middle":"50","per_deviation":"15","least":"0","most":"100"}}"#,
    ];
    for (criterion, scale) in ready.bench.rules.criteria.iter_mut().zip(scales) {
        criterion.scale = json(scale);
    }
    let all: Vec<(String, Decimal)> = ready
        .bench
        .rules
        .criteria
        .iter()
        .flat_map(|criterion| {
            criterion.scale.numbers().into_iter().map(|number| (format!("{}-{}", number.word, criterion.key), number.value))
        })
        .collect();
    // The seventh keeps its straight line.
    assert_eq!(all.len(), 2 + 5 + 4 + 6 + 2 + 4 + 4);
    let read = |field: &str, text: &str| Setting::read(&ready.bench, |name| (name == field).then_some(text));
    for (field, value) in &all {
        let moved = if *value == Decimal::ONE_HUNDRED { "99.5".to_owned() } else { (value + Decimal::new(5, 1)).to_string() };
        let setting = read(field, &moved).unwrap();
        let fields = setting.fields(&ready.bench);
        assert_eq!(fields, [(field.clone(), moved)]);
        let ranked = ready.rules(&setting);
        let changed = ranked.criteria.iter().zip(&ready.bench.rules.criteria).filter(|(now, was)| now.scale != was.scale).count();
        assert_eq!(changed, 1, "{field}");
        ready.run(&setting).unwrap();
        assert_eq!(serde_json::from_value::<Setting>(serde_json::to_value(&setting).unwrap()).unwrap(), setting);
    }
    let key = |at: usize| ready.bench.rules.criteria[at].key.clone();
    for (field, text, told) in [
        (format!("zero-{}", key(0)), "101", format!("zero-{}", key(0))),
        (format!("up_to1-{}", key(1)), "5", format!("up_to1-{}", key(1))),
        (format!("to-{}", key(2)), "4", format!("from-{}", key(2))),
        (format!("at2-{}", key(3)), "30", format!("at1-{}", key(3))),
        (format!("highest-{}", key(4)), "x", format!("highest-{}", key(4))),
        (format!("least-{}", key(5)), "100", format!("middle-{}", key(5))),
    ] {
        assert_eq!(read(&field, text).unwrap_err().iter().map(|one| one.field.clone()).collect::<Vec<_>>(), [told], "{field}");
    }
}

#[test]
fn two_ends_that_were_kept_before_are_those_of_the_line() {
    let ready = bench(&pool());
    let mut kept = serde_json::to_value(ready.declared()).unwrap();
    kept["ends"] = serde_json::json!({ "county_unemployment": ["3", "9"] });
    let setting: Setting = serde_json::from_value(kept).unwrap();
    let fields = setting.fields(&ready.bench);
    assert_eq!(fields, [("from-county_unemployment".to_owned(), "3".to_owned()), ("to-county_unemployment".to_owned(), "9".to_owned())]);
}

/// What the methods leave open: words and amounts of the form, those of the file left out, and what comes of them.
#[test]
fn choices_of_the_methods_can_be_tried() {
    let mut ready = bench(&pool());
    let hold = crate::allocation::HoldHarmless { percent: 80, citation: "c".to_owned(), synthetic: true };
    let unit = ready.bench.unit_cost;
    let limit = |of, cap| crate::allocation::Limit { of, cap, citation: "c".to_owned(), synthetic: true };
    let (organization, district) = (crate::allocation::Limited::Organization, crate::allocation::Limited::District);
    ready.bench.allocation.limits = vec![limit(organization, unit.times(4).unwrap()), limit(district, unit.times(2).unwrap())];
    ready.bench.allocation.hold_harmless = Some(hold);
    let read = |fields: &[(&str, &str)]| {
        Setting::read(&ready.bench, |name| fields.iter().find(|(field, _)| *field == name).map(|(_, text)| *text))
    };
    let declared = Choices::declared_fields(&ready.bench.allocation);
    let same: Vec<(&str, &str)> = declared.iter().map(|(name, text)| (*name, text.as_str())).collect();
    assert_eq!(same.len(), 6);
    assert_eq!(read(&same).unwrap(), ready.declared());

    let one = unit.plain();
    let setting = read(&[("method", "optimal"), ("objective", "points_per_seat"), ("limit-district", &one), ("percent", "50")]).unwrap();
    assert_eq!(setting.choices.fields().len(), 3);
    let texts = setting.fields(&ready.bench);
    let again: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(read(&again), Ok(setting.clone()));
    let tried = ready.run(&setting).unwrap();
    assert!(tried.units.iter().all(|units| *units <= 1), "one unit at most for a district");
    assert!(tried.units.iter().sum::<i64>() > 4);
    // An organization, here a region, gets four at most; and with one, one.
    let narrow = read(&[("method", "optimal"), ("limit-organization", &one)]).unwrap();
    assert_eq!(ready.run(&narrow).unwrap().units.iter().sum::<i64>(), 2);

    let by = |fields: &[(&str, &str)]| ready.run(&read(fields).unwrap()).unwrap().units;
    let shares = by(&[("method", "shares")]);
    assert_ne!(shares, by(&[("method", "shares"), ("by", "request")]));
    assert_eq!(shares.iter().sum::<i64>(), by(&[("method", "shares"), ("rounding", "webster")]).iter().sum::<i64>());
    for (field, text) in
        [("objective", "most"), ("by", "x"), ("rounding", ""), ("percent", "101"), ("limit-district", "-1"), ("limit-organization", "x")]
    {
        assert_eq!(read(&[(field, text)]).unwrap_err()[0].field, field);
    }
}

#[test]
fn a_setting_kept_before_there_were_methods_is_one_down_the_list() {
    let ready = bench(&pool());
    let declared = ready.declared();
    let mut kept = serde_json::to_value(&declared).unwrap();
    assert_eq!(kept.get("method"), None);
    assert_eq!(serde_json::from_value::<Setting>(kept.clone()).unwrap(), declared);
    kept["bounds"] = serde_json::json!({ "south": { "cap": 5 } });
    assert_eq!(serde_json::from_value::<Setting>(kept).unwrap().bounds["south"].cap, Some(Money::cents(5)));
}

/// Seven units for twelve applicants who ask for one to three, tried by every method with the south capped at two units, or with a floor.
#[test]
fn other_methods_keep_floors_and_caps_and_say_what_they_cost() {
    let ready = bench(&pool());
    let unit = ready.bench.unit_cost;
    let south = |tried: &Tried| tried.units.iter().skip(1).step_by(2).sum::<i64>();
    let mut setting = Setting { method: Method::Optimal, ..ready.declared() };
    let free = ready.run(&setting).unwrap();
    assert!(free.proof.as_deref().is_some_and(|proof| proof.starts_with("Proved")));
    let cap = unit.times((south(&free) - 1).max(0)).unwrap();
    setting.bounds.insert("south".to_owned(), Between { floor: None, cap: Some(cap) });
    let capped = ready.run(&setting).unwrap();
    assert!(unit.times(south(&capped)).unwrap() <= cap);
    let slow = ready.slow(&setting, &capped).unwrap();
    assert_eq!(slow.costs.len(), 1);
    assert!(slow.costs[0].starts_with("The cap of "), "{:?}", slow.costs);
    assert!(slow.reversals.is_none() && slow.ranges.iter().all(Option::is_some));
    assert_eq!(
        (slow.unsteady, slow.held.len()),
        (None, ready.bench.rules.criteria.len()),
        "how far weights go before the best set is another"
    );

    let floor = unit.times(5).unwrap();
    setting.bounds.insert("south".to_owned(), Between { floor: Some(floor), cap: None });
    for method in [Method::Optimal, Method::Shares] {
        let tried = ready.run(&Setting { method, ..setting.clone() }).unwrap();
        assert!(unit.times(south(&tried)).unwrap() >= floor, "{method:?}");
        assert_eq!(tried.granted.plus(tried.rest).unwrap(), setting.pot);
    }
    setting.bounds.insert("north".to_owned(), Between { floor: Some(floor), cap: None });
    let conflict = ready.run(&setting).unwrap_err();
    assert!(conflict.iter().any(|sentence| sentence.contains("NORTH") && sentence.contains("SOUTH")), "{conflict:?}");
}

#[test]
fn what_can_not_be_tried_is_told_by_field() {
    let ready = bench(&pool());
    let first = format!("w-{}", ready.bench.rules.criteria[0].key);
    for (field, text) in [
        (first.as_str(), "101"),
        (&first, "-1"),
        (&first, "1.234"),
        (&first, "many"),
        ("pot", "1.005"),
        ("unit_cost", "0"),
        ("misfit", "x"),
        ("method", "named"),
    ] {
        let refused = Setting::read(&ready.bench, |name| (name == field).then_some(text)).unwrap_err();
        assert_eq!((refused.len(), refused[0].field.as_str()), (1, field), "{text}");
    }
    for (field, text) in [("cap-south", "1.005"), ("floor-south", "-1"), ("floor-north", "much")] {
        let read = |method: &'static str| {
            Setting::read(&ready.bench, |name| if name == "method" { Some(method) } else { (name == field).then_some(text) })
        };
        assert_eq!(read("shares").unwrap_err()[0].field, field, "{text}");
        assert_eq!(read("down_the_list"), Ok(ready.declared()), "there are no floors and caps");
    }
    let refused = Setting::read(&ready.bench, |name| name.starts_with("w-").then_some("0")).unwrap_err();
    assert!(refused[0].problem.contains("Nothing weighs anything"));
}

#[test]
fn scales_that_look_at_one_applicant_can_not_turn_others_round() {
    let ready = bench(&pool());
    let setting = ready.declared();
    let slow = ready.slow(&setting, &ready.run(&setting).unwrap()).unwrap();
    assert!(slow.comparing.is_empty() && slow.unsteady.is_none());
    assert_eq!(slow.reversals, Some(Vec::new()));
    assert_eq!(slow.held.len(), ready.bench.rules.criteria.len());
}

/// Two criteria of equal weight, one by percentile: D lies between B and C and parts them by a step more than its leaving does.
#[test]
fn a_leaver_who_turns_two_others_round_is_found() {
    let rules: RuleSet = serde_json::from_value(serde_json::json!({
        "version": 1, "citation": "c", "ties": ["lot"],
        "criteria": [
            { "key": "need", "name": "Need", "plain": "p", "weight": 5000, "citation": "c", "synthetic": true,
              "source": { "fact": { "key": "need" } }, "scale": { "percentile": { "lowest": "0", "highest": "100" } } },
            { "key": "merit", "name": "Merit", "plain": "p", "weight": 5000, "citation": "c", "synthetic": true,
              "source": { "fact": { "key": "merit" } }, "scale": "as_scored" }
        ]
    }))
    .unwrap();
    let entrant = |number: &str, need: i64, merit: i64| Entrant {
        number: number.to_owned(),
        name: number.to_owned(),
        units: 1,
        region: None,
        last: None,
        values: vec![Some(need.into()), Some(merit.into())],
    };
    // Percentiles of four: A 100, C 66.67, D 33.33, B 0; without D: A 100, C 50, B 0. C against B: 66.67 to 60, then 50 to 60.
    let entrants = vec![entrant("A", 9, 50), entrant("B", 1, 60), entrant("C", 7, 0), entrant("D", 5, 1)];
    let ready = Ready::new(Bench {
        rules,
        seed: "seed".to_owned(),
        allocation: AllocationRule::down_the_list(Misfit::Stop, "c"),
        unit_cost: Money::cents(100),
        pot: Money::cents(200),
        regions: Vec::new(),
        keys: vec!["need".to_owned(), "merit".to_owned()],
        entrants,
    });
    let setting = ready.declared();
    let tried = ready.run(&setting).unwrap();
    assert_eq!(tried.order, [0, 2, 1, 3]);
    let slow = ready.slow(&setting, &tried).unwrap();
    assert_eq!(slow.comparing, ["Need"]);
    assert_eq!(slow.reversals, Some(vec![Reversal { without: 3, rises: vec![1], falls: vec![2] }]));
}

proptest! {
    #[test]
    fn a_place_lies_within_its_range_and_a_weight_within_its_interval(pool in prop::collection::vec(prop::array::uniform7(any::<u8>()), 1..30)) {
        let ready = bench(&pool);
        let setting = ready.declared();
        let tried = ready.run(&setting).unwrap();
        let slow = ready.slow(&setting, &tried).unwrap();
        for (place, range) in tried.places.iter().zip(&slow.ranges) {
            let (place, range) = (place.unwrap(), range.unwrap());
            prop_assert!(range.best <= place && place <= range.worst);
        }
        for held in &slow.held {
            let weight = Exact::whole(held.weight.into());
            prop_assert!(held.low <= weight && weight <= held.high);
        }
    }
}
