//! Grids: who works for one sees the reports of its buildings, in the one queue of the community.

use mashang::testing::csv_table;
use mashang::testing::domain::staff::Role;
use mashang::testing::service::import::{ImportError, Imported, Table, import_table};
use mashang::testing::service::places;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Person, TestApp};
use crate::listing::count;

const GRIDS: &str = "code,parent_code,level,name\n\
    G1,C1,grid,第一网格\nM1,G1,micro_grid,第一微网格\nG2,C1,grid,第二网格\nG9,C2,grid,第九网格\n";
const BUILDINGS: &str = "area_code,grid_code,estate,building,units,lon,lat\n\
    C1,G1,花园,1号楼,1单元;2单元,120.89,32.06\nC1,G2,花园,2号楼,,120.89,32.06\n\
    C1,M1,花园,3号楼,,120.89,32.06\nC1,,花园,4号楼,,120.89,32.06\n";

async fn import(app: &TestApp, kind: Table, text: &str) -> Result<Imported, ImportError> {
    let lines = csv_table::read(text.as_bytes(), kind.headings()).unwrap();
    import_table(&app.state, kind, lines).await
}

/// A community with two grids, one with a micro-grid, and a building that lies in none.
async fn app() -> TestApp {
    let app = TestApp::open().await;
    import(&app, Table::Areas, GRIDS).await.unwrap();
    import(&app, Table::Buildings, BUILDINGS).await.unwrap();
    places::issue_placards(&app.state, "grids").await.unwrap();
    app
}

/// A report from this building. Returns the receipt's number.
async fn report(app: &TestApp, building: &str) -> String {
    let atlas = app.state.atlas();
    let of_building = |placard: &&mashang::testing::domain::place::Placard| {
        let door = atlas.door(&placard.code).unwrap();
        door.place(false).starts_with(&format!("花园 {building}"))
    };
    let placard = atlas.placards().find(of_building).unwrap();
    let mut resident = app.resident("C1");
    resident.code = placard.code.to_string();
    resident.reports().await.0
}

async fn rows(app: &TestApp, person: &Person) -> Vec<Value> {
    let got = app.get("/staff", Some(person)).await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.json);
    got.json["rows"].as_array().unwrap().clone()
}

async fn numbers(app: &TestApp, person: &Person) -> Vec<String> {
    let rows = rows(app, person).await;
    let number = |row: &Value| row["number"].as_str().unwrap().to_owned();
    rows.iter().map(number).collect()
}

/// guarantee: A grid worker sees the reports of the grid's buildings and no others, on pages, in
/// search and on the stream
#[tokio::test(flavor = "multi_thread")]
async fn grid_worker_sees_only_reports_of_the_grids_buildings() {
    let app = app().await;
    let mut sent = Vec::new();
    for building in ["1号楼", "2号楼", "3号楼", "4号楼"] {
        sent.push(report(&app, building).await);
    }
    let of = |some: &[usize]| some.iter().map(|at| sent[*at].clone()).collect::<Vec<_>>();
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    for (login, role, area, seen) in [
        ("g1", Role::GridWorker, "G1", &[0, 2][..]),
        ("m1", Role::GridWorker, "M1", &[2]),
        ("g2", Role::CommunityLead, "G2", &[1]),
        ("g9", Role::GridWorker, "G9", &[]),
        ("c1", Role::GridWorker, "C1", &[0, 1, 2, 3]),
        ("duty", Role::DutyOfficer, "S", &[0, 1, 2, 3]),
    ] {
        let person = app.person(login, role, area).await;
        assert_eq!(numbers(&app, &person).await, of(seen), "{login}");
        let counts = app.get("/staff/counts", Some(&person)).await.json;
        let open = usize::try_from(count(&counts, "open")).unwrap();
        assert_eq!(open, seen.len(), "{login}: {counts}");
        let found = json!({"q": "13800000000"});
        let found = app
            .send(Method::POST, "/staff/search", Some(&person), Some(found))
            .await;
        let found = found.json["rows"].as_array().unwrap().len();
        assert_eq!(found, seen.len(), "{login} finds by telephone");
        for (at, row) in rows(&app, &lead).await.iter().enumerate() {
            let id = row["id"].as_str().unwrap();
            let path = format!("/staff/reports/{id}");
            let case = app.get(&path, Some(&person)).await;
            if seen.contains(&at) {
                let twins = case.json["same_phone"].as_array().unwrap().len();
                assert_eq!((case.status, twins), (StatusCode::OK, seen.len() - 1));
                continue;
            }
            assert_eq!(case.status, StatusCode::NOT_FOUND, "{login} {at}");
            for step in ["accept", "close", "note", "call", "reveal", "undo"] {
                let words = json!({"version": 1, "outcome": "confirmed", "reason": "x"});
                let words = Some(words).filter(|_| step != "call" && step != "undo");
                let words = words.or(Some(json!({"version": 1})));
                let path = format!("{path}/{step}");
                let got = app.send(Method::POST, &path, Some(&person), words).await;
                assert_eq!(got.status, StatusCode::NOT_FOUND, "{login} {at} {step}");
            }
            let bulk = json!({"step": "accept", "reports": [{"id": id, "version": 1}]});
            let bulk = app
                .send(Method::POST, "/staff/bulk", Some(&person), Some(bulk))
                .await;
            assert_eq!(bulk.json["results"][0]["code"], "not_found");
            let number = json!({"q": row["number"]});
            let found = app
                .send(Method::POST, "/staff/search", Some(&person), Some(number))
                .await;
            assert_eq!(found.json["rows"].as_array().map_or(0, Vec::len), 0);
        }
    }
    for row in rows(&app, &lead).await {
        assert_eq!(row["status"], "waiting", "nobody has changed anything");
    }
}

/// guarantee: A grid worker sees the reports of the grid's buildings and no others, on pages, in
/// search and on the stream
#[tokio::test(flavor = "multi_thread")]
async fn grid_stream_has_every_number_and_redacts_other_grids() {
    let app = app().await;
    let worker = app.person("g1", Role::GridWorker, "G1").await;
    let mut stream = app.stream(&worker, None).await;
    let own = report(&app, "1号楼").await;
    report(&app, "2号楼").await;
    report(&app, "4号楼").await;
    let last = report(&app, "3号楼").await;
    let mut entries = Vec::new();
    for seq in 1..=4 {
        let (_, entry) = stream.next().await;
        assert_eq!(entry["seq"], json!(seq));
        entries.push(entry);
    }
    assert_eq!(entries[0]["row"]["number"], own.as_str());
    assert_eq!(entries[3]["row"]["number"], last.as_str());
    for other in &entries[1..3] {
        let nobody = "00000000-0000-0000-0000-000000000000";
        let said = (&other["event"], &other["report"], &other["row"]);
        assert_eq!(said, (&json!("elsewhere"), &json!(nobody), &Value::Null));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn grid_page_is_full_however_many_other_reports_exist() {
    let app = app().await;
    let worker = app.person("g1", Role::GridWorker, "G1").await;
    let others = (0..101).map(|_| report(&app, "2号楼"));
    futures_util::future::join_all(others).await;
    let own = report(&app, "1号楼").await;
    let got = app.get("/staff", Some(&worker)).await.json;
    assert_eq!(got["rows"].as_array().unwrap().len(), 1, "{got}");
    assert_eq!(
        (&got["rows"][0]["number"], &got["next"]),
        (&json!(own), &json!(""))
    );
}

/// guarantee: A building without a grid belongs to the community
#[tokio::test(flavor = "multi_thread")]
async fn unmapped_building_belongs_to_the_community() {
    let app = app().await;
    let worker = app.person("g1", Role::GridWorker, "G1").await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let number = report(&app, "4号楼").await;
    assert!(numbers(&app, &worker).await.is_empty());
    assert_eq!(numbers(&app, &lead).await, std::slice::from_ref(&number));
    let heading = "area_code,grid_code,estate,building,units,lon,lat";
    let line = |grid| format!("{heading}\nC1,{grid},花园,4号楼,,120.89,32.06\n");
    for wrong in ["G9", "C1", "C2", "S", "nowhere"] {
        let refused = import(&app, Table::Buildings, &line(wrong)).await;
        assert!(matches!(refused, Err(ImportError::Lines(_))), "{wrong}");
    }
    import(&app, Table::Buildings, &line("G1")).await.unwrap();
    assert_eq!(numbers(&app, &worker).await, std::slice::from_ref(&number));
    assert_eq!(numbers(&app, &lead).await, [number], "one queue, one owner");
    let older = "area_code,estate,building,units,lon,lat\nC1,花园,4号楼,,120.89,32.07\n";
    import(&app, Table::Buildings, older).await.unwrap();
    assert_eq!(
        numbers(&app, &worker).await.len(),
        1,
        "says nothing of grids"
    );
    import(&app, Table::Buildings, &line("")).await.unwrap();
    assert!(numbers(&app, &worker).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn lead_assigns_to_grid_workers_and_refusal_leaves_the_grid() {
    let app = app().await;
    report(&app, "3号楼").await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let own = app.person("m1", Role::GridWorker, "M1").await;
    app.person("g1", Role::GridWorker, "G1").await;
    app.person("g2", Role::GridWorker, "G2").await;
    let id = rows(&app, &lead).await[0]["id"].clone();
    let path = format!("/staff/reports/{}", id.as_str().unwrap());
    let case = app.get(&path, Some(&lead)).await.json;
    let colleagues = case["colleagues"].as_array().unwrap();
    let names: Vec<_> = colleagues.iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["lead", "m1", "g1"]);
    let other = colleagues[2]["id"].as_i64().unwrap() + 1;
    let give = async |staff: Value| {
        let words = Some(json!({"version": 1, "staff": staff}));
        let path = format!("{path}/assign");
        app.send(Method::POST, &path, Some(&lead), words).await
    };
    assert_eq!(give(json!(other)).await.json["code"], "no_such_target");
    let given = give(colleagues[1]["id"].clone()).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.json);
    assert_eq!(rows(&app, &own).await[0]["status"], "accepted");
    let words = Some(json!({"version": 2, "reason": "不住这里"}));
    let refuse = format!("{path}/refuse");
    let refused = app.send(Method::POST, &refuse, Some(&own), words).await;
    assert_eq!(
        (refused.status, &refused.json["left"]),
        (StatusCode::OK, &json!(true))
    );
    assert!(rows(&app, &own).await.is_empty());
    let gone = app.get(&path, Some(&own)).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_desk_a_grid_offers_its_own_buildings() {
    let app = app().await;
    let worker = app.person("g1", Role::GridWorker, "G1").await;
    let desk = app.get("/staff/desk", Some(&worker)).await.json;
    let spots = desk["estates"][0]["spots"].as_array().unwrap();
    let names: Vec<_> = spots.iter().map(|spot| spot["name"].clone()).collect();
    assert!(
        names.contains(&json!("3号楼")) && !names.contains(&json!("2号楼")),
        "{names:?}"
    );
    let spot = spots.last().unwrap()["spot"].as_str().unwrap();
    let path = format!("/staff/desk/{spot}");
    let form = app.get(&path, Some(&worker)).await.json;
    let words = json!({
        "key": form["key"], "direction": "return", "region": "上海", "day": form["days"][7]["value"],
        "room": "301", "name": "李示例", "phone": "13800000001",
    });
    let request = app.request(Method::POST, &path, Some(&worker));
    let taken = request
        .header("accept", "text/html")
        .form(&words)
        .send()
        .await;
    assert_eq!(taken.unwrap().status(), StatusCode::CREATED);
    assert_eq!(numbers(&app, &worker).await.len(), 1);
}

/// guarantee: No queue becomes a grid, and each area lies in a higher one
#[tokio::test(flavor = "multi_thread")]
async fn import_keeps_queues_and_area_levels() {
    let app = app().await;
    report(&app, "4号楼").await;
    for (line, why) in [
        ("C1,S,grid,桥北社区", "no list"),
        ("S9,C1,subdistrict,新街道", "cannot lie in"),
        ("C9,C1,community,新社区", "cannot lie in"),
        ("G3,G1,grid,第三网格", "cannot lie in"),
        ("G3,,grid,第三网格", "parent_code"),
    ] {
        let text = format!("code,parent_code,level,name\n{line}\n");
        let Err(ImportError::Lines(mistakes)) = import(&app, Table::Areas, &text).await else {
            panic!("{line} was taken");
        };
        let [mistake] = &mistakes[..] else {
            panic!("{mistakes:?}");
        };
        let said = mistake.to_string();
        assert!(said.contains(why), "{line}: {said}");
    }
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    assert_eq!(rows(&app, &lead).await.len(), 1, "nothing has moved");
    // A grid can become a community of its own.
    let text = "code,parent_code,level,name\nG2,S,community,桥西社区\n";
    assert_eq!(import(&app, Table::Areas, text).await.unwrap().lines, 1);
}

/// guarantee: A stream follows queues, not grids
#[tokio::test(flavor = "multi_thread")]
async fn a_page_follows_queues_and_no_grids() {
    let app = app().await;
    let duty = app.person("duty", Role::DutyOfficer, "D").await;
    for building in ["1号楼", "4号楼"] {
        report(&app, building).await;
    }
    let mut stream = app.stream(&duty, None).await;
    let queue = app.area("C1").0;
    assert_eq!(stream.event().await.id, format!("{queue}.2"));
    let atlas = app.state.atlas();
    let scope = mashang::testing::domain::staff::Scope::of(&atlas.tree, app.area("D"));
    let codes = scope.queues().iter().map(|queue| {
        let area = atlas.tree.area_of(*queue).unwrap();
        area.code.as_str()
    });
    assert_eq!(codes.collect::<Vec<_>>(), ["D", "S", "C1", "C2"]);
}
