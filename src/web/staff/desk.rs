//! 代录: somebody at work writes a report down for a person without a telephone at hand. The same
//! fields, the same reading and the same intake as the page behind a placard.

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::report::{Channel, Draft};
use crate::qr::{QUIET_ZONE, Symbol};
use crate::service::intake::{self, Answer, Key, Origin, Receipt, Refused};
use crate::service::{App, Principal};
use crate::store::{Conn, Error, report};
use crate::web::form::fields::{Fields, Form};
use crate::web::form::regions;
use crate::web::http::auth::{Authorized, WorkQueue};
use crate::web::http::body::Body;
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody, RETRY_AFTER_S};
use crate::web::http::reply::{View, reply};
use crate::web::http::request::wants_json;
use crate::web::resident::report::{again, key_of, late, taken};
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
    let view = view(&app, &spot, (&chrome, Form::default()))?;
    reply(&request, StatusCode::OK, (&view, &chrome))
}

fn view(
    app: &App,
    spot: &Location,
    (chrome, form): (&PageContext, Form),
) -> Result<DeskFormView, Problem> {
    let (place, english) = (spot.place()?, chrome.lang.is_english());
    let mut fields = Fields::of(app, (chrome, form));
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
    request: HttpRequest,
    app: web::Data<App>,
    (worker, spot, body): (Authorized<WorkQueue>, web::Path<String>, Body<Form>),
) -> Result<HttpResponse, Problem> {
    let spot = Location::open(&app, &worker.principal.scope, &spot)?;
    let (form, chrome) = (body.0, PageContext::of(&request));
    let key = key_of(&request, &app, &form)?;
    if let Err(closed) = spot.takes(&app) {
        return late(&request, &app, (&key, closed)).await;
    }
    let terms = (app.local_now().date(), &app.rules.campaign);
    let draft = match Draft::read(&form.answers(), &spot.atlas().gazetteer, terms) {
        Ok(draft) => draft,
        Err(refusal) => {
            if refusal.may_have_been_right()
                && let Some(receipt) = again(&app, spot.place()?, (&form, &key)).await?
            {
                return done(
                    &request,
                    &app,
                    (&worker.principal, &spot),
                    (StatusCode::OK, &receipt),
                )
                .await;
            }
            let mut view = view(&app, &spot, (&chrome, form))?;
            view.key.clone_from(&view.fields.form.key);
            view.fields
                .point_out(&spot.atlas().gazetteer, (&refusal, chrome.w));
            return reply(&request, StatusCode::UNPROCESSABLE_ENTITY, (&view, &chrome));
        }
    };
    let way = Origin {
        channel: Channel::Desk,
        lang: chrome.lang.code(),
        actor: Some(worker.principal.staff.id),
    };
    let (status, receipt) = match intake::submit(&app, spot.place()?, (&draft, key.clone()), way)
        .await
    {
        Ok(Answer::Stored(receipt)) => (StatusCode::CREATED, receipt),
        Ok(Answer::Replayed(receipt)) => (StatusCode::OK, receipt),
        Ok(Answer::Differs(receipt)) => match again(&app, spot.place()?, (&form, &key)).await? {
            Some(same) => (StatusCode::OK, same),
            None => {
                let mut view = view(&app, &spot, (&chrome, form))?;
                // A page's key is the house's own; anybody may choose the same word for theirs.
                if matches!(key, Key::Page(_)) {
                    view.earlier = receipt.number;
                }
                return reply(&request, StatusCode::CONFLICT, (&view, &chrome));
            }
        },
        Err(refused) => return busy(&request, (&app, &spot), (&chrome, form), refused),
    };
    done(
        &request,
        &app,
        (&worker.principal, &spot),
        (status, &receipt),
    )
    .await
}

/// What is read out and handed over, or where it is.
async fn done(
    request: &HttpRequest,
    app: &App,
    at: (&Principal, &Location),
    (status, receipt): (StatusCode, &Receipt),
) -> Result<HttpResponse, Problem> {
    if wants_json(request) {
        return Ok(taken(request, app, (status, receipt)));
    }
    let chrome = PageContext::of(request);
    let view = done_view(app, at, (receipt, &chrome)).await?;
    reply(request, status, (&view, &chrome))
}

/// Nothing was stored; the words stay on the page and the same key may be sent again.
fn busy(
    request: &HttpRequest,
    (app, spot): (&App, &Location),
    (chrome, form): (&PageContext, Form),
    _refused: Refused,
) -> Result<HttpResponse, Problem> {
    if wants_json(request) {
        return Err(Problem::Busy);
    }
    let mut view = view(app, spot, (chrome, form))?;
    view.key.clone_from(&view.fields.form.key);
    view.busy = true;
    let mut response = reply(request, StatusCode::SERVICE_UNAVAILABLE, (&view, chrome))?;
    if let Ok(after) = RETRY_AFTER_S.parse() {
        response.headers_mut().insert(RETRY_AFTER, after);
    }
    Ok(response)
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
