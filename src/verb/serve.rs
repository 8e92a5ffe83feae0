//! `mashang serve`

use anyhow::Result;

use super::Settings;
use crate::config::SETTINGS;
use crate::run;

/// What `serve` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = settings_help())]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    let config = arguments.settings.read()?;
    crate::trace::start(&config);
    let house = run::build(&config).await?;
    run::serve(house, &config).await?.until_told().await
}

fn settings_help() -> String {
    let mut help = "Settings, in the file or as MASHANG_<NAME> in the environment:\n".to_owned();
    for setting in SETTINGS {
        let default = if setting.default.is_empty() {
            "-"
        } else {
            setting.default
        };
        help += &format!("  {:<26} {default:<24} {}\n", setting.name, setting.meaning);
    }
    help
}
