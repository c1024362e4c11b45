//! A server in memory, for one device: takes each operation once, applies it to rows of its own, remembers what it
//! answered, and refuses what it is told to refuse.

use super::Failure;
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::outbox::{EditKind, Kind, Operation, Outcome, Receipt};
use counterpart_core::schema::{Json, Row, Table, Type, Value, time_from_ms};
use counterpart_core::sync::{Page, PushAnswer, PushRequest};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

/// The shop as the server holds it.
#[derive(Debug, Default)]
pub struct Server {
    rows: BTreeMap<(&'static str, String), Row>,
    receipts: HashMap<String, Receipt>,
    refused: HashMap<String, &'static str>,
    head: i64,
    pulled: i64,
}

impl Server {
    /// Rows that were there before the device.
    pub fn hold(&mut self, rows: impl IntoIterator<Item = Row>) {
        self.head += 1;
        for mut row in rows {
            row.meta.stamp = self.head;
            self.rows.insert((row.table.name, row.id.clone()), row);
        }
    }

    /// Refuses every operation on a row, with a code.
    pub fn refuse(&mut self, row: &str, code: &'static str) {
        self.refused.insert(row.to_owned(), code);
    }

    /// Refuses nothing on a row any more.
    pub fn allow(&mut self, row: &str) {
        self.refused.remove(row);
    }

    /// A push, as one commit.
    pub fn push(&mut self, request: &PushRequest) -> Result<PushAnswer, Failure> {
        self.head += 1;
        let receipts = request.ops.iter().map(|body| self.take(body.get())).collect::<Result<_, _>>()?;
        Ok(PushAnswer { receipts, ..PushAnswer::default() })
    }

    /// Every row that changed since the last pull.
    pub fn pull(&mut self) -> Page {
        let rows = self.rows.values().filter(|row| row.meta.stamp > self.pulled).cloned().collect();
        self.pulled = self.head;
        Page { rows, through: self.head, ..Page::default() }
    }

    /// How many operations took effect.
    pub fn applied(&self) -> usize {
        self.receipts.values().filter(|receipt| receipt.outcome == Outcome::Applied).count()
    }

    /// Every row that is there.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }

    fn take(&mut self, body: &str) -> Result<Receipt, Failure> {
        let operation: Operation = serde_json::from_str(body)?;
        if let Some(known) = self.receipts.get(&operation.id) {
            return Ok(known.clone());
        }
        let hash = Sha256::digest(body.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let code = self.refused.get(&operation.row).map(|code| (*code).to_owned());
        let outcome = if code.is_some() { Outcome::Rejected } else { Outcome::Applied };
        if outcome == Outcome::Applied {
            self.apply(&operation)?;
        }
        let n = Some(self.head);
        let receipt = Receipt { id: operation.id, hash, outcome, n, code, field: None, message: None };
        self.receipts.insert(receipt.id.clone(), receipt.clone());
        Ok(receipt)
    }

    fn apply(&mut self, operation: &Operation) -> Result<(), Failure> {
        let table = REPAIR_SHOP.table(&operation.table).ok_or("an operation on no table")?;
        let key = (table.name, operation.row.clone());
        let at = time_from_ms(operation.at);
        let mut row = match operation.kind {
            Kind::Void => return Ok(()),
            Kind::Insert | Kind::Append => {
                let mut row = Row::blank(table, &operation.row);
                (row.meta.created_at, row.meta.created_by) = (at, operation.actor.clone());
                row
            }
            Kind::Patch | Kind::Delete => self.rows.get(&key).cloned().ok_or("an operation on no row")?,
        };
        (row.meta.updated_at, row.meta.updated_by) = (at, operation.actor.clone());
        row.meta.deleted_at = (operation.kind == Kind::Delete).then_some(at);
        for (name, edit) in &operation.fields {
            set(&mut row, name, &edit.kind)?;
        }
        row.meta.stamp = self.head;
        self.move_parent(table, &row)?;
        self.rows.insert(key, row);
        Ok(())
    }

    /// A movement moves its item, an event its ticket.
    fn move_parent(&mut self, table: &Table, child: &Row) -> Result<(), Failure> {
        let Some(onto) = &table.onto else { return Ok(()) };
        let parents = REPAIR_SHOP.table(onto.table).ok_or("an effect on no table")?;
        let key = (parents.name, child.text(onto.key).to_owned());
        let parent = self.rows.get_mut(&key).ok_or("an effect on no row")?;
        (onto.apply)(child, parent);
        parent.meta.stamp = self.head;
        Ok(())
    }
}

fn set(row: &mut Row, name: &str, kind: &EditKind) -> Result<(), Failure> {
    let (name, entry) = name.split_once('/').map_or((name, None), |(name, entry)| (name, Some(entry)));
    let field = row.table.field(name).ok_or("an edit of no field")?;
    let now = row.get(name).to_json(field.kind);
    let value = match (kind, entry) {
        (EditKind::To(to), None) => to.clone(),
        (EditKind::To(to), Some(entry)) => {
            let mut entries = now.as_object().cloned().unwrap_or_default();
            entries.insert(entry.to_owned(), to.clone());
            Json::Object(entries)
        }
        (EditKind::Elements { add, remove }, _) => {
            let mut items = now.as_array().cloned().unwrap_or_default();
            items.retain(|item| !remove.contains(item) && !add.contains(item));
            items.extend(add.iter().cloned());
            Json::Array(items)
        }
    };
    let empty = matches!(field.kind, Type::Set(_)) && value.as_array().is_some_and(Vec::is_empty);
    row.set(name, if empty { Value::Null } else { Value::from_json(field, &value)? });
    Ok(())
}
