//! Imports point down, files import each other in no circle, and no file is too long: every path
//! in the code is compared with the plan below. `cargo test --test floor_plan -- --nocapture circle`
//! prints every arrow between two files, and the circles.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Most lines of a file. A longer one becomes a folder.
const FILE_LINES_MAX: usize = 440;

/// Room, floor, and the rooms and floors that it may import. A file belongs to the room with the
/// longest matching path. A room that is missing here is a capability: capabilities know the domain
/// and not each other.
const PLAN: &str = "
    domain                    | domain    |
    store                     | store     | domain
    poster                    | poster    | domain qr
    service                   | service   | domain store capability poster
    web/text                  | text      | domain
    web/http                  | http      | domain store capability service text
    web/form                  | form      | domain store capability service text http
    web/resident web/staff    | wing      | domain store capability service text http form
    web/centre web/ops        | wing      | domain store capability service text http
    web/admin                 | wing      | domain store capability service text http poster
    web                       | web       | domain store capability service text http form wing
    verb                      | verb      | domain store capability service poster web roof
    run config trace lib main | roof      | domain store capability service poster web verb roof
    testing server master_key | roof      | domain store capability service poster web verb roof
    entity                    | entity    |
    migration                 | migration |
";

/// Names, and the only rooms that say them. A star stands for every crate of a family; `.name` is
/// the call of a method.
const ONLY: &str = "
    actix*            | web verb run server trace
    sea_orm*          | store entity migration
    sqlx*             | store
    rusqlite*         | store
    entity            | store
    migration         | store
    std::env          | config main
    reqwest           | http_client
    rustls*           | http_client
    web::resource     | web/routes
    web::scope        | web/routes
    web::route        | web/routes
    .configure        | server web/routes
    Resource::new     | web/routes
    .service          | web/routes
    .route            | web/routes
    .default_service  | web/routes
";

/// Floors, and names that they never say. Instants, ids and chance are arguments of the domain.
const NEVER: &str = "
    domain    | async serde* tokio* futures* rand Uuid::now_v7 Uuid::new_v4
    domain    | Utc::now Local::now Instant::now SystemTime::now
    domain    | std::env std::fs std::io std::net std::process std::thread
    web verb  | store::Tx store::begin
    entity    | serde* mashang
    migration | mashang
";

/// guarantee: Imports point down
#[test]
fn no_floor_reaches_above_itself() {
    let found = violations(&sources());
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// guarantee: No files import each other in a circle
#[test]
fn no_files_import_each_other_in_a_circle() {
    let arrows = arrows(&sources());
    for (from, to) in &arrows {
        println!("{from} -> {to}");
    }
    let found = circles(arrows);
    assert!(found.is_empty(), "\n{found:#?}\n");
}

#[test]
fn no_file_is_too_long() {
    let sources = sources().into_iter();
    let lines = sources.map(|(file, text)| (text.lines().count(), file));
    let long: Vec<_> = lines.filter(|(lines, _)| *lines > FILE_LINES_MAX).collect();
    assert!(long.is_empty(), "{FILE_LINES_MAX} lines at most: {long:#?}");
}

#[test]
fn each_kind_of_violation_is_seen_and_nothing_else() {
    let cases = r##"
        src/qr.rs              | 1: capability imports service       | use crate::service::App;
        src/qr.rs              | 2: capability imports seal          | use crate::{domain as d,\n seal};
        src/qr.rs              | 1: capability imports actix         | use tracing_actix_web::X;
        src/qr.rs              | 1: capability imports poster        | use crate::poster::Paper;
        src/store/report.rs    | 1: store imports web                | mod m { use super::super::super::web; }
        src/service/intake.rs  | 1: service imports web              | fn f<'a>() { let a = 'a'; crate::web::go() }
        src/service/intake.rs  | 1: service imports lib              | use crate::App;
        src/service/intake.rs  | 1: service imports entity           | use entity::report;
        src/web/queue.rs       | 1: web imports verb                 | #[derive(crate::verb::Demo)]
        src/web/queue.rs       | 1: web imports verb                 | vec![crate::verb::Demo]
        src/web/staff/queue.rs | 1: wing imports store::Tx           | use crate::store::{Conn, Tx};
        src/web/staff/queue.rs | 1: wing imports web/resident        | use crate::web::resident::report;
        src/web/resident/a.rs  | 1: wing imports web/staff           | use super::super::staff;
        src/web/form/a.rs      | 1: form imports web/staff           | use crate::web::staff::case;
        src/web/http/a.rs      | 1: http imports web/form            | crate::web::form::fields()
        src/web/staff/queue.rs | 1: wing imports web::resource       | web::resource("/forgotten")
        src/verb/serve.rs       | 1: verb imports sea_orm             | use sea_orm_cli::x;
        src/run.rs             | 1: roof imports std::env            | f("\" // "); std::env::var("A");
        src/run.rs             | 1: roof imports .service            | App::new().service(x)
        src/domain/area.rs     | 1: domain imports Utc::now          | let now = chrono::Utc::now();
        src/domain/area.rs     | 1: domain imports async             | pub async fn f() {}
        src/domain/area.rs     | 1: domain imports std::fs           | use std::{fmt, fs};
        migration/src/lib.rs   | 1: migration imports entity         | use entity::report;
        src/qr.rs              |                                     | /* crate::web */ use crate::domain::area; // use crate::service;
        src/qr.rs              |                                     | let a = ("crate::web", r#"" crate::web"#, '"', b'\'', "\" crate::web");
        src/store/report.rs    |                                     | use super::{Db, Tx}; mod tests { use super::super::Conn; }
        src/service/intake.rs  |                                     | fn f<'a>(entity: &'a str, migration: u8) {}
        src/config.rs          |                                     | let home = std::env::var("A");
        src/verb/serve.rs      |                                     | use crate::run; use crate::config::Config;
        src/web/staff/case.rs  |                                     | use crate::web::form::fields; use super::queue;
    "##;
    for case in rows(cases) {
        let seen = violations(&small_app(case[0], &case[2].replace("\\n ", "\n")));
        let said = Some(format!("{}:{}", case[0], case[1])).filter(|_| !case[1].is_empty());
        assert_eq!(seen, Vec::from_iter(said), "{}", case[2]);
    }
    let mut ring = small_app("src/qr/a.rs", "use super::b::B;");
    ring.push(("src/qr/b.rs".into(), "use crate::qr::a;".into()));
    assert_eq!(circles(arrows(&ring)).len(), 2);
    // A folder's own file hides no circle by re-exporting names of its files.
    let mut ring = small_app("src/qr/mod.rs", "mod find; pub use find::Found;");
    ring.push(("src/qr/find.rs".into(), "use crate::seal::Seal;".into()));
    ring.push(("src/seal.rs".into(), "use crate::qr::Found;".into()));
    assert_eq!(circles(arrows(&ring)).len(), 2);
}

/// An application of empty rooms, and one file with this text.
fn small_app(file: &str, text: &str) -> Vec<(String, String)> {
    let rooms = "domain poster qr store notifier seal service web web/http web/form web/resident \
                 web/staff verb run config lib";
    let empty = rooms.split(' ').map(|room| format!("src/{room}.rs"));
    let files = empty.map(|file| (file, String::new()));
    files.chain([(file.to_owned(), text.to_owned())]).collect()
}

/// The rows of a table, cell by cell.
fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    let lines = table.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| line.split('|').map(str::trim).collect())
}

/// Arrows upwards and forbidden names. Tests and benches are on no floor.
fn violations(files: &[(String, String)]) -> Vec<String> {
    let map = modules(files);
    let mut found = Vec::new();
    for (file, text) in files.iter().filter(|(file, _)| file.contains("src/")) {
        let (room, floor, may) = room_of(file);
        for said in read(text) {
            let mut bad = Vec::new();
            if let Some(target) = target(&map, file, &said) {
                let (to, on, _) = room_of(target);
                if to != room && !may.split(' ').any(|may| may == to || may == on) {
                    bad.push(to);
                }
            }
            let is_in = |rooms: &str| rooms.split(' ').any(|room| lies_in(inside(file), room));
            let only = rows(ONLY).filter(|row| names(&said.path, row[0]) && !is_in(row[1]));
            bad.extend(only.map(|row| row[0]));
            let never = rows(NEVER).filter(|row| is_in(row[0]));
            let never = never.flat_map(|row| row[1].split(' '));
            bad.extend(never.filter(|word| names(&said.path, word)));
            found.extend(bad.iter().map(|what| {
                let what = what.trim_end_matches('*');
                format!("{file}:{}: {floor} imports {what}", said.line)
            }));
        }
    }
    found.dedup();
    found
}

/// The path of a file below `src`, without its ending.
fn inside(file: &str) -> &str {
    file.trim_start_matches("src/").trim_end_matches(".rs")
}

fn lies_in(inside: &str, room: &str) -> bool {
    format!("{inside}/").starts_with(&format!("{room}/"))
}

/// The room of a file, its floor, and what it may import.
fn room_of(file: &str) -> (&str, &'static str, &'static str) {
    let inside = inside(file);
    let rooms =
        rows(PLAN).flat_map(|row| row[0].split(' ').map(move |room| (room, row[1], row[2])));
    let planned = rooms.filter(|(room, ..)| lies_in(inside, room));
    let first = inside.split('/').next().unwrap_or(inside);
    planned
        .max_by_key(|(room, ..)| room.len())
        .unwrap_or((first, "capability", "domain"))
}

/// Whether a path names a crate (`actix*` is also `tracing_actix_web`), a keyword, a method, or
/// `a::b`.
fn names(path: &[String], word: &str) -> bool {
    match (word.split_once("::"), word.strip_suffix('*'), path) {
        (Some((a, b)), ..) => path.windows(2).any(|pair| pair[0] == a && pair[1] == b),
        (None, None, [only]) => only == word && (word == "async" || word.starts_with('.')),
        (None, None, [first, ..]) => first == word,
        (None, Some(kin), [first, _, ..]) => format!("_{first}_").contains(&format!("_{kin}_")),
        _ => false,
    }
}

/// A path as it stands in the code, and the modules of its file that are around it.
struct Said {
    line: usize,
    path: Vec<String>,
    around: Vec<String>,
}

fn read(text: &str) -> Vec<Said> {
    let mut found = Vec::new();
    walk(text.parse().expect("source is Rust"), &[], &[], &mut found);
    found
}

/// Adds every path, also those in macros and attributes.
fn walk(tokens: TokenStream, before: &[String], around: &[String], found: &mut Vec<Said>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is = |at: usize, text: &str| match tokens.get(at) {
        Some(TokenTree::Ident(name)) => name == text,
        Some(TokenTree::Punct(sign)) => text.starts_with(sign.as_char()),
        _ => false,
    };
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            TokenTree::Group(group) => {
                let mut around = around.to_vec();
                if at > 2 && is(at - 3, "mod") {
                    around.push(tokens[at - 2].to_string());
                }
                walk(group.stream(), &[], &around, found);
            }
            TokenTree::Ident(name) if !before.is_empty() && name == "as" => at += 1,
            TokenTree::Ident(name) => {
                let mut path = [before, &[name.to_string()]].concat();
                while is(at, ":") && is(at + 1, ":") {
                    at += 3;
                    match tokens.get(at - 1) {
                        Some(TokenTree::Ident(name)) => path.push(name.to_string()),
                        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                            walk(group.stream(), &path, around, found);
                        }
                        _ => {
                            at -= 1;
                            break;
                        }
                    }
                }
                if path.len() == 1 && at > 1 && is(at - 2, ".") {
                    path[0].insert(0, '.');
                }
                let line = name.span().start().line;
                let around = around.to_vec();
                found.push(Said { line, path, around });
            }
            _ => {}
        }
    }
}

/// The crate of a file, and its module there.
fn place(file: &str) -> (&str, Vec<String>) {
    let parts: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
    let depth = if parts[0] == "src" { 1 } else { 2 };
    let end = file.match_indices('/').nth(depth - 1);
    let krate = end.map_or(file, |(end, _)| &file[..end]);
    let module = parts[depth.min(parts.len())..].iter();
    let module = module.filter(|part| !["mod", "lib", "main"].contains(part));
    (krate, module.map(|part| (*part).to_owned()).collect())
}

type Modules<'a> = BTreeMap<(&'a str, Vec<String>), &'a str>;

fn modules(files: &[(String, String)]) -> Modules<'_> {
    // A library before the program of the same name: `lib.rs` comes before `main.rs`.
    let places = files
        .iter()
        .rev()
        .map(|(file, _)| (place(file), file.as_str()));
    places.collect()
}

/// What a folder's own file takes from a file of the folder, it may re-export: in this map the name
/// leads there, too.
fn with_exports(files: &[(String, String)]) -> Modules<'_> {
    let mut map = modules(files);
    for (file, text) in files.iter().filter(|(file, _)| file.ends_with("/mod.rs")) {
        let (krate, module) = place(file);
        for said in read(text).iter().filter(|said| said.path.len() == 2) {
            let inner = |name: &String| (krate, [&module[..], std::slice::from_ref(name)].concat());
            if let Some(child) = map.get(&inner(&said.path[0])).copied() {
                map.entry(inner(&said.path[1])).or_insert(child);
            }
        }
    }
    map
}

/// The file that a path leads to.
fn target<'a>(map: &Modules<'a>, file: &str, said: &Said) -> Option<&'a str> {
    if said.path.len() == 1 {
        return None;
    }
    let (own, mut here) = place(file);
    here.extend_from_slice(&said.around);
    let climbed = said.path.iter().take_while(|name| *name == "super").count();
    let (krate, module) = match said.path[0].as_str() {
        "crate" => (own, said.path[1..].to_vec()),
        "mashang" => ("src", said.path[1..].to_vec()),
        "self" => (own, [&here[..], &said.path[1..]].concat()),
        "super" => {
            let above = &here[..here.len().saturating_sub(climbed)];
            (own, [above, &said.path[climbed..]].concat())
        }
        _ => {
            here.push(said.path[0].clone());
            let child = map.contains_key(&(own, here.clone()));
            child.then_some((own, [&here[..], &said.path[1..]].concat()))?
        }
    };
    let ends = (0..=module.len()).rev();
    ends.map(|end| (krate, module[..end].to_vec()))
        .find_map(|module| map.get(&module).copied())
}

/// Which file imports which other one. Not counted are the declaration of a module, imports between
/// a folder's own file and the files in the folder, and imports of unit tests.
fn arrows(files: &[(String, String)]) -> BTreeSet<(String, String)> {
    let map = with_exports(files);
    let related = |a: &str, b: &str| {
        let ((a, inner), (b, outer)) = (place(a), place(b));
        a == b && (inner.starts_with(&outer) || outer.starts_with(&inner))
    };
    let mut found = BTreeSet::new();
    for (file, text) in files {
        let code = read(text).into_iter();
        let code = code.filter(|said| said.around.iter().all(|module| module != "tests"));
        let targets: Vec<_> = code.filter_map(|said| target(&map, file, &said)).collect();
        let others = targets.into_iter().filter(|to| !related(file, to));
        found.extend(others.map(|to| (file.clone(), to.to_owned())));
    }
    found
}

/// The arrows that are left when every file that nothing imports, or that imports nothing, is taken
/// away again and again: those of circles, and those between two circles.
fn circles(mut arrows: BTreeSet<(String, String)>) -> BTreeSet<(String, String)> {
    loop {
        let before = arrows.len();
        let (from, to): (BTreeSet<_>, BTreeSet<_>) = arrows.iter().cloned().unzip();
        arrows.retain(|(file, target)| to.contains(file) && from.contains(target));
        if arrows.len() == before {
            return arrows;
        }
    }
}

/// Every Rust file that git knows, or would take.
fn sources() -> Vec<(String, String)> {
    let list = ["ls-files", "-co", "--exclude-standard", "*.rs"];
    let listed = Command::new("git").args(list).output().expect("git");
    let names = String::from_utf8(listed.stdout).expect("names are text");
    let read = |name: &str| Some((name.to_owned(), fs::read_to_string(name).ok()?));
    let mut sources: Vec<_> = names.lines().filter_map(read).collect();
    sources.sort();
    sources
}
