//! Views of the queue: what each of them holds, how it is paged, narrowed, remembered and searched.

use std::collections::HashSet;

use chrono::{NaiveTime, TimeDelta};
use mashang::testing::domain::listing::{Filter, ListQuery, Listing, Order};
use mashang::testing::domain::staff::{Role, Scope, StaffId};
use mashang::testing::service::listing;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Person, TestApp};

/// An app whose clock shows ten in the morning.
pub(crate) async fn morning() -> TestApp {
    let app = TestApp::open_with(&[("session_hours", "48")]).await;
    at(&app, 10, 0);
    app
}

pub(crate) fn at(app: &TestApp, hour: u32, minute: u32) {
    let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
    let clock = &app.state.clock;
    clock.set(clock.instant(app.state.local_now().date().and_time(time)));
}

/// Reports in front of the first placard of the queue. Returns the receipt's number.
pub(crate) async fn report(app: &TestApp, queue: &str, words: Value) -> String {
    let resident = app.resident(queue);
    let mut form = resident.form().await;
    for (name, value) in words.as_object().unwrap() {
        form[name] = value.clone();
    }
    let got = resident.sends(&form).await;
    assert_eq!(got.status, StatusCode::CREATED, "{}", got.json);
    got.json["number"].as_str().unwrap().to_owned()
}

/// A resident with a telephone and a room of their own.
pub(crate) fn phone(nth: u32) -> Value {
    json!({"phone": format!("138{nth:08}"), "room": format!("{nth}01")})
}

pub(crate) async fn look(app: &TestApp, person: &Person, query: &str) -> Value {
    let got = app.get(&format!("/staff?{query}"), Some(person)).await;
    assert_eq!(got.status, StatusCode::OK, "{query}: {}", got.json);
    got.json
}

pub(crate) fn numbers(view: &Value) -> Vec<String> {
    let rows = view["rows"].as_array().unwrap();
    let number = |row: &Value| row["number"].as_str().unwrap().to_owned();
    rows.iter().map(number).collect()
}

pub(crate) fn count(view: &Value, code: &str) -> i64 {
    let chips = view["views"].as_array().unwrap();
    let chip = chips.iter().find(|chip| chip["code"] == code).unwrap();
    chip["count"].as_i64().unwrap()
}

pub(crate) async fn step(
    app: &TestApp,
    person: &Person,
    number: &str,
    name: &str,
    words: Value,
) -> Value {
    let found = app.search(person, number).await.1;
    let row = &found["rows"][0];
    let mut body = words;
    body["version"] = row["version"].clone();
    let path = format!("/staff/reports/{}/{name}", row["id"].as_str().unwrap());
    let got = app
        .send(Method::POST, &path, Some(person), Some(body))
        .await;
    assert_eq!(got.status, StatusCode::OK, "{name}: {}", got.json);
    got.json
}

/// guarantee: Each view holds what its name says, and its count is what it lists
#[tokio::test(flavor = "multi_thread")]
async fn each_view_lists_exactly_what_it_counts() {
    let app = morning().await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let late = report(&app, "C1", phone(1)).await;
    at(&app, 10, 20);
    let soon = report(&app, "C1", phone(2)).await;
    at(&app, 11, 30);
    let ahead = report(&app, "C1", phone(3)).await;
    let mine = report(&app, "C1", phone(4)).await;
    let bare = json!({"phone": "13800000008", "only": "phone", "region": "", "room": "", "name": "", "companions": ""});
    let bare = report(&app, "C1", bare).await;
    let gone = report(&app, "C1", phone(5)).await;
    let ended = report(&app, "C1", phone(6)).await;
    let there = report(&app, "C2", phone(1)).await;
    let bin = report(&app, "S", phone(7)).await;
    for number in [&mine, &gone, &ended] {
        step(&app, &worker, number, "accept", json!({})).await;
    }
    step(
        &app,
        &worker,
        &gone,
        "unreachable",
        json!({"retry_minutes": 30}),
    )
    .await;
    step(
        &app,
        &worker,
        &ended,
        "close",
        json!({"outcome": "informed"}),
    )
    .await;
    at(&app, 12, 10);

    let ours = [
        ("open", vec![&late, &soon, &ahead, &bare, &mine, &gone]),
        ("mine", vec![&mine, &gone]),
        ("waiting", vec![&late, &soon, &ahead, &bare]),
        ("due_soon", vec![&soon]),
        ("overdue", vec![&late]),
        ("unrouted", vec![]),
        ("unreachable", vec![&gone]),
        ("incomplete", vec![&bare]),
        ("duplicates", vec![]),
        ("closed_today", vec![&ended]),
    ];
    let all = [
        (
            "open",
            vec![&late, &soon, &ahead, &bare, &there, &bin, &mine, &gone],
        ),
        ("mine", vec![]),
        ("waiting", vec![&late, &soon, &ahead, &bare, &there, &bin]),
        ("due_soon", vec![&soon]),
        ("overdue", vec![&late]),
        ("unrouted", vec![&bin]),
        ("unreachable", vec![&gone]),
        ("incomplete", vec![&bare]),
        ("duplicates", vec![&late, &there]),
        ("closed_today", vec![&ended]),
    ];
    for (person, expected) in [(&worker, &ours), (&duty, &all)] {
        for (code, held) in expected {
            let view = look(&app, person, &format!("view={code}")).await;
            let held: Vec<String> = held.iter().map(|number| (*number).clone()).collect();
            assert_eq!(numbers(&view), held, "{code}");
            for (code, held) in expected {
                assert_eq!(
                    count(&view, code),
                    i64::try_from(held.len()).unwrap(),
                    "{code}"
                );
            }
            let fresh = app.get("/staff/counts", Some(person)).await.json;
            let plain = |view: &Value| {
                view["views"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|chip| chip["count"].clone())
                    .collect::<Vec<_>>()
            };
            assert_eq!(plain(&fresh), plain(&view));
        }
    }
    // What was ended yesterday is no longer today's.
    let tomorrow = app.state.clock.now() + TimeDelta::hours(12);
    app.state.clock.set(tomorrow);
    assert_eq!(count(&look(&app, &worker, "").await, "closed_today"), 0);
}

/// guarantee: Each view holds what its name says, and its count is what it lists
#[tokio::test(flavor = "multi_thread")]
async fn filters_narrow_views_and_counts_within_the_scope() {
    let app = morning().await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let worker = app.person("worker", Role::GridWorker, "C1").await;
    let back = report(&app, "C1", phone(1)).await;
    let away = report(
        &app,
        "C1",
        json!({"phone": "13800000001", "direction": "leave"}),
    )
    .await;
    let there = report(&app, "C2", phone(1)).await;
    let whole = look(&app, &duty, "").await;
    let choice = |list: &str, label: &str| {
        let some = whole["filters"][list].as_array().unwrap();
        let found = some.iter().find(|one| one["label"] == label);
        found.unwrap()["value"].as_str().unwrap().to_owned()
    };
    let (queue, estate) = (choice("queues", "桥东社区"), choice("estates", "花园"));
    for (query, held) in [
        ("sort=deadline".to_owned(), vec![&back, &away, &there]),
        ("sort=newest".to_owned(), vec![&there, &away, &back]),
        ("direction=leave".to_owned(), vec![&away]),
        (
            "direction=&queue=&estate=".to_owned(),
            vec![&back, &away, &there],
        ),
        (format!("queue={queue}"), vec![&there]),
        (format!("estate={estate}"), vec![&back, &away]),
        (format!("estate={estate}&direction=return"), vec![&back]),
        (format!("estate={estate}&queue={queue}"), vec![]),
        ("building=0".to_owned(), vec![]),
    ] {
        for code in ["open", "waiting", "duplicates"] {
            let view = look(&app, &duty, &format!("view={code}&{query}")).await;
            let held: Vec<String> = held.iter().map(|number| (*number).clone()).collect();
            assert_eq!(numbers(&view), held, "{code} {query}");
            assert_eq!(
                count(&view, code),
                i64::try_from(held.len()).unwrap(),
                "{code} {query}"
            );
        }
    }
    let outside = look(&app, &worker, &format!("queue={queue}")).await;
    let nowhere = look(&app, &worker, "queue=999999").await;
    assert_eq!((numbers(&outside), count(&outside, "open")), (vec![], 0));
    assert_eq!((numbers(&nowhere), count(&nowhere, "open")), (vec![], 0));
    for wrong in [
        "view=all",
        "sort=name",
        "after=x",
        "queue=x",
        "direction=up",
    ] {
        let got = app.get(&format!("/staff?{wrong}"), Some(&duty)).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
}

/// Reads all pages of a view, with something happening between any two of them.
async fn walk(
    app: &TestApp,
    person: &Person,
    query: &str,
    between: impl AsyncFn(usize),
) -> Vec<String> {
    let (mut path, mut seen) = (format!("/staff?{query}"), Vec::new());
    for page in 0.. {
        let view = app.get(&path, Some(person)).await.json;
        seen.extend(numbers(&view));
        path = view["next"].as_str().unwrap().to_owned();
        if path.is_empty() {
            break;
        }
        between(page).await;
    }
    seen
}

/// guarantee: A list continues page by page in each order, and shows no report twice
/// guarantee: Pages of a list skip no report and show none twice while others work, unless its
/// deadline changes
#[tokio::test(flavor = "multi_thread")]
async fn pages_neither_repeat_nor_skip_reports_under_change() {
    let app = morning().await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let lead = app.person("lead", Role::CommunityLead, "C1").await;
    for nth in 0..210 {
        // Many have the same deadline: the night's, after the evening.
        if nth == 100 {
            at(&app, 21, 0);
        }
        let queue = if nth % 3 == 0 { "C2" } else { "C1" };
        report(&app, queue, phone(nth)).await;
    }
    for (nth, sort) in ["deadline", "building", "newest"].iter().enumerate() {
        let all = walk(&app, &duty, &format!("sort={sort}"), async |_| {}).await;
        // Six came while the list before was read.
        assert_eq!(all.len(), 210 + nth * 6);
        let before: HashSet<&String> = all.iter().collect();
        assert_eq!(before.len(), all.len(), "{sort}: a report stands twice");
        let touched = |page: usize| [0, 50, 99, 100, 150, 199].map(|at| all[at + page].clone());
        let seen = walk(&app, &duty, &format!("sort={sort}"), async |page| {
            for (nth, number) in touched(page).iter().enumerate() {
                // Accepted, and every other one goes to another queue.
                let row = app.search(&duty, number).await.1["rows"][0].clone();
                if row["status"] == "waiting" {
                    step(&app, &duty, number, "accept", json!({})).await;
                }
                if nth % 2 == 0 {
                    let to = json!({"to": app.area(if row["queue"] == "桥北社区" { "C2" } else { "C1" }).0});
                    step(&app, &duty, number, "transfer", to).await;
                }
            }
            for nth in 0..3 {
                report(&app, "C1", phone(1_000 + nth)).await;
            }
        })
        .await;
        let distinct: HashSet<&String> = seen.iter().collect();
        let twice: HashSet<&String> = seen
            .iter()
            .filter(|number| seen.iter().filter(|other| other == number).count() > 1)
            .collect();
        let moved: HashSet<String> = (0..3).flat_map(&touched).collect();
        let still: Vec<_> = twice
            .iter()
            .filter(|number| !moved.contains(**number))
            .collect();
        assert_eq!(still, Vec::<&&String>::new(), "{sort}: shown twice");
        assert!(*sort != "newest" || twice.is_empty(), "{twice:?}");
        let missed: Vec<_> = all
            .iter()
            .filter(|number| !distinct.contains(number))
            .filter(|number| *sort == "newest" || !moved.contains(*number))
            .collect();
        assert_eq!(missed, Vec::<&String>::new(), "{sort}: skipped");
    }
    // What is closed meanwhile is gone, and takes nobody along.
    let all = walk(&app, &lead, "view=waiting", async |_| {}).await;
    let ended = all[120].clone();
    let seen = walk(&app, &lead, "view=waiting", async |_| {
        step(&app, &lead, &all[0], "accept", json!({})).await;
        step(&app, &lead, &ended, "accept", json!({})).await;
        step(&app, &lead, &ended, "close", json!({"outcome": "informed"})).await;
    })
    .await;
    let rest: Vec<_> = all
        .iter()
        .filter(|number| **number != ended)
        .cloned()
        .collect();
    assert_eq!(seen, rest);
}

/// guarantee: A list continues page by page in each order, and shows no report twice
#[tokio::test(flavor = "multi_thread")]
async fn building_order_pages_through_open_and_ended_reports() {
    let app = morning().await;
    let duty = app.person("duty", Role::DutyOfficer, "S").await;
    let mut came = Vec::new();
    for (nth, queue) in ["C1", "C2", "C1", "C2", "C1"].into_iter().enumerate() {
        at(&app, 10, u32::try_from(nth).unwrap());
        came.push(report(&app, queue, phone(u32::try_from(nth).unwrap())).await);
    }
    let by_building = [0, 2, 4, 1, 3].map(|nth| came[nth].clone());
    let open = look(&app, &duty, "sort=building").await;
    assert_eq!(numbers(&open), by_building);
    for number in &came {
        step(&app, &duty, number, "accept", json!({})).await;
        let informed = json!({"outcome": "informed"});
        step(&app, &duty, number, "close", informed).await;
    }
    let newest: Vec<_> = came.iter().rev().cloned().collect();
    for (order, held) in [
        (Order::Deadline, came.as_slice()),
        (Order::Building, &by_building),
        (Order::Newest, &newest),
    ] {
        let now = app.state.clock.now();
        let mut wish = ListQuery {
            listing: Listing::ClosedToday,
            order,
            narrow: Filter::default(),
            me: StaffId(1),
            bins: Vec::new(),
            now,
            day_began: now - TimeDelta::hours(1),
            after: None,
            fold_from: None,
        };
        let scope = Scope::of(&app.state.atlas().tree, app.area("S"));
        let mut seen = Vec::new();
        loop {
            let view = listing::view(&app.state, &scope, &wish, 2).await;
            let view = view.unwrap();
            seen.extend(view.rows.into_iter().map(|row| row.number));
            match view.next {
                Some(_) => wish.after = view.next,
                None => break,
            }
        }
        assert_eq!(seen, held, "{order:?}");
    }
}

/// guarantee: A view is remembered for each person of a shared telephone
#[tokio::test(flavor = "multi_thread")]
async fn last_view_is_remembered_per_person() {
    let app = morning().await;
    let one = app.person("one", Role::GridWorker, "C1").await;
    let two = app.person("two", Role::GridWorker, "C1").await;
    let page = async |path: &str, person: &Person, cookies: &str| {
        let request = app.request(Method::GET, path, Some(person));
        let request = request
            .header("accept", "text/html")
            .header("cookie", cookies);
        let response = request.send().await.unwrap();
        let kept = response
            .headers()
            .get_all("set-cookie")
            .iter()
            .filter_map(|value| {
                let text = value.to_str().ok()?.split(';').next()?;
                text.starts_with("view-").then(|| text.to_owned())
            });
        let kept: Vec<String> = kept.collect();
        let text = response.text().await.unwrap();
        let current = text.split("aria-current=\"page\"").next().unwrap();
        let shown = current.rsplit("data-chip=\"").next().unwrap();
        (kept.join("; "), shown.split('"').next().unwrap().to_owned())
    };
    let (first, shown) = page("/staff?view=unreachable&sort=newest", &one, "").await;
    assert_eq!(shown, "unreachable");
    let (second, shown) = page("/staff?view=mine", &two, &first).await;
    assert_eq!(shown, "mine");
    let both = format!("{first}; {second}");
    for (person, expected) in [(&one, "unreachable"), (&two, "mine")] {
        let (kept, shown) = page("/staff", person, &both).await;
        assert_eq!((kept.as_str(), shown.as_str()), ("", expected));
    }
    assert_eq!(page("/staff", &one, &second).await.1, "open");
    // Programs say what they want.
    let request = app.request(Method::GET, "/staff", Some(&one));
    let request = request
        .header("accept", "application/json")
        .header("cookie", both);
    let view: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(
        (&view["view"], &view["sort"]),
        (&json!("open"), &json!("deadline"))
    );
}
