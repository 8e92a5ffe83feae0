//! The story of the demo: yesterday's first night and the day since, played by the use cases that
//! people's requests run, under a clock that is set to each moment. No row is written otherwise.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::{NoContext, Timestamp, Uuid};

use crate::clock::Clock;
use crate::domain::campaign::Campaign;
use crate::domain::place::Atlas;
use crate::domain::report::{Answers, Channel, Field, ReportId};
use crate::domain::triage::Move;
use crate::service::intake::{self, Attempt, Key, Origin, Outcome, Rejection};
use crate::service::triage::{self, Step};
use crate::service::{App, Principal, escalation, holder};
use crate::store::report::{self, Row};
use crate::store::{Conn, Error};
use case::{Act, Case, Deed};
use cast::Cast;

mod case;
mod cast;
mod incidents;
mod plan;

/// Overdue reports are looked for so often.
const ESCALATION_INTERVAL: TimeDelta = TimeDelta::hours(1);

/// A clock that is elsewhere in time; it is back when this value is dropped.
pub(super) struct MovedClock<'a> {
    clock: &'a Clock,
    before: Clock,
}

impl<'a> MovedClock<'a> {
    /// Takes the clock to the morning of the day before.
    pub(super) fn to_yesterday(clock: &'a Clock) -> Self {
        let before = Clock::new(chrono_tz::UTC);
        before.follow(clock);
        let morning = plan::eve(clock.local(clock.now()), 8, 0);
        clock.hold(clock.instant(morning));
        Self { clock, before }
    }

    /// The time that it is outside of the story.
    fn present(&self) -> DateTime<Utc> {
        self.before.now()
    }
}

impl Drop for MovedClock<'_> {
    fn drop(&mut self) {
        self.clock.follow(&self.before);
    }
}

/// Something that happens, in the order of time.
enum Happening {
    Report(usize),
    Deed { nth: usize, act: Act },
    Escalation,
}

/// Plays the story up to the present, on a database with places and staff and without reports.
/// Afterwards the clock shows what it showed before.
pub async fn tell(app: &Arc<App>) -> Result<()> {
    let moved = MovedClock::to_yesterday(&app.clock);
    let present = moved.present();
    let local = app.clock.local(present);
    let mut cases = plan::cases(local);
    incidents::among(&mut cases, local);
    let mut stage = Stage {
        app,
        atlas: app.atlas(),
        cast: Cast::of(app).await?,
        stored: HashMap::new(),
    };
    for (at, happening) in happenings(&app.clock, &cases, present) {
        app.clock.hold(at);
        match happening {
            Happening::Report(nth) => stage.report(nth, &cases[nth], at).await?,
            Happening::Deed { nth, act } => stage.act(nth, act).await?,
            Happening::Escalation => {
                app.open_cases.catch_up(&app.db).await?;
                escalation::escalate(app).await?;
            }
        }
    }
    Ok(())
}

/// What has happened until now.
fn happenings(
    clock: &Clock,
    cases: &[Case],
    present: DateTime<Utc>,
) -> Vec<(DateTime<Utc>, Happening)> {
    let mut all = Vec::new();
    for (nth, case) in cases.iter().enumerate() {
        all.push((clock.instant(case.at), Happening::Report(nth)));
        for Deed { at, act } in case.then.iter().cloned() {
            all.push((clock.instant(at), Happening::Deed { nth, act }));
        }
    }
    let mut at = clock.instant(plan::eve(clock.local(present), 20, 10));
    while at < present {
        all.push((at, Happening::Escalation));
        at += ESCALATION_INTERVAL;
    }
    all.retain(|(at, _)| *at < present);
    // The sort is stable: of one case, deeds stay behind their report.
    all.sort_by_key(|(at, _)| *at);
    all
}

struct Stage<'a> {
    app: &'a App,
    atlas: Arc<Atlas>,
    cast: Cast,
    /// The stored reports by the numbers of their cases.
    stored: HashMap<usize, Row>,
}

impl Stage<'_> {
    async fn report(&mut self, nth: usize, case: &Case, at: DateTime<Utc>) -> Result<()> {
        let place = self.cast.place(&self.atlas, case.door)?;
        let clerk = match case.desk {
            true => Some(self.cast.lead(&self.atlas, place.queue_id)?),
            false => None,
        };
        let said = &case.said;
        let day = self.app.clock.local(at).date().to_string();
        let asked = |field, text| asked(&self.app.rules.campaign, field, text);
        let companions = said.companions.to_string();
        let all = Answers {
            direction: said.direction.code(),
            region: said.region,
            // Where a name has namesakes, the words are taken as they are.
            region_asked: said.region,
            day: &day,
            room: &said.room,
            name: &said.name,
            phone: &said.phone,
            companions: asked(Field::Companions, &companions),
            note: asked(Field::Note, said.note),
            ..Answers::default()
        };
        let phone = Answers {
            phone: &said.phone,
            phone_only: true,
            ..Answers::default()
        };
        let attempt = Attempt {
            place,
            gazetteer: &self.atlas.gazetteer,
            answers: if said.phone_only { phone } else { all },
            key: Key::Page(id_at(at)),
            origin: Origin {
                channel: clerk.map_or(Channel::Page, |_| Channel::Desk),
                lang: "zh",
                actor: clerk.map(|clerk| clerk.staff.id),
            },
        };
        let slot = self.app.intake.reserve().await;
        match intake::receive(self.app, slot, attempt).await? {
            Outcome::Stored(receipt) => {
                let row = self.read(receipt.report).await?;
                self.stored.insert(nth, row);
                Ok(())
            }
            // A campaign of the settings that did not run yesterday has no report of yesterday.
            Outcome::Rejected(Rejection::Closed { .. }) => Ok(()),
            other => bail!("case {nth} is not stored: {other:?}"),
        }
    }

    async fn act(&mut self, nth: usize, act: Act) -> Result<()> {
        let Some(row) = self.stored.get(&nth) else {
            return Ok(());
        };
        if matches!(act, Act::Withdraw) {
            let link = self.app.keys.link(row.id);
            let holder = self.app.keys.open_link(&link).context("a link")?;
            let row = holder::withdraw(self.app, holder).await?;
            self.stored.insert(nth, row);
            return Ok(());
        }
        let Some(step) = self.step(row, &act)? else {
            return Ok(());
        };
        let who = self.who(nth, row, &act)?;
        let done = triage::step(self.app, who, row.id, row.version, step).await;
        let row = done.with_context(|| format!("case {nth}: {act:?}"))?;
        self.stored.insert(nth, row);
        Ok(())
    }

    /// The step of staff; none where the case that it is about does not exist.
    fn step(&self, row: &Row, act: &Act) -> Result<Option<Step>> {
        let reasoned = |kind, reason: &str| Step {
            reason: reason.to_owned(),
            ..Step::plain(kind)
        };
        Ok(Some(match act {
            Act::Accept => Step::plain(Move::Accept),
            Act::Assign => match self.cast.worker(&self.atlas, row) {
                Some(worker) => Step {
                    assignee: Some(worker.staff.id),
                    ..Step::plain(Move::Assign)
                },
                None => Step::plain(Move::Accept),
            },
            Act::NoAnswer(again) => Step {
                retry_at: Some(self.app.clock.instant(*again)),
                ..Step::plain(Move::Unreachable)
            },
            Act::Note(text) => reasoned(Move::Note, text),
            Act::Close(outcome) => Step::plain(Move::Close(*outcome)),
            Act::Verify => Step::plain(Move::Verify),
            Act::Refuse(reason) => reasoned(Move::Refuse, reason),
            Act::Invalidate(reason) => reasoned(Move::Invalidate, reason),
            Act::Transfer(door) => Step {
                to: Some(self.cast.place(&self.atlas, *door)?.queue_id),
                ..Step::plain(Move::Transfer)
            },
            Act::Merge(into) => match self.stored.get(into) {
                Some(into) => Step {
                    same_as: Some(into.id),
                    ..Step::plain(Move::Merge)
                },
                None => return Ok(None),
            },
            Act::Withdraw => return Ok(None),
        }))
    }

    /// The centre verifies and transfers. Grid workers, where there are any, take every other case
    /// of theirs; the lead does the rest.
    fn who(&self, nth: usize, row: &Row, act: &Act) -> Result<&Principal> {
        let worker = match act {
            Act::Verify | Act::Transfer(_) => return self.cast.duty(),
            Act::Assign | Act::Merge(_) | Act::Invalidate(_) | Act::Refuse(_) => None,
            _ => self.cast.worker(&self.atlas, row),
        };
        match worker.filter(|_| nth.is_multiple_of(2)) {
            Some(worker) => Ok(worker),
            None => self.cast.lead(&self.atlas, row.queue),
        }
    }

    async fn read(&self, id: ReportId) -> Result<Row> {
        let scope = self.cast.duty()?.scope.clone();
        let work = move |conn: Conn| async move { report::find(&conn, &scope, id).await };
        Ok(self.app.db.read::<_, Error, _, _>(work).await?)
    }
}

/// The text, where the form of the settings asks for it.
fn asked<'t>(campaign: &Campaign, field: Field, text: &'t str) -> &'t str {
    if campaign.asks(field) { text } else { "" }
}

/// A number of this moment: numbers of reports are ordered by time.
fn id_at(at: DateTime<Utc>) -> ReportId {
    let seconds = u64::try_from(at.timestamp()).unwrap_or_default();
    let stamp = Timestamp::from_unix(NoContext, seconds, at.timestamp_subsec_nanos());
    ReportId(Uuid::new_v7(stamp))
}
