//! The resident's report: the form behind a placard, and the submission.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, LOCATION, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::Body;
use super::door::Door;
use super::fields::{Fields, Form};
use super::lang::Lang;
use super::press::{Edition, Press};
use super::problem::{Problem, RETRY_AFTER_S};
use super::regions;
use super::reply::{Chrome, FORM_JS, View, page, reply, see_other, takes_brotli, wants_json};
use super::words::Words;
use crate::domain::place::Place;
use crate::domain::report::{Channel, Draft};
use crate::service::House;
use crate::service::intake::{self, Answer, Key, Receipt, Refused, Way};

/// Length of a client's own key at most, in characters.
const CLIENT_KEY_CHARS_MAX: usize = 128;

/// The form as the page shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FormView {
    /// The code of the placard.
    pub(super) code: String,
    /// The place in words.
    pub(super) place: String,
    /// The subdistrict.
    pub(super) office: String,
    /// Two characters that also stand on the placard.
    pub(super) check_word: String,
    /// Who answers the telephone.
    pub(super) phone: String,
    /// The key to send back.
    pub(super) key: String,
    /// The fields as they stand.
    #[serde(flatten)]
    pub(super) fields: Fields,
    /// The report that this key stood for already.
    pub(super) earlier: Option<ReceiptLink>,
    /// Whether the house was too busy to take the report.
    pub(super) busy: bool,
    /// Where the form is sent.
    pub(super) action: String,
    /// The script that helps to choose a region.
    pub(super) regions_script: String,
    /// What people are told of their data, where the city says it in words of its own.
    pub(super) notice: String,
    /// The law or order that the campaign rests on.
    pub(super) legal_basis: String,
    /// Whether it mends a report that was taken already.
    pub(super) correcting: bool,
}

/// Where a receipt is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReceiptLink {
    /// The number to read out.
    pub(super) number: String,
    /// The secret address of the receipt.
    pub(super) receipt: String,
}

#[derive(Template)]
#[template(path = "form.html")]
struct FormPage<'a> {
    c: &'a Chrome,
    w: &'static Words,
    v: &'a FormView,
    js: &'static str,
}

impl View for FormView {
    fn page(&self, c: &Chrome) -> askama::Result<String> {
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
pub(super) async fn form(
    request: HttpRequest,
    (house, press): (web::Data<House>, web::Data<Press>),
    door: Door,
) -> Result<HttpResponse, Problem> {
    door.takes(&house)?;
    let mut chrome = Chrome::of(&request);
    if wants_json(&request) {
        let view = form_view(&house, &door, (&chrome, Form::default()))?;
        return reply(&request, StatusCode::OK, (&view, &chrome));
    }
    let edition = Edition {
        generation: door.atlas().generation,
        placard: door.place()?.placard.id,
        day: house.local_now().date(),
        lang: chrome.lang,
        size: chrome.size,
    };
    let sheet = press.sheet(edition, || {
        chrome.ends = false;
        let view = form_view(&house, &door, (&chrome, Form::default()))?;
        view.page(&chrome)
            .map_err(|error| Problem::internal(&error))
    })?;
    let key = house.keys.page_key(house.fresh_report());
    let end = format!("<input type=hidden form=f name=key value={key}>\n</body>\n</html>\n");
    let mut response = page(StatusCode::OK);
    match sheet.packed(&end).filter(|_| takes_brotli(&request)) {
        Some(packed) => Ok(response
            .insert_header((CONTENT_ENCODING, "br"))
            .body(packed)),
        None => Ok(response.body(sheet.plain(&end))),
    }
}

pub(super) fn form_view(
    house: &House,
    door: &Door,
    (chrome, form): (&Chrome, Form),
) -> Result<FormView, Problem> {
    let place = door.place()?;
    let phone = door.atlas().tree.phone_of(place.building.area);
    let (campaign, english) = (&house.rules.campaign, chrome.lang.is_english());
    Ok(FormView {
        code: place.placard.code.to_string(),
        place: place.place(chrome.lang.is_english()),
        office: place
            .subdistrict
            .name_in(chrome.lang.is_english())
            .to_owned(),
        check_word: place.placard.check_word.clone(),
        phone: phone.unwrap_or_default().to_owned(),
        key: house.keys.page_key(house.fresh_report()),
        fields: Fields::of(house, (chrome, form)),
        earlier: None,
        busy: false,
        action: format!("/q/{}", place.placard.code),
        regions_script: regions::address(&door.atlas().gazetteer),
        notice: campaign.notice.in_english(english).to_owned(),
        legal_basis: campaign.legal_basis.in_english(english).to_owned(),
        correcting: false,
    })
}

/// `POST /q/{code}`: takes the report. Returns when it is safe: a redirect to the receipt for
/// people, 201 (or 200 for a replay) for programs.
pub(super) async fn submit(
    request: HttpRequest,
    house: web::Data<House>,
    door: Result<Door, Problem>,
    body: Body<Form>,
) -> Result<HttpResponse, Problem> {
    let form = body.0;
    let lang = Lang::from_code(&form.lang).unwrap_or_else(|| Lang::of(&request));
    let chrome = Chrome::in_lang(&request, lang);
    let key = key_of(&request, &house, &form)?;
    let door = match door.and_then(|door| door.takes(&house).map(|()| door)) {
        Ok(door) => door,
        Err(closed) => return late(&request, &house, (&key, closed)).await,
    };
    let today = house.local_now().date();
    let terms = (today, &house.rules.campaign);
    let draft = match Draft::read(&form.answers(), &door.atlas().gazetteer, terms) {
        Ok(draft) => draft,
        Err(refusal) => {
            if refusal.may_have_been_right()
                && let Some(receipt) = again(&house, door.place()?.into(), (&form, &key)).await?
            {
                return Ok(taken(&request, &house, (StatusCode::OK, &receipt)));
            }
            let mut view = form_view(&house, &door, (&chrome, form))?;
            // The same key again: nothing was stored under it.
            view.key = view.fields.form.key.clone();
            view.fields
                .point_out(&door.atlas().gazetteer, (&refusal, chrome.w));
            return reply(&request, StatusCode::UNPROCESSABLE_ENTITY, (&view, &chrome));
        }
    };
    let channel = match key {
        Key::Page(_) => Channel::Page,
        Key::Client(_) => Channel::Api,
    };
    let way = Way {
        channel,
        lang: lang.code(),
        actor: None,
    };
    let place = door.place()?.into();
    let answer = intake::submit(&house, place, (&draft, key.clone()), way).await;
    match answer {
        Ok(Answer::Stored(receipt)) => Ok(taken(&request, &house, (StatusCode::CREATED, &receipt))),
        Ok(Answer::Replayed(receipt)) => Ok(taken(&request, &house, (StatusCode::OK, &receipt))),
        Ok(Answer::Differs(receipt)) => {
            if let Some(receipt) = again(&house, place, (&form, &key)).await? {
                return Ok(taken(&request, &house, (StatusCode::OK, &receipt)));
            }
            let mut view = form_view(&house, &door, (&chrome, form))?;
            // A page's key is the house's own; anybody may choose the same word for theirs.
            view.earlier = Some(link_of(&house, &receipt)).filter(|_| channel == Channel::Page);
            reply(&request, StatusCode::CONFLICT, (&view, &chrome))
        }
        Err(refused) => busy(&request, (&house, &door), (&chrome, form), refused),
    }
}

/// The receipt of exactly these words, which today's rules or today's date read otherwise.
pub(super) async fn again(
    house: &House,
    place: Place<'_>,
    (form, key): (&Form, &Key),
) -> Result<Option<Receipt>, Problem> {
    Ok(intake::again(house, place, (&form.answers(), key)).await?)
}

/// What was taken in time has its receipt, however late a phone asks again, and though the placard
/// has been replaced since. Only a page's key tells: it is the house's own.
pub(super) async fn late(
    request: &HttpRequest,
    house: &House,
    (key, closed): (&Key, Problem),
) -> Result<HttpResponse, Problem> {
    let stored = match key {
        Key::Page(id) => intake::stored(house, *id).await?,
        Key::Client(_) => None,
    };
    let receipt = stored.ok_or(closed)?;
    Ok(taken(request, house, (StatusCode::OK, &receipt)))
}

/// Nothing was stored; the person's words stay on the page and the same key may be sent again.
fn busy(
    request: &HttpRequest,
    (house, door): (&House, &Door),
    (chrome, form): (&Chrome, Form),
    _refused: Refused,
) -> Result<HttpResponse, Problem> {
    if wants_json(request) {
        return Err(Problem::Busy);
    }
    let mut view = form_view(house, door, (chrome, form))?;
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
pub(super) fn key_of(request: &HttpRequest, house: &House, form: &Form) -> Result<Key, Problem> {
    if let Some(own) = request.headers().get("idempotency-key") {
        let own = own.to_str().or(Err(Problem::Malformed))?.trim();
        let fits = (1..=CLIENT_KEY_CHARS_MAX).contains(&own.len());
        return if fits {
            Ok(Key::Client(own.to_owned()))
        } else {
            Err(Problem::Malformed)
        };
    }
    let opened = house.keys.open_page_key(&form.key);
    opened.map(Key::Page).ok_or(Problem::Malformed)
}

pub(super) fn link_of(house: &House, receipt: &Receipt) -> ReceiptLink {
    ReceiptLink {
        number: receipt.number.clone(),
        receipt: format!("/s/{}", house.keys.link(receipt.report)),
    }
}

pub(super) fn taken(
    request: &HttpRequest,
    house: &House,
    (status, receipt): (StatusCode, &Receipt),
) -> HttpResponse {
    let link = link_of(house, receipt);
    if wants_json(request) {
        HttpResponse::build(status)
            .insert_header((LOCATION, link.receipt.clone()))
            .insert_header(("cache-control", "no-store"))
            .json(link)
    } else {
        see_other(&link.receipt)
    }
}
