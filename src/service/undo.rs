//! A person's own last step with a report, while it can be taken back. Taking it back is a move,
//! and in `triage`.

use chrono::TimeDelta;

use super::{App, Principal};
use crate::domain::report::ReportId;
use crate::domain::triage::Move;
use crate::store::report::Row;
use crate::store::{Conn, Error, journal, undo};

/// A step that can be taken back at this moment.
#[derive(Clone, Debug)]
pub struct Last {
    /// The report after the step, also when it left the person's scope.
    pub row: Row,
    /// The step.
    pub step: Move,
    /// The time that is left.
    pub left: TimeDelta,
}

/// The step that led to this version of the report, when this person made it, no later step
/// exists, and the time for taking it back still runs.
pub async fn last(
    app: &App,
    principal: &Principal,
    id: ReportId,
    version: i32,
) -> Result<Option<Last>, Error> {
    let me = principal.staff.id;
    let work = move |conn: Conn| async move {
        let step = undo::last(&conn, id, me).await?;
        let row = undo::report_behind(&conn, &step).await?;
        let entries = journal::of_row(&conn, &row).await?;
        Ok::<_, Error>((step, row, entries))
    };
    let (made, row, entries) = match app.db.read(work).await {
        Err(Error::Missing) => return Ok(None),
        read => read?,
    };
    let left = app.rules.undo - (app.clock.now() - made.at);
    if made.version != version || row.version != version || left <= TimeDelta::zero() {
        return Ok(None);
    }
    let mut entries = entries.iter().filter(|entry| entry.version == version);
    let step = entries.find_map(|entry| {
        let mut steps = Move::OF_STAFF.into_iter();
        steps.find(|step| step.event() == entry.event)
    });
    Ok(step.map(|step| Last { row, step, left }))
}
