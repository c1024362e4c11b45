//! Reading and writing rows, shops and receipts within one transaction.

use super::{LedgerError, Result};
use counterpart_core::env::Env;
use counterpart_core::outbox::{Outcome, Receipt};
use counterpart_core::schema::{Json, Row, Schema, Table};
use counterpart_core::sync::FieldState;
use rusqlite::{OptionalExtension, Params, Transaction};
use std::collections::BTreeMap;

/// One transaction over the books.
pub(super) struct Books<'a> {
    transaction: &'a Transaction<'a>,
    pub(super) schema: &'static Schema,
    pub(super) env: &'a Env,
}

/// A shop's place in its own sequence.
#[derive(Clone, Debug)]
pub(super) struct ShopState {
    pub(super) epoch: String,
    pub(super) head: i64,
    pub(super) tag: String,
    pub(super) safe_through: i64,
}

/// A row with what merging needs.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) row: Row,
    pub(super) fields: BTreeMap<String, FieldState>,
}

impl Kept {
    /// A field's state; one that was never set is as old as the shop.
    pub(super) fn state(&self, field: &str) -> FieldState {
        self.fields.get(field).cloned().unwrap_or_default()
    }

    /// Whether it was deleted so long ago that nothing but that is kept of it.
    pub(super) fn is_forgotten(&self) -> bool {
        self.row.is_deleted() && self.fields.is_empty()
    }

    /// The newest commit by which another device set any field.
    pub(super) fn newest_of_others(&self, device: &str) -> i64 {
        self.fields
            .values()
            .filter(|state| state.device != device)
            .map(|state| state.stamp)
            .max()
            .unwrap_or(0)
    }
}

impl<'a> Books<'a> {
    pub(super) fn new(transaction: &'a Transaction<'a>, schema: &'static Schema, env: &'a Env) -> Books<'a> {
        Books { transaction, schema, env }
    }

    pub(super) fn execute(&self, sql: &str, params: impl Params) -> Result<usize> {
        Ok(self.transaction.prepare_cached(sql)?.execute(params)?)
    }

    pub(super) fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.transaction.prepare_cached(sql)?.query_row(params, read).optional()?)
    }

    pub(super) fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.transaction.prepare_cached(sql)?;
        let rows = statement.query_map(params, read)?.collect::<rusqlite::Result<_>>()?;
        Ok(rows)
    }

    /// Row by row, none of them kept.
    pub(super) fn each(
        &self,
        sql: &str,
        params: impl Params,
        mut see: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<()>,
    ) -> Result<()> {
        let mut statement = self.transaction.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            see(row)?;
        }
        Ok(())
    }

    pub(super) fn shop(&self, shop: &str) -> Result<ShopState> {
        let sql = "SELECT epoch, head, tag, safe_through FROM ledger_shops WHERE shop = ?1";
        self.one(sql, [shop], |row| {
            Ok(ShopState {
                epoch: row.get(0)?,
                head: row.get(1)?,
                tag: row.get(2)?,
                safe_through: row.get(3)?,
            })
        })?
        .ok_or(LedgerError::NoShop)
    }

    pub(super) fn has_commit(&self, shop: &str, n: i64) -> Result<bool> {
        Ok(self.one("SELECT 1 FROM commits WHERE shop = ?1 AND n = ?2", (shop, n), |_| Ok(()))?.is_some())
    }

    /// When a commit arrived; the beginning of time for none.
    pub(super) fn commit_time(&self, shop: &str, n: i64) -> Result<i64> {
        let sql = "SELECT at FROM commits WHERE shop = ?1 AND n <= ?2 ORDER BY n DESC LIMIT 1";
        Ok(self.one(sql, (shop, n), |row| row.get(0))?.unwrap_or(0))
    }

    pub(super) fn row(&self, shop: &str, table: &'static Table, id: &str) -> Result<Option<Kept>> {
        let sql = "SELECT body, fields FROM ledger_rows WHERE shop = ?1 AND tbl = ?2 AND id = ?3";
        let found: Option<(String, String)> =
            self.one(sql, (shop, table.name, id), |row| Ok((row.get(0)?, row.get(1)?)))?;
        found.map(|(body, fields)| kept(table, &body, &fields)).transpose()
    }

    pub(super) fn put(&self, shop: &str, kept: &Kept) -> Result<()> {
        let fields = states_text(&kept.fields)?;
        let row = &kept.row;
        let body = row.to_json_text().map_err(|_| LedgerError::Damaged("row"))?;
        let parent = row.table.parent.and_then(|field| row.get(field).text());
        let (table, id, stamp, deleted) = (row.table.name, &row.id, row.meta.stamp, row.is_deleted());
        let values = (shop, table, id, stamp, deleted, parent, &body, &fields);
        // Not one statement that does either: it would keep what it may have to undo, even of a row that is new.
        let new = "INSERT INTO ledger_rows (shop, tbl, id, stamp, deleted, parent, body, fields)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (shop, tbl, id) DO NOTHING";
        if self.execute(new, values)? == 0 {
            let known = "UPDATE ledger_rows SET stamp = ?4, deleted = ?5, parent = ?6, body = ?7, fields = ?8
                         WHERE shop = ?1 AND tbl = ?2 AND id = ?3";
            self.execute(known, values)?;
        }
        Ok(())
    }

    pub(super) fn receipt(&self, shop: &str, op: &str) -> Result<Option<Receipt>> {
        let sql =
            "SELECT op, hash, outcome, n, code, field, message FROM receipts WHERE shop = ?1 AND op = ?2";
        self.one(sql, (shop, op), read_receipt)
    }

    /// The operation that was sent in the place of another, if one was.
    pub(super) fn instead(&self, shop: &str, op: &str) -> Result<Option<String>> {
        let sql = "SELECT instead FROM receipts WHERE shop = ?1 AND op = ?2";
        Ok(self.one(sql, (shop, op), |row| row.get(0))?.flatten())
    }

    pub(super) fn keep_receipt(&self, shop: &str, device: &str, n: i64, receipt: &Receipt) -> Result<()> {
        let outcome = serde_json::to_value(receipt.outcome).map_err(|_| LedgerError::Damaged("outcome"))?;
        self.execute(
            "INSERT INTO receipts (shop, op, device, hash, outcome, n, code, field, message)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            (
                shop,
                &receipt.id,
                device,
                &receipt.hash,
                outcome.as_str(),
                n,
                &receipt.code,
                &receipt.field,
                &receipt.message,
            ),
        )?;
        Ok(())
    }
}

/// The fields' states as text: each with the names of the fields that share it. Those of a new row share one, and the
/// ids of devices are long.
fn states_text(fields: &BTreeMap<String, FieldState>) -> Result<String> {
    let mut shared: Vec<(&FieldState, Vec<&str>)> = Vec::new();
    for (name, state) in fields {
        match shared.iter_mut().find(|(known, _)| *known == state) {
            Some((_, names)) => names.push(name),
            None => shared.push((state, vec![name])),
        }
    }
    serde_json::to_string(&shared).map_err(|_| LedgerError::Damaged("field"))
}

fn states(text: &str) -> Result<BTreeMap<String, FieldState>> {
    let shared: Vec<(FieldState, Vec<String>)> =
        serde_json::from_str(text).map_err(|_| LedgerError::Damaged("field"))?;
    let each =
        |(state, names): (FieldState, Vec<String>)| names.into_iter().map(move |name| (name, state.clone()));
    Ok(shared.into_iter().flat_map(each).collect())
}

/// A row as the books keep it.
pub(super) fn kept_row(table: &'static Table, body: &str) -> Result<Row> {
    Row::from_json_text(table, body).and_then(std::result::Result::ok).ok_or(LedgerError::Damaged("row"))
}

pub(super) fn kept(table: &'static Table, body: &str, fields: &str) -> Result<Kept> {
    let row = kept_row(table, body)?;
    Ok(Kept { row, fields: states(fields)? })
}

/// A receipt as it was kept. Its details may be gone; its outcome stays.
pub(super) fn read_receipt(row: &rusqlite::Row<'_>) -> rusqlite::Result<Receipt> {
    let outcome: String = row.get(2)?;
    let outcome = serde_json::from_value(Json::String(outcome)).unwrap_or(Outcome::Rejected);
    Ok(Receipt {
        id: row.get(0)?,
        hash: row.get(1)?,
        outcome,
        n: Some(row.get(3)?),
        code: row.get(4)?,
        field: row.get(5)?,
        message: row.get(6)?,
    })
}
