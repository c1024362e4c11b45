//! Work on what this account may not see any more: nobody reads it here, it is sent once, and then only its outcome
//! is left.

use super::moves::leave;
use super::operation::State;
use super::overlay::repaint;
use super::settle::Receipt;
use super::{Batch, BatchLimits, ENTRY, Entry, Sendable};
use crate::env::Env;
use crate::error::Result;
use crate::few;
use crate::seal::{self, Key};
use crate::store::{Reader, Tx, What};
use std::collections::BTreeSet;

/// Takes every operation on lost rows out of the queue, with what goes together with it. What may still have to be sent
/// is sealed; of the rest the outcome stays, as of everything that was settled there.
pub(crate) fn seal_lost(
    tx: &Tx<'_>,
    (env, key): (&Env, &Key),
    lost: impl Fn(&str, &str) -> bool,
) -> Result<()> {
    let queue = tx.all(&format!("SELECT {ENTRY} FROM outbox ORDER BY seq"), [], Entry::read)?;
    let with_rows = |entry: Entry| {
        let rows = entry.touched(tx.schema());
        (entry, rows)
    };
    let queue: Vec<_> = queue.into_iter().map(with_rows).collect();
    let is_lost = |rows: &[(&str, String)]| rows.first().is_some_and(|(table, row)| lost(table, row));
    let gone = queue.iter().filter(|(_, rows)| is_lost(rows));
    let groups: BTreeSet<&str> = few::filled(gone.filter_map(|(entry, _)| entry.group.as_deref()));
    let goes = |(entry, rows): &&(Entry, Vec<(&str, String)>)| {
        is_lost(rows) || entry.group.as_deref().is_some_and(|group| groups.contains(group))
    };
    let mut shown = BTreeSet::new();
    for (entry, rows) in queue.iter().filter(goes) {
        match entry.state {
            State::Queued | State::Frozen => seal_one(tx, env, key, entry)?,
            State::Accepted => {
                let n =
                    tx.one("SELECT commit_n FROM outbox WHERE seq = ?1", [entry.seq], |row| row.get(0))?;
                leave(tx, entry, "applied", n, None)?;
            }
            State::Parked => leave(tx, entry, "refused", None, None)?,
            State::Voiding => leave(tx, entry, "discarded", None, None)?,
        }
        shown.extend(rows.iter().cloned());
    }
    for (table, row) in shown {
        let Some(table) = tx.schema().table(table) else { continue };
        if lost(table.name, &row) {
            tx.execute("DELETE FROM base_rows WHERE row_id = ?1 AND tbl = ?2", (&row, table.name))?;
        } else {
            repaint(tx, table, &row, What::Updated)?;
        }
    }
    forget_settled(tx, lost)
}

/// The id stays readable, so that a receipt finds it, and the row's, so that nobody takes its work for done.
fn seal_one(tx: &Tx<'_>, env: &Env, key: &Key, entry: &Entry) -> Result<()> {
    let body = seal::seal(env, key, entry.body.as_bytes(), &entry.id)?;
    let sql = "INSERT INTO sealed (seq, id, grp, tbl, row_id, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    tx.execute(sql, (entry.seq, &entry.id, &entry.group, &entry.table, &entry.row, body))?;
    tx.execute("DELETE FROM outbox WHERE seq = ?1", [entry.seq])?;
    // It still has no outcome: the count of what waits stays as it is.
    tx.note_queue(0, 0);
    Ok(())
}

fn forget_settled(tx: &Tx<'_>, lost: impl Fn(&str, &str) -> bool) -> Result<()> {
    let sql = "SELECT DISTINCT tbl, row_id FROM settled WHERE body IS NOT NULL";
    let rows: Vec<(String, String)> = tx.all(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (table, row) in rows.iter().filter(|(table, row)| lost(table, row)) {
        tx.execute("UPDATE settled SET body = NULL WHERE tbl = ?1 AND row_id = ?2", (table, row))?;
    }
    Ok(())
}

/// Whether there is any.
pub(crate) fn has_sealed(reader: &Reader<'_>) -> Result<bool> {
    Ok(reader.one("SELECT 1 FROM sealed LIMIT 1", [], |_| Ok(()))?.is_some())
}

/// The next sealed operations, as they were frozen, in order, groups whole.
pub(crate) fn next_sealed(reader: &Reader<'_>, key: &Key, limits: BatchLimits) -> Result<Batch> {
    let mut statement = reader.prepare("SELECT id, grp, body FROM sealed ORDER BY seq")?;
    let mut rows = statement.query([])?;
    let mut batch = Batch::default();
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let (id, group, sealed): (String, Option<String>, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let opened = seal::open(key, &sealed, &id);
        let Some(body) = opened.and_then(|plain| String::from_utf8(plain.to_vec()).ok()) else { continue };
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

/// The server said what it makes of a sealed operation: it was sent, and that was once. Whether there was one.
pub(crate) fn take_sealed(tx: &Tx<'_>, receipt: &Receipt, now: i64) -> Result<bool> {
    erase_sealed(tx, &receipt.id, receipt.outcome.word(), receipt.n, now)
}

/// Nobody can send these any more: they were sealed with a key that did not come along.
pub(crate) fn erase_unreadable(tx: &Tx<'_>, now: i64) -> Result<()> {
    for id in tx.all("SELECT id FROM sealed ORDER BY seq", [], |row| row.get::<_, String>(0))? {
        erase_sealed(tx, &id, "unreadable", None, now)?;
    }
    Ok(())
}

/// Erases a sealed operation and keeps its outcome. Whether there was one.
pub(crate) fn erase_sealed(
    tx: &Tx<'_>,
    id: &str,
    outcome: &str,
    commit: Option<i64>,
    now: i64,
) -> Result<bool> {
    let sql = "INSERT OR REPLACE INTO settled (seq, id, tbl, row_id, outcome, epoch, commit_n, at)
               SELECT seq, id, tbl, row_id, ?2, (SELECT value FROM facts WHERE name = 'epoch'), ?3, ?4
               FROM sealed WHERE id = ?1";
    let found = tx.execute(sql, (id, outcome, commit, now))? > 0;
    if found {
        tx.execute("DELETE FROM sealed WHERE id = ?1", [id])?;
        tx.note_queue(-1, 0);
    }
    Ok(found)
}
