//! Imports: what offices' spreadsheets hold is read as it is meant, or refused in words; nothing is
//! taken away.

use std::process::Command;

use mashang::testing::csv_table::{self, Mistake};
use mashang::testing::domain::staff::Role;
use mashang::testing::service::import::{ImportError, Imported, Table, import_table};
use mashang::testing::service::places;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tempfile::TempDir;

use crate::app::TestApp;

/// A file of bytes as `mashang import` takes it.
async fn take(app: &TestApp, table: Table, bytes: &[u8]) -> Result<Imported, Vec<Mistake>> {
    let sheet = csv_table::read(bytes, table.headings())?;
    match import_table(&app.state, table, sheet).await {
        Err(ImportError::Lines(mistakes)) => Err(mistakes),
        failed => Ok(failed.unwrap()),
    }
}

pub(crate) async fn taken(app: &TestApp, table: Table, text: &str) -> Imported {
    take(app, table, text.as_bytes()).await.unwrap()
}

pub(crate) async fn refused(app: &TestApp, table: Table, text: &str) -> Vec<String> {
    let mistakes = take(app, table, text.as_bytes()).await.unwrap_err();
    mistakes.iter().map(Mistake::to_string).collect()
}

/// The buildings of an estate with their units, in the order of their numbers.
pub(crate) fn buildings(app: &TestApp, estate: &str) -> Vec<(String, String)> {
    let atlas = app.state.atlas();
    let mut found: Vec<_> = atlas
        .buildings()
        .filter(|building| atlas.estate(building.estate).unwrap().name == estate)
        .map(|building| {
            (
                building.id.0,
                building.name.clone(),
                building.units.join("|"),
            )
        })
        .collect();
    found.sort_unstable();
    found
        .into_iter()
        .map(|(_, name, units)| (name, units))
        .collect()
}

pub(crate) fn is(name: &str, units: &str) -> (String, String) {
    (name.to_owned(), units.to_owned())
}

/// guarantee: A file that is damaged or of two encodings is refused whole, with its first bad line
#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_two_encodings_changes_nothing() {
    let app = TestApp::open().await;
    let utf8 = "code,parent_code,level,name\nS,D,subdistrict,秦灶街道\nC1,S,community,桥北社区\n";
    let (gbk, ..) = encoding_rs::GB18030.encode("C3,S,community,新社区\n");
    let joined = [utf8.as_bytes(), &gbk].concat();
    let mistakes = take(&app, Table::Areas, &joined).await.unwrap_err();
    assert_eq!((mistakes.len(), mistakes[0].line), (1, 4), "{mistakes:?}");
    let atlas = app.state.atlas();
    let name = |code: &str| {
        let mut areas = atlas.tree.areas();
        areas
            .find(|area| area.code == code)
            .map(|area| area.name.clone())
    };
    assert_eq!((name("S").as_deref(), name("C3")), (Some("街道"), None));
}

/// guarantee: A line for each unit of a building makes one building with all its units
#[tokio::test(flavor = "multi_thread")]
async fn lines_of_one_building_are_joined() {
    let app = TestApp::open().await;
    let head = "area_code,estate,building,units,lon,lat\n";
    let lines = "C1,示例新苑,1号楼,1单元,120.87,32.05\nC1,示例新苑,１号楼,2单元,120.87,32.05\n\
                 C1,示例 新苑,1 号楼,3单元,120.87,32.05\nC1,示例新苑,2号楼,1-2单元、3单元,120.87,32.05\n";
    taken(&app, Table::Buildings, &format!("{head}{lines}")).await;
    let wanted = [
        is("1号楼", "1单元|2单元|3单元"),
        is("2号楼", "1单元|2单元|3单元"),
    ];
    assert_eq!(buildings(&app, "示例新苑"), wanted);
    let issued = places::issue_placards(&app.state, "b").await.unwrap();
    assert_eq!(issued, 6);
    // The same house spelled otherwise in a later file is no other house.
    taken(
        &app,
        Table::Buildings,
        &format!("{head}C1,示例新苑,１ 号楼,1-3单元,120.87,32.05\n"),
    )
    .await;
    assert_eq!(buildings(&app, "示例新苑").len(), 2);
    for (lines, words) in [
        (
            "C1,甲,1号楼,1单元,120,32\nC1,甲,1号楼,1 单元,120,32\n",
            "line 3: 甲 1号楼 stands on line 2 already, with the unit 1单元",
        ),
        (
            "C1,甲,1号楼,,120,32\nC1,甲,1号楼,,120,32\n",
            "without its units",
        ),
        (
            "C1,甲,1号楼,1单元,120,32\nC1,甲,1号楼,2单元,121,32\n",
            "m from here",
        ),
        (
            "C1,甲,1号楼,1单元;1单元,120,32\n",
            "line 2: the unit 1单元 stands there twice",
        ),
        ("C1,甲,2-Mar,,120,32\n", "is a day"),
        ("C1,甲,1号楼,1-Jan;2-Jan,120,32\n", "is a day"),
    ] {
        let said = refused(&app, Table::Buildings, &format!("{head}{lines}")).await;
        assert!(said.len() == 1 && said[0].contains(words), "{said:?}");
    }
}

/// guarantee: A key that stands twice in a file is named, and nothing is taken
#[tokio::test(flavor = "multi_thread")]
async fn keys_that_stand_twice_are_named() {
    let app = TestApp::open().await;
    for (table, text, words) in [
        (
            Table::Areas,
            "code,parent_code,level,name\nC9,S,community,甲\nc9,S,community,乙\n",
            "line 3: the area c9 stands on line 2 already",
        ),
        (
            Table::Sites,
            "area_code,name,address,lon,lat,hours\nC1,甲,路,120,32,24/7\nC1,甲,路,120,32,24/7\n",
            "line 3: the site 甲 in C1 stands on line 2 already",
        ),
        (
            Table::Holidays,
            "day,kind,name\n2026-10-01,off,国庆\n2026/10/1,working,国庆\n",
            "line 3: the day 2026-10-01 stands on line 2 already",
        ),
        (
            Table::RedRules,
            "name,direction,region_prefix,active\n甲,return,,yes\n甲,leave,,yes\n",
            "line 3: the rule 甲 stands on line 2 already",
        ),
        (
            Table::Regions,
            "code6,level,name,city,province\n320000,1,江苏省,,江苏省\n320000,1,江苏,,江苏\n",
            "line 3: the region 320000 stands on line 2 already",
        ),
    ] {
        assert_eq!(refused(&app, table, text).await, [words], "{text}");
    }
}

/// guarantee: What a file does not say stays as it is; an empty cell empties it
#[tokio::test(flavor = "multi_thread")]
async fn columns_that_are_not_in_the_file_keep_their_values() {
    let app = TestApp::open().await;
    let full = "code,parent_code,level,name,name_en,short_name,number_prefix,phone,day_ends,night_due\n\
                S,D,subdistrict,街道,Subdistrict,街,QZ,0513-81234567,21:00,10:00\n";
    taken(&app, Table::Areas, full).await;
    let sites = "area_code,name,address,lon,lat,hours,phone,opens_from,suspended,name_en,note,note_en\n\
                 C1,近点（示例）,路1号,120.891,32.06,24/7,0513-81234567,2026-01-01,yes,Near,免费（示例）,Free\n";
    taken(&app, Table::Sites, sites).await;
    let houses = "area_code,estate,building,units\nC1,花园,1号楼,1-3单元\n";
    let few = "code,parent_code,level,name\nS,D,subdistrict,街道\n";
    let few_sites =
        "area_code,name,address,lon,lat,hours\nC1,近点（示例）,路9号,120.891,32.06,24/7\n";
    taken(&app, Table::Areas, few).await;
    taken(&app, Table::Sites, few_sites).await;
    taken(&app, Table::Buildings, houses).await;
    {
        let atlas = app.state.atlas();
        let area = atlas.tree.areas().find(|area| area.code == "S").unwrap();
        let kept = [
            &area.name_en,
            &area.short_name,
            &area.number_prefix,
            &area.phone,
        ];
        assert_eq!(kept, ["Subdistrict", "街", "QZ", "0513-81234567"]);
        assert!(area.hours.ends.is_some() && area.hours.night_due.is_some());
        let building = atlas
            .buildings()
            .find(|building| building.units.len() == 3)
            .unwrap();
        assert_eq!(building.name_en, "Building 1");
        assert!(building.position.is_some());
        assert_eq!(atlas.estate(building.estate).unwrap().name_en, "Garden");
    }
    let path = format!("/q/{}/sites?lang=en", app.resident("C1").code);
    let listed = app.get(&path, None).await.json["sites"].clone();
    let near = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|site| site["name"] == "Near")
        .unwrap();
    assert_eq!(
        (&near["open"], &near["phone"], &near["address"]),
        (&json!(false), &json!("0513-81234567"), &json!("路9号"))
    );
    assert_eq!(near["note"], "Free");
    let (_, page) = app.page(&path.replace("?lang=en", "")).await;
    assert!(page.contains("<p>免费（示例）</p>"), "{page}");
    // One column of the hours, and an empty cell.
    let own = "code,parent_code,level,name,name_en,night_due\nS,D,subdistrict,街道,,11:00\n";
    taken(&app, Table::Areas, own).await;
    let atlas = app.state.atlas();
    let area = atlas.tree.areas().find(|area| area.code == "S").unwrap();
    assert!(
        area.name_en.is_empty() && area.hours.ends.is_some(),
        "{area:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn headings_that_were_not_read_are_named() {
    let app = TestApp::open().await;
    let text = "Area Code,NAME,address,lon,lat,hours,Suspended,coordinate\n\
                C1,点一（示例）,路1号,120.87,32.05,24/7,Yes,wgs84\n";
    let imported = taken(&app, Table::Sites, text).await;
    let said: Vec<_> = imported.warnings.iter().map(Mistake::to_string).collect();
    assert!(
        said.len() == 1 && said[0].contains("\"coordinate\""),
        "{said:?}"
    );
    let path = format!("/q/{}/sites", app.resident("C1").code);
    let listed = app.get(&path, None).await.json["sites"].clone();
    let one = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|site| site["name"] == "点一（示例）");
    assert!(one.is_none_or(|site| site["open"] == false), "{listed}");
}

/// guarantee: Every mistake of a file is named at once, with its line and column
#[tokio::test(flavor = "multi_thread")]
async fn all_wrong_columns_of_a_line_are_named_at_once() {
    let app = TestApp::open().await;
    let sites = "area_code,name,address,lon,lat,hours,phone,opens_from,suspended,coordinates\n\
                 C1,甲,路,120,32,随时,请拨打物业,11/1/2026,x,某图\n";
    let said = refused(&app, Table::Sites, sites).await;
    for words in [
        "phone",
        "coordinates",
        "opening hours",
        "which number is the month",
        "suspended",
    ] {
        assert!(
            said.iter().any(|said| said.contains(words)),
            "{words}: {said:?}"
        );
    }
    assert_eq!(said.len(), 5);
    let areas = "code,parent_code,level,name,phone\n\n3.2E+11,S,community,甲,\n,,,,\nC8,S,区区,,51385010101\n";
    let said = refused(&app, Table::Areas, areas).await;
    assert!(said[0].starts_with("line 3: column code"), "{said:?}");
    let areas = "code,parent_code,level,name,phone\nC8,S,区区,,51385010101\n";
    assert_eq!(refused(&app, Table::Areas, areas).await.len(), 3);
    let days = "day,kind,name\n44835,off,甲\n2026-10-01 08:00,x,乙\n";
    assert_eq!(refused(&app, Table::Holidays, days).await.len(), 3);
    let buildings = "area_code,grid_code,estate,building,units,lon,lat\nC99,G99,??,-,1-3,x,32\n";
    assert_eq!(refused(&app, Table::Buildings, buildings).await.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_chinese_offices_are_read() {
    let app = TestApp::open_with(&[("phone_area_code", "0513")]).await;
    let areas = "code,parent_code,level,name,phone\n\
                 C7,S,社区,甲社区,8123 4567\nG7,C7,网格,甲一网格,\nM7,G7,Micro-Grid,甲一微网格,\n";
    taken(&app, Table::Areas, areas).await;
    let atlas = app.state.atlas();
    let area = atlas.tree.areas().find(|area| area.code == "C7").unwrap();
    assert_eq!(area.phone, "0513-81234567");
    let sites = "area_code,name,address,lon,lat,hours,coordinates,opens_from,suspended\n\
                 C7,甲点（示例）,路,120,32,周一至周五：8:00-17:00,GCJ-02,2026/1/1 0:00,N\n\
                 C7,乙点（示例）,路,120,32,全年无休 8:00-17:00,WGS84,2026年1月1日,否\n\
                 C7,丙点（示例）,路,120,32,8:00-17:00,百度坐标,20260101,×\n\
                 C7,丁点（示例）,路,120,32,8:00-17:00,火星坐标,20260101,停用\n";
    taken(&app, Table::Sites, sites).await;
    let days = "day,kind,name\n2026/10/1,休,国庆\n2026年10月10日,班,国庆\n";
    taken(&app, Table::Holidays, days).await;
    let rules = "name,direction,region_prefix,active\n甲,返通,31,启用\n乙,离开,31,停用\n";
    taken(&app, Table::RedRules, rules).await;
    let rules = "name,direction,region_prefix,active\n甲,返或离,31,启用\n";
    assert_eq!(refused(&app, Table::RedRules, rules).await.len(), 1);
}

/// guarantee: A building without a position has test sites, and breaks no page
#[tokio::test(flavor = "multi_thread")]
async fn a_building_without_position_has_its_communitys_sites() {
    let app = TestApp::open().await;
    let text = "area_code,estate,building,units\nC2,平房,7号,\n";
    taken(&app, Table::Buildings, text).await;
    places::issue_placards(&app.state, "b").await.unwrap();
    let code = {
        let atlas = app.state.atlas();
        let mut placards = atlas.placards();
        let mut found = placards.find(|placard| placard.batch == "b");
        found.take().unwrap().code.to_string()
    };
    let path = format!("/q/{code}/sites");
    let got = app.get(&path, None).await;
    assert_eq!(got.status, StatusCode::OK);
    let first = &got.json["sites"][0];
    assert_eq!(
        (&first["name"], &first["distance_m"]),
        (&json!("远点（示例）"), &json!(null))
    );
    let (status, page) = app.page(&path).await;
    assert!(
        status == StatusCode::OK && page.contains("本社区的在前"),
        "{page}"
    );
    let mut resident = app.resident("C2");
    resident.code = code;
    let (_, receipt) = resident.reports().await;
    let (status, page) = app.page(&receipt).await;
    assert!(
        status == StatusCode::OK && page.contains("远点（示例） · "),
        "{page}"
    );
    // Where the telephone is, is asked and known.
    let here = json!({"lon": "120.891", "lat": "32.06"});
    let got = app.send(Method::POST, &path, None, Some(here)).await;
    assert_eq!(got.json["sites"][0]["name"], "近点（示例）", "{}", got.json);
    // Empty cells take a position away, columns that are not there leave it.
    let text = "area_code,estate,building,units,lon,lat\nC1,花园,1号楼,1-2单元,,\n";
    taken(&app, Table::Buildings, text).await;
    let path = format!("/q/{}/sites", app.resident("C1").code);
    assert_eq!(app.get(&path, None).await.json["placed"], json!(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_placard_can_show_is_named_at_import() {
    let app = TestApp::open().await;
    let text = "area_code,estate,building,units\nC1,𰻝和苑（示例）,1号楼,\nC1,甲苑,1号楼,\n";
    let imported = taken(&app, Table::Buildings, text).await;
    let said: Vec<_> = imported.warnings.iter().map(Mistake::to_string).collect();
    assert!(
        said.len() == 1 && said[0].starts_with("line 2: ") && said[0].contains('𰻝'),
        "{said:?}"
    );
    places::issue_placards(&app.state, "b").await.unwrap();
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    let atlas = app.state.atlas();
    for placard in atlas.placards().filter(|placard| placard.batch == "b") {
        let path = format!("/staff/placards/{}.pdf", placard.code);
        let response = app.request(Method::GET, &path, Some(&lead)).send().await;
        let place = atlas.door(&placard.code).unwrap().place(false);
        let status = match place.contains('𰻝') {
            true => StatusCode::UNPROCESSABLE_ENTITY,
            false => StatusCode::OK,
        };
        assert_eq!(response.unwrap().status(), status, "{place}");
    }
}

/// Runs the program in a folder of its own. Returns whether it did what was asked, what it printed,
/// and what it said on standard error.
fn command(folder: &TempDir, arguments: &[&str]) -> (bool, String, String) {
    let path = folder.path();
    let output = Command::new(env!("CARGO_BIN_EXE_mashang"))
        .args(arguments)
        .current_dir(path)
        .env(
            "MASHANG_DATABASE",
            format!("sqlite:{}/a.db", path.display()),
        )
        .env("MASHANG_KEY_FILE", path.join("master.key"))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.success(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// guarantee: A placard that cannot be drawn stops no other, and every one of them is named
#[test]
fn a_command_answers_alone_and_draws_what_can_be_drawn() {
    let folder = TempDir::new().unwrap();
    let (done, said, warned) = command(&folder, &["import", "regions"]);
    assert!(done && said.ends_with(" lines taken\n"), "{said}");
    assert_eq!(warned, "", "the regions that come with the program");
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file(
        "areas.csv",
        "code,parent_code,level,name\nD,,区,区\nS,D,街道,街道\nC,S,社区,社区\n",
    );
    let houses = "area_code,estate,building,units\nC,𰻝和苑（示例）,1号楼,\nC,甲苑（示例）,1号楼,\n\
                  C,𰻞苑（示例）,1号楼,\nC,乙苑（示例）,1号楼,\n";
    file("buildings.csv", houses);
    let taken = command(&folder, &["import", "areas", "areas.csv"]);
    assert_eq!(taken, (true, "3 lines taken\n".into(), String::new()));
    let (done, said, warned) = command(&folder, &["import", "buildings", "buildings.csv"]);
    assert!(done && said == "4 lines taken\n", "{said}");
    assert!(
        warned.contains("line 2: ") && warned.contains("line 4: "),
        "{warned}"
    );
    let (done, said, warned) = command(&folder, &["placard", "issue", "--batch", "a"]);
    assert!(done && said == "4 placards issued\n", "{said}");
    assert!(warned.contains("2 placard(s) cannot be drawn"), "{warned}");
    let (done, said, warned) = command(&folder, &["poster", "--out", "all.pdf"]);
    assert!(!done && said == "2 placard(s) drawn\n", "{said} {warned}");
    assert!(warned.contains('𰻝') && warned.contains('𰻞'), "{warned}");
    let pdf = std::fs::read(folder.path().join("all.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF"));
}
