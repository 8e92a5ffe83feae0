//! A receiver of webhooks: a server of the tests' own that keeps every message.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mashang::testing::domain::webhook::{Kind, WebhookId};
use mashang::testing::service::webhook::{self, Wanted};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::app::{PATIENCE, TestApp};
use crate::process::Process;

const POLL: Duration = Duration::from_millis(20);

/// A message as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// The status of the answer.
    pub(crate) status: u16,
}

#[derive(Clone)]
pub(crate) struct WebhookReceiver {
    pub(crate) origin: String,
    messages: Arc<Mutex<Vec<Received>>>,
    connections: Arc<AtomicUsize>,
    /// The first answers; the answers after them are 200 with a body that robots give.
    answers: Arc<Mutex<VecDeque<(u16, &'static str)>>>,
    /// An answer takes one permit.
    permits: Arc<Semaphore>,
}

impl WebhookReceiver {
    pub(crate) async fn open(answers: &[(u16, &'static str)]) -> Self {
        let receiver = Self::held(answers).await;
        receiver.release();
        receiver
    }

    /// A receiver that answers when the test lets it.
    pub(crate) async fn held(answers: &[(u16, &'static str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            origin: format!("http://{}", listener.local_addr().unwrap()),
            messages: Arc::default(),
            connections: Arc::default(),
            answers: Arc::new(Mutex::new(answers.iter().copied().collect())),
            permits: Arc::new(Semaphore::new(0)),
        };
        let own = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                own.connections.fetch_add(1, Ordering::Relaxed);
                let own = own.clone();
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    while own.take(&mut stream).await.is_some() {}
                });
            }
        });
        receiver
    }

    /// Lets it answer once.
    pub(crate) fn answer_once(&self) {
        self.permits.add_permits(1);
    }

    /// Lets it answer everything from now on.
    pub(crate) fn release(&self) {
        self.permits.add_permits(Semaphore::MAX_PERMITS / 2);
    }

    /// Takes one message. None where the sender is killed half-way, or has closed the connection.
    async fn take(&self, stream: &mut BufReader<TcpStream>) -> Option<()> {
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
        self.messages.lock().unwrap().push(Received {
            target,
            headers,
            body,
            status,
        });
        self.permits.acquire().await.ok()?.forget();
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

    /// The messages so far.
    pub(crate) fn messages(&self) -> Vec<Received> {
        self.messages.lock().unwrap().clone()
    }

    /// Waits until there are `count` messages. Time of the app passes as far as a pause of a
    /// webhook needs it.
    pub(crate) async fn wait_for(&self, app: &TestApp, count: usize) -> Vec<Received> {
        let begun = Instant::now();
        while self.messages().len() < count {
            let messages = self.messages();
            assert!(begun.elapsed() < PATIENCE, "{count} of {messages:?}");
            end_pauses(app).await;
            sleep(POLL).await;
        }
        self.messages()
    }

    /// Waits until there are `count` messages, and leaves every clock alone.
    pub(crate) async fn at_least(&self, count: usize) {
        let begun = Instant::now();
        while self.messages().len() < count {
            let messages = self.messages();
            assert!(begun.elapsed() < PATIENCE, "{count} of {messages:?}");
            sleep(POLL).await;
        }
    }
}

/// Sets the clock of the app to the end of the pauses after failures and after robots' messages.
async fn end_pauses(app: &TestApp) {
    for listed in webhook::list(&app.state).await.unwrap() {
        if let Some(at) = listed
            .webhook
            .retry_at
            .filter(|at| *at > app.state.clock.now())
        {
            app.state.clock.set(at);
        }
    }
}

/// Waits until no webhook has anything to deliver at this hour: nothing more comes until there is a
/// new entry, or another hour.
pub(crate) async fn drained(app: &TestApp) {
    let begun = Instant::now();
    loop {
        let stats = webhook::delivery_stats(&app.state).await.unwrap();
        if stats.iter().all(|one| one.behind == 0) {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{stats:?}");
        end_pauses(app).await;
        sleep(POLL).await;
    }
}

/// Waits until the webhooks of another process have nothing to deliver at this hour, as
/// [`drained`] does.
pub(crate) async fn process_drained(http: &reqwest::Client, process: &Process) {
    let begun = Instant::now();
    loop {
        let metrics = http.get(&process.metrics).send().await.unwrap();
        let metrics = metrics.text().await.unwrap();
        let mut behind = metrics
            .lines()
            .filter(|line| line.starts_with("mashang_webhook_behind_entries{"));
        if behind.all(|line| line.ends_with(" 0")) {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{metrics}");
        sleep(POLL).await;
    }
}

impl Received {
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

pub(crate) async fn add(
    app: &TestApp,
    receiver: &WebhookReceiver,
    wanted: Wanted,
) -> (WebhookId, String) {
    let address = format!("{}/hook?key=a-robots-key", receiver.origin);
    let added = webhook::add(&app.state, wanted, &address, None).await;
    added.unwrap()
}
