//! The one-time password, with which an account begins.

use chrono::TimeDelta;
use mashang::testing::domain::staff::Role;
use mashang::testing::service::people;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::app::{Person, TestApp};

const OWN: &str = "a-password-of-my-own";

/// guarantee: A one-time password is typed once: a sign-in with it can only replace it, and needs no second proof
#[tokio::test(flavor = "multi_thread")]
async fn one_time_password_is_replaced_without_typing_it_again() {
    let app = TestApp::open().await;
    let once = people::take_on(&app.state, "new", "new", Role::GridWorker, app.area("C1"));
    let once = once.await.unwrap();
    let first = app.sign_in("new", &once).await;
    let first = Person {
        token: first.json["token"].as_str().unwrap().to_owned(),
    };
    let choose = async |person: &Person, new: &str| {
        let words = Some(json!({"new": new}));
        app.send(Method::POST, "/staff/password", Some(person), words)
            .await
    };
    let same = choose(&first, &once).await;
    assert_eq!(same.status, StatusCode::UNPROCESSABLE_ENTITY, "the same");
    let chosen = choose(&first, OWN).await;
    assert_eq!(chosen.status, StatusCode::OK, "{}", chosen.json);
    assert_eq!(
        app.sign_in("new", &once).await.status,
        StatusCode::UNAUTHORIZED
    );
    let later = Person {
        token: chosen.json["token"].as_str().unwrap().to_owned(),
    };
    let again = choose(&later, "a-password-of-a-stranger").await;
    assert_eq!(
        again.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "its owner proves it"
    );
    assert_eq!(app.sign_in("new", OWN).await.status, StatusCode::OK);
}

/// guarantee: A one-time password that was not used expires, and its owner is told why
#[tokio::test(flavor = "multi_thread")]
async fn unused_one_time_password_expires_in_words() {
    let app = TestApp::open_with(&[("first_password_days", "3")]).await;
    let once = people::take_on(&app.state, "new", "new", Role::GridWorker, app.area("C1"));
    let once = once.await.unwrap();
    let begin = app.state.clock.now();
    app.state
        .clock
        .set(begin + TimeDelta::days(3) - TimeDelta::seconds(1));
    assert_eq!(app.sign_in("new", &once).await.status, StatusCode::OK);
    app.state
        .clock
        .set(begin + TimeDelta::days(3) + TimeDelta::seconds(1));
    let late = app.sign_in("new", &once).await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
    let said = late.json["message"].as_str().unwrap();
    assert!(said.contains("过期") || said.contains("expired"), "{said}");
    let wrong = app.sign_in("new", "another-password").await;
    assert_ne!(
        wrong.json["message"], late.json["message"],
        "only its owner is told"
    );
    let fresh = people::reset_password(&app.state, "new").await.unwrap();
    assert_eq!(app.sign_in("new", &fresh).await.status, StatusCode::OK);
}

/// guarantee: A password that is common, or holds the login or the office's name, is refused
#[tokio::test(flavor = "multi_thread")]
async fn easy_passwords_are_refused_with_their_reason() {
    let app = TestApp::open().await;
    let once = people::take_on(
        &app.state,
        "lead01",
        "new",
        Role::GridWorker,
        app.area("C1"),
    );
    let first = app.sign_in("lead01", &once.await.unwrap()).await;
    let first = Person {
        token: first.json["token"].as_str().unwrap().to_owned(),
    };
    let mut said = Vec::new();
    for new in [
        "short",
        "woaini5201314",
        "lead01lead01",
        "zai-qiaobei-3k-vm7",
    ] {
        let words = Some(json!({"new": new}));
        let refused = app.send(Method::POST, "/staff/password", Some(&first), words);
        let refused = refused.await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{new}");
        said.push(refused.json["message"].as_str().unwrap().to_owned());
    }
    assert_eq!(said[2], said[3], "both are names");
    said.dedup();
    assert_eq!(said.len(), 3, "each has its reason: {said:?}");
}
