//! PocketBase (<https://pocketbase.io>), as durable as this program: what a user would pick instead.
//! It stores one row for each report.

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::live::client;
use crate::sending::{Measured, PEOPLE, load, post};

/// Its default may lose what it acknowledged.
const FULL: &str = "onBootstrap((e) => { e.next(); e.app.nonconcurrentDB().newQuery(\"PRAGMA synchronous = FULL\").execute(); })\n";
const LOGIN: &str = "a@example.com";
const PASSWORD: &str = "password1234";

/// A PocketBase on an empty folder. It ends with this.
pub(crate) struct PocketBase {
    child: Child,
    at: SocketAddr,
    _folder: tempfile::TempDir,
}

impl PocketBase {
    pub(crate) async fn start(program: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("pb_hooks")).unwrap();
        std::fs::write(folder.path().join("pb_hooks/main.pb.js"), FULL).unwrap();
        let command = |words: &[&str]| {
            let mut command = Command::new(program);
            command.args(words).current_dir(folder.path());
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        let account = ["superuser", "upsert", LOGIN, PASSWORD];
        assert!(command(&account).status().unwrap().success());
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let at = free.local_addr().unwrap();
        drop(free);
        let listen = format!("--http={at}");
        let child = command(&["serve", &listen, "--dev=false"]).spawn().unwrap();
        while TcpStream::connect(at).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let started = Self {
            child,
            at,
            _folder: folder,
        };
        started.create_table().await;
        started
    }

    async fn create_table(&self) {
        let words = json!({"identity": LOGIN, "password": PASSWORD});
        let signed_in = self.ask("_superusers/auth-with-password", "", &words).await;
        let token = signed_in["token"].as_str().unwrap();
        let text = |name: &str, max: u32, required: bool| json!({"name": name, "type": "text", "required": required, "max": max});
        let fields = [
            text("name", 200, true),
            text("phone", 20, true),
            text("building", 50, true),
            text("direction", 5, true),
            text("origin", 20, true),
            text("arrived_at", 40, true),
            text("note", 500, false),
            json!({"name": "created", "type": "autodate", "onCreate": true}),
        ];
        let table = json!({
            "name": "reports", "type": "base", "createRule": "", "fields": fields,
            "indexes": ["CREATE INDEX reports_building ON reports(building)"],
        });
        self.ask("", token, &table).await;
    }

    async fn ask(&self, path: &str, token: &str, body: &Value) -> Value {
        let slash = if path.is_empty() { "" } else { "/" };
        let address = format!("http://{}/api/collections{slash}{path}", self.at);
        let answer = client()
            .post(address)
            .header("authorization", token)
            .json(body);
        let answer = answer.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{status}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// How many rows a second it stores.
    pub(crate) async fn measure(self, connections: usize, length: Duration) -> Measured {
        let request = |nth: usize| {
            let person = nth % PEOPLE;
            let body = json!({
                "name": "王示例", "phone": format!("138{person:08}"), "building": format!("{}", person % 60),
                "direction": "in", "origin": "上海", "arrived_at": "2026-11-30T12:00:00+08:00",
                "note": "乘火车到达，没有发热；".repeat(person % 8),
            });
            post("/api/collections/reports/records", "", &body.to_string())
        };
        load(self.at, connections, length, request, "200").await.0
    }
}

impl Drop for PocketBase {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
