//! Rows that the hub itself enters: the people it invites, the settings of a new shop.

use super::books::{Books, Kept, ShopState};
use super::{Ledger, LedgerError, Result};
use counterpart_core::schema::{Row, Table, time_from_ms};
use counterpart_core::sync::FieldState;
use counterpart_core::sync::wire::Cursor;
use std::collections::BTreeMap;

impl Ledger {
    /// Enters rows as they are given: one commit like any other, stamped by no device, that overwrites what differs
    /// and brings deleted rows back. Gives back the new head, or nothing where all was so already. Nobody is told:
    /// devices find it with their next pull.
    pub fn record(&self, shop: &str, rows: &[Row]) -> Result<Option<Cursor>> {
        self.write(|books| {
            let state = books.shop(shop)?;
            let (n, now) = (state.head + 1, books.env.now());
            let mut changed = false;
            for row in rows {
                row.table.check(row)?;
                changed |= enter(books, shop, row, (n, now))?;
            }
            if changed { close(books, shop, &state, (n, now), "").map(Some) } else { Ok(None) }
        })
    }

    /// The person of that id, if the shop's books have one who was not deleted.
    pub fn person(&self, shop: &str, id: &str) -> Result<Option<Row>> {
        self.read(|books| {
            let table = books.schema.actors.and_then(|actors| books.schema.table(actors.table));
            let found = table.map(|table| books.row(shop, table, id)).transpose()?.flatten();
            Ok(found.map(|kept| kept.row).filter(|row| !row.is_deleted()))
        })
    }

    /// The row of a table that was changed last among those that belong to another and were not deleted.
    pub fn newest_of(&self, shop: &str, table: &'static Table, parent: &str) -> Result<Option<Row>> {
        let sql = "SELECT id FROM ledger_rows WHERE shop = ?1 AND tbl = ?2 AND parent = ?3 AND NOT deleted
                   ORDER BY stamp DESC, id DESC LIMIT 1";
        self.read(|books| {
            let id: Option<String> = books.one(sql, (shop, table.name, parent), |row| row.get(0))?;
            let kept = id.map(|id| books.row(shop, table, &id)).transpose()?.flatten();
            Ok(kept.map(|kept| kept.row))
        })
    }

    /// Whether a shop's books have any row of a table.
    pub fn has_rows(&self, shop: &str, table: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM ledger_rows WHERE shop = ?1 AND tbl = ?2 LIMIT 1";
        self.read(|books| Ok(books.one(sql, (shop, table), |_| Ok(()))?.is_some()))
    }
}

fn enter(books: &Books<'_>, shop: &str, row: &Row, (n, now): (i64, i64)) -> Result<bool> {
    let before = books.row(shop, row.table, &row.id)?;
    let same = |before: &Kept| !before.row.is_deleted() && before.row.values == row.values;
    if before.as_ref().is_some_and(same) {
        return Ok(false);
    }
    let mut kept = match before {
        Some(before) => before,
        None => {
            let mut row = Row::empty(row.table, &row.id);
            row.meta.created_at = time_from_ms(now);
            Kept { row, fields: BTreeMap::new() }
        }
    };
    for (field, value) in row.table.fields.iter().zip(&row.values) {
        if kept.row.get(field.name) != value {
            let state = FieldState { stamp: n, at: now, ..FieldState::default() };
            kept.fields.insert(field.name.to_owned(), state);
        }
    }
    kept.row.values.clone_from(&row.values);
    let meta = &mut kept.row.meta;
    (meta.updated_at, meta.updated_by, meta.deleted_at, meta.stamp) = (time_from_ms(now), None, None, n);
    books.put(shop, &kept)?;
    Ok(true)
}

/// Writes the commit that all of a transaction shares.
pub(super) fn close(
    books: &Books<'_>,
    shop: &str,
    state: &ShopState,
    (n, now): (i64, i64),
    device: &str,
) -> Result<Cursor> {
    let tag = books.env.new_id();
    let sql = "INSERT INTO commits (shop, n, tag, at, device) VALUES (?1, ?2, ?3, ?4, ?5)";
    books.execute(sql, (shop, n, &tag, now, device))?;
    books.execute("UPDATE ledger_shops SET head = ?2, tag = ?3 WHERE shop = ?1", (shop, n, &tag))?;
    Ok(Cursor { epoch: state.epoch.clone(), n, tag })
}

/// The people whose role or place in the shop a commit set.
pub(super) fn people_of(books: &Books<'_>, shop: &str, n: i64) -> Result<Vec<Row>> {
    let Some(actors) = books.schema.actors else { return Ok(Vec::new()) };
    let Some(table) = books.schema.table(actors.table) else { return Ok(Vec::new()) };
    let sql = "SELECT id FROM ledger_rows WHERE shop = ?1 AND stamp = ?2 AND tbl = ?3";
    let ids: Vec<String> = books.all(sql, (shop, n, table.name), |row| row.get(0))?;
    let mut people = Vec::new();
    for id in ids {
        let kept = books.row(shop, table, &id)?.ok_or(LedgerError::Damaged("row"))?;
        let set = |field| kept.state(field).stamp == n;
        if kept.row.is_deleted() || set(actors.role) || set(actors.active) {
            people.push(kept.row);
        }
    }
    Ok(people)
}
