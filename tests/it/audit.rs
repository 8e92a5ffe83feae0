//! Audit: what staff and operators do beside the cases leaves entries in the system queue.

use std::time::Duration;

use futures_util::future::join_all;
use mashang::testing::csv_table;
use mashang::testing::domain::code::Code;
use mashang::testing::domain::queue::QueueId;
use mashang::testing::domain::staff::Role;
use mashang::testing::domain::webhook::Kind;
use mashang::testing::service::access::{Client, sign_in};
use mashang::testing::service::audit::{AuditEntry, page, refused_sign_ins};
use mashang::testing::service::chain::{self, Broken};
use mashang::testing::service::import::{Table, import_table};
use mashang::testing::service::{handover, people, places, webhook};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::app::{PATIENCE, TestApp};
use crate::process::run_verb;
use crate::webhook_receiver::{WebhookReceiver, add, wanted};

/// The system queue's number.
const SYSTEM: i32 = QueueId::SYSTEM.0;
/// The password that [`TestApp::person`] chooses.
const PASSWORD: &str = "a-password-of-my-own";

async fn entries(app: &TestApp) -> Vec<AuditEntry> {
    page(&app.state, 0, None, 100_000).await.unwrap()
}

/// The kinds of the entries after `seq`, once there are `count` of them.
async fn kinds_after(app: &TestApp, seq: usize, count: usize) -> Vec<String> {
    let wait = async {
        loop {
            let found = entries(app).await;
            if found.len() >= seq + count {
                return found[seq..].iter().map(|one| one.kind.clone()).collect();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let kinds = tokio::time::timeout(PATIENCE, wait).await;
    kinds.expect("the entries come")
}

async fn heard(app: &TestApp, seq: &mut usize, kind: &str) -> AuditEntry {
    assert_eq!(kinds_after(app, *seq, 1).await[0], kind);
    *seq += 1;
    entries(app).await.swap_remove(*seq - 1)
}

/// A placard in use.
fn placard(app: &TestApp) -> Code {
    Code::read(&app.resident("C1").code).unwrap()
}

/// guarantee: Each sign-in, sign-out, search, import, export and each change of accounts, placards and
/// webhooks is an entry of the audit, with who did it
#[tokio::test(flavor = "multi_thread")]
async fn each_act_leaves_its_entry_with_who_did_it() {
    let app = TestApp::open().await;
    let mut seq = 0;
    for table in ["regions", "areas", "buildings", "sites"] {
        assert_eq!(
            heard(&app, &mut seq, "imported").await.facts["table"],
            table
        );
    }
    heard(&app, &mut seq, "placards_issued").await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let own = kinds_after(&app, seq, 3).await;
    assert_eq!(own, ["account_added", "signed_in", "password_changed"]);
    let added = &entries(&app).await[seq];
    let facts = json!({"login": "lead", "role": "community_lead", "area": "C1"});
    for (name, fact) in facts.as_object().unwrap() {
        assert_eq!(&added.facts[name], fact);
    }
    let user = &added.facts["operator"];
    assert_eq!(
        user, &*app.state.operator,
        "the user of the operating system"
    );
    seq += 3;
    for (words, by) in [
        ("QZ-0101-2222", "number"),
        ("138 0000 0000", "telephone"),
        ("花园 1203", "door"),
    ] {
        app.search(&lead, words).await;
        let entry = heard(&app, &mut seq, "searched").await;
        assert_eq!(
            entry.facts,
            *json!({"by": by}).as_object().unwrap(),
            "not the words"
        );
    }
    let poster = format!("/staff/placards/{}.svg", placard(&app));
    assert_eq!(app.get(&poster, Some(&lead)).await.status, StatusCode::OK);
    heard(&app, &mut seq, "posters_drawn").await;
    app.send(Method::POST, "/staff/sign-out", Some(&lead), None)
        .await;
    heard(&app, &mut seq, "signed_out").await;
    let once = people::reset_password(&app.state, "lead").await.unwrap();
    heard(&app, &mut seq, "password_reset").await;
    assert_eq!(app.sign_in("lead", &once).await.status, StatusCode::OK);
    heard(&app, &mut seq, "signed_in").await;
    handover::let_go(&app.state, "lead", None).await.unwrap();
    heard(&app, &mut seq, "account_disabled").await;
    people::take_back(&app.state, "lead").await.unwrap();
    heard(&app, &mut seq, "account_enabled").await;
    places::revoke_placard(&app.state, placard(&app))
        .await
        .unwrap();
    heard(&app, &mut seq, "placard_revoked").await;
    let receiver = WebhookReceiver::open(&[]).await;
    let (id, _) = add(&app, &receiver, wanted(&app, Kind::Generic, "C1")).await;
    let added = heard(&app, &mut seq, "webhook_added").await;
    assert_eq!(added.facts["host"], "127.0.0.1", "not the whole address");
    webhook::test(&app.state, id).await.unwrap();
    heard(&app, &mut seq, "webhook_tested").await;
    webhook::set_active(&app.state, id, false).await.unwrap();
    heard(&app, &mut seq, "webhook_paused").await;
    webhook::set_active(&app.state, id, true).await.unwrap();
    heard(&app, &mut seq, "webhook_resumed").await;
    webhook::replay(&app.state, id, None, 1).await.unwrap();
    heard(&app, &mut seq, "webhook_replayed").await;
    webhook::remove(&app.state, id).await.unwrap();
    heard(&app, &mut seq, "webhook_removed").await;
    assert_eq!(entries(&app).await.len(), seq, "and no others");
    assert_eq!(chain::verify(&app.state, &[]).await.unwrap().broken, []);
}

/// guarantee: Where its audit entry cannot be written, an act does not happen; sign-out, disabling an
/// account, revoking a placard and pausing a webhook do not wait for it
#[tokio::test(flavor = "multi_thread")]
async fn broken_journal_refuses_acts_but_no_end_of_rights() {
    let app = TestApp::open().await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let gone = app.person("gone", Role::GridWorker, "C1").await;
    let leaves = app.person("leaves", Role::GridWorker, "C1").await;
    let receiver = WebhookReceiver::open(&[]).await;
    let (id, _) = add(&app, &receiver, wanted(&app, Kind::Generic, "C1")).await;
    let before = entries(&app).await.len();
    app.execute("ALTER TABLE journal_entry RENAME TO away")
        .await;

    let unavailable = StatusCode::SERVICE_UNAVAILABLE;
    assert_eq!(app.sign_in("lead", PASSWORD).await.status, unavailable);
    assert_eq!(app.search(&lead, "QZ-0101-2222").await.0, unavailable);
    let poster = format!("/staff/placards/{}.svg", placard(&app));
    assert_eq!(app.get(&poster, Some(&lead)).await.status, unavailable);
    let new = json!({"old": PASSWORD, "new": "another-password"});
    let path = "/staff/password";
    let changed = app.send(Method::POST, path, Some(&lead), Some(new)).await;
    assert_eq!(changed.status, unavailable, "{}", changed.json);
    let (state, area) = (&app.state, app.area("C1"));
    let taken = people::take_on(state, "new", "new", Role::Auditor, area).await;
    taken.unwrap_err();
    people::reset_password(state, "lead").await.unwrap_err();
    let lines = "code,parent_code,level,name\nC3,S,community,新社区\n";
    let lines = csv_table::read(lines.as_bytes(), Table::Areas.headings()).unwrap();
    import_table(state, Table::Areas, lines).await.unwrap_err();
    places::issue_placards(state, "more").await.unwrap_err();
    let address = format!("{}/hook", receiver.origin);
    let added = webhook::add(state, wanted(&app, Kind::Generic, "C1"), &address, None).await;
    added.unwrap_err();
    webhook::set_active(state, id, true).await.unwrap_err();
    webhook::replay(state, id, None, 1).await.unwrap_err();
    webhook::test(state, id).await.unwrap_err();

    let out = app
        .send(Method::POST, "/staff/sign-out", Some(&gone), None)
        .await;
    assert_eq!(out.status, StatusCode::NO_CONTENT, "{}", out.json);
    handover::let_go(state, "leaves", None).await.unwrap();
    for person in [&gone, &leaves] {
        assert_eq!(
            app.get("/staff", Some(person)).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    places::revoke_placard(state, placard(&app)).await.unwrap();
    webhook::set_active(state, id, false).await.unwrap();
    webhook::remove(state, id).await.unwrap();

    app.execute("ALTER TABLE away RENAME TO journal_entry")
        .await;
    places::reload(state).await.unwrap();
    let areas = app.state.atlas().tree.areas().count();
    assert_eq!(areas, 4, "nothing was imported");
    assert_eq!(
        app.sign_in("new", PASSWORD).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(app.sign_in("lead", PASSWORD).await.status, StatusCode::OK);
    let last = kinds_after(&app, before, 1).await;
    assert!(last.contains(&"signed_in".to_owned()), "{last:?}");
    assert_eq!(chain::verify(&app.state, &[]).await.unwrap().broken, []);
}

/// guarantee: Refused sign-ins are summed by account and class of client: ten thousand of them leave a
/// few audit entries, which name no login without an account
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_refused_sign_ins_leave_few_entries() {
    const TRIES: u64 = 10_000;
    let app = TestApp::open().await;
    app.person("lead", Role::CommunityLead, "C1").await;
    let before = entries(&app).await.len();
    let client = Client {
        address: None,
        device: None,
    };
    for nth in 0..TRIES {
        let login = match nth % 100 {
            0 => "lead".to_owned(),
            other => format!("a-password-typed-as-a-login-{other}"),
        };
        let refused = sign_in(&app.state, &login, "wrong".to_owned(), client).await;
        refused.unwrap_err();
    }
    assert_eq!(entries(&app).await.len(), before, "no entry for each");
    refused_sign_ins::write(&app.state).await.unwrap();
    refused_sign_ins::write(&app.state).await.unwrap();
    let found = entries(&app).await.split_off(before);
    let figure = |entry: &AuditEntry, name: &str| entry.facts[name].as_u64().unwrap();
    let sum = |entry: &AuditEntry| figure(entry, "wrong") + figure(entry, "throttled");
    let sums: Vec<_> = found
        .iter()
        .map(|one| (one.facts["login"].clone(), sum(one)))
        .collect();
    assert_eq!(
        sums,
        [
            (json!(null), TRIES - TRIES / 100),
            (json!("lead"), TRIES / 100)
        ]
    );
    assert!(
        found
            .iter()
            .all(|one| figure(one, "throttled") > figure(one, "wrong"))
    );
}

/// guarantee: Refused sign-ins that were not written yet are written at a shutdown, and kept where
/// that fails
#[tokio::test(flavor = "multi_thread")]
async fn refused_sign_ins_are_kept_until_they_are_written() {
    let mut app = TestApp::open().await;
    app.person("lead", Role::CommunityLead, "C1").await;
    let before = entries(&app).await.len();
    assert_eq!(
        app.sign_in("lead", "wrong").await.status,
        StatusCode::UNAUTHORIZED
    );
    app.execute("ALTER TABLE journal_entry RENAME TO away")
        .await;
    refused_sign_ins::write(&app.state).await.unwrap_err();
    app.execute("ALTER TABLE away RENAME TO journal_entry")
        .await;
    app.restart().await;
    assert_eq!(kinds_after(&app, before, 1).await, ["sign_ins_refused"]);
}

/// guarantee: A changed, removed, moved, inserted or cut-off entry of a journal is found
#[tokio::test(flavor = "multi_thread")]
async fn tampering_with_the_audit_is_found() {
    let app = TestApp::open().await;
    app.person("lead", Role::CommunityLead, "C1").await;
    let heads = chain::verify(&app.state, &[]).await.unwrap().heads;
    let head = heads.iter().find(|head| head.queue == SYSTEM).unwrap();
    let (last, queue) = (head.seq, SYSTEM);
    assert_eq!(last, 8);
    let own = format!("queue_id = {SYSTEM}");
    let found = async |change: String| {
        app.execute(&change).await;
        chain::verify(&app.state, &heads).await.unwrap().broken
    };
    let report = "report_id = (SELECT report_id FROM journal_entry WHERE queue_id <> 0 LIMIT 1)";
    app.resident("C1").reports().await;
    let lied = found(format!(
        "UPDATE journal_entry SET {report} WHERE {own} AND seq = 2"
    ))
    .await;
    assert_eq!(lied, [Broken::Entry { queue, seq: 2 }]);
    found(format!(
        "UPDATE journal_entry SET report_id = NULL WHERE {own} AND seq = 2"
    ))
    .await;
    let cut = found(format!(
        "DELETE FROM journal_entry WHERE {own} AND seq = {last}"
    ))
    .await;
    let seq = last - 1;
    let logged = Broken::Logged { queue, seq: last };
    assert_eq!(cut, [Broken::Head { queue, seq }, logged.clone()]);
    let moved = found(format!(
        "UPDATE journal_head SET reached = {seq} WHERE {own}"
    ))
    .await;
    assert_eq!(moved, [logged]);
    let removed = found(format!("DELETE FROM journal_entry WHERE {own} AND seq = 3")).await;
    assert!(removed.contains(&Broken::Missing { queue, seq: 3 }));
}

/// guarantee: Two nodes append to the audit without a gap
#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_append_to_the_audit_without_a_gap() {
    let one = TestApp::open().await;
    let two = one.join().await;
    for login in ["lead", "other"] {
        one.person(login, Role::CommunityLead, "C1").await;
    }
    let before = entries(&one).await.len();
    for _ in 0..10 {
        let sign_ins = [
            (&one, "lead"),
            (&two, "lead"),
            (&one, "other"),
            (&two, "other"),
        ];
        let sign_ins = sign_ins.map(|(node, login)| node.sign_in(login, PASSWORD));
        for got in join_all(sign_ins).await {
            assert_eq!(got.status, StatusCode::OK, "{}", got.json);
        }
    }
    let found = entries(&two).await;
    assert_eq!(found.len(), before + 40);
    assert!(
        found
            .iter()
            .map(|entry| entry.seq)
            .eq((1..).take(found.len()))
    );
    assert_eq!(chain::verify(&two.state, &[]).await.unwrap().broken, []);
}

/// guarantee: The system queue is in no list, no total, no stream and no webhook
#[tokio::test(flavor = "multi_thread")]
async fn system_queue_is_in_no_list_total_or_stream() {
    let app = TestApp::open().await;
    let duty = app.person("duty", Role::DutyOfficer, "D").await;
    let admin = app.person("admin", Role::Admin, "D").await;
    let auditor = app.person("auditor", Role::Auditor, "D").await;
    let receiver = WebhookReceiver::open(&[]).await;
    let (id, _) = add(&app, &receiver, wanted(&app, Kind::Generic, "D")).await;
    let system = Some(QueueId::SYSTEM);
    webhook::replay(&app.state, id, system, 1)
        .await
        .unwrap_err();
    let mut stream = app.stream(&duty, Some("0.0")).await;
    app.sign_in("admin", PASSWORD).await;
    app.resident("C1").reports().await;
    let first = stream.next().await;
    assert_eq!(first.1["event"], "submitted");
    assert!(
        !first.0.split(',').any(|part| part.starts_with("0.")),
        "{}",
        first.0
    );
    receiver.at_least(1).await;
    let list = app.get("/staff", Some(&duty)).await.json;
    assert_eq!(list["rows"].as_array().unwrap().len(), 1);
    let listed = app.get("/staff?queue=0", Some(&duty)).await.json;
    assert_eq!(listed["rows"], json!([]));
    for person in [&duty, &admin, &auditor] {
        let totals = app.get("/centre", Some(person)).await.json;
        assert_eq!(totals["reports"], 1);
        let queues = totals["queues"].as_array().unwrap();
        assert!(
            queues.iter().all(|queue| queue["id"] != SYSTEM),
            "{queues:?}"
        );
    }
    let row = &list["rows"][0];
    let path = format!("/staff/reports/{}/transfer", row["id"].as_str().unwrap());
    let to = json!({"version": row["version"], "to": SYSTEM, "reason": "搬走"});
    let moved = app.send(Method::POST, &path, Some(&duty), Some(to)).await;
    assert_ne!(moved.status, StatusCode::OK, "{}", moved.json);
}

/// guarantee: `mashang audit` prints the entries in plain words, in both languages, or as JSON
#[tokio::test(flavor = "multi_thread")]
async fn audit_verb_prints_plain_words_and_json() {
    let mut app = TestApp::open().await;
    app.person("lead", Role::CommunityLead, "C1").await;
    app.state.clock.run();
    app.close().await;
    let printed = |arguments: &[&str]| {
        let output = run_verb(&app.settings, &[&["audit"], arguments].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        String::from_utf8(output.stdout).unwrap()
    };
    let english = printed(&[]);
    let lines: Vec<_> = english.lines().collect();
    assert_eq!(lines.len(), 8, "{english}");
    assert!(lines[1].ends_with("imported 4 lines of areas"), "{english}");
    assert!(
        lines[6].ends_with("lead (lead) signed in on a new device"),
        "{english}"
    );
    let chinese = printed(&["--lang", "zh"]);
    assert!(chinese.contains("lead（lead） 在新设备上登录"), "{chinese}");
    let user = &app.state.operator;
    let added = format!("服务器操作员 {user} 新增账号 lead：社区负责人，辖区 C1");
    assert!(chinese.contains(&added), "{chinese}");
    let json = printed(&["--json", "--since", "7d"]);
    let last = json.lines().last().unwrap();
    let last: serde_json::Value = serde_json::from_str(last).unwrap();
    assert_eq!(last["event"], "command_run");
    assert_eq!(last["facts"]["command"], "audit");
    assert_eq!(last["by"], json!({"operator": &**user}));
    assert!(printed(&["--since", "2999-01-01"]).is_empty());
    let wrong = run_verb(&app.settings, &["audit", "--since", "yesterday"]);
    assert!(!wrong.status.success());
    assert!(!json.contains(PASSWORD));
}
