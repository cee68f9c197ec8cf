use super::*;
use proptest::prelude::*;

fn example_rules() -> RuleSet {
    crate::program::ProgramFile::parse(include_str!("../../../programs/acceleratems-2023-24.toml")).unwrap().ranking
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn line(from: &str, to: &str) -> Scale {
    Scale::Linear { from: dec(from), to: dec(to), from_points: Decimal::ZERO, to_points: Decimal::ONE_HUNDRED }
}

fn points(scale: &Scale, value: &str) -> String {
    String::from(scale.points(&dec(value).into(), &Spread::new(Vec::new())).unwrap())
}

fn alone(scale: &Scale, value: i64) -> Exact {
    scale.points(&Exact::whole(value), &Spread::new(Vec::new())).unwrap()
}

/// The points of every number of a pool.
fn among(scale: &Scale, pool: &[i64]) -> Vec<String> {
    let spread = Spread::new(pool.iter().map(|number| Exact::whole(*number)).collect());
    pool.iter().map(|number| String::from(scale.points(&Exact::whole(*number), &spread).unwrap())).collect()
}

#[test]
fn yes_no_looks_at_zero_only() {
    let scale = Scale::YesNo { zero: dec("100"), nonzero: dec("0") };
    assert_eq!([points(&scale, "0"), points(&scale, "0.0"), points(&scale, "1"), points(&scale, "-3")], ["100", "100", "0", "0"]);
}

#[test]
fn a_step_includes_its_limit() {
    let step = |up_to, points| ScaleStep { up_to: dec(up_to), points: dec(points) };
    let scale = Scale::Steps { steps: vec![step("0", "100"), step("2", "50")], above: dec("10") };
    assert_eq!(["0", "0.01", "2", "2.01"].map(|value| points(&scale, value)), ["100", "50", "50", "10"]);
}

/// Worked by hand: (7 − 4) ÷ (8 − 4) = 3/4 of 100; (5 − 4) ÷ 4 = 1/4; beyond the ends the line is level.
#[test]
fn a_rising_line_is_clamped() {
    let scale = line("4", "8");
    assert_eq!(["3.9", "4", "5", "7", "8", "15.5"].map(|value| points(&scale, value)), ["0", "0", "25", "75", "100", "100"]);
}

/// Worked by hand: (60 − 35) ÷ (60 − 10) = 1/2; 25.9 − 15 = 10.9 and 10.9 ÷ 30 × 100 = 109/3.
#[test]
fn a_falling_line_and_a_line_of_thirds_are_exact() {
    let nearness = line("60", "10");
    assert_eq!(["80", "60", "35", "10", "1.1"].map(|value| points(&nearness, value)), ["0", "0", "50", "100", "100"]);
    assert_eq!(points(&line("15", "45"), "25.9"), "109/3");
    assert_eq!(line("15", "45").points(&dec("25.9").into(), &Spread::new(Vec::new())).unwrap().shown(), "36.333333");
}

#[test]
fn a_line_between_other_points_starts_and_ends_there() {
    let scale = Scale::Linear { from: dec("0"), to: dec("10"), from_points: dec("90"), to_points: dec("30") };
    assert_eq!(["-1", "5", "11"].map(|value| points(&scale, value)), ["90", "60", "30"]);
}

/// Worked by hand: rising 0 to 60 over 10, then to 100 over the next 20; level outside.
#[test]
fn a_piecewise_scale_bends_where_it_says() {
    let bend = |at: i64, points: i64| Bend { at: at.into(), points: points.into() };
    let scale = Scale::Piecewise { bends: vec![bend(0, 0), bend(10, 60), bend(30, 100)] };
    assert_eq!(["-5", "0", "5", "10", "20", "30", "99"].map(|value| points(&scale, value)), ["0", "0", "30", "60", "80", "100", "100"]);
    assert_eq!(points(&Scale::Piecewise { bends: vec![bend(0, 0), bend(3, 1)] }, "1"), "1/3");
}

/// Worked by hand. Of four others, 10 exceeds none; the two 20s exceed one and count each other half: 1½ of 4; 30 exceeds 3; 40 all 4.
#[test]
fn a_percentile_is_the_share_of_the_others_exceeded() {
    let rising = Scale::Percentile { lowest: dec("0"), highest: dec("100") };
    assert_eq!(among(&rising, &[10, 20, 20, 30, 40]), ["0", "75/2", "75/2", "75", "100"]);
    let falling = Scale::Percentile { lowest: dec("100"), highest: dec("0") };
    assert_eq!(among(&falling, &[1, 2, 3]), ["100", "50", "0"]);
    assert_eq!(among(&rising, &[7]), ["50"], "who is alone stands in the middle");
}

/// Worked by hand: 2, 4, 4, 4, 5, 5, 7, 9 have the mean 5 and the population's standard deviation 2.
#[test]
fn a_z_score_counts_deviations_from_the_mean() {
    let scale = Scale::ZScore { middle: dec("50"), per_deviation: dec("20"), least: dec("0"), most: dec("75") };
    assert_eq!(among(&scale, &[2, 4, 4, 4, 5, 5, 7, 9]), ["20", "40", "40", "40", "50", "50", "70", "75"]);
    assert_eq!(among(&scale, &[3, 3]), ["50", "50"], "no spread, no difference");
    let falling = Scale::ZScore { per_deviation: dec("-20"), middle: dec("50"), least: dec("0"), most: dec("100") };
    assert_eq!(among(&falling, &[2, 4, 4, 4, 5, 5, 7, 9]), ["80", "60", "60", "60", "50", "50", "30", "10"]);
}

#[test]
fn evidence_counts_up_to_its_cap_only() {
    let criterion = Criterion {
        key: "letters".to_owned(),
        name: "Letters".to_owned(),
        plain: "Letters".to_owned(),
        weight: WHOLE,
        citation: "test".to_owned(),
        synthetic: true,
        source: Source::Evidence { key: "letters".to_owned(), cap: 5 },
        scale: line("0", "10"),
        bonus: false,
        missing: Missing::Error,
    };
    assert_eq!(criterion.counted(dec("3")), dec("3"));
    assert_eq!(criterion.counted(dec("9")), dec("5"), "nine letters count as five");
}

#[test]
fn weights_read_as_percent() {
    let percent = |weight| Criterion { weight, ..example_rules().criteria[0].clone() }.weight_percent();
    assert_eq!([percent(2_500), percent(1_250), percent(10_000), percent(1)], ["25%", "12.5%", "100%", "0.01%"]);
}

proptest! {
    #[test]
    fn a_line_stays_within_its_ends_and_never_turns(from in -1000_i64..1000, width in 1_i64..1000, a in -3000_i64..3000, b in -3000_i64..3000) {
        let scale = Scale::Linear { from: from.into(), to: (from + width).into(), from_points: Decimal::ZERO, to_points: Decimal::ONE_HUNDRED };
        let (low, high) = (alone(&scale, a.min(b)), alone(&scale, a.max(b)));
        prop_assert!(Exact::ZERO <= low && low <= high && high <= Exact::whole(100));
    }

    #[test]
    fn a_line_read_backwards_is_the_same_line(from in -1000_i64..1000, width in 1_i64..1000, value in -3000_i64..3000) {
        let (from, to) = (Decimal::from(from), Decimal::from(from + width));
        let forth = Scale::Linear { from, to, from_points: Decimal::ZERO, to_points: Decimal::ONE_HUNDRED };
        let back = Scale::Linear { from: to, to: from, from_points: Decimal::ONE_HUNDRED, to_points: Decimal::ZERO };
        prop_assert_eq!(alone(&forth, value), alone(&back, value));
    }
}
