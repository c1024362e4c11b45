//! What happens to stock. Every movement of a line has an id that follows from the line, so that two devices doing the
//! same make one row; a physical fact is never refused, so a quantity may go below zero.

use crate::entity::{
    InventoryItem, InventoryItemId, ItemCost, LineKind, MovementKind, StockMovement, StockMovementId, Ticket,
    TicketId, TicketLine, TicketLineId, movement_id,
};
use crate::env::derived_id;
use crate::error::{Error, Result};
use crate::schema::{Check, Entity, Invalid, Rule};
use crate::shop::{Edits, Shop};

impl Shop {
    /// Takes a part off the shelf for a ticket: a line with the item's name and price, and the movement.
    pub fn use_part(&self, ticket: &TicketId, item: &InventoryItemId, quantity: i64) -> Result<TicketLineId> {
        self.together(|edits| {
            let item: InventoryItem = edits.existing(&item.0)?;
            let line = TicketLine {
                kind: LineKind::Part,
                inventory_item_id: Some(item.id.clone()),
                description: Some(item.name.clone()),
                quantity,
                unit_price_cents: item.price_cents.unwrap_or_default(),
                ..TicketLine::default()
            };
            let line = edits.add_line(ticket, &line)?;
            edits.move_for_line(&line, &item.id, MovementKind::Use, -quantity)?;
            Ok(line)
        })
    }

    /// Takes what a line's part still lacks off the shelf, and ends its reservation. A cancelled line comes back.
    pub fn use_line(&self, line: &TicketLineId) -> Result<()> {
        self.together(|edits| {
            let line = edits.revived(line)?;
            let (item, taken) = edits.part_of(&line)?;
            edits.move_if_any(&line.id, &item, MovementKind::Release, taken.reserved.max(0))?;
            edits.move_if_any(&line.id, &item, MovementKind::Use, (taken.used - line.quantity).min(0))
        })
    }

    /// Takes a line away. What it took off the shelf goes back, what it reserved is free.
    pub fn cancel_line(&self, line: &TicketLineId) -> Result<()> {
        self.together(|edits| {
            let line: TicketLine = edits.existing(&line.0)?;
            if let Some(item) = &line.inventory_item_id {
                let taken = edits.taken_by(&line.id)?;
                edits.move_if_any(&line.id, item, MovementKind::Return, taken.used.max(0))?;
                edits.move_if_any(&line.id, item, MovementKind::Release, taken.reserved.max(0))?;
            }
            edits.delete(TicketLine::TABLE, &line.id.0)
        })
    }

    /// Changes how many of something a line has. Of a part that was taken or reserved, the difference moves.
    pub fn set_line_quantity(&self, line: &TicketLineId, quantity: i64) -> Result<()> {
        self.together(|edits| {
            let before: TicketLine = edits.existing(&line.0)?;
            edits.edit(&before, &TicketLine { quantity, ..before.clone() })?;
            let Some(item) = &before.inventory_item_id else { return Ok(()) };
            let taken = edits.taken_by(line)?;
            if taken.used > 0 {
                let back = taken.used - quantity;
                let kind = if back > 0 { MovementKind::Return } else { MovementKind::Use };
                edits.move_if_any(line, item, kind, back)?;
            }
            if taken.reserved > 0 {
                let more = quantity - taken.reserved;
                let kind = if more > 0 { MovementKind::Reserve } else { MovementKind::Release };
                edits.move_if_any(line, item, kind, more.abs())?;
            }
            Ok(())
        })
    }

    /// Promises a line its part.
    pub fn reserve(&self, line: &TicketLineId) -> Result<()> {
        self.alone(|edits| {
            let line: TicketLine = edits.existing(&line.0)?;
            let (item, taken) = edits.part_of(&line)?;
            let lacks = line.quantity - taken.used - taken.reserved;
            edits.move_if_any(&line.id, &item, MovementKind::Reserve, lacks.max(0))
        })
    }

    /// Takes a line's promise back.
    pub fn release(&self, line: &TicketLineId) -> Result<()> {
        self.alone(|edits| {
            let line: TicketLine = edits.existing(&line.0)?;
            let (item, taken) = edits.part_of(&line)?;
            edits.move_if_any(&line.id, &item, MovementKind::Release, taken.reserved.max(0))
        })
    }

    /// Goods came in.
    pub fn receive(
        &self,
        item: &InventoryItemId,
        quantity: i64,
        reason: Option<&str>,
    ) -> Result<StockMovementId> {
        self.move_stock(item, MovementKind::Receive, positive(quantity)?, reason)
    }

    /// The books were wrong by that many, more or fewer.
    pub fn adjust(&self, item: &InventoryItemId, by: i64, reason: Option<&str>) -> Result<StockMovementId> {
        self.move_stock(item, MovementKind::Adjust, by, reason)
    }

    /// So many are broken, lost or stolen.
    pub fn write_off(
        &self,
        item: &InventoryItemId,
        quantity: i64,
        reason: Option<&str>,
    ) -> Result<StockMovementId> {
        self.move_stock(item, MovementKind::Shrink, -positive(quantity)?, reason)
    }

    /// So many were counted on the shelf. The movement carries what this device showed, and moves the difference.
    pub fn count(&self, item: &InventoryItemId, counted: i64) -> Result<StockMovementId> {
        self.alone(|edits| {
            let item: InventoryItem = edits.existing(&item.0)?;
            Ok(StockMovementId(edits.create(&StockMovement::count(item.id, item.quantity, counted))?))
        })
    }

    fn move_stock(
        &self,
        item: &InventoryItemId,
        kind: MovementKind,
        quantity: i64,
        reason: Option<&str>,
    ) -> Result<StockMovementId> {
        self.alone(|edits| {
            let item_id = edits.existing::<InventoryItem>(&item.0)?.id;
            let reason = reason.map(str::to_owned);
            let movement = StockMovement { item_id, kind, quantity, reason, ..StockMovement::default() };
            Ok(StockMovementId(edits.create(&movement)?))
        })
    }

    /// Merges a duplicate item into the one that stays. Movements are history and stay where they are: what they sum
    /// up to moves over, by movements that two devices merging the same two would both make.
    pub fn merge_items(&self, stays: &InventoryItemId, duplicate: &InventoryItemId) -> Result<()> {
        self.together(|edits| {
            edits.existing::<InventoryItem>(&stays.0)?;
            let gone: InventoryItem = edits.existing(&duplicate.0)?;
            let moves = [
                (MovementKind::Adjust, duplicate, -gone.quantity),
                (MovementKind::Adjust, stays, gone.quantity),
                (MovementKind::Release, duplicate, gone.reserved),
                (MovementKind::Reserve, stays, gone.reserved),
            ];
            for (kind, item, quantity) in moves.into_iter().filter(|(_, _, quantity)| *quantity != 0) {
                let id = derived_id(&["merge", &stays.0, &duplicate.0, &item.0, kind.word()]);
                let item_id = item.clone();
                let id = StockMovementId(id);
                edits.create(&StockMovement { id, item_id, kind, quantity, ..StockMovement::default() })?;
            }
            edits.carry_cost(stays, duplicate)?;
            edits.merge_duplicates(InventoryItem::TABLE, &stays.0, &duplicate.0)
        })
    }
}

fn positive(quantity: i64) -> Result<i64> {
    let wrong = Invalid::field("quantity", Rule::Limit(Check::Range(1, i64::MAX)));
    if quantity > 0 { Ok(quantity) } else { Err(wrong.of(StockMovement::TABLE.name).into()) }
}

/// What a line's movements come to.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    used: i64,
    reserved: i64,
}

pub(super) const OF_LINE: &str = "SELECT kind, quantity FROM stock_movements WHERE ticket_line_id = ?1";
pub(super) const COSTS: &str = "WHERE item_id = ?1 AND deleted_at IS NULL ORDER BY id LIMIT 1";

impl Edits<'_> {
    fn movements_of(&self, line: &TicketLineId) -> Result<Vec<(MovementKind, i64)>> {
        self.all(OF_LINE, [&line.0], |row| {
            Ok((super::word(row, 0)?, row.get::<_, Option<i64>>(1)?.unwrap_or_default()))
        })
    }

    fn taken_by(&self, line: &TicketLineId) -> Result<Taken> {
        let mut taken = Taken::default();
        for (kind, quantity) in self.movements_of(line)? {
            match kind {
                MovementKind::Use | MovementKind::Return => taken.used -= quantity,
                MovementKind::Reserve => taken.reserved += quantity,
                MovementKind::Release => taken.reserved -= quantity,
                MovementKind::Receive
                | MovementKind::Adjust
                | MovementKind::Count
                | MovementKind::Shrink
                | MovementKind::Other { .. } => {}
            }
        }
        Ok(taken)
    }

    /// The item that a line takes, and what it has of it.
    fn part_of(&self, line: &TicketLine) -> Result<(InventoryItemId, Taken)> {
        let wrong = Invalid::field("inventory_item_id", Rule::Required).of(TicketLine::TABLE.name);
        let item = line.inventory_item_id.clone().ok_or(wrong)?;
        Ok((item, self.taken_by(&line.id)?))
    }

    /// A line that is there, or was: one that was cancelled is made again, the same row.
    fn revived(&self, line: &TicketLineId) -> Result<TicketLine> {
        let row = self.row(TicketLine::TABLE, &line.0)?;
        let row = row.ok_or_else(|| Error::missing(TicketLine::TABLE.name))?;
        let line = TicketLine::from_row(&row)?;
        self.existing::<Ticket>(&line.ticket_id.0)?;
        if row.is_deleted() {
            self.create(&line)?;
        }
        Ok(line)
    }

    fn move_if_any(
        &self,
        line: &TicketLineId,
        item: &InventoryItemId,
        kind: MovementKind,
        quantity: i64,
    ) -> Result<()> {
        if quantity == 0 { Ok(()) } else { self.move_for_line(line, item, kind, quantity) }
    }

    fn move_for_line(
        &self,
        line: &TicketLineId,
        item: &InventoryItemId,
        kind: MovementKind,
        quantity: i64,
    ) -> Result<()> {
        let like = self.movements_of(line)?.into_iter().filter(|(other, _)| *other == kind).count();
        let k = u32::try_from(like).unwrap_or(u32::MAX);
        self.create(&StockMovement {
            id: movement_id(line, &kind, k),
            item_id: item.clone(),
            quantity,
            kind,
            ticket_line_id: Some(line.clone()),
            ..StockMovement::default()
        })?;
        Ok(())
    }

    /// What the duplicate costs becomes the cost of the item that stays, if it has none. Only who may see costs has
    /// any of it here.
    fn carry_cost(&self, stays: &InventoryItemId, duplicate: &InventoryItemId) -> Result<()> {
        let cost = |item: &InventoryItemId| -> Result<Option<ItemCost>> {
            let rows = self.rows(ItemCost::TABLE, COSTS, [&item.0])?;
            Ok(rows.first().map(ItemCost::from_row).transpose()?)
        };
        let Some(gone) = cost(duplicate)? else { return Ok(()) };
        if cost(stays)?.is_none() {
            let cents = gone.cost_cents;
            self.create(&ItemCost { item_id: stays.clone(), cost_cents: cents, ..ItemCost::default() })?;
        }
        self.delete(ItemCost::TABLE, &gone.id.0)
    }
}
