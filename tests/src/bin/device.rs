//! One device without a screen: a line of JSON in, a line of JSON out. `{"call":"help"}` lists what it can do.

use counterpart_tests::device_line::serve;
use std::process::ExitCode;

fn main() -> ExitCode {
    match serve(std::io::stdin().lock(), std::io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("device: {error}");
            ExitCode::FAILURE
        }
    }
}
