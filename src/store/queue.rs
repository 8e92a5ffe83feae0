//! Queues as rows.

use entity::queue::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::{Error, Source, Tx};
use crate::domain::area::AreaId;
use crate::domain::queue::{Queue, QueueId, QueueKind};

/// Gives an area a queue of this kind, under the area's number.
pub async fn put(tx: &Tx, area: AreaId, kind: QueueKind) -> Result<(), Error> {
    let row = ActiveModel {
        id: Set(area.0),
        kind: Set(kind.code().to_owned()),
        area_id: Set(Some(area.0)),
    };
    Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::Id)
                .update_column(Column::Kind)
                .to_owned(),
        )
        .exec_without_returning(tx.inner())
        .await?;
    Ok(())
}

/// The queues of all areas. The system queue is none of them.
pub async fn of_areas(on: &impl Source) -> Result<Vec<Queue>, Error> {
    let rows = Entity::find().filter(Column::AreaId.is_not_null());
    let rows = rows.all(on.inner()).await?;
    rows.into_iter().map(read).collect()
}

fn read(row: Model) -> Result<Queue, Error> {
    Ok(Queue {
        id: QueueId(row.id),
        kind: QueueKind::from_code(&row.kind).ok_or_else(|| Error::unreadable("queue.kind"))?,
        area: AreaId(
            row.area_id
                .ok_or_else(|| Error::unreadable("queue.area_id"))?,
        ),
    })
}
