//! A person's change: the row and its operation, in one transaction.

use super::operation::{Edit, EditKind, Kind, Operation, State, edits_between};
use super::overlay::{due_for_search, grown_for_search, keep_base, parent_of, showing};
use super::{ENTRY, Entry};
use crate::error::{Error, Result};
use crate::few;
use crate::schema::{Field, Invalid, Json, Row, Rule, Table, Value};
use crate::store::{Tx, What};
use std::collections::{BTreeMap, BTreeSet};

/// What an operation belongs to: people's work is sent before imports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lane {
    /// A person's work.
    #[default]
    People,
    /// Moved in from another system.
    Import,
}

/// Who writes, when, and with what it goes together.
#[derive(Clone, Debug)]
pub struct Author {
    /// The signed-in account.
    pub account: String,
    /// Whose work it is.
    pub actor: Option<String>,
    /// The wall clock, in milliseconds.
    pub now: i64,
    /// The id that the operation gets.
    pub operation: String,
    /// The group that it belongs to.
    pub group: Option<String>,
    /// Its lane.
    pub lane: Lane,
}

/// Adds a row, to any table.
pub(crate) fn insert(tx: &Tx<'_>, author: &Author, mut row: Row) -> Result<()> {
    let table = row.table;
    let before = tx.row(table, &row.id)?;
    let under = match &before {
        Some(before) if before.is_deleted() => {
            // Made again over its tombstone: it is the same row, revived.
            keep_base(tx, before)?;
            row.meta = before.meta.clone();
            before.clone()
        }
        Some(before) if table.append_only && before.values == row.values => return Ok(()),
        Some(_) => return Err(Invalid::field("id", Rule::Of("id_taken")).of(table.name).into()),
        None => Row::blank(table, &row.id),
    };
    let mut fields = BTreeMap::new();
    for (at, field) in table.fields.iter().enumerate() {
        let Some((value, old)) = row.values.get_mut(at).zip(under.values.get(at)) else { continue };
        if field.is_kept_by_events() {
            value.clone_from(old);
        } else if !value.is_null() || !old.is_null() {
            fields.insert(field.name.to_owned(), Edit::to(value.to_json(field.kind)));
        }
    }
    let kind = if table.append_only { Kind::Append } else { Kind::Insert };
    let mut operation = draft(author, &row, kind, fields, needs(tx, &row, table.fields.iter())?);
    operation.apply(&mut row)?;
    if before.is_some() {
        due_for_search(tx, table, &row.id)?;
    }
    tx.put(&row, What::Created)?;
    let moved = moved_parent(tx, &row, &operation)?;
    if let Some(parent) = &moved {
        operation.on = parent.seen;
    }
    append(tx, author, operation, moved.as_ref().map(|parent| parent.id.as_str()))
}

/// Changes fields of a row. `before` is the row as shown, `seen` the row as the person began on it, and the changes are
/// [`whole_changes`]. Gives back whether anything changed.
pub(crate) fn patch(
    tx: &Tx<'_>,
    author: &Author,
    before: &Row,
    seen: &Row,
    changes: &[(&'static Field, Value)],
) -> Result<bool> {
    let showing = showing(tx, before.table, &before.id)?;
    let earlier = operations(&showing)?;
    let mut fields = BTreeMap::new();
    let mut shown = Vec::new();
    for (field, to) in changes {
        let mut value = before.get(field.name).clone();
        for (name, kind, was) in edits_between(field, seen.get(field.name), to) {
            let mut edit = Edit { kind, was, on: seen.meta.stamp, at: 0 };
            // What still shows there is this device's own: the edit stands on what lay under the oldest of it.
            let mut own = earlier.iter().rev().filter(|operation| operation.table == before.table.name);
            if let Some(under) = own.find_map(|operation| operation.fields.get(&name)) {
                (edit.was, edit.on) = (under.was.clone(), under.on);
            }
            value = edit.apply(field, name.split_once('/').map(|(_, entry)| entry), &value)?;
            fields.insert(name, edit);
        }
        shown.push((*field, value));
    }
    if shown.iter().all(|(field, value)| before.get(field.name) == value) {
        return Ok(false);
    }
    if showing.is_empty() {
        keep_base(tx, before)?;
    }
    let changes = shown;
    let mut row = before.clone();
    (row.meta.updated_at, row.meta.updated_by) =
        (crate::schema::time_from_ms(author.now), author.actor.clone());
    for (field, value) in &changes {
        row.set(field.name, value.clone());
    }
    tx.set(&row, &changes)?;
    let needs = needs(tx, &row, changes.iter().map(|(field, _)| *field))?;
    if let Some((entry, last)) = showing.last().zip(earlier.last())
        && may_grow(tx, author, before, entry, last, &needs)?
    {
        grow(tx, before.table, entry, (*last).clone(), fields, needs, author)?;
        grown_for_search(tx, before.table, &before.id, entry.seq)?;
        return Ok(true);
    }
    append(tx, author, draft(author, before, Kind::Patch, fields, needs), None)?;
    Ok(true)
}

/// Sets one more field of a row whose insert was never sent, as if it had been there from the start.
pub(crate) fn complete_insert(tx: &Tx<'_>, row: &Row, name: &'static str, value: Value) -> Result<()> {
    let sql =
        format!("SELECT {ENTRY} FROM outbox WHERE row_id = ?1 AND kind = 'insert' AND state = 'queued'");
    let Some(entry) = tx.one(&sql, [&row.id], Entry::read)? else { return Ok(()) };
    let field = row.table.field(name).ok_or_else(|| Error::missing("field"))?;
    let mut operation = entry.operation()?.clone();
    operation.fields.insert(name.to_owned(), Edit::to(value.to_json(field.kind)));
    tx.execute("UPDATE outbox SET body = ?2 WHERE seq = ?1", (entry.seq, operation.body()?))?;
    due_for_search(tx, row.table, &row.id)?;
    tx.set(row, &[(field, value)])
}

/// Deletes a row.
pub(crate) fn delete(tx: &Tx<'_>, author: &Author, before: &Row) -> Result<()> {
    keep_base(tx, before)?;
    let mut row = before.clone();
    let operation = draft(author, before, Kind::Delete, BTreeMap::new(), Vec::new());
    operation.apply(&mut row)?;
    tx.put(&row, What::Deleted)?;
    append(tx, author, operation, None)
}

fn operations(entries: &[Entry]) -> Result<Vec<&Operation>> {
    entries.iter().map(Entry::operation).collect()
}

/// The fields that really change. One of a joint brings the others along, as the person asked for them or saw them: who
/// moves the start of a slot means the end that stood beside it, not one that came from elsewhere meanwhile.
pub(crate) fn whole_changes(
    before: &Row,
    seen: &Row,
    asked: &[(&'static Field, Value)],
) -> Vec<(&'static Field, Value)> {
    let same =
        |field: &Field, value: &Value| seen.get(field.name) == value || before.get(field.name) == value;
    let mut changes: Vec<_> = asked.iter().filter(|(field, value)| !same(field, value)).cloned().collect();
    for field in before.table.fields {
        let joined = field.joint.is_some() && changes.iter().any(|(other, _)| other.joint == field.joint);
        if joined && !changes.iter().any(|(other, _)| other.name == field.name) {
            let named = asked.iter().find(|(other, _)| other.name == field.name).map(|(_, value)| value);
            changes.push((field, named.unwrap_or_else(|| seen.get(field.name)).clone()));
        }
    }
    changes
}

fn draft(
    author: &Author,
    row: &Row,
    kind: Kind,
    fields: BTreeMap<String, Edit>,
    needs: Vec<String>,
) -> Operation {
    Operation {
        id: author.operation.clone(),
        seq: 0,
        group: author.group.clone(),
        table: row.table.name.to_owned(),
        row: row.id.clone(),
        kind,
        at: author.now,
        account: author.account.clone(),
        actor: author.actor.clone(),
        on: row.meta.stamp,
        fields,
        needs,
        replaces: None,
    }
}

/// The operations, not yet accepted, that made the rows which this one names.
fn needs<'f>(tx: &Tx<'_>, row: &Row, fields: impl Iterator<Item = &'f Field>) -> Result<Vec<String>> {
    let sql =
        "SELECT id FROM outbox WHERE row_id = ?1 AND kind IN ('insert', 'append') AND state <> 'accepted'";
    let mut needs = Vec::new();
    for field in fields.filter(|field| field.refers.is_some()) {
        if let Some(named) = row.get(field.name).text() {
            needs.extend(tx.one(sql, [named], |found| found.get::<_, String>(0))?);
        }
    }
    needs.dedup();
    Ok(needs)
}

/// The same, of all that an operation sets.
pub(super) fn needs_of(tx: &Tx<'_>, table: &'static Table, operation: &Operation) -> Result<Vec<String>> {
    let mut row = Row::blank(table, &operation.row);
    operation.apply(&mut row)?;
    let set = table.fields.iter().filter(|field| operation.fields.contains_key(field.name));
    let mut needs = needs(tx, &row, set)?;
    needs.retain(|needed| *needed != operation.id);
    Ok(needs)
}

/// Puts an operation at the queue's end.
pub(super) fn append(
    tx: &Tx<'_>,
    author: &Author,
    mut operation: Operation,
    also: Option<&str>,
) -> Result<()> {
    operation.seq = next_seq(tx)?;
    let sql = "INSERT INTO outbox (seq, id, grp, tbl, row_id, also_id, kind, actor, lane, state, body)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    tx.execute(
        sql,
        rusqlite::params![
            operation.seq,
            operation.id,
            operation.group,
            operation.table,
            operation.row,
            also,
            operation.kind.word(),
            operation.actor,
            lane(author),
            State::Queued,
            operation.body()?,
        ],
    )?;
    tx.note_queue(1, 0);
    Ok(())
}

fn lane(author: &Author) -> i64 {
    match author.lane {
        Lane::People => 0,
        Lane::Import => 1,
    }
}

/// The device's own counter: past everything that the queue, the settled and the sealed ever held.
fn next_seq(tx: &Tx<'_>) -> Result<i64> {
    let sql = "SELECT 1 + max(coalesce((SELECT max(seq) FROM outbox), 0), coalesce((SELECT max(seq) FROM settled), 0),
               coalesce((SELECT max(seq) FROM sealed), 0))";
    Ok(tx.one(sql, [], |row| row.get(0))?.unwrap_or(1))
}

/// Whether a new edit may join the row's last operation: never sent, not parked, the same person's, the same group's,
/// the same lane's, and nothing it names was made later.
fn may_grow(
    tx: &Tx<'_>,
    author: &Author,
    row: &Row,
    entry: &Entry,
    last: &Operation,
    needs: &[String],
) -> Result<bool> {
    let fits = entry.state == State::Queued
        && matches!(last.kind, Kind::Insert | Kind::Patch)
        && (last.row == row.id && last.table == row.table.name)
        && (&last.actor, &last.account, &last.group) == (&author.actor, &author.account, &author.group)
        && entry.lane == lane(author)
        && last.replaces.is_none();
    if !fits {
        return Ok(false);
    }
    for needed in needs {
        let sql = format!("SELECT {ENTRY} FROM outbox WHERE id = ?1");
        if tx.one(&sql, [needed], Entry::read)?.is_some_and(|needed| needed.seq > entry.seq) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Adds edits to an operation that was never sent.
fn grow(
    tx: &Tx<'_>,
    table: &'static Table,
    entry: &Entry,
    mut last: Operation,
    fields: BTreeMap<String, Edit>,
    needs: Vec<String>,
    author: &Author,
) -> Result<()> {
    for (name, edit) in fields {
        let field = table.field(name.split('/').next().unwrap_or_default());
        let is_new = last.kind == Kind::Insert;
        match last.fields.get_mut(&name) {
            Some(earlier) => {
                let element = field.and_then(|field| field.kind.element());
                (earlier.kind, earlier.at) = (earlier.kind.clone().then(edit.kind, element), author.now);
            }
            None if is_new => drop(last.fields.insert(name, inserted(edit, field, author.now))),
            None => drop(last.fields.insert(name, Edit { at: author.now, ..edit })),
        }
    }
    // A row that names itself needs nothing but itself.
    let needed = last.needs.drain(..).chain(needs).filter(|needed| *needed != last.id);
    let needed: BTreeSet<_> = few::filled(needed);
    last.needs.extend(needed);
    tx.execute("UPDATE outbox SET body = ?2 WHERE seq = ?1", (entry.seq, last.body()?))?;
    tx.note_queue(0, 0);
    Ok(())
}

/// A row that the server does not have yet has no earlier value either.
fn inserted(edit: Edit, field: Option<&Field>, now: i64) -> Edit {
    let kind = EditKind::To(Json::Array(Vec::new()));
    let kind = match (&edit.kind, field.and_then(|field| field.kind.element())) {
        (EditKind::Elements { .. }, element @ Some(_)) => kind.then(edit.kind, element),
        (EditKind::To(_) | EditKind::Elements { .. }, _) => edit.kind,
    };
    Edit { kind, was: Json::Null, on: 0, at: now }
}

/// The row that an appended one moves.
struct Moved {
    id: String,
    /// The version of it that the person saw; 0 where this device does not hold it.
    seen: i64,
}

/// Shows what an appended row does to its parent, if this device holds it.
fn moved_parent(tx: &Tx<'_>, child: &Row, operation: &Operation) -> Result<Option<Moved>> {
    let Some(onto) = &child.table.onto else { return Ok(None) };
    let parents = tx.schema().table(onto.table).ok_or_else(|| Error::defect("an effect on no table"))?;
    let Some(id) = parent_of(operation, onto.key) else { return Ok(None) };
    let Some(before) = tx.row(parents, &id)? else { return Ok(Some(Moved { id, seen: 0 })) };
    if showing(tx, parents, &id)?.is_empty() {
        keep_base(tx, &before)?;
    }
    let mut after = before.clone();
    (onto.apply)(child, &mut after);
    tx.put(&after, What::Updated)?;
    Ok(Some(Moved { id, seen: before.meta.stamp }))
}
