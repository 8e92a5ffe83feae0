//! Return links: from a case to the list before it, and from any address to a page.

use mashang::testing::domain::staff::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::app::TestApp;
use crate::triage::first;

/// guarantee: A case leads back to the list from which it was opened, on this server only
#[tokio::test(flavor = "multi_thread")]
async fn case_returns_to_the_filtered_list() {
    let app = TestApp::open().await;
    for _ in 0..3 {
        app.resident("C1").reports().await;
    }
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let building = app.get("/staff", Some(&worker)).await.json["rows"][0]["building_id"].clone();
    let list = format!("/staff?view=open&building={building}");
    let mut browser = app.browser(&worker);
    browser.opens(&list).await;
    for _ in 0..2 {
        let link = browser.link("/staff/reports/");
        browser.opens(&link).await;
        assert_eq!(browser.link("/staff?view"), list, "the way back");
        let case = link.split('?').next().unwrap().to_owned();
        browser.presses(&format!("{case}/accept"), json!({})).await;
        assert_eq!(browser.at, link, "still on the case");
        browser
            .presses(&format!("{case}/close"), json!({"outcome": "informed"}))
            .await;
        assert_eq!(browser.at, list);
    }
    // From the results of a search, whose words are in no address.
    browser
        .sends("/staff/search", json!({"q": "138 0000 0000"}))
        .await;
    let link = browser.link("/staff/reports/");
    assert!(link.ends_with("?from=%2Fstaff%2Fsearch"), "{link}");
    browser.opens(&link).await;
    assert_eq!(browser.link("/staff/search"), "/staff/search");
    // A way back to another site is ignored.
    let (id, _) = first(&app, &worker).await;
    let evil = format!("/staff/reports/{id}?from=https%3A%2F%2Fevil.example%2Fstaff");
    browser.opens(&evil).await;
    assert!(!browser.page.contains("evil"), "{}", browser.page);
}

/// guarantee: GET on a step's address redirects to the case or explains itself
#[tokio::test(flavor = "multi_thread")]
async fn get_on_a_step_address_leads_to_the_case() {
    let app = TestApp::open().await;
    app.resident("C1").reports().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let (id, version) = first(&app, &worker).await;
    let case = format!("/staff/reports/{id}");
    let mut browser = app.browser(&worker);
    for name in ["call", "reveal", "undo", "close"] {
        let from = "?from=%2Fstaff%2Fsearch";
        let status = browser.opens(&format!("{case}/{name}{from}")).await;
        assert_eq!(
            (status, browser.at.as_str()),
            (StatusCode::OK, format!("{case}{from}").as_str())
        );
    }
    // The other language of a page that answers what was sent is the case.
    let stale = json!({"version": version + 7, "outcome": "informed"});
    let status = browser.sends(&format!("{case}/close"), stale).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let english = browser.link(&format!("{case}?lang="));
    assert_eq!(browser.opens(&english).await, StatusCode::OK);
    assert!(browser.page.contains("Take and call"), "{}", browser.page);
    let status = browser.opens("/staff/bulk?lang=zh").await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(
        browser.page.contains("此地址不能直接打开"),
        "{}",
        browser.page
    );
    let answer = app
        .send(Method::GET, "/staff/bulk", Some(&worker), None)
        .await;
    assert_eq!(answer.json["code"], "method_not_allowed");
}
