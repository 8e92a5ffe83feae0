//! Imports of what decides the deadlines: hours, days off, red rules.

use std::ops::RangeInclusive;

use chrono::TimeDelta;

use super::{Import, Keys};
use crate::csv_table::{Mistake, Mistakes, Record};
use crate::domain::area::Level;
use crate::domain::calendar::{DayKind, Holiday};
use crate::domain::plain_text::key;
use crate::domain::report::Direction;
use crate::domain::rota::{OwnHours, WorkingDay};
use crate::domain::said::Said;
use crate::domain::urgent::UrgentRule;
use crate::store::{Error, calendar};

/// The columns of a subdistrict's own hours.
pub(super) const HOURS: [&str; 6] = [
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

/// The area's own hours, which replace those of the city. A column that the file does not have
/// stays as it was `before`. None where one of them is wrong.
pub(super) fn own_hours(
    line: &Record,
    level: Level,
    city: WorkingDay,
    before: OwnHours,
    mistakes: &mut Mistakes,
) -> Option<Said<OwnHours>> {
    if !HOURS.iter().any(|column| line.has(column)) {
        return Some(Said::Nothing);
    }
    let starts = mistakes.keep(line.time("day_starts"));
    let ends = mistakes.keep(line.end_time("day_ends"));
    let night_due = mistakes.keep(line.time("night_due"));
    let contact = mistakes.keep(line.count("first_contact_minutes", CONTACT_MINUTES));
    let finish = mistakes.keep(line.count("finish_hours", FINISH_HOURS));
    let off_days_called = mistakes.keep(line.flag("off_days_called"));
    let said = OwnHours {
        starts: starts?,
        ends: ends?,
        night_due: night_due?,
        first_contact: contact?.map(TimeDelta::minutes),
        finish: finish?.map(TimeDelta::hours),
        off_days_called: off_days_called?,
    };
    let own = only_said(line, said, before);
    let wrong = if level != Level::Subdistrict && own != OwnHours::default() {
        Some("only a subdistrict has hours of its own")
    } else if city.with(&own).is_sound() {
        None
    } else {
        Some("day_starts, night_due and day_ends must follow each other")
    };
    mistakes.keep(wrong.map_or(Ok(Said::Value(own)), |wrong| {
        Err(line.mistake(wrong.into()))
    }))
}

/// The hours of the columns that the file has, over those that were there before.
fn only_said(line: &Record, said: OwnHours, before: OwnHours) -> OwnHours {
    let [starts, ends, night_due, contact, finish, called] = HOURS.map(|column| line.has(column));
    OwnHours {
        starts: if starts { said.starts } else { before.starts },
        ends: if ends { said.ends } else { before.ends },
        night_due: if night_due {
            said.night_due
        } else {
            before.night_due
        },
        first_contact: if contact {
            said.first_contact
        } else {
            before.first_contact
        },
        finish: if finish { said.finish } else { before.finish },
        off_days_called: if called {
            said.off_days_called
        } else {
            before.off_days_called
        },
    }
}

/// Imports days.
pub(super) async fn import_holidays(
    import: &mut Import<'_>,
    lines: &[Record],
) -> Result<(), Error> {
    let mut keys = Keys::default();
    for line in lines {
        let mistakes = &mut import.mistakes;
        mistakes.keep(line.need("day"));
        let (day, kind) = (mistakes.keep(line.day("day")), mistakes.keep(kind(line)));
        let (Some(Some(day)), Some(kind)) = (day, kind) else {
            continue;
        };
        if !keys.first(line, "the day", &day.to_string(), mistakes) {
            continue;
        }
        let name = line.said("name").or_default();
        calendar::put_holiday(import.tx, Holiday { day, kind, name }).await?;
    }
    Ok(())
}

fn kind(line: &Record) -> Result<DayKind, Mistake> {
    let kind = match key(line.need("kind")?).as_str() {
        "休" | "休息" | "放假" => Some(DayKind::Off),
        "班" | "上班" | "补班" => Some(DayKind::Working),
        code => DayKind::from_code(code),
    };
    kind.ok_or_else(|| line.mistake("column kind is neither off nor working".into()))
}

/// Imports rules.
pub(super) async fn import_red_rules(
    import: &mut Import<'_>,
    lines: &[Record],
) -> Result<(), Error> {
    let mut keys = Keys::default();
    for line in lines {
        let mistakes = &mut import.mistakes;
        let name = mistakes.keep(line.need("name"));
        let direction = mistakes.keep(direction(line));
        let region_prefix = mistakes.keep(line.optional_code("region_prefix"));
        let active = mistakes.keep(line.flag("active"));
        let (Some(name), Some(direction)) = (name, direction) else {
            continue;
        };
        let (Some(region_prefix), Some(active)) = (region_prefix, active) else {
            continue;
        };
        if direction.is_none() && region_prefix.is_none() {
            let what = "a rule without direction and region would mark every report";
            mistakes.0.push(line.mistake(what.into()));
        }
        if !keys.first(line, "the rule", name, mistakes) {
            continue;
        }
        let rule = UrgentRule {
            name: name.to_owned(),
            direction,
            region_prefix: region_prefix.unwrap_or_default(),
            active: active.unwrap_or_default(),
        };
        calendar::put_urgent_rule(import.tx, rule).await?;
    }
    Ok(())
}

/// The direction; none where the rule holds for both.
fn direction(line: &Record) -> Result<Option<Direction>, Mistake> {
    let said = line.get("direction");
    if said.is_empty() {
        return Ok(None);
    }
    let direction = Direction::read(said);
    direction.map(Some).ok_or_else(|| {
        line.mistake(format!(
            "column direction is neither return nor leave (返 or 离): {said:?}"
        ))
    })
}
