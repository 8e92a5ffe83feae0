//! The command line: one file per verb, and a folder for the demo, all of one shape: arguments, then `run`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use rustix::fs::Mode;

use crate::config::Config;
use crate::service::App;

mod audit;
pub(crate) mod demo;
mod healthcheck;
mod import;
mod openapi;
mod output;
mod placard;
mod poster;
mod serve;
mod settings;
mod staff;
mod verify;
mod webhook;

pub use output::{ReaderGone, warn};

/// What the binary can do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Serve the pages and the API, with the settings of a file and of the environment
    Serve(serve::Arguments),
    /// Start the whole product with made-up data, to look at
    Demo(demo::Arguments),
    /// Import areas, buildings, test sites, regions, holidays or red rules from a CSV file
    Import(import::Arguments),
    /// Issue, list or revoke the placards of lifts and units
    Placard(placard::Arguments),
    /// Draw posters of placards as SVG, PNG or PDF
    Poster(poster::Arguments),
    /// Add staff, let them go, give them new passwords
    Staff(staff::Arguments),
    /// Send events to other programs and to the robots of chat groups
    Webhook(webhook::Arguments),
    /// Print what staff and operators did: sign-ins, accounts, imports, placards, searches
    Audit(audit::Arguments),
    /// Check that no entry of any journal was changed, removed or added behind the program
    Verify(verify::Arguments),
    /// Print every setting with its default and its meaning
    Settings(settings::Arguments),
    /// Check that a running server answers; for containers
    Healthcheck(healthcheck::Arguments),
    /// Print the OpenAPI description
    Openapi(openapi::Arguments),
}

impl Verb {
    /// Runs the verb on a runtime of its own. An async function is compiled into the crate that awaits
    /// it: awaited here, the program is compiled once, and not again into the binary.
    pub fn run(self) -> Result<()> {
        // Database, key and first passwords belong to their owner alone.
        rustix::process::umask(Mode::RWXG | Mode::RWXO);
        // A page of 2 MiB stays in memory as a whole for one small block in it: 40 MB at rest. Where
        // the system has no such pages, there is nothing to refuse.
        let _ = rustix::thread::disable_transparent_huge_pages(true);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let done = runtime.block_on(self.act());
        // What had to be written is written; a slow name server keeps the process no longer.
        runtime.shutdown_background();
        done
    }

    async fn act(self) -> Result<()> {
        match self {
            Self::Serve(arguments) => serve::run(arguments).await,
            Self::Demo(arguments) => demo::run(arguments).await,
            Self::Import(arguments) => import::run(arguments).await,
            Self::Placard(arguments) => placard::run(arguments).await,
            Self::Poster(arguments) => poster::run(arguments).await,
            Self::Staff(arguments) => staff::run(arguments).await,
            Self::Webhook(arguments) => webhook::run(arguments).await,
            Self::Audit(arguments) => audit::run(arguments).await,
            Self::Verify(arguments) => verify::run(arguments).await,
            Self::Settings(arguments) => settings::run(arguments),
            Self::Healthcheck(arguments) => healthcheck::run(arguments).await,
            Self::Openapi(arguments) => openapi::run(arguments),
        }
    }
}

/// Where the settings come from.
#[derive(Debug, clap::Args)]
struct Settings {
    /// A TOML file with settings; the environment (`MASHANG_LISTEN`, …) wins over it
    #[arg(long, env = "MASHANG_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Settings {
    fn read(&self) -> Result<Config> {
        Ok(Config::read(self.config.as_deref(), &[])?)
    }

    /// Runs one command with the application's state: the same database, without a server. Writes
    /// everything and closes the connections before it returns.
    async fn with_app<T>(&self, command: impl AsyncFnOnce(&App) -> Result<T>) -> Result<T> {
        let config = self.read()?;
        crate::trace::start_quietly(&config);
        let app = crate::run::build(&config).await?;
        let done = command(&app).await;
        app.notifier.close();
        app.intake.close();
        app.db.close().await;
        done
    }
}
