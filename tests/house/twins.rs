//! Reports that probably say the same: found, merged and separated again.

use mashang::domain::staff::Role;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::listing::count;
use crate::triage::{first, step};
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn two_reports_of_one_telephone_are_merged_and_separated_again() {
    let world = World::open().await;
    world.resident("C1").reports().await;
    world.resident("C1").reports().await;
    world.resident("C2").reports().await;
    let worker = world.person("worker", Role::GridWorker, "C1").await;
    let (id, _) = first(&world, &worker).await;
    let case = world
        .get(&format!("/staff/reports/{id}"), Some(&worker))
        .await
        .json;
    let twins = case["same_phone"].as_array().unwrap();
    assert_eq!(
        twins.len(),
        1,
        "the other community's is not shown: {twins:?}"
    );
    let other = twins[0]["id"].clone();
    let itself = step(&world, &worker, &id, "merge", json!({"same_as": id})).await;
    assert_eq!(itself.json["code"], "no_such_target");
    let merged = step(&world, &worker, &id, "merge", json!({"same_as": other})).await;
    assert_eq!(merged.json["row"]["status"], "duplicate", "{}", merged.json);
    let chain = step(
        &world,
        &worker,
        other.as_str().unwrap(),
        "merge",
        json!({"same_as": id}),
    )
    .await;
    assert_eq!(chain.json["code"], "no_such_target", "no chains");
    let split = step(&world, &worker, &id, "split", json!({})).await;
    assert_eq!(split.json["row"]["status"], "waiting");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_and_what_it_was_merged_into_lead_to_each_other_within_the_scope_alone() {
    let world = World::open().await;
    let (one_number, _) = world.resident("C1").reports().await;
    let (other_number, _) = world.resident("C1").reports().await;
    let worker = world.person("worker", Role::GridWorker, "C1").await;
    let duty = world.person("duty", Role::DutyOfficer, "S").await;
    let stranger = world.person("stranger", Role::GridWorker, "C2").await;
    let rows = world.get("/staff", Some(&worker)).await.json["rows"].clone();
    let id_of = |number: &str| {
        let row = rows
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["number"] == number);
        row.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let (one, other) = (id_of(&one_number), id_of(&other_number));
    let [one_case, other_case] = [&one, &other].map(|id| format!("/staff/reports/{id}"));
    step(&world, &worker, &one, "merge", json!({"same_as": other})).await;
    let case = world.get(&one_case, Some(&worker)).await.json;
    assert_eq!(case["kept"]["number"], other_number);
    let kept = world.get(&other_case, Some(&worker)).await.json;
    assert_eq!(kept["merged"][0]["number"], one_number);
    let mut browser = world.browser(&worker);
    browser.opens(&one_case).await;
    assert!(
        browser.page.contains(&format!("href=\"{other_case}\"")),
        "{}",
        browser.page
    );
    // Separated on the page of the one that was kept, where somebody then still is.
    browser.opens(&other_case).await;
    browser
        .presses(&format!("{one_case}/split"), json!({}))
        .await;
    assert_eq!(browser.at, other_case);
    assert!(browser.page.contains("已取消合并"), "{}", browser.page);
    browser
        .presses(&format!("{one_case}/undo"), json!({}))
        .await;
    assert_eq!(browser.at, other_case);
    assert!(
        browser.form(&format!("{one_case}/split")).is_some(),
        "merged as before"
    );

    // The one that was kept moves to a community that this person does not see.
    let to = json!({"to": world.area("C2").0});
    let moved = step(&world, &duty, &other, "transfer", to).await;
    assert_eq!(moved.status, StatusCode::OK, "{}", moved.json);
    let case = world.get(&one_case, Some(&worker)).await.json;
    assert_eq!(case["kept"], Value::Null);
    browser.opens(&one_case).await;
    assert!(browser.page.contains("另一社区"), "{}", browser.page);
    assert!(!browser.page.contains(&other_number) && !browser.page.contains(&other));
    let kept = world.get(&other_case, Some(&stranger)).await.json;
    assert_eq!(kept["merged"], json!([]), "nor is the other way shown");
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_of_one_room_and_direction_not_far_apart_are_probably_the_same() {
    let world = World::open().await;
    let resident = world.resident("C1");
    let says = async |changes: Value| {
        let mut form = resident.form().await;
        for (name, value) in changes.as_object().unwrap() {
            form[name] = value.clone();
        }
        let got = resident.sends(&form).await;
        assert_eq!(got.status, StatusCode::CREATED, "{}", got.json);
        got.json["number"].clone()
    };
    let first_told = says(json!({})).await;
    let began = world.house.clock.now();
    world.house.clock.set(began + chrono::TimeDelta::hours(47));
    let same = says(json!({"phone": "13900000001"})).await;
    says(json!({"phone": "13900000002", "room": "1204"})).await;
    says(json!({"phone": "13900000003", "direction": "leave"})).await;
    says(json!({"phone": "13900000004", "room": "", "name": "", "only": "phone"})).await;
    world.house.clock.set(began + chrono::TimeDelta::hours(49));
    let last_told = says(json!({"phone": "13900000005"})).await;
    world.house.clock.set(began);
    let worker = world.person("worker", Role::GridWorker, "C1").await;
    // The first and the last are too far apart for each other, and near enough to the one between.
    let view = async || {
        let view = world
            .get("/staff?view=duplicates", Some(&worker))
            .await
            .json;
        let rows = view["rows"].as_array().unwrap().iter();
        let mut numbers: Vec<Value> = rows.map(|row| row["number"].clone()).collect();
        numbers.sort_by_key(ToString::to_string);
        assert_eq!(
            count(&view, "duplicates"),
            i64::try_from(numbers.len()).unwrap()
        );
        numbers
    };
    let mut together = [first_told.clone(), same.clone(), last_told.clone()];
    together.sort_by_key(ToString::to_string);
    assert_eq!(view().await, together);
    let rows = world.get("/staff", Some(&worker)).await.json["rows"].clone();
    let row = rows.as_array().unwrap().iter();
    let row = row.clone().find(|row| row["number"] == first_told).unwrap();
    let id = row["id"].as_str().unwrap();
    let case = world
        .get(&format!("/staff/reports/{id}"), Some(&worker))
        .await;
    let twins = case.json["same_room"].as_array().unwrap();
    let numbers: Vec<&Value> = twins.iter().map(|twin| &twin["number"]).collect();
    assert_eq!(numbers, [&same]);
    let other = twins[0]["id"].clone();
    let merged = step(&world, &worker, id, "merge", json!({"same_as": other})).await;
    assert_eq!(merged.json["row"]["status"], "duplicate", "{}", merged.json);
    let mut left = [same, last_told];
    left.sort_by_key(ToString::to_string);
    assert_eq!(view().await, left, "what was merged is open no longer");
}
