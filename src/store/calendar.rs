//! Days off and urgent rules as rows: what imports write.

use entity::{holiday, urgent_rule};
use sea_orm::{ActiveValue::Set, EntityTrait, QueryOrder, sea_query::OnConflict};

use super::{Error, Source, Tx};
use crate::domain::calendar::{DayKind, Holiday};
use crate::domain::report::Direction;
use crate::domain::urgent::UrgentRule;

/// Inserts the day, or replaces it.
pub async fn put_holiday(tx: &Tx, day: Holiday) -> Result<(), Error> {
    use holiday::Column;
    let model = holiday::ActiveModel {
        day: Set(day.day),
        kind: Set(day.kind.code().to_owned()),
        name: Set(day.name),
    };
    let replaced = OnConflict::column(Column::Day)
        .update_columns([Column::Kind, Column::Name])
        .to_owned();
    holiday::Entity::insert(model)
        .on_conflict(replaced)
        .exec_without_returning(tx.inner())
        .await?;
    Ok(())
}

/// Inserts the rule, or replaces the one of the same name.
pub async fn put_urgent_rule(tx: &Tx, rule: UrgentRule) -> Result<(), Error> {
    use urgent_rule::Column;
    let model = urgent_rule::ActiveModel {
        name: Set(rule.name),
        direction: Set(rule.direction.map(|way| way.code().to_owned())),
        region_prefix: Set(rule.region_prefix),
        active: Set(rule.active),
        ..urgent_rule::ActiveModel::default()
    };
    let replaced = OnConflict::column(Column::Name)
        .update_columns([Column::Direction, Column::RegionPrefix, Column::Active])
        .to_owned();
    urgent_rule::Entity::insert(model)
        .on_conflict(replaced)
        .exec_without_returning(tx.inner())
        .await?;
    Ok(())
}

/// Every day that is not what the week makes of it.
pub(super) async fn holidays(on: &impl Source) -> Result<Vec<Holiday>, Error> {
    let rows = holiday::Entity::find().all(on.inner()).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Holiday {
                day: row.day,
                kind: DayKind::from_code(&row.kind)
                    .ok_or_else(|| Error::unreadable("holiday.kind"))?,
                name: row.name,
            })
        })
        .collect()
}

/// Every urgent rule, in the order in which they were made.
pub(super) async fn urgent_rules(on: &impl Source) -> Result<Vec<UrgentRule>, Error> {
    let rows = urgent_rule::Entity::find().order_by_asc(urgent_rule::Column::Id);
    let rows = rows.all(on.inner()).await?;
    rows.into_iter()
        .map(|row| {
            let direction = row.direction.as_deref().map(|code| {
                Direction::from_code(code).ok_or_else(|| Error::unreadable("urgent_rule.direction"))
            });
            Ok(UrgentRule {
                name: row.name,
                direction: direction.transpose()?,
                region_prefix: row.region_prefix,
                active: row.active,
            })
        })
        .collect()
}
