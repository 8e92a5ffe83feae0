//! Intake: one writer, natural batches, one transaction each; acknowledged after the commit.
//!
//! A batch is whatever arrived while the last one was being committed; there is no timer, so a
//! lone report never waits and a crowd shares one flush of the disk.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};

use super::personal::{Personal, room_tag, sealed_place};
use super::{App, Rules};
use crate::domain::area::AreaId;
use crate::domain::place::Place;
use crate::domain::report::{Channel, Draft, ReportId};
use crate::domain::staff::StaffId;
use crate::notifier::Notifier;
use crate::seal::Keys;
use crate::store::client_key::KeyHash;
use crate::store::report::{self, NewReport};
use crate::store::{Conn, Db, Error};

mod batch;
mod replay;

use batch::Written;
pub use replay::again;
use replay::content_hash;

/// How often a batch is tried again when another node has used one of its keys in the meantime.
const CONFLICT_TRIES_MAX: u32 = 3;

/// The writer's letter-box.
#[derive(Debug)]
pub struct Intake {
    submissions: mpsc::Sender<Pending>,
    shutdown: watch::Sender<bool>,
}

/// The key under which a report comes in.
#[derive(Clone, Debug)]
pub enum Key {
    /// The one that the page brought.
    Page(ReportId),
    /// One of the client's own making.
    Client(String),
}

/// What a resident keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The report.
    pub report: ReportId,
    /// The number to read out.
    pub number: String,
}

/// How a submission ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was written just now.
    Stored(Receipt),
    /// The same was written before; nothing was counted twice.
    Replayed(Receipt),
    /// The key was used before, for something else.
    Differs(Receipt),
}

/// Why nothing was written. The same submission may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// More is waiting than can be written soon, or the house is closing.
    #[error("the intake is full")]
    Full,
    /// The database is locked by somebody else.
    #[error("the database is busy")]
    Busy,
    /// The database cannot be used.
    #[error("the database cannot be used")]
    Unavailable,
}

/// By which way a report comes in, and who wrote it down.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// The channel.
    pub channel: Channel,
    /// The language of the page that it was written on.
    pub lang: &'static str,
    /// Who wrote it down at a desk; none where residents do so themselves.
    pub actor: Option<StaffId>,
}

/// One report on its way to the writer.
#[derive(Clone, Debug)]
struct Submission {
    report: NewReport,
    /// The client's own key; the report's number is the key otherwise.
    client_key: Option<KeyHash>,
    actor: Option<StaffId>,
    subdistrict: AreaId,
    prefix: String,
}

type Reply = oneshot::Sender<Result<Answer, Refused>>;

/// A report, and who waits for it.
#[derive(Debug)]
struct Pending {
    submission: Submission,
    reply: Reply,
}

/// Hands the report to the writer and returns when it is safe, or was safe already, or cannot be
/// taken. The same key with the same content is the same receipt, on any node, after any restart.
pub async fn submit(
    app: &App,
    place: Place<'_>,
    (draft, key): (&Draft, Key),
    way: Origin,
) -> Result<Answer, Refused> {
    let (id, client_key) = match key {
        Key::Page(id) => (id, None),
        Key::Client(key) => (app.fresh_report(), Some(app.keys.client_key(&key))),
    };
    let personal = Personal::of(draft);
    let plain = zeroize::Zeroizing::new(serde_json::to_vec(&personal).unwrap_or_default());
    let now = app.clock.now();
    let local = app.clock.local(now);
    let atlas = app.atlas();
    let red = atlas.red(draft.direction, draft.region).map(str::to_owned);
    let (contact_due_at, finish_due_at) =
        app.deadlines((&atlas, place.queue.id), now, red.is_some());
    let unit = place.placard.map_or("", |placard| &placard.unit);
    let report = NewReport {
        id,
        content_hash: content_hash(app, place, draft),
        number: String::new(),
        serial: (local.date(), 0),
        queue: place.queue.id,
        placard: place.placard.map(|placard| placard.id),
        building: place.building.id,
        channel: way.channel,
        lang: way.lang,
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
        sealed: app
            .keys
            .seal(&sealed_place(id), &plain)
            .or(Err(Refused::Unavailable))?,
        phone_tag: app.keys.phone_tag(draft.phone.as_str()),
        room_tag: room_tag(&app.keys, (place.building.id, unit), draft),
    };
    let (reply, answer) = oneshot::channel();
    let submission = Submission {
        report,
        client_key,
        actor: way.actor,
        subdistrict: place.subdistrict.id,
        prefix: place.subdistrict.number_prefix.clone(),
    };
    let sent = app
        .intake
        .submissions
        .try_send(Pending { submission, reply });
    sent.or(Err(Refused::Full))?;
    // The writer gone without an answer means that the house is closing.
    answer.await.unwrap_or(Err(Refused::Full))
}

/// The receipt of what was stored under this number, if anything was.
pub async fn stored(app: &App, id: ReportId) -> Result<Option<Receipt>, Error> {
    let work = move |conn: Conn| async move { report::known(&conn, &[id]).await };
    let known = app.db.read(work).await?.remove(&id);
    Ok(known.map(|known| Receipt {
        report: id,
        number: known.number,
    }))
}

fn hour_of(local: chrono::NaiveDateTime) -> i16 {
    use chrono::Timelike;
    i16::try_from(local.hour()).unwrap_or_default()
}

impl Intake {
    /// Opens the letter-box and sets the writer to work. It ends after [`Intake::close`], when
    /// everything that was taken has been written.
    pub(super) fn open(db: &Db, notifier: &Arc<Notifier>, keys: &Arc<Keys>, rules: &Rules) -> Self {
        let (submissions, receiver) = mpsc::channel(rules.intake_queue_max.max(1));
        let shutdown = watch::Sender::new(false);
        let writer = Writer {
            db: db.clone(),
            notifier: Arc::clone(notifier),
            keys: Arc::clone(keys),
            batch_max: rules.intake_batch_max.max(1),
        };
        db.spawn(writer.run(receiver, shutdown.subscribe()));
        Self {
            submissions,
            shutdown,
        }
    }

    /// Takes nothing more; what was taken is written before the database closes.
    pub fn close(&self) {
        self.shutdown.send_replace(true);
    }

    /// How many reports could still be taken before the house says *busy*.
    pub fn room(&self) -> usize {
        self.submissions.capacity()
    }
}

struct Writer {
    db: Db,
    notifier: Arc<Notifier>,
    keys: Arc<Keys>,
    batch_max: usize,
}

impl Writer {
    async fn run(
        self,
        mut submissions: mpsc::Receiver<Pending>,
        mut shutdown: watch::Receiver<bool>,
    ) {
        let mut batch = Vec::with_capacity(self.batch_max);
        loop {
            let arrived = tokio::select! {
                arrived = submissions.recv_many(&mut batch, self.batch_max) => arrived,
                _ = shutdown.wait_for(|closed| *closed), if !submissions.is_closed() => {
                    submissions.close();
                    continue;
                }
            };
            if arrived == 0 {
                return;
            }
            self.write(std::mem::take(&mut batch)).await;
        }
    }

    /// Writes the batch whole. Where the database refuses the whole for what is in it, each
    /// report is written by itself, so that a bad one takes no other along.
    async fn write(&self, batch: Vec<Pending>) {
        metrics::histogram!("mashang_intake_batch_reports")
            .record(u32::try_from(batch.len()).unwrap_or(u32::MAX));
        let (submissions, replies): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .map(|pending| (pending.submission, pending.reply))
            .unzip();
        let submissions = Arc::new(submissions);
        match self.store(Arc::clone(&submissions)).await {
            Ok(written) => self.acknowledge(replies, written),
            Err(error @ (Error::Busy(_) | Error::Unavailable(_) | Error::Newer { .. })) => {
                refuse(replies, &error);
            }
            Err(error) if submissions.len() == 1 => refuse(replies, &error),
            Err(error) => {
                tracing::error!(%error, reports = submissions.len(), "batch refused, writing singly");
                for (submission, reply) in submissions.iter().zip(replies) {
                    match self.store(Arc::new(vec![submission.clone()])).await {
                        Ok(written) => self.acknowledge(vec![reply], written),
                        Err(error) => refuse(vec![reply], &error),
                    }
                }
            }
        }
    }

    async fn store(&self, submissions: Arc<Vec<Submission>>) -> Result<Written, Error> {
        let mut tries = 0;
        loop {
            let (submissions, keys) = (Arc::clone(&submissions), Arc::clone(&self.keys));
            match self
                .db
                .write(|tx| batch::write(tx, submissions, keys))
                .await
            {
                Err(Error::Conflict) if tries < CONFLICT_TRIES_MAX => tries += 1,
                done => return done,
            }
        }
    }

    /// Answers first and wakes the streams after: nobody in a lift waits for a wall screen.
    fn acknowledge(&self, replies: Vec<Reply>, written: Written) {
        for (reply, answer) in replies.into_iter().zip(written.answers) {
            // Whoever asked may have gone; the report is safe all the same.
            let _ = reply.send(Ok(answer));
        }
        for (queue, seq) in written.reached {
            self.notifier.reached(queue, seq);
        }
    }
}

fn refuse(replies: Vec<Reply>, error: &Error) {
    tracing::error!(?error, reports = replies.len(), "reports cannot be written");
    let failed = match error {
        Error::Busy(_) => Refused::Busy,
        _ => Refused::Unavailable,
    };
    for reply in replies {
        let _ = reply.send(Err(failed));
    }
}
