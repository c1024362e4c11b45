//! Whole records, one at a time: made, read, edited, deleted; and how they stand.

use super::{Shop, calls};
use crate::records::{HistoryEntry, RecordKind, Standing};
use counterpart_core::entity::{
    Appointment, AppointmentId, Customer, CustomerId, Employee, EmployeeId, EmployeePay, EmployeePayId,
    InventoryItem, InventoryItemId, ItemCost, ItemCostId, NoteKind, ShopSettings, Ticket, TicketId,
    TicketLine, TicketNote, TicketNoteId,
};
use counterpart_core::schema::Entity;
use counterpart_core::shop::Draft;

/// The calls of one entity.
macro_rules! record {
    ($entity:ident, $id:ident: $blank:ident, $create:ident, $read:ident, $edit:ident, $delete:ident) => {
        /// A new record with nothing in it, to be filled in and made.
        #[uniffi::export]
        pub fn $blank() -> $entity {
            $entity::default()
        }

        calls! {
            /// Saves a new record, under its own id if it has one. Returns once it is durable, with its queue entry.
            fn $create(shop, record: $entity) -> $id {
                Ok($id(shop.create(&record)?))
            }

            /// A record, if it is here and not deleted.
            fn $read(shop, id: $id) -> Option<$entity> {
                shop.get(&id.0)
            }

            /// Saves what differs between the record as it was read and as it is now, and nothing else of it.
            fn $edit(shop, before: $entity, after: $entity) -> () {
                shop.edit(&before, &after)
            }

            /// Deletes a record.
            fn $delete(shop, id: $id) -> () {
                shop.delete($entity::TABLE.name, &id.0)
            }
        }
    };
}

record!(Customer, CustomerId: blank_customer, create_customer, customer, edit_customer, delete_customer);
record!(Ticket, TicketId: blank_ticket, create_ticket, ticket, edit_ticket, delete_ticket);
record!(InventoryItem, InventoryItemId: blank_item, create_item, item, edit_item, delete_item);
record!(Employee, EmployeeId: blank_employee, create_employee, employee, edit_employee, delete_employee);
record!(Appointment, AppointmentId: blank_appointment, create_appointment, appointment, edit_appointment, delete_appointment);
record!(ItemCost, ItemCostId: blank_item_cost, create_item_cost, item_cost, edit_item_cost, delete_item_cost);
record!(EmployeePay, EmployeePayId: blank_pay, create_pay, pay, edit_pay, delete_pay);

/// A new line with nothing in it, to be filled in and added to a ticket.
#[uniffi::export]
pub fn blank_ticket_line() -> TicketLine {
    TicketLine::default()
}

calls! {
    /// Writes a note on a ticket. Notes only add up.
    fn add_note(shop, ticket: TicketId, kind: NoteKind, body: String) -> TicketNoteId {
        let note = TicketNote { ticket_id: ticket, kind, body, ..TicketNote::default() };
        Ok(TicketNoteId(shop.create(&note)?))
    }

    /// How the shop is set up; nothing before this device has heard of it.
    fn settings(shop) -> Option<ShopSettings> {
        Ok(shop.list::<ShopSettings>("", 1)?.pop())
    }

    /// Saves what differs between the settings as they were read and as they are now.
    fn edit_settings(shop, before: ShopSettings, after: ShopSettings) -> () {
        shop.edit(&before, &after)
    }

    /// What an item costs the shop, for who may see it.
    fn cost_of_item(shop, item: InventoryItemId) -> Option<ItemCost> {
        first_of(shop, "item_id", &item.0)
    }

    /// What an employee earns, for who may see it.
    fn pay_of_employee(shop, employee: EmployeeId) -> Option<EmployeePay> {
        first_of(shop, "employee_id", &employee.0)
    }

    /// How the records of a list stand, in the list's order. Those that are not here are left out.
    fn standings(shop, kind: RecordKind, ids: Vec<String>) -> Vec<Standing> {
        let mut standings = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(record) = shop.record(kind.table(), &id)? {
                standings.push(Standing { id, status: record.status, unread: record.unread });
            }
        }
        Ok(standings)
    }

    /// Who changed which field of a record from what to what, as far as this device knows.
    fn history(shop, kind: RecordKind, id: String) -> Vec<HistoryEntry> {
        Ok(shop.history(kind.table(), &id)?.into_iter().map(Into::into).collect())
    }

    /// Keeps what a screen has not saved yet, under a name. It survives a crash and is never sent.
    fn save_draft(shop, name: String, body: String) -> () {
        shop.save_draft(&name, &body)
    }

    /// A draft by name.
    fn draft(shop, name: String) -> Option<Draft> {
        shop.draft(&name)
    }

    /// All drafts, the newest first.
    fn drafts(shop) -> Vec<Draft> {
        shop.drafts()
    }

    /// Throws a draft away.
    fn drop_draft(shop, name: String) -> () {
        shop.drop_draft(&name)
    }
}

fn first_of<T: Entity>(
    shop: &counterpart_core::Shop,
    field: &str,
    id: &str,
) -> Result<Option<T>, counterpart_core::Error> {
    let wanted = format!("WHERE {field} = ?1 AND deleted_at IS NULL ORDER BY id LIMIT 1");
    shop.read(|reader| {
        let rows = reader.rows(T::TABLE, &wanted, [id])?;
        Ok(rows.first().map(T::from_row).transpose()?)
    })
}
