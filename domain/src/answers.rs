//! The application form, version 1: its sections and questions, and what an answer must be. A draft may be saved with anything in it;
//! submission judges the stored draft. The sections are fixed here; that program files bring their own is for a later version.

use crate::money::ungrouped;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The answers of one section: question key to text.
pub type SectionAnswers = BTreeMap<String, String>;

/// A whole form's answers: section key to its answers.
pub type Answers = BTreeMap<String, SectionAnswers>;

/// The form's version, written into what is submitted.
pub const FORM_VERSION: i64 = 1;

/// One page of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// The key in addresses and rows.
    pub key: &'static str,
    /// The heading.
    pub title: &'static str,
    /// What the page is for, in a sentence.
    pub lede: &'static str,
    /// What is asked, in order.
    pub questions: &'static [Question],
}

/// One question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// The field's name.
    pub key: &'static str,
    /// The question as people read it.
    pub label: &'static str,
    /// Help beneath it; empty for none.
    pub hint: &'static str,
    /// The answer's form and limits.
    pub kind: Kind,
    /// When an answer is needed.
    pub needed: Needed,
}

/// Whether a question must be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// Always.
    Yes,
    /// Never.
    No,
    /// When another question of the section has this answer.
    When(&'static str, &'static str),
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One line of at most so many characters.
    Line(usize),
    /// Several lines of at most so many characters.
    Text(usize),
    /// A whole number from 1 to this.
    Whole(i64),
    /// The number of units asked for: from 1 to the program file's limit.
    Units,
    /// One of a few: value and words.
    Choice(&'static [(&'static str, &'static str)]),
    /// A telephone number.
    Phone,
    /// A month and year.
    Month,
    /// One of the colleges on the list.
    College,
}

/// What the program says about the answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The most units that one applicant may ask for.
    pub max_units: i64,
    /// One unit's name.
    pub unit: String,
    /// More than one's.
    pub units: String,
}

/// What is wrong with one answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AnswerProblem {
    /// The section.
    pub section: String,
    /// The question.
    pub question: String,
    /// The sentence for the person who answers.
    pub text: String,
}

const YES_NO: &[(&str, &str)] = &[("yes", "Yes"), ("no", "No")];

const fn asked(key: &'static str, label: &'static str, hint: &'static str, kind: Kind) -> Question {
    Question { key, label, hint, kind, needed: Needed::Yes }
}

/// The sections in order.
pub const SECTIONS: [Section; 5] = [
    Section {
        key: "district",
        title: "Your district",
        lede: "We filled in what public sources say. Tell us whether it is right, and whom to ask about this application.",
        questions: &[
            asked(
                "facts_right",
                "Are the facts above right?",
                "If one is wrong you can still apply: staff check what you write before anything is ranked.",
                Kind::Choice(&[("yes", "Yes, as far as we know"), ("no", "No, something is wrong")]),
            ),
            Question {
                key: "facts_wrong",
                label: "What is wrong?",
                hint: "Name the fact, the right figure, and where it can be looked up. Leave this empty if all is right.",
                kind: Kind::Text(2_000),
                needed: Needed::When("facts_right", "no"),
            },
            asked("contact_name", "Whom may we ask about this application?", "Name and job title.", Kind::Line(120)),
            asked("contact_phone", "Their telephone number", "With the area code, such as 601-555-0123.", Kind::Phone),
        ],
    },
    Section {
        key: "need",
        title: "Why you need coaches",
        lede: "Say in your own words what is missing today and whom a coach would reach.",
        questions: &[
            asked(
                "why",
                "Why does your district need career coaches?",
                "What do students lack today, and what would change? Up to 4,000 characters, about 600 words.",
                Kind::Text(4_000),
            ),
            asked("high_schools", "Which high schools would be served?", "One on each line.", Kind::Text(2_000)),
            asked(
                "students_served",
                "About how many students would be served in a year?",
                "A whole number, such as 1,250.",
                Kind::Whole(500_000),
            ),
        ],
    },
    Section {
        key: "coaches",
        title: "Coaches you ask for",
        lede: "Coaches are hired by your regional organization and work in your schools.",
        questions: &[
            asked("seats", "How many coaches do you ask for?", "", Kind::Units),
            asked(
                "placement",
                "In which schools would each coach work?",
                "One school on each line; say if a coach is shared.",
                Kind::Text(2_000),
            ),
            asked("start_month", "From which month?", "Month and year, such as August 2024.", Kind::Month),
        ],
    },
    Section {
        key: "support",
        title: "Community support",
        lede: "Who stands behind this, and what do they promise? Signed letters are uploaded on a page of their own.",
        questions: &[
            asked(
                "support",
                "Who supports this application, and what will they do?",
                "Definite promises count: placements, visits, equipment, money. Up to 4,000 characters.",
                Kind::Text(4_000),
            ),
            Question {
                key: "employers",
                label: "Employers who will work with the coaches",
                hint: "One on each line. Leave this empty if there are none yet.",
                kind: Kind::Text(2_000),
                needed: Needed::No,
            },
        ],
    },
    Section {
        key: "college",
        title: "College partner",
        lede: "Which community college do you work with, and how?",
        questions: &[
            asked("college", "Your community college", "Choose the one you work with most.", Kind::College),
            asked(
                "relationship",
                "What joins the district and the college today?",
                "Dual credit, shared programs, visits, plans. Up to 4,000 characters.",
                Kind::Text(4_000),
            ),
            asked("agreement", "Is there a signed agreement?", "If so, upload it with the letters.", Kind::Choice(YES_NO)),
        ],
    },
];

/// The section of a key.
#[must_use]
pub fn section(key: &str) -> Option<&'static Section> {
    SECTIONS.iter().find(|section| section.key == key)
}

impl Section {
    /// The section after this one.
    #[must_use]
    pub fn next(&self) -> Option<&'static Self> {
        let at = SECTIONS.iter().position(|section| section.key == self.key)?;
        SECTIONS.get(at + 1)
    }

    /// The answers tidied where they are good (`1,250` becomes `1250`) and kept as typed where they are not, with every problem. Names
    /// that are no question of this section are left out.
    #[must_use]
    pub fn check(&self, typed: &SectionAnswers, limits: &Limits) -> (SectionAnswers, Vec<AnswerProblem>) {
        let said = |key: &str| typed.get(key).map_or("", |text| text.trim());
        let mut kept = SectionAnswers::new();
        let mut problems = Vec::new();
        for question in self.questions {
            let text = said(question.key);
            let needed = match question.needed {
                Needed::Yes => true,
                Needed::No => false,
                Needed::When(key, value) => said(key) == value,
            };
            let checked = match (text.is_empty(), needed) {
                (true, true) => Err(question.missing(limits)),
                (true, false) => Ok(String::new()),
                (false, _) => question.kind.tidy(text, limits).map_err(|problem| format!("“{}”: {problem}", question.label)),
            };
            match checked {
                Ok(tidy) => kept.insert(question.key.to_owned(), tidy),
                Err(problem) => {
                    problems.push(AnswerProblem { section: self.key.to_owned(), question: question.key.to_owned(), text: problem });
                    kept.insert(question.key.to_owned(), text.to_owned())
                }
            };
        }
        (kept, problems)
    }
}

/// Every problem of a whole form, in the order of the pages.
#[must_use]
pub fn problems(answers: &Answers, limits: &Limits) -> Vec<AnswerProblem> {
    let none = SectionAnswers::new();
    SECTIONS.iter().flat_map(|section| section.check(answers.get(section.key).unwrap_or(&none), limits).1).collect()
}

impl Question {
    fn missing(&self, limits: &Limits) -> String {
        match self.kind {
            Kind::Choice(_) => format!("“{}” Choose an answer.", self.label),
            Kind::College => "Choose the community college that you work with.".to_owned(),
            Kind::Units => format!("Enter how many {} you ask for.", limits.units),
            Kind::Month => "Enter a month and year, such as August 2024.".to_owned(),
            Kind::Phone => "Enter a telephone number with its area code.".to_owned(),
            Kind::Whole(_) => "Enter about how many students would be served, as a whole number.".to_owned(),
            Kind::Line(_) | Kind::Text(_) => format!("“{}” needs an answer.", self.label),
        }
    }

    /// The answer as people read it: words for a choice, commas in a number, a month by its name.
    #[must_use]
    pub fn say(&self, answer: &str) -> String {
        match self.kind {
            Kind::Choice(choices) => {
                choices.iter().find(|(value, _)| *value == answer).map_or_else(|| answer.to_owned(), |(_, words)| (*words).to_owned())
            }
            Kind::Whole(_) => answer.parse::<i64>().map_or_else(|_| answer.to_owned(), with_commas),
            Kind::Month => say_month(answer).unwrap_or_else(|| answer.to_owned()),
            _ => answer.to_owned(),
        }
    }
}

impl Kind {
    /// The answer in its one stored form, or what is wrong with it. Spaces and commas in numbers are as people write them.
    ///
    /// # Errors
    /// A sentence for the person who typed it.
    pub fn tidy(self, text: &str, limits: &Limits) -> Result<String, String> {
        match self {
            Self::Line(most) | Self::Text(most) => {
                let text = text.replace("\r\n", "\n");
                let count = text.chars().count();
                if count > most {
                    return Err(format!(
                        "This is {} characters too long; at most {} fit.",
                        count_with_commas(count - most),
                        count_with_commas(most)
                    ));
                }
                Ok(if matches!(self, Self::Line(_)) { text.split_whitespace().collect::<Vec<_>>().join(" ") } else { text })
            }
            Self::Whole(most) => whole(text, 1, most).map(|number| number.to_string()),
            Self::Units => match whole(text, 1, i64::MAX) {
                Ok(number) if number > limits.max_units => {
                    Err(format!("At most {} {} can be asked for; you asked for {}.", limits.max_units, limits.units, with_commas(number)))
                }
                other => other.map(|number| number.to_string()),
            },
            Self::Choice(choices) if choices.iter().any(|(value, _)| *value == text) => Ok(text.to_owned()),
            Self::Choice(_) => Err("Choose one of the answers.".to_owned()),
            Self::Phone => {
                let digits = text.chars().filter(char::is_ascii_digit).count();
                let stray = text.chars().any(|c| c.is_alphabetic() && !"extEXT".contains(c));
                if !(10..=17).contains(&digits) || stray || text.len() > 40 {
                    return Err("Enter a telephone number with its area code, such as 601-555-0123.".to_owned());
                }
                Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
            }
            Self::Month => month(text).ok_or_else(|| format!("“{text}” is not a month and year. Write it as August 2024 or 8/2024.")),
            Self::College if text.chars().count() <= 200 => Ok(text.to_owned()),
            Self::College => Err("Choose a college from the list.".to_owned()),
        }
    }
}

/// A whole number as people write one: `1,250`, `1 250`, `12.0`.
fn whole(text: &str, least: i64, most: i64) -> Result<i64, String> {
    let plain = text.trim();
    let plain = plain.split_once('.').map_or(plain, |(before, after)| if after.chars().all(|c| c == '0') { before } else { plain });
    let digits = |text: &str| ungrouped(text).filter(|digits| !digits.is_empty());
    if plain.strip_prefix('-').and_then(digits).is_some() {
        return Err(format!("The number can’t be below {least}."));
    }
    let Some(plain) = digits(plain) else {
        return Err(format!("“{}” is not a whole number. Write it in digits, such as 12 or 1,250.", shorten(text)));
    };
    let number: i64 = plain.parse().map_err(|_| "That number is too large.".to_owned())?;
    if number < least {
        return Err(format!("The number must be at least {least}."));
    }
    if number > most {
        return Err(format!("The number can be at most {}.", with_commas(most)));
    }
    Ok(number)
}

fn shorten(text: &str) -> String {
    if text.chars().count() > 40 { text.chars().take(40).chain(['…']).collect() } else { text.to_owned() }
}

/// `1250` as `1,250`.
#[must_use]
pub fn with_commas(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// As [`with_commas`].
#[must_use]
pub fn count_with_commas(number: usize) -> String {
    i64::try_from(number).map_or_else(|_| number.to_string(), with_commas)
}

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// Reads `August 2024`, `Aug. 2024`, `8/2024`, `08-2024`, `2024-08`; gives `2024-08`.
fn month(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split([' ', '/', '-', ',', '.']).filter(|word| !word.is_empty()).collect();
    let [a, b] = words.as_slice() else { return None };
    let (name, year) = if a.len() == 4 && a.chars().all(|c| c.is_ascii_digit()) { (b, a) } else { (a, b) };
    let year: i32 = (year.len() == 4).then(|| year.parse().ok())??;
    let by_name = || {
        let folded = name.to_lowercase();
        let found = MONTHS.iter().position(|full| folded.len() >= 3 && full.to_lowercase().starts_with(folded.trim_end_matches("t.")))?;
        u32::try_from(found + 1).ok()
    };
    let number = if name.chars().all(|c| c.is_ascii_digit()) {
        name.parse().ok()?
    } else {
        by_name().or((name.to_lowercase() == "sept").then_some(9))?
    };
    ((1..=12).contains(&number) && (2000..=2100).contains(&year)).then(|| format!("{year:04}-{number:02}"))
}

/// `2024-08` as `August 2024`.
fn say_month(stored: &str) -> Option<String> {
    let (year, month) = stored.split_once('-')?;
    let name = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
    Some(format!("{name} {year}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits { max_units: 6, unit: "career coach seat".to_owned(), units: "career coach seats".to_owned() }
    }

    fn tidy(kind: Kind, text: &str) -> Result<String, String> {
        kind.tidy(text, &limits())
    }

    /// A whole form that may be submitted.
    fn good() -> Answers {
        let pairs: &[(&str, &[(&str, &str)])] = &[
            ("district", &[("facts_right", "yes"), ("contact_name", "A. Person, counselor"), ("contact_phone", "(601) 555-0123")]),
            ("need", &[("why", "There is none."), ("high_schools", "One High"), ("students_served", "1,250")]),
            ("coaches", &[("seats", " 2 "), ("placement", "One High"), ("start_month", "August 2024")]),
            ("support", &[("support", "The chamber offers visits.")]),
            ("college", &[("college", "Hinds Community College"), ("relationship", "Dual credit."), ("agreement", "yes")]),
        ];
        pairs
            .iter()
            .map(|(section, answers)| {
                ((*section).to_owned(), answers.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect())
            })
            .collect()
    }

    #[test]
    fn a_full_form_has_no_problem_and_an_empty_one_names_each_needed_answer() {
        assert_eq!(problems(&good(), &limits()), []);
        let needed = SECTIONS.iter().flat_map(|section| section.questions).filter(|question| question.needed == Needed::Yes).count();
        assert_eq!(problems(&Answers::new(), &limits()).len(), needed);
    }

    #[test]
    fn keys_are_unique() {
        for section in SECTIONS {
            for (index, question) in section.questions.iter().enumerate() {
                assert!(section.questions[index + 1..].iter().all(|other| other.key != question.key));
            }
        }
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for text in ["1250", "1,250", " 1 250 ", "1250.0", "1\u{a0}250"] {
            assert_eq!(tidy(Kind::Whole(500_000), text), Ok("1250".to_owned()), "{text}");
        }
        for text in ["about 300", "12,50", "1,2500", "12.5", "-3", "0", "", "99999999999999999999", "١٢", "1e3", "500001"] {
            assert!(tidy(Kind::Whole(500_000), text).is_err(), "{text}");
        }
    }

    #[test]
    fn more_units_than_the_file_allows_are_refused_with_the_limit() {
        assert_eq!(tidy(Kind::Units, "6"), Ok("6".to_owned()));
        assert_eq!(tidy(Kind::Units, "7"), Err("At most 6 career coach seats can be asked for; you asked for 7.".to_owned()));
    }

    #[test]
    fn months_are_read_as_people_write_them() {
        for text in ["August 2024", "aug 2024", "Aug. 2024", "8/2024", "08-2024", "2024-08", "August, 2024"] {
            assert_eq!(tidy(Kind::Month, text), Ok("2024-08".to_owned()), "{text}");
        }
        assert_eq!(tidy(Kind::Month, "Sept 2024"), Ok("2024-09".to_owned()));
        for text in ["13/2024", "soon", "2024", "August", "Au 2024", "8/24"] {
            assert!(tidy(Kind::Month, text).is_err(), "{text}");
        }
        assert_eq!(SECTIONS[2].questions[2].say("2024-08"), "August 2024");
    }

    #[test]
    fn telephone_numbers_are_read_as_people_write_them() {
        for text in ["601-555-0123", "(601) 555 0123", "+1 601.555.0123", "6015550123 ext 4"] {
            assert!(tidy(Kind::Phone, text).is_ok(), "{text}");
        }
        for text in ["555-0123", "call me", "601-555-01234567890123"] {
            assert!(tidy(Kind::Phone, text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_asked_for_only_when_something_is() {
        let mut answers = good();
        let district = answers.get_mut("district").unwrap();
        district.insert("facts_right".to_owned(), "no".to_owned());
        assert_eq!(problems(&answers, &limits())[0].question, "facts_wrong");
    }

    #[test]
    fn a_bad_answer_is_kept_as_typed_and_a_stranger_is_left_out() {
        let typed = SectionAnswers::from([("seats".to_owned(), "lots".to_owned()), ("status".to_owned(), "funded".to_owned())]);
        let (kept, problems) = SECTIONS[2].check(&typed, &limits());
        assert_eq!(kept.get("seats").map(String::as_str), Some("lots"));
        assert!(!kept.contains_key("status"));
        assert!(problems.iter().any(|problem| problem.text.contains("“lots” is not a whole number")));
    }

    #[test]
    fn too_long_a_text_is_told_by_how_much() {
        assert_eq!(tidy(Kind::Text(4_000), &"é".repeat(5_200)), Err("This is 1,200 characters too long; at most 4,000 fit.".to_owned()));
    }
}
