//! The server behind proxies: what it believes, what it says about them, and where metrics are.

use std::net::Ipv4Addr;

use chrono::TimeDelta;
use mashang::testing::domain::staff::Role;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{PATIENCE, TestApp};
use crate::process::Process;

async fn doubts(app: &TestApp) -> Value {
    app.get("/readyz", None).await.json["doubts"].clone()
}

/// guarantee: Metrics are on a listener of their own, and nothing of them is on the public one
#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_on_their_own_listener_alone() {
    let token = "a-token-of-the-metrics-0123456789";
    let mut app = TestApp::open_with(&[("metrics_token", token)]).await;
    let metrics = format!("http://{}/metrics", app.metrics_address().unwrap());
    for (shown, status) in [
        ("", StatusCode::NOT_FOUND),
        ("a-token-of-the-metrics-012345678_", StatusCode::NOT_FOUND),
        (token, StatusCode::OK),
    ] {
        for (at, status) in [
            (metrics.clone(), status),
            (format!("{}/metrics", app.origin), StatusCode::NOT_FOUND),
        ] {
            let answer = app.http.get(&at).bearer_auth(shown).send().await.unwrap();
            assert_eq!(answer.status(), status, "{at} {shown}");
            let text = answer.text().await.unwrap();
            assert_eq!(text.contains("mashang_"), status == StatusCode::OK, "{at}");
        }
    }
    let own = metrics.replace("/metrics", "/healthz");
    let answer = app.http.get(own).send().await.unwrap();
    assert_eq!(
        answer.status(),
        StatusCode::NOT_FOUND,
        "nothing else is there"
    );
    app.set("metrics_listen", "");
    app.restart().await;
    assert_eq!(app.metrics_address(), None);
}

/// guarantee: A proxy that names no client keeps no client out: limits by address stand still, and
/// readiness says so
#[tokio::test(flavor = "multi_thread")]
async fn limits_by_address_stand_still_behind_a_silent_proxy() {
    let app = TestApp::open_with(&[("sign_in_tries_address", "20")]).await;
    app.person("lead", Role::CommunityLead, "C1").await;
    assert_eq!(
        doubts(&app).await,
        json!(["silent_proxy"]),
        "the tests' own sign-ins"
    );
    let later = app.state.clock.now() + TimeDelta::hours(2);
    app.state.clock.set(later);
    assert_eq!(doubts(&app).await, json!([]), "long ago");
    for login in ["one", "two", "three", "four"] {
        let refused = app.sign_in(login, "a-wrong-password").await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{}", refused.json);
    }
    assert_eq!(doubts(&app).await, json!(["silent_proxy"]));
}

/// guarantee: A peer that names clients and is no proxy of ours is not believed; it is logged once a
/// minute and shown in readiness
#[tokio::test(flavor = "multi_thread")]
async fn unknown_proxy_is_logged_and_shown_and_not_believed() {
    let Some(own) = own_address() else {
        eprintln!("skipped: this machine has no address but the loopback");
        return;
    };
    let mut app = TestApp::open().await;
    app.close().await;
    app.set("listen", "0.0.0.0:0");
    let mut process = Process::serve(&app.settings);
    let port = process.origin.rsplit(':').next().unwrap().to_owned();
    let http: Client = mashang::testing::http_client::builder()
        .timeout(PATIENCE)
        .build()
        .unwrap();
    for _ in 0..5 {
        let request = http.request(Method::GET, format!("http://{own}:{port}/readyz"));
        let request = request.header("x-forwarded-for", "203.0.113.99");
        let ready: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(ready["doubts"], json!(["unknown_proxy"]));
    }
    process.stop();
    let log = process.log();
    let lines = log.matches("they are not believed").count();
    assert!(
        (1..=2).contains(&lines),
        "{lines} lines for five requests: {log}"
    );
    assert!(!log.contains("203.0.113.99"), "{log}");
}

/// An address of this machine besides the loopback.
fn own_address() -> Option<Ipv4Addr> {
    let socket = std::net::UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    match socket.local_addr().ok()?.ip() {
        std::net::IpAddr::V4(own) if !own.is_loopback() => Some(own),
        _ => None,
    }
}
