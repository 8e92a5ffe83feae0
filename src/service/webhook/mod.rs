//! Webhooks deliver the entries of the queues to other programs and to the robots of chat groups. The
//! journal is the outbox. The cursor of a webhook has a position for each queue; an operator may move
//! it back.

use std::sync::Arc;

use serde_json::{Value, json};

use self::batch::DeliveryChannel;
use self::message::Receiver;
use super::App;
use super::audit::{self, Actor, AuditAct, Recorder};
use crate::domain::area::AreaId;
use crate::domain::audit::AuditEvent;
use crate::domain::place::Atlas;
use crate::domain::queue::QueueId;
use crate::domain::staff::Scope;
use crate::domain::webhook::{Events, Kind, WebhookId};
use crate::http_client::{self, BadAddress, DeliveryError};
use crate::seal::Keys;
use crate::store::webhook::{Cursor, NewWebhook, Position, Webhook};
use crate::store::{Conn, Error, Tx, journal, webhook};

mod batch;
pub mod dispatcher;
mod message;
pub mod signature;
mod summary;

/// Why a webhook is not added, tested or replayed.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The address is not allowed.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// The secret of a program is not one of Standard Webhooks.
    #[error("the secret is not whsec_ and 24 to 64 bytes in base64 (Standard Webhooks)")]
    Secret,
    /// The area has no queue.
    #[error("this area has no community, so the webhook would never get an entry")]
    Area,
    /// The area has several queues, or the queue is not one of them.
    #[error("name one queue of the webhook's area")]
    Queue,
    /// The entry does not exist yet.
    #[error("the history of this queue has {reached} entries")]
    Ahead {
        /// The number of entries.
        reached: i64,
    },
    /// The delivery failed.
    #[error("the delivery failed: {0}")]
    DeliveryError(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// A webhook to be added.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The area whose queues it subscribes to.
    pub area: AreaId,
    /// The form of its messages.
    pub kind: Kind,
    /// Whether the messages are in English.
    pub english: bool,
    /// The kinds of entries that it gets; none for [`Kind::events`].
    pub events: Option<Events>,
    /// Whether it gets every entry during quiet hours, too; by default programs do and robots do not.
    pub at_night: Option<bool>,
}

/// The address and the secret in the clear. They are opened only for use.
struct Secrets {
    address: String,
    secret: String,
}

impl Secrets {
    fn open(keys: &Keys, webhook: &Webhook) -> Result<Self, Error> {
        let open = |name: &str, sealed: &str| {
            let opened = keys.open_text(&place(name, webhook.id), sealed);
            opened.or(Err(Error::Corrupt(format!(
                "webhook.{name} cannot be opened"
            ))))
        };
        Ok(Self {
            address: open("address", &webhook.address)?,
            secret: open("secret", &webhook.secret)?,
        })
    }
}

fn place(name: &str, id: WebhookId) -> String {
    format!("webhook.{name}.{}", id.0)
}

/// The queues of an area, in order.
fn queues(atlas: &Atlas, area: AreaId) -> Vec<QueueId> {
    Scope::of(&atlas.tree, area).own_queues().to_vec()
}

/// Adds a webhook, which gets the entries from now on. Returns its number and its secret. Without a
/// `secret`, a program gets a random one, which only this answer shows.
pub async fn add(
    app: &App,
    wanted: Wanted,
    address: &str,
    secret: Option<String>,
) -> Result<(WebhookId, String), WebhookError> {
    http_client::check(address, app.rules.webhook_plain_http)?;
    app.http.judge(address).await.map_err(BadAddress::from)?;
    if queues(&app.atlas(), wanted.area).is_empty() {
        return Err(WebhookError::Area);
    }
    let secret = match (secret, wanted.kind) {
        (Some(secret), Kind::Generic) if !signature::is_secret(&secret) => {
            return Err(WebhookError::Secret);
        }
        (Some(secret), _) => secret,
        (None, Kind::Generic) => signature::draw_secret(),
        (None, _) => String::new(),
    };
    let new = NewWebhook {
        area: wanted.area,
        kind: wanted.kind,
        lang: if wanted.english { "en" } else { "zh" },
        events: wanted.events.unwrap_or_else(|| wanted.kind.events()),
        at_night: wanted.at_night.unwrap_or(!wanted.kind.is_robot()),
        created_at: app.clock.now(),
    };
    let (keys, kept) = (Arc::clone(&app.keys), secret.clone());
    let atlas = app.atlas();
    let area = atlas.tree.get(wanted.area).map(|area| area.code.as_str());
    // Not the whole address: a robot's address is its password.
    let host = http_client::host(address);
    let mut facts = json!({ "kind": wanted.kind.code(), "area": area, "host": host });
    let (address, recorder) = (address.to_owned(), Recorder::of(app));
    let work = move |tx: Tx| async move {
        let id = webhook::insert(&tx, new).await?;
        let seal = |name, words: &str| {
            let sealed = keys.seal_text(&place(name, id), words);
            sealed.or(Err(Error::Corrupt("a webhook cannot be sealed".into())))
        };
        webhook::put_secrets(&tx, id, seal("address", &address)?, seal("secret", &kept)?).await?;
        let now = journal::reached(&tx).await?.into_iter();
        let now = now
            .map(|(queue, seq)| (queue, Position::up_to(seq)))
            .collect();
        webhook::put_cursor(&tx, id, &now).await?;
        facts["webhook"] = id.0.into();
        let added = by_operator(AuditEvent::WebhookAdded, facts);
        recorder.write(&tx, [added]).await?;
        Ok::<_, Error>(id)
    };
    Ok((app.db.write(work).await?, secret))
}

/// A webhook in the list for administrators, with the host of its address only.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The webhook.
    pub webhook: Webhook,
    /// The host of its address.
    pub host: String,
    /// Entries behind its cursor, also of kinds that it does not subscribe to.
    pub behind: i64,
}

/// Every webhook with its backlog.
pub async fn list(app: &App) -> Result<Vec<Listed>, Error> {
    let work = |conn: Conn| async move {
        let all = webhook::all(&conn).await?;
        Ok::<_, Error>((all, journal::reached(&conn).await?))
    };
    let (all, reached) = app.db.read(work).await?;
    let listed = all.into_iter().map(|(webhook, cursor)| {
        let behind = queues(&app.atlas(), webhook.area).into_iter().map(|queue| {
            let reached = reached.get(&queue).copied().unwrap_or_default();
            reached - cursor.get(&queue).copied().unwrap_or_default().all
        });
        Ok(Listed {
            host: http_client::host(&Secrets::open(&app.keys, &webhook)?.address),
            behind: behind.sum(),
            webhook,
        })
    });
    listed.collect()
}

/// The delivery statistics of an active webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryStats {
    /// The webhook.
    pub id: WebhookId,
    /// Deliveries that failed in a row.
    pub failures: u32,
    /// Entries behind its cursor. In quiet hours, for a webhook that is silent then: behind the last
    /// entry that is known to be urgent or not.
    pub behind: i64,
}

/// The delivery statistics of every active webhook.
pub async fn delivery_stats(app: &App) -> Result<Vec<DeliveryStats>, Error> {
    let work = |conn: Conn| async move {
        let all = webhook::all(&conn).await?;
        Ok::<_, Error>((all, journal::reached(&conn).await?))
    };
    let (all, reached) = app.db.read(work).await?;
    let (atlas, local) = (app.atlas(), app.local_now());
    let active = all.into_iter().filter(|(webhook, _)| webhook.active);
    let stats = active.map(|(webhook, cursor)| {
        let channel = DeliveryChannel::of(&app.rules, &atlas, &webhook, local);
        let behind = queues(&atlas, webhook.area).into_iter().map(|queue| {
            let reached = reached.get(&queue).copied().unwrap_or_default();
            let position = cursor.get(&queue).copied().unwrap_or_default();
            (reached - channel.position(position)).max(0)
        });
        DeliveryStats {
            id: webhook.id,
            failures: webhook.failures,
            behind: behind.sum(),
        }
    });
    Ok(stats.collect())
}

/// Sends one test message now, and does not repeat it.
pub async fn test(app: &App, id: WebhookId) -> Result<(), WebhookError> {
    let work = move |conn: Conn| async move { webhook::find(&conn, id).await };
    let webhook = app.db.read(work).await?;
    let secrets = Secrets::open(&app.keys, &webhook)?;
    let facts = json!({ "webhook": id.0 });
    audit::record(app, by_operator(AuditEvent::WebhookTested, facts)).await?;
    let to = Receiver {
        webhook: &webhook,
        secrets: &secrets,
    };
    let sent = send(app, webhook.kind, message::test(app, to)?).await;
    sent.map_err(WebhookError::DeliveryError)
}

/// Sends a request. The error is a text for the operator, without the address.
async fn send(app: &App, kind: Kind, request: http_client::Request) -> Result<(), String> {
    let answer = app.http.send(request, app.rules.webhook_patience).await;
    let answer = answer.map_err(|error: DeliveryError| error.to_string())?;
    if kind.is_robot() {
        message::robot_answer(&answer)
    } else {
        Ok(())
    }
}

/// Moves the cursor of a queue to just before the entry `from`, back or forward. A repeated delivery
/// has the same id as the first one, so the receiver can recognise it.
pub async fn replay(
    app: &App,
    id: WebhookId,
    queue: Option<QueueId>,
    from: i64,
) -> Result<(), WebhookError> {
    let work = move |conn: Conn| async move { webhook::find(&conn, id).await };
    let webhook = app.db.read(work).await?;
    let known = queues(&app.atlas(), webhook.area);
    let queue = match (queue, known.as_slice()) {
        (None, [only]) => *only,
        (Some(queue), known) if known.contains(&queue) => queue,
        _ => return Err(WebhookError::Queue),
    };
    let cursor = Cursor::from([(queue, Position::up_to(from.max(1) - 1))]);
    let facts = json!({ "webhook": id.0, "queue": queue.0, "from": from });
    let replayed = by_operator(AuditEvent::WebhookReplayed, facts);
    let recorder = Recorder::of(app);
    let work = move |tx: Tx| async move {
        let reached = journal::reached(&tx)
            .await?
            .remove(&queue)
            .unwrap_or_default();
        if from > reached + 1 {
            return Err(WebhookError::Ahead { reached });
        }
        // The lease and the webhook first, as a delivery locks them: else both could wait for
        // each other.
        webhook::wake(&tx, id).await?;
        webhook::put_cursor(&tx, id, &cursor).await?;
        recorder.write(&tx, [replayed]).await?;
        Ok(())
    };
    app.db.write(work).await
}

/// Pauses a webhook, or continues from its cursor. Entries wait meanwhile.
pub async fn set_active(app: &App, id: WebhookId, active: bool) -> Result<(), Error> {
    let (facts, recorder) = (json!({ "webhook": id.0 }), Recorder::of(app));
    let resumed = active.then(|| by_operator(AuditEvent::WebhookResumed, facts.clone()));
    let work = move |tx: Tx| async move {
        webhook::wake(&tx, id).await?;
        webhook::set_active(&tx, id, active).await?;
        recorder.write(&tx, resumed).await
    };
    app.db.write::<_, Error, _, _>(work).await?;
    if !active {
        audit::record_after(app, by_operator(AuditEvent::WebhookPaused, facts));
    }
    Ok(())
}

/// Removes a webhook with its cursor.
pub async fn remove(app: &App, id: WebhookId) -> Result<(), Error> {
    let work = move |tx: Tx| async move { webhook::remove(&tx, id).await };
    app.db.write::<_, Error, _, _>(work).await?;
    let facts = json!({ "webhook": id.0 });
    audit::record_after(app, by_operator(AuditEvent::WebhookRemoved, facts));
    Ok(())
}

/// Webhooks are changed on the command line.
fn by_operator(event: AuditEvent, facts: Value) -> AuditAct {
    AuditAct::of(Actor::Operator, event, facts)
}
