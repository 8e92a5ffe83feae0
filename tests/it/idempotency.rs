//! Resends: however often a report is sent, under whose key and how much later, it is one report,
//! and a phone that lost the answer gets its receipt.

use chrono::TimeDelta;
use mashang::testing::domain::staff::Role;
use mashang::testing::service::import::Table;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Got, TestApp};
use crate::deadlines::import;
use crate::desk::{enter, form, spots};

/// Longer than anybody may report back.
const LATE: TimeDelta = TimeDelta::days(16);

fn later(app: &TestApp) {
    let now = app.state.clock.now() + LATE;
    app.state.clock.set(now);
}

/// Sends the form under a key of the client's own.
async fn under(app: &TestApp, key: &str, form: &Value) -> Got {
    let path = format!("/q/{}", app.resident("C1").code);
    let request = app.request(Method::POST, &path, None);
    let request = request.header("accept", "application/json");
    let sent = request.header("idempotency-key", key).json(form).send();
    let sent = sent.await.unwrap();
    Got {
        status: sent.status(),
        json: sent.json().await.unwrap(),
    }
}

/// guarantee: A resend of the same words gets its receipt weeks later, by page, client's key and
/// desk, and other words get none
#[tokio::test(flavor = "multi_thread")]
async fn late_resend_gets_its_receipt_though_the_day_is_past() {
    let app = TestApp::open().await;
    let resident = app.resident("C1");
    let kept = resident.form().await;
    let taken = resident.sends(&kept).await;
    let own = under(&app, "a key of its own", &kept).await;
    assert_eq!(own.status, StatusCode::CREATED);
    later(&app);
    let again = resident.sends(&kept).await;
    assert_eq!((again.status, &again.json), (StatusCode::OK, &taken.json));
    let (status, page) = app.post_page(&resident.code, &kept).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
    let again = under(&app, "a key of its own", &kept).await;
    assert_eq!((again.status, &again.json), (StatusCode::OK, &own.json));

    // No client sees the receipt of other content.
    let mut other = kept.clone();
    other["name"] = json!("李示例");
    let fresh = resident.form().await["key"].clone();
    let number = taken.json["number"].as_str().unwrap();
    for got in [
        resident.sends(&other).await,
        under(&app, "a key of its own", &other).await,
        under(&app, "another key", &kept).await,
        {
            let mut new = kept.clone();
            new["key"] = fresh;
            resident.sends(&new).await
        },
    ] {
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(got.json["mistakes"][0]["field"], "day");
        let said = got.json.to_string();
        assert!(!said.contains(number) && !said.contains("/s/"), "{said}");
    }
    let (_, page) = app.post_page(&resident.code, &other).await;
    assert!(!page.contains(number), "{page}");
}

/// guarantee: A resend of the same words gets its receipt weeks later, by page, client's key and
/// desk, and other words get none
#[tokio::test(flavor = "multi_thread")]
async fn telephone_only_resend_on_another_day_is_one_report() {
    let app = TestApp::open().await;
    let resident = app.resident("C1");
    let key = resident.form().await["key"].clone();
    let kept = json!({
        "key": key, "direction": "return", "phone": "138 0000 0000", "only": "phone",
    });
    let taken = resident.sends(&kept).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.json);
    later(&app);
    let again = resident.sends(&kept).await;
    assert_eq!((again.status, again.json), (StatusCode::OK, taken.json));
    let mut other = kept.clone();
    other["phone"] = json!("139 0000 0000");
    assert_eq!(resident.sends(&other).await.status, StatusCode::CONFLICT);
}

/// guarantee: A resend of the same words gets its receipt weeks later, by page, client's key and
/// desk, and other words get none
#[tokio::test(flavor = "multi_thread")]
async fn late_resend_gets_its_receipt_after_rules_changed() {
    let mut app = TestApp::open().await;
    let mut kept = app.resident("C1").form().await;
    kept["region"] = json!("海淀");
    let taken = app.resident("C1").sends(&kept).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.json);
    let namesakes = "code6,level,name,city,province\n110108,3,海淀区,,北京市\n\
                     211399,2,海淀市,,辽宁省\n";
    import(&app, Table::Regions, namesakes).await;
    app.set("form_fields", "note");
    app.restart().await;
    let mut fresh = kept.clone();
    fresh["key"] = app.resident("C1").form().await["key"].clone();
    let refused = app.resident("C1").sends(&fresh).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let wrong = refused.json["mistakes"].as_array().unwrap();
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    let again = app.resident("C1").sends(&kept).await;
    assert_eq!((again.status, again.json), (StatusCode::OK, taken.json));
}

/// guarantee: A resend of the same words gets its receipt weeks later, by page, client's key and
/// desk, and other words get none
#[tokio::test(flavor = "multi_thread")]
async fn clerks_late_resend_gets_its_number() {
    let app = TestApp::open_with(&[("session_hours", "720")]).await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let (spot, _) = spots(&app, &worker, "").await.remove(0);
    let kept = form(&app, &worker, &spot).await;
    let taken = enter(&app, &worker, &spot, &kept).await;
    later(&app);
    let again = enter(&app, &worker, &spot, &kept).await;
    assert_eq!((again.status, &again.json), (StatusCode::OK, &taken.json));
    let path = format!("/staff/desk/{spot}");
    let page = app.request(Method::POST, &path, Some(&worker));
    let page = page.header("accept", "text/html").form(&kept).send();
    let page = page.await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    let number = taken.json["number"].as_str().unwrap();
    assert!(page.text().await.unwrap().contains(number));
}

/// guarantee: An acknowledged report is stored once, and keeps its receipt after a restart
#[tokio::test(flavor = "multi_thread")]
async fn same_key_gives_the_same_receipt_after_a_restart() {
    let mut app = TestApp::open().await;
    let form = app.resident("C1").form().await;
    let first = app.resident("C1").sends(&form).await;
    assert_eq!(first.status, StatusCode::CREATED);
    for _ in 0..2 {
        let again = app.resident("C1").sends(&form).await;
        assert_eq!((again.status, &again.json), (StatusCode::OK, &first.json));
        app.restart().await;
    }
    let mut other = form.clone();
    other["room"] = json!("1204");
    let refused = app.resident("C1").sends(&other).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(refused.json["earlier"]["number"], first.json["number"]);
    assert_ne!(refused.json["key"], form["key"], "a fresh key is offered");
}

/// guarantee: A hundred resends at the same time are one report
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_resends_at_once_are_one_report() {
    let app = TestApp::open().await;
    let resident = app.resident("C1");
    let form = resident.form().await;
    let sends = (0..100).map(|_| resident.sends(&form));
    let got = futures_util::future::join_all(sends).await;
    let created = got
        .iter()
        .filter(|got| got.status == StatusCode::CREATED)
        .count();
    assert_eq!(created, 1);
    let numbers: std::collections::HashSet<_> = got
        .iter()
        .map(|got| got.json["number"].to_string())
        .collect();
    assert_eq!(numbers.len(), 1);
}

/// guarantee: A client's own key identifies a report as well as the page's key does
/// guarantee: A client's key shows neither the receipt of other content nor its number at the desk
#[tokio::test(flavor = "multi_thread")]
async fn a_clients_own_key_is_the_same_report_too() {
    let app = TestApp::open().await;
    let resident = app.resident("C2");
    let mut form = resident.form().await;
    form["key"] = json!("");
    let path = format!("/q/{}", resident.code);
    let send = async |form: &Value, key: &str| {
        let request = app
            .request(Method::POST, &path, None)
            .header("accept", "application/json");
        let response = request
            .header("idempotency-key", key)
            .json(form)
            .send()
            .await
            .unwrap();
        let status = response.status();
        (status, response.json::<Value>().await.unwrap())
    };
    let first = send(&form, "client-1").await;
    assert_eq!(first.0, StatusCode::CREATED, "{}", first.1);
    assert_eq!(
        send(&form, "client-1").await,
        (StatusCode::OK, first.1.clone())
    );
    assert_eq!(send(&form, "client-2").await.0, StatusCode::CREATED);
    form["room"] = json!("9");
    let other = send(&form, "client-1").await;
    assert_eq!(
        (other.0, &other.1["earlier"]),
        (StatusCode::CONFLICT, &Value::Null),
        "a guessed key shows no receipt"
    );
    assert_eq!(
        send(&form, &"x".repeat(200)).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let crowd = (0..50).map(|_| send(&form, "client-3"));
    let crowd = futures_util::future::join_all(crowd).await;
    let stored = |got: &&(StatusCode, Value)| got.0 == StatusCode::CREATED;
    assert_eq!(crowd.iter().filter(stored).count(), 1, "one report");
    assert!(crowd.iter().all(|got| got.1 == crowd[0].1), "one receipt");
    // A key counts at its placard alone.
    let neighbour = app.resident("C1");
    let path = format!("/q/{}", neighbour.code);
    let request = app.request(Method::POST, &path, None);
    let request = request.header("accept", "application/json");
    let elsewhere = request.header("idempotency-key", "client-1").json(&form);
    assert_eq!(
        elsewhere.send().await.unwrap().status(),
        StatusCode::CREATED
    );
}
