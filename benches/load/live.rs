//! How long after a report was acknowledged an open queue has it.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mashang::domain::area::AreaId;
use mashang::domain::staff::Role;
use mashang::run::Running;
use mashang::service::{House, people};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::{answer, join, open};

const QUEUES: [usize; 3] = [1, 100, 1000];
const REPORTS: usize = 100;
const PAUSE: Duration = Duration::from_millis(20);
const PASSWORD: &str = "a-password-of-the-bench";

/// Which report arrived when.
type Arrival = (i64, Instant);

pub(crate) async fn live() -> String {
    let mut text = String::from(
        "\n## From the acknowledgement to the row in an open queue\n\nA hundred reports, one after the other; every open page of the community has each of them.\n\n| open queues | p50 ms | p99 ms | KiB of the process a queue |\n|---|---|---|---|\n",
    );
    for queues in QUEUES {
        let (p50, p99, kib) = latency((queues, false)).await;
        let _ = writeln!(text, "| {queues} | {p50:.1} | {p99:.1} | {kib} |");
    }
    let (p50, p99, _) = latency((1, true)).await;
    let _ = writeln!(text, "| 1, on another node | {p50:.1} | {p99:.1} | |");
    text
}

/// Milliseconds in the middle and at the slow end, and KiB an open queue.
async fn latency((queues, elsewhere): (usize, bool)) -> (f64, f64, u64) {
    let folder = tempfile::tempdir().unwrap();
    let running = open(512, &folder).await;
    let other = match elsewhere {
        true => Some(join(&folder).await),
        false => None,
    };
    let read_at = other
        .as_ref()
        .map_or(running.address, |other| other.address);
    let house = Arc::clone(&running.house);
    let (queue, code) = community(&house);
    let token = sign_in(&running, (Role::CommunityLead, queue)).await;
    let before = resident_kib();
    let (sender, mut arrivals) = mpsc::unbounded_channel();
    let mut readers = Vec::new();
    for _ in 0..queues {
        let stream = follow(read_at, &token).await;
        readers.push(tokio::spawn(read(stream, sender.clone())));
    }
    let after = resident_kib();
    let mut line = TcpStream::connect(running.address).await.unwrap();
    line.set_nodelay(true).unwrap();
    let mut took = Vec::new();
    for nth in 0..REPORTS {
        report(&mut line, &house, &code).await;
        let acknowledged = Instant::now();
        for _ in 0..queues {
            let (seq, at) = arrivals.recv().await.unwrap();
            assert_eq!(usize::try_from(seq).unwrap(), nth + 1);
            took.push(at.saturating_duration_since(acknowledged));
        }
        tokio::time::sleep(PAUSE).await;
    }
    running.close().await.unwrap();
    if let Some(other) = other {
        other.close().await.unwrap();
    }
    for reader in readers {
        reader.await.unwrap();
    }
    took.sort_unstable();
    let at = |share: usize| took[took.len() * share / 100].as_secs_f64() * 1e3;
    (at(50), at(99), after.saturating_sub(before) / queues as u64)
}

/// A community with a placard.
fn community(house: &House) -> (AreaId, String) {
    let atlas = house.atlas();
    let placard = atlas.placards().next().unwrap();
    let door = atlas.door_of(placard.id).unwrap();
    (door.queue.id, placard.code.to_string())
}

pub(crate) async fn sign_in(running: &Running, work: (Role, AreaId)) -> String {
    let taken = people::take_on(&running.house, ("bench", "bench"), work);
    let once = taken.await.unwrap();
    let (http, origin) = (
        reqwest::Client::new(),
        format!("http://{}", running.address),
    );
    let post = async |path: &str, token: &str, body: Value| -> Value {
        let request = http.post(format!("{origin}{path}")).bearer_auth(token);
        let request = request.header("accept", "application/json").json(&body);
        request.send().await.unwrap().json().await.unwrap()
    };
    let first = post(
        "/staff/sign-in",
        "",
        json!({"login": "bench", "password": once}),
    )
    .await;
    let words = json!({"old": once, "new": PASSWORD});
    let second = post("/staff/password", first["token"].as_str().unwrap(), words).await;
    second["token"].as_str().unwrap().to_owned()
}

async fn follow(at: SocketAddr, token: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let head = format!(
        "GET /staff/stream HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while !line.contains("event: hello") {
        line.clear();
        assert!(stream.read_line(&mut line).await.unwrap() > 0);
    }
    stream
}

async fn read(mut stream: BufReader<TcpStream>, sender: mpsc::UnboundedSender<Arrival>) {
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        if let Some(data) = line.strip_prefix("data: {\"queue\"") {
            let at = Instant::now();
            let seq = data.split("\"seq\":").nth(1).unwrap();
            let seq = seq.split(',').next().unwrap().parse().unwrap();
            if sender.send((seq, at)).is_err() {
                let _ = stream.read_to_end(&mut Vec::new()).await;
                return;
            }
        }
    }
}

async fn report(line: &mut TcpStream, house: &House, code: &str) {
    let key = house.keys.page_key(house.fresh_report());
    let day = house.local_now().date();
    let body = json!({
        "key": key, "direction": "return", "region": "上海市浦东新区", "day": day, "room": "1203",
        "name": "示例居民", "phone": "13800000000",
    })
    .to_string();
    let text = format!(
        "POST /q/{code} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    line.write_all(text.as_bytes()).await.unwrap();
    answer(line, &mut vec![0; 64 * 1024], "201").await;
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
