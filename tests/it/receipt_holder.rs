//! The receipt holder amends the report, or withdraws it.

use mashang::testing::domain::staff::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::triage::{first, step};

/// guarantee: A resident corrects a report until a person has taken it, and withdraws it until it
/// has ended
#[tokio::test(flavor = "multi_thread")]
async fn receipt_holder_withdraws_until_the_case_has_ended() {
    let app = TestApp::open().await;
    let (_, receipt) = app.resident("C1").reports().await;
    let (_, other) = app.resident("C1").reports().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let withdraw = async |receipt: &str| {
        let path = format!("{receipt}/withdraw");
        app.send(Method::POST, &path, None, None).await.status
    };
    assert_eq!(withdraw(&receipt).await, StatusCode::NO_CONTENT);
    assert_eq!(withdraw(&receipt).await, StatusCode::CONFLICT);
    assert_eq!(app.get(&receipt, None).await.json["status"], "withdrawn");
    let (id, _) = first(&app, &worker).await;
    step(&app, &worker, &id, "accept", json!({})).await;
    step(&app, &worker, &id, "close", json!({"outcome": "confirmed"})).await;
    assert_eq!(withdraw(&other).await, StatusCode::CONFLICT);
    assert_eq!(app.get(&other, None).await.json["status"], "closed");
    for (receipt, code) in [(&receipt, "withdrawn"), (&other, "ended")] {
        let path = format!("{receipt}/correct");
        let shown = app.get(&path, None).await;
        assert_eq!(shown.status, StatusCode::CONFLICT);
        assert_eq!(shown.json["code"], code);
        let words = app.resident("C1").form().await;
        let sent = app.send(Method::POST, &path, None, Some(words)).await;
        assert_eq!(sent.json["code"], code);
        let (status, _) = app.page(&path).await;
        assert_eq!(
            status,
            StatusCode::SEE_OTHER,
            "a browser is led to the receipt"
        );
    }
}

/// guarantee: A resident corrects a report until a person has taken it, and withdraws it until it
/// has ended
#[tokio::test(flavor = "multi_thread")]
async fn receipt_holder_amends_until_the_report_is_accepted() {
    let app = TestApp::open().await;
    let resident = app.resident("C1");
    let first_words = resident.form().await;
    let taken = resident.sends(&first_words).await;
    let receipt = taken.json["receipt"].as_str().unwrap();
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let due = app.get("/staff", Some(&worker)).await.json["rows"][0]["due_at"].clone();
    let shown = app.page(&format!("{receipt}/correct")).await.1;
    assert!(shown.contains("王示例") && shown.contains("1203"));
    let correct = async |words: &Value| {
        let path = format!("{receipt}/correct");
        app.send(Method::POST, &path, None, Some(words.clone()))
            .await
    };
    let mut words = first_words.clone();
    words["phone"] = json!("12345");
    let wrong = correct(&words).await;
    assert_eq!(wrong.json["mistakes"][0]["field"], "phone");
    for (field, mended) in [
        ("phone", "139 0000 0000"),
        ("direction", "leave"),
        ("companions", "3"),
    ] {
        words[field] = json!(mended);
    }
    assert_eq!(correct(&words).await.status, StatusCode::NO_CONTENT);
    assert_eq!(app.broken().await, None);
    let row = app.get("/staff", Some(&worker)).await.json["rows"][0].clone();
    let fields = (
        &row["direction"],
        &row["persons"],
        &row["phone"],
        &row["due_at"],
    );
    assert_eq!(
        fields,
        (&json!("leave"), &json!(4), &json!("139****0000"), &due)
    );
    assert_eq!(
        resident.sends(&first_words).await.json,
        taken.json,
        "the first key is still its receipt"
    );
    let (id, _) = first(&app, &worker).await;
    step(&app, &worker, &id, "accept", json!({})).await;
    assert_eq!(correct(&words).await.json["code"], "taken");
    let another = app.page(&format!("{receipt}/another")).await.1;
    assert!(another.contains("1203") && another.contains("上海") && !another.contains("王示例"));
}
