//! The `counterpart-hub` program.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    counterpart_hub::cli::Cli::parse().run()
}
