//! What pages and submissions take over ten thousand to ten million stored reports.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::Days;
use mashang::testing::domain::area::AreaId;
use mashang::testing::domain::staff::{Role, Scope};
use mashang::testing::run::Running;
use mashang::testing::store::{Conn, tally};
use serde_json::json;

use crate::archive::add_days;
use crate::home::{Home, codes, office};
use crate::lists::{ask, fill, get, phone, search};
use crate::live::{client, sign_in};
use crate::sending::{Key, middle, submissions};

/// Reports of a day. The last day is sent through the front door, and stays open.
const A_DAY: usize = 10_000;
/// Days: ten thousand reports to ten million.
const DAYS: [u64; 4] = [1, 10, 100, 1_000];
const ROUNDS: usize = 5;
const READINGS: usize = 10;
const CONNECTIONS: usize = 32;
const SUBMITTING: Duration = Duration::from_secs(2);

/// A database with so many days, and a program on it.
struct Archive {
    running: Running,
    days: u64,
    _home: Home,
}

/// What the programs on all databases are asked for.
struct Asked {
    token: String,
    office: AreaId,
    receipt: String,
    number: String,
}

/// The times of each question, in milliseconds; and for submissions, how many a second.
type Answers = Vec<(&'static str, Vec<f64>)>;

pub(crate) async fn totals() -> String {
    let home = Home::new();
    let running = home.open(&[]).await;
    let asked = asked(&running).await;
    running.close().await.unwrap();
    let mut archives = Vec::new();
    for days in DAYS {
        let copy = Home::new();
        copy_files(home.folder.path(), copy.folder.path());
        add_days(copy.folder.path(), 1..days);
        let running = copy.join(&[]).await;
        archives.push(Archive {
            running,
            days,
            _home: copy,
        });
    }
    let mut answers: Vec<Answers> = DAYS.iter().map(|_| Answers::new()).collect();
    for _ in 0..ROUNDS {
        for (archive, answers) in archives.iter().zip(&mut answers) {
            add(answers, pages(archive, &asked).await);
        }
        for (archive, answers) in archives.iter().zip(&mut answers) {
            add(answers, submitted(&archive.running).await);
        }
    }
    for archive in archives {
        archive.running.close().await.unwrap();
    }
    table(&answers)
}

/// Sends a day of reports, and finds out what to ask for.
async fn asked(running: &Running) -> Asked {
    let office = office(running);
    let token = sign_in(running, "duty", Role::DutyOfficer, office).await;
    fill(running, 0..A_DAY).await;
    let app = &running.app;
    let code = codes(running).remove(0);
    let body = json!({
        "key": app.keys.page_key(app.fresh_report()), "direction": "return", "region": "上海市浦东新区",
        "day": app.local_now().date(), "room": "1203", "name": "示例居民", "phone": phone(A_DAY),
    });
    let origin = format!("http://{}", running.address);
    let sent = ask(client().post(format!("{origin}/q/{code}")).json(&body)).await;
    let word = |name: &str| sent.0[name].as_str().unwrap().to_owned();
    Asked {
        token,
        office,
        receipt: word("receipt"),
        number: word("number"),
    }
}

fn copy_files(from: &Path, to: &Path) {
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

async fn pages(archive: &Archive, asked: &Asked) -> Answers {
    let origin = format!("http://{}", archive.running.address);
    let token = &asked.token;
    let mut answers = Answers::new();
    for (name, path) in [
        ("the command centre: today's totals", "/centre"),
        ("the queue of a subdistrict", "/staff"),
        ("a receipt", asked.receipt.as_str()),
    ] {
        let mut took = Vec::new();
        for _ in 0..READINGS {
            took.push(get(&origin, token, path).await.1);
        }
        answers.push((name, vec![middle(took)]));
    }
    for (name, words) in [
        ("search by telephone", &phone(A_DAY)),
        ("search by number", &asked.number),
    ] {
        let mut took = Vec::new();
        for _ in 0..READINGS {
            took.push(search(&origin, token, words).await);
        }
        answers.push((name, vec![middle(took)]));
    }
    let mut took = Vec::new();
    for _ in 0..READINGS {
        took.push(first_day(archive, asked.office).await);
    }
    answers.push(("the totals of the first day", vec![middle(took)]));
    answers
}

/// How long the totals of the oldest day take.
async fn first_day(archive: &Archive, office: AreaId) -> Duration {
    let app = &archive.running.app;
    let day = app.local_now().date() - Days::new(archive.days - 1);
    let scope = Scope::of(&app.atlas().tree, office);
    let begun = Instant::now();
    let work = move |conn: Conn| async move { tally::of_day(&conn, &scope, day).await };
    let counted = app.db.read(work).await.unwrap();
    let took = begun.elapsed();
    assert!(!counted.is_empty(), "{day}");
    took
}

async fn submitted(running: &Running) -> Answers {
    let mut answers = Answers::new();
    for (name, one, key) in [
        ("a report alone, page's key", true, Key::Page),
        ("a report alone, client's key", true, Key::Client),
        (
            "32 connections, page's keys: 1 ÷ reports/s",
            false,
            Key::Page,
        ),
        (
            "32 connections, clients' keys: 1 ÷ reports/s",
            false,
            Key::Client,
        ),
    ] {
        let connections = if one { 1 } else { CONNECTIONS };
        let measured = submissions(running, connections, SUBMITTING, key).await;
        let took = if one {
            measured.p50_ms
        } else {
            1e3 / measured.per_second
        };
        answers.push((name, vec![took]));
    }
    answers
}

fn add(all: &mut Answers, more: Answers) {
    for (name, took) in more {
        match all.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => known.extend(took),
            None => all.push((name, took)),
        }
    }
}

fn table(answers: &[Answers]) -> String {
    let mut text = String::from(
        "\n## Ten thousand to ten million stored reports\n\nDays of 10000 reports; the last one came through the front door and is open, the others are closed. One program a database; the programs take turns. The median of each page in ms, and how much longer it takes than over the first database.\n\n| page |",
    );
    for days in DAYS {
        let _ = write!(text, " {} |", A_DAY as u64 * days);
    }
    text += &" × |".repeat(DAYS.len() - 1);
    text += "\n|---|";
    text += &"---|".repeat(2 * DAYS.len() - 1);
    let names: Vec<&str> = answers[0].iter().map(|(name, _)| *name).collect();
    for (at, name) in names.into_iter().enumerate() {
        let medians: Vec<f64> = answers
            .iter()
            .map(|column| {
                let mut took = column[at].1.clone();
                took.sort_by(f64::total_cmp);
                took[took.len() / 2]
            })
            .collect();
        let took = medians.iter().map(|took| format!(" {took:.2} |"));
        let more = medians[1..].iter();
        let more = more.map(|took| format!(" {:.2} |", took / medians[0]));
        let cells: String = took.chain(more).collect();
        let _ = write!(text, "\n| {name} |{cells}");
    }
    text + "\n"
}
