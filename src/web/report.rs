//! The resident's report: the form behind a placard, and the submission.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, LOCATION, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::Days;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::door::Door;
use super::lang::Lang;
use super::press::{Edition, Press};
use super::problem::{Problem, RETRY_AFTER_S};
use super::regions;
use super::reply::{Chrome, FORM_JS, View, page, reply, see_other, takes_brotli, wants_json};
use super::words::Words;
use crate::domain::report::{Answers, Channel, Draft, Mistake, Refusal};
use crate::service::House;
use crate::service::intake::{self, Answer, Key, Refused};

/// Days before and after today that the form offers.
const DAYS_OFFERED: u64 = 7;
/// What `only` says where the telephone is to be enough.
const ONLY_PHONE: &str = "phone";
/// Length of a client's own key at most, in characters.
const CLIENT_KEY_CHARS_MAX: usize = 128;

/// The words of the form, as a form or as JSON.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Form {
    /// The key that the page brought; with `Idempotency-Key` it may be empty.
    pub(super) key: String,
    /// The language of the page, `zh` or `en`.
    pub(super) lang: String,
    /// `return` or `leave`.
    pub(super) direction: String,
    /// Where from, or where to.
    pub(super) region: String,
    /// The number of a region chosen from several.
    pub(super) region_pick: String,
    /// The words about which the page has asked already.
    pub(super) region_asked: String,
    /// The day of travel, `YYYY-MM-DD`.
    pub(super) day: String,
    /// The room.
    pub(super) room: String,
    /// The name.
    pub(super) name: String,
    /// The telephone.
    pub(super) phone: String,
    /// How many come along; empty means nobody.
    pub(super) companions: String,
    /// Resident identity number or passport; may be empty.
    pub(super) identity: String,
    /// Number plate; may be empty.
    pub(super) vehicle: String,
    /// A note; may be empty.
    pub(super) note: String,
    /// Who reports for somebody else; may be empty.
    pub(super) proxy: String,
    /// `phone` where the telephone is to be enough: with the direction, that is all that is owed.
    pub(super) only: String,
}

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
    /// The days that can be chosen.
    pub(super) days: Vec<DayOption>,
    /// What has to be mended.
    pub(super) mistakes: Vec<MistakeView>,
    /// Regions of the name that was given, where there are several.
    pub(super) regions: Vec<RegionOption>,
    /// The report that this key stood for already.
    pub(super) earlier: Option<ReceiptLink>,
    /// Whether the house was too busy to take the report.
    pub(super) busy: bool,
    /// Where the form is sent.
    pub(super) action: String,
    /// The script that helps to choose a region.
    pub(super) regions_script: String,
    /// Whether it mends a report that was taken already.
    pub(super) correcting: bool,
    #[serde(skip)]
    pub(super) form: Form,
}

/// A day that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DayOption {
    /// `YYYY-MM-DD`.
    pub(super) value: String,
    /// In words.
    pub(super) label: String,
    /// Whether it is chosen.
    pub(super) chosen: bool,
}

/// A region that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RegionOption {
    /// Its number.
    pub(super) id: i32,
    /// Its full name.
    pub(super) name: String,
}

/// What is wrong with a field.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MistakeView {
    /// The field.
    pub(super) field: &'static str,
    /// The field in words.
    pub(super) label: &'static str,
    /// What is wrong, and what would be right.
    pub(super) message: &'static str,
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

impl FormView {
    /// What is wrong with this field, if anything is.
    fn wrong(&self, field: &str) -> Option<&'static str> {
        let found = self.mistakes.iter().find(|mistake| mistake.field == field);
        found.map(|mistake| mistake.message)
    }
}

/// `GET /q/{code}`: the form. Reads nothing from the database; the page comes from the press,
/// with a key of its own at its end.
pub(super) async fn form(
    request: HttpRequest,
    (house, press): (web::Data<House>, web::Data<Press>),
    door: Door,
) -> Result<HttpResponse, Problem> {
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
    let today = house.local_now().date();
    let w = chrome.w;
    let days = (0..=DAYS_OFFERED * 2).map(|ahead| {
        let day = today - Days::new(DAYS_OFFERED) + Days::new(ahead);
        let name = match ahead.cmp(&DAYS_OFFERED) {
            std::cmp::Ordering::Equal => w.form.today,
            _ if ahead + 1 == DAYS_OFFERED => w.form.yesterday,
            _ if ahead == DAYS_OFFERED + 1 => w.form.tomorrow,
            _ => "",
        };
        let value = day.to_string();
        DayOption {
            label: format!("{name} {}", chrome.lang.day(day)).trim().to_owned(),
            chosen: if form.day.is_empty() {
                day == today
            } else {
                form.day == value
            },
            value,
        }
    });
    let phone = door.atlas().tree.phone_of(place.building.area);
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
        days: days.collect(),
        mistakes: Vec::new(),
        regions: Vec::new(),
        earlier: None,
        busy: false,
        action: format!("/q/{}", place.placard.code),
        regions_script: regions::address(&door.atlas().gazetteer),
        correcting: false,
        form,
    })
}

/// `POST /q/{code}`: takes the report. Returns when it is safe: a redirect to the receipt for
/// people, 201 (or 200 for a replay) for programs.
pub(super) async fn submit(
    request: HttpRequest,
    house: web::Data<House>,
    door: Door,
    body: Body<Form>,
) -> Result<HttpResponse, Problem> {
    let form = body.0;
    let lang = Lang::from_code(&form.lang).unwrap_or_else(|| Lang::of(&request));
    let chrome = Chrome::in_lang(&request, lang);
    let key = key_of(&request, &house, &form)?;
    let today = house.local_now().date();
    let draft = match Draft::read(&answers(&form), &door.atlas().gazetteer, today) {
        Ok(draft) => draft,
        Err(refusal) => {
            let mut view = form_view(&house, &door, (&chrome, form))?;
            // The same key again: nothing was stored under it.
            view.key = view.form.key.clone();
            point_out(&mut view, &door, (&refusal, chrome.w));
            return reply(&request, StatusCode::UNPROCESSABLE_ENTITY, (&view, &chrome));
        }
    };
    let channel = match key {
        Key::Page(_) => Channel::Page,
        Key::Client(_) => Channel::Api,
    };
    let place = door.place()?;
    let answer = intake::submit(&house, place, (&draft, key), (channel, lang.code())).await;
    match answer {
        Ok(Answer::Stored(receipt)) => Ok(taken(&request, &house, (StatusCode::CREATED, &receipt))),
        Ok(Answer::Replayed(receipt)) => Ok(taken(&request, &house, (StatusCode::OK, &receipt))),
        Ok(Answer::Differs(receipt)) => {
            let mut view = form_view(&house, &door, (&chrome, form))?;
            view.earlier = Some(link_of(&house, &receipt));
            reply(&request, StatusCode::CONFLICT, (&view, &chrome))
        }
        Err(refused) => busy(&request, (&house, &door), (&chrome, form), refused),
    }
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
    view.key = view.form.key.clone();
    view.busy = true;
    let mut response = reply(request, StatusCode::SERVICE_UNAVAILABLE, (&view, chrome))?;
    if let Ok(after) = RETRY_AFTER_S.parse() {
        response.headers_mut().insert(RETRY_AFTER, after);
    }
    Ok(response)
}

/// The client's own key, or the one that the page brought. A page's key that the house did not
/// mint is no key: the form is then answered as malformed.
fn key_of(request: &HttpRequest, house: &House, form: &Form) -> Result<Key, Problem> {
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

pub(super) fn answers(form: &Form) -> Answers<'_> {
    Answers {
        direction: &form.direction,
        region: &form.region,
        region_pick: &form.region_pick,
        region_asked: &form.region_asked,
        day: &form.day,
        room: &form.room,
        name: &form.name,
        phone: &form.phone,
        companions: &form.companions,
        identity: &form.identity,
        vehicle: &form.vehicle,
        note: &form.note,
        proxy: &form.proxy,
        phone_only: form.only == ONLY_PHONE,
    }
}

pub(super) fn point_out(
    view: &mut FormView,
    door: &Door,
    (refusal, w): (&Refusal, &'static Words),
) {
    for (field, mistake) in &refusal.mistakes {
        if let Mistake::Ambiguous(regions) = mistake {
            let gazetteer = &door.atlas().gazetteer;
            let known = regions.iter().filter_map(|id| gazetteer.get(*id));
            view.regions = known
                .map(|region| RegionOption {
                    id: region.id.0,
                    name: region.full_name.clone(),
                })
                .collect();
            view.form.region_asked = view.form.region.trim().to_owned();
        }
        view.mistakes.push(MistakeView {
            field: field.code(),
            label: w.field(*field),
            message: w.mistake(*field, mistake),
        });
    }
}

fn link_of(house: &House, receipt: &intake::Receipt) -> ReceiptLink {
    ReceiptLink {
        number: receipt.number.clone(),
        receipt: format!("/s/{}", house.keys.link(receipt.report)),
    }
}

fn taken(
    request: &HttpRequest,
    house: &House,
    (status, receipt): (StatusCode, &intake::Receipt),
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
