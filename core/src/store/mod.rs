//! SQLite: one file per account and shop, one writer, a small pool of readers.
//!
//! [`Store::write`] is the only way to change anything: what its closure did is committed whole or not at all, and
//! after the commit one [`ChangeBatch`] tells the observers what happened.

mod beside;
mod feed;
mod given;
mod indexes;
mod live;
mod migrate;
mod move_in;
mod open;
mod owner;
mod readers;
mod ready;
mod rows;
mod salvage;
mod space;
mod unread_by_search;

pub use feed::{Change, ChangeBatch, Subscription, What};
pub use given::Given;
pub use live::Live;
pub use migrate::version_of;
pub use open::{Durability, Moment, Opened, StoreOptions, Tripwire};
pub(crate) use ready::ReadyFile;
pub use ready::{ReadyWriter, layout};
pub use rows::{Reader, Tx};
pub use salvage::Salvage;
pub(crate) use salvage::UNTOLD;
pub use space::Space;
pub(crate) use unread_by_search::UNREAD_BY_SEARCH;

use crate::error::{Error, Fault, NotNow, Result};
use crate::schema::Schema;
use feed::Feed;
use open::FileLock;
use readers::Readers;
use rows::TableSql;
use rusqlite::Connection;
use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The local database.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    schema: &'static Schema,
    sql: HashMap<&'static str, TableSql>,
    // `None` once closed.
    writer: Mutex<Option<Connection>>,
    readers: Readers,
    feed: Feed,
    tally: Tally,
    durability: Durability,
    tripwire: Option<Arc<dyn Tripwire>>,
    // Asked by readers, which do not wait for the writer.
    closed: AtomicBool,
    // Held until the store is closed: a second process that opens the file is refused.
    lock: Mutex<Option<FileLock>>,
}

/// Bytes of the log that stay for the next writes.
const LOG_KEPT: u64 = 4_194_304;

/// How many operations are where, kept in memory beside the table that says so.
#[derive(Debug, Default)]
struct Tally {
    pending: AtomicI64,
    parked: AtomicI64,
}

impl fmt::Debug for Store {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Store({})", self.inner.schema.name)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic in somebody's closure rolled its transaction back: what the lock guards is whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn nothing_done() -> Error {
    Error::defect("a transaction without its work")
}

impl Store {
    /// Opens the file, or makes it. See [`Opened`] for what may have happened on the way.
    pub fn open(options: StoreOptions) -> Result<Opened> {
        open::open(options)
    }

    /// The schema that the store was opened with.
    pub fn schema(&self) -> &'static Schema {
        self.inner.schema
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Does all of `work` in one transaction, durable when this returns; or, on an error, none of it.
    pub fn write<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.write_as(self.inner.durability, work)
    }

    /// The same for what can be had again: a power cut may take it, together with all that was written after it in this
    /// way, and nothing else. What the server said is asked for again then, and what search keeps is read again.
    pub(crate) fn write_again<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.write_as(Durability::Normal, work)
    }

    fn write_as<T>(&self, durability: Durability, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        let (mut work, mut done) = (Some(work), None);
        self.write_told(durability, &mut |tx| {
            if let Some(work) = work.take() {
                done = Some(work(tx)?);
            }
            Ok(())
        })?;
        done.ok_or_else(nothing_done)
    }

    // Behind a pointer, so that what a write takes is in the library once, and not for each: the app carries it.
    fn write_told(&self, durability: Durability, work: &mut dyn FnMut(&Tx<'_>) -> Result<()>) -> Result<()> {
        self.write_locked(durability, work).inspect_err(|error| self.note_damage(error))?;
        self.inner.feed.deliver();
        Ok(())
    }

    fn write_locked(
        &self,
        durability: Durability,
        work: &mut dyn FnMut(&Tx<'_>) -> Result<()>,
    ) -> Result<()> {
        let guard = lock(&self.inner.writer);
        let connection = guard.as_ref().ok_or_else(|| Error::not_now(NotNow::Closed))?;
        let _lasting = open::Lasting::of(connection, self.inner.durability, durability)?;
        let tx = Tx::begin(connection, &self.inner.sql, self.inner.schema)?;
        work(&tx)?;
        self.inner.trip(Moment::BeforeCommit)?;
        let effects = tx.commit()?;
        self.inner.tally.pending.fetch_add(effects.pending, Ordering::Relaxed);
        self.inner.tally.parked.fetch_add(effects.parked, Ordering::Relaxed);
        self.inner.trip(Moment::AfterCommit)?;
        self.inner.feed.enqueue(effects.batch);
        Ok(())
    }

    fn note_damage(&self, error: &Error) {
        if error.is(&Fault::DAMAGED) {
            self.suspect();
        }
    }

    /// Reads from one snapshot, beside any writer.
    pub fn read<T>(&self, work: impl FnOnce(&Reader<'_>) -> Result<T>) -> Result<T> {
        let (mut work, mut done) = (Some(work), None);
        self.read_by(&mut |reader| {
            if let Some(work) = work.take() {
                done = Some(work(reader)?);
            }
            Ok(())
        })?;
        done.ok_or_else(nothing_done)
    }

    fn read_by(&self, work: &mut dyn FnMut(&Reader<'_>) -> Result<()>) -> Result<()> {
        if self.inner.closed.load(Ordering::Acquire) {
            return Err(Error::not_now(NotNow::Closed));
        }
        let mut taken = self.inner.readers.take();
        let connection = match taken.idle() {
            Some(connection) => connection,
            None => open::reader(&self.inner.path)?,
        };
        let done = {
            let reader = Reader::new(&connection, &self.inner.sql, self.inner.schema);
            reader.snapshot(work).inspect_err(|error| self.note_damage(error))
        };
        if !self.inner.closed.load(Ordering::Acquire) {
            taken.give_back(connection);
        }
        done
    }

    /// Calls `listener` after every commit that changed something, never under a lock of the store.
    /// Dropping the subscription ends it: no call starts after that.
    pub fn observe(&self, listener: impl Fn(&ChangeBatch) + Send + Sync + 'static) -> Subscription {
        self.inner.feed.subscribe(Arc::new(listener))
    }

    /// A query that runs again when one of its tables changed, and only then.
    pub fn live<T>(
        &self,
        tables: &[&'static str],
        query: impl Fn(&Reader<'_>) -> Result<T> + Send + Sync + 'static,
    ) -> Live<T> {
        Live::new(self, tables, query)
    }

    /// Operations without an outcome, and operations that wait for a person.
    pub(crate) fn queue_length(&self) -> (u64, u64) {
        let read = |count: &AtomicI64| u64::try_from(count.load(Ordering::Relaxed)).unwrap_or(0);
        (read(&self.inner.tally.pending), read(&self.inner.tally.parked))
    }

    /// Returns once no transaction and no statement is open, with everything written to the main file.
    pub fn checkpoint(&self) -> Result<()> {
        let guard = lock(&self.inner.writer);
        let connection = guard.as_ref().ok_or_else(|| Error::not_now(NotNow::Closed))?;
        self.inner.readers.clear();
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// Moves into the main file what has gathered in the log, if that is much: done while nobody waits, no commit has to.
    pub(crate) fn empty_log(&self) -> Result<()> {
        // The next write shortens a log that is empty.
        if self.size("-wal") <= LOG_KEPT {
            return Ok(());
        }
        let guard = lock(&self.inner.writer);
        let connection = guard.as_ref().ok_or_else(|| Error::not_now(NotNow::Closed))?;
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// Ends the store: a write in progress is finished first, later calls are refused.
    pub fn close(&self) -> Result<()> {
        let connection = lock(&self.inner.writer).take();
        self.inner.closed.store(true, Ordering::Release);
        self.inner.readers.clear();
        self.inner.feed.clear();
        let closed = match connection {
            Some(connection) => connection.close().map_err(|(_, error)| error.into()),
            None => Ok(()),
        };
        lock(&self.inner.lock).take();
        closed
    }
}

impl Inner {
    fn trip(&self, moment: Moment) -> Result<()> {
        self.tripwire.as_ref().map_or(Ok(()), |wire| wire.at(moment))
    }
}
