use super::*;
use crate::allocation::Claim;
use crate::facts::Input;
use crate::money::Money;
use crate::program::ProgramFile;
use crate::ranking::Candidate;

fn file() -> ProgramFile {
    ProgramFile::parse(include_str!("../../../programs/acceleratems-2023-24.toml")).unwrap()
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

fn decided() -> DecisionDocument {
    let file = file();
    let ranking =
        RankingDocument::make(&file, "a seed", &[candidate("A-1", "20"), candidate("A-2", "40"), candidate("A-3", "30")]).unwrap();
    let claims: Vec<Claim> = ranking
        .result
        .places
        .iter()
        .map(|place| Claim {
            id: place.candidate.clone(),
            number: place.number.clone(),
            place: place.place,
            region: "R".to_owned(),
            units_requested: 2,
            unit_cost: None,
            least: None,
            last: None,
            named: None,
        })
        .collect();
    let pot = file.award.unit_cost.times(3).unwrap();
    let allocation = AllocationDocument::make(&file, &ranking.sha256().unwrap(), pot, &claims).unwrap();
    DecisionDocument::new(ranking, Some(allocation))
}

fn text() -> String {
    String::from_utf8(decided().bytes().unwrap()).unwrap()
}

#[test]
fn a_whole_decision_replays_to_the_same_bytes() {
    let bytes = decided().bytes().unwrap();
    let replay = replay(&bytes).unwrap();
    assert!(replay.is_same(), "{:?}", replay.differences);
    assert_eq!(replay.given_sha256, replay.again_sha256);
    assert!(replay.what.starts_with("a decision: a ranking of 3 applications, and an allocation of $"), "{}", replay.what);
    assert_eq!((replay.names.file_sha256, replay.names.file_version), (file().sha256().unwrap(), None));
    let alone = DecisionDocument::new(decided().ranking, None);
    assert!(super::replay(&alone.bytes().unwrap()).unwrap().is_same());
}

#[test]
fn documents_are_joined_to_the_bytes_of_the_whole() {
    let decided = decided();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let ranking = text(decided.ranking.bytes().unwrap());
    let allocation = text(decided.allocation.as_ref().unwrap().bytes().unwrap());
    assert_eq!(DecisionDocument::join(&ranking, Some(&allocation)), text(decided.bytes().unwrap()));
    let alone = DecisionDocument::new(decided.ranking, None);
    assert_eq!(DecisionDocument::join(&ranking, None), text(alone.bytes().unwrap()));
}

#[test]
fn the_parts_replay_by_themselves_too() {
    let decided = decided();
    assert!(replay(&decided.ranking.bytes().unwrap()).unwrap().is_same());
    assert!(replay(&decided.allocation.unwrap().bytes().unwrap()).unwrap().is_same());
}

#[test]
fn the_first_value_that_differs_is_named_with_both_readings() {
    let touched = text().replacen("\"value\":\"40\"", "\"value\":\"10\"", 1);
    let replay = replay(touched.as_bytes()).unwrap();
    assert!(!replay.is_same() && replay.given_sha256 != replay.again_sha256);
    let first = replay.first.unwrap();
    assert!(first.at.starts_with("ranking.result.places[0]."), "{first:?}");
    assert!(first.given != first.again);
}

#[test]
fn an_allocation_of_another_ranking_is_told_apart() {
    let mut decided = decided();
    if let Some(allocation) = &mut decided.allocation {
        allocation.ranking_sha256 = "0".repeat(64);
    }
    let replay = replay(&decided.bytes().unwrap()).unwrap();
    assert_eq!(replay.given_sha256, replay.again_sha256, "each part by itself comes out the same");
    assert!(replay.differences.iter().any(|text| text.contains("another ranking")), "{:?}", replay.differences);
}

#[test]
fn more_granted_than_the_claims_give_is_found() {
    let mut decided = decided();
    if let Some(allocation) = &mut decided.allocation {
        allocation.result.granted = Money::cents(1);
    }
    let replay = replay(&decided.bytes().unwrap()).unwrap();
    assert_eq!(replay.first.unwrap().at, "allocation.result.granted");
}

#[test]
fn another_layout_is_not_the_same_file() {
    let pretty = serde_json::to_vec_pretty(&decided()).unwrap();
    let replay = replay(&pretty).unwrap();
    assert_eq!(replay.first, None);
    assert!(replay.differences[0].contains("not in canonical form"));
}

#[test]
fn what_is_no_document_is_refused_with_a_sentence() {
    for bytes in [&b""[..], b"[]", b"{}", b"{\"format\":3}", b"id,points\n1,2\n", b"\xff\xfe"] {
        assert!(replay(bytes).unwrap_err().contains("no document of Allotment"));
    }
    assert!(replay(b"{\"format\":\"something/7\"}").unwrap_err().contains("The format “something/7” is not known"));
    assert!(replay(b"{\"format\":\"allotment-decision/1\"}").is_err());
}

#[test]
fn a_document_by_a_later_version_of_the_rules_names_it_and_one_by_the_first_has_the_bytes_it_always_had() {
    let first = decided().ranking;
    let bytes = first.bytes().unwrap();
    assert_eq!(first.clone().by_version(1).bytes().unwrap(), bytes);
    assert!(!String::from_utf8(bytes).unwrap().contains("file_version"));
    let second = first.by_version(2).bytes().unwrap();
    assert!(String::from_utf8(second.clone()).unwrap().contains("\"file_version\":2"));
    let replayed = replay(&second).unwrap();
    assert!(replayed.is_same(), "{:?}", replayed.differences);
    assert_eq!(replayed.names.file_version, Some(2));
}
