//! Pages of administrators.

pub(crate) mod poster;
