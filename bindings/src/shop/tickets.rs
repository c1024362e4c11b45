//! What happens to tickets: taken in, moved, assigned, priced; and their passcodes.

use super::{Shop, calls};
use counterpart_core::desk::{Intake, TakenIn};
use counterpart_core::entity::{Approval, EmployeeId, TicketId, TicketLine, TicketLineId, TicketStatus};

calls! {
    /// Takes a device in: the customer if new, the ticket, and the device's passcode if there is one, all or none.
    fn intake(shop, intake: Intake, passcode: Option<String>) -> TakenIn {
        shop.intake(&intake, passcode.as_deref())
    }

    /// Moves a ticket to another status, if the way through the shop and the person's rights allow it.
    fn transition(shop, ticket: TicketId, to: TicketStatus, reason: Option<String>) -> () {
        shop.transition(&ticket, to, reason.as_deref())
    }

    /// Gives a ticket to an employee who works here, or to nobody.
    fn assign(shop, ticket: TicketId, employee: Option<EmployeeId>) -> () {
        shop.assign(&ticket, employee.as_ref().map(AsRef::as_ref))
    }

    /// Adds a line to a ticket. A part's line takes nothing from the shelf: `use_line` does.
    fn add_line(shop, ticket: TicketId, line: TicketLine) -> TicketLineId {
        shop.add_line(&ticket, &line)
    }

    /// A line, if it is here and not deleted.
    fn ticket_line(shop, id: TicketLineId) -> Option<TicketLine> {
        shop.get(&id.0)
    }

    /// Saves what differs between a line as it was read and as it is now.
    fn edit_line(shop, before: TicketLine, after: TicketLine) -> () {
        shop.edit(&before, &after)
    }

    /// Writes down what the customer said to a line.
    fn approve_line(shop, line: TicketLineId, approval: Approval) -> () {
        shop.approve_line(&line, approval)
    }

    /// Seals a device's passcode, in the place of an earlier one.
    fn set_passcode(shop, ticket: TicketId, passcode: String) -> () {
        let passcode = zeroize::Zeroizing::new(passcode);
        shop.set_passcode(&ticket, &passcode)
    }

    /// Shows a device's passcode to somebody who may see it, and logs that. Show it, and keep it nowhere.
    fn reveal_passcode(shop, ticket: TicketId) -> String {
        Ok(shop.reveal_passcode(&ticket)?.as_str().to_owned())
    }
}
