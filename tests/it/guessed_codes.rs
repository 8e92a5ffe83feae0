//! Codes of placards: how hard they are to guess, and what a guesser costs others.

use std::time::{Duration, Instant};

use mashang::testing::domain::code::Code;
use mashang::testing::service::places;
use reqwest::{Method, Response, StatusCode};

use crate::app::TestApp;

/// The pause of a slow answer.
const PAUSE: Duration = Duration::from_secs(1);

async fn guess(app: &TestApp, code: &str, from: &str) -> Response {
    let request = app.request(Method::GET, &format!("/q/{code}"), None);
    let request = request.header("x-forwarded-for", from);
    request.header("accept", "text/html").send().await.unwrap()
}

fn closes(answer: &Response) -> bool {
    let header = answer.headers().get("connection");
    header.is_some_and(|value| value == "close")
}

/// Codes that no placard has, right in themselves.
fn unknown(app: &TestApp, count: usize) -> Vec<String> {
    let atlas = app.state.atlas();
    let codes = (0..).map(|_| Code::from_payload(&rand::random::<[u8; 8]>(), 8));
    let unknown = codes.filter(|code| atlas.door(code).is_none());
    unknown.take(count).map(|code| code.to_string()).collect()
}

/// guarantee: A new placard's code has eight signs, and shorter ones of before still open their page
#[tokio::test(flavor = "multi_thread")]
async fn new_codes_have_eight_signs_and_old_ones_stay() {
    let mut app = TestApp::open_with(&[("code_length", "5")]).await;
    let gone = Code::read(&app.resident("C1").code).unwrap();
    let old = app.resident("C2").code.clone();
    assert_eq!(old.len(), 5);
    app.settings.retain(|(name, _)| *name != "code_length");
    app.set("site_checked_days", "30");
    app.restart().await;
    places::revoke_placard(&app.state, gone).await.unwrap();
    let issued = places::issue_placards(&app.state, "new").await.unwrap();
    assert_eq!(issued, 1);
    let new = {
        let atlas = app.state.atlas();
        let mut codes = atlas.placards().map(|placard| placard.code.to_string());
        codes.find(|code| code.len() == 8).unwrap()
    };
    for code in [old, new] {
        let (status, page) = app.page(&format!("/q/{code}")).await;
        assert_eq!(status, StatusCode::OK, "{page}");
    }
}

/// guarantee: Guessing codes becomes slow for the address that guesses, and never for a resident
/// whose code is right
#[tokio::test(flavor = "multi_thread")]
async fn guesser_is_slowed_and_a_right_code_is_not() {
    let app = TestApp::open_with(&[("unknown_codes_address", "3")]).await;
    let right = app.resident("C1").code.clone();
    let guesser = "203.0.113.7";
    let codes = unknown(&app, 6);
    let mut words = Vec::new();
    for (place, code) in codes.iter().enumerate() {
        let begun = Instant::now();
        let answer = guess(&app, code, guesser).await;
        let over = place >= 3;
        assert!(!over || begun.elapsed() >= PAUSE, "{code}");
        assert_eq!(closes(&answer), over, "{code}");
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        words.push(answer.text().await.unwrap());
    }
    words.dedup();
    assert_eq!(words.len(), 1, "slow and quick answers are the same");
    let mistyped = guess(&app, "22222223", guesser).await;
    assert!(closes(&mistyped), "a mistyped code counts as well");
    for (code, from, status) in [
        (right.as_str(), guesser, StatusCode::OK),
        (codes[0].as_str(), "203.0.113.8", StatusCode::NOT_FOUND),
    ] {
        let answer = guess(&app, code, from).await;
        assert_eq!(answer.status(), status);
        assert!(!closes(&answer), "{code} from {from}");
    }
}

/// guarantee: Guessing codes from many addresses becomes slow, too, and is counted in the metrics
#[tokio::test(flavor = "multi_thread")]
async fn guesses_from_many_addresses_share_a_limit() {
    let app = TestApp::open_with(&[("unknown_codes", "3")]).await;
    let right = app.resident("C1").code.clone();
    for (place, code) in unknown(&app, 4).iter().enumerate() {
        let answer = guess(&app, code, &format!("203.0.113.{place}")).await;
        assert_eq!(closes(&answer), place == 3, "{code}");
    }
    let answer = guess(&app, &right, "203.0.113.0").await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(!closes(&answer));
    let figures = app.metrics().await;
    for name in [
        "mashang_unknown_codes_total",
        "mashang_unknown_codes_slowed_total",
    ] {
        assert!(figures.contains(name), "{figures}");
    }
}
