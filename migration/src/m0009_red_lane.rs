//! The red lane: how far a webhook that is silent was told of what a red rule marked.

use sea_orm::DbBackend;
use sea_orm::sea_query::Table;

use crate::schema::big_integer;
use crate::sql;

/// Adds the second place to each cursor. Zero is before everything: whoever was told everything up
/// to an entry was told what is red up to there, too.
pub(crate) fn statements(backend: DbBackend) -> Vec<String> {
    let mut red = big_integer("red_seq").default(0).take();
    let alter = Table::alter()
        .table("webhook_cursor")
        .add_column(&mut red)
        .take();
    vec![sql(backend, &alter)]
}
