//! Whether a file is still where it was opened. An open file that was moved away or removed can
//! be written to as before, and no one will ever find what was written.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sea_orm::DbErr;

use super::Error;

/// A file, and which one it was.
#[derive(Clone, Debug)]
pub(super) struct Presence {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl Presence {
    /// Remembers the file that has this name now.
    pub(super) fn of(path: PathBuf) -> Result<Self, Error> {
        let found = std::fs::metadata(&path).map_err(|error| gone(&path, &error.to_string()))?;
        Ok(Self {
            device: found.dev(),
            inode: found.ino(),
            path,
        })
    }

    /// The name of the file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the name still stands for the same file. Costs a microsecond.
    pub(super) fn check(&self) -> Result<(), Error> {
        match std::fs::metadata(&self.path) {
            Ok(found) if (found.dev(), found.ino()) == (self.device, self.inode) => Ok(()),
            Ok(_) => Err(gone(&self.path, "another file has taken its place")),
            Err(error) => Err(gone(&self.path, &error.to_string())),
        }
    }
}

fn gone(path: &Path, why: &str) -> Error {
    Error::Unavailable(DbErr::Custom(format!("{}: {why}", path.display())))
}
