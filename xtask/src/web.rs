//! `test web`: the official Supabase client against a hub, and the demo's page in a real browser.

use crate::debian::{self, Needed};
use crate::demo;
use crate::step::{Failure, built, cargo, program, run as step};
use std::path::PathBuf;

const FOLDER: &str = "tests/web";
const NEEDED: &[Needed] = &[("node", "nodejs"), ("npm", "npm")];
/// Names a browser that is none of those below.
const NAMED: &str = "COUNTERPART_CHROMIUM";
/// What Chromium is called in the path, by itself or as what others make of it.
const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// Where it lies on a Mac.
const MACS: &[&str] = &[
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// The packages that bring what is missing.
pub(crate) fn missing() -> Vec<&'static str> {
    let mut packages = debian::missing(NEEDED);
    packages.extend(browser().is_none().then_some("chromium"));
    packages
}

fn browser() -> Option<PathBuf> {
    let named = std::env::var_os(NAMED).map(PathBuf::from);
    let macs = MACS.iter().map(PathBuf::from).find(|browser| browser.is_file());
    named.or_else(|| BROWSERS.iter().find_map(|name| debian::found(name))).or(macs)
}

/// Builds the programs and runs the suite.
pub(crate) fn run() -> Result<(), Failure> {
    step("The hub and the demo are built", cargo(demo::BUILD))?;
    run_built()
}

/// Installs what is missing and runs the suite with the programs as they were built.
pub(crate) fn run_built() -> Result<(), Failure> {
    debian::install_packages("test web", "Node and Chromium", &missing())?;
    step(
        "The suite's packages, as they are locked",
        program(FOLDER, "npm", &["ci", "--no-audit", "--no-fund"]),
    )?;
    let mut test = program(FOLDER, "npm", &["test"]);
    test.env("COUNTERPART_HUB", built("counterpart-hub")?).env("COUNTERPART_DEMO", built("demo")?);
    test.envs(browser().map(|browser| (NAMED, browser)));
    step("supabase-js against a hub, the demo's page in Chromium", test)
}
