//! No floor reaches above itself: reads the imports and says every one that points up.
#![expect(
    clippy::unwrap_used,
    reason = "a test that fails says where by failing"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// Lines of one file at most.
const LINES_MAX: usize = 450;

const CAPABILITIES: [&str; 6] = ["live", "seal", "qr", "poster", "sheet", "clock"];
const UPPER: [&str; 4] = ["run", "config", "trace", "main"];

/// What a file of this room must never name.
fn forbidden(room: &str) -> Vec<String> {
    let rooms = |names: &[&str]| {
        names
            .iter()
            .map(|name| format!("crate::{name}"))
            .collect::<Vec<_>>()
    };
    let mut never = match room {
        "domain" => {
            let words = [
                "serde",
                "tokio",
                "async fn",
                "rand::",
                "Utc::now",
                "Instant::now",
            ];
            let mut never: Vec<String> = words.map(String::from).to_vec();
            never.extend(rooms(&["store", "service", "lookout", "web", "verb"]));
            never.extend(rooms(&CAPABILITIES));
            never
        }
        "store" => {
            let mut never = rooms(&["service", "lookout", "web", "verb"]);
            never.extend(rooms(&CAPABILITIES));
            never
        }
        room if CAPABILITIES.contains(&room) => {
            let mut never = rooms(&["store", "service", "lookout", "web", "verb"]);
            // The poster is drawn around the symbol; the others do not know each other.
            let others = CAPABILITIES
                .iter()
                .filter(|name| **name != room && (room, **name) != ("poster", "qr"));
            never.extend(others.map(|name| format!("crate::{name}")));
            never
        }
        "service" | "lookout" => rooms(&["web", "verb"]),
        "web" => rooms(&["verb"]),
        _ => Vec::new(),
    };
    if !UPPER.contains(&room) && room != "verb" {
        never.extend(rooms(&["run", "config", "trace"]));
    }
    if !["web", "run"].contains(&room) {
        never.push("actix".into());
    }
    if room != "store" {
        never.extend(["sea_orm", "entity::", "migration::"].map(String::from));
    }
    if room != "config" {
        never.push("std::env::".into());
    }
    never
}

/// Whether the word stands in the line by itself and not as the end of another one.
fn names(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        before.is_none_or(|sign| !sign.is_alphanumeric() && sign != '_')
    })
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn no_floor_reaches_above_itself() {
    let mut wrong = Vec::new();
    for file in files(Path::new("src")) {
        let first = file
            .components()
            .nth(1)
            .unwrap()
            .as_os_str()
            .to_str()
            .unwrap();
        let room = first.trim_end_matches(".rs");
        let never = forbidden(room);
        for (at, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            let code = line.split("//").next().unwrap();
            for word in never.iter().filter(|word| names(code, word)) {
                wrong.push(format!(
                    "{}:{}: {room} names {word}",
                    file.display(),
                    at + 1
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn no_file_has_outgrown_its_room() {
    let folders = ["src", "entity/src", "migration/src"];
    let long: Vec<String> = folders
        .iter()
        .flat_map(|folder| files(Path::new(folder)))
        .map(|file| (fs::read_to_string(&file).unwrap().lines().count(), file))
        .filter(|(lines, _)| *lines > LINES_MAX)
        .map(|(lines, file)| format!("{}: {lines} lines", file.display()))
        .collect();
    assert!(long.is_empty(), "\n{}", long.join("\n"));
}
