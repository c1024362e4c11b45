//! Who may use the hub: shops, accounts, memberships, sessions and keys, in the hub's own SQLite file; and, as
//! [`Registry`], what the services ask of them wherever they are kept.
//!
//! A change that returned is on disk (WAL, `synchronous=FULL`). All statements of one call run in one transaction, and
//! calls run one after another, so that two refreshes of one token cannot both rotate it. A second process (an
//! `invite` beside `serve`) waits its turn.

mod keys;
mod members;
mod people;
mod refresh_token;
mod registry;
mod sessions;

pub use keys::{GatewayKeys, KeySet, load_keys, shop_key, store_keys};
pub use members::{
    Member, Membership, NoSuchRole, Role, active_memberships, add_shop, align, deactivate, membership,
    memberships, named_memberships, owners, shop_names, shops, the_shop,
};
pub use people::{
    Account, InviteError, account, account_by_email, change_password, invite, normal_email, set_metadata,
};
pub use refresh_token::RefreshToken;
pub use registry::{Answer, Changes, Registry, SignIn};
pub(crate) use sessions::{MOST_SESSIONS, Next, Session};
pub use sessions::{Refresh, SignOut, begin_session, refresh, session_exists, sign_out};

use crate::postgres::DatabaseError;
use crate::secret::NoRandomness;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const MIGRATIONS: &[&str] = &[include_str!("migrations/001_accounts.sql")];

/// Why the accounts could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite said no.
    #[error("the hub's database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL said no.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// No randomness for an id or a key.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// A stored value is not what the hub writes.
    #[error("the hub's database holds a broken {0}")]
    Broken(&'static str),
    /// There is no database in the folder.
    #[error("this folder holds no hub: run `counterpart-hub init` first")]
    Missing,
    /// The file was written by a newer hub.
    #[error("the hub's database is of a newer version (schema {0}): use the newer counterpart-hub")]
    Newer(usize),
    /// The worker was stopped.
    #[error("the hub is stopping")]
    Stopping,
}

/// The open database of the hub.
#[derive(Clone)]
pub struct Accounts {
    connection: Arc<Mutex<Connection>>,
}

impl Accounts {
    /// Opens the database in `data`, which `init` has made.
    pub fn open(data: &Path) -> Result<Accounts, StoreError> {
        if !Self::path(data).is_file() {
            return Err(StoreError::Missing);
        }
        Self::create(data)
    }

    /// Opens the database in `data`, or makes an empty one.
    pub fn create(data: &Path) -> Result<Accounts, StoreError> {
        let flags = OpenFlags::default() & !OpenFlags::SQLITE_OPEN_URI;
        let mut connection = Connection::open_with_flags(Self::path(data), flags)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.set_prepared_statement_cache_capacity(64);
        migrate(&mut connection)?;
        Ok(Accounts { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Copies the accounts as they are at one moment into a file that is empty or not there.
    pub fn copy_to(&self, to: &Path) -> Result<(), StoreError> {
        let path = to.to_str().ok_or(StoreError::Broken("path"))?;
        self.look(|connection| Ok(connection.execute("vacuum into ?1", [path]).map(|_| ())?))
    }

    /// Brings everything into the one file, so that it can be moved. Nobody else may have it open.
    pub fn settle(self) -> Result<(), StoreError> {
        self.look(|connection| Ok(connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?))
    }

    /// Where the database of a data folder lies.
    pub fn path(data: &Path) -> std::path::PathBuf {
        data.join("hub.db")
    }

    /// Runs `work` in one transaction on this thread; an error leaves everything as it was.
    pub fn run<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        // A panic in an earlier `work` rolled its transaction back: the connection is good.
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let tx =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        let done = work(&tx)?;
        tx.commit().map_err(StoreError::from)?;
        Ok(done)
    }

    /// Like [`run`](Accounts::run), on a thread that may wait for the disk.
    pub async fn write<T, E>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let accounts = self.clone();
        let worker = tokio::task::spawn_blocking(move || accounts.run(work));
        worker.await.unwrap_or_else(|_| Err(StoreError::Stopping.into()))
    }

    /// Runs `look` on a thread that may wait for the disk, without taking the write lock.
    pub async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let accounts = self.clone();
        let worker = tokio::task::spawn_blocking(move || accounts.look(look));
        worker.await.unwrap_or_else(|_| Err(StoreError::Stopping))
    }

    /// Like [`read`](Accounts::read), on this thread.
    pub fn look<T>(&self, look: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        look(&self.connection.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let stored: i64 = tx.query_row("pragma user_version", [], |row| row.get(0))?;
    let version = usize::try_from(stored).map_err(|_| StoreError::Broken("schema version"))?;
    if version > MIGRATIONS.len() {
        return Err(StoreError::Newer(version));
    }
    if version == MIGRATIONS.len() {
        return Ok(());
    }
    for sql in &MIGRATIONS[version..] {
        tx.execute_batch(sql)?;
    }
    tx.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    tx.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests;
