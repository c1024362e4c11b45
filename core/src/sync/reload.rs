//! Starting over, for an inspector: everything is fetched anew, over what is here or into an emptied file.

use super::Call;
use super::catch_up;
use super::engine::Engine;
use super::leaving::empty;
use super::state::Event;
use crate::error::{Error, NotNow, Result};
use crate::journal::{SyncEvent, SyncKind};
use crate::store::Tx;

impl Engine {
    /// A load that replaces begins.
    pub(crate) fn reload(&mut self) -> Result<Vec<Call>> {
        self.start_over(|tx| catch_up::begin_load(tx, true))
    }

    /// The file is emptied, and a first load begins.
    pub(crate) fn purge(&mut self) -> Result<Vec<Call>> {
        self.start_over(|tx| {
            let sql = "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM sealed)
                            + (SELECT count(*) FROM taken_back)";
            let left: i64 = tx.one(sql, [], |row| row.get(0))?.unwrap_or(0);
            if let Some(operations) = u64::try_from(left).ok().filter(|left| *left > 0) {
                return Err(Error::not_now(NotNow::Unsent { operations }));
            }
            empty(tx)?;
            catch_up::begin_load(tx, false)
        })
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
