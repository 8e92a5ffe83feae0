//! What happens next with a report, in the words of its receipt.

use chrono::NaiveDateTime;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::triage::Status;
use crate::service::App;
use crate::store::report;
use crate::web::http::page_context::PageContext;

/// What happens next.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Progress {
    /// By when the community calls, in words; empty unless the report waits and there is time left.
    pub(crate) due: String,
    /// Whether staff have accepted it.
    pub(crate) taken: bool,
    /// Whether it has ended.
    pub(crate) closed: bool,
    /// Whether it ended without being dealt with: withdrawn, merged or found to be no report.
    pub(crate) aside: bool,
    /// What happens next, in a sentence.
    pub(crate) next: String,
    /// By when, in a sentence; empty where `next` says it or nothing is due.
    pub(crate) next_by: String,
}

/// What happens next with this report.
pub(crate) fn progress(app: &App, page: &PageContext, row: &report::Row) -> Progress {
    let w = &page.w.receipt;
    let next = match row.status {
        Status::Waiting => return waiting(app, page, row),
        Status::Accepted => w.taken,
        Status::Unreachable => w.unanswered,
        Status::Closed | Status::Verified => w.closed,
        Status::Withdrawn => w.withdrawn,
        Status::Duplicate => w.merged,
        Status::Invalid => w.invalid,
    };
    let aside = matches!(
        row.status,
        Status::Withdrawn | Status::Duplicate | Status::Invalid
    );
    Progress {
        due: String::new(),
        taken: matches!(row.status, Status::Accepted | Status::Unreachable),
        closed: !row.status.is_open(),
        aside,
        next: next.to_owned(),
        next_by: String::new(),
    }
}

/// A report that no staff member has accepted yet. One of a quiet hour says that the night stays quiet.
fn waiting(app: &App, page: &PageContext, row: &report::Row) -> Progress {
    let w = &page.w.receipt;
    let due = row.contact_due_at;
    let left = due > app.clock.now();
    let moment = if left {
        moment(app, page, row)
    } else {
        String::new()
    };
    let atlas = app.atlas();
    let rota = app.rules.rota_of_queue(&atlas, row.queue);
    let at_once = rota.day.first_contact;
    let is_rested = due - row.received_at > at_once;
    let (next, next_by) = match (left, is_rested) {
        (true, true) => (w.call_rested.replace("{}", &moment), String::new()),
        (true, false) => (w.call.to_owned(), w.call_by.replace("{}", &moment)),
        (false, _) => (w.call_late.to_owned(), String::new()),
    };
    Progress {
        due: moment,
        taken: false,
        closed: false,
        aside: false,
        next,
        next_by,
    }
}

fn moment(app: &App, page: &PageContext, row: &report::Row) -> String {
    let due: NaiveDateTime = app.clock.local(row.contact_due_at);
    page.lang.moment(due, app.local_now().date())
}
