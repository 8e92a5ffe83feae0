//! The background tasks of a server.

use std::time::Duration;

use chrono::TimeDelta;

use super::audit::refused_sign_ins;
use super::background::{Task, Until};
use super::webhook::dispatcher;
use super::{announcements, chain, cleanup, escalation, poller, stream_sessions};

/// How long a task that goes on until it fails waits before it begins again.
const RETRY: Duration = Duration::from_secs(5);

/// Every task. One node and many are the same code path.
pub const TASKS: &[Task] = &[
    Task {
        name: "poller",
        interval: Duration::from_millis(200),
        lease: None,
        run: |app| {
            Box::pin(async move { Ok(poller::poll(&app).await.map(|()| Until::Elsewhere)?) })
        },
    },
    Task {
        name: "announcer",
        interval: RETRY,
        lease: None,
        run: |app| Box::pin(async move { announcements::announce(&app).await }),
    },
    Task {
        name: "listener",
        interval: RETRY,
        lease: None,
        run: |app| Box::pin(async move { announcements::hear(&app).await }),
    },
    Task {
        name: "stream_sessions",
        interval: stream_sessions::CHECK_INTERVAL,
        lease: None,
        run: |app| {
            Box::pin(async move { stream_sessions::check(&app).await.map(|()| Until::Interval) })
        },
    },
    Task {
        // Deadlines are in minutes. Each node looks; the journal takes each step once.
        name: "escalation",
        interval: Duration::from_secs(5),
        lease: None,
        run: |app| {
            Box::pin(async move { Ok(escalation::escalate(&app).await.map(|_| Until::Interval)?) })
        },
    },
    Task {
        name: "cleanup",
        interval: Duration::from_mins(10),
        lease: Some(TimeDelta::minutes(1)),
        run: |app| {
            Box::pin(async move { Ok(cleanup::sweep_ended(&app).await.map(|_| Until::Interval)?) })
        },
    },
    Task {
        name: "journal_heads",
        interval: Duration::from_hours(24),
        lease: Some(TimeDelta::minutes(1)),
        run: |app| {
            Box::pin(async move { Ok(chain::log_heads(&app).await.map(|()| Until::Interval)?) })
        },
    },
    Task {
        // Each node sums its own.
        name: "refused_sign_ins",
        interval: Duration::from_mins(1),
        lease: None,
        run: |app| {
            Box::pin(async move {
                Ok(refused_sign_ins::write(&app)
                    .await
                    .map(|()| Until::Interval)?)
            })
        },
    },
    Task {
        // The interval ends pauses after failures, and takes over from a node that has stopped.
        // Each webhook has a lease of its own.
        name: "webhooks",
        interval: Duration::from_secs(1),
        lease: None,
        run: |app| Box::pin(async move { Ok(dispatcher::dispatch(&app).await?) }),
    },
];
