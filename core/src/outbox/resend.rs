//! After a server was restored from a backup: what it had confirmed and may have lost is given back to it.
//!
//! What it will not have again stays among the settled until its own rows are here, in the transaction that shows those:
//! the rows of before hold its effect, and over them it would show twice.

use super::moves::count;
use super::operation::{Kind, State};
use super::overlay::{keep_base, repaint, touched};
use super::park::{self, Refusal};
use super::settle::{Outcome, Receipt, content_hash};
use super::{Batch, BatchLimits, ENTRY, Entry, Operation, Sendable};
use crate::error::Result;
use crate::store::{Reader, Tx, What};

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
    // The server of this history is asked again.
    tx.execute("DELETE FROM taken_back", [])?;
    tx.set_fact(RESENDING, epoch)
}

/// The next settled operations of another history, in order, groups whole. They do not show meanwhile.
pub(crate) fn next_resend(reader: &Reader<'_>, limits: BatchLimits) -> Result<Batch> {
    let Some(epoch) = reader.fact(RESENDING)? else { return Ok(Batch::default()) };
    let sql = "SELECT id, body FROM settled
               WHERE commit_n IS NOT NULL AND body IS NOT NULL AND epoch IS NOT ?1
                 AND seq NOT IN (SELECT seq FROM taken_back) ORDER BY seq";
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

/// The server said what it makes of an operation that it had confirmed before. What it will not have again is put aside:
/// whether this was such a one.
pub(crate) fn take_again(tx: &Tx<'_>, receipt: &Receipt) -> Result<bool> {
    let Some(epoch) = tx.fact(RESENDING)? else { return Ok(false) };
    let sql = "SELECT seq, body FROM settled WHERE id = ?1 AND body IS NOT NULL AND epoch IS NOT ?2";
    let found: Option<(i64, String)> =
        tx.one(sql, (&receipt.id, &epoch), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some((seq, body)) = found else { return Ok(false) };
    let (code, field) = match receipt.outcome {
        // Meanwhile a copy of this file was there with other content under the same id.
        _ if content_hash(&body) != receipt.hash => ("id_reused", None),
        Outcome::Applied | Outcome::Merged | Outcome::Conflict => {
            confirm(tx, seq, &epoch, receipt.n)?;
            return Ok(false);
        }
        Outcome::Rejected | Outcome::Voided | Outcome::Held => {
            (receipt.code.as_deref().unwrap_or("lost_in_restore"), receipt.field.as_ref())
        }
    };
    let sql = "INSERT OR IGNORE INTO taken_back (seq, code, field) VALUES (?1, ?2, ?3)";
    tx.execute(sql, (seq, code, field))?;
    Ok(true)
}

fn confirm(tx: &Tx<'_>, seq: i64, epoch: &str, n: Option<i64>) -> Result<()> {
    tx.execute("UPDATE settled SET epoch = ?2, commit_n = ?3 WHERE seq = ?1", (seq, epoch, n))?;
    Ok(())
}

/// The rows of the server that there is now are here, and what it will not have again waits for a person: it was a
/// promise once.
pub(crate) fn bring_back(tx: &Tx<'_>) -> Result<()> {
    let sql = "SELECT seq, body, code, field FROM taken_back JOIN settled USING (seq)
               WHERE body IS NOT NULL ORDER BY seq";
    let taken: Vec<(i64, String, String, Option<String>)> =
        tx.all(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    for (seq, body, code, field) in taken {
        let operation = Operation::from_body(&body)?;
        let mut rows = Vec::new();
        for (table, id) in touched(tx.schema(), &operation) {
            if let Some(table) = tx.schema().table(table) {
                rows.push((table, tx.row(table, &id)?, id));
            }
        }
        let own = rows.first().and_then(|(_, row, _)| row.as_ref()).map(|row| row.meta.stamp);
        if operation.kind == Kind::Append
            && let Some(stamp) = own.filter(|stamp| *stamp > 0)
        {
            // An appended row that is there is the proof that it took effect, whoever sent it.
            confirm(tx, seq, &tx.fact("epoch")?.unwrap_or_default(), Some(stamp))?;
            continue;
        }
        rows.iter().filter_map(|(_, row, _)| row.as_ref()).try_for_each(|row| keep_base(tx, row))?;
        let also = rows.get(1).map(|(_, _, parent)| parent.as_str());
        queue_again(tx, seq, &operation, also, &body)?;
        if let Some(entry) = super::entry(tx, &operation.id)? {
            park::park(tx, &entry, Refusal { field, ..Refusal::known(&code) })?;
        }
        rows.iter().try_for_each(|(table, _, id)| repaint(tx, table, id, What::Updated))?;
    }
    tx.execute("DELETE FROM taken_back", [])?;
    Ok(())
}

/// From the settled back into the queue, under its old place.
fn queue_again(tx: &Tx<'_>, seq: i64, operation: &Operation, also: Option<&str>, body: &str) -> Result<()> {
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
