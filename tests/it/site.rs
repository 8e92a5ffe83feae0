//! Test sites and hours that were imported long ago and are read at every start.

use mashang::testing::domain::staff::Role;
use mashang::testing::service::escalation;
use mashang::testing::service::import::Table;
use reqwest::StatusCode;
use serde_json::Value;

use crate::app::TestApp;
use crate::deadlines::{at, import, local};

async fn sites(app: &TestApp) -> Vec<Value> {
    let path = format!("/q/{}/sites", app.resident("C1").code);
    let got = app.get(&path, None).await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.json);
    got.json["sites"].as_array().unwrap().clone()
}

/// guarantee: Hours from an old import break no page, and unreadable hours are shown as unknown
#[tokio::test(flavor = "multi_thread")]
async fn unreadable_hours_are_shown_as_unknown() {
    let mut app = TestApp::open().await;
    let other = "UPDATE site SET hours = '随时' WHERE name = '近点（示例）'";
    app.execute(other).await;
    app.restart().await;
    let drawn: Vec<_> = (sites(&app).await.iter())
        .map(|site| {
            let flag = |name: &str| site[name].as_bool().unwrap();
            (site["name"].clone(), flag("open"), flag("hours_known"))
        })
        .collect();
    let wanted = [
        ("远点（示例）".into(), true, true),
        ("近点（示例）".into(), false, false),
        ("关点（示例）".into(), false, true),
    ];
    assert_eq!(drawn, wanted);
    let path = format!("/q/{}/sites", app.resident("C1").code);
    for (lang, words) in [("zh", "开放时间不详"), ("en", "Hours unknown")] {
        let (status, page) = app.page(&format!("{path}?lang={lang}")).await;
        assert!(status == StatusCode::OK && page.contains(words), "{page}");
    }
    let (_, receipt) = app.resident("C1").reports().await;
    let (status, page) = app.page(&receipt).await;
    assert!(status == StatusCode::OK && page.contains("远点"), "{page}");
}

/// guarantee: Hours from an old import break no page, and unreadable hours are shown as unknown
#[tokio::test(flavor = "multi_thread")]
async fn long_hours_survive_a_restart() {
    let mut app = TestApp::open().await;
    let days = "一二三四五六日".chars().enumerate();
    let days = days.map(|(at, day)| format!("周{day}{at}点-8点、10点-11点、13点-23点;"));
    let said = days.collect::<Vec<_>>().concat();
    let lines = format!(
        "area_code,name,address,lon,lat,hours\nC1,近点（示例）,路1号,120.891,32.06,{said}\n"
    );
    import(&app, Table::Sites, &lines).await;
    app.restart().await;
    let sites = sites(&app).await;
    assert_eq!(sites.len(), 3);
    assert!(sites.iter().all(|site| site["hours_known"] == true));
}

/// guarantee: Hours from an old import break no page, and unreadable hours are shown as unknown
#[tokio::test(flavor = "multi_thread")]
async fn misfit_subdistrict_hours_fall_back_to_the_citys() {
    let mut app = at("2026-09-15T08:00").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let own = "code,parent_code,level,name,number_prefix,day_starts,night_due\n\
               S,D,subdistrict,街道,QZ,10:00,11:00\n";
    import(&app, Table::Areas, own).await;
    for (name, hour) in [
        ("day_starts", "06:00"),
        ("night_due", "07:00"),
        ("day_ends", "10:00"),
        ("first_contact_minutes", "30"),
    ] {
        app.set(name, hour);
    }
    app.restart().await;
    app.resident("C1").reports().await;
    let row = app.get("/staff", Some(&duty)).await.json["rows"][0].clone();
    assert!(row["due"].as_str().unwrap().ends_with("08:30"), "{row}");
    app.state.clock.set(local("2026-09-15T09:00"));
    escalation::escalate(&app.state).await.unwrap();
    let row = app.get("/staff", Some(&duty)).await.json["rows"][0].clone();
    assert_eq!(
        row["escalated_to"], "subdistrict",
        "no night without an end"
    );
}
