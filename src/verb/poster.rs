//! `mashang poster`

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::Settings;
use super::output::say;
use crate::domain::code::Code;
use crate::domain::place::PlacardState;
use crate::poster::{self, Paper, Poster};
use crate::service::audit::{self, Actor};
use crate::service::{App, places};

/// Dots per inch of a picture.
const PICTURE_DPI: u32 = 300;

/// What `poster` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// The codes of the placards; none means every placard in use
    codes: Vec<String>,
    /// a4, a5 or sticker
    #[arg(long, default_value = "a4")]
    paper: String,
    /// The file to write: .pdf (a page each), .svg or .png (one placard)
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    let paper = Paper::from_code(&arguments.paper).context("the paper is a4, a5 or sticker")?;
    let posters = (arguments.settings)
        .with_app(async |app: &App| {
            let posters = posters(app, &arguments.codes)?;
            audit::posters_drawn(app, Actor::Operator, posters.len()).await?;
            Ok(posters)
        })
        .await?;
    let drawn = draw(&posters, paper, &arguments.out)?;
    let count = posters.len() - drawn.undrawn.len();
    if count > 0 {
        std::fs::write(&arguments.out, drawn.bytes)
            .with_context(|| format!("cannot write {}", arguments.out.display()))?;
        say(format_args!("{count} placard(s) drawn"))?;
    }
    if drawn.undrawn.is_empty() {
        return Ok(());
    }
    let mut lines = vec![format!(
        "{} placard(s) cannot be drawn:",
        drawn.undrawn.len()
    )];
    lines.extend(drawn.undrawn.iter().map(|error| format!("  {error}")));
    bail!(lines.join("\n"))
}

/// The bytes of a file, and why some placards are not in it.
struct Drawn {
    bytes: Vec<u8>,
    undrawn: Vec<poster::Error>,
}

fn posters(app: &App, codes: &[String]) -> Result<Vec<Poster>> {
    let atlas = app.atlas();
    let mut wanted = Vec::new();
    for code in codes {
        wanted.push(
            Code::read(code)
                .ok()
                .with_context(|| format!("{code} is no code"))?,
        );
    }
    if codes.is_empty() {
        let in_use = atlas
            .placards()
            .filter(|placard| placard.state == PlacardState::Active);
        wanted = in_use.map(|placard| placard.code.clone()).collect();
        wanted.sort_unstable();
    }
    wanted
        .iter()
        .map(|code| {
            let door = atlas
                .door(code)
                .with_context(|| format!("there is no placard {code}"))?;
            Ok(places::poster_of(app, &atlas, &door))
        })
        .collect()
}

fn draw(posters: &[Poster], paper: Paper, out: &Path) -> Result<Drawn> {
    let kind = out
        .extension()
        .and_then(|kind| kind.to_str())
        .unwrap_or_default();
    let picture = |bytes: Vec<u8>| Drawn {
        bytes,
        undrawn: Vec::new(),
    };
    match (kind, posters) {
        (_, []) => bail!("there are no placards to draw"),
        ("pdf", posters) => {
            let pages = poster::pdf_of_drawable(posters, paper)?;
            Ok(Drawn {
                bytes: pages.pdf,
                undrawn: pages.undrawn,
            })
        }
        ("svg", [one]) => Ok(picture(poster::svg(one, paper)?.into_bytes())),
        ("png", [one]) => Ok(picture(poster::png(one, paper, PICTURE_DPI)?)),
        ("svg" | "png", _) => bail!("a picture holds one placard; name its code"),
        _ => bail!("the file must end in .pdf, .svg or .png"),
    }
}
