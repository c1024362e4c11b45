//! Ticket notes: what people write down about a repair. They only add up; none is ever changed.

use super::TicketId;

crate::entity! {
    /// A note on a ticket.
    TicketNote(TicketNoteId) in "ticket_notes" {
        append_only: true,
        parent: Some("ticket_id"),
    }
    /// The ticket.
    ticket_id: TicketId = F;
    /// Who it is for.
    kind: NoteKind = F;
    /// What it says.
    body: String = F [Chars(1, 10_000)];
}

crate::words! {
    /// Who a note is for.
    NoteKind { Internal = "internal", Customer = "customer", Diagnostic = "diagnostic" }
}
