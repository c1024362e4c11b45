//! Tickets: taken in, moved, found, and their passcodes.

use crate::device_line::argument::{Brings, Limit};
use crate::device_line::call::{calls, done};
use crate::device_line::show::{self, entity_from};
use counterpart_core::desk::{BoardFilter, BoardOrder, Bringer, Intake, Key};
use counterpart_core::entity::{
    Approval, CustomerId, EmployeeId, Priority, TicketId, TicketLineId, TicketStatus,
};
use serde_json::{Map, Value as Json, json};

calls! {
    /// Takes a device in: the customer if new, the ticket and the device's passcode, all or none.
    intake(device, customer: Brings, ticket: Map<String, Json>, passcode: Option<String>) {
        let bringer = match customer {
            Brings::Known(id) => Bringer::Known { id: CustomerId(id) },
            Brings::New(fields) => Bringer::New { customer: entity_from(&fields)? },
        };
        let intake = Intake { bringer, ticket: entity_from(&ticket)? };
        let taken = device.shop()?.intake(&intake, passcode.as_deref())?;
        Ok(json!({ "customer": taken.customer, "ticket": taken.ticket, "number": taken.number }))
    }

    /// Moves a ticket to another status.
    transition(device, id: String, to: String, reason: Option<String>) {
        device.shop()?.transition(&TicketId(id), TicketStatus::from(to), reason.as_deref())?;
        done()
    }

    /// Gives a ticket to an employee, or to nobody.
    assign(device, ticket: String, employee: Option<String>) {
        device.shop()?.assign(&TicketId(ticket), employee.as_deref())?;
        done()
    }

    /// Adds a line to a ticket. A part's line takes nothing from the shelf: `use_line` does.
    add_line(device, ticket: String, line: Map<String, Json>) {
        let line = device.shop()?.add_line(&TicketId(ticket), &entity_from(&line)?)?;
        Ok(json!({ "line": line }))
    }

    /// Writes down what the customer said to a line: pending, approved, declined.
    approve_line(device, line: String, approval: String) {
        device.shop()?.approve_line(&TicketLineId(line), Approval::from(approval))?;
        done()
    }

    /// A ticket with its customer, lines, notes, status history and total, or null.
    ticket(device, id: String) {
        Ok(show::one(device.shop()?.ticket_view(&TicketId(id))?, show::ticket_view))
    }

    /// One window of the board, after a row's key; of open tickets, if no status is named.
    board(device, statuses: Option<Vec<String>>, assignee: Option<String>, priority: Option<String>,
          order: Option<BoardOrder>, after: Option<Key>, limit: Limit) {
        let filter = BoardFilter {
            statuses: statuses.unwrap_or_default().into_iter().map(TicketStatus::from).collect(),
            assignee: assignee.map(EmployeeId),
            priority: priority.map(Priority::from),
            order: order.unwrap_or_default(),
        };
        let rows = device.shop()?.board(&filter, after.as_ref(), limit.0)?;
        Ok(show::list(&rows, |row| show::keyed(show::ticket(row), &row.key(filter.order))))
    }

    /// The ticket with this number, or null.
    ticket_by_number(device, number: String) {
        Ok(show::one(device.shop()?.ticket_by_number(&number)?, show::ticket))
    }

    /// A device's tickets by its IMEI, the newest first, older than a ticket.
    tickets_by_imei(device, imei: String, before: Option<String>, limit: Limit) {
        Ok(show::list(&device.shop()?.tickets_by_imei(&imei, before.as_deref(), limit.0)?, show::ticket))
    }

    /// A device's tickets by its serial number, the newest first, older than a ticket.
    tickets_by_serial(device, serial: String, before: Option<String>, limit: Limit) {
        Ok(show::list(&device.shop()?.tickets_by_serial(&serial, before.as_deref(), limit.0)?, show::ticket))
    }

    /// A customer's tickets, the newest first, older than a ticket.
    tickets_of_customer(device, customer: String, before: Option<String>, limit: Limit) {
        let rows = device.shop()?.tickets_of_customer(&CustomerId(customer), before.as_deref(), limit.0)?;
        Ok(show::list(&rows, show::ticket))
    }

    /// Tickets that contain every word, the best first.
    find_tickets(device, words: String, limit: Limit) {
        Ok(show::list(&device.shop()?.find_tickets(&words, limit.0)?, show::ticket))
    }

    /// Seals a device's passcode.
    set_passcode(device, ticket: String, passcode: String) {
        device.shop()?.set_passcode(&TicketId(ticket), &passcode)?;
        done()
    }

    /// Shows a device's passcode, and logs that.
    reveal_passcode(device, ticket: String) {
        Ok(json!(device.shop()?.reveal_passcode(&TicketId(ticket))?.as_str()))
    }
}
