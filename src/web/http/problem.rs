//! Problems: the only errors that become answers. Different functions write the answer and the line
//! in the log, so that internal text never leaves the server.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use askama::Template;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::triage::Status;
use crate::service::{access, triage};
use crate::store;
use crate::web::http::lang::Lang;
use crate::web::http::page_context::PageContext;
use crate::web::http::request::wants_json;
use crate::web::http::response::see_other;
use crate::web::http::return_to::sign_in_address;
use crate::web::text::Words;

/// After how many seconds a client may try again when the server is busy, at most.
const RETRY_AFTER_MAX_S: u32 = 5;

/// After how many seconds this client may try again. Each is told another number, so that they do
/// not come back together.
pub(crate) fn retry_after_s() -> HeaderValue {
    HeaderValue::from(rand::random_range(1..=RETRY_AFTER_MAX_S))
}

/// What went wrong, in a form that may be shown.
#[derive(Clone, Debug)]
pub(crate) enum Problem {
    /// The resource does not exist, or lies outside of the scope; the answer is the same.
    Missing,
    /// Not signed in.
    SignIn,
    /// Signed in with a password that must be replaced first.
    NewPassword,
    /// Signed in, without the right.
    Forbidden,
    /// From a page of another site.
    CrossSite,
    /// The input does not have the expected form.
    Malformed,
    /// One field of a body does not: it is missing, unknown or of another type.
    Field {
        /// The name of the field.
        name: String,
        /// What is wrong with it.
        wrong: WrongField,
    },
    /// The body is longer than the limit.
    TooLarge,
    /// The body came too slowly.
    TooSlow,
    /// The body is compressed.
    Packed,
    /// Another request has changed the data first.
    Conflict,
    /// The report has changed since the page was drawn.
    Stale,
    /// The status of the report does not allow this step.
    Illegal,
    /// The step needs a reason, or the reason is too long.
    ReasonOwed,
    /// The step names a community, a person or a report that it cannot lead to.
    NoSuchTarget,
    /// Other reports were merged into the report that is to be merged.
    KeepsOthers,
    /// The last step with the report can no longer be undone.
    Late,
    /// The address exists, but not for this method.
    WrongMethod,
    /// The report has this status, so its holder can no longer correct it.
    TooLate(Status),
    /// No placard has this code.
    UnknownCode,
    /// The check character says that the code was mistyped.
    MistypedCode,
    /// The placard was taken out of use.
    RevokedCode {
        /// Who answers instead.
        phone: String,
        /// The form behind the placard that hangs in its place; empty where none does.
        instead: String,
    },
    /// The campaign takes no reports on this day.
    Closed {
        /// Whether it is over; else it has not begun.
        over: bool,
        /// The last day, or the first.
        day: NaiveDate,
        /// Who answers instead.
        phone: String,
    },
    /// The fonts lack a character of this placard, or its words do not fit on it.
    Undrawable,
    /// Locked or overloaded.
    Busy,
    /// An internal error, which is in the log.
    Internal,
}

/// What is wrong with a field of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WrongField {
    /// It is not there.
    Missing,
    /// No field is called so.
    Unknown,
    /// It is there twice, or of another type.
    Malformed,
}

/// An error of the API (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemBody {
    /// What went wrong, stable and in snake case.
    pub(crate) code: &'static str,
    /// The HTTP status.
    pub(crate) status: u16,
    /// What went wrong, in the language of the request.
    pub(crate) title: &'static str,
    /// The field that is missing, unknown or malformed, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
}

impl Problem {
    /// Logs an internal error. The answer does not contain it.
    pub(crate) fn internal(error: &dyn fmt::Debug) -> Self {
        tracing::error!(?error, "a request failed");
        Self::Internal
    }

    /// The one table of status, code and title.
    pub(crate) fn tell(&self, words: &'static Words) -> (StatusCode, &'static str, &'static str) {
        let w = &words.problem;
        match self {
            Self::Missing => (StatusCode::NOT_FOUND, "not_found", w.missing),
            Self::SignIn => (
                StatusCode::UNAUTHORIZED,
                "sign_in_first",
                words.staff.sign_in,
            ),
            Self::NewPassword => (
                StatusCode::FORBIDDEN,
                "new_password_first",
                words.staff.new_password_lead,
            ),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", w.forbidden),
            Self::CrossSite => (StatusCode::FORBIDDEN, "cross_site", w.cross_site),
            Self::Malformed => (StatusCode::UNPROCESSABLE_ENTITY, "malformed", w.malformed),
            Self::Field { wrong, .. } => {
                let title = match wrong {
                    WrongField::Missing => w.field_missing,
                    WrongField::Unknown => w.field_unknown,
                    WrongField::Malformed => w.field_malformed,
                };
                (StatusCode::UNPROCESSABLE_ENTITY, "malformed", title)
            }
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large", w.too_large),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "too_slow", w.too_slow),
            Self::Packed => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "packed", w.packed),
            Self::Conflict => (StatusCode::CONFLICT, "conflict", w.conflict),
            Self::Stale => (StatusCode::CONFLICT, "stale", words.staff.changed),
            Self::Illegal => (StatusCode::CONFLICT, "illegal_move", w.illegal),
            Self::ReasonOwed => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                (status, "reason_owed", words.case.reason_owed)
            }
            Self::NoSuchTarget => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                (status, "no_such_target", words.case.target)
            }
            Self::KeepsOthers => (StatusCode::CONFLICT, "keeps_others", words.case.keeps),
            Self::Late => (StatusCode::CONFLICT, "too_late", words.case.late),
            Self::WrongMethod => {
                let status = StatusCode::METHOD_NOT_ALLOWED;
                (status, "method_not_allowed", w.wrong_method)
            }
            Self::TooLate(Status::Withdrawn) => (
                StatusCode::CONFLICT,
                "withdrawn",
                words.receipt.too_late_withdrawn,
            ),
            Self::TooLate(status) if !status.is_open() => {
                (StatusCode::CONFLICT, "ended", words.receipt.too_late_ended)
            }
            Self::TooLate(_) => (StatusCode::CONFLICT, "taken", words.receipt.too_late),
            Self::UnknownCode => (StatusCode::NOT_FOUND, "unknown_code", w.unknown_code),
            Self::MistypedCode => (StatusCode::NOT_FOUND, "mistyped_code", w.mistyped_code),
            Self::RevokedCode { instead, .. } if !instead.is_empty() => {
                (StatusCode::GONE, "replaced_code", w.replaced_code)
            }
            Self::RevokedCode { .. } => (StatusCode::GONE, "revoked_code", w.revoked_code),
            Self::Closed { over: true, .. } => (StatusCode::GONE, "campaign_over", w.over),
            Self::Closed { .. } => (StatusCode::FORBIDDEN, "campaign_not_begun", w.not_yet),
            Self::Undrawable => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                (status, "undrawable", w.undrawable)
            }
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy", w.busy),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", w.internal),
        }
    }

    /// The stable code of this problem.
    pub(crate) fn code(&self) -> &'static str {
        self.tell(Lang::En.words()).1
    }

    /// The answer: a page for people, `application/problem+json` for programs.
    pub(crate) fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let context = PageContext::of(request);
        let (status, code, title) = self.tell(context.w);
        let mut response = HttpResponse::build(status);
        if matches!(self, Self::Busy) {
            response.insert_header((RETRY_AFTER, retry_after_s()));
        }
        if wants_json(request) {
            let body = ProblemBody {
                code,
                status: status.as_u16(),
                title,
                field: match self {
                    Self::Field { name, .. } => Some(name.clone()),
                    _ => None,
                },
            };
            let text = serde_json::to_string(&body).unwrap_or_default();
            return response
                .insert_header((CONTENT_TYPE, "application/problem+json"))
                .body(text);
        }
        match self {
            Self::SignIn => {
                return see_other(&sign_in_address(request));
            }
            Self::NewPassword => return see_other("/staff/password"),
            _ => {}
        }
        let phone = match self {
            Self::RevokedCode { phone, .. } | Self::Closed { phone, .. } => phone,
            _ => "",
        };
        let page = Page {
            c: &context,
            w: context.w,
            title,
            day: match self {
                Self::Closed { day, .. } => context.lang.day(*day),
                _ => String::new(),
            },
            phone,
            instead: match self {
                Self::RevokedCode { instead, .. } => instead,
                _ => "",
            },
            asks_code: matches!(self, Self::UnknownCode | Self::MistypedCode | Self::Missing),
        };
        response
            .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
            .body(page.render().unwrap_or_default())
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Page<'a> {
    c: &'a PageContext,
    w: &'static Words,
    title: &'static str,
    day: String,
    phone: &'a str,
    instead: &'a str,
    asks_code: bool,
}

/// For every address that is not in the list of routes.
pub(crate) async fn missing(request: HttpRequest) -> HttpResponse {
    Problem::Missing.answer(&request)
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The middleware writes the answer, because it knows the request. Here are only status and code.
impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.tell(Lang::En.words()).0
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).body(self.code())
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Missing => Self::Missing,
            store::Error::Conflict => Self::Conflict,
            store::Error::Busy(_) | store::Error::Unavailable(_) | store::Error::Newer { .. } => {
                tracing::error!(?error, "the database cannot be used at this moment");
                Self::Busy
            }
            _ => Self::internal(&error),
        }
    }
}

impl From<triage::TransitionError> for Problem {
    fn from(refused: triage::TransitionError) -> Self {
        match refused {
            triage::TransitionError::Stale(_) => Self::Stale,
            triage::TransitionError::Illegal(_) => Self::Illegal,
            triage::TransitionError::Reason => Self::ReasonOwed,
            triage::TransitionError::Target => Self::NoSuchTarget,
            triage::TransitionError::HasDuplicates => Self::KeepsOthers,
            triage::TransitionError::Late => Self::Late,
            triage::TransitionError::Store(error) => error.into(),
        }
    }
}

impl From<access::SignInError> for Problem {
    fn from(denied: access::SignInError) -> Self {
        match denied {
            access::SignInError::Store(error) => error.into(),
            access::SignInError::Busy => Self::Busy,
            _ => Self::Forbidden,
        }
    }
}
