//! Imports of test sites.

use super::{Import, Keys, area_named};
use crate::csv_table::{Mistake, Record};
use crate::domain::area::AreaId;
use crate::domain::hours::Hours;
use crate::domain::plain_text::key;
use crate::domain::position::Position;
use crate::domain::said::Said;
use crate::store::Error;
use crate::store::site::{self, SiteRow};

/// Columns that a file of sites may have; what it does not have stays as it is.
pub(super) const OPTIONAL: [&str; 9] = [
    "name_en",
    "phone",
    "note",
    "note_en",
    "coordinates",
    "opens_from",
    "checked_on",
    "suspended",
    "sample",
];

pub(super) async fn import(import: &mut Import<'_>, lines: &[Record]) -> Result<(), Error> {
    let mut keys = Keys::default();
    for line in lines {
        let area = match import.mistakes.keep(line.code("area_code")) {
            Some(code) => area_named(import, line, &code).await?,
            None => None,
        };
        let Some(row) = read(import, line, area) else {
            continue;
        };
        let name = format!("{} in {}", row.name, line.get("area_code"));
        if keys.first(line, "the site", &name, &mut import.mistakes) {
            site::put(import.tx, row).await?;
        }
    }
    Ok(())
}

/// The row in this area; none where a column is wrong.
fn read(import: &mut Import<'_>, line: &Record, area: Option<AreaId>) -> Option<SiteRow> {
    let mistakes = &mut import.mistakes;
    let name = mistakes.keep(line.name("name"));
    let phone = mistakes.keep(line.phone("phone", import.area_code));
    let position = mistakes.keep(position(line));
    let hours = mistakes.keep(hours(line));
    let opens_from = mistakes.keep(line.day("opens_from"));
    let suspended = mistakes.keep(line.flag("suspended"));
    let checked_on = mistakes.keep(line.day("checked_on"));
    let sample = mistakes.keep(line.flag("sample"));
    Some(SiteRow {
        area: area?,
        name: name?,
        name_en: line.said("name_en"),
        address: line.said("address").or_default(),
        phone: phone?,
        note: line.said("note"),
        note_en: line.said("note_en"),
        position: position?,
        hours: hours?,
        opens_from: Said::when(line.has("opens_from"), opens_from?),
        suspended: Said::when(line.has("suspended"), suspended?.unwrap_or_default()),
        checked_on: Said::when(line.has("checked_on"), checked_on?),
        sample: Said::when(line.has("sample"), sample?.unwrap_or_default()),
    })
}

fn hours(line: &Record) -> Result<Hours, Mistake> {
    let hours = line.need("hours")?;
    Hours::read(hours).or(Err(line.mistake(format!("no opening hours: {hours:?}"))))
}

/// The column `coordinates` says which system; without it GCJ-02, which China's maps use.
pub(super) fn position(line: &Record) -> Result<Position, Mistake> {
    let (lon, lat) = (line.number("lon")?, line.number("lat")?);
    let system = key(line.get("coordinates")).replace(['-', '_'], "");
    let position = match system.as_str() {
        "" | "gcj02" | "火星" | "火星坐标" | "国测局" | "国测局坐标" | "高德" | "高德地图"
        | "腾讯" | "腾讯地图" => Position::new(lon, lat),
        "wgs84" | "gps" => Position::from_wgs84(lon, lat),
        "bd09" | "百度" | "百度坐标" | "百度地图" => Position::from_bd09(lon, lat),
        _ => {
            let other = line.get("coordinates");
            return Err(line.mistake(format!("unknown coordinates: {other:?}")));
        }
    };
    position.ok_or_else(|| line.mistake(format!("no place on earth: {lon}, {lat}")))
}
