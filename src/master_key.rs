//! The master key: where it comes from, and whether it belongs to the database.

use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::config::Config;
use crate::seal::{KEY_BYTES, Keys};
use crate::store::{Conn, Db, Error, Tx, installation};

/// The bits of a file's mode that let others than its owner read or write it.
const OTHERS: u32 = 0o077;

/// The keys of the installation. The first start makes the key and writes its fingerprint into the
/// database; later no other key is accepted, and none is made.
pub async fn keys(config: &Config, db: &Db) -> Result<Keys> {
    let file = &config.key_file;
    let work = |conn: Conn| async move { installation::fingerprint(&conn).await };
    let known = db.read(work).await?;
    let made = !file.exists();
    if made {
        ensure!(
            known.is_none(),
            "the database has data but its key file {} is missing: without it nothing sealed can be read. Put the key file back",
            file.display()
        );
        make(file)?;
    }
    let keys = Keys::of(&read(file, config.key_file_shared)?);
    let own = keys.fingerprint();
    let claimed = match known {
        Some(known) => known,
        None => {
            let own = own.clone();
            let work = move |tx: Tx| async move { installation::claim(&tx, own).await };
            db.write::<_, Error, _, _>(work).await?
        }
    };
    if claimed != own {
        if made {
            // Another node was first.
            std::fs::remove_file(file)?;
        }
        bail!(
            "the key in {} does not belong to this database: its fingerprint is {own}, that of the database is {claimed}. Use the key file with which the database was begun; all nodes share it",
            file.display()
        );
    }
    Ok(keys)
}

/// Makes a key that only the owner may read.
fn make(file: &Path) -> Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut open = std::fs::OpenOptions::new();
    let mut new = open
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .with_context(|| format!("cannot make the key file {}", file.display()))?;
    let key: [u8; KEY_BYTES] = rand::random();
    for byte in key {
        write!(new, "{byte:02x}")?;
    }
    writeln!(new)?;
    Ok(new.sync_all()?)
}

/// Reads the key. Fails where it is weak, or where others may read it and `shared` does not say that
/// they may.
fn read(file: &Path, shared: bool) -> Result<[u8; KEY_BYTES]> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read the key file {}", file.display()))?;
    let mode = std::fs::metadata(file)?.permissions().mode();
    ensure!(
        shared || mode & OTHERS == 0,
        "others than the owner may use the key file {0}: run chmod 600 {0}, or set key_file_shared where the mount decides its mode",
        file.display()
    );
    let text = text.trim();
    let bytes: Option<Vec<u8>> = (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect();
    let key: Option<[u8; KEY_BYTES]> = bytes.and_then(|bytes| bytes.try_into().ok());
    let key = key.with_context(|| format!("{} does not hold 32 bytes as hex", file.display()))?;
    ensure!(
        key.iter().any(|byte| *byte != key[0]),
        "the key in {} is not random: all its bytes are the same",
        file.display()
    );
    Ok(key)
}
