//! `mashang import`

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::Settings;
use crate::csv_table::{self, MISTAKES_NAMED_MAX, Mistake};
use crate::service::App;
use crate::service::import::{ImportError, Table, import_table};

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
    after_help = "Columns that must be there, in any order; UTF-8 or GB 18030:\n  \
    areas      code, parent_code, level (district, subdistrict, community, grid, micro_grid), name\n             \
    and if known name_en, short_name, number_prefix, phone; parents come first;\n             \
    for a subdistrict with hours of its own day_starts, day_ends, night_due (07:30),\n             \
    first_contact_minutes, finish_hours, off_days_called (yes, no); empty: as the settings say\n  \
    buildings  area_code, estate, building, units (separated by ;), lon, lat\n             \
    and if known estate_en, building_en, coordinates (gcj02, wgs84, bd09)\n  \
    sites      area_code, name, address, lon, lat, hours (Mo-Fr 08:00-17:00, 周一至周五 …, 24/7)\n             \
    and if known name_en, phone, coordinates, opens_from, checked_on, suspended, sample\n  \
    regions    code6, level (0 country, 1 province, 2 city, 3 county), name, city, province\n             \
    and if known english; without a file those that come with the program\n  \
    holidays   day (2026-10-01), kind (off, working), name\n  \
    red-rules  name, direction (return, leave or empty), region_prefix (what the region's code\n             \
    begins with, or empty), active (yes, no)\n\n\
    A file is taken whole or, with every wrong line named, not at all."
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
    let count = arguments.settings.with_app(import).await?;
    println!("{count} lines taken");
    Ok(())
}

/// Imports the regions that come with the program.
pub(super) async fn built_in(app: &App) -> Result<usize> {
    let mut count = 0;
    for bytes in REGIONS {
        count += take(app, Table::Regions, bytes).await?;
    }
    Ok(count)
}

/// Imports the bytes of a file; for the demo too.
pub(super) async fn take(app: &App, table: Table, bytes: &[u8]) -> Result<usize> {
    let lines = match csv_table::read(bytes, table.headings()) {
        Ok(lines) => lines,
        Err(mistakes) => bail!(named(&mistakes)),
    };
    match import_table(app, table, lines).await {
        Ok(count) => Ok(count),
        Err(ImportError::Lines(mistakes)) => bail!(named(&mistakes)),
        Err(ImportError::Store(error)) => Err(error.into()),
    }
}

fn named(mistakes: &[Mistake]) -> String {
    let shown = mistakes.iter().take(MISTAKES_NAMED_MAX);
    let mut lines = vec![format!("nothing was taken, {} mistake(s):", mistakes.len())];
    lines.extend(shown.map(|mistake| format!("  {mistake}")));
    if mistakes.len() > MISTAKES_NAMED_MAX {
        lines.push("  …".to_owned());
    }
    lines.join("\n")
}
