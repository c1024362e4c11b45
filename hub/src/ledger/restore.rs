//! Backups, and what a restored one needs before it answers anybody: another history.
//!
//! A backup is a whole ledger file. Put back in its place it knows nothing of what came after it; [`Ledger::restored`]
//! makes sure that nothing issued since is ever issued again, and that every device notices and gives back what was
//! lost.

use super::record::close;
use super::{Ledger, LedgerError, Result};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// More commits than any shop makes between two backups.
const COMMITS: i64 = 1_000_000;
/// More ticket numbers than its devices are lent in that time.
const NUMBERS: i64 = 100_000;
/// More devices than it registers.
const CODES: i64 = 1_000;

impl Ledger {
    /// Copies the books of all shops, as they are at one moment, into a file that must not be there yet. From then on
    /// devices may forget what the copy holds.
    pub fn back_up(&self, to: &Path) -> Result<()> {
        let path = to.to_str().ok_or(LedgerError::Malformed("the backup's path"))?;
        self.reader()?.execute("VACUUM INTO ?1", [path])?;
        let copy = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut heads = copy.prepare("SELECT shop, head FROM ledger_shops")?;
        let held: Vec<(String, i64)> =
            heads.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
        self.write(|books| {
            let sql = "UPDATE ledger_shops SET safe_through = max(safe_through, ?2) WHERE shop = ?1";
            held.iter().try_for_each(|(shop, head)| books.execute(sql, (shop, head)).map(drop))
        })
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
