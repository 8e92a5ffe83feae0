//! Floods: many reports of one telephone stand as one line, and are ended together.

use mashang::testing::domain::staff::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Got, Person, TestApp};
use crate::listing::{at, count, look, numbers, report, step};

const FLOOD: &str = "13800000009";

async fn flooded() -> TestApp {
    let app = TestApp::open_with(&[("fold_reports", "4"), ("session_hours", "48")]).await;
    at(&app, 10, 0);
    app
}

/// So many reports of one telephone, each of a room of its own.
async fn reports(app: &TestApp, queue: &str, rooms: std::ops::Range<u32>) -> Vec<String> {
    let mut numbers = Vec::new();
    for room in rooms {
        // One after the other, so that the first one is due first.
        app.state
            .clock
            .set(app.state.clock.now() + chrono::TimeDelta::seconds(1));
        let words = json!({"phone": FLOOD, "room": room.to_string()});
        numbers.push(report(app, queue, words).await);
    }
    numbers
}

async fn merge(app: &TestApp, person: &Person, kept: &Value, rows: &[Value]) -> Got {
    let reports: Vec<Value> = rows
        .iter()
        .map(|row| json!({"id": row["id"], "version": row["version"]}))
        .collect();
    let body = json!({"step": "merge", "same_as": kept["id"], "reports": reports});
    app.send(Method::POST, "/staff/bulk", Some(person), Some(body))
        .await
}

/// guarantee: Many reports of one telephone stand as one line that says how many it stands for
#[tokio::test(flavor = "multi_thread")]
async fn many_reports_of_one_telephone_stand_as_one_line() {
    let app = flooded().await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let flood = reports(&app, "C1", 100..105).await;
    let other = report(&app, "C1", json!({"phone": "13800000001", "room": "1"})).await;
    reports(&app, "C2", 100..103).await;
    let view = look(&app, &lead, "view=open&fold=1").await;
    assert_eq!(count(&view, "open"), 6, "a view counts reports");
    assert_eq!(numbers(&view), [flood[0].clone(), other.clone()]);
    let line = &view["rows"][0];
    assert_eq!(line["flood"], 5);
    assert_eq!(line["flood_words"], "此号码今日已报 5 条");
    assert_eq!(view["rows"][1]["flood"], 0);
    let address = line["flood_address"].as_str().unwrap();
    assert!(!address.contains("0009"), "{address}");
    let listed = look(&app, &lead, address.split_once('?').unwrap().1).await;
    assert_eq!(numbers(&listed), flood);
    assert_eq!(count(&listed, "open"), 5);
    assert_eq!(count(&listed, "waiting"), 5);
    // A program that does not ask for lines gets each report.
    assert_eq!(numbers(&look(&app, &lead, "view=open").await).len(), 6);
    // Of the other community there are too few for a line.
    let view = look(&app, &duty, "view=open&fold=1").await;
    assert_eq!(count(&view, "open"), 9);
    assert_eq!(numbers(&view).len(), 5);
    // The view counts what belongs to it.
    for number in &flood[..2] {
        step(&app, &lead, number, "accept", json!({})).await;
    }
    let mine = look(&app, &lead, "view=mine&fold=1").await;
    assert_eq!((count(&mine, "mine"), numbers(&mine).len()), (2, 2));
    at(&app, 9, 0);
    let tomorrow = app.state.clock.now() + chrono::TimeDelta::days(1);
    app.state.clock.set(tomorrow);
    let view = look(&app, &lead, "view=open&fold=1").await;
    let line = view["rows"].as_array().unwrap().iter();
    let words = line.map(|row| row["flood_words"].as_str().unwrap());
    assert_eq!(words.collect::<String>(), "此号码有 5 条待办");
}

/// guarantee: The reports of one telephone are merged into one by one step, and each refusal says why
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_merged_into_one_report() {
    let app = flooded().await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let flood = reports(&app, "C1", 100..106).await;
    // One of them has a duplicate already, and stays.
    let rows = look(&app, &lead, "view=open").await["rows"].clone();
    let rows = rows.as_array().unwrap();
    let first = merge(&app, &lead, &rows[1], &rows[5..]).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.json);
    let done = merge(&app, &lead, &rows[0], &rows[1..5]).await;
    let results = done.json["results"].as_array().unwrap();
    let codes: Vec<&str> = results
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["keeps_others", "", "", ""]);
    let path = format!("/staff/reports/{}", rows[0]["id"].as_str().unwrap());
    let case = app.get(&path, Some(&lead)).await.json;
    assert_eq!(case["merged"].as_array().unwrap().len(), 3);
    let view = look(&app, &lead, "view=open&fold=1").await;
    assert_eq!(count(&view, "open"), 2);
    assert_eq!(numbers(&view), [flood[0].clone(), flood[1].clone()]);
    // What has ended today is listed by telephone, too.
    let ended = format!("view=closed_today&same={}", rows[0]["id"].as_str().unwrap());
    assert_eq!(count(&look(&app, &lead, &ended).await, "closed_today"), 4);
    report(&app, "C1", json!({"phone": "13800000001", "room": "1"})).await;
    assert_eq!(count(&look(&app, &lead, &ended).await, "open"), 2);
}

/// guarantee: The list of a telephone whose report has left the person's queues is empty
#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_a_foreign_telephone_is_empty() {
    let app = flooded().await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    reports(&app, "C1", 100..101).await;
    let there = reports(&app, "C2", 200..201).await;
    let id = app.search(&duty, &there[0]).await.1["rows"][0]["id"].clone();
    let same = format!("view=open&same={}", id.as_str().unwrap());
    assert_eq!(numbers(&look(&app, &duty, &same).await).len(), 2);
    let view = look(&app, &lead, &same).await;
    assert_eq!((numbers(&view).len(), count(&view, "open")), (0, 0));
}
