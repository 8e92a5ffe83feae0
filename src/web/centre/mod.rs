//! Pages of the command centre.

pub(crate) mod stream;
pub(crate) mod totals;
