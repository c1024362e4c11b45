//! `test web`: the official Supabase client against a hub, and the demo's page in a real browser.

use crate::debian::{self, Needed};
use crate::demo;
use crate::step::{Failure, built, cargo, program, run as step};

const FOLDER: &str = "tests/web";
pub(crate) const NEEDED: &[Needed] = &[("node", "nodejs"), ("npm", "npm"), ("chromium", "chromium")];

/// Builds the programs and runs the suite.
pub(crate) fn run() -> Result<(), Failure> {
    step("The hub and the demo are built", cargo(demo::BUILD))?;
    run_built()
}

/// Installs what is missing and runs the suite with the programs as they were built.
pub(crate) fn run_built() -> Result<(), Failure> {
    debian::install("test web", "Node and Chromium", NEEDED)?;
    step(
        "The suite's packages, as they are locked",
        program(FOLDER, "npm", &["ci", "--no-audit", "--no-fund"]),
    )?;
    let mut test = program(FOLDER, "npm", &["test"]);
    test.env("COUNTERPART_HUB", built("counterpart-hub")?).env("COUNTERPART_DEMO", built("demo")?);
    step("supabase-js against a hub, the demo's page in Chromium", test)
}
