//! The master key: it belongs to one database, it is strong, and it is for its owner alone.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use mashang::testing::run;

use crate::app::TestApp;
use crate::process::Process;

fn key_file(app: &TestApp) -> String {
    let settings = app.settings.iter();
    let mut files = settings.filter(|(name, _)| *name == "key_file");
    files.next().unwrap().1.clone()
}

/// The error with which a start with this key file's content fails.
async fn refusal(app: &TestApp, key: &str) -> String {
    std::fs::write(key_file(app), key).unwrap();
    let refused = run::build(&app.config()).await.unwrap_err();
    format!("{refused:#}")
}

/// guarantee: No start, no command and no node accepts a key that is not the database's, and none
/// makes one beside data
#[tokio::test(flavor = "multi_thread")]
async fn foreign_key_is_refused_until_the_right_one_is_back() {
    let mut app = TestApp::open().await;
    let (_, receipt) = app.resident("C1").reports().await;
    app.close().await;
    let file = key_file(&app);
    let right = std::fs::read_to_string(&file).unwrap();
    let other = format!("{:064x}\n", 7);
    let said = refusal(&app, &other).await;
    assert!(said.contains("does not belong to this database"), "{said}");
    assert!(
        !said.contains(right.trim()) && !said.contains(other.trim()),
        "{said}"
    );
    std::fs::remove_file(&file).unwrap();
    let refused = run::build(&app.config()).await.unwrap_err();
    let said = format!("{refused:#}");
    assert!(said.contains("Put the key file back"), "{said}");
    assert!(!Path::new(&file).exists(), "none is made");
    std::fs::write(&file, right).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    app.state = run::build(&app.config()).await.unwrap();
    app.open_doors().await;
    let page = app.get(&receipt, None).await;
    assert_eq!(page.status, reqwest::StatusCode::OK);
}

/// guarantee: A weak key, or one that others may read, is refused
#[tokio::test(flavor = "multi_thread")]
async fn weak_or_readable_key_is_refused_in_words() {
    let mut app = TestApp::open().await;
    app.close().await;
    let file = key_file(&app);
    let right = std::fs::read_to_string(&file).unwrap();
    let zeros = "0".repeat(64);
    for (key, words) in [
        (zeros.as_str(), "not random"),
        (&right[..62], "32 bytes as hex"),
        ("", "32 bytes as hex"),
        ("not a key", "32 bytes as hex"),
    ] {
        let said = refusal(&app, key).await;
        assert!(said.contains(words), "{key:?}: {said}");
    }
    for mode in [0o640, 0o604, 0o620] {
        let others = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&file, others).unwrap();
        let said = refusal(&app, &right).await;
        assert!(said.contains("chmod 600"), "{mode:o}: {said}");
    }
    app.set("key_file_shared", "true");
    run::build(&app.config()).await.unwrap();
}

/// guarantee: Database, key and their folder belong to their owner alone
#[tokio::test(flavor = "multi_thread")]
async fn new_files_belong_to_their_owner_alone() {
    let mut app = TestApp::open().await;
    app.close().await;
    let folder = tempfile::TempDir::new().unwrap();
    let data = folder.path().join("data");
    let mut settings = app.settings.clone();
    settings.retain(|(name, _)| !["database", "key_file"].contains(name));
    settings.push(("database", format!("sqlite:{}/mashang.db", data.display())));
    settings.push(("key_file", format!("{}/master.key", data.display())));
    let mut process = Process::serve(&settings);
    let mut paths = vec![data.clone()];
    paths.extend(
        std::fs::read_dir(&data)
            .unwrap()
            .map(|file| file.unwrap().path()),
    );
    assert!(paths.len() >= 4, "{paths:?}");
    for path in paths {
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{} is {mode:o}", path.display());
    }
    process.stop();
}
