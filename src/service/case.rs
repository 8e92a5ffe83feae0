//! Cases: everything that somebody needs to see of a report before they act.

use chrono::{DateTime, Utc};

use super::change::Transition;
use super::triage::{SEALED, detail_place};
use super::{App, Principal, listing};
use crate::domain::journal::Event;
use crate::domain::report::ReportId;
use crate::domain::staff::{Act, Staff};
use crate::domain::triage::Standing;
use crate::store::journal::Entry;
use crate::store::report::Row;
use crate::store::{Conn, Error, journal, report, staff};

/// A line of history as staff read it.
#[derive(Clone, Debug)]
pub struct Told {
    /// The line.
    pub entry: Entry,
    /// Who did it; none for the resident, and for the house.
    pub who: Option<String>,
    /// What they wrote.
    pub reason: Option<String>,
}

/// Everything that somebody needs to see before they act.
#[derive(Clone, Debug)]
pub struct Case {
    /// The report.
    pub row: Row,
    /// Where it stands, as far as moves of whoever asks depend on it.
    pub standing: Standing,
    /// What happened to it, oldest first.
    pub history: Vec<Told>,
    /// Who works in its queue.
    pub colleagues: Vec<Staff>,
    /// Further open reports of the same telephone within the scope, the newest first.
    pub same_phone: Vec<Row>,
    /// Further ones of the same room and direction, received not long before or after.
    pub same_room: Vec<Row>,
    /// The report that this one was merged into, where it lies within the scope.
    pub kept: Option<Row>,
    /// What was merged into this one, within the scope, the newest first.
    pub merged: Vec<Row>,
    /// The last contact with this telephone on any report, whoever's it is: no report but its
    /// time and kind is told.
    pub last_contact: Option<Contact>,
}

/// A contact with a telephone.
#[derive(Clone, Copy, Debug)]
pub struct Contact {
    /// When.
    pub at: DateTime<Utc>,
    /// What it was.
    pub event: Event,
}

/// The report with its surroundings, for somebody within whose scope it lies.
pub async fn open(app: &App, principal: &Principal, id: ReportId) -> Result<Case, Error> {
    let (scope, atlas) = (principal.scope.clone(), app.atlas());
    let work = move |conn: Conn| async move {
        let row = report::find(&conn, &scope, id).await?;
        let entries = journal::of_row(&conn, &row).await?;
        let actors: Vec<_> = entries.iter().filter_map(|entry| entry.actor).collect();
        let names = staff::names(&conn, &actors).await?;
        // Who works for the building's grid, too, as long as it lies in this queue.
        let ground = atlas.ground(row.building);
        let ground = ground.filter(|ground| atlas.tree.queue_of(*ground) == Some(row.queue));
        let above = atlas.tree.above(ground.unwrap_or(row.queue));
        let colleagues = staff::working_for(&conn, &above).await?;
        let same_phone = report::of_same_phone(&conn, &scope, &row).await?;
        let kept: Vec<ReportId> = row.merged_into.into_iter().collect();
        let kept = report::among(&conn, &scope, &kept).await?.pop();
        let merged = (kept, report::merged_into(&conn, &scope, id).await?);
        let contacts = journal::last_contact(&conn, &row).await?;
        let lines = (entries, names);
        Ok::<_, Error>((row, lines, colleagues, (same_phone, merged), contacts))
    };
    let (row, (entries, names), colleagues, (same_phone, merged), contact) =
        app.db.read(work).await?;
    let standing = Transition::of(app).standing_for(&row, (principal.staff.id, &entries));
    let told = entries.into_iter().map(|entry| Told {
        who: entry.actor.and_then(|actor| names.get(&actor).cloned()),
        reason: reason_of(app, id, entry.detail.as_deref()),
        entry,
    });
    let same_room = listing::same_room(app, &principal.scope, &row).await?;
    let (kept, merged) = merged;
    let other = |twin: &Row| kept.as_ref().is_none_or(|kept| kept.id != twin.id);
    let same_phone: Vec<Row> = same_phone.into_iter().filter(other).collect();
    let further = |twin: &Row| other(twin) && same_phone.iter().all(|one| one.id != twin.id);
    Ok(Case {
        same_room: same_room.into_iter().filter(further).collect(),
        history: told.collect(),
        colleagues: (colleagues.into_iter())
            .filter(|person| person.role.may(Act::WorkQueue))
            .collect(),
        same_phone,
        kept,
        merged,
        last_contact: contact.map(|(at, event)| Contact { at, event }),
        standing,
        row,
    })
}

/// The reason that stands beside an entry.
fn reason_of(app: &App, id: ReportId, detail: Option<&str>) -> Option<String> {
    let (_, sealed) = detail?.split_once(SEALED)?;
    app.keys.open_text(&detail_place(id), sealed).ok()
}
