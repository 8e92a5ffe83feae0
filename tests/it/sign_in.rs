//! Signing in: what a wrong password costs and whom it does not, and what a changed one ends.

use chrono::TimeDelta;
use futures_util::future::join_all;
use mashang::testing::domain::staff::Role;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::app::{Person, TestApp};

const OWN: &str = "a-password-of-my-own";

/// A client: its address as a proxy of this machine names it, and its device cookie.
#[derive(Clone)]
struct Client {
    address: &'static str,
    device: Option<String>,
}

impl Client {
    fn at(address: &'static str) -> Self {
        Self {
            address,
            device: None,
        }
    }

    /// Tries to sign in, and keeps the device cookie as a browser does.
    async fn tries(&mut self, app: &TestApp, login: &str, password: &str) -> Response {
        let request = app.request(Method::POST, "/staff/sign-in", None);
        let mut request = request
            .header("accept", "application/json")
            .header("x-forwarded-for", self.address);
        if let Some(device) = &self.device {
            request = request.header("cookie", format!("__Host-device={device}"));
        }
        let words = json!({"login": login, "password": password});
        let response = request.json(&words).send().await.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            if let Some(device) = cookie.to_str().unwrap().strip_prefix("__Host-device=") {
                self.device = device.split(';').next().map(str::to_owned);
            }
        }
        response
    }

    async fn status(&mut self, app: &TestApp, login: &str, password: &str) -> u16 {
        self.tries(app, login, password).await.status().as_u16()
    }
}

/// guarantee: A sign-in's cookie is sent only over HTTPS, or to this very machine
#[tokio::test(flavor = "multi_thread")]
async fn cookies_are_secure_by_the_whole_host() {
    for (address, secure) in [
        ("https://report.example.org", true),
        ("http://localhost:8080", true),
        ("http://LOCALHOST", true),
        ("http://127.0.0.1:8080", true),
        ("http://localhost.example.org", false),
        ("http://localhosts:8080", false),
        ("http://127.0.0.1.example.org", false),
        ("http://192.168.1.7:8080", false),
    ] {
        let app =
            TestApp::open_with(&[("public_address", address), ("public_plain_http", "true")]).await;
        app.person("lead", Role::CommunityLead, "C1").await;
        let words = json!({"login": "lead", "password": OWN});
        let request = app
            .request(Method::POST, "/staff/sign-in", None)
            .json(&words);
        let response = request.send().await.unwrap();
        let mut cookies = response.headers().get_all("set-cookie").iter();
        let is_secure = |cookie: &str| cookie.starts_with("__Host-") && cookie.contains("Secure");
        let all = cookies.all(|cookie| is_secure(cookie.to_str().unwrap()) == secure);
        assert!(
            all && !response.headers()["set-cookie"].is_empty(),
            "{address}"
        );
    }
}

fn later(app: &TestApp, span: TimeDelta) {
    let now = app.state.clock.now();
    app.state.clock.set(now + span);
}

/// guarantee: Wrong passwords run out, one after the other or all at once, and do not tell which
/// logins exist
#[tokio::test(flavor = "multi_thread")]
async fn guesses_on_unknown_devices_run_out_and_reveal_no_login() {
    let app = TestApp::open().await;
    app.person("known", Role::GridWorker, "C1").await;
    let mut by_login = Vec::new();
    for login in ["known", "unknown"] {
        let mut answers = Vec::new();
        for _ in 0..6 {
            let got = Client::at("203.0.113.1").tries(&app, login, "wrong").await;
            let (status, waits) = (got.status(), got.headers().contains_key("retry-after"));
            let view: Value = got.json().await.unwrap();
            let words = view["message"].as_str().unwrap().to_owned();
            answers.push((status, waits, words.replace(char::is_numeric, "")));
        }
        by_login.push(answers);
    }
    assert_eq!(by_login[0], by_login[1]);
    let statuses = by_login[0]
        .iter()
        .map(|(status, waits, _)| (status.as_u16(), *waits));
    let mut wanted = vec![(401, false); 5];
    wanted.push((429, true));
    assert!(statuses.eq(wanted), "{by_login:?}");
    // For a few minutes not even the right one.
    let mut new = Client::at("198.51.100.1");
    assert_eq!(new.status(&app, "known", OWN).await, 429);
    later(&app, TimeDelta::minutes(3));
    assert_eq!(new.status(&app, "KNOWN ", OWN).await, 200);
}

/// guarantee: Wrong passwords run out, one after the other or all at once, and do not tell which
/// logins exist
#[tokio::test(flavor = "multi_thread")]
async fn known_devices_window_grows_until_the_right_password() {
    let app = TestApp::open().await;
    app.person("known", Role::GridWorker, "C1").await;
    let mut own = Client::at("203.0.113.1");
    assert_eq!(own.status(&app, "known", OWN).await, 200);
    for _ in 0..5 {
        assert_eq!(own.status(&app, "known", "wrong").await, 401);
    }
    assert_eq!(own.status(&app, "known", OWN).await, 429);
    for minutes in [16, 31] {
        later(&app, TimeDelta::minutes(minutes));
        for _ in 0..5 {
            assert_eq!(own.status(&app, "known", "wrong").await, 401);
        }
        later(&app, TimeDelta::minutes(16));
        assert_eq!(own.status(&app, "known", "wrong").await, 429);
        later(&app, TimeDelta::minutes(-16));
    }
    later(&app, TimeDelta::minutes(61));
    assert_eq!(own.status(&app, "known", OWN).await, 200);
    // A right one ends what the wrong ones before it have cost.
    for _ in 0..5 {
        assert_eq!(own.status(&app, "known", "wrong").await, 401);
    }
}

/// guarantee: Wrong passwords run out, one after the other or all at once, and do not tell which
/// logins exist
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_guesses_count_like_sequential_ones() {
    let app = TestApp::open().await;
    app.person("known", Role::GridWorker, "C1").await;
    let guess = async || {
        let mut stranger = Client::at("2001:db8::1");
        stranger.status(&app, "known", "wrong").await
    };
    let answers = join_all((0..20).map(|_| guess())).await;
    let looked_at = answers.iter().filter(|status| **status == 401).count();
    assert_eq!(looked_at, 5, "{answers:?}");
    assert!(answers.iter().all(|status| [401, 429].contains(status)));
}

/// guarantee: Guesses from anywhere do not lock a person out of a device on which they have signed
/// in before, and have no end elsewhere either
#[tokio::test(flavor = "multi_thread")]
async fn guesses_are_few_and_lock_no_known_device_out() {
    const PER_HOUR: i32 = 100;
    let mut app = TestApp::open().await;
    app.person("known", Role::GridWorker, "C1").await;
    app.person("other", Role::GridWorker, "C1").await;
    // A colleague at the same address, with a device of their own.
    let (mut own, mut colleague) = (Client::at("198.51.100.1"), Client::at("198.51.100.1"));
    assert_eq!(own.status(&app, "known", OWN).await, 200);
    assert_eq!(colleague.status(&app, "other", OWN).await, 200);
    // The cookie proves it, not the memory of the node.
    app.restart().await;
    let mut looked_at = 0;
    for minute in 0..60 {
        for stranger in ["203.0.113.1", "203.0.113.2", "2001:db8::1"] {
            for _ in 0..3 {
                let wrong = Client::at(stranger).status(&app, "known", "wrong").await;
                looked_at += i32::from(wrong == 401);
            }
        }
        let wrong = colleague.status(&app, "known", "wrong").await;
        looked_at += i32::from(wrong == 401);
        assert_eq!(own.status(&app, "known", OWN).await, 200, "{minute}");
        assert_eq!(colleague.status(&app, "other", OWN).await, 200, "{minute}");
        later(&app, TimeDelta::minutes(1));
    }
    assert!(looked_at <= PER_HOUR, "{looked_at} guesses in an hour");
    // On a new device they wait for a few minutes at most.
    later(&app, TimeDelta::minutes(3));
    assert_eq!(
        Client::at("198.51.100.2").status(&app, "known", OWN).await,
        200
    );
}

/// guarantee: Guesses from anywhere do not lock a person out of a device on which they have signed
/// in before, and have no end elsewhere either
#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_many_logins_run_out_for_their_address() {
    let app = TestApp::open_with(&[("sign_in_tries_address", "160")]).await;
    app.person("known", Role::GridWorker, "C1").await;
    app.person("other", Role::GridWorker, "C1").await;
    let office = "198.51.100.1";
    let mut own = Client::at(office);
    assert_eq!(own.status(&app, "known", OWN).await, 200);
    for nth in 0..10 {
        let login = format!("guess{nth}");
        let wanted = if nth < 8 { 401 } else { 429 };
        assert_eq!(
            Client::at(office).status(&app, &login, "wrong").await,
            wanted
        );
    }
    assert_eq!(own.status(&app, "known", OWN).await, 200);
    assert_eq!(Client::at(office).status(&app, "other", OWN).await, 429);
    assert_eq!(
        Client::at("198.51.100.2").status(&app, "other", OWN).await,
        200
    );
    later(&app, TimeDelta::minutes(3));
    assert_eq!(Client::at(office).status(&app, "other", OWN).await, 200);
}

/// guarantee: Guesses from anywhere do not lock a person out of a device on which they have signed
/// in before, and have no end elsewhere either
#[tokio::test(flavor = "multi_thread")]
async fn foreign_or_made_up_device_cookie_is_an_unknown_device() {
    let app = TestApp::open().await;
    app.person("known", Role::GridWorker, "C1").await;
    app.person("other", Role::GridWorker, "C1").await;
    let mut other = Client::at("198.51.100.1");
    assert_eq!(other.status(&app, "other", OWN).await, 200);
    let made_up = Client {
        device: Some("AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA".to_owned()),
        ..other.clone()
    };
    let mut answers = Vec::new();
    for client in [other, made_up] {
        for _ in 0..3 {
            answers.push(client.clone().status(&app, "known", "wrong").await);
        }
    }
    assert_eq!(answers, [401, 401, 401, 401, 401, 429], "one limit for all");
}

/// guarantee: Sign-ins beyond the hashing capacity are refused at once, and no more hashes run than
/// memory allows
#[tokio::test(flavor = "multi_thread")]
async fn excess_sign_ins_get_503() {
    let mut app = TestApp::open().await;
    app.person("known", Role::GridWorker, "C1").await;
    // The hash of a login that does not exist is made as the settings say.
    app.set("password_memory_kib", "32768");
    app.set("password_rounds", "3");
    app.restart().await;
    let try_one = async |nth: usize| {
        let lang = if nth % 4 < 2 { "zh" } else { "en" };
        let words = json!({"login": format!("nobody{nth}"), "password": "wrong"});
        let request = app.request(Method::POST, "/staff/sign-in", None);
        let request = request.header("accept-language", lang);
        let request = match nth % 2 {
            0 => request.header("accept", "application/json").json(&words),
            _ => request.header("accept", "text/html").form(&words),
        };
        let answer = request.send().await.unwrap();
        let waits = answer.headers().contains_key("retry-after");
        (
            nth,
            answer.status().as_u16(),
            waits,
            answer.text().await.unwrap(),
        )
    };
    let answers = join_all((0..120).map(try_one)).await;
    let served = answers.iter().filter(|(_, status, ..)| *status == 401);
    assert!(served.count() >= 16);
    let mut kinds = [0; 4];
    for (nth, status, waits, said) in answers {
        if status == 401 {
            continue;
        }
        assert_eq!((status, waits), (503, true), "{said}");
        let busy = match nth % 4 < 2 {
            true => "系统繁忙，请稍后再试。",
            false => "The system is busy. Please try again in a moment.",
        };
        assert!(said.contains(busy), "{said}");
        let login = format!("nobody{nth}");
        assert_eq!(
            said.contains(&login),
            nth % 2 == 1,
            "kept on the page: {said}"
        );
        kinds[nth % 4] += 1;
    }
    assert!(kinds.iter().all(|count| *count > 0), "{kinds:?}");
    assert_eq!(app.sign_in("known", OWN).await.status, StatusCode::OK);
}

/// guarantee: A changed password ends every sign-in made with the old one, and of two changes at
/// once one wins
#[tokio::test(flavor = "multi_thread")]
async fn sign_in_with_the_old_password_ends_with_the_change() {
    let app = TestApp::open().await;
    let mut person = app.person("known", Role::GridWorker, "C1").await;
    let mut old = OWN.to_owned();
    for round in 0..20 {
        let new = format!("password-number-{round}");
        let words = Some(json!({"old": old, "new": new}));
        let change = app.send(Method::POST, "/staff/password", Some(&person), words);
        let old_ones = join_all((0..20).map(|_| app.sign_in("known", &old)));
        let (changed, begun) = tokio::join!(change, old_ones);
        assert_eq!(changed.status, StatusCode::OK, "{}", changed.json);
        let token = |json: &Value| json["token"].as_str().unwrap().to_owned();
        for got in begun.iter().filter(|got| got.status == StatusCode::OK) {
            let old = Person {
                token: token(&got.json),
            };
            let seen = app.get("/staff", Some(&old)).await.status;
            assert_eq!(seen, StatusCode::UNAUTHORIZED, "in round {round}");
        }
        person = Person {
            token: token(&changed.json),
        };
        let seen = app.get("/staff", Some(&person)).await.status;
        assert_eq!(seen, StatusCode::OK);
        old = new;
    }
}

/// guarantee: A password changes together with a new sign-in or not at all, and a wrong old
/// password consumes a budget
#[tokio::test(flavor = "multi_thread")]
async fn wrong_old_passwords_are_rate_limited() {
    let app = TestApp::open().await;
    let person = app.person("known", Role::GridWorker, "C1").await;
    let change = async |old: &str| {
        let words = Some(json!({"old": old, "new": "a-password-of-a-stranger"}));
        let got = app.send(Method::POST, "/staff/password", Some(&person), words);
        got.await.status.as_u16()
    };
    for nth in 0..5 {
        assert_eq!(change(&format!("guess-number-{nth}")).await, 422);
    }
    assert_eq!(change("guess-number-5").await, 429);
    assert_eq!(change(OWN).await, 429, "not even the right one");
    later(&app, TimeDelta::minutes(16));
    assert_eq!(change(OWN).await, 200);
}

/// guarantee: A changed password ends every sign-in made with the old one, and of two changes at
/// once one wins
#[tokio::test(flavor = "multi_thread")]
async fn two_concurrent_password_changes_have_one_winner() {
    let mut app = TestApp::open().await;
    let person = app.person("known", Role::GridWorker, "C1").await;
    // All are verified before the first new one is hashed.
    app.set("password_memory_kib", "65536");
    app.restart().await;
    let change = |new: String| {
        let words = Some(json!({"old": OWN, "new": new}));
        app.send(Method::POST, "/staff/password", Some(&person), words)
    };
    let news = (0..4).map(|nth| format!("password-number-{nth}"));
    let answers = join_all(news.clone().map(change)).await;
    let done = answers.iter().zip(news);
    let won: Vec<_> = done
        .filter(|(got, _)| got.status == StatusCode::OK)
        .map(|(_, new)| new)
        .collect();
    assert_eq!(won.len(), 1, "{won:?}");
    assert_eq!(app.sign_in("known", &won[0]).await.status, StatusCode::OK);
}

/// No sign-in can be written from now on.
async fn no_more_sign_ins(app: &TestApp) {
    if app.file().is_some() {
        let trigger =
            "CREATE TRIGGER full BEFORE INSERT ON session BEGIN SELECT RAISE(ABORT, 'full'); END";
        return app.execute(trigger).await;
    }
    let function = "CREATE FUNCTION full_up() RETURNS trigger LANGUAGE plpgsql AS \
                    $$ BEGIN RAISE EXCEPTION 'full'; END $$";
    app.execute(function).await;
    let trigger = "CREATE TRIGGER full_up BEFORE INSERT ON session EXECUTE FUNCTION full_up()";
    app.execute(trigger).await;
}

/// guarantee: A password changes together with a new sign-in or not at all, and a wrong old
/// password consumes a budget
#[tokio::test(flavor = "multi_thread")]
async fn password_change_and_new_sign_in_are_one_transaction() {
    let app = TestApp::open().await;
    let person = app.person("known", Role::GridWorker, "C1").await;
    no_more_sign_ins(&app).await;
    let words = Some(json!({"old": OWN, "new": "another-password-of-mine"}));
    let got = app.send(Method::POST, "/staff/password", Some(&person), words);
    assert!(got.await.status.is_server_error());
    let seen = app.get("/staff", Some(&person)).await.status;
    assert_eq!(seen, StatusCode::OK, "nobody is signed out");
    let old = app.sign_in("known", OWN).await.status;
    assert!(old.is_server_error(), "the old one is right: {old}");
    let new = app.sign_in("known", "another-password-of-mine").await;
    assert_eq!(new.status, StatusCode::UNAUTHORIZED);
}
