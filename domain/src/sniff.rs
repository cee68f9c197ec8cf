//! What an uploaded file is, by its first bytes and not by what it says of itself; and a name that is safe to store and send back.

/// A kind of file that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// A PDF document.
    Pdf,
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpeg,
    /// A Word document without macros.
    Docx,
}

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SniffError {
    /// It has no bytes.
    #[error("the file is empty. It may not have been saved before it was uploaded.")]
    Empty,
    /// Its content is none of the kinds.
    #[error("this kind of file can’t be taken. Upload a PDF, a Word document (.docx), a PNG or a JPEG picture.")]
    Unknown,
    /// Its content is not what its name says.
    #[error("the file is not what its name says: inside it is {0}. Save it again as a PDF and upload that.")]
    NotAsNamed(&'static str),
    /// A Word document with macros.
    #[error("the document holds macros, which can’t be taken. Save it as a PDF and upload that.")]
    Macros,
}

impl Media {
    /// The kind as headers name it.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        }
    }

    /// The kind as people name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "a PDF document",
            Self::Png => "a PNG picture",
            Self::Jpeg => "a JPEG picture",
            Self::Docx => "a Word document",
        }
    }

    /// The kind that a file's name claims.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
            "pdf" => Some(Self::Pdf),
            "png" => Some(Self::Png),
            "jpg" | "jpeg" => Some(Self::Jpeg),
            "docx" => Some(Self::Docx),
            _ => None,
        }
    }

    /// The kind that a file's content shows, held against the kind that its name claims.
    ///
    /// # Errors
    /// [`SniffError`].
    pub fn of(name: &str, bytes: &[u8]) -> Result<Self, SniffError> {
        if bytes.is_empty() {
            return Err(SniffError::Empty);
        }
        let found = Self::of_content(bytes)?;
        match Self::named(name) {
            Some(claimed) if claimed == found => Ok(found),
            Some(_) => Err(SniffError::NotAsNamed(found.name())),
            None => Err(SniffError::Unknown),
        }
    }

    fn of_content(bytes: &[u8]) -> Result<Self, SniffError> {
        // ISO 32000 lets a reader look for the header in the first 1,024 bytes; a page of HTML before it is what a disguise needs.
        if bytes.starts_with(b"%PDF-") {
            Ok(Self::Pdf)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Ok(Self::Png)
        } else if bytes.starts_with(b"\xff\xd8\xff") {
            Ok(Self::Jpeg)
        } else if bytes.starts_with(b"PK\x03\x04") && holds(bytes, b"[Content_Types].xml") && holds(bytes, b"word/document.xml") {
            if holds(bytes, b"vbaProject.bin") { Err(SniffError::Macros) } else { Ok(Self::Docx) }
        } else {
            Err(SniffError::Unknown)
        }
    }
}

/// Why a file is not taken as a workbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAWorkbook {
    /// It has no bytes.
    #[error("The file is empty. It may not have been saved before it was sent.")]
    Empty,
    /// An older format, or one under a password: both are wrapped alike.
    #[error("This is an older Excel file, or one with a password. Save it as .xlsx without a password and send that.")]
    Wrapped,
    /// Something else altogether.
    #[error("This is no Excel workbook. Send the .xlsx file that you exported and filled in.")]
    Other,
    /// A workbook with macros.
    #[error("The workbook holds macros, which can’t be taken. Save it as a plain .xlsx and send that.")]
    Macros,
}

/// Whether a file's content is that of an Excel workbook (.xlsx) without macros, whatever its name.
///
/// # Errors
/// [`NotAWorkbook`].
pub fn sniff_workbook(bytes: &[u8]) -> Result<(), NotAWorkbook> {
    if bytes.is_empty() {
        Err(NotAWorkbook::Empty)
    } else if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        Err(NotAWorkbook::Wrapped)
    } else if !(bytes.starts_with(b"PK\x03\x04") && holds(bytes, b"[Content_Types].xml") && holds(bytes, b"xl/workbook.xml")) {
        Err(NotAWorkbook::Other)
    } else if holds(bytes, b"vbaProject.bin") {
        Err(NotAWorkbook::Macros)
    } else {
        Ok(())
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// A file's name made safe: the last part of a path, no control or reserved characters, at most 100 characters with its ending kept.
#[must_use]
pub fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last
        .chars()
        .map(|c| if c.is_alphanumeric() || " .-_()'&,".contains(c) { c } else { ' ' })
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let plain = plain.trim_matches(['.', ' ']);
    let (stem, ending) = plain.rsplit_once('.').map_or((plain, String::new()), |(stem, ending)| (stem, format!(".{ending}")));
    let room = 100_usize.saturating_sub(ending.chars().count()).max(1);
    let stem: String = stem.chars().take(room).collect();
    let stem = stem.trim();
    let whole: String = format!("{}{ending}", if stem.is_empty() { "file" } else { stem }).chars().take(100).collect();
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCX: &[u8] = b"PK\x03\x04....[Content_Types].xml....word/document.xml";

    #[test]
    fn the_four_kinds_are_known_by_their_first_bytes() {
        let cases: [(&str, &[u8], Media); 5] = [
            ("a.pdf", b"%PDF-1.7 rest", Media::Pdf),
            ("a.PNG", b"\x89PNG\r\n\x1a\n....", Media::Png),
            ("a.jpeg", b"\xff\xd8\xff\xe0..", Media::Jpeg),
            ("a.b.jpg", b"\xff\xd8\xff\xe0..", Media::Jpeg),
            ("a.docx", DOCX, Media::Docx),
        ];
        for (name, bytes, media) in cases {
            assert_eq!(Media::of(name, bytes), Ok(media), "{name}");
        }
    }

    #[test]
    fn disguises_are_refused_with_a_reason() {
        assert_eq!(Media::of("a.pdf", b""), Err(SniffError::Empty));
        assert_eq!(Media::of("a.pdf", b"<html><script>%PDF-"), Err(SniffError::Unknown));
        assert_eq!(Media::of("a.pdf", b"MZ\x90"), Err(SniffError::Unknown));
        assert_eq!(Media::of("a.png", b"%PDF-1.7"), Err(SniffError::NotAsNamed("a PDF document")));
        assert_eq!(Media::of("a.html", b"%PDF-1.7"), Err(SniffError::Unknown));
        assert_eq!(Media::of("noending", b"%PDF-1.7"), Err(SniffError::Unknown));
        assert_eq!(Media::of("a.docx", b"PK\x03\x04 a zip of anything"), Err(SniffError::Unknown));
        assert_eq!(Media::of("a.docx", &[DOCX, b"word/vbaProject.bin"].concat()), Err(SniffError::Macros));
    }

    #[test]
    fn a_workbook_is_known_by_its_parts() {
        let book = b"PK\x03\x04....[Content_Types].xml....xl/workbook.xml".as_slice();
        assert_eq!(sniff_workbook(book), Ok(()));
        assert_eq!(sniff_workbook(&[book, b"xl/vbaProject.bin"].concat()), Err(NotAWorkbook::Macros));
        assert_eq!(sniff_workbook(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...."), Err(NotAWorkbook::Wrapped));
        assert_eq!(sniff_workbook(b""), Err(NotAWorkbook::Empty));
        for other in [DOCX, b"Id,Version", b"%PDF-1.7", b"PK\x03\x04 a zip of anything"] {
            assert_eq!(sniff_workbook(other), Err(NotAWorkbook::Other));
        }
    }

    #[test]
    fn names_are_made_safe() {
        for (given, clean) in [
            ("letter.pdf", "letter.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\me\\My letter.pdf", "My letter.pdf"),
            ("a\"b\r\nSet-Cookie: x.pdf", "a b Set-Cookie x.pdf"),
            ("\u{202e}fdp.exe", "fdp.exe"),
            ("...", "file"),
            ("", "file"),
            (".pdf", "pdf"),
            ("Élan & fils (2024).pdf", "Élan & fils (2024).pdf"),
        ] {
            assert_eq!(clean_name(given), clean, "{given:?}");
        }
        let long = clean_name(&format!("{}.pdf", "x".repeat(300)));
        assert_eq!(long.len(), 100);
        assert_eq!(Media::named(&long), Some(Media::Pdf));
    }
}
