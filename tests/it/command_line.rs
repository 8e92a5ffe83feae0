//! Commands of the binary as processes of their own: what they print, and to whom.

use std::process::{Command, Output, Stdio};

use mashang::testing::domain::webhook::Kind;
use mashang::testing::service::webhook;

use crate::app::TestApp;
use crate::process::run_verb;
use crate::webhook_receiver::{self, WebhookReceiver, wanted};

/// A character that no font of the placards has.
const RARE: char = '𰻝';

/// A command with the settings of this app.
fn mashang(app: &TestApp, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mashang"));
    command.args(arguments).stdin(Stdio::null());
    for (name, value) in &app.settings {
        command.env(format!("MASHANG_{}", name.to_uppercase()), value);
    }
    command
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// guarantee: A command whose reader has gone, such as `head`, ends without a word
/// guarantee: A webhook goes to no machine of an inner network, unless a setting names the network
#[tokio::test(flavor = "multi_thread")]
async fn webhook_into_inner_network_is_refused_and_not_delivered() {
    let mut app = TestApp::open().await;
    let receiver = WebhookReceiver::open(&[]).await;
    webhook_receiver::add(&app, &receiver, wanted(&app, Kind::Generic, "C1")).await;
    let add = |app: &TestApp, address: &str| {
        let add = ["webhook", "add", "--area", "C1", "--address", address];
        let done = run_verb(&app.settings, &add);
        assert!(!done.status.success(), "{address}");
        String::from_utf8(done.stderr).unwrap()
    };
    assert!(add(&app, "https://10.0.0.1/hook").contains("webhook_networks"));
    assert!(add(&app, "https://a:b@example.org/").contains("login or a password"));
    app.set("webhook_networks", "");
    assert!(add(&app, &format!("{}/hook", receiver.origin)).contains("webhook_networks"));
    app.restart().await;
    app.resident("C1").reports().await;
    // It was stored when the setting still named its network.
    loop {
        let all = webhook::list(&app.state).await.unwrap();
        if all[0].webhook.failures > 0 {
            let said = &all[0].webhook.last_error;
            assert!(said.contains("webhook_networks"), "{said}");
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(receiver.messages().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_end_quietly_when_their_reader_has_gone() {
    let app = TestApp::open().await;
    for arguments in [
        &["settings"][..],
        &["settings", "--markdown"],
        &["openapi"],
        &["placard", "list"],
        &["placard", "issue", "--batch", "b"],
        &["import", "regions"],
        &[
            "staff",
            "add",
            "lead01",
            "--name",
            "王示例",
            "--role",
            "community_lead",
            "--area",
            "C1",
        ],
        &["staff", "list"],
        &["verify"],
        &["demo", "--empty", "--port", "0", "--data"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let folder = tempfile::TempDir::new().unwrap();
        let mut command = mashang(&app, arguments);
        if arguments[0] == "demo" {
            command.arg(folder.path().join("demo"));
            command
                .env_remove("MASHANG_DATABASE")
                .env_remove("MASHANG_KEY_FILE");
        }
        let ended = command
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let quiet = (Some(141), String::new(), String::new());
        assert_eq!(said(&ended), quiet, "{arguments:?}");
    }
    let listed = said(&mashang(&app, &["staff", "list"]).output().unwrap());
    assert!(listed.1.contains("lead01"), "it was done: {listed:?}");
}

/// guarantee: Placards that no font can draw are named when they are issued
#[tokio::test(flavor = "multi_thread")]
async fn placards_that_cannot_be_drawn_are_named_at_issue() {
    let app = TestApp::open().await;
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("buildings.csv");
    let sheet = format!("area_code,estate,building,units\nC1,{RARE}园,1号楼,\nC1,臺園,1号楼,\n");
    std::fs::write(&file, sheet).unwrap();
    let file = file.to_str().unwrap();
    let (status, _, words) = said(
        &mashang(&app, &["import", "buildings", file])
            .output()
            .unwrap(),
    );
    assert_eq!(status, Some(0), "{words}");
    assert!(words.contains(RARE), "{words}");
    let issue = mashang(&app, &["placard", "issue", "--batch", "rare"]).output();
    let (status, answer, words) = said(&issue.unwrap());
    assert_eq!(
        (status, answer.as_str()),
        (Some(0), "2 placards issued\n"),
        "{words}"
    );
    assert!(
        words.starts_with("mashang: 1 placard(s) cannot be drawn:\n"),
        "{words}"
    );
    let named = format!("{RARE}园 1号楼: no font has {RARE}");
    assert!(words.contains(&named), "{words}");
    let (_, listed, _) = said(&mashang(&app, &["placard", "list"]).output().unwrap());
    let drawn = listed.lines().find(|line| line.contains("臺園")).unwrap();
    let code = drawn.split('\t').next().unwrap();
    let sheet = folder.path().join("one.pdf");
    let poster = mashang(&app, &["poster", code, "--out", sheet.to_str().unwrap()]).output();
    let quiet = (Some(0), "1 placard(s) drawn\n".into(), String::new());
    assert_eq!(
        said(&poster.unwrap()),
        quiet,
        "seldom characters make no noise"
    );
    let of_rare = listed.lines().find(|line| line.contains(RARE)).unwrap();
    assert!(
        words.contains(of_rare.split('\t').next().unwrap()),
        "{words}"
    );
}
