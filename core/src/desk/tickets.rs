//! What happens to tickets: taken in, moved, assigned, and what the customer is asked to pay for.

use crate::entity::{
    Approval, Customer, CustomerId, Employee, Held, Rights, Ticket, TicketEvent, TicketId, TicketLine,
    TicketLineId, TicketStatus,
};
use crate::error::Result;
use crate::schema::{Entity, Invalid, Rule};
use crate::shop::{Edits, Shop};

/// Who brings the device.
#[allow(clippy::large_enum_variant, reason = "one at a time, and it crosses to Swift and Kotlin by value")]
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Bringer {
    /// A customer that the shop knows.
    Known {
        /// Which one.
        id: CustomerId,
    },
    /// Somebody new.
    New {
        /// What is known of them.
        customer: Customer,
    },
}

/// A device that comes over the counter.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Intake {
    /// Who brings it.
    pub bringer: Bringer,
    /// The ticket; its customer and its number are filled in.
    pub ticket: Ticket,
}

/// What an intake made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct TakenIn {
    /// The customer.
    pub customer: CustomerId,
    /// The ticket.
    pub ticket: TicketId,
    /// What goes on the label; nothing while this device has no numbers to give.
    pub number: Option<String>,
}

impl Shop {
    /// Takes a device in: the customer if new, the ticket, and the device's passcode if there is one, all or none.
    pub fn intake(&self, intake: &Intake, passcode: Option<&str>) -> Result<TakenIn> {
        self.together(|edits| {
            let customer = match &intake.bringer {
                Bringer::Known { id } => edits.existing::<Customer>(&id.0)?.id,
                Bringer::New { customer } => CustomerId(edits.create(customer)?),
            };
            let ticket = Ticket { customer_id: customer.clone(), ..intake.ticket.clone() };
            let ticket = TicketId(edits.create(&ticket)?);
            if let Some(passcode) = passcode {
                edits.set_passcode(&ticket, passcode)?;
            }
            let number = edits.existing::<Ticket>(&ticket.0)?.number;
            Ok(TakenIn { customer, ticket, number })
        })
    }

    /// Moves a ticket to another status, if the way through the shop and the person's rights allow it. A ticket on
    /// hold goes back to where it came from; a pick-up is undone by a move back to ready.
    pub fn transition(&self, ticket: &TicketId, to: TicketStatus, reason: Option<&str>) -> Result<()> {
        self.alone(|edits| {
            let ticket: Ticket = edits.existing(&ticket.0)?;
            let held = Held {
                from: ticket.on_hold_from.as_ref(),
                work_started: ticket.work_started_at.is_some(),
                closed_for: ticket.closed_at.map(|at| edits.now() - at.timestamp_millis()),
            };
            ticket.status.can_become(&to, held, Rights::of(edits.who()))?;
            edits.create(&TicketEvent {
                ticket_id: ticket.id,
                from: ticket.status,
                to,
                reason: reason.map(str::to_owned),
                ..TicketEvent::default()
            })?;
            Ok(())
        })
    }

    /// Gives a ticket to an employee who works here, or to nobody.
    pub fn assign(&self, ticket: &TicketId, employee: Option<&str>) -> Result<()> {
        self.alone(|edits| {
            let before: Ticket = edits.existing(&ticket.0)?;
            let assignee = employee.map(|id| edits.existing::<Employee>(id)).transpose()?;
            if assignee.as_ref().is_some_and(|employee| !employee.active) {
                let wrong = Invalid::field("assignee_id", Rule::Of("not_active"));
                return Err(wrong.of(Ticket::TABLE.name).into());
            }
            let after = Ticket { assignee_id: assignee.map(|employee| employee.id), ..before.clone() };
            edits.edit(&before, &after)
        })
    }

    /// Adds a line to a ticket. A part's line takes nothing from the shelf: [`Shop::use_line`] does.
    pub fn add_line(&self, ticket: &TicketId, line: &TicketLine) -> Result<TicketLineId> {
        self.alone(|edits| edits.add_line(ticket, line))
    }

    /// Writes down what the customer said to a line.
    pub fn approve_line(&self, line: &TicketLineId, approval: Approval) -> Result<()> {
        self.alone(|edits| {
            let before: TicketLine = edits.existing(&line.0)?;
            edits.edit(&before, &TicketLine { approval, ..before.clone() })
        })
    }
}

impl Edits<'_> {
    pub(super) fn add_line(&self, ticket: &TicketId, line: &TicketLine) -> Result<TicketLineId> {
        let ticket_id = self.existing::<Ticket>(&ticket.0)?.id;
        Ok(TicketLineId(self.create(&TicketLine { ticket_id, ..line.clone() })?))
    }
}
