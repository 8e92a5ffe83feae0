//! Webhooks as rows: where to deliver, and how far each webhook has got.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::{webhook, webhook_cursor};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{Error, Source, Tx, lease};
use crate::domain::area::AreaId;
use crate::domain::webhook::{Events, Kind, WebhookId};

/// How far a webhook was told of each queue's history.
pub type Cursor = BTreeMap<AreaId, Told>;

/// How far a webhook was told of one queue's history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Everything up to this entry.
    pub all: i64,
    /// What is red up to this one, where that is further.
    pub red: i64,
}

impl Told {
    /// Everything up to this entry, and nothing behind it.
    pub fn up_to(all: i64) -> Self {
        Self { all, red: 0 }
    }

    /// How far it was told of what is red.
    pub fn red(self) -> i64 {
        self.red.max(self.all)
    }
}

/// A webhook that is about to be added.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// The area whose queues it hears of.
    pub area: AreaId,
    /// How it is written to.
    pub kind: Kind,
    /// In which language.
    pub lang: &'static str,
    /// What it is told.
    pub events: Events,
    /// Whether it is told during quiet hours, too.
    pub at_night: bool,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// A webhook as stored.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Its number.
    pub id: WebhookId,
    /// The area whose queues it hears of.
    pub area: AreaId,
    /// How it is written to.
    pub kind: Kind,
    /// In which language.
    pub lang: String,
    /// Where to, sealed.
    pub address: String,
    /// What signs, sealed.
    pub secret: String,
    /// What it is told.
    pub events: Events,
    /// Whether it is told at all.
    pub active: bool,
    /// Whether it is told during quiet hours, too.
    pub at_night: bool,
    /// Deliveries that failed in a row.
    pub failures: u32,
    /// Not before this.
    pub retry_at: Option<DateTime<Utc>>,
    /// What the last delivery met with; empty where it was taken.
    pub trouble: String,
}

/// How a delivery ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Failures in a row, this one included.
    pub failures: u32,
    /// Not before this.
    pub retry_at: Option<DateTime<Utc>>,
    /// What it met with; empty where it was taken.
    pub trouble: String,
    /// How far each queue was told now.
    pub told: Cursor,
}

/// Adds the webhook, which is told of nothing yet that has happened before.
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
        trouble: Set(String::new()),
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

/// Tells the webhook from now on, or tells it nothing for a while; what happens meanwhile waits.
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

/// Every webhook, the oldest first, and how far it was told of each queue.
pub async fn all(on: &impl Source) -> Result<Vec<(Webhook, Cursor)>, Error> {
    let rows = webhook::Entity::find()
        .order_by_asc(webhook::Column::Id)
        .all(on.inner())
        .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut told: BTreeMap<i32, Cursor> = BTreeMap::new();
    for row in webhook_cursor::Entity::find().all(on.inner()).await? {
        let cursor = told.entry(row.webhook_id).or_default();
        cursor.insert(AreaId(row.area_id), told_of(&row));
    }
    let with_cursor = |row: webhook::Model| {
        let told = told.remove(&row.id).unwrap_or_default();
        Ok((read(row)?, told))
    };
    rows.into_iter().map(with_cursor).collect()
}

/// The webhook with this number.
pub async fn find(on: &impl Source, id: WebhookId) -> Result<Webhook, Error> {
    let row = webhook::Entity::find_by_id(id.0).one(on.inner()).await?;
    read(row.ok_or(Error::Missing)?)
}

/// How far the webhook was told of each queue; queues that it has heard nothing of are missing.
pub async fn cursor(on: &impl Source, id: WebhookId) -> Result<Cursor, Error> {
    let rows = webhook_cursor::Entity::find()
        .filter(webhook_cursor::Column::WebhookId.eq(id.0))
        .all(on.inner())
        .await?;
    let told = rows.iter().map(|row| (AreaId(row.area_id), told_of(row)));
    Ok(told.collect())
}

/// Sets how far the webhook was told of these queues.
pub async fn put_cursor(tx: &Tx, id: WebhookId, told: &Cursor) -> Result<(), Error> {
    use webhook_cursor::Column;
    if told.is_empty() {
        return Ok(());
    }
    let rows = told.iter().map(|(area, told)| webhook_cursor::ActiveModel {
        webhook_id: Set(id.0),
        area_id: Set(area.0),
        seq: Set(told.all),
        urgent_seq: Set(told.red),
    });
    webhook_cursor::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([Column::WebhookId, Column::AreaId])
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
        trouble: Set(outcome.trouble),
        ..webhook::ActiveModel::default()
    };
    update(tx, id, change).await?;
    put_cursor(tx, id, &outcome.told).await
}

/// Lets the webhook be tried at once, as if nothing had failed, and by any node: a node that
/// delivers at this moment does not move the position any more.
pub async fn wake(tx: &Tx, id: WebhookId) -> Result<(), Error> {
    lease::end(tx, &lease_name(id)).await?;
    let change = webhook::ActiveModel {
        failures: Set(0),
        retry_at: Set(None),
        trouble: Set(String::new()),
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

fn told_of(row: &webhook_cursor::Model) -> Told {
    Told {
        all: row.seq,
        red: row.urgent_seq,
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
        trouble: row.trouble,
    })
}
