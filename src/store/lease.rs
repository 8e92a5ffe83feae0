//! Leases: which node does what only one node may do, and until when.

use chrono::{DateTime, Utc};
use entity::lease::{ActiveModel, Column, Entity};
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{Error, Source, Tx};

/// A lease that a node wants or holds.
#[derive(Clone, Debug)]
pub struct Lease {
    /// What the node does under it.
    pub name: String,
    /// The node.
    pub holder: Uuid,
    /// When it ends, unless it is prolonged.
    pub until: DateTime<Utc>,
}

/// Takes the lease, or prolongs it where this node holds it already. Returns whether this node
/// holds it now: another one's must have ended.
pub async fn take(tx: &Tx, lease: Lease, now: DateTime<Utc>) -> Result<bool, Error> {
    let free = Column::Holder
        .eq(lease.holder)
        .or(Column::HeldUntil.lt(now));
    let row = ActiveModel {
        name: Set(lease.name),
        holder: Set(lease.holder),
        held_until: Set(lease.until),
    };
    let taken = Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::Name)
                .update_columns([Column::Holder, Column::HeldUntil])
                .action_and_where(free)
                .to_owned(),
        )
        .exec_without_returning(tx.inner())
        .await?;
    Ok(taken == 1)
}

/// Prolongs a lease that this node holds; a conflict where it does not hold it any more.
pub async fn prolong(tx: &Tx, lease: Lease) -> Result<(), Error> {
    let prolonged = Entity::update_many()
        .set(ActiveModel {
            held_until: Set(lease.until),
            ..ActiveModel::default()
        })
        .filter(Column::Name.eq(lease.name))
        .filter(Column::Holder.eq(lease.holder))
        .exec(tx.inner())
        .await?;
    match prolonged.rows_affected {
        1 => Ok(()),
        _ => Err(Error::Conflict),
    }
}

/// Gives a lease back, where this node still holds it.
pub async fn give_back(tx: &Tx, name: &str, holder: Uuid) -> Result<(), Error> {
    Entity::delete_by_id(name)
        .filter(Column::Holder.eq(holder))
        .exec(tx.inner())
        .await?;
    Ok(())
}

/// Ends a lease, whichever node holds it.
pub async fn end(tx: &Tx, name: &str) -> Result<(), Error> {
    Entity::delete_by_id(name).exec(tx.inner()).await?;
    Ok(())
}
