//! Receipts: what the server made of an operation, and when its effect may leave the overlay.

use super::moves::{count, leave, note_status, set_state, voided_by};
use super::operation::{Kind, State};
use super::overlay::{Uncovered, base, repaint, replace_base, showing};
use super::{Entry, entry, group_of, park};
use crate::error::Result;
use crate::schema::{Row, Table, Value};
use crate::sha256;
use crate::store::{Tx, What};
use serde::{Deserialize, Serialize};

/// What the server made of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It took effect.
    Applied,
    /// It took effect but for fields that others had set later.
    Merged,
    /// It took effect but for fields that a person has to choose.
    Conflict,
    /// It did not and will not take effect.
    Rejected,
    /// What it needs did not apply; nothing is stored.
    Held,
    /// A void stands in its place: it will never take effect.
    Voided,
}

impl Outcome {
    /// It, as the wire has it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Outcome::Applied => "applied",
            Outcome::Merged => "merged",
            Outcome::Conflict => "conflict",
            Outcome::Rejected => "rejected",
            Outcome::Held => "held",
            Outcome::Voided => "voided",
        }
    }
}

/// The server's answer about one operation, for as often as it is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The operation.
    pub id: String,
    /// The hash of the content that the server judged.
    pub hash: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The commit that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<i64>,
    /// Why it was rejected: a stable code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Which field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// For a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// The hash by which receipts name content: SHA-256 of the body, in hexadecimal.
pub fn content_hash(body: &str) -> String {
    sha256::hex(&sha256::of(body.as_bytes()))
}

/// Takes in a receipt. One for content that is not this device's own, or for an operation that has an outcome
/// already, changes nothing. Gives back whether it was taken.
pub(crate) fn settle(tx: &Tx<'_>, receipt: &Receipt) -> Result<bool> {
    let Some(entry) = entry(tx, &receipt.id)? else { return Ok(false) };
    if entry.state == State::Accepted || entry.state == State::Queued {
        return Ok(false);
    }
    if content_hash(&entry.body) != receipt.hash {
        // The id is known to the server with other content: a copy of this file was there first.
        refuse(tx, &entry, &park::Refusal::known("id_reused"))?;
        return Ok(true);
    }
    let is_void = entry.kind == Kind::Void;
    match receipt.outcome {
        Outcome::Applied | Outcome::Merged | Outcome::Conflict if is_void => {
            voided(tx, &entry)?;
        }
        Outcome::Applied | Outcome::Merged | Outcome::Conflict => {
            // Without a commit nobody could say when its effect may leave: the answer is none.
            let Some(n) = receipt.n else { return Ok(false) };
            accept(tx, &entry, n)?;
        }
        Outcome::Rejected | Outcome::Voided if is_void => {
            // What it should have voided stands: that one goes on as it was, unless its own answer came first.
            end(tx, &entry, "refused")?;
            if let Some(target) = voided_by(tx, &entry)? {
                set_state(tx, &target, State::Frozen)?;
            }
        }
        Outcome::Rejected | Outcome::Voided => {
            let refusal = park::Refusal {
                code: receipt.code.clone().unwrap_or_else(|| "rejected".into()),
                field: receipt.field.clone(),
                message: receipt.message.clone(),
                known: true,
            };
            refuse(tx, &entry, &refusal)?;
        }
        Outcome::Held => {}
    }
    Ok(true)
}

/// The server will not take an operation, nor what goes with it: a person decides, or has decided that it goes.
fn refuse(tx: &Tx<'_>, entry: &Entry, refusal: &park::Refusal) -> Result<()> {
    for member in group_of(tx, entry)?.iter().rev() {
        match member.state {
            State::Accepted => {}
            State::Voiding if !park::is_wanted_back(member) => park::take_out(tx, member, "discarded")?,
            State::Queued | State::Frozen | State::Voiding | State::Parked => {
                park::park(tx, member, refusal.clone())?;
            }
        }
    }
    Ok(())
}

/// The server has it: nothing waits any more, but the effect stays until the cursor covers the commit.
fn accept(tx: &Tx<'_>, entry: &Entry, n: i64) -> Result<()> {
    let sql = "UPDATE outbox SET state = 'accepted', commit_n = ?2, code = NULL, field = NULL, message = NULL WHERE seq = ?1";
    tx.execute(sql, (entry.seq, n))?;
    count(tx, entry.state, State::Accepted);
    note_status(tx, entry.touched(tx.schema()));
    Ok(())
}

/// A void stands: the operation that it names is out, as the person wanted.
fn voided(tx: &Tx<'_>, void: &Entry) -> Result<()> {
    end(tx, void, "applied")?;
    match voided_by(tx, void)? {
        Some(target) if park::is_wanted_back(&target) => {
            park::park(tx, &target, park::Refusal::known("voided"))
        }
        Some(target) => park::take_out(tx, &target, "discarded"),
        None => Ok(()),
    }
}

/// Operations that a commit up to `?1` holds, and whose effect has not left the overlay.
const COVERED: &str = "commit_n <= ?1 AND state = 'accepted'";

/// The cursor covers every commit up to `n`: the effects of what they hold leave the overlay, in this transaction.
pub(crate) fn cover(tx: &Tx<'_>, n: i64) -> Result<()> {
    lift(tx, n)?.show(tx)
}

/// Takes what the commits up to `n` hold out of the queue. Done before their rows are absorbed, each of those is
/// written once, as it is, and not first under the operation that it is the outcome of.
pub(crate) fn lift(tx: &Tx<'_>, n: i64) -> Result<Uncovered> {
    let mut uncovered = Uncovered::default();
    let named = format!("SELECT tbl, row_id, also_id FROM outbox WHERE {COVERED}");
    let lifted: Vec<(String, String, Option<String>)> =
        tx.all(&named, [n], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    if lifted.is_empty() {
        return Ok(uncovered);
    }
    let queued: Option<i64> = tx.one("SELECT count(*) FROM outbox", [], |row| row.get(0))?;
    let all = queued == i64::try_from(lifted.len()).ok();
    for (table, id, also) in lifted {
        let Some(table) = tx.schema().table(&table) else { continue };
        uncovered.add(table.name, id);
        if let Some((onto, parent)) = table.onto.as_ref().zip(also) {
            uncovered.add(onto.table, parent);
        }
    }
    let known = format!(
        "INSERT OR REPLACE INTO settled (seq, id, tbl, row_id, body, outcome, epoch, commit_n, at)
         SELECT seq, id, tbl, row_id, body, 'applied', (SELECT value FROM facts WHERE name = 'epoch'), commit_n,
                body ->> '$.at' FROM outbox WHERE {COVERED}"
    );
    tx.execute(&known, [n])?;
    // A queue that goes as a whole goes at once, not one by one.
    match all {
        true => tx.execute("DELETE FROM outbox", [])?,
        false => tx.execute(&format!("DELETE FROM outbox WHERE {COVERED}"), [n])?,
    };
    tx.note_queue(0, 0);
    Ok(uncovered)
}

/// Forgets what the server cannot lose any more: settled up to commit `n` of an epoch. The newest is kept, so that
/// the device's counter never runs twice over the same number.
pub(crate) fn forget_safe(tx: &Tx<'_>, epoch: &str, n: i64) -> Result<()> {
    let sql = "DELETE FROM settled WHERE commit_n <= ?2 AND (epoch IS NULL OR epoch = ?1)
               AND seq < (SELECT max(seq) FROM settled)";
    tx.execute(sql, (epoch, n))?;
    Ok(())
}

/// Empties fields of a row everywhere on this device: as shown, as confirmed, and in every operation, sent or not.
/// Gives back whether there was anything left of them.
pub(crate) fn wipe(tx: &Tx<'_>, table: &'static Table, id: &str, fields: &[&'static str]) -> Result<bool> {
    let mut wiped = false;
    for entry in showing(tx, table, id)? {
        let mut operation = entry.operation()?.clone();
        if operation.row == id && fields.iter().any(|field| operation.fields.contains_key(*field)) {
            operation.keep_fields(|name| !fields.contains(&name));
            // What was never sent goes without it; what may have been sent must not change, so it goes altogether.
            if entry.state == State::Queued {
                tx.execute("UPDATE outbox SET body = ?2 WHERE seq = ?1", (entry.seq, operation.body()?))?;
            } else {
                leave(tx, &entry, "wiped", None, None)?;
            }
            wiped = true;
        }
    }
    let sql = "UPDATE settled SET body = NULL WHERE row_id = ?1 AND tbl = ?2 AND body IS NOT NULL";
    wiped |= tx.execute(sql, (id, table.name))? > 0;
    if let Some(mut base) = base(tx, table, id)? {
        empty(&mut base, fields);
        replace_base(tx, &base)?;
    }
    if let Some(mut row) =
        tx.row(table, id)?.filter(|row| fields.iter().any(|field| !row.get(field).is_null()))
    {
        empty(&mut row, fields);
        tx.put(&row, What::Updated)?;
        wiped = true;
    }
    Ok(wiped)
}

fn empty(row: &mut Row, fields: &[&'static str]) {
    for field in fields {
        row.set(field, Value::Null);
    }
}

/// Ends a void. It may have been the last that kept a second copy of its row.
fn end(tx: &Tx<'_>, void: &Entry, outcome: &str) -> Result<()> {
    leave(tx, void, outcome, None, None)?;
    match tx.schema().table(&void.table) {
        Some(table) => repaint(tx, table, &void.row, What::Status),
        None => Ok(()),
    }
}
