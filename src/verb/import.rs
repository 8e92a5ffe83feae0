//! `mashang import`

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::Settings;
use super::output::{say, warn};
use crate::csv_table::{self, MISTAKES_NAMED_MAX, Mistake};
use crate::service::App;
use crate::service::import::{ImportError, Imported, Table, import_table};

/// China's divisions (国家统计局, cut-off 2023-06-30), Hong Kong, Macau and Taiwan, whose codes
/// below 810000, 820000 and 710000 are our own, and the countries of the world.
const REGIONS: [&[u8]; 3] = [
    include_bytes!("../../assets/data/cn_province_city_county.csv"),
    include_bytes!("../../assets/data/hk_mo_tw.csv"),
    include_bytes!("../../assets/data/countries.csv"),
];

/// What `import` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Columns, in any order, headings in any case; UTF-8 or GB 18030. Columns that may be missing leave\n\
    what they hold as it is; an empty cell empties it.\n  \
    areas      code, parent_code, level (district, subdistrict, community, grid, micro_grid, or 区 街道\n             \
    社区 网格 微网格), name; areas above come first\n             \
    and if known name_en, short_name, number_prefix, phone;\n             \
    for a subdistrict with hours of its own day_starts, day_ends (22:00, 24:00 or after midnight),\n             \
    night_due, first_contact_minutes, finish_hours, off_days_called; empty: as the settings say\n  \
    buildings  area_code, estate, building, units (1单元;2单元 or 1-3单元, or a line for each unit)\n             \
    and if known grid_code, estate_en, building_en, lon, lat, coordinates (gcj02, wgs84, bd09)\n  \
    sites      area_code, name, address, lon, lat, hours (Mo-Fr 08:00-17:00, 周一至周五 …, 24/7)\n             \
    and if known name_en, phone, note, note_en (what it costs, what to bring), coordinates,\n             \
    opens_from, checked_on, suspended, sample\n  \
    regions    code6, level (0 country, 1 province, 2 city, 3 county), name, city, province\n             \
    and if known english; without a file those that come with the program\n  \
    holidays   day (2026-10-01, 2026/10/1), kind (off, working, 休, 班), name\n  \
    red-rules  name, direction (return, leave or empty), region_prefix (what the region's code\n             \
    begins with, or empty), active (yes, no)\n\n\
    A file is taken whole or, with every wrong line named, not at all. What is not read, and what no\n\
    font of the placards has, is named on standard error."
)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// What the file holds
    kind: Kind,
    /// The CSV file; regions come with the program and need none
    file: Option<PathBuf>,
}

/// What can be imported.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Kind {
    Areas,
    Buildings,
    Sites,
    Regions,
    Holidays,
    RedRules,
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    let table = match arguments.kind {
        Kind::Areas => Table::Areas,
        Kind::Buildings => Table::Buildings,
        Kind::Sites => Table::Sites,
        Kind::Regions => Table::Regions,
        Kind::Holidays => Table::Holidays,
        Kind::RedRules => Table::RedRules,
    };
    let bytes = match &arguments.file {
        Some(file) => {
            let read = std::fs::read(file);
            Some(read.with_context(|| format!("cannot read {}", file.display()))?)
        }
        None if table == Table::Regions => None,
        None => bail!("which file? Only regions come with the program"),
    };
    let import = async |app: &App| match bytes {
        Some(bytes) => take(app, table, &bytes).await,
        None => built_in(app).await,
    };
    let imported = arguments.settings.with_app(import).await?;
    name_warnings(&imported.warnings);
    say(format_args!("{} lines taken", imported.lines))
}

/// Imports the regions that come with the program.
pub(super) async fn built_in(app: &App) -> Result<Imported> {
    let mut all = Imported {
        lines: 0,
        warnings: Vec::new(),
    };
    for bytes in REGIONS {
        let imported = take(app, Table::Regions, bytes).await?;
        all.lines += imported.lines;
        all.warnings.extend(imported.warnings);
    }
    Ok(all)
}

/// Imports the bytes of a file; for the demo too.
pub(super) async fn take(app: &App, table: Table, bytes: &[u8]) -> Result<Imported> {
    let sheet = match csv_table::read(bytes, table.headings()) {
        Ok(sheet) => sheet,
        Err(mistakes) => bail!(named("nothing was taken", "mistake", &mistakes)),
    };
    match import_table(app, table, sheet).await {
        Ok(imported) => Ok(imported),
        Err(ImportError::Lines(mistakes)) => {
            bail!(named("nothing was taken", "mistake", &mistakes))
        }
        Err(ImportError::Store(error)) => Err(error.into()),
    }
}

/// Names on standard error what was not read, and what cannot be printed.
fn name_warnings(warnings: &[Mistake]) {
    if !warnings.is_empty() {
        warn(named("please look at this", "warning", warnings));
    }
}

fn named(begins: &str, what: &str, mistakes: &[Mistake]) -> String {
    let shown = mistakes.iter().take(MISTAKES_NAMED_MAX);
    let mut lines = vec![format!("{begins}, {} {what}(s):", mistakes.len())];
    lines.extend(shown.map(|mistake| format!("  {mistake}")));
    if mistakes.len() > MISTAKES_NAMED_MAX {
        lines.push("  …".to_owned());
    }
    lines.join("\n")
}
