//! A queue of the writer without room: a report waits a moment for it, and its refusal is cheap.

use std::pin::pin;

use futures_util::poll;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::TestApp;

/// guarantee: A full queue refuses a report before it is read, says when to come again, and keeps the
/// words on the page
#[tokio::test(flavor = "multi_thread")]
async fn full_queue_refuses_before_it_reads() {
    let app = TestApp::open_with(&[("intake_queue_max", "1"), ("intake_wait_ms", "0")]).await;
    let resident = app.resident("C1");
    let form = resident.form().await;
    let slot = app.state.intake.reserve().await.unwrap();
    let path = format!("/q/{}", resident.code);
    for body in [form.clone(), json!({"no": "report"})] {
        let request = app.request(Method::POST, &path, None);
        let request = request.header("accept", "application/json").json(&body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        let after = answer.headers()["retry-after"].to_str().unwrap();
        assert!((1..=5).contains(&after.parse::<u32>().unwrap()), "{after}");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], "busy");
    }
    let page = app.post_page(&resident.code, &form).await;
    assert_eq!(page.0, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.1.contains("王示例") && page.1.contains(form["key"].as_str().unwrap()));
    drop(slot);
    assert_eq!(resident.sends(&form).await.status, StatusCode::CREATED);
}

/// guarantee: A report waits a moment for room in the queue, in the order of arrival
#[tokio::test(flavor = "multi_thread")]
async fn report_waits_for_room_in_turn() {
    let app = TestApp::open_with(&[("intake_queue_max", "1"), ("intake_wait_ms", "60000")]).await;
    let intake = &app.state.intake;
    let slot = intake.reserve().await.unwrap();
    let (mut first, mut second) = (pin!(intake.reserve()), pin!(intake.reserve()));
    assert!(poll!(&mut first).is_pending());
    assert!(poll!(&mut second).is_pending());
    drop(slot);
    assert!(poll!(&mut second).is_pending());
    let slot = first.await;
    assert!(slot.is_some());
    drop(slot);
    assert!(second.await.is_some());
}
