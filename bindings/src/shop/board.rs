//! The lists that screens show, in windows after a key.

use super::{Shop, calls, window};
use crate::records::{BoardPage, MovementPage, RecordKind};
use chrono::{DateTime, Utc};
use counterpart_core::Error;
use counterpart_core::desk::{
    self, AppointmentRow, Badges, BoardFilter, CustomerRow, EmployeeRow, ItemRow, Key, MovementRow,
    TicketRow, TicketView,
};
use counterpart_core::entity::{CustomerId, EmployeeId, InventoryItemId, TicketId};
use counterpart_core::store::Reader;

calls! {
    /// One window of the ticket board, after a key.
    fn board(shop, filter: BoardFilter, after: Option<Key>, limit: u32) -> BoardPage {
        shop.read(|reader| board_page(reader, &filter, after.as_ref(), limit))
    }

    /// Whether everything of a kind that came to its end between two moments is on this device: it lies within the
    /// window, or was fetched.
    fn has_between(shop, kind: RecordKind, from: DateTime<Utc>, until: DateTime<Utc>) -> bool {
        shop.has_between(kind.table(), from.timestamp_millis(), until.timestamp_millis())
    }

    /// A ticket with all that its screen shows.
    fn ticket_view(shop, id: TicketId) -> Option<TicketView> {
        shop.ticket_view(&id)
    }

    /// The ticket with this number.
    fn ticket_by_number(shop, number: String) -> Option<TicketRow> {
        shop.ticket_by_number(&number)
    }

    /// A device's tickets by its IMEI, the newest first, older than a ticket.
    fn tickets_by_imei(shop, imei: String, before: Option<TicketId>, limit: u32) -> Vec<TicketRow> {
        shop.tickets_by_imei(&imei, before.as_ref().map(AsRef::as_ref), window(limit))
    }

    /// A device's tickets by its serial number in any case, the newest first, older than a ticket.
    fn tickets_by_serial(shop, serial: String, before: Option<TicketId>, limit: u32) -> Vec<TicketRow> {
        shop.tickets_by_serial(&serial, before.as_ref().map(AsRef::as_ref), window(limit))
    }

    /// A customer's tickets, the newest first, older than a ticket.
    fn tickets_of_customer(shop, customer: CustomerId, before: Option<TicketId>, limit: u32) -> Vec<TicketRow> {
        shop.tickets_of_customer(&customer, before.as_ref().map(AsRef::as_ref), window(limit))
    }

    /// Tickets that contain every word: the best first, of more than a thousand the newest.
    fn find_tickets(shop, words: String, limit: u32) -> Vec<TicketRow> {
        shop.find_tickets(&words, window(limit))
    }

    /// All customers by what they are called, after a customer.
    fn customers(shop, after: Option<CustomerRow>, limit: u32) -> Vec<CustomerRow> {
        let after = after.as_ref().map(|row| (row.name.as_str(), row.id.as_ref()));
        shop.customers(after, window(limit))
    }

    /// Customers whose name begins so: given or family name first, or the company.
    fn customers_by_name(shop, prefix: String, limit: u32) -> Vec<CustomerRow> {
        shop.customers_by_name(&prefix, window(limit))
    }

    /// Customers with a phone number that begins or ends with these digits.
    fn customers_by_phone(shop, typed: String, limit: u32) -> Vec<CustomerRow> {
        shop.customers_by_phone(&typed, window(limit))
    }

    /// Customers with an e-mail address that begins so.
    fn customers_by_email(shop, prefix: String, limit: u32) -> Vec<CustomerRow> {
        shop.customers_by_email(&prefix, window(limit))
    }

    /// Customers that contain every word: the best first, of more than a thousand the newest.
    fn find_customers(shop, words: String, limit: u32) -> Vec<CustomerRow> {
        shop.find_customers(&words, window(limit))
    }

    /// The employees by name, those who left last.
    fn employees(shop) -> Vec<EmployeeRow> {
        shop.employees()
    }

    /// All items by name, after an item.
    fn items(shop, after: Option<ItemRow>, limit: u32) -> Vec<ItemRow> {
        let after = after.as_ref().map(|row| (row.name.as_str(), row.id.as_ref()));
        shop.items(after, window(limit))
    }

    /// Items with this number; two until somebody resolved it.
    fn items_by_sku(shop, sku: String) -> Vec<ItemRow> {
        shop.items_by_sku(&sku)
    }

    /// Items with this barcode.
    fn items_by_barcode(shop, barcode: String) -> Vec<ItemRow> {
        shop.items_by_barcode(&barcode)
    }

    /// Items that contain every word: the best first, of more than a thousand the newest.
    fn find_items(shop, words: String, limit: u32) -> Vec<ItemRow> {
        shop.find_items(&words, window(limit))
    }

    /// Items to order, by name, after an item.
    fn low_stock(shop, after: Option<ItemRow>, limit: u32) -> Vec<ItemRow> {
        let after = after.as_ref().map(|row| (row.name.as_str(), row.id.as_ref()));
        shop.low_stock(after, window(limit))
    }

    /// What happened to an item, the newest first, after a key.
    fn movements(shop, item: InventoryItemId, after: Option<Key>, limit: u32) -> MovementPage {
        let rows = shop.movements(&item, after.as_ref(), window(limit))?;
        let next = if rows.len() < window(limit) { None } else { rows.last().map(MovementRow::key) };
        Ok(MovementPage { rows, next })
    }

    /// Appointments that touch a range of time, of one employee or of all.
    fn calendar(shop, from: DateTime<Utc>, until: DateTime<Utc>, assignee: Option<EmployeeId>) -> Vec<AppointmentRow> {
        shop.calendar(from, until, assignee.as_ref())
    }

    /// A customer's appointments, the latest first, earlier than a moment.
    fn appointments_of_customer(shop, customer: CustomerId, before: Option<DateTime<Utc>>, limit: u32) -> Vec<AppointmentRow> {
        shop.appointments_of_customer(&customer, before, window(limit))
    }

    /// What is booked or confirmed and starts from now until that moment, for the shell to remind of.
    fn reminders(shop, until: DateTime<Utc>, limit: u32) -> Vec<AppointmentRow> {
        shop.reminders(until, window(limit))
    }

    /// The numbers on the badges. Where a day begins and ends is the shell's to say.
    fn badges(shop, day: DateTime<Utc>, next_day: DateTime<Utc>) -> Badges {
        shop.badges(day, next_day)
    }
}

/// One window of the board from a snapshot.
pub(crate) fn board_page(
    reader: &Reader<'_>,
    filter: &BoardFilter,
    after: Option<&Key>,
    limit: u32,
) -> Result<BoardPage, Error> {
    let rows = desk::board(reader, filter, after, window(limit))?;
    let next = if rows.len() < window(limit) { None } else { rows.last().map(|row| row.key(filter.order)) };
    Ok(BoardPage { rows, next })
}
