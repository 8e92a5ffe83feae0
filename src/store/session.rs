//! Sign-ins, as rows: a token counts only while its row is there, on every node at once.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{session, staff};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{Error, Source, Tx};
use crate::domain::staff::{Staff, StaffId};

/// Begins a session.
pub async fn insert(
    tx: &Tx,
    id: Uuid,
    person: StaffId,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
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
    people(on, &[id], now)
        .await?
        .remove(&id)
        .ok_or(Error::Missing)
}

/// Whose sessions these are, as they are now; without those that ended or whose person was
/// disabled.
pub async fn people(
    on: &impl Source,
    ids: &[Uuid],
    now: DateTime<Utc>,
) -> Result<HashMap<Uuid, Staff>, Error> {
    let person = session::Entity::belongs_to(staff::Entity)
        .from(session::Column::StaffId)
        .to(staff::Column::Id);
    let found = session::Entity::find()
        .select_also(staff::Entity)
        .join(JoinType::InnerJoin, person.into())
        .filter(session::Column::Id.is_in(ids.iter().copied()))
        .filter(session::Column::ExpiresAt.gt(now))
        .filter(staff::Column::Disabled.eq(false))
        .all(on.inner())
        .await?;
    let people = found.into_iter();
    people
        .filter_map(|(session, staff)| Some((session.id, staff?)))
        .map(|(id, staff)| Ok((id, super::staff::read(staff)?)))
        .collect()
}

/// Ends a session.
pub async fn end(tx: &Tx, id: Uuid) -> Result<(), Error> {
    session::Entity::delete_by_id(id).exec(tx.inner()).await?;
    Ok(())
}

/// Ends every session of a person. Returns how many there were.
pub async fn end_all(tx: &Tx, person: StaffId) -> Result<u64, Error> {
    let done = session::Entity::delete_many()
        .filter(session::Column::StaffId.eq(person.0))
        .exec(tx.inner())
        .await?;
    Ok(done.rows_affected)
}

/// Removes the rows of sessions that have ended by themselves.
pub async fn sweep(tx: &Tx, now: DateTime<Utc>) -> Result<u64, Error> {
    let done = session::Entity::delete_many()
        .filter(session::Column::ExpiresAt.lte(now))
        .exec(tx.inner())
        .await?;
    Ok(done.rows_affected)
}
