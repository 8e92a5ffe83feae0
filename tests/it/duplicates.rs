//! Reports that probably say the same: found, merged and separated again.

use mashang::testing::domain::staff::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Got, Person, TestApp};
use crate::listing::count;
use crate::triage::{first, step};

#[tokio::test(flavor = "multi_thread")]
async fn two_reports_of_one_telephone_are_merged_and_separated_again() {
    let app = TestApp::open().await;
    app.resident("C1").reports().await;
    app.resident("C1").reports().await;
    app.resident("C2").reports().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let (id, _) = first(&app, &worker).await;
    let case = app
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
    let itself = step(&app, &worker, &id, "merge", json!({"same_as": id})).await;
    assert_eq!(itself.json["code"], "no_such_target");
    let merged = step(&app, &worker, &id, "merge", json!({"same_as": other})).await;
    assert_eq!(merged.json["row"]["status"], "duplicate", "{}", merged.json);
    let split = step(&app, &worker, &id, "split", json!({})).await;
    assert_eq!(split.json["row"]["status"], "waiting");
}

/// guarantee: A duplicate and its kept report link to each other, within the scope only
#[tokio::test(flavor = "multi_thread")]
async fn duplicates_link_to_each_other_within_the_scope() {
    let app = TestApp::open().await;
    let (one_number, _) = app.resident("C1").reports().await;
    let (other_number, _) = app.resident("C1").reports().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let stranger = app.person("stranger", Role::GridWorker, "C2").await;
    let rows = app.get("/staff", Some(&worker)).await.json["rows"].clone();
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
    step(&app, &worker, &one, "merge", json!({"same_as": other})).await;
    let case = app.get(&one_case, Some(&worker)).await.json;
    assert_eq!(case["kept"]["number"], other_number);
    let kept = app.get(&other_case, Some(&worker)).await.json;
    assert_eq!(kept["merged"][0]["number"], one_number);
    let mut browser = app.browser(&worker);
    browser.opens(&one_case).await;
    assert!(
        browser.page.contains(&format!("href=\"{other_case}\"")),
        "{}",
        browser.page
    );
    // Separated on the page of the one that was kept, where the browser then still is.
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
    let to = json!({"to": app.area("C2").0});
    let moved = step(&app, &duty, &other, "transfer", to).await;
    assert_eq!(moved.status, StatusCode::OK, "{}", moved.json);
    let case = app.get(&one_case, Some(&worker)).await.json;
    assert_eq!(case["kept"], Value::Null);
    browser.opens(&one_case).await;
    assert!(browser.page.contains("另一社区"), "{}", browser.page);
    assert!(!browser.page.contains(&other_number) && !browser.page.contains(&other));
    let kept = app.get(&other_case, Some(&stranger)).await.json;
    assert_eq!(kept["merged"], json!([]), "nor is the other way shown");
}

/// guarantee: Probable duplicates share a telephone, or within the window a room and a direction
#[tokio::test(flavor = "multi_thread")]
async fn same_room_and_direction_within_hours_are_probable_duplicates() {
    let app = TestApp::open().await;
    let resident = app.resident("C1");
    let says = async |changes: Value| {
        let mut form = resident.form().await;
        for (name, value) in changes.as_object().unwrap() {
            form[name] = value.clone();
        }
        let got = resident.sends(&form).await;
        assert_eq!(got.status, StatusCode::CREATED, "{}", got.json);
        got.json["number"].clone()
    };
    let first = says(json!({})).await;
    let began = app.state.clock.now();
    app.state.clock.set(began + chrono::TimeDelta::hours(47));
    let same = says(json!({"phone": "13900000001"})).await;
    says(json!({"phone": "13900000002", "room": "1204"})).await;
    says(json!({"phone": "13900000003", "direction": "leave"})).await;
    says(json!({"phone": "13900000004", "room": "", "name": "", "only": "phone"})).await;
    app.state.clock.set(began + chrono::TimeDelta::hours(49));
    let last = says(json!({"phone": "13900000005"})).await;
    app.state.clock.set(began);
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    // The first and the last are too far apart for each other, and near enough to the one between.
    let view = async || {
        let view = app.get("/staff?view=duplicates", Some(&worker)).await.json;
        let rows = view["rows"].as_array().unwrap().iter();
        let mut numbers: Vec<Value> = rows.map(|row| row["number"].clone()).collect();
        numbers.sort_by_key(ToString::to_string);
        assert_eq!(
            count(&view, "duplicates"),
            i64::try_from(numbers.len()).unwrap()
        );
        numbers
    };
    let mut together = [first.clone(), same.clone(), last.clone()];
    together.sort_by_key(ToString::to_string);
    assert_eq!(view().await, together);
    let rows = app.get("/staff", Some(&worker)).await.json["rows"].clone();
    let row = rows.as_array().unwrap().iter();
    let row = row.clone().find(|row| row["number"] == first).unwrap();
    let id = row["id"].as_str().unwrap();
    let case = app
        .get(&format!("/staff/reports/{id}"), Some(&worker))
        .await;
    let twins = case.json["same_room"].as_array().unwrap();
    let numbers: Vec<&Value> = twins.iter().map(|twin| &twin["number"]).collect();
    assert_eq!(numbers, [&same]);
    let other = twins[0]["id"].clone();
    let merged = step(&app, &worker, id, "merge", json!({"same_as": other})).await;
    assert_eq!(merged.json["row"]["status"], "duplicate", "{}", merged.json);
    let mut left = [same, last];
    left.sort_by_key(ToString::to_string);
    assert_eq!(view().await, left, "what was merged is open no longer");
}

/// One report to each of these queues. Returns the ids and receipts in this order.
async fn reports(app: &TestApp, duty: &Person, queues: &[&str]) -> Vec<(String, String)> {
    let mut sent = Vec::new();
    for queue in queues {
        let (number, receipt) = app.resident(queue).reports().await;
        let sought = Some(json!({"q": number}));
        let got = app.send(Method::POST, "/staff/search", Some(duty), sought);
        let id = got.await.json["rows"][0]["id"].clone();
        sent.push((id.as_str().unwrap().to_owned(), receipt));
    }
    sent
}

async fn merge(app: &TestApp, person: &Person, id: &str, other: &str) -> Got {
    step(app, person, id, "merge", json!({"same_as": other})).await
}

async fn status(app: &TestApp, person: &Person, id: &str) -> Value {
    let path = format!("/staff/reports/{id}");
    app.get(&path, Some(person)).await.json["row"]["status"].clone()
}

async fn withdraw(app: &TestApp, receipt: &str) -> StatusCode {
    let path = format!("{receipt}/withdraw");
    app.send(Method::POST, &path, None, None).await.status
}

async fn undo(app: &TestApp, person: &Person, done: &Got) -> Got {
    let row = &done.json["row"];
    let path = format!("/staff/reports/{}/undo", row["id"].as_str().unwrap());
    let words = Some(json!({"version": row["version"]}));
    app.send(Method::POST, &path, Some(person), words).await
}

/// guarantee: A report is merged only into an open or finished one, never into a chain, even if two
/// nodes merge crosswise
#[tokio::test(flavor = "multi_thread")]
async fn merge_targets_are_open_or_done_and_never_chained() {
    let app = TestApp::open().await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let all = reports(&app, &duty, &["C1"; 6]).await;
    let ids: Vec<&str> = all.iter().map(|(id, _)| id.as_str()).collect();
    let [a, b, done, invalid, withdrawn, merged] = ids[..] else {
        unreachable!()
    };
    step(&app, &duty, done, "accept", json!({})).await;
    step(&app, &duty, done, "close", json!({"outcome": "informed"})).await;
    step(
        &app,
        &duty,
        invalid,
        "invalidate",
        json!({"reason": "试扫"}),
    )
    .await;
    assert_eq!(withdraw(&app, &all[4].1).await, StatusCode::NO_CONTENT);
    assert_eq!(
        merge(&app, &duty, merged, done).await.status,
        StatusCode::OK
    );
    for wrong in [invalid, withdrawn, merged] {
        let refused = merge(&app, &duty, a, wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.json["code"], "no_such_target", "{}", refused.json);
    }
    assert_eq!(merge(&app, &duty, a, b).await.status, StatusCode::OK);
    for other in [done, a] {
        let chain = merge(&app, &duty, b, other).await;
        assert!(chain.status.is_client_error(), "{}", chain.json);
        assert_eq!(status(&app, &duty, b).await, "waiting", "no chains");
    }
    let chain = merge(&app, &duty, b, done).await;
    let answer = (chain.status, &chain.json["code"]);
    assert_eq!(answer, (StatusCode::CONFLICT, &json!("keeps_others")));
    step(&app, &duty, a, "split", json!({})).await;
    assert_eq!(merge(&app, &duty, b, done).await.status, StatusCode::OK);
}

/// guarantee: Duplicates wait again when the kept report is withdrawn or invalid, also at the same
/// moment, and no undo leaves a duplicate of nothing
#[tokio::test(flavor = "multi_thread")]
async fn merged_reports_wait_again_when_the_target_ends() {
    let app = TestApp::open().await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let near = app.person("near", Role::GridWorker, "C1").await;
    let far = app.person("far", Role::GridWorker, "C2").await;
    for gone in ["invalidate", "withdraw"] {
        let all = reports(&app, &duty, &["C1", "C1", "C2"]).await;
        let [(kept, receipt), (one, _), (two, _)] = &all[..] else {
            unreachable!()
        };
        let due = app.get(&format!("/staff/reports/{two}"), Some(&far)).await;
        step(&app, &near, one, "accept", json!({})).await;
        for id in [one, two] {
            let merged = merge(&app, &duty, id, kept).await;
            assert_eq!(merged.json["row"]["status"], "duplicate", "{}", merged.json);
        }
        let mut there = app.stream(&far, None).await;
        match gone {
            "withdraw" => assert_eq!(withdraw(&app, receipt).await, StatusCode::NO_CONTENT),
            _ => {
                let why = json!({"reason": "试扫"});
                let done = step(&app, &near, kept, gone, why).await;
                assert_eq!(done.status, StatusCode::OK, "{}", done.json);
            }
        }
        let (_, entry) = there.next().await;
        let fields = (&entry["event"], &entry["report"], &entry["row"]["status"]);
        assert_eq!(fields, (&json!("split"), &json!(two), &json!("waiting")));
        for (id, who) in [(one, &near), (two, &far)] {
            let case = app.get(&format!("/staff/reports/{id}"), Some(who)).await;
            let row = &case.json["row"];
            let stands = (&row["status"], &row["owner_id"]);
            assert_eq!(stands, (&json!("waiting"), &Value::Null), "{gone}");
            let line = case.json["history"].as_array().unwrap().last().unwrap();
            let event = (&line["event"], &line["who"]);
            assert_eq!(event, (&json!("split"), &json!("系统")), "{gone}");
            let why = line["text"].as_str().unwrap();
            assert!(why.contains("已撤回或作废"), "{why}");
        }
        let now = app.get(&format!("/staff/reports/{two}"), Some(&far)).await;
        let [due, now] = [due, now].map(|case| case.json["row"]["due_at"].clone());
        assert_eq!(due, now, "the clock never moves");
    }
}

/// guarantee: Duplicates wait again when the kept report is withdrawn or invalid, also at the same
/// moment, and no undo leaves a duplicate of nothing
#[tokio::test(flavor = "multi_thread")]
async fn undo_never_orphans_a_duplicate() {
    let app = TestApp::open().await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let other = app.person("other", Role::DutyOfficer, "S").await;
    let all = reports(&app, &duty, &["C1"; 5]).await;
    let ids: Vec<&str> = all.iter().map(|(id, _)| id.as_str()).collect();
    let [one, two, three, four, joke] = ids[..] else {
        unreachable!()
    };
    // The one that was kept is merged into the one that was separated.
    merge(&app, &duty, one, two).await;
    let split = step(&app, &duty, one, "split", json!({})).await;
    assert_eq!(merge(&app, &other, two, one).await.status, StatusCode::OK);
    let late = undo(&app, &duty, &split).await;
    assert_eq!(late.json["code"], "too_late", "{}", late.json);
    assert_eq!(status(&app, &duty, one).await, "waiting");

    // It is taken back by the resident.
    merge(&app, &duty, three, four).await;
    let split = step(&app, &duty, three, "split", json!({})).await;
    assert_eq!(withdraw(&app, &all[3].1).await, StatusCode::NO_CONTENT);
    let late = undo(&app, &duty, &split).await;
    assert_eq!(late.json["code"], "too_late", "{}", late.json);
    assert_eq!(status(&app, &duty, three).await, "waiting");

    // What was no report is one, keeps another one, and is no report after all.
    step(&app, &duty, joke, "invalidate", json!({"reason": "试扫"})).await;
    let again = step(&app, &duty, joke, "reopen", json!({"reason": "是真的"})).await;
    assert_eq!(
        merge(&app, &other, three, joke).await.status,
        StatusCode::OK
    );
    let back = undo(&app, &duty, &again).await;
    assert_eq!(back.json["row"]["status"], "invalid", "{}", back.json);
    assert_eq!(status(&app, &duty, three).await, "waiting");

    // And where nothing has come between, it is as it was.
    merge(&app, &duty, three, one).await;
    let split = step(&app, &duty, three, "split", json!({})).await;
    let back = undo(&app, &duty, &split).await;
    assert_eq!(back.json["row"]["status"], "duplicate", "{}", back.json);
}

/// Makes a step with a report that is still at its first version.
async fn at_once(
    node: &TestApp,
    person: &Person,
    id: &str,
    name: &str,
    same_as: Option<&str>,
) -> Got {
    let path = format!("/staff/reports/{id}/{name}");
    let words = Some(json!({"version": 1, "same_as": same_as}));
    node.send(Method::POST, &path, Some(person), words).await
}

/// How often it is tried to have two at the same moment.
const ROUNDS: usize = 40;

/// Two reports, by turns in one queue and in two.
async fn pair(app: &TestApp, duty: &Person, round: usize) -> [(String, String); 2] {
    let queues = ["C1", ["C1", "C2"][round % 2]];
    reports(app, duty, &queues).await.try_into().unwrap()
}

/// guarantee: A report is merged only into an open or finished one, never into a chain, even if two
/// nodes merge crosswise
#[tokio::test(flavor = "multi_thread")]
async fn mutual_concurrent_merges_leave_one_open_report() {
    let one = TestApp::open().await;
    let two = one.join().await;
    let duty = one.person("duty", Role::DutyOfficer, "S").await;
    for round in 0..ROUNDS {
        let [(a, _), (b, _)] = &pair(&one, &duty, round).await;
        // And a colleague accepts one of them: the merge must not deadlock with that step.
        let (here, there, taken) = tokio::join!(
            at_once(&one, &duty, a, "merge", Some(b)),
            at_once(&two, &duty, b, "merge", Some(a)),
            at_once(&two, &duty, a, "accept", None),
        );
        for got in [&here, &there, &taken] {
            assert!(!got.status.is_server_error(), "{}", got.json);
        }
        let stand = [status(&one, &duty, a).await, status(&one, &duty, b).await];
        let merged = stand.iter().filter(|status| **status == "duplicate");
        assert_eq!(merged.count(), 1, "round {round}: {stand:?}");
    }
}

/// guarantee: Duplicates wait again when the kept report is withdrawn or invalid, also at the same
/// moment, and no undo leaves a duplicate of nothing
#[tokio::test(flavor = "multi_thread")]
async fn merge_into_a_concurrently_withdrawn_report_is_not_lost() {
    let one = TestApp::open().await;
    let two = one.join().await;
    let duty = one.person("duty", Role::DutyOfficer, "S").await;
    for round in 0..ROUNDS {
        let [(a, _), (b, receipt)] = &pair(&one, &duty, round).await;
        let merged = at_once(&one, &duty, a, "merge", Some(b));
        let (merged, gone) = tokio::join!(merged, withdraw(&two, receipt));
        assert!(!merged.status.is_server_error(), "{}", merged.json);
        assert_eq!(gone, StatusCode::NO_CONTENT);
        assert_eq!(status(&one, &duty, a).await, "waiting", "round {round}");
    }
}
