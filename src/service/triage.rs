//! Triage: staff take reports, see what is needed for a call, and bring them to an end. Every
//! move is one transaction: the report, its history and the tallies.

use std::future::Future;

use chrono::{DateTime, Utc};

use super::change::{Done, Transition, announce, entry, moved, write_entries};
use super::duplicates::may_merge;
use super::personal::Personal;
use super::{App, Principal};
use crate::domain::area::AreaId;
use crate::domain::journal::Event;
use crate::domain::report::ReportId;
use crate::domain::staff::{Act, StaffId};
use crate::domain::triage::{IllegalMove, Move, Mover};
use crate::store::journal::Entry;
use crate::store::report::{Row, State};
use crate::store::{Conn, Error, Tx, escalation, journal, report, staff, undo};

/// Length of a reason at most, in characters.
pub const REASON_CHARS_MAX: usize = 200;
/// The longest time to the next call, in minutes: a week.
pub const RETRY_MINUTES_MAX: u32 = 7 * 24 * 60;
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
    /// Others were merged into the report that is to be merged: it is the one that stays.
    #[error("others were merged into this report")]
    Keeps,
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

/// Makes the change and tells whoever follows; anew where another node was faster.
pub(super) async fn make<W, F>(app: &App, work: impl Fn() -> W) -> Result<Row, Refused>
where
    W: FnOnce(Tx) -> F + Send + 'static,
    F: Future<Output = Result<Done, Refused>> + Send + 'static,
{
    let mut tries = 1;
    loop {
        match app.db.write(work()).await {
            Err(Refused::Store(Error::Conflict)) if tries < CONFLICT_TRIES_MAX => tries += 1,
            done => return done.map(|done| announce(app, done)),
        }
    }
}

/// Makes the move and writes it into the history, or changes nothing. `version` is the one that
/// the person saw.
pub async fn step(
    app: &App,
    principal: &Principal,
    (id, version): (ReportId, i32),
    step: Step,
) -> Result<Row, Refused> {
    let reason = chars(step.reason.trim());
    if reason > REASON_CHARS_MAX || reason == 0 && step.step.owes_reason() {
        return Err(Refused::Reason);
    }
    let detail = detail(app, id, &step)?;
    make(app, || {
        let (desk, principal, step) = (Transition::of(app), principal.clone(), step.clone());
        let detail = detail.clone();
        move |tx: Tx| async move {
            let row = report::find(&tx, &principal.scope, id).await?;
            if row.version != version {
                return Err(Refused::Stale(Box::new(row)));
            }
            if step.step.gives_owner() {
                staff::at_work(&tx, principal.staff.id).await?;
            }
            let to = desk.decide(&tx, &principal, (&row, &step)).await?;
            let actor = Some(principal.staff.id);
            let line = entry(&row, step.step.event(), (desk.now, actor, detail));
            let version = row.version + 1;
            let before = row.state();
            let told = row.escalated.filter(|_| step.step == Move::Reopen);
            let done = desk.write(&tx, row, (&to, line)).await?;
            if let Some((level, _)) = told {
                // It stood still while it was closed: whoever was told then has time anew.
                escalation::mark(&tx, &[id], level, desk.now).await?;
            }
            undo::remember(&tx, id, version, principal.staff.id, desk.now, &before).await?;
            Ok(done)
        }
    })
    .await
}

/// As the page counts them: a new line is one, however it travels.
fn chars(text: &str) -> usize {
    text.chars().filter(|sign| *sign != '\r').count()
}

/// What stands beside an entry: the outcome's word, and the reason sealed, since people write
/// names into reasons.
fn detail(app: &App, id: ReportId, step: &Step) -> Result<Option<String>, Refused> {
    let outcome = match step.step {
        Move::Close(outcome) => outcome.code(),
        _ => "",
    };
    let reason = step.reason.trim();
    if reason.is_empty() {
        return Ok(Some(outcome.to_owned()).filter(|word| !word.is_empty()));
    }
    let sealed = app.keys.seal_text(&detail_place(id), reason);
    let sealed = sealed.or(Err(Error::Corrupt("a reason cannot be sealed".into())))?;
    Ok(Some(format!("{outcome}{SEALED}{sealed}")))
}

/// Where a reason is sealed.
pub(super) fn detail_place(id: ReportId) -> String {
    format!("entry.detail.{}", id.0)
}

impl Transition {
    /// The state that a step leads to, or why it cannot be made.
    async fn decide(
        &self,
        tx: &Tx,
        principal: &Principal,
        (row, step): (&Row, &Step),
    ) -> Result<State, Refused> {
        let illegal = || Refused::Illegal(Box::new(row.clone()));
        let mover = Mover::of(principal.staff.role).ok_or_else(illegal)?;
        let lines = match step.step {
            Move::Verify => journal::of_row(tx, row).await?,
            _ => Vec::new(),
        };
        let standing = self.standing_for(row, (principal.staff.id, &lines));
        let status = match standing.step(step.step, mover, self.rules.refusals_max) {
            Ok(status) => status,
            Err(IllegalMove { .. }) => return Err(illegal()),
        };
        let mut to = moved(row, status, self.now);
        match step.step {
            Move::Accept => to.owner = Some(principal.staff.id),
            Move::Close(outcome) => {
                (to.outcome, to.owner) = (Some(outcome), row.owner.or(Some(principal.staff.id)));
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
                        && principal.scope.covers(*target)
                });
                to.queue = target.ok_or(Refused::Target)?;
            }
            Move::Merge => {
                let other = step.same_as.filter(|other| *other != row.id);
                let other =
                    report::find(tx, &principal.scope, other.ok_or(Refused::Target)?).await?;
                may_merge(tx, row, other.id).await?;
                to.merged_into = Some(other.id);
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
        match person.role.may(Act::WorkQueue) && self.atlas.shows(&scope, row.queue, row.building) {
            true => Ok(person.id),
            false => Err(Refused::Target),
        }
    }
}

/// Takes the person's own last step back, for as long as the city allows and nobody has gone on
/// from there. That is a new line of history; nothing is struck out.
pub async fn undo(
    app: &App,
    principal: &Principal,
    (id, version): (ReportId, i32),
) -> Result<Row, Refused> {
    make(app, || {
        let (desk, principal) = (Transition::of(app), principal.clone());
        move |tx: Tx| async move {
            let last = undo::last(&tx, id, principal.staff.id).await?;
            let row = report::behind(&tx, &last).await?;
            if row.version != version || last.version != version {
                return match desk.atlas.shows(&principal.scope, row.queue, row.building) {
                    true => Err(Refused::Stale(Box::new(row))),
                    false => Err(Refused::Late),
                };
            }
            if desk.now - last.at > desk.rules.undo {
                return Err(Refused::Late);
            }
            still_holds(&tx, &row, &last.before).await?;
            let line = entry(
                &row,
                Event::Undone,
                (desk.now, Some(principal.staff.id), None),
            );
            let done = desk.write(&tx, row, (&last.before, line)).await?;
            undo::forget(&tx, &last).await?;
            Ok(done)
        }
    })
    .await
}

/// Whether what the report comes back to is still there: whoever is to go on with it, and the
/// report that it was merged into. What has ended owes nobody anything who has left since.
async fn still_holds(tx: &Tx, row: &Row, before: &State) -> Result<(), Refused> {
    if let Some(owner) = before.owner.filter(|_| before.status.is_open()) {
        let owner = staff::at_work(tx, owner).await;
        owner.map_err(|error| match error {
            Error::Missing => Refused::Late,
            other => other.into(),
        })?;
    }
    if let Some(other) = before.merged_into {
        let may = may_merge(tx, row, other).await;
        may.map_err(|refused| match refused {
            Refused::Target | Refused::Keeps => Refused::Late,
            other => other,
        })?;
    }
    Ok(())
}

/// Whether there is a name and a telephone to show.
pub async fn can_open(app: &App, principal: &Principal, id: ReportId) -> Result<bool, Error> {
    let scope = principal.scope.clone();
    let work = move |conn: Conn| async move { report::find(&conn, &scope, id).await };
    let row = app.db.read(work).await?;
    Ok(Personal::open(app, &row).is_some())
}

/// Opens the personal data of one report for one person, after a line in its history says so: the
/// resident sees who looked. If the line cannot be written, nothing is shown; where nothing can be
/// opened, there is no line either.
pub async fn reveal(
    app: &App,
    principal: &Principal,
    id: ReportId,
) -> Result<Option<Personal>, Error> {
    if !can_open(app, principal, id).await? {
        return Ok(None);
    }
    let (principal, now) = (principal.clone(), app.clock.now());
    let work = move |tx: Tx| async move {
        let queue = report::find(&tx, &principal.scope, id).await?.queue;
        // From here on it goes nowhere: what is shown is still theirs to see when the line is written.
        journal::hold(&tx, [queue]).await?;
        let row = report::find(&tx, &principal.scope, id).await?;
        if row.queue != queue {
            return Err(Error::Conflict);
        }
        let said = (now, Some(principal.staff.id), None);
        let line = Entry {
            version: row.version,
            ..entry(&row, Event::Revealed, said)
        };
        let reached = write_entries(&tx, vec![line]).await?;
        Ok::<_, Error>(Done { row, reached })
    };
    let row = announce(app, app.db.write(work).await?);
    Ok(Personal::open(app, &row))
}
