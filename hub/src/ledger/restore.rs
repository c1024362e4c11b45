//! Backups, and what a restored one needs before it answers anybody: another history.
//!
//! A backup is a whole ledger file. Put back in its place it knows nothing of what came after it; [`Ledger::restored`]
//! makes sure that nothing issued since is ever issued again, and that every device notices and gives back what was
//! lost.

use super::record::close;
use super::{Ledger, LedgerError, Result};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::sync::PoisonError;

/// More commits than any shop makes between two backups.
const COMMITS: i64 = 1_000_000;
/// More ticket numbers than its devices are lent in that time.
const NUMBERS: i64 = 100_000;
/// More devices than it registers.
const CODES: i64 = 1_000;

/// How far the copy of a shop's books goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    shop: String,
    epoch: String,
    head: i64,
}

impl Ledger {
    /// Copies the books of all shops, as they are at one moment, into a file that must not be there yet. From then on
    /// devices may forget what the copy holds.
    pub fn back_up(&self, to: &Path) -> Result<()> {
        let held = self.copy_to(to)?;
        self.hold_safe(&held)
    }

    /// Copies the books as they are at one moment into a file that is empty or not there, and says what the copy holds.
    pub fn copy_to(&self, to: &Path) -> Result<Vec<Held>> {
        let path = to.to_str().ok_or(LedgerError::Malformed("the backup's path"))?;
        self.reader()?.execute("VACUUM INTO ?1", [path])?;
        let copy = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut heads = copy.prepare("SELECT shop, epoch, head FROM ledger_shops")?;
        let held = heads
            .query_map([], |row| Ok(Held { shop: row.get(0)?, epoch: row.get(1)?, head: row.get(2)? }))?;
        Ok(held.collect::<rusqlite::Result<_>>()?)
    }

    /// What a copy holds cannot be lost any more: devices may forget it.
    pub fn hold_safe(&self, held: &[Held]) -> Result<()> {
        self.write(|books| {
            let sql =
                "UPDATE ledger_shops SET safe_through = max(safe_through, ?3) WHERE shop = ?1 AND epoch = ?2";
            held.iter()
                .try_for_each(|held| books.execute(sql, (&held.shop, &held.epoch, held.head)).map(drop))
        })
    }

    /// Whether every shop's books are in some copy as they are.
    pub fn all_is_safe(&self) -> Result<bool> {
        let sql = "SELECT 1 FROM ledger_shops WHERE safe_through < head LIMIT 1";
        self.read(|books| Ok(books.one(sql, [], |_| Ok(()))?.is_none()))
    }

    /// Brings everything into the one file, so that it can be moved. Nobody else may have it open.
    pub fn settle(self) -> Result<()> {
        drop(self.readers);
        let connection = self.writer.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(connection.close().map_err(|(_, error)| error)?)
    }

    /// Begins another history in every shop of a ledger that was just put back from a backup, before anybody is
    /// answered: a new epoch, and head, numbers and device codes past anything that can have been issued since. A
    /// device that the backup knows with an older generation is believed once.
    ///
    /// `replaced` is the ledger whose place the backup takes, where it can still be read: the same backup put back
    /// twice would else issue the same numbers twice.
    pub fn restored(&self, replaced: Option<&Path>) -> Result<()> {
        let issued = replaced.map(issued).transpose()?.unwrap_or_default();
        self.write(|books| {
            let sql = "SELECT shop, head, next_number, next_code FROM ledger_shops ORDER BY shop";
            for held in books.all(sql, [], Issued::read)? {
                let past = issued.iter().find(|past| past.shop == held.shop).unwrap_or(&held);
                let state = books.shop(&held.shop)?;
                let sql =
                    "UPDATE ledger_shops SET epoch = ?2, next_number = ?3, next_code = ?4 WHERE shop = ?1";
                let number = held.next_number.max(past.next_number) + NUMBERS;
                let code = held.next_code.max(past.next_code) + CODES;
                books.execute(sql, (&held.shop, books.env.new_id(), number, code))?;
                let n = held.head.max(past.head) + COMMITS;
                close(books, &held.shop, &state, (n, books.env.now()), "")?;
                books.execute("UPDATE devices SET restored = 1 WHERE shop = ?1", [&held.shop])?;
            }
            Ok(())
        })
    }
}

/// How far a shop's counters had come.
struct Issued {
    shop: String,
    head: i64,
    next_number: i64,
    next_code: i64,
}

impl Issued {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Issued> {
        Ok(Issued { shop: row.get(0)?, head: row.get(1)?, next_number: row.get(2)?, next_code: row.get(3)? })
    }
}

fn issued(ledger: &Path) -> Result<Vec<Issued>> {
    let connection = Connection::open_with_flags(ledger, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut shops = connection.prepare("SELECT shop, head, next_number, next_code FROM ledger_shops")?;
    Ok(shops.query_map([], Issued::read)?.collect::<rusqlite::Result<_>>()?)
}
