//! How long a page of the queue takes, with all its counts, over many open reports.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mashang::testing::domain::area::Level;
use mashang::testing::domain::staff::Role;
use mashang::testing::run::Running;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::live::{client, sign_in};
use crate::{answer, join, open};

const OPEN: usize = 100_000;
const CONNECTIONS: usize = 64;
const READINGS: usize = 40;
/// Reports that come between two looks, and how often.
const MORE: usize = 1_000;
const MORE_TIMES: usize = 10;
/// How often another node is started.
const STARTS: usize = 3;
/// Every fiftieth report is somebody's second one.
const SECOND_EVERY: usize = 50;

pub(crate) async fn lists() -> String {
    let folder = tempfile::tempdir().unwrap();
    let running = open(512, &folder).await;
    fill(&running, 0..OPEN).await;
    let office = running.app.atlas();
    let office = office
        .tree
        .areas()
        .find(|area| area.level == Level::Subdistrict)
        .unwrap();
    let token = sign_in(&running, Role::DutyOfficer, office.id).await;
    let mut text = format!(
        "\n## A page of the queue over {OPEN} open reports\n\nThe first hundred rows with the counts of every view, for somebody who sees all queues of the subdistrict; one reader at a time.\n\n| page | p50 ms | p99 ms |\n|---|---|---|\n"
    );
    let first = get(&running, &token, "/staff").await.0;
    for (name, path) in [
        ("all open, by deadline", "/staff"),
        ("the second page", first["next"].as_str().unwrap()),
        ("all open, the latest first", "/staff?sort=newest"),
        ("waiting", "/staff?view=waiting"),
        ("leaving only", "/staff?direction=leave"),
        ("probable duplicates", "/staff?view=duplicates"),
        ("the counts alone", "/staff/counts"),
    ] {
        let mut took = Vec::new();
        for _ in 0..READINGS {
            took.push(get(&running, &token, path).await.1);
        }
        text += &row(name, took);
    }
    let mut took = Vec::new();
    for row in first["rows"].as_array().unwrap().iter().take(READINGS) {
        took.push(accept(&running, &token, row).await);
    }
    text += &row("taking one of them", took);
    let mut took = Vec::new();
    for nth in 0..MORE_TIMES {
        let from = OPEN + nth * MORE;
        fill(&running, from..from + MORE).await;
        took.push(get(&running, &token, "/staff").await.1);
    }
    text += &row(&format!("all open, when {MORE} more have come"), took);
    let mut took = Vec::new();
    for _ in 0..STARTS {
        let node = join(&folder).await;
        took.push(get(&node, &token, "/staff").await.1);
        node.close().await.unwrap();
    }
    text += &row("the first page of a node that has just started", took);
    running.close().await.unwrap();
    text
}

fn row(name: &str, mut took: Vec<Duration>) -> String {
    took.sort_unstable();
    let at = |share: usize| took[took.len() * share / 100].as_secs_f64() * 1e3;
    format!("| {name} | {:.1} | {:.1} |\n", at(50), at(99))
}

async fn get(running: &Running, token: &str, path: &str) -> (Value, Duration) {
    let address = format!("http://{}{path}", running.address);
    ask(client().get(address).bearer_auth(token)).await
}

/// Takes the report of this row; how long until the row that comes of it was there.
async fn accept(running: &Running, token: &str, row: &Value) -> Duration {
    let id = row["id"].as_str().unwrap();
    let address = format!("http://{}/staff/reports/{id}/accept", running.address);
    let request = client().post(address).bearer_auth(token);
    let (done, took) = ask(request.json(&json!({"version": row["version"]}))).await;
    assert_eq!(done["row"]["status"], "accepted", "{done}");
    took
}

async fn ask(request: RequestBuilder) -> (Value, Duration) {
    let begun = Instant::now();
    let answer = request.header("accept", "application/json").send().await;
    let text = answer.unwrap().text().await.unwrap();
    let took = begun.elapsed();
    (serde_json::from_str(&text).unwrap(), took)
}

/// Reports as residents send them, through the front door.
async fn fill(running: &Running, numbers: Range<usize>) {
    let app = Arc::clone(&running.app);
    let codes: Vec<String> = app
        .atlas()
        .placards()
        .map(|placard| placard.code.to_string())
        .collect();
    let codes = Arc::new(codes);
    let day = app.local_now().date();
    let senders = (0..CONNECTIONS).map(|sender| {
        let (app, codes, at) = (Arc::clone(&app), Arc::clone(&codes), running.address);
        let numbers = numbers.clone();
        tokio::spawn(async move {
            let mut line = TcpStream::connect(at).await.unwrap();
            line.set_nodelay(true).unwrap();
            let mut buffer = vec![0; 64 * 1024];
            for nth in numbers.skip(sender).step_by(CONNECTIONS) {
                let person = nth - usize::from(nth % SECOND_EVERY == 1);
                let body = json!({
                    "key": app.keys.page_key(app.fresh_report()),
                    "direction": if nth % 3 == 0 { "leave" } else { "return" },
                    "region": "上海市浦东新区", "day": day, "room": format!("{person}"), "name": "示例居民",
                    "phone": format!("138{person:08}"),
                })
                .to_string();
                let code = &codes[nth % codes.len()];
                let text = format!(
                    "POST /q/{code} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                );
                line.write_all(text.as_bytes()).await.unwrap();
                answer(&mut line, &mut buffer, "201").await;
            }
        })
    });
    for sender in senders.collect::<Vec<_>>() {
        sender.await.unwrap();
    }
}
