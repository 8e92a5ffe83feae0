//! HTTP: requests in, answers out. Every address of the house is on this screen.

use actix_web::web::{self, ServiceConfig, get, post, resource};
use actix_web::{Resource, Route};

mod admin;
mod centre;
mod form;
mod http;
mod openapi;
mod ops;
mod resident;
mod staff;
mod text;

pub use http::middleware::{Root, headers};
pub use openapi::description;
pub use ops::{Figures, figures};

/// Length of a request's body at most, in bytes.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// Every address. Codes on walls are upper case, so their routes know both.
pub fn routes(config: &mut ServiceConfig) {
    config
        .app_data(web::PayloadConfig::new(BODY_BYTES_MAX))
        .app_data(web::Data::new(staff::fanout::Fanout::default()))
        .app_data(web::Data::new(resident::form_cache::FormCache::default()))
        .app_data(web::Data::new(form::regions::Regions::default()))
        // Residents: no account.
        .service(resource("/").route(get().to(resident::home::show)))
        .service(
            resource(["/q/{code}", "/Q/{code}"])
                .route(get().to(resident::report::form))
                .route(post().to(resident::report::submit)),
        )
        .service(
            resource(["/q/{code}/sites", "/Q/{code}/sites"])
                .route(get().to(resident::sites::near))
                .route(post().to(resident::sites::near_me)),
        )
        .service(resource("/regions/{file}").route(get().to(form::regions::file)))
        .service(
            resource("/status")
                .route(get().to(resident::status::show))
                .route(post().to(resident::status::find)),
        )
        .service(resource("/s/{link}").route(get().to(resident::receipt::show)))
        .service(resource("/s/{link}/another").route(get().to(resident::amend::another)))
        .service(
            resource("/s/{link}/correct")
                .route(get().to(resident::amend::show_correct))
                .route(post().to(resident::amend::correct)),
        )
        .service(resource("/s/{link}/withdraw").route(post().to(resident::amend::withdraw)))
        // Staff.
        .service(
            resource("/staff/sign-in")
                .route(get().to(staff::sign_in::show))
                .route(post().to(staff::sign_in::sign_in)),
        )
        .service(resource("/staff/sign-out").route(post().to(staff::sign_in::sign_out)))
        .service(
            resource("/staff/password")
                .route(get().to(staff::sign_in::show_password))
                .route(post().to(staff::sign_in::change_password)),
        )
        .service(resource("/staff").route(get().to(staff::queue::list)))
        .service(resource("/staff/counts").route(get().to(staff::filter::counts)))
        .service(
            resource("/staff/search")
                .route(get().to(staff::search::show))
                .route(post().to(staff::search::find)),
        )
        .service(resource("/staff/stream").route(get().to(staff::stream::queue)))
        .service(resource("/staff/desk").route(get().to(staff::desk::list)))
        .service(
            resource("/staff/desk/{spot}")
                .route(get().to(staff::desk::form))
                .route(post().to(staff::desk::submit)),
        )
        .service(resource("/staff/desk/{spot}/paper").route(get().to(staff::paper_form::show)))
        .service(resource("/staff/digest").route(get().to(staff::digest::show)))
        .service(resource("/staff/bulk").route(post().to(staff::bulk::bulk)))
        .service(resource("/staff/reports/{id}").route(get().to(staff::case::show)))
        .service(step_at(
            "/staff/reports/{id}/call",
            post().to(staff::transition::call),
        ))
        .service(step_at(
            "/staff/reports/{id}/reveal",
            post().to(staff::case::reveal),
        ))
        .service(step_at(
            "/staff/reports/{id}/undo",
            post().to(staff::transition::undo),
        ))
        .service(step_at(
            "/staff/reports/{id}/{step}",
            post().to(staff::transition::step),
        ))
        .service(resource("/staff/placards/{file}").route(get().to(admin::poster::poster)))
        // The command centre.
        .service(resource("/centre").route(get().to(centre::totals::totals)))
        .service(resource("/centre/stream").route(get().to(centre::stream::centre)))
        // Programs and operators.
        .service(resource("/api/openapi.json").route(get().to(openapi::openapi)))
        .service(openapi::viewer())
        .service(resource("/static/{file}").route(get().to(http::asset::asset)))
        .service(resource("/healthz").route(get().to(ops::alive)))
        .service(resource("/readyz").route(get().to(ops::ready)))
        .service(resource("/metrics").route(get().to(ops::metrics)))
        .default_service(web::route().to(http::problem::missing));
}

/// Where a step is sent to; whoever only goes there, by a link or by *back*, is led to the case.
fn step_at(path: &'static str, taken: Route) -> Resource {
    resource(path)
        .route(get().to(staff::case::again))
        .route(taken)
}
