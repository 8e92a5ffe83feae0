//! `mashang serve`

use anyhow::Result;

use super::Settings;
use super::settings;
use crate::run::{self, StopSignal};
use crate::service::audit;

/// What `serve` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = settings::help())]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    let config = arguments.settings.read()?;
    crate::trace::start(&config);
    let app = run::build(&config).await?;
    audit::command_run(&app, "serve");
    let stop = StopSignal::listen()?;
    run::serve(app, &config).await?.until(stop).await
}
