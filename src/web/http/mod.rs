//! What every page stands on: requests, answers, sign-ins, problems.

pub(crate) mod asset;
pub(crate) mod auth;
pub(crate) mod body;
pub(crate) mod client_ip;
pub(crate) mod connections;
pub(crate) mod context;
pub(crate) mod guarded_io;
pub(crate) mod lang;
mod led_on;
pub(crate) mod middleware;
pub(crate) mod page_context;
pub(crate) mod problem;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod return_to;
pub(crate) mod sse;
