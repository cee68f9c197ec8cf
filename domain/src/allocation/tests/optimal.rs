//! Limits, awards held harmless, money set aside, and what each of them costs.

use super::super::*;
use crate::exact::Exact;
use proptest::prelude::*;

fn bid(id: &str, points: i64, request: i64, region: &str) -> Bid {
    let name = |at: usize| id.get(at..=at).unwrap_or_default().to_owned();
    Bid {
        id: id.to_owned(),
        points: Exact::whole(points),
        request: Money::cents(request),
        seats: None,
        least: None,
        region: region.to_owned(),
        district: name(1),
        organization: name(0),
        last: None,
    }
}

fn best() -> AllocationRule {
    AllocationRule {
        method: Method::Optimal,
        misfit: None,
        ties: Some(Ties::File),
        objective: Some(Objective::Points),
        ..AllocationRule::down_the_list(Misfit::Stop, "Section 1.")
    }
}

fn bound(region: &str, floor: i64, cap: Option<i64>) -> Bound {
    let (region, citation) = (region.to_owned(), "Section 2.".to_owned());
    Bound { region, floor: Money::cents(floor), cap: cap.map(Money::cents), citation, synthetic: true }
}

fn limit(of: Limited, cap: i64) -> Limit {
    Limit { of, cap: Money::cents(cap), citation: "Section 3.".to_owned(), synthetic: true }
}

fn funded(rule: &AllocationRule, pot: i64, bids: &[Bid]) -> Vec<String> {
    let granted = by_rule(rule, None, Money::cents(pot), bids).unwrap();
    let sum = [granted.total, granted.set_aside, granted.rest].into_iter().map(Money::in_cents).sum::<i64>();
    assert_eq!(sum, pot);
    granted.grants.iter().filter(|grant| grant.granted.is_positive()).map(|grant| bids[grant.row].id.clone()).collect()
}

fn told(rule: &AllocationRule, pot: i64, bids: &[Bid]) -> Vec<String> {
    costs(rule, None, Money::cents(pot), bids).unwrap().iter().map(Cost::plain).collect()
}

fn refused(rule: &AllocationRule, pot: i64, bids: &[Bid]) -> String {
    by_rule(rule, None, Money::cents(pot), bids).unwrap_err()[0].to_string()
}

/// Two organizations, a and b; districts 1 to 3; west and east. Ids are organization, district, number.
fn six() -> Vec<Bid> {
    vec![
        bid("a11", 90, 400, "west"),
        bid("a12", 80, 300, "west"),
        bid("b21", 70, 300, "west"),
        bid("b22", 60, 300, "west"),
        bid("c31", 50, 300, "east"),
        bid("c32", 20, 300, "east"),
    ]
}

/// By hand, $10.00: the best three are a11, a12, b21: 400 + 300 + 300, 240 points. A floor of $6 for east takes both of c, 70 points, and
/// leaves $4.00: a11. 160 points: it costs 80.
#[test]
fn a_floor_costs_the_points_of_those_it_keeps_out() {
    let mut rule = best();
    assert_eq!(funded(&rule, 1_000, &six()), ["a11", "a12", "b21"]);
    rule.bounds.push(bound("east", 600, None));
    assert_eq!(funded(&rule, 1_000, &six()), ["a11", "c31", "c32"]);
    assert_eq!(
        told(&rule, 1_000, &six()),
        ["The floor of $6 for east cost 80 points: a12 and b21 would get an award instead of c31 and c32."]
    );
    rule.bounds[0] = bound("east", 0, Some(700));
    assert_eq!(told(&rule, 1_000, &six()), ["Without the cap of $7 for east no set has more points."]);
}

/// By hand, with $5.00 for each organization: a gets a11 or a12, b one of its two, c one: a11, b21, c31, exactly $10.00, 210 points: 30 less.
#[test]
fn an_organization_and_a_district_get_no_more_than_their_limits() {
    let mut rule = best();
    rule.limits.push(limit(Limited::Organization, 500));
    assert_eq!(funded(&rule, 1_000, &six()), ["a11", "b21", "c31"]);
    assert_eq!(
        told(&rule, 1_000, &six()),
        ["The limit of $5 for each organization cost 30 points: a12 would get an award instead of c31."]
    );
    rule.limits.push(limit(Limited::District, 300));
    assert_eq!(funded(&rule, 1_000, &six()), ["a12", "b21", "c31"]);
    let mut apart = six();
    // Now an organization serves two districts: these lie inside it.
    apart[0].district = "9".to_owned();
    assert_eq!(funded(&rule, 1_000, &apart), ["a12", "b21", "c31"]);
    apart[2].organization = "a".to_owned();
    assert!(refused(&rule, 1_000, &apart).contains("lies in more than one"), "{}", refused(&rule, 1_000, &apart));
    apart[1].organization.clear();
    assert_eq!(refused(&rule, 1_000, &apart), "The rules limit what each organization gets, but this row names none.");
}

/// By hand: c32 had $2.51 and must keep 80%: $2.01 at least, so it is in, for 20 points instead of b21's 70.
#[test]
fn whoever_had_an_award_is_held_harmless() {
    let mut rule = best();
    rule.hold_harmless = Some(HoldHarmless { percent: 80, citation: "Section 4.".to_owned(), synthetic: true });
    let mut bids = six();
    bids[5].last = Some(Money::cents(251));
    assert_eq!(funded(&rule, 1_000, &bids), ["a11", "a12", "c32"]);
    assert_eq!(told(&rule, 1_000, &bids), ["Holding harmless cost 50 points: b21 would get an award instead of c32."]);
    rule.bounds.push(bound("east", 0, Some(299)));
    assert!(refused(&rule, 1_000, &bids).contains("c32 must get an award"), "{}", refused(&rule, 1_000, &bids));
    bids[5].last = Some(Money::cents(376));
    assert_eq!(refused(&rule, 1_000, &bids), "Held harmless, it must get $3.01 at least, but it asks for $3.");
    // In shares it is a floor: 251 of 600 in proportion 50 : 20 would leave it 142.
    let shares = AllocationRule { method: Method::Shares, bounds: Vec::new(), ..rule };
    bids[5].last = Some(Money::cents(251));
    let granted = by_rule(&shares, None, Money::cents(500), &bids[4..]).unwrap();
    assert_eq!(granted.grants.iter().map(|grant| grant.granted.in_cents()).collect::<Vec<_>>(), [299, 201]);
}

/// By hand: with $3.00 kept back, $7.00 fund a11 and a12: 170 points instead of 240.
#[test]
fn what_is_set_aside_is_not_allocated() {
    let mut rule = best();
    rule.set_aside =
        Some(SetAside { purpose: "appeals".to_owned(), amount: Money::cents(300), citation: "Section 5.".to_owned(), synthetic: true });
    assert_eq!(funded(&rule, 1_000, &six()), ["a11", "a12"]);
    assert_eq!(told(&rule, 1_000, &six()), ["The $3 set aside for appeals cost 70 points: b21 would get an award too."]);
    assert_eq!(refused(&rule, 299, &six()), "The $3 set aside for appeals are more than the pot of $2.99.");
    let down = AllocationRule { method: Method::DownTheList, misfit: Some(Misfit::Stop), ..rule };
    assert_eq!(funded(&down, 1_000, &six()), ["a11", "a12"]);
    assert!(costs(&down, None, Money::cents(1_000), &six()).unwrap_err()[0].to_string().starts_with("Only an optimal allocation"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Never worse than down the list; every constraint kept; and each cost is the gain of solving without it.
    #[test]
    fn costs_are_what_solving_without_gains(
        rows in prop::collection::vec((1_i64..100, 1_i64..400, 0_usize..2, 0_usize..3), 2..12),
        pot in 100_i64..2_000, floor in 0_i64..300, cap in 100_i64..500,
    ) {
        let bids: Vec<Bid> = rows.iter().enumerate().map(|(nth, (points, request, region, organization))| {
            let region = ["west", "east"][*region];
            Bid { organization: format!("{region} {organization}"), ..bid(&format!("id{nth}"), *points, *request, region) }
        }).collect();
        let has = |region: &str| bids.iter().any(|bid| bid.region == region);
        let mut rule = best();
        let points = |rule: &AllocationRule| by_rule(rule, None, Money::cents(pot), &bids).ok().map(|granted| {
            granted.grants.iter().filter(|grant| grant.granted.is_positive()).map(|grant| &bids[grant.row].points).sum::<Exact>()
        });
        let listed = AllocationRule { method: Method::DownTheList, misfit: Some(Misfit::Skip), ..rule.clone() };
        prop_assert!(points(&rule) >= points(&listed));
        if has("west") { rule.bounds.push(bound("west", floor, None)); }
        rule.limits.push(limit(Limited::Organization, cap));
        if let Some(now) = points(&rule) {
            let found = costs(&rule, None, Money::cents(pot), &bids).unwrap();
            let mut without = Vec::new();
            if has("west") && floor > 0 { without.push(AllocationRule { bounds: Vec::new(), ..rule.clone() }); }
            without.push(AllocationRule { limits: Vec::new(), ..rule.clone() });
            prop_assert_eq!(found.len(), without.len());
            for (cost, rule) in found.iter().zip(&without) {
                prop_assert!(cost.proved);
                prop_assert_eq!(&cost.points, &(&points(rule).unwrap() - &now));
                let gain = |ids: &[String]| ids.iter().map(|id| &bids.iter().find(|bid| bid.id == *id).unwrap().points).sum::<Exact>();
                prop_assert_eq!(&cost.points, &(&gain(&cost.rises) - &gain(&cost.falls)));
            }
        }
    }
}

/// One over each prime up to 151: their common denominator has 61 digits. The best set of two is 1/2 and 1/3.
#[test]
fn points_with_too_many_digits_count_to_as_many_places_as_fit() {
    let primes = (2..=151).filter(|n| (2..*n).all(|m| n % m != 0));
    let bids: Vec<Bid> = primes.map(|n| Bid { points: Exact::ratio(1, n).unwrap(), ..bid(&format!("a1{n}"), 0, 100, "west") }).collect();
    let laid = by_rule(&best(), None, Money::cents(250), &bids).unwrap();
    assert_eq!(funded(&best(), 250, &bids), ["a12", "a13"]);
    let proof = laid.proof.unwrap();
    assert!(proof.starts_with("Proved: ") && proof.contains("Points count to 15 decimal places here"), "{proof}");
    let seats: Vec<Bid> = bids.iter().map(|bid| Bid { seats: Some(100), request: Money::cents(100), ..bid.clone() }).collect();
    let rule = AllocationRule { objective: Some(Objective::PointsPerSeat), ..best() };
    let laid = by_rule(&rule, None, Money::cents(150), &seats).unwrap();
    assert_eq!(laid.grants.iter().map(|grant| grant.granted.in_cents()).filter(|cents| *cents > 0).collect::<Vec<_>>(), [100, 50]);
}
