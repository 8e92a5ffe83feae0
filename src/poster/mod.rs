//! Placards on paper: the symbol with the words around it, as PDF, PNG and SVG from one drawing.
//! Which placards there are, and whether one may be printed, is decided above.

mod layout;
mod lettering;
mod raster;
mod words;

use std::sync::Arc;

use askama::Template as _;
use krilla::geom::Size;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla_svg::{SurfaceExt as _, SvgSettings};
use strum::{EnumString, IntoStaticStr, VariantArray};
use usvg::{Options, Tree, WriteOptions};

use crate::qr::TooLong;

use self::layout::Page;
use self::lettering::Fonts;

/// The coarsest drawing, in dots per inch: a module of a sticker is still three dots wide.
pub const DPI_MIN: u32 = 50;
/// The finest drawing, in dots per inch: an A4 sheet is then 35 million dots.
pub const DPI_MAX: u32 = 600;

const MM_PER_INCH: f32 = 25.4;
const POINTS_PER_INCH: f32 = 72.0;

/// What stands on one placard. Address, code and check word always do; what else is empty is left
/// out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Poster {
    /// What the symbol says, exactly; upper case keeps the symbol small.
    pub address: String,
    /// The code in the address, for those who type.
    pub code: String,
    /// Two characters that the page repeats.
    pub check_word: String,
    /// The city's short name, as in 返通 and 离通; the words are 返程 and 离开 without one.
    pub city: String,
    /// Where it hangs, from large to small; lines break best at the spaces between the parts.
    pub place_zh: String,
    /// Where it hangs, in English.
    pub place_en: String,
    /// Who answers for it.
    pub office_zh: String,
    /// Who answers for it, in English.
    pub office_en: String,
    /// Whom to call without a smartphone, as people write it.
    pub phone: String,
    /// The print run.
    pub batch: String,
    /// The day of printing, as people read it.
    pub print_date: String,
}

/// What a placard is printed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Paper {
    /// 210 × 297 mm (ISO 216), the symbol 113.5 mm wide.
    A4,
    /// 148 × 210 mm (ISO 216), the symbol 80 mm wide: A4 made smaller.
    A5,
    /// 100 × 100 mm, the symbol 60 mm wide.
    Sticker,
}

impl Paper {
    /// Every paper, the largest first.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The word for it in addresses and on the command line.
    pub fn code(self) -> &'static str {
        self.into()
    }

    /// The paper that such a word stands for.
    pub fn from_code(code: &str) -> Option<Self> {
        code.parse().ok()
    }

    /// Width and height in millimetres.
    pub fn extent_mm(self) -> (u16, u16) {
        match self {
            Self::A4 => (210, 297),
            Self::A5 => (148, 210),
            Self::Sticker => (100, 100),
        }
    }
}

/// Why a placard cannot be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The fonts lack these characters; they would vanish from the print.
    #[error("no font has these characters: {}", .0.iter().collect::<String>())]
    Glyphs(Vec<char>),
    /// This text would have to be too small to read.
    #[error("this does not fit on the placard: {0}")]
    Room(String),
    /// No symbol holds the address.
    #[error(transparent)]
    Address(#[from] TooLong),
    /// Not between [`DPI_MIN`] and [`DPI_MAX`].
    #[error("{0} dots per inch cannot be drawn")]
    Resolution(u32),
    /// One of several placards cannot be drawn, and why.
    #[error("placard {0}: {1}")]
    Placard(String, Box<Error>),
    /// The drawing engine refused, which no text of a caller should bring about.
    #[error("the drawing engine refused: {0}")]
    Engine(String),
}

/// The placard as an SVG of its paper's size, text as outlines: it needs no font and no network.
pub fn svg(poster: &Poster, paper: Paper) -> Result<String, Error> {
    let options = WriteOptions {
        coordinates_precision: 3,
        indent: usvg::Indent::None,
        ..WriteOptions::default()
    };
    let drawing = draw(poster, paper)?.to_string(&options);
    // The engine writes bare numbers, which would be pixels.
    let (width, height) = paper.extent_mm();
    Ok(drawing.replacen(
        &format!("width=\"{width}\" height=\"{height}\""),
        &format!("width=\"{width}mm\" height=\"{height}mm\" viewBox=\"0 0 {width} {height}\""),
        1,
    ))
}

/// The placard as a PNG that says its resolution, so that it prints in its paper's size.
pub fn png(poster: &Poster, paper: Paper, dpi: u32) -> Result<Vec<u8>, Error> {
    if !(DPI_MIN..=DPI_MAX).contains(&dpi) {
        return Err(Error::Resolution(dpi));
    }
    raster::png(&draw(poster, paper)?, dpi)
}

/// Pages, and the placards that have none.
#[derive(Debug)]
pub struct Pages {
    /// The file.
    pub pdf: Vec<u8>,
    /// Why each of the others cannot be drawn.
    pub undrawn: Vec<Error>,
}

/// One page for each placard, as [`pdf_of_drawable`] makes them; an error where one cannot be drawn.
pub fn pdf(posters: &[Poster], paper: Paper) -> Result<Vec<u8>, Error> {
    let pages = pdf_of_drawable(posters, paper)?;
    pages.undrawn.into_iter().next().map_or(Ok(pages.pdf), Err)
}

/// One page of exactly the paper's size for each placard that can be drawn, in their order: vectors,
/// with the glyphs in use embedded. The same placards give the same bytes.
pub fn pdf_of_drawable(posters: &[Poster], paper: Paper) -> Result<Pages, Error> {
    let (width, height) = paper.extent_mm();
    let points = |mm: u16| f32::from(mm) / MM_PER_INCH * POINTS_PER_INCH;
    let size = Size::from_wh(points(width), points(height)).ok_or_else(|| engine("page size"))?;

    let mut document = krilla::Document::new();
    document.set_metadata(
        Metadata::new()
            .title("码上报备 · 码牌".to_owned())
            .language("zh-CN".to_owned()),
    );
    let mut undrawn = Vec::new();
    for poster in posters {
        let tree = match draw(poster, paper) {
            Ok(tree) => tree,
            Err(error) => {
                undrawn.push(Error::Placard(poster.code.clone(), Box::new(error)));
                continue;
            }
        };
        let mut page = document.start_page_with(PageSettings::new(size));
        let mut surface = page.surface();
        surface
            .draw_svg(&tree, size, SvgSettings::default())
            .ok_or_else(|| engine("page"))?;
        surface.finish();
        page.finish();
    }
    let pdf = document.finish();
    let pdf = pdf.map_err(|error| engine(&format!("{error:?}")))?;
    Ok(Pages { pdf, undrawn })
}

/// The characters of a text that a placard could not show, each once, in their order: to be
/// asked before a name is accepted.
pub fn missing_glyphs(text: &str) -> Vec<char> {
    Fonts::get().map_or_else(|_| text.chars().collect(), |fonts| fonts.missing(text))
}

/// The one drawing that all three formats show, in millimetres.
fn draw(poster: &Poster, paper: Paper) -> Result<Tree, Error> {
    let fonts = Fonts::get()?;
    let page = Page::lay_out(poster, paper, fonts)?;
    let drawing = page.render().map_err(|error| engine(&error.to_string()))?;
    let options = Options {
        // One unit of the drawing is then one millimetre.
        dpi: MM_PER_INCH,
        fontdb: Arc::clone(&fonts.database),
        font_resolver: fonts.resolver(),
        ..Options::default()
    };
    Tree::from_str(&drawing, &options).map_err(|error| engine(&error.to_string()))
}

fn engine(what: &str) -> Error {
    Error::Engine(what.to_owned())
}
