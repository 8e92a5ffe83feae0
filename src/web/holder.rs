//! What the holder of a receipt may do: mend the report, take it back, report one more person.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::body::Body;
use super::door::Door;
use super::fields::Form;
use super::lang::Lang;
use super::problem::Problem;
use super::reply::{Chrome, reply, see_other, wants_json};
use super::report::form_view;
use crate::domain::report::{Draft, Holder};
use crate::service::House;
use crate::service::holder as mending;
use crate::service::personal::Personal;
use crate::service::triage::Refused;
use crate::store::{Conn, Error, report};

/// What a holder has in hand: the report, its words and its placard.
struct Held {
    holder: Holder,
    row: report::Row,
    /// None where the words cannot be opened: they can be said once more.
    personal: Option<Personal>,
    door: Door,
}

async fn held(house: &House, link: &str) -> Result<Held, Problem> {
    let holder = house.keys.open_link(link).ok_or(Problem::Missing)?;
    let work = move |conn: Conn| async move { report::held(&conn, holder).await };
    let row = house.db.run::<_, Error, _, _>(work).await?;
    let door = row.placard.and_then(|placard| Door::behind(house, placard));
    Ok(Held {
        holder,
        personal: Personal::open(house, &row),
        door: door.ok_or(Problem::Missing)?,
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
pub(super) async fn another(
    request: HttpRequest,
    house: web::Data<House>,
    link: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let held = held(&house, &link).await?;
    held.door.takes(&house)?;
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
    let chrome = Chrome::of(&request);
    let view = form_view(&house, &held.door, (&chrome, form))?;
    reply(&request, StatusCode::OK, (&view, &chrome))
}

/// `GET /s/{link}/correct`: the form with what was said.
pub(super) async fn show_correct(
    request: HttpRequest,
    house: web::Data<House>,
    link: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let held = held(&house, &link).await?;
    held.door.takes(&house)?;
    let chrome = Chrome::of(&request);
    let mut view = form_view(&house, &held.door, (&chrome, held.words()))?;
    (view.action, view.correcting) = (format!("/s/{link}/correct"), true);
    reply(&request, StatusCode::OK, (&view, &chrome))
}

/// `POST /s/{link}/correct`: mends the report, for as long as nobody has taken it.
pub(super) async fn correct(
    request: HttpRequest,
    house: web::Data<House>,
    (link, body): (web::Path<String>, Body<Form>),
) -> Result<HttpResponse, Problem> {
    let (held, form) = (held(&house, &link).await?, body.0);
    held.door.takes(&house)?;
    let lang = Lang::from_code(&form.lang).unwrap_or_else(|| Lang::of(&request));
    let chrome = Chrome::in_lang(&request, lang);
    let today = house.local_now().date();
    let terms = (today, &house.rules.campaign);
    let draft = match Draft::read(&form.answers(), &held.door.atlas().gazetteer, terms) {
        Ok(draft) => draft,
        Err(refusal) => {
            let mut view = form_view(&house, &held.door, (&chrome, form))?;
            (view.action, view.correcting) = (format!("/s/{link}/correct"), true);
            view.fields
                .point_out(&held.door.atlas().gazetteer, (&refusal, chrome.w));
            return reply(&request, StatusCode::UNPROCESSABLE_ENTITY, (&view, &chrome));
        }
    };
    let mended = mending::correct(&house, held.holder, &draft).await;
    mended.map_err(|refused| match refused {
        Refused::Illegal(_) => Problem::Taken,
        other => other.into(),
    })?;
    Ok(back(&request, &link))
}

/// `POST /s/{link}/withdraw`: takes the report back, for as long as nobody has ended it.
pub(super) async fn withdraw(
    request: HttpRequest,
    house: web::Data<House>,
    link: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let holder = house.keys.open_link(&link).ok_or(Problem::Missing)?;
    mending::withdraw(&house, holder).await?;
    Ok(back(&request, &link))
}

fn back(request: &HttpRequest, link: &str) -> HttpResponse {
    if wants_json(request) {
        return HttpResponse::NoContent().finish();
    }
    see_other(&format!("/s/{link}"))
}
