//! Whether what somebody typed to sign is a name of theirs: as they sign letters, so with an initial more or a first name less than their
//! account has, but not another's.

/// Too little, or another name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// Nothing to speak of.
    #[error("Type your full name to sign.")]
    Nothing,
    /// No word of the account's name.
    #[error("Sign with your own name: you are signed in as {0}.")]
    OtherName(String),
}

/// The signature of whoever is signed in as `name`, without blanks around it: it has a word of the name, whatever the case of its letters.
///
/// # Errors
/// [`NotSigned`].
pub fn signature<'a>(typed: &'a str, name: &str) -> Result<&'a str, NotSigned> {
    let typed = typed.trim();
    if typed.chars().count() < 2 {
        return Err(NotSigned::Nothing);
    }
    let (own, of_account) = (words(typed), words(name));
    let has_one = of_account.is_empty() || of_account.iter().any(|word| own.contains(word));
    if has_one { Ok(typed) } else { Err(NotSigned::OtherName(name.to_owned())) }
}

/// The words of a name, initials left out.
fn words(name: &str) -> Vec<String> {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 1);
    words.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_signs_with_a_name_of_ones_own() {
        for typed in ["Harold Nix", " harold nix ", "H. J. Nix, Jr.", "NIX"] {
            assert_eq!(signature(typed, "Harold Nix"), Ok(typed.trim()));
        }
        for typed in ["zzz", "Josie Bell", "H. N.", "Nixon"] {
            assert_eq!(signature(typed, "Harold Nix"), Err(NotSigned::OtherName("Harold Nix".to_owned())), "{typed}");
        }
        assert_eq!(signature(" x", "Harold Nix"), Err(NotSigned::Nothing));
        assert_eq!(signature("Ø. Å.", "Å"), Ok("Ø. Å."), "a name of initials has no word to ask for");
        assert_eq!(signature("josé ñuñez", "José Ñuñez"), Ok("josé ñuñez"));
    }
}
