//! What the next page says of what somebody has just done: which step with which report, and how
//! to take it back for as long as that can be. It travels in a cookie that names nobody.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::{HttpRequest, HttpResponse};
use uuid::Uuid;

use crate::domain::report::ReportId;
use crate::domain::staff::StaffId;
use crate::service::undo::last;
use crate::service::{App, Principal};
use crate::web::http::auth::is_secure;
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::Problem;
use crate::web::http::request::wants_json;
use crate::web::http::return_to::ReturnTo;
use crate::web::text::Words;

/// How long a page may be on its way that says what became of an undoing.
const TOLD_S: i64 = 5;
/// Said where a step was taken back.
const UNDONE: &str = "undone";
/// Said where it was too late.
const LATE: &str = "late";

/// What has just happened.
#[derive(Clone, Copy, Debug)]
pub(crate) enum News {
    /// A step was made, which led to this version of the report.
    Made(ReportId, i32),
    /// A step was taken back.
    Undone,
    /// It could not be taken back any more.
    Late,
}

/// What a page says of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Done {
    /// The number of the report; empty where none is meant.
    pub(crate) number: String,
    /// What was done, in words.
    pub(crate) said: &'static str,
    /// Where it is taken back; empty where it cannot be.
    pub(crate) undo: String,
    /// The version that the step has led to.
    pub(crate) version: i32,
    /// For how long, in milliseconds.
    pub(crate) left_ms: i64,
}

impl News {
    fn word(self) -> String {
        match self {
            Self::Made(id, version) => format!("{}.{version}", id.0),
            Self::Undone => UNDONE.to_owned(),
            Self::Late => LATE.to_owned(),
        }
    }

    fn read(word: &str) -> Option<Self> {
        if let Some((id, version)) = word.split_once('.') {
            let id = Uuid::try_parse(id).ok()?;
            return Some(Self::Made(ReportId(id), version.parse().ok()?));
        }
        match word {
            UNDONE => Some(Self::Undone),
            LATE => Some(Self::Late),
            _ => None,
        }
    }
}

fn cookie_name(person: StaffId) -> String {
    format!("done-{}", person.0)
}

/// Has the next page say it. On a shared telephone only to whoever did it.
pub(crate) fn tell(
    mut response: HttpResponse,
    who: (&App, &Principal),
    news: News,
) -> HttpResponse {
    let (app, principal) = who;
    let seconds = match news {
        News::Made(..) => app.rules.undo.num_seconds(),
        News::Undone | News::Late => TOLD_S,
    };
    let cookie = Cookie::build(cookie_name(principal.staff.id), news.word())
        .path("/staff")
        .http_only(true)
        .secure(is_secure(app))
        .same_site(SameSite::Strict)
        .max_age(Duration::seconds(seconds));
    // A cookie of ours always fits into a header.
    let _ = response.add_cookie(&cookie.finish());
    response
}

/// What a page says of what this person has just done; nothing where nothing can be said of it.
/// `shown` is the case that the page is about, none for a list.
pub(crate) async fn told(
    request: &HttpRequest,
    who: (&App, &Principal),
    place: (&ReturnTo, Option<ReportId>),
) -> Result<Option<Done>, Problem> {
    let cookie = request.cookie(&cookie_name(who.1.staff.id));
    let news = cookie.and_then(|cookie| News::read(cookie.value()));
    match news.filter(|_| !wants_json(request)) {
        Some(news) => say(who, news, (PageContext::of(request).w, place)).await,
        None => Ok(None),
    }
}

/// The same of this news.
pub(crate) async fn say(
    (app, principal): (&App, &Principal),
    news: News,
    (w, (back, shown)): (&'static Words, (&ReturnTo, Option<ReportId>)),
) -> Result<Option<Done>, Problem> {
    let plain = |said| Done {
        said,
        ..Done::default()
    };
    let (id, version) = match news {
        News::Made(id, version) => (id, version),
        News::Undone => return Ok(Some(plain(w.staff.undone))),
        News::Late => return Ok(Some(plain(w.case.late))),
    };
    let last = last(app, principal, (id, version)).await?;
    Ok(last.map(|last| Done {
        number: last.row.number,
        said: w.made(last.step),
        undo: back.to_undo(id, shown),
        version,
        left_ms: last.left.num_milliseconds(),
    }))
}
