//! Authority as one table: every registered route × every persona → status. A registered route
//! that is missing here fails the test.

use std::collections::BTreeSet;

use mashang::testing::domain::staff::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::TestApp;

/// stranger, own grid worker, other community's worker, lead, duty officer, admin, auditor, and
/// a staff member whose first password still has to be replaced.
type Expected = [u16; 8];

const OPEN: Expected = [200; 8];
const WORK: Expected = [401, 200, 404, 200, 200, 403, 403, 403];
const LIST: Expected = [401, 200, 200, 200, 200, 403, 403, 403];
const TOTALS: Expected = [401, 403, 403, 403, 200, 200, 200, 403];

/// guarantee: Every route answers every role as one table says
#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_every_persona_as_the_table_says() {
    let app = TestApp::open_with(&[("sign_in_tries_login", "1000")]).await;
    let code = app.resident("C1").code;
    let (number, receipt) = app.resident("C1").reports().await;
    let once = mashang::testing::service::people::take_on(
        &app.state,
        "fresh",
        "fresh",
        Role::DutyOfficer,
        app.area("S"),
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
    let stale = json!({"version": 0});
    let ended = json!({"version": 0, "outcome": "confirmed"});
    let nowhere = json!({"lon": "120.89", "lat": "32.06"});
    let to = |status: u16, of: Expected| of.map(|known| if known == 200 { status } else { known });
    let (led, moved, reasoned) = (to(303, LIST), to(409, WORK), to(422, WORK));
    let report = format!("/staff/reports/{id}");
    let step = "/staff/reports/{id}/{step}";
    let undone = [401, 404, 404, 404, 404, 403, 403, 403];
    let guessed = json!({"number": "QZ-0101-2222", "digits": "0000"});
    let mut table = vec![
        get("/", "/", OPEN),
        get("/status", "/status", OPEN),
        post(
            "/status",
            "/status",
            guessed,
            [404, 404, 404, 404, 404, 429, 429, 429],
        ),
        get("/s/{link}", &receipt, OPEN),
        get("/s/{link}/another", &format!("{receipt}/another"), OPEN),
        get("/s/{link}/correct", &format!("{receipt}/correct"), OPEN),
        post(
            "/s/{link}/correct",
            &format!("{receipt}/correct"),
            json!({}),
            [422; 8],
        ),
        post(
            "/s/{link}/withdraw",
            "/s/unknown/withdraw",
            json!({}),
            [404; 8],
        ),
        get("/regions/{file}", "/regions/names.js", OPEN),
        get("/static/{file}", "/static/staff.css", OPEN),
        get("/static/{file}", "/static/nothing.css", [404; 8]),
        get("/favicon.ico", "/favicon.ico", [308; 8]),
        get("/healthz", "/healthz", OPEN),
        get("/readyz", "/readyz", OPEN),
        // They have a listener of their own.
        get(UNREGISTERED, "/metrics", [404; 8]),
        get("/api/openapi.json", "/api/openapi.json", OPEN),
        get("/api/docs/{_:.*}", "/api/docs/index.html", OPEN),
        get(UNREGISTERED, "/nowhere", [404; 8]),
        get("/staff", "/staff", LIST),
        get("/staff/counts", "/staff/counts", LIST),
        get("/staff/search", "/staff/search", led),
        post("/staff/search", "/staff/search", json!({"q": number}), WORK),
        get("/staff/stream", "/staff/stream", LIST),
        get("/staff/digest", "/staff/digest", LIST),
        get("/staff/reports/{id}", &report, WORK),
        get(step, &format!("{report}/accept"), led),
        post(step, &format!("{report}/accept"), stale.clone(), moved),
        post(step, &format!("{report}/close"), ended, moved),
        post(
            step,
            &format!("{report}/nonsense"),
            stale.clone(),
            to(422, LIST),
        ),
        post(step, &format!("{report}/refuse"), stale.clone(), reasoned),
        get(UNREGISTERED, "/staff/bulk", [405; 8]),
        post(
            "/staff/bulk",
            "/staff/bulk",
            json!({"step": "accept", "reports": []}),
            LIST,
        ),
        get("/staff/desk", "/staff/desk", LIST),
        get("/staff/desk/{spot}", &desk, WORK),
        post("/staff/desk/{spot}", &desk, json!({"key": key}), reasoned),
        get("/staff/desk/{spot}/paper", &format!("{desk}/paper"), WORK),
        get("/centre", "/centre", TOTALS),
        get("/centre/stream", "/centre/stream", TOTALS),
        get(
            "/staff/placards/{file}",
            &format!("/staff/placards/{code}.svg"),
            [401, 403, 403, 200, 200, 200, 403, 403],
        ),
        get("/staff/password", "/staff/password", to_all_staff(200)),
        post(
            "/staff/password",
            "/staff/password",
            json!({"old": "x", "new": "short"}),
            to_all_staff(422),
        ),
        get("/staff/sign-in", "/staff/sign-in", OPEN),
        post(
            "/staff/sign-in",
            "/staff/sign-in",
            json!({"login": "nobody", "password": "x"}),
            [401; 8],
        ),
    ];
    for (name, body, expected) in [
        ("call", Some(stale.clone()), moved),
        ("undo", Some(stale), undone),
        ("reveal", None, WORK),
    ] {
        let (pattern, path) = (
            format!("/staff/reports/{{id}}/{name}"),
            format!("{report}/{name}"),
        );
        table.push(get(&pattern, &path, led));
        table.push(Row {
            body,
            ..post(&pattern, &path, Value::Null, expected)
        });
    }
    for start in ["/q", "/Q"] {
        let (pattern, path) = (format!("{start}/{{code}}"), format!("{start}/{code}"));
        let (sites, near) = (format!("{pattern}/sites"), format!("{path}/sites"));
        table.push(get(&pattern, &path, OPEN));
        table.push(post(&pattern, &path, json!({}), [422; 8]));
        table.push(get(&sites, &near, OPEN));
        table.push(post(&sites, &near, nowhere.clone(), OPEN));
    }
    let (sites, near) = ("/Q/{code}/SITES", format!("/Q/{code}/SITES"));
    table.push(get(sites, &near, OPEN));
    table.push(post(sites, &near, nowhere.clone(), OPEN));
    // Last: it ends the sign-ins.
    let out = "/staff/sign-out";
    table.push(Row {
        body: None,
        ..post(out, out, Value::Null, to_all_staff(204))
    });
    for row in &table {
        for (persona, expected) in row.expected.iter().enumerate() {
            let (method, path) = (row.method.clone(), row.path.as_str());
            let request = app.request(method, path, people[persona].as_ref());
            let mut request = request.header("accept", "application/json");
            if let Some(body) = &row.body {
                request = request.json(body);
            }
            // Headers are enough, also of a stream.
            let status = request.send().await.unwrap().status().as_u16();
            assert_eq!(
                status, *expected,
                "{} {path} as persona {persona}",
                row.method
            );
        }
    }
    the_table_holds_exactly_the_registered_routes(&table);
}

/// A route of the table that the server does not register.
const UNREGISTERED: &str = "";

/// A request and the status that each persona gets for it.
struct Row {
    method: Method,
    /// The address as it is registered.
    pattern: String,
    path: String,
    body: Option<Value>,
    expected: Expected,
}

fn get(pattern: &str, path: &str, expected: Expected) -> Row {
    Row {
        method: Method::GET,
        pattern: pattern.to_owned(),
        path: path.to_owned(),
        body: None,
        expected,
    }
}

fn post(pattern: &str, path: &str, body: Value, expected: Expected) -> Row {
    Row {
        method: Method::POST,
        body: Some(body),
        ..get(pattern, path, expected)
    }
}

/// 401 for a stranger, this status for every staff member.
fn to_all_staff(status: u16) -> Expected {
    [401, status, status, status, status, status, status, status]
}

fn the_table_holds_exactly_the_registered_routes(table: &[Row]) {
    let known = table.iter().filter(|row| row.pattern != UNREGISTERED);
    let known: BTreeSet<_> = known
        .map(|row| format!("{} {}", row.method, row.pattern))
        .collect();
    let registered = mashang::testing::web::registered().into_iter();
    let registered: BTreeSet<_> = registered
        .map(|(method, path)| format!("{method} {path}"))
        .collect();
    let missing: Vec<_> = registered.symmetric_difference(&known).collect();
    assert!(
        missing.is_empty(),
        "not in both the list and the table: {missing:?}"
    );
}

/// guarantee: A write from another site is refused, however its path is written, and a resident's
/// report never is
#[tokio::test(flavor = "multi_thread")]
async fn cross_site_writes_are_refused_for_every_path_spelling() {
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
async fn resident_reports_are_accepted_from_any_origin() {
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
