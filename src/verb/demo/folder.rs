//! The folder of a demo. A file beside the database says that the demo is not finished: where a
//! start was broken off, the next one removes what it left and begins again. Only a demo makes that
//! file, and only where there is no database, so no other database is ever removed.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

const DATABASE: &str = "mashang.db";
const ACCOUNTS: &str = "demo-accounts.tsv";
/// Exists while a demo is made.
const UNFINISHED: &str = "demo-unfinished";
/// Files of a demo, all of which `--fresh` removes.
const FILES: [&str; 5] = [
    DATABASE,
    "mashang.db-wal",
    "mashang.db-shm",
    "master.key",
    ACCOUNTS,
];

/// The folder.
pub(super) struct Folder(PathBuf);

/// The making of a demo. While this value exists no other process makes one in the folder.
pub(super) struct Making {
    /// The locked file, where there is something to make.
    file: Option<File>,
    path: PathBuf,
}

impl Folder {
    pub(super) fn of(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The file with the accounts.
    pub(super) fn accounts(&self) -> PathBuf {
        self.0.join(ACCOUNTS)
    }

    /// Removes the demo.
    pub(super) fn clear(&self) -> Result<()> {
        for file in FILES {
            let file = self.0.join(file);
            if file.exists() {
                std::fs::remove_file(&file)
                    .with_context(|| format!("cannot remove {}", file.display()))?;
            }
        }
        Ok(())
    }

    /// Prepares the making of a demo where there is none, or only a part of one.
    pub(super) fn begin(&self) -> Result<Making> {
        let path = self.0.join(UNFINISHED);
        let broken_off = path.exists();
        if !broken_off && FILES.iter().any(|file| self.0.join(file).exists()) {
            return Ok(Making { file: None, path });
        }
        std::fs::create_dir_all(&self.0)
            .with_context(|| format!("cannot make the folder {}", self.0.display()))?;
        let file =
            File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        match file.try_lock() {
            // Another process may have finished, and removed the file, since it was opened here.
            Ok(()) if path.exists() => {}
            Ok(()) | Err(TryLockError::WouldBlock) => {
                bail!("another process makes a demo in {}", self.0.display())
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
        if broken_off {
            self.clear()?;
        }
        Ok(Making {
            file: Some(file),
            path,
        })
    }
}

impl Making {
    /// The demo is whole.
    pub(super) fn finish(self) -> Result<()> {
        if self.file.is_some() {
            std::fs::remove_file(&self.path)
                .with_context(|| format!("cannot remove {}", self.path.display()))?;
        }
        Ok(())
    }
}
