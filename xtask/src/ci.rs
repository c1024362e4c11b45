//! `ci`: everything that has to be true before a change is in. It stops at the first thing that is not.

use crate::step::{Failure, cargo, no_arguments, run as step};
use crate::toolchain::Toolchain;
use crate::{licences, test};

/// Runs every check, quick ones first, and the README's test command at the end.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    no_arguments("ci", arguments)?;
    step("Format", cargo(&["fmt", "--all", "--check"]))?;
    licences::check()?;
    // What the suites need comes while everything else is looked at.
    test::install()?;
    let _swift = Toolchain::begin();
    step("Lints", cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))?;
    step(
        "Lints of the engine as Swift and Kotlin get it",
        cargo(&[
            "clippy",
            "-p",
            "counterpart-core",
            "--all-targets",
            "--features",
            "uniffi",
            "--",
            "-D",
            "warnings",
        ]),
    )?;
    let mut documentation = cargo(&["doc", "--workspace", "--no-deps"]);
    documentation.env("RUSTDOCFLAGS", "-D warnings");
    step("Documentation", documentation)?;
    step("Doctrine", cargo(&["test", "--workspace", "--test", "doctrine"]))?;
    step("The README's test command", cargo(&["xtask", "test"]))?;
    eprintln!("\nAll checks passed.");
    Ok(())
}
