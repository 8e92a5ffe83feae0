//! Desk entry (代录): a staff member enters a report for a resident. Fields, validation and intake
//! are those of the page behind a placard.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::report::{Channel, ReportId};
use crate::qr::{QUIET_ZONE, Symbol};
use crate::service::intake::{self, Attempt, Origin, Outcome, Receipt, Rejection};
use crate::store::{Conn, Error, report};
use crate::web::form::fields::{Fields, Form};
use crate::web::form::regions;
use crate::web::form::rejection::reject;
use crate::web::form::submission::{ReceiptLink, key_of, reply_receipt};
use crate::web::http::auth::{Authorized, WorkQueue};
use crate::web::http::body::Body;
use crate::web::http::context::StaffContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::reply::template;
use crate::web::staff::location::{Estate, Location, estates};

/// The query of the list of locations.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct DeskParams {
    #[serde(default)]
    find: String,
}

/// The locations that this person may enter reports for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeskView {
    /// The searched text.
    find: String,
    /// Estates with their locations.
    estates: Vec<Estate>,
    /// Whether there are more locations than the page lists.
    more: bool,
}

/// The form of a desk entry.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeskFormView {
    /// The location as addresses name it.
    spot: String,
    /// The place in words.
    place: String,
    /// The community that calls the resident.
    queue: String,
    /// The idempotency key to send back.
    key: String,
    /// The fields with their values.
    #[serde(flatten)]
    fields: Fields,
    /// The number of the receipt that was issued for this key before; empty if none was.
    earlier: String,
    /// Whether the server was too busy to take the report.
    busy: bool,
    /// The address of the script with the regions' names.
    regions_script: String,
}

/// The receipt to read out or to print.
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

template!(DeskView, "desk.html");

template!(DeskFormView, "desk_form.html");

template!(DoneView, "desk_done.html");

/// `GET /staff/desk`: the locations of the person's scope, to choose from.
#[utoipa::path(get, operation_id = "desk", path = "/staff/desk", security(("staff" = [])), params(("find" = Option<String>, Query, description = "words of an estate or a building")),
    responses((status = 200, body = DeskView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(crate) async fn list(
    context: Authorized<WorkQueue>,
    params: web::Query<DeskParams>,
) -> Result<HttpResponse, Problem> {
    let find = params.into_inner().find;
    let atlas = context.app.atlas();
    let lang = context.page.lang;
    let (estates, more) = estates(&atlas, &context.principal.scope, &find, lang);
    let view = DeskView {
        find,
        estates,
        more,
    };
    context.reply(StatusCode::OK, &view)
}

/// `GET /staff/desk/{spot}`: the form for one place within the person's scope.
#[utoipa::path(get, operation_id = "desk_form", path = "/staff/desk/{spot}", security(("staff" = [])), params(("spot" = String, Path, description = "a `spot` of the list")),
    responses((status = 200, body = DeskFormView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(crate) async fn form(
    context: Authorized<WorkQueue>,
    spot: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let location = Location::open(&context.app, &context.principal.scope, &spot)?;
    location.takes(&context.app)?;
    let view = form_view(&context, &location, Form::default())?;
    context.reply(StatusCode::OK, &view)
}

fn form_view(
    context: &StaffContext,
    location: &Location,
    form: Form,
) -> Result<DeskFormView, Problem> {
    let (app, english) = (&context.app, context.page.lang.is_english());
    let place = location.place()?;
    let mut fields = Fields::of(app, &context.page, form);
    fields.own = false;
    Ok(DeskFormView {
        spot: location.to_string(),
        place: place.words(english),
        queue: place.queue.name_in(english).to_owned(),
        key: app.keys.page_key(app.fresh_report()),
        fields,
        earlier: String::new(),
        busy: false,
        regions_script: regions::address(&location.atlas().gazetteer),
    })
}

/// `POST /staff/desk/{spot}`: stores the report and shows the receipt. The same key again gets the
/// same receipt.
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
    let location = Location::open(&context.app, &context.principal.scope, &spot)?;
    let attempt = Attempt {
        place: location.place()?,
        gazetteer: &location.atlas().gazetteer,
        answers: form.answers(),
        key: key_of(&context, &form)?,
        origin: Origin {
            channel: Channel::Desk,
            lang: context.page.lang.code(),
            actor: Some(context.principal.staff.id),
        },
    };
    let room = context.app.intake.reserve().await;
    match intake::receive(&context.app, room, attempt).await? {
        Outcome::Stored(receipt) => {
            reply_done(&context, &location, StatusCode::CREATED, &receipt).await
        }
        Outcome::Replayed(receipt) => {
            reply_done(&context, &location, StatusCode::OK, &receipt).await
        }
        Outcome::Rejected(rejection) => reply_rejected(&context, &location, form, rejection),
    }
}

/// The receipt: as a page to read out or to print; for programs its link.
async fn reply_done(
    context: &StaffContext,
    location: &Location,
    status: StatusCode,
    receipt: &Receipt,
) -> Result<HttpResponse, Problem> {
    if context.wants_json() {
        return Ok(reply_receipt(context, status, receipt));
    }
    let view = done_view(context, location, receipt).await?;
    context.reply(status, &view)
}

/// The form again, with the answers and the reason why nothing was stored.
fn reply_rejected(
    context: &StaffContext,
    location: &Location,
    form: Form,
    rejection: Rejection,
) -> Result<HttpResponse, Problem> {
    let mut view = form_view(context, location, form)?;
    let area = location.place()?.building.area;
    let rejected = reject(context, location.atlas(), area, &mut view.fields, rejection)?;
    if rejected.keeps_key {
        view.key.clone_from(&view.fields.form.key);
    }
    view.busy = rejected.busy;
    let earlier = rejected.earlier;
    view.earlier = earlier.map_or_else(String::new, |earlier| earlier.number);
    context.reply(rejected.status, &view)
}

async fn done_view(
    context: &StaffContext,
    location: &Location,
    receipt: &Receipt,
) -> Result<DoneView, Problem> {
    let (app, lang) = (&context.app, context.page.lang);
    let (place, english) = (location.place()?, lang.is_english());
    let link = app.keys.link(receipt.report);
    let address = format!("{}/s/{link}", app.rules.public_address);
    let symbol = Symbol::encode(&address).map_err(|error| Problem::internal(&error))?;
    let today = app.local_now().date();
    let due = contact_due(context, receipt.report).await;
    let due = due.map(|due| lang.moment(app.clock.local(due), today));
    let phone = location.atlas().tree.phone_of(place.building.area);
    Ok(DoneView {
        spot: location.to_string(),
        place: place.words(english),
        queue: place.queue.name_in(english).to_owned(),
        phone: phone.unwrap_or_default().to_owned(),
        number: receipt.number.clone(),
        due: due.unwrap_or_default(),
        path: symbol.path(),
        side: symbol.side() + 2 * QUIET_ZONE,
        quiet: QUIET_ZONE,
        address,
    })
}

/// The deadline of the first contact. The report is stored, so the receipt is shown even if the
/// deadline cannot be read; a replayed report may also have left the scope.
async fn contact_due(context: &StaffContext, id: ReportId) -> Option<DateTime<Utc>> {
    let scope = context.principal.scope.clone();
    let work = move |conn: Conn| async move { report::find(&conn, &scope, id).await };
    match context.app.db.read(work).await {
        Ok(row) => Some(row.contact_due_at),
        Err(Error::Missing) => None,
        Err(error) => {
            tracing::error!(?error, "the deadline of the first contact cannot be read");
            None
        }
    }
}
