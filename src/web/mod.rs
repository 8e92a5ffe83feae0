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

pub use http::body::BodyPace;
pub use http::connections::{Ceilings, Connections};
pub use http::guarded_io::{GuardedIo, SEND_BUFFER_BYTES};
pub use http::middleware::{headers, span};
pub use ops::{Figures, figures};
pub use routes::{description, metrics_routes, registered, routes};
