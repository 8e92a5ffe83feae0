//! Open pages: what they ask for again and again, for whom, and what that leaves alone.

use mashang::testing::domain::staff::Role;
use reqwest::{Method, Response, StatusCode};
use serde_json::json;

use crate::app::{Person, TestApp};

/// What a page's script asks for, drawn for this person.
async fn asks(app: &TestApp, person: &Person, path: &str, drawn_for: i64) -> Response {
    let request = app.request(Method::GET, path, Some(person));
    let request = request.header("accept", "application/json");
    let request = request.header("x-drawn-for", drawn_for.to_string());
    request.send().await.unwrap()
}

/// guarantee: Scripts and style sheets are sent again only if they changed
#[tokio::test(flavor = "multi_thread")]
async fn unchanged_scripts_and_sheets_answer_304() {
    let app = TestApp::open().await;
    for file in ["/static/queue.js", "/static/staff.css"] {
        let first = app.request(Method::GET, file, None).send().await.unwrap();
        let tag = first.headers()["etag"].clone();
        let of = async |known: &str| {
            let request = app.request(Method::GET, file, None);
            let request = request.header("if-none-match", known);
            request.send().await.unwrap()
        };
        let again = of(tag.to_str().unwrap()).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(again.headers()["etag"], tag);
        assert_eq!(again.text().await.unwrap(), "");
        let other = of("\"another-version\"").await;
        assert_eq!(other.status(), StatusCode::OK);
        assert_eq!(other.text().await.unwrap(), first.text().await.unwrap());
    }
}

/// guarantee: An open page is answered only for the person and in the language it was rendered for,
/// and changes no preference
#[tokio::test(flavor = "multi_thread")]
async fn page_requests_answer_only_the_person_they_were_drawn_for() {
    let app = TestApp::open().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let own = app.get("/staff", Some(&worker)).await.json["person_id"].clone();
    let own = own.as_i64().unwrap();
    for path in ["/staff", "/staff/counts"] {
        let status = asks(&app, &worker, path, own).await.status();
        assert_eq!(status, StatusCode::OK, "{path}");
        let status = asks(&app, &worker, path, own + 1).await.status();
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
    }
    for (person, status) in [(own, StatusCode::OK), (own + 1, StatusCode::UNAUTHORIZED)] {
        let path = format!("/staff/stream?person={person}");
        let stream = app.request(Method::GET, &path, Some(&worker));
        let stream = stream.header("accept", "application/json").send();
        assert_eq!(stream.await.unwrap().status(), status);
    }
}

/// guarantee: An open page is answered only for the person and in the language it was rendered for,
/// and changes no preference
#[tokio::test(flavor = "multi_thread")]
async fn requests_of_an_open_page_set_no_preference() {
    let app = TestApp::open().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let cookies = async |accept: &str| {
        let request = app.request(Method::GET, "/staff?view=mine&lang=en", Some(&worker));
        let answer = request.header("accept", accept).send().await.unwrap();
        let all = answer.headers().get_all("set-cookie").iter();
        all.map(|cookie| cookie.to_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(cookies("application/json").await, Vec::<String>::new());
    let chosen = cookies("text/html").await;
    assert!(
        chosen.iter().any(|cookie| cookie.starts_with("lang=en")),
        "{chosen:?}"
    );
    assert!(
        chosen.iter().any(|cookie| cookie.starts_with("view-")),
        "{chosen:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn newline_in_a_reason_counts_as_one_character() {
    let app = TestApp::open().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    app.resident("C1").reports().await;
    let row = app.get("/staff", Some(&worker)).await.json["rows"][0].clone();
    let path = format!("/staff/reports/{}/note", row["id"].as_str().unwrap());
    for (lines, status) in [
        (100, StatusCode::OK),
        (101, StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let version = app.get("/staff", Some(&worker)).await.json["rows"][0]["version"].clone();
        // As browsers send what stands in a field of several lines.
        let words = json!({"version": version, "reason": "行\r\n".repeat(lines - 1) + "行行"});
        let got = app.send(Method::POST, &path, Some(&worker), Some(words));
        assert_eq!(got.await.status, status, "{lines} lines");
    }
}
