//! The symbol that a phone reads: an address in, modules out, drawn for paper and for the terminal.
//! The poster draws what stands around the symbol; the meaning of the address does not matter here.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode, Version};

/// Light modules that must surround a symbol on every side (ISO/IEC 18004, 9.1).
pub const QUIET_ZONE: usize = 4;

/// The largest version for which robustness is bought before size: 33 modules a side, which an old
/// phone still reads across a lift.
const VERSION_KEPT: i16 = 4;
/// The largest version that exists (ISO/IEC 18004, table 1).
const VERSION_MAX: i16 = 40;

/// How much of a symbol may be lost and still be read (ISO/IEC 18004, 7.5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// About 7 % of the codewords.
    L,
    /// About 15 % of the codewords.
    M,
    /// About 25 % of the codewords.
    Q,
    /// About 30 % of the codewords.
    H,
}

/// The address does not fit into any symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an address of {bytes} bytes does not fit into a QR code")]
pub struct TooLong {
    /// Length of the refused address in bytes.
    pub bytes: usize,
}

/// A QR code that says exactly one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    dark: Vec<bool>,
    side: usize,
    version: u8,
    level: Level,
}

impl Symbol {
    /// Encodes the address as it is, in the densest modes that its characters allow: upper-case
    /// addresses are alphanumeric. Stays at version 4 or below with the strongest correction that
    /// fits there (H up to 50 alphanumeric characters, L up to 114); what is longer gets the
    /// smallest version at M.
    pub fn encode(address: &str) -> Result<Self, TooLong> {
        let kept = [Level::H, Level::Q, Level::M, Level::L]
            .into_iter()
            .flat_map(|level| (1..=VERSION_KEPT).map(move |version| (version, level)));
        let larger = (VERSION_KEPT + 1..=VERSION_MAX).map(|version| (version, Level::M));

        kept.chain(larger)
            .find_map(|(version, level)| Self::fit(address, version, level))
            .ok_or(TooLong {
                bytes: address.len(),
            })
    }

    /// Modules along one side, without the quiet zone.
    pub fn side(&self) -> usize {
        self.side
    }

    /// The version, 1 to 40.
    pub fn version(&self) -> u8 {
        self.version
    }

    /// How much damage the symbol bears.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Whether the module in this column and row is dark; all around the symbol is light.
    pub fn is_dark(&self, column: usize, row: usize) -> bool {
        column < self.side && row < self.side && self.dark[row * self.side + column]
    }

    /// SVG path data in module units, the upper left module at `0 0`, without the quiet zone:
    /// one rectangle for each run of dark modules, so that one path serves SVG, PNG and PDF.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for (row, modules) in self.dark.chunks_exact(self.side).enumerate() {
            let mut column = 0;
            for run in modules.chunk_by(|one, next| one == next) {
                if run[0] {
                    let length = run.len();
                    // Writing to a String cannot fail.
                    let _ = write!(path, "M{column} {row}h{length}v1h-{length}z");
                }
                column += run.len();
            }
        }
        path
    }

    /// Lines for a terminal, quiet zone included, two rows of modules to a line of text.
    ///
    /// Black on white by colours that themes leave alone (the 256-colour cube). The light modules
    /// are the drawn ones: where colours are stripped, a dark terminal still shows it right.
    pub fn terminal(&self) -> String {
        let extent = self.side + 2 * QUIET_ZONE;
        // Before the first module the subtraction wraps to a column that no symbol has: light.
        let is_dark = |x: usize, y: usize| {
            self.is_dark(x.wrapping_sub(QUIET_ZONE), y.wrapping_sub(QUIET_ZONE))
        };

        let mut text = String::new();
        for y in (0..extent).step_by(2) {
            text.push_str("\x1b[38;5;231;48;5;16m");
            text.extend(
                (0..extent).map(|x| match (is_dark(x, y), is_dark(x, y + 1)) {
                    (false, false) => '█',
                    (false, true) => '▀',
                    (true, false) => '▄',
                    (true, true) => ' ',
                }),
            );
            text.push_str("\x1b[0m\n");
        }
        text
    }

    fn fit(address: &str, version: i16, level: Level) -> Option<Self> {
        let correction = match level {
            Level::L => EcLevel::L,
            Level::M => EcLevel::M,
            Level::Q => EcLevel::Q,
            Level::H => EcLevel::H,
        };
        // The only way to fail at a version that exists is to be too long for it.
        let code = QrCode::with_version(address, Version::Normal(version), correction).ok()?;
        Some(Self {
            side: code.width(),
            version: u8::try_from(version).ok()?,
            level,
            dark: code
                .into_colors()
                .into_iter()
                .map(|color| color == Color::Dark)
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(chars: usize) -> String {
        let stem = "HTTPS://MS.EXAMPLE.CN/Q/";
        format!(
            "{stem}{}",
            "7K3P9".repeat(chars).get(..chars - stem.len()).unwrap()
        )
    }

    fn read(side: usize, is_dark: impl Fn(usize, usize) -> bool) -> String {
        let scale = 4;
        let mut image =
            rqrr::PreparedImage::prepare_from_greyscale(side * scale, side * scale, |x, y| {
                if is_dark(x / scale, y / scale) {
                    0
                } else {
                    255
                }
            });
        image.detect_grids()[0].decode().unwrap().1
    }

    #[test]
    fn correction_is_bought_before_size_up_to_version_four() {
        for (chars, version, level) in [
            (25, 3, Level::H),
            (35, 3, Level::H),
            (36, 4, Level::H),
            (50, 4, Level::H),
            (51, 4, Level::Q),
            (67, 4, Level::Q),
            (68, 4, Level::M),
            (90, 4, Level::M),
            (91, 4, Level::L),
            (114, 4, Level::L),
            (115, 5, Level::M),
            (122, 5, Level::M),
            (123, 6, Level::M),
            (3391, 40, Level::M),
        ] {
            let symbol = Symbol::encode(&address(chars)).unwrap();
            assert_eq!(
                (symbol.version(), symbol.level()),
                (version, level),
                "{chars} characters"
            );
            assert_eq!(symbol.side(), 17 + 4 * usize::from(version));
        }
    }

    #[test]
    fn what_no_symbol_holds_is_refused() {
        let bytes = 3392;
        assert_eq!(Symbol::encode(&address(bytes)), Err(TooLong { bytes }));
    }

    #[test]
    fn lower_case_costs_room_and_is_kept() {
        let address = "https://ms.example.cn/q/7k3p9?from=lift";
        let symbol = Symbol::encode(address).unwrap();
        assert_eq!((symbol.version(), symbol.level()), (4, Level::Q));
        let quiet = |x: usize| x.wrapping_sub(QUIET_ZONE);
        let text = read(symbol.side() + 2 * QUIET_ZONE, |x, y| {
            symbol.is_dark(quiet(x), quiet(y))
        });
        assert_eq!(text, address);
    }

    #[test]
    fn the_path_draws_every_dark_module_once() {
        let symbol = Symbol::encode(&address(29)).unwrap();
        let mut drawn = vec![0; symbol.side() * symbol.side()];
        for run in symbol.path().split('M').skip(1) {
            let (start, rest) = run.split_once('h').unwrap();
            let (column, row) = start.split_once(' ').unwrap();
            let (length, back) = rest.split_once("v1h-").unwrap();
            assert_eq!(back, format!("{length}z"));
            let start =
                row.parse::<usize>().unwrap() * symbol.side() + column.parse::<usize>().unwrap();
            for module in &mut drawn[start..start + length.parse::<usize>().unwrap()] {
                *module += 1;
            }
        }
        let dark: Vec<i32> = symbol.dark.iter().map(|&dark| i32::from(dark)).collect();
        assert_eq!(drawn, dark);
    }

    #[test]
    fn terminal_symbol_is_dark_on_light_with_quiet_zone() {
        let address = address(29);
        let symbol = Symbol::encode(&address).unwrap();
        let text = symbol.terminal();
        let mut rows: Vec<Vec<bool>> = Vec::new();
        for line in text.lines() {
            let blocks = line
                .strip_prefix("\x1b[38;5;231;48;5;16m")
                .and_then(|line| line.strip_suffix("\x1b[0m"))
                .unwrap();
            rows.push(blocks.chars().map(|c| "▄ ".contains(c)).collect());
            rows.push(blocks.chars().map(|c| "▀ ".contains(c)).collect());
        }
        let extent = symbol.side() + 2 * QUIET_ZONE;
        assert_eq!(
            (rows.len(), rows[0].len()),
            (extent.next_multiple_of(2), extent)
        );
        let quiet = vec![false; extent * QUIET_ZONE];
        assert_eq!(rows[..QUIET_ZONE].concat(), quiet, "above");
        let below = rows[extent - QUIET_ZONE..extent].concat();
        assert_eq!(below, quiet, "below");
        for row in &rows {
            assert!(!row[..QUIET_ZONE].contains(&true), "left");
            assert!(!row[extent - QUIET_ZONE..].contains(&true), "right");
        }
        assert_eq!(read(extent, |x, y| rows[y][x]), address);
    }
}
