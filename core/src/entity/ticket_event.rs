//! Ticket events: the history of a ticket's status, and the only thing that moves it.

use super::{Held, Rights, TicketId, TicketStatus, stale_event_applies};
use crate::schema::{Column, Denied, Onto, Row, Value, Who};

crate::entity! {
    /// Somebody moved a ticket from one status to another.
    TicketEvent(TicketEventId) in "ticket_events" {
        append_only: true,
        parent: Some("ticket_id"),
        onto: Some(Onto { table: "tickets", key: "ticket_id", apply: move_ticket, judge, counts: None }),
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

/// Decides, on the server, what becomes of an event. One made on the status that the ticket still has must be a
/// possible move of somebody who may make it; one made on an older status counts if it leads forward.
fn judge(event: &mut Row, ticket: &Row, who: &Who) -> Result<(), Denied> {
    let (from, to) = (TicketStatus::from(event.text("from")), TicketStatus::from(event.text("to")));
    let current = TicketStatus::from(ticket.text("status"));
    let held_from = ticket.get("on_hold_from").text().map(TicketStatus::from);
    let mut outcome = EventOutcome::Applied;
    if current == from {
        let closed_for =
            ticket.int("closed_at").map(|closed| event.meta.created_at.timestamp_millis() - closed);
        let work_started = !ticket.get("work_started_at").is_null();
        let held = Held { from: held_from.as_ref(), work_started, closed_for };
        current.can_become(&to, held, Rights::of(who))?;
    } else if !stale_event_applies(&current, held_from.as_ref(), &to) {
        outcome = EventOutcome::History;
    }
    event.set("outcome", outcome.to_value());
    Ok(())
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
