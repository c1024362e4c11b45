//! `demo`: the README's first command, a tour of the engine on a fresh database.

use crate::step::{Failure, cargo, run as step};

/// Runs the tour with the arguments as they are.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let tour = ["run", "--release", "-p", "counterpart-tests", "--bin", "tour", "--"];
    step("A day in the shop, on a fresh database", cargo(&[&tour, arguments].concat()))
}
