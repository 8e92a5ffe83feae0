//! Background work: one driver repeats each task until the server closes, and measures every run.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Result;
use chrono::TimeDelta;
use futures_util::future::BoxFuture;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::App;
use crate::store::lease::{self, Lease};
use crate::store::{Error, Tx};

/// The shortest time between two runs while much happens in the queues.
const NEWS_PAUSE: Duration = Duration::from_millis(100);

/// Work that is repeated in the background.
#[derive(Debug)]
pub struct Task {
    /// The task in metrics, in the log and in the table of leases.
    pub name: &'static str,
    /// The longest time between the beginnings of two runs.
    pub interval: Duration,
    /// Where only one node at a time may run it: how long one run may take at most.
    pub lease: Option<TimeDelta>,
    /// One run.
    pub run: fn(Arc<App>) -> BoxFuture<'static, Result<Until>>,
}

/// What ends the pause before the next run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// The interval of the task.
    Interval,
    /// The interval, or a new entry in any journal.
    News,
    /// The interval, or the word of another node that it has written.
    Elsewhere,
    /// Nothing: there was the last run.
    Never,
}

/// Starts each of these tasks, until the server closes.
pub fn start(app: &Arc<App>, tasks: &'static [Task]) {
    for task in tasks {
        app.db.spawn(repeat(Arc::clone(app), task));
    }
}

async fn repeat(app: Arc<App>, task: &'static Task) {
    let closing = app.notifier.closing();
    let mut news = app.notifier.subscribe();
    let mut elsewhere = app.notifier.elsewhere();
    let mut ticks = interval(task.interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut until, mut failed) = (Until::Interval, false);
    loop {
        tokio::select! {
            () = closing.cancelled() => return,
            _ = ticks.tick() => {}
            _ = news.changed(), if until == Until::News => sleep(NEWS_PAUSE).await,
            _ = elsewhere.changed(), if until == Until::Elsewhere => {}
        }
        news.borrow_and_update();
        elsewhere.borrow_and_update();
        let done = run(&app, task).await;
        if let Err(error) = &done {
            metrics::counter!("mashang_task_failures_total", "task" => task.name).increment(1);
            // A failure that lasts is logged once.
            if !failed {
                tracing::error!(task = task.name, ?error, "a background task fails");
            }
        }
        failed = done.is_err();
        until = done.unwrap_or(Until::Interval);
        if until == Until::Never {
            return;
        }
    }
}

/// Runs the task once, where no other node runs it.
async fn run(app: &Arc<App>, task: &Task) -> Result<Until> {
    let Some(longest) = task.lease else {
        return measured(app, task).await;
    };
    let (holder, now) = (app.instance, app.clock.now());
    let lease = Lease {
        name: task.name.to_owned(),
        holder,
        until: now + longest,
    };
    let take = move |tx: Tx| async move { lease::take(&tx, lease, now).await };
    if !app.db.write::<_, Error, _, _>(take).await? {
        return Ok(Until::Interval);
    }
    let done = measured(app, task).await;
    let name = task.name;
    let give_back = move |tx: Tx| async move { lease::give_back(&tx, name, holder).await };
    app.db.write::<_, Error, _, _>(give_back).await?;
    done
}

async fn measured(app: &Arc<App>, task: &Task) -> Result<Until> {
    let begun = Instant::now();
    let done = (task.run)(Arc::clone(app)).await;
    metrics::gauge!("mashang_task_duration_seconds", "task" => task.name).set(begun.elapsed());
    if let Ok(now) = SystemTime::UNIX_EPOCH.elapsed() {
        metrics::gauge!("mashang_task_last_run_seconds", "task" => task.name).set(now);
    }
    done
}
