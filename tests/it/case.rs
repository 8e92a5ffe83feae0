//! A case: its owner, its personal data, and both values after a conflict.

use mashang::testing::domain::staff::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::app::{Person, TestApp};

/// guarantee: A stale step is answered with the step that was wanted and the report as it is, and
/// one more tap makes it
#[tokio::test(flavor = "multi_thread")]
async fn stale_step_answers_409_with_the_wanted_step() {
    let app = TestApp::open().await;
    let (number, _) = app.resident("C1").reports().await;
    let (twin_number, _) = app.resident("C1").reports().await;
    app.resident("C2").reports().await;
    let one = app.person("one", Role::CommunityLead, "C1").await;
    let two = app.person("two", Role::CommunityLead, "C1").await;
    let three = app.person("three", Role::CommunityLead, "C2").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let rows = app.get("/staff", Some(&one)).await.json["rows"].clone();
    let id_of = |number: &str| {
        let rows = rows.as_array().unwrap();
        let row = rows.iter().find(|row| row["number"] == number).unwrap();
        row["id"].as_str().unwrap().to_owned()
    };
    let (id, twin) = (id_of(&number), id_of(&twin_number));
    let foreign = app.get("/staff", Some(&three)).await.json;
    let (foreign, stranger) = (foreign["rows"][0].clone(), foreign["person_id"].clone());
    let case = format!("/staff/reports/{id}");
    let call = Some(json!({"version": 1}));
    app.send(Method::POST, &format!("{case}/call"), Some(&two), call)
        .await;
    let seen = app.get(&case, Some(&two)).await.json;
    assert_eq!(seen["row"]["owner"], "two");
    let refused = async |who: &Person, name: &str, mut words: serde_json::Value| {
        words["version"] = json!(1);
        let path = format!("{case}/{name}");
        app.send(Method::POST, &path, Some(who), Some(words))
            .await
            .json
    };
    let me = seen["person_id"].clone();
    for (who, name, words, said) in [
        (
            &one,
            "close",
            json!({"outcome": "informed"}),
            "办结 · 已告知".to_owned(),
        ),
        (
            &one,
            "unreachable",
            json!({"retry_minutes": 240}),
            "联系不上 · 4 小时".into(),
        ),
        (&one, "assign", json!({"staff": me}), "指派 · two".into()),
        (
            &duty,
            "transfer",
            json!({"to": app.area("C2").0}),
            "转派 · 桥东社区".into(),
        ),
        (
            &one,
            "merge",
            json!({"same_as": twin}),
            format!("合并为重复 · {twin_number}"),
        ),
        // What lies beyond one's own queues stays unsaid.
        (&one, "assign", json!({"staff": stranger}), "指派".into()),
        (
            &one,
            "merge",
            json!({"same_as": foreign["id"]}),
            "合并为重复".into(),
        ),
    ] {
        let answer = refused(who, name, words.clone()).await;
        assert_eq!(
            (&answer["code"], &answer["wanted"]["step"]),
            (&json!("stale"), &json!(name))
        );
        assert_eq!(answer["wanted"]["words"], said);
        let stands = (&answer["row"]["status_words"], &answer["row"]["owner"]);
        assert_eq!(stands, (&json!("处置中"), &json!("two")), "{name}");
        for (field, value) in words.as_object().unwrap() {
            assert_eq!(&answer["wanted"][field], value, "{name}");
        }
    }
    let mut browser = app.browser(&one);
    let stale = json!({"version": 1, "outcome": "informed"});
    assert_eq!(
        browser.sends(&format!("{case}/close"), stale).await,
        StatusCode::CONFLICT
    );
    for words in ["办结 · 已告知", "处置中 · two"] {
        assert!(browser.page.contains(words), "{words}: {}", browser.page);
    }
    browser.presses(&format!("{case}/close"), json!({})).await;
    let done = app.get(&case, Some(&one)).await.json["row"].clone();
    assert_eq!(
        (&done["status"], &done["outcome"]),
        (&json!("closed"), &json!("informed"))
    );
}

/// guarantee: The owner of a report is on its row, its case and the stream
#[tokio::test(flavor = "multi_thread")]
async fn owner_stands_on_row_case_and_stream() {
    let app = TestApp::open().await;
    app.resident("C1").reports().await;
    let one = app.person("one", Role::GridWorker, "C1").await;
    let two = app.person("two", Role::GridWorker, "C1").await;
    let id = app.get("/staff", Some(&one)).await.json["rows"][0]["id"].clone();
    let case = format!("/staff/reports/{}", id.as_str().unwrap());
    let mut stream = app.stream(&one, None).await;
    let accept = Some(json!({"version": 1}));
    let taken = app
        .send(Method::POST, &format!("{case}/accept"), Some(&two), accept)
        .await;
    assert_eq!(taken.json["row"]["owner"], "two");
    assert_eq!(stream.next().await.1["row"]["owner"], "two");
    for (who, name) in [(&one, "two"), (&two, "我")] {
        let mut browser = app.browser(who);
        browser.opens("/staff?view=open").await;
        let row = format!("data-f=\"owner\">{name}</span>");
        assert!(browser.page.contains(&row), "{}", browser.page);
        browser.opens(&case).await;
        assert!(
            browser.page.contains(&format!("经办 <b>{name}</b>")),
            "{}",
            browser.page
        );
    }
}

/// guarantee: Identity number and number plate are shown only after a recorded look
#[tokio::test(flavor = "multi_thread")]
async fn papers_and_plate_need_a_recorded_reveal() {
    let app = TestApp::open().await;
    let resident = app.resident("C1");
    let mut form = resident.form().await;
    form["identity"] = json!("11010519491231002X");
    form["vehicle"] = json!("苏F12345");
    assert_eq!(resident.sends(&form).await.status, StatusCode::CREATED);
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let list = app.get("/staff", Some(&worker)).await.json;
    let case = format!("/staff/reports/{}", list["rows"][0]["id"].as_str().unwrap());
    let mut browser = app.browser(&worker);
    let plain = [
        list.to_string(),
        app.get(&case, Some(&worker)).await.json.to_string(),
        {
            browser.opens(&case).await;
            browser.page.clone()
        },
    ];
    for text in &plain {
        assert!(
            !text.contains("苏F12345") && !text.contains("1949"),
            "{text}"
        );
    }
    let shown = app
        .send(Method::POST, &format!("{case}/reveal"), Some(&worker), None)
        .await;
    assert_eq!(shown.json["revealed"]["identity"], "11010519491231002X");
    assert_eq!(shown.json["revealed"]["vehicle"], "苏F12345");
    browser.sends(&format!("{case}/reveal"), json!({})).await;
    for text in ["11010519491231002X", "苏F12345"] {
        assert!(browser.page.contains(text), "{}", browser.page);
    }
    browser.opens(&case).await;
    assert!(
        !browser.page.contains("苏F12345"),
        "not without another look"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_minutes_are_a_setting() {
    let app = TestApp::open_with(&[("retry_minutes", "15, 90")]).await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    app.resident("C1").reports().await;
    let row = app.get("/staff", Some(&worker)).await.json["rows"][0].clone();
    let case = format!("/staff/reports/{}", row["id"].as_str().unwrap());
    let path = format!("{case}/accept");
    let words = Some(json!({"version": 1}));
    app.send(Method::POST, &path, Some(&worker), words).await;
    let page = app.request(Method::GET, &case, Some(&worker));
    let page = page.header("accept", "text/html").send().await.unwrap();
    let page = page.text().await.unwrap();
    let offered = page.split("name=\"retry_minutes\" value=\"").skip(1);
    let offered: Vec<&str> = offered.filter_map(|part| part.split('"').next()).collect();
    assert_eq!(offered, ["15", "90"]);
}

/// guarantee: A person who takes a report to call it is told so, even if something beside it cannot
/// be read
#[tokio::test(flavor = "multi_thread")]
async fn call_succeeds_though_the_case_cannot_be_shown() {
    let app = TestApp::open().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    app.resident("C1").reports().await;
    let row = app.get("/staff", Some(&worker)).await.json["rows"][0].clone();
    let case = format!("/staff/reports/{}", row["id"].as_str().unwrap());
    // What a case reads of other reports, and no step does.
    let table = match app.file() {
        Some(_) => "phone_run",
        None => "receipt_sequence",
    };
    app.execute(&format!("ALTER TABLE {table} RENAME TO away"))
        .await;
    let call = app.request(Method::POST, &format!("{case}/call"), Some(&worker));
    let call = call
        .header("accept", "text/html")
        .form(&json!({"version": 1}));
    let answer = call.send().await.unwrap();
    app.execute(&format!("ALTER TABLE away RENAME TO {table}"))
        .await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(answer.headers()["location"], case.as_str());
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains(row["id"].as_str().unwrap()), "{cookie}");
    let seen = app.get(&case, Some(&worker)).await.json;
    assert_eq!(seen["row"]["owner"], "worker");
}
