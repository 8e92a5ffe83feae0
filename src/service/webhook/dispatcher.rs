//! The dispatcher delivers journal entries to webhooks, in the order of each queue, from the cursor
//! of each webhook. One node at a time delivers to one webhook. The cursor advances after the
//! receiver answered with success, so a crash in between repeats the delivery under the same id,
//! and never skips it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;

use super::batch::{self, Batch, Delivery, DeliveryChannel, Payload};
use super::message::{self, Receiver};
use super::{Secrets, queues, send};
use crate::domain::report::ReportId;
use crate::domain::staff::Scope;
use crate::domain::webhook::{ROBOT_PAUSE, WebhookId, pause};
use crate::http_client::Request;
use crate::service::background::Until;
use crate::service::{App, digest};
use crate::store::lease::{self, Lease};
use crate::store::report::Row;
use crate::store::webhook::{Outcome, Webhook};
use crate::store::{Conn, Error, Tx, webhook};

/// A lease outlasts this many deliveries without an answer.
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

/// Starts deliveries to every webhook that is behind. New entries end the pause of this task only
/// where there is a webhook.
pub async fn dispatch(app: &Arc<App>) -> Result<Until, Error> {
    let Some(due) = due(app).await? else {
        return Ok(Until::Interval);
    };
    for id in due {
        if app.deliveries.lock().insert(id) {
            let node = Arc::clone(app);
            app.db.spawn(async move {
                deliver_all(&node, id).await;
                node.deliveries.lock().remove(&id);
            });
        }
    }
    Ok(Until::News)
}

/// The webhooks that are behind and not in a pause. None where there are no webhooks.
async fn due(app: &App) -> Result<Option<Vec<WebhookId>>, Error> {
    let work = |conn: Conn| async move { webhook::all(&conn).await };
    let all = app.db.read(work).await?;
    if all.is_empty() {
        return Ok(None);
    }
    let atlas = app.atlas();
    let (now, local) = (app.clock.now(), app.local_now());
    let due = all.into_iter().filter(|(webhook, cursor)| {
        let waits = webhook.retry_at.is_some_and(|at| at > now);
        let channel = DeliveryChannel::of(&app.rules, &atlas, webhook, local);
        let behind = |queue| {
            let position = cursor.get(&queue).copied().unwrap_or_default();
            app.notifier.known(queue) > channel.position(position)
        };
        webhook.active && !waits && queues(&atlas, webhook.area).into_iter().any(behind)
    });
    Ok(Some(due.map(|(webhook, _)| webhook.id).collect()))
}

/// Delivers to one webhook until no entry is left, a delivery fails, or another node delivers; then
/// gives the lease back.
async fn deliver_all(app: &App, id: WebhookId) {
    let delivering = async {
        while let Some(batch) = next_batch(app, id).await? {
            if !deliver_batch(app, batch).await? {
                break;
            }
        }
        Ok::<_, Error>(())
    };
    match delivering.await {
        // An operator has moved the cursor, or another node has the lease.
        Ok(()) | Err(Error::Conflict | Error::Missing) => {}
        Err(error) => {
            metrics::counter!("mashang_task_failures_total", "task" => "webhooks").increment(1);
            tracing::error!(?error, webhook = id.0, "deliveries to a webhook stopped");
        }
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

/// Takes the lease and reads the next batch. None where another node has the lease, the webhook is
/// paused, or no entry is left.
async fn next_batch(app: &App, id: WebhookId) -> Result<Option<Batch>, Error> {
    let (mine, now) = (lease_of(app, id), app.clock.now());
    let work = move |tx: Tx| async move {
        if !lease::take(&tx, mine, now).await? {
            return Ok(None);
        }
        let webhook = webhook::find(&tx, id).await?;
        Ok::<_, Error>(Some((webhook, webhook::cursor(&tx, id).await?)))
    };
    // An operator may have paused it during the last batch.
    match app.db.write(work).await? {
        Some((webhook, cursor)) if webhook.active => batch::read(app, webhook, cursor).await,
        _ => Ok(None),
    }
}

/// Delivers the batch. False where the next batch has to wait: after a failure, a robot's message,
/// or a shutdown.
async fn deliver_batch(app: &App, batch: Batch) -> Result<bool, Error> {
    let (mut webhook, rows) = (batch.webhook, message::by_report(batch.rows));
    let secrets = Secrets::open(&app.keys, &webhook)?;
    for delivery in batch.deliveries {
        // Quiet hours have begun or ended since: the rest is read again.
        let channel = DeliveryChannel::of(&app.rules, &app.atlas(), &webhook, app.local_now());
        if channel != batch.channel {
            return Ok(true);
        }
        let to = Receiver {
            webhook: &webhook,
            secrets: &secrets,
        };
        let Some(outcome) = deliver(app, to, delivery, &rows).await? else {
            return Ok(false);
        };
        let wait = outcome.retry_at.is_some();
        webhook.failures = outcome.failures;
        webhook.last_error.clone_from(&outcome.last_error);
        settle(app, &webhook, outcome).await?;
        if wait {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Makes one delivery. None where the server closes before the answer: a shutdown does not wait for
/// receivers.
async fn deliver(
    app: &App,
    to: Receiver<'_>,
    delivery: Delivery,
    rows: &HashMap<ReportId, Row>,
) -> Result<Option<Outcome>, Error> {
    let webhook = to.webhook;
    let request = match delivery.payload {
        Some(payload) => request(app, to, payload, rows).await?,
        None => None,
    };
    let Some(request) = request else {
        // Without a request nothing is known about the receiver: a failure before stands.
        return Ok(Some(Outcome {
            failures: webhook.failures,
            retry_at: None,
            last_error: webhook.last_error.clone(),
            delivered: delivery.cursor,
        }));
    };
    let closing = app.notifier.closing();
    let sent = tokio::select! {
        biased;
        () = closing.cancelled() => return Ok(None),
        sent = send(app, webhook.kind, request) => sent,
    };
    let (id, taken) = (webhook.id.0.to_string(), sent.is_ok().to_string());
    metrics::counter!("mashang_webhook_deliveries_total", "webhook" => id, "taken" => taken)
        .increment(1);
    let now = app.clock.now();
    Ok(Some(match sent {
        Ok(()) => Outcome {
            failures: 0,
            retry_at: webhook.kind.is_robot().then_some(now + ROBOT_PAUSE),
            last_error: String::new(),
            delivered: delivery.cursor,
        },
        Err(error) => failure(app, webhook, error),
    }))
}

fn failure(app: &App, webhook: &Webhook, error: String) -> Outcome {
    let failures = webhook.failures.saturating_add(1);
    tracing::warn!(
        webhook = webhook.id.0,
        error,
        failures,
        "a delivery to a webhook failed"
    );
    let wait = pause(failures, app.rules.webhook_retry_max);
    Outcome {
        failures,
        retry_at: Some(app.clock.now() + wait),
        last_error: error,
        delivered: webhook::Cursor::new(),
    }
}

/// The request for a payload. None where the summary of a night turns out to be empty.
async fn request(
    app: &App,
    to: Receiver<'_>,
    payload: Payload,
    rows: &HashMap<ReportId, Row>,
) -> Result<Option<Request>, Error> {
    let mut summary = match payload {
        Payload::Entry(entry) => {
            let row = rows.get(&entry.report);
            return message::entry(app, to, &entry, row).map(Some);
        }
        Payload::Summary(summary) => summary,
    };
    if summary.morning {
        let scope = Scope::of(&app.atlas().tree, to.webhook.area);
        let night = digest::of(app, &scope, app.local_now().date()).await?;
        summary.begin_with(&night);
    }
    Ok((!summary.is_empty()).then(|| message::summary(app, to, &summary)))
}

/// Stores the outcome, and prolongs the lease for the next delivery.
async fn settle(app: &App, webhook: &Webhook, outcome: Outcome) -> Result<(), Error> {
    let (id, mine) = (webhook.id, lease_of(app, webhook.id));
    let work = move |tx: Tx| async move {
        // A conflict where another node has the lease: it delivers the same under the same ids.
        lease::prolong(&tx, mine).await?;
        webhook::settle(&tx, id, outcome).await
    };
    app.db.write(work).await
}
