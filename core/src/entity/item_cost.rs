//! Item costs: what the shop pays for an item. A table of its own, because only managers may see it.

use super::permission::MANAGERS;
use super::{InventoryItemId, MOST_CENTS};
use crate::schema::Readers;

crate::entity! {
    /// What the shop pays for one of an item.
    ItemCost(ItemCostId) in "item_costs" {
        parent: Some("item_id"),
        single: true,
        readers: Readers::Roles(MANAGERS),
    }
    /// The item.
    item_id: InventoryItemId = F;
    /// What one costs the shop.
    cost_cents: i64 = L [Range(0, MOST_CENTS)];
}
