//! Rows as they are read back: in words that are known, or not at all.

use entity::report;
use uuid::Uuid;

use super::Row;
use crate::domain::area::Level;
use crate::domain::place::{BuildingId, PlacardId};
use crate::domain::queue::QueueId;
use crate::domain::region::RegionId;
use crate::domain::report::{Channel, Direction, ReportId};
use crate::domain::staff::StaffId;
use crate::domain::triage::{Outcome, Status};
use crate::store::Error;

/// The outcome that a stored word stands for.
pub(in crate::store) fn outcome_of(code: Option<&str>) -> Result<Option<Outcome>, Error> {
    let unreadable = || Error::unreadable("outcome");
    code.map(|code| Outcome::from_code(code).ok_or_else(unreadable))
        .transpose()
}

/// The rows that are written in words that are known. One that is not must not hide all others;
/// the log names it for the operator.
pub(super) fn readable(rows: impl IntoIterator<Item = report::Model>) -> Vec<Row> {
    let one = |row: report::Model| {
        let id = row.id;
        read(row).map_err(|error| unlisted(id, &error)).ok()
    };
    rows.into_iter().filter_map(one).collect()
}

/// Logs that a report is missing from lists, and why.
pub(in crate::store) fn unlisted(report: Uuid, error: &Error) {
    tracing::error!(%error, %report, "a report cannot be listed");
}

/// The report; corrupt where a word in it is unknown.
pub(super) fn read(row: report::Model) -> Result<Row, Error> {
    let level = row
        .escalated_to
        .as_deref()
        .map(|code| Level::from_code(code).ok_or_else(|| Error::unreadable("report.escalated_to")));
    let level = level.transpose()?;
    Ok(Row {
        id: ReportId(row.id),
        number: row.number,
        queue: QueueId(row.queue_id),
        placard: row.placard_id.map(PlacardId),
        building: row.building_id.map(BuildingId),
        channel: Channel::from_code(&row.channel)
            .ok_or_else(|| Error::unreadable("report.channel"))?,
        direction: Direction::from_code(&row.direction)
            .ok_or_else(|| Error::unreadable("report.direction"))?,
        persons: row.persons,
        region: row.region_id.map(RegionId),
        travel_day: row.travel_day,
        status: Status::from_code(&row.status).ok_or_else(|| Error::unreadable("report.status"))?,
        outcome: outcome_of(row.outcome.as_deref())?,
        version: row.version,
        owner: row.owner_id.map(StaffId),
        retry_at: row.retry_at,
        refusals: u16::try_from(row.refusals).unwrap_or_default(),
        merged_into: row.merged_into.map(ReportId),
        incomplete: row.incomplete,
        received_at: row.received_at,
        tally: (row.tally_day, row.tally_hour),
        contact_due_at: row.contact_due_at,
        finish_due_at: row.finish_due_at,
        escalated: level.zip(row.escalated_at),
        urgent: row.urgent,
        accepted_at: row.accepted_at,
        closed_at: row.closed_at,
        lang: row.lang,
        sealed: row.sealed,
        phone_tag: row.phone_tag,
        room_tag: row.room_tag,
    })
}
