//! The papers tell the truth: what README.md, its Chinese sister, ARCHITECTURE.md and
//! CONTRIBUTING.md name is there, and no file tells about the machine that it was written on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mashang::config::SETTINGS;

const ARCHITECTURE: &str = "ARCHITECTURE.md";
const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];
/// Not a test itself: it runs whenever a house of the tests is dropped.
const ALWAYS_CHECKED: &str = "tests/it/world/mod.rs::broken";
/// Where a word in backticks is the path of a file, and not of a module or an address.
const FOLDERS: [&str; 6] = [
    "src/",
    "tests/",
    "assets/",
    "entity/",
    "migration/",
    "benches/",
];
const METHODS: [&str; 5] = ["GET ", "POST ", "PUT ", "PATCH ", "DELETE "];

#[test]
fn every_test_that_is_named_exists() {
    let mut lies = Vec::new();
    for word in words(&text(ARCHITECTURE)) {
        if let Some((file, name)) = named_test(&word)
            && !is_test(&text(&file), name)
            && word != ALWAYS_CHECKED
        {
            lies.push(word);
        }
    }
    assert_eq!(lies, Vec::<String>::new(), "no such tests");
}

#[test]
fn every_promise_names_a_test() {
    let text = text(ARCHITECTURE);
    let mut lies = Vec::new();
    for row in section(&text, "promise").filter(|line| line.starts_with('|')) {
        let head = row.contains("---") || row.to_lowercase().contains("promise");
        let shown =
            words(row).any(|word| named_test(&word).is_some() || word.starts_with("tests/"));
        if !head && !shown {
            lies.push(row.to_owned());
        }
    }
    assert_eq!(lies, Vec::<String>::new(), "promises without a test");
}

#[test]
fn every_path_that_is_named_exists() {
    let mut lies = Vec::new();
    for paper in papers() {
        for word in words(&text(&paper)) {
            let path = word.split("::").next().unwrap_or_default();
            let pattern = path.contains(['*', '<', '{', ' ', '…']);
            if FOLDERS.iter().any(|folder| path.starts_with(folder))
                && !pattern
                && !root().join(path).exists()
            {
                lies.push(format!("{paper}: {path}"));
            }
        }
    }
    assert_eq!(lies, Vec::<String>::new(), "no such files");
}

#[test]
fn every_link_leads_somewhere() {
    let mut lies = Vec::new();
    for paper in papers() {
        let text = text(&paper);
        let folder = Path::new(&paper).parent().unwrap_or(Path::new(""));
        for target in links(&text) {
            if !root().join(folder).join(target).exists() {
                lies.push(format!("{paper}: {target}"));
            }
        }
    }
    assert_eq!(lies, Vec::<String>::new(), "broken links");
}

#[test]
fn every_command_that_is_named_exists() {
    let mut lies = Vec::new();
    for paper in papers() {
        for word in words(&text(&paper)) {
            for verb in verbs(&word) {
                let file = format!("src/verb/{}", verb.replace('-', "_"));
                if !exists(&format!("{file}.rs")) && !exists(&format!("{file}/mod.rs")) {
                    lies.push(format!("{paper}: mashang {verb}"));
                }
            }
        }
    }
    assert_eq!(lies, Vec::<String>::new(), "no such commands");
}

#[test]
fn every_address_that_is_named_exists() {
    let routes = text("src/web/mod.rs");
    let mut lies = Vec::new();
    for paper in papers() {
        for word in words(&text(&paper)) {
            let path = METHODS.iter().find_map(|method| word.strip_prefix(method));
            let path = path
                .and_then(|path| path.split(['?', ' ']).next())
                .unwrap_or_default();
            if path.starts_with('/') && !routes.contains(&format!("\"{path}\"")) {
                lies.push(format!("{paper}: {path}"));
            }
        }
    }
    assert_eq!(lies, Vec::<String>::new(), "no such addresses");
}

#[test]
fn every_setting_is_on_paper_with_its_default() {
    let program = SETTINGS.iter().map(|setting| match setting.default {
        "" => (setting.name, "–"),
        default => (setting.name, default),
    });
    let program: Vec<_> = program.collect();
    for readme in READMES {
        let text = text(readme);
        let rows = text
            .lines()
            .filter(|line| line.starts_with("| `") && line.matches('|').count() == 4);
        let paper: Vec<_> = rows.map(|row| (cell(row, 1), cell(row, 2))).collect();
        assert_eq!(paper, program, "{readme}");
    }
}

#[test]
fn both_languages_say_as_much() {
    let [english, chinese] = READMES.map(|readme| levels(&text(readme)));
    assert_eq!(english, chinese, "the headings of {READMES:?} differ");
}

#[test]
fn no_file_tells_of_the_machine_it_was_written_on() {
    let mut lies = Vec::new();
    for file in tracked() {
        let Ok(text) = fs::read_to_string(root().join(&file)) else {
            continue;
        };
        for (at, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| is_of_a_machine(line))
        {
            lies.push(format!("{file}:{}: {}", at + 1, line.trim()));
        }
    }
    assert_eq!(lies, Vec::<String>::new(), "paths of somebody's machine");
}

#[test]
fn no_lock_file_names_a_download_address() {
    for file in tracked()
        .iter()
        .filter(|file| file.ends_with("package-lock.json"))
    {
        assert!(
            !text(file).contains("\"resolved\""),
            "{file} names addresses"
        );
    }
}

#[test]
fn the_readers_of_paper_can_read() {
    let paper = "# A\nsee `tests/x.rs::a_b` and [b](b.md#c), [w](https://x.org)\n```sh\n# no head\nmashang demo --x\n```\n";
    assert_eq!(
        words(paper).collect::<Vec<_>>(),
        ["tests/x.rs::a_b", "# no head", "mashang demo --x"]
    );
    assert_eq!(links(paper).collect::<Vec<_>>(), ["b.md"]);
    assert_eq!(levels(paper), [1]);
    assert_eq!(
        named_test("tests/x.rs::a_b"),
        Some(("tests/x.rs".to_owned(), "a_b"))
    );
    assert_eq!(
        named_test("domain::area::tests::a"),
        Some(("src/domain/area.rs".to_owned(), "a"))
    );
    assert_eq!(named_test("web::routes"), None);
    let code = "#[test]\n/// x\nfn a_b() {}\nfn helper() {}\n#[tokio::test]\nasync fn c() {}";
    assert!(is_test(code, "a_b") && is_test(code, "c"));
    assert!(!is_test(code, "helper") && !is_test(code, "a"));
    assert_eq!(
        verbs("./mashang serve && mashang --help; x-mashang-y z").collect::<Vec<_>>(),
        ["serve"]
    );
    let home = ["/home", "someone/x"].join("/");
    assert!(is_of_a_machine(&format!("cd {home}")) && is_of_a_machine(&format!("\"{home}\"")));
    assert!(!is_of_a_machine(&format!("https://example.org{home}")));
    assert_eq!(cell("| `listen` | `1:2` | x |", 2), "1:2");
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn exists(file: &str) -> bool {
    root().join(file).exists()
}

/// What stands in a file; nothing, where it is missing.
fn text(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_default()
}

fn tracked() -> Vec<String> {
    // A clone may belong to another user than the one who tests it.
    let mut git = Command::new("git");
    git.args([
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    let listed = git
        .current_dir(root())
        .output()
        .expect("git lists the files");
    assert!(
        listed.status.success(),
        "{}",
        String::from_utf8_lossy(&listed.stderr)
    );
    let listed = String::from_utf8_lossy(&listed.stdout);
    listed.split_terminator('\0').map(str::to_owned).collect()
}

fn papers() -> impl Iterator<Item = String> {
    let is_paper = |file: &String| {
        Path::new(file)
            .extension()
            .is_some_and(|extension| extension == "md")
    };
    tracked().into_iter().filter(is_paper)
}

/// Each line, and whether it stands in a fenced block.
fn lines(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut fenced = false;
    text.lines().filter_map(move |line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (!fence).then_some((line, fenced))
    })
}

/// What is code: words in backticks, and the lines of fenced blocks.
fn words(text: &str) -> impl Iterator<Item = String> {
    let code = lines(text).flat_map(|(line, fenced)| match fenced {
        true => vec![line.to_owned()],
        false => line
            .split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect(),
    });
    code.collect::<Vec<_>>().into_iter()
}

/// The lines below the first heading that has the word in it.
fn section<'a>(text: &'a str, word: &str) -> impl Iterator<Item = &'a str> {
    let (head, word) = (|line: &str| line.starts_with('#'), word.to_owned());
    let below = text
        .lines()
        .skip_while(move |line| !(head(line) && line.to_lowercase().contains(&word)));
    below.skip(1).take_while(move |line| !head(line))
}

fn levels(text: &str) -> Vec<usize> {
    let heads = lines(text).filter(|(line, fenced)| !fenced && line.starts_with('#'));
    heads
        .map(|(line, _)| line.len() - line.trim_start_matches('#').len())
        .collect()
}

/// Targets inside the repository, without the place in the page.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let plain = lines(text).filter(|(_, fenced)| !fenced);
    let starts = plain
        .flat_map(|(line, _)| ["](", "src=\"", "href=\""].map(|open| line.split(open).skip(1)));
    let targets = starts
        .flatten()
        .filter_map(|rest| rest.split([')', '"', '#', ' ']).next());
    targets.filter(|target| !target.is_empty() && !target.contains(':'))
}

/// `tests/a.rs::name`, `src/a.rs::name` or `a::b::tests::name`: the file, and the test's name.
fn named_test(word: &str) -> Option<(String, &str)> {
    let (place, name) = word.rsplit_once("::")?;
    if FOLDERS.iter().any(|folder| place.starts_with(folder)) {
        return Some((place.to_owned(), name));
    }
    let file = place.strip_suffix("::tests")?.replace("::", "/");
    let folder = format!("src/{file}/mod.rs");
    let file = format!("src/{file}.rs");
    Some((if exists(&folder) { folder } else { file }, name))
}

/// Whether a function of this name is there and has a test's attribute above it.
fn is_test(code: &str, name: &str) -> bool {
    let mut marked = false;
    for line in code.lines().map(str::trim) {
        let declared = line
            .trim_start_matches("pub ")
            .trim_start_matches("async ")
            .strip_prefix("fn ");
        match declared.and_then(|rest| rest.strip_prefix(name)) {
            Some(rest) if rest.starts_with('(') => return marked,
            _ if line.starts_with("#[") => marked |= line.contains("test"),
            _ if line.starts_with("//") => {}
            _ => marked = false,
        }
    }
    false
}

/// The verbs of `mashang` that a command line names.
fn verbs(line: &str) -> impl Iterator<Item = &str> {
    let calls = line.match_indices("mashang ").filter(|(at, _)| {
        let before = line[..*at].chars().next_back();
        before.is_none_or(|sign| !sign.is_alphanumeric() && sign != '-' && sign != '_')
    });
    let after = calls.filter_map(|(at, call)| line[at + call.len()..].split(' ').next());
    after
        .map(|verb| verb.trim_end_matches([';', ',', ')']))
        .filter(|verb| {
            verb.starts_with(|sign: char| sign.is_ascii_lowercase())
                && verb
                    .chars()
                    .all(|sign| sign.is_ascii_lowercase() || sign == '-')
        })
}

/// The n-th cell of a table's row, without backticks.
fn cell(row: &str, at: usize) -> &str {
    row.split('|')
        .nth(at)
        .unwrap_or_default()
        .trim()
        .trim_matches('`')
}

fn is_of_a_machine(line: &str) -> bool {
    ["home", "root", "work"].iter().any(|folder| {
        let path = format!("/{folder}/");
        line.match_indices(&path).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let after = line[at + path.len()..].chars().next();
            before.is_none_or(|sign| sign.is_whitespace() || "\"'`=:(<>,[/".contains(sign))
                && after
                    .is_some_and(|sign| sign.is_alphanumeric() || ['.', '_', '-'].contains(&sign))
        })
    })
}
