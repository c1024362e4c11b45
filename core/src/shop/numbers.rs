//! Short numbers for people, never given twice: from a block that the server leased, else under the device's own code.

use super::Shop;
use super::identity::{Identity, Mark};
use crate::error::{Error, Result};
use crate::schema::{Row, Table, Value};
use crate::store::Tx;

/// A block of numbers that the server leased to this device alone, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The first.
    pub first: i64,
    /// The last.
    pub last: i64,
}

impl Shop {
    pub(super) fn identity(&self) -> Identity<'_> {
        Identity { shop: &self.inner.shop, account: &self.inner.account, keys: &*self.inner.keys }
    }

    /// A session with the server begins: it raised the device's generation and gave it a code.
    pub fn begin_session(&self, generation: u64, device_code: &str) -> Result<()> {
        self.identity().raise(self.store(), generation)?;
        // A server that numbers nothing gives no codes.
        if device_code.is_empty() {
            return Ok(());
        }
        self.store().write(|tx| tx.set_fact("device_code", device_code))
    }

    /// The server leased a block of numbers. Rows that were made without a number and never sent get one now.
    pub fn add_lease(&self, lease: Lease) -> Result<()> {
        self.store().write(|tx| {
            let sql = "INSERT OR IGNORE INTO leases (first, next, last) VALUES (?1, ?1, ?2)";
            tx.execute(sql, (lease.first, lease.last))?;
            Ok(())
        })?;
        self.number_the_unnumbered()
    }

    /// How many leased numbers are left.
    pub fn numbers_left(&self) -> Result<i64> {
        let sql = "SELECT coalesce(sum(last - next + 1), 0) FROM leases WHERE next <= last";
        Ok(self.read(|reader| reader.one(sql, [], |row| row.get(0)))?.unwrap_or(0))
    }

    /// Gives a new row its number, if its table has numbers and this device has one to give.
    pub(super) fn number(&self, tx: &Tx<'_>, row: &mut Row) -> Result<()> {
        let Some(numbered) = tx.schema().numbered.filter(|numbered| numbered.table == row.table.name) else {
            return Ok(());
        };
        // Nobody chooses a number: whatever was typed there, the device's own goes in.
        let number = self.mint(tx, row.table, numbered.field)?;
        row.set(numbered.field, number.map_or(Value::Null, Value::Text));
        Ok(())
    }

    /// Leaves a row from a file the number that it brings, if no other row has it; else it gets one like any new row.
    pub(super) fn keep_number(&self, tx: &Tx<'_>, row: &mut Row) -> Result<()> {
        let Some(numbered) = tx.schema().numbered.filter(|numbered| numbered.table == row.table.name) else {
            return Ok(());
        };
        if let Some(number) = row.get(numbered.field).text()
            && tx.one(&taken(row.table, numbered.field), [number], |_| Ok(()))?.is_none()
        {
            return Ok(());
        }
        self.number(tx, row)
    }

    fn mint(&self, tx: &Tx<'_>, table: &'static Table, field: &str) -> Result<Option<String>> {
        let identity = self.identity();
        let mark = identity.mark()?.ok_or_else(|| Error::defect("no mark in secure storage"))?;
        loop {
            let sql = "SELECT first, next, last FROM leases WHERE next <= last ORDER BY first LIMIT 1";
            let lease: Option<(i64, i64, i64)> =
                tx.one(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            let Some((first, next, last)) = lease else { break };
            // Past all that secure storage remembers: blocks come in order, and an old copy of the file must not
            // repeat itself, from this block or from an earlier one.
            let number = next.max(mark.number + 1);
            tx.execute("UPDATE leases SET next = ?2 WHERE first = ?1", (first, number + 1))?;
            if number <= last && tx.one(&taken(table, field), [number.to_string()], |_| Ok(()))?.is_none() {
                identity.set_mark(&Mark { number, ..mark })?;
                return Ok(Some(number.to_string()));
            }
        }
        let Some(code) = tx.fact("device_code")? else { return Ok(None) };
        let own_number = mark.own_number + 1;
        identity.set_mark(&Mark { own_number, ..mark })?;
        Ok(Some(format!("{code}-{own_number}")))
    }

    /// Numbers rows that were made before this device had any number to give, as part of their first operation.
    fn number_the_unnumbered(&self) -> Result<()> {
        let Some(numbered) = self.store().schema().numbered else { return Ok(()) };
        let table = self.table(numbered.table)?;
        self.store().write(|tx| {
            let tail = format!(
                "WHERE \"{0}\" IS NULL AND id IN
                   (SELECT row_id FROM outbox WHERE tbl = '{1}' AND kind = 'insert' AND state = 'queued') ORDER BY id",
                numbered.field, numbered.table
            );
            for row in tx.rows(table, &tail, [])? {
                if let Some(number) = self.mint(tx, table, numbered.field)? {
                    crate::outbox::complete_insert(tx, &row, numbered.field, Value::Text(number))?;
                }
            }
            Ok(())
        })
    }
}

/// The query for whether a row has a number.
fn taken(table: &Table, field: &str) -> String {
    format!("SELECT 1 FROM {} WHERE \"{field}\" = ?1 LIMIT 1", table.name)
}
