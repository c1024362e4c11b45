//! What holds for every entity of the repair shop.

mod limits;
mod moves;
mod permissions;
mod round_trips;
mod statuses;
mod tables;

use super::REPAIR_SHOP;
use crate::schema::{Json, Row, Table};
use serde_json::json;

/// A row's object of a table that keeps every limit.
fn sample(table: &str) -> serde_json::Map<String, Json> {
    let fields = match table {
        "shop_settings" => json!({"name": "Fixers", "time_zone": "Europe/Berlin", "currency": "EUR"}),
        "employees" => json!({"first_name": "Åsa", "role": "technician", "active": true}),
        "employee_pay" => json!({"employee_id": "e", "hourly_rate_cents": 2_000}),
        "employee_pins" => {
            json!({"employee_id": "e", "verifier": "$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA"})
        }
        "customers" => {
            json!({"last_name": "Núñez", "sms_opt_out": false, "email_opt_out": false, "tax_exempt": false})
        }
        "inventory_items" => json!({"name": "Screen", "quantity": 0, "reserved": 0}),
        "item_costs" => json!({"item_id": "i", "cost_cents": 1_200}),
        "tickets" => {
            json!({"customer_id": "c", "subject": "Broken", "priority": "normal", "status": "received"})
        }
        "ticket_notes" => json!({"ticket_id": "t", "kind": "internal", "body": "Called"}),
        "ticket_events" => {
            json!({"ticket_id": "t", "from": "received", "to": "diagnosing", "outcome": "pending"})
        }
        "ticket_lines" => json!({"ticket_id": "t", "kind": "part", "quantity": 1, "unit_price_cents": 9_900,
            "tax_bp": 1_900, "approval": "pending"}),
        "ticket_secrets" => json!({"ticket_id": "t", "sealed": "x", "wrapped_key": "y", "key_version": 1}),
        "secret_reveals" => json!({"ticket_id": "t"}),
        "stock_movements" => json!({"item_id": "i", "quantity": -1, "kind": "use"}),
        "appointments" => json!({"customer_id": "c", "kind": "drop_off", "state": "booked",
            "starts_at": "2026-03-01T09:00:00Z", "ends_at": "2026-03-01T09:30:00Z", "time_zone": "Europe/Berlin"}),
        other => panic!("no sample of {other}"),
    };
    let mut object = fields.as_object().cloned().unwrap();
    object.insert("id".into(), "0198".into());
    object
}

fn table(name: &str) -> &'static Table {
    REPAIR_SHOP.table(name).unwrap()
}

/// The sample with some fields changed, as a row.
fn row(name: &str, changes: Json) -> Row {
    let mut object = sample(name);
    object.extend(changes.as_object().cloned().unwrap());
    Row::from_json(table(name), &object).unwrap()
}
