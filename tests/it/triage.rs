//! Triage: what staff and residents do with a report, from receipt to end.

use chrono::TimeDelta;
use mashang::testing::domain::staff::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Got, Person, TestApp};

/// The first report in the list of this person.
pub(crate) async fn first(app: &TestApp, person: &Person) -> (String, i64) {
    let row = app.get("/staff", Some(person)).await.json["rows"][0].clone();
    let id = row["id"]
        .as_str()
        .expect("a report is in the queue")
        .to_owned();
    (id, row["version"].as_i64().unwrap())
}

/// Makes a step upon the version that stands.
pub(crate) async fn step(
    app: &TestApp,
    person: &Person,
    id: &str,
    name: &str,
    words: Value,
) -> Got {
    let path = format!("/staff/reports/{id}");
    let now = app.get(&path, Some(person)).await;
    let mut body = words;
    body["version"] = match now.json["row"]["version"].clone() {
        Value::Null => json!(1),
        version => version,
    };
    let path = format!("{path}/{name}");
    app.send(Method::POST, &path, Some(person), Some(body))
        .await
}

/// guarantee: A refusal needs a reason, and after two refusals the command centre decides
#[tokio::test(flavor = "multi_thread")]
async fn refusal_needs_a_reason_and_keeps_the_deadline() {
    let app = TestApp::open().await;
    let (_, receipt) = app.resident("C1").reports().await;
    let one = app.person("one", Role::CommunityLead, "C1").await;
    let two = app.person("two", Role::CommunityLead, "C2").await;
    let centre = app.person("duty", Role::DutyOfficer, "S").await;
    let (id, _) = first(&app, &one).await;
    let due = app.get("/staff", Some(&one)).await.json["rows"][0]["due_at"].clone();

    let mut stream = app.stream(&one, None).await;
    let silent = step(&app, &one, &id, "refuse", json!({"reason": " "})).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(silent.json["code"], "reason_owed");
    let refused = step(&app, &one, &id, "refuse", json!({"reason": "人不住这里"})).await;
    assert_eq!(
        (refused.status, &refused.json["left"]),
        (StatusCode::OK, &json!(true))
    );
    let (_, entry) = stream.next().await;
    assert_eq!(
        (&entry["event"], &entry["row"]),
        (&json!("refused"), &json!(null))
    );
    let path = format!("/staff/reports/{id}");
    assert_eq!(
        app.get(&path, Some(&one)).await.status,
        StatusCode::NOT_FOUND
    );
    let seen = app.get(&path, Some(&centre)).await.json;
    assert_eq!(
        (&seen["row"]["unrouted"], &seen["row"]["due_at"]),
        (&json!(true), &due)
    );
    assert_eq!(seen["history"][1]["reason"], "人不住这里");

    let to = json!({"to": app.area("C2").0});
    assert_eq!(
        step(&app, &centre, &id, "transfer", to).await.status,
        StatusCode::OK
    );
    assert_eq!(first(&app, &two).await.0, id);
    step(&app, &two, &id, "refuse", json!({"reason": "也不在"})).await;
    let to = json!({"to": app.area("C1").0});
    step(&app, &centre, &id, "transfer", to).await;
    let third = step(&app, &one, &id, "refuse", json!({"reason": "还是不在"})).await;
    assert_eq!(
        (third.status, &third.json["code"]),
        (StatusCode::CONFLICT, &json!("illegal_move"))
    );
    assert_eq!(
        third.json["row"]["due_at"], due,
        "refusals never move the clock"
    );
    let history = app.get(&receipt, None).await.json["history"].to_string();
    assert!(
        !history.contains("人不住这里"),
        "reasons are not for the resident: {history}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn unreachable_case_is_retried_closed_verified_and_reopened() {
    let app = TestApp::open().await;
    app.resident("C1").reports().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let (id, _) = first(&app, &worker).await;
    step(&app, &worker, &id, "accept", json!({})).await;
    let never = step(&app, &worker, &id, "unreachable", json!({})).await;
    assert_eq!(
        never.json["code"], "no_such_target",
        "a time to call again is owed"
    );
    let tried = step(
        &app,
        &worker,
        &id,
        "unreachable",
        json!({"retry_minutes": 30}),
    )
    .await;
    assert_eq!(tried.json["row"]["status"], "unreachable");
    assert_ne!(tried.json["row"]["retry"], "");
    let ended = step(&app, &worker, &id, "close", json!({"outcome": "informed"})).await;
    assert_eq!(ended.json["row"]["status"], "closed");
    for (who, name, words, wanted) in [
        (&worker, "verify", json!({}), StatusCode::CONFLICT),
        (&lead, "verify", json!({}), StatusCode::OK),
        (&lead, "reopen", json!({}), StatusCode::UNPROCESSABLE_ENTITY),
        (
            &lead,
            "reopen",
            json!({"reason": "电话打错了"}),
            StatusCode::OK,
        ),
    ] {
        let got = step(&app, who, &id, name, words).await;
        assert_eq!(got.status, wanted, "{name}: {}", got.json);
    }
    let case = app
        .get(&format!("/staff/reports/{id}"), Some(&lead))
        .await
        .json;
    assert_eq!(case["row"]["status"], "waiting");
    let events: Vec<_> = case["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| &line["event"])
        .collect();
    assert_eq!(
        events,
        [
            "submitted",
            "accepted",
            "unreachable",
            "closed",
            "verified",
            "reopened"
        ]
    );
}

/// guarantee: Only the person who made a step can undo it, and only in time
#[tokio::test(flavor = "multi_thread")]
async fn undo_works_for_its_author_within_the_time() {
    let app = TestApp::open().await;
    app.resident("C1").reports().await;
    let one = app.person("one", Role::CommunityLead, "C1").await;
    let two = app.person("two", Role::CommunityLead, "C1").await;
    let (id, _) = first(&app, &one).await;
    let undo = async |who: &Person, version: i64| {
        let path = format!("/staff/reports/{id}/undo");
        app.send(
            Method::POST,
            &path,
            Some(who),
            Some(json!({"version": version})),
        )
        .await
    };
    step(&app, &one, &id, "accept", json!({})).await;
    assert_eq!(
        undo(&two, 2).await.status,
        StatusCode::NOT_FOUND,
        "not theirs"
    );
    assert_eq!(
        undo(&one, 1).await.status,
        StatusCode::CONFLICT,
        "not that one"
    );
    let back = undo(&one, 2).await;
    assert_eq!(
        (back.status, &back.json["row"]["status"]),
        (StatusCode::OK, &json!("waiting"))
    );
    assert_eq!(undo(&one, 3).await.status, StatusCode::NOT_FOUND, "once");

    // Out of one's own sight, and back.
    let gone = step(&app, &one, &id, "refuse", json!({"reason": "手滑"})).await;
    let version = gone.json["row"]["version"].as_i64().unwrap();
    assert_eq!(undo(&one, version).await.json["left"], false);
    assert_eq!(first(&app, &one).await.0, id);

    step(&app, &one, &id, "accept", json!({})).await;
    let now = app.state.clock.now();
    app.state.clock.set(now + TimeDelta::seconds(11));
    let late = undo(&one, first(&app, &one).await.1).await;
    assert_eq!(
        (late.status, &late.json["code"]),
        (StatusCode::CONFLICT, &json!("too_late"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn lead_assigns_only_within_the_community() {
    let app = TestApp::open().await;
    app.resident("C1").reports().await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    app.person("worker", Role::GridWorker, "C1").await;
    app.person("stranger", Role::GridWorker, "C2").await;
    app.person("auditor", Role::Auditor, "S").await;
    let (id, _) = first(&app, &lead).await;
    let case = app
        .get(&format!("/staff/reports/{id}"), Some(&lead))
        .await
        .json;
    let named = |name: &str| {
        let people = case["colleagues"].as_array().unwrap();
        people
            .iter()
            .find(|person| person["name"] == name)
            .map(|person| person["id"].clone())
    };
    assert!(named("stranger").is_none() && named("auditor").is_none());
    let worker = named("worker").unwrap();
    let stranger = worker.as_i64().unwrap() + 1;
    let wrong = step(&app, &lead, &id, "assign", json!({"staff": stranger})).await;
    assert_eq!(wrong.json["code"], "no_such_target");
    let given = step(&app, &lead, &id, "assign", json!({"staff": worker})).await;
    assert_eq!(
        (&given.json["row"]["status"], &given.json["row"]["owner_id"]),
        (&json!("accepted"), &worker)
    );
}

/// guarantee: Each of many steps at once has its own result, and one refusal stops no other
#[tokio::test(flavor = "multi_thread")]
async fn bulk_steps_have_one_result_each() {
    let app = TestApp::open().await;
    for _ in 0..3 {
        app.resident("C1").reports().await;
    }
    app.resident("C2").reports().await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let elsewhere = app.person("other", Role::CommunityLead, "C2").await;
    let rows = app.get("/staff", Some(&lead)).await.json["rows"].clone();
    let item = |at: usize, version: i64| json!({"id": rows[at]["id"], "version": version});
    let foreign = json!({"id": first(&app, &elsewhere).await.0, "version": 1});
    let words = json!({"step": "accept", "reports": [item(0, 1), item(1, 7), foreign, item(2, 1)]});
    let got = app
        .send(Method::POST, "/staff/bulk", Some(&lead), Some(words))
        .await;
    let results = got.json["results"].as_array().unwrap();
    let outcomes: Vec<_> = results
        .iter()
        .map(|result| {
            (
                result["done"].as_bool().unwrap(),
                result["code"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            (true, ""),
            (false, "stale"),
            (false, "not_found"),
            (true, "")
        ]
    );
    assert_eq!(results[1]["row"]["version"], 1, "the row as it stands");
    assert!(results[2]["row"].is_null());
}

/// guarantee: The last contact of any level is shown before a person dials
#[tokio::test(flavor = "multi_thread")]
async fn last_contact_of_any_level_is_shown() {
    let app = TestApp::open().await;
    app.resident("C1").reports().await;
    app.resident("C2").reports().await;
    let one = app.person("one", Role::GridWorker, "C1").await;
    let two = app.person("two", Role::GridWorker, "C2").await;
    let (id, version) = first(&app, &two).await;
    let path = format!("/staff/reports/{id}/call");
    app.send(
        Method::POST,
        &path,
        Some(&two),
        Some(json!({"version": version})),
    )
    .await;
    let (id, _) = first(&app, &one).await;
    let case = app
        .get(&format!("/staff/reports/{id}"), Some(&one))
        .await
        .json;
    assert!(
        case["last_contact"].as_str().unwrap().contains("联系方式"),
        "{case}"
    );
}

/// guarantee: The person who closed a report does not verify it
#[tokio::test(flavor = "multi_thread")]
async fn author_of_a_closing_cannot_verify_it() {
    let app = TestApp::open().await;
    for _ in 0..2 {
        app.resident("C1").reports().await;
    }
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let one = app.person("one", Role::CommunityLead, "C1").await;
    let two = app.person("two", Role::CommunityLead, "C1").await;
    let rows = app.get("/staff", Some(&one)).await.json["rows"].clone();
    let [own, others] = [0, 1].map(|at: usize| rows[at]["id"].as_str().unwrap().to_owned());
    let outcome = json!({"outcome": "informed"});
    for (id, closes) in [(&own, &one), (&others, &two)] {
        // The person who accepts it stays its owner; another one closes it.
        step(&app, &worker, id, "accept", json!({})).await;
        let ended = step(&app, closes, id, "close", outcome.clone()).await;
        assert_eq!(ended.status, StatusCode::OK, "{}", ended.json);
    }
    let offered = async |person: &Person, id: &str| {
        let path = format!("/staff/reports/{id}");
        let case = app.get(&path, Some(person)).await.json;
        let mut steps = case["steps"].as_array().unwrap().iter();
        steps.any(|step| step["value"] == "verify")
    };
    assert!(!offered(&one, &own).await && offered(&two, &own).await);
    assert!(offered(&one, &others).await && !offered(&two, &others).await);
    let both = json!([{"id": own, "version": 3}, {"id": others, "version": 3}]);
    let bulk = Some(json!({"step": "verify", "reports": both}));
    let got = app.send(Method::POST, "/staff/bulk", Some(&one), bulk);
    let results = got.await.json["results"].clone();
    let codes = [0, 1].map(|at: usize| results[at]["code"].clone());
    assert_eq!(codes, ["illegal_move", ""], "{results}");
    let second = step(&app, &two, &own, "verify", json!({})).await;
    assert_eq!(second.json["row"]["status"], "verified", "{}", second.json);

    // The last closing counts: the author of an earlier one may verify it.
    step(&app, &two, &own, "reopen", json!({"reason": "打错了"})).await;
    for (name, words) in [("accept", json!({})), ("close", outcome)] {
        step(&app, &two, &own, name, words).await;
    }
    let refused = step(&app, &two, &own, "verify", json!({})).await;
    assert_eq!(refused.json["code"], "illegal_move", "{}", refused.json);
    let second = step(&app, &one, &own, "verify", json!({})).await;
    assert_eq!(second.json["row"]["status"], "verified", "{}", second.json);
}
