//! Starting over: everything is fetched anew, over what is here or into an emptied file; or nothing any more, when the
//! account has left the shop.

use super::Call;
use super::catch_up;
use super::engine::Engine;
use super::state::Event;
use crate::error::{Error, NotNow, Result};
use crate::journal::{SyncEvent, SyncKind};
use crate::outbox;
use crate::seal::Key;
use crate::store::Tx;

/// What the engine keeps beside the rows and can have again.
const KEPT_BESIDE: &[&str] =
    &["base_rows", "staged", "ranges", "unread", "notices", "search_rows", "search_keys", "search_due"];

/// Facts about rows that are not here any more.
const FACTS: &[&str] = &["cursor", "cursor_tag", "loaded", "load", "last_synced_at", "indexed_seq"];

impl Engine {
    /// A load that replaces begins.
    pub(crate) fn reload(&mut self) -> Result<Vec<Call>> {
        self.start_over(|tx| catch_up::begin_load(tx, true))
    }

    /// The file is emptied, and a first load begins.
    pub(crate) fn purge(&mut self) -> Result<Vec<Call>> {
        self.start_over(|tx| {
            let left: i64 = tx
                .one("SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM sealed)", [], |row| {
                    row.get(0)
                })?
                .unwrap_or(0);
            if let Some(operations) = u64::try_from(left).ok().filter(|left| *left > 0) {
                return Err(Error::NotNow(NotNow::Unsent { operations }));
            }
            empty(tx)?;
            catch_up::begin_load(tx, false)
        })
    }

    /// The account may hold nothing of this shop: all of it goes in one transaction, its own unsent work sealed.
    pub(crate) fn leave(&mut self, key: Key) -> Result<()> {
        let env = self.env.clone();
        let left = self.write(|tx, _| {
            tx.erasing(|| {
                outbox::seal_lost(tx, (&env, &key), |_, _| true)?;
                empty(tx)?;
                for table in ["drafts", "pin_guard"] {
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

    fn start_over(&mut self, begin: impl FnOnce(&Tx<'_>) -> Result<()>) -> Result<Vec<Call>> {
        let now = self.env.now();
        let gaps = self.write(|tx, journal| {
            begin(tx)?;
            journal.note(SyncEvent::new(now, SyncKind::LoadBegun).code("asked_for"));
            catch_up::gaps(tx)
        })?;
        self.link.stale = true;
        self.step(Event::RangeWanted { filling: gaps.filling })
    }
}

fn empty(tx: &Tx<'_>) -> Result<()> {
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
