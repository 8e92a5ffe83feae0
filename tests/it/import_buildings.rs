//! Imports of buildings beside what is there: placards that hang, and other spellings.

use mashang::testing::service::import::Table;
use mashang::testing::service::places;

use crate::app::TestApp;
use crate::imports::{buildings, is, refused, taken};

/// guarantee: An import takes no unit away at which a placard hangs
#[tokio::test(flavor = "multi_thread")]
async fn unit_stays_until_its_placard_is_revoked() {
    let app = TestApp::open().await;
    let file = |units: &str| format!("area_code,estate,building,units\nC2,平房,7号楼,{units}\n");
    taken(&app, Table::Buildings, &file("1单元;2单元")).await;
    places::issue_placards(&app.state, "b").await.unwrap();
    let said = refused(&app, Table::Buildings, &file("1单元")).await;
    assert!(
        said[0].contains("2单元") && said[0].contains("revoke"),
        "{said:?}"
    );
    taken(&app, Table::Buildings, &file("１单元;2单元;3单元")).await;
    let code = {
        let atlas = app.state.atlas();
        let mut placards = atlas.placards();
        let found = placards.find(|placard| placard.batch == "b" && placard.unit == "2单元");
        found.unwrap().code.clone()
    };
    places::revoke_placard(&app.state, code).await.unwrap();
    taken(&app, Table::Buildings, &file("1单元;3单元")).await;
    assert_eq!(buildings(&app, "平房"), [is("7号楼", "1单元|3单元")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_spelling_of_a_building_is_named_once() {
    let app = TestApp::open().await;
    let head = "area_code,estate,building,units\n";
    let first = format!("{head}C2,平房,3号楼,\nC2,平房,三号楼,\nC2,平房,4号楼,\nC2,洋房,3栋,\n");
    let warned = taken(&app, Table::Buildings, &first).await.warnings;
    assert_eq!(warned.len(), 1, "{warned:?}");
    assert!(
        warned[0]
            .to_string()
            .starts_with("line 3: 三号楼 may be 3号楼"),
        "{warned:?}"
    );
    let later = taken(
        &app,
        Table::Buildings,
        &format!("{head}C2,平房,03栋,\nC2,平房,3 号楼,\n"),
    )
    .await;
    assert_eq!(later.warnings.len(), 1, "{:?}", later.warnings);
    assert_eq!(buildings(&app, "平房").len(), 4);
}
