//! `mashang openapi`

use anyhow::Result;

/// What `openapi` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

#[expect(clippy::unnecessary_wraps, reason = "every verb has one shape")]
pub(super) fn run(_: Arguments) -> Result<()> {
    println!("{}", crate::web::description());
    Ok(())
}
