//! How many reports a second the program makes durable, through the real endpoint and the real
//! database, compared with one transaction a report; and what the form costs.
//!
//!   cargo bench --bench load -- [--seconds 3] [--rounds 3] [--only reports|lists|live|totals] [--write docs/performance.md]
//!
//! The load comes from the same two cores, over loopback, and ends by itself.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement talks, and stops at the first error"
)]

mod archive;
mod arrivals;
mod bare;
mod lists;
mod live;
mod totals;

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mashang::testing::config::Config;
use mashang::testing::csv_table;
use mashang::testing::domain::area::{AreaId, Level};
use mashang::testing::domain::position::{Nearest, Position};
use mashang::testing::run::{self, Running};
use mashang::testing::service::import::{Table, import_table};
use mashang::testing::service::{App, places};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The allocator of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CONNECTIONS: [usize; 3] = [1, 32, 256];
/// People of the load. One person alone would touch one page of each index.
const PEOPLE: usize = 1_024;
const FORM_CONNECTIONS: usize = 64;
const SITES: u32 = 10_000;
const LOOKUPS: u32 = 20_000;
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// What one run measured.
struct Measured {
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
}

struct Arguments {
    seconds: u64,
    rounds: usize,
    only: Option<String>,
    write: Option<String>,
}

fn arguments() -> Arguments {
    let words: Vec<String> = std::env::args().collect();
    let after = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1).cloned()
    };
    Arguments {
        seconds: after("--seconds").map_or(3, |text| text.parse().unwrap()),
        rounds: after("--rounds").map_or(3, |text| text.parse().unwrap()),
        only: after("--only"),
        write: after("--write"),
    }
}

fn main() {
    let arguments = arguments();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let text = runtime.block_on(measure(&arguments));
    println!("{text}");
    if let Some(file) = arguments.write {
        std::fs::write(file, text).unwrap();
    }
}

/// The settings of a program on the database in this folder.
fn config_of(folder: &Path, batch_max: usize) -> Vec<(&'static str, String)> {
    let path = folder.display();
    vec![
        ("listen", "127.0.0.1:0".into()),
        ("database", format!("sqlite:{path}/mashang.db")),
        ("key_file", format!("{path}/master.key")),
        ("intake_batch_max", batch_max.to_string()),
        ("log", "error".into()),
        // A thousand sign-ins are not what is measured.
        ("password_memory_kib", "64".into()),
        ("password_rounds", "1".into()),
    ]
}

/// Another node on the same database, with some settings of its own.
async fn join(folder: &tempfile::TempDir, own: &[(&'static str, &str)]) -> Running {
    let mut settings = config_of(folder.path(), 512);
    settings.extend(own.iter().map(|(name, value)| (*name, (*value).to_owned())));
    let config = Config::read(None, &settings).unwrap();
    let app = run::build(&config).await.unwrap();
    run::serve(app, &config).await.unwrap()
}

async fn open(batch_max: usize, folder: &tempfile::TempDir) -> Running {
    let config = Config::read(None, &config_of(folder.path(), batch_max)).unwrap();
    let app = run::build(&config).await.unwrap();
    for (kind, bytes) in [
        (
            Table::Areas,
            &include_bytes!("../../assets/demo/areas.csv")[..],
        ),
        (
            Table::Buildings,
            &include_bytes!("../../assets/demo/buildings.csv")[..],
        ),
    ] {
        let lines = csv_table::read(bytes, kind.headings()).unwrap();
        import_table(&app, kind, lines).await.unwrap();
    }
    places::issue_placards(&app, "load").await.unwrap();
    run::serve(app, &config).await.unwrap()
}

async fn measure(arguments: &Arguments) -> String {
    let length = Duration::from_secs(arguments.seconds);
    if arguments.only.as_deref() == Some("lists") {
        return lists::lists().await;
    }
    if arguments.only.as_deref() == Some("live") {
        return live::live().await;
    }
    if arguments.only.as_deref() == Some("totals") {
        return totals::totals().await;
    }
    let mut text = preface();
    text += &durable(arguments, length).await;
    if arguments.only.as_deref() == Some("reports") {
        return text;
    }
    text += &live::live().await;
    text += &lists::lists().await;
    text += &totals::totals().await;
    text += &forms(length).await;
    text += &nearest();
    text
}

/// Whose key a report carries.
#[derive(Clone, Copy)]
enum Key {
    /// The key that the server made for the page.
    Page,
    /// A key that the client chose.
    Client,
}

async fn durable(arguments: &Arguments, length: Duration) -> String {
    let mut text = format!(
        "## Durable reports\n\nValidated, sealed, journalled, counted; WAL and `synchronous=FULL`. {PEOPLE} people report at all placards in turn, each with a telephone, a room and a note. Each figure is the median of the rounds; A, B and C take turns, each on an empty database.\n\n"
    );
    text += "| connections | page's keys, batches: reports/s | p50 ms | p99 ms | clients' keys, batches: reports/s | p99 ms | page's keys, one transaction a report: reports/s | p99 ms | batches to single |\n|---|---|---|---|---|---|---|---|---|\n";
    for connections in CONNECTIONS {
        let mut runs = [const { Vec::new() }; 3];
        for _ in 0..arguments.rounds {
            runs[0].push(reports(512, connections, length, Key::Page).await);
            runs[1].push(reports(512, connections, length, Key::Client).await);
            runs[2].push(reports(1, connections, length, Key::Page).await);
        }
        let [page, client, single] = runs.each_mut().map(|runs| median(runs));
        let _ = writeln!(
            text,
            "| {connections} | {:.0} | {:.1} | {:.1} | {:.0} | {:.1} | {:.0} | {:.1} | {:.1} |",
            page.per_second,
            page.p50_ms,
            page.p99_ms,
            client.per_second,
            client.p99_ms,
            single.per_second,
            single.p99_ms,
            page.per_second / single.per_second
        );
    }
    text
}

fn preface() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = memory
        .split_whitespace()
        .nth(1)
        .and_then(|n| n.parse::<u64>().ok());
    let day = chrono::Utc::now().date_naive();
    format!(
        "# Performance\n\nWritten by `cargo bench --bench load -- --write docs/performance.md` on {day}: {cores} cores shared with the load, {} GiB, loopback, the embedded database.\n\n",
        kib.unwrap_or(0) / 1024 / 1024
    )
}

async fn reports(batch_max: usize, connections: usize, length: Duration, kind: Key) -> Measured {
    let folder = tempfile::tempdir().unwrap();
    let running = open(batch_max, &folder).await;
    let measured = submissions(&running, connections, length, kind).await;
    running.close().await.unwrap();
    measured
}

/// Reports of many people, from so many connections for some time.
async fn submissions(
    running: &Running,
    connections: usize,
    length: Duration,
    kind: Key,
) -> Measured {
    let app = Arc::clone(&running.app);
    let codes: Vec<String> = app
        .atlas()
        .placards()
        .map(|placard| placard.code.to_string())
        .collect();
    let day = app.local_now().date();
    let request = move |nth: usize, app: &App| {
        let code = &codes[nth % codes.len()];
        let (key, header) = match kind {
            Key::Page => (app.keys.page_key(app.fresh_report()), String::new()),
            Key::Client => {
                let key = format!("idempotency-key: {}\r\n", uuid::Uuid::new_v4());
                (String::new(), key)
            }
        };
        let body = body_of(nth % PEOPLE, day, &key);
        format!(
            "POST /q/{code} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\ncontent-type: application/json\r\n{header}content-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    load(running.address, &app, connections, length, request, "201")
        .await
        .0
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

/// Keeps every connection busy for the time and says how long the answers took, and the bytes of
/// one answer.
async fn load<F>(
    at: SocketAddr,
    app: &Arc<App>,
    connections: usize,
    length: Duration,
    request: F,
    status: &'static str,
) -> (Measured, usize)
where
    F: Fn(usize, &App) -> String + Clone + Send + 'static,
{
    let begun = Instant::now();
    let workers: Vec<_> = (0..connections)
        .map(|worker| {
            let (request, app) = (request.clone(), Arc::clone(app));
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(at).await.unwrap();
                stream.set_nodelay(true).unwrap();
                let mut buffer = vec![0; ANSWER_BYTES_MAX];
                let (mut took, mut bytes, mut nth) = (Vec::new(), 0, worker);
                while begun.elapsed() < length {
                    let text = request(nth, &app);
                    nth += 1;
                    let sent = Instant::now();
                    stream.write_all(text.as_bytes()).await.unwrap();
                    bytes = answer(&mut stream, &mut buffer, status).await;
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
    let at =
        |share: usize| took[(took.len() * share / 100).min(took.len() - 1)].as_secs_f64() * 1e3;
    let count = u32::try_from(took.len()).unwrap();
    let measured = Measured {
        per_second: f64::from(count) / elapsed,
        p50_ms: at(50),
        p99_ms: at(99),
    };
    (measured, bytes)
}

/// Reads one answer whole and says how many bytes it had, headers included.
async fn answer(stream: &mut TcpStream, buffer: &mut [u8], status: &str) -> usize {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await.unwrap();
        assert!(read > 0, "the server hung up");
        filled += read;
        let text = &buffer[..filled];
        let Some(end) = text.windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&text[..end]).unwrap();
        assert_eq!(head.get(9..12), Some(status), "{head}");
        let size = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let whole = match size {
            Some(size) => end + 4 + size.parse::<usize>().unwrap(),
            None if text.ends_with(b"0\r\n\r\n") => filled,
            None => continue,
        };
        if filled >= whole {
            return filled;
        }
    }
}

/// The subdistrict.
fn office(running: &Running) -> AreaId {
    let atlas = running.app.atlas();
    let mut areas = atlas.tree.areas();
    let office = areas.find(|area| area.level == Level::Subdistrict);
    office.unwrap().id
}

/// The median, in milliseconds.
fn middle(mut took: Vec<Duration>) -> f64 {
    took.sort_unstable();
    took[took.len() / 2].as_secs_f64() * 1e3
}

fn median(runs: &mut [Measured]) -> &Measured {
    runs.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    &runs[runs.len() / 2]
}

async fn forms(length: Duration) -> String {
    let folder = tempfile::tempdir().unwrap();
    let running = open(512, &folder).await;
    let app = Arc::clone(&running.app);
    let code = app.atlas().placards().next().unwrap().code.to_string();
    let mut text = format!(
        "\n## Form pages, {FORM_CONNECTIONS} connections\n\n| encoding | pages/s | p99 ms | bytes on the wire |\n|---|---|---|---|\n"
    );
    for encoding in ["identity", "br"] {
        let head = format!(
            "GET /q/{code} HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\naccept-encoding: {encoding}\r\n\r\n"
        );
        let request = move |_: usize, _: &App| head.clone();
        let (measured, bytes) = load(
            running.address,
            &app,
            FORM_CONNECTIONS,
            length,
            request,
            "200",
        )
        .await;
        let _ = writeln!(
            text,
            "| {encoding} | {:.0} | {:.1} | {bytes} |",
            measured.per_second, measured.p99_ms
        );
    }
    running.close().await.unwrap();
    text
}

fn nearest() -> String {
    let at = |seed: u32| {
        let spread = |n: u32| f64::from(n.wrapping_mul(2_654_435_761) >> 8) / f64::from(1 << 24);
        Position::new(
            119.0 + spread(seed) * 3.0,
            31.0 + spread(seed ^ 0x5bd1_e995) * 2.0,
        )
        .unwrap()
    };
    let index = Nearest::new((0..SITES).map(|seed| (at(seed), seed)).collect());
    let begun = Instant::now();
    let mut found = 0;
    for seed in 0..LOOKUPS {
        found += index.nearest(at(seed + SITES), 5).count();
    }
    let each = begun.elapsed() / LOOKUPS;
    format!(
        "\n## Nearest five of {SITES} sites\n\n{:.1} µs each, {found} found in {LOOKUPS} look-ups.\n",
        each.as_secs_f64() * 1e6
    )
}
