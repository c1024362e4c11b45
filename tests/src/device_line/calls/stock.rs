//! Parts and the shelf.

use crate::device_line::argument::Limit;
use crate::device_line::call::{calls, done};
use crate::device_line::show;
use counterpart_core::desk::Key;
use counterpart_core::entity::{InventoryItemId, TicketId, TicketLineId};
use serde_json::json;

calls! {
    /// Takes a part off the shelf for a ticket.
    use_part(device, ticket: String, item: String, quantity: i64) {
        let line = device.shop()?.use_part(&TicketId(ticket), &InventoryItemId(item), quantity)?;
        Ok(json!({ "line": line }))
    }

    /// Takes what a line's part still lacks off the shelf, and ends its reservation.
    use_line(device, line: String) {
        device.shop()?.use_line(&TicketLineId(line))?;
        done()
    }

    /// Takes a line away. What it took goes back to the shelf.
    cancel_line(device, line: String) {
        device.shop()?.cancel_line(&TicketLineId(line))?;
        done()
    }

    /// Changes how many of something a line has.
    set_line_quantity(device, line: String, quantity: i64) {
        device.shop()?.set_line_quantity(&TicketLineId(line), quantity)?;
        done()
    }

    /// Promises a line its part.
    reserve(device, line: String) {
        device.shop()?.reserve(&TicketLineId(line))?;
        done()
    }

    /// Takes a line's promise back.
    release(device, line: String) {
        device.shop()?.release(&TicketLineId(line))?;
        done()
    }

    /// Goods came in.
    receive(device, item: String, quantity: i64, reason: Option<String>) {
        let movement = device.shop()?.receive(&InventoryItemId(item), quantity, reason.as_deref())?;
        Ok(json!({ "movement": movement }))
    }

    /// The books were wrong by so many, more or fewer.
    adjust(device, item: String, by: i64, reason: Option<String>) {
        let movement = device.shop()?.adjust(&InventoryItemId(item), by, reason.as_deref())?;
        Ok(json!({ "movement": movement }))
    }

    /// So many are broken, lost or stolen.
    write_off(device, item: String, quantity: i64, reason: Option<String>) {
        let movement = device.shop()?.write_off(&InventoryItemId(item), quantity, reason.as_deref())?;
        Ok(json!({ "movement": movement }))
    }

    /// So many were counted on the shelf.
    count(device, item: String, counted: i64) {
        Ok(json!({ "movement": device.shop()?.count(&InventoryItemId(item), counted)? }))
    }

    /// Merges a duplicate item into the one that stays.
    merge_items(device, stays: String, duplicate: String) {
        device.shop()?.merge_items(&InventoryItemId(stays), &InventoryItemId(duplicate))?;
        done()
    }

    /// Items to order, by name, after an item's name and id.
    low_stock(device, after_name: Option<String>, after: Option<String>, limit: Limit) {
        let after = after_name.as_deref().zip(after.as_deref());
        Ok(show::list(&device.shop()?.low_stock(after, limit.0)?, show::item))
    }

    /// What happened to an item, the newest first, older than a row's key.
    movements(device, item: String, before: Option<Key>, limit: Limit) {
        let rows = device.shop()?.movements(&InventoryItemId(item), before.as_ref(), limit.0)?;
        Ok(show::list(&rows, show::movement))
    }

    /// Items with this number.
    items_by_sku(device, sku: String) {
        Ok(show::list(&device.shop()?.items_by_sku(&sku)?, show::item))
    }

    /// Items with this barcode.
    items_by_barcode(device, barcode: String) {
        Ok(show::list(&device.shop()?.items_by_barcode(&barcode)?, show::item))
    }

    /// Items that contain every word, the best first.
    find_items(device, words: String, limit: Limit) {
        Ok(show::list(&device.shop()?.find_items(&words, limit.0)?, show::item))
    }
}
