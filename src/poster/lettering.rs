//! Setting words into a box: which glyphs the fonts have, how wide words run, where lines may
//! break. What the words say, and where the box stands, is the layout's business.

use std::sync::{Arc, LazyLock};

use ttf_parser::Face;
use usvg::fontdb::{Database, Source};

use super::Error;

/// From one baseline to the next, in ems: a little air between Chinese lines.
const LEADING: f64 = 1.24;
/// How far words shrink before a text is refused, as a part of the size asked for.
const SHRINK_MIN: f64 = 0.42;
/// One step of shrinking.
const SHRINK_STEP: f64 = 0.97;
/// Kept free at the end of a line, as a part of its width: kerning is not measured.
const WIDTH_SPARE: f64 = 0.01;

static REGULAR: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-Regular.subset.ttf");
static BOLD: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-Bold.subset.ttf");
static FONTS: LazyLock<Option<Fonts>> = LazyLock::new(Fonts::load);

/// Two weights and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// The fonts of every poster, read once and kept.
pub(super) struct Fonts {
    regular: Face<'static>,
    bold: Face<'static>,
    /// The same two fonts, for the engine that draws.
    pub(super) database: Arc<Database>,
}

/// A box of words: width and height in millimetres, the size of the letters at most.
pub(super) struct Measure {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) size_max: f64,
    pub(super) weight: Weight,
}

/// Words as they stand in their box.
#[derive(Debug, PartialEq)]
pub(super) struct Setting {
    /// Of the letters, in millimetres.
    pub(super) size: f64,
    pub(super) lines: Vec<String>,
}

impl Setting {
    /// From one baseline to the next, in millimetres.
    pub(super) fn leading(&self) -> f64 {
        self.size * LEADING
    }
}

impl Fonts {
    /// The fonts that the program carries.
    pub(super) fn get() -> Result<&'static Self, Error> {
        FONTS
            .as_ref()
            .ok_or_else(|| Error::Engine("a font of the program's own cannot be read".to_owned()))
    }

    /// Characters of the text that cannot be drawn, each once, in their order.
    pub(super) fn missing(&self, text: &str) -> Vec<char> {
        let mut missing = Vec::new();
        for char in text.chars() {
            let drawn = [&self.regular, &self.bold]
                .iter()
                .all(|face| face.glyph_index(char).is_some_and(|glyph| glyph.0 != 0));
            if !drawn && !missing.contains(&char) {
                missing.push(char);
            }
        }
        missing
    }

    /// Sets the text as large as the box allows, broken into lines of about the same length.
    /// `None` when it would have to be smaller than people can be asked to read.
    pub(super) fn set(&self, text: &str, measure: &Measure) -> Option<Setting> {
        let pieces = self.pieces(text, measure.weight);
        let mut size = measure.size_max;
        while size >= measure.size_max * SHRINK_MIN {
            let room = measure.width * (1.0 - WIDTH_SPARE) / size;
            let lines_max = (measure.height / size - 1.0) / LEADING + 1.0;
            if let Some(lines) = fill(&pieces, room)
                && lines_within(lines.len(), lines_max)
            {
                let lines = balanced(&pieces, room, lines);
                return Some(Setting { size, lines });
            }
            size *= SHRINK_STEP;
        }
        None
    }

    fn load() -> Option<Self> {
        let mut database = Database::new();
        for font in [REGULAR, BOLD] {
            database.load_font_source(Source::Binary(Arc::new(font)));
        }
        Some(Self {
            regular: Face::parse(REGULAR, 0).ok()?,
            bold: Face::parse(BOLD, 0).ok()?,
            database: Arc::new(database),
        })
    }

    fn advance(&self, char: char, weight: Weight) -> f64 {
        let face = match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        };
        let units = face
            .glyph_index(char)
            .and_then(|glyph| face.glyph_hor_advance(glyph))
            .unwrap_or(face.units_per_em());
        f64::from(units) / f64::from(face.units_per_em())
    }

    /// The text cut wherever a line may end.
    fn pieces(&self, text: &str, weight: Weight) -> Vec<Piece> {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let chars: Vec<char> = words.chars().collect();
        let mut pieces = Vec::new();
        let mut piece = Piece::default();
        for (at, &char) in chars.iter().enumerate() {
            piece.text.push(char);
            piece.width += self.advance(char, weight);
            if char != ' ' {
                piece.ink_width = piece.width;
            }
            if chars.get(at + 1).is_none_or(|_| may_break(&chars, at)) {
                pieces.push(std::mem::take(&mut piece));
            }
        }
        pieces
    }
}

/// What stays on one line; widths in ems, with and without the space at its end.
#[derive(Default)]
struct Piece {
    text: String,
    width: f64,
    ink_width: f64,
}

/// Fills lines from the top; `None` when a single piece is wider than the room.
fn fill(pieces: &[Piece], room: f64) -> Option<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = f64::INFINITY;
    for piece in pieces {
        if piece.ink_width > room {
            return None;
        }
        if used + piece.ink_width > room {
            lines.push(String::new());
            used = 0.0;
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(&piece.text);
        }
        used += piece.width;
    }
    for line in &mut lines {
        line.truncate(line.trim_end().len());
    }
    Some(lines)
}

/// The same number of lines in the least room, so that none ends in a single character.
fn balanced(pieces: &[Piece], room: f64, lines: Vec<String>) -> Vec<String> {
    let mut best = lines;
    let mut narrower = room;
    while best.len() > 1 {
        narrower -= 0.25;
        match fill(pieces, narrower) {
            Some(lines) if lines.len() == best.len() => best = lines,
            _ => break,
        }
    }
    best
}

fn lines_within(lines: usize, lines_max: f64) -> bool {
    u32::try_from(lines).is_ok_and(|lines| f64::from(lines) <= lines_max + 1e-9)
}

/// Whether a line may end after the character at this place; there is one behind it.
fn may_break(chars: &[char], at: usize) -> bool {
    let (here, next) = (chars[at], chars[at + 1]);
    if here == ' ' {
        // A number keeps its unit, be it 12 幢 or 0513 8501.
        let before = at.checked_sub(1).map_or(' ', |before| chars[before]);
        return !before.is_ascii_digit() || next.is_ascii_alphabetic();
    }
    if is_han(here) && is_han(next) {
        return true;
    }
    if next == ' ' || is_opening(here) || is_closing(next) {
        return false;
    }
    match (here, next) {
        // Inside an address.
        (_, '/') => here != '/',
        ('.', _) => next.is_ascii_alphabetic(),
        // A number keeps its unit and Latin letters keep together.
        _ if is_han(next) => !here.is_ascii_alphanumeric(),
        _ => is_han(here) || is_closing(here) && !here.is_ascii(),
    }
}

fn is_han(char: char) -> bool {
    matches!(char, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

fn is_opening(char: char) -> bool {
    "（《“‘「『【〔(".contains(char)
}

fn is_closing(char: char) -> bool {
    "，。、；：？！）》”’」』】〕·…,.;:?!)%".contains(char)
}
