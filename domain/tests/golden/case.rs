//! A case's file: a `[case]` table beside the rules as the command line reads them.

use domain::exact::Exact;
use domain::money::Money;
use domain::program::{ProgramFile, RulesFile};
use rust_decimal::Decimal;
use std::path::Path;
use toml_edit::{DocumentMut, Item};

/// One golden case.
pub struct Case {
    /// The file's name.
    pub file: String,
    case: Item,
    rules: String,
}

/// One line of a table in a case: its cells under their heads.
#[derive(Clone, Debug)]
pub struct Row(Vec<(String, String)>);

/// The folder of the program files.
pub const PROGRAMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../programs");

/// The files of a folder that end so, by name.
pub fn files(folder: &str, end: &str) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.filter(|name| name.ends_with(end)).collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), std::fs::read_to_string(Path::new(folder).join(name)).unwrap())).collect()
}

impl Case {
    /// Every case, by name.
    pub fn all() -> Vec<Self> {
        let read = |(file, text): (String, String)| {
            let mut document: DocumentMut = text.parse().unwrap_or_else(|problem| panic!("{file}: {problem}"));
            let case = document.remove("case").unwrap_or_else(|| panic!("{file}: there is no [case]"));
            let case = Self { file, case, rules: document.to_string() };
            assert!(case.text("title").is_some() && case.text("by_hand").is_some(), "{}: title or working is missing", case.file);
            assert!(case.text("clause").is_some() == case.list("works").is_empty(), "{}: no clause is named, or two ways", case.file);
            case
        };
        files(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"), ".toml").into_iter().map(read).collect()
    }

    /// A text of the case.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.case.get(key).map(|item| item.as_str().unwrap())
    }

    /// A list of texts of the case; empty when there is none.
    pub fn list(&self, key: &str) -> Vec<&str> {
        self.case.get(key).map(|item| item.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect()).unwrap_or_default()
    }

    /// An amount of the case.
    pub fn money(&self, key: &str) -> Money {
        Money::parse(self.text(key).unwrap()).unwrap()
    }

    /// A table of the case: heads in the first line, commas between cells.
    pub fn table(&self, key: &str) -> Option<Vec<Row>> {
        let mut lines = self.text(key)?.trim().lines();
        let heads: Vec<&str> = lines.next().unwrap().split(',').collect();
        let row = |line: &str| {
            let cells: Vec<&str> = line.split(',').collect();
            assert_eq!(cells.len(), heads.len(), "{}: {line}", self.file);
            Row(heads.iter().zip(cells).map(|(head, cell)| ((*head).to_owned(), cell.to_owned())).collect())
        };
        Some(lines.map(row).collect())
    }

    /// The rules that stand in the case's own file.
    pub fn rules(&self) -> RulesFile {
        RulesFile::parse(&self.rules).unwrap_or_else(|problems| panic!("{}: {problems:#?}", self.file))
    }

    /// The text of these rules.
    pub fn rules_text(&self) -> &str {
        &self.rules
    }

    /// The program files whose clauses it works.
    pub fn programs(&self) -> Vec<ProgramFile> {
        let read = |name: &str| {
            let text = std::fs::read_to_string(Path::new(PROGRAMS).join(name)).unwrap();
            ProgramFile::parse(&text).unwrap_or_else(|problems| panic!("{name}: {problems:#?}"))
        };
        self.list("programs").into_iter().map(read).collect()
    }
}

impl Row {
    /// Its cells with their heads.
    pub fn cells(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(head, cell)| (head.as_str(), cell.as_str()))
    }

    /// Whether it has the column.
    pub fn has(&self, head: &str) -> bool {
        self.cells().any(|(own, _)| own == head)
    }

    /// A cell; empty when there is no such column.
    pub fn get(&self, head: &str) -> &str {
        self.cells().find(|(own, _)| *own == head).map_or("", |(_, cell)| cell)
    }

    /// A cell as a decimal or a fraction.
    pub fn exact(&self, head: &str) -> Exact {
        let text = self.get(head);
        if text.contains('/') { text.parse().unwrap() } else { text.parse::<Decimal>().unwrap().into() }
    }

    /// A cell as money; none when it is empty.
    pub fn money(&self, head: &str) -> Option<Money> {
        Some(self.get(head)).filter(|text| !text.is_empty()).map(|text| Money::parse(text).unwrap())
    }
}
