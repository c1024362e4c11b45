//! Stock movements: everything that ever happened to an item's stock. Quantity and reservation are their sums, the
//! same in any order. A physical fact is never refused, so a sum may go below zero.

use super::{InventoryItemId, TicketLineId};
use crate::schema::{Counts, Entity, Invalid, Onto, Row, Rule, Value};
use uuid::Uuid;

crate::entity! {
    /// Something happened to an item's stock.
    StockMovement(StockMovementId) in "stock_movements" {
        append_only: true,
        parent: Some("item_id"),
        onto: Some(Onto {
            table: "inventory_items",
            key: "item_id",
            apply: move_stock,
            judge: |_, _, _| Ok(()),
            counts: Some(Counts { sum: "quantity", moves: counted_by, settles: settling_count }),
        }),
        rule: makes_sense,
    }
    /// The item.
    item_id: InventoryItemId = F;
    /// How many more or, below zero, how many fewer; of a count, what was counted less what was shown.
    quantity: i64 = F [Range(-1_000_000_000, 1_000_000_000)];
    /// What happened.
    kind: MovementKind = F;
    /// The ticket line it was for.
    ticket_line_id: Option<TicketLineId> = F;
    /// Why.
    reason: Option<String> = F [Chars(0, 1_000)];
    /// How many a count found.
    counted: Option<i64> = F [Range(0, 1_000_000_000)];
    /// How many the counting device showed at that moment.
    shown: Option<i64> = F [Range(-1_000_000_000, 1_000_000_000)];
}

crate::words! {
    /// What happened to the stock.
    MovementKind {
        Receive = "receive",
        Use = "use",
        Return = "return",
        Adjust = "adjust",
        Count = "count",
        Reserve = "reserve",
        Release = "release",
        Shrink = "shrink",
    }
}

/// The id of a line's `k`-th movement of a kind, from 0: two devices that cancel the same line make one row.
pub fn movement_id(line: &TicketLineId, kind: &MovementKind, k: u32) -> StockMovementId {
    const SPACE: Uuid = Uuid::from_u128(0x6f1f_4c0d_0e58_5b6e_9a3c_2d77_c0de_51a7);
    let name = format!("{line}/{kind}/{k}");
    StockMovementId(Uuid::new_v5(&SPACE, name.as_bytes()).to_string())
}

impl StockMovement {
    /// So many were counted where so many were shown: the difference moves.
    pub fn count(item: InventoryItemId, shown: i64, counted: i64) -> StockMovement {
        StockMovement {
            item_id: item,
            quantity: counted.saturating_sub(shown),
            kind: MovementKind::Count,
            counted: Some(counted),
            shown: Some(shown),
            ..StockMovement::default()
        }
    }
}

fn counted_by(movement: &Row) -> Option<i64> {
    (movement.text("kind") == MovementKind::Count.word())
        .then(|| movement.int("quantity").unwrap_or_default())
}

/// Nobody finds less than nothing, whatever the books came to.
fn settling_count(item: &Row, chosen: i64) -> Row {
    let shown = item.int("quantity").unwrap_or_default();
    StockMovement::count(InventoryItemId(item.id.clone()), shown, chosen.max(0)).to_row()
}

fn makes_sense(row: &Row) -> Result<(), Invalid> {
    let quantity = row.int("quantity").unwrap_or_default();
    let breaks = |field, rule| Err(Invalid::field(field, Rule::Of(rule)));
    let (counted, shown) = (row.int("counted"), row.int("shown"));
    if row.text("kind") != MovementKind::Count.word() {
        return match (quantity, counted.or(shown)) {
            (0, _) => breaks("quantity", "moves_nothing"),
            (_, Some(_)) => breaks("counted", "only_a_count_counts"),
            (_, None) => Ok(()),
        };
    }
    match (counted, shown) {
        (Some(counted), Some(shown)) if counted.checked_sub(shown) == Some(quantity) => Ok(()),
        (Some(_), Some(_)) => breaks("quantity", "count_is_not_the_difference"),
        (None, _) => breaks("counted", "count_without_result"),
        (_, None) => breaks("shown", "count_without_result"),
    }
}

fn move_stock(movement: &Row, item: &mut Row) {
    let by = movement.int("quantity").unwrap_or_default();
    let (sum, by) = match MovementKind::from(movement.text("kind")) {
        MovementKind::Reserve => ("reserved", by),
        MovementKind::Release => ("reserved", by.wrapping_neg()),
        MovementKind::Receive
        | MovementKind::Use
        | MovementKind::Return
        | MovementKind::Adjust
        | MovementKind::Count
        | MovementKind::Shrink
        | MovementKind::Other { .. } => ("quantity", by),
    };
    // Wrapping keeps the sum independent of order even for numbers no shop ever sees.
    let moved = item.int(sum).unwrap_or_default().wrapping_add(by);
    item.set(sum, Value::Int(moved));
}
