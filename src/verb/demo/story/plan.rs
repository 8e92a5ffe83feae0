//! The plan of the story: yesterday's first night, and the day since. The same moment always gives
//! the same plan, and a plan has no future: who plays it leaves out what has not happened yet.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::case::{Act, Case, Deed, Door, Said};
use crate::domain::report::Direction;
use crate::domain::triage::Outcome;

/// The place of the red rule that is in force in a lived-in demo.
const RED_REGION: &str = "黑龙江黑河";
/// The reports of the first night.
const NIGHT: usize = 131;
/// The night ends so long before the present, at the latest.
const BEFORE_NOW: TimeDelta = TimeDelta::minutes(3);
/// By day a report comes in every so many minutes.
const DAY_PACE_MINUTES: i64 = 23;
/// The report that is always the newest but one: an urgent one.
const RED_AGE: TimeDelta = TimeDelta::minutes(12);

const SURNAMES: [&str; 16] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭",
];
const REGIONS: [&str; 12] = [
    "上海浦东",
    "苏州",
    "南京",
    "无锡",
    "杭州",
    "上海闵行",
    "盐城",
    "北京",
    "合肥",
    "常州",
    "广州",
    "泰州",
];

/// Every case up to this moment. The first ones are the night's.
pub(super) fn cases(now: NaiveDateTime) -> Vec<Case> {
    let mut cases: Vec<Case> = night(now);
    cases.extend(day(now));
    cases.push(red(now));
    cases
}

/// This time of the evening before the day of `now`.
pub(super) fn eve(now: NaiveDateTime, hour: u32, minute: u32) -> NaiveDateTime {
    clock(now.date() - Days::new(1), hour, minute)
}

/// This time of a day.
pub(super) fn clock(day: NaiveDate, hour: u32, minute: u32) -> NaiveDateTime {
    day.and_time(NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default())
}

/// A number below `below` that looks like chance and is the same at each call.
pub(super) fn chance(seed: usize, salt: usize, below: usize) -> usize {
    let mut mixed = (seed as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (salt as u64) << 17;
    mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed ^= mixed >> 32;
    usize::try_from(mixed % below as u64).unwrap_or_default()
}

/// So many minutes, and up to `spread` more.
pub(super) fn minutes(seed: usize, salt: usize, least: i64, spread: usize) -> TimeDelta {
    let more = i64::try_from(chance(seed, salt, spread)).unwrap_or_default();
    TimeDelta::minutes(least + more)
}

/// From six in the evening into the night, most of them early.
fn night(now: NaiveDateTime) -> Vec<Case> {
    let begin = eve(now, 18, 0);
    let end = clock(now.date(), 1, 30).min(now - BEFORE_NOW);
    let span = (end - begin).num_seconds();
    let whole = i64::try_from(NIGHT).unwrap_or(1);
    let at = |n: i64| begin + TimeDelta::seconds(span * (n * n + whole * n) / (2 * whole * whole));
    (0..whole)
        .zip(0..)
        .map(|(n, seed)| case(seed, at(n), now))
        .collect()
}

/// From the morning of the day until shortly before the present.
fn day(now: NaiveDateTime) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut at = clock(now.date(), 7, 40);
    while at <= now - BEFORE_NOW {
        let seed = NIGHT + cases.len();
        cases.push(case(seed, at, now));
        at += TimeDelta::minutes(DAY_PACE_MINUTES);
    }
    cases
}

/// An urgent report that still waits.
fn red(now: NaiveDateTime) -> Case {
    let seed = 900;
    let mut case = case(seed, now - RED_AGE, now);
    case.said.direction = Direction::Return;
    case.said.region = RED_REGION;
    case.then.clear();
    case
}

fn case(seed: usize, at: NaiveDateTime, now: NaiveDateTime) -> Case {
    Case {
        at,
        door: Door::Community(chance(seed, 1, 1_000)),
        said: said(seed),
        desk: false,
        then: follow_up(seed, at, now),
    }
}

fn said(seed: usize) -> Said {
    let companions = chance(seed, 2, 5).saturating_sub(1);
    let name_of = |salt| format!("{}示例", SURNAMES[chance(seed, salt, SURNAMES.len())]);
    let companion_names = match companions {
        2 => [name_of(20), name_of(21)].join("、"),
        _ => String::new(),
    };
    Said {
        direction: match chance(seed, 3, 10) {
            0..7 => Direction::Return,
            _ => Direction::Leave,
        },
        region: REGIONS[chance(seed, 4, REGIONS.len())],
        room: format!("{}{:02}", 1 + chance(seed, 5, 17), 1 + chance(seed, 6, 4)),
        name: name_of(7),
        phone: format!("1380000{:04}", 1000 + seed),
        companions,
        companion_names,
        note: if companions == 3 {
            "一家四口（示例）"
        } else {
            ""
        },
        phone_only: seed > NIGHT && seed.is_multiple_of(29),
    }
}

/// What the community does: it calls in the evening what came in early, in the morning what came
/// in at night, and by day within an hour or so. A few wait longer than they should.
fn follow_up(seed: usize, at: NaiveDateTime, now: NaiveDateTime) -> Vec<Deed> {
    let today = now.date();
    let contact = if at < eve(now, 20, 0) {
        at + minutes(seed, 8, 20, 60)
    } else if at < clock(today, 7, 30) {
        let late = seed % 11 == 10;
        let begin = if late {
            clock(today, 13, 0)
        } else {
            clock(today, 7, 35)
        };
        begin + minutes(seed, 9, 0, 80)
    } else if at < clock(today, 20, 0) && seed % 8 != 3 {
        at + minutes(seed, 10, 15, 70)
    } else {
        return Vec::new();
    };
    let mut then = vec![Deed {
        at: contact,
        act: Act::Accept,
    }];
    then.extend(end(seed, contact, today));
    then
}

/// How a case ends: at the end of the call, or for one in nine in the afternoon. The command centre
/// verifies one in four.
fn end(seed: usize, contact: NaiveDateTime, today: NaiveDate) -> Vec<Deed> {
    let outcome = match chance(seed, 11, 12) {
        0..7 => Outcome::Confirmed,
        7..10 => Outcome::Informed,
        10 => Outcome::Cancelled,
        _ => Outcome::Referred,
    };
    let slow = seed.is_multiple_of(9);
    let closed = if slow {
        contact.max(clock(today, 15, 0)) + minutes(seed, 12, 10, 120)
    } else {
        contact + minutes(seed, 13, 3, 9)
    };
    let mut end = vec![Deed {
        at: closed,
        act: Act::Close(outcome),
    }];
    if seed.is_multiple_of(4) {
        end.push(Deed {
            at: closed + TimeDelta::minutes(20),
            act: Act::Verify,
        });
    }
    end
}
