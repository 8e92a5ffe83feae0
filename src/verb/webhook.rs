//! `mashang webhook`

use std::io::Read as _;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::Settings;
use crate::domain::area::AreaId;
use crate::domain::queue::QueueId;
use crate::domain::webhook::{Events, Kind, WebhookId};
use crate::service::App;
use crate::service::webhook::{self, Wanted};

/// What `webhook` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Send the entries of an area to an address from now on; prints its number and its secret
    Add(Add),
    /// List all: number, state, kind, area, host, entries behind, the last failure
    List,
    /// Send a message that says that it is a trial
    Test {
        /// Its number
        id: i32,
    },
    /// Send a queue's entries again from one on, under the same ids, or skip the entries before it
    Replay {
        /// Its number
        id: i32,
        /// The number of the entry in the queue's history
        #[arg(long, value_name = "SEQ")]
        from: i64,
        /// The official code of the queue, where the area has several
        #[arg(long, value_name = "CODE")]
        queue: Option<String>,
    },
    /// Send it nothing for a while; its entries wait
    Pause {
        /// Its number
        id: i32,
    },
    /// Send to it again, at once
    Resume {
        /// Its number
        id: i32,
    },
    /// Remove it
    Remove {
        /// Its number
        id: i32,
    },
}

#[derive(Debug, clap::Args)]
struct Add {
    /// The official code of the area whose entries it gets
    #[arg(long, value_name = "CODE")]
    area: String,
    /// `generic` (signed JSON), `wecom` or `dingtalk` (robots of groups)
    #[arg(long, default_value = "generic")]
    kind: String,
    /// The address; `-` reads it from standard input, because a robot's address is its password
    #[arg(long)]
    address: String,
    /// A file with the secret that signs (`whsec_…`); without it a program gets a random one
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Kinds of entries with commas; by default a program gets all kinds and a robot only new reports
    #[arg(long)]
    events: Option<String>,
    /// Whether it gets all entries in quiet hours, or only urgent ones; by default programs get all
    #[arg(long)]
    at_night: Option<bool>,
    /// The language of a robot's messages, `zh` or `en`
    #[arg(long, default_value = "zh")]
    lang: String,
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    let what = arguments.what;
    (arguments.settings)
        .with_app(async |app: &App| act(app, what).await)
        .await
}

async fn act(app: &App, what: What) -> Result<()> {
    let unknown = "there is no webhook with this number";
    match what {
        What::Add(wanted) => add(app, wanted).await?,
        What::List => list(app).await?,
        What::Test { id } => {
            webhook::test(app, WebhookId(id)).await?;
            println!("taken");
        }
        What::Replay { id, from, queue } => {
            let queue = queue.map(|code| queue_of(app, &code)).transpose()?;
            webhook::replay(app, WebhookId(id), queue, from).await?;
        }
        What::Pause { id } => webhook::set_active(app, WebhookId(id), false)
            .await
            .context(unknown)?,
        What::Resume { id } => webhook::set_active(app, WebhookId(id), true)
            .await
            .context(unknown)?,
        What::Remove { id } => webhook::remove(app, WebhookId(id)).await.context(unknown)?,
    }
    Ok(())
}

fn area(app: &App, code: &str) -> Result<AreaId> {
    let atlas = app.atlas();
    let area = atlas.tree.areas().find(|known| known.code == code);
    Ok(area.context("there is no area with this code")?.id)
}

/// The queue of the area with this code.
fn queue_of(app: &App, code: &str) -> Result<QueueId> {
    let queue = app.atlas().tree.queue_of(area(app, code)?);
    queue.context("this area has no queue")
}

async fn add(app: &App, add: Add) -> Result<()> {
    let events = add.events.as_deref().map(Events::read);
    let wanted = Wanted {
        area: area(app, &add.area)?,
        kind: Kind::from_code(&add.kind).context("there is no such kind")?,
        english: match add.lang.as_str() {
            "zh" => false,
            "en" => true,
            _ => anyhow::bail!("the language is zh or en"),
        },
        events: match events {
            Some(events) => Some(events.context("there is no such kind of entry")?),
            None => None,
        },
        at_night: add.at_night,
    };
    let mut address = add.address;
    if address == "-" {
        address.clear();
        std::io::stdin().read_to_string(&mut address)?;
    }
    let secret = match &add.secret_file {
        Some(file) => {
            let read = std::fs::read_to_string(file);
            let read = read.with_context(|| format!("cannot read {}", file.display()))?;
            Some(read.trim().to_owned())
        }
        None => None,
    };
    let drawn = secret.is_none();
    let (id, secret) = webhook::add(app, wanted, address.trim(), secret).await?;
    match drawn && !secret.is_empty() {
        true => println!("{}\t{secret}", id.0),
        false => println!("{}", id.0),
    }
    Ok(())
}

async fn list(app: &App) -> Result<()> {
    let atlas = app.atlas();
    for listed in webhook::list(app).await? {
        let webhook = &listed.webhook;
        let area = atlas.tree.get(webhook.area);
        let state = match (webhook.active, webhook.failures) {
            (false, _) => "paused".to_owned(),
            (true, 0) => "well".to_owned(),
            (true, failures) => format!("failed {failures} times: {}", webhook.last_error),
        };
        println!(
            "{}\t{}\t{}\t{}\t{} behind\t{state}",
            webhook.id.0,
            webhook.kind.code(),
            area.map_or("", |area| area.name.as_str()),
            listed.host,
            listed.behind,
        );
    }
    Ok(())
}
