//! Journals as chains: no change behind the program's back stays unseen.

use mashang::testing::domain::staff::Role;
use mashang::testing::service::chain::{self, Broken, LoggedHead};
use reqwest::StatusCode;
use serde_json::json;

use crate::app::TestApp;
use crate::process::Process;
use crate::triage::{first, step};

const REPORTS: i64 = 6;

/// An app with entries of several kinds in the queue of C1, with details and without, and that queue.
async fn busy() -> (TestApp, i32) {
    let app = TestApp::open().await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    for _ in 0..REPORTS {
        app.resident("C1").reports().await;
    }
    app.resident("C2").reports().await;
    let (id, _) = first(&app, &lead).await;
    let refused = step(&app, &lead, &id, "refuse", json!({"reason": "不在本社区"})).await;
    assert_eq!(refused.status, StatusCode::OK, "{}", refused.json);
    let (id, _) = first(&app, &lead).await;
    step(&app, &lead, &id, "accept", json!({})).await;
    let queue = app.area("C1").0;
    (app, queue)
}

async fn broken(app: &TestApp, heads: &[LoggedHead]) -> Vec<Broken> {
    chain::verify(&app.state, heads).await.unwrap().broken
}

/// What the check finds after this change of the journal, which is taken back afterwards.
async fn after(app: &TestApp, change: &str, heads: &[LoggedHead]) -> Vec<Broken> {
    const TABLES: [&str; 2] = ["journal_entry", "journal_head"];
    for table in TABLES {
        let keep = format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}");
        app.execute(&keep).await;
    }
    app.execute(change).await;
    let found = broken(app, heads).await;
    for table in TABLES {
        app.execute(&format!("DELETE FROM {table}")).await;
        let back = format!("INSERT INTO {table} SELECT * FROM kept_{table}");
        app.execute(&back).await;
        app.execute(&format!("DROP TABLE kept_{table}")).await;
    }
    assert_eq!(broken(app, &[]).await, [], "{change} is taken back");
    found
}

/// guarantee: A changed, removed, moved, inserted or cut-off entry of a journal is found
#[tokio::test(flavor = "multi_thread")]
async fn every_changed_column_of_an_entry_is_found() {
    let (app, queue) = busy().await;
    let verified = chain::verify(&app.state, &[]).await.unwrap();
    assert_eq!(verified.broken, []);
    assert!(verified.entries > 8, "{}", verified.entries);
    let of = |column: &str, seq: i64| {
        format!(
            "(SELECT {column} FROM journal_entry o WHERE o.queue_id = {queue} AND o.seq = {seq})"
        )
    };
    for (column, value) in [
        ("kind", "'closed'".to_owned()),
        ("version", "version + 1".to_owned()),
        ("actor_id", "1".to_owned()),
        ("report_id", of("report_id", 5)),
        ("at", of("at", 5)),
        ("mac", of("mac", 5)),
        ("detail_hash", of("mac", 5)),
    ] {
        let change = format!(
            "UPDATE journal_entry SET {column} = {value} WHERE queue_id = {queue} AND seq = 2"
        );
        let found = after(&app, &change, &[]).await;
        let wanted = Broken::Entry { queue, seq: 2 };
        assert_eq!(found.first(), Some(&wanted), "{column}: {found:?}");
    }
    let refused = format!("queue_id = {queue} AND kind = 'refused'");
    let other = format!("UPDATE journal_entry SET detail = 'other' WHERE {refused}");
    let found = after(&app, &other, &[]).await;
    assert!(matches!(found[..], [Broken::Detail { .. }]), "{found:?}");
    let erased = format!("UPDATE journal_entry SET detail = NULL WHERE {refused}");
    assert_eq!(after(&app, &erased, &[]).await, [], "erasure is allowed");
}

/// guarantee: A changed, removed, moved, inserted or cut-off entry of a journal is found
#[tokio::test(flavor = "multi_thread")]
async fn removed_moved_inserted_and_cut_off_entries_are_found() {
    let (app, queue) = busy().await;
    let verified = chain::verify(&app.state, &[]).await.unwrap();
    let heads = verified.heads;
    let last = heads.iter().find(|head| head.queue == queue).unwrap().seq;
    assert_eq!(broken(&app, &heads).await, []);
    let own = format!("queue_id = {queue}");

    let removed = format!("DELETE FROM journal_entry WHERE {own} AND seq = 3");
    let found = after(&app, &removed, &[]).await;
    assert_eq!(found, [Broken::Missing { queue, seq: 3 }]);

    let other = app.area("C2").0;
    let moved =
        format!("UPDATE journal_entry SET queue_id = {other}, seq = 2 WHERE {own} AND seq = 3");
    let found = after(&app, &moved, &[]).await;
    let stranger = Broken::Entry {
        queue: other,
        seq: 2,
    };
    assert!(found.contains(&stranger), "{found:?}");
    assert!(
        found.contains(&Broken::Missing { queue, seq: 3 }),
        "{found:?}"
    );

    let inserted = format!(
        "INSERT INTO journal_entry (queue_id, seq, report_id, kind, version, at, mac) \
         SELECT queue_id, {last} + 1, report_id, kind, version, at, mac FROM journal_entry \
         WHERE {own} AND seq = 1"
    );
    let found = after(&app, &inserted, &[]).await;
    let entry = Broken::Entry {
        queue,
        seq: last + 1,
    };
    assert_eq!(
        found,
        [
            entry,
            Broken::Head {
                queue,
                seq: last + 1
            }
        ]
    );

    let cut = format!("DELETE FROM journal_entry WHERE {own} AND seq = {last}");
    let found = after(&app, &cut, &[]).await;
    assert_eq!(
        found,
        [Broken::Head {
            queue,
            seq: last - 1
        }]
    );

    // With its head: only the heads that were logged before tell it.
    let head = format!("UPDATE journal_head SET reached = {last} - 1 WHERE {own}");
    let found = after(&app, &format!("{cut}; {head}"), &heads).await;
    assert_eq!(found, [Broken::Logged { queue, seq: last }]);
    let all =
        format!("DELETE FROM journal_entry WHERE {own}; DELETE FROM journal_head WHERE {own}");
    let found = after(&app, &all, &heads).await;
    assert_eq!(found, [Broken::Logged { queue, seq: last }]);
}

/// guarantee: A changed, removed, moved, inserted or cut-off entry of a journal is found
#[tokio::test(flavor = "multi_thread")]
async fn verify_reads_its_own_output_and_the_log() {
    let (mut app, queue) = busy().await;
    app.close().await;
    let mut process = Process::serve(&app.settings);
    let begun = std::time::Instant::now();
    while !process.log().contains("journal head") {
        assert!(begun.elapsed() < std::time::Duration::from_mins(5));
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    process.stop();
    let folder = tempfile::TempDir::new().unwrap();
    let log = folder.path().join("log");
    std::fs::write(&log, process.log()).unwrap();
    let verify = |heads: &std::path::Path| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mashang"));
        command.arg("verify").arg("--heads").arg(heads);
        for (name, value) in &app.settings {
            command.env(format!("MASHANG_{}", name.to_uppercase()), value);
        }
        command.output().unwrap()
    };
    let output = verify(&log);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("all as they were written"), "{text}");
    let own = folder.path().join("heads");
    std::fs::write(&own, &text).unwrap();
    assert!(verify(&own).status.success());
    app.execute(&format!(
        "UPDATE journal_entry SET version = 9 WHERE queue_id = {queue} AND seq = 1"
    ))
    .await;
    let output = verify(&own);
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    let wanted = format!("entry 1 of queue {queue} is not the one that was written");
    assert!(said.contains(&wanted), "{said}");
    app.execute(&format!(
        "UPDATE journal_entry SET version = 1 WHERE queue_id = {queue} AND seq = 1"
    ))
    .await;
}

/// guarantee: A journal is verified while reports come in, without a false alarm
#[tokio::test(flavor = "multi_thread")]
async fn verification_beside_new_reports_finds_nothing() {
    let (app, _) = busy().await;
    let reports = async {
        for _ in 0..40 {
            app.resident("C1").reports().await;
        }
    };
    let verify = async {
        loop {
            assert_eq!(broken(&app, &[]).await, []);
        }
    };
    tokio::select! {
        () = reports => {}
        () = verify => {}
    }
}
