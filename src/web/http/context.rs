//! The context of one request: everything that a handler and its helpers need beside the input.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};

use crate::service::{App, Principal};
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::Problem;
use crate::web::http::reply::{View, reply};
use crate::web::http::request::wants_json;

/// The context of a request. `P` is the signed-in staff member; residents have none.
#[derive(Clone, Debug)]
pub(crate) struct RequestContext<P = ()> {
    /// The state of the application.
    pub(crate) app: Arc<App>,
    /// The request itself.
    pub(crate) request: HttpRequest,
    /// Language, letter size and addresses of the page that answers.
    pub(crate) page: PageContext,
    /// The signed-in staff member.
    pub(crate) principal: P,
}

/// The context of a request of a signed-in staff member.
pub(crate) type StaffContext = RequestContext<Principal>;

impl<P> RequestContext<P> {
    /// Whether the client is a program that reads JSON.
    pub(crate) fn wants_json(&self) -> bool {
        wants_json(&self.request)
    }

    /// The view as a page in the language of the request, or as JSON.
    pub(crate) fn reply(
        &self,
        status: StatusCode,
        view: &impl View,
    ) -> Result<HttpResponse, Problem> {
        reply(&self.request, status, view, &self.page)
    }
}

impl RequestContext {
    /// The context of a request without a sign-in.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let app = request.app_data::<web::Data<App>>();
        Ok(Self {
            app: app.ok_or(Problem::Internal)?.clone().into_inner(),
            request: request.clone(),
            page: PageContext::of(request),
            principal: (),
        })
    }

    /// The same context with the staff member who has signed in.
    pub(crate) fn with_principal(self, principal: Principal) -> StaffContext {
        RequestContext {
            app: self.app,
            request: self.request,
            page: self.page,
            principal,
        }
    }
}

impl FromRequest for RequestContext {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}
