//! Privacy: where a person's words must never appear.

use mashang::testing::domain::staff::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::app::TestApp;
use crate::process::Process;

/// Words that occur nowhere else; each in the form in which it would be stored or typed.
const CANARIES: [&str; 10] = [
    "金丝雀",
    "13900007531",
    "139 0000 7531",
    "7F-1931",
    "11010519491231002X",
    "苏F9X7Y1",
    "canary-in-the-note",
    "canary-password-1",
    "金丝雀岛",
    "黄莺鸟",
];

/// The most detailed log for which the promise holds.
const LOUDEST: &str = "debug";

/// guarantee: Personal data is not in the log or the metrics, and not in plain text in the database
/// file
#[tokio::test(flavor = "multi_thread")]
async fn personal_data_is_not_in_log_metrics_or_file() {
    let mut app = TestApp::open().await;
    let worker = app.person("w", Role::GridWorker, "C1").await;
    app.close().await;
    let mut settings = app.settings.clone();
    settings.push(("log", LOUDEST.to_owned()));
    settings.push(("busy_after_ms", "2000".to_owned()));
    let mut process = Process::serve(&settings);
    app.origin = process.origin.clone();

    let resident = app.resident("C1");
    let mut form = resident.form().await;
    for (field, words) in [
        ("region", CANARIES[8]),
        ("name", CANARIES[0]),
        ("phone", CANARIES[2]),
        ("room", CANARIES[3]),
        ("identity", CANARIES[4]),
        ("vehicle", CANARIES[5]),
        ("note", CANARIES[6]),
        ("companion_names", CANARIES[9]),
    ] {
        form[field] = json!(words);
    }
    let mut wrong = form.clone();
    wrong["day"] = json!(CANARIES[0]);
    assert_eq!(
        resident.sends(&wrong).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    wrong["unknown"] = json!(CANARIES[0]);
    assert!(resident.sends(&wrong).await.status.is_client_error());
    app.database_is_there(false).await;
    assert_eq!(
        resident.sends(&form).await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    app.database_is_there(true).await;
    let got = resident.sends(&form).await;
    assert_eq!(got.status, StatusCode::CREATED, "{}", got.json);
    let link = got.json["receipt"].as_str().unwrap();
    let receipt = app.get(link, None).await.json.to_string();
    assert!(receipt.contains(CANARIES[0]), "{receipt}");
    app.sign_in("w", CANARIES[7]).await;
    app.sign_in(CANARIES[1], CANARIES[7]).await;
    let rows = app.get("/staff", Some(&worker)).await.json;
    let reveal = format!(
        "/staff/reports/{}/reveal",
        rows["rows"][0]["id"].as_str().unwrap()
    );
    let shown = app.send(Method::POST, &reveal, Some(&worker), None).await;
    assert!(
        shown.json.to_string().contains(CANARIES[1]),
        "{}",
        shown.json
    );
    let note = format!(
        "/staff/reports/{}/note",
        rows["rows"][0]["id"].as_str().unwrap()
    );
    let words = json!({"version": 1, "reason": CANARIES[6]});
    let noted = app
        .send(Method::POST, &note, Some(&worker), Some(words))
        .await;
    assert_eq!(noted.status, StatusCode::OK, "{}", noted.json);
    for (words, status) in [
        (CANARIES[2], StatusCode::OK),
        (CANARIES[1], StatusCode::OK),
        (CANARIES[0], StatusCode::NOT_FOUND),
    ] {
        let sought = Some(json!({"q": words}));
        let found = app.send(Method::POST, "/staff/search", Some(&worker), sought);
        let found = found.await;
        assert_eq!(found.status, status, "{words}");
        assert!(!found.json.to_string().contains(CANARIES[1]), "masked");
    }
    let figures = app.http.get(&process.metrics).send().await.unwrap();
    let figures = figures.text().await.unwrap();
    assert!(figures.contains("mashang_"), "{figures}");

    let file = app.file().map(|file| {
        let mut all = std::fs::read(&file).unwrap();
        all.extend(std::fs::read(file.with_extension("db-wal")).unwrap());
        all
    });
    process.stop();
    let log = process.log();
    assert!(log.contains("reports cannot be written"), "{log}");
    let token = link.trim_start_matches("/s/");
    for canary in CANARIES.into_iter().chain([token, &worker.token]) {
        assert!(!log.contains(canary), "the log says {canary:?}");
        assert!(!figures.contains(canary), "the figures say {canary:?}");
        let within = |bytes: &Vec<u8>| bytes.windows(canary.len()).any(|w| w == canary.as_bytes());
        assert!(
            !file.as_ref().is_some_and(within),
            "the file holds {canary:?}"
        );
    }
}
