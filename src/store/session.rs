//! Sign-ins, as rows: a token counts only while its row is there, on every node at once.

use chrono::{DateTime, Utc};
use entity::{session, staff};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{Error, Source, Tx};
use crate::domain::staff::{Staff, StaffId};

/// Begins a session.
pub async fn insert(
    tx: &Tx,
    id: Uuid,
    person: StaffId,
    (created_at, expires_at): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), Error> {
    let row = session::ActiveModel {
        id: Set(id),
        staff_id: Set(person.0),
        created_at: Set(created_at),
        expires_at: Set(expires_at),
    };
    session::Entity::insert(row)
        .exec_without_returning(tx.inner())
        .await?;
    Ok(())
}

/// Whose session this is, as they are now; missing where it ended or the person was disabled.
pub async fn person(on: &impl Source, id: Uuid, now: DateTime<Utc>) -> Result<Staff, Error> {
    let session = session::Entity::find_by_id(id)
        .filter(session::Column::ExpiresAt.gt(now))
        .one(on.inner())
        .await?
        .ok_or(Error::Missing)?;
    let row = staff::Entity::find_by_id(session.staff_id)
        .filter(staff::Column::Disabled.eq(false))
        .one(on.inner())
        .await?
        .ok_or(Error::Missing)?;
    super::staff::read(row)
}

/// Ends a session.
pub async fn end(tx: &Tx, id: Uuid) -> Result<(), Error> {
    session::Entity::delete_by_id(id).exec(tx.inner()).await?;
    Ok(())
}

/// Ends every session of a person.
pub async fn end_all(tx: &Tx, person: StaffId) -> Result<(), Error> {
    session::Entity::delete_many()
        .filter(session::Column::StaffId.eq(person.0))
        .exec(tx.inner())
        .await?;
    Ok(())
}

/// Removes the rows of sessions that have ended by themselves.
pub async fn sweep(tx: &Tx, now: DateTime<Utc>) -> Result<u64, Error> {
    let done = session::Entity::delete_many()
        .filter(session::Column::ExpiresAt.lte(now))
        .exec(tx.inner())
        .await?;
    Ok(done.rows_affected)
}
