//! Ticket lines: what a repair is made of and what the customer pays for. Whether a part left the shelf is a stock
//! movement's business, not the line's.

use super::{InventoryItemId, MOST_CENTS, TicketId};

crate::entity! {
    /// A part, a piece of work, a fee or a discount on a ticket.
    TicketLine(TicketLineId) in "ticket_lines" { parent: Some("ticket_id") }
    /// The ticket.
    ticket_id: TicketId = F;
    /// What it is.
    kind: LineKind = L;
    /// The item, where it comes from the shelf.
    inventory_item_id: Option<InventoryItemId> = L;
    /// In words.
    description: Option<String> = L [Chars(0, 500)];
    /// How many.
    quantity: i64 = L [Range(1, 1_000_000)];
    /// What one costs; a discount's is taken off.
    unit_price_cents: i64 = L [Range(0, MOST_CENTS)];
    /// Tax in hundredths of a percent.
    tax_bp: i64 = L [Range(0, 10_000)];
    /// What the customer said.
    approval: Approval = L;
}

crate::words! {
    /// What a line is.
    LineKind { Part = "part", Labour = "labour", Fee = "fee", Discount = "discount" }
}

crate::words! {
    /// Whether the customer wants it.
    Approval { Pending = "pending", Approved = "approved", Declined = "declined" }
}
