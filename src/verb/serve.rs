//! `mashang serve`

use anyhow::Result;

use super::Settings;
use crate::config::{SETTINGS, Setting};
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
    let app = run::build(&config).await?;
    run::serve(app, &config).await?.until_told().await
}

fn settings_help() -> String {
    let line = |setting: &Setting| {
        let default = if setting.default.is_empty() {
            "-"
        } else {
            setting.default
        };
        format!("  {:<26} {default:<24} {}", setting.name, setting.meaning)
    };
    let lines: Vec<String> = SETTINGS.iter().map(line).collect();
    format!(
        "Settings, in the file or as MASHANG_<NAME> in the environment:\n{}",
        lines.join("\n")
    )
}
