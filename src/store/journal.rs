//! Journals: each queue's history, numbered without a gap and in the order of commits.
//!
//! The counter row is locked by the transaction that writes the entries, so a reader who has seen
//! entry n will never see a smaller one appear.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use entity::{journal_entry, journal_head, report};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::recent_report::of_phone;
use super::report::Row;
use super::{Error, ROWS_PER_INSERT, Source, Tx};
use crate::domain::journal::{Event, TURNED_RED};
use crate::domain::queue::QueueId;
use crate::domain::report::{Holder, ReportId};
use crate::domain::staff::{Scope, StaffId};

/// Reports that are asked for by number in one statement.
const IDS_MAX: usize = 1_000;

/// The hash of the last entry of a head's queue.
pub(super) const LAST_MAC: &str = "(SELECT mac FROM journal_entry WHERE journal_entry.queue_id = journal_head.queue_id \
     ORDER BY seq DESC LIMIT 1)";

/// One line of history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The queue.
    pub queue: QueueId,
    /// Its number in the queue's history, from 1.
    pub seq: i64,
    /// What it is about.
    pub report: ReportId,
    /// What happened.
    pub event: Event,
    /// The report's version after it.
    pub version: i32,
    /// When.
    pub at: DateTime<Utc>,
    /// The staff member who did it; none for the resident and for automatic actions.
    pub actor: Option<StaffId>,
    /// The outcome's word, or the reason, sealed; of a correction, whether it made the report
    /// urgent.
    pub detail: Option<String>,
}

impl Entry {
    /// Whether this is the correction that made its report urgent.
    pub fn turned_urgent(&self) -> bool {
        self.event == Event::Corrected && self.detail.as_deref() == Some(TURNED_RED)
    }
}

/// The last entry of a queue's history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Its number.
    pub seq: i64,
    /// Its keyed hash; empty where there is no entry yet.
    pub mac: Vec<u8>,
}

/// An entry with what chains it to the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEntry {
    /// The queue.
    pub queue: QueueId,
    /// Its number in the queue's history.
    pub seq: i64,
    /// The report.
    pub report: ReportId,
    /// The word for what happened, as it is stored.
    pub kind: String,
    /// The report's version after it.
    pub version: i32,
    /// The time.
    pub at: DateTime<Utc>,
    /// The staff member who did it.
    pub actor: Option<i32>,
    /// The detail; none also where it was erased.
    pub detail: Option<String>,
    /// The keyed hash of the detail.
    pub detail_hash: Option<Vec<u8>>,
    /// The keyed hash over the entry and the one before it.
    pub mac: Vec<u8>,
}

impl StoredEntry {
    /// The entry, not chained yet.
    pub fn of(entry: Entry) -> Self {
        Self {
            queue: entry.queue,
            seq: entry.seq,
            report: entry.report,
            kind: entry.event.code().to_owned(),
            version: entry.version,
            at: entry.at,
            actor: entry.actor.map(|actor| actor.0),
            detail: entry.detail,
            detail_hash: None,
            mac: Vec::new(),
        }
    }
}

/// Moves each queue's head on by so many entries. Returns the new number and the hash of the last
/// entry before them. The rows are locked in the order of their ids until the end of the transaction,
/// on every node alike.
pub async fn advance(
    tx: &Tx,
    steps: &BTreeMap<QueueId, i64>,
) -> Result<BTreeMap<QueueId, Head>, Error> {
    let reached = Expr::col(("journal_head", "reached")).add(Expr::col(("excluded", "reached")));
    let mut insert = Query::insert();
    insert
        .into_table("journal_head")
        .columns(["queue_id", "reached"])
        .on_conflict(
            OnConflict::column("queue_id")
                .value("reached", reached)
                .to_owned(),
        )
        .returning(Query::returning().exprs([
            Expr::col("queue_id"),
            Expr::col("reached"),
            Expr::cust(LAST_MAC),
        ]));
    for (queue, step) in steps {
        insert.values_panic([queue.0.into(), (*step).into()]);
    }
    let rows = tx.inner().query_all(&insert).await?;
    rows.into_iter()
        .map(|row| {
            let mac: Option<Vec<u8>> = row.try_get_by_index(2)?;
            let head = Head {
                seq: row.try_get("", "reached")?,
                mac: mac.unwrap_or_default(),
            };
            Ok((QueueId(row.try_get("", "queue_id")?), head))
        })
        .collect()
}

/// Locks the histories of these queues until the end of the transaction, in the order in which
/// all transactions do: one that changes a report of these queues waits, or is waited for.
pub async fn hold(tx: &Tx, queues: impl IntoIterator<Item = QueueId>) -> Result<(), Error> {
    let still = queues.into_iter().map(|queue| (queue, 0)).collect();
    advance(tx, &still).await.map(|_| ())
}

/// Writes the entries; their numbers come from [`advance`] in the same transaction.
pub async fn append(tx: &Tx, entries: Vec<StoredEntry>) -> Result<(), Error> {
    let mut rows = entries.into_iter().map(row_of).peekable();
    while rows.peek().is_some() {
        let chunk: Vec<_> = rows.by_ref().take(ROWS_PER_INSERT).collect();
        journal_entry::Entity::insert_many(chunk)
            .exec_without_returning(tx.inner())
            .await?;
    }
    Ok(())
}

/// The entries of one queue after `seq`, oldest first, at most `limit`; nothing where the queue
/// is outside of the scope.
pub async fn after(
    on: &impl Source,
    scope: &Scope,
    queue: QueueId,
    seq: i64,
    limit: u64,
) -> Result<Vec<Entry>, Error> {
    if !scope.owns(queue) {
        return Ok(Vec::new());
    }
    let rows = journal_entry::Entity::find()
        .filter(journal_entry::Column::QueueId.eq(queue.0))
        .filter(journal_entry::Column::Seq.gt(seq))
        .order_by_asc(journal_entry::Column::Seq)
        .limit(limit)
        .all(on.inner())
        .await?;
    rows.into_iter().map(read).collect()
}

/// The whole history of the report of a holder, oldest first.
pub async fn of_holder(on: &impl Source, holder: Holder) -> Result<Vec<Entry>, Error> {
    of_report(on, holder.report()).await
}

/// The history of a report that was found within a scope, oldest first.
pub async fn of_row(on: &impl Source, row: &Row) -> Result<Vec<Entry>, Error> {
    of_report(on, row.id).await
}

/// The histories of reports that were found within a scope, each oldest first.
pub async fn of_reports(
    on: &impl Source,
    ids: &[ReportId],
) -> Result<HashMap<ReportId, Vec<Entry>>, Error> {
    let mut histories: HashMap<ReportId, Vec<Entry>> = HashMap::new();
    for some in ids.chunks(IDS_MAX) {
        let some = some.iter().map(|id| id.0);
        let of_some = journal_entry::Column::ReportId.is_in(some);
        for entry in in_time(on, of_some).await? {
            histories.entry(entry.report).or_default().push(entry);
        }
    }
    Ok(histories)
}

async fn of_report(on: &impl Source, id: ReportId) -> Result<Vec<Entry>, Error> {
    in_time(on, journal_entry::Column::ReportId.eq(id.0)).await
}

async fn in_time(on: &impl Source, which: Expr) -> Result<Vec<Entry>, Error> {
    let rows = journal_entry::Entity::find()
        .filter(which)
        .all(on.inner())
        .await?;
    let entries: Result<Vec<Entry>, Error> = rows.into_iter().map(read).collect();
    let mut entries = entries?;
    // A report leaves one queue and arrives in another in the same moment and version.
    entries.sort_by_key(|entry| (entry.at, entry.version, entry.event == Event::Arrived));
    Ok(entries)
}

/// Which reports are urgent, by which rule, and from which version on.
#[derive(Debug, Default)]
pub struct UrgentRules(HashMap<ReportId, (String, i32)>);

impl UrgentRules {
    /// The rule that had marked the report when this happened; none where none had. The answer
    /// never changes, since a report that is urgent stays so.
    pub fn of(&self, entry: &Entry) -> Option<&str> {
        let (rule, since) = self.0.get(&entry.report)?;
        (entry.version >= *since).then_some(rule)
    }
}

/// What is known of urgency among the reports of these entries, which were read within a scope;
/// wherever the reports have gone since.
pub async fn urgent_rules(on: &impl Source, entries: &[Entry]) -> Result<UrgentRules, Error> {
    let ids: BTreeSet<_> = entries.iter().map(|entry| entry.report.0).collect();
    let mut rules = HashMap::new();
    for some in ids.into_iter().collect::<Vec<_>>().chunks(IDS_MAX) {
        let marked: Vec<(Uuid, String)> = report::Entity::find()
            .select_only()
            .columns([report::Column::Id, report::Column::Urgent])
            .filter(report::Column::Id.is_in(some.iter().copied()))
            .filter(report::Column::Urgent.is_not_null())
            .into_tuple()
            .all(on.inner())
            .await?;
        let turned: HashMap<Uuid, i32> = journal_entry::Entity::find()
            .select_only()
            .columns([
                journal_entry::Column::ReportId,
                journal_entry::Column::Version,
            ])
            .filter(journal_entry::Column::ReportId.is_in(marked.iter().map(|(id, _)| *id)))
            .filter(journal_entry::Column::Kind.eq(Event::Corrected.code()))
            .filter(journal_entry::Column::Detail.eq(TURNED_RED))
            .into_tuple::<(Uuid, i32)>()
            .all(on.inner())
            .await?
            .into_iter()
            .collect();
        for (id, rule) in marked {
            let since = turned.get(&id).copied().unwrap_or_default();
            rules.insert(ReportId(id), (rule, since));
        }
    }
    Ok(UrgentRules(rules))
}

/// The last contact with the telephone of this report, on any other report of any queue: only
/// when, and of which kind.
pub async fn last_contact(
    on: &impl Source,
    row: &Row,
) -> Result<Option<(DateTime<Utc>, Event)>, Error> {
    let contacts = [Event::Revealed, Event::Unreachable, Event::Closed];
    let last: Option<(DateTime<Utc>, String)> = journal_entry::Entity::find()
        .select_only()
        .column(journal_entry::Column::At)
        .column(journal_entry::Column::Kind)
        .join_rev(
            JoinType::InnerJoin,
            report::Entity::belongs_to(journal_entry::Entity)
                .from(report::Column::Id)
                .to(journal_entry::Column::ReportId)
                .into(),
        )
        .filter(of_phone(
            on.inner(),
            row.phone_tag.as_deref().unwrap_or_default(),
        ))
        .filter(report::Column::Id.ne(row.id.0))
        .filter(journal_entry::Column::Kind.is_in(contacts.map(Event::code)))
        .order_by_desc(journal_entry::Column::At)
        .into_tuple()
        .one(on.inner())
        .await?;
    last.map(|(at, kind)| {
        let event =
            Event::from_code(&kind).ok_or_else(|| Error::unreadable("journal_entry.kind"))?;
        Ok((at, event))
    })
    .transpose()
}

/// How far every queue's history reaches.
pub async fn reached(on: &impl Source) -> Result<BTreeMap<QueueId, i64>, Error> {
    let rows = journal_head::Entity::find().all(on.inner()).await?;
    Ok(rows
        .into_iter()
        .map(|row| (QueueId(row.queue_id), row.reached))
        .collect())
}

/// The head of every queue.
pub async fn heads(on: &impl Source) -> Result<BTreeMap<QueueId, Head>, Error> {
    let heads = journal_head::Entity::find()
        .select_only()
        .columns([journal_head::Column::QueueId, journal_head::Column::Reached])
        .expr(Expr::cust(LAST_MAC))
        .into_tuple::<(i32, i64, Option<Vec<u8>>)>()
        .all(on.inner())
        .await?;
    let heads = heads.into_iter().map(|(queue, seq, mac)| {
        let mac = mac.unwrap_or_default();
        (QueueId(queue), Head { seq, mac })
    });
    Ok(heads.collect())
}

/// The entries of one queue after `seq` as they are stored, oldest first, at most `limit`; for a
/// check of all of them, without a scope.
pub async fn stored_after(
    on: &impl Source,
    queue: QueueId,
    seq: i64,
    limit: u64,
) -> Result<Vec<StoredEntry>, Error> {
    let rows = journal_entry::Entity::find()
        .filter(journal_entry::Column::QueueId.eq(queue.0))
        .filter(journal_entry::Column::Seq.gt(seq))
        .order_by_asc(journal_entry::Column::Seq)
        .limit(limit)
        .all(on.inner())
        .await?;
    let stored = rows.into_iter().map(|row| StoredEntry {
        queue: QueueId(row.queue_id),
        seq: row.seq,
        report: ReportId(row.report_id),
        kind: row.kind,
        version: row.version,
        at: row.at,
        actor: row.actor_id,
        detail: row.detail,
        detail_hash: row.detail_hash,
        mac: row.mac,
    });
    Ok(stored.collect())
}

fn row_of(entry: StoredEntry) -> journal_entry::ActiveModel {
    journal_entry::ActiveModel {
        queue_id: Set(entry.queue.0),
        seq: Set(entry.seq),
        report_id: Set(entry.report.0),
        kind: Set(entry.kind),
        version: Set(entry.version),
        at: Set(entry.at),
        actor_id: Set(entry.actor),
        detail: Set(entry.detail),
        detail_hash: Set(entry.detail_hash),
        mac: Set(entry.mac),
    }
}

fn read(row: journal_entry::Model) -> Result<Entry, Error> {
    Ok(Entry {
        queue: QueueId(row.queue_id),
        seq: row.seq,
        report: ReportId(row.report_id),
        event: Event::from_code(&row.kind)
            .ok_or_else(|| Error::unreadable("journal_entry.kind"))?,
        version: row.version,
        at: row.at,
        actor: row.actor_id.map(StaffId),
        detail: row.detail,
    })
}
