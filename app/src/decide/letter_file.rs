//! A letter as a PDF that can be kept, printed and read aloud: tagged after PDF/UA-1, to be archived after PDF/A-2a, its fonts inside it. The
//! writer itself refuses to finish a file that breaks a rule it can check.

#![expect(clippy::float_arithmetic, reason = "places on a page are no money")]

use chrono::Datelike;
use domain::time::Date;
use krilla::Document;
use krilla::SerializeSettings;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder, ConfigurationError};
use krilla::error::KrillaError;
use krilla::geom::Point;
use krilla::metadata::{DateTime, Metadata};
use krilla::page::{Page, PageSettings};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, SpanTag, Tag, TagGroup, TagTree};
use krilla::text::{Font, TextDirection};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};
use std::num::NonZeroU16;

/// Public Sans, as the pages have it (SIL Open Font License).
const REGULAR: &[u8] = include_bytes!("../../fonts/PublicSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../fonts/PublicSans-Bold.ttf");

/// US Letter, in points.
const PAGE: (f32, f32) = (612.0, 792.0);
const MARGIN: f32 = 72.0;
/// The lowest a line of the text stands.
const BOTTOM: f32 = PAGE.1 - MARGIN;

/// What a letter says.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Who writes.
    pub from: String,
    /// What it is about: the heading, and the document's title.
    pub title: String,
    /// Paragraphs; a line break within one is kept.
    pub paragraphs: Vec<String>,
    /// Below every page.
    pub footer: String,
    /// The day it is dated.
    pub dated: Date,
}

/// A face of the font, with its widths.
struct Face {
    font: Font,
    read: FontRef<'static>,
}

impl Face {
    fn new(bytes: &'static [u8]) -> Option<Self> {
        Some(Self { font: Font::new(bytes.to_vec().into(), 0)?, read: FontRef::new(bytes).ok()? })
    }

    fn width(&self, text: &str, size: f32) -> f32 {
        let (glyphs, widths) = (self.read.charmap(), self.read.glyph_metrics(Size::new(size), LocationRef::default()));
        text.chars().filter_map(|letter| widths.advance_width(glyphs.map(letter)?)).sum()
    }

    /// The text with a question mark for each letter that the font lacks.
    fn known(&self, text: &str) -> String {
        let glyphs = self.read.charmap();
        text.chars().map(|letter| if letter == '\n' || glyphs.map(letter).is_some() { letter } else { '?' }).collect()
    }

    /// A word in parts no wider than `room`.
    fn parts(&self, word: &str, size: f32, room: f32) -> Vec<String> {
        let mut parts = vec![String::new()];
        for letter in word.chars() {
            let Some(part) = parts.last_mut() else { break };
            part.push(letter);
            if self.width(part, size) > room {
                part.pop();
                parts.push(letter.to_string());
            }
        }
        parts
    }

    /// Lines no wider than `room`, broken between words, and within a word that is wider.
    fn lines(&self, text: &str, size: f32, room: f32) -> Vec<String> {
        let mut lines = Vec::new();
        for part in self.known(text).lines() {
            let mut line = String::new();
            for word in part.split_whitespace().flat_map(|word| self.parts(word, size, room)) {
                let longer = if line.is_empty() { word.clone() } else { format!("{line} {word}") };
                if !line.is_empty() && self.width(&longer, size) > room {
                    lines.push(std::mem::replace(&mut line, word));
                } else {
                    line = longer;
                }
            }
            lines.push(line);
        }
        lines.retain(|line| !line.is_empty());
        lines
    }
}

/// A paragraph or the heading, broken into lines.
struct Block<'a> {
    face: &'a Face,
    size: f32,
    /// The heading's own words, where this is the heading.
    title: Option<String>,
    lines: Vec<String>,
}

impl<'a> Block<'a> {
    fn of(face: &'a Face, size: f32, text: &str) -> Self {
        Self { face, size, title: None, lines: face.lines(text, size, PAGE.0 - 2.0 * MARGIN) }
    }

    fn leading(&self) -> f32 {
        self.size * 1.4
    }

    fn tag(&self) -> TagGroup {
        match &self.title {
            Some(title) => TagGroup::new(Tag::Hn(NonZeroU16::MIN, Some(title.clone()))),
            None => TagGroup::new(Tag::P),
        }
    }
}

/// Why a letter was not written. None of it is for a reader to mend.
#[derive(Debug, thiserror::Error)]
pub enum Unwritten {
    /// The fonts in the program are damaged.
    #[error("the fonts can't be read")]
    Fonts,
    /// The page has no size.
    #[error("the page has no size")]
    Page,
    /// The two sets of rules don't go together.
    #[error("the rules of the file don't go together: {0:?}")]
    Rules(ConfigurationError),
    /// The file would break a rule of PDF/UA-1 or PDF/A-2a.
    #[error("the file would not keep to the rules: {0:?}")]
    Refused(KrillaError),
}

/// Writes the letter.
///
/// # Errors
/// [`Unwritten::Refused`] when the file would break PDF/UA-1 or PDF/A-2a; the others never in practice.
pub fn pdf(letter: &Letter) -> Result<Vec<u8>, Unwritten> {
    let (regular, bold) = Face::new(REGULAR).zip(Face::new(BOLD)).ok_or(Unwritten::Fonts)?;
    let mut blocks =
        vec![Block::of(&bold, 11.0, &letter.from), Block { title: Some(letter.title.clone()), ..Block::of(&bold, 17.0, &letter.title) }];
    blocks.extend(letter.paragraphs.iter().map(|paragraph| Block::of(&regular, 11.0, paragraph)));
    let sheets = sheets(&blocks);
    let rules = ConfigurationBuilder::new().with_archival_validator(Archival::A2_A).with_accessibility_validator(Accessibility::UA1);
    let configuration = rules.finish().map_err(Unwritten::Rules)?;
    let settings = SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    let mut groups: Vec<TagGroup> = blocks.iter().map(Block::tag).collect();
    let all = sheets.len();
    for (nth, sheet) in sheets.iter().enumerate() {
        let mut page = document.start_page_with(PageSettings::from_wh(PAGE.0, PAGE.1).ok_or(Unwritten::Page)?);
        draw(&mut page, sheet, &blocks, &mut groups, &regular, &format!("{} · page {} of {all}", letter.footer, nth + 1));
        page.finish();
    }
    let mut tree = TagTree::new();
    groups.into_iter().for_each(|group| tree.push(group));
    document.set_tag_tree(tree);
    document.set_outline(krilla::outline::Outline::new());
    let dated = letter.dated;
    let part = |number: u32| u8::try_from(number).unwrap_or(1);
    let date = DateTime::new(u16::try_from(dated.year()).unwrap_or_default()).month(part(dated.month())).day(part(dated.day()));
    document.set_metadata(
        Metadata::new().title(letter.title.clone()).language("en-US".to_owned()).authors(vec![letter.from.clone()]).creation_date(date),
    );
    document.finish().map_err(Unwritten::Refused)
}

/// A line on a page: its block, its place in it, and where its base line stands.
struct Line {
    block: usize,
    line: usize,
    at: f32,
}

/// Lays the blocks' lines down page after page.
fn sheets(blocks: &[Block<'_>]) -> Vec<Vec<Line>> {
    let mut sheets = vec![Vec::new()];
    let mut at = MARGIN;
    for (block, of) in blocks.iter().enumerate() {
        for line in 0..of.lines.len() {
            at += of.leading();
            if at > BOTTOM {
                sheets.push(Vec::new());
                at = MARGIN + of.leading();
            }
            if let Some(sheet) = sheets.last_mut() {
                sheet.push(Line { block, line, at });
            }
        }
        at += of.leading() * 0.6;
    }
    sheets
}

fn draw(page: &mut Page<'_>, sheet: &[Line], blocks: &[Block<'_>], groups: &mut [TagGroup], small: &Face, footer: &str) {
    let mut surface = page.surface();
    for line in sheet {
        let Some((block, group)) = blocks.get(line.block).zip(groups.get_mut(line.block)) else { continue };
        let Some(text) = block.lines.get(line.line) else { continue };
        let last = line.line + 1 == block.lines.len();
        // A space ends each line but the last, so that whoever hears or copies the paragraph finds the words apart.
        let text = if last { text.clone() } else { format!("{text} ") };
        let marked = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
        write(&mut surface, block.face, block.size, line.at, &text);
        surface.end_tagged();
        group.push(marked);
    }
    surface.start_tagged(ContentTag::Artifact(Artifact::new(ArtifactType::Footer, None)));
    write(&mut surface, small, 9.0, PAGE.1 - MARGIN / 2.0, &small.known(footer));
    surface.end_tagged();
    surface.finish();
}

fn write(surface: &mut Surface<'_>, face: &Face, size: f32, at: f32, text: &str) {
    surface.draw_text(Point::from_xy(MARGIN, at), face.font.clone(), size, text, false, TextDirection::Auto);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(paragraphs: Vec<String>) -> Letter {
        Letter {
            from: "The Agency".to_owned(),
            title: "Coaches: application A-1".to_owned(),
            paragraphs,
            footer: "A-1 to District One".to_owned(),
            dated: Date::from_ymd_opt(2024, 4, 7).unwrap(),
        }
    }

    fn count(bytes: &[u8], wanted: &[u8]) -> usize {
        bytes.windows(wanted.len()).filter(|part| *part == wanted).count()
    }

    #[test]
    fn a_long_letter_takes_pages_and_each_paragraph_is_tagged() {
        let long = "Every dollar goes down the list. ".repeat(40);
        let bytes = pdf(&letter(vec![long.clone(), long.clone(), long.clone(), long])).unwrap();
        assert!(bytes.starts_with(b"%PDF-1.7"));
        assert_eq!(count(&bytes, b"/Type/Page/") + count(&bytes, b"/Type /Page\n"), 2, "two pages");
        assert!(count(&bytes, b"/StructTreeRoot") > 0 && count(&bytes, b"pdfuaid:part") > 0);
    }

    #[test]
    fn letters_that_the_font_lacks_empty_paragraphs_and_endless_words_are_written_all_the_same() {
        let odd = ["漢字 and ünïcode", "", " \n ", &"x".repeat(4_000), "Line one\nLine two"];
        for paragraph in odd {
            pdf(&letter(vec![paragraph.to_owned()])).unwrap();
        }
    }
}
