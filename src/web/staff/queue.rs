//! The queue as a page: a view of the reports within the scope, which the page's script keeps
//! current.

use std::collections::{BTreeMap, HashMap};

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::Days;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::area::AreaId;
use crate::domain::deadline::DUE_SOON_PERCENT;
use crate::domain::listing::{Listing, PageCursor};
use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;
use crate::domain::staff::Role;
use crate::domain::triage::Move;
use crate::service::listing::Fold;
use crate::service::{App, listing, unrouted};
use crate::store::report;
use crate::web::http::auth::{Authorized, WorkQueue};
use crate::web::http::context::StaffContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::reply::template;
use crate::web::http::response::with_cookie;
use crate::web::http::return_to::{QUEUE, ReturnTo, SEARCH};
use crate::web::staff::bulk::{BULK_MAX, BulkTargets};
use crate::web::staff::choice::{Choice, outcomes};
use crate::web::staff::cursor::Cursor;
use crate::web::staff::filter::{FilterData, Filters, ViewTab};
use crate::web::staff::flash::{self, FlashView};
use crate::web::staff::row::{DispatchView, Row, draw};
use crate::web::staff::view_request::{ViewParams, ViewRequest, last_choice};
use crate::web::text::Words;

/// Reports on one page.
const ROWS_SHOWN: usize = 100;
/// Days ahead for which the page knows whether they are off: longer than it stays open.
const OFF_DAYS_AHEAD: u64 = 14;

/// The queue as a page shows it.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct QueueView {
    /// The name of the person's area.
    pub(crate) area: String,
    /// The name of the person.
    pub(crate) person: String,
    /// The role of the person, in words.
    pub(crate) role: &'static str,
    /// The id of the person.
    pub(crate) person_id: i32,
    /// The position in each queue's journal from which the stream goes on.
    pub(crate) cursor: String,
    /// The server's clock, in milliseconds since 1970.
    pub(crate) now_ms: i64,
    /// The city's offset from UTC, in minutes.
    pub(crate) offset_minutes: i64,
    /// When calls may begin, `HH:MM`.
    pub(crate) day_starts: String,
    /// When quiet hours begin, `HH:MM`.
    pub(crate) day_ends: String,
    /// The next days off, `YYYY-MM-DD`, separated by blanks.
    pub(crate) off_days: String,
    /// Whether the reports of the night are due now: the page offers the digest.
    pub(crate) morning: bool,
    /// Whether urgent and escalated reports notify this person at any hour.
    pub(crate) on_duty: bool,
    /// How long a step can be undone, in milliseconds.
    pub(crate) undo_ms: i64,
    /// Every view with its number of reports.
    pub(crate) views: Vec<ViewTab>,
    /// The view that is shown; `search` for the results of a search.
    pub(crate) view: &'static str,
    /// The order of the reports.
    pub(crate) sort: &'static str,
    /// The filters to choose from.
    pub(crate) filters: Filters,
    /// Why a search has no or too many results, as a stable code; empty otherwise.
    pub(crate) code: &'static str,
    /// The same in words.
    pub(crate) message: &'static str,
    /// The reports of the view.
    pub(crate) rows: Vec<Row>,
    /// The address of the next page; empty on the last one.
    pub(crate) next: String,
    /// The searched text.
    #[serde(skip)]
    pub(crate) searched: String,
    /// The address of this view, from which the page loads it again.
    #[serde(skip)]
    here: String,
    /// The page cursor before the first row; empty on the first page.
    #[serde(skip)]
    from: String,
    /// The page cursor at the last row; empty on the last page.
    #[serde(skip)]
    until: String,
    /// The way back from a case to this page.
    #[serde(skip)]
    pub(crate) back: ReturnTo,
    /// The flash message.
    #[serde(skip)]
    pub(crate) flash: Option<FlashView>,
    /// The filter, for the page's script.
    #[serde(skip)]
    filter: FilterData,
    /// An empty row, for the page's script to fill.
    #[serde(skip)]
    blank: Row,
    /// A report of the only telephone whose reports are listed.
    #[serde(skip)]
    same: Option<Uuid>,
    /// When the page was drawn, in words.
    #[serde(skip)]
    printed: String,
    /// That telephone as its rows name it, for the page's script.
    #[serde(skip)]
    caller: String,
    /// So many reports of one telephone stand as one line; 0 where each has its own.
    #[serde(skip)]
    fold_from: usize,
    /// Whom and to which community many rows can be given at once.
    #[serde(skip)]
    targets: BulkTargets,
    /// The outcomes that closing offers.
    pub(crate) outcomes: Vec<Choice>,
    /// Reports of one bulk request at most.
    #[serde(skip)]
    bulk_max: usize,
    /// The texts of the page's scripts, as JSON.
    #[serde(skip)]
    words: String,
}

/// The reports that a page of the queue lists.
#[derive(Debug)]
pub(crate) enum Source {
    /// The reports of the requested view.
    View,
    /// The results of a search.
    Search {
        /// The searched text.
        text: String,
        /// The reports.
        rows: Vec<report::Row>,
        /// The journal heads before the search.
        reached: BTreeMap<QueueId, i64>,
    },
}

template!(QueueView, "queue.html");

impl QueueView {
    /// The owner of a report, as this person reads it.
    fn owner<'a>(&self, row: &'a Row, w: &'static Words) -> &'a str {
        row.owner_for(self.person_id, w)
    }

    /// The masked telephone of the list, where it is the list of one.
    fn one_phone(&self) -> Option<&str> {
        let row = self.rows.first().filter(|_| self.same.is_some())?;
        row.phone.as_deref()
    }

    /// How many reports the view has.
    fn count(&self) -> i64 {
        let current = self.views.iter().find(|tab| tab.current);
        current.map_or(0, |tab| tab.count)
    }

    /// How much of the view the page shows.
    fn on_paper(&self, w: &'static Words) -> String {
        let words = w
            .listing
            .on_paper
            .replacen("{}", &self.rows.len().to_string(), 1);
        words.replacen("{}", &self.count().to_string(), 1)
    }

    /// The name of the view.
    fn label(&self) -> &str {
        let current = self.views.iter().find(|tab| tab.current);
        current.map_or("", |tab| tab.label)
    }
}

/// `GET /staff`: a view of the reports within the person's scope. A browser that names no view gets
/// the one that the person chose last on this device; a program gets all open reports.
#[utoipa::path(get, operation_id = "queue", path = "/staff", security(("staff" = [])),
    params(("view" = Option<String>, Query, description = "`open`, `mine`, `waiting`, `due_soon`, `overdue`, `unreachable`, `incomplete`, `duplicates` or `closed_today`"),
        ("sort" = Option<String>, Query, description = "`deadline` or `newest`"), ("direction" = Option<String>, Query, description = "`return` or `leave`"),
        ("queue" = Option<i32>, Query), ("estate" = Option<i32>, Query), ("building" = Option<i32>, Query),
        ("same" = Option<uuid::Uuid>, Query, description = "a report: only the reports of its telephone"),
        ("fold" = Option<String>, Query, description = "`1`: many open reports of one telephone in one queue stand as one line, as on the page"),
        ("after" = Option<String>, Query, description = "the `next` of the previous page")),
    responses((status = 200, body = QueueView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(crate) async fn list(
    mut context: Authorized<WorkQueue>,
    params: web::Query<ViewParams>,
) -> Result<HttpResponse, Problem> {
    let for_program = context.wants_json();
    let last = last_choice(&context.request, context.principal.staff.id);
    let request = params.read(&context, last.filter(|_| !for_program)).await?;
    let mut view = view(&context, &request, Source::View).await?;
    view.flash = flash::pending(&context, &view.back, None).await?;
    let other = context.page.lang.other().code();
    context.page.other = Some(format!("{}&lang={other}", view.here));
    let response = context.reply(StatusCode::OK, &view)?;
    // A script that loads the view again chooses no view.
    let cookie = request.cookie(&context.app).filter(|_| !for_program);
    Ok(match cookie {
        Some(cookie) => with_cookie(response, &cookie),
        None => response,
    })
}

/// The page with all its counts.
pub(crate) async fn view(
    context: &StaffContext,
    request: &ViewRequest,
    source: Source,
) -> Result<QueueView, Problem> {
    let (app, page) = (&context.app, &context.page);
    let (listing, after) = (request.query.listing, request.query.after);
    let limit = match source {
        // All at once, so that one step ends them.
        Source::View if request.same.is_some() => BULK_MAX,
        Source::View => ROWS_SHOWN,
        Source::Search { .. } => 0,
    };
    let scope = &context.principal.scope;
    let listed = listing::view(app, scope, &request.query, limit).await?;
    let folds = listed.folds;
    let (searched, rows, reached) = match source {
        Source::View => (None, listed.rows, listed.reached),
        Source::Search {
            text,
            rows,
            reached,
        } => (Some(text), rows, reached),
    };
    app.names.learn(&app.db, &rows).await?;
    let targets = BulkTargets::of(context).await?;
    let rows = drawn(context, request, &rows, &folds).await?;
    let shown = searched.is_none().then_some(listing);
    let here = request.address(QUEUE, listing, after);
    let next = |cursor| request.address(QUEUE, listing, Some(cursor));
    let text = |cursor: PageCursor| cursor.to_string();
    Ok(QueueView {
        cursor: Cursor::of(scope, &reached).to_string(),
        views: request.tabs(&listed.counts, shown, page),
        view: shown.map_or("search", Listing::code),
        sort: request.query.order.code(),
        filters: request.filters(context),
        back: ReturnTo::to(if searched.is_some() { SEARCH } else { &here }),
        searched: searched.unwrap_or_default(),
        here,
        filter: request.filter_data(),
        from: after.map(text).unwrap_or_default(),
        until: listed.next.map(text).unwrap_or_default(),
        same: request.same.map(|report| report.0),
        caller: (rows.first())
            .filter(|_| request.same.is_some())
            .map_or_else(String::new, |row| row.caller.clone()),
        fold_from: request.query.fold_from.unwrap_or_default(),
        blank: blank(context, &targets),
        targets,
        rows,
        next: listed.next.map(next).unwrap_or_default(),
        ..frame(context)
    })
}

/// The rows, and for who may transfer reports the way from a bin to a community. A row that stands
/// for many has none: they are moved together, where they are listed.
async fn drawn(
    context: &StaffContext,
    request: &ViewRequest,
    rows: &[report::Row],
    folds: &HashMap<ReportId, Fold>,
) -> Result<Vec<Row>, Problem> {
    let (app, principal, page) = (&context.app, &context.principal, &context.page);
    let mut dispatches = HashMap::new();
    if principal.staff.role == Role::DutyOfficer && !context.wants_json() {
        dispatches = unrouted::dispatches(app, principal, rows).await?;
    }
    let atlas = app.atlas();
    let drawn = rows.iter().map(|row| {
        let drawn = draw(app, row, page);
        match folds.get(&row.id) {
            Some(fold) => Row {
                flood: fold.reports,
                flood_words: page.w.flood(*fold),
                flood_address: request.address_of_phone(row),
                ..drawn
            },
            None => Row {
                dispatch: (dispatches.get(&row.id)).map(|one| DispatchView::of(one, &atlas, page)),
                ..drawn
            },
        }
    });
    Ok(drawn.collect())
}

/// The row that the script fills. One that comes into a bin offers every community.
fn blank(context: &StaffContext, targets: &BulkTargets) -> Row {
    let is_sent_on = context.principal.staff.role == Role::DutyOfficer;
    let others = targets.communities.clone();
    Row {
        dispatch: is_sent_on.then(|| DispatchView {
            others,
            ..DispatchView::default()
        }),
        ..Row::default()
    }
}

/// The page without the reports.
fn frame(context: &StaffContext) -> QueueView {
    let (app, page) = (&context.app, &context.page);
    let (staff, root) = (&context.principal.staff, context.principal.scope.root());
    let atlas = app.atlas();
    let area = atlas.tree.get(root);
    let area = area.map(|area| area.name_in(page.lang.is_english()).to_owned());
    let now = app.clock.now();
    let hours = hours(app, root);
    QueueView {
        area: area.unwrap_or_default(),
        person: staff.name.clone(),
        person_id: staff.id.0,
        role: page.w.role(staff.role),
        now_ms: now.timestamp_millis(),
        printed: app.local_now().format("%Y-%m-%d %H:%M").to_string(),
        offset_minutes: app.clock.offset_minutes(now),
        day_starts: hours.starts,
        day_ends: hours.ends,
        off_days: hours.off_days,
        morning: hours.morning,
        on_duty: staff.role == Role::DutyOfficer,
        undo_ms: app.rules.undo.num_milliseconds(),
        outcomes: outcomes(page.w),
        bulk_max: BULK_MAX,
        words: script_words(page.w),
        ..QueueView::default()
    }
}

/// The quiet hours of an area, as its pages use them.
struct Hours {
    starts: String,
    ends: String,
    off_days: String,
    morning: bool,
}

fn hours(app: &App, area: AreaId) -> Hours {
    let (atlas, local) = (app.atlas(), app.local_now());
    let rota = app.rules.rota(&atlas, area);
    let day = rota.day;
    let called = local.date().and_time(day.night_due) + day.first_contact;
    // From yesterday on, whose hours may go beyond midnight.
    let off_days: Vec<String> = (0..=OFF_DAYS_AHEAD)
        .map(|ahead| local.date() - Days::new(1) + Days::new(ahead))
        .filter(|day| rota.is_off(*day))
        .map(|day| day.to_string())
        .collect();
    Hours {
        starts: day.starts.format("%H:%M").to_string(),
        ends: day.ends.format("%H:%M").to_string(),
        morning: !rota.is_off(local.date()) && local < called,
        off_days: off_days.join(" "),
    }
}

/// The texts of the page's scripts, as JSON. `<` is escaped, so that no text can end the element
/// around it.
fn script_words(w: &Words) -> String {
    let s = &w.staff;
    serde_json::json!({
        "left": s.left, "over": s.over, "hours": s.span_hours, "minutes": s.span_minutes, "moment": s.span_moment, "rough": w.night.rough,
        "soon": 1.0 - f64::from(DUE_SOON_PERCENT) / 100.0, "undone": s.undone, "changed": s.changed,
        "why": {
            "stale": w.case.why_stale, "taken": w.case.why_taken, "illegal_move": w.case.why_illegal, "too_late": w.case.why_late,
            "no_such_target": w.case.why_target, "keeps_others": w.case.why_keeps, "reason_owed": w.case.why_reason, "not_found": w.case.why_gone, "other": w.case.why_other,
        },
        "steps": Move::OF_STAFF.map(|step| (step.code(), w.step(step))).into_iter().collect::<HashMap<_, _>>(),
        "bulkUndone": w.case.bulk_undone, "bulkAllUndone": w.case.bulk_all_undone, "bulkMerged": w.case.bulk_merged, "two": w.case.two_to_merge, "both": w.case.both,
        "failed": s.failed, "mark": s.mark, "fresh": s.new_reports, "working": s.working, "bulk": s.bulk_done, "bulkAll": s.bulk_all_done, "notice": s.notice_text, "red": w.night.red_notice, "moved": s.moved_away,
    })
    .to_string()
    .replace('<', "\\u003c")
}
