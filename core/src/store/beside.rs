//! The files that belong to a database, by their names.

use std::path::{Path, PathBuf};

/// The path of a file that belongs to this one.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Where a ready file lands before it is looked at: beside the database.
pub(super) fn landing(path: &Path) -> PathBuf {
    beside(path, ".snapshot")
}
