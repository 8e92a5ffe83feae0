//! `mashang healthcheck`

use std::time::Duration;

use anyhow::{Context, Result};

use super::Settings;
use super::output::say;
use crate::http_client::HttpClient;

/// How long a server may take to say that it is well.
const PATIENCE: Duration = Duration::from_secs(5);

/// What `healthcheck` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Ask this address instead of the one in the settings
    #[arg(long, value_name = "ADDRESS")]
    at: Option<String>,
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    let at = match arguments.at {
        Some(at) => at.trim_end_matches('/').to_owned(),
        None => {
            let mut listen = arguments.settings.read()?.listen;
            if listen.ip().is_unspecified() {
                listen.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
            }
            format!("http://{listen}")
        }
    };
    let asked = HttpClient::default()
        .get(&format!("{at}/readyz"), PATIENCE)
        .await;
    asked.context("the server is not ready")?;
    say("ready")
}
