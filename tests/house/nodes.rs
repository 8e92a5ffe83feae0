//! Several nodes on one database: nothing is shared but the database and the keys.

use std::time::Duration;

use mashang::domain::code::Code;
use mashang::domain::staff::Role;
use mashang::run;
use mashang::service::places;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::world::World;

/// Sooner than a stream's own pulse, which would bring everything too.
async fn soon<T>(next: impl Future<Output = T>) -> T {
    let next = tokio::time::timeout(Duration::from_secs(3), next);
    next.await.expect("the node looks out")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_took_the_other_shows_streams_and_moves() {
    let one = World::open().await;
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

#[tokio::test(flavor = "multi_thread")]
async fn resends_over_all_nodes_at_once_are_one_report() {
    let one = World::open().await;
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
async fn reports_on_all_nodes_at_once_leave_no_gap_and_no_number_twice() {
    let one = World::open().await;
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
async fn a_placard_revoked_on_one_node_is_revoked_on_the_other() {
    let one = World::open().await;
    let two = one.join().await;
    let code = two.resident("C1").code;
    let revoked = Code::read(&code).unwrap();
    places::revoke_placard(&one.house, revoked).await.unwrap();
    let gone = async {
        while two.page(&format!("/q/{code}")).await.0 == StatusCode::OK {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), gone)
        .await
        .unwrap();
    assert_eq!(two.page(&format!("/q/{code}")).await.0, StatusCode::GONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_at_once_on_an_empty_database_make_one_schema() {
    let mut world = World::open().await;
    world.close().await;
    world.empty_database().await;
    let config = world.config();
    let builds = (0..4).map(|_| {
        let config = config.clone();
        tokio::spawn(async move { run::build(&config).await.map(|house| house.instance) })
    });
    for built in futures_util::future::join_all(builds).await {
        built.unwrap().unwrap();
    }
}
