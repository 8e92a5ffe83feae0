//! Memory: what the process keeps after work that needs much of it for a moment.

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::json;

use crate::app::TestApp;
use crate::process::Process;

/// Tries to sign in, and how many of them at once.
const SIGN_INS: usize = 200;
const AT_ONCE: usize = 4;
/// What they may leave behind. Without an allocator that gives memory back it is a gigabyte.
const LEFT_KB_MAX: u64 = 80 * 1024;

/// guarantee: Sign-ins leave no memory behind
#[tokio::test(flavor = "multi_thread")]
async fn memory_of_sign_ins_goes_back_to_the_system() {
    let mut app = TestApp::open().await;
    app.close().await;
    // Hashed as in a real installation.
    let mut settings = app.settings.clone();
    settings.retain(|(name, _)| !name.starts_with("password_"));
    let process = Process::serve(&settings);
    let before = process.memory_kb("VmRSS:");
    let sign_in = async |nth: usize| {
        let words = json!({"login": format!("guess{nth}"), "password": "wrong"});
        let request = app.http.post(format!("{}/staff/sign-in", process.origin));
        let answer = request.json(&words).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    };
    for first in (0..SIGN_INS).step_by(AT_ONCE) {
        join_all((first..first + AT_ONCE).map(sign_in)).await;
    }
    let left = process.memory_kb("VmRSS:").saturating_sub(before);
    assert!(left < LEFT_KB_MAX, "{left} kB are left");
}
