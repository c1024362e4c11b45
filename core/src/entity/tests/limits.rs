//! Every limit: kept at it, refused one past it, by name.

use super::{sample, table};
use crate::entity::{REPAIR_SHOP, Ticket};
use crate::schema::{Entity, Json, Row};
use chrono::{DateTime, Utc};
use serde_json::json;

/// The field and the rule that a changed sample breaks.
fn judge(name: &str, changes: &Json) -> Result<(), (&'static str, &'static str)> {
    let mut object = sample(name);
    object.extend(changes.as_object().cloned().unwrap());
    Row::from_json(table(name), &object)
        .and_then(|row| table(name).check(&row))
        .map_err(|wrong| (wrong.field, wrong.rule.code()))
}

/// One field: each value of the first list kept, each of the second refused for that rule.
fn limit(name: &str, field: &'static str, kept: &[Json], code: &'static str, refused: &[Json]) {
    assert!(table(name).field(field).is_some(), "{name}.{field}");
    for value in kept {
        assert_eq!(judge(name, &json!({ field: value })), Ok(()), "{name}.{field} at its limit");
    }
    for value in refused {
        assert_eq!(
            judge(name, &json!({ field: value })),
            Err((field, code)),
            "{name}.{field} past its limit"
        );
    }
}

fn long(length: usize) -> Json {
    "é".repeat(length).into()
}

fn many(count: usize) -> Json {
    (0..count).map(|item| format!("tag {item:03}")).collect()
}

#[test]
fn a_sample_of_every_table_keeps_every_limit() {
    for table in REPAIR_SHOP.tables {
        assert_eq!(judge(table.name, &json!({})), Ok(()), "{}", table.name);
    }
}

#[test]
fn texts_are_as_long_as_they_may_be() {
    for (name, field, least, most) in [
        ("customers", "first_name", 1, 120),
        ("customers", "last_name", 1, 120),
        ("customers", "company", 1, 120),
        ("customers", "notes", 0, 4_000),
        ("tickets", "number", 1, 32),
        ("tickets", "subject", 1, 200),
        ("tickets", "problem", 0, 8_000),
        ("tickets", "diagnosis", 0, 8_000),
        ("tickets", "device_kind", 0, 60),
        ("tickets", "device_brand", 0, 120),
        ("tickets", "device_model", 0, 120),
        ("tickets", "device_serial", 0, 120),
        ("tickets", "device_colour", 0, 60),
        ("ticket_notes", "body", 1, 10_000),
        ("ticket_events", "reason", 0, 1_000),
        ("ticket_lines", "description", 0, 500),
        ("ticket_secrets", "sealed", 1, 4_096),
        ("ticket_secrets", "wrapped_key", 1, 512),
        ("inventory_items", "sku", 1, 64),
        ("inventory_items", "barcode", 1, 64),
        ("inventory_items", "name", 1, 120),
        ("inventory_items", "category", 0, 120),
        ("inventory_items", "brand", 0, 120),
        ("inventory_items", "supplier", 0, 120),
        ("inventory_items", "bin", 0, 64),
        ("stock_movements", "reason", 0, 1_000),
        ("employees", "first_name", 1, 120),
        ("employees", "last_name", 1, 120),
        ("employee_pins", "verifier", 1, 512),
        ("appointments", "notes", 0, 4_000),
        ("shop_settings", "name", 1, 120),
    ] {
        limit(name, field, &[long(least.max(1)), long(most)], "length", &[long(most + 1)]);
        match least {
            0 => limit(name, field, &[long(0)], "length", &[]),
            _ => limit(name, field, &[], "length", &[long(0)]),
        }
    }
}

#[test]
fn numbers_stay_in_their_range() {
    const CENTS: i64 = 99_999_999_999;
    for (name, field, least, most) in [
        ("tickets", "estimate_cents", 0, CENTS),
        ("tickets", "approved_cents", 0, CENTS),
        ("ticket_lines", "quantity", 1, 1_000_000),
        ("ticket_lines", "unit_price_cents", 0, CENTS),
        ("ticket_lines", "tax_bp", 0, 10_000),
        ("inventory_items", "price_cents", 0, CENTS),
        ("inventory_items", "reorder_level", 0, 1_000_000_000),
        ("stock_movements", "quantity", -1_000_000_000, 1_000_000_000),
        ("item_costs", "cost_cents", 0, CENTS),
        ("employee_pay", "hourly_rate_cents", 0, CENTS),
        ("shop_settings", "ticket_window_days", 1, 3_650),
        ("shop_settings", "appointment_window_days", 1, 3_650),
    ] {
        let (below, above) = (json!(least - 1), json!(most + 1));
        limit(name, field, &[least.into(), most.into()], "range", &[below, above]);
        limit(name, field, &[], "kind", &[json!("7"), json!(0.5)]);
    }
    limit("ticket_secrets", "key_version", &[json!(0)], "range", &[json!(-1)]);
}

#[test]
fn lists_hold_only_so_many() {
    for (name, field, most) in [
        ("customers", "tags", 50),
        ("tickets", "tags", 50),
        ("tickets", "accessories", 50),
        ("inventory_items", "compatible_models", 200),
    ] {
        limit(name, field, &[many(most)], "too_many", &[many(most + 1)]);
        limit(name, field, &[json!([long(64)])], "length", &[json!([long(65)]), json!([""])]);
    }
    let phones = |count| (0..count).map(|at| format!("+4930000{at:03}")).collect::<Json>();
    limit("customers", "phones", &[phones(20)], "too_many", &[phones(21)]);
    let emails = |count| (0..count).map(|at| format!("{at}@b.example")).collect::<Json>();
    limit("customers", "emails", &[emails(20)], "too_many", &[emails(21)]);
    let checklist = |count| Json::Object((0..count).map(|at| (at.to_string(), "pass".into())).collect());
    limit("tickets", "intake_checklist", &[checklist(100)], "too_many", &[checklist(101)]);
}

#[test]
fn numbers_and_names_with_a_form_have_it() {
    let luhn = json!("490154203237518");
    limit(
        "tickets",
        "imei",
        &[luhn],
        "imei",
        &[json!("490154203237519"), json!("49015420323751"), json!("")],
    );
    let gtins = [json!("4006381333931"), json!("SHELF-12")];
    limit("inventory_items", "barcode", &gtins, "barcode", &[json!("4006381333932")]);
    let phones = [json!([{"number": "+4930123456", "label": "work"}])];
    limit("customers", "phones", &phones, "phone", &[json!(["030123456"])]);
    limit("customers", "emails", &[json!(["a@b.example"])], "email", &[json!(["a b@c.example"])]);
    limit("employees", "email", &[json!("a@b.example")], "email", &[json!("a")]);
    limit("employees", "phone", &[json!("+4930123456")], "phone", &[json!("030123456")]);
    limit("employees", "colour", &[json!("#1a2B3c")], "colour", &[json!("red"), json!("#1a2b3")]);
    limit("shop_settings", "currency", &[json!("USD")], "currency", &[json!("usd"), json!("EURO")]);
    limit("shop_settings", "time_zone", &[json!("UTC")], "time_zone", &[json!("Mars & Moon")]);
    limit("appointments", "time_zone", &[json!("America/New_York")], "time_zone", &[json!("")]);
}

#[test]
fn a_moment_is_one_that_can_travel() {
    let kept = [json!("0001-01-01T00:00:00.000Z"), json!("9999-12-31T23:59:59.999Z")];
    limit("tickets", "due_at", &kept, "kind", &[json!("9999-12-31T23:00:00.000-02:00"), json!("infinity")]);
    // A shell's own date is no text, and may be anything.
    let ticket = Ticket { customer_id: "c1".into(), subject: "Screen".into(), ..Ticket::default() };
    let far = Ticket { due_at: Some(DateTime::<Utc>::MAX_UTC), ..ticket }.to_row();
    let wrong = Ticket::TABLE.check(&far).unwrap_err();
    assert_eq!((wrong.field, wrong.rule.code()), ("due_at", "kind"));
}

#[test]
fn only_known_words_are_written() {
    for (name, field, words) in [
        ("tickets", "priority", "low normal high urgent"),
        ("ticket_notes", "kind", "internal customer diagnostic"),
        ("ticket_lines", "kind", "part labour fee discount"),
        ("ticket_lines", "approval", "pending approved declined"),
        ("employees", "role", "owner admin manager technician front_desk"),
        ("appointments", "kind", "drop_off pick_up consultation on_site"),
        ("appointments", "state", "booked confirmed arrived no_show cancelled done"),
        ("stock_movements", "kind", "receive use return adjust reserve release shrink"),
    ] {
        let words: Vec<Json> = words.split(' ').map(Json::from).collect();
        limit(name, field, &words, "word", &[json!("elsewhere"), json!("")]);
    }
    let marks = json!({"a": "pass", "b": "fail", "c": "na", "d": "untested"});
    let unknown = [json!({"a": "maybe"}), json!({"": "pass"}), json!({"a/b": "pass"})];
    limit("tickets", "intake_checklist", &[marks], "word", &unknown);
}

#[test]
fn what_must_be_there_is_there() {
    for (name, field) in [
        ("tickets", "customer_id"),
        ("ticket_notes", "ticket_id"),
        ("ticket_events", "ticket_id"),
        ("ticket_lines", "ticket_id"),
        ("ticket_secrets", "ticket_id"),
        ("secret_reveals", "ticket_id"),
        ("stock_movements", "item_id"),
        ("item_costs", "item_id"),
        ("employee_pay", "employee_id"),
        ("employee_pins", "employee_id"),
        ("appointments", "customer_id"),
    ] {
        limit(name, field, &[], "required", &[json!(""), Json::Null]);
        limit(name, field, &[], "kind", &[long(64)]);
    }
    let nameless = json!({"first_name": null, "last_name": null});
    assert_eq!(judge("customers", &nameless), Err(("last_name", "needs_a_name")));
    assert_eq!(judge("employees", &nameless), Err(("last_name", "needs_a_name")));
    assert_eq!(judge("customers", &json!({"last_name": null, "company": "Acme"})), Ok(()));
    assert_eq!(judge("customers", &json!({"last_name": " "})), Err(("last_name", "needs_a_name")));
}

#[test]
fn an_appointment_ends_after_it_starts_and_within_12_hours() {
    let ends = |text: &str| judge("appointments", &json!({"ends_at": text}));
    assert_eq!(ends("2026-03-01T09:00:00.001Z"), Ok(()));
    assert_eq!(ends("2026-03-01T21:00:00Z"), Ok(()));
    assert_eq!(ends("2026-03-01T09:00:00Z"), Err(("ends_at", "ends_before_it_starts")));
    assert_eq!(ends("2026-03-01T08:00:00Z"), Err(("ends_at", "ends_before_it_starts")));
    assert_eq!(ends("2026-03-01T21:00:00.001Z"), Err(("ends_at", "longer_than_12_hours")));
}

#[test]
fn a_movement_moves_something_and_a_count_may_find_what_was_shown() {
    let moves = |changes: Json| judge("stock_movements", &changes);
    assert_eq!(moves(json!({"quantity": 0})), Err(("quantity", "moves_nothing")));
    assert_eq!(moves(json!({"counted": 1})), Err(("counted", "only_a_count_counts")));
    let count = |quantity: i64, counted: Json, shown: Json| {
        moves(json!({"kind": "count", "quantity": quantity, "counted": counted, "shown": shown}))
    };
    assert_eq!(count(0, 4.into(), 4.into()), Ok(()));
    assert_eq!(count(5, 3.into(), json!(-2)), Ok(()));
    assert_eq!(count(1, 4.into(), 4.into()), Err(("quantity", "count_is_not_the_difference")));
    assert_eq!(count(0, Json::Null, 4.into()), Err(("counted", "count_without_result")));
    assert_eq!(count(0, 4.into(), Json::Null), Err(("shown", "count_without_result")));
    assert_eq!(count(-5, json!(-1), 4.into()), Err(("counted", "range")));
}

#[test]
fn labels_are_short_and_flags_are_percentages() {
    let labels = |label: Json| judge("shop_settings", &json!({"status_labels": {"ready": label}}));
    assert_eq!(labels(long(64)), Ok(()));
    assert_eq!(labels(long(65)), Err(("status_labels", "status_label")));
    let flags = |percent: i64| judge("shop_settings", &json!({"feature_flags": {"new_board": percent}}));
    assert_eq!((flags(0), flags(100)), (Ok(()), Ok(())));
    assert_eq!(flags(101), Err(("feature_flags", "percentage")));
}

#[test]
fn elements_of_a_list_are_judged_when_they_come_from_a_struct_too() {
    use crate::entity::{Customer, Phone};
    let phone = |number: &str| Phone { number: number.into(), label: String::new() };
    let mut customer = Customer { last_name: Some("Ito".into()), ..Customer::default() };
    customer.phones = vec![phone("+4930123456")];
    assert_eq!(table("customers").check(&customer.to_row()), Ok(()));
    customer.phones = vec![phone("030")];
    let wrong = table("customers").check(&customer.to_row()).unwrap_err();
    assert_eq!((wrong.table, wrong.field, wrong.rule.code()), ("customers", "phones", "phone"));
}
