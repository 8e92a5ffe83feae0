//! 代录: somebody at work writes a report down for a person without a telephone at hand. The same
//! fields, the same reading and the same intake as the page behind a placard.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::report::Channel;
use crate::qr::{QUIET_ZONE, Symbol};
use crate::service::intake::{self, Attempt, Origin, Outcome, Receipt};
use crate::service::{App, Principal};
use crate::store::{Conn, Error, report};
use crate::web::form::fields::{Fields, Form};
use crate::web::form::placard::closed;
use crate::web::form::regions;
use crate::web::form::submission::{ReceiptLink, key_of, reply_receipt};
use crate::web::http::auth::{Authorized, WorkQueue};
use crate::web::http::body::Body;
use crate::web::http::context::StaffContext;
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::reply::{View, reply};
use crate::web::staff::location::{Estate, Location, estates};
use crate::web::text::Words;

/// What somebody looks for.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Looked {
    #[serde(default)]
    find: String,
}

/// The buildings that somebody may write reports down for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeskView {
    /// What was looked for.
    find: String,
    /// Estates with their buildings.
    estates: Vec<Estate>,
    /// Whether there are more than are shown.
    more: bool,
}

/// The form of the desk.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeskFormView {
    /// The place, as addresses name it.
    spot: String,
    /// The place in words.
    place: String,
    /// The community that will call.
    queue: String,
    /// The key to send back.
    key: String,
    /// The fields as they stand.
    #[serde(flatten)]
    fields: Fields,
    /// The number of the receipt that this key stands for already; empty where there is none.
    earlier: String,
    /// Whether the house was too busy to take the report.
    busy: bool,
    /// Where the names of places are, for the field that asks for one.
    regions_script: String,
}

/// What is read out and handed over.
#[derive(Serialize)]
struct DoneView {
    spot: String,
    place: String,
    queue: String,
    phone: String,
    number: String,
    due: String,
    address: String,
    path: String,
    side: usize,
    quiet: usize,
}

#[derive(Template)]
#[template(path = "desk.html")]
struct DeskPage<'a> {
    c: &'a PageContext,
    w: &'static Words,
    v: &'a DeskView,
}

#[derive(Template)]
#[template(path = "desk_form.html")]
struct DeskFormPage<'a> {
    c: &'a PageContext,
    w: &'static Words,
    v: &'a DeskFormView,
}

#[derive(Template)]
#[template(path = "desk_done.html")]
struct DonePage<'a> {
    c: &'a PageContext,
    w: &'static Words,
    v: &'a DoneView,
}

impl View for DeskView {
    fn page(&self, c: &PageContext) -> askama::Result<String> {
        DeskPage { c, w: c.w, v: self }.render()
    }
}

impl View for DeskFormView {
    fn page(&self, c: &PageContext) -> askama::Result<String> {
        DeskFormPage { c, w: c.w, v: self }.render()
    }
}

impl View for DoneView {
    fn page(&self, c: &PageContext) -> askama::Result<String> {
        DonePage { c, w: c.w, v: self }.render()
    }
}

/// `GET /staff/desk`: the buildings of the person's scope, to choose from.
#[utoipa::path(get, operation_id = "desk", path = "/staff/desk", security(("staff" = [])), params(("find" = Option<String>, Query, description = "words of an estate or a building")),
    responses((status = 200, body = DeskView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(crate) async fn list(
    request: HttpRequest,
    app: web::Data<App>,
    (worker, looked): (Authorized<WorkQueue>, web::Query<Looked>),
) -> Result<HttpResponse, Problem> {
    let chrome = PageContext::of(&request);
    let find = looked.into_inner().find;
    let (estates, more) = estates(&app.atlas(), &worker.principal.scope, (&find, chrome.lang));
    let view = DeskView {
        find,
        estates,
        more,
    };
    reply(&request, StatusCode::OK, (&view, &chrome))
}

/// `GET /staff/desk/{spot}`: the form for one place within the person's scope.
#[utoipa::path(get, operation_id = "desk_form", path = "/staff/desk/{spot}", security(("staff" = [])), params(("spot" = String, Path, description = "a `spot` of the list")),
    responses((status = 200, body = DeskFormView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(crate) async fn form(
    request: HttpRequest,
    app: web::Data<App>,
    (worker, spot): (Authorized<WorkQueue>, web::Path<String>),
) -> Result<HttpResponse, Problem> {
    let spot = Location::open(&app, &worker.principal.scope, &spot)?;
    spot.takes(&app)?;
    let chrome = PageContext::of(&request);
    let view = view(&app, &spot, &chrome, Form::default())?;
    reply(&request, StatusCode::OK, (&view, &chrome))
}

fn view(
    app: &App,
    spot: &Location,
    chrome: &PageContext,
    form: Form,
) -> Result<DeskFormView, Problem> {
    let (place, english) = (spot.place()?, chrome.lang.is_english());
    let mut fields = Fields::of(app, chrome, form);
    fields.own = false;
    Ok(DeskFormView {
        spot: spot.to_string(),
        place: place.words(english),
        queue: place.queue.name_in(english).to_owned(),
        key: app.keys.page_key(app.fresh_report()),
        fields,
        earlier: String::new(),
        busy: false,
        regions_script: regions::address(&spot.atlas().gazetteer),
    })
}

/// `POST /staff/desk/{spot}`: takes the report and shows the receipt. The answer is the page
/// itself: sent once more, the same key is the same receipt.
#[utoipa::path(post, operation_id = "desk_submit", path = "/staff/desk/{spot}", request_body = Form, security(("staff" = [])),
    params(("spot" = String, Path, description = "a `spot` of the list"),
        ("Idempotency-Key" = Option<String>, Header, description = "the client's key, instead of the form's key")),
    responses((status = 201, body = ReceiptLink, description = "stored"), (status = 200, body = ReceiptLink, description = "stored before under this key"),
        (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = DeskFormView, description = "the key was used for something else"), (status = 413, body = ProblemBody),
        (status = 422, body = DeskFormView, description = "every mistake, by field"), (status = 503, body = ProblemBody, description = "nothing was stored; try again")))]
pub(crate) async fn submit(
    context: Authorized<WorkQueue>,
    spot: web::Path<String>,
    body: Body<Form>,
) -> Result<HttpResponse, Problem> {
    let form = body.0;
    let spot = Location::open(&context.app, &context.principal.scope, &spot)?;
    let attempt = Attempt {
        place: spot.place()?,
        gazetteer: &spot.atlas().gazetteer,
        answers: form.answers(),
        key: key_of(&context, &form)?,
        origin: Origin {
            channel: Channel::Desk,
            lang: context.page.lang.code(),
            actor: Some(context.principal.staff.id),
        },
    };
    match intake::receive(&context.app, attempt).await? {
        Outcome::Stored(receipt) => {
            reply_done(&context, &spot, StatusCode::CREATED, &receipt).await
        }
        Outcome::Replayed(receipt) => reply_done(&context, &spot, StatusCode::OK, &receipt).await,
        outcome => reply_rejected(&context, &spot, form, outcome),
    }
}

/// The receipt to read out and to hand over; for programs its link.
async fn reply_done(
    context: &StaffContext,
    spot: &Location,
    status: StatusCode,
    receipt: &Receipt,
) -> Result<HttpResponse, Problem> {
    if context.wants_json() {
        return Ok(reply_receipt(context, status, receipt));
    }
    let at = (&context.principal, spot);
    let view = done_view(&context.app, at, (receipt, &context.page)).await?;
    context.reply(status, &view)
}

/// The form again, with the answers and the reason why nothing was stored. After wrong answers and
/// while the server is busy, the same key may be sent again.
fn reply_rejected(
    context: &StaffContext,
    spot: &Location,
    form: Form,
    outcome: Outcome,
) -> Result<HttpResponse, Problem> {
    let mut view = view(&context.app, spot, &context.page, form)?;
    let same_key = view.fields.form.key.clone();
    let status = match outcome {
        Outcome::Closed { over, day } => {
            return Err(closed(spot.atlas(), spot.place()?.building.area, over, day));
        }
        Outcome::Busy if context.wants_json() => return Err(Problem::Busy),
        Outcome::Invalid(refusal) => {
            view.key = same_key;
            let gazetteer = &spot.atlas().gazetteer;
            view.fields.point_out(gazetteer, &refusal, context.page.w);
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Outcome::Conflict(earlier) => {
            view.earlier = earlier.map_or_else(String::new, |earlier| earlier.number);
            StatusCode::CONFLICT
        }
        Outcome::Busy => {
            (view.key, view.busy) = (same_key, true);
            StatusCode::SERVICE_UNAVAILABLE
        }
        Outcome::Stored(_) | Outcome::Replayed(_) => StatusCode::OK,
    };
    context.reply(status, &view)
}

async fn done_view(
    app: &App,
    (principal, spot): (&Principal, &Location),
    (receipt, chrome): (&Receipt, &PageContext),
) -> Result<DoneView, Problem> {
    let (scope, id) = (principal.scope.clone(), receipt.report);
    let work = move |conn: Conn| async move { report::find(&conn, &scope, id).await };
    // The report is safe, and its number is theirs to read out, whatever cannot be read beside it.
    // Sent once more, it may have left the scope meanwhile.
    let row = match app.db.read(work).await {
        Ok(row) => Some(row),
        Err(Error::Missing) => None,
        Err(error) => {
            tracing::error!(?error, "by when somebody is to call cannot be read");
            None
        }
    };
    let (place, english) = (spot.place()?, chrome.lang.is_english());
    let address = format!(
        "{}/s/{}",
        app.rules.public_address,
        app.keys.link(receipt.report)
    );
    let symbol = Symbol::encode(&address).map_err(|error| Problem::internal(&error))?;
    let today = app.local_now().date();
    let due = row.map(|row| app.clock.local(row.contact_due_at));
    let phone = spot.atlas().tree.phone_of(place.building.area);
    Ok(DoneView {
        spot: spot.to_string(),
        place: place.words(english),
        queue: place.queue.name_in(english).to_owned(),
        phone: phone.unwrap_or_default().to_owned(),
        number: receipt.number.clone(),
        due: due.map_or_else(String::new, |due| chrome.lang.moment(due, today)),
        path: symbol.path(),
        side: symbol.side() + 2 * QUIET_ZONE,
        quiet: QUIET_ZONE,
        address,
    })
}
