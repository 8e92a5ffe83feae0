//! How long the pages of staff take over few and over many open reports.

use std::fmt::Write as _;
use std::ops::Range;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mashang::testing::domain::area::AreaId;
use mashang::testing::domain::staff::Role;
use mashang::testing::run::Running;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::home::{Home, office};
use crate::live::{client, community, sign_in};
use crate::sending::{Line, middle, post};

/// Open reports; the pages over the last ones are compared with those over the first.
const OPEN: [usize; 3] = [1_000, 100_000, 500_000];
/// At the morning digest's own hours every report of the bench is one of the night.
const ALWAYS_NIGHT: [(&str, &str); 3] = [
    ("day_starts", "23:58"),
    ("day_ends", "23:59"),
    ("night_due", "23:58"),
];
const CONNECTIONS: usize = 64;
const READINGS: usize = 40;
/// Reports that come between two looks, and how often.
const MORE: usize = 1_000;
const MORE_TIMES: usize = 10;
/// How often a program is started.
const STARTS: usize = 3;
/// Every fiftieth report is a second one of the same person.
const SECOND_EVERY: usize = 50;

/// Who reads, and where.
struct Readers {
    /// Sees all queues of the subdistrict.
    duty: String,
    /// Sees one queue.
    lead: String,
    /// The address of a node that counts every hour as night.
    night: String,
    /// The address of the node that got the reports.
    day: String,
}

/// The medians of the pages over one number of open reports, in milliseconds.
type Medians = Vec<(&'static str, f64)>;

pub(crate) async fn lists() -> String {
    let home = Home::new();
    let running = home.open(&[]).await;
    let night = home.join(&ALWAYS_NIGHT).await;
    let readers = readers(&running, &night).await;
    let (mut filled, mut columns, mut started) = (0, Vec::new(), String::new());
    for size in OPEN {
        fill(&running, filled..size).await;
        filled = size;
        columns.push(medians(&readers, size).await);
        started += &starts(&home, &readers.duty, size).await;
    }
    let mut text = table(&columns) + &started;
    text += &moving(&running, &readers, filled).await;
    night.close().await.unwrap();
    running.close().await.unwrap();
    text
}

async fn readers(running: &Running, night: &Running) -> Readers {
    let office = office(running);
    Readers {
        duty: sign_in(running, "duty", Role::DutyOfficer, office).await,
        lead: sign_in(running, "lead", Role::CommunityLead, queue(running)).await,
        night: format!("http://{}", night.address),
        day: format!("http://{}", running.address),
    }
}

fn queue(running: &Running) -> AreaId {
    community(&running.app).0
}

async fn medians(readers: &Readers, size: usize) -> Medians {
    let Readers {
        duty,
        lead,
        night,
        day,
    } = readers;
    let first = get(day, duty, "/staff").await.0;
    let last = &first["rows"][0];
    let next = first["next"].as_str().unwrap();
    let case = format!("/staff/reports/{}", last["id"].as_str().unwrap());
    let pages = [
        (
            "the queue of a subdistrict, by deadline",
            day,
            duty,
            "/staff",
        ),
        ("its second page", day, duty, next),
        ("the latest first", day, duty, "/staff?sort=newest"),
        ("building by building", day, duty, "/staff?sort=building"),
        ("waiting", day, duty, "/staff?view=waiting"),
        ("leaving only", day, duty, "/staff?direction=leave"),
        ("probable duplicates", day, duty, "/staff?view=duplicates"),
        ("the counts alone", day, duty, "/staff/counts"),
        ("the queue of a community", day, lead, "/staff"),
        ("a case with its duplicates", day, duty, &case),
        ("the morning digest", night, duty, "/staff/digest"),
        ("the command centre", day, duty, "/centre"),
    ];
    let mut medians = Vec::new();
    for (name, origin, token, path) in pages {
        let mut took = Vec::new();
        for _ in 0..READINGS {
            took.push(get(origin, token, path).await.1);
        }
        medians.push((name, middle(took)));
    }
    let number = last["number"].as_str().unwrap().to_owned();
    for (name, words) in [
        ("search by number", number),
        ("search by telephone", phone(size / 2)),
    ] {
        let mut took = Vec::new();
        for _ in 0..READINGS {
            took.push(search(day, duty, &words).await);
        }
        medians.push((name, middle(took)));
    }
    medians
}

fn table(columns: &[Medians]) -> String {
    let mut text = String::from(
        "\n## Pages of staff over open reports\n\nOne reader at a time, without other load; the median of each page in ms. The last columns say how much longer it takes than over the first number of reports.\n\n| page |",
    );
    let sizes = OPEN.map(|size| format!(" {size} open |"));
    text += &sizes.concat();
    text += &" × |".repeat(OPEN.len() - 1);
    text += "\n|---|";
    text += &"---|".repeat(2 * OPEN.len() - 1);
    for (at, (name, least)) in columns[0].iter().enumerate() {
        let took = columns
            .iter()
            .map(|column| format!(" {:.1} |", column[at].1));
        let more = columns[1..]
            .iter()
            .map(|column| format!(" {:.1} |", column[at].1 / least));
        let cells: String = took.chain(more).collect();
        let _ = write!(text, "\n| {name} |{cells}");
    }
    text + "\n"
}

/// Pages while reports are taken and come in.
async fn moving(running: &Running, readers: &Readers, filled: usize) -> String {
    let (day, duty) = (&readers.day, &readers.duty);
    let first = get(day, duty, "/staff").await.0;
    let mut took = Vec::new();
    for row in first["rows"].as_array().unwrap().iter().take(READINGS) {
        took.push(accept(day, duty, row).await);
    }
    let taking = middle(took);
    let mut took = Vec::new();
    for nth in 0..MORE_TIMES {
        let from = filled + nth * MORE;
        fill(running, from..from + MORE).await;
        took.push(get(day, duty, "/staff").await.1);
    }
    format!(
        "\nOver {filled} open: taking a report {taking:.1} ms; the first page when {MORE} more have come {:.1} ms.\n",
        middle(took)
    )
}

/// The first page of a program that has just started, and its memory.
async fn starts(home: &Home, token: &str, open: usize) -> String {
    let (mut listens, mut first, mut later, mut memory) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for _ in 0..STARTS {
        let begun = Instant::now();
        let program = Program::start(home).await;
        listens.push(begun.elapsed());
        first.push(get(&program.origin, token, "/staff").await.1);
        memory = memory.max(program.peak_mib());
        later.push(get(&program.origin, token, "/staff").await.1);
    }
    let (listens, first, later) = (middle(listens), middle(first), middle(later));
    format!(
        "\nA program that starts on {open} open reports answers after {listens:.0} ms. Its first page of the queue takes {first:.1} ms, {:.1} times a later one; {memory} MiB resident at most.\n",
        first / later
    )
}

/// The program as it is deployed. It ends with this.
struct Program {
    child: Child,
    origin: String,
}

impl Program {
    async fn start(home: &Home) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let mut command = Command::new(env!("CARGO_BIN_EXE_mashang"));
        command
            .arg("serve")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        for (name, value) in home.settings(&[]) {
            command.env(format!("MASHANG_{}", name.to_uppercase()), value);
        }
        command.env("MASHANG_LISTEN", address.to_string());
        let child = command.spawn().unwrap();
        let origin = format!("http://{address}");
        let healthy = format!("{origin}/healthz");
        while client().get(&healthy).send().await.is_err() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Self { child, origin }
    }

    fn peak_mib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = peak.unwrap().split_whitespace().next().unwrap();
        kib.parse::<u64>().unwrap() / 1_024
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) async fn get(origin: &str, token: &str, path: &str) -> (Value, Duration) {
    ask(client().get(format!("{origin}{path}")).bearer_auth(token)).await
}

pub(crate) async fn search(origin: &str, token: &str, words: &str) -> Duration {
    let request = client()
        .post(format!("{origin}/staff/search"))
        .bearer_auth(token);
    let (found, took) = ask(request.json(&json!({"q": words}))).await;
    assert!(!found["rows"].as_array().unwrap().is_empty(), "{words}");
    took
}

/// Takes the report of this row; how long until the row that comes of it was there.
async fn accept(origin: &str, token: &str, row: &Value) -> Duration {
    let id = row["id"].as_str().unwrap();
    let address = format!("{origin}/staff/reports/{id}/accept");
    let request = client().post(address).bearer_auth(token);
    let (done, took) = ask(request.json(&json!({"version": row["version"]}))).await;
    assert_eq!(done["row"]["status"], "accepted", "{done}");
    took
}

pub(crate) async fn ask(request: RequestBuilder) -> (Value, Duration) {
    let begun = Instant::now();
    let answer = request.header("accept", "application/json").send().await;
    let answer = answer.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    let took = begun.elapsed();
    assert!(status.is_success(), "{status}: {text}");
    (serde_json::from_str(&text).unwrap(), took)
}

pub(crate) fn phone(person: usize) -> String {
    format!("138{person:08}")
}

/// Reports as residents send them, through the front door.
pub(crate) async fn fill(running: &Running, numbers: Range<usize>) {
    let app = Arc::clone(&running.app);
    let atlas = app.atlas();
    let mut placards: Vec<_> = atlas.placards().collect();
    // Neighbours are of one building, and so are the two reports of a person.
    placards.sort_unstable_by_key(|placard| placard.id.0);
    let codes = placards.into_iter().map(|placard| placard.code.to_string());
    let codes: Arc<[String]> = codes.collect();
    let day = app.local_now().date();
    let senders = (0..CONNECTIONS).map(|sender| {
        let (app, codes, at) = (Arc::clone(&app), Arc::clone(&codes), running.address);
        let numbers = numbers.clone();
        tokio::spawn(async move {
            let mut line = Line::to(at).await;
            for nth in numbers.skip(sender).step_by(CONNECTIONS) {
                let person = nth - usize::from(nth % SECOND_EVERY == 1);
                let body = json!({
                    "key": app.keys.page_key(app.fresh_report()),
                    "direction": if nth % 3 == 0 { "leave" } else { "return" },
                    "region": "上海市浦东新区", "day": day, "room": format!("{person}"), "name": "示例居民",
                    "phone": phone(person),
                })
                .to_string();
                let code = &codes[nth % codes.len()];
                let answer = line.ask(&post(&format!("/q/{code}"), "", &body)).await;
                assert_eq!(answer.status, "201", "{}", answer.head);
            }
        })
    });
    for sender in senders.collect::<Vec<_>>() {
        sender.await.unwrap();
    }
}
