//! Errors of the database, sorted by what the caller can do about them.

use sea_orm::sqlx;
use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// An answer of the database that is not the one hoped for. Its text is for the log only.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such row, or it is not yours; the answer does not say which of the two.
    #[error("no such row")]
    Missing,
    /// Another transaction was first.
    #[error("a row like this one exists, or has moved on")]
    Conflict,
    /// Locked or overloaded; the same call may succeed in a moment.
    #[error("the database is busy")]
    Busy(#[source] DbErr),
    /// A value that this database does not store; the same call fails again.
    #[error("the database refuses a value")]
    Refused(#[source] DbErr),
    /// Gone, full or broken; calls fail until the operator repairs it.
    #[error("the database cannot be used")]
    Unavailable(#[source] DbErr),
    /// A row holds what no version of this program wrote.
    #[error("a row cannot be read: {0}")]
    Corrupt(String),
    /// A newer version of this program has changed the schema.
    #[error(
        "the database was changed by a newer version of this program: its schema is at {found}, and this version knows it up to {known}. Start that version, or a later one"
    )]
    Newer {
        /// The last step that the schema has taken.
        found: String,
        /// The last step that this program knows.
        known: String,
    },
    /// The database runs with a setting that could lose what was acknowledged.
    #[error("{setting} is {is:?} and must be {must_be}")]
    Unsafe {
        /// The setting.
        setting: &'static str,
        /// What was read back.
        is: String,
        /// What keeps the promise.
        must_be: String,
    },
}

impl Error {
    /// A stored word that stands for nothing.
    pub(super) fn unreadable(column: &'static str) -> Self {
        Self::Corrupt(format!("unknown word in {column}"))
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if let Some(SqlErr::UniqueConstraintViolation(_)) = error.sql_err() {
            return Self::Conflict;
        }
        match &error {
            DbErr::RecordNotFound(_) => Self::Missing,
            DbErr::RecordNotUpdated => Self::Conflict,
            DbErr::ConnectionAcquire(_) => Self::Busy(error),
            DbErr::Type(_) | DbErr::TryIntoErr { .. } | DbErr::Json(_) => {
                Self::Corrupt(error.to_string())
            }
            DbErr::Conn(inner) | DbErr::Exec(inner) | DbErr::Query(inner) if is_busy(inner) => {
                Self::Busy(error)
            }
            DbErr::Exec(inner) | DbErr::Query(inner) if is_refused(inner) => Self::Refused(error),
            _ => Self::Unavailable(error),
        }
    }
}

/// The code of SQLite, without what extends it; none on PostgreSQL.
fn sqlite_code(error: &dyn sqlx::error::DatabaseError) -> Option<u32> {
    error.try_downcast_ref::<sqlx::sqlite::SqliteError>()?;
    let code: u32 = error.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// SQLite: BUSY and LOCKED. PostgreSQL: lock not available, statement cancelled by its timeout,
/// serialisation failure, deadlock, too many connections.
fn is_busy(error: &RuntimeErr) -> bool {
    let RuntimeErr::SqlxError(error) = error else {
        return false;
    };
    match error.as_ref() {
        sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(database) => match sqlite_code(database.as_ref()) {
            Some(code) => matches!(code, 5 | 6),
            None => {
                let code = database.code().unwrap_or_default();
                ["55P03", "57014", "40001", "40P01", "53300"].contains(&code.as_ref())
            }
        },
        _ => false,
    }
}

/// SQLite: TOOBIG, CONSTRAINT, MISMATCH. PostgreSQL: the classes of data exceptions (22), constraint
/// violations (23) and program limits (54).
fn is_refused(error: &RuntimeErr) -> bool {
    let RuntimeErr::SqlxError(error) = error else {
        return false;
    };
    let sqlx::Error::Database(database) = error.as_ref() else {
        return false;
    };
    match sqlite_code(database.as_ref()) {
        Some(code) => matches!(code, 18..=20),
        None => {
            let code = database.code().unwrap_or_default();
            ["22", "23", "54"]
                .iter()
                .any(|class| code.starts_with(class))
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};
        let found = error.sqlite_error().copied();
        let text = DbErr::Custom(error.to_string());
        let Some(found) = found else {
            return Self::Unavailable(text);
        };
        match found.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy(text),
            ErrorCode::ConstraintViolation
                if [SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE]
                    .contains(&found.extended_code) =>
            {
                Self::Conflict
            }
            ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch => {
                Self::Refused(text)
            }
            _ => Self::Unavailable(text),
        }
    }
}
