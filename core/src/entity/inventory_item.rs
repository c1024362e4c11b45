//! Inventory items: what lies on the shelf. How many there are is the sum of the stock movements, never written.

use super::MOST_CENTS;
use crate::schema::{Row, Search};
use crate::search_key::fold;

crate::entity! {
    /// A thing the shop keeps in stock.
    InventoryItem(InventoryItemId) in "inventory_items" {
        search: Some(Search { text, keys }),
        unique: &["sku"],
    }
    /// The shop's own number for it.
    sku: Option<String> = L [Chars(1, 64)];
    /// What a scanner reads.
    barcode: Option<String> = L [Chars(1, 64), Gtin];
    /// What it is called.
    name: String = L [Chars(1, 120)];
    /// What it is grouped under.
    category: Option<String> = L [Chars(0, 120)];
    /// Who makes it.
    brand: Option<String> = L [Chars(0, 120)];
    /// The devices it fits.
    compatible_models: Vec<String> = S [Items(200)];
    /// What the customer pays for one.
    price_cents: Option<i64> = Z [Range(0, MOST_CENTS)];
    /// Who sells it to the shop.
    supplier: Option<String> = L [Chars(0, 120)];
    /// Where it lies.
    bin: Option<String> = L [Chars(0, 64)];
    /// At how many to order more.
    reorder_level: Option<i64> = L [Range(0, 1_000_000_000)];
    /// How many there are; below zero when more were used than were known.
    quantity: i64 = C;
    /// How many of them are promised to tickets.
    reserved: i64 = C;
    /// The item that this duplicate was merged into.
    merged_into: Option<InventoryItemId> = L;
}

fn text(row: &Row) -> String {
    let mut words: Vec<String> =
        ["name", "sku", "brand", "category", "supplier"].map(|field| row.text(field).to_owned()).into();
    words.extend(row.read::<Vec<String>>("compatible_models").unwrap_or_default());
    words.join(" ")
}

fn keys(row: &Row) -> Vec<(&'static str, String)> {
    ["name", "sku", "barcode"]
        .map(|field| (field, fold(row.text(field))))
        .into_iter()
        .filter(|(_, key)| !key.is_empty())
        .collect()
}
