//! Several nodes on one database: nothing is shared but the database and the keys.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mashang::testing::domain::code::Code;
use mashang::testing::domain::staff::Role;
use mashang::testing::run;
use mashang::testing::service::import::Table;
use mashang::testing::service::places;
use mashang::testing::store::{Error, Tx};
use reqwest::{Method, StatusCode};
use sea_orm::{ConnectionTrait, Database};
use serde_json::json;

use crate::app::{PATIENCE, TestApp};
use crate::deadlines::import;

/// Waits for what the node learns from its poller.
async fn soon<T>(next: impl Future<Output = T>) -> T {
    let next = tokio::time::timeout(PATIENCE, next);
    next.await.expect("the node reads new entries")
}

/// guarantee: A report taken by one node is shown, streamed and changed on another
#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_took_the_other_shows_streams_and_moves() {
    let one = TestApp::open().await;
    let two = one.join().await;
    let worker = one.person("w", Role::GridWorker, "C1").await;
    let mut there = two.stream(&worker, None).await;
    let mut here = one.stream(&worker, None).await;
    let (number, _) = one.resident("C1").reports().await;
    let (_, entry) = soon(there.next()).await;
    assert_eq!(entry["row"]["number"], number.as_str());
    let step = format!(
        "/staff/reports/{}/accept",
        entry["report"].as_str().unwrap()
    );
    let got = two
        .send(
            Method::POST,
            &step,
            Some(&worker),
            Some(json!({"version": 1})),
        )
        .await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.json);
    let events = [
        soon(here.next()).await.1["event"].clone(),
        soon(here.next()).await.1["event"].clone(),
    ];
    assert_eq!(events, [json!("submitted"), json!("accepted")]);
    let stale = one
        .send(
            Method::POST,
            &step,
            Some(&worker),
            Some(json!({"version": 1})),
        )
        .await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.json);
}

/// guarantee: On PostgreSQL a node tells the others at once that it has written
#[tokio::test(flavor = "multi_thread")]
async fn nodes_on_postgresql_announce_what_they_wrote() {
    let one = TestApp::open().await;
    let two = one.join().await;
    if !one.state.db.has_announcements() {
        return;
    }
    let [mut here, mut there] = [&one, &two].map(|node| node.state.notifier.elsewhere());
    for node in [&mut here, &mut there] {
        soon(node.wait_for(|times| *times == 1)).await.unwrap(); // It listens.
    }
    one.resident("C1").reports().await;
    soon(there.wait_for(|times| *times == 2)).await.unwrap();
    // Announcements come in order: one's own would have come before this one.
    two.resident("C1").reports().await;
    soon(here.wait_for(|times| *times >= 2)).await.unwrap();
    assert_eq!(*here.borrow(), 2);
}

/// guarantee: Resends over all nodes at the same time are one report
#[tokio::test(flavor = "multi_thread")]
async fn resends_over_all_nodes_at_once_are_one_report() {
    let one = TestApp::open().await;
    let two = one.join().await;
    let form = one.resident("C1").form().await;
    let (here, there) = (one.resident("C1"), two.resident("C1"));
    let mut sent = Vec::new();
    for _ in 0..20 {
        sent.push(here.sends(&form));
        sent.push(there.sends(&form));
    }
    let got = futures_util::future::join_all(sent).await;
    let fresh = got
        .iter()
        .filter(|got| got.status == StatusCode::CREATED)
        .count();
    let again = got
        .iter()
        .filter(|got| got.status == StatusCode::OK)
        .count();
    assert_eq!((fresh, again), (1, 39));
    assert!(got.iter().all(|other| other.json == got[0].json));
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_reports_on_all_nodes_leave_no_gap() {
    let one = TestApp::open().await;
    let two = one.join().await;
    let (here, there) = (one.resident("C1"), two.resident("C1"));
    let mut sent = Vec::new();
    for _ in 0..25 {
        sent.push(here.reports());
        sent.push(there.reports());
    }
    let mut numbers: Vec<_> = futures_util::future::join_all(sent).await;
    numbers.sort();
    numbers.dedup_by(|a, b| a.0 == b.0);
    assert_eq!(numbers.len(), 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn revoked_placard_is_revoked_on_every_node() {
    let one = TestApp::open().await;
    let two = one.join().await;
    let code = two.resident("C1").code;
    let revoked = Code::read(&code).unwrap();
    places::revoke_placard(&one.state, revoked).await.unwrap();
    let gone = async {
        while two.page(&format!("/q/{code}")).await.0 == StatusCode::OK {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.unwrap();
    assert_eq!(two.page(&format!("/q/{code}")).await.0, StatusCode::GONE);
}

/// guarantee: Nodes that start together on an empty database create one schema
#[tokio::test(flavor = "multi_thread")]
async fn nodes_starting_together_create_one_schema() {
    let mut app = TestApp::open().await;
    app.close().await;
    app.empty_database().await;
    let config = app.config();
    let builds = (0..4).map(|_| {
        let config = config.clone();
        tokio::spawn(async move { run::build(&config).await.map(|state| state.instance) })
    });
    for built in futures_util::future::join_all(builds).await {
        built.unwrap().unwrap();
    }
}

/// guarantee: A node does not write into a schema newer than its own, and does not start on one
#[tokio::test(flavor = "multi_thread")]
async fn node_refuses_a_newer_schema() {
    let app = TestApp::open().await;
    let worker = app.person("w", Role::GridWorker, "C1").await;
    let (number, _) = app.resident("C1").reports().await;
    let resident = app.resident("C1");
    let form = resident.form().await;
    let row = app.get("/staff", Some(&worker)).await.json["rows"][0].clone();
    let accept = format!("/staff/reports/{}/accept", row["id"].as_str().unwrap());
    let accepts = async || {
        let words = Some(json!({"version": 1}));
        let got = app.send(Method::POST, &accept, Some(&worker), words);
        got.await.status
    };
    let later = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)";
    app.execute(later).await;

    let (status, page) = app.post_page(&resident.code, &form).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.contains("王示例"), "the words are kept");
    assert_eq!(accepts().await, StatusCode::SERVICE_UNAVAILABLE);
    let ready = app.get("/readyz", None).await.status;
    assert_eq!(ready, StatusCode::SERVICE_UNAVAILABLE);
    let list = app.get("/staff", Some(&worker)).await.json;
    assert_eq!(list["rows"].as_array().unwrap().len(), 1, "nothing of it");
    assert_eq!(list["rows"][0]["number"], number.as_str());
    assert_eq!(list["rows"][0]["status"], "waiting");
    let refused = run::build(&app.config()).await.unwrap_err();
    let said = format!("{refused:#}");
    assert!(said.contains("newer version of this program"), "{said}");
    assert!(said.contains("m9999_later"), "{said}");

    let gone = "DELETE FROM seaql_migrations WHERE version = 'm9999_later'";
    app.execute(gone).await;
    assert_eq!(resident.sends(&form).await.status, StatusCode::CREATED);
    assert_eq!(accepts().await, StatusCode::OK);
}

/// guarantee: A node does not write into a schema newer than its own, and does not start on one
#[tokio::test(flavor = "multi_thread")]
async fn while_a_node_writes_no_other_moves_the_schema_on() {
    let app = TestApp::open().await;
    let (begun, wait) = tokio::sync::oneshot::channel();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let work = async move |_tx: Tx| {
        begun.send(()).unwrap();
        ended.await.unwrap();
        Ok::<_, Error>(())
    };
    let state = Arc::clone(&app.state);
    let writing = tokio::spawn(async move { state.db.write(work).await });
    wait.await.unwrap();
    // What a node does before it takes a further step.
    let moves = async |patience_ms: u32| {
        let db = Database::connect(&app.config().database.url).await.unwrap();
        let lock = match app.file() {
            Some(_) => format!("PRAGMA busy_timeout = {patience_ms}; BEGIN IMMEDIATE; ROLLBACK"),
            None => format!(
                "BEGIN; SET LOCAL lock_timeout = {patience_ms}; \
                 LOCK TABLE seaql_migrations IN ACCESS EXCLUSIVE MODE; ROLLBACK"
            ),
        };
        let done = db.execute_unprepared(&lock).await;
        db.close().await.unwrap();
        done
    };
    assert!(moves(200).await.is_err());
    end.send(()).unwrap();
    writing.await.unwrap().unwrap();
    // Background tasks of the node write, too: their transactions are short.
    moves(30_000).await.unwrap();
}

/// guarantee: An import is effective when its command returns, and no page shows the places from
/// before it again
#[tokio::test(flavor = "multi_thread")]
async fn places_never_revert_to_before_an_import() {
    let app = TestApp::open().await;
    let readers = (0..8).map(|_| {
        let state = Arc::clone(&app.state);
        tokio::spawn(async move {
            loop {
                places::reload(&state).await.unwrap();
            }
        })
    });
    let readers: Vec<_> = readers.collect();
    let (state, over) = (Arc::clone(&app.state), Arc::new(AtomicBool::new(false)));
    let ends = Arc::clone(&over);
    let watch = std::thread::spawn(move || {
        let (mut last, mut back) = (0, 0);
        while !ends.load(Ordering::Relaxed) {
            let shown = state.atlas().cache_version;
            back += i32::from(shown < last);
            last = shown;
        }
        back
    });
    for nth in 0..60 {
        let name = format!("第{nth}街道");
        let area =
            format!("code,parent_code,level,name,number_prefix\nS,D,subdistrict,{name},QZ\n");
        import(&app, Table::Areas, &area).await;
        let atlas = app.state.atlas();
        assert_eq!(atlas.tree.get(app.area("S")).unwrap().name, name);
    }
    for reader in readers {
        reader.abort();
    }
    over.store(true, Ordering::Relaxed);
    assert_eq!(watch.join().unwrap(), 0);
}
