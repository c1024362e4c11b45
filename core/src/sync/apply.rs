//! Taking in what the server confirmed: rows, receipts and the cursor that covers them, in one transaction.

use crate::error::Result;
use crate::outbox::{Receipt, absorb_row, cover, settle};
use crate::schema::Row;
use crate::store::Store;

/// Rows changed since a cursor, this device's receipts for the commits covered, and the new cursor.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The rows, deleted ones included.
    pub rows: Vec<Row>,
    /// The receipts.
    pub receipts: Vec<Receipt>,
    /// Every commit up to this one is in here or was before.
    pub through: i64,
    /// That commit's tag.
    pub tag: String,
}

impl Page {
    /// Makes the page visible: all of it, or nothing.
    pub fn apply(&self, store: &Store) -> Result<()> {
        store.write(|tx| {
            for row in &self.rows {
                absorb_row(tx, row)?;
            }
            for receipt in &self.receipts {
                settle(tx, receipt)?;
            }
            cover(tx, self.through)?;
            if self.through >= tx.number("cursor")? {
                tx.set_fact("cursor", &self.through.to_string())?;
                tx.set_fact("cursor_tag", &self.tag)?;
            }
            Ok(())
        })
    }
}
