//! The network log: which calls were made to the server and how they ended, the newest five hundred.

use crate::error::Result;
use crate::store::{Reader, Tx};
use serde::Serialize;
use std::collections::VecDeque;

/// How many calls are kept.
const KEPT: i64 = 500;

/// A call to the server. Nothing of what it said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct NetworkCall {
    /// When it ended, by this device's wall clock, in milliseconds since 1970.
    pub at: i64,
    /// The function that was called.
    pub call: String,
    /// The HTTP status, or a word for why there was none.
    pub status: String,
    /// Bytes that were sent.
    pub up: u64,
    /// Bytes that came back, unpacked.
    pub down: u64,
    /// How long it took, in milliseconds.
    pub ms: i64,
}

impl NetworkCall {
    /// Whether a server answered what was asked.
    pub fn is_answered(&self) -> bool {
        self.status.starts_with('2')
    }
}

fn whole(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

pub(super) fn write(tx: &Tx<'_>, calls: &VecDeque<NetworkCall>) -> Result<()> {
    for call in calls {
        let sql = "INSERT INTO network_log (at, call, status, up, down, ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        tx.execute(sql, (call.at, &call.call, &call.status, whole(call.up), whole(call.down), call.ms))?;
    }
    if !calls.is_empty() {
        tx.execute("DELETE FROM network_log WHERE seq <= (SELECT max(seq) FROM network_log) - ?1", [KEPT])?;
    }
    Ok(())
}

/// The newest calls, the newest first.
pub(crate) fn calls(reader: &Reader<'_>, limit: usize) -> Result<Vec<NetworkCall>> {
    let sql = "SELECT at, call, status, up, down, ms FROM network_log ORDER BY seq DESC LIMIT ?1";
    reader.all(sql, [i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
        let bytes = |at: usize| row.get::<_, i64>(at).map(|bytes| u64::try_from(bytes).unwrap_or(0));
        Ok(NetworkCall {
            at: row.get(0)?,
            call: row.get(1)?,
            status: row.get(2)?,
            up: bytes(3)?,
            down: bytes(4)?,
            ms: row.get(5)?,
        })
    })
}
