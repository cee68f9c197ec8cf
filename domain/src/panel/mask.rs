//! Hides an applicant's name in text, for a blind review. Only names that are on record are hidden: who is described by their deeds is
//! known by them.

/// What stands in place of a name.
const HIDDEN: &str = "[masked]";

/// The names to hide.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    names: Vec<Vec<char>>,
}

impl Mask {
    /// Hides these names, whatever their case. A name that ends in what kind of organization it is (“School District”) is hidden without
    /// that, too. Names shorter than four letters would hide half of every text, and are left.
    #[must_use]
    pub fn of<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        const KINDS: [&str; 8] = [
            " Consolidated School District",
            " Public School District",
            " Municipal School District",
            " Separate School District",
            " County School District",
            " School District",
            " County",
            " Schools",
        ];
        let mut all: Vec<Vec<char>> = Vec::new();
        for name in names {
            let name = name.trim();
            let short = KINDS.iter().find_map(|kind| name.strip_suffix(kind));
            for one in [Some(name), short].into_iter().flatten() {
                let folded: Vec<char> = one.chars().map(fold).collect();
                if folded.len() >= 4 && !all.contains(&folded) {
                    all.push(folded);
                }
            }
        }
        all.sort_by_key(|name| std::cmp::Reverse(name.len()));
        Self { names: all }
    }

    /// The text with every name hidden.
    #[must_use]
    pub fn hide(&self, text: &str) -> String {
        let letters: Vec<char> = text.chars().collect();
        let folded: Vec<char> = letters.iter().copied().map(fold).collect();
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        while let Some(letter) = letters.get(at) {
            let starts = at == 0 || !folded.get(at - 1).is_some_and(|before| before.is_alphanumeric());
            let whole = |name: &Vec<char>| {
                folded.get(at..at + name.len()) == Some(name.as_slice())
                    && !folded.get(at + name.len()).is_some_and(|next| next.is_alphanumeric())
            };
            if let Some(name) = self.names.iter().find(|name| starts && whole(name)) {
                out.push_str(HIDDEN);
                at += name.len();
            } else {
                out.push(*letter);
                at += 1;
            }
        }
        out
    }
}

/// One letter for one letter, so that places in the folded text are places in the text.
fn fold(letter: char) -> char {
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}
