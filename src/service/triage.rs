//! Triage: staff take reports, see what is needed for a call, and bring them to an end. Every
//! move is one transaction: the report, its history and the tallies.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::personal::Personal;
use super::{Acting, House, Rules};
use crate::domain::area::AreaId;
use crate::domain::journal::Event;
use crate::domain::place::Atlas;
use crate::domain::report::ReportId;
use crate::domain::staff::{Act, StaffId};
use crate::domain::totals::Count;
use crate::domain::triage::{IllegalMove, Move, Mover, Standing, Status};
use crate::store::journal::Entry;
use crate::store::report::{Row, State};
use crate::store::{Conn, Error, Tx, journal, report, staff, tally, undo};

/// Length of a reason at most, in characters.
pub const REASON_CHARS_MAX: usize = 200;
/// Parts the outcome's word from the sealed reason.
pub(super) const SEALED: char = '~';
/// How often a move is made anew when another node was faster; the second time it is stale.
const CONFLICT_TRIES_MAX: u32 = 2;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The report has moved on since the page was drawn; this is how it stands.
    #[error("the report has changed meanwhile")]
    Stale(Box<Row>),
    /// No such move from where it stands, or not for this person.
    #[error("the report cannot make this move")]
    Illegal(Box<Row>),
    /// A reason is owed, or it is too long.
    #[error("a reason is owed")]
    Reason,
    /// The community, person or report that was named cannot be meant.
    #[error("the target cannot be meant")]
    Target,
    /// The time to take the step back is over.
    #[error("the step cannot be taken back any more")]
    Late,
    /// The database said no.
    #[error(transparent)]
    Store(#[from] Error),
}

/// A move with everything that it needs.
#[derive(Clone, Debug)]
pub struct Step {
    /// The move.
    pub step: Move,
    /// Why; owed by some moves, welcome with all.
    pub reason: String,
    /// When to call again, where nobody answered.
    pub retry_at: Option<DateTime<Utc>>,
    /// The community that it goes to.
    pub to: Option<AreaId>,
    /// The person who gets it.
    pub assignee: Option<StaffId>,
    /// The report that says the same.
    pub same_as: Option<ReportId>,
}

impl Step {
    /// A move that needs nothing else.
    pub fn plain(step: Move) -> Self {
        Self {
            step,
            reason: String::new(),
            retry_at: None,
            to: None,
            assignee: None,
            same_as: None,
        }
    }
}

/// What a transaction needs to know besides the database.
pub(super) struct Desk {
    pub(super) atlas: std::sync::Arc<Atlas>,
    pub(super) rules: Rules,
    pub(super) now: DateTime<Utc>,
}

impl Desk {
    pub(super) fn of(house: &House) -> Self {
        Self {
            atlas: house.atlas(),
            rules: house.rules.clone(),
            now: house.clock.now(),
        }
    }

    /// How long a report of this queue may wait for the first call.
    pub(super) fn first_contact(&self, row: &Row) -> chrono::TimeDelta {
        self.rules.rota(&self.atlas, row.queue).day.first_contact
    }

    /// Where the row stands, as far as moves depend on it.
    pub(super) fn standing(&self, row: &Row) -> Standing {
        Standing {
            status: row.status,
            unrouted: self.atlas.tree.is_unrouted(row.queue),
            refusals: row.refusals,
        }
    }
}

/// Makes the move and writes it into the history, or changes nothing. `version` is the one that
/// the person saw.
pub async fn step(
    house: &House,
    acting: &Acting,
    (id, version): (ReportId, i32),
    step: Step,
) -> Result<Row, Refused> {
    let reason = step.reason.trim().chars().count();
    if reason > REASON_CHARS_MAX || reason == 0 && step.step.owes_reason() {
        return Err(Refused::Reason);
    }
    let detail = detail(house, id, &step)?;
    let mut tries = 1;
    loop {
        let (desk, acting, step) = (Desk::of(house), acting.clone(), step.clone());
        let detail = detail.clone();
        let work = move |conn: Conn| async move {
            let tx = conn.begin().await?;
            let row = report::find(&tx, &acting.scope, id).await?;
            if row.version != version {
                return Err(Refused::Stale(Box::new(row)));
            }
            if step.step.gives_owner() {
                staff::at_work(&tx, acting.staff.id).await?;
            }
            let to = desk.decide(&tx, &acting, (&row, &step)).await?;
            let actor = Some(acting.staff.id);
            let entry = entry(&row, step.step.event(), (desk.now, actor, detail));
            let made = (row.version + 1, acting.staff.id, desk.now);
            undo::remember(&tx, id, made, &row.state()).await?;
            let done = write(&tx, row, (&to, entry)).await?;
            tx.commit().await?;
            Ok(done)
        };
        match house.db.run(work).await {
            Err(Refused::Store(Error::Conflict)) if tries < CONFLICT_TRIES_MAX => tries += 1,
            done => return done.map(|done| announce(house, done)),
        }
    }
}

/// What stands beside an entry: the outcome's word, and the reason sealed, since people write
/// names into reasons.
fn detail(house: &House, id: ReportId, step: &Step) -> Result<Option<String>, Refused> {
    let outcome = match step.step {
        Move::Close(outcome) => outcome.code(),
        _ => "",
    };
    let reason = step.reason.trim();
    if reason.is_empty() {
        return Ok(Some(outcome.to_owned()).filter(|word| !word.is_empty()));
    }
    let sealed = house.keys.seal_text(&detail_place(id), reason);
    let sealed = sealed.or(Err(Error::Corrupt("a reason cannot be sealed".into())))?;
    Ok(Some(format!("{outcome}{SEALED}{sealed}")))
}

/// Where a reason is sealed.
pub(super) fn detail_place(id: ReportId) -> String {
    format!("entry.detail.{}", id.0)
}

impl Desk {
    /// The state that a step leads to, or why it cannot be made.
    async fn decide(
        &self,
        tx: &Tx,
        acting: &Acting,
        (row, step): (&Row, &Step),
    ) -> Result<State, Refused> {
        let illegal = || Refused::Illegal(Box::new(row.clone()));
        let mover = Mover::of(acting.staff.role).ok_or_else(illegal)?;
        let standing = self.standing(row);
        let status = match standing.step(step.step, mover, self.rules.refusals_max) {
            Ok(status) => status,
            Err(IllegalMove { .. }) => return Err(illegal()),
        };
        let mut to = moved(row, status, self.now);
        match step.step {
            Move::Accept => to.owner = Some(acting.staff.id),
            Move::Close(outcome) => {
                (to.outcome, to.owner) = (Some(outcome), row.owner.or(Some(acting.staff.id)));
            }
            Move::Unreachable => {
                let later = step.retry_at.filter(|at| *at > self.now);
                to.retry_at = Some(later.ok_or(Refused::Target)?);
            }
            Move::Assign => to.owner = Some(self.assignee(tx, (row, step)).await?),
            Move::Refuse => {
                to.queue = self.atlas.tree.bin_of(row.queue).ok_or(Refused::Target)?;
                to.refusals += 1;
            }
            Move::Transfer => {
                let target = step.to.filter(|target| {
                    *target != row.queue
                        && self.atlas.tree.owns_queue(*target)
                        && acting.scope.covers(*target)
                });
                to.queue = target.ok_or(Refused::Target)?;
            }
            Move::Merge => {
                let other = step.same_as.filter(|other| *other != row.id);
                let other = report::find(tx, &acting.scope, other.ok_or(Refused::Target)?).await?;
                // No chains: the one that stays is a report of its own.
                let stays = other.merged_into.is_none() && other.status != Status::Withdrawn;
                to.merged_into = Some(Some(other.id).filter(|_| stays).ok_or(Refused::Target)?);
            }
            Move::Verify
            | Move::Invalidate
            | Move::Reopen
            | Move::Split
            | Move::Note
            | Move::Correct
            | Move::Withdraw
            | Move::HandOver
            | Move::Release => {}
        }
        Ok(to)
    }

    /// Somebody who works in the report's queue and is there.
    async fn assignee(&self, tx: &Tx, (row, step): (&Row, &Step)) -> Result<StaffId, Refused> {
        let wanted = step.assignee.ok_or(Refused::Target)?;
        let person = staff::at_work(tx, wanted).await;
        let person = person.map_err(|error| match error {
            Error::Missing => Refused::Target,
            other => other.into(),
        })?;
        let scope = crate::domain::staff::Scope::of(&self.atlas.tree, person.area);
        match person.role.may(Act::WorkQueue) && self.atlas.shows(&scope, (row.queue, row.building))
        {
            true => Ok(person.id),
            false => Err(Refused::Target),
        }
    }
}

/// The state after a move to this status, before what the move itself changes: who waits has no
/// owner, what has ended has an end, and the time to call again belongs to *unreachable* alone.
pub(super) fn moved(row: &Row, status: Status, now: DateTime<Utc>) -> State {
    let mut to = row.state();
    to.status = status;
    if status == row.status {
        return to;
    }
    to.retry_at = None;
    to.merged_into = None;
    if status == Status::Waiting {
        (to.owner, to.outcome) = (None, None);
    }
    if status == Status::Accepted {
        to.accepted_at = row.accepted_at.or(Some(now));
    }
    to.closed_at = match (status.is_open(), row.closed_at) {
        (true, _) => None,
        (false, before) => before.or(Some(now)),
    };
    to
}

pub(super) type Said = (DateTime<Utc>, Option<StaffId>, Option<String>);

pub(super) fn entry(row: &Row, event: Event, (at, actor, detail): Said) -> Entry {
    Entry {
        area: row.queue,
        seq: 0,
        report: row.id,
        event,
        version: row.version + 1,
        at,
        actor,
        detail,
    }
}

/// A change that was written, and how far it took each queue's history.
pub(super) struct Done {
    pub(super) row: Row,
    pub(super) reached: BTreeMap<AreaId, i64>,
}

/// Tells whoever follows the queues; after the commit.
pub(super) fn announce(house: &House, done: Done) -> Row {
    for (queue, seq) in done.reached {
        house.live.reached(queue, seq);
    }
    done.row
}

/// Writes the change, its line of history (two, where the report changes its queue) and the
/// tallies. The journals first: their locks put all who change these queues in one order.
pub(super) async fn write(tx: &Tx, row: Row, (to, entry): (&State, Entry)) -> Result<Done, Error> {
    let mut entries = vec![entry.clone()];
    if to.queue != row.queue {
        entries.push(Entry {
            area: to.queue,
            event: Event::Arrived,
            detail: None,
            ..entry
        });
    }
    let reached = write_entries(tx, entries).await?;
    report::change(tx, &row, to).await?;
    let (from, into) = (
        row.drawer(row.queue, row.status),
        row.drawer(to.queue, to.status),
    );
    if from != into {
        let persons = i64::from(row.persons);
        let count = |sign: i64| Count {
            reports: sign,
            persons: sign * persons,
        };
        let moved = BTreeMap::from([
            ((row.tally.0, from), count(-1)),
            ((row.tally.0, into), count(1)),
        ]);
        tally::add(tx, moved).await?;
    }
    Ok(Done {
        row: row.changed(to),
        reached,
    })
}

pub(super) async fn write_entries(
    tx: &Tx,
    mut entries: Vec<Entry>,
) -> Result<BTreeMap<AreaId, i64>, Error> {
    let mut steps = BTreeMap::new();
    for entry in &entries {
        *steps.entry(entry.area).or_insert(0) += 1;
    }
    let reached = journal::advance(tx, &steps).await?;
    let mut left = reached.clone();
    for entry in entries.iter_mut().rev() {
        let last = left.get_mut(&entry.area).ok_or(Error::Missing)?;
        entry.seq = *last;
        *last -= 1;
    }
    journal::append(tx, entries).await?;
    Ok(reached)
}

/// Takes the person's own last step back, for as long as the city allows and nobody has gone on
/// from there. That is a new line of history; nothing is struck out.
pub async fn undo(
    house: &House,
    acting: &Acting,
    (id, version): (ReportId, i32),
) -> Result<Row, Refused> {
    let (desk, acting) = (Desk::of(house), acting.clone());
    let work = move |conn: Conn| async move {
        let tx = conn.begin().await?;
        let last = undo::last(&tx, id, acting.staff.id).await?;
        let row = report::behind(&tx, &last).await?;
        if row.version != version || last.version != version {
            return match desk.atlas.shows(&acting.scope, (row.queue, row.building)) {
                true => Err(Refused::Stale(Box::new(row))),
                false => Err(Refused::Late),
            };
        }
        if desk.now - last.at > desk.rules.undo {
            return Err(Refused::Late);
        }
        if let Some(owner) = last.before.owner {
            let owner = staff::at_work(&tx, owner).await;
            owner.map_err(|error| match error {
                Error::Missing => Refused::Late,
                other => other.into(),
            })?;
        }
        let line = entry(&row, Event::Undone, (desk.now, Some(acting.staff.id), None));
        undo::forget(&tx, &last).await?;
        let done = write(&tx, row, (&last.before, line)).await?;
        tx.commit().await?;
        Ok(done)
    };
    Ok(announce(house, house.db.run(work).await?))
}

/// Whether there is a name and a telephone to show.
pub async fn can_open(house: &House, acting: &Acting, id: ReportId) -> Result<bool, Error> {
    let scope = acting.scope.clone();
    let work = move |conn: Conn| async move { report::find(&conn, &scope, id).await };
    let row = house.db.run(work).await?;
    Ok(Personal::open(house, &row).is_some())
}

/// Opens the personal data of one report for one person, after a line in its history says so: the
/// resident sees who looked. If the line cannot be written, nothing is shown; where nothing can be
/// opened, there is no line either.
pub async fn reveal(
    house: &House,
    acting: &Acting,
    id: ReportId,
) -> Result<Option<Personal>, Error> {
    if !can_open(house, acting, id).await? {
        return Ok(None);
    }
    let (acting, now) = (acting.clone(), house.clock.now());
    let work = move |conn: Conn| async move {
        let tx = conn.begin().await?;
        let row = report::find(&tx, &acting.scope, id).await?;
        let said = (now, Some(acting.staff.id), None);
        let line = Entry {
            version: row.version,
            ..entry(&row, Event::Revealed, said)
        };
        let reached = write_entries(&tx, vec![line]).await?;
        tx.commit().await?;
        Ok::<_, Error>(Done { row, reached })
    };
    let row = announce(house, house.db.run(work).await?);
    Ok(Personal::open(house, &row))
}
