//! Undo: the next page shows the step that was just made, and undoes it.

use chrono::TimeDelta;
use mashang::testing::domain::staff::Role;
use mashang::testing::service::cleanup;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::triage::{first, step};

/// guarantee: Each step by form is confirmed on the next page, with an undo button, also if the
/// report left the scope
#[tokio::test(flavor = "multi_thread")]
async fn form_step_is_flashed_and_undoable_on_next_page() {
    let app = TestApp::open().await;
    let (number, _) = app.resident("C1").reports().await;
    app.resident("C1").reports().await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let rows = app.get("/staff", Some(&lead)).await.json["rows"].clone();
    let [id, other] = [0, 1].map(|at| rows[at]["id"].as_str().unwrap().to_owned());
    let case = format!("/staff/reports/{id}");
    let seen = app.get(&case, Some(&lead)).await.json;
    let list = "/staff?view=open&direction=return";
    // Person, step, arguments, message, and the page afterwards.
    let reason = json!({"reason": "理由"});
    let steps: [(&_, &str, Value, &str, &str); 13] = [
        (&lead, "note", reason.clone(), "已添加备注", "case"),
        (
            &lead,
            "merge",
            json!({"same_as": other}),
            "已合并为重复",
            "list",
        ),
        (&lead, "invalidate", reason.clone(), "已作废", "list"),
        (&lead, "refuse", reason.clone(), "已退回", "list"),
        (
            &duty,
            "transfer",
            json!({"to": app.area("C2").0}),
            "已转派",
            "case",
        ),
        (
            &lead,
            "assign",
            json!({"staff": seen["person_id"]}),
            "已指派",
            "case",
        ),
        (&lead, "call", json!({}), "已签收", "call"),
        (&lead, "accept", json!({}), "已签收", "case"),
        (
            &lead,
            "unreachable",
            json!({"retry_minutes": 30}),
            "已记为联系不上",
            "case",
        ),
        (
            &lead,
            "close",
            json!({"outcome": "informed"}),
            "已办结",
            "list",
        ),
        (&duty, "verify", json!({}), "已核验", "list"),
        (&lead, "reopen", reason.clone(), "已重新打开", "case"),
        (&lead, "split", json!({}), "已取消合并", "case"),
    ];
    for (who, name, mut words, said, at) in steps {
        if name == "split" {
            step(&app, &lead, &id, "merge", json!({"same_as": other})).await;
        }
        let before = app.get(&case, Some(&duty)).await.json["row"].clone();
        words["version"] = before["version"].clone();
        let mut browser = app.browser(who);
        let query = "?from=%2Fstaff%3Fview%3Dopen%26direction%3Dreturn";
        let status = browser
            .sends(&format!("{case}/{name}{query}"), words.clone())
            .await;
        assert_eq!(status, StatusCode::OK, "{name}: {}", browser.page);
        let landed = match at {
            "list" => list.to_owned(),
            "call" => format!("{case}/call{query}").to_lowercase(),
            _ => format!("{case}{query}").to_lowercase(),
        };
        assert_eq!(browser.at.to_lowercase(), landed, "{name}");
        assert!(
            browser.page.contains(&format!("{number}</b> {said}")),
            "{name}: {}",
            browser.page
        );
        browser.presses(&format!("{case}/undo"), json!({})).await;
        let landed = if at == "list" { list } else { case.as_str() };
        assert!(browser.at.starts_with(landed), "{name}: {}", browser.at);
        assert!(browser.page.contains("已撤销"), "{name}: {}", browser.page);
        assert!(
            browser.form(&format!("{case}/undo")).is_none(),
            "{name}: once"
        );
        let after = app.get(&case, Some(&duty)).await.json["row"].clone();
        for field in ["status", "queue_id", "owner_id", "outcome", "retry"] {
            assert_eq!(after[field], before[field], "{name}: {field}");
        }
        // On to the next step, from where that can be made.
        if ["accept", "close"].contains(&name) {
            let words = json!({"outcome": "informed"});
            step(&app, &lead, &id, name, words).await;
        }
        if name == "reopen" {
            step(&app, &lead, &id, "reopen", reason.clone()).await;
        }
    }
}

/// guarantee: An undo that is not possible is not offered, and is refused with a reason
#[tokio::test(flavor = "multi_thread")]
async fn expired_undo_is_not_offered_and_refused_in_words() {
    let app = TestApp::open().await;
    let (number, _) = app.resident("C1").reports().await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let colleague = app.person("colleague", Role::CommunityLead, "C1").await;
    let (id, version) = first(&app, &lead).await;
    let case = format!("/staff/reports/{id}");
    let later = |seconds| {
        let now = app.state.clock.now();
        app.state.clock.set(now + TimeDelta::seconds(seconds));
    };
    let mut browser = app.browser(&lead);
    browser
        .sends(&format!("{case}/accept"), json!({"version": version}))
        .await;
    let (undo, hidden) = browser.form(&format!("{case}/undo")).unwrap();
    let made = json!({"version": hidden[0].1});
    // A colleague on the same telephone is offered nothing, and takes back nothing.
    let mut other = app.browser(&colleague);
    let me = app.get("/staff", Some(&colleague)).await.json["person_id"].as_i64();
    other.takes_over(&browser, me.unwrap());
    other.opens(&case).await;
    assert!(other.form(&undo).is_none() && !other.page.contains("id=\"done\""));
    later(11);
    browser.opens(&case).await;
    assert!(browser.form(&undo).is_none(), "{}", browser.page);
    let late = browser.sends(&undo, made.clone()).await;
    assert_eq!(late, StatusCode::CONFLICT);
    assert!(browser.page.contains("已超过可撤销的时间") && browser.page.contains(&number));

    // The report has left the person's scope: the list says so, and so does the answer to a program.
    let words = json!({"version": 2, "reason": "不在这里"});
    browser.sends(&format!("{case}/refuse"), words).await;
    assert_eq!(browser.at, "/staff");
    let (undo, _) = browser.form(&format!("{case}/undo")).unwrap();
    later(11);
    let late = browser.sends(&undo, json!({"version": 3})).await;
    assert_eq!(
        (late, browser.at.as_str()),
        (StatusCode::OK, "/staff?view=open")
    );
    assert!(
        browser.page.contains("已超过可撤销的时间"),
        "{}",
        browser.page
    );
    let path = format!("{case}/undo");
    let body = Some(json!({"version": 3}));
    let answer = app
        .send(reqwest::Method::POST, &path, Some(&lead), body)
        .await;
    assert_eq!(
        (answer.status, &answer.json["code"]),
        (StatusCode::CONFLICT, &json!("too_late"))
    );
}

/// guarantee: A step that can no longer be undone is removed, and its history stays
#[tokio::test(flavor = "multi_thread")]
async fn expired_undo_is_deleted_and_history_stays() {
    let app = TestApp::open_with(&[("undo_seconds", "10")]).await;
    app.resident("C1").reports().await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let (id, _) = first(&app, &lead).await;
    step(&app, &lead, &id, "accept", json!({})).await;
    let begun = app.state.clock.now();
    let sweep = async || cleanup::sweep_ended(&app.state).await.unwrap();
    app.state.clock.set(begun + TimeDelta::seconds(30));
    assert_eq!(sweep().await, 0, "clocks of two nodes differ");
    app.state.clock.set(begun + TimeDelta::seconds(80));
    let undone = async || step(&app, &lead, &id, "undo", json!({})).await;
    assert_eq!(undone().await.json["code"], "too_late");
    assert_eq!(sweep().await, 1);
    assert_eq!(
        undone().await.status,
        StatusCode::NOT_FOUND,
        "nor ever made"
    );
    let case = app.get(&format!("/staff/reports/{id}"), Some(&lead)).await;
    let history = case.json["history"].as_array().unwrap();
    assert_eq!(
        history.last().unwrap()["event"],
        "accepted",
        "the history stays"
    );
}
