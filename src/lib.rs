//! Mashang 码上报备: a QR code in the lift, a report in thirty seconds, the right community's queue at once.

pub mod domain;
