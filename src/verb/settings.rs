//! `mashang settings`: every setting with its default and its meaning.

use std::fmt::Write as _;

use anyhow::Result;

use super::output::{print, say};
use crate::config::{ENV_PREFIX, GROUPS, Setting};

/// What stands above the tables of `docs/settings.md`.
const INTRODUCTION: &str = "# Settings 设置

Written by `mashang settings --markdown`; the table itself is in `src/config/settings/table.rs`.

A setting stands in a TOML file (`--config FILE` or `MASHANG_CONFIG`) or in the environment as \
`MASHANG_<NAME>`, which wins. Unknown names are refused, and all mistakes are named at once.

设置写在 TOML 文件里（`--config 文件` 或 `MASHANG_CONFIG`），或用环境变量 `MASHANG_<名称>`（优先）。\
不认识的名称会被拒绝，所有错误一次列出。
";

/// Arguments of `settings`.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Arguments {
    /// Print the Markdown of docs/settings.md, in both languages
    #[arg(long)]
    markdown: bool,
    /// The language of the terminal, `en` or `zh`
    #[arg(long, default_value = "en", conflicts_with = "markdown")]
    lang: Lang,
}

/// A language of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Lang {
    En,
    Zh,
}

pub(super) fn run(arguments: Arguments) -> Result<()> {
    if arguments.markdown {
        print(&markdown())
    } else {
        say(terminal(arguments.lang))
    }
}

/// The settings as `serve --help` shows them.
pub(super) fn help() -> String {
    let how = format!("Settings, in the file or as {ENV_PREFIX}<NAME> in the environment:");
    format!("{how}\n\n{}", terminal(Lang::En))
}

fn terminal(lang: Lang) -> String {
    let groups = GROUPS.iter().map(|group| {
        let title = match lang {
            Lang::En => group.title,
            Lang::Zh => group.title_zh,
        };
        let lines = group.settings.iter().map(|setting| line(setting, lang));
        format!("{title}\n{}", lines.collect::<String>())
    });
    groups.collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

fn line(setting: &Setting, lang: Lang) -> String {
    let default = match setting.default {
        "" => "-",
        default => default,
    };
    let meaning = match lang {
        Lang::En => setting.meaning,
        Lang::Zh => setting.meaning_zh,
    };
    format!("  {:<26} {default:<24} {meaning}\n", setting.name)
}

fn markdown() -> String {
    let mut text = INTRODUCTION.to_owned();
    for group in GROUPS {
        let rows: String = group.settings.iter().map(row).collect();
        let _ = write!(
            text,
            "\n## {} {}\n\n| name | default | meaning | 含义 |\n|---|---|---|---|\n{rows}",
            group.title, group.title_zh
        );
    }
    text
}

fn row(setting: &Setting) -> String {
    let default = match setting.default {
        "" => "–".to_owned(),
        default => format!("`{default}`"),
    };
    format!(
        "| `{}` | {default} | {} | {} |\n",
        setting.name, setting.meaning, setting.meaning_zh
    )
}
