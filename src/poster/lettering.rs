//! Setting words into a box: which glyphs the fonts have, how wide words run, where lines may
//! break. What the words say, and where the box stands, is the layout's business.

use std::sync::{Arc, LazyLock};

use strum::VariantArray;
use ttf_parser::Face;
use usvg::FontResolver;
use usvg::fontdb::{Database, ID, Source};

use super::Error;

/// From one baseline to the next, in ems: a little air between Chinese lines.
const LEADING: f64 = 1.24;
/// How far words shrink before a text is refused, as a part of the size asked for.
const SHRINK_MIN: f64 = 0.42;
/// One step of shrinking.
const SHRINK_STEP: f64 = 0.97;
/// Lines end between words while the letters keep this part of the size that they could have.
const WORDS_WORTH: f64 = 0.8;
/// Kept free at the end of a line, as a part of its width: kerning is not measured.
const WIDTH_SPARE: f64 = 0.01;

static REGULAR: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-Regular.subset.ttf");
static BOLD: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-Bold.subset.ttf");
/// Traditional, Japanese and seldom Chinese characters that the other two lack, in one weight: they
/// stand in names, which posters show in bold.
static RARE: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-Bold.rare.otf");
static FONTS: LazyLock<Option<Fonts>> = LazyLock::new(Fonts::load);

/// Two weights and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, VariantArray)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// The fonts of every poster, read once and kept.
pub(super) struct Fonts {
    regular: Face<'static>,
    bold: Face<'static>,
    rare: Face<'static>,
    /// The same fonts, for the engine that draws.
    pub(super) database: Arc<Database>,
    /// The font of seldom characters among them.
    rare_id: ID,
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

    /// How the engine finds its fonts. What the font of the text lacks it takes from the font of
    /// seldom characters; its own search does the same and warns in the log each time.
    pub(super) fn resolver(&self) -> FontResolver<'static> {
        let rare = self.rare_id;
        FontResolver {
            select_font: FontResolver::default_font_selector(),
            select_fallback: Box::new(move |_, used, _| (!used.contains(&rare)).then_some(rare)),
        }
    }

    /// Characters of the text that cannot be drawn, each once, in their order.
    pub(super) fn missing(&self, text: &str) -> Vec<char> {
        let mut missing = Vec::new();
        for char in text.chars() {
            let drawn = Weight::VARIANTS
                .iter()
                .all(|weight| self.face(char, *weight).is_some());
            if !drawn && !missing.contains(&char) {
                missing.push(char);
            }
        }
        missing
    }

    /// Sets the text as large as the box allows, broken into lines of about the same length.
    /// Breaks between words if that costs little size, inside them otherwise. `None` when the
    /// letters would have to be smaller than people can be asked to read.
    pub(super) fn set(&self, text: &str, measure: &Measure) -> Option<Setting> {
        let setting = |seam: &Seam| shrink(&self.pieces(text, measure, *seam), measure);
        let mut settings: Vec<_> = Seam::VARIANTS.iter().map(setting).collect();
        let size = settings.last()?.as_ref()?.size;
        settings
            .iter_mut()
            .find_map(|setting| setting.take_if(|setting| setting.size >= size * WORDS_WORTH))
    }

    fn load() -> Option<Self> {
        let mut database = Database::new();
        let mut rare_id = None;
        for font in [REGULAR, BOLD, RARE] {
            let loaded = database.load_font_source(Source::Binary(Arc::new(font)));
            rare_id = loaded.first().copied();
        }
        Some(Self {
            regular: Face::parse(REGULAR, 0).ok()?,
            bold: Face::parse(BOLD, 0).ok()?,
            rare: Face::parse(RARE, 0).ok()?,
            database: Arc::new(database),
            rare_id: rare_id?,
        })
    }

    fn of(&self, weight: Weight) -> &Face<'static> {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// The font that draws this character in this weight; none where no font has it.
    fn face(&self, char: char, weight: Weight) -> Option<&Face<'static>> {
        let mut faces = [self.of(weight), &self.rare].into_iter();
        faces.find(|face| face.glyph_index(char).is_some_and(|glyph| glyph.0 != 0))
    }

    fn advance(&self, char: char, weight: Weight) -> f64 {
        let face = self.face(char, weight).unwrap_or(self.of(weight));
        let units = face
            .glyph_index(char)
            .and_then(|glyph| face.glyph_hor_advance(glyph))
            .unwrap_or(face.units_per_em());
        f64::from(units) / f64::from(face.units_per_em())
    }

    /// The text cut at seams of this kind and better ones.
    fn pieces(&self, text: &str, measure: &Measure, worst: Seam) -> Vec<Piece> {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let chars: Vec<char> = words.chars().collect();
        let mut pieces = Vec::new();
        let mut piece = Piece::default();
        for (at, &char) in chars.iter().enumerate() {
            piece.text.push(char);
            piece.width += self.advance(char, measure.weight);
            if char != ' ' {
                piece.ink_width = piece.width;
            }
            let last = at + 1 == chars.len();
            if last || seam(&chars, at).is_some_and(|seam| seam <= worst) {
                pieces.push(std::mem::take(&mut piece));
            }
        }
        pieces
    }
}

/// Where a line may end, the best place first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, VariantArray)]
enum Seam {
    /// At a space.
    Word,
    /// Between Chinese characters, or where an address leaves its host.
    Character,
    /// Behind a dot of a host name.
    Label,
}

/// What stays on one line; widths in ems, with and without the space at its end.
#[derive(Default)]
struct Piece {
    text: String,
    width: f64,
    ink_width: f64,
}

/// The largest size at which the pieces fill no more than the box.
fn shrink(pieces: &[Piece], measure: &Measure) -> Option<Setting> {
    let mut size = measure.size_max;
    while size >= measure.size_max * SHRINK_MIN {
        let room = measure.width * (1.0 - WIDTH_SPARE) / size;
        if let Some(lines) = fill(pieces, room)
            && height(lines.len(), size) <= measure.height
        {
            let lines = balanced(pieces, room, lines);
            return Some(Setting { size, lines });
        }
        size *= SHRINK_STEP;
    }
    None
}

fn height(lines: usize, size: f64) -> f64 {
    (1..lines).fold(size, |height, _| height + size * LEADING)
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

/// How well a line may end after the character at this place, before the next one.
fn seam(chars: &[char], at: usize) -> Option<Seam> {
    let (here, next) = (chars[at], *chars.get(at + 1)?);
    if here == ' ' {
        // A number keeps what it counts, be it 12 幢, 0513 8501 or Unit 3.
        let before = at.checked_sub(1).map_or(' ', |before| chars[before]);
        let kept = before.is_ascii_digit() && !next.is_ascii_alphabetic()
            || before.is_ascii_alphabetic() && next.is_ascii_digit();
        return (!kept).then_some(Seam::Word);
    }
    if here == '.' && next.is_ascii_alphabetic() {
        return Some(Seam::Label);
    }
    if next == ' ' || is_opening(here) || is_closing(next) {
        return None;
    }
    let parts = match next {
        // The first stroke of an address without its scheme ends the host.
        '/' => !chars[..at].contains(&'/'),
        // A number keeps its unit here, too.
        _ if is_han(next) => !here.is_ascii_alphanumeric(),
        _ => is_han(here) || is_closing(here) && !here.is_ascii(),
    };
    parts.then_some(Seam::Character)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set(text: &str, width: f64, height: f64) -> Option<Setting> {
        let measure = Measure {
            width,
            height,
            size_max: 10.0,
            weight: Weight::Bold,
        };
        Fonts::get().unwrap().set(text, &measure)
    }

    fn lines(text: &str, width: f64, height: f64) -> Vec<String> {
        set(text, width, height).unwrap().lines
    }

    #[test]
    fn a_line_ends_where_a_reader_would_end_it() {
        for (text, width, expected) in [
            ("桥北社区", 60.0, &["桥北社区"][..]),
            ("桥北社区 示例花园", 50.0, &["桥北社区", "示例花园"]),
            ("示例花园 12 幢", 42.0, &["示例花园", "12 幢"]),
            ("示例花园12幢", 42.0, &["示例花", "园12幢"]),
            ("Building 12 Unit 3", 49.0, &["Building 12", "Unit 3"]),
            ("示例花园（二期）", 54.0, &["示例花园", "（二期）"]),
            ("不收钱、不要码", 44.0, &["不收钱、", "不要码"]),
            ("0513-5550 0110", 60.0, &["0513-5550 0110"]),
            ("  桥北  社区  ", 60.0, &["桥北 社区"]),
            ("", 60.0, &[]),
        ] {
            assert_eq!(lines(text, width, 24.0), expected, "{text}");
        }
    }

    #[test]
    fn address_breaks_after_its_host_first() {
        for (address, expected) in [
            ("ms.example.cn/q/7K3P9", ["ms.example.cn", "/q/7K3P9"]),
            ("baobei12.district.cn/q/7", ["baobei12.", "district.cn/q/7"]),
        ] {
            assert_eq!(lines(address, 60.0, 24.0), expected);
        }
    }

    #[test]
    fn lines_are_about_equal_instead_of_ending_in_one_character() {
        assert_eq!(
            lines("江苏省南通市崇川区秦", 78.0, 24.0),
            ["江苏省南通", "市崇川区秦"]
        );
    }

    #[test]
    fn words_shrink_before_they_are_refused() {
        let text = "桥北社区桥北社区";
        for (width, height, size) in [(90.0, 10.0, Some(10.0)), (60.0, 10.0, Some(7.4))] {
            let found = set(text, width, height).map(|setting| setting.size);
            assert!(
                found
                    .zip(size)
                    .is_some_and(|(found, size): (f64, f64)| (found - size).abs() < 0.2),
                "{found:?} {size:?}"
            );
        }
        assert_eq!(set(text, 30.0, 8.0), None);
        assert_eq!(set("Llanfairpwllgwyngyll", 20.0, 100.0), None);
    }

    #[test]
    fn whatever_the_fonts_claim_to_have_they_draw() {
        let fonts = Fonts::get().unwrap();
        let undrawn: Vec<char> = ('!'..='\u{3ffff}')
            .filter(|&char| !char.is_whitespace() && fonts.missing(&char.to_string()).is_empty())
            .filter(|&char| {
                Weight::VARIANTS.iter().any(|weight| {
                    let face = fonts.face(char, *weight).unwrap();
                    let glyph = face.glyph_index(char).unwrap();
                    face.glyph_bounding_box(glyph).is_none()
                })
            })
            .collect();
        assert_eq!(undrawn, Vec::<char>::new());
    }

    proptest! {
        #[test]
        fn no_line_leaves_its_box_and_no_character_is_lost(
            text in "[秦灶街道·（）、Ab9./ -]{0,60}",
            width in 15.0..200.0,
            height in 10.0..60.0,
        ) {
            let fonts = Fonts::get().unwrap();
            if let Some(Setting { size, lines }) = set(&text, width, height) {
                for line in &lines {
                    let ems: f64 = line.chars().map(|c| fonts.advance(c, Weight::Bold)).sum();
                    prop_assert!(ems * size <= width, "{line}");
                }
                prop_assert!(super::height(lines.len(), size) <= height);
                if !text.contains(' ') {
                    let begun = lines.iter().skip(1).filter_map(|line| line.chars().next());
                    prop_assert!(!begun.into_iter().any(is_closing), "{lines:?}");
                    let ended = lines.iter().rev().skip(1).filter_map(|line| line.chars().last());
                    prop_assert!(!ended.into_iter().any(is_opening), "{lines:?}");
                }
                let bare = |text: &str| text.replace(' ', "");
                prop_assert_eq!(bare(&lines.concat()), bare(&text));
            }
        }
    }
}
