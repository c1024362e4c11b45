//! `demo`: the README's first command, a hub and three devices that work a day in a shop.

use crate::step::{Failure, built, cargo, program, run as step};

/// Both programs in one build. Unoptimised where speed does not matter: that is built in half the time, and a day in
/// the shop takes seconds either way.
pub(crate) const BUILD: &[&str] = &[
    "build",
    "-p",
    "counterpart-hub",
    "-p",
    "counterpart-tests",
    "--bin",
    "counterpart-hub",
    "--bin",
    "demo",
];

/// Builds what the day needs, and works it with the arguments as they are.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    if let Some(unknown) = arguments.iter().find(|argument| !matches!(**argument, "--exit" | "--json")) {
        return Err(Failure::Asked(format!("`cargo xtask demo` takes --exit and --json, not `{unknown}`.")));
    }
    step("The hub and the devices are built (the first time takes some minutes)", cargo(BUILD))?;
    step("A day in the shop: a hub, three devices", program(".", built("demo")?, arguments))
}
