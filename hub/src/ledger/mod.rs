//! The shop's books: every row, every receipt, one sequence of commits per shop. SQLite, one transaction a push.
//!
//! It is given its schema as a value and shares with the engine the schema, the merge rules and the wire types. Who
//! the caller is has been established before: every function takes the [`Member`] that asks.

mod access;
mod apply;
mod books;
mod checksum;
mod commit;
mod conflict;
mod counts;
mod devices;
mod grants;
mod health;
mod judge;
mod pull;
mod push;
mod range;
mod record;
mod restore;
mod retention;
mod rows_here;
mod snapshot;
mod trail;
mod unique;
mod verdict;

pub use access::Member;
pub use grants::Try;
pub use health::Finding;
pub use push::PushEnd;
pub use restore::Held;
pub use snapshot::Snapshot;

use books::Books;
use counterpart_core::env::Env;
use counterpart_core::schema::{Invalid, Schema};
use rusqlite::{Connection, OpenFlags};
use snapshot::Snapshots;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use thiserror::Error;

/// What ends a call without a result of its own.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// The account is no member of the shop.
    #[error("no such shop")]
    NoShop,
    /// The device's file is a copy of another, or was never opened here.
    #[error("the device has to begin a session")]
    NoSession,
    /// The device expects another history of the shop.
    #[error("the shop's history is another one")]
    OtherEpoch,
    /// A request that is not in the protocol's shape.
    #[error("the request is not well formed: {0}")]
    Malformed(&'static str),
    /// The person may not do this.
    #[error("not allowed")]
    Denied,
    /// A row that the hub was to enter breaks a limit.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The database.
    #[error("the database failed: {0}")]
    Database(#[from] rusqlite::Error),
    /// What the database holds is not what was put there.
    #[error("the database holds a damaged {0}")]
    Damaged(&'static str),
}

/// The result of a call.
pub type Result<T, E = LedgerError> = std::result::Result<T, E>;

/// How long to wait for another process that writes, such as an `invite`.
const OTHERS: Duration = Duration::from_secs(2);
/// A big push fits into the writer's memory, and a checkpoint is not due after each.
const WRITER: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 8000";
/// How many connections wait for the next reader.
const IDLE_READERS: usize = 8;

/// All shops of one hub: one connection writes, others read beside it, each from a snapshot of its own.
pub struct Ledger {
    schema: &'static Schema,
    env: Env,
    path: PathBuf,
    snapshots: Snapshots,
    readers: Mutex<Vec<Connection>>,
    // Closed last: only a connection that writes leaves the file whole, without a log beside it.
    writer: Mutex<Connection>,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Ledger({})", self.schema.name)
    }
}

const MIGRATIONS: &[&str] = &[include_str!("../../migrations/0001_ledger.sql")];

impl Ledger {
    /// Opens the ledger, or makes it.
    pub fn open(path: &Path, schema: &'static Schema, env: Env) -> Result<Ledger> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(OTHERS)?;
        connection.execute_batch(WRITER)?;
        connection.set_prepared_statement_cache_capacity(128);
        let version: usize =
            connection.query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0))? as usize;
        for (at, step) in MIGRATIONS.iter().enumerate().skip(version) {
            let number = at + 1;
            connection
                .execute_batch(&format!("BEGIN IMMEDIATE; {step}; PRAGMA user_version = {number}; COMMIT"))?;
        }
        access::views(&connection, schema)?;
        unique::index(&connection, schema)?;
        Ok(Ledger {
            schema,
            env,
            path: path.to_owned(),
            snapshots: Snapshots::beside(path),
            writer: Mutex::new(connection),
            readers: Mutex::default(),
        })
    }

    /// Where the ledger of a data folder lies.
    pub fn path(data: &Path) -> PathBuf {
        data.join("ledger.db")
    }

    /// Makes a shop's books, once.
    pub fn create_shop(&self, shop: &str) -> Result<()> {
        let (epoch, tag) = (self.env.new_id(), self.env.new_id());
        self.write(|books| {
            books.execute(
                "INSERT OR IGNORE INTO ledger_shops (shop, epoch, head, tag, next_number, next_code, safe_through)
                 VALUES (?1, ?2, 0, ?3, 1000, 1, 0)",
                (shop, &epoch, &tag),
            )
        })?;
        Ok(())
    }

    fn write<T>(&self, work: impl FnOnce(&Books<'_>) -> Result<T>) -> Result<T> {
        self.transact(work, |_| true)
    }

    /// The same, of which nothing stays where it comes to nothing.
    fn write_if<T>(&self, work: impl FnOnce(&Books<'_>) -> Result<Option<T>>) -> Result<Option<T>> {
        self.transact(work, Option::is_some)
    }

    fn transact<T>(
        &self,
        work: impl FnOnce(&Books<'_>) -> Result<T>,
        stays: impl FnOnce(&T) -> bool,
    ) -> Result<T> {
        let mut connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let done = work(&Books::new(&transaction, self.schema, &self.env))?;
        if stays(&done) {
            transaction.commit()?;
        } else {
            transaction.rollback()?;
        }
        Ok(done)
    }

    /// Reads from one snapshot, whatever is being written.
    fn read<T>(&self, work: impl FnOnce(&Books<'_>) -> Result<T>) -> Result<T> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => self.reader()?,
        };
        let transaction = connection.transaction()?;
        let done = work(&Books::new(&transaction, self.schema, &self.env));
        transaction.finish()?;
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < IDLE_READERS {
            readers.push(connection);
        }
        done
    }

    fn reader(&self) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(OTHERS)?;
        connection.execute_batch("PRAGMA temp_store = MEMORY")?;
        connection.set_prepared_statement_cache_capacity(128);
        access::views(&connection, self.schema)?;
        Ok(connection)
    }
}
