//! Finding items, and what happened to them.

use super::{Key, most, time, word};
use crate::entity::{
    EmployeeId, InventoryItem, InventoryItemId, MovementKind, StockMovementId, TicketLineId,
};
use crate::error::Result;
use crate::schema::Entity;
use crate::shop::Shop;
use chrono::{DateTime, Utc};

/// An item in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ItemRow {
    /// The item.
    pub id: InventoryItemId,
    /// The shop's own number for it.
    pub sku: Option<String>,
    /// What it is called.
    pub name: String,
    /// Who makes it.
    pub brand: Option<String>,
    /// Where it lies.
    pub bin: Option<String>,
    /// What the customer pays for one.
    pub price_cents: Option<i64>,
    /// How many there are.
    pub quantity: i64,
    /// How many of them are promised.
    pub reserved: i64,
    /// At how many to order more.
    pub reorder_level: Option<i64>,
}

/// A movement in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MovementRow {
    /// The movement.
    pub id: StockMovementId,
    /// What happened.
    pub kind: MovementKind,
    /// How many more or fewer.
    pub quantity: i64,
    /// The ticket line it was for.
    pub ticket_line_id: Option<TicketLineId>,
    /// Why.
    pub reason: Option<String>,
    /// How many a count found.
    pub counted: Option<i64>,
    /// How many were shown when they were counted.
    pub shown: Option<i64>,
    /// Who did it.
    pub by: Option<EmployeeId>,
    /// When.
    pub at: DateTime<Utc>,
}

impl MovementRow {
    /// Where the list goes on after this row.
    pub fn key(&self) -> Key {
        Key { at: self.at.timestamp_millis(), id: self.id.0.clone() }
    }
}

impl Shop {
    /// Items with this number; two until somebody resolved it.
    pub fn items_by_sku(&self, sku: &str) -> Result<Vec<ItemRow>> {
        self.read(|reader| reader.all(&by_sku(), [sku.trim()], read_item))
    }

    /// Items with this barcode.
    pub fn items_by_barcode(&self, barcode: &str) -> Result<Vec<ItemRow>> {
        self.read(|reader| reader.all(&by_barcode(), [barcode.trim()], read_item))
    }

    /// Items that contain every word: the best first, of more than a thousand the newest.
    pub fn find_items(&self, words: &str, limit: usize) -> Result<Vec<ItemRow>> {
        let found = self.search(InventoryItem::TABLE.name, words, limit)?;
        self.read(|reader| {
            let rows: Result<Vec<Option<ItemRow>>> =
                found.iter().map(|id| reader.one(&by_id(), [id], read_item)).collect();
            Ok(rows?.into_iter().flatten().collect())
        })
    }

    /// All items by name, upper case as lower case, after an item's name and id.
    pub fn items(&self, after: Option<(&str, &str)>, limit: usize) -> Result<Vec<ItemRow>> {
        let (name, id) = after.unwrap_or_default();
        self.read(|reader| reader.all(&all(), (name, id, most(limit)), read_item))
    }

    /// Items at their reorder level or below, and those below zero, by name, after an item's name and id.
    pub fn low_stock(&self, after: Option<(&str, &str)>, limit: usize) -> Result<Vec<ItemRow>> {
        let (name, id) = after.unwrap_or_default();
        self.read(|reader| reader.all(&low(), (name, id, most(limit)), read_item))
    }

    /// What happened to an item, the newest first, older than a row's key.
    pub fn movements(
        &self,
        item: &InventoryItemId,
        before: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<MovementRow>> {
        let (at, id) = before.map_or((i64::MAX, ""), |key| (key.at, key.id.as_str()));
        self.read(|reader| reader.all(MOVEMENTS, (&item.0, at, id, most(limit)), read_movement))
    }
}

const ITEM: &str = "SELECT id, sku, name, brand, bin, price_cents, quantity, reserved, reorder_level
    FROM inventory_items WHERE deleted_at IS NULL AND ";

pub(super) fn by_sku() -> String {
    format!("{ITEM} sku = ?1")
}

pub(super) fn by_barcode() -> String {
    format!("{ITEM} barcode = ?1")
}

fn by_id() -> String {
    format!("{ITEM} id = ?1")
}

pub(super) fn all() -> String {
    const NAME: &str = "coalesce(name, '') COLLATE NOCASE";
    format!("{ITEM} {NAME} >= ?1 AND ({NAME} > ?1 OR id > ?2) ORDER BY {NAME}, id LIMIT ?3")
}

pub(super) fn low() -> String {
    format!(
        "{ITEM} quantity <= coalesce(reorder_level, -1) AND (name, id) > (?1, ?2) ORDER BY name, id LIMIT ?3"
    )
}

pub(super) const MOVEMENTS: &str =
    "SELECT id, kind, quantity, ticket_line_id, reason, counted, shown, created_by, created_at FROM stock_movements
    WHERE item_id = ?1 AND (created_at, id) < (?2, ?3) ORDER BY created_at DESC, id DESC LIMIT ?4";

fn read_item(row: &rusqlite::Row<'_>) -> rusqlite::Result<ItemRow> {
    Ok(ItemRow {
        id: InventoryItemId(row.get(0)?),
        sku: row.get(1)?,
        name: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
        brand: row.get(3)?,
        bin: row.get(4)?,
        price_cents: row.get(5)?,
        quantity: row.get::<_, Option<i64>>(6)?.unwrap_or_default(),
        reserved: row.get::<_, Option<i64>>(7)?.unwrap_or_default(),
        reorder_level: row.get(8)?,
    })
}

fn read_movement(row: &rusqlite::Row<'_>) -> rusqlite::Result<MovementRow> {
    Ok(MovementRow {
        id: StockMovementId(row.get(0)?),
        kind: word(row, 1)?,
        quantity: row.get::<_, Option<i64>>(2)?.unwrap_or_default(),
        ticket_line_id: row.get::<_, Option<String>>(3)?.map(TicketLineId),
        reason: row.get(4)?,
        counted: row.get(5)?,
        shown: row.get(6)?,
        by: row.get::<_, Option<String>>(7)?.map(EmployeeId),
        at: time(row, 8)?.unwrap_or_default(),
    })
}
