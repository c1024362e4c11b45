//! What a suite needs of the machine: named where it is missing, and on Debian as root installed.

use crate::step::{Failure, program, run as step};
use std::path::Path;

/// The packages of those programs that are not there: each with the Debian package that brings it.
pub(crate) fn missing(needed: &[(&str, &'static str)]) -> Vec<&'static str> {
    needed.iter().filter(|(name, _)| !is_there(name)).map(|(_, package)| *package).collect()
}

/// PostgreSQL's server, which Debian keeps out of the path, and what else the suites over it run.
pub(crate) fn missing_of_postgres() -> Vec<&'static str> {
    let mut packages = missing(&[("npm", "npm")]);
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    if !versions.map(|version| version.path().join("bin/initdb")).any(|program| program.is_file()) {
        packages.push("postgresql");
    }
    packages
}

/// Installs packages for whoever needs them.
pub(crate) fn install(who: &str, packages: &[&str]) -> Result<(), Failure> {
    if packages.is_empty() {
        return Ok(());
    }
    let names = packages.join(", ");
    if !(is_there("apt-get") && is_root()) {
        return Err(Failure::Untrue(format!(
            "{who} needs these packages, and only installs them on Debian as root: {names}."
        )));
    }
    step("The list of Debian's packages", program(".", "apt-get", &["update", "-qq"]))?;
    let install = ["install", "-qq", "-y", "--no-install-recommends"];
    let mut install = program(".", "apt-get", &[&install, packages].concat());
    install.env("DEBIAN_FRONTEND", "noninteractive");
    step(&format!("What is missing: {names}"), install)
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
