//! `simulate`: seeded runs of the whole engine and a real hub store, as many as wanted.

use crate::step::{Failure, cargo, run as step};

/// Runs the seeds with the arguments as they are.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let simulate = ["run", "--release", "-p", "counterpart-tests", "--bin", "simulate", "--"];
    step("Devices on a bad network, seed by seed", cargo(&[&simulate, arguments].concat()))
}
