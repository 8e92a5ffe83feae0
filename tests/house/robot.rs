//! Robots: what the groups of people are told, and when they are left to sleep.

use std::time::Duration;

use chrono::{NaiveTime, TimeDelta};
use mashang::domain::staff::Role;
use mashang::domain::webhook::{Events, Kind};
use mashang::post;
use mashang::service::webhook;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::ear::{AT_ONCE, Ear, QUICK, add, wanted};
use crate::world::World;

/// Makes it this hour of the day for the house, today.
fn set_hour(world: &World, hour: u32) {
    let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let local = world.house.local_now().date().and_time(time);
    world.house.clock.set(world.house.clock.instant(local));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_is_silent_at_night_and_says_in_the_morning_what_came_in_one_message() {
    let world = World::open_with(&[QUICK[0], QUICK[1], ("session_hours", "720")]).await;
    let worker = world.person("worker", Role::GridWorker, "C1").await;
    let busy = (200, "{\"errcode\":45009,\"errmsg\":\"too many\"}");
    let ear = Ear::open(&[busy], AT_ONCE).await;
    set_hour(&world, 23);
    add(&world, &ear, wanted(&world, Kind::WeCom, "S")).await;
    for queue in ["C1", "C2", "C1"] {
        world.resident(queue).reports().await;
    }
    let row = world.get("/staff", Some(&worker)).await.json["rows"][0].clone();
    let path = format!("/staff/reports/{}/accept", row["id"].as_str().unwrap());
    let words = Some(json!({"version": 1}));
    let taken = world.send(Method::POST, &path, Some(&worker), words).await;
    assert_eq!(taken.status, StatusCode::OK);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(ear.now().is_empty(), "nobody is woken");
    let morning = world.house.clock.now() + TimeDelta::hours(10);
    world.house.clock.set(morning);
    let heard = ear.hears(2).await;
    assert_eq!(heard[0].body, heard[1].body, "refused, and said once more");
    let said = heard[1].json();
    assert_eq!(said["msgtype"], "text");
    let text = said["text"]["content"].as_str().unwrap();
    assert!(
        text.contains("桥北社区：新报备 2\n桥东社区：新报备 1"),
        "{text}"
    );
    assert!(!text.contains("签收"), "a robot says what is new: {text}");
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(ear.now().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dingtalk_robot_finds_its_signature_in_the_address() {
    let world = World::open_with(&QUICK).await;
    set_hour(&world, 12);
    let ear = Ear::open(&[], AT_ONCE).await;
    let address = format!("{}/robot/send?access_token=t", ear.origin);
    let mut robot = wanted(&world, Kind::DingTalk, "C1");
    (robot.english, robot.events) = (true, Events::read("submitted,accepted"));
    let secret = Some("SECexample".to_owned());
    let (id, _) = webhook::add(&world.house, robot, (&address, secret))
        .await
        .unwrap();
    webhook::test(&world.house, id).await.unwrap();
    world.resident("C1").reports().await;
    for heard in ear.hears(2).await {
        let stamp = heard.target.split("timestamp=").nth(1).unwrap();
        let millis = stamp.split('&').next().unwrap().parse().unwrap();
        let signed = post::dingtalk_signature("SECexample", millis);
        assert_eq!(heard.target, format!("/robot/send?access_token=t&{signed}"));
    }
    let said = ear.now()[1].json()["text"]["content"].to_string();
    assert!(said.contains("[Mashang]\\nQiaobei: new 1"), "{said}");
}
