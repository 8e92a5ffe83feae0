//! The courier: tells webhooks what the journal says, in the order of each queue, from where each
//! was left off. One node at a time tells one webhook; what was told is kept after it was taken,
//! so that a crash in between tells it again under the same id, and never leaves it out.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::task::JoinSet;

use super::batch::{self, Batch, Payload};
use super::channel::channel;
use super::{Secrets, deliver, message, queues};
use crate::domain::report::ReportId;
use crate::domain::staff::Scope;
use crate::domain::webhook::{Kind, ROBOT_PAUSE, WebhookId, pause};
use crate::http_client::Request;
use crate::service::{App, digest};
use crate::store::report::Row;
use crate::store::webhook::{Cursor, Lease, Outcome, Webhook};
use crate::store::{Conn, Error, Tx, webhook};

/// How often it looks whether a pause is over, or another node has left something.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The shortest time between two looks while much happens.
const LOOK_PAUSE: Duration = Duration::from_millis(100);
/// A lease outlasts this many deliveries that nobody answers.
const LEASE_DELIVERIES: i32 = 3;

/// Works until the house closes, then gives all leases back.
pub async fn run(app: Arc<App>) {
    let closing = app.notifier.closing();
    let mut changed = app.notifier.subscribe();
    let (mut under_way, mut at_work) = (JoinSet::new(), HashSet::new());
    let (mut blind, mut any) = (false, true);
    loop {
        while let Some(Ok(done)) = under_way.try_join_next() {
            at_work.remove(&done);
        }
        changed.borrow_and_update();
        match due(&app).await {
            Ok(due) => {
                (blind, any) = (false, due.is_some());
                for id in due.into_iter().flatten() {
                    if at_work.insert(id) {
                        under_way.spawn(tell(Arc::clone(&app), id));
                    }
                }
            }
            // Said once, not with every look.
            Err(error) if !blind => {
                tracing::error!(?error, "webhooks are told nothing");
                blind = true;
            }
            Err(_) => {}
        }
        let news = tokio::select! {
            () = closing.cancelled() => break,
            _ = changed.changed(), if any && !blind => true,
            () = tokio::time::sleep(LOOK_EVERY) => false,
        };
        if news {
            tokio::time::sleep(LOOK_PAUSE).await;
        }
    }
    while under_way.join_next().await.is_some() {}
    let holder = app.instance;
    let work = move |tx: Tx| async move { webhook::release(&tx, holder).await };
    if let Err(error) = app.db.write(work).await {
        tracing::warn!(?error, "leases end by themselves");
    }
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
        let channel = channel(&app.rules, (&atlas, webhook), local);
        let behind = |queue| {
            let told = told.get(&queue).copied().unwrap_or_default();
            app.notifier.known(queue) > channel.reached(told)
        };
        webhook.active && !waits && queues(&atlas, webhook.area).into_iter().any(behind)
    });
    Ok(Some(due.map(|(webhook, _)| webhook.id).collect()))
}

/// Tells one webhook until nothing is left, something fails, or somebody else does.
async fn tell(app: Arc<App>, id: WebhookId) -> WebhookId {
    let telling = async {
        while let Some(batch) = pack(&app, id).await? {
            if !empty(&app, batch).await? {
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
    id
}

fn lease(app: &App) -> Lease {
    let patience = TimeDelta::from_std(app.rules.webhook_patience).unwrap_or(TimeDelta::MAX);
    Lease {
        holder: app.instance,
        until: app.clock.now() + patience * LEASE_DELIVERIES,
    }
}

/// Takes the lease and reads what comes next; none where it is somebody else's, or nothing is left.
async fn pack(app: &App, id: WebhookId) -> Result<Option<Batch>, Error> {
    let (mine, now) = (lease(app), app.clock.now());
    let work = move |tx: Tx| async move {
        if !webhook::lease(&tx, id, (mine, now)).await? {
            return Ok(None);
        }
        let webhook = webhook::find(&tx, id).await?;
        Ok::<_, Error>(Some((webhook, webhook::cursor(&tx, id).await?)))
    };
    // It may have been paused while it was told the last entry.
    match app.db.write(work).await? {
        Some((webhook, told)) if webhook.active => batch::read(app, (webhook, told)).await,
        _ => Ok(None),
    }
}

/// Delivers what is in the bag; whether there may be more at once.
async fn empty(app: &App, batch: Batch) -> Result<bool, Error> {
    let (webhook, rows) = (batch.webhook, message::by_report(batch.rows));
    let secrets = Secrets::open(&app.keys, &webhook)?;
    let (mut failures, mut trouble) = (webhook.failures, webhook.trouble.clone());
    for parcel in batch.parcels {
        // Night has come, or has gone, while it was told: what is left is packed again.
        if channel(&app.rules, (&app.atlas(), &webhook), app.local_now()) != batch.channel {
            return Ok(true);
        }
        let letter = match parcel.load {
            Some(load) => letter(app, (&webhook, &secrets), (load, &rows)).await?,
            None => None,
        };
        let sent = match letter {
            Some(letter) => match send(app, webhook.kind, letter).await {
                Some(sent) => Some(sent),
                None => return Ok(false),
            },
            None => None,
        };
        let outcome = match &sent {
            Some(sent) => outcome(app, webhook.kind, (sent, failures), parcel.told),
            // Nobody was told anything, so nothing is known of how that would have gone.
            None => Outcome {
                failures,
                retry_at: None,
                trouble: trouble.clone(),
                told: parcel.told,
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

/// Delivers it; none where the house closes before there is an answer, for which it does not wait.
/// What was answered is kept, closing or not.
async fn send(app: &App, kind: Kind, letter: Request) -> Option<Result<(), String>> {
    let closing = app.notifier.closing();
    tokio::select! {
        biased;
        () = closing.cancelled() => None,
        sent = deliver(app, kind, letter) => Some(sent),
    }
}

/// What is written, now; none where nothing is left to say.
async fn letter(
    app: &App,
    to: (&Webhook, &Secrets),
    (load, rows): (Payload, &HashMap<ReportId, Row>),
) -> Result<Option<Request>, Error> {
    let mut summary = match load {
        Payload::Entry(entry) => {
            let row = rows.get(&entry.report);
            return message::entry(app, to, (&entry, row)).map(Some);
        }
        Payload::Summary(summary) => summary,
    };
    if summary.morning {
        let scope = Scope::of(&app.atlas().tree, to.0.area);
        let night = digest::of(app, &scope, app.local_now().date()).await?;
        summary.begin_with(&night, app.clock.now());
    }
    Ok((!summary.is_empty()).then(|| message::summary(app, to, &summary)))
}

/// How telling ended, after so many failures.
fn outcome(
    app: &App,
    kind: Kind,
    (sent, failures): (&Result<(), String>, u32),
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
    let (id, mine, now) = (webhook.id, lease(app), app.clock.now());
    let work = move |tx: Tx| async move {
        webhook::settle(&tx, id, (mine.holder, outcome)).await?;
        webhook::lease(&tx, id, (mine, now)).await?;
        Ok(())
    };
    app.db.write(work).await
}
