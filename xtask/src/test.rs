//! `test`: the README's second command. All suites, or one.

use crate::install::{install, missing_of_postgres};
use crate::step::{Failure, cargo, run as step};
use crate::web;

/// Suites whose names are taken, with what each waits for.
const NOT_YET: &[(&str, &str)] = &[
    ("swift", "it needs the Swift package"),
    ("kotlin", "it needs the Kotlin package"),
    ("apps", "it needs the apps"),
];

/// Runs the suite that is named, or all.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    match arguments {
        // The tests of every package built every program.
        [] => rust().and_then(|()| web::run_built()),
        ["rust"] => rust(),
        ["web"] => web::run(),
        [suite] => Err(Failure::Asked(match NOT_YET.iter().find(|(missing, _)| missing == suite) {
            Some((_, why)) => format!("`cargo xtask test {suite}` is not there yet: {why}."),
            None => format!("There is no suite `{suite}`. There are: rust, web."),
        })),
        [_, extra, ..] => {
            Err(Failure::Asked(format!("`cargo xtask test` takes one suite, and was also given `{extra}`.")))
        }
    }
}

fn rust() -> Result<(), Failure> {
    install("`cargo xtask test rust`", &missing_of_postgres())?;
    step("The tests of every Rust package", cargo(&["test", "--workspace"]))?;
    step(
        "The engine as Swift and Kotlin get it: it compiles",
        cargo(&["check", "-p", "counterpart-core", "--all-targets", "--features", "uniffi"]),
    )
}
