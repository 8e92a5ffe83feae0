//! `mashang placard`

use anyhow::{Context, Result};

use super::Settings;
use super::output::{say, warn};
use crate::domain::code::Code;
use crate::domain::place::Placard;
use crate::poster::missing_glyphs;
use crate::service::{App, audit, places};

/// What `placard` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Issue a placard for every unit that has none
    Issue {
        /// The name of the print run, such as 2026-09
        #[arg(long)]
        batch: String,
    },
    /// List all placards: code, state, address, place
    List,
    /// Take one placard out of use; the others stay as they are
    Revoke {
        /// The code that stands on it
        code: String,
    },
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    let what = arguments.what;
    (arguments.settings)
        .with_app(async |app: &App| act(app, what).await)
        .await
}

async fn act(app: &App, what: What) -> Result<()> {
    match what {
        What::Issue { batch } => {
            let issued = places::issue_placards(app, &batch).await?;
            name_undrawable(app, &batch);
            say(format_args!("{issued} placards issued"))?;
        }
        What::List => {
            audit::command_run(app, "placard list");
            list(app)?;
        }
        What::Revoke { code } => {
            let code = Code::read(&code)
                .ok()
                .context("this is no code of a placard")?;
            let revoked = places::revoke_placard(app, code).await;
            revoked.context("there is no placard in use with this code")?;
            say("revoked")?;
        }
    }
    Ok(())
}

/// Names on standard error the placards of this print run that no font can show.
fn name_undrawable(app: &App, batch: &str) {
    let atlas = app.atlas();
    let missing = |placard: &Placard| {
        let place = atlas.door(&placard.code)?.place(false);
        let missing: String = missing_glyphs(&place).into_iter().collect();
        let line = format!("  {}  {place}: no font has {missing}", placard.code);
        (!missing.is_empty()).then_some(line)
    };
    let of_batch = atlas.placards().filter(|placard| placard.batch == batch);
    let mut lines: Vec<String> = of_batch.filter_map(missing).collect();
    if !lines.is_empty() {
        lines.sort_unstable();
        let begins = format!("{} placard(s) cannot be drawn:", lines.len());
        lines.insert(0, begins);
        warn(lines.join("\n"));
    }
}

fn list(app: &App) -> Result<()> {
    let atlas = app.atlas();
    let mut lines: Vec<String> = atlas
        .placards()
        .filter_map(|placard| {
            let place = atlas.door(&placard.code)?.place(false);
            let address = app.placard_address(placard.code.as_str());
            Some(format!(
                "{}\t{}\t{address}\t{place}",
                placard.code,
                placard.state.code()
            ))
        })
        .collect();
    lines.sort_unstable();
    lines.iter().try_for_each(say)
}
