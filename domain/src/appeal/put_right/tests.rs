use super::*;
use crate::allocation::replay_allocation;
use crate::money::Money;
use crate::program::ProgramFile;
use crate::ranking::replay;

fn file() -> ProgramFile {
    ProgramFile::parse(include_str!("../../../../programs/acceleratems-2023-24.toml")).unwrap()
}

fn candidate(number: &str, poverty: &str) -> Candidate {
    let figures = [
        ("coaches_in_place", "0"),
        ("county_unemployment_rate", "7"),
        ("child_poverty_rate", poverty),
        ("letters", "3"),
        ("community_support", "70"),
        ("college_ties", "50"),
        ("college_distance_km", "44.3"),
    ];
    let input = |value: &str| Input {
        value: value.parse().unwrap(),
        source: "worked by hand".to_owned(),
        year: Some(2020),
        place: "Test County".to_owned(),
        synthetic: true,
    };
    Candidate {
        id: format!("id-{number}"),
        number: number.to_owned(),
        inputs: figures.into_iter().map(|(key, value)| (key.to_owned(), input(value))).collect(),
    }
}

fn claim(candidate: &Candidate, place: u32) -> Claim {
    let (id, number) = (candidate.id.clone(), candidate.number.clone());
    Claim { id, number, place, region: "R".to_owned(), units_requested: 2, unit_cost: None, least: None, last: None, named: None }
}

/// Three ask for two units each, and there are three: A-2 gets two, A-3 one, A-1 none.
fn decided() -> (RankingDocument, AllocationDocument, [Candidate; 3]) {
    let file = file();
    let three = [candidate("A-1", "20"), candidate("A-2", "40"), candidate("A-3", "30")];
    let ranking = RankingDocument::make(&file, "a seed", &three).unwrap();
    let of = |id: &str| three.iter().find(|one| one.id == id).unwrap();
    let claims: Vec<Claim> = ranking.result.places.iter().map(|place| claim(of(&place.candidate), place.place)).collect();
    let reserve = file.appeals.as_ref().and_then(|terms| terms.reserve).unwrap_or(Money::ZERO);
    let pot = Money::cents(file.award.unit_cost.times(3).unwrap().in_cents() + reserve.in_cents());
    let allocation = AllocationDocument::make(&file, &ranking.sha256().unwrap(), pot, &claims).unwrap();
    (ranking, allocation, three)
}

fn poverty(value: &str) -> Vec<(String, Decimal)> {
    vec![("child_poverty_rate".to_owned(), value.parse().unwrap())]
}

#[test]
fn a_number_put_right_brings_what_its_new_place_brings() {
    let (ranking, allocation, [first, ..]) = decided();
    let granted: Vec<(&str, i64)> = allocation.result.steps.iter().map(|step| (step.number.as_str(), step.units_granted)).collect();
    assert_eq!(granted, [("A-2", 2), ("A-3", 1), ("A-1", 0)]);
    for (right, place, units) in [("45", 1, 2), ("35", 2, 1), ("25", 3, 0)] {
        let again = again(&ranking, &allocation, &first, &claim(&first, 3), &poverty(right), "Ruling on A-1-A1").unwrap();
        assert_eq!((again.put_right.place_before, again.put_right.place, again.put_right.units), (Some(3), place, units), "{right}");
        assert_eq!(again.put_right.corrections[0].from, Some(Decimal::from(20)));
        assert_eq!(again.allocation.pot, allocation.pot, "the same money");
        assert!(replay(&again.ranking.bytes().unwrap()).unwrap().same);
        assert!(replay_allocation(&again.allocation.bytes().unwrap()).unwrap().same);
        assert_eq!(again.allocation.ranking_sha256, again.ranking.sha256().unwrap());
        let source = &again.ranking.candidates.iter().find(|one| one.id == first.id).unwrap().inputs["child_poverty_rate"].source;
        assert_eq!(source, "Ruling on A-1-A1");
    }
}

#[test]
fn who_was_left_out_joins_the_list() {
    let (ranking, allocation, _) = decided();
    let late = candidate("A-4", "60");
    let again = again(&ranking, &allocation, &late, &claim(&late, 9), &[], "Ruling").unwrap();
    assert_eq!((again.put_right.place_before, again.put_right.place, again.put_right.units), (None, 1, 2));
    assert_eq!(again.put_right.candidate, Some(late), "its numbers are kept with the ruling");
    assert_eq!(again.ranking.candidates.len(), 4);
}

#[test]
fn numbers_that_give_no_ranking_are_named() {
    let (ranking, allocation, [first, ..]) = decided();
    let between = vec![("community_support".to_owned(), Decimal::from(71))];
    let refused = again(&ranking, &allocation, &first, &claim(&first, 3), &between, "Ruling").unwrap_err();
    assert!(refused.to_string().contains("none of the written levels"), "{refused}");
    let mut bare = candidate("A-4", "60");
    bare.inputs.remove("community_support");
    assert!(matches!(again(&ranking, &allocation, &bare, &claim(&bare, 9), &[], "Ruling"), Err(AgainError::Ranking(_))));
}
