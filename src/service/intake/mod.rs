//! Intake: one writer, natural batches, one transaction each; acknowledged after the commit.
//!
//! A batch is every report that arrives while the writer commits the previous batch. There is no
//! timer: a single report never waits, and many reports share one flush of the disk.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::mpsc::OwnedPermit;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep};

use super::personal::{Personal, room_tag, sealed_place};
use super::{App, Rules};
use crate::domain::area::AreaId;
use crate::domain::report::{Channel, Draft, ReportId};
use crate::domain::staff::StaffId;
use crate::notifier::Notifier;
use crate::seal::Keys;
use crate::store::intake::{IntakeDb, IntakeTx};
use crate::store::report::NewReport;
use crate::store::{Db, Error};

mod attempt;
mod batch;
mod fresh;
mod receive;
mod replay;
mod room;

pub use attempt::Attempt;
use batch::Written;
pub use fresh::Fresh;
pub use receive::{Outcome, Rejection, receive, stored};
use replay::{client_key, content_hash};
use room::{Door, Pace};

/// How often a batch is written again after another node has used one of its keys in the meantime.
const CONFLICT_TRIES_MAX: u32 = 3;

/// The writer tidies up when no report has come for so long: a crowd does not wait for it.
const TIDY_AFTER: Duration = Duration::from_millis(20);

/// The queue of the writer.
#[derive(Debug)]
pub struct Intake {
    door: Door<Pending>,
    /// What the writer wrote last.
    pub fresh: Arc<Fresh>,
    shutdown: watch::Sender<bool>,
}

/// Room for one report in the queue of the writer.
#[derive(Debug)]
pub struct Slot(OwnedPermit<Pending>);

/// The idempotency key of a submission.
#[derive(Clone, Debug)]
pub enum Key {
    /// The key that the server made for the page.
    Page(ReportId),
    /// A key that the client chose.
    Client(String),
}

impl Key {
    /// Whether the server made this key.
    pub fn is_of_page(&self) -> bool {
        matches!(self, Self::Page(_))
    }
}

/// The receipt of a stored report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The report.
    pub report: ReportId,
    /// The number to read out.
    pub number: String,
}

/// The writer's answer about one submission.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    /// It was written just now.
    Stored(Receipt),
    /// The same content was written before under the same key.
    Replayed(Receipt),
    /// The key was used before for other content.
    Differs(Receipt),
}

/// Nothing was written. The same submission may be sent again.
#[derive(Clone, Copy, Debug)]
struct NotWritten;

/// Where a report comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// The channel.
    pub channel: Channel,
    /// The language of the page on which it was written.
    pub lang: &'static str,
    /// The clerk who wrote it down at the desk; none for residents.
    pub actor: Option<StaffId>,
}

/// One report on its way to the writer.
#[derive(Clone, Debug)]
struct Submission {
    report: NewReport,
    actor: Option<StaffId>,
    subdistrict: AreaId,
    prefix: String,
}

type Reply = oneshot::Sender<Result<Answer, NotWritten>>;

/// A submission in the queue, and the channel on which its sender waits.
#[derive(Debug)]
struct Pending {
    submission: Submission,
    reply: Reply,
}

/// Hands the report to the writer and waits for its answer. A receipt comes after the commit.
async fn write(
    app: &App,
    slot: Slot,
    attempt: &Attempt<'_>,
    draft: &Draft,
) -> Result<Answer, NotWritten> {
    let submission = submission(app, attempt, draft).or(Err(NotWritten))?;
    let (reply, answer) = oneshot::channel();
    slot.0.send(Pending { submission, reply });
    // The writer ends without an answer when it panics, and when the application closes.
    answer.await.unwrap_or(Err(NotWritten))
}

fn submission(
    app: &App,
    attempt: &Attempt<'_>,
    draft: &Draft,
) -> Result<Submission, crate::seal::Broken> {
    let (place, origin) = (attempt.place, attempt.origin);
    let (id, client_key) = match &attempt.key {
        Key::Page(id) => (*id, None),
        Key::Client(key) => (app.fresh_report(), Some(client_key(app, place, key))),
    };
    let plain = Personal::of(draft).plain();
    let now = app.clock.now();
    let local = app.clock.local(now);
    let atlas = app.atlas();
    let red = atlas.red(draft.direction, draft.region).map(str::to_owned);
    let (contact_due_at, finish_due_at) = app.deadlines(&atlas, place.queue_id, now, red.is_some());
    let unit = place.placard.map_or("", |placard| &placard.unit);
    let report = NewReport {
        id,
        client_key,
        content_hash: content_hash(app, place, draft, &plain),
        number: String::new(),
        serial: (local.date(), 0),
        queue: place.queue_id,
        placard: place.placard.map(|placard| placard.id),
        building: place.building.id,
        channel: origin.channel,
        lang: origin.lang,
        direction: draft.direction,
        persons: i16::try_from(draft.persons).unwrap_or(i16::MAX),
        region: draft.region,
        travel_day: draft.day,
        received_at: now,
        tally: (local.date(), hour_of(local)),
        contact_due_at,
        finish_due_at,
        urgent: red,
        incomplete: draft.is_incomplete(),
        notice_version: app.rules.campaign.notice_version.clone(),
        sealed: app.keys.seal(&sealed_place(id), &plain)?,
        phone_tag: app.keys.phone_tag(draft.phone.as_str()),
        room_tag: room_tag(&app.keys, place.building.id, unit, draft),
    };
    Ok(Submission {
        report,
        actor: origin.actor,
        subdistrict: place.subdistrict.id,
        prefix: place.subdistrict.number_prefix.clone(),
    })
}

fn hour_of(local: chrono::NaiveDateTime) -> i16 {
    use chrono::Timelike;
    i16::try_from(local.hour()).unwrap_or_default()
}

impl Intake {
    /// Opens the queue and starts the writer. The writer ends after [`Intake::close`], when it has
    /// written every accepted submission.
    pub(super) fn open(db: &Db, notifier: &Arc<Notifier>, keys: &Arc<Keys>, rules: &Rules) -> Self {
        let (submissions, receiver) = mpsc::channel(rules.intake_queue_max.max(1));
        let shutdown = watch::Sender::new(false);
        let (pace, fresh) = (Arc::<Pace>::default(), Arc::<Fresh>::default());
        let writer = Writer {
            db: IntakeDb::of(db),
            notifier: Arc::clone(notifier),
            keys: Arc::clone(keys),
            batch_max: rules.intake_batch_max.max(1),
            pace: Arc::clone(&pace),
            fresh: Arc::clone(&fresh),
        };
        let closed = shutdown.subscribe();
        db.spawn_thread(|| writer.run(receiver, closed));
        Self {
            door: Door::new(submissions, pace, rules.intake_wait),
            fresh,
            shutdown,
        }
    }

    /// Reserves room for a report before anything is done for it. Where the queue is full this waits
    /// a moment, in the order of the calls; none where the queue stays full for longer, or is closed.
    pub async fn reserve(&self) -> Option<Slot> {
        self.door.room().await.map(Slot)
    }

    /// Accepts no more submissions. The writer writes the accepted ones before the database closes.
    pub fn close(&self) {
        self.shutdown.send_replace(true);
    }

    /// How many submissions the queue can still take before the server answers *busy*.
    pub fn capacity(&self) -> usize {
        self.door.capacity()
    }
}

struct Writer {
    db: IntakeDb,
    notifier: Arc<Notifier>,
    keys: Arc<Keys>,
    batch_max: usize,
    pace: Arc<Pace>,
    fresh: Arc<Fresh>,
}

impl Writer {
    async fn run(
        mut self,
        mut submissions: mpsc::Receiver<Pending>,
        mut shutdown: watch::Receiver<bool>,
    ) {
        let mut batch = Vec::with_capacity(self.batch_max);
        let (mut untidy, mut last) = (true, Instant::now());
        // One timer: to set it for each batch would wake the thread that holds the runtime's timers.
        let mut quiet = pin!(sleep(TIDY_AFTER));
        loop {
            let arrived = tokio::select! {
                biased;
                arrived = submissions.recv_many(&mut batch, self.batch_max) => arrived,
                _ = shutdown.wait_for(|closed| *closed), if !submissions.is_closed() => {
                    submissions.close();
                    continue;
                }
                () = &mut quiet, if untidy => {
                    if last.elapsed() >= TIDY_AFTER {
                        untidy = self.tidy().await;
                        last = Instant::now();
                    }
                    quiet.as_mut().reset(last + TIDY_AFTER);
                    continue;
                }
            };
            if arrived == 0 {
                return;
            }
            let batch = std::mem::take(&mut batch);
            // The senders of a batch that panics are answered by their channels' end.
            let written = AssertUnwindSafe(self.write(batch)).catch_unwind().await;
            if written.is_err() {
                tracing::error!("the writer panicked and goes on with the next batch");
            }
            (untidy, last) = (true, Instant::now());
        }
    }

    /// Does a little of what may wait. Returns whether there may be more to do.
    async fn tidy(&mut self) -> bool {
        match self.db.tidy().await {
            Ok(more) => more,
            Err(error) => {
                tracing::warn!(%error, "the indexes cannot be put in order");
                false
            }
        }
    }

    /// Writes the batch in one transaction. If the database refuses the batch for its content,
    /// writes each report in a transaction of its own, so that one bad report stops no other.
    async fn write(&mut self, batch: Vec<Pending>) {
        metrics::histogram!("mashang_intake_batch_reports")
            .record(u32::try_from(batch.len()).unwrap_or(u32::MAX));
        let (mut submissions, replies): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .map(|pending| (pending.submission, pending.reply))
            .unzip();
        let begun = Instant::now();
        let stored = self.store(&mut submissions).await;
        self.pace.wrote(submissions.len(), begun.elapsed());
        match stored {
            Ok(written) => self.acknowledge(submissions, replies, written),
            Err(error @ (Error::Busy(_) | Error::Unavailable(_) | Error::Newer { .. })) => {
                refuse(replies, &error);
            }
            Err(error) if submissions.len() == 1 => refuse(replies, &error),
            Err(error) => {
                tracing::error!(%error, reports = submissions.len(), "batch refused, writing singly");
                for (submission, reply) in submissions.into_iter().zip(replies) {
                    let mut alone = vec![submission];
                    match self.store(&mut alone).await {
                        Ok(written) => self.acknowledge(alone, vec![reply], written),
                        Err(error) => refuse(vec![reply], &error),
                    }
                }
            }
        }
    }

    async fn store(&mut self, submissions: &mut [Submission]) -> Result<Written, Error> {
        let mut tries = 0;
        loop {
            let work =
                async |tx: &IntakeTx<'_>| batch::write(tx, &mut *submissions, &self.keys).await;
            match self.db.write(work).await {
                Err(Error::Conflict) if tries < CONFLICT_TRIES_MAX => tries += 1,
                done => return done,
            }
        }
    }

    /// Answers the senders first and notifies the streams afterwards: a resident in a lift does not
    /// wait for a screen.
    fn acknowledge(&self, submissions: Vec<Submission>, replies: Vec<Reply>, written: Written) {
        for (reply, answer) in replies.into_iter().zip(written.answers) {
            // The sender may have disconnected; the report is stored all the same.
            let _ = reply.send(Ok(answer));
        }
        if self.notifier.is_followed() {
            self.fresh.keep(submissions, &written.appended);
        } else {
            self.fresh.clear();
        }
        self.notifier.wrote(written.reached);
    }
}

fn refuse(replies: Vec<Reply>, error: &Error) {
    tracing::error!(?error, reports = replies.len(), "reports cannot be written");
    for reply in replies {
        let _ = reply.send(Err(NotWritten));
    }
}
