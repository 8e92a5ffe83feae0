//! Webhooks: deliveries to programs, with the journal as outbox.

use std::time::Duration;

use chrono::Days;
use mashang::testing::domain::staff::Role;
use mashang::testing::domain::webhook::{Kind, WebhookId};
use mashang::testing::service::import::Table;
use mashang::testing::service::webhook::{self, WebhookError, signature};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::deadlines::import;
use crate::process::Process;
use crate::webhook_receiver::{Received, WebhookReceiver, add, drained, process_drained, wanted};

/// Processes keep the time of the machine: their pauses after failures and their leases are short.
const QUICK: [(&str, &str); 2] = [
    ("webhook_timeout_seconds", "1"),
    ("webhook_retry_max_seconds", "1"),
];

/// guarantee: A program gets each entry once and in order, signed and without personal data
#[tokio::test(flavor = "multi_thread")]
async fn program_gets_each_entry_once_signed_without_personal_data() {
    let app = TestApp::open().await;
    let receiver = WebhookReceiver::open(&[]).await;
    app.resident("C1").reports().await;
    let (id, secret) = add(&app, &receiver, wanted(&app, Kind::Generic, "C1")).await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    for queue in ["C1", "C2", "C1"] {
        app.resident(queue).reports().await;
    }
    let row = app.get("/staff", Some(&worker)).await.json["rows"][1].clone();
    let path = format!("/staff/reports/{}/call", row["id"].as_str().unwrap());
    let words = Some(json!({"version": 1}));
    app.send(Method::POST, &path, Some(&worker), words).await;
    let heard = receiver.wait_for(&app, 4).await;
    drained(&app).await;
    assert_eq!(
        receiver.messages().len(),
        4,
        "each once, and nothing from before"
    );
    let events: Vec<_> = heard
        .iter()
        .map(|heard| (heard.seq(), heard.json()["event"].clone()))
        .collect();
    let wanted = [
        (2, json!("submitted")),
        (3, json!("submitted")),
        (4, json!("accepted")),
        (5, json!("revealed")),
    ];
    assert_eq!(events, wanted);
    for heard in &heard {
        let id = heard.header("webhook-id");
        let second = heard.header("webhook-timestamp").parse().unwrap();
        let signed = signature::standard(&secret, id, second, &heard.body);
        assert_eq!(heard.header("webhook-signature"), signed.unwrap());
        assert_eq!(id, heard.json()["id"]);
        for personal in ["王", "1203", "0000 0000", "00000000", "worker", "上海"] {
            assert!(!heard.body.contains(personal), "{}", heard.body);
        }
    }
    let report = &heard[0].json()["report"];
    assert_eq!(report["number"], row["number"]);
    assert_eq!(heard[0].json()["queue"]["code"], "C1");
    if let Some(file) = app.file() {
        for end in ["", "-wal"] {
            let kept = std::fs::read(format!("{}{end}", file.display())).unwrap();
            let kept = String::from_utf8_lossy(&kept);
            assert!(!kept.contains(&secret) && !kept.contains("a-robots-key"));
        }
    }
    let listed = webhook::list(&app.state).await.unwrap();
    assert_eq!((listed[0].webhook.id, listed[0].behind), (id, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_deliveries_to_one_server_are_one_connection() {
    let app = TestApp::open().await;
    let receiver = WebhookReceiver::open(&[]).await;
    let (id, _) = add(&app, &receiver, wanted(&app, Kind::Generic, "C1")).await;
    webhook::set_active(&app.state, id, false).await.unwrap();
    for _ in 0..30 {
        app.resident("C1").reports().await;
    }
    webhook::set_active(&app.state, id, true).await.unwrap();
    receiver.wait_for(&app, 30).await;
    assert_eq!(receiver.connections(), 1);
}

/// guarantee: A delivery that failed is repeated before anything behind it
#[tokio::test(flavor = "multi_thread")]
async fn failed_deliveries_are_retried_in_order() {
    let app = TestApp::open().await;
    let receiver = WebhookReceiver::open(&[(500, ""), (302, ""), (404, "")]).await;
    let (id, _) = add(&app, &receiver, wanted(&app, Kind::Generic, "C1")).await;
    for _ in 0..3 {
        app.resident("C1").reports().await;
    }
    receiver.at_least(1).await;
    let failed = async {
        loop {
            let listed = webhook::list(&app.state).await.unwrap();
            if listed[0].webhook.failures > 0 {
                return (listed[0].webhook.last_error.clone(), listed[0].behind);
            }
        }
    };
    assert_eq!(failed.await, ("status 500".to_owned(), 3));
    let seqs: Vec<_> = receiver
        .wait_for(&app, 6)
        .await
        .iter()
        .map(Received::seq)
        .collect();
    assert_eq!(seqs, [1, 1, 1, 1, 2, 3]);

    // Out of order only after a replay, and under the same ids.
    drained(&app).await;
    webhook::replay(&app.state, id, None, 2).await.unwrap();
    let again: Vec<_> = receiver
        .wait_for(&app, 8)
        .await
        .iter()
        .map(Received::seq)
        .collect();
    assert_eq!(again[6..], [2, 3]);
    let ahead = webhook::replay(&app.state, id, None, 1_000).await;
    assert!(
        matches!(ahead, Err(webhook::WebhookError::Ahead { .. })),
        "nothing is left out"
    );
    let other = webhook::replay(&app.state, id, Some(app.queue("C2")), 1).await;
    assert!(matches!(other, Err(WebhookError::Queue)));

    webhook::set_active(&app.state, id, false).await.unwrap();
    let other = WebhookReceiver::open(&[]).await;
    add(&app, &other, wanted(&app, Kind::Generic, "C1")).await;
    app.resident("C1").reports().await;
    other.at_least(1).await;
    assert_eq!(
        receiver.messages().len(),
        8,
        "a paused webhook gets nothing"
    );
    webhook::set_active(&app.state, id, true).await.unwrap();
    assert_eq!(receiver.wait_for(&app, 9).await[8].seq(), 4);
    webhook::remove(&app.state, id).await.unwrap();
    assert_eq!(webhook::list(&app.state).await.unwrap().len(), 1);
}

/// guarantee: A killed server skips no delivery
#[tokio::test(flavor = "multi_thread")]
async fn undelivered_entries_of_a_killed_server_are_delivered_later() {
    const REPORTS: i64 = 40;
    let mut app = TestApp::open_with(&QUICK).await;
    // Some entries are refused the first time.
    let answers: Vec<_> = (0..42)
        .map(|n| if n % 8 == 3 { (503, "") } else { (200, "") })
        .collect();
    let receiver = WebhookReceiver::open(&answers).await;
    add(&app, &receiver, wanted(&app, Kind::Generic, "C1")).await;
    app.close().await;
    let settings = app.settings.clone();
    let mut process = Process::serve(&settings);
    app.origin.clone_from(&process.origin);
    for killed in 0..4 {
        for _ in 0..REPORTS / 4 {
            app.resident("C1").reports().await;
        }
        receiver.at_least(1 + killed * 4).await;
        drop(process);
        process = Process::serve(&settings);
        app.origin.clone_from(&process.origin);
    }
    let mut first: Vec<i64> = Vec::new();
    let begun = std::time::Instant::now();
    while first.len() < usize::try_from(REPORTS).unwrap() {
        assert!(begun.elapsed() < Duration::from_mins(5), "{first:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
        first.clear();
        for heard in receiver.messages() {
            if heard.status == 200 && !first.contains(&heard.seq()) {
                first.push(heard.seq());
            }
        }
    }
    assert!(first.iter().copied().eq(1..=REPORTS), "{first:?}");
    let mut bodies: Vec<(i64, Value)> = Vec::new();
    for heard in receiver.messages() {
        let (seq, said) = (heard.seq(), heard.json()["report_id"].clone());
        let known = bodies.iter().find(|(known, _)| *known == seq);
        assert!(known.is_none_or(|(_, before)| *before == said), "{seq}");
        bodies.push((seq, said));
    }
    process.stop();
}

/// guarantee: One of several nodes delivers, and another takes over
#[tokio::test(flavor = "multi_thread")]
async fn delivery_moves_to_the_other_node() {
    let mut one = TestApp::open().await;
    let two = one.join().await;
    let receiver = WebhookReceiver::open(&[]).await;
    add(&one, &receiver, wanted(&one, Kind::Generic, "S")).await;
    for _ in 0..10 {
        one.resident("C1").reports().await;
        two.resident("C2").reports().await;
    }
    receiver.wait_for(&one, 20).await;
    drained(&one).await;
    one.close().await;
    for _ in 0..5 {
        two.resident("C1").reports().await;
    }
    let heard = receiver.wait_for(&two, 25).await;
    drained(&two).await;
    assert_eq!(receiver.messages().len(), 25, "nothing twice");
    for (queue, count) in [("C1", 15), ("C2", 10)] {
        let of_queue = |heard: &&Received| heard.json()["queue"]["code"] == queue;
        let seqs: Vec<_> = heard.iter().filter(of_queue).map(Received::seq).collect();
        assert!(seqs.iter().copied().eq(1..=count), "{queue}: {seqs:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_is_refused_beyond_this_machine() {
    let app = TestApp::open().await;
    let add = async |address: &str| {
        let wanted = wanted(&app, Kind::Generic, "C1");
        webhook::add(&app.state, wanted, address, None).await
    };
    for wrong in ["http://example.org/", "example.org", "ftp://example.org/"] {
        assert!(matches!(add(wrong).await, Err(WebhookError::Address(_))));
    }
    let (weak, address) = (Some("s3cret".to_owned()), "https://127.0.0.1:1/");
    let generic = wanted(&app, Kind::Generic, "C1");
    let refused = webhook::add(&app.state, generic, address, weak).await;
    assert!(matches!(refused, Err(WebhookError::Secret)), "{refused:?}");
    let (id, _) = add(address).await.unwrap();
    let refused = webhook::test(&app.state, id).await;
    assert!(
        matches!(refused, Err(WebhookError::DeliveryError(_))),
        "{refused:?}"
    );
}

/// Today and tomorrow are off, so that it is a quiet hour for a city that keeps days off.
async fn free_days(app: &TestApp) {
    let today = app.state.local_now().date();
    let days = [0, 1].map(|ahead| format!("{},off,示例\n", today + Days::new(ahead)));
    let days = format!("day,kind,name\n{}", days.concat());
    import(app, Table::Holidays, &days).await;
}

/// guarantee: Urgent entries reach a silent webhook at night, without the rest and not again in the
/// morning, through crashes and on two nodes
#[tokio::test(flavor = "multi_thread")]
async fn silent_program_gets_urgent_entries_by_night_through_crashes() {
    const NIGHT: (&str, &str) = ("off_days_called", "false");
    let mut app = TestApp::open_with(&[QUICK[0], QUICK[1], NIGHT]).await;
    let red = "name,direction,region_prefix,active\n示例：返程,return,31,yes\n";
    import(&app, Table::RedRules, red).await;
    free_days(&app).await;
    let answers: Vec<_> = (0..12).map(|n| ([200, 503][n % 2], "")).collect();
    let receiver = WebhookReceiver::open(&answers).await;
    let mut silent = wanted(&app, Kind::Generic, "C1");
    silent.at_night = Some(false);
    add(&app, &receiver, silent).await;
    app.close().await;
    let mut settings = app.settings.clone();
    for killed in 1..=3 {
        let process = Process::serve(&settings);
        app.origin.clone_from(&process.origin);
        for n in 0..8 {
            let resident = app.resident("C1");
            let mut form = resident.form().await;
            form["region"] = json!(["北京", "上海"][n % 2]);
            assert_eq!(resident.sends(&form).await.status, StatusCode::CREATED);
        }
        receiver.at_least(killed * 2).await;
    }
    let process = Process::serve(&settings);
    let taken = |heard: &[Received]| -> Vec<i64> {
        let taken = heard.iter().filter(|heard| heard.status == 200);
        taken.map(Received::seq).collect()
    };
    let first = async |count: usize| {
        let begun = std::time::Instant::now();
        loop {
            let mut first: Vec<i64> = Vec::new();
            for seq in taken(&receiver.messages()) {
                if !first.contains(&seq) {
                    first.push(seq);
                }
            }
            if first.len() >= count {
                return first;
            }
            // One minute of the day below is still quiet.
            assert!(begun.elapsed() < Duration::from_mins(5), "{first:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    assert!(first(12).await.into_iter().eq((2..=24).step_by(2)));
    process_drained(&app.http, &process).await;
    let by_night = receiver.messages().len();
    drop(process);
    for (name, value) in [
        ("off_days_called", "true"),
        ("day_starts", "00:00"),
        ("night_due", "00:01"),
        ("day_ends", "23:59"),
    ] {
        settings.retain(|(known, _)| *known != name);
        settings.push((name, value.to_owned()));
    }
    let mut process = Process::serve(&settings);
    let all = first(24).await;
    assert!(all[12..].iter().copied().eq((1..=23).step_by(2)), "{all:?}");
    process_drained(&app.http, &process).await;
    let by_day = &receiver.messages()[by_night..];
    let repeated = by_day.iter().find(|message| message.seq() % 2 == 0);
    assert!(repeated.is_none(), "urgent again: {repeated:?}");
    process.stop();
}

/// guarantee: Urgent entries reach a silent webhook at night, without the rest and not again in the
/// morning, through crashes and on two nodes
#[tokio::test(flavor = "multi_thread")]
async fn urgent_night_delivery_moves_to_the_other_node() {
    let mut one = TestApp::open_with(&[("off_days_called", "false")]).await;
    let red = "name,direction,region_prefix,active\n示例：返程,return,31,yes\n";
    import(&one, Table::RedRules, red).await;
    free_days(&one).await;
    let two = one.join().await;
    let receiver = WebhookReceiver::open(&[]).await;
    let mut silent = wanted(&one, Kind::Generic, "S");
    silent.at_night = Some(false);
    let (id, _) = add(&one, &receiver, silent).await;
    let report = async |node: &TestApp, region: &str| {
        let resident = node.resident("C1");
        let mut form = resident.form().await;
        form["region"] = json!(region);
        assert_eq!(resident.sends(&form).await.status, StatusCode::CREATED);
    };
    for _ in 0..5 {
        report(&one, "上海").await;
        report(&two, "北京").await;
    }
    receiver.wait_for(&one, 5).await;
    drained(&one).await;
    one.close().await;
    report(&two, "北京").await;
    report(&two, "上海").await;
    receiver.wait_for(&two, 6).await;
    drained(&two).await;
    let seqs: Vec<_> = receiver.messages().iter().map(Received::seq).collect();
    assert_eq!(seqs, [1, 3, 5, 7, 9, 12], "each once, and only what is red");
    let figures = two.metrics().await;
    let level = format!("mashang_webhook_behind_entries{{webhook=\"{}\"}} 0\n", id.0);
    assert!(
        figures.contains(&level),
        "what waits is not late: {figures}"
    );
    // By day, whenever the test is run.
    let worked = two.state.local_now().date() + Days::new(3);
    let noon = worked.and_hms_opt(12, 0, 0).unwrap();
    two.state.clock.set(two.state.clock.instant(noon));
    receiver.wait_for(&two, 12).await;
    drained(&two).await;
    let seqs: Vec<_> = receiver.messages()[6..].iter().map(Received::seq).collect();
    assert_eq!(seqs, [2, 4, 6, 8, 10, 11]);
}

/// guarantee: Metrics tell each webhook's failures and backlog, and no address
#[tokio::test(flavor = "multi_thread")]
async fn metrics_tell_failures_and_lag_of_each_webhook() {
    let app = TestApp::open().await;
    let receiver = WebhookReceiver::open(&[(500, ""), (500, ""), (500, ""), (500, "")]).await;
    let (failing, secret) = add(&app, &receiver, wanted(&app, Kind::Generic, "C1")).await;
    let well = WebhookReceiver::open(&[]).await;
    let (fine, _) = add(&app, &well, wanted(&app, Kind::Generic, "S")).await;
    let (paused, _) = add(&app, &well, wanted(&app, Kind::Generic, "C1")).await;
    webhook::set_active(&app.state, paused, false)
        .await
        .unwrap();
    for _ in 0..3 {
        app.resident("C1").reports().await;
    }
    let figures = async || app.metrics().await;
    let line = |name: &str, id: WebhookId, value: i64| {
        format!("mashang_webhook_{name}{{webhook=\"{}\"}} {value}\n", id.0)
    };
    receiver.wait_for(&app, 2).await;
    let text = loop {
        let text = figures().await;
        if text.contains(&line("behind_entries", fine, 0)) {
            break text;
        }
    };
    assert!(text.contains(&line("behind_entries", failing, 3)), "{text}");
    assert!(!text.contains(&line("failures", failing, 0)), "{text}");
    assert!(text.contains(&line("failures", fine, 0)), "{text}");
    assert!(
        !text.contains(&format!("webhook=\"{}\"}}", paused.0)),
        "{text}"
    );
    assert!(text.contains("mashang_intake_room_reports 4096"), "{text}");
    for hidden in ["127.0.0.1", "a-robots-key", &secret] {
        assert!(!text.contains(hidden), "{hidden}");
    }
    receiver.wait_for(&app, 7).await;
    drained(&app).await;
    let text = figures().await;
    assert!(text.contains(&line("behind_entries", failing, 0)), "{text}");
    assert!(text.contains(&line("failures", failing, 0)), "{text}");
    webhook::remove(&app.state, fine).await.unwrap();
    let text = figures().await;
    assert!(!text.contains(&line("failures", fine, 0)), "{text}");
}
