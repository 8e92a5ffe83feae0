//! Somebody's own last step with a report, for as long as it can be taken back. Taking it back is
//! a move like others, and in `triage`.

use chrono::TimeDelta;

use super::{App, Principal};
use crate::domain::report::ReportId;
use crate::domain::triage::Move;
use crate::store::report::Row;
use crate::store::{Conn, Error, journal, report, undo};

/// A step that can be taken back at this moment.
#[derive(Clone, Debug)]
pub struct Last {
    /// The report as the step has left it, wherever that is.
    pub row: Row,
    /// What was done.
    pub step: Move,
    /// How much of the time is left.
    pub left: TimeDelta,
}

/// The step that led to this version of the report, where this person made it, nobody has gone on
/// from there and it can still be taken back; none otherwise.
pub async fn last(
    app: &App,
    principal: &Principal,
    (id, version): (ReportId, i32),
) -> Result<Option<Last>, Error> {
    let me = principal.staff.id;
    let work = move |conn: Conn| async move {
        let step = undo::last(&conn, id, me).await?;
        let row = report::behind(&conn, &step).await?;
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
    let mut lines = entries.iter().filter(|line| line.version == version);
    let step = lines.find_map(|line| {
        let mut steps = Move::OF_STAFF.into_iter();
        steps.find(|step| step.event() == line.event)
    });
    Ok(step.map(|step| Last { row, step, left }))
}
