//! Pages speak for themselves: errors of our own instead of the browser's, one vocabulary from the
//! form to the queue, and a privacy notice that is true.

use std::fs;

use mashang::testing::domain::staff::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::app::TestApp;

/// guarantee: No form shows the browser's own errors: the page says what is missing, in its
/// language, with and without scripts
#[test]
fn forms_leave_no_error_to_the_browser() {
    for entry in fs::read_dir("assets/pages").unwrap() {
        let path = entry.unwrap().path();
        let page = fs::read_to_string(&path).unwrap();
        for form in page.split("<form ").skip(1) {
            let (tag, _) = form.split_once('>').unwrap();
            let fields = form.split("</form>").next().unwrap();
            let checked = [" required", " minlength=", " pattern=", "fields.html"];
            let checks = checked.iter().any(|attribute| fields.contains(attribute));
            assert!(
                !checks || tag.contains(" novalidate"),
                "{}: <form {tag}>",
                path.display()
            );
        }
        assert!(!page.contains("formnovalidate"), "{}", path.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_forms_are_answered_in_words() {
    let app = TestApp::open().await;
    let send = async |path: &str, form: &[(&str, &str)]| {
        let request = app.request(Method::POST, path, None);
        let request = request.header("accept", "text/html").form(form);
        let got = request.send().await.unwrap();
        (got.status(), got.text().await.unwrap())
    };
    for (login, password, words) in [("", "", "请填写账号"), ("lead", "", "请填写密码")] {
        let (status, page) = send(
            "/staff/sign-in",
            &[("login", login), ("password", password)],
        )
        .await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains(words), "{page}");
    }
    let (status, page) = app.page("/?code=").await;
    assert!(
        status == StatusCode::OK && page.contains("请填写短码"),
        "{page}"
    );
    assert!(!app.page("/").await.1.contains("请填写短码"));
}

/// guarantee: The privacy notice names the offices whose staff can open a report, and no others
#[tokio::test(flavor = "multi_thread")]
async fn privacy_notice_names_those_who_can_look() {
    let app = TestApp::open().await;
    let code = app.resident("C1").code.clone();
    let notice = app.page(&format!("/q/{code}")).await.1;
    let (_, notice) = notice.split_once("加密保存").unwrap();
    let (notice, _) = notice.split_once("。").unwrap();
    app.resident("C1").reports().await;
    let lead = app.person("any", Role::CommunityLead, "C1").await;
    let (id, _) = crate::triage::first(&app, &lead).await;
    let path = format!("/staff/reports/{id}/reveal");
    for (role, area, office) in [
        (Role::GridWorker, "C1", "社区"),
        (Role::CommunityLead, "C1", "社区"),
        (Role::DutyOfficer, "S", "街道指挥中心"),
        (Role::Admin, "S", "管理"),
        (Role::Auditor, "S", "审计"),
    ] {
        let person = app.person(role.code(), role, area).await;
        let looked = app.send(Method::POST, &path, Some(&person), Some(json!({})));
        let can_look = looked.await.status == StatusCode::OK;
        assert_eq!(notice.contains(office), can_look, "{office}: {notice}");
    }
}

/// guarantee: One word for each direction, from the form to the queue, the totals and the paper form
#[tokio::test(flavor = "multi_thread")]
async fn city_has_one_word_for_each_direction() {
    for (city, words, others) in [
        ("通", ["返通", "离通"], ["返程", "离开"]),
        ("", ["返程", "离开"], ["返通", "离通"]),
    ] {
        let app = TestApp::open_with(&[("city_short_name", city)]).await;
        let duty = app.person("duty", Role::DutyOfficer, "S").await;
        let resident = app.resident("C1");
        let form = resident.form().await;
        let receipt = resident.sends(&form).await.json["receipt"]
            .as_str()
            .unwrap()
            .to_owned();
        let mut leaving = resident.form().await;
        leaving["direction"] = json!("leave");
        resident.sends(&leaving).await;
        let shown = app.get(&receipt, None).await.json["answers"].to_string();
        assert!(shown.contains(words[0]), "{shown}");
        let queue = app.get("/staff", Some(&duty)).await.json["rows"].to_string();
        let centre = app.get("/centre", Some(&duty)).await.json["directions"].to_string();
        let page = app.page(&format!("/q/{}", resident.code)).await.1;
        let title = format!("{}、{}报备", words[0], words[1]);
        assert!(page.contains(&title), "{page}");
        // 离开日期 is the label of a day.
        let page = page.replace("离开日期", "");
        for text in [queue, centre, page] {
            for word in words {
                assert!(text.contains(word), "{word}: {text}");
            }
            for other in others {
                assert!(!text.contains(other), "{other}: {text}");
            }
        }
    }
}

/// guarantee: A report of only a telephone counts under a direction of its own: not said
#[tokio::test(flavor = "multi_thread")]
async fn direction_that_was_not_said_is_counted_apart() {
    let app = TestApp::open().await;
    let resident = app.resident("C1");
    let form = resident.form().await;
    let only =
        json!({"key": form["key"], "only": "phone", "call": "138 0000 0007", "day": form["day"]});
    let taken = resident.sends(&only).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.json);
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let centre = app.get("/centre", Some(&duty)).await.json;
    let counts: Vec<_> = (centre["directions"].as_array().unwrap().iter())
        .map(|figure| {
            (
                figure["code"].as_str().unwrap(),
                figure["reports"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(counts, [("return", 0), ("leave", 0), ("unsaid", 1)]);
    let rows = app.get("/staff?direction=unsaid", Some(&duty)).await.json["rows"].clone();
    assert_eq!(
        (
            &rows[0]["direction_words"],
            &rows[0]["incomplete"],
            &rows[0]["day"]
        ),
        (&json!("未说明方向"), &json!(true), &json!("")),
        "a telephone alone says no day"
    );
    let receipt = taken.json["receipt"].as_str().unwrap();
    let answers = app.get(receipt, None).await.json["answers"].to_string();
    assert!(
        answers.contains("138 0000 0007") && !answers.contains("方向") && !answers.contains("日期"),
        "{answers}"
    );
    // The Enter key sends the form by its first button.
    let by_enter =
        json!({"key": resident.form().await["key"], "call": "13800000008", "day": form["day"]});
    assert_eq!(resident.sends(&by_enter).await.status, StatusCode::CREATED);
    let empty = json!({"key": resident.form().await["key"], "only": "phone"});
    let refused = resident.sends(&empty).await;
    assert_eq!(
        refused.json["mistakes"].as_array().unwrap().len(),
        1,
        "{}",
        refused.json
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn words_about_landlines_follow_the_area_code() {
    for (code, words) in [("", "座机请带区号"), ("0513", "外地座机请带区号")] {
        let app = TestApp::open_with(&[("phone_area_code", code)]).await;
        let resident = app.resident("C1");
        let mut form = resident.form().await;
        form["phone"] = json!("12");
        let refused = resident.sends(&form).await.json;
        let message = refused["mistakes"][0]["message"].as_str().unwrap();
        let (_, landlines) = message.split_once("11 位，").unwrap();
        assert!(landlines.starts_with(words), "{message}");
        form["phone"] = json!("8500 1234");
        let status = resident.sends(&form).await.status;
        assert_eq!(status.is_success(), !code.is_empty(), "{code}");
    }
}

/// guarantee: Errors say which field they are about
#[tokio::test(flavor = "multi_thread")]
async fn each_mistake_names_its_field() {
    let app = TestApp::open_with(&[("city_short_name", "通")]).await;
    let resident = app.resident("C1");
    let mut form = resident.form().await;
    for (field, words) in [
        ("direction", ""),
        ("region", "上\n海"),
        ("room", "<1>"),
        ("name", "=1+1"),
        ("companions", "many"),
        ("companion_names", "赵示例、=1+1"),
        ("vehicle", "苏F@@@@"),
    ] {
        form[field] = json!(words);
    }
    let refused = resident.sends(&form).await.json;
    let messages: Vec<_> = (refused["mistakes"].as_array().unwrap().iter())
        .map(|mistake| mistake["message"].as_str().unwrap())
        .collect();
    let wanted = [
        "请选择：返通还是离通",
        "地名中有不支持的符号，请修改",
        "房号中有不支持的符号，请修改",
        "姓名中有不支持的符号，请修改",
        "同行人数请填 0 至 20",
        "同行人姓名中有不支持的符号，请修改",
        "车牌号中有不支持的符号，请修改",
    ];
    assert_eq!(messages, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn fold_of_the_form_names_what_is_asked() {
    for (fields, words) in [
        ("note,companions", Some("选填：同行人数、备注")),
        ("companions,companion_names", Some("选填：同行人数")),
        ("companion_names", Some("选填：同行人姓名")),
        ("identity", Some("选填：证件号码")),
        ("", None),
    ] {
        let app = TestApp::open_with(&[("form_fields", fields)]).await;
        let page = app.page(&format!("/q/{}", app.resident("C1").code)).await.1;
        match words {
            Some(words) => assert!(
                page.contains(&format!("<summary>{words}</summary>")),
                "{page}"
            ),
            None => assert!(!page.contains("选填"), "{page}"),
        }
    }
}
