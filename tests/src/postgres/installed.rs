//! The PostgreSQL that is installed: the suites run on it, and `cargo xtask test`, which compiles this file too, installs
//! one only where there is none. It takes nothing but the standard library.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// What the migrations need.
const OLDEST: u32 = 15;

/// A PostgreSQL of this machine.
pub(crate) struct Installed {
    /// Where its programs lie: server and clients.
    pub(crate) programs: PathBuf,
    /// Where it looks for extensions.
    pub(crate) extensions: PathBuf,
}

/// The first that has a server and is new enough.
pub(crate) fn installed() -> Option<Installed> {
    let is_one = |folder: &PathBuf| {
        let version = asked(folder.join("initdb"), "--version");
        version.and_then(|said| major(&said)).is_some_and(|major| major >= OLDEST)
    };
    let programs = places().into_iter().find(is_one)?;
    let extensions = extensions(&programs);
    Some(Installed { programs, extensions })
}

/// Where PostgreSQL's programs may lie: where Debian keeps those of each version, out of the path; where `pg_config` says;
/// in the path; where Homebrew and Postgres.app keep theirs.
fn places() -> Vec<PathBuf> {
    let mut places = newest_first(&inside("/usr/lib/postgresql"), "");
    places.extend(asked("pg_config", "--bindir").map(PathBuf::from));
    let path = env::var_os("PATH").unwrap_or_default();
    // A link may be all that is in the path, and what belongs to the program lies beside it.
    let servers = env::split_paths(&path).filter_map(|folder| folder.join("initdb").canonicalize().ok());
    places.extend(servers.filter_map(|server| Some(server.parent()?.to_owned())));
    for kegs in ["/opt/homebrew/opt", "/usr/local/opt"] {
        places.extend(newest_first(&inside(kegs), "postgresql@"));
    }
    places.extend(newest_first(&inside("/Applications/Postgres.app/Contents/Versions"), ""));
    places
}

/// Where a server looks for extensions: it says so itself, or they lie where they do beside programs that nobody moved.
fn extensions(programs: &Path) -> PathBuf {
    let said = asked(programs.join("pg_config"), "--sharedir").map(PathBuf::from);
    let beside = ["../share/postgresql", "../share/pgsql", "../share"].map(|share| programs.join(share));
    let mut folders = said.into_iter().chain(beside).map(|share| share.join("extension"));
    folders.find(|folder| folder.is_dir()).unwrap_or_default()
}

/// What a program answers, if it is there.
fn asked(program: impl AsRef<Path>, question: &str) -> Option<String> {
    let answer = Command::new(program.as_ref()).arg(question).output().ok()?;
    answer.status.success().then(|| String::from_utf8_lossy(&answer.stdout).trim().to_owned())
}

fn inside(folder: &str) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

/// The programs' folders in those folders that are named by a version after that beginning.
fn newest_first(folders: &[PathBuf], begins: &str) -> Vec<PathBuf> {
    let version = |folder: &PathBuf| folder.file_name()?.to_str()?.strip_prefix(begins)?.parse::<u32>().ok();
    let mut known: Vec<_> = folders.iter().filter_map(|folder| Some((version(folder)?, folder))).collect();
    known.sort_unstable_by(|one, other| other.cmp(one));
    known.into_iter().map(|(_, folder)| folder.join("bin")).collect()
}

/// The major version in what a program says of itself: `initdb (PostgreSQL) 17.2 (Homebrew)`.
fn major(said: &str) -> Option<u32> {
    let (_, version) = said.split_once("(PostgreSQL) ")?;
    version.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_comes_first_and_what_is_no_version_never() {
        let folders = ["/a/9.6", "/a/9", "/a/16", "/a/latest", "/a/15"].map(PathBuf::from);
        assert_eq!(newest_first(&folders, ""), ["/a/16/bin", "/a/15/bin", "/a/9/bin"].map(PathBuf::from));
        let kegs = ["/b/postgresql@14", "/b/postgresql@17", "/b/postgresql", "/b/17"].map(PathBuf::from);
        let found = ["/b/postgresql@17/bin", "/b/postgresql@14/bin"].map(PathBuf::from);
        assert_eq!(newest_first(&kegs, "postgresql@"), found);
    }

    #[test]
    fn a_version_is_read_however_it_goes_on() {
        assert_eq!(major("initdb (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major("initdb (PostgreSQL) 17.2 (Homebrew)"), Some(17));
        assert_eq!(major("initdb (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(major("pg_config: not found"), None);
    }
}
