//! Campaigns: what is asked, on what ground, and nothing outside of their days.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn after_its_last_day_a_placard_says_so_and_takes_nothing() {
    let mut world = World::open().await;
    let (_, receipt) = world.resident("C1").reports().await;
    let form = world.resident("C1").form().await;
    let kept = world.resident("C1").form().await;
    let taken = world.resident("C1").sends(&kept).await;
    let code = world.resident("C1").code.clone();
    world.set("campaign_ends", "2022-09-01");
    world.restart().await;
    let page = world.page(&format!("/q/{code}")).await;
    assert_eq!(page.0, StatusCode::GONE);
    assert!(
        page.1.contains("报备已经结束") && page.1.contains("9月1日"),
        "{}",
        page.1
    );
    let sent = world.resident("C1").sends(&form).await;
    assert_eq!(
        (sent.status, sent.json["code"].as_str()),
        (StatusCode::GONE, Some("campaign_over"))
    );
    // A phone that had no signal at midnight gets its receipt all the same.
    let again = world.resident("C1").sends(&kept).await;
    assert_eq!((again.status, again.json), (StatusCode::OK, taken.json));
    let correct = format!("{receipt}/correct");
    let mended = world.send(Method::POST, &correct, None, Some(form)).await;
    assert_eq!(mended.status, StatusCode::GONE);
    // What was taken before can still be seen and taken back, and test sites found.
    assert_eq!(world.get(&receipt, None).await.status, StatusCode::OK);
    let sites = format!("/q/{code}/sites");
    assert_eq!(world.get(&sites, None).await.status, StatusCode::OK);
    let withdraw = format!("{receipt}/withdraw");
    let withdrawn = world.send(Method::POST, &withdraw, None, Some(json!({})));
    assert!(withdrawn.await.status.is_success());
}

#[tokio::test(flavor = "multi_thread")]
async fn before_its_first_day_a_placard_says_when() {
    let world = World::open_with(&[("campaign_starts", "2999-01-01")]).await;
    let code = world.resident("C1").code.clone();
    let got = world.get(&format!("/q/{code}"), None).await;
    assert_eq!(
        (got.status, got.json["code"].as_str()),
        (StatusCode::FORBIDDEN, Some("campaign_not_begun"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_campaign_does_not_ask_for_is_neither_shown_nor_kept() {
    let settings = [
        ("form_fields", "note"),
        ("city_short_name", "通"),
        ("legal_basis", "某通告（示例）"),
        ("notice", "告知示例"),
    ];
    let world = World::open_with(&settings).await;
    let resident = world.resident("C1");
    let page = world.page(&format!("/q/{}", resident.code)).await.1;
    for shown in [
        "返通",
        "离通",
        "某通告（示例）",
        "告知示例",
        "name=\"note\"",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    assert!(!page.contains("name=\"identity\""));
    let mut form = resident.form().await;
    form["companions"] = json!("");
    form["identity"] = json!("E12345678");
    let refused = resident.sends(&form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json["mistakes"][0]["field"], "identity");
    form["identity"] = json!("");
    assert_eq!(resident.sends(&form).await.status, StatusCode::CREATED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_placard_leads_to_the_one_that_hangs_there_now() {
    let world = World::open().await;
    let code = world.resident("C1").code.clone();
    let kept = world.resident("C1").form().await;
    let taken = world.resident("C1").sends(&kept).await;
    let old = mashang::domain::code::Code::read(&code).unwrap();
    mashang::service::places::revoke_placard(&world.house, old)
        .await
        .unwrap();
    let gone = world.page(&format!("/q/{code}")).await;
    assert_eq!(gone.0, StatusCode::GONE);
    assert!(gone.1.contains("已停用"), "{}", gone.1);
    let issued = mashang::service::places::issue_placards(&world.house, "second").await;
    assert_eq!(issued.unwrap(), 1);
    let atlas = world.house.atlas();
    let new = atlas.placards().max_by_key(|placard| placard.id.0).unwrap();
    let new = new.code.to_string();
    let replaced = world.page(&format!("/q/{code}")).await;
    assert_eq!(replaced.0, StatusCode::GONE);
    assert!(
        replaced.1.contains(&format!("href=\"/q/{new}\"")),
        "{}",
        replaced.1
    );
    assert_ne!(new, code);
    // A phone that was not told before gets its receipt, and no second report is written.
    let address = format!("/q/{code}");
    let again = world.send(Method::POST, &address, None, Some(kept)).await;
    assert_eq!((again.status, again.json), (StatusCode::OK, taken.json));
}
