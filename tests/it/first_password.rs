//! The one-time password, with which an account begins.

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
