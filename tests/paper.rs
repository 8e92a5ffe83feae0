//! README and ARCHITECTURE tell the truth: tests, commands, settings and links that they name
//! exist.
#![expect(
    clippy::unwrap_used,
    reason = "a test that fails says where by failing"
)]

use std::fs;
use std::path::Path;

use mashang::config::SETTINGS;

const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];

fn read(file: &str) -> String {
    fs::read_to_string(file).unwrap()
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn every_promise_names_a_test_that_exists() {
    let text = read("ARCHITECTURE.md");
    let mut named = 0;
    for name in quoted(&text) {
        let Some((file, function)) = name.split_once(".rs::") else {
            continue;
        };
        let code = read(&format!("{file}.rs"));
        assert!(
            code.contains(&format!("fn {function}(")),
            "{name} does not exist"
        );
        named += 1;
    }
    assert!(named >= 15, "only {named} promises");
}

#[test]
fn every_command_in_the_readmes_is_a_verb() {
    for file in READMES {
        let text = read(file);
        let verbs = quoted(&text).filter_map(|code| code.strip_prefix("mashang "));
        for verb in verbs {
            let verb = verb.split(' ').next().unwrap();
            assert!(
                Path::new(&format!("src/verb/{verb}.rs")).exists(),
                "{file}: mashang {verb}"
            );
        }
    }
}

#[test]
fn the_settings_tables_are_the_settings() {
    for file in READMES {
        let text = read(file);
        let rows: Vec<Vec<&str>> = text
            .lines()
            .filter(|line| line.starts_with("| `") && line.matches('|').count() == 4)
            .map(|line| {
                line.split('|')
                    .map(|cell| cell.trim().trim_matches('`'))
                    .collect()
            })
            .collect();
        let told: Vec<(&str, &str)> = rows.iter().map(|row| (row[1], row[2])).collect();
        let real: Vec<(&str, &str)> = SETTINGS
            .iter()
            .map(|setting| {
                (
                    setting.name,
                    if setting.default.is_empty() {
                        "–"
                    } else {
                        setting.default
                    },
                )
            })
            .collect();
        assert_eq!(told, real, "{file}");
    }
}

#[test]
fn both_readmes_have_the_same_headings_and_every_link_leads_somewhere() {
    let headings = |file: &str| {
        read(file)
            .lines()
            .filter(|line| line.starts_with('#'))
            .count()
    };
    // A comment in a shell example is no heading, and both have the same ones.
    assert_eq!(headings("README.md"), headings("README.zh-CN.md"));
    for file in [
        "README.md",
        "README.zh-CN.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
    ] {
        for link in read(file).split("](").skip(1) {
            let target = link.split(')').next().unwrap();
            let outside = target.starts_with("http") || target.starts_with('#');
            assert!(outside || Path::new(target).exists(), "{file}: {target}");
        }
    }
}
