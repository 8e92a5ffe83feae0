//! Background work: each task runs, is measured, and has a lease where one node at a time may run it.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use mashang::testing::store::lease::{self, Lease};
use mashang::testing::store::{Error, Tx};
use uuid::Uuid;

use crate::app::{PATIENCE, TestApp};

/// Waits until the metrics have this line, whatever its value is.
async fn metric(app: &TestApp, name: &str, task: &str) {
    let (line, begun) = (format!("{name}{{task=\"{task}\"}} "), Instant::now());
    loop {
        let metrics = app.metrics().await;
        if metrics.lines().any(|known| known.starts_with(&line)) {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{line}: {metrics}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// guarantee: Metrics tell when each background task last ran, for how long, and what failed
#[tokio::test(flavor = "multi_thread")]
async fn each_background_task_runs_and_is_measured() {
    let app = TestApp::open().await;
    for task in [
        "poller",
        "stream_sessions",
        "escalation",
        "cleanup",
        "webhooks",
    ] {
        metric(&app, "mashang_task_last_run_seconds", task).await;
        metric(&app, "mashang_task_duration_seconds", task).await;
    }
    for (task, table) in [("poller", "journal_head"), ("webhooks", "webhook")] {
        app.execute(&format!("ALTER TABLE {table} RENAME TO away"))
            .await;
        metric(&app, "mashang_task_failures_total", task).await;
        app.execute(&format!("ALTER TABLE away RENAME TO {table}"))
            .await;
    }
}

/// guarantee: A lease belongs to one node until it ends or is given back
#[tokio::test(flavor = "multi_thread")]
async fn lease_is_one_nodes_until_it_ends() {
    let app = TestApp::open().await;
    let [one, two] = [Uuid::new_v4(), Uuid::new_v4()];
    let now = app.state.clock.now();
    let lease = move |holder| Lease {
        name: "a-task".to_owned(),
        holder,
        until: now + TimeDelta::minutes(1),
    };
    let take = async |holder, minutes| {
        let at = now + TimeDelta::minutes(minutes);
        let work = move |tx: Tx| async move { lease::take(&tx, lease(holder), at).await };
        app.state.db.write::<_, Error, _, _>(work).await.unwrap()
    };
    let prolong = async |holder| {
        let work = move |tx: Tx| async move { lease::prolong(&tx, lease(holder)).await };
        app.state.db.write::<_, Error, _, _>(work).await
    };
    let give_back = async |holder| {
        let work = move |tx: Tx| async move { lease::give_back(&tx, "a-task", holder).await };
        app.state.db.write::<_, Error, _, _>(work).await.unwrap();
    };
    assert!(take(one, 0).await && take(one, 0).await, "prolonged");
    assert!(!take(two, 0).await && take(one, 0).await, "refused");
    assert!(matches!(prolong(two).await, Err(Error::Conflict)));
    give_back(two).await;
    prolong(one).await.unwrap();
    assert!(take(two, 2).await, "ended by itself");
    assert!(matches!(prolong(one).await, Err(Error::Conflict)));
    give_back(two).await;
    assert!(take(one, 0).await, "given back");
}
