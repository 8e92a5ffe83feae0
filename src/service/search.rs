//! Search: a report by its number or by its telephone, within a scope.

use super::status::{days_of, read_number};
use super::{App, Principal};
use crate::domain::phone::Phone;
use crate::store::report::Row;
use crate::store::{Conn, Error, report};

pub use crate::store::report::FOUND_MAX;

/// Why a search failed.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// Neither a receipt number nor a telephone.
    #[error("neither a number nor a telephone")]
    Unreadable,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// The open and closed reports of the scope with this number or telephone, the newest first. A
/// telephone is found by its keyed hash, so only as a whole.
pub async fn find(app: &App, principal: &Principal, text: &str) -> Result<Vec<Row>, SearchError> {
    let scope = principal.scope.clone();
    if let Some(number) = read_number(app, text) {
        let days = days_of(app, &number);
        let work = move |conn: Conn| async move {
            report::found_by_number(&conn, &scope, &number, days).await
        };
        return Ok(app.db.read(work).await?);
    }
    let city = app.rules.phone_area_code.as_ref();
    let phone = Phone::read_near(text, city).or(Err(SearchError::Unreadable))?;
    let tag = app.keys.phone_tag(phone.as_str());
    let work = move |conn: Conn| async move { report::found_by_phone(&conn, &scope, tag).await };
    Ok(app.db.read(work).await?)
}
