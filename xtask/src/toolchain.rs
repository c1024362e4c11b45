//! Where Swift is, or how it gets here, and how it is called.

use crate::debian::{self, Needed};
use crate::step::{Failure, announce, built, program, run as step, workspace};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Whatever hangs is ended after so many seconds.
const LONGEST: &str = "600";

/// What fills a folder with a Debian. The script that makes one installs it too, where it is started by itself.
const MAKES_FOLDERS: &[Needed] = &[("debootstrap", "debootstrap")];

/// A Swift that can be called.
pub(crate) enum Toolchain {
    /// The machine's own.
    Own,
    /// A Debian with Swift, in a folder.
    Folder(PathBuf),
}

impl Toolchain {
    /// The machine's Swift, or one that is made in the user's cache.
    pub(crate) fn find() -> Result<Toolchain, Failure> {
        if debian::is_there("swift") {
            return Ok(Toolchain::Own);
        }
        let (folder, make) = folder()?;
        step("A folder with Swift 6 (the first time this takes some minutes)", make)?;
        Ok(Toolchain::Folder(folder))
    }

    /// The packages that bring what is missing to make one.
    pub(crate) fn missing() -> Vec<&'static str> {
        match (debian::is_there("swift"), debian::installs()) {
            (true, _) => Vec::new(),
            (false, true) => debian::missing(MAKES_FOLDERS),
            (false, false) => vec!["Swift 6 (https://www.swift.org/install)"],
        }
    }

    /// Begins to make what `find` would, beside what comes next. `find` waits for it, goes on where it failed, and says
    /// why.
    pub(crate) fn begin() -> Beside {
        let make = if debian::is_there("swift") { None } else { folder().ok() };
        Beside(make.and_then(|(_, mut make)| {
            announce("A folder with Swift 6, beside what comes next", &make);
            make.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()
        }))
    }

    /// A command of Swift's in the workspace's folder, with variables that it is to see, and ended if it hangs.
    pub(crate) fn command(&self, words: &[&str], variables: &[(&str, String)]) -> Result<Command, Failure> {
        let timed = ["timeout", "-k", "10", LONGEST];
        let timed: &[&str] = if debian::is_there("timeout") { &timed } else { &[] };
        let words = [timed, words].concat();
        let mut command = match self {
            Toolchain::Own => {
                program(".", words.first().copied().unwrap_or_default(), words.get(1..).unwrap_or_default())
            }
            Toolchain::Folder(root) => {
                let names: Vec<&str> = variables.iter().map(|(name, _)| *name).collect();
                let mut command = program(".", workspace("xtask/swift/in-folder.sh"), &[]);
                command.arg(root).args(&words).env("SHOWN", shown()?).env("PASSED", names.join(" "));
                command
            }
        };
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        Ok(command)
    }
}

/// The folder that is made, and what makes it.
fn folder() -> Result<(PathBuf, Command), Failure> {
    if !debian::installs() {
        let why = "There is no Swift. Install Swift 6; only on Debian as root does this command make one.";
        return Err(Failure::Untrue(why.into()));
    }
    let folder = cache()?.join("trixie");
    let mut make = Command::new(workspace("xtask/swift/make-folder.sh"));
    make.arg(&folder);
    Ok((folder, make))
}

/// A folder that is being made. It is no longer made once nobody wants it.
pub(crate) struct Beside(Option<Child>);

impl Drop for Beside {
    fn drop(&mut self) {
        let Some(making) = &mut self.0 else { return };
        // Not killed: it ends what it started.
        let mut end = Command::new("kill");
        end.arg(making.id().to_string()).stderr(Stdio::null());
        end.status().and_then(|_| making.wait()).map(drop).unwrap_or_default();
    }
}

/// The folders that a Swift in a folder sees: the workspace, and what cargo builds if that lies elsewhere.
fn shown() -> Result<String, Failure> {
    let workspace = workspace("");
    let programs = built("")?;
    let programs = programs.parent().unwrap_or(Path::new("/"));
    Ok(if programs.starts_with(&workspace) {
        workspace.display().to_string()
    } else {
        format!("{}:{}", workspace.display(), programs.display())
    })
}

/// Where this user keeps what can be made again.
fn cache() -> Result<PathBuf, Failure> {
    let named = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let usual = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let cache = named.or_else(usual).ok_or(Failure::Untrue("There is no HOME to keep Swift in.".into()))?;
    Ok(cache.join("counterpart").join("swift"))
}
