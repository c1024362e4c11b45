//! One step of a command: it is announced, run from the workspace's folder, and its failure is a sentence.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use thiserror::Error;

/// Why a command does not end with status 0.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// It was asked for wrongly, or is not there yet.
    #[error("{0}")]
    Asked(String),
    /// What it promises is not true.
    #[error("{0}")]
    Untrue(String),
}

impl Failure {
    /// The exit status that says so.
    pub(crate) fn status(&self) -> u8 {
        match self {
            Failure::Asked(_) => 2,
            Failure::Untrue(_) => 1,
        }
    }
}

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// A path of the workspace.
pub(crate) fn workspace(path: &str) -> PathBuf {
    let root = Path::new(WORKSPACE);
    root.canonicalize().unwrap_or_else(|_| root.to_owned()).join(path)
}

/// Cargo, in the workspace's folder.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    // Cargo names itself to what it runs, so that a chosen toolchain stays chosen.
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(WORKSPACE);
    // What cargo says of this program would make build scripts run again, and everything behind them compile again.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_MANIFEST_")
            || name.to_string_lossy().starts_with("CARGO_PKG_")
        {
            command.env_remove(name);
        }
    }
    command
}

/// A program of the workspace, which cargo puts beside this one when it builds it.
pub(crate) fn built(name: &str) -> Result<PathBuf, Failure> {
    let this = std::env::current_exe();
    let this =
        this.map_err(|error| Failure::Untrue(format!("Where this program lies is not known: {error}.")))?;
    Ok(this.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

/// Another program, in a folder of the workspace.
pub(crate) fn program(folder: &str, name: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).current_dir(Path::new(WORKSPACE).join(folder));
    command
}

/// Runs something in which a mistake was planted: it has to fail, or what looked for mistakes `took` it.
pub(crate) fn refused(says: &str, command: Command, took: &str) -> Result<(), Failure> {
    match run(says, command) {
        Err(Failure::Untrue(_)) => Ok(()),
        Err(failure @ Failure::Asked(_)) => Err(failure),
        Ok(()) => Err(Failure::Untrue(took.into())),
    }
}

/// Says what comes, and how to run it by hand.
pub(crate) fn announce(says: &str, command: &Command) {
    let settings = command.get_envs().filter_map(|(name, value)| {
        Some(format!("{}='{}' ", name.to_string_lossy(), value?.to_string_lossy()))
    });
    let words = command.get_args().map(|word| format!(" {}", word.to_string_lossy()));
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy();
    eprintln!("\n== {says}\n   {}{program}{}", settings.collect::<String>(), words.collect::<String>());
}

/// Announces a command and runs it to its end.
pub(crate) fn run(says: &str, mut command: Command) -> Result<(), Failure> {
    announce(says, &command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::Untrue(format!("Failed ({status}): {says}."))),
        Err(error) => Err(Failure::Untrue(format!("Could not start ({error}): {says}."))),
    }
}

/// Refuses arguments where a command takes none.
pub(crate) fn no_arguments(name: &str, arguments: &[&str]) -> Result<(), Failure> {
    match arguments {
        [] => Ok(()),
        [first, ..] => {
            Err(Failure::Asked(format!("`cargo xtask {name}` takes no arguments, and was given `{first}`.")))
        }
    }
}
