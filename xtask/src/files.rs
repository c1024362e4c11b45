//! Files and folders that commands write, and what is said where that fails.

use crate::step::{Failure, workspace};
use std::fs;
use std::path::{Path, PathBuf};

/// An empty folder in the place of what was generated before.
pub(crate) fn fresh(folder: &str) -> Result<PathBuf, Failure> {
    let path = workspace(folder);
    if path.exists() {
        fs::remove_dir_all(&path).map_err(|error| unwritable(&path, &error))?;
    }
    made(&path)?;
    Ok(path)
}

/// A folder, with those that it lies in.
pub(crate) fn made(path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(path).map_err(|error| unwritable(path, &error))
}

pub(crate) fn copied(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::copy(from, to).map(drop).map_err(|error| unwritable(to, &error))
}

pub(crate) fn written(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| unwritable(path, &error))
}

pub(crate) fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Untrue(format!("{} cannot be written: {error}.", path.display()))
}
