//! Bugs to plant, so that the checks can show that they bite. Each is done from outside, to an answer on its way or to
//! a file at rest, the way the bug would.

#![allow(clippy::wildcard_enum_match_arm, reason = "each place is about a few of the bugs")]

use super::backend::Backend;
use super::net::Reply;
use crate::snapshots::{Parcel, hash};
use counterpart_core::outbox::{Operation, content_hash};
use counterpart_core::schema::{Json, Schema};
use counterpart_core::sync::Call;
use counterpart_core::sync::wire::{Cursor, PullAnswer, PushAnswer, PushRequest, TableRows};
use rusqlite::{Connection, Result};
use serde_json::value::RawValue;
use std::path::Path;

/// A planted bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// What changed is asked for by time, not by commit.
    CursorByTimestamp,
    /// Some receipts never come.
    ReceiptLost,
    /// The answer to a push brings its rows and moves the cursor.
    ReceiptWithRows,
    /// What was sent is added to as if it had not been.
    SentIsCoalesced,
    /// All fields of an operation have the newest of their bases.
    BasePerOperation,
    /// What comes with a pull shows over what waits.
    PullClobbers,
    /// Rows outside a window are left out of pulls.
    WindowOnPulls,
    /// A range brings rows that were deleted since it was read.
    RangeOverTombstone,
    /// The server forgets that it judged an operation.
    ReceiptForgotten,
    /// The receipt for what a copy of the file sent under the same id is taken.
    ReceiptOfCopy,
    /// An answer from before a restore is taken for one from after it.
    AnswerOfOtherEpoch,
    /// A deadlock is stored as the outcome of an operation.
    DeadlockStored,
    /// The first page of a catch-up is shown as if it were all of it.
    HalfShown,
    /// Rows that the server has no more stay through a reset.
    RowsKept,
    /// A restored server lends numbers that it lent before.
    NumbersTwice,
    /// Tries are counted without a network.
    RetriesOffline,
    /// The server forgets that a row was deleted.
    TombstoneForgotten,
    /// A snapshot says that it holds one commit more than it does.
    SnapshotAhead,
}

fn is_chosen(id: &str) -> bool {
    id.ends_with('7') || id.ends_with('c')
}

impl Sabotage {
    /// All of them.
    pub const ALL: &'static [Sabotage] = &[
        Sabotage::CursorByTimestamp,
        Sabotage::ReceiptLost,
        Sabotage::ReceiptWithRows,
        Sabotage::SentIsCoalesced,
        Sabotage::BasePerOperation,
        Sabotage::PullClobbers,
        Sabotage::WindowOnPulls,
        Sabotage::RangeOverTombstone,
        Sabotage::ReceiptForgotten,
        Sabotage::ReceiptOfCopy,
        Sabotage::AnswerOfOtherEpoch,
        Sabotage::DeadlockStored,
        Sabotage::HalfShown,
        Sabotage::RowsKept,
        Sabotage::NumbersTwice,
        Sabotage::RetriesOffline,
        Sabotage::TombstoneForgotten,
        Sabotage::SnapshotAhead,
    ];

    /// After the server took a push in.
    pub(super) fn after_push(self, ledger: &Path) -> Result<()> {
        let sql = match self {
            Sabotage::ReceiptForgotten => "DELETE FROM receipts WHERE op LIKE '%7' OR op LIKE '%c'",
            Sabotage::DeadlockStored => {
                "UPDATE receipts SET outcome = 'rejected', code = '40P01' WHERE op LIKE '%7' OR op LIKE '%c'"
            }
            Sabotage::TombstoneForgotten => "DELETE FROM ledger_rows WHERE deleted",
            _ => return Ok(()),
        };
        Connection::open(ledger)?.execute(sql, []).map(drop)
    }

    /// While a device does nothing.
    pub(super) fn at_rest(self, file: &Path, online: bool, schema: &'static Schema) -> Result<()> {
        match self {
            Sabotage::SentIsCoalesced => {
                let sql = "UPDATE outbox SET state = 'queued' WHERE state = 'frozen' AND grp IS NULL";
                Connection::open(file)?.execute(sql, []).map(drop)
            }
            Sabotage::RetriesOffline if !online => {
                let sql = "UPDATE outbox SET tries = tries + 1 WHERE state IN ('queued', 'frozen')";
                Connection::open(file)?.execute(sql, []).map(drop)
            }
            Sabotage::BasePerOperation => one_base(&Connection::open(file)?),
            Sabotage::PullClobbers => clobber(&Connection::open(file)?),
            Sabotage::RowsKept => keep_rows(&Connection::open(file)?, schema),
            _ => Ok(()),
        }
    }

    /// An answer leaves the server. Gives back one more that the bug makes of it.
    pub(super) fn on_answer(self, reply: &mut Reply, call: &Call, backend: &Backend) -> Option<Reply> {
        match (self, reply, call) {
            (Sabotage::CursorByTimestamp, Reply::Pull(Ok(answer)), _) => by_time(answer, backend),
            (Sabotage::WindowOnPulls, Reply::Pull(Ok(answer)), _) => {
                keep(answer, |row| row["closed_at"].is_null());
            }
            (Sabotage::HalfShown, Reply::Pull(Ok(answer)), _) => answer.next = None,
            (Sabotage::ReceiptLost, Reply::Push(Ok(answer)), _) => {
                answer.receipts.retain(|receipt| !is_chosen(&receipt.id));
            }
            (Sabotage::ReceiptLost, Reply::Pull(Ok(answer)), _) => {
                answer.receipts.retain(|receipt| !is_chosen(&receipt.id));
            }
            (Sabotage::ReceiptWithRows, Reply::Push(Ok(answer)), Call::Push(request)) => {
                return with_rows(answer, request, backend).map(|pull| Reply::Pull(Ok(pull)));
            }
            (Sabotage::ReceiptOfCopy, Reply::Push(Ok(answer)), Call::Push(request)) => {
                as_if_own(answer, request)
            }
            (Sabotage::RangeOverTombstone, Reply::Range(Ok(answer)), _) => {
                for (key, body) in backend.history.last_words() {
                    if let Ok(row) = RawValue::from_string(body.to_owned()) {
                        answer.rows.push(TableRows { table: key.0.clone(), rows: vec![row] });
                    }
                }
            }
            (Sabotage::SnapshotAhead, Reply::Snapshot(Ok(parcel)), _) => {
                // Where there is no later commit yet it is what it says.
                ahead(parcel, backend);
            }
            (Sabotage::NumbersTwice, Reply::Open(Ok(answer)), _) => {
                // None before, so that every device uses the block that it is lent then.
                answer.lease = backend.was_restored().then_some((500_000, 500_099));
            }
            _ => {}
        }
        None
    }

    /// A push that is answered by what was said about it before the server was restored, and never arrives.
    pub(super) fn instead(
        self,
        call: &Call,
        before: &mut Vec<PushAnswer>,
        backend: &Backend,
    ) -> Option<Reply> {
        let (Sabotage::AnswerOfOtherEpoch, Call::Push(request)) = (self, call) else { return None };
        let epoch = backend.cursor().ok()?.epoch;
        let told = |answer: &&PushAnswer| {
            let named = |id: &str| request.ops.iter().any(|raw| raw.get().contains(id));
            answer.epoch != epoch && answer.receipts.iter().any(|receipt| named(&receipt.id))
        };
        let answer = before.remove(before.iter().position(|answer| told(&answer))?);
        Some(Reply::Push(Ok(PushAnswer { epoch, ..answer })))
    }

    /// Whether only a restored server shows it.
    pub(super) fn needs_a_restore(self) -> bool {
        matches!(self, Sabotage::AnswerOfOtherEpoch | Sabotage::RowsKept | Sabotage::NumbersTwice)
    }
}

fn keep(answer: &mut PullAnswer, stays: impl Fn(&Json) -> bool) {
    for rows in &mut answer.rows {
        rows.rows.retain(|raw| serde_json::from_str(raw.get()).is_ok_and(|row: Json| stays(&row)));
    }
}

/// Only what was changed, by the clock of whoever changed it, since the cursor's commit.
fn by_time(answer: &mut PullAnswer, backend: &Backend) {
    let sql = "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') FROM commits
               WHERE shop = 'shop' AND n = ?1";
    let since = backend
        .peek()
        .ok()
        .and_then(|peek| peek.query_row(sql, [answer.since.n], |row| row.get::<_, String>(0)).ok());
    if let Some(since) = since {
        keep(answer, |row| row["updated_at"].as_str().is_some_and(|at| at >= since.as_str()));
    }
}

fn with_rows(answer: &PushAnswer, request: &PushRequest, backend: &Backend) -> Option<PullAnswer> {
    let (peek, head) = (backend.peek().ok()?, backend.cursor().ok()?);
    let tag = "SELECT tag FROM commits WHERE shop = 'shop' AND n = ?1";
    let tag = peek.query_row(tag, [request.acked], |row| row.get(0)).ok()?;
    let since = Cursor { epoch: request.epoch.clone(), n: request.acked, tag };
    let mut rows =
        peek.prepare("SELECT tbl, body FROM ledger_rows WHERE shop = 'shop' AND stamp = ?1").ok()?;
    let rows = rows
        .query_map([head.n], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
        .ok()?
        .filter_map(|found| {
            let (table, body) = found.ok()?;
            Some(TableRows { table, rows: vec![RawValue::from_string(body).ok()?] })
        })
        .collect();
    let receipts = answer.receipts.clone();
    Some(PullAnswer { since, head, rows, receipts, ..PullAnswer::default() })
}

fn as_if_own(answer: &mut PushAnswer, request: &PushRequest) {
    for raw in &request.ops {
        let Ok(operation) = serde_json::from_str::<Operation>(raw.get()) else { continue };
        for receipt in answer.receipts.iter_mut().filter(|receipt| receipt.id == operation.id) {
            receipt.hash = content_hash(raw.get());
        }
    }
}

/// The file says that it is of the commit after its own.
fn ahead(parcel: &mut Parcel, backend: &Backend) -> Option<()> {
    let head = &mut parcel.answer.head;
    let tag = "SELECT tag FROM commits WHERE shop = 'shop' AND n = ?1";
    head.tag = backend.peek().ok()?.query_row(tag, [head.n + 1], |row| row.get(0)).ok()?;
    head.n += 1;
    let path = backend.path().with_extension("ahead");
    std::fs::write(&path, &parcel.file).ok()?;
    let says = "UPDATE facts SET value = ?1 WHERE name = 'snapshot_head'";
    Connection::open(&path).ok()?.execute(says, [serde_json::to_string(head).ok()?]).ok()?;
    parcel.file = std::fs::read(&path).ok()?;
    (parcel.answer.bytes, parcel.answer.sha256) = (parcel.file.len() as u64, hash(&parcel.file));
    Some(())
}

/// Every queued operation has one base for all its fields: the row's newest.
fn one_base(file: &Connection) -> Result<()> {
    let sql = "SELECT seq, o.body, coalesce(b.body ->> '$.stamp', 0) FROM outbox o
               LEFT JOIN base_rows b ON b.row_id = o.row_id AND b.tbl = o.tbl WHERE state = 'queued'";
    let mut queued = file.prepare(sql)?;
    let queued: Vec<(i64, String, i64)> =
        queued.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<Result<_>>()?;
    for (seq, body, row) in queued {
        let Ok(mut operation) = serde_json::from_str::<Operation>(&body) else { continue };
        let newest = operation.fields.values().map(|edit| edit.on).max().unwrap_or(0).max(row);
        operation.fields.values_mut().for_each(|edit| edit.on = newest);
        if let Ok(body) = serde_json::to_string(&operation) {
            file.execute("UPDATE outbox SET body = ?2 WHERE seq = ?1", (seq, body))?;
        }
    }
    Ok(())
}

/// What the server confirmed shows, whatever waits.
fn clobber(file: &Connection) -> Result<()> {
    let sql = "SELECT o.tbl, o.row_id, f.key, b.body ->> ('$.' || f.key)
               FROM outbox o, json_each(o.body, '$.fields') f, base_rows b
               WHERE b.row_id = o.row_id AND b.tbl = o.tbl AND o.kind = 'patch' AND f.key NOT LIKE '%/%'";
    let mut found = file.prepare(sql)?;
    let found: Vec<(String, String, String, rusqlite::types::Value)> = found
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<Result<_>>()?;
    for (table, id, field, value) in found {
        let sql = format!("UPDATE {table} SET \"{field}\" = ?2 WHERE id = ?1");
        // A time has another shape in its column; it stays.
        if file.execute(&sql, (id, value)).is_err() {
            continue;
        }
    }
    Ok(())
}

/// What was here once comes back when it is gone.
fn keep_rows(file: &Connection, schema: &'static Schema) -> Result<()> {
    for table in schema.all_tables() {
        let name = table.name;
        file.execute_batch(&format!(
            "CREATE TABLE IF NOT EXISTS kept_{name} AS SELECT * FROM {name} WHERE false;
             INSERT OR IGNORE INTO {name} SELECT * FROM kept_{name}
               WHERE id NOT IN (SELECT id FROM {name}) AND id NOT IN (SELECT row_id FROM outbox);
             DELETE FROM kept_{name};
             INSERT INTO kept_{name} SELECT * FROM {name} WHERE stamp > 0;"
        ))?;
    }
    Ok(())
}
