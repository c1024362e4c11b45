//! After a server was restored from a backup: what it had confirmed and may have lost is given back to it.

use super::operation::State;
use super::overlay::touched;
use super::park::{self, Refusal};
use super::settle::{Outcome, Receipt, content_hash, count};
use super::{Batch, BatchLimits, ENTRY, Entry, Operation, Sendable};
use crate::error::Result;
use crate::store::{Reader, Tx};

/// The fact that names the epoch whose settled operations are being sent again.
const RESENDING: &str = "resending";

/// Another history begins: what was accepted in the old one is sent again, and what was settled in it after that.
pub(crate) fn begin_resend(tx: &Tx<'_>, epoch: &str) -> Result<()> {
    let sql = format!("SELECT {ENTRY} FROM outbox WHERE state = 'accepted' ORDER BY seq");
    for entry in tx.all(&sql, [], Entry::read)? {
        tx.execute(
            "UPDATE outbox SET state = 'frozen', commit_n = NULL, tries = 0 WHERE seq = ?1",
            [entry.seq],
        )?;
        count(tx, entry.state, State::Frozen);
    }
    tx.set_fact(RESENDING, epoch)
}

/// The next settled operations of another history, in order, groups whole. They do not show meanwhile.
pub(crate) fn next_resend(reader: &Reader<'_>, limits: BatchLimits) -> Result<Batch> {
    let Some(epoch) = reader.fact(RESENDING)? else { return Ok(Batch::default()) };
    let sql = "SELECT id, body FROM settled
               WHERE commit_n IS NOT NULL AND body IS NOT NULL AND epoch IS NOT ?1 ORDER BY seq";
    let mut statement = reader.prepare(sql)?;
    let mut rows = statement.query([&epoch])?;
    let mut batch = Batch::default();
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let (id, body): (String, String) = (row.get(0)?, row.get(1)?);
        let group = Operation::from_body(&body)?.group;
        let together = group.is_some() && batch.operations.last().is_some_and(|last| last.group == group);
        let full = batch.operations.len() >= limits.operations || bytes + body.len() > limits.bytes;
        if full && !together && !batch.operations.is_empty() {
            break;
        }
        bytes += body.len();
        batch.operations.push(Sendable { id, group, body });
    }
    Ok(batch)
}

/// Nothing of the old history is left to give back.
pub(crate) fn end_resend(tx: &Tx<'_>) -> Result<()> {
    tx.drop_fact(RESENDING)
}

/// Whether operations of another history are being given back.
pub(crate) fn is_resending(reader: &Reader<'_>) -> Result<bool> {
    Ok(reader.fact(RESENDING)?.is_some())
}

/// The server said what it makes of an operation that it had confirmed before. What it will not have again waits for a
/// person: it was a promise once.
pub(crate) fn take_again(tx: &Tx<'_>, receipt: &Receipt) -> Result<()> {
    let Some(epoch) = tx.fact(RESENDING)? else { return Ok(()) };
    let sql = "SELECT seq, body FROM settled WHERE id = ?1 AND body IS NOT NULL AND epoch IS NOT ?2";
    let found: Option<(i64, String)> =
        tx.one(sql, (&receipt.id, &epoch), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some((seq, body)) = found else { return Ok(()) };
    if content_hash(&body) != receipt.hash {
        // Meanwhile a copy of this file was there with other content under the same id.
        bring_back(tx, seq, &body)?;
        return match super::entry(tx, &receipt.id)? {
            Some(entry) => park::park(tx, &entry, Refusal::known("id_reused")),
            None => Ok(()),
        };
    }
    match receipt.outcome {
        Outcome::Applied | Outcome::Merged | Outcome::Conflict => {
            let sql = "UPDATE settled SET epoch = ?2, commit_n = ?3 WHERE seq = ?1";
            tx.execute(sql, (seq, &epoch, receipt.n))?;
        }
        Outcome::Rejected | Outcome::Voided | Outcome::Held => {
            let code = receipt.code.as_deref().unwrap_or("lost_in_restore");
            bring_back(tx, seq, &body)?;
            if let Some(entry) = super::entry(tx, &receipt.id)? {
                park::park(tx, &entry, Refusal { field: receipt.field.clone(), ..Refusal::known(code) })?;
            }
        }
    }
    Ok(())
}

/// From the settled back into the queue, under its old place. It shows over what the server will send in a moment.
fn bring_back(tx: &Tx<'_>, seq: i64, body: &str) -> Result<()> {
    let operation = Operation::from_body(body)?;
    let also = touched(tx.schema(), &operation).into_iter().nth(1).map(|(_, parent)| parent);
    tx.execute("DELETE FROM settled WHERE seq = ?1", [seq])?;
    let sql = "INSERT INTO outbox (seq, id, grp, tbl, row_id, also_id, kind, actor, lane, state, body)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10)";
    tx.execute(
        sql,
        rusqlite::params![
            seq,
            operation.id,
            operation.group,
            operation.table,
            operation.row,
            also,
            operation.kind.word(),
            operation.actor,
            State::Frozen,
            body,
        ],
    )?;
    tx.note_queue(1, 0);
    Ok(())
}
