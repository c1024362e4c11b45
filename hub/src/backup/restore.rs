//! Putting a backup back: into an empty folder, or in the place of what is there, which is moved aside and kept.
//!
//! Nothing of the folder changes before the backup was unpacked, held against its hashes, opened, and given its new
//! history. Keys and sessions are those of the backup: a session that has gone on since has to sign in again.

use super::archive::Archive;
use super::{ACCOUNTS, BESIDE, BOOKS, BackupError, check_file};
use crate::accounts::Accounts;
use crate::files::{self, FolderLock};
use crate::ledger::Ledger;
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::env::Env;
use std::fs;
use std::path::{Path, PathBuf};

/// Where a backup is unpacked before anything else changes.
const UNPACKED: &str = "restoring";
/// What belongs to a database besides its own file.
const LOGS: [&str; 2] = ["-wal", "-shm"];

/// What a restore did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Where the files are that were there before, if there were any.
    pub aside: Option<PathBuf>,
    /// Whether the books that were there could be read: then nothing that they gave out is given out again, however
    /// long ago the backup was made.
    pub counted_on: bool,
}

/// Puts a backup into a folder that no hub serves.
pub fn restore(data: &Path, from: &Path, replace: bool, env: Env) -> Result<Restored, BackupError> {
    let archive = Archive::open(from)?;
    files::private_folder(data)?;
    let _lock = FolderLock::take(data)?.ok_or(BackupError::Serving)?;
    let there = there(data)?;
    if !there.is_empty() && !replace {
        return Err(BackupError::Occupied);
    }
    let now_ms = env.now();
    let names = unpack(&archive, &data.join(UNPACKED))?;
    let counted_on = begin_anew(data, env)?;
    let aside = (!there.is_empty()).then(|| free_name(data, now_ms)).transpose()?;
    if let Some(aside) = &aside {
        move_all(data, aside, &there)?;
    }
    move_all(&data.join(UNPACKED), data, &names)?;
    fs::remove_dir_all(data.join(UNPACKED))?;
    files::sync_folder(data)?;
    Ok(Restored { aside, counted_on })
}

/// The files of a hub that a folder holds.
fn there(data: &Path) -> Result<Vec<String>, BackupError> {
    let logs = [BOOKS, ACCOUNTS].iter().flat_map(|name| LOGS.map(|log| format!("{name}{log}")));
    let names = [BOOKS, ACCOUNTS].iter().chain(BESIDE).map(|name| (*name).to_owned()).chain(logs);
    let mut found = Vec::new();
    for name in names {
        if fs::exists(data.join(&name))? {
            found.push(name);
        }
    }
    Ok(found)
}

fn unpack(archive: &Archive, to: &Path) -> Result<Vec<String>, BackupError> {
    if fs::exists(to)? {
        // Of a restore that broke off.
        fs::remove_dir_all(to)?;
    }
    files::private_folder(&to.join("tls"))?;
    let packed = archive.names()?;
    if ![BOOKS, ACCOUNTS].iter().all(|needed| packed.iter().any(|name| name == needed)) {
        return Err(BackupError::NoBackup);
    }
    let known = |name: &String| [BOOKS, ACCOUNTS].iter().chain(BESIDE).any(|known| known == name);
    let names: Vec<String> = packed.into_iter().filter(known).collect();
    names.iter().try_for_each(|name| archive.unpack(name, &to.join(name)))?;
    check_file(&to.join(BOOKS), "the books in the backup")?;
    check_file(&to.join(ACCOUNTS), "the accounts in the backup")?;
    Ok(names)
}

/// Opens what was unpacked and begins another history in it. Whether the books that it replaces could be counted on.
fn begin_anew(data: &Path, env: Env) -> Result<bool, BackupError> {
    let unpacked = data.join(UNPACKED);
    Accounts::open(&unpacked)?.settle()?;
    let ledger = Ledger::open(&Ledger::path(&unpacked), &REPAIR_SHOP, env)?;
    let replaced = Some(Ledger::path(data)).filter(|path| path.is_file());
    let counted_on = replaced.is_some_and(|replaced| ledger.restored(Some(&replaced)).is_ok());
    if !counted_on {
        ledger.restored(None)?;
    }
    ledger.settle()?;
    Ok(counted_on)
}

/// A folder for what is moved aside that is not there yet.
fn free_name(data: &Path, now_ms: i64) -> Result<PathBuf, BackupError> {
    let name = format!("replaced-{}", super::daily::name_of(now_ms));
    let mut path = data.join(&name);
    let mut count = 1;
    while fs::exists(&path)? {
        count += 1;
        path = data.join(format!("{name}-{count}"));
    }
    Ok(path)
}

fn move_all(from: &Path, to: &Path, names: &[String]) -> Result<(), BackupError> {
    files::private_folder(&to.join("tls"))?;
    for name in names {
        fs::rename(from.join(name), to.join(name))?;
    }
    files::sync_folder(&to.join("tls"))?;
    Ok(files::sync_folder(to)?)
}
