//! The description of the API, generated from the types, and a viewer that needs no internet.

use actix_web::HttpResponse;
use utoipa::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::web::centre::totals::TotalsView;
use crate::web::form::fields::Form;
use crate::web::http::problem::ProblemBody;
use crate::web::ops::Health;
use crate::web::resident::receipt::ReceiptView;
use crate::web::resident::report::{FormView, ReceiptLink};
use crate::web::resident::sites::{Here, SitesView};
use crate::web::resident::status::{Asked, Found, StatusView};
use crate::web::staff::bulk::{Bulk, BulkView};
use crate::web::staff::case::CaseView;
use crate::web::staff::desk::{DeskFormView, DeskView};
use crate::web::staff::digest::DigestView;
use crate::web::staff::fanout::EntryView;
use crate::web::staff::filter::CountsView;
use crate::web::staff::queue::QueueView;
use crate::web::staff::rejected::StepForm;
use crate::web::staff::search::Sought;
use crate::web::staff::sign_in::{NewPassword, PasswordView, SignIn, SignInView, Token};
use crate::web::staff::transition::Version;

/// The API: the same addresses as the pages, with `Accept: application/json`.
#[derive(OpenApi)]
#[openapi(
    info(title = "Mashang 码上报备", description = "The same addresses as the pages, with `Accept: application/json`. Errors are `application/problem+json` with a stable `code`."),
    paths(
        form, submit, sites, sites_here, status, receipt, another, show_correct,
        correct, withdraw, sign_in, sign_out, password, queue, counts, search, stream, digest, case, step,
        call, reveal, undo, bulk, desk, desk_form, desk_submit, centre, centre_stream, healthz, readyz
    ),
    components(schemas(ProblemBody, EntryView, SignInView, PasswordView)),
    modifiers(&Security)
)]
struct Description;

struct Security;

impl utoipa::Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT");
        if let Some(components) = openapi.components.as_mut() {
            components.add_security_scheme("staff", SecurityScheme::Http(bearer.build()));
        }
    }
}

/// The description as JSON, OpenAPI 3.1.
pub fn description() -> String {
    Description::openapi().to_pretty_json().unwrap_or_default()
}

/// `GET /api/openapi.json`
pub(crate) async fn openapi() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("content-type", "application/json"))
        .body(description())
}

/// `GET /api/docs/`
pub(crate) fn viewer() -> SwaggerUi {
    SwaggerUi::new("/api/docs/{_:.*}").config(Config::from("/api/openapi.json"))
}

#[utoipa::path(get, path = "/q/{code}", params(("code" = String, Path, description = "the code on the placard")),
    responses((status = 200, body = FormView), (status = 404, body = ProblemBody), (status = 410, body = ProblemBody)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn form() {}

#[utoipa::path(post, path = "/q/{code}", request_body = Form,
    params(("code" = String, Path, description = "the code on the placard"),
        ("Idempotency-Key" = Option<String>, Header, description = "a key of the client's own, instead of the form's")),
    responses((status = 201, body = ReceiptLink, description = "stored"), (status = 200, body = ReceiptLink, description = "stored before under this key"),
        (status = 404, body = ProblemBody), (status = 409, body = FormView, description = "the key was used for something else"),
        (status = 410, body = ProblemBody), (status = 413, body = ProblemBody),
        (status = 422, body = FormView, description = "every mistake, by field"), (status = 503, body = ProblemBody, description = "nothing was stored; try again")))]
#[expect(dead_code, reason = "carries the description of its address")]
fn submit() {}

#[utoipa::path(get, path = "/q/{code}/sites", params(("code" = String, Path)),
    responses((status = 200, body = SitesView), (status = 404, body = ProblemBody), (status = 410, body = ProblemBody)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn sites() {}

#[utoipa::path(post, path = "/q/{code}/sites", params(("code" = String, Path)), request_body = Here,
    responses((status = 200, body = SitesView, description = "sorted from where somebody is"), (status = 422, body = ProblemBody)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn sites_here() {}

#[utoipa::path(get, path = "/s/{link}", params(("link" = String, Path, description = "the secret of the receipt")),
    responses((status = 200, body = ReceiptView), (status = 404, body = ProblemBody)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn receipt() {}

#[utoipa::path(post, path = "/status", request_body = Asked,
    responses((status = 200, body = Found), (status = 404, body = StatusView, description = "no such number, or other digits"), (status = 422, body = ProblemBody), (status = 429, body = StatusView)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn status() {}

#[utoipa::path(get, path = "/s/{link}/another", params(("link" = String, Path)),
    responses((status = 200, body = FormView, description = "the form for one more person"), (status = 404, body = ProblemBody)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn another() {}

#[utoipa::path(get, path = "/s/{link}/correct", params(("link" = String, Path)),
    responses((status = 200, body = FormView, description = "the form with what was said"), (status = 404, body = ProblemBody)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn show_correct() {}

#[utoipa::path(post, path = "/s/{link}/correct", request_body = Form, params(("link" = String, Path)),
    responses((status = 204, description = "mended"), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody, description = "somebody has taken it already"), (status = 422, body = FormView)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn correct() {}

#[utoipa::path(post, path = "/s/{link}/withdraw", params(("link" = String, Path, description = "the secret of the receipt")),
    responses((status = 204, description = "withdrawn"), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody, description = "it has ended already")))]
#[expect(dead_code, reason = "carries the description of its address")]
fn withdraw() {}

#[utoipa::path(post, path = "/staff/sign-in", request_body = SignIn,
    responses((status = 200, body = Token), (status = 401, body = SignInView), (status = 422, body = ProblemBody), (status = 429, body = SignInView),
        (status = 503, body = ProblemBody, description = "too many sign in at once; try again")))]
#[expect(dead_code, reason = "carries the description of its address")]
fn sign_in() {}

#[utoipa::path(post, path = "/staff/sign-out", security(("staff" = [])),
    responses((status = 204, description = "signed out"), (status = 401, body = ProblemBody)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn sign_out() {}

#[utoipa::path(post, path = "/staff/password", request_body = NewPassword, security(("staff" = [])),
    responses((status = 200, body = Token), (status = 401, body = ProblemBody), (status = 422, body = PasswordView)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn password() {}

#[utoipa::path(get, path = "/staff", security(("staff" = [])),
    params(("view" = Option<String>, Query, description = "`open`, `mine`, `waiting`, `due_soon`, `overdue`, `unreachable`, `incomplete`, `duplicates` or `closed_today`"),
        ("sort" = Option<String>, Query, description = "`deadline` or `newest`"), ("direction" = Option<String>, Query, description = "`return` or `leave`"),
        ("queue" = Option<i32>, Query), ("estate" = Option<i32>, Query), ("building" = Option<i32>, Query),
        ("after" = Option<String>, Query, description = "as the `next` of the page before says")),
    responses((status = 200, body = QueueView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn queue() {}

#[utoipa::path(get, path = "/staff/counts", security(("staff" = [])),
    params(("view" = Option<String>, Query), ("direction" = Option<String>, Query), ("queue" = Option<i32>, Query), ("estate" = Option<i32>, Query), ("building" = Option<i32>, Query)),
    responses((status = 200, body = CountsView, description = "how many reports each view has, narrowed as asked"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn counts() {}

#[utoipa::path(post, path = "/staff/search", request_body = Sought, security(("staff" = [])),
    responses((status = 200, body = QueueView, description = "open and closed reports of the scope, the newest first"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 404, body = QueueView, description = "none, or none of theirs"), (status = 422, body = QueueView, description = "neither a receipt number nor a whole telephone")))]
#[expect(dead_code, reason = "carries the description of its address")]
fn search() {}

#[utoipa::path(get, path = "/staff/stream", security(("staff" = [])),
    params(("Last-Event-ID" = Option<String>, Header, description = "continue after this event"), ("after" = Option<String>, Query, description = "the same, for a page that has seen no event yet")),
    responses((status = 200, content_type = "text/event-stream", body = String, description = "`hello`, then events `entry` with an EntryView, and `beat` while nothing happens; `reset` first where what was read is no longer there, or more has happened since than a stream brings, so that everything is to be read anew"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn stream() {}

#[utoipa::path(get, path = "/staff/digest", security(("staff" = [])), params(("day" = Option<chrono::NaiveDate>, Query, description = "the day after the night; today where nothing is said")),
    responses((status = 200, body = DigestView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn digest() {}

#[utoipa::path(get, path = "/staff/reports/{id}", security(("staff" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = CaseView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn case() {}

#[utoipa::path(post, path = "/staff/reports/{id}/{step}", request_body = StepForm, security(("staff" = [])),
    params(("id" = uuid::Uuid, Path), ("step" = String, Path, description = "`accept`, `assign`, `close`, `unreachable`, `note`, `refuse`, `transfer`, `merge`, `split`, `invalidate`, `verify` or `reopen`")),
    responses((status = 200, description = "`row` as it stands now, whether it has `left` this person's queues, and what was done, as it is `said`"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = CaseView, description = "stale or illegal: the report as it stands"), (status = 422, body = CaseView, description = "a reason or a target is missing")))]
#[expect(dead_code, reason = "carries the description of its address")]
fn step() {}

#[utoipa::path(post, path = "/staff/reports/{id}/call", request_body = Version, security(("staff" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = CaseView, description = "taken, with the telephone"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = CaseView, description = "stale, illegal, or `unreadable`: nothing was taken")))]
#[expect(dead_code, reason = "carries the description of its address")]
fn call() {}

#[utoipa::path(post, path = "/staff/reports/{id}/undo", request_body = Version, security(("staff" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, description = "as after a step"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 409, body = CaseView)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn undo() {}

#[utoipa::path(post, path = "/staff/bulk", request_body = Bulk, security(("staff" = [])),
    responses((status = 200, body = BulkView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 413, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn bulk() {}

#[utoipa::path(post, path = "/staff/reports/{id}/reveal", security(("staff" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = CaseView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = CaseView, description = "`unreadable`: what was said cannot be opened")))]
#[expect(dead_code, reason = "carries the description of its address")]
fn reveal() {}

#[utoipa::path(get, path = "/staff/desk", security(("staff" = [])), params(("find" = Option<String>, Query, description = "words of an estate or a building")),
    responses((status = 200, body = DeskView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn desk() {}

#[utoipa::path(get, path = "/staff/desk/{spot}", security(("staff" = [])), params(("spot" = String, Path, description = "a `spot` of the list")),
    responses((status = 200, body = DeskFormView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn desk_form() {}

#[utoipa::path(post, path = "/staff/desk/{spot}", request_body = Form, security(("staff" = [])),
    params(("spot" = String, Path, description = "a `spot` of the list"),
        ("Idempotency-Key" = Option<String>, Header, description = "a key of the client's own, instead of the form's")),
    responses((status = 201, body = ReceiptLink, description = "stored"), (status = 200, body = ReceiptLink, description = "stored before under this key"),
        (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = DeskFormView, description = "the key was used for something else"), (status = 413, body = ProblemBody),
        (status = 422, body = DeskFormView, description = "every mistake, by field"), (status = 503, body = ProblemBody, description = "nothing was stored; try again")))]
#[expect(dead_code, reason = "carries the description of its address")]
fn desk_submit() {}

#[utoipa::path(get, path = "/centre", security(("staff" = [])),
    responses((status = 200, body = TotalsView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn centre() {}

#[utoipa::path(get, path = "/centre/stream", security(("staff" = [])),
    responses((status = 200, content_type = "text/event-stream", body = String, description = "events `totals` with a TotalsView"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn centre_stream() {}

#[utoipa::path(get, path = "/healthz", responses((status = 200, body = Health)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn healthz() {}

#[utoipa::path(get, path = "/readyz", responses((status = 200, body = Health), (status = 503, body = ProblemBody)))]
#[expect(dead_code, reason = "carries the description of its address")]
fn readyz() {}
