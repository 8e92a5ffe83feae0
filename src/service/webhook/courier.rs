//! The courier: tells webhooks what the journal says, in the order of each queue, from where each
//! was left off. One node at a time tells one webhook; what was told is kept after it was taken,
//! so that a crash in between tells it again under the same id, and never leaves it out.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{NaiveDateTime, TimeDelta};
use tokio::task::JoinSet;

use super::{Secrets, deliver, message, queues};
use crate::domain::place::Atlas;
use crate::domain::staff::Scope;
use crate::domain::webhook::{Kind, ROBOT_PAUSE, WebhookId, pause};
use crate::service::{House, Rules};
use crate::store::journal::{Entry, Reds};
use crate::store::report::Row;
use crate::store::webhook::{Cursor, Lease, Outcome, Told, Webhook};
use crate::store::{Conn, Error, journal, report, webhook};

/// How often it looks whether a pause is over, or another node has left something.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The shortest time between two looks while much happens.
const LOOK_PAUSE: Duration = Duration::from_millis(100);
/// Entries of one queue that are read at once.
const ENTRIES_MAX: u64 = 100;
/// A lease outlasts this many deliveries that nobody answers.
const LEASE_DELIVERIES: i32 = 3;

/// Works until the house closes, then gives all leases back.
pub async fn run(house: Arc<House>) {
    let mut closing = house.live.closing();
    let mut changed = house.live.follow_all();
    let (mut under_way, mut at_work) = (JoinSet::new(), HashSet::new());
    let (mut blind, mut any) = (false, true);
    loop {
        while let Some(Ok(done)) = under_way.try_join_next() {
            at_work.remove(&done);
        }
        changed.borrow_and_update();
        match due(&house).await {
            Ok(due) => {
                (blind, any) = (false, due.is_some());
                for id in due.into_iter().flatten() {
                    if at_work.insert(id) {
                        under_way.spawn(tell(Arc::clone(&house), id));
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
            _ = closing.wait_for(|closed| *closed) => break,
            _ = changed.changed(), if any && !blind => true,
            () = tokio::time::sleep(LOOK_EVERY) => false,
        };
        if news {
            tokio::time::sleep(LOOK_PAUSE).await;
        }
    }
    while under_way.join_next().await.is_some() {}
    let holder = house.instance;
    let work = move |conn: Conn| async move {
        let tx = conn.begin().await?;
        webhook::release(&tx, holder).await?;
        tx.commit().await
    };
    if let Err(error) = house.db.run::<_, Error, _, _>(work).await {
        tracing::warn!(?error, "leases end by themselves");
    }
}

/// The webhooks that may be told something now; none at all where there are no webhooks.
async fn due(house: &House) -> Result<Option<Vec<WebhookId>>, Error> {
    let work = |conn: Conn| async move { webhook::all(&conn).await };
    let all = house.db.run::<_, Error, _, _>(work).await?;
    if all.is_empty() {
        return Ok(None);
    }
    let atlas = house.atlas();
    let (now, local) = (house.clock.now(), house.local_now());
    let due = all.into_iter().filter(|(webhook, told)| {
        let waits = webhook.retry_at.is_some_and(|at| at > now);
        let lane = lane(&house.rules, (&atlas, webhook), local);
        let behind = |queue| {
            let told = told.get(&queue).copied().unwrap_or_default();
            house.live.known(queue) > lane.reached(told)
        };
        webhook.active && !waits && queues(&atlas, webhook.area).into_iter().any(behind)
    });
    Ok(Some(due.map(|(webhook, _)| webhook.id).collect()))
}

/// What a webhook is told at this hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// Everything that it was not told yet.
    All,
    /// What a red rule marked; the rest waits for the morning.
    Red,
}

pub(super) fn lane(
    rules: &Rules,
    (atlas, webhook): (&Atlas, &Webhook),
    local: NaiveDateTime,
) -> Lane {
    let quiet = || rules.rota(atlas, webhook.area).is_quiet(local);
    match !webhook.at_night && quiet() {
        true => Lane::Red,
        false => Lane::All,
    }
}

impl Lane {
    /// How far it was told of what is told at this hour.
    pub(super) fn reached(self, told: Told) -> i64 {
        match self {
            Self::All => told.all,
            Self::Red => told.red(),
        }
    }

    fn reach(self, told: &mut Told, seq: i64) {
        match self {
            Self::All => told.all = seq,
            Self::Red => told.red = seq,
        }
    }

    /// Whether an entry behind [`Lane::reached`] is told now: what is red neither waits for the
    /// morning nor is told again in it.
    fn takes(self, told: Told, (seq, red): (i64, bool)) -> bool {
        match self {
            Self::All => !red || seq > told.red,
            Self::Red => red,
        }
    }
}

/// What is told at once, and how far that takes each queue; nothing to tell where no entry of it
/// is wanted.
struct Parcel {
    entries: Vec<Entry>,
    told: Cursor,
}

/// Everything that is read for a webhook at once.
struct Bag {
    webhook: Webhook,
    /// What it is told at the hour at which it was packed.
    lane: Lane,
    parcels: Vec<Parcel>,
    reds: Reds,
    rows: Vec<Row>,
}

/// Tells one webhook until nothing is left, something fails, or somebody else does.
async fn tell(house: Arc<House>, id: WebhookId) -> WebhookId {
    let mut closing = house.live.closing();
    let telling = async {
        while let Some(bag) = pack(&house, id).await? {
            if !empty(&house, bag).await? {
                break;
            }
        }
        Ok::<_, Error>(())
    };
    tokio::select! {
        _ = closing.wait_for(|closed| *closed) => {}
        told = telling => match told {
            // Somebody has set it back, or the lease has gone to another node.
            Ok(()) | Err(Error::Conflict | Error::Missing) => {}
            Err(error) => tracing::error!(?error, webhook = id.0, "a webhook is told nothing"),
        }
    }
    id
}

fn lease(house: &House) -> Lease {
    let patience = TimeDelta::from_std(house.rules.webhook_patience).unwrap_or(TimeDelta::MAX);
    Lease {
        holder: house.instance,
        until: house.clock.now() + patience * LEASE_DELIVERIES,
    }
}

/// Takes the lease and reads what comes next; none where it is somebody else's, or nothing is left.
async fn pack(house: &House, id: WebhookId) -> Result<Option<Bag>, Error> {
    let (mine, now, atlas) = (lease(house), house.clock.now(), house.atlas());
    let (local, rules) = (house.local_now(), house.rules.clone());
    let work = move |conn: Conn| async move {
        let tx = conn.begin().await?;
        if !webhook::lease(&tx, id, (mine, now)).await? {
            return Ok(None);
        }
        tx.commit().await?;
        let webhook = webhook::find(&conn, id).await?;
        // It may have been paused, or night may have come, while it was told the last entry.
        if !webhook.active {
            return Ok(None);
        }
        let lane = lane(&rules, (&atlas, &webhook), local);
        let told = webhook::cursor(&conn, id).await?;
        let scope = Scope::of(&atlas.tree, webhook.area);
        let mut news = Vec::new();
        for queue in queues(&atlas, webhook.area) {
            let seen = lane.reached(told.get(&queue).copied().unwrap_or_default());
            news.extend(journal::after(&conn, &scope, (queue, seen), ENTRIES_MAX).await?);
        }
        let reds = match webhook.kind.is_robot() || !webhook.at_night {
            true => journal::reds(&conn, &news).await?,
            false => Reds::default(),
        };
        let parcels = parcels((&webhook, lane), (&told, &reds), news);
        let mut reports: Vec<_> = (parcels.iter().flat_map(|parcel| &parcel.entries))
            .map(|entry| entry.report)
            .collect();
        reports.sort_unstable();
        reports.dedup();
        let rows = match webhook.kind {
            Kind::Generic if !reports.is_empty() => report::among(&conn, &scope, &reports).await?,
            _ => Vec::new(),
        };
        Ok::<_, Error>((!parcels.is_empty()).then_some(Bag {
            webhook,
            lane,
            parcels,
            reds,
            rows,
        }))
    };
    house.db.run(work).await
}

/// A parcel an entry for programs; for people everything in one.
fn parcels(
    (webhook, lane): (&Webhook, Lane),
    (told, reds): (&Cursor, &Reds),
    news: Vec<Entry>,
) -> Vec<Parcel> {
    let mut parcels: Vec<Parcel> = Vec::new();
    for entry in news {
        let before = told.get(&entry.area).copied().unwrap_or_default();
        let heard = (webhook.kind).hears(&webhook.events, (entry.event, entry.turned_red()));
        let wanted = heard && lane.takes(before, (entry.seq, reds.rule(&entry).is_some()));
        let joins = parcels
            .last()
            .is_some_and(|last| webhook.kind.is_robot() || last.entries.is_empty() || !wanted);
        if !joins {
            parcels.push(Parcel {
                entries: Vec::new(),
                told: Cursor::new(),
            });
        }
        if let Some(last) = parcels.last_mut() {
            lane.reach(last.told.entry(entry.area).or_insert(before), entry.seq);
            last.entries.extend(wanted.then_some(entry));
        }
    }
    parcels
}

/// Delivers what is in the bag; whether there may be more at once.
async fn empty(house: &House, bag: Bag) -> Result<bool, Error> {
    let (webhook, rows) = (bag.webhook, message::by_report(bag.rows));
    let secrets = Secrets::open(&house.keys, &webhook)?;
    let (mut failures, mut trouble) = (webhook.failures, webhook.trouble.clone());
    for parcel in bag.parcels {
        // Night has come, or has gone, while it was told: what is left is packed again.
        if lane(&house.rules, (&house.atlas(), &webhook), house.local_now()) != bag.lane {
            return Ok(true);
        }
        let letter = match (webhook.kind, parcel.entries.as_slice()) {
            (_, []) => None,
            (Kind::Generic, [entry, ..]) => {
                let row = rows.get(&entry.report);
                Some(message::entry(house, (&webhook, &secrets), (entry, row)))
            }
            (_, entries) => Some(message::summary(
                house,
                (&webhook, &secrets),
                (entries, &bag.reds),
            )),
        };
        let sent = match letter {
            Some(letter) => Some(deliver(house, webhook.kind, letter).await),
            None => None,
        };
        let outcome = match &sent {
            Some(sent) => outcome(house, webhook.kind, (sent, failures), parcel.told),
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
        settle(house, &webhook, outcome).await?;
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

/// How telling ended, after so many failures.
fn outcome(
    house: &House,
    kind: Kind,
    (sent, failures): (&Result<(), String>, u32),
    told: Cursor,
) -> Outcome {
    let now = house.clock.now();
    match sent {
        Ok(()) => Outcome {
            failures: 0,
            retry_at: kind.is_robot().then_some(now + ROBOT_PAUSE),
            trouble: String::new(),
            told,
        },
        Err(trouble) => Outcome {
            failures: failures.saturating_add(1),
            retry_at: Some(now + pause(failures + 1, house.rules.webhook_retry_max)),
            trouble: trouble.clone(),
            told: Cursor::new(),
        },
    }
}

/// Keeps how far it was told, and the lease for the next one.
async fn settle(house: &House, webhook: &Webhook, outcome: Outcome) -> Result<(), Error> {
    let (id, mine, now) = (webhook.id, lease(house), house.clock.now());
    let work = move |conn: Conn| async move {
        let tx = conn.begin().await?;
        webhook::settle(&tx, id, (mine.holder, outcome)).await?;
        webhook::lease(&tx, id, (mine, now)).await?;
        tx.commit().await
    };
    house.db.run(work).await
}
