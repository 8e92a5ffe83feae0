//! A crowd that the writer's queue cannot hold: what is stored, how soon others are refused, and how
//! long a staff page takes meanwhile.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mashang::testing::domain::staff::Role;
use mashang::testing::run::Running;

use crate::home::{Home, office};
use crate::lists::get;
use crate::live::sign_in;
use crate::sending::{Key, Line, Request, at_share, header, reports};

const ROOM: &str = "200";
const CONNECTIONS: [usize; 2] = [256, 2_000];
/// A person of staff reads this often.
const READS_EVERY: Duration = Duration::from_millis(50);

/// What one connection saw.
#[derive(Default)]
struct Seen {
    stored: u32,
    refused: Vec<Duration>,
}

pub(crate) async fn full(length: Duration) -> String {
    let mut text = format!(
        "\n## A crowd before a full queue\n\nThe writer's queue has room for {ROOM} reports. A refused sender waits as long as the answer says and sends again. A member of staff reads a page of the queue every {} ms meanwhile.\n\n| connections | stored/s | to the first row | refused | refused within, p99 ms | staff page p50 ms | p99 ms |\n|---|---|---|---|---|---|---|\n",
        READS_EVERY.as_millis()
    );
    let mut first = None;
    for connections in CONNECTIONS {
        let home = Home::new();
        let own = [
            ("intake_queue_max", ROOM),
            ("connections_max", "4000"),
            ("unfinished_requests_per_address", "4000"),
        ];
        let running = home.open(&own).await;
        let (stored, mut refused, mut pages) = crowd(&running, connections, length).await;
        running.close().await.unwrap();
        let per_second = f64::from(stored) / length.as_secs_f64();
        let share = per_second / *first.get_or_insert(per_second);
        refused.sort_unstable();
        pages.sort_unstable();
        let slowest = match refused.is_empty() {
            true => String::from("-"),
            false => format!("{:.0}", at_share(&refused, 99)),
        };
        let _ = writeln!(
            text,
            "| {connections} | {per_second:.0} | {share:.2} | {} | {slowest} | {:.1} | {:.1} |",
            refused.len(),
            at_share(&pages, 50),
            at_share(&pages, 99)
        );
    }
    text
}

/// Reports from so many connections: how many were stored, how long refusals took, and staff pages.
async fn crowd(
    running: &Running,
    connections: usize,
    length: Duration,
) -> (u32, Vec<Duration>, Vec<Duration>) {
    let token = sign_in(running, "duty", Role::DutyOfficer, office(running)).await;
    let request = reports(running, Key::Page);
    let end = Instant::now() + length;
    let senders: Vec<_> = (0..connections)
        .map(|nth| tokio::spawn(send(running.address, request.clone(), nth, end)))
        .collect();
    let origin = format!("http://{}", running.address);
    let mut pages = Vec::new();
    while Instant::now() < end {
        pages.push(get(&origin, &token, "/staff").await.1);
        tokio::time::sleep(READS_EVERY).await;
    }
    let (mut stored, mut refused) = (0, Vec::new());
    for sender in senders {
        let seen = sender.await.unwrap();
        stored += seen.stored;
        refused.extend(seen.refused);
    }
    (stored, refused, pages)
}

async fn send(at: SocketAddr, request: impl Request, first: usize, end: Instant) -> Seen {
    let mut line = Line::to(at).await;
    let (mut seen, mut nth, mut text) = (Seen::default(), first, request(first));
    while Instant::now() < end {
        let sent = Instant::now();
        let answer = line.ask(&text).await;
        match answer.status.as_str() {
            "201" => {
                seen.stored += 1;
                nth += 1;
                text = request(nth);
            }
            "503" => {
                seen.refused.push(sent.elapsed());
                let pause = header(&answer.head, "retry-after").unwrap();
                let pause = Duration::from_secs(pause.parse().unwrap());
                tokio::time::sleep(pause.min(end.saturating_duration_since(Instant::now()))).await;
            }
            other => unreachable!("{other}: {}", answer.head),
        }
    }
    seen
}
