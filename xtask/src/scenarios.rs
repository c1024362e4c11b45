//! `scenarios`: the scenario catalogue against one backend.

use crate::debian;
use crate::step::{Failure, cargo, run as step};

/// Builds what the scenarios run, and plays them.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    match arguments {
        ["--backend", "hub-sqlite" | "hub-postgres" | "postgrest"]
        | ["--backend", "hub-sqlite" | "hub-postgres" | "postgrest", "--name", _] => {}
        _ => {
            let usage = "`cargo xtask scenarios --backend hub-sqlite|hub-postgres|postgrest [--name X]`";
            return Err(Failure::Asked(usage.into()));
        }
    }
    if !arguments.contains(&"hub-sqlite") {
        debian::install_postgres("scenarios")?;
    }
    let programs = ["--bin", "device", "--bin", "hub", "--bin", "scenarios"];
    step(
        "The programs that the scenarios run",
        cargo(&[&["build", "-p", "counterpart-tests"], &programs[..]].concat()),
    )?;
    let scenarios = ["run", "-p", "counterpart-tests", "--bin", "scenarios", "--"];
    step("The scenario catalogue", cargo(&[&scenarios, arguments].concat()))
}
