//! How SQLite answers each question: from which index, and without sorting.

use super::Device;
use crate::desk::{
    BoardFilter, BoardOrder, Key, appointments, badges, board, customers, items, stock, ticket_view,
};
use crate::entity::{EmployeeId, Priority, TicketStatus};

/// The question is answered from the index named, nothing is sorted, no table is read from end to end.
fn answers(device: &Device, index: &str, sql: &str) {
    let steps = device.read(|reader| reader.plan(sql)).unwrap();
    let shown = format!("{sql}\n{steps:#?}");
    assert!(steps.iter().any(|step| step.contains(index)), "not from {index}: {shown}");
    assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "sorted: {shown}");
    let reads_all = |step: &&String| step.starts_with("SCAN") && !step.contains("USING");
    assert!(!steps.iter().any(|step| reads_all(&step)), "read from end to end: {shown}");
}

#[test]
fn the_board_is_a_walk_along_an_index_for_every_filter() {
    let device = Device::new("owner");
    let key = Key { at: 0, id: String::new() };
    let (received, cancelled) = (TicketStatus::Received, TicketStatus::Cancelled);
    for (order, open, index, statuses) in [
        (BoardOrder::Due, true, "tickets_open_due", vec![&received]),
        (BoardOrder::Due, true, "tickets_open_due", vec![&received, &TicketStatus::Ready]),
        (BoardOrder::Due, true, "tickets_open_due", vec![]),
        (BoardOrder::Updated, true, "tickets_open_updated", vec![&received]),
        (BoardOrder::Updated, true, "tickets_open_updated", vec![]),
        (BoardOrder::Updated, false, "tickets_closed_updated", vec![&cancelled]),
    ] {
        for assignee in [None, Some(EmployeeId("ada".into()))] {
            for priority in [None, Some(Priority::High)] {
                for after in [None, Some(&key)] {
                    let assignee = assignee.clone();
                    let filter =
                        BoardFilter { statuses: Vec::new(), assignee, priority: priority.clone(), order };
                    let (sql, _) = board::board_sql(&filter, &statuses, open, after, 50);
                    answers(&device, index, &sql);
                    if after.is_some() {
                        let steps = device.read(|reader| reader.plan(&sql)).unwrap();
                        assert!(steps[0].starts_with("SEARCH"), "it goes on at its key: {steps:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn every_other_list_has_its_index() {
    let device = Device::new("owner");
    answers(&device, "tickets_number", &board::by_number());
    answers(&device, "tickets_imei (imei=? AND id<?)", &board::by_imei());
    answers(&device, "tickets_serial (device_serial=? AND id<?)", &board::by_serial());
    answers(&device, "tickets_customer (customer_id=? AND id<?)", &board::of_customer());
    for table in ["ticket_lines", "ticket_notes", "ticket_events"] {
        let sql = format!("SELECT * FROM {table} {}", ticket_view::OF_TICKET);
        answers(&device, &format!("{table}_ticket (ticket_id=?)"), &sql);
    }
    answers(&device, "inventory_items_sku (sku=?)", &items::by_sku());
    answers(&device, "inventory_items_barcode (barcode=?)", &items::by_barcode());
    answers(&device, "inventory_items_low", &items::low());
    answers(&device, "inventory_items_called (<expr>>?)", &items::all());
    answers(&device, "customers_called (<expr>>?)", customers::ALL);
    answers(&device, "stock_movements_item (item_id=?", items::MOVEMENTS);
    answers(&device, "stock_movements_line (ticket_line_id=?)", stock::OF_LINE);
    answers(&device, "appointments_start (starts_at>? AND starts_at<?)", &appointments::of_range());
    answers(&device, "appointments_start (starts_at>? AND starts_at<?)", &appointments::of_assignee());
    answers(&device, "appointments_start (starts_at>? AND starts_at<?)", &appointments::upcoming());
    answers(&device, "appointments_customer (customer_id=? AND starts_at<?)", &appointments::of_customer());
    answers(&device, "sqlite_autoindex_customers_1", customers::ROW);
}

#[test]
fn badges_and_guards_are_answered_from_small_indexes() {
    let device = Device::new("owner");
    answers(&device, "COVERING INDEX tickets_open_due", badges::OPEN);
    answers(&device, "tickets_open_due (<expr><?)", badges::OVERDUE);
    answers(&device, "tickets_open_due (<expr>>?)", badges::NEXT_DUE);
    answers(&device, "inventory_items_low", badges::LOW);
    answers(&device, "appointments_start (starts_at>? AND starts_at<?)", badges::TODAY);
    let taken = "SELECT 1 FROM tickets WHERE \"number\" = ?1";
    answers(&device, "tickets_number (number=?)", taken);
    let holder = "SELECT 1 FROM tickets WHERE \"customer_id\" = ?1 AND deleted_at IS NULL AND (status NOT IN ('picked_up', 'cancelled', 'abandoned')) LIMIT 1";
    answers(&device, "tickets_customer (customer_id=?)", holder);
    answers(&device, "item_costs_item (item_id=?)", "SELECT id FROM item_costs WHERE item_id = ?1");
    answers(
        &device,
        "ticket_secrets_ticket (ticket_id=?)",
        "SELECT id FROM ticket_secrets WHERE ticket_id = ?1",
    );
}
