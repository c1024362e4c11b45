//! What this device's sync did: its logs and its sums by day.

use super::{Shop, lock};
use crate::error::Result;
use crate::journal::{self, Day, NetworkCall, SyncEvent, SyncLogFilter};

impl Shop {
    /// What the sync did, the newest first.
    pub fn sync_log(&self, filter: &SyncLogFilter) -> Result<Vec<SyncEvent>> {
        self.write_journal();
        self.read(|reader| journal::events(reader, filter))
    }

    /// The calls to the server, the newest first.
    pub fn network_log(&self, limit: usize) -> Result<Vec<NetworkCall>> {
        self.write_journal();
        self.read(|reader| journal::calls(reader, limit))
    }

    /// What was counted in the last thirty days, the newest first.
    pub fn analytics(&self) -> Result<Vec<Day>> {
        self.write_journal();
        self.read(journal::days)
    }

    /// Calls to the server have ended. They are written with whatever the engine commits next.
    pub(crate) fn note_calls(&self, calls: Vec<NetworkCall>) {
        if !calls.is_empty() {
            lock(&self.inner.engine).note_calls(calls);
        }
    }

    /// What can be read must not wait for the next commit; what cannot be written is read without it.
    fn write_journal(&self) {
        if let Err(error) = lock(&self.inner.engine).write_journal() {
            log::warn!("the journal could not be written: {}", error.code());
        }
    }
}
