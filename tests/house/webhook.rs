//! Webhooks: what other programs and the robots of groups are told, from the journal as outbox.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{NaiveTime, TimeDelta};
use mashang::domain::staff::Role;
use mashang::domain::webhook::{Events, Kind, WebhookId};
use mashang::post;
use mashang::service::webhook::{self, Refused, Wanted};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::process::Process;
use crate::world::World;

/// A message as it came in.
#[derive(Clone, Debug)]
struct Heard {
    target: String,
    headers: Vec<(String, String)>,
    body: String,
    /// What it was answered.
    status: u16,
}

/// A server of the test's own that writes down what it hears.
#[derive(Clone)]
struct Ear {
    origin: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    /// What it answers first; then 200 and this body.
    answers: Arc<Mutex<VecDeque<(u16, &'static str)>>>,
    delay: Duration,
}

impl Ear {
    async fn open(answers: &[(u16, &'static str)], delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ear = Self {
            origin: format!("http://{}", listener.local_addr().unwrap()),
            heard: Arc::default(),
            answers: Arc::new(Mutex::new(answers.iter().copied().collect())),
            delay,
        };
        let own = ear.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let own = own.clone();
                tokio::spawn(async move { own.hear(stream).await });
            }
        });
        ear
    }

    /// Whoever speaks may be killed half-way; then nothing was heard.
    async fn hear(&self, stream: TcpStream) -> Option<()> {
        let mut stream = BufReader::new(stream);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await.ok()?;
            match line.trim() {
                "" if lines.is_empty() => return None,
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let headers: Vec<(String, String)> = lines[1..]
            .iter()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let mut body = vec![0; length?.1.parse().ok()?];
        stream.read_exact(&mut body).await.ok()?;
        let target = lines[0].split(' ').nth(1)?.to_owned();
        let body = String::from_utf8(body).ok()?;
        let next = self.answers.lock().unwrap().pop_front();
        let (status, answer) = next.unwrap_or((200, "{\"errcode\":0,\"errmsg\":\"ok\"}"));
        self.heard.lock().unwrap().push(Heard {
            target,
            headers,
            body,
            status,
        });
        tokio::time::sleep(self.delay).await;
        let answer = format!(
            "HTTP/1.1 {status} So\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
            answer.len()
        );
        stream.write_all(answer.as_bytes()).await.ok()
    }

    fn now(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// What it has heard once there are so many messages.
    async fn hears(&self, count: usize) -> Vec<Heard> {
        let begun = std::time::Instant::now();
        while self.now().len() < count {
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "{count} messages, and only {:?} came",
                self.now()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.now()
    }
}

impl Heard {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        &found.unwrap().1
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The number of the entry in its queue's history.
    fn seq(&self) -> i64 {
        let (_, seq) = self.header("mashang-id").split_once('.').unwrap();
        seq.parse().unwrap()
    }
}

fn wanted(world: &World, kind: Kind, area: &str) -> Wanted {
    Wanted {
        area: world.area(area),
        kind,
        english: false,
        events: None,
        at_night: None,
    }
}

async fn add(world: &World, ear: &Ear, wanted: Wanted) -> (WebhookId, String) {
    let address = format!("{}/hook?key=a-robots-key", ear.origin);
    let added = webhook::add(&world.house, wanted, (&address, None)).await;
    added.unwrap()
}

/// Makes it this hour of the day for the house, today.
fn set_hour(world: &World, hour: u32) {
    let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let local = world.house.local_now().date().and_time(time);
    world.house.clock.set(world.house.clock.instant(local));
}

const QUICK: [(&str, &str); 2] = [
    ("webhook_timeout_seconds", "1"),
    ("webhook_retry_max_seconds", "1"),
];
const AT_ONCE: Duration = Duration::ZERO;

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_told_of_each_entry_once_in_order_signed_and_without_anybodys_data() {
    let world = World::open().await;
    let ear = Ear::open(&[], AT_ONCE).await;
    world.resident("C1").reports().await;
    let (id, secret) = add(&world, &ear, wanted(&world, Kind::Generic, "C1")).await;
    let worker = world.person("worker", Role::GridWorker, "C1").await;
    for queue in ["C1", "C2", "C1"] {
        world.resident(queue).reports().await;
    }
    let row = world.get("/staff", Some(&worker)).await.json["rows"][1].clone();
    let path = format!("/staff/reports/{}/call", row["id"].as_str().unwrap());
    let words = Some(json!({"version": 1}));
    world.send(Method::POST, &path, Some(&worker), words).await;
    let heard = ear.hears(4).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(ear.now().len(), 4, "each once, and nothing from before");
    let told: Vec<_> = heard
        .iter()
        .map(|heard| (heard.seq(), heard.json()["event"].clone()))
        .collect();
    let wanted = [
        (2, json!("submitted")),
        (3, json!("submitted")),
        (4, json!("accepted")),
        (5, json!("revealed")),
    ];
    assert_eq!(told, wanted);
    for heard in &heard {
        let second = heard.header("mashang-timestamp").parse().unwrap();
        let signed = format!("v1={}", post::signature(&secret, second, &heard.body));
        assert_eq!(heard.header("mashang-signature"), signed);
        assert_eq!(heard.header("mashang-id"), heard.json()["id"]);
        for personal in ["王", "1203", "0000 0000", "00000000", "worker", "上海"] {
            assert!(!heard.body.contains(personal), "{}", heard.body);
        }
    }
    let report = &heard[0].json()["report"];
    assert_eq!(report["number"], row["number"]);
    assert_eq!(heard[0].json()["queue"]["code"], "C1");
    if let Some(file) = world.file() {
        for end in ["", "-wal"] {
            let kept = std::fs::read(format!("{}{end}", file.display())).unwrap();
            let kept = String::from_utf8_lossy(&kept);
            assert!(!kept.contains(&secret) && !kept.contains("a-robots-key"));
        }
    }
    let listed = webhook::list(&world.house).await.unwrap();
    assert_eq!((listed[0].webhook.id, listed[0].behind), (id, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_fails_is_told_again_after_a_pause_and_in_order() {
    let world = World::open_with(&QUICK).await;
    let ear = Ear::open(&[(500, ""), (302, ""), (404, "")], AT_ONCE).await;
    let (id, _) = add(&world, &ear, wanted(&world, Kind::Generic, "C1")).await;
    for _ in 0..3 {
        world.resident("C1").reports().await;
    }
    ear.hears(1).await;
    let troubled = async {
        loop {
            let listed = webhook::list(&world.house).await.unwrap();
            if listed[0].webhook.failures > 0 {
                return (listed[0].webhook.trouble.clone(), listed[0].behind);
            }
        }
    };
    assert_eq!(troubled.await, ("status 500".to_owned(), 3));
    let seqs: Vec<_> = ear.hears(6).await.iter().map(Heard::seq).collect();
    assert_eq!(seqs, [1, 1, 1, 1, 2, 3]);

    // Out of order at the operator's word alone, and under the same ids.
    tokio::time::sleep(Duration::from_millis(200)).await;
    webhook::replay(&world.house, id, (None, 2)).await.unwrap();
    let again: Vec<_> = ear.hears(8).await.iter().map(Heard::seq).collect();
    assert_eq!(again[6..], [2, 3]);
    let other = webhook::replay(&world.house, id, (Some(world.area("C2")), 1)).await;
    assert!(matches!(other, Err(Refused::Queue)));

    webhook::set_active(&world.house, id, false).await.unwrap();
    world.resident("C1").reports().await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(ear.now().len(), 8, "what is paused is told nothing");
    webhook::set_active(&world.house, id, true).await.unwrap();
    assert_eq!(ear.hears(9).await[8].seq(), 4);
    webhook::remove(&world.house, id).await.unwrap();
    assert!(webhook::list(&world.house).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_house_has_not_told_is_told_by_the_next_and_nothing_is_left_out() {
    const REPORTS: i64 = 40;
    let mut world = World::open_with(&QUICK).await;
    // Not everything is taken when it is told for the first time.
    let answers: Vec<_> = (0..42)
        .map(|n| if n % 8 == 3 { (503, "") } else { (200, "") })
        .collect();
    let ear = Ear::open(&answers, Duration::from_millis(15)).await;
    add(&world, &ear, wanted(&world, Kind::Generic, "C1")).await;
    world.close().await;
    let settings = world.settings.clone();
    let mut process = Process::serve(&settings);
    world.origin.clone_from(&process.origin);
    for killed in 0..4 {
        for _ in 0..REPORTS / 4 {
            world.resident("C1").reports().await;
        }
        ear.hears(1 + killed * 4).await;
        drop(process);
        process = Process::serve(&settings);
        world.origin.clone_from(&process.origin);
    }
    let mut first: Vec<i64> = Vec::new();
    let begun = std::time::Instant::now();
    while first.len() < usize::try_from(REPORTS).unwrap() {
        assert!(begun.elapsed() < Duration::from_mins(1), "{first:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
        first.clear();
        for heard in ear.now() {
            if heard.status == 200 && !first.contains(&heard.seq()) {
                first.push(heard.seq());
            }
        }
    }
    assert!(first.iter().copied().eq(1..=REPORTS), "{first:?}");
    let mut bodies: Vec<(i64, Value)> = Vec::new();
    for heard in ear.now() {
        let (seq, said) = (heard.seq(), heard.json()["report_id"].clone());
        let known = bodies.iter().find(|(known, _)| *known == seq);
        assert!(known.is_none_or(|(_, before)| *before == said), "{seq}");
        bodies.push((seq, said));
    }
    process.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_nodes_one_tells_and_the_other_takes_over() {
    let mut one = World::open_with(&QUICK).await;
    let two = one.join().await;
    let ear = Ear::open(&[], AT_ONCE).await;
    add(&one, &ear, wanted(&one, Kind::Generic, "S")).await;
    for _ in 0..10 {
        one.resident("C1").reports().await;
        two.resident("C2").reports().await;
    }
    ear.hears(20).await;
    one.close().await;
    for _ in 0..5 {
        two.resident("C1").reports().await;
    }
    let heard = ear.hears(25).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(ear.now().len(), 25, "nothing twice");
    for (queue, count) in [("C1", 15), ("C2", 10)] {
        let of_queue = |heard: &&Heard| heard.json()["queue"]["code"] == queue;
        let seqs: Vec<_> = heard.iter().filter(of_queue).map(Heard::seq).collect();
        assert!(seqs.iter().copied().eq(1..=count), "{queue}: {seqs:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_is_silent_at_night_and_says_in_the_morning_what_came_in_one_message() {
    let world = World::open_with(&[QUICK[0], QUICK[1], ("session_hours", "720")]).await;
    let worker = world.person("worker", Role::GridWorker, "C1").await;
    let busy = (200, "{\"errcode\":45009,\"errmsg\":\"too many\"}");
    let ear = Ear::open(&[busy], AT_ONCE).await;
    set_hour(&world, 23);
    add(&world, &ear, wanted(&world, Kind::WeCom, "S")).await;
    for queue in ["C1", "C2", "C1"] {
        world.resident(queue).reports().await;
    }
    let row = world.get("/staff", Some(&worker)).await.json["rows"][0].clone();
    let path = format!("/staff/reports/{}/accept", row["id"].as_str().unwrap());
    let words = Some(json!({"version": 1}));
    let taken = world.send(Method::POST, &path, Some(&worker), words).await;
    assert_eq!(taken.status, StatusCode::OK);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(ear.now().is_empty(), "nobody is woken");
    let morning = world.house.clock.now() + TimeDelta::hours(10);
    world.house.clock.set(morning);
    let heard = ear.hears(2).await;
    assert_eq!(heard[0].body, heard[1].body, "refused, and said once more");
    let said = heard[1].json();
    assert_eq!(said["msgtype"], "text");
    let text = said["text"]["content"].as_str().unwrap();
    assert!(
        text.contains("桥北社区：新报备 2\n桥东社区：新报备 1"),
        "{text}"
    );
    assert!(!text.contains("签收"), "a robot says what is new: {text}");
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(ear.now().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dingtalk_robot_finds_its_signature_in_the_address() {
    let world = World::open_with(&QUICK).await;
    set_hour(&world, 12);
    let ear = Ear::open(&[], AT_ONCE).await;
    let address = format!("{}/robot/send?access_token=t", ear.origin);
    let mut robot = wanted(&world, Kind::DingTalk, "C1");
    (robot.english, robot.events) = (true, Events::read("submitted,accepted"));
    let secret = Some("SECexample".to_owned());
    let (id, _) = webhook::add(&world.house, robot, (&address, secret))
        .await
        .unwrap();
    webhook::test(&world.house, id).await.unwrap();
    world.resident("C1").reports().await;
    for heard in ear.hears(2).await {
        let stamp = heard.target.split("timestamp=").nth(1).unwrap();
        let millis = stamp.split('&').next().unwrap().parse().unwrap();
        let signed = post::dingtalk_signature("SECexample", millis);
        assert_eq!(heard.target, format!("/robot/send?access_token=t&{signed}"));
    }
    let said = ear.now()[1].json()["text"]["content"].to_string();
    assert!(said.contains("[Mashang]\\nQiaobei: new 1"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_in_the_clear_beyond_this_machine() {
    let world = World::open().await;
    let add = async |address: &str| {
        let wanted = wanted(&world, Kind::Generic, "C1");
        webhook::add(&world.house, wanted, (address, None)).await
    };
    for wrong in ["http://example.org/", "example.org", "ftp://example.org/"] {
        assert!(matches!(add(wrong).await, Err(Refused::Address(_))));
    }
    let (id, _) = add("https://127.0.0.1:1/").await.unwrap();
    let refused = webhook::test(&world.house, id).await;
    assert!(matches!(refused, Err(Refused::Trouble(_))), "{refused:?}");
}
