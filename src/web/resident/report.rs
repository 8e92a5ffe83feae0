//! The resident's report: the form behind a placard, and the submission.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, LOCATION, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::place::Place;
use crate::domain::report::{Channel, Draft};
use crate::service::App;
use crate::service::intake::{self, Answer, Key, Origin, Receipt, Refused};
use crate::web::form::fields::{Fields, Form};
use crate::web::form::placard::ScannedPlacard;
use crate::web::form::regions;
use crate::web::http::body::Body;
use crate::web::http::lang::Lang;
use crate::web::http::page_context::{FORM_JS, PageContext};
use crate::web::http::problem::{Problem, ProblemBody, RETRY_AFTER_S};
use crate::web::http::reply::{View, reply};
use crate::web::http::request::{takes_brotli, wants_json};
use crate::web::http::response::{page, see_other};
use crate::web::resident::form_cache::{CacheKey, FormCache};
use crate::web::text::Words;

/// Length of a client's own key at most, in characters.
const CLIENT_KEY_CHARS_MAX: usize = 128;

/// The form as the page shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FormView {
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
    /// The report that this key stood for already.
    pub(crate) earlier: Option<ReceiptLink>,
    /// Whether the house was too busy to take the report.
    pub(crate) busy: bool,
    /// Where the form is sent.
    pub(crate) action: String,
    /// The script that helps to choose a region.
    pub(crate) regions_script: String,
    /// What people are told of their data, where the city says it in words of its own.
    pub(crate) notice: String,
    /// The law or order that the campaign rests on.
    pub(crate) legal_basis: String,
    /// Whether it mends a report that was taken already.
    pub(crate) correcting: bool,
}

/// Where a receipt is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceiptLink {
    /// The number to read out.
    pub(crate) number: String,
    /// The secret address of the receipt.
    pub(crate) receipt: String,
}

#[derive(Template)]
#[template(path = "form.html")]
struct FormPage<'a> {
    c: &'a PageContext,
    w: &'static Words,
    v: &'a FormView,
    js: &'static str,
}

impl View for FormView {
    fn page(&self, c: &PageContext) -> askama::Result<String> {
        FormPage {
            c,
            w: c.w,
            v: self,
            // A correction is made at leisure, and what it shows is not this phone's draft.
            js: if self.correcting { "" } else { &FORM_JS },
        }
        .render()
    }
}

/// `GET /q/{code}`: the form. Reads nothing from the database; the page comes from the press,
/// with a key of its own at its end.
#[utoipa::path(get, operation_id = "form", path = "/q/{code}", params(("code" = String, Path, description = "the code on the placard")),
    responses((status = 200, body = FormView), (status = 404, body = ProblemBody), (status = 410, body = ProblemBody)))]
pub(crate) async fn form(
    request: HttpRequest,
    (app, press): (web::Data<App>, web::Data<FormCache>),
    placard: ScannedPlacard,
) -> Result<HttpResponse, Problem> {
    placard.takes(&app)?;
    let mut chrome = PageContext::of(&request);
    if wants_json(&request) {
        let view = form_view(&app, &placard, (&chrome, Form::default()))?;
        return reply(&request, StatusCode::OK, (&view, &chrome));
    }
    let edition = CacheKey {
        generation: placard.atlas().cache_version,
        placard: placard.place()?.placard.id,
        day: app.local_now().date(),
        lang: chrome.lang,
        size: chrome.size,
    };
    let sheet = press.sheet(edition, || {
        chrome.ends = false;
        let view = form_view(&app, &placard, (&chrome, Form::default()))?;
        view.page(&chrome)
            .map_err(|error| Problem::internal(&error))
    })?;
    let key = app.keys.page_key(app.fresh_report());
    let end = format!("<input type=hidden form=f name=key value={key}>\n</body>\n</html>\n");
    let mut response = page(StatusCode::OK);
    match sheet.packed(&end).filter(|_| takes_brotli(&request)) {
        Some(packed) => Ok(response
            .insert_header((CONTENT_ENCODING, "br"))
            .body(packed)),
        None => Ok(response.body(sheet.plain(&end))),
    }
}

pub(crate) fn form_view(
    app: &App,
    placard: &ScannedPlacard,
    (chrome, form): (&PageContext, Form),
) -> Result<FormView, Problem> {
    let place = placard.place()?;
    let phone = placard.atlas().tree.phone_of(place.building.area);
    let (campaign, english) = (&app.rules.campaign, chrome.lang.is_english());
    Ok(FormView {
        code: place.placard.code.to_string(),
        place: place.place(chrome.lang.is_english()),
        office: place
            .subdistrict
            .name_in(chrome.lang.is_english())
            .to_owned(),
        check_word: place.placard.check_word.clone(),
        phone: phone.unwrap_or_default().to_owned(),
        key: app.keys.page_key(app.fresh_report()),
        fields: Fields::of(app, (chrome, form)),
        earlier: None,
        busy: false,
        action: format!("/q/{}", place.placard.code),
        regions_script: regions::address(&placard.atlas().gazetteer),
        notice: campaign.notice.in_english(english).to_owned(),
        legal_basis: campaign.legal_basis.in_english(english).to_owned(),
        correcting: false,
    })
}

/// `POST /q/{code}`: takes the report. Returns when it is safe: a redirect to the receipt for
/// people, 201 (or 200 for a replay) for programs.
#[utoipa::path(post, operation_id = "submit", path = "/q/{code}", request_body = Form,
    params(("code" = String, Path, description = "the code on the placard"),
        ("Idempotency-Key" = Option<String>, Header, description = "the client's key, instead of the form's key")),
    responses((status = 201, body = ReceiptLink, description = "stored"), (status = 200, body = ReceiptLink, description = "stored before under this key"),
        (status = 404, body = ProblemBody), (status = 409, body = FormView, description = "the key was used for something else"),
        (status = 410, body = ProblemBody), (status = 413, body = ProblemBody),
        (status = 422, body = FormView, description = "every mistake, by field"), (status = 503, body = ProblemBody, description = "nothing was stored; try again")))]
pub(crate) async fn submit(
    request: HttpRequest,
    app: web::Data<App>,
    placard: Result<ScannedPlacard, Problem>,
    body: Body<Form>,
) -> Result<HttpResponse, Problem> {
    let form = body.0;
    let lang = Lang::from_code(&form.lang).unwrap_or_else(|| Lang::of(&request));
    let chrome = PageContext::in_lang(&request, lang);
    let key = key_of(&request, &app, &form)?;
    let placard = match placard.and_then(|placard| placard.takes(&app).map(|()| placard)) {
        Ok(placard) => placard,
        Err(closed) => return late(&request, &app, (&key, closed)).await,
    };
    let today = app.local_now().date();
    let terms = (today, &app.rules.campaign);
    let draft = match Draft::read(&form.answers(), &placard.atlas().gazetteer, terms) {
        Ok(draft) => draft,
        Err(refusal) => {
            if refusal.may_have_been_right()
                && let Some(receipt) = again(&app, placard.place()?.into(), (&form, &key)).await?
            {
                return Ok(taken(&request, &app, (StatusCode::OK, &receipt)));
            }
            let mut view = form_view(&app, &placard, (&chrome, form))?;
            // The same key again: nothing was stored under it.
            view.key = view.fields.form.key.clone();
            view.fields
                .point_out(&placard.atlas().gazetteer, (&refusal, chrome.w));
            return reply(&request, StatusCode::UNPROCESSABLE_ENTITY, (&view, &chrome));
        }
    };
    let channel = match key {
        Key::Page(_) => Channel::Page,
        Key::Client(_) => Channel::Api,
    };
    let way = Origin {
        channel,
        lang: lang.code(),
        actor: None,
    };
    let place = placard.place()?.into();
    let answer = intake::submit(&app, place, (&draft, key.clone()), way).await;
    match answer {
        Ok(Answer::Stored(receipt)) => Ok(taken(&request, &app, (StatusCode::CREATED, &receipt))),
        Ok(Answer::Replayed(receipt)) => Ok(taken(&request, &app, (StatusCode::OK, &receipt))),
        Ok(Answer::Differs(receipt)) => {
            if let Some(receipt) = again(&app, place, (&form, &key)).await? {
                return Ok(taken(&request, &app, (StatusCode::OK, &receipt)));
            }
            let mut view = form_view(&app, &placard, (&chrome, form))?;
            // A page's key is the house's own; anybody may choose the same word for theirs.
            view.earlier = Some(link_of(&app, &receipt)).filter(|_| channel == Channel::Page);
            reply(&request, StatusCode::CONFLICT, (&view, &chrome))
        }
        Err(refused) => busy(&request, (&app, &placard), (&chrome, form), refused),
    }
}

/// The receipt of exactly these words, which today's rules or today's date read otherwise.
pub(crate) async fn again(
    app: &App,
    place: Place<'_>,
    (form, key): (&Form, &Key),
) -> Result<Option<Receipt>, Problem> {
    Ok(intake::again(app, place, (&form.answers(), key)).await?)
}

/// What was taken in time has its receipt, however late a phone asks again, and though the placard
/// has been replaced since. Only a page's key tells: it is the house's own.
pub(crate) async fn late(
    request: &HttpRequest,
    app: &App,
    (key, closed): (&Key, Problem),
) -> Result<HttpResponse, Problem> {
    let stored = match key {
        Key::Page(id) => intake::stored(app, *id).await?,
        Key::Client(_) => None,
    };
    let receipt = stored.ok_or(closed)?;
    Ok(taken(request, app, (StatusCode::OK, &receipt)))
}

/// Nothing was stored; the person's words stay on the page and the same key may be sent again.
fn busy(
    request: &HttpRequest,
    (app, placard): (&App, &ScannedPlacard),
    (chrome, form): (&PageContext, Form),
    _refused: Refused,
) -> Result<HttpResponse, Problem> {
    if wants_json(request) {
        return Err(Problem::Busy);
    }
    let mut view = form_view(app, placard, (chrome, form))?;
    view.key = view.fields.form.key.clone();
    view.busy = true;
    let mut response = reply(request, StatusCode::SERVICE_UNAVAILABLE, (&view, chrome))?;
    if let Ok(after) = RETRY_AFTER_S.parse() {
        response.headers_mut().insert(RETRY_AFTER, after);
    }
    Ok(response)
}

/// The client's own key, or the one that the page brought. A page's key that the house did not
/// mint is no key: the form is then answered as malformed.
pub(crate) fn key_of(request: &HttpRequest, app: &App, form: &Form) -> Result<Key, Problem> {
    if let Some(own) = request.headers().get("idempotency-key") {
        let own = own.to_str().or(Err(Problem::Malformed))?.trim();
        let fits = (1..=CLIENT_KEY_CHARS_MAX).contains(&own.len());
        return if fits {
            Ok(Key::Client(own.to_owned()))
        } else {
            Err(Problem::Malformed)
        };
    }
    let opened = app.keys.open_page_key(&form.key);
    opened.map(Key::Page).ok_or(Problem::Malformed)
}

pub(crate) fn link_of(app: &App, receipt: &Receipt) -> ReceiptLink {
    ReceiptLink {
        number: receipt.number.clone(),
        receipt: format!("/s/{}", app.keys.link(receipt.report)),
    }
}

pub(crate) fn taken(
    request: &HttpRequest,
    app: &App,
    (status, receipt): (StatusCode, &Receipt),
) -> HttpResponse {
    let link = link_of(app, receipt);
    if wants_json(request) {
        HttpResponse::build(status)
            .insert_header((LOCATION, link.receipt.clone()))
            .insert_header(("cache-control", "no-store"))
            .json(link)
    } else {
        see_other(&link.receipt)
    }
}
