//! The demo: a lived-in subdistrict, made by the use cases that people's requests run.

use std::collections::BTreeMap;

use mashang::testing::csv_table;
use mashang::testing::domain::staff::{Role, Scope};
use mashang::testing::service::chain;
use mashang::testing::service::import::{Table, import_table};
use mashang::testing::store::{Conn, Error, journal};
use mashang::testing::verb::tell_demo;
use serde_json::Value;

use crate::app::{Person, TestApp};
use crate::deadlines::at;

const RED_REGION: &str = "code6,level,name,city,province\n230000,1,黑龙江省,,黑龙江省\n\
    231100,2,黑河市,,黑龙江省\n";
const RED_RULE: &[u8] = include_bytes!("../../assets/demo/red-rule-in-force.csv");
const NIGHT: usize = 131;

/// The pages of a list, as rows.
async fn rows(app: &TestApp, person: &Person, address: &str) -> Vec<Value> {
    let (mut all, mut next) = (Vec::new(), Some(address.to_owned()));
    while let Some(address) = next {
        let page = app.get(&address, Some(person)).await.json;
        all.extend(page["rows"].as_array().unwrap().iter().cloned());
        next = page["next"]
            .as_str()
            .filter(|next| !next.is_empty())
            .map(str::to_owned);
    }
    all
}

/// How many entries of each kind the journals have, none of them later than now.
async fn entries(app: &TestApp) -> BTreeMap<&'static str, usize> {
    let scope = Scope::of(&app.state.atlas().tree, app.area("D"));
    let work = move |conn: Conn| async move {
        let mut all = Vec::new();
        for (area, _) in journal::reached(&conn).await? {
            all.extend(journal::after(&conn, &scope, area, 0, 100_000).await?);
        }
        Ok::<_, Error>(all)
    };
    let now = app.state.clock.now();
    let mut counts = BTreeMap::new();
    for entry in app.state.db.read(work).await.unwrap() {
        assert!(entry.at <= now, "{} is not {now}", entry.at);
        *counts.entry(entry.event.code()).or_default() += 1;
    }
    counts
}

/// A server at this time, with the demo's story, and its duty officer.
async fn lived_in(now: &str) -> (TestApp, Person) {
    let app = at(now).await;
    for (table, text) in [
        (Table::Regions, RED_REGION.as_bytes()),
        (Table::RedRules, RED_RULE),
    ] {
        let sheet = csv_table::read(text, table.headings()).unwrap();
        import_table(&app.state, table, sheet).await.unwrap();
    }
    for queue in ["C1", "C2"] {
        app.person(&format!("lead{queue}"), Role::CommunityLead, queue)
            .await;
    }
    app.person("worker", Role::GridWorker, "C1").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let before = app.state.clock.now();
    tell_demo(&app.state).await.unwrap();
    let passed = app.state.clock.now() - before;
    assert!(
        passed.num_milliseconds() == 0,
        "the clock is back: {passed}"
    );
    (app, duty)
}

/// guarantee: The demo's reports are made by the program's own use cases: totals equal a recount, the
/// journals verify, and nothing lies in the future, whatever the hour
#[tokio::test(flavor = "multi_thread")]
async fn demo_has_each_kind_of_case_at_every_hour() {
    for hour in [
        "00:04", "03:00", "07:20", "09:30", "14:00", "20:55", "23:50",
    ] {
        let now = format!("2026-09-15T{hour}");
        let (app, duty) = lived_in(&now).await;
        let entries = entries(&app).await;
        let count = |kind: &str| entries.get(kind).copied().unwrap_or_default();
        assert!(count("submitted") > NIGHT, "{hour}: {entries:?}");
        for kind in [
            "accepted",
            "closed",
            "verified",
            "unreachable",
            "refused",
            "transferred",
            "merged",
            "invalidated",
            "withdrawn",
            "noted",
            "assigned",
            "escalated",
        ] {
            assert!(count(kind) > 0, "{hour}: none is {kind}: {entries:?}");
        }
        let open = rows(&app, &duty, "/staff").await;
        let any = |what: &str, is: &dyn Fn(&Value) -> bool| {
            assert!(open.iter().any(is), "{hour}: none is {what}");
        };
        any("red", &|row| row["red"] != "");
        any("overdue", &|row| row["overdue"] == true);
        any("in the bin", &|row| row["unrouted"] == true);
        any("to be called again", &|row| row["status"] == "unreachable");
        let verified = chain::verify(&app.state, &[]).await.unwrap();
        assert_eq!(verified.broken, [], "{hour}");
        assert_eq!(app.broken().await, None, "{hour}");
    }
}
