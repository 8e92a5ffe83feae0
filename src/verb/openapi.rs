//! `mashang openapi`

use anyhow::Result;

use super::output::say;

/// What `openapi` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

pub(super) fn run(_: Arguments) -> Result<()> {
    say(crate::web::description())
}
