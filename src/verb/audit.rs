//! `mashang audit`

use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::Settings;
use super::output::say;
use super::settings::Lang;
use crate::clock::Clock;
use crate::service::App;
use crate::service::audit::words::words;
use crate::service::audit::{self, AuditEntry, By};

/// Entries that are read at once.
const ENTRIES_MAX: u64 = 1_000;

/// What `audit` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Only entries since then: a day (2026-09-15), a time of the city (2026-09-15T08:30), or so
    /// long ago (90m, 24h, 7d)
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Print each entry as a line of JSON, for programs
    #[arg(long)]
    json: bool,
    /// The language of the lines, `en` or `zh`
    #[arg(long, default_value = "en", conflicts_with = "json")]
    lang: Lang,
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    let Arguments {
        settings,
        since,
        json,
        lang,
    } = arguments;
    settings
        .with_app(async |app: &App| {
            let since = since.map(|since| {
                let read = read_since(&app.clock, &since);
                read.context("--since is a day, a time, or so long ago: 90m, 24h, 7d")
            });
            let line = |entry: &AuditEntry| match json {
                true => as_json(entry).to_string(),
                false => in_words(&app.clock, entry, lang == Lang::En),
            };
            print(app, since.transpose()?, line).await?;
            audit::command_run(app, "audit");
            Ok(())
        })
        .await
}

/// The instant that these words name.
fn read_since(clock: &Clock, text: &str) -> Option<DateTime<Utc>> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Some(clock.instant(day.and_time(NaiveTime::MIN)));
    }
    let minute = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M");
    if let Ok(local) = minute.or_else(|_| text.parse()) {
        return Some(clock.instant(local));
    }
    let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let count: u32 = count.parse().ok()?;
    let ago = match unit {
        "m" => TimeDelta::minutes(count.into()),
        "h" => TimeDelta::hours(count.into()),
        "d" => TimeDelta::days(count.into()),
        _ => return None,
    };
    clock.now().checked_sub_signed(ago)
}

/// Prints the entries, oldest first.
async fn print(
    app: &App,
    since: Option<DateTime<Utc>>,
    line: impl Fn(&AuditEntry) -> String,
) -> Result<()> {
    let mut seq = 0;
    loop {
        let entries = audit::page(app, seq, since, ENTRIES_MAX).await?;
        for entry in &entries {
            say(line(entry))?;
        }
        match entries.last() {
            Some(last) if entries.len() as u64 == ENTRIES_MAX => seq = last.seq,
            _ => return Ok(()),
        }
    }
}

fn in_words(clock: &Clock, entry: &AuditEntry, english: bool) -> String {
    let at = clock.local(entry.at).format("%Y-%m-%d %H:%M:%S");
    format!("{}  {at}  {}", entry.seq, words(entry, english))
}

fn as_json(entry: &AuditEntry) -> Value {
    let by = match &entry.by {
        By::Staff { login, name } => json!({ "login": login, "name": name }),
        By::Operator(user) => json!({ "operator": user }),
        By::Program => Value::Null,
    };
    json!({
        "seq": entry.seq, "at": entry.at, "event": entry.kind, "by": by, "facts": entry.facts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_a_day_a_time_or_long_ago() {
        let clock = Clock::new(chrono_tz::Asia::Shanghai);
        let at: DateTime<Utc> = "2026-09-15T00:00:00Z".parse().unwrap();
        clock.hold(at);
        for (text, wanted) in [
            ("2026-09-15", "2026-09-14T16:00:00Z"),
            ("2026-09-15T08:30", "2026-09-15T00:30:00Z"),
            ("2026-09-15T08:30:05", "2026-09-15T00:30:05Z"),
        ] {
            assert_eq!(read_since(&clock, text), wanted.parse().ok(), "{text}");
        }
        for (text, ago) in [
            ("90m", TimeDelta::minutes(90)),
            ("24h", TimeDelta::hours(24)),
            ("7d", TimeDelta::days(7)),
        ] {
            let since = read_since(&clock, text).unwrap();
            let off = since - (at - ago);
            assert!(off < TimeDelta::seconds(1), "{text}: {since}");
        }
        for text in ["", "d", "7w", "七d", "2026-13-01", "99999999999d"] {
            assert_eq!(read_since(&clock, text), None, "{text}");
        }
    }
}
