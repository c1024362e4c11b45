//! What appended rows do to their parents.

use super::row;
use crate::entity::{MovementKind, TicketLineId, movement_id};
use crate::schema::{Json, Row, Value, time_from_ms};
use serde_json::json;

fn apply(child: &Row, parent: &mut Row) {
    (child.table.onto.unwrap().apply)(child, parent);
}

fn stock(movements: &[(&str, i64)]) -> (i64, i64) {
    let mut item = row("inventory_items", json!({}));
    for (kind, quantity) in movements {
        apply(&row("stock_movements", json!({"kind": kind, "quantity": quantity})), &mut item);
    }
    (item.int("quantity").unwrap(), item.int("reserved").unwrap())
}

#[test]
fn stock_is_the_sum_of_its_movements_in_any_order() {
    let mut movements = [
        ("receive", 10),
        ("use", -3),
        ("return", 1),
        ("adjust", -20),
        ("count", 4),
        ("shrink", -1),
        ("reserve", 5),
        ("release", 2),
    ];
    assert_eq!(stock(&movements), (-9, 3));
    for turn in 0..movements.len() {
        movements.rotate_left(1);
        movements.swap(0, turn);
        assert_eq!(stock(&movements), (-9, 3));
    }
}

#[test]
fn the_id_of_a_lines_movement_follows_from_line_kind_and_number() {
    let line = TicketLineId::from("0198-line");
    let id = movement_id(&line, &MovementKind::Use, 0);
    assert_eq!(id, movement_id(&line, &MovementKind::Use, 0));
    for other in [
        movement_id(&line, &MovementKind::Use, 1),
        movement_id(&line, &MovementKind::Release, 0),
        movement_id(&TicketLineId::from("0198-other"), &MovementKind::Use, 0),
    ] {
        assert_ne!(id, other);
    }
    assert_eq!(id.0, "afbef47f-2751-50cd-a7e0-25d8c4d527ba", "frozen: devices of every version must agree");
}

/// A ticket after these events, one a second: status, on_hold_from, work_started_at, closed_at.
fn ticket(status: &str, events: &[(&str, &str, &str)]) -> (String, Option<String>, Option<i64>, Option<i64>) {
    let mut ticket = row("tickets", json!({ "status": status }));
    for (at, (from, to, outcome)) in events.iter().enumerate() {
        let mut event = row("ticket_events", json!({"from": from, "to": to, "outcome": outcome}));
        event.meta.created_at = time_from_ms(1_000 * (at as i64 + 1));
        apply(&event, &mut ticket);
    }
    let held = ticket.get("on_hold_from").text().map(str::to_owned);
    (ticket.text("status").to_owned(), held, ticket.int("work_started_at"), ticket.int("closed_at"))
}

#[test]
fn events_move_status_hold_start_of_work_and_end() {
    let shows = |status: &str, held: Option<&str>, started: Option<i64>, closed: Option<i64>| {
        (status.to_owned(), held.map(str::to_owned), started, closed)
    };
    let mut way = vec![("received", "in_repair", "applied")];
    assert_eq!(ticket("received", &way), shows("in_repair", None, Some(1_000), None));
    way.push(("in_repair", "on_hold", "pending"));
    assert_eq!(ticket("received", &way), shows("on_hold", Some("in_repair"), Some(1_000), None));
    way.push(("on_hold", "in_repair", "applied"));
    assert_eq!(ticket("received", &way), shows("in_repair", None, Some(1_000), None));
    way.extend([("in_repair", "ready", "applied"), ("ready", "picked_up", "applied")]);
    assert_eq!(ticket("received", &way), shows("picked_up", None, Some(1_000), Some(5_000)));
    way.push(("picked_up", "ready", "applied"));
    assert_eq!(ticket("received", &way), shows("ready", None, Some(1_000), None));
    way.push(("diagnosing", "awaiting_approval", "history"));
    assert_eq!(ticket("received", &way), shows("ready", None, Some(1_000), None));
    for end in ["cancelled", "abandoned"] {
        assert_eq!(ticket("ready", &[("ready", end, "applied")]), shows(end, None, None, Some(1_000)));
    }
}

#[test]
fn a_move_of_somebody_who_did_not_see_the_hold_moves_what_it_goes_back_to() {
    let events = [("diagnosing", "on_hold", "applied"), ("diagnosing", "in_repair", "applied")];
    let expected = ("on_hold".to_owned(), Some("in_repair".to_owned()), Some(2_000), None);
    assert_eq!(ticket("diagnosing", &events), expected);
}

#[test]
fn a_movement_of_a_newer_app_is_counted() {
    assert_eq!(stock(&[("kind_of_tomorrow", 4)]), (4, 0));
    let mut item = row("inventory_items", json!({}));
    item.set("quantity", Value::Int(i64::MAX));
    apply(&row("stock_movements", json!({"quantity": 1, "kind": Json::from("receive")})), &mut item);
    assert_eq!(item.int("quantity"), Some(i64::MIN), "numbers past the end do not crash");
}
