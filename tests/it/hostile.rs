//! Hostile requests: what stands in an address or in a text reaches no page as code or as a link.

use mashang::testing::domain::staff::Role;
use reqwest::StatusCode;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::app::TestApp;
use crate::process::Process;
use crate::triage::{first, step};

/// guarantee: No page repeats the path of a request, so none leads away or runs what stands in it
#[tokio::test(flavor = "multi_thread")]
async fn hostile_paths_stand_in_no_page() {
    let app = TestApp::open().await;
    let code = &app.resident("C1").code;
    let placard = format!("/q/{code}");
    for path in [
        "//evil.example/x",
        "//evil.example/q/ZZZZZ",
        "/\\evil.example",
        "/q/A\"onclick=alert(1)//evil.example",
        "/s/evil.example",
        "/staff/evil.example",
    ] {
        // A client of ours would clean the path.
        let socket = TcpStream::connect(app.origin.strip_prefix("http://").unwrap());
        let mut socket = socket.await.unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\nconnection: close\r\n\r\n"
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        let (_, page) = answer.split_once("\r\n\r\n").unwrap();
        assert!(!page.contains("evil"), "{path}: {page}");
        assert!(!page.contains("onclick"), "{path}: {page}");
    }
    let (_, page) = app.page(&placard).await;
    assert!(page.contains("href=\"?lang=en\""), "{page}");
}

/// guarantee: Text of staff is stored without signs that a reader cannot see
#[tokio::test(flavor = "multi_thread")]
async fn hidden_signs_of_a_reason_are_not_stored() {
    let app = TestApp::open().await;
    app.resident("C1").reports().await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let (id, _) = first(&app, &lead).await;
    let hidden = json!({"reason": "\u{202e}\u{200b}\0"});
    let refused = step(&app, &lead, &id, "refuse", hidden).await;
    assert_eq!(refused.json["code"], "reason_owed", "nothing is left of it");
    let mixed = json!({"reason": "不在\u{202e}本\u{200b}社区\0"});
    let refused = step(&app, &lead, &id, "refuse", mixed).await;
    assert_eq!(refused.status, StatusCode::OK, "{}", refused.json);
    let case = app.get(&format!("/staff/reports/{id}"), Some(&duty)).await;
    assert!(
        case.json.to_string().contains("\"不在本社区\""),
        "{}",
        case.json
    );
}

/// guarantee: Only the viewer of the API may use styles of its own
#[tokio::test(flavor = "multi_thread")]
async fn only_the_viewer_has_the_viewers_policy() {
    let app = TestApp::open().await;
    for (path, own) in [
        ("/api/docs/", true),
        ("/api/docsX", false),
        ("/api/openapi.json", false),
        ("/", false),
    ] {
        let request = app.request(reqwest::Method::GET, path, None);
        let answer = request.send().await.unwrap();
        let policy = answer.headers()["content-security-policy"]
            .to_str()
            .unwrap();
        assert_eq!(policy.contains("unsafe-inline"), own, "{path}: {policy}");
    }
}

/// guarantee: Cookies are sent over HTTPS alone where the public address has it
#[tokio::test(flavor = "multi_thread")]
async fn chosen_language_and_size_are_secure_cookies() {
    for (address, secure) in [
        ("https://report.example.org", true),
        ("http://10.0.0.9", false),
    ] {
        let settings = [("public_address", address), ("public_plain_http", "true")];
        let app = TestApp::open_with(&settings).await;
        let request = app.request(reqwest::Method::GET, "/?lang=en&size=s1", None);
        let answer = request.header("accept", "text/html").send().await.unwrap();
        let cookies: Vec<_> = answer.headers().get_all("set-cookie").iter().collect();
        assert_eq!(cookies.len(), 2, "{cookies:?}");
        let all = cookies.iter().map(|cookie| cookie.to_str().unwrap());
        for cookie in all {
            assert_eq!(cookie.contains("; Secure"), secure, "{cookie}");
        }
    }
}

/// guarantee: Requests that cannot be read leave no line each in the log
#[tokio::test(flavor = "multi_thread")]
async fn unreadable_requests_do_not_fill_the_log() {
    let mut app = TestApp::open().await;
    app.close().await;
    let mut process = Process::serve(&app.settings);
    for _ in 0..20 {
        let socket = TcpStream::connect(process.origin.strip_prefix("http://").unwrap());
        let mut socket = socket.await.unwrap();
        socket.write_all(b"GARBAGE \x01\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 400"), "{answer:?}");
    }
    process.stop();
    let log = process.log();
    let errors = log.matches("ERROR").count();
    assert_eq!(errors, 0, "{log}");
}
