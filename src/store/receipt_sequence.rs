//! Serials: how many receipts each subdistrict has given on each day.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};

use super::{Error, Source, Tx};
use crate::domain::area::AreaId;

/// Reserves so many serials of each subdistrict's day and says the last one of each. The rows are
/// locked in the order of their keys until the end of the transaction.
pub async fn reserve(
    tx: &Tx,
    wanted: &BTreeMap<(AreaId, NaiveDate), i32>,
) -> Result<BTreeMap<(AreaId, NaiveDate), i32>, Error> {
    let mut insert = Query::insert();
    insert
        .into_table("receipt_sequence")
        .columns(["area_id", "day", "reached"])
        .on_conflict(
            OnConflict::columns(["area_id", "day"])
                .value(
                    "reached",
                    Expr::col(("receipt_sequence", "reached"))
                        .add(Expr::col(("excluded", "reached"))),
                )
                .to_owned(),
        )
        .returning(Query::returning().columns(["area_id", "day", "reached"]));
    for ((area, day), count) in wanted {
        insert.values_panic([area.0.into(), (*day).into(), (*count).into()]);
    }
    let rows = tx.inner().query_all(&insert).await?;
    rows.into_iter()
        .map(|row| {
            let key = (AreaId(row.try_get("", "area_id")?), row.try_get("", "day")?);
            Ok((key, row.try_get("", "reached")?))
        })
        .collect()
}
