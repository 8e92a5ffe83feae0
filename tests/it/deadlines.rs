//! Deadlines in quiet hours, escalation, red rules.

use chrono::{DateTime, TimeDelta, Utc};
use mashang::testing::csv_table;
use mashang::testing::domain::staff::Role;
use mashang::testing::service::escalation;
use mashang::testing::service::import::{ImportError, Table, import_table};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Person, TestApp};

/// Sign-ins outlive the days that a test skips, and the first level is notified at the deadline.
const LONG: [(&str, &str); 2] = [("session_hours", "720"), ("escalate_grace_minutes", "0")];

/// A moment of the city's clocks.
pub(crate) fn local(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&format!("{text}:00+08:00"))
        .unwrap()
        .to_utc()
}

pub(crate) async fn at(text: &str) -> TestApp {
    TestApp::open_at(&LONG, local(text)).await
}

pub(crate) async fn import(app: &TestApp, kind: Table, text: &str) {
    let lines = csv_table::read(text.as_bytes(), kind.headings()).unwrap();
    import_table(&app.state, kind, lines).await.unwrap();
}

pub(crate) async fn rows(app: &TestApp, person: &Person) -> Vec<Value> {
    let list = app.get("/staff", Some(person)).await.json;
    list["rows"].as_array().unwrap().clone()
}

/// The texts of the report's escalations, in the order of its history.
pub(crate) async fn escalations(app: &TestApp, person: &Person, id: &Value) -> Vec<String> {
    let path = format!("/staff/reports/{}", id.as_str().unwrap());
    let case = app.get(&path, Some(person)).await.json;
    let history = case["history"].as_array().unwrap().iter();
    history
        .filter(|line| line["event"] == "escalated")
        .map(|line| line["text"].as_str().unwrap().to_owned())
        .collect()
}

pub(crate) async fn step(
    app: &TestApp,
    person: &Person,
    row: &Value,
    name: &str,
    mut words: Value,
) -> Value {
    let path = format!("/staff/reports/{}/{name}", row["id"].as_str().unwrap());
    words["version"] = row["version"].clone();
    let got = app.send(Method::POST, &path, Some(person), Some(words));
    let got = got.await;
    assert_eq!(got.status, StatusCode::OK, "{name}: {}", got.json);
    got.json["row"].clone()
}

/// guarantee: An overdue report is escalated to each level once, on two nodes and after a restart,
/// and never after its end
#[tokio::test(flavor = "multi_thread")]
async fn no_escalation_of_accepted_or_ended_reports() {
    let app = at("2026-09-15T10:00").await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    for _ in 0..2 {
        app.resident("C1").reports().await;
    }
    let list = rows(&app, &lead).await;
    let ended = step(&app, &lead, &list[0], "accept", json!({})).await;
    step(
        &app,
        &lead,
        &ended,
        "close",
        json!({"outcome": "confirmed"}),
    )
    .await;
    let taken = step(&app, &lead, &list[1], "accept", json!({})).await;
    assert_eq!(taken["due_kind"], "finish");
    assert_eq!(
        taken["due_at"],
        "2026-09-16T02:00:00Z"
            .to_owned()
            .replace("00Z", &fraction(&taken))
    );
    app.state.clock.set(local("2026-09-15T20:00"));
    escalation::escalate(&app.state).await.unwrap();
    app.state.clock.set(local("2026-09-16T10:01"));
    escalation::escalate(&app.state).await.unwrap();
    assert!(escalations(&app, &lead, &list[0]["id"]).await.is_empty());
    // The second deadline is over: one escalation.
    assert_eq!(escalations(&app, &lead, &list[1]["id"]).await.len(), 1);
}

/// The seconds of a receipt a moment after the hour.
fn fraction(row: &Value) -> String {
    row["due_at"].as_str().unwrap()[17..].to_owned()
}

/// guarantee: Nothing is escalated in quiet hours
#[tokio::test(flavor = "multi_thread")]
async fn escalation_waits_for_the_end_of_quiet_hours() {
    let app = at("2026-09-15T19:58").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    app.resident("C1").reports().await;
    let id = rows(&app, &duty).await[0]["id"].clone();
    // An urgent report in the same queue escalates at night. The other one still waits.
    import(&app, Table::RedRules, RED).await;
    app.state.clock.set(local("2026-09-15T20:15"));
    app.resident("C1").reports().await;
    let red = rows(&app, &duty).await[0]["id"].clone();
    assert_ne!(red, id);
    for (now, times) in [
        ("2026-09-15T22:30", 0),
        ("2026-09-16T07:29", 0),
        ("2026-09-16T07:31", 1),
        ("2026-09-16T08:32", 2),
    ] {
        app.state.clock.set(local(now));
        escalation::escalate(&app.state).await.unwrap();
        assert_eq!(escalations(&app, &duty, &id).await.len(), times, "{now}");
    }
    assert_eq!(escalations(&app, &duty, &red).await.len(), 2);
}

pub(crate) const RED: &str = "name,direction,region_prefix,active\n示例：上海返程,return,31,yes\n";

/// guarantee: An urgent report stands first, is due at any hour and is escalated at night
#[tokio::test(flavor = "multi_thread")]
async fn urgent_reports_stand_first_and_escalate_by_night() {
    let app = at("2026-09-15T22:30").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let mut form = app.resident("C1").form().await;
    form["region"] = json!("北京");
    app.resident("C1").sends(&form).await;
    import(&app, Table::RedRules, RED).await;
    let mut stream = app.stream(&duty, None).await;
    let (_, receipt) = app.resident("C2").reports().await;
    let (_, entry) = stream.next().await;
    assert_eq!(entry["row"]["red"], "示例：上海返程");
    let list = rows(&app, &duty).await;
    assert_eq!(
        (&list[0]["red"], &list[1]["red"]),
        (&json!("示例：上海返程"), &json!(""))
    );
    let due = |row: &Value| row["due"].as_str().unwrap().to_owned();
    assert!(due(&list[0]).ends_with("00:30"), "{}", due(&list[0]));
    assert!(due(&list[1]).ends_with("09:00"), "{}", due(&list[1]));
    assert_eq!(app.get("/centre", Some(&duty)).await.json["red"], 1);
    let said = app.get(&receipt, None).await.json.to_string();
    assert!(
        !said.contains("示例：上海返程"),
        "rules are not for the resident"
    );

    app.state.clock.set(local("2026-09-16T00:31"));
    escalation::escalate(&app.state).await.unwrap();
    assert_eq!(escalations(&app, &duty, &list[0]["id"]).await.len(), 1);
    assert!(escalations(&app, &duty, &list[1]["id"]).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn amendment_can_only_raise_urgency() {
    let app = at("2026-09-15T22:30").await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    import(&app, Table::RedRules, RED).await;
    let mut form = app.resident("C1").form().await;
    form["region"] = json!("北京");
    let receipt = app.resident("C1").sends(&form).await.json["receipt"].clone();
    let path = format!("{}/correct", receipt.as_str().unwrap());
    assert_eq!(rows(&app, &lead).await[0]["red"], "");
    for region in ["上海", "北京"] {
        form["region"] = json!(region);
        let mut said = form.clone();
        said.as_object_mut().unwrap().remove("key");
        let got = app.send(Method::POST, &path, None, Some(said)).await;
        assert_eq!(got.status, StatusCode::NO_CONTENT, "{}", got.json);
        let row = rows(&app, &lead).await[0].clone();
        assert_eq!(row["red"], "示例：上海返程", "after {region}");
        assert!(row["due"].as_str().unwrap().ends_with("00:30"), "{row}");
    }
}

/// guarantee: A subdistrict's own hours and the calendar are effective from the import on
#[tokio::test(flavor = "multi_thread")]
async fn subdistrict_hours_and_holidays_move_deadlines() {
    let app = at("2026-09-30T21:30").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let due = async |region: &str| {
        let mut form = app.resident("C1").form().await;
        form["region"] = json!(region);
        let sent = app.resident("C1").sends(&form).await;
        assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.json);
        let newest = app.get("/staff?sort=newest", Some(&duty)).await;
        newest.json["rows"][0]["due"].clone()
    };
    assert_eq!(due("上海").await, "明天 09:00");
    let holidays = "day,kind,name\n2026-10-01,off,国庆节\n2026-10-02,休,国庆节\n";
    import(&app, Table::Holidays, holidays).await;
    assert_eq!(due("上海").await, "10月3日 周六 09:00");
    assert_eq!(
        app.get("/staff", Some(&duty)).await.json["off_days"],
        "2026-10-01 2026-10-02"
    );
    let own = "code,parent_code,level,name,number_prefix,day_ends,first_contact_minutes,off_days_called\n\
        S,D,subdistrict,街道,QZ,23:00,30,\n";
    import(&app, Table::Areas, own).await;
    assert_eq!(due("上海").await, "今天 22:00");
    app.state.clock.set(local("2026-10-01T10:00"));
    assert_eq!(due("上海").await, "10月3日 周六 09:00");
    let called = own.replace("30,\n", "30,是\n");
    import(&app, Table::Areas, &called).await;
    assert_eq!(due("上海").await, "今天 10:30");
    // A file that does not speak of hours leaves them.
    let plain = "code,parent_code,level,name,number_prefix\nS,D,subdistrict,街道,QZ\n";
    import(&app, Table::Areas, plain).await;
    assert_eq!(due("上海").await, "今天 10:30");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_hours_days_and_rules_are_named() {
    let app = TestApp::open().await;
    for (kind, text, words) in [
        (
            Table::Areas,
            "code,parent_code,level,name,day_ends\nC1,S,community,桥北社区,23:00\n",
            "only a subdistrict",
        ),
        (
            Table::Areas,
            "code,parent_code,level,name,day_ends\nS,D,subdistrict,街道,08:00\n",
            "must follow each other",
        ),
        (
            Table::Areas,
            "code,parent_code,level,name,finish_hours\nS,D,subdistrict,街道,0\n",
            "no number from 1 to 720",
        ),
        (
            Table::Holidays,
            "day,kind,name\n10月1日,off,国庆节\n",
            "no day",
        ),
        (
            Table::Holidays,
            "day,kind,name\n2026-10-01,maybe,国庆节\n",
            "neither off nor working",
        ),
        (
            Table::RedRules,
            "name,direction,region_prefix,active\n示例,,,yes\n",
            "every report",
        ),
        (
            Table::RedRules,
            "name,direction,region_prefix,active\n示例,home,,yes\n",
            "neither return nor leave",
        ),
    ] {
        let lines = csv_table::read(text.as_bytes(), kind.headings()).unwrap();
        match import_table(&app.state, kind, lines).await {
            Err(ImportError::Lines(mistakes)) => {
                assert_eq!(mistakes[0].line, 2);
                assert!(mistakes[0].what.contains(words), "{}", mistakes[0]);
            }
            other => panic!("{text} was taken: {other:?}"),
        }
    }
}

/// guarantee: Deadlines fall on working days and hours, through holidays and changes of summer time
#[tokio::test(flavor = "multi_thread")]
async fn deadlines_follow_daylight_saving_changes() {
    let zone = [("time_zone", "Europe/Berlin"), LONG[0]];
    let app = TestApp::open_with(&zone).await;
    let evening = DateTime::parse_from_rfc3339("2026-10-24T21:30:00+02:00").unwrap();
    app.state.clock.set(evening.to_utc());
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    app.resident("C1").reports().await;
    let row = rows(&app, &lead).await[0].clone();
    assert_eq!(row["due_at"], "2026-10-25T08:00:00Z");
    let passed = TimeDelta::milliseconds(row["given_ms"].as_i64().unwrap());
    assert_eq!(
        passed.num_minutes(),
        12 * 60 + 29,
        "an hour longer, less the moment of the test"
    );
}

/// guarantee: Due soon and overdue follow the deadline that counts: first contact, then finish
#[tokio::test(flavor = "multi_thread")]
async fn the_views_of_what_presses_follow_the_deadline_that_counts() {
    let app = at("2026-09-15T10:00").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    for _ in 0..2 {
        app.resident("C1").reports().await;
    }
    let held = async |view: &str| {
        let view = app
            .get(&format!("/staff?view={view}"), Some(&duty))
            .await
            .json;
        let chips = view["views"].as_array().unwrap();
        let counts = chips.iter().find(|chip| chip["current"] == true).unwrap();
        let rows = view["rows"].as_array().unwrap().len();
        assert_eq!(counts["count"], rows);
        rows
    };
    let row = rows(&app, &duty).await[0].clone();
    step(&app, &duty, &row, "accept", json!({})).await;
    for (now, soon, overdue) in [
        ("2026-09-15T11:31", 1, 0),
        ("2026-09-15T12:01", 0, 1),
        ("2026-09-16T04:01", 1, 1),
        ("2026-09-16T10:01", 0, 2),
    ] {
        app.state.clock.set(local(now));
        assert_eq!(
            (held("due_soon").await, held("overdue").await),
            (soon, overdue),
            "{now}"
        );
    }
    escalation::escalate(&app.state).await.unwrap();
    assert_eq!((held("escalated").await, held("red").await), (2, 0));
}

/// guarantee: An urgent report stands first, is due at any hour and is escalated at night
#[tokio::test(flavor = "multi_thread")]
async fn urgent_reports_stand_first_across_pages() {
    let app = at("2026-09-15T10:00").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    import(&app, Table::RedRules, RED).await;
    let resident = app.resident("C1");
    for nth in 0..210 {
        let mut form = resident.form().await;
        form["region"] = json!(if nth % 2 == 0 { "北京" } else { "上海" });
        assert_eq!(resident.sends(&form).await.status, StatusCode::CREATED);
    }
    let (mut path, mut seen) = ("/staff".to_owned(), Vec::new());
    while !path.is_empty() {
        let view = app.get(&path, Some(&duty)).await.json;
        let rows = view["rows"].as_array().unwrap().clone();
        assert!(rows.len() <= 100);
        seen.extend(rows.iter().map(|row| {
            (
                row["red"] == "",
                row["due_ms"].as_i64(),
                row["id"].to_string(),
            )
        }));
        path = view["next"].as_str().unwrap().to_owned();
    }
    assert_eq!(seen.len(), 210);
    assert!(seen.is_sorted(), "red first, then by the deadline");
    seen.dedup();
    assert_eq!(seen.len(), 210);
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_reports_do_not_hide_an_urgent_one() {
    let app = at("2026-09-15T19:50").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let resident = app.resident("C1");
    for _ in 0..205 {
        resident.reports().await;
    }
    import(&app, Table::RedRules, RED).await;
    app.state.clock.set(local("2026-09-15T20:30"));
    resident.reports().await;
    let red = rows(&app, &duty).await[0]["id"].clone();
    app.state.clock.set(local("2026-09-15T23:00"));
    escalation::escalate(&app.state).await.unwrap();
    assert_eq!(escalations(&app, &duty, &red).await.len(), 1);
}
