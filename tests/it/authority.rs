//! Authority as one table: every route × every persona → status. A route of the API that is
//! missing here fails the test.

use mashang::domain::staff::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::TestApp;

/// stranger, own grid worker, other community's worker, lead, duty officer, admin, auditor, and
/// somebody whose first password still has to be replaced.
type Expected = [u16; 8];

const OPEN: Expected = [200; 8];
const WORK: Expected = [401, 200, 404, 200, 200, 403, 403, 403];
const LIST: Expected = [401, 200, 200, 200, 200, 403, 403, 403];
const TOTALS: Expected = [401, 403, 403, 403, 200, 200, 200, 403];

/// guarantee: Every route answers every role as one table says
#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_every_persona_as_the_table_says() {
    let app = TestApp::open().await;
    let code = app.resident("C1").code;
    let (number, receipt) = app.resident("C1").reports().await;
    let once = mashang::service::people::take_on(
        &app.state,
        ("fresh", "fresh"),
        (Role::DutyOfficer, app.area("S")),
    );
    let fresh = app.sign_in("fresh", &once.await.unwrap()).await.json["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let people = [
        None,
        Some(app.person("worker", Role::GridWorker, "C1").await),
        Some(app.person("other", Role::GridWorker, "C2").await),
        Some(app.person("lead", Role::CommunityLead, "C1").await),
        Some(app.person("duty", Role::DutyOfficer, "S").await),
        Some(app.person("admin", Role::Admin, "S").await),
        Some(app.person("auditor", Role::Auditor, "S").await),
        Some(crate::app::Person { token: fresh }),
    ];
    let id = app.get("/staff", people[1].as_ref()).await.json["rows"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let spots = app.get("/staff/desk", people[1].as_ref()).await.json;
    let spot = spots["estates"][0]["spots"][0]["spot"].as_str().unwrap();
    let desk = format!("/staff/desk/{spot}");
    let key = app.get(&desk, people[1].as_ref()).await.json["key"].clone();
    let stale = Some(json!({"version": 0}));
    let ended = Some(json!({"version": 0, "outcome": "confirmed"}));
    let moved: Expected = WORK.map(|status| if status == 200 { 409 } else { status });
    let malformed: Expected = LIST.map(|status| if status == 200 { 422 } else { status });
    let reasoned: Expected = WORK.map(|status| if status == 200 { 422 } else { status });
    let step = |pattern, name: &str, body, expected| {
        let path = format!("/staff/reports/{id}/{name}");
        (Method::POST, pattern, path, body, expected)
    };
    let mut table: Vec<(Method, &str, String, Option<Value>, Expected)> = vec![
        (Method::GET, "/q/{code}", format!("/q/{code}"), None, OPEN),
        (
            Method::POST,
            "/q/{code}",
            format!("/q/{code}"),
            Some(json!({})),
            [422; 8],
        ),
        (
            Method::GET,
            "/q/{code}/sites",
            format!("/q/{code}/sites"),
            None,
            OPEN,
        ),
        (
            Method::POST,
            "/q/{code}/sites",
            format!("/q/{code}/sites"),
            Some(json!({"lon": "120.89", "lat": "32.06"})),
            OPEN,
        ),
        (Method::GET, "/s/{link}", receipt.clone(), None, OPEN),
        (
            Method::GET,
            "/s/{link}/another",
            format!("{receipt}/another"),
            None,
            OPEN,
        ),
        (
            Method::GET,
            "/s/{link}/correct",
            format!("{receipt}/correct"),
            None,
            OPEN,
        ),
        (
            Method::POST,
            "/s/{link}/correct",
            format!("{receipt}/correct"),
            Some(json!({})),
            [422; 8],
        ),
        (
            Method::POST,
            "/s/{link}/withdraw",
            "/s/nobody-has-this-one/withdraw".into(),
            None,
            [404; 8],
        ),
        (Method::GET, "-", "/regions/names.js".into(), None, OPEN),
        (Method::GET, "-", "/status".into(), None, OPEN),
        (
            Method::POST,
            "/status",
            "/status".into(),
            Some(json!({"number": "QZ-0101-2222", "digits": "0000"})),
            [404, 404, 404, 404, 404, 429, 429, 429],
        ),
        (Method::GET, "/healthz", "/healthz".into(), None, OPEN),
        (Method::GET, "/readyz", "/readyz".into(), None, OPEN),
        (Method::GET, "/staff", "/staff".into(), None, LIST),
        (
            Method::GET,
            "/staff/counts",
            "/staff/counts".into(),
            None,
            LIST,
        ),
        (
            Method::POST,
            "/staff/search",
            "/staff/search".into(),
            Some(json!({"q": number})),
            WORK,
        ),
        (
            Method::GET,
            "-",
            "/staff/search".into(),
            None,
            LIST.map(|status| if status == 200 { 303 } else { status }),
        ),
        (
            Method::GET,
            "/staff/stream",
            "/staff/stream".into(),
            None,
            LIST,
        ),
        (
            Method::GET,
            "/staff/digest",
            "/staff/digest".into(),
            None,
            LIST,
        ),
        (
            Method::GET,
            "/staff/reports/{id}",
            format!("/staff/reports/{id}"),
            None,
            WORK,
        ),
        (
            Method::GET,
            "-",
            format!("/staff/reports/{id}/accept"),
            None,
            LIST.map(|status| if status == 200 { 303 } else { status }),
        ),
        (
            Method::GET,
            "-",
            format!("/staff/reports/{id}/call"),
            None,
            LIST.map(|status| if status == 200 { 303 } else { status }),
        ),
        (Method::GET, "-", "/staff/bulk".into(), None, [405; 8]),
        step("/staff/reports/{id}/{step}", "accept", stale.clone(), moved),
        step("/staff/reports/{id}/{step}", "close", ended, moved),
        step(
            "/staff/reports/{id}/{step}",
            "nonsense",
            stale.clone(),
            malformed,
        ),
        step(
            "/staff/reports/{id}/{step}",
            "refuse",
            stale.clone(),
            reasoned,
        ),
        step("/staff/reports/{id}/call", "call", stale.clone(), moved),
        step(
            "/staff/reports/{id}/undo",
            "undo",
            stale,
            [401, 404, 404, 404, 404, 403, 403, 403],
        ),
        (Method::GET, "/staff/desk", "/staff/desk".into(), None, LIST),
        (
            Method::GET,
            "/staff/desk/{spot}",
            format!("/staff/desk/{spot}"),
            None,
            WORK,
        ),
        (
            Method::POST,
            "/staff/desk/{spot}",
            format!("/staff/desk/{spot}"),
            Some(json!({"key": key})),
            reasoned,
        ),
        (
            Method::GET,
            "-",
            format!("/staff/desk/{spot}/paper"),
            None,
            WORK,
        ),
        (
            Method::POST,
            "/staff/bulk",
            "/staff/bulk".into(),
            Some(json!({"step": "accept", "reports": []})),
            LIST,
        ),
        (
            Method::POST,
            "/staff/reports/{id}/reveal",
            format!("/staff/reports/{id}/reveal"),
            None,
            WORK,
        ),
        (Method::GET, "/centre", "/centre".into(), None, TOTALS),
        (
            Method::GET,
            "/centre/stream",
            "/centre/stream".into(),
            None,
            TOTALS,
        ),
        (Method::GET, "-", "/".into(), None, OPEN),
        (Method::GET, "-", "/staff/sign-in".into(), None, OPEN),
        (
            Method::GET,
            "-",
            format!("/staff/placards/{code}.svg"),
            None,
            [401, 403, 403, 200, 200, 200, 403, 403],
        ),
        (
            Method::GET,
            "-",
            "/staff/password".into(),
            None,
            [401, 200, 200, 200, 200, 200, 200, 200],
        ),
        (Method::GET, "-", "/api/openapi.json".into(), None, OPEN),
        (Method::GET, "-", "/nowhere".into(), None, [404; 8]),
        (
            Method::POST,
            "/staff/password",
            "/staff/password".into(),
            Some(json!({"old": "x", "new": "short"})),
            [401, 422, 422, 422, 422, 422, 422, 422],
        ),
        (
            Method::POST,
            "/staff/sign-in",
            "/staff/sign-in".into(),
            Some(json!({"login": "nobody", "password": "x"})),
            [401; 8],
        ),
    ];
    // Last: it ends the sign-ins.
    table.push((
        Method::POST,
        "/staff/sign-out",
        "/staff/sign-out".into(),
        None,
        [401, 204, 204, 204, 204, 204, 204, 204],
    ));
    for (method, _, path, body, expected) in &table {
        for (person, expected) in people.iter().zip(expected) {
            let mut request = app
                .request(method.clone(), path, person.as_ref())
                .header("accept", "application/json");
            if let Some(body) = body {
                request = request.json(body);
            }
            // Headers are enough, also of a stream.
            let status = request.send().await.unwrap().status().as_u16();
            let at = people
                .iter()
                .position(|known| std::ptr::eq(known, person))
                .unwrap();
            assert_eq!(status, *expected, "{method} {path} as persona {at}");
        }
    }
    every_described_route_is_in_the_table(&table);
}

fn every_described_route_is_in_the_table(
    table: &[(Method, &str, String, Option<Value>, Expected)],
) {
    let description: Value = serde_json::from_str(&mashang::web::description()).unwrap();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for method in methods
            .as_object()
            .unwrap()
            .keys()
            .filter(|key| ["get", "post"].contains(&key.as_str()))
        {
            let known = table
                .iter()
                .any(|(m, pattern, ..)| pattern == path && m.as_str().to_lowercase() == *method);
            assert!(known, "{method} {path} is not in the table");
        }
    }
}

/// guarantee: A write from another site is refused, however its path is written, and a resident's
/// report never is
#[tokio::test(flavor = "multi_thread")]
async fn a_write_from_another_site_is_refused_however_its_path_is_written() {
    let app = TestApp::open().await;
    let worker = app.person("w", Role::GridWorker, "C1").await;
    for path in [
        "/staff/sign-out",
        "/%73taff/sign-out",
        "/st%61ff/sign%2Dout",
        "/%73%74%61%66%66/%73ign-out",
        "/%2573taff/sign-out",
        "/st%2561ff/sign-out",
        "/staff%2Fsign-out",
        "//staff/sign-out",
        "/%63entre/stream",
        "/somewhere/new",
    ] {
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
        ] {
            let request = app.request(Method::POST, path, Some(&worker));
            let response = request.header(name, value).send().await.unwrap();
            assert_eq!(response.status(), 403, "{path} {name}");
        }
    }
    assert_eq!(app.get("/staff", Some(&worker)).await.status, 200);
    // From the page itself, and however its path is written.
    let request = app.request(Method::POST, "/%73taff/sign-out", Some(&worker));
    let own = request.header("sec-fetch-site", "same-origin");
    assert_eq!(own.send().await.unwrap().status(), 303);
    assert_eq!(app.get("/staff", Some(&worker)).await.status, 401);
}

/// guarantee: A write from another site is refused, however its path is written, and a resident's
/// report never is
#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_taken_wherever_a_browser_says_it_comes_from() {
    let app = TestApp::open().await;
    let resident = app.resident("C1");
    for (start, name, value) in [
        ("/q", "sec-fetch-site", "cross-site"),
        ("/Q", "origin", "null"),
        ("/%71", "origin", "https://elsewhere.example"),
    ] {
        let path = format!("{start}/{}", resident.code);
        let request = app.request(Method::POST, &path, None);
        let request = request.header("accept", "application/json");
        let sent = request.header(name, value).json(&resident.form().await);
        assert_eq!(sent.send().await.unwrap().status(), 201, "{path} {name}");
    }
}
