//! HTTP: requests in, answers out. `routes` lists every address.

mod admin;
mod centre;
mod form;
mod http;
mod ops;
mod resident;
mod routes;
mod staff;
mod text;

pub use http::middleware::{Root, headers};
pub use ops::figures;
pub use routes::{description, registered, routes};
