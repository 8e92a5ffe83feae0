//! What commands print. The reader of a pipe may have read enough, such as `head`: a command then ends
//! without a word, as other programs do.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write as _};

use anyhow::{Context as _, Result};

/// Nothing reads the results of the command any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing reads the output")]
pub struct ReaderGone;

impl ReaderGone {
    /// The exit status of a program that SIGPIPE ended, as shells report it.
    pub const EXIT_STATUS: u8 = 128 + 13;
}

/// Prints a line of the results; [`ReaderGone`] if nothing reads it.
pub(super) fn say(line: impl Display) -> Result<()> {
    print(&format!("{line}\n"))
}

/// Prints text that ends its lines itself; [`ReaderGone`] if nothing reads it.
pub(super) fn print(text: &str) -> Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(ReaderGone.into()),
        written => written.context("cannot write the results"),
    }
}

/// Prints words on standard error. A terminal that is gone is no reason to end.
pub fn warn(words: impl Display) {
    let _ = io::stderr()
        .lock()
        .write_all(format!("mashang: {words}\n").as_bytes());
}
