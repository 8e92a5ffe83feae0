//! What the holder of a receipt may do: mend the report, take it back, report one more person.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::domain::report::{Draft, Holder};
use crate::service::App;
use crate::service::holder as mending;
use crate::service::personal::Personal;
use crate::service::triage::Refused;
use crate::store::{Conn, report};
use crate::web::form::fields::Form;
use crate::web::form::placard::ScannedPlacard;
use crate::web::http::body::Body;
use crate::web::http::lang::Lang;
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::reply::reply;
use crate::web::http::request::wants_json;
use crate::web::http::response::see_other;
use crate::web::resident::report::form_view;

/// What a holder has in hand: the report, its words and its placard.
struct Held {
    holder: Holder,
    row: report::Row,
    /// None where the words cannot be opened: they can be said once more.
    personal: Option<Personal>,
    placard: ScannedPlacard,
}

async fn held(app: &App, link: &str) -> Result<Held, Problem> {
    let holder = app.keys.open_link(link).ok_or(Problem::Missing)?;
    let work = move |conn: Conn| async move { report::held(&conn, holder).await };
    let row = app.db.read(work).await?;
    let placard = row
        .placard
        .and_then(|placard| ScannedPlacard::behind(app, placard));
    Ok(Held {
        holder,
        personal: Personal::open(app, &row),
        placard: placard.ok_or(Problem::Missing)?,
        row,
    })
}

impl Held {
    /// The report as the words of a form.
    fn words(&self) -> Form {
        let (row, personal) = (&self.row, self.personal.clone().unwrap_or_default());
        Form {
            direction: row.direction.code().to_owned(),
            region_pick: row.region.map(|id| id.0.to_string()).unwrap_or_default(),
            region_asked: personal.region.clone(),
            region: personal.region,
            day: row.travel_day.to_string(),
            room: personal.room,
            name: personal.name,
            phone: personal.phone,
            companions: Some(row.persons - 1)
                .filter(|count| *count > 0)
                .map(|count| count.to_string())
                .unwrap_or_default(),
            identity: personal.identity.unwrap_or_default(),
            vehicle: personal.vehicle.unwrap_or_default(),
            note: personal.note.unwrap_or_default(),
            proxy: personal.proxy.unwrap_or_default(),
            ..Form::default()
        }
    }
}

/// `GET /s/{link}/another`: the form for one more person of the same journey.
#[utoipa::path(get, operation_id = "another", path = "/s/{link}/another", params(("link" = String, Path)),
    responses((status = 200, body = FormView, description = "the form for one more person"), (status = 404, body = ProblemBody)))]
pub(crate) async fn another(
    request: HttpRequest,
    app: web::Data<App>,
    link: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let held = held(&app, &link).await?;
    held.placard.takes(&app)?;
    let words = held.words();
    let form = Form {
        direction: words.direction,
        region: words.region,
        region_pick: words.region_pick,
        region_asked: words.region_asked,
        day: words.day,
        room: words.room,
        ..Form::default()
    };
    let chrome = PageContext::of(&request);
    let view = form_view(&app, &held.placard, (&chrome, form))?;
    reply(&request, StatusCode::OK, (&view, &chrome))
}

/// `GET /s/{link}/correct`: the form with what was said.
#[utoipa::path(get, operation_id = "show_correct", path = "/s/{link}/correct", params(("link" = String, Path)),
    responses((status = 200, body = FormView, description = "the form with the answers of the report"), (status = 404, body = ProblemBody)))]
pub(crate) async fn show_correct(
    request: HttpRequest,
    app: web::Data<App>,
    link: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let held = held(&app, &link).await?;
    held.placard.takes(&app)?;
    let chrome = PageContext::of(&request);
    let mut view = form_view(&app, &held.placard, (&chrome, held.words()))?;
    (view.action, view.correcting) = (format!("/s/{link}/correct"), true);
    reply(&request, StatusCode::OK, (&view, &chrome))
}

/// `POST /s/{link}/correct`: mends the report, for as long as nobody has taken it.
#[utoipa::path(post, operation_id = "correct", path = "/s/{link}/correct", request_body = Form, params(("link" = String, Path)),
    responses((status = 204, description = "corrected"), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody, description = "staff have accepted it already"), (status = 422, body = FormView)))]
pub(crate) async fn correct(
    request: HttpRequest,
    app: web::Data<App>,
    (link, body): (web::Path<String>, Body<Form>),
) -> Result<HttpResponse, Problem> {
    let (held, form) = (held(&app, &link).await?, body.0);
    held.placard.takes(&app)?;
    let lang = Lang::from_code(&form.lang).unwrap_or_else(|| Lang::of(&request));
    let chrome = PageContext::in_lang(&request, lang);
    let today = app.local_now().date();
    let terms = (today, &app.rules.campaign);
    let draft = match Draft::read(&form.answers(), &held.placard.atlas().gazetteer, terms) {
        Ok(draft) => draft,
        Err(refusal) => {
            let mut view = form_view(&app, &held.placard, (&chrome, form))?;
            (view.action, view.correcting) = (format!("/s/{link}/correct"), true);
            view.fields
                .point_out(&held.placard.atlas().gazetteer, (&refusal, chrome.w));
            return reply(&request, StatusCode::UNPROCESSABLE_ENTITY, (&view, &chrome));
        }
    };
    let mended = mending::correct(&app, held.holder, &draft).await;
    mended.map_err(|refused| match refused {
        Refused::Illegal(_) => Problem::Taken,
        other => other.into(),
    })?;
    Ok(back(&request, &link))
}

/// `POST /s/{link}/withdraw`: takes the report back, for as long as nobody has ended it.
#[utoipa::path(post, operation_id = "withdraw", path = "/s/{link}/withdraw", params(("link" = String, Path, description = "the secret of the receipt")),
    responses((status = 204, description = "withdrawn"), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody, description = "it has ended already")))]
pub(crate) async fn withdraw(
    request: HttpRequest,
    app: web::Data<App>,
    link: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let holder = app.keys.open_link(&link).ok_or(Problem::Missing)?;
    mending::withdraw(&app, holder).await?;
    Ok(back(&request, &link))
}

fn back(request: &HttpRequest, link: &str) -> HttpResponse {
    if wants_json(request) {
        return HttpResponse::NoContent().finish();
    }
    see_other(&format!("/s/{link}"))
}
