//! Announcements: a node tells the others through the database that it has written something, so that
//! they need not wait for their next poll. Only PostgreSQL has them (NOTIFY,
//! <https://www.postgresql.org/docs/current/sql-notify.html>). An announcement may be lost; a poll
//! finds what was written all the same.

use sea_orm::sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, RuntimeErr, Statement};
use uuid::Uuid;

use super::{Conn, Db, Error};

const CHANNEL: &str = "mashang_journal";

/// Hears what other nodes announce, on a connection of its own.
#[derive(Debug)]
pub struct Listener {
    heard: PgListener,
    own: String,
}

impl Listener {
    /// Listens; none on SQLite. `own` is this node, whose own announcements are not heard.
    pub async fn open(db: &Db, own: Uuid) -> Result<Option<Self>, Error> {
        if !db.has_announcements() {
            return Ok(None);
        }
        let connection = &db.conn.read;
        let options = connection.get_postgres_connection_pool().connect_options();
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(PgConnectOptions::clone(&options));
        let mut heard = PgListener::connect_with(&pool).await.map_err(lost)?;
        heard.listen(CHANNEL).await.map_err(lost)?;
        let own = own.to_string();
        Ok(Some(Self { heard, own }))
    }

    /// Waits until another node announces something.
    pub async fn next(&mut self) -> Result<(), Error> {
        loop {
            let announced = self.heard.recv().await.map_err(lost)?;
            if announced.payload() != self.own {
                return Ok(());
            }
        }
    }
}

/// Announces that this node has written something. A statement of its own after the commit: within
/// the transaction all commits of the database would wait for each other.
pub async fn announce(conn: &Conn, own: Uuid) -> Result<(), Error> {
    let text = format!("NOTIFY {CHANNEL}, '{own}'");
    let statement = Statement::from_string(DbBackend::Postgres, text);
    conn.write.execute_raw(statement).await?;
    Ok(())
}

fn lost(error: sea_orm::sqlx::Error) -> Error {
    DbErr::Conn(RuntimeErr::SqlxError(error.into())).into()
}
