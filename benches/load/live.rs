//! How long after a report was acknowledged an open queue has it.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use mashang::testing::domain::area::AreaId;
use mashang::testing::domain::staff::Role;
use mashang::testing::http_client;
use mashang::testing::run::Running;
use mashang::testing::service::{App, people};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::arrivals::{Arrivals, PAUSE, REPORTS, Spread};
use crate::bare;
use crate::home::Home;
use crate::sending::{Line, post};

const QUEUES: [usize; 3] = [1, 100, 1000];
const PASSWORD: &str = "a-password-of-the-bench";

/// `server` is the PostgreSQL server on which another node is measured, too.
pub(crate) async fn live(server: Option<&str>) -> String {
    let mut text = String::from(
        "\n## From the acknowledgement to the row in an open queue\n\nA hundred reports, one after the other; every open page of the community, each with a sign-in of its own, has each of them. Beside it, in turn: as many bytes to as many lines from a server without a database, a sign-in or anything else to do. The load reads on the same cores. 0.0: the row came no later than the acknowledgement.\n\n| open queues | p50 ms | p99 ms | KiB of the process a queue | bare broadcast: p50 ms | p99 ms | ratio of p99 |\n|---|---|---|---|---|---|---|\n",
    );
    for queues in QUEUES {
        let (app, kib) = latency(queues, &Home::new(), false).await;
        let bare = bare::latency(queues).await;
        let _ = writeln!(
            text,
            "| {queues} | {:.1} | {:.1} | {kib} | {:.1} | {:.1} | {:.1} |",
            app.p50_ms,
            app.p99_ms,
            bare.p50_ms,
            bare.p99_ms,
            app.p99_ms / bare.p99_ms
        );
    }
    elsewhere(&mut text, "SQLite", Home::new()).await;
    if server.is_some() {
        elsewhere(&mut text, "PostgreSQL", Home::on(server).await).await;
    }
    text
}

/// One open queue on another node than the one that gets the reports.
async fn elsewhere(text: &mut String, database: &str, home: Home) {
    let (app, _) = latency(1, &home, true).await;
    home.remove().await;
    let (p50, p99) = (app.p50_ms, app.p99_ms);
    let _ = writeln!(
        text,
        "| 1, on another node, {database} | {p50:.1} | {p99:.1} | | | | |"
    );
}

/// How long it takes, and KiB an open queue. `elsewhere` reads the queues from another node than the
/// one that gets the reports.
async fn latency(queues: usize, home: &Home, elsewhere: bool) -> (Spread, u64) {
    let running = home.open(&[]).await;
    let other = match elsewhere {
        true => Some(home.join(&[]).await),
        false => None,
    };
    let read_at = other
        .as_ref()
        .map_or(running.address, |other| other.address);
    let app = Arc::clone(&running.app);
    let (queue, code) = community(&app);
    let tokens = sign_in_often(&running, "lead", Role::CommunityLead, queue, queues).await;
    let before = resident_kib();
    let mut arrivals = Arrivals::new();
    for token in &tokens {
        arrivals.reads(follow(read_at, token).await);
    }
    let after = resident_kib();
    let mut line = Line::to(running.address).await;
    for nth in 1..=REPORTS {
        report(&mut line, &app, &code).await;
        arrivals.have(nth, Instant::now()).await;
        tokio::time::sleep(PAUSE).await;
    }
    running.close().await.unwrap();
    if let Some(other) = other {
        other.close().await.unwrap();
    }
    let kib = after.saturating_sub(before) / queues as u64;
    (arrivals.end().await, kib)
}

/// A community with a placard.
pub(crate) fn community(app: &App) -> (AreaId, String) {
    let atlas = app.atlas();
    let placard = atlas.placards().next().unwrap();
    let door = atlas.door_of(placard.id).unwrap();
    (door.queue.id, placard.code.to_string())
}

pub(crate) fn client() -> reqwest::Client {
    http_client::builder().build().unwrap()
}

/// A sign-in of a person with this login.
pub(crate) async fn sign_in(running: &Running, login: &str, role: Role, area: AreaId) -> String {
    sign_in_often(running, login, role, area, 1).await.remove(0)
}

/// So many sign-ins of one person, each with a token of its own.
async fn sign_in_often(
    running: &Running,
    login: &str,
    role: Role,
    area: AreaId,
    times: usize,
) -> Vec<String> {
    let taken = people::take_on(&running.app, login, login, role, area);
    let once = taken.await.unwrap();
    let (http, origin) = (client(), format!("http://{}", running.address));
    let post = async |path: &str, token: &str, body: Value| -> String {
        let request = http.post(format!("{origin}{path}")).bearer_auth(token);
        let request = request.header("accept", "application/json").json(&body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["token"].as_str().unwrap().to_owned()
    };
    let words = json!({"login": login, "password": once});
    let first = post("/staff/sign-in", "", words).await;
    let words = json!({"old": once, "new": PASSWORD});
    let mut tokens = vec![post("/staff/password", &first, words).await];
    let words = json!({"login": login, "password": PASSWORD});
    while tokens.len() < times {
        tokens.push(post("/staff/sign-in", "", words.clone()).await);
    }
    tokens
}

async fn follow(at: SocketAddr, token: &str) -> TcpStream {
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let head = format!(
        "GET /staff/stream HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut text = Vec::new();
    while !text.ends_with(b"\n\n\r\n") {
        assert!(stream.read_buf(&mut text).await.unwrap() > 0);
    }
    stream
}

async fn report(line: &mut Line, app: &App, code: &str) {
    let key = app.keys.page_key(app.fresh_report());
    let body = json!({
        "key": key, "direction": "return", "region": "上海市浦东新区", "day": app.local_now().date(),
        "room": "1203", "name": "示例居民", "phone": "13800000000",
    });
    let answer = line
        .ask(&post(&format!("/q/{code}"), "", &body.to_string()))
        .await;
    assert_eq!(answer.status, "201", "{}", answer.head);
}

/// Memory of this process, the load included.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
