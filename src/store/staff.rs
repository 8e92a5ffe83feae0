//! Staff members as rows. Passwords are hashed before they come here.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::staff;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Error, Source, Tx};
use crate::domain::area::AreaId;
use crate::domain::staff::{Role, Staff, StaffId};

/// A staff member who is about to be added.
#[derive(Clone, Debug)]
pub struct NewStaff {
    /// What they type to sign in.
    pub login: String,
    /// What colleagues read.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// The area that they work for.
    pub area: AreaId,
    /// Their password, hashed.
    pub password_hash: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// A person with what is needed to check a password.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The person.
    pub staff: Staff,
    /// Their password, hashed.
    pub password_hash: String,
    /// When it was set.
    pub password_at: DateTime<Utc>,
}

/// Another password of a person.
#[derive(Clone, Debug)]
pub struct NewPassword {
    /// It, hashed.
    pub hash: String,
    /// Whether it must be replaced at the next sign-in.
    pub once: bool,
    /// When it is set.
    pub at: DateTime<Utc>,
}

/// Adds a staff member with a password that must be replaced; a conflict where the login is taken.
pub async fn insert(tx: &Tx, new: NewStaff) -> Result<StaffId, Error> {
    let row = staff::ActiveModel {
        login: Set(new.login),
        name: Set(new.name),
        role: Set(new.role.code().to_owned()),
        area_id: Set(new.area.0),
        password_hash: Set(new.password_hash),
        password_once: Set(true),
        password_at: Set(new.created_at),
        disabled: Set(false),
        created_at: Set(new.created_at),
        ..staff::ActiveModel::default()
    };
    let done = staff::Entity::insert(row).exec(tx.inner()).await?;
    Ok(StaffId(done.last_insert_id))
}

/// The person with this login, unless disabled.
pub async fn credentials(on: &impl Source, login: &str) -> Result<Credentials, Error> {
    let row = staff::Entity::find()
        .filter(staff::Column::Login.eq(login))
        .filter(staff::Column::Disabled.eq(false))
        .one(on.inner())
        .await?
        .ok_or(Error::Missing)?;
    Ok(Credentials {
        password_hash: row.password_hash.clone(),
        password_at: row.password_at,
        staff: read(row)?,
    })
}

/// The person, who cannot be let go before this transaction has ended; missing where they have
/// gone. A report that is assigned to them is then seen by the transaction that disables them.
pub async fn at_work(tx: &Tx, id: StaffId) -> Result<Staff, Error> {
    let row = staff::Entity::find_by_id(id.0)
        .filter(staff::Column::Disabled.eq(false))
        .lock_shared()
        .one(tx.inner())
        .await?;
    read(row.ok_or(Error::Missing)?)
}

/// Locks the row of a staff member with this password hash until this transaction has ended.
/// Missing where the hash has changed or the account is disabled.
pub async fn hold(tx: &Tx, id: StaffId, hash: &str) -> Result<(), Error> {
    let found = staff::Entity::find_by_id(id.0)
        .filter(staff::Column::Disabled.eq(false))
        .filter(staff::Column::PasswordHash.eq(hash))
        .lock_exclusive()
        .one(tx.inner())
        .await?;
    found.map(|_| ()).ok_or(Error::Missing)
}

/// Every enabled staff member of one of these areas.
pub async fn working_for(on: &impl Source, areas: &[AreaId]) -> Result<Vec<Staff>, Error> {
    let rows = staff::Entity::find()
        .filter(staff::Column::AreaId.is_in(areas.iter().map(|area| area.0)))
        .filter(staff::Column::Disabled.eq(false))
        .order_by_asc(staff::Column::Id)
        .all(on.inner())
        .await?;
    rows.into_iter().map(read).collect()
}

/// What colleagues call these people, gone ones too.
pub async fn names(on: &impl Source, ids: &[StaffId]) -> Result<HashMap<StaffId, String>, Error> {
    let rows: Vec<(i32, String)> = staff::Entity::find()
        .select_only()
        .column(staff::Column::Id)
        .column(staff::Column::Name)
        .filter(staff::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .into_tuple()
        .all(on.inner())
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, name)| (StaffId(id), name))
        .collect())
}

/// Every staff member, in the order in which they were added.
pub async fn list(on: &impl Source) -> Result<Vec<Staff>, Error> {
    let rows = staff::Entity::find()
        .order_by_asc(staff::Column::Id)
        .all(on.inner())
        .await?;
    rows.into_iter().map(read).collect()
}

/// Sets another password.
pub async fn set_password(tx: &Tx, id: StaffId, new: NewPassword) -> Result<(), Error> {
    let done = staff::Entity::update_many()
        .col_expr(staff::Column::PasswordHash, Expr::value(new.hash))
        .col_expr(staff::Column::PasswordOnce, Expr::value(new.once))
        .col_expr(staff::Column::PasswordAt, Expr::value(new.at))
        .filter(staff::Column::Id.eq(id.0))
        .exec(tx.inner())
        .await?;
    match done.rows_affected {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// Enables the account again.
pub async fn take_back(tx: &Tx, id: StaffId) -> Result<(), Error> {
    set_disabled(tx, id, false).await
}

/// A staff member who is disabled in this transaction. A value of this type is the right to read
/// the reports that they leave.
#[derive(Debug)]
pub struct Gone(pub(super) StaffId);

/// Disables the account. Its sessions end with the next request.
pub async fn let_go(tx: &Tx, id: StaffId) -> Result<Gone, Error> {
    set_disabled(tx, id, true).await?;
    Ok(Gone(id))
}

async fn set_disabled(tx: &Tx, id: StaffId, disabled: bool) -> Result<(), Error> {
    let done = staff::Entity::update_many()
        .col_expr(staff::Column::Disabled, Expr::value(disabled))
        .filter(staff::Column::Id.eq(id.0))
        .exec(tx.inner())
        .await?;
    match done.rows_affected {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

pub(super) fn read(row: staff::Model) -> Result<Staff, Error> {
    Ok(Staff {
        id: StaffId(row.id),
        login: row.login,
        name: row.name,
        role: Role::from_code(&row.role).ok_or_else(|| Error::unreadable("staff.role"))?,
        area: AreaId(row.area_id),
        password_once: row.password_once,
    })
}
