//! Staff: what is theirs, at once; nothing that is not.

use chrono::TimeDelta;
use mashang::testing::domain::staff::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::app::TestApp;

/// guarantee: A report of another community is answered like one that does not exist
#[tokio::test(flavor = "multi_thread")]
async fn report_is_404_to_another_community() {
    let app = TestApp::open().await;
    let (number, _) = app.resident("C1").reports().await;
    let ours = app.person("ours", Role::GridWorker, "C1").await;
    let others = app.person("others", Role::GridWorker, "C2").await;
    let queue = app.get("/staff", Some(&ours)).await.json;
    let row = &queue["rows"][0];
    assert_eq!(row["number"], number.as_str());
    assert_eq!(
        (row["name"].as_str(), row["phone"].as_str()),
        (Some("王*例"), Some("138****0000"))
    );
    assert!(!queue.to_string().contains("王示例") && !queue.to_string().contains("13800000000"));
    assert_eq!(
        app.get("/staff", Some(&others)).await.json["rows"],
        json!([])
    );
    let path = format!("/staff/reports/{}", row["id"].as_str().unwrap());
    let absent = format!("/staff/reports/{}", uuid::Uuid::now_v7());
    for suffix in ["", "/accept", "/close", "/reveal"] {
        let method = if suffix.is_empty() {
            Method::GET
        } else {
            Method::POST
        };
        let body = match suffix {
            "/close" => Some(json!({"version": 1, "outcome": "confirmed"})),
            "/accept" => Some(json!({"version": 1})),
            _ => None,
        };
        let theirs = app
            .send(
                method.clone(),
                &format!("{path}{suffix}"),
                Some(&others),
                body.clone(),
            )
            .await;
        let nobodys = app
            .send(method, &format!("{absent}{suffix}"), Some(&others), body)
            .await;
        assert_eq!(theirs.status, StatusCode::NOT_FOUND, "{suffix}");
        assert_eq!(
            theirs.json, nobodys.json,
            "unknown and forbidden answer alike"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_is_accepted_and_closed_and_stale_versions_refused() {
    let app = TestApp::open().await;
    let (_, receipt) = app.resident("C1").reports().await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let row = app.get("/staff", Some(&lead)).await.json["rows"][0].clone();
    let path = format!("/staff/reports/{}", row["id"].as_str().unwrap());
    let post = async |verb: &str, body| {
        app.send(
            Method::POST,
            &format!("{path}/{verb}"),
            Some(&lead),
            Some(body),
        )
        .await
    };
    let early = post("close", json!({"version": 1, "outcome": "confirmed"})).await;
    assert_eq!(
        (early.status, early.json["code"].as_str()),
        (StatusCode::CONFLICT, Some("illegal_move"))
    );
    assert_eq!(
        post("accept", json!({"version": 1})).await.json["row"]["status"],
        "accepted"
    );
    let stale = post("accept", json!({"version": 1})).await;
    assert_eq!(
        (stale.status, stale.json["stale"].as_bool()),
        (StatusCode::CONFLICT, Some(true))
    );
    assert_eq!(stale.json["row"]["version"], 2);
    assert_eq!(
        post("close", json!({"version": 2, "outcome": "nonsense"}))
            .await
            .status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        post("close", json!({"version": 2, "outcome": "confirmed"}))
            .await
            .json["row"]["status"],
        "closed"
    );
    assert_eq!(app.get("/staff", Some(&lead)).await.json["rows"], json!([]));
    assert_eq!(app.get(&receipt, None).await.json["status"], "closed");
}

/// guarantee: Of two people who take a report at once, one wins and the other is told
#[tokio::test(flavor = "multi_thread")]
async fn two_concurrent_accepts_have_one_winner() {
    let app = TestApp::open().await;
    app.resident("C1").reports().await;
    let one = app.person("one", Role::GridWorker, "C1").await;
    let two = app.person("two", Role::GridWorker, "C1").await;
    let id = app.get("/staff", Some(&one)).await.json["rows"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/staff/reports/{id}/accept");
    let (a, b) = tokio::join!(
        app.send(Method::POST, &path, Some(&one), Some(json!({"version": 1}))),
        app.send(Method::POST, &path, Some(&two), Some(json!({"version": 1}))),
    );
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

/// guarantee: Each look at personal data is a line on the resident's receipt
#[tokio::test(flavor = "multi_thread")]
async fn each_reveal_is_a_line_on_the_receipt() {
    let app = TestApp::open().await;
    let (_, receipt) = app.resident("C1").reports().await;
    let worker = app.person("w", Role::GridWorker, "C1").await;
    let id = app.get("/staff", Some(&worker)).await.json["rows"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let shown = app
        .send(
            Method::POST,
            &format!("/staff/reports/{id}/reveal"),
            Some(&worker),
            None,
        )
        .await;
    assert_eq!(shown.json["revealed"]["phone"], "138 0000 0000");
    let history = app.get(&receipt, None).await.json["history"].clone();
    assert_eq!(history.as_array().unwrap().len(), 2);
    assert!(
        history[1]["text"]
            .as_str()
            .unwrap()
            .contains("查看了您的联系方式"),
        "{history}"
    );
    let path = format!("/staff/reports/{id}");
    let case = app.get(&path, Some(&worker));
    let text = case.await.json["history"][1]["text"].clone();
    assert_eq!(text, "查看了联系方式", "colleagues are not the resident");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_wrong_password_only_the_password_is_typed_again() {
    let app = TestApp::open().await;
    app.person("worker", Role::GridWorker, "C1").await;
    for (login, shown) in [
        ("worker", "value=\"worker\""),
        ("a\"b<i>", "value=\"a&#34;b&#60;i&#62;\""),
    ] {
        let request = app.request(Method::POST, "/staff/sign-in", None);
        let words = json!({"login": login, "password": "a-wrong-one"});
        let answer = request.header("accept", "text/html").form(&words).send();
        let answer = answer.await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        let page = answer.text().await.unwrap();
        assert!(page.contains(shown), "{page}");
        assert!(!page.contains("a-wrong-one"));
    }
}

/// guarantee: A stream delivers each entry once and in order, and resumes after a restart
#[tokio::test(flavor = "multi_thread")]
async fn stream_delivers_each_entry_once_and_resumes_after_restart() {
    let mut app = TestApp::open().await;
    let worker = app.person("w", Role::GridWorker, "C1").await;
    let mut stream = app.stream(&worker, None).await;
    for _ in 0..3 {
        app.resident("C1").reports().await;
        app.resident("C2").reports().await;
    }
    let mut seen = Vec::new();
    let mut last = String::new();
    for _ in 0..3 {
        let (id, entry) = stream.next().await;
        assert_eq!(entry["event"], "submitted");
        assert_eq!(entry["row"]["name"], "王*例");
        seen.push(entry["seq"].as_i64().unwrap());
        last = id;
    }
    app.restart().await;
    assert!(stream.ends().await);
    app.resident("C1").reports().await;
    let mut stream = app.stream(&worker, Some(&last)).await;
    seen.push(stream.next().await.1["seq"].as_i64().unwrap());
    assert_eq!(seen, [1, 2, 3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_cursor_is_refused() {
    let app = TestApp::open().await;
    let worker = app.person("w", Role::GridWorker, "C1").await;
    for cursor in ["x", "1.-1", "1", "a.b"] {
        let request = app.request(Method::GET, "/staff/stream", Some(&worker));
        let response = request
            .header("last-event-id", cursor)
            .send()
            .await
            .unwrap();
        assert_eq!(
            response.status(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "{cursor}"
        );
    }
}

/// guarantee: Sign-out and dismissal are effective at once, and end open streams within five
/// seconds under any load
#[tokio::test(flavor = "multi_thread")]
async fn signed_out_or_dismissed_person_is_refused_at_once() {
    let app = TestApp::open().await;
    let one = app.person("one", Role::GridWorker, "C1").await;
    assert_eq!(
        app.send(Method::POST, "/staff/sign-out", Some(&one), None)
            .await
            .status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        app.get("/staff", Some(&one)).await.status,
        StatusCode::UNAUTHORIZED
    );
    let two = app.person("two", Role::GridWorker, "C1").await;
    let mut stream = app.stream(&two, None).await;
    mashang::testing::service::handover::let_go(&app.state, "two", None)
        .await
        .unwrap();
    assert_eq!(
        app.get("/staff", Some(&two)).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        app.sign_in("two", "a-password-of-my-own").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert!(stream.ends().await, "the open stream ends too");
}

#[tokio::test(flavor = "multi_thread")]
async fn deadline_shown_follows_first_contact_then_finish() {
    let app = TestApp::open().await;
    // By day, and before the machine's own time: a token of the future would not be believed.
    let yesterday = app.state.local_now().date().pred_opt().unwrap();
    let morning = yesterday.and_hms_opt(10, 0, 0).unwrap();
    app.state.clock.set(app.state.clock.instant(morning));
    app.resident("C1").reports().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let row = app.get("/staff", Some(&worker)).await.json["rows"][0].clone();
    let ms = |name: &str| row[name].as_i64().unwrap();
    let (due, given) = (ms("due_ms"), ms("given_ms"));
    for (left_ms, urgency) in [
        (given * 9 / 10, "ahead"),
        (given / 4 - 1, "due_soon"),
        (-1_000, "overdue"),
    ] {
        let at = chrono::DateTime::from_timestamp_millis(due - left_ms).unwrap();
        app.state.clock.set(at);
        let row = app.get("/staff", Some(&worker)).await.json["rows"][0].clone();
        assert_eq!(
            (&row["urgency"], &row["overdue"]),
            (&json!(urgency), &json!(urgency == "overdue"))
        );
    }
    let accept = format!("/staff/reports/{}/accept", row["id"].as_str().unwrap());
    let version = Some(json!({"version": 1}));
    let taken = app.send(Method::POST, &accept, Some(&worker), version);
    let taken = taken.await.json["row"].clone();
    assert_eq!(
        (&taken["status"], &taken["urgency"], &taken["due_kind"]),
        (&json!("accepted"), &json!("ahead"), &json!("finish"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_times_use_one_clock() {
    let app = TestApp::open().await;
    // The app is ahead of the machine, as it may be on a node whose clock was corrected.
    let ahead = app.state.clock.now() + TimeDelta::days(2);
    app.state.clock.set(ahead);
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let now = app.state.clock.now();
    let hours = TimeDelta::hours(12);
    for (shift, status) in [
        (TimeDelta::zero(), StatusCode::OK),
        (TimeDelta::seconds(-60), StatusCode::UNAUTHORIZED),
        (TimeDelta::seconds(-3), StatusCode::OK),
        (hours - TimeDelta::seconds(60), StatusCode::OK),
        (hours + TimeDelta::seconds(60), StatusCode::UNAUTHORIZED),
    ] {
        app.state.clock.set(now + shift);
        let got = app.get("/staff", Some(&worker)).await;
        assert_eq!(got.status, status, "{shift}");
    }
}
