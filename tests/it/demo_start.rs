//! `mashang demo` as a process of its own: what it prints, and what a second start finds.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mashang::testing::http_client;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::app::PATIENCE;

const ACCOUNTS: &str = "demo-accounts.tsv";
const UNFINISHED: &str = "demo-unfinished";
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// A running demo, ended with this value.
struct Demo {
    child: Child,
    words: String,
}

/// How `mashang` is called here: hashes that take no time, no settings of the machine's.
fn mashang(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mashang"));
    command
        .args(arguments)
        .env("MASHANG_PASSWORD_MEMORY_KIB", "64")
        .env("MASHANG_PASSWORD_ROUNDS", "1")
        .stdin(Stdio::null());
    command
}

fn demo(data: &Path, options: &[&str]) -> Command {
    let mut command = mashang(&["demo", "--port", "0", "--data", data.to_str().unwrap()]);
    command.args(options);
    command
}

impl Demo {
    /// Starts it and reads what it says until it is ready.
    fn start(data: &Path, options: &[&str]) -> Self {
        let mut child = demo(data, options).stdout(Stdio::piped()).spawn().unwrap();
        let mut words = String::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            words.push_str(&line);
            words.push('\n');
            if line.contains("Stop with Ctrl-C") || line.starts_with("READY ") {
                break;
            }
        }
        Self { child, words }
    }

    /// The line about this account.
    fn line(&self, login: &str) -> &str {
        let begins = format!("  {login} ");
        let mut lines = self.words.lines();
        lines.find(|line| line.starts_with(&begins)).unwrap()
    }

    fn ready(&self) -> Value {
        let json = self.words.split_once("READY ").unwrap().1;
        serde_json::from_str(json).unwrap()
    }

    fn stop(mut self) {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Fails where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn client() -> Client {
    http_client::builder().timeout(PATIENCE).build().unwrap()
}

/// The first password that a line of the list shows.
fn password(line: &str) -> String {
    line.split_whitespace().nth(1).unwrap().to_owned()
}

async fn sign_in(origin: &str, login: &str, password: &str) -> (StatusCode, Value) {
    let request = client().post(format!("{origin}/staff/sign-in"));
    let request = request.header("accept", "application/json");
    let words = json!({"login": login, "password": password});
    let answer = request.json(&words).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap_or_default())
}

/// Signs in and chooses a password; returns the token.
async fn choose(origin: &str, login: &str, once: &str) -> String {
    let (status, first) = sign_in(origin, login, once).await;
    assert_eq!(status, StatusCode::OK, "{first}");
    let request = client().post(format!("{origin}/staff/password"));
    let request = request.bearer_auth(first["token"].as_str().unwrap());
    let words = json!({"old": once, "new": "a-password-of-my-own"});
    let request = request.header("accept", "application/json").json(&words);
    let chosen: Value = request.send().await.unwrap().json().await.unwrap();
    chosen["token"].as_str().unwrap().to_owned()
}

/// How many reports the duty officer of a fresh demo finds open.
async fn open_reports(demo: &Demo) -> u64 {
    let ready = demo.ready();
    let origin = ready["origin"].as_str().unwrap();
    let mut staff = ready["staff"].as_array().unwrap().iter();
    let duty = staff.find(|account| account["login"] == "duty").unwrap();
    let token = choose(origin, "duty", duty["password"].as_str().unwrap()).await;
    let request = client().get(format!("{origin}/staff")).bearer_auth(token);
    let request = request.header("accept", "application/json");
    let queue: Value = request.send().await.unwrap().json().await.unwrap();
    queue["views"][0]["count"].as_u64().unwrap()
}

/// guarantee: The demo shows a lived-in subdistrict, and an empty one on request
#[tokio::test(flavor = "multi_thread")]
async fn demo_is_lived_in_unless_empty_is_asked_for() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("demo");
    let lived_in = Demo::start(&data, &["--ready-json"]);
    assert!(open_reports(&lived_in).await > 0);
    lived_in.stop();
    let empty = Demo::start(&data, &["--fresh", "--empty", "--ready-json"]);
    assert_eq!(open_reports(&empty).await, 0);
    empty.stop();
}

/// guarantee: A demo whose making was broken off is made again, and a database that no demo began is
/// never removed
#[tokio::test(flavor = "multi_thread")]
async fn broken_off_demo_is_begun_again_and_nothing_else_removed() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("demo");
    let mut child = demo(&data, &["--ready-json"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while !(data.join("mashang.db").exists() && data.join(UNFINISHED).exists()) {
        std::thread::sleep(LOOK_EVERY);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(data.join(UNFINISHED).exists(), "it was broken off");
    let whole = Demo::start(&data, &["--ready-json"]);
    assert!(open_reports(&whole).await > 0);
    assert!(!data.join(UNFINISHED).exists());
    whole.stop();
    // As after an end shortly before the last file: staff and reports are there.
    std::fs::remove_file(data.join(ACCOUNTS)).unwrap();
    std::fs::write(data.join(UNFINISHED), "").unwrap();
    let again = Demo::start(&data, &["--empty", "--ready-json"]);
    assert_eq!(open_reports(&again).await, 0);
    again.stop();

    for file in ["mashang.db", "master.key"] {
        let data = folder.path().join(file);
        std::fs::create_dir(&data).unwrap();
        std::fs::write(data.join(file), "of another").unwrap();
        let ended = demo(&data, &["--ready-json"]).output().unwrap();
        assert!(!ended.status.success(), "{file}");
        let left = std::fs::read_to_string(data.join(file)).unwrap();
        assert_eq!(left, "of another");
    }
}

/// guarantee: A second start of the demo says which first passwords no longer work, and how to get a
/// new one
#[tokio::test(flavor = "multi_thread")]
async fn second_start_says_which_first_passwords_are_used_up() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("demo");
    let first = Demo::start(&data, &["--empty"]);
    assert!(!first.words.contains("used up"), "{}", first.words);
    let line = first.line("lead01").to_owned();
    let (address, once) = line.rsplit_once("#as=lead01&once=").unwrap();
    let origin = address.rsplit(' ').next().unwrap();
    let origin = origin.strip_suffix("/staff/sign-in").unwrap();
    assert_eq!(once, password(&line), "the link brings what the list shows");
    choose(origin, "lead01", once).await;
    first.stop();

    let second = Demo::start(&data, &[]);
    let used = second.line("lead01");
    assert!(used.contains("used up 已用过"), "{used}");
    assert!(!used.contains(once) && !used.contains('#'), "{used}");
    assert!(second.line("lead02").contains("#as=lead02&once="));
    let mut lines = second.words.lines();
    let command = lines.find(|line| line.contains("mashang staff password"));
    let command = command.unwrap().replace("ACCOUNT", "lead01");
    let command = command.replace("mashang staff", "\"$0\" staff");
    let program = env!("CARGO_BIN_EXE_mashang");
    let done = Command::new("sh").args(["-c", &command, program]).output();
    let said = String::from_utf8(done.unwrap().stdout).unwrap();
    let new = said.trim().split('\t').nth(1).unwrap();
    let origin = second.words.split_whitespace();
    let mut origin = origin.filter_map(|word| word.strip_suffix("/centre"));
    let (status, _) = sign_in(origin.next().unwrap(), "lead01", new).await;
    assert_eq!(status, StatusCode::OK, "{said}");
    second.stop();
}

/// guarantee: `demo --lan` prints an address that answers in the network, and people sign in there;
/// without it the demo says that it opens on this machine only
#[tokio::test(flavor = "multi_thread")]
async fn lan_demo_prints_an_address_that_answers() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("demo");
    let local = Demo::start(&data, &["--empty"]);
    assert!(local.words.contains("opens on this machine only"));
    assert!(!local.words.contains("over plain HTTP"));
    local.stop();

    let mut lan = Demo::start(&data, &["--lan"]);
    if !lan.words.contains("Ctrl-C") {
        // This machine is in no network; the address may be named, too.
        lan = Demo::start(&data, &["--lan=127.0.0.1"]);
    }
    assert!(lan.words.contains("over plain HTTP"), "{}", lan.words);
    assert!(!lan.words.contains("opens on this machine only"));
    let mut words = lan.words.split_whitespace();
    let resident = words.find(|word| word.contains("/Q/")).unwrap();
    assert!(!resident.contains("LOCALHOST"), "{resident}");
    let form = client().get(resident).send().await.unwrap();
    assert_eq!(form.status(), StatusCode::OK, "{resident}");

    let origin = resident.split("/Q/").next().unwrap().to_lowercase();
    let once = password(lan.line("duty"));
    for (from, status) in [
        (origin.as_str(), StatusCode::SEE_OTHER),
        ("http://elsewhere.example", StatusCode::FORBIDDEN),
    ] {
        let request = client().post(format!("{origin}/staff/sign-in"));
        let request = request.header("origin", from).header("accept", "text/html");
        let form = [("login", "duty"), ("password", once.as_str())];
        let answer = request.form(&form).send().await.unwrap();
        assert_eq!(answer.status(), status, "{from}");
        let cookies = answer.headers().get_all("set-cookie");
        let secure = cookies
            .iter()
            .any(|cookie| cookie.to_str().unwrap().contains("Secure"));
        assert!(
            !secure || origin.contains("127.0.0.1"),
            "a browser would drop it over plain HTTP"
        );
    }
    lan.stop();
}
