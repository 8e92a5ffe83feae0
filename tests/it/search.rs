//! The search of the queue: what it finds, for whom, and what of it stays with the browser.

use std::fmt::Write as _;
use std::time::Duration;

use futures_util::future::join_all;
use mashang::testing::domain::staff::Role;
use mashang::testing::service::import::Table;
use mashang::testing::service::places;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::time::{sleep, timeout};

use crate::app::{PATIENCE, Person, TestApp};
use crate::deadlines::import;
use crate::listing::{at, look, morning, numbers, phone, report, step};

/// Accepts and closes the report.
async fn ends(app: &TestApp, worker: &Person, number: &str) {
    step(app, worker, number, "accept", json!({})).await;
    step(app, worker, number, "close", json!({"outcome": "informed"})).await;
}

/// guarantee: A search finds a receipt number or a whole telephone within the scope, and nothing
/// outside it
#[tokio::test(flavor = "multi_thread")]
async fn search_finds_numbers_and_telephones_within_the_scope_only() {
    let app = morning().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let other = app.person("other", Role::GridWorker, "C2").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let first = report(&app, "C1", phone(1)).await;
    let second = report(&app, "C1", phone(1)).await;
    let there = report(&app, "C2", phone(1)).await;
    ends(&app, &worker, &first).await;

    let bare = first.replace('-', "").to_lowercase();
    let short = first.split_once('-').unwrap().1;
    for words in [first.as_str(), &bare, short, &format!("  {short} ")] {
        let (status, view) = app.search(&worker, words).await;
        assert_eq!(
            (status, numbers(&view)),
            (StatusCode::OK, vec![first.clone()]),
            "{words}"
        );
        assert_eq!(view["rows"][0]["status"], "closed");
    }
    for words in [
        "13800000001",
        "138 0000 0001",
        "+86 138-0000-0001",
        "１３８００００００01",
    ] {
        let (_, view) = app.search(&worker, words).await;
        assert_eq!(numbers(&view), [second.clone(), first.clone()], "{words}");
        assert!(!view.to_string().contains("13800000001"), "shown masked");
    }
    assert_eq!(numbers(&app.search(&duty, "13800000001").await.1).len(), 3);

    let theirs = app.search(&worker, &there).await;
    let nobodys = app.search(&worker, "QZ-0101-2222").await;
    let unknown = app.search(&worker, "13900000000").await;
    let foreign = app.search(&other, &first).await;
    for (status, view) in [&theirs, &nobodys, &unknown, &foreign] {
        assert_eq!(
            (*status, &view["code"]),
            (StatusCode::NOT_FOUND, &json!("not_found"))
        );
        assert_eq!(view["rows"], json!([]));
    }
    assert_eq!(
        theirs.1["message"], nobodys.1["message"],
        "unknown and forbidden answer alike"
    );
    for words in ["", "1单元"] {
        let (status, view) = app.search(&worker, words).await;
        assert_eq!(
            (status, &view["code"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("unreadable")),
            "{words}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn search_is_restored_for_the_same_browser_only() {
    let app = morning().await;
    let one = app.person("one", Role::GridWorker, "C1").await;
    let two = app.person("two", Role::GridWorker, "C1").await;
    let number = report(&app, "C1", phone(1)).await;
    let page = async |method: Method, person: &Person, cookie: &str| {
        let request = app.request(method.clone(), "/staff/search", Some(person));
        let request = request
            .header("accept", "text/html")
            .header("cookie", cookie);
        let request = match method {
            Method::POST => request.form(&json!({"q": "13800000001"})),
            _ => request,
        };
        let response = request.send().await.unwrap();
        let headers = response.headers();
        let header = |name: &str| {
            headers
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        let (to, kept) = (header("location"), header("set-cookie"));
        (to, kept.unwrap_or_default(), response.text().await.unwrap())
    };
    let (to, kept, _) = page(Method::POST, &one, "").await;
    assert_eq!(to.as_deref(), Some("/staff/search"));
    assert!(
        kept.contains("HttpOnly") && kept.contains("Path=/staff/search"),
        "{kept}"
    );
    assert!(!kept.contains("13800000001"), "sealed");
    let kept = kept.split(';').next().unwrap().to_owned();
    let (to, _, text) = page(Method::GET, &one, &kept).await;
    assert!(to.is_none() && text.contains(&number));
    let (_, sealed) = kept.split_once('=').unwrap();
    let name = |person: i32| format!("search-{person}={sealed}");
    let id = look(&app, &two, "").await["person_id"].as_i64().unwrap();
    for cookie in [kept.clone(), name(i32::try_from(id).unwrap())] {
        let (to, _, text) = page(Method::GET, &two, &cookie).await;
        assert_eq!(to.as_deref(), Some("/staff"), "{cookie}");
        assert!(!text.contains(&number));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn number_is_found_among_many_equal_serials() {
    const SUBDISTRICTS: usize = 102;
    let app = morning().await;
    let mut areas = "code,parent_code,level,name,name_en,number_prefix,phone\n".to_owned();
    let mut buildings =
        "area_code,estate,estate_en,building,building_en,units,lon,lat\n".to_owned();
    let signs = ('A'..='Z').flat_map(|one| ('A'..='Z').map(move |two| format!("X{one}{two}")));
    for (at, prefix) in signs.take(SUBDISTRICTS).enumerate() {
        writeln!(areas, "S{at},D,subdistrict,街道,,{prefix},").unwrap();
        writeln!(areas, "C{at}x,S{at},community,社区,,,").unwrap();
        writeln!(buildings, "C{at}x,花园,,1号楼,,,120.89,32.06").unwrap();
    }
    import(&app, Table::Areas, &areas).await;
    import(&app, Table::Buildings, &buildings).await;
    places::issue_placards(&app.state, "test").await.unwrap();
    let duty = app.person("duty", Role::DutyOfficer, "D").await;
    let mut first = String::new();
    for at in 0..SUBDISTRICTS {
        let (number, _) = app.resident(&format!("C{at}x")).reports().await;
        assert!(number.starts_with('X'), "{number}");
        if at == 0 {
            first = number;
        }
    }
    let (_, view) = app.search(&duty, &first).await;
    assert_eq!(numbers(&view), [first]);
}

#[tokio::test(flavor = "multi_thread")]
async fn full_search_page_says_that_there_may_be_more() {
    let app = TestApp::open().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let resident = app.resident("C1");
    for nth in 1..=101 {
        let (_, found) = app.search(&worker, "138 0000 0000").await;
        let rows = found["rows"].as_array().unwrap();
        assert_eq!(rows.len(), (nth - 1).min(100));
        if nth > 1 {
            let code = if nth > 100 { "many" } else { "" };
            assert_eq!(found["code"], code, "{nth}");
        }
        resident.reports().await;
    }
}

/// guarantee: A search finds open reports of the person's own queues by building, room and the last
/// four digits of the telephone, and records no look, because it shows what lists show
#[tokio::test(flavor = "multi_thread")]
async fn search_finds_doors_within_the_scope() {
    let app = morning().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let first = report(&app, "C1", phone(12)).await;
    let second = report(&app, "C1", phone(34)).await;
    report(&app, "C2", phone(12)).await;
    let place = look(&app, &worker, "view=open").await["rows"][0]["place"].clone();
    let place = place
        .as_str()
        .unwrap()
        .rsplit_once(' ')
        .unwrap()
        .0
        .to_owned();
    for (words, wanted) in [
        ("1201".to_owned(), vec![&first]),
        ("１２０１室".to_owned(), vec![&first]),
        ("0034".to_owned(), vec![&second]),
        (format!("{place} 3401"), vec![&second]),
        (format!("3401 {place}"), vec![&second]),
        (place.clone(), vec![&first, &second]),
        (place.replace(' ', "") + "3401", vec![&second]),
        ("无此小区 3401".to_owned(), vec![]),
        ("9999".to_owned(), vec![]),
    ] {
        let (status, view) = app.search(&worker, &words).await;
        assert_eq!(
            numbers(&view),
            wanted.iter().map(|one| (*one).clone()).collect::<Vec<_>>(),
            "{words}"
        );
        let found = if wanted.is_empty() {
            StatusCode::NOT_FOUND
        } else {
            StatusCode::OK
        };
        assert_eq!(status, found, "{words}");
        assert!(!view.to_string().contains("13800000012"), "shown masked");
    }
    ends(&app, &worker, &first).await;
    assert_eq!(
        app.search(&worker, "1201").await.0,
        StatusCode::NOT_FOUND,
        "closed"
    );
}

/// guarantee: A search by room that has not read all open reports says so, and the building narrows it
#[tokio::test(flavor = "multi_thread")]
async fn search_for_a_door_says_when_it_read_only_part() {
    const OPENED_MAX: usize = 1_000;
    const AT_ONCE: usize = 50;
    let app = morning().await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let resident = app.resident("C1");
    let mut form = resident.form().await;
    form.as_object_mut().unwrap().remove("key");
    let sends = async |nth: usize| {
        let mut form = form.clone();
        form["phone"] = json!(format!("1390000{nth:04}"));
        form["room"] = json!("9");
        assert_eq!(resident.sends(&form).await.status, StatusCode::CREATED);
    };
    for first in (1..OPENED_MAX).step_by(AT_ONCE) {
        let these = first..(first + AT_ONCE).min(OPENED_MAX);
        join_all(these.map(sends)).await;
    }
    // Due last, so that it is the last one to be read.
    at(&app, 10, 1);
    let last = report(&app, "C2", phone(77)).await;
    let all_read = app.search(&duty, "7701").await.1;
    assert_eq!(
        (numbers(&all_read), &all_read["code"]),
        (vec![last.clone()], &json!(""))
    );
    at(&app, 10, 0);
    report(&app, "C1", json!({"phone": "13900009999", "room": "9"})).await;
    let part = app.search(&duty, "7701").await.1;
    assert_eq!(
        (numbers(&part), &part["code"]),
        (Vec::new(), &json!("many"))
    );
    let narrowed = app.search(&duty, "新村 7701").await.1;
    assert_eq!(
        (numbers(&narrowed), &narrowed["code"]),
        (vec![last], &json!(""))
    );
}

/// guarantee: On SQLite the index of telephones is merged while no report comes in, and finds every
/// report afterwards
#[tokio::test(flavor = "multi_thread")]
async fn index_of_telephones_is_merged_while_no_report_comes() {
    let app = morning().await;
    if app.file().is_none() {
        return; // PostgreSQL has an index of its own.
    }
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let first = report(&app, "C1", phone(1)).await;
    for run in 1..=32 {
        app.execute(&format!(
            "INSERT INTO phone_run (run, level) VALUES ({run}, 0)"
        ))
        .await;
    }
    app.execute(
        "INSERT INTO report_phone (run, phone_tag, report_id) SELECT 7, phone_tag, report_id FROM recent_report",
    )
    .await;
    app.execute("DELETE FROM recent_report").await;
    // The writer has something to do again.
    let second = report(&app, "C1", phone(1)).await;
    let merged = async {
        while app.number("SELECT COUNT(*) FROM phone_run").await > 1 {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, merged).await.unwrap();
    let (_, view) = app.search(&worker, "13800000001").await;
    assert_eq!(numbers(&view), [second, first]);
}
