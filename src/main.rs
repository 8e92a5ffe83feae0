//! The `mashang` binary: arguments in, verb out.

use std::process::ExitCode;

use clap::Parser;
use mashang::{ReaderGone, Verb, warn};
use mimalloc::MiMalloc;

/// It gives large blocks back to the system. The system's own allocator keeps the 19 MiB of each
/// password that is hashed: 60 sign-ins leave 1 GB.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Mashang 码上报备: QR codes in lifts, reports in thirty seconds, the right community at once.
#[derive(Parser)]
#[command(version, about, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

fn main() -> ExitCode {
    match Arguments::parse().verb.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<ReaderGone>() => ReaderGone::EXIT_STATUS.into(),
        Err(error) => {
            warn(format_args!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
