//! What residents and clerks fill in: fields, placards, place names.

pub(crate) mod fields;
pub(crate) mod placard;
pub(crate) mod regions;
pub(crate) mod rejection;
pub(crate) mod submission;
