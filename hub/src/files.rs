//! Files that are there whole or not at all, and secrets that only the hub's own user reads.

use std::fs::{File, OpenOptions, TryLockError, rename};
use std::io::{Result, Write};
use std::path::Path;

/// Writes a file beside its place and moves it there once it is on disk.
pub fn write(path: &Path, content: &[u8], private: bool) -> Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if private { 0o600 } else { 0o644 });
    #[cfg(not(unix))]
    let _unused = private;
    let mut file = options.open(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    rename(&beside, path)?;
    match path.parent() {
        Some(folder) => sync_folder(folder),
        None => Ok(()),
    }
}

/// What a folder lists is on disk.
#[cfg(unix)]
pub fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder)?.sync_all()
}

/// What a folder lists is on disk.
#[cfg(not(unix))]
pub fn sync_folder(_: &Path) -> Result<()> {
    Ok(())
}

/// Makes a folder that only the hub's own user enters.
pub fn private_folder(path: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Whether others than its owner may read a file.
#[cfg(unix)]
pub fn others_may_read(path: &Path) -> Result<bool> {
    Ok(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path)?.permissions()) & 0o077 != 0)
}

/// Whether others than its owner may read a file: not told on this system.
#[cfg(not(unix))]
pub fn others_may_read(_: &Path) -> Result<bool> {
    Ok(false)
}

/// Whoever holds it is the only one that serves a data folder, or puts a backup into it. It ends with its process.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the lock of a data folder; nothing where somebody has it.
    pub fn take(data: &Path) -> Result<Option<FolderLock>> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(data.join("hub.lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(FolderLock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
