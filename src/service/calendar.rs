//! Imports of what decides by when somebody is called: hours, days off, red rules.

use std::ops::RangeInclusive;

use chrono::{NaiveTime, TimeDelta};

use super::places::{Refused, day};
use crate::csv_table::{Mistake, Record};
use crate::domain::area::Level;
use crate::domain::calendar::{DayKind, Holiday};
use crate::domain::report::Direction;
use crate::domain::rota::{OwnHours, WorkingDay};
use crate::domain::urgent::UrgentRule;
use crate::store::{Tx, calendar};

/// The columns in which a subdistrict says its own hours.
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

/// The hours of its own that an area's line says, over those of the city; none where the file
/// has no column for them.
pub(super) fn own_hours(
    line: &Record,
    (level, city): (Level, WorkingDay),
) -> Result<Option<OwnHours>, Mistake> {
    if !HOURS.iter().any(|column| line.has(column)) {
        return Ok(None);
    }
    let own = OwnHours {
        starts: time(line, "day_starts")?,
        ends: time(line, "day_ends")?,
        night_due: time(line, "night_due")?,
        first_contact: count(line, ("first_contact_minutes", CONTACT_MINUTES))?
            .map(TimeDelta::minutes),
        finish: count(line, ("finish_hours", FINISH_HOURS))?.map(TimeDelta::hours),
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

/// Takes one day.
pub(super) async fn import_holiday(tx: &Tx, line: &Record) -> Result<(), Refused> {
    line.need("day")?;
    let kind = match line.need("kind")? {
        "休" => Some(DayKind::Off),
        "班" => Some(DayKind::Working),
        code => DayKind::from_code(code),
    };
    let holiday = Holiday {
        day: day(line, "day")?.unwrap_or_default(),
        kind: kind.ok_or_else(|| line.mistake("column kind is neither off nor working".into()))?,
        name: line.get("name").to_owned(),
    };
    Ok(calendar::put_holiday(tx, holiday).await?)
}

/// Takes one rule.
pub(super) async fn import_red_rule(tx: &Tx, line: &Record) -> Result<(), Refused> {
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

fn time(line: &Record, column: &str) -> Result<Option<NaiveTime>, Mistake> {
    let text = line.get(column);
    if text.is_empty() {
        return Ok(None);
    }
    let time = NaiveTime::parse_from_str(text, "%H:%M").ok();
    let mistake = || line.mistake(format!("column {column} is no time like 07:30: {text:?}"));
    time.map(Some).ok_or_else(mistake)
}

fn count(
    line: &Record,
    (column, range): (&str, RangeInclusive<i64>),
) -> Result<Option<i64>, Mistake> {
    let text = line.get(column);
    if text.is_empty() {
        return Ok(None);
    }
    let count = text.parse().ok().filter(|count| range.contains(count));
    let (from, to) = (range.start(), range.end());
    let what = || {
        line.mistake(format!(
            "column {column} is no number from {from} to {to}: {text:?}"
        ))
    };
    count.map(Some).ok_or_else(what)
}
