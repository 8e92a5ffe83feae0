//! `mashang demo`

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::output::{print, say};
use crate::config::Config;
use crate::run::{self, StopSignal};
use crate::service::people;
use folder::Folder;
use welcome::Whereabouts;

mod accounts;
mod folder;
mod furnish;
mod network;
pub(crate) mod story;
mod welcome;

/// What `demo` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The folder for the database and its key
    #[arg(long, default_value = "data/demo", value_name = "FOLDER")]
    data: PathBuf,
    /// Start again: removes the demo that is in the folder
    #[arg(long)]
    fresh: bool,
    /// Make a new demo without reports
    #[arg(long)]
    empty: bool,
    /// Listen on the network, so that phones in it can open the demo. Where this machine is in
    /// several networks, `--lan=ADDRESS` names its address in the one of the phones
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, require_equals = true)]
    #[expect(clippy::option_option, reason = "the option may stand without a value")]
    lan: Option<Option<Ipv4Addr>>,
    /// Print one line of JSON when it is ready, for programs
    #[arg(long)]
    ready_json: bool,
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    let folder = Folder::of(&arguments.data);
    if arguments.fresh {
        folder.clear()?;
    }
    let making = folder.begin()?;
    let (config, place) = config(&arguments)?;
    crate::trace::start(&config);
    let app = run::build(&config).await?;
    let new = people::list(&app).await?.is_empty();
    let mut accounts = Vec::new();
    if new {
        accounts = furnish::furnish(&app, !arguments.empty).await?;
        accounts::keep(&folder.accounts(), &accounts)?;
    }
    making.finish()?;
    let stop = StopSignal::listen()?;
    let running = run::serve(app, &config).await?;
    if !new {
        accounts = accounts::kept(&running.app, &folder.accounts()).await?;
    }
    if arguments.ready_json {
        say(format_args!(
            "READY {}",
            welcome::ready(&running.app, &place, &accounts)
        ))?;
    } else {
        print(&welcome::welcome(&running.app, &place, &accounts))?;
    }
    running.until(stop).await
}

fn config(arguments: &Arguments) -> Result<(Config, Whereabouts)> {
    let host = match arguments.lan {
        None => Ipv4Addr::LOCALHOST,
        Some(_) => Ipv4Addr::UNSPECIFIED,
    };
    let mut port = arguments.port;
    if port == 0 {
        // The port is free now. When another process takes it first, the start fails with an error.
        let probe = std::net::TcpListener::bind((host, 0))?;
        port = probe.local_addr()?.port();
    }
    let origin = match arguments.lan {
        None => format!("http://localhost:{port}"),
        Some(named) => {
            let own = named.or_else(network::own_address).context(
                "this machine is in no network; connect it to one, or start without --lan",
            )?;
            format!("http://{own}:{port}")
        }
    };
    let data = arguments.data.display();
    let (database, key_file) = (
        format!("sqlite:{data}/mashang.db"),
        format!("{data}/master.key"),
    );
    let place = Whereabouts {
        origin: origin.clone(),
        lan: arguments.lan.is_some(),
        environment: format!("MASHANG_DATABASE='{database}' MASHANG_KEY_FILE='{key_file}'"),
    };
    let over = [
        ("listen", SocketAddr::from((host, port)).to_string()),
        ("public_address", origin),
        ("public_plain_http", arguments.lan.is_some().to_string()),
        // A second start shows the first passwords again.
        ("first_password_days", "3650".to_owned()),
        ("database", database),
        ("key_file", key_file),
        ("city_short_name", "通".to_owned()),
        ("phone_area_code", "0513".to_owned()),
        ("city_short_name_en", "Nantong".to_owned()),
        ("log_format", "text".to_owned()),
        ("log", "warn".to_owned()),
    ];
    Ok((Config::read(None, &over)?, place))
}
