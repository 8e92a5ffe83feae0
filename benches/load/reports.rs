//! Durable reports a second: with batches, with one transaction a report, and beside PocketBase.

use std::fmt::Write as _;
use std::time::Duration;

use crate::Arguments;
use crate::beside::PocketBase;
use crate::home::Home;
use crate::sending::{Cost, Key, Measured, PEOPLE, median, submissions};

/// One target of the comparison.
struct Target<'a> {
    name: &'static str,
    kind: Kind<'a>,
}

enum Kind<'a> {
    Mashang {
        key: Key,
        batch_max: &'static str,
        server: Option<&'a str>,
    },
    PocketBase(&'a str),
}

pub(crate) async fn durable(arguments: &Arguments, length: Duration) -> String {
    let targets = targets(arguments);
    let mut text = format!(
        "## Durable reports\n\nValidated, sealed, journalled, counted; durable before the answer (SQLite: WAL and `synchronous=FULL`). {PEOPLE} people report at all placards in turn, each with a telephone, a room, a note and a key. The targets take turns, each on an empty database; each figure is the median of the rounds.\n\n| target |"
    );
    let every = &arguments.connections;
    for connections in every {
        let _ = write!(text, " {connections}: reports/s | p99 ms |");
    }
    text += "\n|---|";
    text += &"---|".repeat(2 * every.len());
    let mut medians = vec![Vec::new(); targets.len()];
    for &connections in every {
        let mut runs: Vec<Vec<Measured>> = targets.iter().map(|_| Vec::new()).collect();
        for _ in 0..arguments.rounds {
            for (target, runs) in targets.iter().zip(&mut runs) {
                runs.push(target.run(connections, length).await);
            }
        }
        for (runs, medians) in runs.iter_mut().zip(&mut medians) {
            let middle = median(runs);
            medians.push((middle.per_second, middle.p99_ms, middle.cost));
        }
    }
    for (target, medians) in targets.iter().zip(&medians) {
        let _ = write!(text, "\n| {} |", target.name);
        for (per_second, p99, _) in medians {
            let _ = write!(text, " {per_second:.0} | {p99:.1} |");
        }
    }
    text += &costs(&targets, every, &medians);
    text += "\n\nHow many times as many:\n";
    for (one, other) in ratios(&targets) {
        let ratios = medians[one].iter().zip(&medians[other]);
        let ratios: Vec<String> = every
            .iter()
            .zip(ratios)
            .map(|(connections, (one, other))| {
                format!(
                    "{:.1} at {connections} (p99 {:.1} times shorter)",
                    one.0 / other.0,
                    other.1 / one.1
                )
            })
            .collect();
        let _ = write!(
            text,
            "\n- {} to {}: {}",
            targets[one].name,
            targets[other].name,
            ratios.join(", ")
        );
    }
    text + "\n"
}

fn targets(arguments: &Arguments) -> Vec<Target<'_>> {
    let mashang = |name, key, batch_max, server| Target {
        name,
        kind: Kind::Mashang {
            key,
            batch_max,
            server,
        },
    };
    let mut targets = vec![
        mashang("SQLite, page's keys", Key::Page, "512", None),
        mashang("SQLite, clients' keys", Key::Client, "512", None),
        mashang("SQLite, one transaction a report", Key::Page, "1", None),
    ];
    if let Some(server) = arguments.postgres.as_deref() {
        let server = Some(server);
        targets.push(mashang("PostgreSQL, page's keys", Key::Page, "512", server));
        targets.push(mashang(
            "PostgreSQL, one transaction a report",
            Key::Page,
            "1",
            server,
        ));
    }
    if let Some(program) = arguments.beside.as_deref() {
        targets.push(Target {
            name: "PocketBase, synchronous=FULL, one row",
            kind: Kind::PocketBase(program),
        });
    }
    if let Some(words) = &arguments.targets {
        targets.retain(|target| words.split(',').any(|word| target.name.contains(word)));
    }
    targets
}

/// What a report costs this process at each number of connections.
fn costs(targets: &[Target<'_>], every: &[usize], medians: &[Vec<(f64, f64, Cost)>]) -> String {
    let mut text = String::from("\n\nWhat a report cost the process, the load included:\n");
    for (target, medians) in targets.iter().zip(medians) {
        if matches!(target.kind, Kind::PocketBase(_)) {
            continue;
        }
        let costs = every.iter().zip(medians);
        let costs = costs.map(|(connections, (_, _, cost))| {
            let Cost {
                processor_us,
                written_kib,
            } = cost;
            format!("{processor_us:.0} µs of processor and {written_kib:.1} KiB written at {connections}")
        });
        let costs: Vec<String> = costs.collect();
        let _ = write!(text, "\n- {}: {}", target.name, costs.join(", "));
    }
    text
}

/// Which targets are compared, as places in the list.
fn ratios(targets: &[Target<'_>]) -> Vec<(usize, usize)> {
    let place = |name: &str| {
        targets
            .iter()
            .position(|target| target.name.starts_with(name))
    };
    let pairs = [
        ("SQLite, page's", "SQLite, one"),
        ("SQLite, clients'", "SQLite, page's"),
        ("PostgreSQL, page's", "PostgreSQL, one"),
        ("SQLite, page's", "PocketBase"),
        ("SQLite, clients'", "PocketBase"),
    ];
    let found = pairs
        .iter()
        .map(|(one, other)| Some((place(one)?, place(other)?)));
    found.flatten().collect()
}

impl Target<'_> {
    async fn run(&self, connections: usize, length: Duration) -> Measured {
        match &self.kind {
            Kind::PocketBase(program) => {
                PocketBase::start(program)
                    .await
                    .measure(connections, length)
                    .await
            }
            Kind::Mashang {
                key,
                batch_max,
                server,
            } => {
                let home = Home::on(*server).await;
                let running = home.open(&[("intake_batch_max", batch_max)]).await;
                let measured = submissions(&running, connections, length, *key).await;
                running.close().await.unwrap();
                home.remove().await;
                measured
            }
        }
    }
}
