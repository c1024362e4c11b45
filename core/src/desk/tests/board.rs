//! The board, and finding tickets.

use super::{Device, HOUR, NOON, ticket};
use crate::desk::{BoardFilter, BoardOrder, Bringer, Intake, Key, TicketRow};
use crate::entity::{CustomerId, EmployeeId, Priority, Role, Ticket, TicketId, TicketStatus};
use crate::error::Error;
use crate::schema::time_from_ms;

fn take_in(device: &Device, customer: &CustomerId, ticket: Ticket) -> TicketId {
    device.pass(1);
    device.intake(&Intake { bringer: Bringer::Known { id: customer.clone() }, ticket }, None).unwrap().ticket
}

/// Thirty tickets: every third closed, every fifth due, some urgent, some hers.
fn shop() -> (Device, Vec<TicketId>) {
    let device = Device::new("owner");
    device.employee("ada", Role::Technician);
    let customer = device.customer("Okafor");
    let mut ids = Vec::new();
    for n in 0..30 {
        let due = (n % 5 == 0).then(|| time_from_ms(NOON + (30 - n) * HOUR));
        let priority = if n % 4 == 0 { Priority::Urgent } else { Priority::Normal };
        let assignee_id = (n % 2 == 0).then(|| EmployeeId("ada".into()));
        let id =
            take_in(&device, &customer, Ticket { due_at: due, priority, assignee_id, ..ticket("No sound") });
        if n % 3 == 0 {
            device.transition(&id, TicketStatus::Cancelled, None).unwrap();
        }
        ids.push(id);
    }
    (device, ids)
}

/// Every window of the board, one after the other.
fn walk(device: &Device, filter: &BoardFilter, window: usize) -> Vec<TicketRow> {
    let (mut all, mut key): (Vec<TicketRow>, Option<Key>) = (Vec::new(), None);
    loop {
        let rows = device.board(filter, key.as_ref(), window).unwrap();
        let Some(last) = rows.last() else { return all };
        key = Some(last.key(filter.order));
        all.extend(rows);
    }
}

fn matches(row: &TicketRow, filter: &BoardFilter) -> bool {
    let status =
        if filter.statuses.is_empty() { row.status.is_open() } else { filter.statuses.contains(&row.status) };
    status
        && filter.assignee.as_ref().is_none_or(|assignee| row.assignee_id.as_ref() == Some(assignee))
        && filter.priority.as_ref().is_none_or(|priority| row.priority == *priority)
}

#[test]
fn the_board_shows_every_ticket_that_fits_once_in_order_in_any_window() {
    let (device, _) = shop();
    let everything = vec![TicketStatus::Received, TicketStatus::Cancelled];
    let all = walk(
        &device,
        &BoardFilter { statuses: everything.clone(), order: BoardOrder::Updated, ..BoardFilter::default() },
        100,
    );
    assert_eq!(all.len(), 30);
    let ada = Some(EmployeeId("ada".into()));
    for order in [BoardOrder::Due, BoardOrder::Updated] {
        for statuses in
            [vec![], vec![TicketStatus::Received], vec![TicketStatus::Cancelled], everything.clone()]
        {
            for (assignee, priority) in [
                (None, None),
                (ada.clone(), None),
                (None, Some(Priority::Urgent)),
                (ada.clone(), Some(Priority::Normal)),
            ] {
                let filter = BoardFilter { statuses: statuses.clone(), assignee, priority, order };
                if order == BoardOrder::Due && statuses.contains(&TicketStatus::Cancelled) {
                    assert_eq!(
                        device.board(&filter, None, 10).unwrap_err().code(),
                        "only_open_tickets_are_due"
                    );
                    continue;
                }
                let mut expected: Vec<TicketRow> =
                    all.iter().filter(|row| matches(row, &filter)).cloned().collect();
                match order {
                    BoardOrder::Due => expected.sort_by_key(|row| (row.key(order).at, row.id.clone())),
                    BoardOrder::Updated => {
                        expected.sort_by_key(|row| std::cmp::Reverse((row.updated_at, row.id.clone())))
                    }
                }
                for window in [1, 4, 50] {
                    assert_eq!(walk(&device, &filter, window), expected, "{filter:?} by {window}");
                }
            }
        }
    }
}

#[test]
fn a_row_of_the_board_names_customer_and_device() {
    let device = Device::new("owner");
    let customer = device.customer("Okafor");
    let phone = Ticket {
        device_kind: Some("phone".into()),
        device_brand: Some("Nokia".into()),
        device_model: Some("3310".into()),
        ..ticket("No sound")
    };
    take_in(&device, &customer, phone);
    let row = device.board(&BoardFilter::default(), None, 50).unwrap().remove(0);
    assert_eq!(
        (row.customer.as_str(), row.device.as_str(), row.number.as_deref()),
        ("Okafor", "Nokia 3310", Some("A-1"))
    );
}

#[test]
fn a_status_of_a_newer_app_is_on_the_board_as_open() {
    let (device, ids) = shop();
    let mut row = device.row::<Ticket>(&ids[1].0);
    row.set("status", crate::schema::Value::Text("in_transit".into()));
    row.id = "from-a-newer-app".into();
    device.receives(&[row], 9);
    let rows = walk(&device, &BoardFilter::default(), 50);
    assert!(rows.iter().any(|row| row.status.word() == "in_transit"));
}

#[test]
fn a_ticket_is_found_by_number_words_and_device() {
    let device = Device::new("owner");
    let customer = device.customer("Okafor");
    let of = |serial: &str| Ticket {
        imei: Some("490154203237518".into()),
        device_serial: Some(serial.into()),
        ..ticket("Wasserschaden am Gerät")
    };
    let first = take_in(&device, &customer, of("abC-1"));
    let second = take_in(&device, &customer, of("ABC-1"));
    take_in(&device, &customer, ticket("No sound"));
    assert_eq!(device.ticket_by_number(" A-2 ").unwrap().unwrap().id, second);
    assert_eq!(device.ticket_by_number("A-9"), Ok(None));
    for found in [
        device.tickets_by_imei("490154203237518", None, 10).unwrap(),
        device.tickets_by_serial("abc-1", None, 10).unwrap(),
    ] {
        assert_eq!(
            found.iter().map(|row| &row.id).collect::<Vec<_>>(),
            [&second, &first],
            "the newest first"
        );
    }
    let older = device.tickets_by_imei("490154203237518", Some(&second.0), 10).unwrap();
    assert_eq!(older.iter().map(|row| &row.id).collect::<Vec<_>>(), [&first]);
    assert_eq!(device.find_tickets("gerat wasser", 10).unwrap().len(), 2);
    device.delete("tickets", &second.0).unwrap();
    assert_eq!(device.ticket_by_number("A-2"), Ok(None));
    assert_eq!(device.tickets_by_serial("abc-1", None, 10).unwrap().len(), 1);
    assert_eq!(device.transition(&second, TicketStatus::Diagnosing, None), Err(Error::missing("tickets")));
}
