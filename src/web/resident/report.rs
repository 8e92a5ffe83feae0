//! The resident's report: the form behind a placard, and the submission.

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_ENCODING;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::report::Channel;
use crate::service::App;
use crate::service::intake::{self, Attempt, Origin, Outcome, Rejection};
use crate::web::form::fields::{Fields, Form};
use crate::web::form::placard::ScannedPlacard;
use crate::web::form::regions;
use crate::web::form::rejection::reject;
use crate::web::form::submission::{ReceiptLink, key_of, reply_receipt, reply_stored};
use crate::web::http::body::WholeBody;
use crate::web::http::context::RequestContext;
use crate::web::http::lang::Lang;
use crate::web::http::page_context::{FORM_JS, PageContext};
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::reply::{View, template};
use crate::web::http::request::takes_brotli;
use crate::web::http::response::page;
use crate::web::resident::form_cache::{CacheKey, FormCache, KEY_SLOT};

/// The form as the page shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FormView {
    /// What the page asks for.
    pub(crate) title: String,
    /// The code of the placard.
    pub(crate) code: String,
    /// The place in words.
    pub(crate) place: String,
    /// The subdistrict.
    pub(crate) office: String,
    /// Two characters that also stand on the placard.
    pub(crate) check_word: String,
    /// Who answers the telephone.
    pub(crate) phone: String,
    /// The key to send back.
    pub(crate) key: String,
    /// The fields as they stand.
    #[serde(flatten)]
    pub(crate) fields: Fields,
    /// The report that was stored before under this key.
    pub(crate) earlier: Option<ReceiptLink>,
    /// Whether the server was too busy to take the report.
    pub(crate) busy: bool,
    /// The address to which the form is sent.
    pub(crate) action: String,
    /// The script that helps to choose a region.
    pub(crate) regions_script: String,
    /// The city's own privacy notice; may be empty.
    pub(crate) notice: String,
    /// The law or order that the campaign rests on.
    pub(crate) legal_basis: String,
    /// Whether the form corrects a stored report.
    pub(crate) correcting: bool,
    /// The receipt of that report; empty for a new one.
    pub(crate) receipt: String,
    /// The number of that receipt.
    pub(crate) number: String,
}

template!(FormView, "form.html");

impl FormView {
    /// The script of the form. A correction has none: it shows the stored answers, not the draft
    /// that the phone keeps.
    fn script(&self) -> &'static str {
        if self.correcting { "" } else { &FORM_JS }
    }
}

/// `GET /q/{code}`: the form. Reads nothing from the database; the page comes from the cache, and
/// a fresh key is put in.
#[utoipa::path(get, operation_id = "form", path = "/q/{code}", params(("code" = String, Path, description = "the code on the placard")),
    responses((status = 200, body = FormView), (status = 404, body = ProblemBody), (status = 410, body = ProblemBody)))]
pub(crate) async fn form(
    context: RequestContext,
    cache: web::Data<FormCache>,
    placard: ScannedPlacard,
) -> Result<HttpResponse, Problem> {
    let app = &context.app;
    placard.takes(app)?;
    let view = || form_view(app, &placard, &context.page, Form::default());
    if context.wants_json() {
        return context.reply(StatusCode::OK, &view()?);
    }
    let key = CacheKey {
        cache_version: placard.atlas().cache_version,
        placard: placard.place()?.placard.id,
        day: app.local_now().date(),
        lang: context.page.lang,
        size: context.page.size,
    };
    let cached = cache.page(key, || {
        let view = FormView {
            key: KEY_SLOT.to_owned(),
            ..view()?
        };
        let text = view.page(&context.page);
        text.map_err(|error| Problem::internal(&error))
    })?;
    let key = app.keys.page_key(app.fresh_report());
    let mut response = page(StatusCode::OK);
    match cached
        .packed(&key)
        .filter(|_| takes_brotli(&context.request))
    {
        Some(packed) => Ok(response
            .insert_header((CONTENT_ENCODING, "br"))
            .body(packed)),
        None => Ok(response.body(cached.plain(&key))),
    }
}

pub(crate) fn form_view(
    app: &App,
    placard: &ScannedPlacard,
    page: &PageContext,
    form: Form,
) -> Result<FormView, Problem> {
    let (place, english) = (placard.place()?, page.lang.is_english());
    let phone = placard.atlas().tree.phone_of(place.building.area);
    let campaign = &app.rules.campaign;
    Ok(FormView {
        title: page.w.report_title(&campaign.city),
        code: place.placard.code.to_string(),
        place: place.place(english),
        office: place.subdistrict.name_in(english).to_owned(),
        check_word: place.placard.check_word.clone(),
        phone: phone.unwrap_or_default().to_owned(),
        key: app.keys.page_key(app.fresh_report()),
        fields: Fields::of(app, page, form),
        earlier: None,
        busy: false,
        action: format!("/q/{}", place.placard.code),
        regions_script: regions::address(&placard.atlas().gazetteer),
        notice: campaign.notice.in_english(english).to_owned(),
        legal_basis: campaign.legal_basis.in_english(english).to_owned(),
        correcting: false,
        receipt: String::new(),
        number: String::new(),
    })
}

/// `POST /q/{code}`: takes the report and answers after it is stored: a redirect to the receipt
/// for people, 201 (200 for a replay) for programs.
#[utoipa::path(post, operation_id = "submit", path = "/q/{code}", request_body = Form,
    params(("code" = String, Path, description = "the code on the placard"),
        ("Idempotency-Key" = Option<String>, Header, description = "the client's key, instead of the form's key")),
    responses((status = 201, body = ReceiptLink, description = "stored"), (status = 200, body = ReceiptLink, description = "stored before under this key"),
        (status = 404, body = ProblemBody), (status = 409, body = FormView, description = "the key was used for something else"),
        (status = 410, body = ProblemBody), (status = 413, body = ProblemBody),
        (status = 422, body = FormView, description = "every mistake, by field"), (status = 503, body = ProblemBody, description = "nothing was stored; try again")))]
pub(crate) async fn submit(
    mut context: RequestContext,
    placard: Result<ScannedPlacard, Problem>,
    body: WholeBody,
) -> Result<HttpResponse, Problem> {
    // Before anything is done for the report: a full queue costs next to nothing.
    let slot = context.app.intake.reserve().await;
    if slot.is_none() && context.wants_json() {
        return Err(Problem::Busy);
    }
    let form: Form = body.read()?;
    if let Some(lang) = Lang::from_code(&form.lang) {
        context.page = PageContext::in_lang(&context.request, lang);
    }
    let key = key_of(&context, &form)?;
    let placard = match placard {
        Ok(placard) => placard,
        Err(problem) => {
            drop(slot);
            return reply_stored(&context, &key, problem).await;
        }
    };
    let channel = if key.is_of_page() {
        Channel::Page
    } else {
        Channel::Api
    };
    let attempt = Attempt {
        place: placard.place()?.into(),
        gazetteer: &placard.atlas().gazetteer,
        answers: form.answers(),
        key,
        origin: Origin {
            channel,
            lang: context.page.lang.code(),
            actor: None,
        },
    };
    match intake::receive(&context.app, slot, attempt).await? {
        Outcome::Stored(receipt) => Ok(reply_receipt(&context, StatusCode::CREATED, &receipt)),
        Outcome::Replayed(receipt) => Ok(reply_receipt(&context, StatusCode::OK, &receipt)),
        Outcome::Rejected(rejection) => reply_rejected(&context, &placard, form, rejection),
    }
}

/// The form again, with the resident's answers and the reason why nothing was stored.
fn reply_rejected(
    context: &RequestContext,
    placard: &ScannedPlacard,
    form: Form,
    rejection: Rejection,
) -> Result<HttpResponse, Problem> {
    let mut view = form_view(&context.app, placard, &context.page, form)?;
    let area = placard.place()?.building.area;
    let rejected = reject(context, placard.atlas(), area, &mut view.fields, rejection)?;
    if rejected.keeps_key {
        view.key.clone_from(&view.fields.form.key);
    }
    view.busy = rejected.busy;
    let earlier = rejected.earlier;
    view.earlier = earlier.map(|earlier| ReceiptLink::of(&context.app, &earlier));
    context.reply(rejected.status, &view)
}
