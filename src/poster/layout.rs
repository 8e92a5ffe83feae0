//! Where everything stands on a placard: two layouts as tables, A4 (A5 is the same, smaller) and
//! sticker. The words, and how letters fill a box, are in other modules.

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
            Panel::solid(area(12., 8., 186., 33.)),
            Panel::outlined(area(12., 233., 122., 28.)),
            Panel::outlined(area(138., 233., 60., 28.)),
            Panel::solid(area(12., 277., 186., 0.1)),
        ],
        symbol: area(32.4, 68.5, 145.2, 145.2),
        symbol_side: 113.5,
        slots: vec![
            slot(&words.title_zh, area(17., 9.7, 176., 21.), 20.)
                .bold()
                .white(),
            slot(words.title_en, area(17., 29.6, 176., 10.), 6.8).white(),
            slot(&poster.place_zh, area(12., 44., 186., 19.), 14.).bold(),
            slot(&poster.place_en, area(12., 62.2, 186., 5.6), 5.),
            slot(words.how_zh, area(12., 214., 186., 9.), 8.).bold(),
            slot(words.how_en, area(12., 223.5, 186., 6.), 4.4),
            slot(words.call_zh, area(16., 234.2, 114., 6.4), 6.).bold(),
            slot(&words.phone, area(16., 240.6, 114., 14.), 13.).bold(),
            slot(words.call_en, area(16., 254.6, 114., 5.), 4.),
            slot(words.check_zh, area(141., 234.2, 54., 6.4), 6.).bold(),
            slot(&poster.check_word, area(141., 240.6, 54., 14.), 11.6).bold(),
            slot(words.check_en, area(140., 254.6, 56., 5.), 3.6),
            slot(&words.safety_zh, area(12., 263.2, 186., 7.), 6.).bold(),
            slot(&words.safety_en, area(12., 270., 186., 5.), 3.8),
            slot(&words.link, area(12., 279., 93., 6.), 4.8)
                .bold()
                .left(),
            slot(&poster.office_zh, area(107., 279., 91., 6.), 4.8)
                .bold()
                .right(),
            slot(&words.imprint, area(12., 285., 93., 4.), 3.2).left(),
            slot(&poster.office_en, area(107., 285., 91., 4.), 3.2).right(),
        ],
    }
}

/// The symbol fills the lower left to the edge of its quiet zone, words stand above and beside it.
fn sticker<'a>(poster: &'a Poster, words: &'a Words) -> Plan<'a> {
    Plan {
        extent: area(0., 0., 100., 100.),
        panels: vec![
            Panel::solid(area(3., 3., 94., 11.5)),
            Panel::outlined(area(78., 53., 19., 17.)),
        ],
        symbol: area(0., 22.6, 77., 77.),
        symbol_side: 60.,
        slots: vec![
            slot(&words.title_zh, area(5., 3.5, 62., 10.5), 7.3)
                .bold()
                .white()
                .left(),
            slot(words.title_en, area(67., 5.5, 28., 6.5), 2.8)
                .white()
                .right(),
            slot(words.call_zh, area(4., 15.4, 38., 4.4), 4.)
                .bold()
                .left(),
            slot(words.call_en, area(4., 19.8, 38., 2.6), 2.3).left(),
            slot(&words.phone, area(43., 15.4, 53., 7.), 6.2)
                .bold()
                .right(),
            slot(&poster.place_zh, area(78., 24.5, 19., 21.), 4.4)
                .bold()
                .left(),
            slot(&poster.place_en, area(78., 45.5, 19., 6.5), 2.2).left(),
            slot(words.check_zh, area(79., 53.6, 17., 3.), 2.4).bold(),
            slot(&poster.check_word, area(79., 56.4, 17., 8.), 7.).bold(),
            slot(words.check_en, area(79., 64., 17., 5.), 2.),
            slot(&words.safety_zh, area(78., 70.8, 19., 8.8), 2.6)
                .bold()
                .left(),
            slot(&words.safety_en, area(78., 79.6, 19., 5.4), 2.).left(),
            slot(&words.link, area(78., 85.2, 19., 5.6), 2.4)
                .bold()
                .left(),
            slot(&poster.office_zh, area(78., 91.2, 19., 2.2), 2.1).left(),
            slot(&words.serial, area(78., 93.5, 19., 2.), 1.8).left(),
            slot(&words.printed, area(78., 95.4, 19., 2.), 1.8).left(),
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
