//! `mashang demo`

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::import;
use crate::config::Config;
use crate::domain::area::Level;
use crate::domain::place::{Placard, PlacardPlace};
use crate::domain::staff::Role;
use crate::qr::Symbol;
use crate::run::{self, StopSignal};
use crate::service::import::Table;
use crate::service::{App, people, places};

const AREAS: &[u8] = include_bytes!("../../assets/demo/areas.csv");
const BUILDINGS: &[u8] = include_bytes!("../../assets/demo/buildings.csv");
const SITES: &[u8] = include_bytes!("../../assets/demo/sites.csv");
/// One rule to look at, not in force.
const RED_RULES: &[u8] = include_bytes!("../../assets/demo/red-rules.csv");
/// Where the accounts of a demo are kept, so that a second start can show them again.
const ACCOUNTS_FILE: &str = "demo-accounts.tsv";
/// Files of a demo, all of which `--fresh` removes.
const FILES: [&str; 5] = [
    "mashang.db",
    "mashang.db-wal",
    "mashang.db-shm",
    "master.key",
    ACCOUNTS_FILE,
];

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
    /// Print one line of JSON when it is ready, for programs
    #[arg(long)]
    ready_json: bool,
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    if arguments.fresh {
        for file in FILES {
            let file = arguments.data.join(file);
            if file.exists() {
                std::fs::remove_file(&file)
                    .with_context(|| format!("cannot remove {}", file.display()))?;
            }
        }
    }
    let config = config(&arguments)?;
    crate::trace::start(&config);
    let app = run::build(&config).await?;
    if people::list(&app).await?.is_empty() {
        let accounts = furnish(&app).await?;
        keep(&arguments.data.join(ACCOUNTS_FILE), &accounts)?;
    }
    let stop = StopSignal::listen()?;
    let running = run::serve(app, &config).await?;
    let accounts = kept(&arguments.data.join(ACCOUNTS_FILE))?;
    if arguments.ready_json {
        println!("READY {}", ready(&running, &accounts));
    } else {
        welcome(&running, &accounts);
    }
    running.until(stop).await
}

fn config(arguments: &Arguments) -> Result<Config> {
    let mut port = arguments.port;
    if port == 0 {
        // The port is free now. When another process takes it first, the start fails with an error.
        let probe = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        port = probe.local_addr()?.port();
    }
    let data = arguments.data.display();
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let over = [
        ("listen", listen.to_string()),
        ("public_address", format!("http://localhost:{port}")),
        ("database", format!("sqlite:{data}/mashang.db")),
        ("key_file", format!("{data}/master.key")),
        ("city_short_name", "通".to_owned()),
        ("city_short_name_en", "Nantong".to_owned()),
        ("log_format", "text".to_owned()),
        ("log", "warn".to_owned()),
    ];
    Ok(Config::read(None, &over)?)
}

type Account = (String, String, Role, String);

/// Fills an empty database: places, placards, test sites, staff.
async fn furnish(app: &App) -> Result<Vec<Account>> {
    let accounts = accounts_of();
    let bar = ProgressBar::new(6 + accounts.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    bar.set_message("regions");
    import::built_in(app).await.context("regions")?;
    bar.inc(1);
    for (words, kind, bytes) in [
        ("areas", Table::Areas, AREAS),
        ("buildings", Table::Buildings, BUILDINGS),
        ("test sites", Table::Sites, SITES),
        ("red rules", Table::RedRules, RED_RULES),
    ] {
        bar.set_message(words);
        import::take(app, kind, bytes).await.context(words)?;
        bar.inc(1);
    }
    bar.set_message("placards");
    places::issue_placards(app, "demo").await?;
    bar.inc(1);
    let mut made = Vec::new();
    for (login, name, role, code) in accounts {
        bar.set_message("accounts");
        let atlas = app.atlas();
        let area = atlas.tree.areas().find(|area| area.code == code);
        let area = area.with_context(|| format!("no area {code}"))?;
        let password = people::take_on(app, &login, &name, role, area.id).await?;
        made.push((login, password, role, area.name.clone()));
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(made)
}

/// One lead for every community, and one of each other role.
fn accounts_of() -> Vec<Account> {
    let office = "320613019000".to_owned();
    let mut accounts = vec![
        (
            "duty".into(),
            "值班员（示例）".into(),
            Role::DutyOfficer,
            office.clone(),
        ),
        (
            "admin".into(),
            "管理员（示例）".into(),
            Role::Admin,
            office.clone(),
        ),
        (
            "auditor".into(),
            "审计员（示例）".into(),
            Role::Auditor,
            office,
        ),
        (
            "worker".into(),
            "网格员（示例）".into(),
            Role::GridWorker,
            "320613019001".into(),
        ),
        (
            "grid01".into(),
            "桥北第一网格网格员（示例）".into(),
            Role::GridWorker,
            "320613019001-1".into(),
        ),
    ];
    let text = String::from_utf8_lossy(AREAS);
    let lines = text
        .lines()
        .filter(|line| line.contains(Level::Community.code()));
    for (at, line) in lines.enumerate() {
        let mut cells = line.split(',');
        let code = cells.next().unwrap_or_default().to_owned();
        let name = cells.nth(2).unwrap_or_default();
        let login = format!("lead{:02}", at + 1);
        accounts.push((
            login,
            format!("{name}负责人（示例）"),
            Role::CommunityLead,
            code,
        ));
    }
    accounts
}

fn keep(file: &Path, accounts: &[Account]) -> Result<()> {
    let lines: Vec<String> = accounts
        .iter()
        .map(|(login, password, role, area)| {
            format!("{login}\t{password}\t{}\t{area}", role.code())
        })
        .collect();
    std::fs::write(file, lines.join("\n") + "\n")?;
    Ok(())
}

fn kept(file: &Path) -> Result<Vec<Account>> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("{} is gone; start again with --fresh", file.display()))?;
    text.lines()
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let &[login, password, role, area] = cells.as_slice() else {
                bail!(
                    "{} cannot be read; start again with --fresh",
                    file.display()
                );
            };
            let role = Role::from_code(role).context("no such role")?;
            Ok((login.to_owned(), password.to_owned(), role, area.to_owned()))
        })
        .collect()
}

fn in_order(app: &App) -> Vec<Placard> {
    let atlas = app.atlas();
    let mut placards: Vec<Placard> = atlas.placards().cloned().collect();
    placards.sort_by_key(|placard| placard.id.0);
    placards
}

fn ready(running: &run::Running, accounts: &[Account]) -> serde_json::Value {
    let app = &running.app;
    let atlas = app.atlas();
    let origin = format!("http://localhost:{}", running.address.port());
    let place = |door: PlacardPlace<'_>| (door.place(false), door.queue.name.clone());
    let placards: Vec<_> = in_order(app)
        .iter()
        .map(|placard| {
            let (place, queue) = atlas.door(&placard.code).map(place).unwrap_or_default();
            let address = app.placard_address(placard.code.as_str());
            json!({"code": placard.code.as_str(), "address": address, "place": place, "queue": queue})
        })
        .collect();
    let staff: Vec<_> = accounts
        .iter()
        .map(|(login, password, role, area)| {
            json!({"login": login, "password": password, "role": role.code(), "area": area})
        })
        .collect();
    json!({"origin": origin, "nonce": app.instance, "placards": placards, "staff": staff})
}

fn welcome(running: &run::Running, accounts: &[Account]) {
    let app = &running.app;
    let origin = &app.rules.public_address;
    println!(
        "\n  Mashang 码上报备 — demo: 秦灶街道. Every person, telephone and test site is made up.\n"
    );
    if let Some(placard) = in_order(app).first() {
        let address = app.placard_address(placard.code.as_str());
        let atlas = app.atlas();
        let place = atlas
            .door(&placard.code)
            .map(|door| door.place(false))
            .unwrap_or_default();
        if let Ok(symbol) = Symbol::encode(&address) {
            println!("{}", symbol.terminal());
        }
        println!("  resident   {address}   ({place})");
        println!(
            "  poster     {origin}/staff/placards/{}.pdf   (after signing in)",
            placard.code
        );
    }
    println!("  staff      {origin}/staff");
    println!("  centre     {origin}/centre");
    println!("  API        {origin}/api/docs/\n");
    println!(
        "  {:<10} {:<16} {:<15} area",
        "account", "first password", "role"
    );
    for (login, password, role, area) in accounts {
        println!("  {login:<10} {password:<16} {:<15} {area}", role.code());
    }
    println!("\n  Each password is asked to be replaced at the first sign-in. Stop with Ctrl-C.\n");
}
