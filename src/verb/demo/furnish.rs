//! Fills the empty database of a demo.

use std::sync::Arc;

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};

use super::accounts::{self, Account};
use super::story::{self, MovedClock};
use crate::service::import::Table;
use crate::service::{App, places};
use crate::verb::import;

const AREAS: &[u8] = include_bytes!("../../../assets/demo/areas.csv");
const BUILDINGS: &[u8] = include_bytes!("../../../assets/demo/buildings.csv");
const SITES: &[u8] = include_bytes!("../../../assets/demo/sites.csv");
/// One rule to look at, not in force.
const RED_RULES: &[u8] = include_bytes!("../../../assets/demo/red-rules.csv");
/// One rule in force, for the story.
const RED_RULE_IN_FORCE: &[u8] = include_bytes!("../../../assets/demo/red-rule-in-force.csv");

/// Makes places, placards, test sites and staff, all of them yesterday morning; then, in a lived-in
/// demo, the reports since.
pub(super) async fn furnish(app: &Arc<App>, lived_in: bool) -> Result<Vec<Account>> {
    let people = accounts::people_of(AREAS);
    let bar = ProgressBar::new(8 + people.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    let yesterday = MovedClock::to_yesterday(&app.clock);
    bar.set_message("regions");
    import::built_in(app).await.context("regions")?;
    bar.inc(1);
    let mut sheets = vec![
        ("areas", Table::Areas, AREAS),
        ("buildings", Table::Buildings, BUILDINGS),
        ("test sites", Table::Sites, SITES),
        ("red rules", Table::RedRules, RED_RULES),
    ];
    if lived_in {
        sheets.push(("red rules", Table::RedRules, RED_RULE_IN_FORCE));
    }
    for (words, kind, bytes) in sheets {
        bar.set_message(words);
        import::take(app, kind, bytes).await.context(words)?;
        bar.inc(1);
    }
    bar.set_message("placards");
    places::issue_placards(app, "demo").await?;
    bar.inc(1);
    let mut made = Vec::new();
    for person in people {
        bar.set_message("accounts");
        made.push(accounts::take_on(app, person).await?);
        bar.inc(1);
    }
    drop(yesterday);
    if lived_in {
        bar.set_message("reports");
        story::tell(app).await.context("reports")?;
    }
    bar.finish_and_clear();
    Ok(made)
}
