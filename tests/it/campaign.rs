//! Campaigns: what is asked, on what ground, and nothing outside of their days.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::app::TestApp;

/// guarantee: Outside the campaign's days nothing is taken, and a field that is not asked for is
/// not stored
/// guarantee: A resend under the page's key gets its receipt, even if the placard was replaced, the
/// campaign is over or the report left the scope
#[tokio::test(flavor = "multi_thread")]
async fn placard_takes_nothing_after_the_campaigns_last_day() {
    let mut app = TestApp::open().await;
    let (_, receipt) = app.resident("C1").reports().await;
    let form = app.resident("C1").form().await;
    let kept = app.resident("C1").form().await;
    let taken = app.resident("C1").sends(&kept).await;
    let code = app.resident("C1").code.clone();
    app.set("campaign_ends", "2022-09-01");
    app.restart().await;
    let page = app.page(&format!("/q/{code}")).await;
    assert_eq!(page.0, StatusCode::GONE);
    assert!(
        page.1.contains("报备已经结束") && page.1.contains("9月1日"),
        "{}",
        page.1
    );
    let sent = app.resident("C1").sends(&form).await;
    assert_eq!(
        (sent.status, sent.json["code"].as_str()),
        (StatusCode::GONE, Some("campaign_over"))
    );
    // A phone that had no signal at midnight gets its receipt all the same.
    let again = app.resident("C1").sends(&kept).await;
    assert_eq!((again.status, again.json), (StatusCode::OK, taken.json));
    let correct = format!("{receipt}/correct");
    let mended = app.send(Method::POST, &correct, None, Some(form)).await;
    assert_eq!(mended.status, StatusCode::GONE);
    // What was taken before can still be seen and taken back, and test sites found.
    assert_eq!(app.get(&receipt, None).await.status, StatusCode::OK);
    let sites = format!("/q/{code}/sites");
    assert_eq!(app.get(&sites, None).await.status, StatusCode::OK);
    let withdraw = format!("{receipt}/withdraw");
    let withdrawn = app.send(Method::POST, &withdraw, None, Some(json!({})));
    assert!(withdrawn.await.status.is_success());
}

#[tokio::test(flavor = "multi_thread")]
async fn before_its_first_day_a_placard_says_when() {
    let app = TestApp::open_with(&[("campaign_starts", "2999-01-01")]).await;
    let code = app.resident("C1").code.clone();
    let got = app.get(&format!("/q/{code}"), None).await;
    assert_eq!(
        (got.status, got.json["code"].as_str()),
        (StatusCode::FORBIDDEN, Some("campaign_not_begun"))
    );
}

/// guarantee: Outside the campaign's days nothing is taken, and a field that is not asked for is
/// not stored
#[tokio::test(flavor = "multi_thread")]
async fn fields_outside_the_campaign_are_neither_shown_nor_kept() {
    let settings = [
        ("form_fields", "note"),
        ("city_short_name", "通"),
        ("legal_basis", "某通告（示例）"),
        ("notice", "告知示例"),
    ];
    let app = TestApp::open_with(&settings).await;
    let resident = app.resident("C1");
    let page = app.page(&format!("/q/{}", resident.code)).await.1;
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

/// guarantee: A resend under the page's key gets its receipt, even if the placard was replaced, the
/// campaign is over or the report left the scope
#[tokio::test(flavor = "multi_thread")]
async fn replaced_placard_leads_to_its_successor() {
    let app = TestApp::open().await;
    let code = app.resident("C1").code.clone();
    let kept = app.resident("C1").form().await;
    let taken = app.resident("C1").sends(&kept).await;
    let old = mashang::testing::domain::code::Code::read(&code).unwrap();
    mashang::testing::service::places::revoke_placard(&app.state, old)
        .await
        .unwrap();
    let gone = app.page(&format!("/q/{code}")).await;
    assert_eq!(gone.0, StatusCode::GONE);
    assert!(gone.1.contains("已停用"), "{}", gone.1);
    let issued = mashang::testing::service::places::issue_placards(&app.state, "second").await;
    assert_eq!(issued.unwrap(), 1);
    let atlas = app.state.atlas();
    let new = atlas.placards().max_by_key(|placard| placard.id.0).unwrap();
    let new = new.code.to_string();
    let replaced = app.page(&format!("/q/{code}")).await;
    assert_eq!(replaced.0, StatusCode::GONE);
    assert!(
        replaced.1.contains(&format!("href=\"/q/{new}\"")),
        "{}",
        replaced.1
    );
    assert_ne!(new, code);
    // A client that got no answer gets its receipt now, and no second report is written.
    let address = format!("/q/{code}");
    let again = app.send(Method::POST, &address, None, Some(kept)).await;
    assert_eq!((again.status, again.json), (StatusCode::OK, taken.json));
}
