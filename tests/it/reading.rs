//! What programs in between ask and what people paste: HEAD, addresses with something behind them,
//! invisible characters, and values that one of the databases cannot hold.

use mashang::testing::domain::staff::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::app::TestApp;
use crate::process::Process;

/// What telephones and chats put around what is copied.
const UNSEEN: [&str; 8] = [
    "\u{200b}", "\u{202d}", "\u{202c}", "\u{2066}", "\u{feff}", "\u{ad}", "\u{2060}", "\u{fe0d}",
];

/// guarantee: Invisible characters never make an answer wrong
#[tokio::test(flavor = "multi_thread")]
async fn unseen_signs_change_no_answer() {
    let app = TestApp::open().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let mut plain = Vec::new();
    for unseen in UNSEEN {
        let resident = app.resident("C1");
        let mut form = resident.form().await;
        for field in ["region", "room", "name", "phone", "day", "direction"] {
            let text = form[field].as_str().unwrap();
            let (first, rest) = text.split_at(text.chars().next().unwrap().len_utf8());
            form[field] = json!(format!("{unseen}{first}{unseen}{rest}{unseen}"));
        }
        form["identity"] = json!(format!("{unseen}1101051949{unseen}1231002X"));
        form["vehicle"] = json!(format!("苏F{unseen}12345"));
        form["companions"] = json!(format!("２{unseen}"));
        form["companion_names"] = json!(format!("赵示{unseen}例、{unseen}钱示例"));
        let got = resident.sends(&form).await;
        assert_eq!(got.status, StatusCode::CREATED, "{unseen:?} {}", got.json);
        let number = got.json["number"].as_str().unwrap();
        let code = format!("{}{unseen}", resident.code);
        assert_eq!(
            app.get(&format!("/q/{code}"), None).await.status,
            StatusCode::OK
        );
        let asked =
            json!({"number": format!("{unseen}{number}"), "digits": format!("{unseen}0000")});
        let found = app.send(Method::POST, "/status", None, Some(asked)).await;
        plain.push((found.status, number.to_owned()));
        let phone = form["phone"].as_str().unwrap();
        let (status, found) = app.search(&worker, phone).await;
        assert_eq!(status, StatusCode::OK, "{unseen:?} {found}");
        let (status, found) = app.search(&worker, &format!("{unseen}{number}")).await;
        assert_eq!(
            (status, found["rows"][0]["number"].as_str()),
            (StatusCode::OK, Some(number)),
            "{found}"
        );
    }
    assert!(
        plain.iter().all(|(status, _)| *status == StatusCode::OK),
        "{plain:?}"
    );
    let answers = app.get("/staff", Some(&worker)).await.json["rows"].clone();
    assert_eq!(answers.as_array().unwrap().len(), UNSEEN.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_read_without_case_width_and_unseen_signs() {
    let app = TestApp::open().await;
    app.person("lead01", Role::CommunityLead, "C1").await;
    for login in [
        "\u{200b}lead01",
        "ｌｅａｄ０１",
        "LEAD01 ",
        "lead\u{feff}01",
    ] {
        let got = app.sign_in(login, "a-password-of-my-own").await;
        assert_ne!(got.status, StatusCode::SERVICE_UNAVAILABLE);
        let wrong = app.sign_in("unknown", "a-password-of-my-own").await;
        assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
        assert_eq!(got.status, StatusCode::OK, "{login:?} {}", got.json);
    }
}

/// guarantee: What one database cannot hold is bad input on both, and no outage
#[tokio::test(flavor = "multi_thread")]
async fn u0000_is_bad_input_on_both_databases() {
    let app = TestApp::open().await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let got = app.sign_in("a\0b", "x").await;
    assert_eq!(got.status, StatusCode::UNAUTHORIZED, "{}", got.json);
    for (path, status) in [
        ("/q/%00", StatusCode::NOT_FOUND),
        ("/s/%00", StatusCode::NOT_FOUND),
        ("/regions/%00", StatusCode::NOT_FOUND),
        ("/staff/reports/%00", StatusCode::NOT_FOUND),
        ("/staff/search?q=%00", StatusCode::UNPROCESSABLE_ENTITY),
        ("/staff/desk?find=%00", StatusCode::UNPROCESSABLE_ENTITY),
        ("/staff?view=%00", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        assert_eq!(app.get(path, Some(&lead)).await.status, status, "{path}");
    }
    let resident = app.resident("C1");
    let form = resident.form().await;
    for field in form.as_object().unwrap().keys() {
        let mut wrong = form.clone();
        wrong[field] = json!(format!("{}\0", form[field].as_str().unwrap()));
        let got = resident.sends(&wrong).await;
        assert!(
            got.status.is_client_error() || got.status.is_success(),
            "{field} {}",
            got.status
        );
    }
}

/// guarantee: HEAD answers wherever GET does, with its status and without its body
#[tokio::test(flavor = "multi_thread")]
async fn head_is_answered_as_get_without_a_body() {
    let app = TestApp::open().await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let code = app.resident("C1").code;
    let (_, receipt) = app.resident("C1").reports().await;
    for path in [
        "/",
        "/healthz",
        "/readyz",
        "/status",
        "/api/openapi.json",
        "/api/docs/",
        "/staff",
        "/staff/stream",
        "/staff/digest",
        "/static/queue.js",
        "/nowhere",
        &format!("/q/{code}"),
        &format!("/Q/{code}/sites"),
        &receipt,
    ] {
        let person = Some(&lead).filter(|_| path.starts_with("/staff"));
        let head = app
            .request(Method::HEAD, path, person)
            .send()
            .await
            .unwrap();
        let status = head.status();
        assert!(head.bytes().await.unwrap().is_empty(), "{path}");
        if path == "/staff/stream" {
            assert_eq!(status, StatusCode::OK);
            continue;
        }
        let get = app.request(Method::GET, path, person).send().await.unwrap();
        assert_eq!(status, get.status(), "{path}");
    }
    // The connection goes on: nothing of a body stands between two answers.
    let socket = TcpStream::connect(app.origin.strip_prefix("http://").unwrap());
    let mut socket = socket.await.unwrap();
    let ask = "HEAD /healthz HTTP/1.1\r\nhost: x\r\n\r\nHEAD / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    socket.write_all(ask.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let parts: Vec<&str> = answer.split("HTTP/1.1 200 OK\r\n").collect();
    assert_eq!(parts.len(), 3, "{answer}");
    assert!(
        parts[1..].iter().all(|part| part.ends_with("\r\n\r\n")),
        "{answer}"
    );
    assert!(
        parts[1].to_lowercase().contains("content-length"),
        "{answer}"
    );
}

/// guarantee: A printed address leads to its page with whatever stands behind it in a chat
#[tokio::test(flavor = "multi_thread")]
async fn addresses_with_something_behind_them_lead_on() {
    let app = TestApp::open().await;
    let code = app.resident("C1").code;
    let (_, receipt) = app.resident("C1").reports().await;
    for (path, meant) in [
        (format!("/Q/{code}/"), format!("/Q/{code}")),
        (format!("/Q/{code}。"), format!("/Q/{code}")),
        (format!("/Q/{code}."), format!("/Q/{code}")),
        (format!("/Q/{code}，"), format!("/Q/{code}")),
        (format!("/Q/{code},"), format!("/Q/{code}")),
        (format!("//Q/{code}"), format!("/Q/{code}")),
        (format!("/Q/{code}&from=timeline"), format!("/Q/{code}")),
        (format!("/Q/{code}/?lang=en"), format!("/Q/{code}?lang=en")),
        (format!("{receipt}。"), receipt.clone()),
        ("/status/".to_owned(), "/status".to_owned()),
        ("//evil.example/x/".to_owned(), "/evil.example/x".to_owned()),
    ] {
        let request = app.request(Method::GET, &path, None);
        let got = request.header("accept", "text/html").send().await.unwrap();
        assert_eq!(got.status(), StatusCode::SEE_OTHER, "{path}");
        assert_eq!(got.headers()["location"], meant, "{path}");
    }
    // A mistyped code is said to be one, and nothing is written by a redirect.
    assert_eq!(
        app.get("/q/ZZZZZ", None).await.status,
        StatusCode::NOT_FOUND
    );
    let posted = app.request(Method::POST, &format!("/q/{code}/"), None);
    let posted = posted.send().await.unwrap();
    assert_eq!(posted.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_field_of_a_body_is_named() {
    let app = TestApp::open().await;
    let path = format!("/q/{}", app.resident("C1").code);
    let said = async |path: &str, body: Value| {
        let got = app.send(Method::POST, path, None, Some(body)).await;
        assert_eq!(
            (got.status, &got.json["code"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("malformed"))
        );
        (
            got.json["field"].clone(),
            got.json["title"].as_str().unwrap().to_owned(),
        )
    };
    let (field, title) = said("/staff/sign-in", json!({"login": "a"})).await;
    assert_eq!(
        (field, title.as_str()),
        (json!("password"), "缺少一个字段。")
    );
    let (field, title) = said(&path, json!({"admin": "1"})).await;
    assert_eq!(
        (field, title.as_str()),
        (json!("admin"), "有一个字段无法识别。")
    );
    let (field, title) = said(&path, json!({"name": "王示例", "room": 1203})).await;
    assert_eq!(
        (field, title.as_str()),
        (json!("room"), "有一个字段格式不正确。")
    );
    assert_eq!(said(&path, json!([])).await.0, json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_without_any_key_is_taken() {
    let app = TestApp::open().await;
    let resident = app.resident("C1");
    let mut form = resident.form().await;
    form.as_object_mut().unwrap().remove("key");
    let first = resident.sends(&form).await;
    let second = resident.sends(&form).await;
    assert_eq!(
        (first.status, second.status),
        (StatusCode::CREATED, StatusCode::CREATED),
        "{}",
        first.json
    );
    assert_ne!(first.json["number"], second.json["number"]);
}

/// The server warns of each ROLLBACK without a transaction.
#[tokio::test(flavor = "multi_thread")]
async fn connections_come_back_without_a_warning() {
    let mut app = TestApp::open().await;
    app.close().await;
    let mut process = Process::serve(&app.settings);
    for path in ["/", "/readyz", "/status", "/nowhere"] {
        let request = app.http.get(format!("{}{path}", process.origin));
        request.send().await.unwrap();
    }
    process.stop();
    assert!(
        !process.log().contains("no transaction"),
        "{}",
        process.log()
    );
}
