//! The authoritative schema: one file per step, forward only, each step in one transaction.
//! Never imports `entity`: a step keeps its meaning when the entities move on.

use std::time::{SystemTime, UNIX_EPOCH};

use sea_orm::sea_query::{Order, Query, Table};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, StatementBuilder, TransactionTrait,
};

mod m0001_schema;
mod schema;

/// The table of the steps that a database has taken. The name is that of `sea-orm-migration`,
/// which wrote it first.
const TAKEN: &str = "seaql_migrations";

/// All steps, oldest first.
const STEPS: [Step; 1] = [Step {
    name: "m0001_schema",
    statements: m0001_schema::statements,
}];

/// A step: its name, and the statements that take it.
struct Step {
    name: &'static str,
    statements: fn(DbBackend) -> Vec<String>,
}

/// Takes the steps that a database lacks.
#[derive(Debug)]
pub struct Migrator;

impl Migrator {
    /// The last step that this program knows.
    pub fn last() -> &'static str {
        STEPS[STEPS.len() - 1].name
    }

    /// Creates the table of steps where it is missing.
    pub async fn install(db: &impl ConnectionTrait) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table(TAKEN)
            .if_not_exists()
            .col(schema::string("version").primary_key())
            .col(schema::big_integer("applied_at"));
        db.execute(&table).await?;
        Ok(())
    }

    /// The steps that the database has not taken yet, oldest first. Fails when the database has
    /// taken a step that this program does not know.
    pub async fn pending(db: &impl ConnectionTrait) -> Result<Vec<&'static str>, DbErr> {
        let missing = missing(db).await?;
        Ok(missing.iter().map(|step| step.name).collect())
    }

    /// Takes the pending steps, each in a transaction of its own.
    pub async fn up<C>(db: &C) -> Result<(), DbErr>
    where
        C: ConnectionTrait + TransactionTrait<Transaction = DatabaseTransaction>,
    {
        for step in missing(db).await? {
            take(db, step).await?;
        }
        Ok(())
    }
}

async fn missing(db: &impl ConnectionTrait) -> Result<Vec<&'static Step>, DbErr> {
    Migrator::install(db).await?;
    let mut query = Query::select();
    query
        .column("version")
        .from(TAKEN)
        .order_by("version", Order::Asc);
    let mut taken = Vec::new();
    for row in db.query_all(&query).await? {
        taken.push(row.try_get::<String>("", "version")?);
    }
    let strange = |name: &&String| !STEPS.iter().any(|step| step.name == **name);
    if let Some(name) = taken.iter().find(strange) {
        let text = format!("the database has taken a step that is not known here: {name}");
        return Err(DbErr::Custom(text));
    }
    let missing = STEPS.iter();
    Ok(missing
        .filter(|step| !taken.iter().any(|name| name == step.name))
        .collect())
}

async fn take<C>(db: &C, step: &Step) -> Result<(), DbErr>
where
    C: ConnectionTrait + TransactionTrait<Transaction = DatabaseTransaction>,
{
    let tx = db.begin().await?;
    for statement in (step.statements)(db.get_database_backend()) {
        tx.execute_unprepared(&statement).await?;
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = now.map_or(0, |since| since.as_secs()).cast_signed();
    let mut insert = Query::insert();
    insert
        .into_table(TAKEN)
        .columns(["version", "applied_at"])
        .values_panic([step.name.into(), seconds.into()]);
    tx.execute(&insert).await?;
    tx.commit().await?;
    tracing::info!(step = step.name, "schema step taken");
    Ok(())
}

/// The statement in the words of the database.
fn sql(backend: DbBackend, statement: &impl StatementBuilder) -> String {
    backend.build(statement).sql
}
