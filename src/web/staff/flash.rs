//! Flash message: what the next page says about the step that this person has just made, and how
//! to undo it while that is possible. It travels in a cookie without personal data.

use actix_web::HttpResponse;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use uuid::Uuid;

use crate::domain::report::ReportId;
use crate::domain::staff::StaffId;
use crate::service::undo::last;
use crate::web::http::auth::is_secure;
use crate::web::http::context::StaffContext;
use crate::web::http::problem::Problem;
use crate::web::http::response::with_cookie;
use crate::web::http::return_to::ReturnTo;

/// Lifetime of a message about an undo, in seconds: the time until the next page loads.
const UNDO_MESSAGE_S: i64 = 5;
/// The cookie's value after an undo.
const UNDONE: &str = "undone";
/// The cookie's value after an undo that came too late.
const LATE: &str = "late";

/// What has just happened.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Flash {
    /// A step was made; it led to this version of the report.
    Made(ReportId, i32),
    /// A step was undone.
    Undone,
    /// It was too late to undo a step.
    Late,
}

/// The message as a page shows it.
#[derive(Clone, Debug, Default)]
pub(crate) struct FlashView {
    /// The number of the report; empty if the message names none.
    pub(crate) number: String,
    /// What was done, in words.
    pub(crate) text: &'static str,
    /// The address that undoes the step; empty if it cannot be undone.
    pub(crate) undo: String,
    /// The version that the step led to.
    pub(crate) version: i32,
    /// How long the step can still be undone, in milliseconds.
    pub(crate) left_ms: i64,
}

impl Flash {
    fn code(self) -> String {
        match self {
            Self::Made(id, version) => format!("{}.{version}", id.0),
            Self::Undone => UNDONE.to_owned(),
            Self::Late => LATE.to_owned(),
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        if let Some((id, version)) = code.split_once('.') {
            let id = Uuid::try_parse(id).ok()?;
            return Some(Self::Made(ReportId(id), version.parse().ok()?));
        }
        match code {
            UNDONE => Some(Self::Undone),
            LATE => Some(Self::Late),
            _ => None,
        }
    }
}

/// The cookie's name holds the person's id: a shared device shows the message to no other
/// person.
fn cookie_name(person: StaffId) -> String {
    format!("done-{}", person.0)
}

/// Adds the message for the next page to the answer.
pub(crate) fn set(response: HttpResponse, context: &StaffContext, flash: Flash) -> HttpResponse {
    let seconds = match flash {
        Flash::Made(..) => context.app.rules.undo.num_seconds(),
        Flash::Undone | Flash::Late => UNDO_MESSAGE_S,
    };
    let cookie = Cookie::build(cookie_name(context.principal.staff.id), flash.code())
        .path("/staff")
        .http_only(true)
        .secure(is_secure(&context.app))
        .same_site(SameSite::Strict)
        .max_age(Duration::seconds(seconds));
    with_cookie(response, &cookie.finish())
}

/// The message that the request's cookie holds; programs get none. `shown` is the case that the
/// page shows, `None` on a list.
pub(crate) async fn pending(
    context: &StaffContext,
    back: &ReturnTo,
    shown: Option<ReportId>,
) -> Result<Option<FlashView>, Problem> {
    let name = cookie_name(context.principal.staff.id);
    let cookie = context.request.cookie(&name);
    let flash = cookie.and_then(|cookie| Flash::from_code(cookie.value()));
    match flash {
        Some(flash) if !context.wants_json() => view(context, flash, back, shown).await,
        _ => Ok(None),
    }
}

/// The message for this flash; `None` if the step can no longer be undone.
pub(crate) async fn view(
    context: &StaffContext,
    flash: Flash,
    back: &ReturnTo,
    shown: Option<ReportId>,
) -> Result<Option<FlashView>, Problem> {
    let w = context.page.w;
    let plain = |text| FlashView {
        text,
        ..FlashView::default()
    };
    let (id, version) = match flash {
        Flash::Made(id, version) => (id, version),
        Flash::Undone => return Ok(Some(plain(w.staff.undone))),
        Flash::Late => return Ok(Some(plain(w.case.late))),
    };
    let last = last(&context.app, &context.principal, id, version).await?;
    Ok(last.map(|last| FlashView {
        number: last.row.number,
        text: w.made(last.step),
        undo: back.to_undo(id, shown),
        version,
        left_ms: last.left.num_milliseconds(),
    }))
}
