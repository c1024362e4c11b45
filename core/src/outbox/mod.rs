//! The queue: every change of this device that the server has not confirmed.
//!
//! A row change and its operation commit together (`write`). What is shown is the confirmed row under the effects
//! of the operations on it (`overlay`). Operations leave in batches (`batch`), frozen first; receipts settle
//! them (`settle`); what was refused waits for a person (`park`). How any of them goes on or out is one thing (`moves`).
//! What a restored server may have lost goes again (`resend`); what this account may not see any more goes sealed
//! (`sealed`).

mod batch;
mod moves;
mod operation;
mod overlay;
mod park;
mod resend;
mod sealed;
mod settle;
mod status;
mod write;

pub use batch::{Batch, BatchLimits, Sendable};
pub use operation::{Edit, EditKind, Kind, Operation};
pub use park::Parked;
pub use settle::{Outcome, Receipt, content_hash};
pub use status::{Status, Trace};
pub use write::{Author, Lane};

pub(crate) use batch::{batch_after, freeze, is_frozen, next_batch};
pub(crate) use overlay::{Uncovered, absorb_over, absorb_row, drop_row, due_for_search, rebuild};
pub(crate) use park::{count_unanswered, discard, edit, park_unprocessable, parked, revive};
pub(crate) use resend::{begin_resend, bring_back, end_resend, is_resending, next_resend, take_again};
pub(crate) use sealed::{erase_sealed, erase_unreadable, has_sealed, next_sealed, seal_lost, take_sealed};
pub(crate) use settle::{cover, forget_safe, lift, settle, wipe};
pub(crate) use status::{history, status};
pub(crate) use write::{complete_insert, delete, insert, patch, whole_changes};

use crate::error::{Error, Result};
use crate::schema::Schema;
use crate::store::Reader;
use operation::State;
use std::cell::OnceCell;

/// An operation as it stands in the queue.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) group: Option<String>,
    pub(crate) lane: i64,
    pub(crate) state: State,
    pub(crate) refused: bool,
    pub(crate) code: Option<String>,
    pub(crate) field: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) kind: Kind,
    pub(crate) table: String,
    pub(crate) row: String,
    // The row that it moves, if it is an append that does.
    also: Option<String>,
    pub(crate) body: String,
    // What the body says, read once and only if somebody asks.
    said: OnceCell<Operation>,
}

/// The columns of an [`Entry`], in order.
const ENTRY: &str =
    "seq, id, grp, lane, state, refused, code, field, message, kind, tbl, row_id, also_id, body";

impl Entry {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Entry> {
        Ok(Entry {
            seq: row.get(0)?,
            id: row.get(1)?,
            group: row.get(2)?,
            lane: row.get(3)?,
            state: row.get(4)?,
            refused: row.get(5)?,
            code: row.get(6)?,
            field: row.get(7)?,
            message: row.get(8)?,
            kind: row.get(9)?,
            table: row.get(10)?,
            row: row.get(11)?,
            also: row.get(12)?,
            body: row.get(13)?,
            said: OnceCell::new(),
        })
    }

    /// All that it says. What a column says too is better asked there: reading a body takes long.
    fn operation(&self) -> Result<&Operation> {
        if let Some(operation) = self.said.get() {
            return Ok(operation);
        }
        let operation = Operation::from_body(&self.body)?;
        Ok(self.said.get_or_init(|| operation))
    }

    /// The operations that have to have applied before.
    fn needs(&self) -> Result<Vec<String>> {
        match self.said.get() {
            Some(operation) => Ok(operation.needs.clone()),
            None => operation::needs(&self.body),
        }
    }

    /// The rows that it shows on.
    fn touched(&self, schema: &Schema) -> Vec<(&'static str, String)> {
        let Some(table) = schema.table(&self.table) else { return Vec::new() };
        let also = table.onto.as_ref().zip(self.also.clone()).map(|(onto, parent)| (onto.table, parent));
        [(table.name, self.row.clone())].into_iter().chain(also).collect()
    }
}

/// An operation by id.
fn entry(reader: &Reader<'_>, id: &str) -> Result<Option<Entry>> {
    reader.one(&format!("SELECT {ENTRY} FROM outbox WHERE id = ?1"), [id], Entry::read)
}

/// An operation by id, or the error that says it is not there.
fn known(reader: &Reader<'_>, id: &str) -> Result<Entry> {
    entry(reader, id)?.ok_or_else(|| Error::missing("operation"))
}

/// The operation and all that go with it, or not at all.
fn group_of(reader: &Reader<'_>, entry: &Entry) -> Result<Vec<Entry>> {
    match &entry.group {
        None => Ok(vec![entry.clone()]),
        Some(group) => reader.all(
            &format!("SELECT {ENTRY} FROM outbox WHERE grp = ?1 ORDER BY seq"),
            [group],
            Entry::read,
        ),
    }
}

/// The table of the row that an operation is about.
pub(crate) fn table_of(reader: &Reader<'_>, id: &str) -> Result<String> {
    Ok(known(reader, id)?.table)
}
