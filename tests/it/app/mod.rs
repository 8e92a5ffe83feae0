//! A running server, the people who use it, and what must hold when it is dropped.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Days, Utc};
use mashang::testing::config::Config;
use mashang::testing::csv_table;
use mashang::testing::domain::area::AreaId;
use mashang::testing::domain::place::PlacardState;
use mashang::testing::domain::queue::QueueId;
use mashang::testing::domain::staff::{Role, Scope};
use mashang::testing::domain::totals::Totals;
use mashang::testing::http_client;
use mashang::testing::run::{self, Running};
use mashang::testing::service::import::{Table, import_table};
use mashang::testing::service::open_cases::CaseProjection;
use mashang::testing::service::{App, people, places};
use mashang::testing::store::{Conn, Error, journal, report, tally};
use reqwest::{Method, RequestBuilder, StatusCode};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tempfile::TempDir;

mod browser;
mod database;
mod visitors;

use database::{fresh_postgres, maintenance};
pub(crate) use visitors::Stream;

const AREAS: &str = "code,parent_code,level,name,name_en,number_prefix,phone\n\
    D,,district,区,,,0513-00000000\nS,D,subdistrict,街道,Subdistrict,QZ,0513-00000001\n\
    C1,S,community,桥北社区,Qiaobei,,0513-00000002\nC2,S,community,桥东社区,Qiaodong,,\n";
const BUILDINGS: &str = "area_code,estate,estate_en,building,building_en,units,lon,lat\n\
    C1,花园,Garden,1号楼,Building 1,1单元;2单元,120.89,32.06\n\
    C2,新村,Village,1号楼,Building 1,,120.90,32.06\nS,界河,,1号楼,,,120.91,32.06\n";
const SITES: &str = "area_code,name,address,lon,lat,hours\n\
    C1,近点（示例）,路1号,120.891,32.06,24/7\nC2,远点（示例）,路2号,120.95,32.06,24/7\n\
    C1,关点（示例）,路3号,120.8901,32.06,off\n";
const REGIONS: &str = "code6,level,name,city,province\n310000,1,上海市,,上海市\n110000,1,北京市,,北京市\n\
    210000,1,辽宁省,,辽宁省\n110105,3,朝阳区,,北京市\n211300,2,朝阳市,,辽宁省\n";

/// How long a test waits for what must come; only a broken program lets it pass.
pub(crate) const PATIENCE: Duration = Duration::from_mins(5);
/// Days whose totals are recounted, tomorrow among them: tests go through nights and weeks.
const DAYS_COUNTED: usize = 12;

/// Words of the inside that no answer may hold.
const INTERNAL_WORDS: [&str; 6] = ["panicked", "sqlx", "sea_orm", "SELECT ", "src/", "DbErr"];

pub(crate) struct TestApp {
    pub(crate) state: Arc<App>,
    pub(crate) origin: String,
    pub(crate) http: reqwest::Client,
    config: Config,
    running: Option<Running>,
    postgres: Option<(String, String)>,
    runtime: tokio::runtime::Handle,
    /// The settings, as the command line would read them.
    pub(crate) settings: Vec<(&'static str, String)>,
    folder: Option<TempDir>,
}

/// A resident in front of a placard.
pub(crate) struct Resident<'a> {
    app: &'a TestApp,
    pub(crate) code: String,
}

/// A signed-in staff member.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) token: String,
}

/// An answer.
pub(crate) struct Got {
    pub(crate) status: StatusCode,
    pub(crate) json: Value,
}

impl TestApp {
    pub(crate) async fn open() -> Self {
        Self::open_with(&[]).await
    }

    pub(crate) async fn open_with(settings: &[(&'static str, &str)]) -> Self {
        Self::open_at(settings, Utc::now()).await
    }

    /// An app whose clock stands at this time from the beginning: a background task that began at
    /// another time would judge by that one.
    pub(crate) async fn open_at(settings: &[(&'static str, &str)], at: DateTime<Utc>) -> Self {
        let folder = TempDir::new().unwrap();
        let postgres = fresh_postgres().await;
        let path = folder.path().display();
        let mut over = vec![
            ("listen", "127.0.0.1:0".to_owned()),
            ("metrics_listen", "127.0.0.1:0".to_owned()),
            ("webhook_networks", "127.0.0.1".to_owned()),
            ("database", format!("sqlite:{path}/mashang.db")),
            ("key_file", format!("{path}/master.key")),
            ("password_memory_kib", "64".to_owned()),
            ("password_rounds", "1".to_owned()),
            ("workers", "1".to_owned()),
        ];
        if let Some((_, url)) = &postgres {
            over.push(("database", url.clone()));
        }
        over.extend(
            settings
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        let config = Config::read(None, &over).unwrap();
        let state = run::build(&config).await.unwrap();
        // Deadlines, pauses and windows pass when the test says so, on a machine of any speed.
        state.clock.hold(at);
        for (kind, text) in [
            (Table::Regions, REGIONS),
            (Table::Areas, AREAS),
            (Table::Buildings, BUILDINGS),
            (Table::Sites, SITES),
        ] {
            let lines = csv_table::read(text.as_bytes(), kind.headings()).unwrap();
            import_table(&state, kind, lines).await.unwrap();
        }
        places::issue_placards(&state, "test").await.unwrap();
        let mut app = Self {
            http: client(),
            origin: String::new(),
            running: None,
            runtime: tokio::runtime::Handle::current(),
            folder: Some(folder),
            settings: over,
            config,
            state,
            postgres,
        };
        app.start().await;
        app
    }

    /// A second node: another server on the same database and the same keys, at the same time.
    pub(crate) async fn join(&self) -> Self {
        let state = run::build(&self.config).await.unwrap();
        state.clock.follow(&self.state.clock);
        let mut node = Self {
            http: client(),
            origin: String::new(),
            running: None,
            runtime: self.runtime.clone(),
            folder: None,
            settings: self.settings.clone(),
            config: self.config.clone(),
            state,
            postgres: None,
        };
        node.start().await;
        node
    }

    async fn start(&mut self) {
        let running = run::serve(Arc::clone(&self.state), &self.config)
            .await
            .unwrap();
        self.origin = format!("http://{}", running.address);
        self.running = Some(running);
        let answer = self
            .http
            .get(format!("{}/healthz", self.origin))
            .send()
            .await
            .unwrap();
        let nonce = answer.headers()["x-instance"].to_str().unwrap().to_owned();
        assert_eq!(
            nonce,
            self.state.instance.to_string(),
            "this is another test's server"
        );
    }

    /// Changes a setting, from the next restart on.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.settings.push((name, value.to_owned()));
        self.config = Config::read(None, &self.settings).unwrap();
    }

    /// Closes the server and starts another one on the same database, as after a restart.
    pub(crate) async fn restart(&mut self) {
        self.running.take().unwrap().close().await.unwrap();
        let state = run::build(&self.config).await.unwrap();
        state.clock.follow(&self.state.clock);
        self.state = state;
        self.start().await;
    }

    pub(crate) async fn close(&mut self) -> Duration {
        let begun = std::time::Instant::now();
        self.running.take().unwrap().close().await.unwrap();
        begun.elapsed()
    }

    pub(crate) fn config(&self) -> Config {
        self.config.clone()
    }

    /// Starts the server on a state that was put in place of the closed one.
    pub(crate) async fn open_doors(&mut self) {
        self.start().await;
    }

    /// Sends the form as a browser does.
    pub(crate) async fn post_page(&self, code: &str, form: &Value) -> (StatusCode, String) {
        let request = self.request(Method::POST, &format!("/q/{code}"), None);
        let response = request
            .header("accept", "text/html")
            .form(form)
            .send()
            .await
            .unwrap();
        (response.status(), response.text().await.unwrap())
    }

    /// In front of the first placard of this queue.
    pub(crate) fn resident(&self, queue: &str) -> Resident<'_> {
        let atlas = self.state.atlas();
        let mut placards: Vec<_> = atlas.placards().collect();
        placards.sort_by_key(|placard| placard.id.0);
        let found = placards.iter().find(|placard| {
            let door = atlas.door(&placard.code);
            placard.state == PlacardState::Active
                && door.is_some_and(|door| door.queue.code == queue)
        });
        Resident {
            app: self,
            code: found.unwrap().code.to_string(),
        }
    }

    pub(crate) fn area(&self, code: &str) -> AreaId {
        let atlas = self.state.atlas();
        atlas
            .tree
            .areas()
            .find(|area| area.code == code)
            .unwrap()
            .id
    }

    pub(crate) fn queue(&self, code: &str) -> QueueId {
        let queue = self.state.atlas().tree.queue_of(self.area(code));
        queue.unwrap()
    }

    /// Adds a staff member, who signs in and chooses a password.
    pub(crate) async fn person(&self, login: &str, role: Role, area: &str) -> Person {
        let once = people::take_on(&self.state, login, login, role, self.area(area))
            .await
            .unwrap();
        let first = self.sign_in(login, &once).await;
        let token = first.json["token"].as_str().unwrap().to_owned();
        let words = json!({"old": once, "new": "a-password-of-my-own"});
        let got = self
            .send(
                Method::POST,
                "/staff/password",
                Some(&Person { token }),
                Some(words),
            )
            .await;
        assert_eq!(got.status, StatusCode::OK, "{}", got.json);
        Person {
            token: got.json["token"].as_str().unwrap().to_owned(),
        }
    }

    pub(crate) async fn sign_in(&self, login: &str, password: &str) -> Got {
        let words = json!({"login": login, "password": password});
        self.send(Method::POST, "/staff/sign-in", None, Some(words))
            .await
    }

    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
        person: Option<&Person>,
    ) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.origin));
        match person {
            Some(person) => request.bearer_auth(&person.token),
            None => request,
        }
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        person: Option<&Person>,
        body: Option<Value>,
    ) -> Got {
        let mut request = self
            .request(method, path, person)
            .header("accept", "application/json");
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        for word in INTERNAL_WORDS {
            assert!(!text.contains(word), "{path} says {word:?}: {text}");
        }
        Got {
            status,
            json: serde_json::from_str(&text).unwrap_or(Value::String(text)),
        }
    }

    pub(crate) async fn get(&self, path: &str, person: Option<&Person>) -> Got {
        self.send(Method::GET, path, person, None).await
    }

    /// A page as a browser gets it.
    pub(crate) async fn page(&self, path: &str) -> (StatusCode, String) {
        let request = self
            .http
            .get(format!("{}{path}", self.origin))
            .header("accept", "text/html");
        let response = request.send().await.unwrap();
        (response.status(), response.text().await.unwrap())
    }

    /// The promises that do not hold at this moment.
    pub(crate) async fn broken(&self) -> Option<String> {
        broken(&self.state).await
    }

    /// Begins to follow the queue's stream.
    pub(crate) async fn stream(&self, person: &Person, after: Option<&str>) -> Stream {
        let mut request = self.request(Method::GET, "/staff/stream", Some(person));
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        Stream::of(request).await
    }
}

fn client() -> reqwest::Client {
    http_client::builder().timeout(PATIENCE).build().unwrap()
}

/// What must always hold: every journal without a gap from 1, totals equal to a recount, each
/// duplicate one of a report that somebody calls about or has ended, and what is open in memory
/// equal to what is open in the database. Says what does not.
///
/// guarantee: After every test, journals have no gap, totals equal a recount and no report is a
/// duplicate of nothing
/// guarantee: After every test, the open reports in memory are those in the database
async fn broken(state: &App) -> Option<String> {
    let root = state
        .atlas()
        .tree
        .areas()
        .find(|area| area.parent.is_none())?
        .id;
    let scope = Scope::of(&state.atlas().tree, root);
    let day = state.local_now().date() - Days::new(DAYS_COUNTED as u64 - 2);
    let within = scope.clone();
    let work = move |conn: Conn| async move {
        let mut gaps = Vec::new();
        for (queue, reached) in journal::reached(&conn).await? {
            let entries = journal::after(&conn, &within, queue, 0, 100_000).await?;
            if !entries.iter().map(|entry| entry.seq).eq(1..=reached) {
                gaps.push(queue);
            }
        }
        let orphaned = report::orphaned(&conn, 1).await?;
        let mut days = Vec::new();
        for day in day.iter_days().take(DAYS_COUNTED) {
            let kept = tally::of_day(&conn, &within, day).await?;
            days.push((day, kept, tally::recount(&conn, &within, day).await?));
        }
        Ok::<_, Error>((gaps, orphaned, days))
    };
    let (gaps, orphaned, days) = state.db.read(work).await.unwrap();
    if let Some(row) = orphaned.first() {
        return Some(format!(
            "duplicates of {}, which is {:?}",
            row.number, row.status
        ));
    }
    if !gaps.is_empty() {
        return Some(format!("the journals of {gaps:?} have gaps"));
    }
    for (day, kept, counted) in days {
        let (kept, counted) = (Totals::of(kept), Totals::of(counted));
        if kept != counted {
            return Some(format!("{day}: {kept:?} is not a recount {counted:?}"));
        }
    }
    let afresh = CaseProjection::new(state.rules.duplicate);
    for open_cases in [&state.open_cases, &afresh] {
        open_cases.catch_up(&state.db).await.unwrap();
    }
    let (kept, stored) = (state.open_cases.open(), afresh.open());
    (kept != stored).then(|| format!("dockets {kept:?} are not what is open {stored:?}"))
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let (state, running) = (Arc::clone(&self.state), self.running.take());
        let postgres = self.postgres.take();
        let runtime = self.runtime.clone();
        let work = async move {
            if let Some(running) = running {
                assert_eq!(broken(&state).await, None);
                running.close().await.unwrap();
            }
            if let Some((name, _)) = postgres {
                let db = maintenance().await;
                db.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)"))
                    .await
                    .unwrap();
            }
        };
        tokio::task::block_in_place(|| runtime.block_on(work));
    }
}
