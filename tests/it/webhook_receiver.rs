//! An ear: a server of the tests' own that webhooks are told to.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mashang::domain::webhook::{Kind, WebhookId};
use mashang::service::webhook::{self, Wanted};
use mashang::store::{self, Conn};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::app::TestApp;

pub(crate) const QUICK: [(&str, &str); 2] = [
    ("webhook_timeout_seconds", "1"),
    ("webhook_retry_max_seconds", "1"),
];
pub(crate) const AT_ONCE: Duration = Duration::ZERO;

/// A message as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// What it was answered.
    pub(crate) status: u16,
}

/// A server of the test's own that writes down what it hears.
#[derive(Clone)]
pub(crate) struct Ear {
    pub(crate) origin: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    connections: Arc<AtomicUsize>,
    /// What it answers first; then 200 and this body.
    answers: Arc<Mutex<VecDeque<(u16, &'static str)>>>,
    delay: Duration,
}

impl Ear {
    pub(crate) async fn open(answers: &[(u16, &'static str)], delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ear = Self {
            origin: format!("http://{}", listener.local_addr().unwrap()),
            heard: Arc::default(),
            connections: Arc::default(),
            answers: Arc::new(Mutex::new(answers.iter().copied().collect())),
            delay,
        };
        let own = ear.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                own.connections.fetch_add(1, Ordering::Relaxed);
                let own = own.clone();
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    while own.hear(&mut stream).await.is_some() {}
                });
            }
        });
        ear
    }

    /// Takes one message; none where the sender is killed half-way, or has closed the connection.
    async fn hear(&self, stream: &mut BufReader<TcpStream>) -> Option<()> {
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
            "HTTP/1.1 {status} So\r\ncontent-length: {}\r\n\r\n{answer}",
            answer.len()
        );
        stream.write_all(answer.as_bytes()).await.ok()
    }

    /// How many connections were made to it.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    pub(crate) fn now(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// What it has heard once there are so many messages.
    pub(crate) async fn hears(&self, count: usize) -> Vec<Heard> {
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
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        &found.unwrap().1
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The number of the entry in its queue's history.
    pub(crate) fn seq(&self) -> i64 {
        let (_, seq) = self.header("webhook-id").split_once('.').unwrap();
        seq.parse().unwrap()
    }
}

pub(crate) fn wanted(app: &TestApp, kind: Kind, area: &str) -> Wanted {
    Wanted {
        area: app.area(area),
        kind,
        english: false,
        events: None,
        at_night: None,
    }
}

pub(crate) async fn add(app: &TestApp, ear: &Ear, wanted: Wanted) -> (WebhookId, String) {
    // Pauses after failures and between messages pass by themselves.
    app.state.clock.run();
    let address = format!("{}/hook?key=a-robots-key", ear.origin);
    let added = webhook::add(&app.state, wanted, &address, None).await;
    added.unwrap()
}

/// Waits until it is kept how far the webhook was told: what was heard and not yet kept is told
/// again by the next node.
pub(crate) async fn kept(app: &TestApp, id: WebhookId, queue: &str, seq: i64) {
    let (queue, begun) = (app.area(queue), std::time::Instant::now());
    loop {
        let work = move |conn: Conn| async move { store::webhook::cursor(&conn, id).await };
        let told = app.state.db.read(work).await.unwrap();
        if told.get(&queue).is_some_and(|told| told.red() >= seq) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{told:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
