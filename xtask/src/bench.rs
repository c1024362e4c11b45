//! `bench`: every figure that the project claims, measured beside the bare floor in one run.

use crate::step::{Failure, cargo, run as step};

/// Runs the bench with the arguments as they are.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    step("The hub", cargo(&["build", "--release", "-p", "counterpart-hub"]))?;
    let bench = ["run", "--release", "-p", "counterpart-tests", "--bin", "bench", "--"];
    step("The benchmarks, ours beside the floor", cargo(&[&bench, arguments].concat()))
}
