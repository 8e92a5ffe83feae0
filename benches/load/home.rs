//! A database of a measurement's own, and the programs on it.

use mashang::testing::config::Config;
use mashang::testing::csv_table;
use mashang::testing::domain::area::{AreaId, Level};
use mashang::testing::run::{self, Running};
use mashang::testing::service::import::{Table, import_table};
use mashang::testing::service::places;
use sea_orm::{ConnectionTrait, Database};

/// Settings, each with its value.
pub(crate) type Settings<'a> = &'a [(&'static str, &'a str)];

/// A folder with key and database; on PostgreSQL the database is on the server.
pub(crate) struct Home {
    pub(crate) folder: tempfile::TempDir,
    database: String,
    /// The address of the server's maintenance database, and the name of this one.
    server: Option<(String, String)>,
}

impl Home {
    /// An embedded database.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            database: format!("sqlite:{}/mashang.db", folder.path().display()),
            folder,
            server: None,
        }
    }

    /// A database on this PostgreSQL server, where one is named.
    pub(crate) async fn on(server: Option<&str>) -> Self {
        let Some(maintenance) = server else {
            return Self::new();
        };
        let name = format!("load_{}", uuid::Uuid::new_v4().simple());
        run_statement(maintenance, &format!("CREATE DATABASE {name}")).await;
        let (address, _) = maintenance.rsplit_once('/').unwrap();
        Self {
            folder: tempfile::tempdir().unwrap(),
            database: format!("{address}/{name}"),
            server: Some((maintenance.to_owned(), name)),
        }
    }

    /// The settings of a program on this database.
    pub(crate) fn settings(&self, own: Settings<'_>) -> Vec<(&'static str, String)> {
        let path = self.folder.path().display();
        let mut settings = vec![
            ("listen", "127.0.0.1:0".into()),
            ("database", self.database.clone()),
            ("key_file", format!("{path}/master.key")),
            ("log", "error".into()),
            // A thousand sign-ins are not what is measured.
            ("password_memory_kib", "64".into()),
            ("password_rounds", "1".into()),
        ];
        settings.extend(own.iter().map(|(name, value)| (*name, (*value).to_owned())));
        settings
    }

    /// A program on a new database, with the demo's places and their placards.
    pub(crate) async fn open(&self, own: Settings<'_>) -> Running {
        let config = Config::read(None, &self.settings(own)).unwrap();
        let app = run::build(&config).await.unwrap();
        for (kind, bytes) in [
            (
                Table::Areas,
                &include_bytes!("../../assets/demo/areas.csv")[..],
            ),
            (
                Table::Buildings,
                &include_bytes!("../../assets/demo/buildings.csv")[..],
            ),
        ] {
            let lines = csv_table::read(bytes, kind.headings()).unwrap();
            import_table(&app, kind, lines).await.unwrap();
        }
        places::issue_placards(&app, "load").await.unwrap();
        run::serve(app, &config).await.unwrap()
    }

    /// Another program on the same database.
    pub(crate) async fn join(&self, own: Settings<'_>) -> Running {
        let config = Config::read(None, &self.settings(own)).unwrap();
        let app = run::build(&config).await.unwrap();
        run::serve(app, &config).await.unwrap()
    }

    /// Removes the database. The programs on it are closed.
    pub(crate) async fn remove(self) {
        if let Some((maintenance, name)) = &self.server {
            run_statement(maintenance, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

async fn run_statement(database: &str, statement: &str) {
    let db = Database::connect(database).await.unwrap();
    db.execute_unprepared(statement).await.unwrap();
    db.close().await.unwrap();
}

/// The subdistrict.
pub(crate) fn office(running: &Running) -> AreaId {
    let atlas = running.app.atlas();
    let mut areas = atlas.tree.areas();
    let office = areas.find(|area| area.level == Level::Subdistrict);
    office.unwrap().id
}

/// The codes of all placards.
pub(crate) fn codes(running: &Running) -> Vec<String> {
    let atlas = running.app.atlas();
    let placards = atlas.placards();
    placards.map(|placard| placard.code.to_string()).collect()
}
