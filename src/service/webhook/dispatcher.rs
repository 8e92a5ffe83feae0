//! The dispatcher delivers journal entries to webhooks, in the order of each queue, from the cursor
//! of each. One node at a time delivers to one webhook. The cursor advances after the receiver took
//! the entry, so a crash in between delivers it again under the same id, and never leaves it out.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;

use super::batch::{self, Batch, Payload};
use super::channel::channel;
use super::message::{self, Receiver};
use super::{Secrets, deliver, queues};
use crate::domain::report::ReportId;
use crate::domain::staff::Scope;
use crate::domain::webhook::{Kind, ROBOT_PAUSE, WebhookId, pause};
use crate::http_client::Request;
use crate::service::background::Until;
use crate::service::{App, digest};
use crate::store::lease::{self, Lease};
use crate::store::report::Row;
use crate::store::webhook::{Cursor, Outcome, Webhook};
use crate::store::{Conn, Error, Tx, webhook};

/// A lease outlasts this many deliveries that nobody answers.
const LEASE_DELIVERIES: i32 = 3;

/// The webhooks to which this node delivers at the moment.
#[derive(Debug, Default)]
pub struct Deliveries(Mutex<HashSet<WebhookId>>);

impl Deliveries {
    /// The set is whole at every instant, so a panic elsewhere leaves it usable.
    fn lock(&self) -> MutexGuard<'_, HashSet<WebhookId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts deliveries to every webhook that is behind. New entries are news only where there is a
/// webhook.
pub async fn dispatch(app: &Arc<App>) -> Result<Until, Error> {
    let Some(due) = due(app).await? else {
        return Ok(Until::Interval);
    };
    for id in due {
        if app.deliveries.lock().insert(id) {
            let node = Arc::clone(app);
            app.db.spawn(async move {
                tell(&node, id).await;
                node.deliveries.lock().remove(&id);
            });
        }
    }
    Ok(Until::News)
}

/// The webhooks that may be told something now; none at all where there are no webhooks.
async fn due(app: &App) -> Result<Option<Vec<WebhookId>>, Error> {
    let work = |conn: Conn| async move { webhook::all(&conn).await };
    let all = app.db.read(work).await?;
    if all.is_empty() {
        return Ok(None);
    }
    let atlas = app.atlas();
    let (now, local) = (app.clock.now(), app.local_now());
    let due = all.into_iter().filter(|(webhook, told)| {
        let waits = webhook.retry_at.is_some_and(|at| at > now);
        let channel = channel(&app.rules, &atlas, webhook, local);
        let behind = |queue| {
            let told = told.get(&queue).copied().unwrap_or_default();
            app.notifier.known(queue) > channel.reached(told)
        };
        webhook.active && !waits && queues(&atlas, webhook.area).into_iter().any(behind)
    });
    Ok(Some(due.map(|(webhook, _)| webhook.id).collect()))
}

/// Tells one webhook until nothing is left, something fails, or another node does; then gives the
/// lease back.
async fn tell(app: &App, id: WebhookId) {
    let telling = async {
        while let Some(batch) = pack(app, id).await? {
            if !deliver_batch(app, batch).await? {
                break;
            }
        }
        Ok::<_, Error>(())
    };
    match telling.await {
        // Somebody has set it back, or the lease has gone to another node.
        Ok(()) | Err(Error::Conflict | Error::Missing) => {}
        Err(error) => tracing::error!(?error, webhook = id.0, "a webhook is told nothing"),
    }
    let holder = app.instance;
    let work =
        move |tx: Tx| async move { lease::give_back(&tx, &webhook::lease_name(id), holder).await };
    if let Err(error) = app.db.write::<_, Error, _, _>(work).await {
        tracing::warn!(?error, webhook = id.0, "a lease ends by itself");
    }
}

fn lease_of(app: &App, id: WebhookId) -> Lease {
    let patience = TimeDelta::from_std(app.rules.webhook_patience).unwrap_or(TimeDelta::MAX);
    Lease {
        name: webhook::lease_name(id),
        holder: app.instance,
        until: app.clock.now() + patience * LEASE_DELIVERIES,
    }
}

/// Takes the lease and reads what comes next; none where it is somebody else's, or nothing is left.
async fn pack(app: &App, id: WebhookId) -> Result<Option<Batch>, Error> {
    let (mine, now) = (lease_of(app, id), app.clock.now());
    let work = move |tx: Tx| async move {
        if !lease::take(&tx, mine, now).await? {
            return Ok(None);
        }
        let webhook = webhook::find(&tx, id).await?;
        Ok::<_, Error>(Some((webhook, webhook::cursor(&tx, id).await?)))
    };
    // It may have been paused while it was told the last entry.
    match app.db.write(work).await? {
        Some((webhook, told)) if webhook.active => batch::read(app, webhook, told).await,
        _ => Ok(None),
    }
}

/// Delivers the batch. True if there may be more to deliver at once.
async fn deliver_batch(app: &App, batch: Batch) -> Result<bool, Error> {
    let (webhook, rows) = (batch.webhook, message::by_report(batch.rows));
    let secrets = Secrets::open(&app.keys, &webhook)?;
    let to = Receiver {
        webhook: &webhook,
        secrets: &secrets,
    };
    let (mut failures, mut trouble) = (webhook.failures, webhook.trouble.clone());
    for delivery in batch.deliveries {
        // Quiet hours have begun or ended since: the rest is read again.
        if channel(&app.rules, &app.atlas(), &webhook, app.local_now()) != batch.channel {
            return Ok(true);
        }
        let request = match delivery.load {
            Some(load) => request(app, to, load, &rows).await?,
            None => None,
        };
        let sent = match request {
            Some(request) => match send(app, webhook.kind, request).await {
                Some(sent) => Some(sent),
                None => return Ok(false),
            },
            None => None,
        };
        let outcome = match &sent {
            Some(sent) => outcome(app, webhook.kind, sent, failures, delivery.told),
            // Nothing was sent, so the receiver may still be failing.
            None => Outcome {
                failures,
                retry_at: None,
                trouble: trouble.clone(),
                told: delivery.told,
            },
        };
        if let Some(sent) = &sent {
            let (webhook, taken) = (webhook.id.0.to_string(), sent.is_ok().to_string());
            metrics::counter!("mashang_webhook_deliveries_total", "webhook" => webhook, "taken" => taken)
                .increment(1);
        }
        trouble.clone_from(&outcome.trouble);
        failures = outcome.failures;
        let wait = outcome.retry_at.is_some();
        settle(app, &webhook, outcome).await?;
        if let Some(Err(trouble)) = &sent {
            tracing::warn!(
                webhook = webhook.id.0,
                trouble,
                failures,
                "a webhook was not told"
            );
        }
        if wait {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Sends the request. None if the server closes before the answer: a shutdown does not wait for
/// receivers.
async fn send(app: &App, kind: Kind, request: Request) -> Option<Result<(), String>> {
    let closing = app.notifier.closing();
    tokio::select! {
        biased;
        () = closing.cancelled() => None,
        sent = deliver(app, kind, request) => Some(sent),
    }
}

/// The request for a payload. None if nothing is left to say.
async fn request(
    app: &App,
    to: Receiver<'_>,
    load: Payload,
    rows: &HashMap<ReportId, Row>,
) -> Result<Option<Request>, Error> {
    let mut summary = match load {
        Payload::Entry(entry) => {
            let row = rows.get(&entry.report);
            return message::entry(app, to, &entry, row).map(Some);
        }
        Payload::Summary(summary) => summary,
    };
    if summary.morning {
        let scope = Scope::of(&app.atlas().tree, to.webhook.area);
        let night = digest::of(app, &scope, app.local_now().date()).await?;
        summary.begin_with(&night, app.clock.now());
    }
    Ok((!summary.is_empty()).then(|| message::summary(app, to, &summary)))
}

/// The outcome of a delivery that follows so many failures.
fn outcome(
    app: &App,
    kind: Kind,
    sent: &Result<(), String>,
    failures: u32,
    told: Cursor,
) -> Outcome {
    let now = app.clock.now();
    match sent {
        Ok(()) => Outcome {
            failures: 0,
            retry_at: kind.is_robot().then_some(now + ROBOT_PAUSE),
            trouble: String::new(),
            told,
        },
        Err(trouble) => Outcome {
            failures: failures.saturating_add(1),
            retry_at: Some(now + pause(failures + 1, app.rules.webhook_retry_max)),
            trouble: trouble.clone(),
            told: Cursor::new(),
        },
    }
}

/// Keeps how far it was told, and the lease for the next one.
async fn settle(app: &App, webhook: &Webhook, outcome: Outcome) -> Result<(), Error> {
    let (id, mine) = (webhook.id, lease_of(app, webhook.id));
    let work = move |tx: Tx| async move {
        // A conflict where another node delivers by now: it tells the same under the same ids.
        lease::prolong(&tx, mine).await?;
        webhook::settle(&tx, id, outcome).await
    };
    app.db.write(work).await
}
