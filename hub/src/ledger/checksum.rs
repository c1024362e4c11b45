//! One hash over what every member sees, as a device computes it over its own copy.

use super::range::head;
use super::{Ledger, Result};
use counterpart_core::outbox::content_hash;
use counterpart_core::schema::Readers;
use counterpart_core::sync::wire::ChecksumAnswer;

impl Ledger {
    /// The hash of a shop at its head. It is the same as [`Shop::checksum`](counterpart_core::Shop::checksum) of a
    /// device that has all of the shop up to there: a row's body is the text that the device hashes.
    pub fn checksum(&self, shop: &str) -> Result<ChecksumAnswer> {
        self.read(|books| {
            let cursor = head(books.shop(shop)?);
            let mut hashes = String::new();
            let sql = "SELECT body FROM ledger_rows WHERE shop = ?1 AND tbl = ?2 AND NOT deleted ORDER BY id";
            for table in books.schema.all_tables().filter(|table| table.readers == Readers::Members) {
                books.each(sql, (shop, table.name), |row| {
                    hashes += &content_hash(row.get_ref(0)?.as_str()?);
                    Ok(())
                })?;
            }
            Ok(ChecksumAnswer { cursor, hash: content_hash(&hashes) })
        })
    }
}
