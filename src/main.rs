//! The `mashang` binary: arguments in, verb out.

use std::process::ExitCode;

use clap::Parser;
use mashang::Verb;

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
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "the error of a command goes to standard error"
)]
fn complain(error: &anyhow::Error) {
    eprintln!("mashang: {error:#}");
}
