//! One hash over what every member sees, as a device computes it over its own copy.

use super::books::kept_row;
use super::range::{self, head};
use super::{Ledger, Result};
use counterpart_core::outbox::content_hash;
use counterpart_core::sync::wire::ChecksumAnswer;
use rusqlite::params_from_iter;

impl Ledger {
    /// The hash of a shop at its head. It is the same as [`Shop::checksum`](counterpart_core::Shop::checksum) of a
    /// device that has all of the shop up to there.
    pub fn checksum(&self, shop: &str) -> Result<ChecksumAnswer> {
        self.read(|books| {
            let cursor = head(books.shop(shop)?);
            let mut hashes = String::new();
            for part in range::of_members(books) {
                let sql = format!(
                    "SELECT ledger_body FROM {} WHERE shop = ?1 AND id > ?2 AND {} ORDER BY id",
                    part.table.name, part.condition
                );
                let mut read = Ok(());
                books.each(&sql, params_from_iter(range::values(shop, "", &part)), |found| {
                    match kept_row(part.table, found.get_ref(0)?.as_str()?) {
                        Ok(row) => hashes += &content_hash(&row.to_canonical_text()),
                        Err(damaged) => read = Err(damaged),
                    }
                    Ok(())
                })?;
                read?;
            }
            Ok(ChecksumAnswer { cursor, hash: content_hash(&hashes) })
        })
    }
}
