//! The command centre: totals that include this minute and add up.

use mashang::domain::staff::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn totals_include_this_moment_and_equal_the_sum_of_the_queues_with_the_unrouted() {
    let world = World::open().await;
    let duty = world.person("duty", Role::DutyOfficer, "S").await;
    for (queue, count) in [("C1", 3), ("C2", 2), ("S", 1)] {
        for _ in 0..count {
            world.resident(queue).reports().await;
        }
    }
    let totals = world.get("/centre", Some(&duty)).await.json;
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
    let rows = world.get("/staff", Some(&duty)).await.json["rows"].clone();
    let unrouted: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["unrouted"] == true)
        .collect();
    assert_eq!(unrouted.len(), 1);
    let id = unrouted[0]["id"].as_str().unwrap();
    let got = world
        .send(
            Method::POST,
            &format!("/staff/reports/{id}/accept"),
            Some(&duty),
            Some(json!({"version": 1})),
        )
        .await;
    assert_eq!(got.status, StatusCode::OK);
    let totals = world.get("/centre", Some(&duty)).await.json;
    assert_eq!(totals["statuses"][1]["reports"], 1, "{totals}");
    assert_eq!(totals["reports"], 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wall_hears_of_a_report_at_once() {
    let world = World::open().await;
    let duty = world.person("duty", Role::DutyOfficer, "S").await;
    let mut stream = world
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
    world.resident("C1").reports().await;
    let next = stream.chunk().await.unwrap().unwrap();
    assert!(
        std::str::from_utf8(&next)
            .unwrap()
            .contains("\"reports\":1")
    );
}
