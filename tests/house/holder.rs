//! Whoever holds a receipt: mends what was said, or takes it back.

use mashang::domain::staff::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::triage::{first, step};
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_holds_the_receipt_withdraws_until_it_has_ended() {
    let world = World::open().await;
    let (_, receipt) = world.resident("C1").reports().await;
    let (_, other) = world.resident("C1").reports().await;
    let worker = world.person("worker", Role::GridWorker, "C1").await;
    let withdraw = async |receipt: &str| {
        let path = format!("{receipt}/withdraw");
        world.send(Method::POST, &path, None, None).await.status
    };
    assert_eq!(withdraw(&receipt).await, StatusCode::NO_CONTENT);
    assert_eq!(withdraw(&receipt).await, StatusCode::CONFLICT);
    assert_eq!(world.get(&receipt, None).await.json["status"], "withdrawn");
    let (id, _) = first(&world, &worker).await;
    step(&world, &worker, &id, "accept", json!({})).await;
    step(
        &world,
        &worker,
        &id,
        "close",
        json!({"outcome": "confirmed"}),
    )
    .await;
    assert_eq!(withdraw(&other).await, StatusCode::CONFLICT);
    assert_eq!(world.get(&other, None).await.json["status"], "closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_holds_the_receipt_mends_the_report_until_somebody_has_taken_it() {
    let world = World::open().await;
    let resident = world.resident("C1");
    let first_words = resident.form().await;
    let taken = resident.sends(&first_words).await;
    let receipt = taken.json["receipt"].as_str().unwrap();
    let worker = world.person("worker", Role::GridWorker, "C1").await;
    let due = world.get("/staff", Some(&worker)).await.json["rows"][0]["due_at"].clone();
    let shown = world.page(&format!("{receipt}/correct")).await.1;
    assert!(shown.contains("王示例") && shown.contains("1203"));
    let correct = async |words: &Value| {
        let path = format!("{receipt}/correct");
        world
            .send(Method::POST, &path, None, Some(words.clone()))
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
    assert_eq!(world.broken().await, None);
    let row = world.get("/staff", Some(&worker)).await.json["rows"][0].clone();
    let told = (
        &row["direction"],
        &row["persons"],
        &row["phone"],
        &row["due_at"],
    );
    assert_eq!(
        told,
        (&json!("leave"), &json!(4), &json!("139****0000"), &due)
    );
    assert_eq!(
        resident.sends(&first_words).await.json,
        taken.json,
        "the first key is still its receipt"
    );
    let (id, _) = first(&world, &worker).await;
    step(&world, &worker, &id, "accept", json!({})).await;
    assert_eq!(correct(&words).await.json["code"], "taken");
    let another = world.page(&format!("{receipt}/another")).await.1;
    assert!(another.contains("1203") && another.contains("上海") && !another.contains("王示例"));
}
