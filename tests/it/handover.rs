//! Hand-over: a dismissed person leaves no open report behind.

use std::time::Duration;

use mashang::testing::domain::staff::Role;
use mashang::testing::service::handover::{self, HandedOver, HandoverError};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{PATIENCE, Person, TestApp};

async fn rows(app: &TestApp, person: &Person) -> Vec<Value> {
    let got = app.get("/staff", Some(person)).await;
    got.json["rows"].as_array().unwrap().clone()
}

async fn step(app: &TestApp, person: &Person, row: &Value, name: &str, words: Value) -> Value {
    let mut words = words;
    words["version"] = row["version"].clone();
    let path = format!("/staff/reports/{}/{name}", row["id"].as_str().unwrap());
    let got = app
        .send(Method::POST, &path, Some(person), Some(words))
        .await;
    assert_eq!(got.status, StatusCode::OK, "{name}: {}", got.json);
    got.json["row"].clone()
}

/// guarantee: Reports of a person who leaves wait again or go to a colleague, and deadlines run on
#[tokio::test(flavor = "multi_thread")]
async fn handed_over_cases_wait_again_and_keep_their_deadlines() {
    let one = TestApp::open().await;
    let two = one.join().await;
    let leaves = one.person("leaves", Role::GridWorker, "C1").await;
    let lead = one.person("lead", Role::CommunityLead, "C1").await;
    for _ in 0..3 {
        one.resident("C1").reports().await;
    }
    let before = rows(&one, &leaves).await;
    step(&one, &leaves, &before[0], "accept", json!({})).await;
    let tried = step(&one, &leaves, &before[1], "accept", json!({})).await;
    let later = json!({"retry_minutes": 30});
    step(&one, &leaves, &tried, "unreachable", later).await;
    let mut there = two.stream(&lead, None).await;

    let gone = handover::let_go(&one.state, " Leaves", None).await.unwrap();
    let wanted = HandedOver {
        to_colleague: 0,
        to_queue: 2,
    };
    assert_eq!(gone, wanted);
    for row in &before[..2] {
        let next = tokio::time::timeout(PATIENCE, there.next());
        let (_, entry) = next.await.expect("the other node reads new entries");
        let fields = (&entry["event"], &entry["report"]);
        assert_eq!(fields, (&json!("released"), &row["id"]));
        assert_eq!(entry["row"]["owner_id"], Value::Null);
    }
    let after = rows(&two, &lead).await;
    assert_eq!(after.len(), 3);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(after["status"], "waiting");
        assert_eq!(after["due_at"], before["due_at"], "the clock never moves");
        assert_eq!(after["retry"], "");
    }
    let again = handover::let_go(&two.state, "leaves", None).await.unwrap();
    assert_eq!(again, HandedOver::default());
    let unknown = handover::let_go(&two.state, "nobody", None).await;
    assert!(matches!(unknown, Err(HandoverError::UnknownLogin)));
}

/// guarantee: Reports of a person who leaves wait again or go to a colleague, and deadlines run on
#[tokio::test(flavor = "multi_thread")]
async fn colleague_takes_over_only_what_lies_in_their_queues() {
    let app = TestApp::open().await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let heir = app.person("heir", Role::CommunityLead, "C1").await;
    app.person("auditor", Role::Auditor, "S").await;
    app.person("left", Role::GridWorker, "C1").await;
    handover::let_go(&app.state, "left", None).await.unwrap();
    app.resident("C1").reports().await;
    app.resident("C2").reports().await;
    for row in rows(&app, &duty).await {
        let taken = step(&app, &duty, &row, "accept", json!({})).await;
        step(
            &app,
            &duty,
            &taken,
            "unreachable",
            json!({"retry_minutes": 30}),
        )
        .await;
    }
    for wrong in ["nobody", "duty", "auditor", "left"] {
        let refused = handover::let_go(&app.state, "duty", Some(wrong)).await;
        assert!(matches!(refused, Err(HandoverError::Colleague)), "{wrong}");
    }
    assert_eq!(rows(&app, &duty).await.len(), 2, "nothing was done");

    let handed = handover::let_go(&app.state, "duty", Some("heir")).await;
    let wanted = HandedOver {
        to_colleague: 1,
        to_queue: 1,
    };
    assert_eq!(handed.unwrap(), wanted);
    let own = rows(&app, &heir).await;
    assert_eq!(own.len(), 1);
    assert_eq!(own[0]["status"], "unreachable");
    assert_ne!(own[0]["retry"], "", "the time that was agreed upon stays");
    let case = format!("/staff/reports/{}", own[0]["id"].as_str().unwrap());
    let case = app.get(&case, Some(&heir)).await.json;
    let line = &case["history"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&line["event"], &line["who"]),
        (&json!("handed_over"), &json!("duty"))
    );
    let watch = app.person("watch", Role::DutyOfficer, "S").await;
    let other = rows(&app, &watch).await;
    let waits: Vec<_> = other.iter().map(|row| row["status"].clone()).collect();
    assert_eq!(waits, [json!("waiting"), json!("unreachable")]);
}

/// guarantee: A person cannot take a report at the moment of their dismissal
#[tokio::test(flavor = "multi_thread")]
async fn dismissed_person_accepts_nothing_at_that_moment() {
    let one = TestApp::open().await;
    let two = one.join().await;
    let leaves = one.person("leaves", Role::GridWorker, "C1").await;
    let lead = one.person("lead", Role::CommunityLead, "C1").await;
    for _ in 0..24 {
        one.resident("C1").reports().await;
    }
    let before = rows(&one, &lead).await;
    let mine = one.get("/staff", Some(&leaves)).await.json["person_id"].clone();
    let steps = before.iter().enumerate().map(|(at, row)| {
        let (node, who, words) = match at % 4 {
            0 => (&two, &lead, json!({"staff": mine, "version": 1})),
            1 => (&one, &leaves, json!({"version": 1})),
            _ => (&two, &leaves, json!({"version": 1})),
        };
        let name = if at % 4 == 0 { "assign" } else { "accept" };
        let path = format!("/staff/reports/{}/{name}", row["id"].as_str().unwrap());
        async move {
            tokio::time::sleep(Duration::from_millis(2 * at as u64)).await;
            node.send(Method::POST, &path, Some(who), Some(words)).await
        }
    });
    let leaving = async {
        tokio::time::sleep(Duration::from_millis(15)).await;
        handover::let_go(&one.state, "leaves", None).await.unwrap()
    };
    let (got, gone) = tokio::join!(futures_util::future::join_all(steps), leaving);
    for got in &got {
        assert!(!got.status.is_server_error(), "{}", got.json);
    }
    for row in rows(&one, &lead).await {
        assert_ne!(row["owner_id"], mine, "{gone:?}: left behind: {row}");
    }
}

/// guarantee: A step can be undone to an ended report whose owner has left, but not to an open one
#[tokio::test(flavor = "multi_thread")]
async fn undo_never_returns_an_open_case_to_a_dismissed_person() {
    let app = TestApp::open().await;
    let leaves = app.person("leaves", Role::GridWorker, "C1").await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    app.resident("C1").reports().await;
    let row = rows(&app, &lead).await[0].clone();
    let taken = step(&app, &leaves, &row, "accept", json!({})).await;
    let own = app.get("/staff", Some(&lead)).await.json["person_id"].clone();
    let given = step(&app, &lead, &taken, "assign", json!({"staff": own})).await;
    handover::let_go(&app.state, "leaves", None).await.unwrap();
    let path = format!("/staff/reports/{}/undo", row["id"].as_str().unwrap());
    let words = Some(json!({"version": given["version"]}));
    let undone = app.send(Method::POST, &path, Some(&lead), words).await;
    assert_eq!(undone.json["code"], "too_late", "{}", undone.json);
    assert_eq!(rows(&app, &lead).await[0]["owner_id"], own);
}

/// guarantee: A step can be undone to an ended report whose owner has left, but not to an open one
#[tokio::test(flavor = "multi_thread")]
async fn undo_restores_an_ended_case_whose_owner_has_left() {
    let app = TestApp::open().await;
    let leaves = app.person("leaves", Role::GridWorker, "C1").await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    app.resident("C1").reports().await;
    let row = rows(&app, &lead).await[0].clone();
    let taken = step(&app, &leaves, &row, "accept", json!({})).await;
    let outcome = json!({"outcome": "informed"});
    let mut ended = step(&app, &leaves, &taken, "close", outcome).await;
    handover::let_go(&app.state, "leaves", None).await.unwrap();
    let path = format!("/staff/reports/{}/undo", row["id"].as_str().unwrap());
    for name in ["reopen", "verify", "note"] {
        let why = json!({"reason": "手滑"});
        let done = step(&app, &lead, &ended, name, why).await;
        let words = Some(json!({"version": done["version"]}));
        let undone = app.send(Method::POST, &path, Some(&lead), words).await;
        assert_eq!(undone.status, StatusCode::OK, "{name}: {}", undone.json);
        ended = undone.json["row"].clone();
        assert_eq!(ended["status"], "closed", "{name}");
        assert_eq!(ended["owner_id"], taken["owner_id"], "{name}");
    }
}
