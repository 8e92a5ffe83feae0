//! Which view of the queue a request names: the parameters of its address, and the view that the
//! person chose last on this device.

use std::fmt::Write as _;

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use chrono::NaiveTime;
use serde::Deserialize;
use uuid::Uuid;

use crate::domain::listing::{Filter, ListQuery, Listing, Order, PageCursor};
use crate::domain::place::{Atlas, BuildingId, EstateId};
use crate::domain::queue::QueueId;
use crate::domain::report::{Direction, ReportId};
use crate::domain::staff::StaffId;
use crate::service::App;
use crate::store::report::{self, Row};
use crate::store::{Conn, Error};
use crate::web::http::auth::is_secure;
use crate::web::http::context::StaffContext;
use crate::web::http::problem::Problem;

/// How long a device keeps the choice of a view, in days.
const KEPT_DAYS: i64 = 365;

/// The parameters of the address. An empty one counts as absent, because forms send empty fields.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ViewParams {
    view: Option<String>,
    sort: Option<String>,
    direction: Option<String>,
    queue: Option<String>,
    estate: Option<String>,
    building: Option<String>,
    same: Option<String>,
    after: Option<String>,
    fold: Option<String>,
}

/// A view that a request names, and its query.
#[derive(Debug)]
pub(crate) struct ViewRequest {
    pub(crate) query: ListQuery,
    /// The order that the person chose; `None` for the view's own.
    order: Option<Order>,
    pub(super) estate: Option<EstateId>,
    pub(super) building: Option<BuildingId>,
    /// A report of the only telephone whose reports are listed. A telephone stands in no address.
    pub(super) same: Option<ReportId>,
    /// Whether the address itself names a view or an order.
    is_explicit: bool,
}

impl ViewParams {
    /// The requested view: from the address, else `last`, the view that the person chose last,
    /// else all open reports. Malformed if a parameter has an unknown value. Many reports of one
    /// telephone stand as one line for people, and for programs that ask for it with `fold=1`.
    pub(crate) async fn read(
        &self,
        context: &StaffContext,
        last: Option<(Listing, Option<Order>)>,
    ) -> Result<ViewRequest, Problem> {
        let app = &context.app;
        let listing = parsed(self.view.as_ref(), Listing::from_code)?;
        let order = parsed(self.sort.as_ref(), Order::from_code)?;
        let number = |text: &str| text.parse::<i32>().ok();
        let estate = parsed(self.estate.as_ref(), number)?.map(EstateId);
        let building = parsed(self.building.as_ref(), number)?.map(BuildingId);
        let is_explicit = listing.is_some() || order.is_some();
        let listing = listing.or(last.map(|(listing, _)| listing));
        let listing = listing.unwrap_or_default();
        let order = order.or(last.and_then(|(_, order)| order));
        let same = parsed(self.same.as_ref(), |text| Uuid::try_parse(text).ok())?;
        let same = same.map(ReportId);
        let folds = same.is_none() && (!context.wants_json() || self.fold.as_deref() == Some("1"));
        let narrow = Filter {
            direction: parsed(self.direction.as_ref(), Direction::from_code)?,
            queue: parsed(self.queue.as_ref(), number)?.map(QueueId),
            buildings: buildings_of(&app.atlas(), estate, building),
            phone: match same {
                Some(report) => Some(phone_of(context, report).await?),
                None => None,
            },
        };
        let midnight = app.local_now().date().and_time(NaiveTime::MIN);
        Ok(ViewRequest {
            query: ListQuery {
                listing,
                order: order.unwrap_or(listing.order()),
                narrow,
                me: context.principal.staff.id,
                bins: app.atlas().tree.bins(context.principal.scope.queues()),
                now: app.clock.now(),
                day_began: app.clock.instant(midnight),
                after: parsed(self.after.as_ref(), PageCursor::read)?,
                fold_from: folds.then_some(app.rules.fold_from),
            },
            order,
            estate,
            building,
            same,
            is_explicit,
        })
    }
}

/// The keyed hash of the report's telephone; empty where the report has left the scope, so that the
/// list is empty.
async fn phone_of(context: &StaffContext, report: ReportId) -> Result<Vec<u8>, Error> {
    let scope = context.principal.scope.clone();
    let work = move |conn: Conn| async move { report::among(&conn, &scope, &[report]).await };
    let row = context.app.db.read(work).await?.pop();
    Ok(row.and_then(|row| row.phone_tag).unwrap_or_default())
}

/// The value of a parameter; `None` if it is absent or empty.
fn parsed<T>(
    text: Option<&String>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Problem> {
    match text.map(String::as_str) {
        None | Some("") => Ok(None),
        Some(text) => parse(text).map(Some).ok_or(Problem::Malformed),
    }
}

/// The buildings that the list shows; `None` for all. A building of another estate than the chosen
/// one is ignored: it is left over from the choice before.
fn buildings_of(
    atlas: &Atlas,
    estate: Option<EstateId>,
    building: Option<BuildingId>,
) -> Option<Vec<BuildingId>> {
    let Some(estate) = estate else {
        return building.map(|building| vec![building]);
    };
    let all = || atlas.buildings().filter(|one| one.estate == estate);
    match building.filter(|id| all().any(|one| one.id == *id)) {
        Some(building) => Some(vec![building]),
        None => Some(all().map(|one| one.id).collect()),
    }
}

impl ViewRequest {
    /// The address of a view with the same filter, from this page on.
    pub(crate) fn address(
        &self,
        path: &str,
        listing: Listing,
        after: Option<PageCursor>,
    ) -> String {
        let narrow = &self.query.narrow;
        let number = |number: i32| number.to_string();
        let params = [
            ("sort", self.order.map(|order| order.code().to_owned())),
            (
                "direction",
                narrow.direction.map(|one| one.code().to_owned()),
            ),
            ("queue", narrow.queue.map(|queue| number(queue.0))),
            ("estate", self.estate.map(|estate| number(estate.0))),
            ("building", self.building.map(|building| number(building.0))),
            ("same", self.same.map(|report| report.0.to_string())),
            ("after", after.map(|cursor| cursor.to_string())),
        ];
        let mut text = format!("{path}?view={}", listing.code());
        for (name, value) in params {
            let Some(value) = value else { continue };
            // Writing to a string does not fail.
            let _ = write!(text, "&{name}={value}");
        }
        text
    }

    /// The address of the same view with only the reports of this one's telephone in its queue.
    pub(crate) fn address_of_phone(&self, row: &Row) -> String {
        let mut query = self.query.clone();
        query.narrow.queue = Some(row.queue);
        let same = Self {
            query,
            same: Some(row.id),
            ..*self
        };
        same.address("/staff", self.query.listing, None)
    }

    /// The cookie that keeps the view on this device, if the address names one.
    pub(crate) fn cookie(&self, app: &App) -> Option<Cookie<'static>> {
        if !self.is_explicit {
            return None;
        }
        let order = self.order.map(Order::code).unwrap_or_default();
        let value = format!("{}.{order}", self.query.listing.code());
        let cookie = Cookie::build(cookie_name(self.query.me), value)
            .path("/staff")
            .http_only(true)
            .secure(is_secure(app))
            .same_site(SameSite::Lax)
            .max_age(Duration::days(KEPT_DAYS));
        Some(cookie.finish())
    }
}

/// The cookie's name holds the person's id: on a shared device everyone has their own view.
fn cookie_name(person: StaffId) -> String {
    format!("view-{}", person.0)
}

/// The view and the order that this person chose last on this device.
pub(crate) fn last_choice(
    request: &HttpRequest,
    person: StaffId,
) -> Option<(Listing, Option<Order>)> {
    let cookie = request.cookie(&cookie_name(person))?;
    let (listing, order) = cookie.value().split_once('.')?;
    Some((Listing::from_code(listing)?, Order::from_code(order)))
}
