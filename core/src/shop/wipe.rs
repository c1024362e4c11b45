//! What disappears on schedule: out of the row, out of the confirmed copy, out of the queue.

use super::Shop;
use crate::error::Result;
use crate::outbox;

impl Shop {
    /// Wipes everything that is due. Gives back how many rows were emptied.
    pub fn wipe_due(&self) -> Result<usize> {
        let now = self.env().now();
        self.store().write(|tx| {
            let mut wiped = 0;
            for wipe in tx.schema().wipes {
                let table = self.table(wipe.table)?;
                // `:now` is the only parameter, and so the first.
                for id in tx.all(wipe.due, [now], |row| row.get::<_, String>(0))? {
                    wiped += usize::from(outbox::wipe(tx, table, &id, wipe.fields)?);
                }
            }
            Ok(wiped)
        })
    }
}
