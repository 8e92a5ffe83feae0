//! Imports of what decides the deadlines: hours, days off, red rules.

use std::ops::RangeInclusive;

use chrono::TimeDelta;

use super::ImportError;
use crate::csv_table::{Mistake, Record};
use crate::domain::area::Level;
use crate::domain::calendar::{DayKind, Holiday};
use crate::domain::report::Direction;
use crate::domain::rota::{OwnHours, WorkingDay};
use crate::domain::urgent::UrgentRule;
use crate::store::{Tx, calendar};

/// The columns of a subdistrict's own hours.
const HOURS: [&str; 6] = [
    "day_starts",
    "day_ends",
    "night_due",
    "first_contact_minutes",
    "finish_hours",
    "off_days_called",
];
/// A first call may be due this many minutes after receipt.
const CONTACT_MINUTES: RangeInclusive<i64> = 1..=1_440;
/// A case may take this many hours.
const FINISH_HOURS: RangeInclusive<i64> = 1..=720;

/// The area's own hours, which replace those of the city; none where the file has no column for
/// them.
pub(super) fn own_hours(
    line: &Record,
    level: Level,
    city: WorkingDay,
) -> Result<Option<OwnHours>, Mistake> {
    if !HOURS.iter().any(|column| line.has(column)) {
        return Ok(None);
    }
    let own = OwnHours {
        starts: line.time("day_starts")?,
        ends: line.time("day_ends")?,
        night_due: line.time("night_due")?,
        first_contact: line
            .count("first_contact_minutes", CONTACT_MINUTES)?
            .map(TimeDelta::minutes),
        finish: line
            .count("finish_hours", FINISH_HOURS)?
            .map(TimeDelta::hours),
        off_days_called: line.flag("off_days_called")?,
    };
    if level != Level::Subdistrict && own != OwnHours::default() {
        return Err(line.mistake("only a subdistrict has hours of its own".into()));
    }
    if !city.with(&own).is_sound() {
        let what = "day_starts, night_due and day_ends must follow each other";
        return Err(line.mistake(what.into()));
    }
    Ok(Some(own))
}

/// Imports one day.
pub(super) async fn import_holiday(tx: &Tx, line: &Record) -> Result<(), ImportError> {
    line.need("day")?;
    let kind = match line.need("kind")? {
        "休" => Some(DayKind::Off),
        "班" => Some(DayKind::Working),
        code => DayKind::from_code(code),
    };
    let holiday = Holiday {
        day: line.day("day")?.unwrap_or_default(),
        kind: kind.ok_or_else(|| line.mistake("column kind is neither off nor working".into()))?,
        name: line.get("name").to_owned(),
    };
    Ok(calendar::put_holiday(tx, holiday).await?)
}

/// Imports one rule.
pub(super) async fn import_red_rule(tx: &Tx, line: &Record) -> Result<(), ImportError> {
    let direction = match line.get("direction") {
        "" => None,
        code => Some(Direction::from_code(code).ok_or_else(|| {
            line.mistake(format!(
                "column direction is neither return nor leave: {code:?}"
            ))
        })?),
    };
    let region_prefix = line.get("region_prefix").to_owned();
    if direction.is_none() && region_prefix.is_empty() {
        let what = "a rule without direction and region would mark every report";
        return Err(line.mistake(what.into()).into());
    }
    let rule = UrgentRule {
        name: line.need("name")?.to_owned(),
        direction,
        region_prefix,
        active: line.flag("active")?.unwrap_or_default(),
    };
    Ok(calendar::put_urgent_rule(tx, rule).await?)
}
