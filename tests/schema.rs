//! The entities describe the schema that the migrations make, on SQLite and on PostgreSQL.
#![expect(
    clippy::unwrap_used,
    reason = "a test that fails says where by failing"
)]

use std::collections::BTreeMap;

use entity::{
    area, building, cache_version, client_key, estate, holiday, installation, journal_entry,
    journal_head, lease, placard, queue, receipt_sequence, region, report, session, site, staff,
    tally, undo, urgent_rule, webhook, webhook_cursor,
};
use migration::Migrator;
use sea_orm::{
    ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, EntityTrait, IdenStatic,
    Iterable, Statement,
};

/// Tables that only SQLite has; no entity describes them.
const SQLITE_ONLY: [&str; 4] = ["phone_run", "recent_key", "recent_report", "report_phone"];

/// Columns of every table but the migrations' own, with whether they may be empty.
type Tables = BTreeMap<String, BTreeMap<String, bool>>;

async fn migrated(db: &DatabaseConnection) -> Tables {
    Migrator::up(db).await.unwrap();
    let question = match db.get_database_backend() {
        DatabaseBackend::Sqlite => {
            "SELECT m.name AS t, p.name AS c, p.\"notnull\" = 0 AS e FROM sqlite_master m \
             JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'"
        }
        _ => {
            "SELECT table_name::text AS t, column_name::text AS c, is_nullable = 'YES' AS e \
             FROM information_schema.columns WHERE table_schema = 'public'"
        }
    };
    let statement = Statement::from_string(db.get_database_backend(), question);
    let mut tables = Tables::new();
    for row in db.query_all_raw(statement).await.unwrap() {
        let table: String = row.try_get("", "t").unwrap();
        if table != "seaql_migrations" && !SQLITE_ONLY.contains(&table.as_str()) {
            let columns = tables.entry(table).or_default();
            columns.insert(row.try_get("", "c").unwrap(), row.try_get("", "e").unwrap());
        }
    }
    tables
}

fn described<E: EntityTrait>(tables: &mut Tables, entity: E) {
    use sea_orm::ColumnTrait;
    let columns =
        E::Column::iter().map(|column| (column.as_str().to_owned(), column.def().is_null()));
    tables.insert(entity.table_name().to_owned(), columns.collect());
}

fn entities() -> Tables {
    let mut tables = Tables::new();
    described(&mut tables, area::Entity);
    described(&mut tables, building::Entity);
    described(&mut tables, cache_version::Entity);
    described(&mut tables, client_key::Entity);
    described(&mut tables, estate::Entity);
    described(&mut tables, holiday::Entity);
    described(&mut tables, installation::Entity);
    described(&mut tables, journal_entry::Entity);
    described(&mut tables, journal_head::Entity);
    described(&mut tables, placard::Entity);
    described(&mut tables, queue::Entity);
    described(&mut tables, receipt_sequence::Entity);
    described(&mut tables, region::Entity);
    described(&mut tables, report::Entity);
    described(&mut tables, session::Entity);
    described(&mut tables, site::Entity);
    described(&mut tables, staff::Entity);
    described(&mut tables, tally::Entity);
    described(&mut tables, undo::Entity);
    described(&mut tables, urgent_rule::Entity);
    described(&mut tables, webhook::Entity);
    described(&mut tables, lease::Entity);
    described(&mut tables, webhook_cursor::Entity);
    tables
}

/// An empty database: in memory, or in the suite's cluster where there is one.
struct Fresh {
    db: DatabaseConnection,
    server: Option<(DatabaseConnection, String)>,
}

impl Fresh {
    async fn open() -> Self {
        let Ok(maintenance) = std::env::var("MASHANG_TEST_POSTGRES") else {
            let db = Database::connect("sqlite::memory:").await.unwrap();
            return Self { db, server: None };
        };
        let name = format!("schema_{}", uuid::Uuid::new_v4().simple());
        let server = Database::connect(&maintenance).await.unwrap();
        let create = format!("CREATE DATABASE {name}");
        server.execute_unprepared(&create).await.unwrap();
        let (host, _) = maintenance.rsplit_once('/').unwrap();
        Self {
            db: Database::connect(format!("{host}/{name}")).await.unwrap(),
            server: Some((server, name)),
        }
    }

    async fn close(self) {
        self.db.close().await.unwrap();
        if let Some((server, name)) = self.server {
            let drop = format!("DROP DATABASE {name}");
            server.execute_unprepared(&drop).await.unwrap();
        }
    }
}

/// guarantee: The entities describe the migrated schema, on both databases
#[tokio::test]
async fn entities_describe_the_migrated_schema() {
    let fresh = Fresh::open().await;
    assert_eq!(migrated(&fresh.db).await, entities());
    fresh.close().await;
}

#[tokio::test]
async fn a_second_start_changes_nothing() {
    let db = Database::connect("sqlite::memory:").await.unwrap();
    assert_eq!(migrated(&db).await, migrated(&db).await);
}
