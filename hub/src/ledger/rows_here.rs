//! How many rows there are, for an inspector to put beside those of a device.

use super::access::Member;
use super::range::{self, head};
use super::{Ledger, Result};
use counterpart_core::sync::wire::{CountsAnswer, Wanted};
use rusqlite::params_from_iter;
use std::collections::BTreeMap;

impl Ledger {
    /// How many rows of each table a device of this member's holds, if it holds all of the shop up to its head: not
    /// deleted, within the schema's own windows, for this member to read. Every row is looked at.
    pub fn rows_here(&self, member: &Member, shop: &str) -> Result<CountsAnswer> {
        self.read(|books| {
            let cursor = head(books.shop(shop)?);
            let inside = Wanted::Windows(BTreeMap::new());
            let mut rows = Vec::new();
            for part in range::parts(books, member, &inside) {
                let (table, condition) = (part.table.name, &part.condition);
                let sql = format!("SELECT count(*) FROM {table} WHERE shop = ?1 AND id > ?2 AND {condition}");
                let values = params_from_iter(range::values(shop, "", &part));
                let count: i64 = books.one(&sql, values, |row| row.get(0))?.unwrap_or(0);
                rows.push((table.to_owned(), u64::try_from(count).unwrap_or(0)));
            }
            Ok(CountsAnswer { cursor, rows: rows.into_iter().collect() })
        })
    }
}
