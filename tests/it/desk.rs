//! The desk: reports that staff write down for people without a telephone, on screen and on paper.

use mashang::testing::domain::staff::Role;
use mashang::testing::service::import::{Table, import_table};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Got, Person, TestApp};

/// The spots on offer, with their names.
pub(crate) async fn spots(app: &TestApp, person: &Person, find: &str) -> Vec<(String, String)> {
    let got = app
        .get(&format!("/staff/desk?find={find}"), Some(person))
        .await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.json);
    let mut all = Vec::new();
    for estate in got.json["estates"].as_array().unwrap() {
        for spot in estate["spots"].as_array().unwrap() {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let name = format!("{} {}", text(&estate["name"]), text(&spot["name"]));
            all.push((text(&spot["spot"]), name));
        }
    }
    all
}

/// A form of the desk that would be taken, with a fresh key.
pub(crate) async fn form(app: &TestApp, person: &Person, spot: &str) -> Value {
    let got = app.get(&format!("/staff/desk/{spot}"), Some(person)).await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.json);
    let days = got.json["days"].as_array().unwrap();
    let today = days.iter().find(|day| day["chosen"] == true).unwrap();
    json!({
        "key": got.json["key"], "direction": "leave", "region": "上海", "day": today["value"],
        "room": "301", "name": "李示例", "phone": "138 0000 0001",
    })
}

pub(crate) async fn enter(app: &TestApp, person: &Person, spot: &str, form: &Value) -> Got {
    let path = format!("/staff/desk/{spot}");
    let form = Some(form.clone());
    app.send(Method::POST, &path, Some(person), form).await
}

async fn rows(app: &TestApp, person: &Person) -> Vec<Value> {
    let got = app.get("/staff", Some(person)).await;
    got.json["rows"].as_array().unwrap().clone()
}

/// guarantee: A report taken at the desk is one report in its building's queue, with the name of
/// who wrote it
#[tokio::test(flavor = "multi_thread")]
async fn desk_report_enters_the_buildings_queue_with_its_clerk() {
    let app = TestApp::open().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let offered = spots(&app, &worker, "").await;
    let names: Vec<_> = offered.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["花园 1号楼 1单元", "花园 1号楼 2单元"]);
    let (spot, _) = &offered[1];
    let form = form(&app, &worker, spot).await;
    let taken = enter(&app, &worker, spot, &form).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.json);
    let again = enter(&app, &worker, spot, &form).await;
    assert_eq!((again.status, &again.json), (StatusCode::OK, &taken.json));
    let mut other = form.clone();
    other["room"] = json!("302");
    let other = enter(&app, &worker, spot, &other).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert_eq!(other.json["earlier"], taken.json["number"]);

    let rows = rows(&app, &worker).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    let fields = (&rows[0]["channel"], &rows[0]["place"], &rows[0]["persons"]);
    let wanted = (&json!("desk"), &json!("花园 1号楼 2单元 301"), &json!(1));
    assert_eq!(fields, wanted);
    let case = format!("/staff/reports/{}", rows[0]["id"].as_str().unwrap());
    let case = app.get(&case, Some(&worker)).await.json;
    let line = (&case["history"][0]["event"], &case["history"][0]["who"]);
    assert_eq!(line, (&json!("submitted"), &json!("worker")));
    let receipt = taken.json["receipt"].as_str().unwrap();
    let receipt = app.get(receipt, None).await.json;
    assert_eq!(receipt["number"], taken.json["number"]);
}

/// guarantee: A client's key shows neither the receipt of other content nor its number at the desk
#[tokio::test(flavor = "multi_thread")]
async fn desk_conflict_under_a_client_key_shows_no_number() {
    let app = TestApp::open().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let (spot, _) = spots(&app, &worker, "").await.remove(0);
    let words = form(&app, &worker, &spot).await;
    let under = async |path: &str, form: &Value| {
        let request = app.request(Method::POST, path, Some(&worker));
        let request = request.header("accept", "application/json");
        let sent = request.header("idempotency-key", "word").json(form).send();
        let sent = sent.await.unwrap();
        (sent.status(), sent.json::<Value>().await.unwrap())
    };
    // From another community: a key counts at its place alone.
    let other = app.resident("C2");
    let theirs = under(&format!("/q/{}", other.code), &other.form().await).await;
    assert_eq!(theirs.0, StatusCode::CREATED, "{}", theirs.1);
    let path = format!("/staff/desk/{spot}");
    let ours = under(&path, &words).await;
    assert_eq!(ours.0, StatusCode::CREATED, "{}", ours.1);
    // Other words at the same place.
    let mut words = words.clone();
    words["name"] = json!("赵示例");
    let (status, said) = under(&path, &words).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(said["earlier"], "");
    let said = said.to_string();
    for number in [&theirs.1["number"], &ours.1["number"]] {
        let number = number.as_str().unwrap();
        assert!(!said.contains(number) && !said.contains("/s/"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_takes_reports_of_its_own_buildings_only() {
    let app = TestApp::open().await;
    let one = app.person("one", Role::GridWorker, "C1").await;
    let two = app.person("two", Role::GridWorker, "C2").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let (foreign, _) = spots(&app, &two, "").await[0].clone();
    let form = form(&app, &two, &foreign).await;
    let path = format!("/staff/desk/{foreign}");
    for path in [&path, &format!("{path}/paper")] {
        assert_eq!(
            app.get(path, Some(&one)).await.status,
            StatusCode::NOT_FOUND
        );
    }
    let refused = enter(&app, &one, &foreign, &form).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    for nothing in ["0", "x", "1-999", "1-x", "-1", "99999999999"] {
        let got = enter(&app, &duty, nothing, &form).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{nothing}");
    }
    // A building, and a placard that hangs in another one.
    let (building, placard) = foreign.split_once('-').unwrap();
    let (own, _) = spots(&app, &one, "").await[0].clone();
    let mixed = format!("{}-{placard}", own.split_once('-').unwrap().0);
    let got = enter(&app, &one, &mixed, &form).await;
    assert_eq!(got.status, StatusCode::NOT_FOUND, "{building} {mixed}");
    assert!(rows(&app, &duty).await.is_empty());
    assert_eq!(spots(&app, &duty, "").await.len(), 4);
    let found = spots(&app, &duty, "%E6%96%B0%E6%9D%91+1").await;
    assert_eq!(found.len(), 1);
    assert!(spots(&app, &duty, "village+building").await.len() == 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn desk_serves_buildings_without_a_placard() {
    let app = TestApp::open().await;
    let late = "area_code,estate,building,units,lon,lat\nC1,平房,7号,,120.89,32.06\n";
    let kind = Table::Buildings;
    let lines = mashang::testing::csv_table::read(late.as_bytes(), kind.headings()).unwrap();
    let imported = import_table(&app.state, kind, lines).await;
    imported.unwrap();
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let found = spots(&app, &worker, "%E5%B9%B3%E6%88%BF").await;
    let (spot, name) = &found[0];
    assert_eq!((found.len(), name.as_str()), (1, "平房 7号"));
    let form = form(&app, &worker, spot).await;
    let taken = enter(&app, &worker, spot, &form).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.json);
    let rows = rows(&app, &worker).await;
    assert_eq!(rows[0]["place"], "平房 7号 301");
    let receipt = taken.json["receipt"].as_str().unwrap();
    let (status, page) = app.page(receipt).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("平房 7号 301") && !page.contains("/correct"));
}

#[tokio::test(flavor = "multi_thread")]
async fn desk_page_keeps_input_and_shows_the_receipt_code() {
    let app = TestApp::open().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let (spot, _) = spots(&app, &worker, "").await[0].clone();
    let mut words = form(&app, &worker, &spot).await;
    let post = async |words: &Value| {
        let request = app.request(Method::POST, &format!("/staff/desk/{spot}"), Some(&worker));
        let request = request.header("accept", "text/html").form(words);
        let response = request.send().await.unwrap();
        (response.status(), response.text().await.unwrap())
    };
    words["phone"] = json!("12345");
    let (status, page) = post(&words).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let key = words["key"].as_str().unwrap();
    assert!(page.contains("李示例") && page.contains(key) && page.contains("id=\"phone-e\""));
    words["phone"] = json!("13800000001");
    let (status, page) = post(&words).await;
    assert_eq!(status, StatusCode::CREATED);
    let row = &rows(&app, &worker).await[0];
    let number = row["number"].as_str().unwrap();
    assert!(
        page.contains(&format!("class=\"loud\">{number}<")),
        "{page}"
    );
    assert!(page.contains("<svg") && page.contains("/s/"));
    assert_eq!(post(&words).await.0, StatusCode::OK, "loaded again");
    assert_eq!(rows(&app, &worker).await.len(), 1);
}

/// guarantee: At the desk a telephone is enough, too
#[tokio::test(flavor = "multi_thread")]
async fn desk_accepts_a_telephone_alone() {
    let app = TestApp::open().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let (spot, _) = spots(&app, &worker, "").await.remove(0);
    let key = form(&app, &worker, &spot).await["key"].clone();
    let asked = json!({"key": key, "only": "phone", "room": "!!"});
    let refused = enter(&app, &worker, &spot, &asked).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = refused.json["mistakes"].as_array().unwrap().iter();
    let fields: Vec<&str> = fields.map(|m| m["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["room", "phone"]);
    let said = json!({"key": key, "only": "phone", "phone": "13800000009"});
    let taken = enter(&app, &worker, &spot, &said).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.json);
    let row = rows(&app, &worker).await.remove(0);
    assert_eq!(
        [&row["name"], &row["incomplete"], &row["channel"]],
        [&json!("只留了电话"), &json!(true), &json!("desk")]
    );
    // Both pages offer it last, behind everything that is asked and the button for all of it.
    let code = app.resident("C1").code;
    for path in [format!("/staff/desk/{spot}"), format!("/q/{code}")] {
        let request = app.request(Method::GET, &path, Some(&worker));
        let answer = request.header("accept", "text/html").send().await.unwrap();
        let page = answer.text().await.unwrap();
        let (before, after) = page.split_once("name=\"only\" value=\"phone\"").unwrap();
        assert!(
            before.contains("name=\"proxy\"") && before.contains("<button>"),
            "{path}"
        );
        assert!(
            !after.split("</form>").next().unwrap().contains("<button>"),
            "{path}"
        );
    }
}

/// guarantee: Page, desk and paper ask in the same order
#[tokio::test(flavor = "multi_thread")]
async fn paper_and_desk_keep_the_residents_field_order() {
    let app = TestApp::open().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let (spot, _) = spots(&app, &worker, "").await[0].clone();
    let page = async |path: &str| {
        let request = app.request(Method::GET, path, Some(&worker));
        let response = request.header("accept", "text/html").send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.text().await.unwrap()
    };
    let order = |page: &str, mark: &str| {
        let mut fields: Vec<_> = page
            .split(mark)
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .filter(|field| !["key", "lang", "only", "other_day", "call"].contains(&field.as_str()))
            .collect();
        fields.dedup();
        fields
    };
    let code = app.resident("C1").code;
    let resident = order(&page(&format!("/q/{code}")).await, " name=\"");
    let resident: Vec<_> = resident
        .into_iter()
        .filter(|field| !["viewport", "format-detection"].contains(&field.as_str()))
        .collect();
    assert_eq!(resident.len(), 12, "{resident:?}");
    let desk = page(&format!("/staff/desk/{spot}")).await;
    let desk: Vec<_> = order(&desk, " name=\"").split_off(2);
    let paper = page(&format!("/staff/desk/{spot}/paper")).await;
    assert_eq!(order(&paper, "data-field=\""), resident);
    assert_eq!(desk, resident);
    assert!(
        paper.contains(&code) && paper.contains("花园 1号楼 1单元") && paper.contains("Garden")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn desk_takes_nothing_after_the_campaigns_last_day() {
    let mut app = TestApp::open().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let (spot, _) = spots(&app, &worker, "").await[0].clone();
    let words = form(&app, &worker, &spot).await;
    app.set("campaign_ends", "2022-09-01");
    app.restart().await;
    let path = format!("/staff/desk/{spot}");
    let got = app.get(&path, Some(&worker)).await;
    assert_eq!(got.status, StatusCode::GONE);
    let sent = enter(&app, &worker, &spot, &words).await;
    let answer = (sent.status, &sent.json["code"]);
    assert_eq!(answer, (StatusCode::GONE, &json!("campaign_over")));
    assert!(rows(&app, &worker).await.is_empty());
}

/// guarantee: A resend under the page's key gets its receipt, even if the placard was replaced, the
/// campaign is over or the report left the scope
#[tokio::test(flavor = "multi_thread")]
async fn desk_resend_keeps_its_number_after_transfer_or_campaign_end() {
    let mut app = TestApp::open().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let (spot, _) = spots(&app, &worker, "").await.remove(0);
    let form = form(&app, &worker, &spot).await;
    let taken = enter(&app, &worker, &spot, &form).await;
    let id = rows(&app, &worker).await[0]["id"].clone();
    let refuse = format!("/staff/reports/{}/refuse", id.as_str().unwrap());
    let words = Some(json!({"version": 1, "reason": "不住这里"}));
    let refused = app.send(Method::POST, &refuse, Some(&worker), words);
    assert_eq!(refused.await.status, StatusCode::OK);
    let path = format!("/staff/desk/{spot}");
    let page = app.request(Method::POST, &path, Some(&worker));
    let page = page.header("accept", "text/html").form(&form).send();
    let page = page.await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    let number = taken.json["number"].as_str().unwrap();
    assert!(page.text().await.unwrap().contains(number));
    app.set("campaign_ends", "2022-09-01");
    app.restart().await;
    let again = enter(&app, &worker, &spot, &form).await;
    assert_eq!((again.status, again.json), (StatusCode::OK, taken.json));
}
