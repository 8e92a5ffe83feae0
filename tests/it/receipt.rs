//! What a receipt says in each of its states, in the words of its reader.

use chrono::TimeDelta;
use mashang::testing::domain::staff::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Person, TestApp};
use crate::deadlines::{at, import, local};
use crate::triage::{first, step};

/// Sends a form with these answers instead; returns the receipt's address.
async fn report(app: &TestApp, answers: Value) -> String {
    let resident = app.resident("C1");
    let mut form = resident.form().await;
    for (name, said) in answers.as_object().unwrap() {
        form[name] = said.clone();
    }
    let got = resident.sends(&form).await;
    assert_eq!(got.status, StatusCode::CREATED, "{}", got.json);
    got.json["receipt"].as_str().unwrap().to_owned()
}

fn texts(json: &Value, part: &str) -> Vec<String> {
    let lines = json[part].as_array().unwrap().iter();
    lines
        .map(|line| {
            let text = |name: &str| line[name].as_str().unwrap().to_owned();
            format!("{}: {}", text("label"), text("text"))
        })
        .collect()
}

async fn progress(app: &TestApp, receipt: &str) -> (String, String) {
    let got = app.get(receipt, None).await.json;
    let text = |name: &str| got[name].as_str().unwrap().to_owned();
    (text("status_words"), text("next"))
}

/// guarantee: A withdrawn receipt says that the community calls no more, and leads to a new report with the
/// same answers
#[tokio::test(flavor = "multi_thread")]
async fn withdrawn_receipt_says_so_and_leads_to_a_new_report() {
    let app = TestApp::open().await;
    let (_, receipt) = app.resident("C1").reports().await;
    let path = format!("{receipt}/withdraw");
    app.send(Method::POST, &path, None, None).await;
    let page = app.page(&receipt).await.1;
    for shown in [
        "已撤回",
        "您已撤回，社区不会再联系您。",
        "重新报备",
        "card aside",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    for hidden in ["已收到<", "已办结", "采样点", "再报备一人"] {
        assert!(!page.contains(hidden), "{hidden}: {page}");
    }
    let again = app.page(&format!("{receipt}/another")).await.1;
    assert!(again.contains("value=\"王示例\"") && again.contains("value=\"138 0000 0000\""));
    let other = app.resident("C1").reports().await.1;
    let another = app.page(&format!("{other}/another")).await.1;
    assert!(!another.contains("王示例") && another.contains("value=\"1203\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_of_a_receipt_follow_its_direction() {
    let app = TestApp::open().await;
    for (direction, labels) in [
        ("return", ["从哪里来: 上海", "返回日期: "]),
        ("leave", ["去哪里: 上海", "离开日期: "]),
    ] {
        let receipt = report(&app, json!({"direction": direction})).await;
        let answers = texts(&app.get(&receipt, None).await.json, "answers");
        for label in labels {
            let found = answers.iter().any(|line| line.starts_with(label));
            assert!(found, "{label}: {answers:?}");
        }
        assert!(answers.contains(&"人数: 共 2 人".to_owned()), "{answers:?}");
    }
}

/// guarantee: A receipt shows who looked, and neither notes nor steps that were taken back
#[tokio::test(flavor = "multi_thread")]
async fn history_of_a_receipt_has_no_internals() {
    let app = TestApp::open().await;
    let (_, receipt) = app.resident("C1").reports().await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let (id, _) = first(&app, &lead).await;
    step(&app, &lead, &id, "accept", json!({})).await;
    step(&app, &lead, &id, "note", json!({"reason": "内部情况"})).await;
    step(&app, &lead, &id, "close", json!({"outcome": "confirmed"})).await;
    let path = format!("/staff/reports/{id}/reveal");
    app.send(Method::POST, &path, Some(&lead), Some(json!({})))
        .await;
    let undone = step(&app, &lead, &id, "undo", json!({})).await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.json);
    let history = texts(&app.get(&receipt, None).await.json, "history");
    let history: Vec<&str> = history
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(_, text)| text)
        .collect();
    assert_eq!(
        history,
        [
            "已收到，已派到社区",
            "工作人员 已受理",
            "工作人员 查看了您的联系方式"
        ]
    );
    let english = app.get(&format!("{receipt}?lang=en"), None).await.json;
    assert!(texts(&english, "history")[1].ends_with(": Took it on (staff)"));
}

/// guarantee: A receipt of the night says that the night stays quiet and by when the call comes
#[tokio::test(flavor = "multi_thread")]
async fn receipts_say_when_the_call_comes() {
    let app = at("2026-09-15T23:30").await;
    let (_, night) = app.resident("C1").reports().await;
    let said = progress(&app, &night).await;
    let rested = "已登记，不打扰您和网格员休息；社区将于明天 09:00 前与您联系。";
    assert_eq!(said, ("待社区受理".into(), rested.into()));
    app.state.clock.set(local("2026-09-16T10:00"));
    let (_, day) = app.resident("C1").reports().await;
    let got = app.get(&day, None).await.json;
    assert_eq!(got["next_by"], "最晚今天 12:00 前联系您");
    let late = progress(&app, &night).await;
    assert!(late.1.starts_with("已过约定时间"), "{late:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_end_of_a_report_has_words_of_its_own() {
    let app = TestApp::open().await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let mut seen = Vec::new();
    for (name, words) in [
        ("accept", json!({})),
        ("close", json!({"outcome": "informed"})),
        ("invalidate", json!({"reason": "试扫"})),
        ("unreachable", json!({"retry_minutes": 30})),
    ] {
        let (number, receipt) = app.resident("C1").reports().await;
        let id = id_of(&app, &lead, &number).await;
        if name != "accept" {
            step(&app, &lead, &id, "accept", json!({})).await;
        }
        let got = step(&app, &lead, &id, name, words).await;
        assert_eq!(got.status, StatusCode::OK, "{name}: {}", got.json);
        seen.push(progress(&app, &receipt).await);
    }
    let texts: Vec<&str> = seen.iter().map(|(status, _)| status.as_str()).collect();
    assert_eq!(texts, ["办理中", "已办结", "无需办理", "未接通"]);
    let nexts: std::collections::BTreeSet<_> = seen.iter().map(|(_, next)| next).collect();
    assert_eq!(nexts.len(), seen.len(), "{seen:?}");
}

async fn id_of(app: &TestApp, person: &Person, number: &str) -> String {
    let rows = app.get("/staff", Some(person)).await.json["rows"].clone();
    let mut rows = rows.as_array().unwrap().iter();
    let row = rows.find(|row| row["number"] == number).unwrap();
    row["id"].as_str().unwrap().to_owned()
}

/// guarantee: English pages name places in English with the Chinese beside, from the receipt to the
/// queue
#[tokio::test(flavor = "multi_thread")]
async fn english_pages_name_places_in_english() {
    let app = TestApp::open().await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    for (said, english, chinese) in [
        ("上海市", "Shanghai 上海市", "上海市"),
        ("Shanghai", "Shanghai 上海市", "上海市（Shanghai）"),
        ("Atlantis", "Atlantis", "Atlantis"),
    ] {
        let receipt = report(&app, json!({"region": said})).await;
        for (lang, wanted) in [("en", english), ("zh", chinese)] {
            let got = app.get(&format!("{receipt}?lang={lang}"), None).await.json;
            let answers = texts(&got, "answers");
            assert!(
                answers
                    .iter()
                    .any(|line| line.ends_with(&format!(": {wanted}"))),
                "{answers:?}"
            );
            let rows = app
                .get(&format!("/staff?lang={lang}"), Some(&lead))
                .await
                .json["rows"]
                .clone();
            let mut rows = rows.as_array().unwrap().iter();
            assert!(rows.any(|row| row["region"] == wanted), "{wanted}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn places_of_one_name_are_offered_in_the_readers_language() {
    let app = TestApp::open().await;
    let resident = app.resident("C1");
    for (lang, first) in [("en", "Chaoyang 辽宁省朝阳市"), ("zh", "辽宁省朝阳市")] {
        let mut form = resident.form().await;
        form["region"] = json!("朝阳");
        form["lang"] = json!(lang);
        let refused = resident.sends(&form).await.json;
        let names = refused["regions"].as_array().unwrap().iter();
        let names: Vec<_> = names.map(|one| one["name"].as_str().unwrap()).collect();
        assert!(names.contains(&first), "{names:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn correction_is_titled_with_its_number_and_can_be_left() {
    let app = TestApp::open().await;
    let (number, receipt) = app.resident("C1").reports().await;
    let page = app.page(&format!("{receipt}/correct")).await.1;
    for shown in [
        format!(
            "<h1><span class=\"whole\">修改报备</span> <span class=\"whole\">{number}</span></h1>"
        ),
        format!("<a class=\"tap\" href=\"{receipt}\">← 不改了</a>"),
        "value=\"138 0000 0000\"".to_owned(),
    ] {
        assert!(page.contains(&shown), "{shown}: {page}");
    }
    assert!(
        !page.contains("30 秒") && !page.contains("只留电话"),
        "{page}"
    );
}

/// A day that the form no longer offers stays chosen while a report is corrected.
#[tokio::test(flavor = "multi_thread")]
async fn correction_keeps_a_day_that_is_not_offered() {
    let app = at("2026-09-15T10:00").await;
    let receipt = report(&app, json!({"day": "2026-09-03"})).await;
    let page = app.page(&format!("{receipt}/correct")).await.1;
    let chosen = "<option value=\"2026-09-03\" selected>";
    assert!(
        page.contains(chosen) && page.contains("id=\"other\" checked"),
        "{page}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn status_by_number_says_where_to_correct() {
    let app = TestApp::open().await;
    let (number, _) = app.resident("C1").reports().await;
    let ask = async |number: &str, digits: &str| {
        let form = [("number", number), ("digits", digits)];
        let request = app.request(Method::POST, "/status", None);
        let request = request.header("accept", "text/html").form(&form);
        let got = request.send().await.unwrap();
        (got.status(), got.text().await.unwrap())
    };
    let (status, found) = ask(&number, "0000").await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        found.contains("修改或撤回请用回执链接") && found.contains("待社区受理"),
        "{found}"
    );
    // What is missing is said by its field, and costs no try.
    for _ in 0..10 {
        let (status, page) = ask("", " ").await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            page.contains("请修改以下 2 处") && page.contains("href=\"#digits\""),
            "{page}"
        );
    }
    assert_eq!(ask(&number, "0000").await.0, StatusCode::OK);
}

/// guarantee: A test site whose last check is old says so
#[tokio::test(flavor = "multi_thread")]
async fn old_checks_of_sites_carry_a_warning() {
    let app = at("2026-09-15T10:00").await;
    let sites = "area_code,name,address,lon,lat,hours,checked_on\n\
                 C1,近点（示例）,路1号,120.891,32.06,24/7,2026-08-01\n\
                 C2,远点（示例）,路2号,120.95,32.06,24/7,2026-09-01\n";
    import(&app, mashang::testing::service::import::Table::Sites, sites).await;
    let path = format!("/q/{}/sites", app.resident("C1").code);
    let got = app.get(&path, None).await.json;
    let stale = |at: usize| {
        (
            got["sites"][at]["checked"].clone(),
            got["sites"][at]["stale"].clone(),
        )
    };
    assert_eq!(stale(0), (json!("8月1日核实"), json!(true)));
    assert_eq!(stale(1), (json!("9月1日核实"), json!(false)));
    app.state
        .clock
        .set(app.state.clock.now() + TimeDelta::days(40));
    assert_eq!(app.get(&path, None).await.json["sites"][1]["stale"], true);
}
