//! Settings: every one with its default and its meaning in one table, read from a file and from
//! the environment, with all mistakes at once.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use anyhow::anyhow;
use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;
use ipnet::IpNet;
use toml::de::{DeTable, DeValue};

use crate::domain::time_of_day;
use crate::service::Rules;
use crate::store;

pub(crate) mod operator;
mod rules;
mod settings;
#[cfg(test)]
mod tests;

pub use settings::{GROUPS, Setting};

/// What stands before a setting's name in the environment, in upper case: `MASHANG_LISTEN`.
pub const ENV_PREFIX: &str = "MASHANG_";
/// Length of the token of the metrics at least, in characters.
const TOKEN_CHARS_MIN: usize = 32;
/// Variables with the prefix that are no settings.
const NOT_SETTINGS: [&str; 4] = [
    "MASHANG_CONFIG",
    "MASHANG_TEST_POSTGRES",
    "MASHANG_TEST_SEED",
    "MASHANG_WRITE_DOCS",
];

/// All settings, right in themselves.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Address and port of the metrics; none for no metrics.
    pub metrics_listen: Option<SocketAddr>,
    /// The database.
    pub database: store::Options,
    /// Where the master key is.
    pub key_file: PathBuf,
    /// Whether others than the owner may read the key file.
    pub key_file_shared: bool,
    /// The city's time zone.
    pub time_zone: Tz,
    /// What the city wants.
    pub rules: Rules,
    /// Limits of connections and of slow clients.
    pub connections: ConnectionRules,
    /// HTTP worker threads; none means one per processor.
    pub workers: Option<usize>,
    /// The token of the metrics.
    pub metrics_token: Option<String>,
    /// The log filter.
    pub log: String,
    /// Whether the log is JSON.
    pub log_json: bool,
}

/// Limits of connections and of slow clients.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionRules {
    /// Connections at the same time.
    pub all: usize,
    /// Requests of one address that have not come in whole.
    pub unfinished_per_address: usize,
    /// The time for any body.
    pub body_grace: Duration,
    /// The slowest client that is served.
    pub bytes_per_second: u32,
}

/// Every mistake in the settings.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistakes(pub Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the settings cannot be used:")?;
        self.0
            .iter()
            .try_for_each(|mistake| write!(f, "\n  - {mistake}"))
    }
}

impl std::error::Error for Mistakes {}

impl Config {
    /// Reads the file, if one is given, then the environment, which wins; then `over`, which wins
    /// over both. Unknown names are mistakes.
    pub fn read(file: Option<&Path>, over: &[(&str, String)]) -> Result<Self, Mistakes> {
        let mut mistakes = Vec::new();
        let mut said = BTreeMap::new();
        if let Some(file) = file {
            match from_file(file) {
                Ok(found) => said.extend(found),
                Err(error) => mistakes.push(format!("{}: {error}", file.display())),
            }
        }
        for (name, value) in std::env::vars() {
            if NOT_SETTINGS.contains(&name.as_str()) {
                continue;
            }
            if let Some(name) = name.strip_prefix(ENV_PREFIX) {
                said.insert(name.to_lowercase(), value);
            }
        }
        said.extend(
            over.iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone())),
        );
        Self::of(&said, mistakes)
    }

    /// The settings that were said, over the defaults.
    fn of(said: &BTreeMap<String, String>, mistakes: Vec<String>) -> Result<Self, Mistakes> {
        let mut reader = Reader { said, mistakes };
        for name in said.keys() {
            if !settings::all().any(|setting| setting.name == name) {
                reader
                    .mistakes
                    .push(format!("{name}: there is no such setting"));
            }
        }
        let config = reader.config();
        match config {
            Some(config) if reader.mistakes.is_empty() => Ok(config),
            _ => Err(Mistakes(reader.mistakes)),
        }
    }
}

/// The names of a file in TOML, each with its one value in words.
fn from_file(file: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(file)?;
    let table = DeTable::parse(&text)?.into_inner();
    let pairs = table.into_iter().map(|(name, value)| {
        let value = single(value.get_ref());
        let value = value.ok_or_else(|| anyhow!("{} is not one value", name.get_ref()))?;
        Ok((name.into_inner().into_owned(), value))
    });
    pairs.collect()
}

/// None for an array, a table and a number that is too large.
fn single(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.as_ref().to_owned()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .map(|number| number.to_string()),
        DeValue::Float(number) => Some(number.as_str().parse::<f64>().ok()?.to_string()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        DeValue::Datetime(moment) => Some(moment.to_string()),
        DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// Reads settings one by one and collects all mistakes.
struct Reader<'a> {
    said: &'a BTreeMap<String, String>,
    mistakes: Vec<String>,
}

impl Reader<'_> {
    fn text(&self, name: &str) -> String {
        let default = settings::all().find(|setting| setting.name == name);
        let default = default.map_or("", |setting| setting.default);
        self.said
            .get(name)
            .map_or(default, String::as_str)
            .trim()
            .to_owned()
    }

    fn parse<T: FromStr>(&mut self, name: &str, what: &str) -> Option<T> {
        let text = self.text(name);
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.mistakes
                .push(format!("{name}: {text:?} is not {what}"));
        }
        parsed
    }

    fn number(&mut self, name: &str, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let what = format!("a number from {} to {}", range.start(), range.end());
        let number = self.parse::<u32>(name, &what)?;
        if range.contains(&number) {
            return Some(number);
        }
        self.mistakes
            .push(format!("{name}: {number} is not {what}"));
        None
    }

    fn time(&mut self, name: &str) -> Option<NaiveTime> {
        let text = self.text(name);
        let time = time_of_day::read(&text);
        if time.is_none() {
            self.mistakes
                .push(format!("{name}: {text:?} is not a time like 07:30"));
        }
        time
    }

    /// The end of a day; 24:00 comes back as 00:00.
    fn end_time(&mut self, name: &str) -> Option<NaiveTime> {
        let text = self.text(name);
        let time = time_of_day::read_end(&text);
        if time.is_none() {
            self.mistakes.push(format!(
                "{name}: {text:?} is not a time like 22:00 or 24:00"
            ));
        }
        time
    }

    fn one_of(&mut self, name: &str, known: &[&str]) -> Option<String> {
        let text = self.text(name);
        if known.contains(&text.as_str()) {
            return Some(text);
        }
        self.mistakes
            .push(format!("{name}: {text:?} is not {}", known.join(" or ")));
        None
    }

    /// Where the metrics are, and their token; none where none is said. A short token could be
    /// guessed, and beyond this machine metrics have one.
    fn metrics(&mut self) -> (Option<SocketAddr>, Option<String>) {
        let token = self.text("metrics_token");
        if !token.is_empty() && token.chars().count() < TOKEN_CHARS_MIN {
            let mistake = format!("metrics_token: shorter than {TOKEN_CHARS_MIN} characters");
            self.mistakes.push(mistake);
        }
        let listen: Option<SocketAddr> = match self.text("metrics_listen").is_empty() {
            true => None,
            false => self.parse("metrics_listen", "an address like 127.0.0.1:9180"),
        };
        if listen.is_some_and(|listen| !listen.ip().is_loopback()) && token.is_empty() {
            self.mistakes
                .push("metrics_listen: beyond this machine it needs a metrics_token".to_owned());
        }
        (listen, Some(token).filter(|token| !token.is_empty()))
    }

    fn connections(&mut self) -> Option<ConnectionRules> {
        let all = self.number("connections_max", 16..=1_000_000);
        let unfinished = self.number("unfinished_requests_per_address", 1..=1_000_000);
        let grace = self.number("body_seconds", 1..=600);
        let bytes_per_second = self.number("bytes_per_second_min", 1..=1_000_000);
        Some(ConnectionRules {
            all: all? as usize,
            unfinished_per_address: unfinished? as usize,
            body_grace: Duration::from_secs(u64::from(grace?)),
            bytes_per_second: bytes_per_second?,
        })
    }

    fn database(&mut self) -> Option<store::Options> {
        let url = self.text("database");
        let known = ["sqlite:", "postgres://", "postgresql://"];
        if !known.iter().any(|scheme| url.starts_with(scheme)) {
            // The text may hold a password, so it is not repeated.
            self.mistakes
                .push("database: neither sqlite:<file> nor postgres://…".to_owned());
        }
        let connections_max = self.number("database_connections_max", 1..=1_000);
        let busy = self.number("busy_after_ms", 1..=60_000);
        Some(store::Options {
            url,
            connections_max: connections_max?,
            busy_after: Duration::from_millis(u64::from(busy?)),
        })
    }

    /// A day; none where nothing is said, or nothing right.
    fn day(&mut self, name: &str) -> Option<NaiveDate> {
        let text = self.text(name);
        let day = text.parse().ok();
        if day.is_none() && !text.is_empty() {
            let mistake = format!("{name}: {text:?} is not a day like 2022-09-01");
            self.mistakes.push(mistake);
        }
        day
    }

    /// Networks like `10.0.0.0/8`, or single addresses. All addresses are no network.
    fn networks(&mut self, name: &str) -> Vec<IpNet> {
        let text = self.text(name);
        let words = text.split(',').map(str::trim);
        let mut networks = Vec::new();
        for word in words.filter(|word| !word.is_empty()) {
            let single = word.parse::<IpAddr>().map(IpNet::from);
            match single.or_else(|_| word.parse()) {
                Ok(network) if network.prefix_len() > 0 => networks.push(network.trunc()),
                _ => self.mistakes.push(format!(
                    "{name}: {word:?} is no address and no network like 10.0.0.0/8"
                )),
            }
        }
        networks
    }

    fn config(&mut self) -> Option<Config> {
        let listen = self.parse("listen", "an address like 127.0.0.1:8080");
        let database = self.database();
        let time_zone = self.parse("time_zone", "a time zone like Asia/Shanghai");
        let rules = self.rules();
        let connections = self.connections();
        let (metrics_listen, metrics_token) = self.metrics();
        let key_file_shared = self.parse("key_file_shared", "true or false");
        let workers = self.number("workers", 0..=1_024);
        let format = self.one_of("log_format", &["json", "text"]);
        Some(Config {
            listen: listen?,
            metrics_listen,
            database: database?,
            key_file: self.text("key_file").into(),
            key_file_shared: key_file_shared?,
            time_zone: time_zone?,
            rules: rules?,
            connections: connections?,
            workers: Some(workers? as usize).filter(|count| *count > 0),
            metrics_token,
            log: self.text("log"),
            log_json: format? == "json",
        })
    }
}
