//! Parts and the shelf. A quantity is the sum of its movements: nothing here sets one.

use super::{Shop, calls};
use counterpart_core::entity::{InventoryItemId, StockMovementId, TicketId, TicketLineId};

calls! {
    /// Takes a part off the shelf for a ticket: a line with the item's name and price, and the movement.
    fn use_part(shop, ticket: TicketId, item: InventoryItemId, quantity: i64) -> TicketLineId {
        shop.use_part(&ticket, &item, quantity)
    }

    /// Takes what a line's part still lacks off the shelf, and ends its reservation.
    fn use_line(shop, line: TicketLineId) -> () {
        shop.use_line(&line)
    }

    /// Takes a line away. What it took goes back to the shelf, what it reserved is free.
    fn cancel_line(shop, line: TicketLineId) -> () {
        shop.cancel_line(&line)
    }

    /// Changes how many of something a line has. Of a part that was taken or reserved, the difference moves.
    fn set_line_quantity(shop, line: TicketLineId, quantity: i64) -> () {
        shop.set_line_quantity(&line, quantity)
    }

    /// Promises a line its part.
    fn reserve(shop, line: TicketLineId) -> () {
        shop.reserve(&line)
    }

    /// Takes a line's promise back.
    fn release(shop, line: TicketLineId) -> () {
        shop.release(&line)
    }

    /// Goods came in.
    fn receive(shop, item: InventoryItemId, quantity: i64, reason: Option<String>) -> StockMovementId {
        shop.receive(&item, quantity, reason.as_deref())
    }

    /// The books were wrong by so many, more or fewer.
    fn adjust(shop, item: InventoryItemId, by: i64, reason: Option<String>) -> StockMovementId {
        shop.adjust(&item, by, reason.as_deref())
    }

    /// So many are broken, lost or stolen.
    fn write_off(shop, item: InventoryItemId, quantity: i64, reason: Option<String>) -> StockMovementId {
        shop.write_off(&item, quantity, reason.as_deref())
    }

    /// So many were counted on the shelf.
    fn count(shop, item: InventoryItemId, counted: i64) -> StockMovementId {
        shop.count(&item, counted)
    }

    /// Merges a duplicate item into the one that stays.
    fn merge_items(shop, stays: InventoryItemId, duplicate: InventoryItemId) -> () {
        shop.merge_items(&stays, &duplicate)
    }
}
