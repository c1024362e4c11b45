//! The hub's program, as `counterpart-hub` is, where the suites find it.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    counterpart_hub::cli::Cli::parse().run()
}
