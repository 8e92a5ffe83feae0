//! Triage: staff take reports, call, and close them. Every move is one transaction: the report,
//! its journal entries and the tallies.

use chrono::{DateTime, Utc};

pub use super::change::TransitionError;
use super::change::{Transition, Written, make, standing_for, transact};
use super::duplicates::may_merge;
use super::personal::Personal;
use super::{App, Principal, chain};
use crate::domain::journal::Event;
use crate::domain::person::Text;
use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;
use crate::domain::staff::{Act, Scope, StaffId};
use crate::domain::triage::{Move, Mover};
use crate::store::journal::Entry;
use crate::store::report::{Row, State};
use crate::store::{Conn, Error, escalation, journal, report, staff, undo};

/// Length of a reason at most, in characters.
pub const REASON_CHARS_MAX: usize = 200;
/// The longest time to the next call, in minutes: a week.
pub const RETRY_MINUTES_MAX: u32 = 7 * 24 * 60;
/// Separates the outcome's code from the sealed reason.
pub(super) const SEALED: char = '~';

/// A move with its arguments.
#[derive(Clone, Debug)]
pub struct Step {
    /// The move.
    pub kind: Move,
    /// Why. Some moves need it, all may have it.
    pub reason: String,
    /// When to call again after an unanswered call.
    pub retry_at: Option<DateTime<Utc>>,
    /// The community that gets the report.
    pub to: Option<QueueId>,
    /// The person who gets the report.
    pub assignee: Option<StaffId>,
    /// The report that this one duplicates.
    pub same_as: Option<ReportId>,
}

impl Step {
    /// A move without arguments.
    pub fn plain(kind: Move) -> Self {
        Self {
            kind,
            reason: String::new(),
            retry_at: None,
            to: None,
            assignee: None,
            same_as: None,
        }
    }
}

/// Makes the move, or changes nothing. `version` is the version that the person saw.
pub async fn step(
    app: &App,
    principal: &Principal,
    id: ReportId,
    version: i32,
    step: Step,
) -> Result<Row, TransitionError> {
    let step = Step {
        reason: Text::visible(&step.reason),
        ..step
    };
    let reason = step.reason.chars().count();
    if reason > REASON_CHARS_MAX || reason == 0 && step.kind.owes_reason() {
        return Err(TransitionError::Reason);
    }
    let detail = detail(app, id, &step)?;
    make(app, || {
        let (principal, step, detail) = (principal.clone(), step.clone(), detail.clone());
        move |transition: Transition| async move {
            transition
                .step(&principal, id, version, &step, detail)
                .await
        }
    })
    .await
}

/// The entry's detail: the outcome's code and the reason. The reason is sealed, because people
/// write names into reasons.
fn detail(app: &App, id: ReportId, step: &Step) -> Result<Option<String>, TransitionError> {
    let outcome = match step.kind {
        Move::Close(outcome) => outcome.code(),
        _ => "",
    };
    let reason = step.reason.as_str();
    if reason.is_empty() {
        return Ok(Some(outcome.to_owned()).filter(|word| !word.is_empty()));
    }
    let sealed = app.keys.seal_text(&detail_place(id), reason);
    let sealed = sealed.or(Err(Error::Corrupt("a reason cannot be sealed".into())))?;
    Ok(Some(format!("{outcome}{SEALED}{sealed}")))
}

/// The place to which the seal binds a reason.
pub(super) fn detail_place(id: ReportId) -> String {
    format!("entry.detail.{}", id.0)
}

impl Transition {
    async fn step(
        &self,
        principal: &Principal,
        id: ReportId,
        version: i32,
        step: &Step,
        detail: Option<String>,
    ) -> Result<Written<Row>, TransitionError> {
        let (tx, me) = (&self.tx, principal.staff.id);
        let row = report::find(tx, &principal.scope, id).await?;
        if row.version != version {
            return Err(TransitionError::Stale(Box::new(row)));
        }
        if step.kind.gives_owner() {
            staff::at_work(tx, me).await?;
        }
        let to = self.decide(principal, &row, step).await?;
        let entry = self.entry(&row, step.kind.event(), Some(me), detail);
        let before = row.state();
        let escalated = row.escalated.filter(|_| step.kind == Move::Reopen);
        let written = self.write(row, &to, entry).await?;
        if let Some((level, _)) = escalated {
            // The clock stood still while the report was closed: the level has its time again.
            escalation::mark(tx, &[id], level, self.now).await?;
        }
        undo::remember(tx, id, version + 1, me, self.now, &before).await?;
        Ok(written)
    }

    /// The state after the step, or why the step is not possible.
    async fn decide(
        &self,
        principal: &Principal,
        row: &Row,
        step: &Step,
    ) -> Result<State, TransitionError> {
        let illegal = || TransitionError::Illegal(Box::new(row.clone()));
        let mover = Mover::of(principal.staff.role).ok_or_else(illegal)?;
        let entries = match step.kind {
            Move::Verify => journal::of_row(&self.tx, row).await?,
            _ => Vec::new(),
        };
        let standing = standing_for(principal.staff.id, &self.atlas, row, &entries);
        let status = standing.step(step.kind, mover, self.rules.refusals_max);
        let Ok(status) = status else {
            return Err(illegal());
        };
        let mut to = self.state_after(row, status);
        match step.kind {
            Move::Accept => to.owner = Some(principal.staff.id),
            Move::Close(outcome) => {
                (to.outcome, to.owner) = (Some(outcome), row.owner.or(Some(principal.staff.id)));
            }
            Move::Unreachable => {
                let later = step.retry_at.filter(|at| *at > self.now);
                to.retry_at = Some(later.ok_or(TransitionError::Target)?);
            }
            Move::Assign => to.owner = Some(self.assignee(row, step).await?),
            Move::Refuse => {
                let bin = self.atlas.tree.bin_of(row.queue);
                to.queue = bin.ok_or(TransitionError::Target)?;
                to.refusals += 1;
            }
            Move::Transfer => to.queue = self.destination(principal, row, step)?,
            Move::Merge => to.merged_into = Some(self.merge_target(principal, row, step).await?),
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

    /// The queue to which the person transfers the report.
    fn destination(
        &self,
        principal: &Principal,
        row: &Row,
        step: &Step,
    ) -> Result<QueueId, TransitionError> {
        let target = step.to.filter(|target| {
            *target != row.queue
                && self.atlas.tree.is_community(*target)
                && principal.scope.owns(*target)
        });
        target.ok_or(TransitionError::Target)
    }

    /// The report into which this one is merged.
    async fn merge_target(
        &self,
        principal: &Principal,
        row: &Row,
        step: &Step,
    ) -> Result<ReportId, TransitionError> {
        let other = step.same_as.filter(|other| *other != row.id);
        let other = other.ok_or(TransitionError::Target)?;
        let other = report::find(&self.tx, &principal.scope, other).await?.id;
        may_merge(&self.tx, row, other).await?;
        Ok(other)
    }

    /// The person to whom the report is assigned: active, and working in the report's queue.
    async fn assignee(&self, row: &Row, step: &Step) -> Result<StaffId, TransitionError> {
        let wanted = step.assignee.ok_or(TransitionError::Target)?;
        let person = staff::at_work(&self.tx, wanted).await;
        let person = person.map_err(|error| match error {
            Error::Missing => TransitionError::Target,
            other => other.into(),
        })?;
        let scope = Scope::of(&self.atlas.tree, person.area);
        let works =
            person.role.may(Act::WorkQueue) && self.atlas.shows(&scope, row.queue, row.building);
        works.then_some(person.id).ok_or(TransitionError::Target)
    }

    async fn undo(
        &self,
        principal: &Principal,
        id: ReportId,
        version: i32,
    ) -> Result<Written<Row>, TransitionError> {
        let (tx, me) = (&self.tx, principal.staff.id);
        let last = undo::last(tx, id, me).await?;
        let row = undo::report_behind(tx, &last).await?;
        if row.version != version || last.version != version {
            let shown = self.atlas.shows(&principal.scope, row.queue, row.building);
            return Err(if shown {
                TransitionError::Stale(Box::new(row))
            } else {
                TransitionError::Late
            });
        }
        if self.now - last.at > self.rules.undo {
            return Err(TransitionError::Late);
        }
        self.still_holds(&row, &last.before).await?;
        let entry = self.entry(&row, Event::Undone, Some(me), None);
        let written = self.write(row, &last.before, entry).await?;
        undo::forget(tx, &last).await?;
        Ok(written)
    }

    /// Fails when the earlier state is no longer possible: its owner has left, or the report into
    /// which it was merged cannot have duplicates any more. A closed report needs no owner.
    async fn still_holds(&self, row: &Row, before: &State) -> Result<(), TransitionError> {
        if let Some(owner) = before.owner.filter(|_| before.status.is_open()) {
            let owner = staff::at_work(&self.tx, owner).await;
            owner.map_err(|error| match error {
                Error::Missing => TransitionError::Late,
                other => other.into(),
            })?;
        }
        if let Some(other) = before.merged_into {
            let may = may_merge(&self.tx, row, other).await;
            may.map_err(|error| match error {
                TransitionError::Target | TransitionError::HasDuplicates => TransitionError::Late,
                other => other,
            })?;
        }
        Ok(())
    }
}

/// Takes the person's own last step back while the time for it runs and no later step exists. The
/// journal gets a new entry and loses none.
pub async fn undo(
    app: &App,
    principal: &Principal,
    id: ReportId,
    version: i32,
) -> Result<Row, TransitionError> {
    make(app, || {
        let principal = principal.clone();
        move |transition: Transition| async move { transition.undo(&principal, id, version).await }
    })
    .await
}

/// Whether the report's personal data can be opened.
pub async fn can_open(app: &App, principal: &Principal, id: ReportId) -> Result<bool, Error> {
    let scope = principal.scope.clone();
    let work = move |conn: Conn| async move { report::find(&conn, &scope, id).await };
    let row = app.db.read(work).await?;
    Ok(Personal::open(app, &row).is_some())
}

/// Opens the personal data of one report after the journal has an entry about it: the resident
/// sees who looked. Without the entry nothing is shown. Data that cannot be opened gets no entry.
pub async fn reveal(
    app: &App,
    principal: &Principal,
    id: ReportId,
) -> Result<Option<Personal>, Error> {
    if !can_open(app, principal, id).await? {
        return Ok(None);
    }
    let principal = principal.clone();
    let work = move |transition: Transition| async move { transition.reveal(&principal, id).await };
    let row = transact(app, work).await?;
    Ok(Personal::open(app, &row))
}

impl Transition {
    async fn reveal(&self, principal: &Principal, id: ReportId) -> Result<Written<Row>, Error> {
        let (tx, scope) = (&self.tx, &principal.scope);
        let queue = report::find(tx, scope, id).await?.queue;
        // From here on no other transaction moves the report: the person still may see it when
        // the entry is written.
        journal::hold(tx, [queue]).await?;
        let row = report::find(tx, scope, id).await?;
        if row.queue != queue {
            return Err(Error::Conflict);
        }
        let entry = Entry {
            version: row.version,
            ..self.entry(&row, Event::Revealed, Some(principal.staff.id), None)
        };
        let heads = chain::append(tx, &self.keys, vec![entry]).await?;
        Ok(Written { value: row, heads })
    }
}
