//! `mashang verify`

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::Settings;
use super::output::say;
use crate::service::chain::{self, LoggedHead};
use crate::service::{App, audit};

/// What `verify` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Heads from before: an output of this command, or a log in JSON, which has them once a day.
    /// Only with them a cut-off end is found
    #[arg(long, value_name = "FILE")]
    heads: Option<PathBuf>,
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    let heads = arguments.heads.as_deref().map(read).transpose()?;
    (arguments.settings)
        .with_app(async |app: &App| act(app, heads.unwrap_or_default()).await)
        .await
}

async fn act(app: &App, heads: Vec<LoggedHead>) -> Result<()> {
    audit::command_run(app, "verify");
    let verified = chain::verify(app, &heads).await?;
    for head in &verified.heads {
        say(serde_json::to_string(head)?)?;
    }
    if verified.broken.is_empty() {
        return say(format_args!(
            "{} entries, all as they were written",
            verified.entries
        ));
    }
    let lines = verified.broken.iter().map(|broken| format!("\n  {broken}"));
    bail!(
        "{} of {} entries are not as they were written:{}",
        verified.broken.len(),
        verified.entries,
        lines.collect::<String>()
    )
}

/// The heads in the file. Other lines of a log are passed over.
fn read(file: &Path) -> Result<Vec<LoggedHead>> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let heads = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let heads: Vec<LoggedHead> = heads.collect();
    ensure!(
        !heads.is_empty(),
        "{} has no head of a journal; it is not a log in JSON, or none of a whole day",
        file.display()
    );
    Ok(heads)
}
