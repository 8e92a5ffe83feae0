//! Random steps of staff, of residents and of the program, and what holds after
//! each.

use std::collections::BTreeMap;

use mashang::testing::domain::staff::Role;
use mashang::testing::service::{handover, people};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Got, Person, TestApp};
use crate::triage::step;

const PEOPLE: [(&str, Role, &str); 4] = [
    ("w1", Role::GridWorker, "C1"),
    ("l1", Role::CommunityLead, "C1"),
    ("l2", Role::CommunityLead, "C2"),
    ("duty", Role::DutyOfficer, "S"),
];
/// What was merged is where most can go wrong, so that is drawn more often.
const STEPS: [&str; 20] = [
    "accept",
    "close",
    "unreachable",
    "note",
    "refuse",
    "transfer",
    "merge",
    "merge",
    "merge",
    "merge",
    "split",
    "invalidate",
    "verify",
    "reopen",
    "assign",
    "undo",
    "undo",
    "withdraw",
    "correct",
    "leave",
];
const DRAWS: usize = 400;

/// Draws other steps in each run; a failed run prints the seed that draws its steps again.
#[expect(
    clippy::print_stdout,
    reason = "a test that fails shows what it has said"
)]
fn drawn_anew() -> TestRunner {
    let said = std::env::var("MASHANG_TEST_SEED").ok();
    let seed = said.map_or_else(rand::random, |text| text.parse().unwrap());
    println!("drawn again with MASHANG_TEST_SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&u64::to_le_bytes(seed));
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(Config::default(), rng)
}

/// A staff member leaves and returns; their reports go to a colleague or wait.
async fn leaves(app: &TestApp, who: usize, colleague: Option<&str>) -> Person {
    let (login, ..) = PEOPLE[who];
    let gone = handover::let_go(&app.state, login, colleague).await;
    gone.unwrap();
    people::take_back(&app.state, login).await.unwrap();
    let got = app.sign_in(login, "a-password-of-my-own").await;
    Person {
        token: got.json["token"].as_str().unwrap().to_owned(),
    }
}

/// The receipt holder withdraws the report, or corrects the number of companions.
async fn holder(app: &TestApp, receipt: &str, name: &str, companions: usize) -> Got {
    let mut words = app.resident("C1").form().await;
    words["companions"] = json!(companions.to_string());
    let words = Some(words).filter(|_| name == "correct");
    let path = format!("{receipt}/{name}");
    app.send(Method::POST, &path, None, words).await
}

/// guarantee: Random steps of staff, residents and leavers keep one owner a report, whole journals
/// and exact totals, and move no deadline
#[tokio::test(flavor = "multi_thread")]
async fn fixed_random_steps_keep_every_invariant() {
    let made = play(TestRunner::deterministic()).await;
    let never = STEPS
        .iter()
        .find(|name| made.get(**name).is_none_or(|count| *count == 0));
    assert_eq!(never, None, "was always refused: {made:?}");
}

/// guarantee: Random steps of staff, residents and leavers keep one owner a report, whole journals
/// and exact totals, and move no deadline
#[tokio::test(flavor = "multi_thread")]
async fn fresh_random_steps_keep_every_invariant() {
    play(drawn_anew()).await;
}

/// Makes the steps that are drawn, looks after each at what must hold, and says how often each was
/// made.
async fn play(mut runner: TestRunner) -> BTreeMap<String, i32> {
    use proptest::strategy::{Strategy, ValueTree};
    let app = TestApp::open().await;
    let mut persons = Vec::new();
    for (login, role, area) in PEOPLE {
        persons.push(app.person(login, role, area).await);
    }
    let mut receipts = Vec::new();
    for queue in ["C1", "C2", "S"].repeat(5) {
        receipts.push(app.resident(queue).reports().await.1);
    }
    let rows = app.get("/staff", Some(&persons[3])).await.json["rows"].clone();
    let rows = rows.as_array().unwrap();
    let texts = rows.iter().map(|row| row["id"].as_str().unwrap());
    let ids: Vec<String> = texts.map(str::to_owned).collect();
    let due = |row: &Value| [row["contact_due_at"].clone(), row["finish_due_at"].clone()];
    let dues: Vec<_> = rows.iter().map(due).collect();
    let draws = proptest::collection::vec(
        (0..STEPS.len(), 0..PEOPLE.len(), 0..ids.len(), 0..ids.len()),
        DRAWS,
    );
    let (mut made, mut last) = (BTreeMap::new(), (0, 0));
    for (name, mut who, mut at, other) in draws.new_tree(&mut runner).unwrap().current() {
        let mut words = json!({
            "outcome": "confirmed", "reason": "理由", "retry_minutes": 30, "to": app.area(["C1", "C2"][other % 2]).0,
            "staff": 1 + other % PEOPLE.len(), "same_as": ids[other],
        });
        // Mostly one that the page offers, so that cases come far.
        let path = format!("/staff/reports/{}", ids[at]);
        let offered = app.get(&path, Some(&persons[who])).await.json["steps"].clone();
        let mut offered: Vec<_> = offered.as_array().into_iter().flatten().collect();
        offered.retain(|step| step["value"] != "note" && step["value"] != "invalidate");
        let name = match offered.get(name % offered.len().max(1)) {
            Some(step) if other % 3 > 0 => step["value"].as_str().unwrap().to_owned(),
            _ => STEPS[name].to_owned(),
        };
        if name == "undo" {
            (who, at) = last;
            words = json!({});
        }
        let done = match name.as_str() {
            "leave" => {
                let heir = [None, Some("l1")][other % 2].filter(|heir| *heir != PEOPLE[who].0);
                persons[who] = leaves(&app, who, heir).await;
                true
            }
            holds @ ("withdraw" | "correct") => {
                let got = holder(&app, &receipts[at], holds, other).await;
                assert!(!got.status.is_server_error(), "{holds} {}", got.json);
                got.status.is_success()
            }
            name => {
                let got = step(&app, &persons[who], &ids[at], name, words).await;
                assert!(!got.status.is_server_error(), "{name} {}", got.json);
                if got.status.is_success() {
                    last = (who, at);
                }
                got.status.is_success()
            }
        };
        assert_eq!(app.broken().await, None, "after {name}");
        *made.entry(name).or_insert(0) += i32::from(done);
    }
    for (id, before) in ids.iter().zip(dues) {
        let path = format!("/staff/reports/{id}");
        let case = app.get(&path, Some(&persons[3])).await;
        assert!(before.iter().all(Value::is_string), "{before:?}");
        assert_eq!(due(&case.json["row"]), before, "the clock never moves");
    }
    made
}
