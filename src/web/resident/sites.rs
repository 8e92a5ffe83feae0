//! Test sites near a placard, or near a position that the resident sends.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use chrono::{Days, NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::hours::OpenState;
use crate::domain::position::Position;
use crate::domain::site::TestSite;
use crate::service::App;
use crate::web::form::placard::ScannedPlacard;
use crate::web::http::body::Body;
use crate::web::http::context::RequestContext;
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::reply::template;
use crate::web::text::Words;

/// Sites on a page.
const SITES_SHOWN: usize = 5;

/// The sites near one placard.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SitesView {
    /// The code of the placard.
    pub(crate) code: String,
    /// The place in words.
    pub(crate) place: String,
    /// Who answers the telephone.
    pub(crate) phone: String,
    /// Whether they are sorted from where the reader is.
    pub(crate) here: bool,
    /// Whether they are sorted from the building; its position may be unknown.
    pub(crate) placed: bool,
    /// Open sites first, then sites with unknown hours, then by distance.
    pub(crate) sites: Vec<SiteView>,
}

/// One test site.
#[derive(Debug, Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a separate field of the JSON"
)]
pub(crate) struct SiteView {
    /// Its name.
    pub(crate) name: String,
    /// Street and number.
    pub(crate) address: String,
    /// Its telephone; may be empty.
    pub(crate) phone: String,
    /// What it costs, what to bring, when it is crowded; may be empty.
    pub(crate) note: String,
    /// The way along the ground, in metres; none where the building's position is unknown.
    pub(crate) distance_m: Option<u32>,
    /// The same in words; may be empty.
    pub(crate) distance: String,
    /// Whether it is open now, as far as anybody knows.
    pub(crate) open: bool,
    /// Whether anybody knows when it is open.
    pub(crate) hours_known: bool,
    /// Until when, or from when, in words.
    pub(crate) when: String,
    /// The day of the last check; may be empty.
    pub(crate) checked: String,
    /// Whether that is long ago.
    pub(crate) stale: bool,
    /// Whether it is made up for a demonstration.
    pub(crate) sample: bool,
    /// In Amap.
    pub(crate) amap: String,
    /// In Tencent's maps.
    pub(crate) tencent: String,
    /// In Baidu's maps.
    pub(crate) baidu: String,
}

template!(SitesView, "sites.html");

/// Where a telephone is, as its satellites say it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Here {
    /// Degrees of longitude, WGS-84.
    lon: String,
    /// Degrees of latitude, WGS-84.
    lat: String,
}

/// `GET /q/{code}/sites`: from the placard's own position.
#[utoipa::path(get, operation_id = "sites", path = "/q/{code}/sites", params(("code" = String, Path)),
    responses((status = 200, body = SitesView), (status = 404, body = ProblemBody), (status = 410, body = ProblemBody)))]
pub(crate) async fn near(
    context: RequestContext,
    placard: ScannedPlacard,
) -> Result<HttpResponse, Problem> {
    around(&context, &placard, None)
}

/// `POST /q/{code}/sites`: from the position in the body. The position is used once and not stored.
#[utoipa::path(post, operation_id = "sites_here", path = "/q/{code}/sites", params(("code" = String, Path)), request_body = Here,
    responses((status = 200, body = SitesView, description = "sorted by distance from the given position"), (status = 422, body = ProblemBody)))]
pub(crate) async fn near_me(
    context: RequestContext,
    placard: ScannedPlacard,
    here: Body<Here>,
) -> Result<HttpResponse, Problem> {
    let degrees = |text: &str| text.trim().parse::<f64>().or(Err(Problem::Malformed));
    let (lon, lat) = (degrees(&here.0.lon)?, degrees(&here.0.lat)?);
    let from = Position::from_wgs84(lon, lat).ok_or(Problem::Malformed)?;
    around(&context, &placard, Some(from))
}

fn around(
    context: &RequestContext,
    placard: &ScannedPlacard,
    here: Option<Position>,
) -> Result<HttpResponse, Problem> {
    let place = placard.place()?;
    let mut sites = drawn(&context.app, placard, here, &context.page)?;
    // A site with unknown hours may be open.
    sites.sort_by_key(|site| (!site.open, site.hours_known));
    let phone = placard.atlas().tree.phone_of(place.building.area);
    let view = SitesView {
        code: place.placard.code.to_string(),
        place: place.place(context.page.lang.is_english()),
        phone: phone.unwrap_or_default().to_owned(),
        here: here.is_some(),
        placed: place.building.position.is_some(),
        sites,
    };
    context.reply(StatusCode::OK, &view)
}

/// The nearest site that is open now, of those that would be listed.
pub(crate) fn nearest_open(
    app: &App,
    placard: &ScannedPlacard,
    page: &PageContext,
) -> Option<SiteView> {
    let drawn = drawn(app, placard, None, page).ok()?;
    drawn.into_iter().find(|site| site.open)
}

/// The sites of a page, from where the reader is, else from the building; where its position is
/// unknown, by its community.
fn drawn(
    app: &App,
    placard: &ScannedPlacard,
    here: Option<Position>,
    page: &PageContext,
) -> Result<Vec<SiteView>, Problem> {
    let (atlas, building) = (placard.atlas(), placard.place()?.building);
    let sites = match here.or(building.position) {
        Some(from) => atlas
            .nearest_sites(from, SITES_SHOWN)
            .into_iter()
            .map(|(site, metres)| draw(app, site, Some(metres), page))
            .collect(),
        None => atlas
            .sites_of(building.area, SITES_SHOWN)
            .into_iter()
            .map(|site| draw(app, site, None, page))
            .collect(),
    };
    Ok(sites)
}

fn draw(app: &App, site: &TestSite, metres: Option<f64>, page: &PageContext) -> SiteView {
    let (lang, w, now) = (page.lang, &page.w.sites, app.local_now());
    let state = site.state(now);
    let moment = |words: &str, at: NaiveDateTime| words.replace("{}", &lang.moment(at, now.date()));
    let (open, when) = match state {
        OpenState::Unknown => (false, w.ask_first.to_owned()),
        OpenState::Open { until: None } => (true, w.always.to_owned()),
        OpenState::Open { until: Some(until) } => (true, moment(w.until, until)),
        OpenState::Closed { opens: None } => (false, String::new()),
        OpenState::Closed { opens: Some(opens) } => (false, moment(w.opens, opens)),
    };
    let text = |chinese: &str, english: &str| match lang.is_english() && !english.is_empty() {
        true => english.to_owned(),
        false => chinese.to_owned(),
    };
    SiteView {
        name: text(&site.name, &site.name_en),
        address: site.address.clone(),
        phone: site.phone.clone(),
        note: text(&site.note, &site.note_en),
        distance_m: metres.map(rounded),
        distance: metres
            .map(|metres| far(rounded(metres), page.w))
            .unwrap_or_default(),
        open,
        hours_known: state != OpenState::Unknown,
        when,
        checked: site
            .checked_on
            .map(|day| w.checked.replace("{}", lang.date(day).as_str()))
            .unwrap_or_default(),
        stale: is_stale(app, site.checked_on, now.date()),
        sample: site.sample,
        amap: site.amap(),
        tencent: site.tencent(),
        baidu: site.baidu(),
    }
}

/// Whether the last check of a site was so long ago that people had better call first.
fn is_stale(app: &App, checked: Option<NaiveDate>, today: NaiveDate) -> bool {
    checked.is_some_and(|day| day + Days::new(app.rules.site_checked_days) < today)
}

/// Metres as people say them: 380 米, 3.9 公里.
fn far(metres: u32, w: &Words) -> String {
    let w = &w.sites;
    match metres {
        0..1_000 => w.metres.replace("{}", &metres.to_string()),
        _ => {
            let kilometres = format!("{:.1}", f64::from(metres) / 1_000.0);
            w.kilometres.replace("{}", &kilometres)
        }
    }
}

/// To ten metres: a building is wider than that.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a way along the ground is at most 20,040 km"
)]
fn rounded(metres: f64) -> u32 {
    (metres / 10.0).round() as u32 * 10
}
