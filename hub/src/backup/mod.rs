//! Backups: everything that makes a hub this hub in one file, made while it serves or not.
//!
//! A backup holds the books, the accounts with their sessions and keys, the certificates and the configuration. Only
//! once it lies in its place, was read back and is on disk do devices hear that what it holds is safe.
//! [`restore`](restore::restore) puts one back and begins another history of every shop in it.

mod archive;
pub mod daily;
pub mod restore;

use crate::accounts::{Accounts, StoreError};
use crate::files;
use crate::ledger::{Ledger, LedgerError};
use archive::{Archive, Packing, private_file};
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The books' name in a backup and in the folder.
const BOOKS: &str = "ledger.db";
/// The accounts' name in a backup and in the folder.
const ACCOUNTS: &str = "hub.db";
/// What else a backup holds, where it is there. Nothing else is ever unpacked.
const BESIDE: &[&str] = &[
    "tls/root.pem",
    "tls/root-key.pem",
    "tls/leaf.pem",
    "tls/leaf-key.pem",
    "hub.toml",
    "device.txt",
    "device.svg",
];

/// Why there is no backup, or none was put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Something has that name already.
    #[error("{0} is there already: nothing was changed. Give another name, or move it away first")]
    Exists(PathBuf),
    /// The file is something else.
    #[error("this file is no backup of a hub")]
    NoBackup,
    /// The file was made by a newer hub.
    #[error("the backup was made by a newer version: use the newer counterpart-hub")]
    Newer,
    /// What was packed is not what came out, or a database is not sound.
    #[error("{0} is damaged")]
    Damaged(&'static str),
    /// A hub serves the folder.
    #[error("a hub serves this folder: stop it first")]
    Serving,
    /// The folder is in use and nobody said that it may be replaced.
    #[error("this folder holds a hub: nothing was changed. Give --replace to move its files aside")]
    Occupied,
    /// The books.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The accounts.
    #[error(transparent)]
    Accounts(#[from] StoreError),
    /// A database.
    #[error("the database failed: {0}")]
    Database(#[from] rusqlite::Error),
    /// The system.
    #[error("{0}")]
    System(#[from] std::io::Error),
}

/// Backs a data folder up into a file that must not be there yet, and tells the books how much of them is safe.
pub fn back_up(data: &Path, ledger: &Ledger, to: &Path, now_ms: i64) -> Result<(), BackupError> {
    if fs::exists(to)? {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let making = Making::begin(to)?;
    let held = ledger.copy_to(&making.file("ledger"))?;
    check_file(&making.file("ledger"), "the copy of the books")?;
    Accounts::open(data)?.copy_to(&making.file("accounts"))?;
    check_file(&making.file("accounts"), "the copy of the accounts")?;
    let packing = Packing::begin(&making.file("new"), now_ms)?;
    packing.add(BOOKS, &making.file("ledger"))?;
    packing.add(ACCOUNTS, &making.file("accounts"))?;
    for name in BESIDE {
        let path = data.join(name);
        if path.is_file() {
            packing.add(name, &path)?;
        }
    }
    packing.finish()?;
    File::open(making.file("new"))?.sync_all()?;
    Archive::open(&making.file("new"))?.verify()?;
    fs::rename(making.file("new"), to)?;
    files::sync_folder(folder_of(to))?;
    Ok(ledger.hold_safe(&held)?)
}

/// Files beside a backup's place while it is made. They go when it is done or given up.
struct Making {
    to: PathBuf,
}

impl Making {
    const FILES: [&str; 3] = ["ledger", "accounts", "new"];

    fn begin(to: &Path) -> Result<Making, BackupError> {
        let making = Making { to: to.to_owned() };
        making.clear()?;
        // SQLite fills an empty file that is there, with the permissions that it has.
        Self::FILES.iter().try_for_each(|name| private_file(&making.file(name)).map(drop))?;
        Ok(making)
    }

    fn file(&self, name: &str) -> PathBuf {
        let mut path = self.to.as_os_str().to_owned();
        path.push(format!(".{name}.making"));
        path.into()
    }

    fn clear(&self) -> std::io::Result<()> {
        for name in Self::FILES {
            match fs::remove_file(self.file(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        if let Err(error) = self.clear() {
            tracing::warn!(%error, "files of a backup in the making are left");
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn check_file(path: &Path, what: &'static str) -> Result<(), BackupError> {
    check_database(&Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?, what)
}

fn check_database(connection: &Connection, what: &'static str) -> Result<(), BackupError> {
    let sound: rusqlite::Result<String> =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0));
    match sound.as_deref() {
        Ok("ok") => Ok(()),
        Ok(_) | Err(_) => Err(BackupError::Damaged(what)),
    }
}
