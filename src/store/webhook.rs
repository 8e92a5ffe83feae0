//! Webhooks as rows: where to deliver, and how far each webhook has got.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::{webhook, webhook_cursor};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{Error, Source, Tx, lease};
use crate::domain::area::AreaId;
use crate::domain::queue::QueueId;
use crate::domain::webhook::{Events, Kind, WebhookId};

/// The position of a webhook in the journal of each queue.
pub type Cursor = BTreeMap<QueueId, Position>;

/// The position of a webhook in the journal of one queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Every entry up to this one is delivered.
    pub all: i64,
    /// Urgent entries are delivered up to this one, where that is further.
    pub urgent: i64,
}

impl Position {
    /// Every entry up to this one is delivered, and none behind it.
    pub fn up_to(all: i64) -> Self {
        Self { all, urgent: 0 }
    }

    /// The last entry up to which urgent entries are delivered.
    pub fn urgent(self) -> i64 {
        self.urgent.max(self.all)
    }
}

/// A webhook that is about to be added.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// The area whose queues it subscribes to.
    pub area: AreaId,
    /// The form of its messages.
    pub kind: Kind,
    /// The language of its messages.
    pub lang: &'static str,
    /// The kinds of entries that it gets.
    pub events: Events,
    /// Whether it gets every entry during quiet hours, too.
    pub at_night: bool,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// A webhook as stored.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Its number.
    pub id: WebhookId,
    /// The area whose queues it subscribes to.
    pub area: AreaId,
    /// The form of its messages.
    pub kind: Kind,
    /// The language of its messages.
    pub lang: String,
    /// Where to, sealed.
    pub address: String,
    /// What signs, sealed.
    pub secret: String,
    /// The kinds of entries that it gets.
    pub events: Events,
    /// False while it is paused.
    pub active: bool,
    /// Whether it gets every entry during quiet hours, too.
    pub at_night: bool,
    /// Deliveries that failed in a row.
    pub failures: u32,
    /// Not before this.
    pub retry_at: Option<DateTime<Utc>>,
    /// The error of the last delivery; empty after a success.
    pub last_error: String,
}

/// How a delivery ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Failures in a row, this one included.
    pub failures: u32,
    /// Not before this.
    pub retry_at: Option<DateTime<Utc>>,
    /// The error; empty after a success.
    pub last_error: String,
    /// The new position in each queue that the delivery covers.
    pub delivered: Cursor,
}

/// Adds the webhook, without a position in any queue.
pub async fn insert(tx: &Tx, new: NewWebhook) -> Result<WebhookId, Error> {
    let row = webhook::ActiveModel {
        area_id: Set(new.area.0),
        kind: Set(new.kind.code().to_owned()),
        lang: Set(new.lang.to_owned()),
        address: Set(String::new()),
        secret: Set(String::new()),
        events: Set(new.events.code()),
        active: Set(true),
        at_night: Set(new.at_night),
        created_at: Set(new.created_at),
        failures: Set(0),
        retry_at: Set(None),
        last_error: Set(String::new()),
        ..webhook::ActiveModel::default()
    };
    let done = webhook::Entity::insert(row).exec(tx.inner()).await?;
    Ok(WebhookId(done.last_insert_id))
}

/// Keeps where to and what signs, both sealed for the place that bears the webhook's number.
pub async fn put_secrets(
    tx: &Tx,
    id: WebhookId,
    address: String,
    secret: String,
) -> Result<(), Error> {
    let change = webhook::ActiveModel {
        address: Set(address),
        secret: Set(secret),
        ..webhook::ActiveModel::default()
    };
    update(tx, id, change).await
}

/// Starts or pauses deliveries; entries wait while the webhook is paused.
pub async fn set_active(tx: &Tx, id: WebhookId, active: bool) -> Result<(), Error> {
    let change = webhook::ActiveModel {
        active: Set(active),
        ..webhook::ActiveModel::default()
    };
    update(tx, id, change).await
}

/// Forgets the webhook.
pub async fn remove(tx: &Tx, id: WebhookId) -> Result<(), Error> {
    lease::end(tx, &lease_name(id)).await?;
    let done = webhook::Entity::delete_by_id(id.0).exec(tx.inner()).await?;
    found(done.rows_affected)
}

/// Every webhook with its cursor, the oldest first.
pub async fn all(on: &impl Source) -> Result<Vec<(Webhook, Cursor)>, Error> {
    let rows = webhook::Entity::find()
        .order_by_asc(webhook::Column::Id)
        .all(on.inner())
        .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut cursors: BTreeMap<i32, Cursor> = BTreeMap::new();
    for row in webhook_cursor::Entity::find().all(on.inner()).await? {
        let cursor = cursors.entry(row.webhook_id).or_default();
        cursor.insert(QueueId(row.queue_id), position_of(&row));
    }
    let with_cursor = |row: webhook::Model| {
        let cursor = cursors.remove(&row.id).unwrap_or_default();
        Ok((read(row)?, cursor))
    };
    rows.into_iter().map(with_cursor).collect()
}

/// The webhook with this number.
pub async fn find(on: &impl Source, id: WebhookId) -> Result<Webhook, Error> {
    let row = webhook::Entity::find_by_id(id.0).one(on.inner()).await?;
    read(row.ok_or(Error::Missing)?)
}

/// The cursor of the webhook; queues without a delivered entry are missing.
pub async fn cursor(on: &impl Source, id: WebhookId) -> Result<Cursor, Error> {
    let rows = webhook_cursor::Entity::find()
        .filter(webhook_cursor::Column::WebhookId.eq(id.0))
        .all(on.inner())
        .await?;
    let positions = rows
        .iter()
        .map(|row| (QueueId(row.queue_id), position_of(row)));
    Ok(positions.collect())
}

/// Sets the position of the webhook in these queues.
pub async fn put_cursor(tx: &Tx, id: WebhookId, cursor: &Cursor) -> Result<(), Error> {
    use webhook_cursor::Column;
    if cursor.is_empty() {
        return Ok(());
    }
    let rows = cursor
        .iter()
        .map(|(queue, position)| webhook_cursor::ActiveModel {
            webhook_id: Set(id.0),
            queue_id: Set(queue.0),
            seq: Set(position.all),
            urgent_seq: Set(position.urgent),
        });
    webhook_cursor::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([Column::WebhookId, Column::QueueId])
                .update_columns([Column::Seq, Column::UrgentSeq])
                .to_owned(),
        )
        .exec_without_returning(tx.inner())
        .await?;
    Ok(())
}

/// Keeps how a delivery ended.
pub async fn settle(tx: &Tx, id: WebhookId, outcome: Outcome) -> Result<(), Error> {
    let change = webhook::ActiveModel {
        failures: Set(i32::try_from(outcome.failures).unwrap_or(i32::MAX)),
        retry_at: Set(outcome.retry_at),
        last_error: Set(outcome.last_error),
        ..webhook::ActiveModel::default()
    };
    update(tx, id, change).await?;
    put_cursor(tx, id, &outcome.delivered).await
}

/// Lets the webhook be tried at once, as if nothing had failed, and by any node: a node that
/// delivers at this moment does not move the position any more.
pub async fn wake(tx: &Tx, id: WebhookId) -> Result<(), Error> {
    lease::end(tx, &lease_name(id)).await?;
    let change = webhook::ActiveModel {
        failures: Set(0),
        retry_at: Set(None),
        last_error: Set(String::new()),
        ..webhook::ActiveModel::default()
    };
    update(tx, id, change).await
}

/// The name of the lease under which one node at a time delivers to this webhook.
pub fn lease_name(id: WebhookId) -> String {
    format!("webhook.{}", id.0)
}

async fn update(tx: &Tx, id: WebhookId, change: webhook::ActiveModel) -> Result<(), Error> {
    let done = webhook::Entity::update_many()
        .set(change)
        .filter(webhook::Column::Id.eq(id.0))
        .exec(tx.inner())
        .await?;
    found(done.rows_affected)
}

fn found(rows: u64) -> Result<(), Error> {
    match rows {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

fn position_of(row: &webhook_cursor::Model) -> Position {
    Position {
        all: row.seq,
        urgent: row.urgent_seq,
    }
}

fn read(row: webhook::Model) -> Result<Webhook, Error> {
    Ok(Webhook {
        id: WebhookId(row.id),
        area: AreaId(row.area_id),
        kind: Kind::from_code(&row.kind).ok_or_else(|| Error::unreadable("webhook.kind"))?,
        lang: row.lang,
        address: row.address,
        secret: row.secret,
        events: Events::read(&row.events).ok_or_else(|| Error::unreadable("webhook.events"))?,
        active: row.active,
        at_night: row.at_night,
        failures: u32::try_from(row.failures).unwrap_or_default(),
        retry_at: row.retry_at,
        last_error: row.last_error,
    })
}
