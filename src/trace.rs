//! The log: structured, and without personal data.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::config::Config;

/// What a server logs where nothing else is set.
const USUAL: &str = "info";
/// The library logs each request that it cannot read as an error: any client could fill the log.
const UNREADABLE_REQUESTS: &str = "actix_http::h1::dispatcher=off";

/// Sets up the log of a server on standard error. Called twice, the first one stays.
pub fn start(config: &Config) {
    start_with(config, &config.log);
}

/// Sets up the log of a command: its answer stands alone, unless a log was asked for.
pub fn start_quietly(config: &Config) {
    let usual = config.log == USUAL;
    start_with(config, if usual { "warn" } else { &config.log });
}

fn start_with(config: &Config, filter: &str) {
    // What a setting says about the library comes later, and wins.
    let filter = EnvFilter::try_new(format!("{UNREADABLE_REQUESTS},{filter}"))
        .unwrap_or_else(|_| EnvFilter::new(format!("{UNREADABLE_REQUESTS},{USUAL}")));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_span_events(FmtSpan::NONE);
    let _ = if config.log_json {
        log.json().flatten_event(true).try_init()
    } else {
        log.compact().try_init()
    };
}
