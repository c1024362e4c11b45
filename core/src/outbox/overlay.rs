//! What is shown: the row as the server last confirmed it, under the effects of this device's own operations.

use super::moves::leave;
use super::operation::{Kind, Operation, State};
use super::{ENTRY, Entry};
use crate::error::{Error, Result};
use crate::few;
use crate::schema::{Json, Row, Schema, Table};
use crate::store::{Reader, Tx, What};
use std::collections::BTreeSet;

/// The confirmed copy under a row's operations, where there is one.
pub(super) fn base(reader: &Reader<'_>, table: &'static Table, id: &str) -> Result<Option<Row>> {
    let sql = "SELECT body FROM base_rows WHERE row_id = ?1 AND tbl = ?2";
    let body: Option<String> = reader.one(sql, (id, table.name), |row| row.get(0))?;
    body.map(|body| Row::from_json_text(table, &body).and_then(Result::ok).ok_or_else(Error::damaged))
        .transpose()
}

/// Keeps a confirmed row aside before the first operation on it shows. A row that the server has not is its own
/// operations and nothing else.
pub(super) fn keep_base(tx: &Tx<'_>, row: &Row) -> Result<()> {
    if row.meta.stamp == 0 {
        return Ok(());
    }
    let sql = "INSERT OR IGNORE INTO base_rows (tbl, row_id, body) VALUES (?1, ?2, ?3)";
    tx.execute(sql, (row.table.name, &row.id, kept(row)?))?;
    Ok(())
}

fn kept(row: &Row) -> Result<String> {
    row.to_json_text().map_err(|error| Error::defect(error.to_string()))
}

pub(super) fn replace_base(tx: &Tx<'_>, row: &Row) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO base_rows (tbl, row_id, body) VALUES (?1, ?2, ?3)";
    tx.execute(sql, (row.table.name, &row.id, kept(row)?))?;
    Ok(())
}

fn drop_base(tx: &Tx<'_>, table: &Table, id: &str) -> Result<()> {
    tx.execute("DELETE FROM base_rows WHERE row_id = ?1 AND tbl = ?2", (id, table.name))?;
    Ok(())
}

/// The operations whose effect shows on a row, its own and those that move it, in the order they were made.
pub(super) fn showing(reader: &Reader<'_>, table: &Table, id: &str) -> Result<Vec<Entry>> {
    let sql = format!(
        "SELECT {ENTRY} FROM outbox WHERE row_id = ?1 AND tbl = ?2
         UNION ALL SELECT {ENTRY} FROM outbox WHERE also_id = ?1 ORDER BY seq"
    );
    reader.all(&sql, (id, table.name), Entry::read)
}

/// Shows a row anew, after what lies under it or over it has changed.
pub(super) fn repaint(tx: &Tx<'_>, table: &'static Table, id: &str, what: What) -> Result<()> {
    let entries = showing(tx, table, id)?;
    let base = base(tx, table, id)?;
    let shown = tx.row(table, id)?;
    if entries.is_empty() {
        drop_base(tx, table, id)?;
        // A newer version than the one that lay under the operations has come: it stands as it is.
        if shown.as_ref().is_some_and(|row| row.meta.stamp > base.as_ref().map_or(0, |base| base.meta.stamp))
        {
            tx.note(table, id, What::Status);
            return Ok(());
        }
    }
    match composed(tx.schema(), table, id, base, &entries)? {
        Some(row) if shown.as_ref() == Some(&row) => {
            tx.note(table, id, What::Status);
            Ok(())
        }
        Some(row) => {
            let what = if shown.is_none() { What::Created } else { what };
            show(tx, &row, what)
        }
        None if shown.is_some() => {
            due_for_search(tx, table, id)?;
            tx.remove(table, id)
        }
        None => Ok(()),
    }
}

/// Writes what is shown, by a way that search does not see by itself.
fn show(tx: &Tx<'_>, row: &Row, what: What) -> Result<()> {
    due_for_search(tx, row.table, &row.id)?;
    tx.put(row, what)
}

/// Search reads new operations by itself; every other change of a row is noted for it here.
pub(crate) fn due_for_search(tx: &Tx<'_>, table: &'static Table, id: &str) -> Result<()> {
    if table.search.is_some() {
        tx.execute("INSERT OR IGNORE INTO search_due (row_id, tbl) VALUES (?1, ?2)", (id, table.name))?;
    }
    Ok(())
}

/// Notes a row whose operation grew, unless search has not read that operation yet and so will see all of it anyway.
pub(super) fn grown_for_search(tx: &Tx<'_>, table: &'static Table, id: &str, seq: i64) -> Result<()> {
    if table.search.is_some() {
        let sql = "INSERT OR IGNORE INTO search_due (row_id, tbl) SELECT ?1, ?2 WHERE ?3 <=
                   (SELECT CAST(value AS INTEGER) FROM facts WHERE name = 'indexed_seq')";
        tx.execute(sql, (id, table.name, seq))?;
    }
    Ok(())
}

/// The confirmed row with the operations' effects on it; nothing where there is neither.
fn composed(
    schema: &Schema,
    table: &'static Table,
    id: &str,
    base: Option<Row>,
    entries: &[Entry],
) -> Result<Option<Row>> {
    let mut row = base;
    for entry in entries {
        let operation = entry.operation()?;
        let own = operation.row == id && operation.table == table.name;
        match (own, operation.kind, &mut row) {
            (_, Kind::Void, _) => {}
            (true, Kind::Insert | Kind::Append, _) => {
                let row = row.get_or_insert_with(|| Row::blank(table, id));
                operation.apply(row)?;
            }
            (true, Kind::Patch | Kind::Delete, Some(row)) => operation.apply(row)?,
            (false, Kind::Append, Some(row)) => move_parent(schema, operation, row)?,
            // Its row has not come yet: there is nothing to show it on.
            (true, Kind::Patch | Kind::Delete, None) | (false, _, _) => {}
        }
    }
    Ok(row)
}

/// What an appended row does to its parent.
fn move_parent(schema: &Schema, operation: &Operation, parent: &mut Row) -> Result<()> {
    let Some(table) = schema.table(&operation.table) else { return Ok(()) };
    let Some(onto) = &table.onto else { return Ok(()) };
    let mut child = Row::blank(table, &operation.row);
    operation.apply(&mut child)?;
    (onto.apply)(&child, parent);
    Ok(())
}

/// Takes in a row as the server has it: under the operations on it, if there are any. Older news is left out.
/// Gives back whether it was news.
pub(crate) fn absorb_row(tx: &Tx<'_>, row: &Row) -> Result<bool> {
    absorb_over(tx, tx.row(row.table, &row.id)?.as_ref(), row, &mut Uncovered::default())
}

/// The same for whoever has read what is shown, among rows that were uncovered.
pub(crate) fn absorb_over(
    tx: &Tx<'_>,
    shown: Option<&Row>,
    row: &Row,
    uncovered: &mut Uncovered,
) -> Result<bool> {
    let entries = showing(tx, row.table, &row.id)?;
    let under = if entries.is_empty() { None } else { base(tx, row.table, &row.id)? };
    let known = if entries.is_empty() { shown } else { under.as_ref() };
    if known.is_some_and(|known| known.meta.stamp >= row.meta.stamp) {
        return Ok(false);
    }
    if entries.is_empty() {
        let what = match (known, row.is_deleted()) {
            (_, true) => What::Deleted,
            (None, false) => What::Created,
            (Some(_), false) => What::Updated,
        };
        if uncovered.take(row) {
            drop_base(tx, row.table, &row.id)?;
        }
        show(tx, row, what)?;
        return Ok(true);
    }
    replace_base(tx, row)?;
    // An appended row that arrives is the proof that its operation took effect, receipt or not.
    for entry in entries.iter().filter(|entry| entry.state != State::Accepted) {
        if entry.kind == Kind::Append && entry.row == row.id {
            arrived(tx, entry, row.meta.stamp)?;
        }
    }
    repaint(tx, row.table, &row.id, What::Updated)?;
    Ok(true)
}

/// The server does not have a row any more: what lies under this device's own operations goes, and the row with it
/// where there are none.
pub(crate) fn drop_row(tx: &Tx<'_>, table: &'static Table, id: &str) -> Result<()> {
    drop_base(tx, table, id)?;
    if showing(tx, table, id)?.is_empty() {
        due_for_search(tx, table, id)?;
        return tx.remove(table, id);
    }
    repaint(tx, table, id, What::Updated)
}

/// Shows every row that carries an operation anew: after a queue was carried over into another file.
pub(crate) fn rebuild(tx: &Tx<'_>) -> Result<()> {
    let mut rows = BTreeSet::new();
    for entry in tx.all(&format!("SELECT {ENTRY} FROM outbox ORDER BY seq"), [], Entry::read)? {
        rows.extend(entry.touched(tx.schema()));
    }
    for (table, id) in rows {
        if let Some(table) = tx.schema().table(table) {
            repaint(tx, table, &id, What::Updated)?;
        }
    }
    Ok(())
}

/// The rows that an operation shows on.
pub(super) fn touched(schema: &Schema, operation: &Operation) -> Vec<(&'static str, String)> {
    let Some(table) = schema.table(&operation.table) else { return Vec::new() };
    let mut rows = vec![(table.name, operation.row.clone())];
    if let Some((onto, parent)) =
        table.onto.as_ref().and_then(|onto| Some((onto, parent_of(operation, onto.key)?)))
    {
        rows.push((onto.table, parent));
    }
    rows
}

/// The row that an appended row moves.
pub(super) fn parent_of(operation: &Operation, key: &str) -> Option<String> {
    match &operation.fields.get(key)?.kind {
        super::EditKind::To(Json::String(id)) => Some(id.clone()),
        super::EditKind::To(_) | super::EditKind::Elements { .. } => None,
    }
}

/// Rows whose operations were lifted off them, to be shown once what the server made of them lies below.
#[derive(Default)]
#[must_use = "the rows still show what was lifted off them"]
pub(crate) struct Uncovered(Vec<(&'static str, BTreeSet<String>)>);

impl Uncovered {
    pub(super) fn add(&mut self, table: &'static str, id: String) {
        few::of(&mut self.0, table).insert(id);
    }

    /// A row is about to be shown as the server has it. Says whether it was one of these.
    pub(super) fn take(&mut self, row: &Row) -> bool {
        self.0.iter_mut().any(|(table, ids)| *table == row.table.name && ids.remove(&row.id))
    }

    pub(crate) fn show(self, tx: &Tx<'_>) -> Result<()> {
        for (table, ids) in self.0 {
            let Some(table) = tx.schema().table(table) else { continue };
            ids.iter().try_for_each(|id| repaint(tx, table, id, What::Updated))?;
        }
        Ok(())
    }
}

/// An appended row that arrived is its own receipt.
fn arrived(tx: &Tx<'_>, entry: &Entry, n: i64) -> Result<()> {
    leave(tx, entry, "applied", Some(n), entry.body.as_str().into())?;
    for (table, id) in entry.touched(tx.schema()).into_iter().skip(1) {
        if let Some(table) = tx.schema().table(table) {
            repaint(tx, table, &id, What::Updated)?;
        }
    }
    Ok(())
}
