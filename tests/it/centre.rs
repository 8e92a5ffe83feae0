//! The command centre: totals that include this minute and add up.

use mashang::testing::domain::staff::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::app::TestApp;
use crate::deadlines::{at, local};

/// guarantee: Totals equal the sum of the queues, with the unrouted bin
#[tokio::test(flavor = "multi_thread")]
async fn totals_are_current_and_equal_the_sum_of_queues() {
    let app = TestApp::open().await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    for (queue, count) in [("C1", 3), ("C2", 2), ("S", 1)] {
        for _ in 0..count {
            app.resident(queue).reports().await;
        }
    }
    let totals = app.get("/centre", Some(&duty)).await.json;
    assert_eq!(
        (totals["reports"].as_i64(), totals["persons"].as_i64()),
        (Some(6), Some(12))
    );
    assert_eq!(totals["unrouted"], 1);
    let sum = |list: &str| {
        totals[list]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["reports"].as_i64().unwrap())
            .sum::<i64>()
    };
    for list in ["queues", "directions", "statuses", "hours"] {
        assert_eq!(sum(list), 6, "{list}");
    }
    // The duty officer works on what nobody owns, too.
    let rows = app.get("/staff", Some(&duty)).await.json["rows"].clone();
    let unrouted: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["unrouted"] == true)
        .collect();
    assert_eq!(unrouted.len(), 1);
    let id = unrouted[0]["id"].as_str().unwrap();
    let got = app
        .send(
            Method::POST,
            &format!("/staff/reports/{id}/accept"),
            Some(&duty),
            Some(json!({"version": 1})),
        )
        .await;
    assert_eq!(got.status, StatusCode::OK);
    let totals = app.get("/centre", Some(&duty)).await.json;
    assert_eq!(totals["statuses"][1]["reports"], 1, "{totals}");
    assert_eq!(totals["reports"], 6);
}

/// guarantee: A report without a community raises the alarm until it has one, on whichever day it
/// arrived
#[tokio::test(flavor = "multi_thread")]
async fn unrouted_reports_alarm_until_they_are_routed() {
    let app = at("2026-09-15T23:00").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    app.resident("C1").reports().await;
    app.state.clock.set(local("2026-09-15T23:50"));
    app.resident("S").reports().await;
    let rings = async |now: &str, wanted: (i64, i64)| {
        app.state.clock.set(local(now));
        let totals = app.get("/centre", Some(&duty)).await.json;
        let figure = |name: &str| totals[name].as_i64().unwrap();
        assert_eq!((figure("unrouted"), figure("reports")), wanted, "at {now}");
        let queues = totals["queues"].as_array().unwrap().iter();
        let sum: i64 = queues.map(|queue| queue["reports"].as_i64().unwrap()).sum();
        assert_eq!(sum, wanted.1, "today's queues are today's total");
    };
    rings("2026-09-15T23:55", (1, 2)).await;
    rings("2026-09-16T00:05", (1, 0)).await;
    app.state.clock.set(local("2026-09-16T08:00"));
    let row = app.get("/staff", Some(&lead)).await.json["rows"][0].clone();
    let path = format!("/staff/reports/{}/refuse", row["id"].as_str().unwrap());
    let words = json!({"version": 1, "reason": "不住这里"});
    let refused = app
        .send(Method::POST, &path, Some(&lead), Some(words))
        .await;
    assert_eq!(refused.status, StatusCode::OK, "{}", refused.json);
    rings("2026-09-16T08:05", (2, 0)).await;
    // A district has a bin of its own beside those of its subdistricts: it is one list all the same.
    let chief = app.person("chief", Role::DutyOfficer, "D").await;
    for officer in [&duty, &chief] {
        let page = app.request(Method::GET, "/centre", Some(officer));
        let page = page.header("accept", "text/html").send().await.unwrap();
        let list = "/staff?view=unrouted";
        let link = format!("href=\"{list}\"");
        assert!(page.text().await.unwrap().contains(&link), "{link}");
        let list = app.get(list, Some(officer)).await.json;
        assert_eq!(list["rows"].as_array().unwrap().len(), 2, "what it counts");
    }
    let to = app.area("C2").0;
    let words = json!({"version": 2, "to": to, "reason": "住在桥东"});
    let path = path.replace("refuse", "transfer");
    let moved = app
        .send(Method::POST, &path, Some(&duty), Some(words))
        .await;
    assert_eq!(moved.status, StatusCode::OK, "{}", moved.json);
    rings("2026-09-16T08:10", (1, 0)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wall_hears_of_a_report_at_once() {
    let app = TestApp::open().await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let mut stream = app
        .request(Method::GET, "/centre/stream", Some(&duty))
        .send()
        .await
        .unwrap();
    let first = stream.chunk().await.unwrap().unwrap();
    assert!(
        std::str::from_utf8(&first)
            .unwrap()
            .contains("\"reports\":0")
    );
    app.resident("C1").reports().await;
    let next = stream.chunk().await.unwrap().unwrap();
    assert!(
        std::str::from_utf8(&next)
            .unwrap()
            .contains("\"reports\":1")
    );
}
