//! The queue as a person sees and steers it, and the engine that sends it.

use super::{Shop, lock};
use crate::error::{Fault, Result};
use crate::outbox::{self, Parked, Trace};
use crate::schema::{Invalid, Json, Row, Rule, Value};
use crate::sync::{Page, SyncState};

impl Shop {
    /// What waits for a person, oldest first.
    pub fn parked(&self) -> Result<Vec<Parked>> {
        self.read(outbox::parked)
    }

    /// Tries a parked operation again, with its group.
    pub fn retry(&self, operation: &str) -> Result<()> {
        self.store().write(|tx| outbox::revive(tx, operation))?;
        self.inner.wrote.notify_one();
        Ok(())
    }

    /// Tries everything again: what is parked, and a server that could not be reached.
    pub fn retry_all(&self) -> Result<()> {
        self.store().write(|tx| {
            for parked in outbox::parked(tx)? {
                // One of a group brings the others back, and they are not parked any more when their turn comes.
                match outbox::revive(tx, &parked.operation) {
                    Err(error) if !matches!(error.fault(), Fault::Missing { .. }) => return Err(error),
                    Ok(()) | Err(_) => {}
                }
            }
            Ok(())
        })?;
        self.inner.wrote.notify_one();
        Ok(())
    }

    /// Takes an operation out of the queue, with its group. What it changed goes back to what lies under it. One that
    /// may have reached the server is voided there first and leaves when the answer is known.
    pub fn discard(&self, operation: &str) -> Result<()> {
        self.store().write(|tx| outbox::discard(tx, operation))?;
        self.inner.wrote.notify_one();
        Ok(())
    }

    /// Puts other values in an operation's place and sends it again. One that may have reached the server is voided
    /// there first: [`Unanswered`](crate::error::NotNow::Unanswered) says to come back when it is parked as `voided`.
    pub fn edit_parked(&self, operation: &str, row: &serde_json::Map<String, Json>) -> Result<()> {
        let outcome = self.store().write(|tx| {
            let table = self.table(&outbox::table_of(tx, operation)?)?;
            let mut changes: Vec<(&'static str, Value)> = Vec::new();
            for (field, value) in table.read(row)? {
                field.check(&value).map_err(|wrong: Invalid| wrong.of(table.name))?;
                if field.is_kept_by_events() {
                    return Err(Invalid::field(field.name, Rule::Kept).of(table.name).into());
                }
                changes.push((field.name, value));
            }
            let blank = Row::blank(table, "");
            match outbox::edit(tx, operation, &blank, &changes) {
                // The void that it queued has to be committed.
                Err(error) if matches!(error.fault(), Fault::NotNow(_)) => Ok(Err(error)),
                other => other.map(Ok),
            }
        })?;
        self.inner.wrote.notify_one();
        outcome
    }

    /// Who changed which field of a record from what to what, as far as this device knows.
    pub fn history(&self, table: &str, id: &str) -> Result<Vec<Trace>> {
        let table = self.table(table)?;
        self.read(|reader| outbox::history(reader, table, id))
    }

    /// What a person sees of the sync.
    pub fn state(&self) -> Result<SyncState> {
        lock(&self.inner.engine).state()
    }

    /// Takes in what the server confirmed, all of it at once.
    pub fn take_page(&self, page: &Page) -> Result<()> {
        page.apply(self.store())
    }

    /// Waits until a person wrote something.
    pub async fn wait_for_work(&self) {
        self.inner.wrote.notified().await;
    }
}
