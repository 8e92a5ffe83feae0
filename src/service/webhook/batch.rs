//! Batches: the entries that are read for one webhook at once, in the order of each queue, and the
//! cursor after them. A program gets each entry; a chat group gets one summary of all of them.

use std::collections::HashMap;
use std::ops::Range;

use chrono::{DateTime, NaiveDateTime, Utc};

use super::queues;
use super::summary::Summary;
use crate::domain::journal::Event;
use crate::domain::place::Atlas;
use crate::domain::queue::QueueId;
use crate::domain::rota::Rota;
use crate::domain::staff::Scope;
use crate::service::digest::night;
use crate::service::{App, Rules};
use crate::store::journal::{Entry, UrgentRules};
use crate::store::report::Row;
use crate::store::webhook::{Cursor, Position, Webhook};
use crate::store::{Conn, Error, journal, report};

/// Entries of one queue that are read at once.
const ENTRIES_MAX: u64 = 100;
/// Entries that one summary counts; the next summary counts what lies behind them.
const SUMMARY_ENTRIES_MAX: u64 = 20_000;

/// The entries that a webhook gets at this hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeliveryChannel {
    /// Every entry that is not delivered yet.
    All,
    /// Entries of reports that a red rule marked; the others wait for the morning.
    Urgent,
}

/// Everything that is read for a webhook at once.
pub(super) struct Batch {
    pub(super) webhook: Webhook,
    /// The channel at the time of reading.
    pub(super) channel: DeliveryChannel,
    pub(super) deliveries: Vec<Delivery>,
    /// The reports of the entries that a program gets.
    pub(super) rows: Vec<Row>,
}

/// One message, and the cursor after it. Without a payload only the cursor advances: over entries
/// that the webhook does not subscribe to.
pub(super) struct Delivery {
    pub(super) payload: Option<Payload>,
    pub(super) cursor: Cursor,
}

/// The content of one message.
pub(super) enum Payload {
    /// An entry, for a program.
    Entry(Entry),
    /// Many entries, for people.
    Summary(Summary),
}

/// Reads the entries of one webhook.
struct BatchReader {
    webhook: Webhook,
    channel: DeliveryChannel,
    cursor: Cursor,
    scope: Scope,
    queues: Vec<QueueId>,
    /// The last night of each queue and of the webhook's area, where the webhook was silent during
    /// it and subscribes to new reports.
    nights: HashMap<QueueId, [Range<DateTime<Utc>>; 2]>,
}

/// Reads the next entries of a webhook from its cursor. None where no entry is left.
pub(super) async fn read(
    app: &App,
    webhook: Webhook,
    cursor: Cursor,
) -> Result<Option<Batch>, Error> {
    let reader = BatchReader::of(app, webhook, cursor);
    let work = move |conn: Conn| async move {
        let deliveries = if reader.webhook.kind.is_robot() {
            reader.one_summary(&conn).await?.into_iter().collect()
        } else {
            reader.each_entry(&conn).await?
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

impl DeliveryChannel {
    /// By day every entry; in quiet hours only urgent ones, unless the webhook is not silent then.
    pub(super) fn of(
        rules: &Rules,
        atlas: &Atlas,
        webhook: &Webhook,
        local: NaiveDateTime,
    ) -> Self {
        let quiet = || rules.rota(atlas, webhook.area).is_quiet(local);
        if !webhook.at_night && quiet() {
            Self::Urgent
        } else {
            Self::All
        }
    }

    /// The last delivered entry of this channel.
    pub(super) fn position(self, position: Position) -> i64 {
        match self {
            Self::All => position.all,
            Self::Urgent => position.urgent(),
        }
    }

    fn advance(self, position: &mut Position, seq: i64) {
        match self {
            Self::All => position.all = seq,
            Self::Urgent => position.urgent = seq,
        }
    }

    /// Whether an entry behind [`DeliveryChannel::position`] is delivered now. An urgent entry does
    /// not wait for the morning, and is not delivered again in the morning.
    fn takes(self, position: Position, seq: i64, urgent: bool) -> bool {
        match self {
            Self::All => !urgent || seq > position.urgent,
            Self::Urgent => urgent,
        }
    }
}

impl Delivery {
    fn entry(&self) -> Option<&Entry> {
        match &self.payload {
            Some(Payload::Entry(entry)) => Some(entry),
            _ => None,
        }
    }
}

impl BatchReader {
    fn of(app: &App, webhook: Webhook, cursor: Cursor) -> Self {
        let (atlas, now) = (app.atlas(), app.local_now());
        let channel = DeliveryChannel::of(&app.rules, &atlas, &webhook, now);
        let queues = queues(&atlas, webhook.area);
        let slept = !webhook.at_night && webhook.events.wants(Event::Submitted);
        let night = |rota: Rota<'_>| night(app, &rota, now.date());
        let area_night = night(app.rules.rota(&atlas, webhook.area));
        let nights = (queues
            .iter()
            .filter(|_| slept && channel == DeliveryChannel::All))
        .map(|queue| {
            let own = night(app.rules.rota_of_queue(&atlas, *queue));
            (*queue, [own, area_night.clone()])
        })
        .collect();
        Self {
            scope: Scope::of(&atlas.tree, webhook.area),
            webhook,
            channel,
            cursor,
            queues,
            nights,
        }
    }

    fn position(&self, queue: QueueId) -> Position {
        self.cursor.get(&queue).copied().unwrap_or_default()
    }

    fn subscribes_to(&self, entry: &Entry) -> bool {
        let (kind, events) = (self.webhook.kind, &self.webhook.events);
        kind.subscribes_to(events, entry.event, entry.turned_urgent())
    }

    /// Whether an entry that the webhook subscribes to is delivered at this hour.
    fn takes(&self, entry: &Entry, urgent: bool) -> bool {
        self.channel
            .takes(self.position(entry.queue), entry.seq, urgent)
    }

    fn by_night(&self, queue: QueueId, at: DateTime<Utc>) -> bool {
        let nights = self.nights.get(&queue);
        nights.is_some_and(|nights| nights.iter().all(|night| night.contains(&at)))
    }

    /// One delivery for all entries: they are counted as they are read and not kept.
    async fn one_summary(&self, conn: &Conn) -> Result<Option<Delivery>, Error> {
        let (mut summary, mut cursor) = (Summary::default(), Cursor::new());
        let mut left = SUMMARY_ENTRIES_MAX;
        for queue in &self.queues {
            let mut position = self.position(*queue);
            while left > 0 {
                let (most, from) = (left.min(ENTRIES_MAX), self.channel.position(position));
                let news = journal::after(conn, &self.scope, *queue, from, most).await?;
                let Some(last) = news.last() else { break };
                self.channel.advance(&mut position, last.seq);
                cursor.insert(*queue, position);
                left -= news.len() as u64;
                let rules = journal::urgent_rules(conn, &news).await?;
                self.count(&mut summary, &news, &rules);
            }
        }
        let payload = (summary.morning || !summary.is_empty()).then_some(Payload::Summary(summary));
        Ok((!cursor.is_empty()).then_some(Delivery { payload, cursor }))
    }

    fn count(&self, summary: &mut Summary, news: &[Entry], rules: &UrgentRules) {
        for entry in news.iter().filter(|entry| self.subscribes_to(entry)) {
            let rule = rules.of(entry);
            let by_night = self.by_night(entry.queue, entry.at);
            summary.morning |= by_night;
            // The digest of the night counts these already.
            let counted = by_night && entry.event == Event::Submitted && rule.is_none();
            if !counted && self.takes(entry, rule.is_some()) {
                summary.add(entry, rule);
            }
        }
    }

    /// One delivery for each entry that is wanted; the entries before it that are not wanted share
    /// its cursor.
    async fn each_entry(&self, conn: &Conn) -> Result<Vec<Delivery>, Error> {
        let mut news = Vec::new();
        for queue in &self.queues {
            let from = self.channel.position(self.position(*queue));
            news.extend(journal::after(conn, &self.scope, *queue, from, ENTRIES_MAX).await?);
        }
        let rules = if self.webhook.at_night {
            UrgentRules::default()
        } else {
            journal::urgent_rules(conn, &news).await?
        };
        let mut deliveries: Vec<Delivery> = Vec::new();
        for entry in news {
            let urgent = rules.of(&entry).is_some();
            let wanted = self.subscribes_to(&entry) && self.takes(&entry, urgent);
            let joins = (deliveries.last()).is_some_and(|last| last.payload.is_none() || !wanted);
            if !joins {
                deliveries.push(Delivery {
                    payload: None,
                    cursor: Cursor::new(),
                });
            }
            if let Some(last) = deliveries.last_mut() {
                let position = last.cursor.entry(entry.queue);
                let position = position.or_insert_with(|| self.position(entry.queue));
                self.channel.advance(position, entry.seq);
                if wanted {
                    last.payload = Some(Payload::Entry(entry));
                }
            }
        }
        Ok(deliveries)
    }
}
