//! Mashang 码上报备: a QR code in the lift, a report in thirty seconds, the right community's queue at once.

pub mod clock;
pub mod domain;
pub mod live;
pub mod lookout;
pub mod poster;
pub mod qr;
pub mod seal;
pub mod service;
pub mod sheet;
pub mod store;
