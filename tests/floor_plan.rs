//! No floor reaches above itself: every path in the code is held against the plan below.
//! A file that disagrees with the plan is wrong, or the plan is: then change it here, with a reason.

use std::fs;
use std::path::{Path, PathBuf};

/// Lines of a file at most. Past that it becomes a folder.
const FILE_LINES_MAX: usize = 450;

/// Floor, its rooms, the floors and single rooms it may import. Files that stand nowhere are
/// capabilities, which do not know each other; but a poster is drawn around a symbol. `poller`
/// takes in through the use cases what other nodes wrote. `verb` stands above the doors: `serve`
/// opens the house, `openapi` prints what it answers.
const FLOORS: &str = "
    domain     | domain                    |
    store      | store                     | domain
    capability |                           | domain
    poster     | poster                    | domain qr
    service    | service                   | domain store capability poster
    poller    | poller                   | domain store capability poster service
    web        | web                       | domain store capability poster service
    verb       | verb                      | domain store capability poster service web roof
    roof       | run main config trace lib | domain store capability poster service poller web verb roof
    entity     | entity                    |
    migration  | migration                 |
";

/// Crates and names, and the only rooms that say them. A star stands for the crate's relatives.
const ONLY: &str = "
    actix*    | web verb run trace
    sea_orm*  | store entity migration
    sqlx*     | store
    entity    | store
    migration | store
    std::env  | config main
    reqwest   | http_client
    rustls*   | http_client
";

/// Floors, and what they never say. Instants, ids and chance come into the domain as arguments.
const NEVER: &str = "
    domain    | async serde* tokio* futures* rand Uuid::now_v7 Uuid::new_v4
    domain    | Utc::now Local::now Instant::now SystemTime::now
    domain    | std::env std::fs std::io std::net std::process std::thread
    web       | store::Tx store::begin
    verb      | store::Tx store::begin
    entity    | serde* mashang
    migration | mashang
";

/// guarantee: Imports point down
#[test]
fn no_floor_reaches_above_itself() {
    let found = violations(&sources());
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn no_file_has_outgrown_its_room() {
    let mut long = Vec::new();
    for (file, text) in sources() {
        let lines = text.lines().count();
        if lines > FILE_LINES_MAX {
            long.push(format!("{file}: {lines} lines, {FILE_LINES_MAX} at most"));
        }
    }
    assert!(long.is_empty(), "\n{}\n", long.join("\n"));
}

#[test]
fn each_kind_of_trespass_is_seen() {
    let cases = r#"
        src/qr.rs             | 1: capability imports service   | use crate::service::App;
        src/qr.rs             | 1: capability imports seal      | use super::seal::Keys;
        src/qr.rs             | 2: capability imports seal      | use crate::{domain as d,\nseal};
        src/qr.rs             | 1: capability imports actix     | use tracing_actix_web::X;
        src/qr.rs             | 1: capability imports poster    | use crate::poster::Paper;
        src/poster/mod.rs     | 1: poster imports seal          | use crate::{qr::Symbol, seal};
        src/store/report.rs   | 1: store imports notifier         | use crate::{domain, notifier::Notifier};
        src/store/report.rs   | 1: store imports web            | mod m { use super::super::super::web; }
        src/service/intake.rs | 1: service imports web          | fn f<'a>() { let a = 'a'; crate::web::go() }
        src/service/intake.rs | 1: service imports lib          | use crate::App;
        src/service/intake.rs | 1: service imports entity       | use entity::report;
        src/web/queue.rs      | 1: web imports verb             | #[derive(crate::verb::Demo)]
        src/web/queue.rs      | 1: web imports store::Tx        | use crate::store::{Conn, Tx};
        src/poller.rs        | 1: poller imports sea_orm      | use sea_orm_cli::x;
        src/run.rs            | 1: roof imports std::env        | f("\" // "); std::env::var("A");
        src/domain/area.rs    | 1: domain imports Utc::now      | let now = chrono::Utc::now();
        src/domain/area.rs    | 1: domain imports async         | pub async fn f() {}
        src/domain/area.rs    | 1: domain imports std::fs       | use std::{fmt, fs};
        migration/src/lib.rs  | 1: migration imports entity     | use entity::report;
    "#;
    for case in rows(cases) {
        let [file, says, code] = case[..] else {
            panic!("not a case: {case:?}")
        };
        let seen = violations(&small_app(file, &code.replace("\\n", "\n")));
        assert_eq!(seen, [format!("{file}:{says}")], "{code}");
    }
}

#[test]
fn what_is_allowed_passes() {
    let cases = r##"
        src/qr.rs             | /* crate::web */ use crate::domain::area; // use crate::service;
        src/qr.rs             | let a = ("crate::web", r#"" crate::web"#, '"', b'\'', "\" crate::web");
        src/store/report.rs   | use super::{Db, Tx}; mod tests { use super::super::Conn; }
        src/service/intake.rs | fn f<'a>(entity: &'a str, migration: u8) {}
        src/config.rs         | let home = std::env::var("A");
        src/verb/serve.rs     | use crate::run; use crate::config::Config;
    "##;
    for case in rows(cases) {
        let [file, code] = case[..] else {
            panic!("not a case: {case:?}")
        };
        let seen = violations(&small_app(file, code));
        assert_eq!(seen, Vec::<String>::new(), "{code}");
    }
}

/// A house of empty rooms, with one file of ours.
fn small_app(file: &str, text: &str) -> Vec<(String, String)> {
    let rooms = "domain poster qr store live seal service web verb run config";
    let mut state = vec![(file.to_owned(), text.to_owned())];
    state.extend(
        rooms
            .split(' ')
            .map(|room| (format!("src/{room}/mod.rs"), String::new())),
    );
    state
}

/// The rows of a table, cell by cell.
fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    let lines = table.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| line.split('|').map(str::trim).collect())
}

fn violations(files: &[(String, String)]) -> Vec<String> {
    let rooms: Vec<&str> = files.iter().map(|(file, _)| room_of(file)).collect();
    let only: Vec<_> = rows(ONLY).collect();
    let never: Vec<_> = rows(NEVER).collect();
    let mut found = Vec::new();
    for (file, text) in files {
        let room = room_of(file);
        let (floor, may) = floor_of(room);
        for said in paths(file, text) {
            let mut bad = |what: &str| {
                let line = said.line;
                let what = what.trim_end_matches('*');
                found.push(format!("{file}:{line}: {floor} imports {what}"));
            };
            if let Some(target) = said.room.as_deref().filter(|_| file.starts_with("src/")) {
                // A name that is no room is declared at the root of the library.
                let target = rooms.iter().find(|room| **room == target).unwrap_or(&"lib");
                let allowed =
                    *target == room || may.contains(target) || may.contains(&floor_of(target).0);
                if !allowed {
                    bad(target);
                }
            }
            for row in &only {
                if names(&said.path, row[0]) && !row[1].split(' ').any(|only| only == room) {
                    bad(row[0]);
                }
            }
            for row in never.iter().filter(|row| row[0] == floor) {
                let words = row[1].split(' ');
                words
                    .filter(|word| names(&said.path, word))
                    .for_each(&mut bad);
            }
        }
    }
    found.dedup();
    found
}

/// The room that a file belongs to; the crates beside the house are rooms of their own.
fn room_of(file: &str) -> &str {
    let inside = file.strip_prefix("src/").unwrap_or(file);
    inside.split(['/', '.']).next().unwrap_or(inside)
}

/// The floor that a room is on, and the floors it may import.
fn floor_of(room: &str) -> (&'static str, Vec<&'static str>) {
    let on = |row: &Vec<&str>| row[1].split(' ').any(|known| known == room);
    let known = rows(FLOORS).find(on);
    let row = known.or_else(|| rows(FLOORS).find(|row| row[0] == "capability"));
    row.map_or(("", Vec::new()), |row| {
        (row[0], row[2].split(' ').collect())
    })
}

/// Whether a path names a crate (`actix*` is also `tracing_actix_web`), a keyword, or `a::b`.
fn names(path: &[String], word: &str) -> bool {
    match (word.split_once("::"), word.strip_suffix('*'), path) {
        (Some((a, b)), ..) => path.windows(2).any(|pair| pair[0] == a && pair[1] == b),
        (None, None, [only]) => word == "async" && only == word,
        (None, None, [first, ..]) => first == word,
        (None, Some(family), [first, _, ..]) => {
            format!("_{first}_").contains(&format!("_{family}_"))
        }
        _ => false,
    }
}

/// A path as it stands in the code, and the room of this house that it leads to.
struct Said {
    line: usize,
    path: Vec<String>,
    room: Option<String>,
}

fn paths(file: &str, text: &str) -> Vec<Said> {
    let tokens = Tokens(tokens(text));
    let (mut at, mut braces, mut modules) = (0, 0, Vec::new());
    let mut found = Vec::new();
    while at < tokens.0.len() {
        match tokens.at(at) {
            "{" => {
                braces += 1;
                if at > 1 && tokens.at(at - 2) == "mod" {
                    modules.push(braces);
                }
            }
            "}" => {
                modules.retain(|opened| *opened != braces);
                braces -= 1;
            }
            name if is_name(name) => {
                let depth = depth_of(file) + modules.len();
                at = tokens.path(at, (&[], depth), &mut found);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// How many modules a file lies below the root of its crate.
fn depth_of(file: &str) -> usize {
    let inside = file.split_once("src/").map_or(file, |(_, inside)| inside);
    let inside = inside.trim_end_matches(".rs").trim_end_matches("/mod");
    let root = inside == "lib" || inside == "main";
    if root { 0 } else { inside.split('/').count() }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|sign: char| sign.is_alphanumeric() || sign == '_')
}

/// Names, `::` and single signs, each with its line.
struct Tokens<'a>(Vec<(usize, &'a str)>);

impl Tokens<'_> {
    fn at(&self, at: usize) -> &str {
        self.0.get(at).map_or("", |(_, token)| token)
    }

    /// Reads one path, or the tree of a `use`; answers with where it ends.
    fn path(&self, mut at: usize, above: (&[String], usize), found: &mut Vec<Said>) -> usize {
        let line = self.0[at].0;
        let (mut path, depth) = (above.0.to_vec(), above.1);
        while is_name(self.at(at)) || self.at(at) == "*" {
            path.push(self.at(at).to_owned());
            at += 1;
            if self.at(at) != "::" {
                break;
            }
            at += 1;
        }
        if self.at(at) == "{" && self.at(at - 1) == "::" {
            at += 1;
            while !["}", ""].contains(&self.at(at)) {
                at = match self.at(at) {
                    "as" => at + 2,
                    "," => at + 1,
                    _ => self.path(at, (&path, depth), found).max(at + 1),
                };
            }
            return at + 1;
        }
        let climbed = path.iter().take_while(|name| *name == "super").count();
        let room = match path[0].as_str() {
            "crate" | "mashang" => path.get(1).cloned(),
            "super" if climbed == depth => path.get(climbed).cloned(),
            _ => None,
        };
        found.push(Said { line, path, room });
        at
    }
}

/// Leaves out comments, text and characters, which may hold anything.
fn tokens(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(sign) = rest.chars().next() {
        let skipped = skipped(rest);
        let length = skipped.unwrap_or_else(|| match rest.find(|sign| !is_in_name(sign)) {
            Some(0) if rest.starts_with("::") => 2,
            Some(0) => sign.len_utf8(),
            end => end.unwrap_or(rest.len()),
        });
        if skipped.is_none() && !sign.is_whitespace() {
            found.push((line, &rest[..length]));
        }
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    found
}

fn is_in_name(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

/// The length of a comment, a text or a character, if one begins here.
fn skipped(rest: &str) -> Option<usize> {
    let through = |end: &str, from: usize| {
        let at = rest.get(from..).and_then(|rest| rest.find(end));
        at.map_or(rest.len(), |at| from + at + end.len())
    };
    if rest.starts_with("//") {
        return Some(through("\n", 2));
    }
    if rest.starts_with("/*") {
        return Some(through("*/", 2));
    }
    let opens = rest.find(|sign| !"bcr#".contains(sign))?;
    let fence = "#".repeat(rest[..opens].matches('#').count());
    let raw = rest[..opens].contains('r') || fence.is_empty();
    match rest[opens..].chars().next()? {
        '"' if rest[..opens].contains('r') => Some(through(&format!("\"{fence}"), opens + 1)),
        '"' if raw => Some(opens + closing(&rest[opens..])),
        // `'a'` and `'\n'` are characters, `'a` is a lifetime.
        '\'' if raw => {
            let mut inside = rest[opens + 1..].chars();
            let character = inside.next() == Some('\\') || inside.next() == Some('\'');
            character.then(|| opens + closing(&rest[opens..]))
        }
        _ => None,
    }
}

/// Where the quote that opens here closes, signs behind a backslash passed over.
fn closing(text: &str) -> usize {
    let quote = text.chars().next();
    let mut signs = text.char_indices().skip(1);
    while let Some((at, sign)) = signs.next() {
        if sign == '\\' {
            signs.next();
        } else if Some(sign) == quote {
            return at + 1;
        }
    }
    text.len()
}

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crates = ["src", "entity/src", "migration/src"];
    let mut folders: Vec<PathBuf> = crates.map(|folder| root.join(folder)).into();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the house can be read") {
            let path = entry.expect("a file of the house can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap_or(&path);
                let text = fs::read_to_string(&path).expect("source is text");
                found.push((name.to_string_lossy().into_owned(), text));
            }
        }
    }
    found.sort();
    found
}
