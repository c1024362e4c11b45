//! How much room the file takes and how much is left, so that a warning comes before the device is full.

use super::Store;
use super::beside::beside;
use crate::error::Result;

/// Below this many free bytes a person is warned.
const WARN_BELOW: u64 = 200 * 1024 * 1024;

/// The room that the shop takes on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Space {
    /// Bytes of the database and its log.
    pub used: u64,
    /// Bytes free on its disk.
    pub free: u64,
    /// Whether it is time to warn: little is left, or less than the database would need to grow by half.
    pub low: bool,
}

impl Store {
    /// How much room is taken and left.
    pub fn space(&self) -> Result<Space> {
        let used = self.size("") + self.size("-wal");
        let disk = rustix::fs::statvfs(self.path()).map_err(std::io::Error::from)?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        Ok(Space { used, free, low: free < WARN_BELOW.max(used / 2) })
    }

    /// Bytes of a file that belongs to the database; of none, where it is not there.
    pub(super) fn size(&self, suffix: &str) -> u64 {
        std::fs::metadata(beside(self.path(), suffix)).map_or(0, |file| file.len())
    }
}
