//! Telling observers: after each commit one batch, in the order of the commits, with no lock held.

use super::lock;
use crate::few;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};

/// Past that many rows of one table, a batch says only that the table changed.
const ROWS_NAMED: usize = 1_000;

/// What became of a row in one commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It is new, or back.
    Created,
    /// Something in it changed.
    Updated,
    /// It is gone.
    Deleted,
    /// Only its status changed: sent, accepted, parked.
    Status,
}

/// One row's change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its table.
    pub table: &'static str,
    /// Its id.
    pub id: String,
    /// What happened.
    pub what: What,
}

/// Everything that one commit changed, each row once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeBatch {
    rows: Vec<(&'static str, BTreeMap<String, What>)>,
    whole: BTreeSet<&'static str>,
    /// Whether the queue changed.
    pub queue: bool,
}

impl ChangeBatch {
    /// Every row that is named.
    pub fn changes(&self) -> impl Iterator<Item = Change> + '_ {
        self.rows.iter().flat_map(|(table, rows)| {
            rows.iter().map(|(id, what)| Change { table, id: id.clone(), what: *what })
        })
    }

    /// Tables of which so much changed that rows are not named.
    pub fn whole_tables(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.whole.iter().copied()
    }

    /// Whether anything of a table changed.
    pub fn touches(&self, table: &str) -> bool {
        self.rows.iter().any(|(named, _)| *named == table) || self.whole.contains(table)
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.whole.is_empty() && !self.queue
    }

    /// Something of a table changed that has no rows of the schema's.
    pub(super) fn note_table(&mut self, table: &'static str) {
        self.whole.insert(table);
    }

    pub(super) fn note(&mut self, table: &'static str, id: &str, what: What) {
        if self.whole.contains(table) {
            return;
        }
        let rows = few::of(&mut self.rows, table);
        let joined = match (rows.get(id), what) {
            (Some(What::Created), What::Updated | What::Status) => What::Created,
            (Some(earlier), What::Status) => *earlier,
            (Some(What::Deleted), What::Created) => What::Updated,
            (_, what) => what,
        };
        rows.insert(id.to_owned(), joined);
        if rows.len() > ROWS_NAMED {
            self.rows.retain(|(named, _)| *named != table);
            self.whole.insert(table);
        }
    }
}

type Listener = Arc<dyn Fn(&ChangeBatch) + Send + Sync>;
type Listeners = Mutex<Vec<(u64, Listener, Arc<AtomicBool>)>>;

/// Who listens, and what they have not heard yet.
#[derive(Default)]
pub(super) struct Feed {
    listeners: Arc<Listeners>,
    next: AtomicU64,
    queue: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    batches: VecDeque<ChangeBatch>,
    // One thread delivers at a time; the others leave their batch to it.
    delivering: bool,
}

impl Feed {
    pub(super) fn subscribe(&self, listener: Listener) -> Subscription {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let live = Arc::new(AtomicBool::new(true));
        lock(&self.listeners).push((id, listener, Arc::clone(&live)));
        Subscription { id, live, listeners: Arc::downgrade(&self.listeners) }
    }

    /// Called under the writer's lock, so that the queue has the order of the commits.
    pub(super) fn enqueue(&self, batch: ChangeBatch) {
        if !batch.is_empty() && !lock(&self.listeners).is_empty() {
            lock(&self.queue).batches.push_back(batch);
        }
    }

    /// Called with no lock held. A listener may write: its batch waits its turn.
    pub(super) fn deliver(&self) {
        loop {
            let batch = {
                let mut waiting = lock(&self.queue);
                if waiting.delivering {
                    return;
                }
                let Some(batch) = waiting.batches.pop_front() else { return };
                waiting.delivering = true;
                batch
            };
            let listeners = lock(&self.listeners).clone();
            for (_, listener, live) in listeners {
                if live.load(Ordering::Acquire)
                    && catch_unwind(AssertUnwindSafe(|| listener(&batch))).is_err()
                {
                    log::error!("a change listener panicked");
                }
            }
            lock(&self.queue).delivering = false;
        }
    }

    pub(super) fn clear(&self) {
        lock(&self.listeners).clear();
    }
}

/// A listener's registration. Dropping it ends it.
pub struct Subscription {
    id: u64,
    live: Arc<AtomicBool>,
    listeners: Weak<Listeners>,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Subscription({})", self.id)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.live.store(false, Ordering::Release);
        if let Some(listeners) = self.listeners.upgrade() {
            lock(&listeners).retain(|(id, ..)| *id != self.id);
        }
    }
}
