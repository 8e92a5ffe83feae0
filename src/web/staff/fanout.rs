//! Shared read cache of the streams: the latest journal entries of each queue are read once and
//! rendered once per language for all streams of a process. A thousand open pages of one community
//! cost one read of the database instead of a thousand.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use arc_swap::ArcSwap;
use serde::Serialize;
use tokio::sync::Mutex;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::place::Atlas;
use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;
use crate::domain::staff::Scope;
use crate::service::App;
use crate::store::{Conn, Error, journal, report};
use crate::web::http::page_context::PageContext;
use crate::web::staff::row::{Row, draw};

/// Entries of one queue that one read takes at most.
const ENTRIES_MAX: usize = 200;

/// The latest batch of journal entries of each queue.
#[derive(Debug, Default)]
pub(crate) struct Fanout {
    queues: RwLock<HashMap<QueueId, Arc<Latest>>>,
}

/// The latest batch of one queue.
#[derive(Debug, Default)]
struct Latest {
    batch: ArcSwap<Batch>,
    /// Held while the next batch is read, so that one stream reads and the others wait for it.
    reading: Mutex<()>,
}

/// Consecutive entries of one queue; the first one follows `seen`.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    seen: i64,
    events: Vec<Event>,
}

/// A journal entry, the report as it was when the entry was read, and both as JSON in each
/// language.
#[derive(Debug)]
pub(crate) struct Event {
    /// The entry.
    pub(crate) entry: journal::Entry,
    row: Option<report::Row>,
    json: [OnceLock<Arc<str>>; 2],
}

/// A journal entry as a stream sends it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntryView {
    /// The queue.
    pub(crate) queue: i32,
    /// The entry's sequence number in the queue's journal.
    pub(crate) seq: i64,
    /// What happened; `elsewhere` for a grid worker where the report lies in another grid.
    pub(crate) event: &'static str,
    /// The report.
    pub(crate) report: Uuid,
    /// The report's version after this entry.
    pub(crate) version: i32,
    /// The report as a list shows it now.
    pub(crate) row: Option<Row>,
}

impl Fanout {
    /// A batch with what `queue` has after `seen`. `reached` is the known end of the journal. The
    /// first caller reads the database; the others get the same batch.
    pub(crate) async fn after(
        &self,
        app: &App,
        queue: QueueId,
        seen: i64,
        reached: i64,
    ) -> Result<Arc<Batch>, Error> {
        let latest = self.latest(queue);
        let batch = latest.batch.load_full();
        if batch.serves(seen, reached) {
            return Ok(batch);
        }
        let _reading = latest.reading.lock().await;
        let batch = latest.batch.load_full();
        if batch.serves(seen, reached) {
            return Ok(batch);
        }
        let batch = Arc::new(read(app, queue, seen, reached).await?);
        latest.batch.store(Arc::clone(&batch));
        Ok(batch)
    }

    fn latest(&self, queue: QueueId) -> Arc<Latest> {
        let queues = self.queues.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(latest) = queues.get(&queue) {
            return Arc::clone(latest);
        }
        drop(queues);
        let mut queues = self.queues.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(queues.entry(queue).or_default())
    }
}

impl Batch {
    /// True if this batch contains everything after `seen`, or as much of it as one batch takes:
    /// the caller then asks again for the rest.
    fn serves(&self, seen: i64, reached: i64) -> bool {
        let last = self
            .events
            .last()
            .map_or(self.seen, |event| event.entry.seq);
        let is_whole = reached <= last || self.events.len() >= ENTRIES_MAX;
        self.seen <= seen && seen < last && is_whole
    }

    /// The events after `seen`, oldest first.
    pub(crate) fn after(&self, seen: i64) -> impl Iterator<Item = &Event> {
        let skip = usize::try_from(seen - self.seen).unwrap_or_default();
        self.events.iter().skip(skip)
    }
}

/// The next batch of a queue with the scope of the whole district; [`Event::for_viewer`] applies the
/// scope of one person. It comes from the database, unless the writer has just written it.
async fn read(app: &App, queue: QueueId, seen: i64, reached: i64) -> Result<Batch, Error> {
    if let Some(arrived) = app.intake.fresh.after(queue, seen, reached) {
        let events = arrived.iter().map(|(entry, row)| Event {
            entry: entry.clone(),
            row: Some(row.clone()),
            json: Default::default(),
        });
        return Ok(Batch {
            seen,
            events: events.take(ENTRIES_MAX).collect(),
        });
    }
    let atlas = app.atlas();
    let Some(area) = atlas.tree.area_of(queue) else {
        return Ok(Batch::default());
    };
    let root = atlas.tree.upward(area.id).last().unwrap_or(area);
    let scope = Scope::of(&atlas.tree, root.id);
    let work = move |conn: Conn| async move {
        let entries = journal::after(&conn, &scope, queue, seen, ENTRIES_MAX as u64).await?;
        let mut ids: Vec<ReportId> = entries.iter().map(|entry| entry.report).collect();
        ids.sort_unstable();
        ids.dedup();
        let rows = if ids.is_empty() {
            Vec::new()
        } else {
            report::among(&conn, &scope, &ids).await?
        };
        Ok::<_, Error>((entries, rows))
    };
    let (entries, rows) = app.db.read(work).await?;
    app.names.learn(&app.db, &rows).await?;
    let rows: HashMap<ReportId, report::Row> = rows.into_iter().map(|row| (row.id, row)).collect();
    let events = entries
        .into_iter()
        .map(|entry| Event {
            row: rows.get(&entry.report).cloned(),
            entry,
            json: Default::default(),
        })
        .collect();
    Ok(Batch { seen, events })
}

impl Event {
    /// The event as JSON for a viewer with this scope. The report is in it only if it lies within
    /// the scope. For a report of another grid a grid worker gets only the sequence number.
    pub(crate) fn for_viewer(&self, app: &App, scope: &Scope, page: &PageContext) -> Arc<str> {
        let atlas = app.atlas();
        if scope.grid().is_some() && !self.lies_within(&atlas, scope) {
            return self.redacted();
        }
        let visible = |row: &&report::Row| atlas.shows(scope, row.queue, row.building);
        let Some(row) = self.row.as_ref().filter(visible) else {
            return self.json(None);
        };
        let json = &self.json[usize::from(page.lang.is_english())];
        Arc::clone(json.get_or_init(|| self.json(Some(draw(app, row, page)))))
    }

    fn lies_within(&self, atlas: &Atlas, scope: &Scope) -> bool {
        let ground = self.row.as_ref().and_then(|row| atlas.ground(row.building));
        ground.is_some_and(|ground| scope.covers(ground))
    }

    /// The sequence number alone, so that the viewer sees no gap in the journal.
    fn redacted(&self) -> Arc<str> {
        to_json(&EntryView {
            queue: self.entry.queue.0,
            seq: self.entry.seq,
            event: "elsewhere",
            report: Uuid::nil(),
            version: 0,
            row: None,
        })
    }

    fn json(&self, row: Option<Row>) -> Arc<str> {
        to_json(&EntryView {
            queue: self.entry.queue.0,
            seq: self.entry.seq,
            event: self.entry.event.code(),
            report: self.entry.report.0,
            version: self.entry.version,
            row,
        })
    }
}

fn to_json(view: &EntryView) -> Arc<str> {
    serde_json::to_string(view).unwrap_or_default().into()
}
