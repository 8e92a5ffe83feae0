//! Cases: a report with everything that its page shows.

use chrono::{DateTime, TimeDelta, Utc};

use super::change::standing_for;
use super::personal::Personal;
use super::triage::{SEALED, detail_place};
use super::{App, Principal, listing};
use crate::domain::journal::Event;
use crate::domain::report::ReportId;
use crate::domain::staff::{Act, Staff};
use crate::domain::triage::Standing;
use crate::store::journal::Entry;
use crate::store::report::Row;
use crate::store::{Conn, Error, journal, report, staff};

/// How long a recorded look holds for the page that follows it.
const LOOK_LASTS: TimeDelta = TimeDelta::minutes(1);

/// A journal entry as staff read it.
#[derive(Clone, Debug)]
pub struct HistoryEntry {
    /// The entry.
    pub entry: Entry,
    /// The name of the person who made it; none for the resident and for the system.
    pub who: Option<String>,
    /// The reason.
    pub reason: Option<String>,
}

/// A report with everything that its page shows.
#[derive(Clone, Debug)]
pub struct Case {
    /// The report.
    pub row: Row,
    /// What the principal's moves depend on.
    pub standing: Standing,
    /// Its journal entries, oldest first.
    pub history: Vec<HistoryEntry>,
    /// The people who work in its queue.
    pub colleagues: Vec<Staff>,
    /// Further open reports of the same telephone within the scope, the newest first.
    pub same_phone: Vec<Row>,
    /// Further open reports of the same room and direction, received not long before or after.
    pub same_room: Vec<Row>,
    /// The report that this one was merged into, where it lies within the scope.
    pub kept: Option<Row>,
    /// Its duplicates within the scope, the newest first.
    pub merged: Vec<Row>,
    /// The last contact with this telephone on any report, also outside of the scope: only its
    /// time and kind are shown.
    pub last_contact: Option<Contact>,
}

/// A contact with a telephone.
#[derive(Clone, Copy, Debug)]
pub struct Contact {
    /// When.
    pub at: DateTime<Utc>,
    /// Its kind.
    pub event: Event,
}

/// The case, when the report lies within the principal's scope.
pub async fn open(app: &App, principal: &Principal, id: ReportId) -> Result<Case, Error> {
    let (scope, atlas) = (principal.scope.clone(), app.atlas());
    let work = move |conn: Conn| async move {
        let row = report::find(&conn, &scope, id).await?;
        let entries = journal::of_row(&conn, &row).await?;
        let actors: Vec<_> = entries.iter().filter_map(|entry| entry.actor).collect();
        let names = staff::names(&conn, &actors).await?;
        // Also those who work for the building's grid, while the grid belongs to this queue.
        let ground = atlas.ground(row.building);
        let ground = ground.filter(|ground| atlas.tree.queue_of(*ground) == Some(row.queue));
        let owner = || atlas.tree.area_of(row.queue).map(|area| area.id);
        let ground = ground.or_else(owner);
        let above = ground.map_or_else(Vec::new, |ground| atlas.tree.above(ground));
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
    let standing = standing_for(principal.staff.id, &app.atlas(), &row, &entries);
    let history = entries.into_iter().map(|entry| HistoryEntry {
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
        history: history.collect(),
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

/// The personal data, where this person looked at them not longer than a moment ago: the look is in
/// the journal, and the page that follows it is no second one.
pub fn look_again(app: &App, principal: &Principal, case: &Case) -> Option<Personal> {
    let since = app.clock.now() - LOOK_LASTS;
    let is_mine = |line: &&HistoryEntry| {
        let Entry {
            event, actor, at, ..
        } = &line.entry;
        *event == Event::Revealed && *actor == Some(principal.staff.id) && *at >= since
    };
    case.history.iter().find(is_mine)?;
    Personal::open(app, &case.row)
}

/// The reason in an entry's detail.
pub(super) fn reason_of(app: &App, id: ReportId, detail: Option<&str>) -> Option<String> {
    let (_, sealed) = detail?.split_once(SEALED)?;
    app.keys.open_text(&detail_place(id), sealed).ok()
}
