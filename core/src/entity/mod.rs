//! The repair shop: one file per entity, each with its fields, merge policies, limits and rules.
//!
//! [`customer`] is the example to copy. The engine sees none of this: it is given [`REPAIR_SHOP`] as a value.

pub mod appointment;
pub mod customer;
pub mod employee;
pub mod employee_pay;
pub mod employee_pin;
pub mod inventory_item;
pub mod item_cost;
pub mod permission;
pub mod secret_reveal;
pub mod shop_settings;
pub mod stock_movement;
pub mod ticket;
pub mod ticket_event;
pub mod ticket_line;
pub mod ticket_note;
pub mod ticket_secret;
pub mod ticket_status;

#[cfg(test)]
mod tests;

pub use appointment::{Appointment, AppointmentId, AppointmentKind, AppointmentState};
pub use customer::{Address, Customer, CustomerId, Emails, Phone};
pub use employee::{Employee, EmployeeId, Role};
pub use employee_pay::{EmployeePay, EmployeePayId};
pub use employee_pin::{EmployeePin, EmployeePinId};
pub use inventory_item::{InventoryItem, InventoryItemId};
pub use item_cost::{ItemCost, ItemCostId};
pub use permission::{Rights, permit};
pub use secret_reveal::{SecretReveal, SecretRevealId};
pub use shop_settings::{FeatureFlags, ShopSettings, ShopSettingsId, StatusLabels};
pub use stock_movement::{MovementKind, StockMovement, StockMovementId, movement_id};
pub use ticket::{CheckMark, Checklist, Priority, Ticket, TicketId};
pub use ticket_event::{EventOutcome, TicketEvent, TicketEventId};
pub use ticket_line::{Approval, LineKind, TicketLine, TicketLineId};
pub use ticket_note::{NoteKind, TicketNote, TicketNoteId};
pub use ticket_secret::{TicketSecret, TicketSecretId};
pub use ticket_status::{Held, TicketStatus, stale_event_applies};

use crate::schema::{Actors, Entity, Migration, Numbered, Schema};

/// The repair shop, parents before children.
pub static REPAIR_SHOP: Schema = Schema {
    name: "repair_shop",
    tables: &[
        ShopSettings::TABLE,
        Employee::TABLE,
        EmployeePay::TABLE,
        EmployeePin::TABLE,
        Customer::TABLE,
        InventoryItem::TABLE,
        ItemCost::TABLE,
        Ticket::TABLE,
        TicketNote::TABLE,
        TicketEvent::TABLE,
        TicketLine::TABLE,
        TicketSecret::TABLE,
        SecretReveal::TABLE,
        StockMovement::TABLE,
        Appointment::TABLE,
    ],
    migrations: &[
        Migration { number: 1, sql: include_str!("../../migrations/shop/0001_tables.sql") },
        Migration { number: 2, sql: include_str!("../../migrations/shop/0002_indexes.sql") },
        Migration { number: 3, sql: include_str!("../../migrations/shop/0003_lists.sql") },
        // The next migration goes here.
    ],
    permit,
    wipes: &[ticket_secret::WIPE_TICKET_SECRETS],
    actors: Some(Actors { table: Employee::TABLE.name, role: "role", active: "active" }),
    numbered: Some(Numbered { table: Ticket::TABLE.name, field: "number" }),
    auditors: permission::MANAGERS,
};

/// The most that an amount of money may be, small enough that a line's total never overflows.
pub(crate) const MOST_CENTS: i64 = 99_999_999_999;
