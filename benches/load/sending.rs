//! The load: people who report, over connections that are kept busy.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mashang::testing::run::Running;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::home::codes;

/// People of the load. One person alone would touch one page of each index.
pub(crate) const PEOPLE: usize = 1_024;
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// What one run measured.
pub(crate) struct Measured {
    pub(crate) per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// What this process used for one answer, the load included.
    pub(crate) cost: Cost,
}

/// What a part of the bench cost, as the system counts it.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) processor_us: f64,
    pub(crate) written_kib: f64,
}

/// Ticks of a second in which Linux counts processor time.
const TICKS: f64 = 100.0;

impl Cost {
    /// What this process has used since it began.
    fn now() -> Self {
        let read = |file: &str| std::fs::read_to_string(format!("/proc/self/{file}")).unwrap();
        let (stat, io) = (read("stat"), read("io"));
        let (_, fields) = stat.rsplit_once(')').unwrap();
        let ticks = fields.split_whitespace().skip(11).take(2);
        let ticks: f64 = ticks.map(|ticks| ticks.parse::<f64>().unwrap()).sum();
        let written = io
            .lines()
            .find_map(|line| line.strip_prefix("write_bytes: "));
        Self {
            processor_us: ticks / TICKS * 1e6,
            written_kib: written.unwrap().parse::<f64>().unwrap() / 1024.0,
        }
    }

    fn since(before: Self, answers: f64) -> Self {
        let now = Self::now();
        Self {
            processor_us: (now.processor_us - before.processor_us) / answers,
            written_kib: (now.written_kib - before.written_kib) / answers,
        }
    }
}

/// Whose key a report carries.
#[derive(Clone, Copy)]
pub(crate) enum Key {
    /// The key that the server made for the page.
    Page,
    /// A key that the client chose.
    Client,
}

/// Makes the nth request of a load.
pub(crate) trait Request: Fn(usize) -> String + Clone + Send + 'static {}

impl<F: Fn(usize) -> String + Clone + Send + 'static> Request for F {}

/// Reports of many people at all placards in turn, each with a key of its own.
pub(crate) fn reports(running: &Running, kind: Key) -> impl Request {
    let (app, codes) = (Arc::clone(&running.app), codes(running));
    let day = app.local_now().date();
    move |nth| {
        let code = &codes[nth % codes.len()];
        let (key, header) = match kind {
            Key::Page => (app.keys.page_key(app.fresh_report()), String::new()),
            Key::Client => {
                let key = format!("idempotency-key: {}\r\n", uuid::Uuid::new_v4());
                (String::new(), key)
            }
        };
        post(
            &format!("/q/{code}"),
            &header,
            &body_of(nth % PEOPLE, day, &key),
        )
    }
}

/// A request with this JSON body.
pub(crate) fn post(path: &str, header: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\ncontent-type: application/json\r\n{header}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The report of one of the people.
fn body_of(person: usize, day: chrono::NaiveDate, key: &str) -> String {
    let direction = ["return", "leave"][person % 2];
    let name = ["一", "二", "三", "四", "五", "六", "七", "八"][person / 2 % 8];
    let room = (person % 20 + 1) * 100 + person % 4 + 1;
    let phone = 13_800_000_000 + person * 104_729 % 100_000_000;
    let note = "乘火车到达，没有发热；".repeat(person % 8);
    format!(
        r#"{{"key":"{key}","lang":"zh","direction":"{direction}","region":"上海市浦东新区","day":"{day}","room":"{room}","name":"王示例{name}","phone":"{phone}","companions":"1","identity":"","vehicle":"","note":"{note}"}}"#
    )
}

/// Reports of many people, from so many connections for some time.
pub(crate) async fn submissions(
    running: &Running,
    connections: usize,
    length: Duration,
    kind: Key,
) -> Measured {
    let request = reports(running, kind);
    load(running.address, connections, length, request, "201")
        .await
        .0
}

/// Keeps every connection busy for the time. Returns how long the answers took, and the bytes of one
/// answer.
pub(crate) async fn load(
    at: SocketAddr,
    connections: usize,
    length: Duration,
    request: impl Request,
    status: &'static str,
) -> (Measured, usize) {
    let (begun, before) = (Instant::now(), Cost::now());
    let workers: Vec<_> = (0..connections)
        .map(|worker| {
            let request = request.clone();
            tokio::spawn(async move {
                let mut line = Line::to(at).await;
                let (mut took, mut bytes, mut nth) = (Vec::new(), 0, worker);
                while begun.elapsed() < length {
                    let text = request(nth);
                    nth += 1;
                    let sent = Instant::now();
                    let answer = line.ask(&text).await;
                    assert_eq!(answer.status, status, "{}", answer.head);
                    bytes = answer.bytes;
                    took.push(sent.elapsed());
                }
                (took, bytes)
            })
        })
        .collect();
    let (mut took, mut bytes) = (Vec::new(), 0);
    for worker in workers {
        let (some, size) = worker.await.unwrap();
        took.extend(some);
        bytes = size;
    }
    let elapsed = begun.elapsed().as_secs_f64();
    took.sort_unstable();
    let count = u32::try_from(took.len()).unwrap();
    let measured = Measured {
        per_second: f64::from(count) / elapsed,
        p50_ms: at_share(&took, 50),
        p99_ms: at_share(&took, 99),
        cost: Cost::since(before, f64::from(count)),
    };
    (measured, bytes)
}

/// A connection, and the room for its answers.
pub(crate) struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: String,
    pub(crate) head: String,
    /// Headers and body.
    pub(crate) bytes: usize,
}

impl Line {
    pub(crate) async fn to(at: SocketAddr) -> Self {
        let stream = TcpStream::connect(at).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            buffer: vec![0; ANSWER_BYTES_MAX],
        }
    }

    /// Sends the request and reads its answer whole.
    pub(crate) async fn ask(&mut self, request: &str) -> Answer {
        self.stream.write_all(request.as_bytes()).await.unwrap();
        let mut filled = 0;
        loop {
            let read = self.stream.read(&mut self.buffer[filled..]).await.unwrap();
            assert!(read > 0, "the server hung up");
            filled += read;
            let text = &self.buffer[..filled];
            let Some(end) = text.windows(4).position(|window| window == b"\r\n\r\n") else {
                continue;
            };
            let head = std::str::from_utf8(&text[..end]).unwrap();
            let size = header(head, "content-length");
            let whole = match size {
                Some(size) => end + 4 + size.parse::<usize>().unwrap(),
                None if text.ends_with(b"0\r\n\r\n") => filled,
                None => continue,
            };
            if filled >= whole {
                return Answer {
                    status: head[9..12].to_owned(),
                    head: head.to_owned(),
                    bytes: filled,
                };
            }
        }
    }
}

/// The value of a header.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(": ")?;
        key.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// The run in the middle.
pub(crate) fn median(runs: &mut [Measured]) -> &Measured {
    runs.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    &runs[runs.len() / 2]
}

/// The median, in milliseconds.
pub(crate) fn middle(mut took: Vec<Duration>) -> f64 {
    took.sort_unstable();
    at_share(&took, 50)
}

/// The time below which so many percent lie, in milliseconds. The times are sorted.
pub(crate) fn at_share(took: &[Duration], percent: usize) -> f64 {
    let at = (took.len() * percent / 100).min(took.len() - 1);
    took[at].as_secs_f64() * 1e3
}
