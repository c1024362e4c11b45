//! Retention: of what was deleted long ago only that it was is kept, so that no late copy brings it back.

use super::books::Kept;
use super::{Ledger, Result};
use counterpart_core::env::DAY_MS;
use counterpart_core::schema::{Row, Type};
use std::collections::BTreeMap;

/// For how long an edit made before a deletion can bring the row back.
const KEPT_DAYS: i64 = 180;

impl Ledger {
    /// Empties rows that were deleted long ago. It is no commit: devices that have such a row have it as deleted.
    /// Gives back how many it emptied.
    pub fn forget_deleted(&self) -> Result<usize> {
        self.write(|books| {
            let before = books.env.now() - KEPT_DAYS * DAY_MS;
            let sql = "SELECT shop, tbl, id FROM ledger_rows WHERE deleted AND fields <> '[]'
                       AND unixepoch(body ->> '$.deleted_at') * 1000 < ?1";
            let old: Vec<(String, String, String)> =
                books.all(sql, [before], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            let mut emptied = 0;
            for (shop, table, id) in old {
                let Some(table) = books.schema.table(&table) else { continue };
                let Some(kept) = books.row(&shop, table, &id)? else { continue };
                let mut row = Row::blank(table, &id);
                // What it belonged to stays: that decides who hears of the deletion.
                for field in table.fields.iter().filter(|field| field.kind == Type::Id) {
                    row.set(field.name, kept.row.get(field.name).clone());
                }
                row.meta = kept.row.meta;
                books.put(&shop, &Kept { row, fields: BTreeMap::new() })?;
                let sql = "DELETE FROM unstamped WHERE shop = ?1 AND tbl = ?2 AND id = ?3";
                books.execute(sql, (&shop, table.name, &id))?;
                emptied += 1;
            }
            Ok(emptied)
        })
    }
}
