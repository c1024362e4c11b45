//! Values that one row alone should have: a second one is taken in, since it is a fact, and opens a conflict that names
//! both rows. It closes when they differ again, or one of them is gone.

use super::Result;
use super::books::{Books, Kept};
use super::commit::Commit;
use super::conflict::put_conflict;
use counterpart_core::env::derived_id;
use counterpart_core::schema::{AnyJson, Conflict, ConflictId, Entity, Json, Row, Schema, Table, Value};
use rusqlite::Connection;
use serde_json::json;

/// Makes what finds the other rows of a value.
pub(super) fn index(connection: &Connection, schema: &Schema) -> Result<()> {
    for table in schema.all_tables() {
        for field in table.unique {
            connection.execute_batch(&format!(
                "CREATE INDEX IF NOT EXISTS unique_{0}_{field} ON ledger_rows (shop, body ->> '$.{field}')
                 WHERE tbl = '{0}' AND NOT deleted",
                table.name
            ))?;
        }
    }
    Ok(())
}

/// Holds a row that was just written against the others of its table. The field that another has too, if there is one.
pub(super) fn compare(books: &Books<'_>, commit: &Commit<'_>, kept: &Kept) -> Result<Option<String>> {
    let row = &kept.row;
    if row.table.unique.is_empty() {
        return Ok(None);
    }
    close_ended(books, commit, row)?;
    let mut shared = None;
    for field in row.table.unique {
        if let Some(other) = other_of(books, commit.shop, row, field)? {
            open(books, commit, (row, &other), field)?;
            shared = Some((*field).to_owned());
        }
    }
    Ok(shared)
}

/// Another row with the same value.
fn other_of(books: &Books<'_>, shop: &str, row: &Row, field: &str) -> Result<Option<String>> {
    let (false, Value::Text(value)) = (row.is_deleted(), row.get(field)) else { return Ok(None) };
    let sql = format!(
        "SELECT id FROM ledger_rows WHERE tbl = '{}' AND NOT deleted AND shop = ?1 AND body ->> '$.{field}' = ?2
         AND id <> ?3 ORDER BY id LIMIT 1",
        row.table.name
    );
    books.one(&sql, (shop, value, &row.id), |row| row.get(0))
}

fn open(books: &Books<'_>, commit: &Commit<'_>, (row, other): (&Row, &str), field: &str) -> Result<()> {
    let pair = if row.id.as_str() < other { [&row.id, other] } else { [other, &row.id] };
    let id = derived_id(&[row.table.name, pair[0], pair[1], field, "unique"]);
    let earlier = books.row(commit.shop, Conflict::TABLE, &id)?;
    if earlier.as_ref().is_some_and(|earlier| earlier.row.int("open") == Some(1)) {
        return Ok(());
    }
    let value = AnyJson(row.get(field).text().map_or(Json::Null, Json::from));
    let conflict = Conflict {
        id: ConflictId(id),
        tbl: row.table.name.to_owned(),
        row_id: row.id.clone(),
        field: field.to_owned(),
        base: AnyJson(json!({ OTHER: other })),
        mine: value.clone(),
        theirs: value,
        mine_by: row.meta.updated_by.clone(),
        on_stamp: row.meta.stamp,
        open: true,
        ..Conflict::default()
    };
    put_conflict(books, commit, conflict.to_row(), earlier.as_ref())
}

/// Where a conflict's base names the other row.
const OTHER: &str = "row";

/// Closes the conflicts of a row that are none any more.
fn close_ended(books: &Books<'_>, commit: &Commit<'_>, row: &Row) -> Result<()> {
    let sql = "SELECT id FROM conflicts WHERE shop = ?1 AND open AND deleted_at IS NULL AND tbl = ?2
               AND ?3 IN (row_id, json_extract(base, '$.row'))";
    let ids: Vec<String> = books.all(sql, (commit.shop, row.table.name, &row.id), |found| found.get(0))?;
    for id in ids {
        let Some(mut conflict) = books.row(commit.shop, Conflict::TABLE, &id)? else { continue };
        if names_two(&conflict.row) && !lasts(books, commit.shop, &conflict.row)? {
            let earlier = conflict.clone();
            conflict.row.set("open", Value::Int(0));
            put_conflict(books, commit, conflict.row, Some(&earlier))?;
        }
    }
    Ok(())
}

/// Whether a conflict is about two rows with one value.
pub(super) fn names_two(conflict: &Row) -> bool {
    other_in(conflict).is_some()
}

fn other_in(conflict: &Row) -> Option<String> {
    let base: AnyJson = conflict.read("base")?;
    Some(base.0.as_object().filter(|base| base.len() == 1)?.get(OTHER)?.as_str()?.to_owned())
}

/// Whether both rows that a conflict names still have the same value.
pub(super) fn lasts(books: &Books<'_>, shop: &str, conflict: &Row) -> Result<bool> {
    let Some(other) = other_in(conflict) else { return Ok(false) };
    let Some(table) = books.schema.table(conflict.text("tbl")) else { return Ok(false) };
    let value = |table: &'static Table, id: &str| -> Result<Value> {
        let row = books.row(shop, table, id)?.map(|kept| kept.row).filter(|row| !row.is_deleted());
        Ok(row.map_or(Value::Null, |row| row.get(conflict.text("field")).clone()))
    };
    let one = value(table, conflict.text("row_id"))?;
    Ok(!one.is_null() && one == value(table, &other)?)
}
