//! People who work here, as rows. Passwords are hashes before they come here.

use chrono::{DateTime, Utc};
use entity::staff;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
};

use super::{Error, Source, Tx};
use crate::domain::area::AreaId;
use crate::domain::staff::{Role, Staff, StaffId};

/// Somebody who is about to be taken on.
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
}

/// Takes somebody on with a password that must be replaced; a conflict where the login is taken.
pub async fn insert(tx: &Tx, new: NewStaff) -> Result<StaffId, Error> {
    let row = staff::ActiveModel {
        login: Set(new.login),
        name: Set(new.name),
        role: Set(new.role.code().to_owned()),
        area_id: Set(new.area.0),
        password_hash: Set(new.password_hash),
        password_once: Set(true),
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
        staff: read(row)?,
    })
}

/// Everybody, in the order in which they came.
pub async fn list(on: &impl Source) -> Result<Vec<Staff>, Error> {
    let rows = staff::Entity::find()
        .order_by_asc(staff::Column::Id)
        .all(on.inner())
        .await?;
    rows.into_iter().map(read).collect()
}

/// How many work here.
pub async fn count(on: &impl Source) -> Result<u64, Error> {
    Ok(staff::Entity::find().count(on.inner()).await?)
}

/// Gives somebody another password; `once` where it must be replaced at the next sign-in.
pub async fn set_password(tx: &Tx, id: StaffId, hash: String, once: bool) -> Result<(), Error> {
    let done = staff::Entity::update_many()
        .col_expr(staff::Column::PasswordHash, Expr::value(hash))
        .col_expr(staff::Column::PasswordOnce, Expr::value(once))
        .filter(staff::Column::Id.eq(id.0))
        .exec(tx.inner())
        .await?;
    match done.rows_affected {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// Lets somebody go, or takes them back. Their sessions end with the next request.
pub async fn set_disabled(tx: &Tx, id: StaffId, disabled: bool) -> Result<(), Error> {
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
