//! Batches: the entries that are read for one webhook at once, in the order of each queue, and the
//! cursor after them. A program gets each entry; a chat group gets one summary of all of them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::channel::{DeliveryChannel, channel};
use super::queues;
use super::summary::Summary;
use crate::domain::area::AreaId;
use crate::domain::journal::Event;
use crate::domain::staff::Scope;
use crate::service::App;
use crate::service::digest::Night;
use crate::store::journal::{Entry, Reds};
use crate::store::report::Row;
use crate::store::webhook::{Cursor, Told, Webhook};
use crate::store::{Conn, Error, journal, report};

/// Entries of one queue that are read at once.
const ENTRIES_MAX: u64 = 100;
/// Entries that one message to people tells of; what lies behind them is told in the next.
const ENTRIES_TOLD_MAX: u64 = 20_000;

/// Everything that is read for a webhook at once.
pub(super) struct Batch {
    pub(super) webhook: Webhook,
    /// What it is told at the hour at which it was packed.
    pub(super) channel: DeliveryChannel,
    pub(super) deliveries: Vec<Delivery>,
    /// The reports of what programs are told.
    pub(super) rows: Vec<Row>,
}

/// What is told at once, and how far that takes each queue; no load where no entry is wanted.
pub(super) struct Delivery {
    pub(super) load: Option<Payload>,
    pub(super) told: Cursor,
}

/// What is told at once.
pub(super) enum Payload {
    /// An entry, to a program.
    Entry(Entry),
    /// Many, to people.
    Summary(Summary),
}

/// Where a webhook's news are read.
struct BatchReader {
    webhook: Webhook,
    channel: DeliveryChannel,
    told: Cursor,
    scope: Scope,
    queues: Vec<AreaId>,
    /// The night behind each queue and behind the receivers, for people who slept through it
    /// and are told of new reports.
    nights: HashMap<AreaId, [Night; 2]>,
}

/// Reads what comes next for a webhook that was told so far; none where nothing is left.
pub(super) async fn read(
    app: &App,
    webhook: Webhook,
    told: Cursor,
) -> Result<Option<Batch>, Error> {
    let reader = BatchReader::of(app, webhook, told);
    let work = move |conn: Conn| async move {
        let deliveries = if reader.webhook.kind.is_robot() {
            reader.together(&conn).await?.into_iter().collect()
        } else {
            reader.singly(&conn).await?
        };
        let mut reports: Vec<_> = (deliveries.iter().filter_map(Delivery::entry))
            .map(|entry| entry.report)
            .collect();
        reports.sort_unstable();
        reports.dedup();
        let rows = if reports.is_empty() {
            Vec::new()
        } else {
            report::among(&conn, &reader.scope, &reports).await?
        };
        Ok::<_, Error>((!deliveries.is_empty()).then_some(Batch {
            webhook: reader.webhook,
            channel: reader.channel,
            deliveries,
            rows,
        }))
    };
    app.db.read(work).await
}

impl Delivery {
    fn entry(&self) -> Option<&Entry> {
        match &self.load {
            Some(Payload::Entry(entry)) => Some(entry),
            _ => None,
        }
    }
}

impl BatchReader {
    fn of(app: &App, webhook: Webhook, told: Cursor) -> Self {
        let (atlas, now) = (app.atlas(), app.local_now());
        let (channel, queues) = (
            channel(&app.rules, &atlas, &webhook, now),
            queues(&atlas, webhook.area),
        );
        let slept = !webhook.at_night && webhook.events.wants(Event::Submitted);
        let night = |area| Night::of(app, &atlas, area, now.date());
        let nights = (queues
            .iter()
            .filter(|_| slept && channel == DeliveryChannel::All))
        .map(|queue| (*queue, [night(*queue), night(webhook.area)]))
        .collect();
        Self {
            scope: Scope::of(&atlas.tree, webhook.area),
            webhook,
            channel,
            told,
            queues,
            nights,
        }
    }

    fn told(&self, queue: AreaId) -> Told {
        self.told.get(&queue).copied().unwrap_or_default()
    }

    fn hears(&self, entry: &Entry) -> bool {
        let (kind, events) = (self.webhook.kind, &self.webhook.events);
        kind.hears(events, entry.event, entry.turned_red())
    }

    /// Whether an entry that is heard of is told now.
    fn takes(&self, entry: &Entry, red: bool) -> bool {
        self.channel.takes(self.told(entry.area), entry.seq, red)
    }

    fn by_night(&self, queue: AreaId, at: DateTime<Utc>) -> bool {
        let nights = self.nights.get(&queue);
        nights.is_some_and(|nights| nights.iter().all(|night| night.has(at)))
    }

    /// For people everything in one parcel: entries are counted as they are read and not kept.
    async fn together(&self, conn: &Conn) -> Result<Option<Delivery>, Error> {
        let (mut summary, mut told) = (Summary::default(), Cursor::new());
        let mut left = ENTRIES_TOLD_MAX;
        for queue in &self.queues {
            let mut reached = self.told(*queue);
            while left > 0 {
                let (most, from) = (left.min(ENTRIES_MAX), self.channel.reached(reached));
                let news = journal::after(conn, &self.scope, *queue, from, most).await?;
                let Some(last) = news.last() else { break };
                self.channel.reach(&mut reached, last.seq);
                told.insert(*queue, reached);
                left -= news.len() as u64;
                let reds = journal::reds(conn, &news).await?;
                self.count(&mut summary, &news, &reds);
            }
        }
        let load = (summary.morning || !summary.is_empty()).then_some(Payload::Summary(summary));
        Ok((!told.is_empty()).then_some(Delivery { load, told }))
    }

    fn count(&self, summary: &mut Summary, news: &[Entry], reds: &Reds) {
        for entry in news.iter().filter(|entry| self.hears(entry)) {
            let rule = reds.rule(entry);
            let by_night = self.by_night(entry.area, entry.at);
            summary.morning |= by_night;
            // What came in by night is what the digest counts.
            let counted = by_night && entry.event == Event::Submitted && rule.is_none();
            if !counted && self.takes(entry, rule.is_some()) {
                summary.add(entry, rule);
            }
        }
    }

    /// For programs a parcel an entry; what is not wanted goes along with what is.
    async fn singly(&self, conn: &Conn) -> Result<Vec<Delivery>, Error> {
        let mut news = Vec::new();
        for queue in &self.queues {
            let from = self.channel.reached(self.told(*queue));
            news.extend(journal::after(conn, &self.scope, *queue, from, ENTRIES_MAX).await?);
        }
        let reds = if self.webhook.at_night {
            Reds::default()
        } else {
            journal::reds(conn, &news).await?
        };
        let mut deliveries: Vec<Delivery> = Vec::new();
        for entry in news {
            let wanted = self.hears(&entry) && self.takes(&entry, reds.rule(&entry).is_some());
            let joins = (deliveries.last()).is_some_and(|last| last.load.is_none() || !wanted);
            if !joins {
                deliveries.push(Delivery {
                    load: None,
                    told: Cursor::new(),
                });
            }
            if let Some(last) = deliveries.last_mut() {
                let told = last.told.entry(entry.area);
                let told = told.or_insert_with(|| self.told(entry.area));
                self.channel.reach(told, entry.seq);
                if wanted {
                    last.load = Some(Payload::Entry(entry));
                }
            }
        }
        Ok(deliveries)
    }
}
