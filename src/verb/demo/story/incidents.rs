//! The cases that are told in full: one of each kind that a community meets, all of them on the
//! first evening, so that they are there at every hour of the next day.

use chrono::{Days, NaiveDateTime, NaiveTime, TimeDelta};

use super::case::{Act, Case, Deed, Door};
use super::plan::{clock, eve};
use crate::domain::triage::Outcome;

/// The time for calls: within it the unreachable case has just been called.
const CALLS_BEGIN: NaiveTime = hour(8);
const CALLS_END: NaiveTime = hour(21);

/// Replaces the history of some of the night's cases.
pub(super) fn among(cases: &mut [Case], now: NaiveDateTime) {
    let today = now.date();
    // In the first community, whose queue people open first.
    for (nth, door) in [(5, 250), (12, 150), (15, 290), (32, 0), (90, 220)] {
        cases[nth].door = Door::Community(door);
    }
    tell(cases, 5, |_| Vec::new());
    tell(cases, 7, |at| {
        vec![after(at, 25, Act::Refuse("户主说住在界河新苑，不在本社区"))]
    });
    tell(cases, 8, |at| {
        vec![
            after(at, 20, Act::Refuse("门牌贴错，是隔壁社区的楼")),
            after(at, 40, Act::Transfer(Door::Community(500))),
            after(at, 55, Act::Accept),
            after(at, 62, Act::Close(Outcome::Confirmed)),
        ]
    });
    same_household(cases, 12, 13);
    tell(cases, 13, |at| vec![after(at, 15, Act::Merge(12))]);
    unreachable(cases, 15, now);
    tell(cases, 16, |at| {
        vec![
            after(at, 20, Act::Accept),
            after(at, 24, Act::NoAnswer(eve(now, 20, 30))),
            deed(eve(now, 20, 32), Act::Close(Outcome::Informed)),
        ]
    });
    tell(cases, 18, |at| {
        vec![
            after(at, 30, Act::Accept),
            after(at, 36, Act::Close(Outcome::Confirmed)),
            after(at, 50, Act::Verify),
        ]
    });
    tell(cases, 22, |at| vec![after(at, 10, Act::Withdraw)]);
    tell(cases, 24, |at| {
        vec![after(at, 30, Act::Invalidate("试填，没有这个人"))]
    });
    tell(cases, 26, |at| {
        vec![
            after(at, 30, Act::Accept),
            after(at, 33, Act::Note("电话里说晚上九点才到家")),
            deed(clock(today, 10, 5), Act::Close(Outcome::Confirmed)),
        ]
    });
    cases[28].desk = true;
    cases[30].said.phone_only = true;
    tell(cases, 30, |at| {
        vec![
            after(at, 40, Act::Accept),
            after(at, 44, Act::Note("只留了电话，已问到房号 802")),
            deed(clock(today, 11, 10), Act::Close(Outcome::Confirmed)),
        ]
    });
    tell(cases, 32, |at| {
        vec![
            after(at, 15, Act::Assign),
            after(at, 45, Act::Close(Outcome::Confirmed)),
        ]
    });
    cases[40].door = Door::Stray(0);
    cases[40].then.clear();
    tell(cases, 60, |at| vec![after(at, 5, Act::Withdraw)]);
    same_household(cases, 90, 91);
    tell(cases, 91, |_| Vec::new());
}

/// Accepted on the evening; the last call was not answered, and the next one is still to come.
fn unreachable(cases: &mut [Case], nth: usize, now: NaiveDateTime) {
    let today = now.date();
    let by_day = (CALLS_BEGIN..CALLS_END).contains(&now.time());
    let (call, again) = if by_day {
        let call = now - TimeDelta::minutes(10);
        (call, call + TimeDelta::hours(1))
    } else if now.time() < CALLS_BEGIN {
        (eve(now, 21, 30), clock(today, 9, 0))
    } else {
        (clock(today, 20, 50), clock(today + Days::new(1), 9, 0))
    };
    tell(cases, nth, |at| {
        vec![
            after(at, 30, Act::Accept),
            after(at, 32, Act::Note("第一次拨打无人接听，短信也没有回")),
            deed(call, Act::NoAnswer(again)),
        ]
    });
}

/// The second case is of the same door, room and journey as the first one.
fn same_household(cases: &mut [Case], first: usize, second: usize) {
    cases[second].door = cases[first].door;
    let said = cases[first].said.clone();
    let own = &mut cases[second].said;
    (own.room, own.direction, own.region) = (said.room, said.direction, said.region);
}

fn tell(cases: &mut [Case], nth: usize, then: impl FnOnce(NaiveDateTime) -> Vec<Deed>) {
    cases[nth].then = then(cases[nth].at);
}

fn after(at: NaiveDateTime, minutes: i64, act: Act) -> Deed {
    deed(at + TimeDelta::minutes(minutes), act)
}

fn deed(at: NaiveDateTime, act: Act) -> Deed {
    Deed { at, act }
}

const fn hour(hour: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, 0, 0) {
        Some(time) => time,
        None => NaiveTime::MIN,
    }
}
