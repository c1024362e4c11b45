//! `scenarios`: the scenario catalogue against one backend.

use crate::debian;
use crate::step::{Failure, cargo, run as step};

/// Backends whose names are taken, and that are not there yet.
const NOT_YET: &[&str] = &["hub-postgres"];

/// Builds what the scenarios run, and plays them.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    match arguments {
        ["--backend", "hub-sqlite" | "postgrest"]
        | ["--backend", "hub-sqlite" | "postgrest", "--name", _] => {}
        ["--backend", missing, ..] if NOT_YET.contains(missing) => {
            return Err(Failure::Asked(format!("The backend `{missing}` is not there yet.")));
        }
        _ => {
            let usage = "`cargo xtask scenarios --backend hub-sqlite|hub-postgres|postgrest [--name X]`";
            return Err(Failure::Asked(usage.into()));
        }
    }
    if arguments.contains(&"postgrest") {
        debian::install_postgres("scenarios --backend postgrest")?;
    }
    let programs = ["--bin", "device", "--bin", "hub", "--bin", "scenarios"];
    step(
        "The programs that the scenarios run",
        cargo(&[&["build", "-p", "counterpart-tests"], &programs[..]].concat()),
    )?;
    let scenarios = ["run", "-p", "counterpart-tests", "--bin", "scenarios", "--"];
    step("The scenario catalogue", cargo(&[&scenarios, arguments].concat()))
}
