//! Survival: a database that is locked, gone or full, and a stop with streams open.

use mashang::testing::domain::staff::Role;
use reqwest::StatusCode;

use crate::app::TestApp;
use crate::process::Process;

/// guarantee: A shutdown does not wait for open streams
#[tokio::test(flavor = "multi_thread")]
async fn shutdown_ends_streams_and_keeps_reports() {
    let mut app = TestApp::open().await;
    let worker = app.person("w", Role::GridWorker, "C1").await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(app.stream(&worker, None).await);
    }
    let (number, _) = app.resident("C1").reports().await;
    app.close().await;
    // A stream that is not closed first is cut off when the time for open requests is over.
    for stream in &mut streams {
        assert!(stream.ends().await);
    }
    app.state = mashang::testing::run::build(&app.config()).await.unwrap();
    app.open_doors().await;
    let rows = app.get("/staff", Some(&worker)).await.json;
    assert_eq!(rows["rows"][0]["number"], number.as_str());
}

/// guarantee: A locked database is answered with 503, the page keeps the resident's words, and the
/// server recovers by itself
#[tokio::test(flavor = "multi_thread")]
async fn locked_database_answers_503_and_heals() {
    if std::env::var_os("MASHANG_TEST_POSTGRES").is_some() {
        return; // SQLite's own lock; on PostgreSQL no client can lock the whole database.
    }
    let app = TestApp::open_with(&[("busy_after_ms", "2000")]).await;
    let resident = app.resident("C1");
    let form = resident.form().await;
    let locker = app.lock().await;
    let got = resident.sends(&form).await;
    assert_eq!(
        (got.status, got.json["code"].as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, Some("busy"))
    );
    let page = app.post_page(&resident.code, &form).await;
    assert_eq!(page.0, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        page.1.contains("王示例") && page.1.contains(form["key"].as_str().unwrap()),
        "words and key are kept"
    );
    locker.close().await.unwrap();
    assert_eq!(resident.sends(&form).await.status, StatusCode::CREATED);
}

/// guarantee: A database file that was moved away is answered with 503 and never written to, and
/// the server recovers when it is back
#[tokio::test(flavor = "multi_thread")]
async fn moved_database_answers_503_keeps_input_and_heals() {
    let app = TestApp::open_with(&[("busy_after_ms", "2000")]).await;
    let resident = app.resident("C1");
    let form = resident.form().await;
    app.database_is_there(false).await;
    let got = resident.sends(&form).await;
    assert_eq!(got.status, StatusCode::SERVICE_UNAVAILABLE, "{}", got.json);
    let page = app.post_page(&resident.code, &form).await;
    assert_eq!(page.0, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.1.contains("王示例") && page.1.contains(form["key"].as_str().unwrap()));
    let ready = app.get("/readyz", None).await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(app.get("/healthz", None).await.status, StatusCode::OK);
    app.database_is_there(true).await;
    assert_eq!(resident.sends(&form).await.status, StatusCode::CREATED);
    assert_eq!(app.get("/readyz", None).await.status, StatusCode::OK);
}

/// guarantee: A full disk is answered with 503, nothing is half stored, and what is acknowledged
/// afterwards is durable
#[tokio::test(flavor = "multi_thread")]
async fn full_disk_answers_503_and_stores_nothing_partially() {
    let mut app = TestApp::open().await;
    let Some(file) = app.file() else {
        return; // PostgreSQL has a disk of its own, behind its own answers.
    };
    app.close().await;
    let mut process = Process::serve(&app.settings);
    app.origin = process.origin.clone();
    let resident = app.resident("C1");
    let (first, _) = resident.reports().await;
    let form = resident.form().await;
    // No file of the process may grow any more, as on a disk without room.
    process.limit_files(Some(0));
    let got = resident.sends(&form).await;
    assert_eq!(got.status, StatusCode::SERVICE_UNAVAILABLE, "{}", got.json);
    let page = app.post_page(&resident.code, &form).await;
    assert_eq!(page.0, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.1.contains("王示例") && page.1.contains(form["key"].as_str().unwrap()));
    process.limit_files(None);
    let got = resident.sends(&form).await;
    assert_eq!(got.status, StatusCode::CREATED, "{}", got.json);
    process.stop();
    assert!(file.exists());
    app.state = mashang::testing::run::build(&app.config()).await.unwrap();
    app.open_doors().await;
    let worker = app.person("w", Role::GridWorker, "C1").await;
    let rows = app.get("/staff", Some(&worker)).await.json;
    let numbers: Vec<_> = rows["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["number"])
        .collect();
    assert_eq!(numbers, [&serde_json::json!(first), &got.json["number"]]);
}
