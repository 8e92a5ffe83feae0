//! The form after a rejection: one table for the resident's page and for the desk.

use actix_web::http::StatusCode;

use crate::domain::area::AreaId;
use crate::domain::place::Atlas;
use crate::service::intake::{Receipt, Rejection};
use crate::web::form::fields::Fields;
use crate::web::form::placard::closed;
use crate::web::http::context::RequestContext;
use crate::web::http::problem::Problem;

/// What the form shows besides its fields.
pub(crate) struct Rejected {
    /// The status of the answer.
    pub(crate) status: StatusCode,
    /// Whether the same key may be sent again: nothing was stored under it.
    pub(crate) keeps_key: bool,
    /// Whether the server is busy.
    pub(crate) busy: bool,
    /// The receipt that was stored under the key before.
    pub(crate) earlier: Option<Receipt>,
}

/// The form's answer to a rejection; wrong answers are marked in the fields. An error where the form
/// does not help: after the campaign, and for programs while the server is busy.
pub(crate) fn reject<P>(
    context: &RequestContext<P>,
    atlas: &Atlas,
    area: AreaId,
    fields: &mut Fields,
    rejection: Rejection,
) -> Result<Rejected, Problem> {
    let mut rejected = Rejected {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        keeps_key: true,
        busy: false,
        earlier: None,
    };
    match rejection {
        Rejection::Closed { over, day } => return Err(closed(atlas, area, over, day)),
        Rejection::Busy if context.wants_json() => return Err(Problem::Busy),
        Rejection::Invalid(refusal) => {
            let rules = &context.app.rules;
            fields.point_out(&atlas.gazetteer, &refusal, context.page.w, rules);
        }
        Rejection::Conflict(earlier) => {
            rejected.status = StatusCode::CONFLICT;
            rejected.keeps_key = false;
            rejected.earlier = earlier;
        }
        Rejection::Busy => {
            rejected.status = StatusCode::SERVICE_UNAVAILABLE;
            rejected.busy = true;
        }
    }
    Ok(rejected)
}
