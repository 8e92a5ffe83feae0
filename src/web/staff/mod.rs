//! Pages of staff: queue, case, desk, digest, streams.

pub(crate) mod bulk;
pub(crate) mod case;
pub(crate) mod choice;
pub(crate) mod cursor;
pub(crate) mod desk;
pub(crate) mod digest;
pub(crate) mod fanout;
pub(crate) mod filter;
pub(crate) mod flash;
pub(crate) mod history;
pub(crate) mod location;
pub(crate) mod paper_form;
pub(crate) mod queue;
pub(crate) mod rejected;
pub(crate) mod row;
pub(crate) mod search;
pub(crate) mod sign_in;
pub(crate) mod stream;
pub(crate) mod transition;
pub(crate) mod view_request;
