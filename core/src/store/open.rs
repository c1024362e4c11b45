//! Opening a file: new, old, newer, locked, read-only, damaged. Nothing is ever deleted, and nothing is lost silently.

use super::beside::{beside, landing};
use super::feed::Feed;
use super::owner::{claim, owner};
use super::rows::{TableSql, USUAL_KB, USUAL_PAGES};
use super::salvage::{self, Salvage};
use super::{Inner, LOG_KEPT, Readers, Store, Tally, indexes, migrate};
use crate::error::{Error, Fault, NotNow, Result, StorageFault};
use crate::schema::Schema;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB, OpenFlags};
use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a write that returned survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// A power cut (`synchronous=FULL`, on Apple's systems with `fullfsync`).
    #[default]
    Full,
    /// The app's and the system's end, but a power cut may take the last writes (`synchronous=NORMAL`).
    Normal,
}

impl Durability {
    fn word(self) -> &'static str {
        match self {
            Durability::Full => "FULL",
            Durability::Normal => "NORMAL",
        }
    }
}

/// A transaction that lasts less than the others: while this is held, and not a moment longer.
pub(super) struct Lasting<'a> {
    connection: &'a Connection,
    usual: Durability,
    here: Durability,
}

impl<'a> Lasting<'a> {
    pub(super) fn of(connection: &'a Connection, usual: Durability, here: Durability) -> Result<Lasting<'a>> {
        if usual != here {
            set_durability(connection, here)?;
        }
        Ok(Lasting { connection, usual, here })
    }
}

impl Drop for Lasting<'_> {
    fn drop(&mut self) {
        if self.usual != self.here
            && let Err(error) = set_durability(self.connection, self.usual)
        {
            log::error!("the database's durability could not be set back: {}", error.code());
        }
    }
}

fn set_durability(connection: &Connection, durability: Durability) -> Result<()> {
    let sql = match durability {
        Durability::Full => "PRAGMA synchronous = FULL",
        Durability::Normal => "PRAGMA synchronous = NORMAL",
    };
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

/// Where in a write the store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Everything is written, nothing is durable.
    BeforeCommit,
    /// It is durable, and nobody has been told.
    AfterCommit,
}

/// Called at every transaction boundary. Tests end the process there; an error ends the write.
pub trait Tripwire: Send + Sync {
    /// Called in a write, at this moment of it.
    fn at(&self, moment: Moment) -> Result<()>;
}

/// How to open a store.
#[derive(Clone)]
pub struct StoreOptions {
    /// The file. Its folder is made if it is missing.
    pub path: PathBuf,
    /// The tables it holds.
    pub schema: &'static Schema,
    /// What a write that returned survives.
    pub durability: Durability,
    /// Called at transaction boundaries.
    pub tripwire: Option<Arc<dyn Tripwire>>,
    /// The wall clock, to name a file that is set aside.
    pub now: i64,
    /// Whether the text of a queued operation says what one has to say: asked about files that were damaged.
    pub is_operation: fn(&str) -> bool,
}

impl fmt::Debug for StoreOptions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("StoreOptions").field("durability", &self.durability).finish_non_exhaustive()
    }
}

impl StoreOptions {
    /// A file of a schema, with full durability.
    pub fn new(path: impl Into<PathBuf>, schema: &'static Schema) -> StoreOptions {
        StoreOptions {
            path: path.into(),
            schema,
            durability: Durability::Full,
            tripwire: None,
            now: 0,
            is_operation: |_| true,
        }
    }
}

/// An open store, and what had to be done to open it.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: Store,
    /// Set when the file was damaged: it was set aside, and this was carried over. A person has to be told, and will be
    /// again at the next opening unless [`UNTOLD`](salvage::UNTOLD) is dropped.
    pub salvage: Option<Salvage>,
}

pub(super) fn open(options: StoreOptions) -> Result<Opened> {
    if let Some(folder) = options.path.parent() {
        fs::create_dir_all(folder)?;
    }
    let lock = lock_file(&options.path)?;
    sweep(&options.path)?;
    let suspect = suspect_mark(&options.path);
    let attempt = match salvage::interrupted(&suspect) {
        Some(aside) => Err(Some(aside)),
        None => {
            let examined = if suspect.exists() { examine(&options) } else { Ok(()) };
            match examined.and_then(|()| open_writer(&options)) {
                Err(error) if error.is(&Fault::DAMAGED) => Err(None),
                other => Ok(other?),
            }
        }
    };
    let (connection, salvage) = match attempt {
        Ok(connection) => {
            let salvage = salvage::untold(&connection)?;
            (connection, salvage)
        }
        Err(aside) => {
            let aside = aside.map_or_else(|| salvage::begin(&options.path, &suspect, options.now), Ok)?;
            salvage::set_aside(&options.path, &aside)?;
            let connection = open_writer(&options)?;
            let salvage = salvage::carry_over(&connection, aside, options.is_operation)?;
            (connection, Some(salvage))
        }
    };
    if suspect.exists() {
        fs::remove_file(&suspect)?;
    }
    let tally = count(&connection)?;
    let inner = Inner {
        path: options.path,
        schema: options.schema,
        sql: options.schema.all_tables().map(|table| (table.name, TableSql::of(table))).collect(),
        writer: Mutex::new(Some(connection)),
        readers: Readers::default(),
        feed: Feed::default(),
        tally,
        durability: options.durability,
        tripwire: options.tripwire,
        closed: AtomicBool::new(false),
        lock: Mutex::new(Some(lock)),
    };
    Ok(Opened { store: Store { inner: Arc::new(inner) }, salvage })
}

/// A ready file that never moved into place was not needed, and must not lie about.
fn sweep(path: &Path) -> Result<()> {
    match fs::remove_file(landing(path)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn suspect_mark(path: &Path) -> PathBuf {
    beside(path, ".suspect")
}

/// The claim to be the only engine on a file.
pub(super) struct FileLock(File);

impl Drop for FileLock {
    fn drop(&mut self) {
        // Closing would not be enough: a process that is just being started may still hold a copy of the handle.
        if let Err(error) = self.0.unlock() {
            log::error!("the file's lock was not released: {}", error.kind());
        }
    }
}

/// Two engines on one file would each believe their own memory of it.
fn lock_file(path: &Path) -> Result<FileLock> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(beside(path, ".lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(FileLock(file)),
        Err(TryLockError::WouldBlock) => Err(Error::not_now(NotNow::InUse)),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn open_writer(options: &StoreOptions) -> Result<Connection> {
    connect(&options.path, options.schema, options.durability)
}

/// A connection that writes, to a file that is made if it is missing.
pub(super) fn connect(path: &Path, schema: &'static Schema, durability: Durability) -> Result<Connection> {
    let connection = Connection::open(path)?;
    set_up(&connection, 256)?;
    // Before anything is written: another's file is left as it is.
    let owner = owner(&connection)?;
    if owner.as_ref().is_some_and(|owner| owner != schema.name) {
        return Err(Error::storage(StorageFault::Foreign));
    }
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(Error::storage(StorageFault::ReadOnly));
    }
    let synchronous = durability.word();
    connection.execute_batch(&format!(
        "PRAGMA synchronous = {synchronous}; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;
         PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = {LOG_KEPT}; PRAGMA cache_size = -{USUAL_KB};
         PRAGMA wal_autocheckpoint = {USUAL_PAGES};"
    ))?;
    if connection.is_readonly(MAIN_DB)? {
        return Err(Error::storage(StorageFault::ReadOnly));
    }
    if owner.is_some() {
        indexes::rebuild(&connection)?;
    }
    migrate::migrate(&connection, schema)?;
    if owner.is_none() {
        claim(&connection, schema)?;
    }
    Ok(connection)
}

/// What every connection has, whether it writes or reads.
pub(super) fn set_up(connection: &Connection, statements: usize) -> Result<()> {
    connection.busy_timeout(Duration::from_secs(2))?;
    connection.set_prepared_statement_cache_capacity(statements);
    // One plan per statement: without this a cached statement may be prepared anew whenever its values change.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// A connection that cannot write.
pub(super) fn reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    set_up(&connection, 64)?;
    connection
        .execute_batch("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -1024;")?;
    Ok(connection)
}

/// Reads the whole file, as it is only done where damage was met before.
fn examine(options: &StoreOptions) -> Result<()> {
    let connection = Connection::open(&options.path)?;
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(Error::damaged());
    }
    // SQLite cannot know what a body has to say; one that says nothing would hold up the whole queue for ever.
    let mut bodies = connection.prepare("SELECT body FROM outbox")?;
    let mut rows = bodies.query([])?;
    while let Some(row) = rows.next()? {
        if !(options.is_operation)(&row.get::<_, String>(0)?) {
            return Err(Error::damaged());
        }
    }
    Ok(())
}

pub(super) fn count(connection: &Connection) -> Result<Tally> {
    let (pending, parked): (i64, i64) = connection.query_row(
        "SELECT count(*) FILTER (WHERE state IN ('queued', 'frozen', 'voiding')) + (SELECT count(*) FROM sealed),
         count(*) FILTER (WHERE state = 'parked') FROM outbox",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(Tally { pending: pending.into(), parked: parked.into() })
}

impl Store {
    /// Marks the file for a full examination at the next opening. Called when a read or write met damage.
    pub(crate) fn suspect(&self) {
        if let Err(error) = File::create(suspect_mark(self.path())) {
            log::error!("could not mark the file as damaged: {}", error.kind());
        }
    }
}
