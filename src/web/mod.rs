//! HTTP: requests in, answers out. Every address of the house is on this screen.

use actix_web::web::{self, ServiceConfig, get, post, resource};
use actix_web::{Resource, Route};

mod api;
mod board;
mod body;
mod case;
mod centre;
mod desk;
mod digest;
mod door;
mod fields;
mod going;
mod guard;
mod health;
mod holder;
mod home;
mod lang;
mod listing;
mod paper;
mod placard;
mod press;
mod problem;
mod queue;
mod receipt;
mod regions;
mod reply;
mod report;
mod row;
mod search;
mod session;
mod sign_in;
mod site;
mod spot;
mod status;
mod step;
mod stream;
mod undo;
mod wanted;
mod words;

pub use api::description;
pub use guard::{Root, headers};
pub use health::{Figures, figures};

/// Length of a request's body at most, in bytes.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// Every address. Codes on walls are upper case, so their routes know both.
pub fn routes(config: &mut ServiceConfig) {
    config
        .app_data(web::PayloadConfig::new(BODY_BYTES_MAX))
        .app_data(web::Data::new(board::Board::default()))
        .app_data(web::Data::new(press::Press::default()))
        .app_data(web::Data::new(regions::Regions::default()))
        // Residents: no account.
        .service(resource("/").route(get().to(home::show)))
        .service(
            resource(["/q/{code}", "/Q/{code}"])
                .route(get().to(report::form))
                .route(post().to(report::submit)),
        )
        .service(
            resource(["/q/{code}/sites", "/Q/{code}/sites"])
                .route(get().to(site::near))
                .route(post().to(site::near_me)),
        )
        .service(resource("/regions/{file}").route(get().to(regions::file)))
        .service(
            resource("/status")
                .route(get().to(status::show))
                .route(post().to(status::find)),
        )
        .service(resource("/s/{link}").route(get().to(receipt::show)))
        .service(resource("/s/{link}/another").route(get().to(holder::another)))
        .service(
            resource("/s/{link}/correct")
                .route(get().to(holder::show_correct))
                .route(post().to(holder::correct)),
        )
        .service(resource("/s/{link}/withdraw").route(post().to(holder::withdraw)))
        // Staff.
        .service(
            resource("/staff/sign-in")
                .route(get().to(sign_in::show))
                .route(post().to(sign_in::sign_in)),
        )
        .service(resource("/staff/sign-out").route(post().to(sign_in::sign_out)))
        .service(
            resource("/staff/password")
                .route(get().to(sign_in::show_password))
                .route(post().to(sign_in::change_password)),
        )
        .service(resource("/staff").route(get().to(queue::list)))
        .service(resource("/staff/counts").route(get().to(listing::counts)))
        .service(
            resource("/staff/search")
                .route(get().to(search::show))
                .route(post().to(search::find)),
        )
        .service(resource("/staff/stream").route(get().to(stream::queue)))
        .service(resource("/staff/desk").route(get().to(desk::list)))
        .service(
            resource("/staff/desk/{spot}")
                .route(get().to(desk::form))
                .route(post().to(desk::submit)),
        )
        .service(resource("/staff/desk/{spot}/paper").route(get().to(paper::show)))
        .service(resource("/staff/digest").route(get().to(digest::show)))
        .service(resource("/staff/bulk").route(post().to(step::bulk)))
        .service(resource("/staff/reports/{id}").route(get().to(case::show)))
        .service(step_at("/staff/reports/{id}/call", post().to(step::call)))
        .service(step_at(
            "/staff/reports/{id}/reveal",
            post().to(case::reveal),
        ))
        .service(step_at("/staff/reports/{id}/undo", post().to(step::undo)))
        .service(step_at("/staff/reports/{id}/{step}", post().to(step::step)))
        .service(resource("/staff/placards/{file}").route(get().to(placard::poster)))
        // The command centre.
        .service(resource("/centre").route(get().to(centre::totals)))
        .service(resource("/centre/stream").route(get().to(stream::centre)))
        // Programs and operators.
        .service(resource("/api/openapi.json").route(get().to(api::openapi)))
        .service(api::viewer())
        .service(resource("/static/{file}").route(get().to(home::asset)))
        .service(resource("/healthz").route(get().to(health::alive)))
        .service(resource("/readyz").route(get().to(health::ready)))
        .service(resource("/metrics").route(get().to(health::metrics)))
        .default_service(web::route().to(problem::missing));
}

/// Where a step is sent to; whoever only goes there, by a link or by *back*, is led to the case.
fn step_at(path: &'static str, taken: Route) -> Resource {
    resource(path).route(get().to(case::again)).route(taken)
}
