//! Escalation of what comes back: whoever was told before has time anew.

use mashang::domain::staff::Role;
use mashang::service::escalation;
use serde_json::json;

use crate::night::{at, local, rows, step, told};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_reopened_is_told_up_after_the_level_that_knows_it_has_had_its_time() {
    let world = at("2026-09-15T10:00").await;
    let lead = world.person("lead", Role::CommunityLead, "C1").await;
    world.resident("C1").reports().await;
    let row = rows(&world, &lead).await[0].clone();
    let id = row["id"].clone();
    let tell = async |now: &str| {
        world.house.clock.set(local(now));
        escalation::tell(&world.house).await.unwrap();
        told(&world, &lead, &id).await.len()
    };
    assert_eq!(tell("2026-09-15T12:01").await, 1, "the subdistrict");
    let row = step(&world, &lead, &row, "accept", json!({})).await;
    let row = step(&world, &lead, &row, "close", json!({"outcome": "informed"})).await;
    assert_eq!(tell("2026-09-16T10:00").await, 1);
    step(&world, &lead, &row, "reopen", json!({"reason": "写错了"})).await;
    for (now, times) in [
        ("2026-09-16T10:30", 1),
        ("2026-09-16T10:59", 1),
        ("2026-09-16T11:02", 2),
        ("2026-09-17T11:02", 2),
    ] {
        assert_eq!(tell(now).await, times, "{now}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_told_of_the_first_call_has_time_when_the_end_is_late_too() {
    let world = at("2026-09-15T10:00").await;
    let lead = world.person("lead", Role::CommunityLead, "C1").await;
    world.resident("C1").reports().await;
    let row = rows(&world, &lead).await[0].clone();
    let tell = async |now: &str| {
        world.house.clock.set(local(now));
        escalation::tell(&world.house).await.unwrap();
        told(&world, &lead, &row["id"]).await.len()
    };
    assert_eq!(tell("2026-09-15T12:01").await, 1);
    step(&world, &lead, &row, "accept", json!({})).await;
    for (now, times) in [
        ("2026-09-16T09:59", 1),
        ("2026-09-16T10:59", 1),
        ("2026-09-16T11:02", 2),
    ] {
        assert_eq!(tell(now).await, times, "{now}");
    }
}
