//! Escalation: each level is notified once, has its time, and has it again when a report is reopened.

use mashang::testing::domain::staff::Role;
use mashang::testing::service::escalation;
use mashang::testing::service::import::Table;
use serde_json::json;

use crate::app::{PATIENCE, TestApp};
use crate::deadlines::{RED, at, escalations, import, local, rows, step};

/// guarantee: An overdue report is escalated to each level once, on two nodes and after a restart,
/// and never after its end
#[tokio::test(flavor = "multi_thread")]
async fn overdue_reports_escalate_once_per_level_across_nodes() {
    let mut one = at("2026-09-15T10:00").await;
    let duty = one.person("duty", Role::DutyOfficer, "S").await;
    one.resident("C1").reports().await;
    let id = rows(&one, &duty).await[0]["id"].clone();
    let two = one.join().await;
    for (now, times) in [
        // The clocks go on: a minute before, so that no test is too slow for it.
        ("2026-09-15T11:59", 0),
        ("2026-09-15T12:01", 1),
        ("2026-09-15T12:59", 1),
        ("2026-09-15T13:02", 2),
        ("2026-09-16T11:00", 2),
    ] {
        for node in [&one, &two] {
            node.state.clock.set(local(now));
        }
        for _ in 0..2 {
            let both = [
                escalation::escalate(&one.state),
                escalation::escalate(&two.state),
            ];
            for done in futures_util::future::join_all(both).await {
                done.unwrap();
            }
        }
        assert_eq!(escalations(&one, &duty, &id).await.len(), times, "{now}");
    }
    drop(two);
    one.restart().await;
    one.state.clock.set(local("2026-09-16T12:00"));
    escalation::escalate(&one.state).await.unwrap();
    let lines = escalations(&one, &duty, &id).await;
    assert_eq!(lines, ["已提级到街道", "已提级到区"]);
    let row = rows(&one, &duty).await[0].clone();
    assert_eq!(
        (&row["escalated_to"], &row["version"]),
        (&json!("district"), &json!(1))
    );
    let centre = one.get("/centre", Some(&duty)).await.json;
    let figures = centre["escalated"].as_array().unwrap();
    let figures: Vec<_> = figures
        .iter()
        .map(|level| level["reports"].as_i64().unwrap())
        .collect();
    assert_eq!(figures, [0, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn escalation_reaches_the_stream_without_changing_the_version() {
    let app = at("2026-09-15T10:00").await;
    let worker = app.person("w", Role::GridWorker, "C1").await;
    app.resident("C1").reports().await;
    let row = rows(&app, &worker).await[0].clone();
    let mut stream = app.stream(&worker, None).await;
    app.state.clock.set(local("2026-09-15T12:30"));
    let next = tokio::time::timeout(PATIENCE, stream.next());
    let (_, entry) = next.await.expect("the background task escalates");
    assert_eq!(entry["event"], "escalated");
    assert_eq!(entry["row"]["escalated_to"], "subdistrict");
    assert_eq!(entry["row"]["urgency"], "overdue");
    let row = step(&app, &worker, &row, "accept", json!({})).await;
    assert_eq!(row["status"], "accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn escalation_pause_stops_in_quiet_hours() {
    let app = at("2026-09-15T19:30").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    app.resident("C1").reports().await;
    let id = rows(&app, &duty).await[0]["id"].clone();
    for (now, times) in [
        ("2026-09-15T21:45", 1),
        ("2026-09-16T07:45", 1),
        ("2026-09-16T09:01", 2),
    ] {
        app.state.clock.set(local(now));
        escalation::escalate(&app.state).await.unwrap();
        assert_eq!(escalations(&app, &duty, &id).await.len(), times, "{now}");
    }
}

/// guarantee: A notified level gets its full time again if the report is reopened or its second
/// deadline passes
#[tokio::test(flavor = "multi_thread")]
async fn reopened_report_escalates_after_the_informed_levels_time() {
    let app = at("2026-09-15T10:00").await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    app.resident("C1").reports().await;
    let row = rows(&app, &lead).await[0].clone();
    let id = row["id"].clone();
    let count_at = async |now: &str| {
        app.state.clock.set(local(now));
        escalation::escalate(&app.state).await.unwrap();
        escalations(&app, &lead, &id).await.len()
    };
    assert_eq!(count_at("2026-09-15T12:01").await, 1, "the subdistrict");
    let row = step(&app, &lead, &row, "accept", json!({})).await;
    let row = step(&app, &lead, &row, "close", json!({"outcome": "informed"})).await;
    assert_eq!(count_at("2026-09-16T10:00").await, 1);
    step(&app, &lead, &row, "reopen", json!({"reason": "写错了"})).await;
    for (now, times) in [
        ("2026-09-16T10:30", 1),
        ("2026-09-16T10:59", 1),
        ("2026-09-16T11:02", 2),
        ("2026-09-17T11:02", 2),
    ] {
        assert_eq!(count_at(now).await, times, "{now}");
    }
}

/// guarantee: A notified level gets its full time again if the report is reopened or its second
/// deadline passes
#[tokio::test(flavor = "multi_thread")]
async fn second_deadline_gives_the_informed_level_new_time() {
    let app = at("2026-09-15T10:00").await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    app.resident("C1").reports().await;
    let row = rows(&app, &lead).await[0].clone();
    let count_at = async |now: &str| {
        app.state.clock.set(local(now));
        escalation::escalate(&app.state).await.unwrap();
        escalations(&app, &lead, &row["id"]).await.len()
    };
    assert_eq!(count_at("2026-09-15T12:01").await, 1);
    step(&app, &lead, &row, "accept", json!({})).await;
    for (now, times) in [
        ("2026-09-16T09:59", 1),
        ("2026-09-16T10:59", 1),
        ("2026-09-16T11:02", 2),
    ] {
        assert_eq!(count_at(now).await, times, "{now}");
    }
}

/// guarantee: An ordinary report has some minutes before it is escalated, an urgent one has none
#[tokio::test(flavor = "multi_thread")]
async fn only_ordinary_reports_have_a_grace_before_escalation() {
    let settings = [("session_hours", "720"), ("escalate_grace_minutes", "10")];
    let app = TestApp::open_at(&settings, local("2026-09-15T10:00")).await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    app.resident("C1").reports().await;
    let calm = rows(&app, &lead).await[0]["id"].clone();
    import(&app, Table::RedRules, RED).await;
    app.resident("C1").reports().await;
    let red = rows(&app, &lead).await[0]["id"].clone();
    assert_ne!(calm, red);
    for (now, of_calm, of_red) in [
        ("2026-09-15T11:59", 0, 0),
        ("2026-09-15T12:01", 0, 1),
        ("2026-09-15T12:09", 0, 1),
        ("2026-09-15T12:11", 1, 1),
    ] {
        app.state.clock.set(local(now));
        escalation::escalate(&app.state).await.unwrap();
        let told = async |id| escalations(&app, &lead, id).await.len();
        assert_eq!(
            (told(&calm).await, told(&red).await),
            (of_calm, of_red),
            "{now}"
        );
    }
}
