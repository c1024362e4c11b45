//! What people do at a device, each in one call. It says what they did, for the timeline.

use super::opening::Stock;
use super::{Device, Failure};
use chrono::Duration;
use counterpart_core::desk::{BoardFilter, BoardOrder, Bringer, Intake, TicketRow};
use counterpart_core::entity::{
    Appointment, AppointmentKind, CustomerId, EmployeeId, InventoryItem, InventoryItemId, NoteKind, Ticket,
    TicketId, TicketNote, TicketStatus,
};
use counterpart_core::schema::time_from_ms;

/// More open tickets than the demo's shop ever has.
const BOARD: usize = 200;

impl Device {
    /// A customer brings something to the counter.
    pub(super) fn take_in(&self, stock: &mut Stock, customer: &CustomerId) -> Result<TicketId, Failure> {
        let intake =
            Intake { bringer: Bringer::Known { id: customer.clone() }, ticket: stock.floor.intake(customer) };
        Ok(self.shop.intake(&intake, None)?.ticket)
    }

    /// Somebody writes a note.
    pub(super) fn note(&self, ticket: &TicketId, kind: NoteKind, body: &str) -> Result<(), Failure> {
        let note = TicketNote { ticket_id: ticket.clone(), kind, body: body.into(), ..TicketNote::default() };
        self.shop.create(&note)?;
        Ok(())
    }

    /// The customer's words, as this device has them now, become these.
    pub(super) fn tell_problem(&self, ticket: &TicketId, problem: &str) -> Result<(), Failure> {
        let before: Ticket = self.shop.get(&ticket.0)?.ok_or("no such ticket here")?;
        Ok(self.shop.edit(&before, &Ticket { problem: Some(problem.into()), ..before.clone() })?)
    }

    /// What the technician found.
    pub(super) fn diagnose(&self, ticket: &TicketId, diagnosis: &str) -> Result<(), Failure> {
        let before: Ticket = self.shop.get(&ticket.0)?.ok_or("no such ticket here")?;
        Ok(self.shop.edit(&before, &Ticket { diagnosis: Some(diagnosis.into()), ..before.clone() })?)
    }

    /// A customer will come in some hours.
    pub(super) fn book(&self, customer: &CustomerId, hours: i64) -> Result<(), Failure> {
        let starts_at = time_from_ms(self.shop.env().now()) + Duration::hours(hours);
        self.shop.create(&Appointment {
            customer_id: customer.clone(),
            kind: AppointmentKind::PickUp,
            starts_at,
            ends_at: starts_at + Duration::minutes(20),
            time_zone: "Europe/Berlin".into(),
            assignee_id: self.shop.who().actor.map(EmployeeId),
            ..Appointment::default()
        })?;
        Ok(())
    }

    /// How many of an item are on the shelf, as far as this device knows.
    pub(super) fn on_shelf(&self, item: &InventoryItemId) -> Result<i64, Failure> {
        let item: InventoryItem = self.shop.get(&item.0)?.ok_or("no such item here")?;
        Ok(item.quantity)
    }

    /// A ticket goes on along the straight way through the shop; says where it went.
    pub(super) fn move_on(&self, ticket: &TicketRow) -> Result<Option<TicketStatus>, Failure> {
        let Some(next) = next(&ticket.status) else { return Ok(None) };
        self.shop.transition(&ticket.id, next.clone(), None)?;
        Ok(Some(next))
    }

    /// The open tickets in these statuses, the last changed first.
    pub(super) fn board(&self, statuses: &[TicketStatus]) -> Result<Vec<TicketRow>, Failure> {
        let filter =
            BoardFilter { statuses: statuses.to_vec(), order: BoardOrder::Updated, ..BoardFilter::default() };
        Ok(self.shop.board(&filter, None, BOARD)?)
    }

    /// What is on a ticket's label, and what it is about.
    pub(super) fn label(&self, ticket: &TicketId) -> Result<String, Failure> {
        let ticket: Ticket = self.shop.get(&ticket.0)?.ok_or("no such ticket here")?;
        Ok(format!("{} “{}”", ticket.number.unwrap_or_default(), ticket.subject))
    }
}

/// The straight way from intake to pick-up.
fn next(status: &TicketStatus) -> Option<TicketStatus> {
    match status {
        TicketStatus::Received => Some(TicketStatus::Diagnosing),
        TicketStatus::Diagnosing | TicketStatus::Approved | TicketStatus::AwaitingParts => {
            Some(TicketStatus::InRepair)
        }
        TicketStatus::InRepair => Some(TicketStatus::Qc),
        TicketStatus::Qc => Some(TicketStatus::Ready),
        TicketStatus::Ready => Some(TicketStatus::PickedUp),
        TicketStatus::AwaitingApproval => Some(TicketStatus::Approved),
        TicketStatus::PickedUp
        | TicketStatus::OnHold
        | TicketStatus::Cancelled
        | TicketStatus::Abandoned
        | TicketStatus::Other { .. } => None,
    }
}

/// A status in a person's words.
pub(super) fn words(status: &TicketStatus) -> String {
    if *status == TicketStatus::Qc { "in quality check".into() } else { status.word().replace('_', " ") }
}
