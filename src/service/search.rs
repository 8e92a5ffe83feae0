//! Search: a report by its number or by its telephone, within what somebody may see.

use super::status::{given, read_number};
use super::{Acting, House};
use crate::domain::phone::Phone;
use crate::store::report::Row;
use crate::store::{Conn, Error, report};

pub use crate::store::report::FOUND_MAX;

/// Why a search cannot even be begun.
#[derive(Debug, thiserror::Error)]
pub enum Unfound {
    /// Neither a receipt number nor a telephone.
    #[error("neither a number nor a telephone")]
    Unreadable,
    /// The database said no.
    #[error(transparent)]
    Store(#[from] Error),
}

/// The reports of the scope with this number, or with this telephone, as people write them; open
/// or not, the newest first. A telephone is found by its keyed hash and only as a whole.
pub async fn find(house: &House, acting: &Acting, said: &str) -> Result<Vec<Row>, Unfound> {
    let scope = acting.scope.clone();
    if let Some(number) = read_number(house, said) {
        let (text, from) = (number.as_str().to_owned(), given(house, &number));
        let work = move |conn: Conn| async move {
            report::found_by_number(&conn, &scope, &text, from).await
        };
        return Ok(house.db.run(work).await?);
    }
    let phone = Phone::read(said).or(Err(Unfound::Unreadable))?;
    let tag = house.keys.phone_tag(phone.as_str());
    let work = move |conn: Conn| async move { report::found_by_phone(&conn, &scope, tag).await };
    Ok(house.db.run(work).await?)
}
