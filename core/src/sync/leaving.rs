//! Leaving the shop: nothing of it stays but this account's own unsent work, sealed.

use super::engine::Engine;
use crate::error::Result;
use crate::outbox;
use crate::seal::Key;
use crate::store::{Tx, UNREAD_BY_SEARCH};

/// What the engine keeps beside the rows and can have again.
const KEPT_BESIDE: &[&str] =
    &["base_rows", "staged", "ranges", "unread", "notices", "search_rows", "search_keys", "search_due"];

/// Facts about rows that are not here any more.
const FACTS: &[&str] = &[
    "cursor",
    "cursor_tag",
    "loaded",
    "load",
    "last_synced_at",
    "indexed_seq",
    super::stretches::STRETCHES,
    UNREAD_BY_SEARCH,
];

impl Engine {
    /// The account may hold nothing of this shop: all of it goes in one transaction, its own unsent work sealed.
    pub(crate) fn leave(&mut self, key: Key) -> Result<()> {
        let env = self.env.clone();
        let left = self.write(|tx, _| {
            tx.erasing(|| {
                outbox::seal_lost(tx, (&env, &key), |_, _| true)?;
                empty(tx)?;
                for table in ["drafts", "pin_guard", "taken_back"] {
                    tx.execute(&format!("DELETE FROM {table}"), [])?;
                }
                Ok(())
            })?;
            ["epoch", "attempt"].iter().try_for_each(|fact| tx.drop_fact(fact))?;
            outbox::end_resend(tx)?;
            outbox::has_sealed(tx)
        })?;
        if left {
            self.set_seal(key);
        }
        Ok(())
    }
}

/// Takes away all that the server has.
pub(super) fn empty(tx: &Tx<'_>) -> Result<()> {
    for table in tx.schema().all_tables() {
        tx.execute(&format!("DELETE FROM {}", table.name), [])?;
        tx.note_table(table.name);
    }
    for table in KEPT_BESIDE {
        tx.execute(&format!("DELETE FROM {table}"), [])?;
    }
    tx.execute("INSERT INTO search_text (search_text) VALUES ('delete-all')", [])?;
    FACTS.iter().try_for_each(|fact| tx.drop_fact(fact))
}
