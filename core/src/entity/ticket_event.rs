//! Ticket events: the history of a ticket's status, and the only thing that moves it.

use super::{TicketId, TicketStatus};
use crate::schema::{Column, Onto, Row, Value};

crate::entity! {
    /// Somebody moved a ticket from one status to another.
    TicketEvent(TicketEventId) in "ticket_events" {
        append_only: true,
        parent: Some("ticket_id"),
        onto: Some(Onto { table: "tickets", key: "ticket_id", apply: move_ticket }),
    }
    /// The ticket.
    ticket_id: TicketId = F;
    /// The status that the person saw.
    from: TicketStatus = F;
    /// The status it was moved to.
    to: TicketStatus = F;
    /// Why.
    reason: Option<String> = F [Chars(0, 1_000)];
    /// What the server made of it.
    outcome: EventOutcome = E;
}

crate::words! {
    /// What the server made of an event.
    EventOutcome {
        Pending = "pending",
        Applied = "applied",
        History = "history",
    }
}

/// Shows an event on its ticket. Whether it applies at all was decided before; one kept as history moves nothing.
fn move_ticket(event: &Row, ticket: &mut Row) {
    if EventOutcome::from(event.text("outcome")) == EventOutcome::History {
        return;
    }
    let (from, to) = (TicketStatus::from(event.text("from")), TicketStatus::from(event.text("to")));
    let (now, status) = (ticket.text("status").to_owned(), event.get("to").clone());
    let at = Value::Int(event.meta.created_at.timestamp_millis());
    if to == TicketStatus::InRepair && ticket.get("work_started_at").is_null() {
        ticket.set("work_started_at", at.clone());
    }
    // The person did not see the hold: the ticket stays on it, and goes back to where they moved it.
    let unseen_hold = now == TicketStatus::OnHold.word() && from != TicketStatus::OnHold;
    if unseen_hold && to.rank().is_some() && to.is_open() {
        ticket.set("on_hold_from", status);
        return;
    }
    let held_from = if to == TicketStatus::OnHold { from.to_value() } else { Value::Null };
    ticket.set("on_hold_from", held_from);
    ticket.set("closed_at", if to.is_open() { Value::Null } else { at });
    ticket.set("status", status);
}
