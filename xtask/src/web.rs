//! `test web`: the official Supabase client against a hub, and the demo's page in a real browser.

use crate::demo;
use crate::step::{Failure, built, cargo, program, run as step};
use std::path::Path;

const FOLDER: &str = "tests/web";
/// A program that has to be there, and the Debian package that brings it.
const NEEDED: &[(&str, &str)] = &[("node", "nodejs"), ("npm", "npm"), ("chromium", "chromium")];

/// Builds the programs and runs the suite.
pub(crate) fn run() -> Result<(), Failure> {
    step("The hub and the demo are built", cargo(demo::BUILD))?;
    run_built()
}

/// Installs what is missing and runs the suite with the programs as they were built.
pub(crate) fn run_built() -> Result<(), Failure> {
    install()?;
    step(
        "The suite's packages, as they are locked",
        program(FOLDER, "npm", &["ci", "--no-audit", "--no-fund"]),
    )?;
    let mut test = program(FOLDER, "npm", &["test"]);
    test.env("COUNTERPART_HUB", built("counterpart-hub")?).env("COUNTERPART_DEMO", built("demo")?);
    step("supabase-js against a hub, the demo's page in Chromium", test)
}

fn install() -> Result<(), Failure> {
    let missing: Vec<&str> =
        NEEDED.iter().filter(|(name, _)| !is_there(name)).map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !(is_there("apt-get") && is_root()) {
        return Err(Failure::Untrue(format!(
            "`cargo xtask test web` needs these programs, and only installs them on Debian as root: {}.",
            missing.join(", ")
        )));
    }
    step("The list of Debian's packages", program(".", "apt-get", &["update", "-qq"]))?;
    let install = ["install", "-qq", "-y", "--no-install-recommends"];
    let mut install = program(".", "apt-get", &[&install, missing.as_slice()].concat());
    install.env("DEBIAN_FRONTEND", "noninteractive");
    step("What is missing of Node and Chromium", install)
}

fn is_there(name: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}

/// Root's own processes belong to root, on the systems that have apt-get.
fn is_root() -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        Path::new("/proc/self").metadata().is_ok_and(|process| process.uid() == 0)
    }
    #[cfg(not(unix))]
    {
        !Path::new("/").exists()
    }
}
