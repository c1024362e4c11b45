//! How an operation goes from one state to the next, and out of the queue; counted and told as it does.

use super::operation::State;
use super::{Entry, entry};
use crate::error::Result;
use crate::store::{Tx, What};

/// From the queue to the settled, with its outcome. Without its body where it can never be needed again.
pub(super) fn leave(
    tx: &Tx<'_>,
    entry: &Entry,
    outcome: &str,
    commit: Option<i64>,
    body: Option<&str>,
) -> Result<()> {
    let at = entry.operation()?.at;
    let epoch = tx.fact("epoch")?;
    let sql = "INSERT OR REPLACE INTO settled (seq, id, tbl, row_id, body, outcome, epoch, commit_n, at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let row = (entry.seq, &entry.id, &entry.table, &entry.row, body, outcome, epoch, commit, at);
    tx.execute(sql, row)?;
    tx.execute("DELETE FROM outbox WHERE seq = ?1", [entry.seq])?;
    let (pending, parked) = (i64::from(entry.state.is_pending()), i64::from(entry.state == State::Parked));
    tx.note_queue(-pending, -parked);
    Ok(())
}

pub(super) fn set_state(tx: &Tx<'_>, entry: &Entry, state: State) -> Result<()> {
    tx.execute("UPDATE outbox SET state = ?2 WHERE seq = ?1", (entry.seq, state))?;
    count(tx, entry.state, state);
    note_status(tx, entry.touched(tx.schema()));
    Ok(())
}

/// Keeps the counts of what waits beside the states that say so.
pub(super) fn count(tx: &Tx<'_>, from: State, to: State) {
    let parked = |state: State| i64::from(state == State::Parked);
    let pending = |state: State| i64::from(state.is_pending());
    tx.note_queue(pending(to) - pending(from), parked(to) - parked(from));
}

/// Tells the observers that the status of rows changed.
pub(super) fn note_status(tx: &Tx<'_>, rows: Vec<(&'static str, String)>) {
    for (table, id) in rows {
        if let Some(table) = tx.schema().table(table) {
            tx.note(table, &id, What::Status);
        }
    }
}

/// The operation that still waits for what this void says.
pub(super) fn voided_by(tx: &Tx<'_>, void: &Entry) -> Result<Option<Entry>> {
    let target = void.operation()?.replaces.as_deref().map(|id| entry(tx, id)).transpose()?.flatten();
    Ok(target.filter(|target| target.state == State::Voiding))
}
