//! Residents: report once, be sure that it arrived, see every mistake.

use mashang::testing::domain::position::Position;
use mashang::testing::domain::staff::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn report_is_acknowledged_with_number_and_link() {
    let app = TestApp::open().await;
    let (number, receipt) = app.resident("C1").reports().await;
    assert!(number.starts_with("QZ-"), "{number}");
    let got = app.get(&receipt, None).await;
    assert_eq!(
        (got.status, got.json["number"].as_str()),
        (StatusCode::OK, Some(number.as_str()))
    );
    assert_eq!(got.json["community"], "桥北社区");
    assert!(got.json["answers"].to_string().contains("王示例"));
    assert_eq!(
        app.get("/s/AAAAAAAAAAAAAAAAAAAAAA", None).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(app.get("/s/x", None).await.status, StatusCode::NOT_FOUND);
}

/// guarantee: A form names every mistake at once and stores nothing if there is one
#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_is_named_at_once_and_nothing_is_stored() {
    let app = TestApp::open().await;
    let resident = app.resident("C1");
    let mut form = resident.form().await;
    for (field, words) in [
        ("direction", ""),
        ("region", ""),
        ("day", "2020-01-01"),
        ("room", "<1>"),
        ("name", "=1+1"),
        ("phone", "12"),
        ("companions", "many"),
        ("companion_names", "<>"),
        ("identity", "110105194912310021"),
        ("vehicle", "很长很长很长很长很长很长很长"),
    ] {
        form[field] = json!(words);
    }
    let got = resident.sends(&form).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields: Vec<_> = got.json["mistakes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["field"].as_str().unwrap())
        .collect();
    assert_eq!(
        fields,
        [
            "direction",
            "region",
            "day",
            "room",
            "name",
            "phone",
            "companions",
            "companion_names",
            "identity",
            "vehicle"
        ]
    );
    let worker = app
        .person("w", mashang::testing::domain::staff::Role::GridWorker, "C1")
        .await;
    assert_eq!(
        app.get("/staff", Some(&worker)).await.json["rows"],
        json!([])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_bodies_are_refused_in_words() {
    let app = TestApp::open().await;
    let resident = app.resident("C1");
    let path = format!("/q/{}", resident.code);
    let mut unknown = resident.form().await;
    unknown["admin"] = json!("1");
    let mut typed = resident.form().await;
    typed["room"] = json!(1203);
    let mut forged = resident.form().await;
    forged["key"] = json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    for form in [unknown, typed, forged, json!([]), json!(null)] {
        let got = resident.sends(&form).await;
        assert_eq!(
            (got.status, got.json["code"].as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, Some("malformed")),
            "{form}"
        );
    }
    let large = "x".repeat(70_000);
    let response = app
        .request(Method::POST, &path, None)
        .body(large)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_several_places_is_asked_about_once() {
    let app = TestApp::open().await;
    let resident = app.resident("C1");
    let mut form = resident.form().await;
    form["region"] = json!("朝阳");
    let got = resident.sends(&form).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(got.json["regions"].as_array().unwrap().len(), 2);
    form["region_pick"] = got.json["regions"][0]["id"].to_string().into();
    assert_eq!(resident.sends(&form).await.status, StatusCode::CREATED);
    let mut stubborn = resident.form().await;
    stubborn["region"] = json!("朝阳");
    stubborn["region_asked"] = json!("朝阳");
    assert_eq!(resident.sends(&stubborn).await.status, StatusCode::CREATED);
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_ignore_case_and_typos_open_no_page() {
    let app = TestApp::open().await;
    let code = app.resident("C1").code;
    for path in [
        format!("/q/{code}"),
        format!("/Q/{code}"),
        format!("/q/{}", code.to_lowercase()),
    ] {
        assert_eq!(app.get(&path, None).await.status, StatusCode::OK, "{path}");
    }
    let mut slipped: Vec<char> = code.chars().collect();
    slipped[0] = if slipped[0] == 'A' { 'B' } else { 'A' };
    let slipped: String = slipped.into_iter().collect();
    let got = app.get(&format!("/q/{slipped}"), None).await;
    assert_eq!(
        (got.status, got.json["code"].as_str()),
        (StatusCode::NOT_FOUND, Some("mistyped_code"))
    );
    let (status, page) = app.page(&format!("/q/{slipped}")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(page.contains("短码有误") && page.contains("name=\"code\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_placard_takes_nothing_and_the_others_stay() {
    let app = TestApp::open().await;
    let resident = app.resident("C1");
    let form = resident.form().await;
    let code = mashang::testing::domain::code::Code::read(&resident.code).unwrap();
    mashang::testing::service::places::revoke_placard(&app.state, code)
        .await
        .unwrap();
    let got = resident.sends(&form).await;
    assert_eq!(
        (got.status, got.json["code"].as_str()),
        (StatusCode::GONE, Some("revoked_code"))
    );
    let (_, page) = app.page(&format!("/q/{}", resident.code)).await;
    assert!(page.contains("0513-00000002"), "the telephone is offered");
    assert_eq!(
        app.get(&format!("/q/{}", app.resident("C2").code), None)
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn form_works_without_scripts_in_both_languages() {
    let app = TestApp::open().await;
    let resident = app.resident("C1");
    let path = format!("/q/{}", resident.code);
    let (_, english) = app.page(&format!("{path}?lang=en")).await;
    assert!(english.contains("Report arriving or leaving") && english.contains("lang=\"en\""));
    let mut form = resident.form().await;
    form["phone"] = json!("12");
    let post = async |form: &Value| {
        let request = app
            .request(Method::POST, &path, None)
            .header("accept", "text/html");
        request.form(form).send().await.unwrap()
    };
    let refused = post(&form).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = refused.text().await.unwrap();
    assert!(page.contains("王示例") && page.contains("电话号码格式不正确"));
    form["phone"] = json!("13800000000");
    let taken = post(&form).await;
    assert_eq!(taken.status(), StatusCode::SEE_OTHER);
    let receipt = taken.headers()["location"].to_str().unwrap().to_owned();
    let (status, page) = app.page(&receipt).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("QZ-"));
}

#[tokio::test(flavor = "multi_thread")]
async fn test_sites_are_sorted_open_first_then_near() {
    let app = TestApp::open().await;
    let got = app
        .get(&format!("/q/{}/sites", app.resident("C1").code), None)
        .await;
    let names: Vec<_> = got.json["sites"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["近点（示例）", "远点（示例）", "关点（示例）"]);
    assert!(
        got.json["sites"][0]["amap"]
            .as_str()
            .unwrap()
            .contains("position=120.891000,32.060000")
    );
}

/// guarantee: A receipt number and four digits find the report; wrong ones get one answer and
/// consume a budget
#[tokio::test(flavor = "multi_thread")]
async fn status_lookup_gives_one_answer_for_all_errors() {
    let app = TestApp::open().await;
    let (number, _) = app.resident("C1").reports().await;
    let (other, _) = app.resident("C1").reports().await;
    let ask = async |number: &str, digits: &str| {
        let words = json!({"number": number, "digits": digits});
        app.send(Method::POST, "/status", None, Some(words)).await
    };
    let spoken = number.to_lowercase().replace('-', " ");
    let found = ask(&spoken, "００００").await;
    assert_eq!(
        (found.json["number"].as_str(), found.json["status"].as_str()),
        (Some(number.as_str()), Some("waiting"))
    );
    for hidden in ["王示例", "1203", "0000 0000", "/s/"] {
        assert!(!found.json.to_string().contains(hidden), "{hidden}");
    }
    let wrong = ask(&number, "1234").await;
    let never = ask("QZ-0101-2222", "1234").await;
    let nonsense = ask("王示例", "x").await;
    assert_eq!(wrong.status, StatusCode::NOT_FOUND);
    for same in [never, nonsense] {
        assert_eq!((same.status, same.json), (wrong.status, wrong.json.clone()));
    }
    for _ in 0..4 {
        ask(&number, "1234").await;
    }
    let spent = ask(&number, "0000").await;
    assert_eq!(
        (spent.status, spent.json["code"].as_str()),
        (StatusCode::TOO_MANY_REQUESTS, Some("too_many_tries"))
    );
    assert_eq!(ask(&other, "0000").await.json["number"], other.as_str());
    let now = app.state.clock.now();
    app.state.clock.set(now + chrono::TimeDelta::minutes(16));
    assert_eq!(ask(&number, "0000").await.status, StatusCode::OK);
    let page = app.page("/status").await;
    assert!(page.0 == StatusCode::OK && page.1.contains("电话后四位"));
}

/// guarantee: A telephone is enough for a report, and what else was filled in must be right
#[tokio::test(flavor = "multi_thread")]
async fn telephone_alone_is_enough_and_other_fields_are_checked() {
    let app = TestApp::open().await;
    let resident = app.resident("C1");
    let empty = resident.form().await;
    let key = empty["key"].clone();
    let asked = json!({"key": key, "only": "phone", "room": "!!"});
    let refused = resident.sends(&asked).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = refused.json["mistakes"].as_array().unwrap().iter();
    let fields: Vec<&str> = fields.map(|m| m["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["room", "phone"]);
    let said = json!({"key": key, "only": "phone", "phone": "13800000009"});
    let taken = resident.sends(&said).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.json);
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let row = app.get("/staff", Some(&lead)).await.json["rows"][0].clone();
    assert_eq!(
        (row["name"].as_str(), row["incomplete"].as_bool()),
        (Some("只留了电话"), Some(true))
    );
    let address = format!("{}/correct", taken.json["receipt"].as_str().unwrap());
    let mended = app.send(Method::POST, &address, None, Some(empty)).await;
    assert!(mended.status.is_success(), "{}", mended.json);
    let row = app.get("/staff", Some(&lead)).await.json["rows"][0].clone();
    assert_eq!(row["incomplete"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn proxy_reporter_is_shown_to_holder_and_staff_only() {
    let app = TestApp::open().await;
    let resident = app.resident("C1");
    let mut form = resident.form().await;
    form["proxy"] = json!("邻居示例");
    let taken = resident.sends(&form).await;
    let receipt = taken.json["receipt"].as_str().unwrap();
    let got = app.get(receipt, None).await;
    assert!(got.json["answers"].to_string().contains("邻居示例"));
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let list = app.get("/staff", Some(&lead)).await;
    assert!(!list.json.to_string().contains("邻居示例"));
    let id = list.json["rows"][0]["id"].as_str().unwrap();
    let address = format!("/staff/reports/{id}/reveal");
    let seen = app
        .send(Method::POST, &address, Some(&lead), Some(json!({})))
        .await;
    assert_eq!(seen.json["revealed"]["proxy"], "邻居示例");
}

/// guarantee: Names of companions are seen by the receipt's holder, and by staff after a recorded look
#[tokio::test(flavor = "multi_thread")]
async fn companions_are_counted_named_and_kept_from_lists() {
    let app = TestApp::open().await;
    let resident = app.resident("C1");
    let mut form = resident.form().await;
    form["companion_names"] = json!("赵示例、Anna Example");
    let refused = resident.sends(&form).await.json["mistakes"][0].clone();
    let message = "同行人姓名比同行人数多，请核对";
    assert_eq!(
        (&refused["field"], &refused["message"]),
        (&json!("companion_names"), &json!(message))
    );
    form["companions"] = json!("");
    let taken = resident.sends(&form).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.json);
    let receipt = taken.json["receipt"].as_str().unwrap();
    let (_, page) = app.page(receipt).await;
    assert!(
        page.contains("<dt>同行人姓名</dt><dd>赵示例、Anna Example</dd>"),
        "{page}"
    );
    assert!(page.contains("共 3 人"), "{page}");
    let correct = format!("{receipt}/correct");
    let (_, page) = app.page(&correct).await;
    assert!(page.contains("value=\"赵示例、Anna Example\""), "{page}");
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let list = app.get("/staff", Some(&lead)).await.json;
    let id = list["rows"][0]["id"].as_str().unwrap();
    let case = app
        .get(&format!("/staff/reports/{id}"), Some(&lead))
        .await
        .json;
    for unseen in [list.to_string(), case.to_string()] {
        assert!(
            !unseen.contains("赵示例") && !unseen.contains("Anna"),
            "{unseen}"
        );
    }
    form["companions"] = json!("3");
    form["companion_names"] = json!("孙示例");
    let corrected = app.send(Method::POST, &correct, None, Some(form)).await;
    assert_eq!(
        corrected.status,
        StatusCode::NO_CONTENT,
        "{}",
        corrected.json
    );
    let mut browser = app.browser(&lead);
    browser
        .sends(&format!("/staff/reports/{id}/reveal"), json!({}))
        .await;
    assert!(
        browser.page.contains("同行人姓名: 孙示例") && browser.page.contains("× 4"),
        "{}",
        browser.page
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn place_names_are_cached_under_their_hash_only() {
    let app = TestApp::open().await;
    let form = app
        .get(&format!("/q/{}", app.resident("C1").code), None)
        .await;
    let address = form.json["regions_script"].as_str().unwrap().to_owned();
    let (status, text) = app.page(&address).await;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("上海市") && text.contains("朝阳区"), "{text}");
    let kept = async |address: &str| {
        let request = app.request(Method::GET, address, None);
        let got = request.send().await.unwrap();
        got.headers()["cache-control"].to_str().unwrap().to_owned()
    };
    assert!(kept(&address).await.contains("immutable"));
    assert_eq!(kept("/regions/older.js").await, "no-cache");
}

/// Longitude and latitude of the far test site, in GCJ-02.
const FAR_SITE: (f64, f64) = (120.95, 32.06);

#[tokio::test(flavor = "multi_thread")]
async fn sites_are_sorted_from_the_given_position() {
    let app = TestApp::open().await;
    let address = format!("/q/{}/sites", app.resident("C1").code);
    // The WGS-84 position that the server converts to that of the far site, found step by step.
    let (mut lon, mut lat) = FAR_SITE;
    for _ in 0..5 {
        let shown = Position::from_wgs84(lon, lat).unwrap();
        lon -= shown.lon() - FAR_SITE.0;
        lat -= shown.lat() - FAR_SITE.1;
    }
    let here = json!({"lon": lon.to_string(), "lat": lat.to_string()});
    let got = app.send(Method::POST, &address, None, Some(here)).await;
    let first = &got.json["sites"][0];
    assert_eq!(
        (first["name"].as_str(), first["distance_m"].as_u64()),
        (Some("远点（示例）"), Some(0)),
        "the telephone's WGS-84 is the map's GCJ-02: {}",
        got.json
    );
    for nowhere in [
        json!({"lon": "x", "lat": "1"}),
        json!({"lon": "181", "lat": "1"}),
    ] {
        let refused = app.send(Method::POST, &address, None, Some(nowhere)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}
