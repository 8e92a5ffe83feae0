//! The database of a test's app: created for it, locked, emptied and taken away.

use std::path::PathBuf;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};

use super::TestApp;

/// How long to wait for the end of a connection.
const TERMINATE_MS: u32 = 60_000;

impl TestApp {
    /// Locks SQLite as another process would, until the connection is closed.
    pub(crate) async fn lock(&self) -> DatabaseConnection {
        let db = Database::connect(&self.config.database.url).await.unwrap();
        db.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
        db
    }

    /// Changes the database without the program.
    pub(crate) async fn execute(&self, statement: &str) {
        let db = Database::connect(&self.config.database.url).await.unwrap();
        db.execute_unprepared(statement).await.unwrap();
        db.close().await.unwrap();
    }

    /// The number that this question to the database has for an answer.
    pub(crate) async fn number(&self, question: &str) -> i64 {
        let db = Database::connect(&self.config.database.url).await.unwrap();
        let question = Statement::from_string(db.get_database_backend(), question);
        let row = db.query_one_raw(question).await.unwrap().unwrap();
        db.close().await.unwrap();
        row.try_get_by_index(0).unwrap()
    }

    /// The file of the embedded database; none on PostgreSQL.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        let folder = self.folder.as_ref()?.path();
        (self.postgres.is_none()).then(|| folder.join("mashang.db"))
    }

    /// Damages the sealed data of the report with this number, as a failing disk does.
    pub(crate) async fn damage(&self, number: &str) {
        self.spoil(number, "sealed", b"\x01damaged".to_vec().into())
            .await;
    }

    /// Writes into a column of the report with this number a value that the program never writes there.
    pub(crate) async fn spoil(&self, number: &str, column: &str, value: sea_orm::Value) {
        let db = Database::connect(&self.config.database.url).await.unwrap();
        let words = format!("UPDATE report SET {column} = $1 WHERE number = $2");
        let values = [value, number.into()];
        let statement = Statement::from_sql_and_values(db.get_database_backend(), words, values);
        let done = db.execute_raw(statement).await.unwrap();
        assert_eq!(done.rows_affected(), 1);
        db.close().await.unwrap();
    }

    /// Empties the database of a closed app, as it was before the first start.
    pub(crate) async fn empty_database(&self) {
        let Some(file) = self.file() else {
            let (name, _) = self.postgres.as_ref().unwrap();
            let db = maintenance().await;
            for statement in ["DROP DATABASE", "CREATE DATABASE"] {
                let statement = format!("{statement} {name}");
                db.execute_unprepared(&statement).await.unwrap();
            }
            return db.close().await.unwrap();
        };
        for end in ["", "-wal", "-shm"] {
            let gone = std::fs::remove_file(format!("{}{end}", file.display()));
            assert!(gone.is_ok() || !end.is_empty());
        }
    }

    /// Takes the database away from the running app, or gives it back.
    pub(crate) async fn database_is_there(&self, there: bool) {
        if let Some(file) = self.file() {
            let away = file.with_extension("away");
            let (from, to) = if there { (away, file) } else { (file, away) };
            return std::fs::rename(from, to).unwrap();
        }
        let (name, _) = self.postgres.as_ref().unwrap();
        let db = maintenance().await;
        // Returns when the connections have ended: a later end would fail a request of the test.
        let end = format!(
            "SELECT pg_terminate_backend(pid, {TERMINATE_MS}) FROM pg_stat_activity WHERE datname = '{name}'"
        );
        let allow = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {there}");
        db.execute_unprepared(&allow).await.unwrap();
        if !there {
            db.execute_unprepared(&end).await.unwrap();
        }
        db.close().await.unwrap();
    }
}

/// A connection to the suite's cluster, which creates and drops databases.
pub(super) async fn maintenance() -> DatabaseConnection {
    let url = std::env::var("MASHANG_TEST_POSTGRES").unwrap();
    Database::connect(url).await.unwrap()
}

/// A database of this test's own in the suite's cluster; none where the suite runs on SQLite.
pub(super) async fn fresh_postgres() -> Option<(String, String)> {
    let maintenance = std::env::var("MASHANG_TEST_POSTGRES").ok()?;
    let name = format!("house_{}", uuid::Uuid::new_v4().simple());
    let db = Database::connect(&maintenance).await.unwrap();
    db.execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    db.close().await.unwrap();
    let (server, _) = maintenance.rsplit_once('/').unwrap();
    Some((name.clone(), format!("{server}/{name}")))
}
