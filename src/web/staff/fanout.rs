//! The board: what has just happened in each queue, read and drawn once for all streams of a
//! worker. A thousand open pages of one community cost one read of the database, not a thousand.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use arc_swap::ArcSwap;
use serde::Serialize;
use tokio::sync::Mutex;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::area::AreaId;
use crate::domain::report::ReportId;
use crate::domain::staff::Scope;
use crate::service::App;
use crate::store::{Conn, Error, journal, report};
use crate::web::http::page_context::PageContext;
use crate::web::staff::row::{Row, draw};

/// Entries of one queue that are read at once.
const ENTRIES_MAX: usize = 200;

/// The latest page of each queue.
#[derive(Debug, Default)]
pub(crate) struct Fanout {
    queues: RwLock<HashMap<AreaId, Arc<Latest>>>,
}

/// What was read last of a queue, and whose turn it is to read on.
#[derive(Debug, Default)]
struct Latest {
    page: ArcSwap<Page>,
    turn: Mutex<()>,
}

/// A run of entries without a gap, after `seen`.
#[derive(Debug, Default)]
pub(crate) struct Page {
    seen: i64,
    news: Vec<News>,
}

/// An entry, the report as it stood when it was read, and both drawn in each language.
#[derive(Debug)]
pub(crate) struct News {
    /// The entry.
    pub(crate) entry: journal::Entry,
    row: Option<report::Row>,
    drawn: [OnceLock<Arc<str>>; 2],
}

/// A line of history as it travels.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntryView {
    /// The queue.
    pub(crate) queue: i32,
    /// Its number in the queue's history.
    pub(crate) seq: i64,
    /// What happened; `elsewhere` for who works for a grid where it was in another one.
    pub(crate) event: &'static str,
    /// The report.
    pub(crate) report: Uuid,
    /// The report's version after it.
    pub(crate) version: i32,
    /// The report as it stands now in a list.
    pub(crate) row: Option<Row>,
}

impl Fanout {
    /// A page that holds what the queue has after `seen`; `reached` is how far its history is
    /// known to go. Whoever asks first reads, the others find it read and wait for nobody.
    pub(crate) async fn after(
        &self,
        app: &App,
        (queue, seen): (AreaId, i64),
        reached: i64,
    ) -> Result<Arc<Page>, Error> {
        let latest = self.latest(queue);
        let page = latest.page.load_full();
        if page.holds(seen, reached) {
            return Ok(page);
        }
        let _turn = latest.turn.lock().await;
        let page = latest.page.load_full();
        if page.holds(seen, reached) {
            return Ok(page);
        }
        let page = Arc::new(read(app, queue, seen).await?);
        latest.page.store(Arc::clone(&page));
        Ok(page)
    }

    fn latest(&self, queue: AreaId) -> Arc<Latest> {
        let queues = self.queues.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(latest) = queues.get(&queue) {
            return Arc::clone(latest);
        }
        drop(queues);
        let mut queues = self.queues.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(queues.entry(queue).or_default())
    }
}

impl Page {
    /// Whether somebody who has seen so much is served from here. A full page is, though history
    /// goes further: whoever comes back reads on.
    fn holds(&self, seen: i64, reached: i64) -> bool {
        let last = self.news.last().map_or(self.seen, |news| news.entry.seq);
        let whole = reached <= last || self.news.len() >= ENTRIES_MAX;
        self.seen <= seen && seen < last && whole
    }

    /// What came after `seen`, oldest first.
    pub(crate) fn after(&self, seen: i64) -> impl Iterator<Item = &News> {
        let skip = usize::try_from(seen - self.seen).unwrap_or_default();
        self.news.iter().skip(skip)
    }
}

/// Reads within the widest scope there is; what one person may see of it is decided by
/// [`News::told`].
async fn read(app: &App, queue: AreaId, seen: i64) -> Result<Page, Error> {
    let atlas = app.atlas();
    let root = atlas.tree.above(queue).last().copied().unwrap_or(queue);
    let scope = Scope::of(&atlas.tree, root);
    let work = move |conn: Conn| async move {
        let entries = journal::after(&conn, &scope, queue, seen, ENTRIES_MAX as u64).await?;
        let mut ids: Vec<ReportId> = entries.iter().map(|entry| entry.report).collect();
        ids.sort_unstable();
        ids.dedup();
        let rows = match ids.is_empty() {
            true => Vec::new(),
            false => report::among(&conn, &scope, &ids).await?,
        };
        Ok::<_, Error>((entries, rows))
    };
    let (entries, rows) = app.db.read(work).await?;
    app.names.learn(&app.db, &rows).await?;
    let rows: HashMap<ReportId, report::Row> = rows.into_iter().map(|row| (row.id, row)).collect();
    let news = entries.into_iter().map(|entry| News {
        row: rows.get(&entry.report).cloned(),
        entry,
        drawn: Default::default(),
    });
    Ok(Page {
        seen,
        news: news.collect(),
    })
}

impl News {
    /// The entry as JSON for somebody with this scope: the report itself only where it lies
    /// within. Who works for a grid learns of other grids only that the history has gone on.
    pub(crate) fn told(&self, app: &App, (scope, chrome): (&Scope, &PageContext)) -> Arc<str> {
        let atlas = app.atlas();
        let near = scope.grid().is_none()
            || self.row.as_ref().is_some_and(|row| {
                let ground = atlas.ground(row.building);
                ground.is_some_and(|ground| scope.covers(ground))
            });
        if !near {
            return self.elsewhere();
        }
        let seen = |row: &&report::Row| atlas.shows(scope, row.queue, row.building);
        let row = self.row.as_ref().filter(seen);
        if row.is_none() {
            return self.draw(app, (None, chrome));
        }
        let drawn = &self.drawn[usize::from(chrome.lang.is_english())];
        match drawn.get() {
            Some(text) => Arc::clone(text),
            None => Arc::clone(drawn.get_or_init(|| self.draw(app, (row, chrome)))),
        }
    }

    /// That something happened, so that no number of the history is missing.
    fn elsewhere(&self) -> Arc<str> {
        let view = EntryView {
            queue: self.entry.area.0,
            seq: self.entry.seq,
            event: "elsewhere",
            report: Uuid::nil(),
            version: 0,
            row: None,
        };
        serde_json::to_string(&view).unwrap_or_default().into()
    }

    fn draw(&self, app: &App, (row, chrome): (Option<&report::Row>, &PageContext)) -> Arc<str> {
        let view = EntryView {
            queue: self.entry.area.0,
            seq: self.entry.seq,
            event: self.entry.event.code(),
            report: self.entry.report.0,
            version: self.entry.version,
            row: row.map(|row| draw(app, row, chrome)),
        };
        serde_json::to_string(&view).unwrap_or_default().into()
    }
}
