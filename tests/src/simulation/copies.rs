//! What a device is made of, so that it can be killed, copied and put back: its file, its secure storage, its end.

use counterpart_core::error::{Error, Result};
use counterpart_core::keys::SecureStorage;
use counterpart_core::store::{Moment, Tripwire};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Secure storage that can be copied along with a device, or left behind.
#[derive(Debug, Default)]
pub(super) struct Keys(Mutex<BTreeMap<String, String>>);

impl Keys {
    fn entries(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn copied(&self) -> Keys {
        Keys(Mutex::new(self.entries().clone()))
    }
}

impl SecureStorage for Keys {
    fn get(&self, name: &str) -> Result<Option<String>> {
        Ok(self.entries().get(name).cloned())
    }

    fn set(&self, name: &str, value: &str) -> Result<()> {
        self.entries().insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<()> {
        self.entries().remove(name);
        Ok(())
    }
}

/// Ends a process at one of its next transaction boundaries: nothing is written after it.
#[derive(Debug, Default)]
pub(super) struct Killer {
    left: AtomicI64,
    dead: AtomicBool,
}

impl Killer {
    /// At the boundary of that number from now on, from 1.
    pub(super) fn after(&self, boundaries: i64) {
        self.left.store(boundaries, Ordering::Relaxed);
    }

    pub(super) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }
}

impl Tripwire for Killer {
    fn at(&self, _: Moment) -> Result<()> {
        let left = self.left.load(Ordering::Relaxed);
        if left > 0 {
            self.left.store(left - 1, Ordering::Relaxed);
            if left == 1 {
                self.dead.store(true, Ordering::Relaxed);
            }
        }
        if self.is_dead() { Err(Error::defect("this process is dead")) } else { Ok(()) }
    }
}

/// What a device knows with its file, and so knows again when an old file is put back.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// Operations that it saw accepted.
    pub(super) acked: BTreeSet<String>,
    /// Whether a catch-up was whole since its first load began.
    pub(super) whole: bool,
}

/// An old copy of a file.
#[derive(Debug)]
pub(super) struct Copy {
    pub(super) path: PathBuf,
    pub(super) memory: Memory,
}

/// Copies a database as it stands, with what is in its log only.
pub(super) fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    for rest in ["", "-wal"] {
        let (from, to) = (with(from, rest), with(to, rest));
        if from.exists() {
            fs::copy(from, to)?;
        } else if to.exists() {
            fs::remove_file(to)?;
        }
    }
    let index = with(to, "-shm");
    if index.exists() { fs::remove_file(index) } else { Ok(()) }
}

pub(super) fn with(path: &Path, rest: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(rest);
    PathBuf::from(name)
}
