//! Golden cases from the United States House of Representatives, as told by M. L. Balinski and H. P. Young, "Fair Representation: Meeting the
//! Ideal of One Man, One Vote" (1982).

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
