//! Regions have English names; a report may leave no more than a telephone, and says which
//! notice its reporter was shown.

use sea_orm::DbBackend;
use sea_orm::sea_query::Table;

use crate::schema::{boolean, string_null};
use crate::sql;

/// Adds the English name of a region, and of a report whether it is incomplete and its notice.
pub(crate) fn statements(backend: DbBackend) -> Vec<String> {
    let columns = [
        ("region", string_null("english")),
        ("report", boolean("incomplete").default(false).take()),
        ("report", string_null("notice_version")),
    ];
    let add = |(table, mut column)| Table::alter().table(table).add_column(&mut column).take();
    columns
        .into_iter()
        .map(|column| sql(backend, &add(column)))
        .collect()
}
