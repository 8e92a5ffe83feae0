//! Robots of chat groups: their messages, and their quiet hours.

use chrono::{NaiveTime, TimeDelta};
use mashang::testing::domain::staff::Role;
use mashang::testing::domain::webhook::{Events, Kind};
use mashang::testing::service::import::Table;
use mashang::testing::service::webhook::signature;
use mashang::testing::service::{places, webhook};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::deadlines::import;
use crate::webhook_receiver::{Received, WebhookReceiver, add, drained, wanted};

/// From an hour before midnight to an hour of the morning, before anything of the night is due.
const NIGHT: TimeDelta = TimeDelta::hours(9);

/// Sets the app's clock to this hour of today.
fn set_hour(app: &TestApp, hour: u32) {
    let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let local = app.state.local_now().date().and_time(time);
    app.state.clock.set(app.state.clock.instant(local));
}

/// guarantee: A robot is silent in quiet hours, and what is left of the day waits for the morning
#[tokio::test(flavor = "multi_thread")]
async fn robot_is_silent_at_night_and_sums_up_next_morning() {
    let app = TestApp::open_with(&[("session_hours", "720")]).await;
    set_hour(&app, 23);
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let busy = (200, "{\"errcode\":45009,\"errmsg\":\"too many\"}");
    let receiver = WebhookReceiver::open(&[busy]).await;
    add(&app, &receiver, wanted(&app, Kind::WeCom, "S")).await;
    for queue in ["C1", "C2", "C1"] {
        app.resident(queue).reports().await;
    }
    let row = app.get("/staff", Some(&worker)).await.json["rows"][0].clone();
    let path = format!("/staff/reports/{}/accept", row["id"].as_str().unwrap());
    let words = Some(json!({"version": 1}));
    let taken = app.send(Method::POST, &path, Some(&worker), words).await;
    assert_eq!(taken.status, StatusCode::OK);
    drained(&app).await;
    assert!(receiver.messages().is_empty(), "no message at night");
    app.state.clock.set(app.state.clock.now() + NIGHT);
    let messages = receiver.wait_for(&app, 2).await;
    assert_eq!(
        messages[0].body, messages[1].body,
        "refused, and sent again"
    );
    let said = messages[1].json();
    assert_eq!(said["msgtype"], "text");
    // What came, of that what still waits, and nothing of what a colleague did.
    let wanted = "【码上报备】班前清单\n桥北社区：昨夜 2（待签收 1）\n\
        桥东社区：昨夜 1（待签收 1）\nhttp://localhost:8080/staff/digest";
    assert_eq!(said["text"]["content"], wanted);
    drained(&app).await;
    assert_eq!(receiver.messages().len(), 2);
}

/// guarantee: A robot's first message of the morning counts the whole night, as the digest's page
/// does
#[tokio::test(flavor = "multi_thread")]
async fn first_morning_message_is_the_nights_digest() {
    const REPORTS: usize = 131;
    let app = TestApp::open().await;
    set_hour(&app, 21);
    let [one, all, calls] = [
        WebhookReceiver::open(&[]).await,
        WebhookReceiver::open(&[]).await,
        WebhookReceiver::open(&[]).await,
    ];
    let mut english = wanted(&app, Kind::DingTalk, "S");
    english.english = true;
    let mut other = wanted(&app, Kind::WeCom, "C1");
    other.events = Events::read("accepted");
    add(&app, &one, wanted(&app, Kind::WeCom, "C1")).await;
    add(&app, &all, english).await;
    add(&app, &calls, other).await;
    // A report of the day is in a message of the day, and not in the digest.
    app.resident("C2").reports().await;
    assert_eq!(said(&all.wait_for(&app, 1).await), ["Qiaodong: new 1"]);
    set_hour(&app, 23);
    app.resident("S").reports().await;
    let mut receipts = Vec::new();
    for _ in 0..REPORTS {
        receipts.push(app.resident("C1").reports().await.1);
    }
    let path = format!("{}/withdraw", receipts[7]);
    app.send(Method::POST, &path, None, None).await;
    app.state.clock.set(app.state.clock.now() + NIGHT);
    let digest = one.wait_for(&app, 1).await.remove(0).json()["text"]["content"].clone();
    let wanted = "【码上报备】班前清单\n桥北社区：昨夜 130（待签收 130）\n\
        http://localhost:8080/staff/digest";
    assert_eq!(digest, wanted);
    let digest = all.wait_for(&app, 2).await.remove(1).json()["text"]["content"].clone();
    let wanted = "[Mashang] Morning digest\nSubdistrict: last night 1 (waiting 1)\n\
        Qiaobei: last night 130 (waiting 130)\nhttp://localhost:8080/staff/digest";
    assert_eq!(digest, wanted);
    // What the page says.
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let page = app.get("/staff/digest", Some(&lead)).await.json;
    assert_eq!(
        (&page["reports"], &page["waiting"]),
        (&json!(130), &json!(130))
    );
    drained(&app).await;
    assert_eq!(
        (one.messages().len(), all.messages().len()),
        (1, 2),
        "nothing is left"
    );
    assert!(
        calls.messages().is_empty(),
        "a webhook without report events has no digest"
    );

    app.resident("C1").reports().await;
    let text = one.wait_for(&app, 2).await.remove(1).json()["text"]["content"].clone();
    let wanted = "【码上报备】\n桥北社区：新报备 1\nhttp://localhost:8080/staff";
    assert_eq!(text, wanted);
}

/// guarantee: A robot's first message of the morning counts the whole night, as the digest's page
/// does
#[tokio::test(flavor = "multi_thread")]
async fn paused_robot_gets_one_message_for_everything_missed() {
    let app = TestApp::open().await;
    set_hour(&app, 12);
    let receiver = WebhookReceiver::open(&[]).await;
    let (id, _) = add(&app, &receiver, wanted(&app, Kind::WeCom, "S")).await;
    webhook::set_active(&app.state, id, false).await.unwrap();
    for queue in [["C1"; 103].as_slice(), &["C2"; 2]].concat() {
        app.resident(queue).reports().await;
    }
    webhook::set_active(&app.state, id, true).await.unwrap();
    let all = "桥北社区：新报备 103\n桥东社区：新报备 2";
    assert_eq!(said(&receiver.wait_for(&app, 1).await), [all]);
}

/// guarantee: A robot's message fits its platform's limit and says how many queues more there are
#[tokio::test(flavor = "multi_thread")]
async fn message_of_many_queues_keeps_the_robots_limit() {
    const QUEUES: usize = 50;
    let app = TestApp::open().await;
    let sheet = |head: &str, line: &dyn Fn(usize) -> String| {
        let lines: Vec<_> = (0..QUEUES).map(line).collect();
        format!("{head}\n{}\n", lines.join("\n"))
    };
    let areas = sheet("code,parent_code,level,name", &|nth| {
        format!("N{nth},S,community,第{nth}个名字很长的社区居民委员会")
    });
    let buildings = sheet("area_code,estate,building,units,lon,lat", &|nth| {
        format!("N{nth},花园{nth},1号楼,,120.9,32.1")
    });
    import(&app, Table::Areas, &areas).await;
    import(&app, Table::Buildings, &buildings).await;
    places::issue_placards(&app.state, "more").await.unwrap();
    let receiver = WebhookReceiver::open(&[]).await;
    set_hour(&app, 23);
    add(&app, &receiver, wanted(&app, Kind::WeCom, "S")).await;
    for nth in 0..QUEUES {
        app.resident(&format!("N{nth}")).reports().await;
    }
    app.state.clock.set(app.state.clock.now() + NIGHT);
    let text = receiver.wait_for(&app, 1).await.remove(0).json()["text"]["content"].clone();
    let text = text.as_str().unwrap();
    assert!(text.len() <= 2_048, "{} bytes", text.len());
    let lines: Vec<_> = text.lines().collect();
    let said = lines
        .iter()
        .filter(|line| line.contains("昨夜 1（"))
        .count();
    assert!(said > 12, "{text}");
    let more = format!("另有 {} 个队列", QUEUES - said);
    assert_eq!(
        lines[lines.len() - 2..],
        [&more, "http://localhost:8080/staff/digest"]
    );
}

/// guarantee: A robot is silent in quiet hours, and what is left of the day waits for the morning
#[tokio::test(flavor = "multi_thread")]
async fn undelivered_entries_of_the_day_wait_for_the_morning() {
    let app = TestApp::open().await;
    set_hour(&app, 21);
    let receiver = WebhookReceiver::held(&[]).await;
    let mut silent = wanted(&app, Kind::Generic, "C1");
    silent.at_night = Some(false);
    add(&app, &receiver, silent).await;
    // While the first waits for its answer, the others come and are read together.
    for _ in 0..6 {
        app.resident("C1").reports().await;
    }
    receiver.answer_once();
    receiver.at_least(2).await;
    set_hour(&app, 23);
    receiver.release();
    drained(&app).await;
    assert_eq!(receiver.messages().len(), 2, "the second was on its way");
    let morning = app.state.clock.now() + TimeDelta::hours(10);
    app.state.clock.set(morning);
    let delivered = receiver.wait_for(&app, 6).await;
    let delivered: Vec<i64> = delivered.iter().map(Received::seq).collect();
    assert_eq!(delivered, [1, 2, 3, 4, 5, 6]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dingtalk_robot_finds_its_signature_in_the_address() {
    let app = TestApp::open().await;
    set_hour(&app, 12);
    let receiver = WebhookReceiver::open(&[]).await;
    let address = format!("{}/robot/send?access_token=t", receiver.origin);
    let mut robot = wanted(&app, Kind::DingTalk, "C1");
    (robot.english, robot.events) = (true, Events::read("submitted,accepted"));
    let secret = Some("SECexample".to_owned());
    let (id, _) = webhook::add(&app.state, robot, &address, secret)
        .await
        .unwrap();
    webhook::test(&app.state, id).await.unwrap();
    app.resident("C1").reports().await;
    for message in receiver.wait_for(&app, 2).await {
        let stamp = message.target.split("timestamp=").nth(1).unwrap();
        let millis = stamp.split('&').next().unwrap().parse().unwrap();
        let signed = signature::dingtalk("SECexample", millis);
        assert_eq!(
            message.target,
            format!("/robot/send?access_token=t&{signed}")
        );
    }
    let said = receiver.messages()[1].json()["text"]["content"].to_string();
    assert!(said.contains("[Mashang]\\nQiaobei: new 1"), "{said}");
}

const RED: &str = "name,direction,region_prefix,active\n示例：上海返程,return,31,yes\n";
/// The events of a robot that only announces new reports.
const NEW: &str = "submitted,arrived";

/// A report that no rule marks, and where its receipt is.
async fn calm(app: &TestApp, queue: &str) -> (Value, String) {
    let resident = app.resident(queue);
    let mut form = resident.form().await;
    form["region"] = json!("北京");
    let got = resident.sends(&form).await;
    assert_eq!(got.status, StatusCode::CREATED, "{}", got.json);
    (form, got.json["receipt"].as_str().unwrap().to_owned())
}

/// What the messages say, without their heads and the address below.
fn said(messages: &[Received]) -> Vec<String> {
    let words = |message: &Received| {
        let said = message.json()["text"]["content"]
            .as_str()
            .unwrap()
            .to_owned();
        let lines: Vec<_> = said.lines().collect();
        lines[1..lines.len() - 1].join("\n")
    };
    messages.iter().map(words).collect()
}

/// guarantee: Urgent entries reach a silent webhook at night, without the rest and not again in the
/// morning, through crashes and on two nodes
#[tokio::test(flavor = "multi_thread")]
async fn urgent_entries_reach_robots_by_night_once() {
    let mut app = TestApp::open_with(&[("session_hours", "720")]).await;
    import(&app, Table::RedRules, RED).await;
    set_hour(&app, 23);
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let receiver = WebhookReceiver::open(&[(500, "")]).await;
    for area in ["S", "C1"] {
        let mut robot = wanted(&app, Kind::WeCom, area);
        robot.events = Events::read(NEW);
        // The community's own robot is inactive and gets no message.
        let (id, _) = add(&app, &receiver, robot).await;
        webhook::set_active(&app.state, id, area == "S")
            .await
            .unwrap();
    }
    let (mut form, receipt) = calm(&app, "C1").await;
    app.resident("C1").reports().await;
    calm(&app, "C2").await;
    let red = "红色 桥北社区：新报备 1（示例：上海返程）";
    // The receiver refuses the message once, so it comes again before any other.
    assert_eq!(said(&receiver.wait_for(&app, 2).await), [red, red]);

    form["region"] = json!("上海");
    form.as_object_mut().unwrap().remove("key");
    let path = format!("{receipt}/correct");
    let mended = app.send(Method::POST, &path, None, Some(form)).await;
    assert_eq!(mended.status, StatusCode::NO_CONTENT, "{}", mended.json);
    let turned = "红色 桥北社区：修改 1（示例：上海返程）";
    assert_eq!(said(&receiver.wait_for(&app, 3).await)[2], turned);
    drained(&app).await;

    app.restart().await;
    calm(&app, "C1").await;
    let row = app.get("/staff?view=red", Some(&duty)).await.json["rows"][0].clone();
    let path = format!("/staff/reports/{}/transfer", row["id"].as_str().unwrap());
    let words = json!({"version": row["version"], "to": app.area("C2").0, "reason": "搬走"});
    let moved = app
        .send(Method::POST, &path, Some(&duty), Some(words))
        .await;
    assert_eq!(moved.status, StatusCode::OK, "{}", moved.json);
    let arrived = "红色 桥东社区：转入 1（示例：上海返程）";
    assert_eq!(said(&receiver.wait_for(&app, 4).await)[3], arrived);
    drained(&app).await;
    assert_eq!(receiver.messages().len(), 4, "the others wait");

    app.state.clock.set(app.state.clock.now() + NIGHT);
    // The digest counts the urgent reports, and does not name their rules a second time.
    let rest = "桥北社区：昨夜 2（待签收 2，超时 1，红色 1）\n\
        桥东社区：昨夜 2（待签收 2，超时 1，红色 1）";
    assert_eq!(said(&receiver.wait_for(&app, 5).await)[4], rest);
    drained(&app).await;
    assert_eq!(receiver.messages().len(), 5, "nothing twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn robot_lists_urgent_first_and_entries_that_become_urgent() {
    let app = TestApp::open().await;
    import(&app, Table::RedRules, RED).await;
    set_hour(&app, 12);
    let receiver = WebhookReceiver::open(&[]).await;
    let mut robot = wanted(&app, Kind::DingTalk, "S");
    (robot.english, robot.events) = (true, Events::read(NEW));
    let (id, _) = add(&app, &receiver, robot).await;
    webhook::set_active(&app.state, id, false).await.unwrap();
    let (mut form, receipt) = calm(&app, "C1").await;
    app.resident("C2").reports().await;
    webhook::set_active(&app.state, id, true).await.unwrap();
    let both = "Red, 桥东社区: new 1 (示例：上海返程)\nQiaobei: new 1";
    let texts = said(&receiver.wait_for(&app, 1).await);
    assert_eq!(texts[0].replace("Qiaodong", "桥东社区"), both);
    let path = format!("{receipt}/correct");
    form.as_object_mut().unwrap().remove("key");
    for region in ["辽宁省", "上海", "北京"] {
        form["region"] = json!(region);
        let words = Some(form.clone());
        let mended = app.send(Method::POST, &path, None, words).await;
        assert_eq!(mended.status, StatusCode::NO_CONTENT, "{}", mended.json);
    }
    let turned = "Red, Qiaobei: corrected 1 (示例：上海返程)";
    assert_eq!(said(&receiver.wait_for(&app, 2).await)[1], turned);
    drained(&app).await;
    assert_eq!(receiver.messages().len(), 2, "of other corrections nothing");
}
