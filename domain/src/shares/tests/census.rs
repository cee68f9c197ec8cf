//! Golden cases from the United States House of Representatives, as told by M. L. Balinski and H. P. Young, "Fair Representation: Meeting the
//! Ideal of One Man, One Vote" (1982), with the populations of the census reports.

use super::*;

/// The census of 1790, by which the first apportionment was made.
const STATES_OF_1790: [i128; 15] = [
    630_560, // Virginia
    475_327, // Massachusetts
    432_879, // Pennsylvania
    353_523, // North Carolina
    331_589, // New York
    278_514, // Maryland
    236_841, // Connecticut
    206_236, // South Carolina
    179_570, // New Jersey
    141_822, // New Hampshire
    85_533,  // Vermont
    70_835,  // Georgia
    68_705,  // Kentucky
    68_446,  // Rhode Island
    55_540,  // Delaware
];

/// The census of 1880.
const STATES_OF_1880: [(&str, i128); 38] = [
    ("Alabama", 1_262_505),
    ("Arkansas", 802_525),
    ("California", 864_694),
    ("Colorado", 194_327),
    ("Connecticut", 622_700),
    ("Delaware", 146_608),
    ("Florida", 269_493),
    ("Georgia", 1_542_180),
    ("Illinois", 3_077_871),
    ("Indiana", 1_978_301),
    ("Iowa", 1_624_615),
    ("Kansas", 996_096),
    ("Kentucky", 1_648_690),
    ("Louisiana", 939_946),
    ("Maine", 648_936),
    ("Maryland", 934_943),
    ("Massachusetts", 1_783_085),
    ("Michigan", 1_636_937),
    ("Minnesota", 780_773),
    ("Mississippi", 1_131_597),
    ("Missouri", 2_168_380),
    ("Nebraska", 452_402),
    ("Nevada", 62_266),
    ("New Hampshire", 346_991),
    ("New Jersey", 1_131_116),
    ("New York", 5_082_871),
    ("North Carolina", 1_399_750),
    ("Ohio", 3_198_062),
    ("Oregon", 174_768),
    ("Pennsylvania", 4_282_891),
    ("Rhode Island", 276_531),
    ("South Carolina", 995_577),
    ("Tennessee", 1_542_359),
    ("Texas", 1_591_749),
    ("Vermont", 332_286),
    ("Virginia", 1_512_565),
    ("West Virginia", 618_457),
    ("Wisconsin", 1_315_497),
];

fn states_of_1880() -> Vec<Claimant> {
    STATES_OF_1880.iter().map(|(name, people)| Claimant::new(*name, *people)).collect()
}

fn seats_of(shares: &Shares, name: &str) -> i64 {
    shares.parts[place_of(name)].granted
}

fn place_of(name: &str) -> usize {
    STATES_OF_1880.iter().position(|(state, _)| *state == name).unwrap()
}

/// The bill of 1792, by Hamilton's method for 120 seats, which Washington vetoed. Its quotas round up for the nine states from New Jersey's
/// 5.959 down to New Hampshire's 4.707; Pennsylvania's 14.366 is the first that does not.
#[test]
fn the_vetoed_bill_of_1792_is_hamiltons() {
    assert_eq!(STATES_OF_1790.iter().sum::<i128>(), 3_615_920);
    let shares = share(Method::LargestRemainder, 120, &claimants(&STATES_OF_1790)).unwrap();
    assert_eq!(granted(&shares), [21, 16, 14, 12, 11, 9, 8, 7, 6, 5, 3, 2, 2, 2, 2]);
    assert_eq!(shares.parts.iter().filter(|part| part.rounded_up).count(), 9);
    let cutoff = shares.cutoff.unwrap();
    assert_eq!((cutoff.last.claimant, cutoff.next.unwrap().claimant), (9, 2));
    assert_eq!(shares.quota(9).unwrap().unwrap().rounded(3), "4.707");
    assert_eq!(shares.quota(2).unwrap().unwrap().rounded(3), "14.366");
}

/// What the clerk of the census found in 1881: from 299 seats to 300, Alabama's remainder falls behind those of Illinois and Texas, because
/// larger quotas grow faster. (Alabama then fell from 8 to 7, since the Constitution's one seat for Nevada, whose quota is 0.377, left one
/// seat less to remainders than here.)
#[test]
fn alabamas_remainder_falls_behind_as_the_house_of_1880_grows() {
    let states = states_of_1880();
    let quotas = |seats| {
        let shares = share(Method::LargestRemainder, seats, &states).unwrap();
        assert_eq!(shares.weight, 49_371_340);
        ["Alabama", "Illinois", "Texas"].map(|name| shares.quota(place_of(name)).unwrap().unwrap().rounded(3))
    };
    assert_eq!(quotas(299), ["7.646", "18.64", "9.64"]);
    assert_eq!(quotas(300), ["7.671", "18.702", "9.672"]);
    let order = |seats| {
        let shares = share(Method::LargestRemainder, seats, &states).unwrap();
        let mut three = ["Alabama", "Illinois", "Texas"];
        three.sort_by_key(|name| -shares.parts[place_of(name)].quota.remainder);
        three
    };
    assert_eq!(order(299), ["Alabama", "Illinois", "Texas"]);
    assert_eq!(order(300), ["Illinois", "Texas", "Alabama"]);
}

/// The paradox in the same figures without a seat set aside, computed independently with exact fractions: from 298 seats to 299, Alabama and
/// Illinois gain one each and Florida loses its second. Webster's method never does so.
#[test]
fn florida_loses_a_seat_of_1880_when_the_house_grows() {
    let states = states_of_1880();
    let seats = |method, seats| share(method, seats, &states).unwrap();
    let (smaller, larger) = (seats(Method::LargestRemainder, 298), seats(Method::LargestRemainder, 299));
    for (name, before, after) in [("Florida", 2, 1), ("Alabama", 7, 8), ("Illinois", 18, 19)] {
        assert_eq!((seats_of(&smaller, name), seats_of(&larger, name)), (before, after), "{name}");
    }
    for house in 275..350 {
        let (smaller, larger) = (granted(&seats(Method::Webster, house)), granted(&seats(Method::Webster, house + 1)));
        assert!(smaller.iter().zip(&larger).all(|(before, after)| before <= after), "{house}");
    }
}
