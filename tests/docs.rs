//! The documents are current: generated files are what their commands write, links lead somewhere,
//! and what the documents name is there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];
const SETTINGS: &str = "docs/settings.md";
const GUARANTEES: &str = "docs/guarantees.md";
/// Longest size of a document in bytes.
const SIZES: [(&str, usize); 4] = [
    (READMES[0], 5_000),
    (READMES[1], 5_000),
    ("ARCHITECTURE.md", 14_000),
    ("CONTRIBUTING.md", 6_000),
];
/// Where code in backticks is the path of a file.
const FOLDERS: [&str; 7] = [
    "src/",
    "tests/",
    "assets/",
    "docs/",
    "entity/",
    "migration/",
    "benches/",
];
/// Public items of these kinds have a doc comment.
const DOCUMENTED: [&str; 7] = ["async", "const", "enum", "fn", "struct", "trait", "type"];
/// Where this variable is set, the generated documents are written instead of compared.
const WRITE: &str = "MASHANG_WRITE_DOCS";
/// Most words in the name of a test. The rest of the sentence belongs into the comment above it.
const NAME_WORDS_MAX: usize = 10;
/// What stands above the table of guarantees.
const GUARANTEES_HEAD: &str = "# Guarantees

Written by `MASHANG_WRITE_DOCS=1 cargo test --test docs current` from the tests. A line `guarantee:` in the \
comment above a test is a row here; several tests may hold one guarantee.

| guarantee | held by |
|---|---|
";

#[test]
fn settings_document_is_current() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mashang"));
    let output = command.args(["settings", "--markdown"]).output().unwrap();
    let written = String::from_utf8(output.stdout).unwrap();
    compare_or_write(SETTINGS, &written);
}

#[test]
fn guarantees_document_is_current() {
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for file in tracked().iter().filter(|file| is_of(file, &["rs", "mjs"])) {
        for (sentence, name) in guarantees(file) {
            let test = format!("`{file}::{name}`");
            match rows.iter_mut().find(|(known, _)| *known == sentence) {
                Some((_, tests)) => tests.push(test),
                None => rows.push((sentence, vec![test])),
            }
        }
    }
    let rows = rows.iter().map(|(sentence, tests)| {
        let tests = tests.join("<br>");
        format!("| {sentence} | {tests} |\n")
    });
    let written = GUARANTEES_HEAD.to_owned() + &rows.collect::<String>();
    compare_or_write(GUARANTEES, &written);
}

#[test]
fn test_names_have_at_most_ten_words() {
    let mut long = Vec::new();
    for file in tracked().iter().filter(|file| is_of(file, &["rs", "mjs"])) {
        let names = test_names(file).into_iter();
        let names = names.filter(|name| words(name) > NAME_WORDS_MAX);
        long.extend(names.map(|name| format!("{file}: {name}")));
    }
    assert!(long.is_empty(), "over {NAME_WORDS_MAX} words: {long:#?}");
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    for file in documents() {
        let folder = Path::new(&file).parent().unwrap().to_owned();
        for link in links(&text(&file)) {
            if !root().join(&folder).join(&link).exists() {
                broken.push(format!("{file}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "broken links: {broken:#?}");
}

#[test]
fn named_files_and_tests_exist() {
    let mut missing = Vec::new();
    for file in documents() {
        let text = text(&file);
        let code = text.split('`').skip(1).step_by(2);
        let named = code.filter(|word| FOLDERS.iter().any(|folder| word.starts_with(folder)));
        // A word with a space is a command, one with capital letters a pattern such as NAME.rs.
        let is_pattern = |sign: char| sign.is_ascii_uppercase() || " \n*{".contains(sign);
        for word in named.filter(|word| !word.contains(is_pattern)) {
            let (path, function) = word.split_once("::").unwrap_or((word, ""));
            let holds =
                function.is_empty() || self::text(path).contains(&format!("fn {function}("));
            if !exists(path) || !holds {
                missing.push(format!("{file}: {word}"));
            }
        }
    }
    assert!(missing.is_empty(), "no such files or tests: {missing:#?}");
}

#[test]
fn named_commands_exist() {
    let mut missing = Vec::new();
    for file in documents() {
        let text = text(&file);
        for (at, call) in text.match_indices("mashang ") {
            let is_code = text[..at].ends_with(['`', '\n']);
            let rest = text[at + call.len()..].chars();
            let verb: String = rest.take_while(char::is_ascii_lowercase).collect();
            if is_code && !verb.is_empty() && !exists(&format!("src/verb/{verb}.rs")) {
                missing.push(format!("{file}: mashang {verb}"));
            }
        }
    }
    assert!(missing.is_empty(), "no such commands: {missing:#?}");
}

#[test]
fn documents_stay_short() {
    for (file, bytes_max) in SIZES {
        let bytes = text(file).len();
        assert!(
            bytes <= bytes_max,
            "{file}: {bytes} bytes, {bytes_max} at most"
        );
    }
}

#[test]
fn both_readmes_say_the_same() {
    let [english, chinese] = READMES.map(text);
    assert_eq!(commands(&english), commands(&chinese), "commands");
    assert_eq!(headings(&english), headings(&chinese), "headings");
    let (ours, theirs) = (links(&english), links(&chinese));
    let own = |link: &&String| !READMES.contains(&link.as_str());
    assert!(ours.iter().filter(own).eq(theirs.iter().filter(own)));
}

#[test]
fn readme_settings_are_rows_of_the_table() {
    let table = text(SETTINGS);
    for (readme, cells) in READMES.into_iter().zip([[1, 2, 3], [1, 2, 4]]) {
        let known: Vec<_> = table.lines().map(|row| pick(row, cells)).collect();
        let text = text(readme);
        let rows = text.lines().filter(|line| line.starts_with("| `"));
        for row in rows.map(|row| pick(row, [1, 2, 3])) {
            assert!(
                known.contains(&row),
                "{readme}: {row:?} is not in {SETTINGS}"
            );
        }
    }
}

#[test]
fn no_file_names_a_machines_folders() {
    let mut found = Vec::new();
    for file in tracked() {
        let lines = text(&file);
        let lines = lines.lines().filter(|line| names_a_home(line));
        found.extend(lines.map(|line| format!("{file}: {}", line.trim())));
    }
    assert!(found.is_empty(), "folders of a machine: {found:#?}");
}

#[test]
fn lock_files_name_no_download_address() {
    for file in tracked() {
        let named = file.ends_with("package-lock.json") && text(&file).contains("\"resolved\"");
        assert!(!named, "{file} names addresses");
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn exists(file: &str) -> bool {
    root().join(file).exists()
}

/// The text of a file; empty if it is missing or not UTF-8.
fn text(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_default()
}

fn compare_or_write(file: &str, written: &str) {
    if std::env::var_os(WRITE).is_some() {
        fs::write(root().join(file), written).expect("the document can be written");
    }
    let current = text(file) == written;
    assert!(
        current,
        "{file} is out of date. Write it with: {WRITE}=1 cargo test --test docs current"
    );
}

fn tracked() -> Vec<String> {
    let mut git = Command::new("git");
    // A clone may belong to another user than the one who runs the tests.
    git.args(["-c", "safe.directory=*", "ls-files", "-z", "--cached"]);
    git.args(["--others", "--exclude-standard"]);
    let listed = git.current_dir(root()).output().expect("git runs");
    assert!(listed.status.success(), "git lists the files");
    let listed = String::from_utf8_lossy(&listed.stdout);
    let files = listed.split_terminator('\0').map(str::to_owned);
    let mut files: Vec<_> = files.filter(|file| exists(file)).collect();
    // Git lists files that are not added yet last, so its order depends on the index.
    files.sort();
    files
}

fn documents() -> impl Iterator<Item = String> {
    tracked().into_iter().filter(|file| is_of(file, &["md"]))
}

/// Whether a file has one of these extensions.
fn is_of(file: &str, extensions: &[&str]) -> bool {
    let extension = Path::new(file).extension().unwrap_or_default();
    extensions.iter().any(|known| extension == *known)
}

/// Each guarantee of a file with the name of the function or browser test below it. A guarantee
/// ends with its comment, or where the next one begins.
fn guarantees(file: &str) -> Vec<(String, String)> {
    let (mut found, mut above) = (Vec::new(), Vec::<String>::new());
    for line in text(file).lines().map(str::trim) {
        if let Some(comment) = line.strip_prefix("//") {
            let comment = comment.trim_start_matches('/').trim();
            match (comment.strip_prefix("guarantee: "), above.last_mut()) {
                (Some(sentence), _) => above.push(sentence.to_owned()),
                (None, Some(sentence)) => *sentence = [sentence.as_str(), comment].join(" "),
                (None, None) => {}
            }
        } else if !line.starts_with("#[") && !above.is_empty() {
            let name = name_of(line);
            assert!(!name.is_empty(), "{file}: {above:?} is above no test");
            let rows = above.drain(..).map(|sentence| (sentence, name.to_owned()));
            found.extend(rows);
        }
    }
    found
}

/// The name in `fn name(…` or `test('name', …`; empty for any other line.
fn name_of(line: &str) -> &str {
    let rest = line.split_once("fn ").or(line.split_once("test('"));
    let rest = rest.map_or("", |(_, rest)| rest);
    rest.split(['(', '<', '\'']).next().unwrap_or_default()
}

/// The names of a file's tests: of functions below `#[test]`, and of calls of `test` in a browser
/// test. `.test(` is a method of something else.
fn test_names(file: &str) -> Vec<String> {
    let text = text(file);
    if is_of(file, &["mjs"]) {
        let calls = text.match_indices("test(");
        let calls = calls.filter(|(at, _)| !text[..*at].ends_with('.'));
        let names = calls.filter_map(|(at, call)| {
            let rest = text[at + call.len()..].trim_start();
            let quote = rest.chars().next().filter(|sign| "'\"`".contains(*sign))?;
            rest.split(quote).nth(1).map(str::to_owned)
        });
        return names.collect();
    }
    let mut lines = text.lines().map(str::trim);
    let mut names = Vec::new();
    while let Some(line) = lines.next() {
        if line == "#[test]" || line.starts_with("#[tokio::test") {
            let name = lines.by_ref().map(name_of).find(|name| !name.is_empty());
            names.extend(name.map(str::to_owned));
        }
    }
    names
}

/// The words of a test's name. What a template fills in, `${…}`, counts as nothing.
fn words(name: &str) -> usize {
    let mut parts = name.split("${");
    let first = parts.next().unwrap_or_default();
    let rest = parts.filter_map(|part| part.split_once('}'));
    let fixed = std::iter::once(first).chain(rest.map(|(_, fixed)| fixed));
    let fixed: String = fixed.collect();
    let words = fixed.split(['_', ' ']);
    words
        .filter(|word| word.contains(char::is_alphanumeric))
        .count()
}

/// Links to files of the repository, without the place in the page.
fn links(text: &str) -> Vec<String> {
    let targets = text.split("](").skip(1);
    let targets = targets.filter_map(|rest| rest.split([')', '#']).next());
    let own = targets.filter(|link| !link.is_empty() && !link.contains(':'));
    own.map(str::to_owned).collect()
}

/// The commands of fenced blocks, without their comments.
fn commands(text: &str) -> Vec<&str> {
    let blocks = text.split("```").skip(1).step_by(2);
    let lines = blocks.flat_map(|block| block.lines().skip(1));
    lines
        .filter_map(|line| line.split(" #").next())
        .map(str::trim)
        .collect()
}

fn headings(text: &str) -> usize {
    text.lines().filter(|line| line.starts_with("## ")).count()
}

/// Three cells of a table's row.
fn pick(row: &str, cells: [usize; 3]) -> [String; 3] {
    cells.map(|at| row.split('|').nth(at).unwrap_or_default().trim().to_owned())
}

/// Whether a line names a folder below somebody's home.
fn names_a_home(line: &str) -> bool {
    ["home", "root", "work"].iter().any(|folder| {
        let path = format!("/{folder}/");
        line.match_indices(&path).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let after = line[at + path.len()..].chars().next();
            before.is_none_or(|sign| sign.is_whitespace() || "\"'`=:(<>,[/".contains(sign))
                && after.is_some_and(|sign| sign.is_alphanumeric() || "._-".contains(sign))
        })
    })
}

/// What templates print without escaping is a constant of the program, never a part of a request.
#[test]
fn templates_escape_everything_but_constants() {
    const CONSTANTS: [&str; 5] = [
        "c.css",
        "c.form_css",
        "c.record_css",
        "v.script()",
        "v.words",
    ];
    let mut raw = Vec::new();
    for file in tracked()
        .iter()
        .filter(|file| is_of(file, &["html", "svg"]))
    {
        for piece in text(file).split("{{").skip(1) {
            let expression = piece.split("}}").next().unwrap_or_default().trim();
            if let Some(value) = expression.strip_suffix("|safe")
                && !CONSTANTS.contains(&value.trim())
            {
                raw.push(format!("{file}: {expression}"));
            }
        }
    }
    assert!(raw.is_empty(), "not escaped: {raw:#?}");
}

/// Modules are private to the crate, so the lint `missing_docs` does not see them.
#[test]
fn public_items_of_private_modules_are_documented() {
    let mut bare = Vec::new();
    for file in tracked().iter().filter(|file| is_of(file, &["rs"])) {
        if file.starts_with("src/") && file != "src/testing.rs" {
            find_bare(file, text(file).parse().unwrap(), &mut bare);
        }
    }
    assert!(bare.is_empty(), "without a doc comment: {bare:#?}");
}

/// Adds the public functions, types and constants that have no doc comment.
fn find_bare(file: &str, tokens: TokenStream, bare: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let word = |at: usize| tokens.get(at).map(ToString::to_string).unwrap_or_default();
    let (mut attribute, mut documented) = (false, false);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Punct(sign) if sign.as_char() == '#' => {
                attribute = true;
                continue;
            }
            TokenTree::Group(group) if attribute => {
                documented |= group.stream().to_string().starts_with("doc");
                attribute = false;
                continue;
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                find_bare(file, group.stream(), bare);
            }
            TokenTree::Ident(visible)
                if visible == "pub"
                    && !documented
                    && DOCUMENTED.contains(&word(at + 1).as_str()) =>
            {
                let line = visible.span().start().line;
                bare.push(format!("{file}:{line}: {} {}", word(at + 1), word(at + 2)));
            }
            _ => {}
        }
        documented = false;
    }
}
