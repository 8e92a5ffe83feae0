//! The pages of a receipt's holder: correct the report, withdraw it, report one more person.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use crate::domain::person::Phone;
use crate::domain::report::{Direction, Draft, Holder};
use crate::domain::triage::Status;
use crate::service::App;
use crate::service::holder as amending;
use crate::service::personal::Personal;
use crate::service::triage::TransitionError;
use crate::store::{Conn, report};
use crate::web::form::fields::Form;
use crate::web::form::placard::ScannedPlacard;
use crate::web::http::body::Body;
use crate::web::http::context::RequestContext;
use crate::web::http::lang::Lang;
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::response::see_other;
use crate::web::resident::report::{FormView, form_view};

/// The report of a receipt's holder, with its answers and its placard.
struct Held {
    holder: Holder,
    row: report::Row,
    /// None if the answers cannot be decrypted: the resident can fill them in again.
    personal: Option<Personal>,
    placard: ScannedPlacard,
}

async fn held(app: &App, link: &str) -> Result<Held, Problem> {
    let holder = app.keys.open_link(link).ok_or(Problem::Missing)?;
    let work = move |conn: Conn| async move { report::by_link(&conn, holder).await };
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
    /// `Ok` while the holder may correct the report: until staff accept it.
    fn stays_open(&self) -> Result<(), Problem> {
        match self.row.status {
            Status::Waiting => Ok(()),
            status => Err(Problem::TooLate(status)),
        }
    }

    /// The answers of the report as a form.
    fn answers(&self, lang: Lang) -> Form {
        let (row, personal) = (&self.row, self.personal.clone().unwrap_or_default());
        Form {
            direction: said(row.direction),
            region_pick: row.region.map(|id| id.0.to_string()).unwrap_or_default(),
            region_asked: personal.region.clone(),
            region: personal.region,
            day: row.travel_day.to_string(),
            room: personal.room,
            name: personal.name,
            phone: Phone::read(&personal.phone).map_or(personal.phone, |phone| phone.spoken()),
            companions: Some(row.persons - 1)
                .filter(|count| *count > 0)
                .map(|count| count.to_string())
                .unwrap_or_default(),
            companion_names: lang.list(&personal.companion_names),
            identity: personal.identity.unwrap_or_default(),
            vehicle: personal.vehicle.unwrap_or_default(),
            note: personal.note.unwrap_or_default(),
            proxy: personal.proxy.unwrap_or_default(),
            ..Form::default()
        }
    }
}

/// The direction as a form says it.
fn said(direction: Direction) -> String {
    match direction {
        Direction::Unsaid => String::new(),
        said => said.code().to_owned(),
    }
}

/// `GET /s/{link}/another`: the form for one more person of the same journey; of a withdrawn report
/// all its answers, to report again.
#[utoipa::path(get, operation_id = "another", path = "/s/{link}/another", params(("link" = String, Path)),
    responses((status = 200, body = FormView, description = "the form for one more person"), (status = 404, body = ProblemBody)))]
pub(crate) async fn another(
    context: RequestContext,
    link: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let held = held(&context.app, &link).await?;
    held.placard.takes(&context.app)?;
    let answers = held.answers(context.page.lang);
    let form = if held.row.status == Status::Withdrawn {
        answers
    } else {
        Form {
            direction: answers.direction,
            region: answers.region,
            region_pick: answers.region_pick,
            region_asked: answers.region_asked,
            day: answers.day,
            room: answers.room,
            ..Form::default()
        }
    };
    let view = form_view(&context.app, &held.placard, &context.page, form)?;
    context.reply(StatusCode::OK, &view)
}

/// `GET /s/{link}/correct`: the form with the answers of the report.
#[utoipa::path(get, operation_id = "show_correct", path = "/s/{link}/correct", params(("link" = String, Path)),
    responses((status = 200, body = FormView, description = "the form with the answers of the report"), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody, description = "it can no longer be corrected")))]
pub(crate) async fn show_correct(
    context: RequestContext,
    link: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let held = held(&context.app, &link).await?;
    held.placard.takes(&context.app)?;
    if let Err(late) = held.stays_open() {
        // The receipt says what has become of the report.
        return if context.wants_json() {
            Err(late)
        } else {
            Ok(see_other(&format!("/s/{link}")))
        };
    }
    let view = correction(&context, &held, &link, held.answers(context.page.lang))?;
    context.reply(StatusCode::OK, &view)
}

/// `POST /s/{link}/correct`: corrects the report until staff accept it.
#[utoipa::path(post, operation_id = "correct", path = "/s/{link}/correct", request_body = Form, params(("link" = String, Path)),
    responses((status = 204, description = "corrected"), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody, description = "staff have accepted it already"), (status = 422, body = FormView)))]
pub(crate) async fn correct(
    mut context: RequestContext,
    link: web::Path<String>,
    body: Body<Form>,
) -> Result<HttpResponse, Problem> {
    let form = body.0;
    let held = held(&context.app, &link).await?;
    held.placard.takes(&context.app)?;
    if let Some(lang) = Lang::from_code(&form.lang) {
        context.page = PageContext::in_lang(&context.request, lang);
    }
    let gazetteer = &held.placard.atlas().gazetteer;
    let today = context.app.local_now().date();
    let rules = &context.app.rules;
    let (campaign, city) = (&rules.campaign, rules.phone_area_code.as_ref());
    let draft = match Draft::read(&form.answers(), gazetteer, today, campaign, city) {
        Ok(draft) => draft,
        Err(refusal) => {
            let mut view = correction(&context, &held, &link, form)?;
            view.fields
                .point_out(gazetteer, &refusal, context.page.w, rules);
            return context.reply(StatusCode::UNPROCESSABLE_ENTITY, &view);
        }
    };
    let corrected = amending::correct(&context.app, held.holder, &draft).await;
    corrected.map_err(|refused| match refused {
        TransitionError::Illegal(row) => Problem::TooLate(row.status),
        other => other.into(),
    })?;
    Ok(to_receipt(&context, &link))
}

/// The form that corrects a report, with these answers.
fn correction(
    context: &RequestContext,
    held: &Held,
    link: &str,
    form: Form,
) -> Result<FormView, Problem> {
    Ok(FormView {
        title: format!("{} {}", context.page.w.receipt.correcting, held.row.number),
        number: held.row.number.clone(),
        receipt: format!("/s/{link}"),
        action: format!("/s/{link}/correct"),
        correcting: true,
        ..form_view(&context.app, &held.placard, &context.page, form)?
    })
}

/// `POST /s/{link}/withdraw`: withdraws the report until it has ended.
#[utoipa::path(post, operation_id = "withdraw", path = "/s/{link}/withdraw", params(("link" = String, Path, description = "the secret of the receipt")),
    responses((status = 204, description = "withdrawn"), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody, description = "it has ended already")))]
pub(crate) async fn withdraw(
    context: RequestContext,
    link: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let holder = context.app.keys.open_link(&link).ok_or(Problem::Missing)?;
    amending::withdraw(&context.app, holder).await?;
    Ok(to_receipt(&context, &link))
}

fn to_receipt(context: &RequestContext, link: &str) -> HttpResponse {
    if context.wants_json() {
        HttpResponse::NoContent().finish()
    } else {
        see_other(&format!("/s/{link}"))
    }
}
