//! Mashang 码上报备: a QR code in the lift, a report in thirty seconds, the right community's queue
//! at once.
//!
//! The floors, lowest first; imports point down only:
//!
//! - [`domain`]: what things mean, pure
//! - [`store`], [`notifier`], [`seal`], [`qr`], [`poster`], [`csv_table`], [`http_client`], [`clock`]: capabilities
//!   that do not know each other
//! - [`service`]: use cases; one function is one transaction
//! - [`web`], [`verb`]: HTTP and the command line
//! - [`run`], [`config`], [`trace`]: build the house, serve, take it down

pub mod clock;
pub mod config;
pub mod csv_table;
pub mod domain;
pub mod http_client;
pub mod notifier;
pub mod poster;
pub mod qr;
pub mod run;
pub mod seal;
pub mod service;
pub mod store;
pub mod trace;
pub mod verb;
pub mod web;
