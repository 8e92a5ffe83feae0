//! The one list of routes. The server, the description of the API and the authority test all read
//! it; `tests/floor_plan.rs` refuses a registration anywhere else.

use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, Route};
use utoipa::OpenApi as _;
use utoipa::openapi::HttpMethod;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::web::http::middleware::VIEWER;
use crate::web::http::problem::ProblemBody;
use crate::web::{form, http, ops, resident, staff};

/// One handler at one address.
struct Registered {
    method: Method,
    path: String,
    route: fn() -> Route,
}

/// Makes the list of routes and the description of the API. A handler's address and method stand
/// in its `#[utoipa::path]`; further addresses of the same handler stand behind its name.
/// Routes under `api` are described in OpenAPI, routes under `pages` are not.
macro_rules! routes {
    (@each $($($module:ident)::+, $handler:ident $(, $also:literal)*;)*) => {
        fn registered_handlers() -> Vec<Registered> {
            let mut all = Vec::new();
            $(
                let route: fn() -> Route = || web::route().to(crate::web::$($module)::+::$handler);
                pastey::paste! {
                    add::<crate::web::$($module)::+::[<__path_ $handler>]>(&mut all, route, &[$($also),*]);
                }
            )*
            all
        }
    };
    (
        api { $($($module:ident)::+, $handler:ident $(, $also:literal)*;)* }
        pages { $($page:tt)* }
    ) => {
        /// The API: the same addresses as the pages, with `Accept: application/json`.
        #[derive(utoipa::OpenApi)]
        #[openapi(
            info(
                title = "Mashang 码上报备",
                description = "The same addresses as the pages, with `Accept: application/json`. Errors are `application/problem+json` with a stable `code`."
            ),
            paths($(crate::web::$($module)::+::$handler),*),
            components(schemas(
                ProblemBody,
                staff::fanout::EntryView,
                staff::sign_in::SignInView,
                staff::sign_in::PasswordView
            )),
            modifiers(&Security)
        )]
        struct Description;

        routes!(@each $($($module)::+, $handler $(, $also)*;)* $($page)*);
    };
}

// Where two addresses match the same path, the first one answers.
routes! {
    api {
        // Residents: no account. Placards print upper-case addresses.
        resident::report, form, "/Q/{code}";
        resident::report, submit, "/Q/{code}";
        resident::sites, near, "/Q/{code}/sites", "/Q/{code}/SITES";
        resident::sites, near_me, "/Q/{code}/sites", "/Q/{code}/SITES";
        resident::status, find;
        resident::receipt, show;
        resident::amend, another;
        resident::amend, show_correct;
        resident::amend, correct;
        resident::amend, withdraw;
        // Staff.
        staff::sign_in, sign_in;
        staff::sign_in, sign_out;
        staff::sign_in, change_password;
        staff::queue, list;
        staff::filter, counts;
        staff::search, find;
        staff::stream, queue;
        staff::digest, show;
        staff::case, show;
        staff::transition, call;
        staff::case, reveal;
        staff::transition, undo;
        staff::transition, step;
        staff::bulk, bulk;
        staff::desk, list;
        staff::desk, form;
        staff::desk, submit;
        // The command centre.
        centre::totals, totals;
        centre::stream, centre;
        // Operators.
        ops, alive;
        ops, ready;
    }
    pages {
        resident::home, show;
        resident::status, show;
        form::regions, file;
        staff::sign_in, show;
        staff::sign_in, show_password;
        staff::search, show;
        staff::case, redirect, "/staff/reports/{id}/call", "/staff/reports/{id}/reveal", "/staff/reports/{id}/undo";
        staff::paper_form, show;
        admin::poster, poster;
        http::asset, asset;
        http::asset, icon;
        routes, openapi;
    }
}

fn add<P: utoipa::Path>(all: &mut Vec<Registered>, route: fn() -> Route, also: &[&str]) {
    for method in P::methods() {
        let method = match method {
            HttpMethod::Get => Method::GET,
            HttpMethod::Post => Method::POST,
            HttpMethod::Put => Method::PUT,
            HttpMethod::Patch => Method::PATCH,
            HttpMethod::Delete => Method::DELETE,
            HttpMethod::Head => Method::HEAD,
            HttpMethod::Options => Method::OPTIONS,
            HttpMethod::Trace => Method::TRACE,
        };
        let paths = also.iter().map(|path| (*path).to_owned());
        all.extend(
            std::iter::once(P::path())
                .chain(paths)
                .map(|path| Registered {
                    method: method.clone(),
                    path,
                    route,
                }),
        );
    }
}

/// Every method and address that the server answers, in the order in which they are matched.
pub fn registered() -> Vec<(Method, String)> {
    let handlers = registered_handlers().into_iter();
    let viewer = (Method::GET, VIEWER.to_owned());
    handlers
        .map(|known| (known.method, known.path))
        .chain([viewer])
        .collect()
}

/// Registers every route, and what handlers share.
pub fn routes(config: &mut ServiceConfig) {
    config
        .app_data(web::Data::new(staff::fanout::Fanout::default()))
        .app_data(web::Data::new(resident::form_cache::FormCache::default()))
        .app_data(web::Data::new(form::regions::Regions::default()));
    let mut handlers = registered_handlers();
    while let Some(path) = handlers.first().map(|first| first.path.clone()) {
        let (same, others): (Vec<_>, _) = handlers.into_iter().partition(|one| one.path == path);
        let resource = same.into_iter().fold(web::resource(path), |resource, one| {
            resource.route((one.route)().method(one.method))
        });
        config.service(resource);
        handlers = others;
    }
    config
        .service(SwaggerUi::new(VIEWER).config(Config::from("/api/openapi.json")))
        .default_service(web::route().to(http::problem::missing));
}

/// Registers what the listener of the metrics answers.
pub fn metrics_routes(config: &mut ServiceConfig) {
    config.service(web::resource("/metrics").route(web::get().to(ops::metrics)));
}

/// The description as JSON, OpenAPI 3.1.
pub fn description() -> String {
    Description::openapi().to_pretty_json().unwrap_or_default()
}

/// `GET /api/openapi.json`
#[utoipa::path(get, path = "/api/openapi.json", responses((status = 200)))]
pub(crate) async fn openapi() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("content-type", "application/json"))
        .body(description())
}

struct Security;

impl utoipa::Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT");
        if let Some(components) = openapi.components.as_mut() {
            components.add_security_scheme("staff", SecurityScheme::Http(bearer.build()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::{Arc, Mutex};

    use actix_web::App;
    use actix_web::dev::Service as _;
    use actix_web::test::{TestRequest, call_service, init_service};

    use super::*;

    /// guarantee: The authority table holds every route of the running server
    #[actix_web::test]
    async fn server_has_exactly_the_listed_addresses() {
        let map = Arc::new(Mutex::new(String::new()));
        let seen = Arc::clone(&map);
        // The framework shows its table of addresses in `Debug` alone.
        let app = App::new().configure(routes).wrap_fn(move |request, next| {
            *seen.lock().unwrap() = format!("{:?}", request.resource_map());
            next.call(request)
        });
        let app = init_service(app).await;
        call_service(&app, TestRequest::with_uri("/healthz").to_request()).await;
        let map = map.lock().unwrap();
        let patterns = map.split("Single(\"").skip(1);
        let patterns = patterns.filter_map(|rest| rest.split('"').next());
        let served: BTreeSet<&str> = patterns.filter(|path| path.starts_with('/')).collect();
        let listed = registered();
        let listed: BTreeSet<&str> = listed.iter().map(|(_, path)| path.as_str()).collect();
        assert_eq!(served, listed);
    }
}
