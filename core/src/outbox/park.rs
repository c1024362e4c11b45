//! What waits for a person: parking, retrying, editing, discarding. Nothing that was typed vanishes by itself.

use super::moves::{count, leave, note_status, set_state, voided_by};
use super::operation::{Edit, EditKind, Kind, Operation, State};
use super::overlay::{repaint, touched};
use super::write::{append, needs_of};
use super::{Author, ENTRY, Entry, Lane, entry, group_of, known};
use crate::env::derived_id;
use crate::error::{Error, NotNow, Result};
use crate::schema::{AnyJson, Json, Row, Table, Value};
use crate::store::{Reader, Tx, What};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Marks an operation whose void was sent so that a person can edit it.
const EDIT_AFTER_VOID: &str = "edit";
/// Marks an operation whose void was sent so that it goes away.
const DISCARD_AFTER_VOID: &str = "discard";
/// The code of what was parked because what it needs was discarded.
const NEED_DISCARDED: &str = "need_discarded";

/// Why an operation was not taken.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) field: Option<String>,
    pub(crate) message: Option<String>,
    /// Whether the server is known to have refused it for good; else it may still have taken effect.
    pub(crate) known: bool,
}

impl Refusal {
    pub(crate) fn known(code: &str) -> Refusal {
        Refusal { code: code.into(), field: None, message: None, known: true }
    }

    /// It could not be taken, and nobody knows whether it was.
    pub(crate) fn unknown(code: &str) -> Refusal {
        Refusal { known: false, ..Refusal::known(code) }
    }
}

/// An operation that waits for a person, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Parked {
    /// Its id.
    pub operation: String,
    /// The table of its row.
    pub table: String,
    /// Its row.
    pub id: String,
    /// What it does to it: insert, patch, delete, append.
    pub kind: String,
    /// Why it waits: a stable code.
    pub code: String,
    /// The field it is about, if one.
    pub field: Option<String>,
    /// For a person.
    pub message: String,
    /// What it wanted its fields to be, so that it can be shown and edited; of those that are sets, what should go in.
    pub wanted: HashMap<String, AnyJson>,
}

/// Everything that waits for a person, oldest first.
pub(crate) fn parked(reader: &Reader<'_>) -> Result<Vec<Parked>> {
    let sql = format!("SELECT {ENTRY} FROM outbox WHERE state = 'parked' ORDER BY seq");
    let entries = reader.all(&sql, [], Entry::read)?;
    entries
        .into_iter()
        .map(|entry| {
            let operation = entry.operation()?;
            let wanted = operation.fields.iter().map(|(name, edit)| {
                let value = match &edit.kind {
                    EditKind::To(value) => value.clone(),
                    EditKind::Elements { add, remove: _ } => Json::Array(add.clone()),
                };
                (name.clone(), AnyJson(value))
            });
            Ok(Parked {
                wanted: wanted.collect(),
                kind: operation.kind.word().into(),
                table: operation.table.clone(),
                id: operation.row.clone(),
                operation: entry.id,
                code: entry.code.unwrap_or_default(),
                field: entry.field,
                message: entry.message.unwrap_or_default(),
            })
        })
        .collect()
}

/// Sets an operation aside for a person. Its effect stays on the screen, marked as failed.
pub(crate) fn park(tx: &Tx<'_>, entry: &Entry, refusal: Refusal) -> Result<()> {
    let sql = "UPDATE outbox SET state = 'parked', refused = ?2, code = ?3, field = ?4, message = ?5 WHERE seq = ?1";
    tx.execute(sql, (entry.seq, refusal.known, refusal.code, refusal.field, refusal.message))?;
    count(tx, entry.state, State::Parked);
    note_status(tx, entry.touched(tx.schema()));
    Ok(())
}

/// Whether a person voids it to put something else in its place; else it is to go.
pub(super) fn is_wanted_back(entry: &Entry) -> bool {
    entry.code.as_deref() == Some(EDIT_AFTER_VOID)
}

/// The server cannot take this operation even alone. Whether it ever took it is not known.
pub(crate) fn park_unprocessable(tx: &Tx<'_>, id: &str) -> Result<()> {
    match entry(tx, id)? {
        Some(entry) if entry.state == State::Frozen => park(tx, &entry, Refusal::unknown("unprocessable")),
        Some(_) | None => Ok(()),
    }
}

/// An operation was sent and got no answer of its own, or was held: after as many more attempts it waits for a person.
pub(crate) fn count_unanswered(tx: &Tx<'_>, id: &str, retries: u32) -> Result<()> {
    let Some(entry) = entry(tx, id)?.filter(|entry| entry.state == State::Frozen) else { return Ok(()) };
    let sql = "UPDATE outbox SET tries = tries + 1 WHERE seq = ?1 RETURNING tries";
    let tries: Option<u32> = tx.one(sql, [entry.seq], |row| row.get(0))?;
    if tries.is_some_and(|tries| tries > retries) {
        park(tx, &entry, Refusal::unknown("unanswered"))?;
    }
    Ok(())
}

/// Lets a parked operation, and its group, try again. What the server refused goes under new ids, each naming the
/// one it stands for; what it never answered goes as it is.
pub(crate) fn revive(tx: &Tx<'_>, id: &str) -> Result<()> {
    let entry = known(tx, id)?;
    if entry.state != State::Parked {
        return Err(Error::missing("parked operation"));
    }
    for member in group_of(tx, &entry)?.iter().filter(|member| member.state == State::Parked) {
        if member.refused {
            resend_as(tx, member, member.operation()?.clone())?;
        } else {
            let sql = "UPDATE outbox SET code = NULL, field = NULL, message = NULL, tries = 0 WHERE seq = ?1";
            tx.execute(sql, [member.seq])?;
            set_state(tx, member, State::Frozen)?;
        }
    }
    Ok(())
}

/// Puts other content in a parked operation's place and sends that.
pub(crate) fn edit(tx: &Tx<'_>, id: &str, row: &Row, changes: &[(&'static str, Value)]) -> Result<()> {
    let entry = known(tx, id)?;
    if matches!(entry.kind, Kind::Delete | Kind::Void) {
        return Err(Error::missing("operation with fields"));
    }
    if !is_out(tx, &entry, EDIT_AFTER_VOID)? {
        return Err(Error::not_now(NotNow::Unanswered));
    }
    let before = entry.operation()?;
    let mut operation = before.clone();
    for (name, value) in changes {
        let field = row.table.field(name).ok_or_else(|| Error::missing("field"))?;
        let earlier = operation.fields.get(*name).cloned().unwrap_or_else(|| Edit::to(Json::Null));
        // A whole map takes the place of its entries.
        operation.keep_fields(|other| other.split_once('/').is_none_or(|(map, _)| map != *name));
        let edit = Edit { kind: EditKind::To(value.to_json(field.kind)), ..earlier };
        operation.fields.insert((*name).to_owned(), edit);
    }
    operation.needs = needs_of(tx, row.table, &operation)?;
    let also = touched(tx.schema(), &operation).into_iter().nth(1).map(|(_, parent)| parent);
    tx.execute("UPDATE outbox SET also_id = ?2 WHERE seq = ?1", (entry.seq, also))?;
    if entry.state == State::Queued {
        tx.execute("UPDATE outbox SET body = ?2 WHERE seq = ?1", (entry.seq, operation.body()?))?;
    } else {
        for member in group_of(tx, &entry)?.iter().filter(|member| member.seq != entry.seq) {
            resend_as(tx, member, member.operation()?.clone())?;
        }
        resend_as(tx, &entry, operation.clone())?;
    }
    // Another parent may be moved now than before.
    repaint_all(tx, before)?;
    repaint_all(tx, &operation)
}

/// Takes an operation, with its group, out of the queue. One that may have reached the server is voided there first,
/// and leaves when the server has answered.
pub(crate) fn discard(tx: &Tx<'_>, id: &str) -> Result<()> {
    let entry = known(tx, id)?;
    if entry.state == State::Accepted {
        return Err(Error::missing("unsent operation"));
    }
    if entry.kind == Kind::Void {
        // What it should have voided goes on as it was: if the void did arrive, that one's receipt will say so.
        leave(tx, &entry, "discarded", None, None)?;
        return match voided_by(tx, &entry)? {
            Some(target) => set_state(tx, &target, State::Frozen),
            None => Ok(()),
        };
    }
    let members = group_of(tx, &entry)?;
    let mut out = true;
    for member in &members {
        out &= is_out(tx, member, DISCARD_AFTER_VOID)?;
    }
    if out {
        for member in members.iter().rev() {
            take_out(tx, member, "discarded")?;
        }
    }
    Ok(())
}

/// Whether the operation can certainly not take effect any more. If it might, its void is queued.
fn is_out(tx: &Tx<'_>, entry: &Entry, purpose: &str) -> Result<bool> {
    match entry.state {
        State::Queued => return Ok(true),
        State::Parked if entry.refused => return Ok(true),
        State::Voiding => return Ok(false),
        State::Accepted => return Err(Error::missing("unsent operation")),
        State::Frozen | State::Parked => {}
    }
    let operation = entry.operation()?;
    let mut id = derived_id(&[&entry.id, "void"]);
    // One that was refused before was other content: a person asks again, under an id of its own.
    while settled_outcome(tx, &id)?.is_some() {
        id = derived_id(&[&id, "again"]);
    }
    let void = Operation {
        id,
        kind: Kind::Void,
        group: None,
        fields: BTreeMap::new(),
        needs: Vec::new(),
        replaces: Some(entry.id.clone()),
        ..operation.clone()
    };
    let author = Author {
        account: void.account.clone(),
        actor: void.actor.clone(),
        now: void.at,
        operation: void.id.clone(),
        group: None,
        lane: Lane::People,
    };
    tx.execute("UPDATE outbox SET code = ?2 WHERE seq = ?1", (entry.seq, purpose))?;
    set_state(tx, entry, State::Voiding)?;
    append(tx, &author, void, None)?;
    Ok(false)
}

/// Removes an operation whose outcome is that it never took effect. What needed it waits for a person.
pub(super) fn take_out(tx: &Tx<'_>, entry: &Entry, outcome: &str) -> Result<()> {
    let operation = entry.operation()?;
    leave(tx, entry, outcome, None, Some(&entry.body))?;
    let names = names_of(tx, &entry.id)?;
    for dependent in tx.all(&format!("SELECT {ENTRY} FROM outbox ORDER BY seq"), [], Entry::read)? {
        let needs =
            |entry: &Entry| Ok::<_, Error>(entry.needs()?.iter().any(|needed| names.contains(needed)));
        if !matches!(dependent.state, State::Queued | State::Frozen) || !needs(&dependent)? {
            continue;
        }
        for member in group_of(tx, &dependent)? {
            // A frozen one was held by the server, or never arrived: it has to be voided like any other.
            let known = member.state == State::Queued;
            if matches!(member.state, State::Queued | State::Frozen) {
                park(tx, &member, Refusal { known, ..Refusal::known(NEED_DISCARDED) })?;
            }
        }
    }
    repaint_all(tx, operation)
}

/// Every id that an operation was ever known by: its own, and those that it was sent instead of.
fn names_of(reader: &Reader<'_>, id: &str) -> Result<Vec<String>> {
    let mut names = vec![id.to_owned()];
    let sql = "SELECT id FROM settled WHERE outcome = ?1";
    while let Some(last) = names.last()
        && let Some(earlier) = reader.one(sql, [format!("replaced:{last}")], |row| row.get(0))?
    {
        names.push(earlier);
    }
    Ok(names)
}

/// Sends content under an id that follows from the refused one, so that two copies of a file meet at one receipt.
fn resend_as(tx: &Tx<'_>, entry: &Entry, mut operation: Operation) -> Result<()> {
    let old = std::mem::replace(&mut operation.id, derived_id(&[&entry.id, "again"]));
    operation.group = operation.group.map(|group| derived_id(&[&group, "again"]));
    let mut needs = Vec::new();
    for needed in operation.needs {
        // What was discarded is needed no more; what was sent again is needed under its new id.
        match settled_outcome(tx, &needed)?.as_deref() {
            Some("discarded") => {}
            Some(_) | None => needs.push(standing(tx, &needed)?.map_or(needed, |entry| entry.id)),
        }
    }
    operation.needs = needs;
    operation.replaces = Some(old.clone());
    let sql = "UPDATE outbox SET id = ?2, grp = ?3, body = ?4, state = 'queued', refused = 0, tries = 0,
               code = NULL, field = NULL, message = NULL WHERE seq = ?1";
    tx.execute(sql, (entry.seq, &operation.id, &operation.group, operation.body()?))?;
    let sql = "INSERT OR REPLACE INTO settled (seq, id, tbl, row_id, outcome, at)
               VALUES ((SELECT min(0, coalesce(min(seq), 0)) - 1 FROM settled), ?1, ?2, ?3, ?4, ?5)";
    let outcome = format!("replaced:{}", operation.id);
    tx.execute(sql, (old, &operation.table, &operation.row, outcome, operation.at))?;
    count(tx, entry.state, State::Queued);
    note_status(tx, touched(tx.schema(), &operation));
    Ok(())
}

fn settled_outcome(reader: &Reader<'_>, id: &str) -> Result<Option<String>> {
    reader.one("SELECT outcome FROM settled WHERE id = ?1", [id], |row| row.get(0))
}

/// The operation that now stands for an id: itself, or what was sent instead of it.
pub(super) fn standing(reader: &Reader<'_>, id: &str) -> Result<Option<Entry>> {
    let mut id = id.to_owned();
    loop {
        if let Some(found) = entry(reader, &id)? {
            return Ok(Some(found));
        }
        match settled_outcome(reader, &id)?.as_deref().and_then(|outcome| outcome.strip_prefix("replaced:")) {
            Some(next) => id = next.to_owned(),
            None => return Ok(None),
        }
    }
}

fn repaint_all(tx: &Tx<'_>, operation: &Operation) -> Result<()> {
    for (table, id) in touched(tx.schema(), operation) {
        if let Some(table) = tx.schema().table(table) {
            let table: &'static Table = table;
            repaint(tx, table, &id, What::Updated)?;
        }
    }
    Ok(())
}
