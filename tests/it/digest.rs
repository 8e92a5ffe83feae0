//! The morning digest: what the night brought, to whose it is.

use mashang::testing::domain::staff::{Role, Scope};
use mashang::testing::service::import::Table;
use mashang::testing::service::{digest, places};
use reqwest::Method;
use serde_json::{Value, json};

use crate::deadlines::{at, import, local, rows, step};

/// guarantee: The morning digest lists what the night brought, masked, within the scope
#[tokio::test(flavor = "multi_thread")]
async fn digest_holds_the_nights_reports_by_building_within_scope() {
    let app = at("2026-09-15T21:50").await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let mut numbers = Vec::new();
    for (now, queue) in [
        ("2026-09-15T21:59", "C1"),
        ("2026-09-15T22:00", "C1"),
        ("2026-09-16T03:00", "C2"),
        ("2026-09-16T07:29", "C1"),
        ("2026-09-16T07:30", "C1"),
    ] {
        app.state.clock.set(local(now));
        numbers.push(app.resident(queue).reports().await.0);
    }
    let (_, receipt) = app.resident("C1").reports().await;
    app.state.clock.set(local("2026-09-16T07:15"));
    let (_, taken_back) = app.resident("C1").reports().await;
    for link in [receipt, taken_back] {
        let path = format!("{link}/withdraw");
        app.send(Method::POST, &path, None, None).await;
    }
    app.state.clock.set(local("2026-09-16T08:00"));
    let held = |view: &Value| {
        let queues = view["queues"].as_array().unwrap().clone();
        let buildings = queues
            .iter()
            .flat_map(|queue| queue["buildings"].as_array().unwrap());
        let rows = buildings.flat_map(|building| building["rows"].as_array().unwrap());
        rows.map(|row| row["number"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let ours = app.get("/staff/digest", Some(&lead)).await.json;
    assert_eq!(held(&ours), [numbers[1].clone(), numbers[3].clone()]);
    assert_eq!(
        (&ours["reports"], &ours["persons"], &ours["waiting"]),
        (&json!(2), &json!(4), &json!(2))
    );
    assert_eq!(ours["queues"][0]["buildings"][0]["name"], "花园 1号楼");
    assert_eq!(
        ours["queues"][0]["buildings"][0]["rows"][0]["due"],
        "今天 09:00"
    );
    let text = ours.to_string();
    assert!(
        !text.contains("王示例") && !text.contains("13800000000"),
        "masked: {text}"
    );
    let all = app.get("/staff/digest", Some(&duty)).await.json;
    assert_eq!(
        (
            all["reports"].as_i64(),
            all["queues"].as_array().unwrap().len()
        ),
        (Some(3), 2)
    );
    let earlier = app
        .get("/staff/digest?day=2026-09-15", Some(&lead))
        .await
        .json;
    assert_eq!(earlier["reports"], 0);
    for day in ["2026-09-17", "1900-01-01", "+262142-12-31"] {
        let path = format!("/staff/digest?day={day}");
        let status = app.get(&path, Some(&lead)).await.status;
        assert!(status.is_client_error(), "{day}: {status}");
    }
    assert_eq!(app.get("/staff", Some(&lead)).await.json["morning"], true);
    app.state.clock.set(local("2026-09-16T11:00"));
    assert_eq!(app.get("/staff", Some(&lead)).await.json["morning"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_queue_uses_its_own_subdistricts_night() {
    let app = at("2026-09-15T12:00").await;
    let areas = "code,parent_code,level,name,number_prefix,day_ends\n\
        S2,D,subdistrict,二街道,ER,20:00\nC3,S2,community,早睡社区,,\n";
    import(&app, Table::Areas, areas).await;
    let buildings = "area_code,estate,building,units,lon,lat\nC3,早睡,1号楼,,120.9,32.1\n";
    import(&app, Table::Buildings, buildings).await;
    places::issue_placards(&app.state, "more").await.unwrap();
    let district = app.person("duty", Role::DutyOfficer, "D").await;
    app.state.clock.set(local("2026-09-15T20:30"));
    app.resident("C1").reports().await;
    let (number, _) = app.resident("C3").reports().await;
    app.state.clock.set(local("2026-09-16T08:00"));
    let digest = app.get("/staff/digest", Some(&district)).await.json;
    assert_eq!(digest["reports"], 1, "{digest}");
    assert_eq!(
        digest["queues"][0]["buildings"][0]["rows"][0]["number"],
        number.as_str()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn desk_reports_stand_under_their_building() {
    let app = at("2026-09-16T03:00").await;
    let sheet = "area_code,estate,building,units,lon,lat\nC1,花园,9号楼,,120.89,32.06\n";
    import(&app, Table::Buildings, sheet).await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let offered = app.get("/staff/desk", Some(&lead)).await.json;
    let mut spots = offered["estates"][0]["spots"].as_array().unwrap().iter();
    let spot = spots.find(|spot| spot["name"] == "9号楼").unwrap();
    let spot = spot["spot"].as_str().unwrap();
    let path = format!("/staff/desk/{spot}");
    let key = app.get(&path, Some(&lead)).await.json["key"].clone();
    let form = json!({
        "key": key, "direction": "leave", "region": "上海", "day": "2026-09-16",
        "room": "301", "name": "李示例", "phone": "138 0000 0001",
    });
    let taken = app.send(Method::POST, &path, Some(&lead), Some(form)).await;
    assert!(taken.status.is_success(), "{}", taken.json);
    app.state.clock.set(local("2026-09-16T08:00"));
    let digest = app.get("/staff/digest", Some(&lead)).await.json;
    assert_eq!(digest["queues"][0]["buildings"][0]["name"], "花园 9号楼");
}

/// guarantee: The pages of a morning digest together are the night, and each counts the whole of it
#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_digest_are_the_whole_night() {
    let app = at("2026-09-15T22:30").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let worker = app.person("worker", Role::CommunityLead, "C1").await;
    let mut numbers = Vec::new();
    for nth in 0..9 {
        let queue = if nth % 3 == 0 { "C2" } else { "C1" };
        numbers.push(app.resident(queue).reports().await.0);
    }
    app.state.clock.set(local("2026-09-16T08:00"));
    // Some were dealt with before the digest is read, and are in it; one is invalid.
    for (nth, row) in rows(&app, &worker).await.iter().take(3).enumerate() {
        let row = step(&app, &worker, row, "accept", json!({})).await;
        if nth == 0 {
            numbers.retain(|number| row["number"] != number.as_str());
            step(&app, &worker, &row, "invalidate", json!({"reason": "示例"})).await;
        } else {
            step(&app, &worker, &row, "close", json!({"outcome": "informed"})).await;
        }
    }
    let day = local("2026-09-16T08:00").date_naive();
    let scope = Scope::of(&app.state.atlas().tree, app.area("S"));
    let whole = digest::page(&app.state, &scope, day, None, 100)
        .await
        .unwrap();
    assert!(whole.next.is_none());
    let (mut after, mut paged) = (None, Vec::new());
    loop {
        let page = digest::page(&app.state, &scope, day, after, 3)
            .await
            .unwrap();
        assert_eq!(page.digest.queues, whole.digest.queues);
        paged.extend(page.rows.into_iter().map(|row| row.number));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let whole: Vec<String> = whole.rows.into_iter().map(|row| row.number).collect();
    assert_eq!(paged, whole);
    paged.sort_unstable();
    numbers.sort_unstable();
    assert_eq!(paged, numbers);
    let page = app.get("/staff/digest", Some(&duty)).await.json;
    assert_eq!((&page["reports"], &page["waiting"]), (&json!(8), &json!(6)));
    let elsewhere = app.get("/staff/digest?after=1.2", Some(&duty)).await;
    assert_eq!(elsewhere.status.as_u16(), 422);
}
