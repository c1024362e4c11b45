//! What this device's sync did, for whoever has to find out why: a log of the sync, a log of the calls to the server,
//! and sums by day. Each has a bound, and none holds anything of what was sent.
//!
//! Nothing here costs a transaction of its own: a [`Journal`] gathers in memory and is written with whatever the
//! engine commits next. A process that is killed loses what it had gathered, and nothing else.

mod analytics;
mod network_log;
mod sync_log;

#[cfg(test)]
mod tests;

pub use analytics::{Day, LATENCY_MS};
pub use network_log::NetworkCall;
pub use sync_log::{SyncEvent, SyncKind, SyncLogFilter};

use crate::error::Result;
use crate::outbox::Outcome;
use crate::store::Tx;
use analytics::Sums;
use std::collections::VecDeque;

/// How many events wait to be written, at most. Older ones make room.
const GATHERED: usize = 200;

/// What was gathered and is not written yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal {
    off: bool,
    events: VecDeque<SyncEvent>,
    calls: VecDeque<NetworkCall>,
    sums: Sums,
}

impl Journal {
    /// A journal, or one that keeps nothing.
    pub(crate) fn new(on: bool) -> Journal {
        Journal { off: !on, ..Journal::default() }
    }

    /// Something happened.
    pub(crate) fn note(&mut self, event: SyncEvent) {
        if !self.off {
            gather(&mut self.events, event);
        }
    }

    /// A call ended.
    pub(crate) fn note_call(&mut self, call: NetworkCall) {
        if !self.off {
            self.sums.add(call.at, "calls", 1);
            self.sums.add(call.at, "calls_failed", i64::from(!call.is_answered()));
            gather(&mut self.calls, call);
        }
    }

    /// An operation got its outcome. Its id tells when it was made, unless it goes again under another.
    pub(crate) fn note_receipt(&mut self, now: i64, operation: &str, outcome: Outcome) {
        if !self.off && outcome != Outcome::Held {
            self.sums.receipt(now, operation, outcome);
        }
    }

    /// The device was offline for so long.
    pub(crate) fn note_offline(&mut self, now: i64, ms: i64) {
        if !self.off {
            self.sums.add(now, "offline_ms", ms.max(0));
        }
    }

    /// Whether there is nothing to write.
    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.calls.is_empty() && self.sums.is_empty()
    }

    /// Writes what was gathered, with whatever else the transaction does.
    pub(crate) fn write(&self, tx: &Tx<'_>) -> Result<()> {
        sync_log::write(tx, &self.events)?;
        network_log::write(tx, &self.calls)?;
        self.sums.write(tx)
    }

    /// It is written.
    pub(crate) fn clear(&mut self) {
        *self = Journal::new(!self.off);
    }
}

fn gather<T>(kept: &mut VecDeque<T>, new: T) {
    if kept.len() >= GATHERED {
        kept.pop_front();
    }
    kept.push_back(new);
}

pub(crate) use analytics::days;
pub(crate) use network_log::calls;
pub(crate) use sync_log::events;
