//! What the demo invents, since it is not public: who applied in 2023, for how many seats, with how many letters, how staff scored, and
//! which districts had a coach before. Everything is drawn from a hash of the district's id, so every demo is the same demo. Pages mark
//! each of these as synthetic; the five districts that the press named as getting coaches in 2022 are not invented.

use super::tables::District;
use sha2::{Digest, Sha256};

/// Districts named by the press as getting a coach in 2022: NCES id, source.
pub const NAMED: [(&str, &str); 5] = [
    ("2802910", "Meridian Star, September 8, 2022 (Meridian High)"),
    ("2802430", "Meridian Star, September 8, 2022 (Southeast and West Lauderdale High)"),
    ("2803180", "Meridian Star, September 8, 2022 (Newton High)"),
    ("2802310", "Meridian Star, September 8, 2022 (Kemper County High)"),
    ("2803990", "Magee News (Magee and Mendenhall High)"),
];

/// A number below `below`, drawn from the district's id and what is drawn.
fn draw(district: &District, what: &str, below: u64) -> u64 {
    let hash = Sha256::digest(format!("demo:{what}:{}", district.nces_id));
    let first = hash.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    first % below
}

/// Coaches in place before the round of 2023-24, and the source when it is not invented.
#[must_use]
pub fn coaches_before_2023(district: &District) -> (u64, Option<&'static str>) {
    match NAMED.iter().find(|(nces_id, _)| *nces_id == district.nces_id) {
        Some((_, source)) => (1, Some(source)),
        // Five named and about a third of the other 133: near the 51 districts that AccelerateMS spoke of in March 2023.
        None => (u64::from(draw(district, "coach", 133) < 46), None),
    }
}

/// Seats that the district asked for in 2023; none when it did not apply.
#[must_use]
pub fn seats_asked_2023(district: &District) -> Option<u64> {
    let (coaches, _) = coaches_before_2023(district);
    let applies = draw(district, "applies", 100) < if coaches == 0 { 94 } else { 80 };
    let by_size = district.enrollment.parse::<u64>().unwrap_or(0) / 1_900;
    applies.then(|| (1 + by_size + draw(district, "seats", 2)).min(4))
}

/// Letters of support.
#[must_use]
pub fn letters(district: &District) -> u64 {
    [0, 1, 1, 2, 2, 3, 3, 4, 5, 6][usize::try_from(draw(district, "letters", 10)).unwrap_or(0)]
}

/// Whether a signed agreement with the college is attached.
#[must_use]
pub fn has_agreement(district: &District) -> bool {
    draw(district, "agreement", 10) < 6
}

/// Which of a rubric's `anchors` the staff chose: never the lowest for a district with letters.
#[must_use]
pub fn anchor(district: &District, criterion: &str, anchors: usize) -> usize {
    let drawn = usize::try_from(draw(district, criterion, 100)).unwrap_or(0);
    (drawn * anchors / 100).clamp(usize::from(letters(district) > 0), anchors.saturating_sub(1))
}

/// Which of a rubric's `anchors` a reviewer on the panel chose: near what staff would, a level up or down by the reviewer's own bent and by
/// chance.
#[must_use]
pub fn panel_anchor(district: &District, criterion: &str, reviewer: usize, anchors: usize) -> usize {
    let base = anchor(district, criterion, anchors);
    let chance = draw(district, &format!("{criterion} {reviewer}"), 10);
    match (reviewer % 4, chance) {
        // The first is lenient, the last strict; now and then anybody differs.
        (0, 0..=3) | (_, 0) => base + 1,
        (3, 1..=5) | (_, 1) => base.saturating_sub(1),
        _ => base,
    }
    .min(anchors.saturating_sub(1))
}

/// Whether the application was found ineligible in 2023: two were.
#[must_use]
pub fn ineligible(place_in_list: usize) -> Option<&'static str> {
    match place_in_list {
        37 => {
            Some("The application asks for a coach in an elementary school; the program places coaches in high schools and career centers.")
        }
        88 => {
            Some("The application names no school in which a coach would work, and the district did not answer two requests to name one.")
        }
        _ => None,
    }
}

/// A synthetic letter: a one-page PDF that says what it is.
#[must_use]
pub fn letter_pdf(district: &District, number: u64) -> Vec<u8> {
    let from = [
        "Chamber of Commerce",
        "County Board of Supervisors",
        "a local manufacturer",
        "the regional hospital",
        "the parents’ association",
        "a building contractor",
    ][usize::try_from(number).unwrap_or(0) % 6];
    let name = district.name.replace(['(', ')', '\\'], "");
    let text = format!(
        "BT /F1 20 Tf 72 700 Td (Synthetic letter of support) Tj /F1 12 Tf 0 -40 Td (For {name}, from {}.) Tj 0 -20 Td (Made for the demonstration. No such letter was written.) Tj ET",
        from.replace('’', "'")
    );
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut pdf = b"%PDF-1.4\n".to_vec();
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(pdf.len());
        pdf.extend_from_slice(format!("{} 0 obj\n{object}\nendobj\n", index + 1).as_bytes());
    }
    let table = pdf.len();
    pdf.extend_from_slice(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).as_bytes());
    for offset in offsets {
        pdf.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
    }
    pdf.extend_from_slice(format!("trailer << /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1).as_bytes());
    pdf
}

#[cfg(test)]
mod tests {
    use super::super::tables::districts;
    use super::*;

    #[test]
    fn more_seats_are_asked_for_than_there_is_money() {
        let asked: u64 = districts().iter().filter_map(seats_asked_2023).sum();
        assert!(asked > 200, "{asked} seats asked, 185 in the pot");
    }

    #[test]
    fn about_51_districts_had_a_coach() {
        let with = districts().iter().filter(|district| coaches_before_2023(district).0 > 0).count();
        assert!((44..=58).contains(&with), "{with}");
    }
}
