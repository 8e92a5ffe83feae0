//! Where everything stands on a placard: two layouts as tables, A4 (A5 is the same, smaller) and
//! sticker. What the words are, and how letters fill a box, is told elsewhere.

use crate::qr::{QUIET_ZONE, Symbol};

use super::lettering::{Fonts, Measure, Weight};
use super::words::Words;
use super::{Error, Paper, Poster};

/// Prints as black and carries white letters (15 : 1), but is calmer than black.
const NAVY: &str = "#0b2a4a";
const BLACK: &str = "#000";
const WHITE: &str = "#fff";
/// How far the middle of a Chinese character stands above its baseline, in ems.
const MIDDLE: f64 = 0.38;

/// A finished layout, which the template draws in the order of its fields.
#[derive(askama::Template)]
#[template(path = "poster.svg")]
pub(super) struct Page {
    /// Width and height of the paper in millimetres; all below is in the drawing's own.
    paper: (u16, u16),
    extent: Area,
    panels: Vec<Panel>,
    symbol: Placed,
    lines: Vec<Line>,
}

impl Page {
    /// Sets every word and refuses what cannot be drawn: characters that no font has first, then
    /// texts without room.
    pub(super) fn lay_out(poster: &Poster, paper: Paper, fonts: &Fonts) -> Result<Self, Error> {
        let symbol = Symbol::encode(&poster.address)?;
        let words = Words::of(poster);
        let plan = match paper {
            Paper::A4 | Paper::A5 => sheet(poster, &words),
            Paper::Sticker => sticker(poster, &words),
        };

        let all: String = plan.slots.iter().map(|slot| slot.text).collect();
        let missing = fonts.missing(&all);
        if !missing.is_empty() {
            return Err(Error::Glyphs(missing));
        }
        let mut lines = Vec::new();
        for slot in &plan.slots {
            lines.extend(slot.set(fonts)?);
        }
        Ok(Self {
            paper: paper.extent_mm(),
            extent: plan.extent,
            panels: plan.panels,
            symbol: Placed::within(plan.symbol, plan.symbol_side, &symbol),
            lines,
        })
    }
}

/// One layout before its words are set.
struct Plan<'a> {
    extent: Area,
    panels: Vec<Panel>,
    /// Kept free for the symbol and its quiet zone.
    symbol: Area,
    /// Of the symbol without its quiet zone.
    symbol_side: f64,
    slots: Vec<Slot<'a>>,
}

/// A4; A5 is this at 148 : 210, hence a symbol of 80 mm.
fn sheet<'a>(poster: &'a Poster, words: &'a Words) -> Plan<'a> {
    Plan {
        extent: area(0., 0., 210., 297.),
        panels: vec![
            Panel::solid(area(12., 9., 186., 35.)),
            Panel::outlined(area(12., 241., 124., 26.)),
            Panel::outlined(area(140., 241., 58., 26.)),
        ],
        symbol: area(30., 73., 150., 150.),
        symbol_side: 113.5,
        slots: vec![
            slot(&words.title_zh, area(17., 10., 176., 22.), 20.)
                .bold()
                .white(),
            slot(words.title_en, area(17., 32., 176., 10.), 6.8).white(),
            slot(&poster.place_zh, area(12., 47., 186., 20.), 14.).bold(),
            slot(&poster.place_en, area(12., 67., 186., 6.5), 5.),
            slot(words.how_zh, area(12., 223., 186., 10.), 8.).bold(),
            slot(words.how_en, area(12., 232.5, 186., 6.), 4.4),
            slot(words.call_zh, area(16., 242.5, 70., 8.), 6.)
                .bold()
                .left(),
            slot(words.call_en, area(82., 242.5, 50., 8.), 4.2).right(),
            slot(&words.phone, area(16., 250., 116., 16.), 14.).bold(),
            slot("核对词", area(144., 242.5, 24., 8.), 6.).bold().left(),
            slot("Check word", area(168., 242.5, 26., 8.), 4.2).right(),
            slot(&poster.check_word, area(144., 250., 50., 16.), 14.).bold(),
            slot(&words.safety_zh, area(12., 269., 186., 7.), 5.6).bold(),
            slot(&words.safety_en, area(12., 275.5, 186., 5.), 3.6),
            slot(&words.link, area(12., 281.5, 93., 6.), 4.6)
                .bold()
                .left(),
            slot(&poster.office_zh, area(105., 281.5, 93., 6.), 4.6)
                .bold()
                .right(),
            slot(&words.imprint, area(12., 287., 93., 4.), 3.2).left(),
            slot(&poster.office_en, area(105., 287., 93., 4.), 3.2).right(),
        ],
    }
}

/// The symbol fills the lower left to the edge of its quiet zone, words stand above and beside it.
fn sticker<'a>(poster: &'a Poster, words: &'a Words) -> Plan<'a> {
    Plan {
        extent: area(0., 0., 100., 100.),
        panels: vec![
            Panel::solid(area(3., 3., 94., 12.)),
            Panel::outlined(area(79., 50., 18., 15.)),
        ],
        symbol: area(0., 20.8, 79.2, 79.2),
        symbol_side: 60.,
        slots: vec![
            slot(&words.title_zh, area(5., 3.5, 64., 11.), 7.4)
                .bold()
                .white()
                .left(),
            slot(words.title_en, area(70., 3.5, 25., 11.), 3.)
                .white()
                .right(),
            slot(words.call_zh, area(4., 15.6, 36., 5.6), 4.)
                .bold()
                .left(),
            slot(&words.phone, area(41., 15.6, 55., 5.6), 5.6)
                .bold()
                .right(),
            slot(&poster.place_zh, area(79., 23., 18., 20.), 4.4)
                .bold()
                .left(),
            slot(&poster.place_en, area(79., 43., 18., 6.), 2.1).left(),
            slot("核对词", area(80., 50.6, 16., 4.), 2.8),
            slot(&poster.check_word, area(80., 54., 16., 8.), 7.).bold(),
            slot("Check word", area(80., 61.6, 16., 3.), 2.2),
            slot(&words.safety_zh, area(79., 66., 18., 12.), 2.5).left(),
            slot(&words.safety_en, area(79., 78., 18., 6.), 1.9).left(),
            slot(&words.link, area(79., 84., 18., 5.5), 2.4)
                .bold()
                .left(),
            slot(&poster.office_zh, area(79., 89.5, 18., 3.5), 2.2).left(),
            slot(&words.imprint, area(79., 93., 18., 5.), 1.9).left(),
        ],
    }
}

/// A rectangle in millimetres.
#[derive(Debug, Clone, Copy)]
struct Area {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

fn area(x: f64, y: f64, width: f64, height: f64) -> Area {
    Area {
        x,
        y,
        width,
        height,
    }
}

/// A box that is drawn.
struct Panel {
    area: Area,
    fill: &'static str,
    stroke: &'static str,
}

impl Panel {
    fn solid(area: Area) -> Self {
        Self {
            area,
            fill: NAVY,
            stroke: NAVY,
        }
    }

    fn outlined(area: Area) -> Self {
        Self {
            area,
            fill: WHITE,
            stroke: NAVY,
        }
    }
}

/// A symbol in its place.
struct Placed {
    x: f64,
    y: f64,
    /// Side of one module.
    module: f64,
    path: String,
}

impl Placed {
    /// In the middle of the area, of the side wished for or smaller: the quiet zone of a symbol
    /// of few modules is wide, and no word may stand in it.
    fn within(area: Area, side: f64, symbol: &Symbol) -> Self {
        let modules = modules(symbol.side());
        let module = (side / modules).min(area.width / (modules + 2. * self::modules(QUIET_ZONE)));
        Self {
            x: area.x + (area.width - module * modules) / 2.,
            y: area.y + (area.height - module * modules) / 2.,
            module,
            path: symbol.path(),
        }
    }
}

fn modules(count: usize) -> f64 {
    // A symbol has at most 177 modules a side.
    u16::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// Words and the box that they are set in.
struct Slot<'a> {
    text: &'a str,
    area: Area,
    size_max: f64,
    weight: Weight,
    anchor: &'static str,
    fill: &'static str,
}

/// Regular black words in the middle of their box.
fn slot(text: &str, area: Area, size_max: f64) -> Slot<'_> {
    Slot {
        text,
        area,
        size_max,
        weight: Weight::Regular,
        anchor: "middle",
        fill: BLACK,
    }
}

impl Slot<'_> {
    fn bold(mut self) -> Self {
        self.weight = Weight::Bold;
        self
    }

    fn white(mut self) -> Self {
        self.fill = WHITE;
        self
    }

    fn left(mut self) -> Self {
        self.anchor = "start";
        self
    }

    fn right(mut self) -> Self {
        self.anchor = "end";
        self
    }

    fn set(&self, fonts: &Fonts) -> Result<Vec<Line>, Error> {
        let measure = Measure {
            width: self.area.width,
            height: self.area.height,
            size_max: self.size_max,
            weight: self.weight,
        };
        let setting = fonts
            .set(self.text, &measure)
            .ok_or_else(|| Error::Room(self.text.to_owned()))?;
        let leading = setting.leading();
        let x = match self.anchor {
            "start" => self.area.x,
            "end" => self.area.x + self.area.width,
            _ => self.area.x + self.area.width / 2.,
        };
        let gaps = f64::from(u16::try_from(setting.lines.len()).unwrap_or(u16::MAX)) - 1.;
        let first = self.area.y + (self.area.height - gaps * leading) / 2. + MIDDLE * setting.size;
        let baselines = std::iter::successors(Some(first), |above| Some(above + leading));
        Ok(setting
            .lines
            .into_iter()
            .zip(baselines)
            .map(|(text, baseline)| Line {
                x,
                baseline,
                size: setting.size,
                weight: match self.weight {
                    Weight::Regular => 400,
                    Weight::Bold => 700,
                },
                anchor: self.anchor,
                fill: self.fill,
                text,
            })
            .collect())
    }
}

/// One line of words.
struct Line {
    x: f64,
    baseline: f64,
    size: f64,
    weight: u16,
    anchor: &'static str,
    fill: &'static str,
    text: String,
}
