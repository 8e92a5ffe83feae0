//! Streams: from where they go on, how they show that they are there, and when they end.

use std::time::Duration;

use mashang::testing::domain::staff::Role;
use mashang::testing::service::handover;
use mashang::testing::service::import::Table;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::time::{sleep, timeout};

use crate::app::{PATIENCE, Person, Stream, TestApp};
use crate::deadlines::import;

/// Several looks at who still may follow a stream.
const LOOKS: Duration = Duration::from_secs(7);
/// Tries of what a slow machine may miss.
const TRIES: usize = 10;
/// Often enough for no beat to fall into a silence.
const BUSY: Duration = Duration::from_millis(500);

/// Runs `work` while reports come to a queue.
async fn amid_reports<T>(app: &TestApp, queue: &str, done: impl Future<Output = T>) -> Option<T> {
    let busy = async {
        loop {
            app.resident(queue).reports().await;
            sleep(BUSY).await;
        }
    };
    tokio::select! {
        done = timeout(PATIENCE, done) => done.ok(),
        () = busy => None,
    }
}

/// guarantee: Sign-out and dismissal are effective at once, and end open streams within five
/// seconds under any load
#[tokio::test(flavor = "multi_thread")]
async fn streams_end_with_the_sign_in_under_load() {
    let app = TestApp::open().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let centre = |person: &Person| app.request(Method::GET, "/centre/stream", Some(person));
    let mut own = app.stream(&worker, None).await;
    let mut all = app.stream(&duty, None).await;
    let mut totals = Stream::of(centre(&duty)).await;
    for login in ["worker", "duty"] {
        handover::let_go(&app.state, login, None).await.unwrap();
    }
    let ends = async { tokio::join!(own.ends(), all.ends(), totals.ends()) };
    let ended = amid_reports(&app, "C2", ends).await;
    assert_eq!(ended, Some((true, true, true)));
}

/// guarantee: Streams end in time if their sign-ins cannot be checked, and reconnect afterwards
#[tokio::test(flavor = "multi_thread")]
async fn streams_end_when_authorisation_is_unknown_and_return() {
    let app = TestApp::open().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let mut stream = app.stream(&worker, None).await;
    assert_eq!(stream.event().await.kind, "hello");
    app.execute("ALTER TABLE session RENAME TO away").await;
    assert_eq!(timeout(PATIENCE, stream.ends()).await, Ok(true));
    app.execute("ALTER TABLE away RENAME TO session").await;
    // On a machine that is too slow for the checks streams end again, and pages open them again.
    let mut tries = 0;
    while !stays(&app, &worker).await {
        tries += 1;
        assert!(tries < TRIES, "no stream stays");
    }
}

/// Whether two streams of different age outlive several checks.
async fn stays(app: &TestApp, worker: &Person) -> bool {
    let mut first = app.stream(worker, None).await;
    sleep(Duration::from_secs(1)).await;
    let mut second = app.stream(worker, None).await;
    sleep(LOOKS).await;
    let alive = async |stream: &mut Stream| timeout(BUSY, stream.ends()).await.is_err();
    let alive = [alive(&mut first).await, alive(&mut second).await];
    alive == [true, true]
}

/// guarantee: Sign-out and dismissal are effective at once, and end open streams within five
/// seconds under any load
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_ends_its_own_streams_and_no_others() {
    let app = TestApp::open().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let again = app.sign_in("worker", "a-password-of-my-own").await;
    let again = Person {
        token: again.json["token"].as_str().unwrap().to_owned(),
    };
    let mut left = app.stream(&worker, None).await;
    let mut stays = app.stream(&again, None).await;
    let out = app.send(Method::POST, "/staff/sign-out", Some(&worker), None);
    assert_eq!(out.await.status, StatusCode::NO_CONTENT);
    assert_eq!(timeout(PATIENCE, left.ends()).await, Ok(true));
    app.resident("C1").reports().await;
    assert_eq!(stays.next().await.1["seq"], 1);
}

/// guarantee: Closing a page removes its subscription
#[tokio::test(flavor = "multi_thread")]
async fn closed_page_removes_its_subscription() {
    let app = TestApp::open().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let streams = async || {
        let figures = app.metrics().await;
        let line = figures.lines();
        let mut count = line.filter_map(|line| line.strip_prefix("mashang_streams "));
        count.next().unwrap().to_owned()
    };
    let open = [
        app.stream(&worker, None).await,
        app.stream(&worker, None).await,
    ];
    assert_eq!(streams().await, "2");
    drop(open);
    let gone = async {
        while streams().await != "0" {
            sleep(BUSY).await;
        }
    };
    assert!(timeout(PATIENCE, gone).await.is_ok());
}

/// guarantee: A page notices a stream that fell silent
#[tokio::test(flavor = "multi_thread")]
async fn quiet_queue_sends_heartbeats_under_load() {
    let app = TestApp::open().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let mut stream = app.stream(&worker, None).await;
    assert_eq!(stream.event().await.kind, "hello");
    let beat = amid_reports(&app, "C2", stream.event()).await;
    assert_eq!(beat.map(|beat| beat.kind).as_deref(), Some("beat"));
}

/// guarantee: A person with many queues follows all of them from the moment the page was rendered
#[tokio::test(flavor = "multi_thread")]
async fn multi_queue_stream_resumes_from_the_page_cursor() {
    let app = TestApp::open().await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    for queue in ["C1", "C2"] {
        app.resident(queue).reports().await;
    }
    let (one, two) = (app.area("C1").0, app.area("C2").0);
    for after in [format!("{one}.1,{two}.1"), format!("{one}.1%2C{two}.1")] {
        let path = format!("/staff/stream?after={after}");
        let mut stream = Stream::of(app.request(Method::GET, &path, Some(&duty))).await;
        assert_eq!(stream.event().await.id, format!("{one}.1,{two}.1"));
    }
    let mut stream = app.stream(&duty, Some(&format!("{one}.1"))).await;
    let (_, entry) = stream.next().await;
    assert_eq!((&entry["queue"], &entry["seq"]), (&two.into(), &1.into()));
}

/// guarantee: A new report's row on the stream is the row of the list
#[tokio::test(flavor = "multi_thread")]
async fn new_reports_row_is_the_row_of_the_list() {
    let app = TestApp::open().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let mut stream = app.stream(&worker, None).await;
    assert_eq!(stream.event().await.kind, "hello");
    for nth in 1..=3 {
        app.resident("C1").reports().await;
        let entry = stream.next().await.1;
        assert_eq!(
            (&entry["seq"], &entry["event"]),
            (&json!(nth), &json!("submitted"))
        );
        let list = app.get("/staff", Some(&worker)).await.json;
        let rows = list["rows"].as_array().unwrap();
        let row = rows.iter().find(|row| row["id"] == entry["report"]);
        assert_eq!(Some(&entry["row"]), row);
    }
    // A stream that comes back later than the last batch misses none.
    let cursor = format!("{}.1", app.area("C1").0);
    let mut late = app.stream(&worker, Some(&cursor)).await;
    assert_eq!(late.event().await.kind, "hello");
    assert_eq!(late.next().await.1["seq"], 2);
}

/// guarantee: A reader whose cursor is ahead of the journal is told to read everything again
#[tokio::test(flavor = "multi_thread")]
async fn cursor_ahead_of_history_gets_a_reset() {
    let app = TestApp::open().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    app.resident("C1").reports().await;
    let queue = app.area("C1").0;
    let mut stream = app.stream(&worker, Some(&format!("{queue}.7"))).await;
    let reset = stream.event().await;
    assert_eq!(
        (reset.kind.as_str(), reset.id),
        ("reset", format!("{queue}.1"))
    );
    app.resident("C1").reports().await;
    assert_eq!(stream.next().await.1["seq"], 2, "and it goes on from there");
}

/// guarantee: A stream ends when its areas are divided again, and reconnects with the new scope
#[tokio::test(flavor = "multi_thread")]
async fn stream_ends_when_its_areas_change() {
    let app = TestApp::open().await;
    let [here, there] = ["S", "T"];
    let areas = |above: &str| {
        format!(
            "code,parent_code,level,name,name_en,number_prefix,phone\n\
             T,D,subdistrict,新街道,,QT,0513-00000003\nC2,{above},community,桥东社区,Qiaodong,,\n"
        )
    };
    import(&app, Table::Areas, &areas(here)).await;
    let old = app.person("old", Role::DutyOfficer, here).await;
    let new = app.person("new", Role::DutyOfficer, there).await;
    let mut streams = [app.stream(&old, None).await, app.stream(&new, None).await];
    import(&app, Table::Areas, &areas(there)).await;
    let [one, two] = &mut streams;
    let ended = timeout(PATIENCE, async { tokio::join!(one.ends(), two.ends()) }).await;
    assert_eq!(ended, Ok((true, true)));
    let mut stream = app.stream(&new, None).await;
    app.resident("C2").reports().await;
    assert_eq!(stream.next().await.1["queue"], app.area("C2").0);
}

/// guarantee: A sign-in has eight streams, and the one that a ninth replaces says so and ends
#[tokio::test(flavor = "multi_thread")]
async fn ninth_stream_of_a_sign_in_closes_the_oldest() {
    const STREAMS: usize = 8;
    let app = TestApp::open().await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let other = app.person("other", Role::DutyOfficer, "S").await;
    let open = async |path: &str, person: &Person| {
        let mut stream = Stream::of(app.request(Method::GET, path, Some(person))).await;
        stream.event().await;
        stream
    };
    let mut others = open("/staff/stream", &other).await;
    let mut centre = open("/centre/stream", &duty).await;
    let mut queues = Vec::new();
    for _ in 0..STREAMS {
        queues.push(open("/staff/stream", &duty).await);
    }
    closes(&mut centre).await;
    queues.push(open("/staff/stream", &duty).await);
    closes(&mut queues.remove(0)).await;
    app.resident("C1").reports().await;
    for stream in queues.iter_mut().chain([&mut others]) {
        stream.next().await;
    }
}

/// Waits for the event `closed` and the end after it.
async fn closes(stream: &mut Stream) {
    loop {
        let event = stream.event().await;
        if event.kind == "closed" {
            assert_eq!(event.data, "{\"reason\":\"too_many_streams\"}");
            return assert!(stream.ends().await);
        }
    }
}
