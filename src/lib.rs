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
//! - [`run`], [`server`], [`config`], [`trace`]: build the application, serve, shut down
//!
//! Modules are private: what tests and benchmarks use goes through [`testing`].

mod clock;
mod config;
mod csv_table;
mod domain;
mod http_client;
mod master_key;
mod notifier;
mod poster;
mod qr;
mod run;
mod seal;
mod server;
mod service;
mod store;
pub mod testing;
mod trace;
mod verb;
mod web;

pub use verb::{ReaderGone, Verb, warn};
