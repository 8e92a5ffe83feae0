//! Pages of residents, who have no account.

pub(crate) mod amend;
pub(crate) mod form_cache;
pub(crate) mod home;
pub(crate) mod progress;
pub(crate) mod receipt;
pub(crate) mod report;
pub(crate) mod sites;
pub(crate) mod status;
