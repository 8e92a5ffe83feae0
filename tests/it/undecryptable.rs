//! A report whose sealed part cannot be opened: named where it stands, and no harm to any other.

use mashang::testing::domain::staff::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Person, TestApp};
use crate::deadlines::{at, local};
use crate::process::Process;
use crate::triage::step;

const WORDS: &str = "姓名、电话、房号无法打开";

/// Three reports of one night, the second of which cannot be opened; their numbers and receipts.
async fn night() -> (TestApp, Person, Vec<(String, String)>) {
    let app = at("2026-09-16T03:00").await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let mut reports = Vec::new();
    for _ in 0..3 {
        reports.push(app.resident("C1").reports().await);
    }
    app.damage(&reports[1].0).await;
    app.state.clock.set(local("2026-09-16T08:00"));
    (app, worker, reports)
}

fn of_number<'a>(rows: &'a Value, number: &str) -> &'a Value {
    let mut rows = rows.as_array().unwrap().iter();
    rows.find(|row| row["number"] == number).unwrap()
}

async fn page(app: &TestApp, person: &Person, path: &str) -> String {
    let request = app.request(Method::GET, path, Some(person));
    let answer = request.header("accept", "text/html").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.text().await.unwrap()
}

/// guarantee: A report that cannot be decrypted is listed with what is known, is worked on without
/// its personal data, and is named in the log once
#[tokio::test(flavor = "multi_thread")]
async fn undecryptable_report_stands_in_every_list() {
    let (app, worker, reports) = night().await;
    let (number, _) = &reports[1];
    let list = app.get("/staff", Some(&worker)).await.json;
    assert_eq!(list["rows"].as_array().unwrap().len(), 3);
    let row = of_number(&list["rows"], number);
    assert_eq!(
        [&row["unreadable"], &row["name"], &row["phone"]],
        [&json!(true), &Value::Null, &Value::Null]
    );
    assert_eq!(
        [&row["direction"], &row["place"], &row["region"]],
        ["return", "花园 1号楼 1单元", "上海市"]
    );
    assert!(row["due_ms"].as_i64() > Some(0), "its time runs: {row}");
    let other = of_number(&list["rows"], &reports[0].0);
    assert_eq!(other["unreadable"], false);
    assert_eq!(other["phone"], "138****0000");

    let digest = app.get("/staff/digest", Some(&worker)).await.json;
    let rows = &digest["queues"][0]["buildings"][0]["rows"];
    assert_eq!(rows.as_array().unwrap().len(), 3);
    assert_eq!(of_number(rows, number)["unreadable"], true);
    for (words, found) in [(number.as_str(), 1), ("13800000000", 3)] {
        let sought = Some(json!({"q": words}));
        let got = app.send(Method::POST, "/staff/search", Some(&worker), sought);
        let rows = got.await.json["rows"].clone();
        assert_eq!(rows.as_array().unwrap().len(), found, "{words}");
        assert_eq!(of_number(&rows, number)["unreadable"], true);
    }
    for path in ["/staff", "/staff/digest"] {
        let text = page(&app, &worker, path).await;
        assert!(text.contains(WORDS) && text.contains(number), "{path}");
        let text = page(&app, &worker, &format!("{path}?lang=en")).await;
        assert!(text.contains("cannot be opened"), "{path}");
    }
}

/// guarantee: A report that cannot be decrypted is listed with what is known, is worked on without
/// its personal data, and is named in the log once
#[tokio::test(flavor = "multi_thread")]
async fn undecryptable_report_allows_steps_without_personal_data() {
    let (app, worker, reports) = night().await;
    let list = app.get("/staff", Some(&worker)).await.json;
    let cursor = list["cursor"].as_str().unwrap();
    let row = of_number(&list["rows"], &reports[1].0);
    let id = row["id"].as_str().unwrap();
    let path = format!("/staff/reports/{id}");
    let case = page(&app, &worker, &path).await;
    assert!(case.contains(WORDS) && case.contains("/accept"), "{case}");
    assert!(!case.contains("/call") && !case.contains("/reveal"));

    for asked in ["call", "reveal"] {
        let path = format!("{path}/{asked}");
        let got = app.send(
            Method::POST,
            &path,
            Some(&worker),
            Some(json!({"version": 1})),
        );
        let got = got.await;
        assert_eq!(got.status, StatusCode::CONFLICT, "{asked}");
        assert_eq!(got.json["code"], "unreadable");
        assert_eq!(got.json["row"]["status"], "waiting", "nobody has taken it");
        let history = got.json["history"].as_array().unwrap();
        assert_eq!(history.len(), 1, "nobody has looked: {history:?}");
    }

    let all = list["rows"].as_array().unwrap().iter();
    let all: Vec<_> = all
        .map(|row| json!({"id": row["id"], "version": row["version"]}))
        .collect();
    let bulk = Some(json!({"step": "accept", "reports": all}));
    let got = app.send(Method::POST, "/staff/bulk", Some(&worker), bulk);
    let results = got.await.json["results"].clone();
    let results = results.as_array().unwrap();
    assert_eq!(results.len(), 3);
    assert!(
        results.iter().all(|result| result["done"] == true),
        "{results:?}"
    );
    let mut stream = app.stream(&worker, Some(cursor)).await;
    let mut streamed = Vec::new();
    for _ in 0..3 {
        streamed.push(stream.next().await.1["row"].clone());
    }
    assert_eq!(
        of_number(&json!(streamed), &reports[1].0)["unreadable"],
        true
    );
    let noted = step(&app, &worker, id, "note", json!({"reason": "已上门"})).await;
    assert_eq!(noted.status, StatusCode::OK, "{}", noted.json);
    let ended = step(&app, &worker, id, "close", json!({"outcome": "confirmed"})).await;
    assert_eq!(ended.json["row"]["status"], "closed", "{}", ended.json);
}

/// guarantee: The resident of a report that cannot be decrypted is told so and can send it again
#[tokio::test(flavor = "multi_thread")]
async fn holder_of_undecryptable_report_can_submit_again() {
    let (app, worker, reports) = night().await;
    let (number, receipt) = &reports[1];
    let answer = app.get(receipt, None).await.json;
    assert_eq!(
        (&answer["unreadable"], &answer["number"]),
        (&json!(true), &json!(number))
    );
    let (status, text) = app.page(receipt).await;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("重新填写") && text.contains("花园"), "{text}");
    let correct = format!("{receipt}/correct");
    let (status, form) = app.page(&correct).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        form.contains("value=\"return\" checked"),
        "what is known stays: {form}"
    );
    let words = app.resident("C1").form().await;
    let said = app.send(Method::POST, &correct, None, Some(words)).await;
    assert_eq!(said.status, StatusCode::NO_CONTENT, "{}", said.json);
    let list = app.get("/staff", Some(&worker)).await.json;
    let row = of_number(&list["rows"], number);
    assert_eq!(
        (&row["unreadable"], &row["phone"]),
        (&json!(false), &json!("138****0000"))
    );

    // Once somebody has taken it, only the telephone is left.
    app.damage(&reports[2].0).await;
    let id = of_number(&list["rows"], &reports[2].0)["id"]
        .as_str()
        .unwrap();
    step(&app, &worker, id, "accept", json!({})).await;
    let (_, text) = app.page(&reports[2].1).await;
    assert!(
        text.contains("请打电话给社区") && !text.contains("重新填写"),
        "{text}"
    );
    let withdrawn = format!("{}/withdraw", reports[2].1);
    let gone = app.send(Method::POST, &withdrawn, None, None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
}

/// guarantee: A report with an unknown word hides no other, is not denied to a search by number,
/// and is counted in the metrics
#[tokio::test(flavor = "multi_thread")]
async fn report_with_unknown_words_hides_no_other() {
    let (app, worker, reports) = night().await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    app.spoil(&reports[0].0, "escalated_to", "prefecture".into())
        .await;
    let unlisted = async || {
        let figures = app.metrics().await;
        let lines = figures.lines();
        let mut figure = lines.filter_map(|line| line.strip_prefix("mashang_reports_unlisted "));
        figure.next().unwrap().to_owned()
    };
    let list = app.get("/staff", Some(&worker)).await;
    assert_eq!(list.status, StatusCode::OK, "{}", list.json);
    let rows = list.json["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "the others");
    let id = of_number(&list.json["rows"], &reports[2].0)["id"].as_str();
    let case = format!("/staff/reports/{}", id.unwrap());
    for (path, person) in [
        ("/staff/counts", &worker),
        (case.as_str(), &worker),
        ("/staff", &duty),
        ("/centre", &duty),
    ] {
        let got = app.get(path, Some(person)).await;
        assert_eq!(got.status, StatusCode::OK, "{path}: {}", got.json);
    }
    let sought = Some(json!({"q": reports[0].0}));
    let got = app.send(Method::POST, "/staff/search", Some(&worker), sought);
    let (status, code) = (got.await.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(
        status, code,
        "the search must not say that the report does not exist"
    );
    assert_eq!(unlisted().await, "1", "the metrics count it");
    app.spoil(&reports[0].0, "escalated_to", sea_orm::Value::String(None))
        .await;
    let path = format!("{}/withdraw", reports[0].1);
    let gone = app.send(Method::POST, &path, None, None);
    assert_eq!(gone.await.status, StatusCode::NO_CONTENT);
    assert_eq!(
        app.get("/staff", Some(&worker)).await.status,
        StatusCode::OK
    );
    assert_eq!(unlisted().await, "0");
}

/// guarantee: A report that cannot be decrypted is listed with what is known, is worked on without
/// its personal data, and is named in the log once
#[tokio::test(flavor = "multi_thread")]
async fn undecryptable_report_is_logged_once_without_personal_data() {
    let mut app = TestApp::open().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let (number, _) = app.resident("C1").reports().await;
    let (second, _) = app.resident("C1").reports().await;
    app.damage(&number).await;
    app.damage(&second).await;
    app.close().await;
    let mut process = Process::serve(&app.settings);
    app.origin = process.origin.clone();
    for _ in 0..3 {
        let list = app.get("/staff", Some(&worker)).await;
        assert_eq!(list.status, StatusCode::OK, "{}", list.json);
    }
    process.stop();
    let log = process.log();
    let named = |number: &str| {
        let lines = log.lines().filter(|line| line.contains(number));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    for number in [&number, &second] {
        let lines = named(number);
        assert_eq!(lines.len(), 1, "{log}");
        assert!(lines[0].contains("\"ERROR\"") && lines[0].contains("cannot be opened"));
    }
    for theirs in ["王示例", "13800000000", "138****0000", "上海"] {
        assert!(!log.contains(theirs), "{theirs} in {log}");
    }
}
