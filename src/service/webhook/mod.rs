//! Webhooks: other programs and group robots hear of what happens in the queues. The journal is
//! the outbox; how far each was told is a number per queue, which an operator may set back.

use std::sync::Arc;

use self::message::Receiver;
use super::App;
use crate::domain::area::AreaId;
use crate::domain::place::Atlas;
use crate::domain::staff::Scope;
use crate::domain::webhook::{Events, Kind, WebhookId};
use crate::http_client::{self, BadAddress, DeliveryError};
use crate::seal::Keys;
use crate::store::webhook::{Cursor, NewWebhook, Told, Webhook};
use crate::store::{Conn, Error, Tx, journal, webhook};

mod batch;
mod channel;
pub mod dispatcher;
mod message;
pub mod signature;
mod summary;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The address is not used.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// The secret of a program is not one of Standard Webhooks.
    #[error("the secret is not whsec_ and 24 to 64 bytes in base64 (Standard Webhooks)")]
    Secret,
    /// No queue lies in the area.
    #[error("no community lies in this area, so nothing would ever be told")]
    Area,
    /// Several queues lie in the area, or another one was named.
    #[error("name one queue of the webhook's area")]
    Queue,
    /// History does not reach that far.
    #[error("the history of this queue has {reached} entries")]
    Ahead {
        /// How many.
        reached: i64,
    },
    /// The message was not taken.
    #[error("the message was not taken: {0}")]
    DeliveryError(String),
    /// The database said no.
    #[error(transparent)]
    Store(#[from] Error),
}

/// A webhook as an administrator wants it.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The area whose queues it hears of.
    pub area: AreaId,
    /// How it is written to.
    pub kind: Kind,
    /// Whether in English.
    pub english: bool,
    /// What it is told; what the kind is told by custom where nothing is said.
    pub events: Option<Events>,
    /// Whether it is told during quiet hours, too; programs are, people are not.
    pub at_night: Option<bool>,
}

/// Where a webhook is, and what signs; opened only to be used.
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
fn queues(atlas: &Atlas, area: AreaId) -> Vec<AreaId> {
    Scope::of(&atlas.tree, area).own_queues().to_vec()
}

/// Adds a webhook, which hears of what happens from now on. Returns its secret, too: where none
/// is given, a program's is drawn here and told this once.
pub async fn add(
    app: &App,
    wanted: Wanted,
    address: &str,
    secret: Option<String>,
) -> Result<(WebhookId, String), Refused> {
    http_client::check(address, app.rules.webhook_plain_http)?;
    if queues(&app.atlas(), wanted.area).is_empty() {
        return Err(Refused::Area);
    }
    let secret = match (secret, wanted.kind) {
        (Some(secret), Kind::Generic) if !signature::is_secret(&secret) => {
            return Err(Refused::Secret);
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
    let address = address.to_owned();
    let work = move |tx: Tx| async move {
        let id = webhook::insert(&tx, new).await?;
        let seal = |name, words: &str| {
            let sealed = keys.seal_text(&place(name, id), words);
            sealed.or(Err(Error::Corrupt("a webhook cannot be sealed".into())))
        };
        webhook::put_secrets(&tx, id, seal("address", &address)?, seal("secret", &kept)?).await?;
        let now = journal::reached(&tx).await?.into_iter();
        let now = now.map(|(queue, seq)| (queue, Told::up_to(seq))).collect();
        webhook::put_cursor(&tx, id, &now).await?;
        Ok::<_, Error>(id)
    };
    Ok((app.db.write(work).await?, secret))
}

/// A webhook as an administrator sees it: of its address only the host.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The webhook.
    pub webhook: Webhook,
    /// The host that it is written to.
    pub host: String,
    /// Entries that it has not been told of, also of kinds that it does not hear of.
    pub behind: i64,
}

/// Every webhook, and how far it is behind.
pub async fn list(app: &App) -> Result<Vec<Listed>, Error> {
    let work = |conn: Conn| async move {
        let all = webhook::all(&conn).await?;
        Ok::<_, Error>((all, journal::reached(&conn).await?))
    };
    let (all, reached) = app.db.read(work).await?;
    let listed = all.into_iter().map(|(webhook, told)| {
        let behind = queues(&app.atlas(), webhook.area).into_iter().map(|queue| {
            let reached = reached.get(&queue).copied().unwrap_or_default();
            reached - told.get(&queue).copied().unwrap_or_default().all
        });
        Ok(Listed {
            host: http_client::host(&Secrets::open(&app.keys, &webhook)?.address),
            behind: behind.sum(),
            webhook,
        })
    });
    listed.collect()
}

/// How it goes with a webhook that is to be told, as figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Going {
    /// The webhook.
    pub id: WebhookId,
    /// Deliveries that failed in a row.
    pub failures: u32,
    /// Entries that lie behind what it was told: in quiet hours, for one that is silent in them,
    /// behind the last of which it is known whether they are red.
    pub behind: i64,
}

/// How it goes with every webhook that is not paused.
pub async fn goings(app: &App) -> Result<Vec<Going>, Error> {
    let work = |conn: Conn| async move {
        let all = webhook::all(&conn).await?;
        Ok::<_, Error>((all, journal::reached(&conn).await?))
    };
    let (all, reached) = app.db.read(work).await?;
    let (atlas, local) = (app.atlas(), app.local_now());
    let active = all.into_iter().filter(|(webhook, _)| webhook.active);
    let goings = active.map(|(webhook, told)| {
        let channel = channel::channel(&app.rules, &atlas, &webhook, local);
        let behind = queues(&atlas, webhook.area).into_iter().map(|queue| {
            let reached = reached.get(&queue).copied().unwrap_or_default();
            let told = told.get(&queue).copied().unwrap_or_default();
            (reached - channel.reached(told)).max(0)
        });
        Going {
            id: webhook.id,
            failures: webhook.failures,
            behind: behind.sum(),
        }
    });
    Ok(goings.collect())
}

/// Sends a message that says that it is a trial, now and once.
pub async fn test(app: &App, id: WebhookId) -> Result<(), Refused> {
    let work = move |conn: Conn| async move { webhook::find(&conn, id).await };
    let webhook = app.db.read(work).await?;
    let secrets = Secrets::open(&app.keys, &webhook)?;
    let to = Receiver {
        webhook: &webhook,
        secrets: &secrets,
    };
    let told = deliver(app, webhook.kind, message::trial(app, to)?).await;
    told.map_err(Refused::DeliveryError)
}

/// Sends a request; chat robots say in the body whether they took it.
async fn deliver(app: &App, kind: Kind, request: http_client::Request) -> Result<(), String> {
    let answer = app.http.send(request, app.rules.webhook_patience).await;
    let answer = answer.map_err(|trouble: DeliveryError| trouble.to_string())?;
    if kind.is_robot() {
        message::robot_took(&answer)
    } else {
        Ok(())
    }
}

/// Tells a queue's history again from this entry on, or leaves out what lies before it. Ids stay
/// the same, so that the other side knows what it has heard already.
pub async fn replay(
    app: &App,
    id: WebhookId,
    queue: Option<AreaId>,
    from: i64,
) -> Result<(), Refused> {
    let work = move |conn: Conn| async move { webhook::find(&conn, id).await };
    let webhook = app.db.read(work).await?;
    let known = queues(&app.atlas(), webhook.area);
    let queue = match (queue, known.as_slice()) {
        (None, [only]) => *only,
        (Some(queue), known) if known.contains(&queue) => queue,
        _ => return Err(Refused::Queue),
    };
    let told = Cursor::from([(queue, Told::up_to(from.max(1) - 1))]);
    let work = move |tx: Tx| async move {
        let reached = journal::reached(&tx)
            .await?
            .remove(&queue)
            .unwrap_or_default();
        if from > reached + 1 {
            return Err(Refused::Ahead { reached });
        }
        // The lease and the webhook first, as a delivery locks them: else both could wait for
        // each other.
        webhook::wake(&tx, id).await?;
        webhook::put_cursor(&tx, id, &told).await?;
        Ok(())
    };
    app.db.write(work).await
}

/// Tells it nothing for a while, or goes on where it was; what happens meanwhile waits.
pub async fn set_active(app: &App, id: WebhookId, active: bool) -> Result<(), Error> {
    let work = move |tx: Tx| async move {
        webhook::wake(&tx, id).await?;
        webhook::set_active(&tx, id, active).await
    };
    app.db.write(work).await
}

/// Forgets it.
pub async fn remove(app: &App, id: WebhookId) -> Result<(), Error> {
    let work = move |tx: Tx| async move { webhook::remove(&tx, id).await };
    app.db.write(work).await
}
