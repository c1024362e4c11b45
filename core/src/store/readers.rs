//! The pool of readers. It knows how many are at work, so that the file may be exchanged when none is.

use super::lock;
use crate::error::{Error, NotNow, Result};
use rusqlite::Connection;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Readers that are kept open between reads; more are opened when more are at work.
const IDLE: usize = 3;
/// The longest that readers at work are waited for.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(super) struct Readers {
    pool: Mutex<Pool>,
    back: Condvar,
}

#[derive(Default)]
pub(super) struct Pool {
    idle: Vec<Connection>,
    at_work: usize,
}

/// A place at work, given back when it is dropped.
pub(super) struct Taken<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

/// No reader is at work, and none begins while this is held.
pub(super) struct Nobody<'a>(MutexGuard<'a, Pool>);

impl Readers {
    pub(super) fn take(&self) -> Taken<'_> {
        let mut pool = lock(&self.pool);
        pool.at_work += 1;
        Taken { readers: self, connection: pool.idle.pop() }
    }

    /// Closes those that do nothing.
    pub(super) fn clear(&self) {
        lock(&self.pool).idle.clear();
    }

    /// Waits until nobody reads. Somebody who reads for long is not waited for.
    pub(super) fn nobody(&self) -> Result<Nobody<'_>> {
        let waited = self.back.wait_timeout_while(lock(&self.pool), PATIENCE, |pool| pool.at_work > 0);
        let (mut pool, ended) = waited.unwrap_or_else(PoisonError::into_inner);
        if ended.timed_out() {
            return Err(Error::not_now(NotNow::Busy));
        }
        pool.idle.clear();
        Ok(Nobody(pool))
    }
}

impl Taken<'_> {
    /// A connection that did nothing, if there was one.
    pub(super) fn idle(&mut self) -> Option<Connection> {
        self.connection.take()
    }

    /// Keeps a connection for the next reader.
    pub(super) fn give_back(mut self, connection: Connection) {
        self.connection = Some(connection);
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let mut pool = lock(&self.readers.pool);
        pool.at_work -= 1;
        if let Some(connection) = self.connection.take().filter(|_| pool.idle.len() < IDLE) {
            pool.idle.push(connection);
        }
        self.readers.back.notify_all();
    }
}

impl std::fmt::Debug for Nobody<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Nobody({} idle)", self.0.idle.len())
    }
}
