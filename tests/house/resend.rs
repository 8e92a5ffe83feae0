//! What was taken is sent once more, days later: a phone that lost the answer gets its receipt.

use chrono::TimeDelta;
use mashang::domain::staff::Role;
use mashang::service::places;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::desk::{enter, form, spots};
use crate::night::import;
use crate::world::{Got, World};

/// Longer than anybody may report back.
const LATE: TimeDelta = TimeDelta::days(16);

fn later(world: &World) {
    let now = world.house.clock.now() + LATE;
    world.house.clock.set(now);
}

/// Sends the form under a key of the client's own.
async fn under(world: &World, key: &str, form: &Value) -> Got {
    let path = format!("/q/{}", world.resident("C1").code);
    let request = world.request(Method::POST, &path, None);
    let request = request.header("accept", "application/json");
    let sent = request.header("idempotency-key", key).json(form).send();
    let sent = sent.await.unwrap();
    Got {
        status: sent.status(),
        json: sent.json().await.unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_has_its_receipt_though_its_day_is_too_long_ago_by_now() {
    let world = World::open().await;
    let resident = world.resident("C1");
    let kept = resident.form().await;
    let taken = resident.sends(&kept).await;
    let own = under(&world, "a key of its own", &kept).await;
    assert_eq!(own.status, StatusCode::CREATED);
    later(&world);
    let again = resident.sends(&kept).await;
    assert_eq!((again.status, &again.json), (StatusCode::OK, &taken.json));
    let (status, page) = world.post_page(&resident.code, &kept).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
    let again = under(&world, "a key of its own", &kept).await;
    assert_eq!((again.status, &again.json), (StatusCode::OK, &own.json));

    // Nobody sees the receipt of other words, whoever they are.
    let mut other = kept.clone();
    other["name"] = json!("李示例");
    let fresh = resident.form().await["key"].clone();
    let number = taken.json["number"].as_str().unwrap();
    for got in [
        resident.sends(&other).await,
        under(&world, "a key of its own", &other).await,
        under(&world, "another key", &kept).await,
        {
            let mut new = kept.clone();
            new["key"] = fresh;
            resident.sends(&new).await
        },
    ] {
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(got.json["mistakes"][0]["field"], "day");
        let said = got.json.to_string();
        assert!(!said.contains(number) && !said.contains("/s/"), "{said}");
    }
    let (_, page) = world.post_page(&resident.code, &other).await;
    assert!(!page.contains(number), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_alone_that_is_sent_again_on_another_day_is_the_same_report() {
    let world = World::open().await;
    let resident = world.resident("C1");
    let key = resident.form().await["key"].clone();
    let kept = json!({
        "key": key, "direction": "return", "phone": "138 0000 0000", "only": "phone",
    });
    let taken = resident.sends(&kept).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.json);
    later(&world);
    let again = resident.sends(&kept).await;
    assert_eq!((again.status, again.json), (StatusCode::OK, taken.json));
    let mut other = kept.clone();
    other["phone"] = json!("139 0000 0000");
    assert_eq!(resident.sends(&other).await.status, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_has_its_receipt_though_less_is_asked_and_places_have_namesakes() {
    let mut world = World::open().await;
    let mut kept = world.resident("C1").form().await;
    kept["region"] = json!("海淀");
    let taken = world.resident("C1").sends(&kept).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.json);
    let namesakes = "code6,level,name,city,province\n110108,3,海淀区,,北京市\n\
                     211399,2,海淀市,,辽宁省\n";
    import(&world, places::Kind::Regions, namesakes).await;
    world.set("form_fields", "note");
    world.restart().await;
    let mut fresh = kept.clone();
    fresh["key"] = world.resident("C1").form().await["key"].clone();
    let refused = world.resident("C1").sends(&fresh).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let wrong = refused.json["mistakes"].as_array().unwrap();
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    let again = world.resident("C1").sends(&kept).await;
    assert_eq!((again.status, again.json), (StatusCode::OK, taken.json));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_who_sends_again_after_weeks_is_shown_the_number() {
    let world = World::open_with(&[("session_hours", "720")]).await;
    let worker = world.person("worker", Role::GridWorker, "C1").await;
    let (spot, _) = spots(&world, &worker, "").await.remove(0);
    let kept = form(&world, &worker, &spot).await;
    let taken = enter(&world, &worker, &spot, &kept).await;
    later(&world);
    let again = enter(&world, &worker, &spot, &kept).await;
    assert_eq!((again.status, &again.json), (StatusCode::OK, &taken.json));
    let path = format!("/staff/desk/{spot}");
    let page = world.request(Method::POST, &path, Some(&worker));
    let page = page.header("accept", "text/html").form(&kept).send();
    let page = page.await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    let number = taken.json["number"].as_str().unwrap();
    assert!(page.text().await.unwrap().contains(number));
}
