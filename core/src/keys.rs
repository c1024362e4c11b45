//! Secure storage: the few secrets that live on the device and outside the database, in the keychain or keystore.
//!
//! The shells bring theirs. [`FolderKeys`] serves a desktop and the tests, [`MemoryKeys`] a process that forgets.

use crate::error::{Error, NotNow, Result};
use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Storage that stays on this device: no backup and no copy of the database carries it along.
///
/// A storage that cannot be read right now (the device is locked) answers with an error, never with "nothing".
pub trait SecureStorage: Send + Sync {
    /// What is stored under a name.
    fn get(&self, name: &str) -> Result<Option<String>>;
    /// Stores something under a name, durable when this returns.
    fn set(&self, name: &str, value: &str) -> Result<()>;
    /// Forgets a name.
    fn remove(&self, name: &str) -> Result<()>;
}

/// Forgets everything with the process.
#[derive(Default)]
pub struct MemoryKeys {
    entries: Mutex<HashMap<String, String>>,
}

impl fmt::Debug for MemoryKeys {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("MemoryKeys")
    }
}

impl SecureStorage for MemoryKeys {
    fn get(&self, name: &str) -> Result<Option<String>> {
        Ok(self.entries.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned())
    }

    fn set(&self, name: &str, value: &str) -> Result<()> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<()> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        Ok(())
    }
}

/// A folder with a file per name, readable by its owner alone.
#[derive(Debug)]
pub struct FolderKeys {
    folder: PathBuf,
}

impl FolderKeys {
    /// Keeps entries in this folder, which is made if it is missing.
    pub fn new(folder: impl Into<PathBuf>) -> Result<FolderKeys> {
        let folder = folder.into();
        fs::create_dir_all(&folder)?;
        Ok(FolderKeys { folder })
    }

    fn path(&self, name: &str) -> PathBuf {
        let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
        self.folder.join(name.chars().map(plain).collect::<String>())
    }
}

impl SecureStorage for FolderKeys {
    fn get(&self, name: &str) -> Result<Option<String>> {
        match fs::read_to_string(self.path(name)) {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(_) => Err(Error::not_now(NotNow::DeviceLocked)),
        }
    }

    fn set(&self, name: &str, value: &str) -> Result<()> {
        // Written beside and moved into place: a kill leaves the old value or the new one.
        let (path, beside) = (self.path(name), self.path(&format!("{name}.new")));
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside)?;
        std::io::Write::write_all(&mut file, value.as_bytes())?;
        file.sync_all()?;
        fs::rename(beside, path)?;
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<()> {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}
