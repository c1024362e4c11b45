//! Parts, counts and sums.

use super::{DAY, Device};
use crate::desk::{Key, MovementRow};
use crate::entity::{
    InventoryItem, InventoryItemId, ItemCost, LineKind, MovementKind, StockMovement, Ticket, TicketId,
    TicketLine, TicketLineId,
};
use crate::error::Error;
use crate::schema::{Entity, Row};

fn stock(device: &Device, item: &InventoryItemId) -> (i64, i64) {
    let item: InventoryItem = device.get(&item.0).unwrap().unwrap();
    (item.quantity, item.reserved)
}

fn movements(device: &Device, item: &InventoryItemId) -> Vec<(MovementKind, i64)> {
    let rows = device.movements(item, None, 100).unwrap();
    rows.into_iter().rev().map(|row| (row.kind, row.quantity)).collect()
}

#[test]
fn a_used_part_is_a_line_and_a_movement_in_one_group() {
    let device = Device::new("owner");
    let (ticket, item) = (device.ticket(), device.item("Screen"));
    device.receive(&item, 5, Some("delivery")).unwrap();
    let before = device.rows_in("outbox");
    let line = device.use_part(&ticket, &item, 2).unwrap();
    assert_eq!(stock(&device, &item), (3, 0));
    let line: TicketLine = device.get(&line.0).unwrap().unwrap();
    assert_eq!((line.kind, line.quantity, line.description.as_deref()), (LineKind::Part, 2, Some("Screen")));
    assert_eq!(device.rows_in("outbox"), before + 2);
}

#[test]
fn the_shelf_may_go_below_zero() {
    let device = Device::new("technician");
    let (ticket, item) = (device.ticket(), device.item("Screen"));
    device.use_part(&ticket, &item, 3).unwrap();
    assert_eq!(stock(&device, &item), (-3, 0));
    assert_eq!(device.low_stock(None, 10).unwrap().len(), 1, "an alert, though it has no reorder level");
}

#[test]
fn a_changed_quantity_moves_the_difference_and_a_cancelled_line_the_rest() {
    let device = Device::new("technician");
    let (ticket, item) = (device.ticket(), device.item("Screw"));
    let line = device.use_part(&ticket, &item, 4).unwrap();
    for (quantity, left) in [(6, -6), (1, -1), (1, -1)] {
        device.set_line_quantity(&line, quantity).unwrap();
        assert_eq!(stock(&device, &item), (left, 0));
    }
    device.cancel_line(&line).unwrap();
    assert_eq!(stock(&device, &item), (0, 0));
    assert_eq!(device.get::<TicketLine>(&line.0), Ok(None));
    assert_eq!(device.cancel_line(&line), Err(Error::missing("ticket_lines")));
    device.pass(1);
    use MovementKind::{Return, Use};
    let mut all = movements(&device, &item);
    all.sort_by_key(|(kind, quantity)| (kind.word().to_owned(), *quantity));
    assert_eq!(all, [(Return, 1), (Return, 5), (Use, -4), (Use, -2)]);
}

#[test]
fn a_cancelled_line_that_is_used_again_comes_back_with_a_third_movement() {
    let device = Device::new("technician");
    let (ticket, item) = (device.ticket(), device.item("Screen"));
    let line = device.use_part(&ticket, &item, 1).unwrap();
    device.cancel_line(&line).unwrap();
    device.use_line(&line).unwrap();
    assert_eq!(stock(&device, &item), (-1, 0));
    assert_eq!(device.rows_in("stock_movements"), 3);
    assert_eq!(device.get::<TicketLine>(&line.0).unwrap().unwrap().quantity, 1);
    device.use_line(&line).unwrap();
    assert_eq!(device.rows_in("stock_movements"), 3, "it lacks nothing");
}

/// What two devices know alike: a ticket with a used part.
fn two_devices() -> (Device, Device, TicketLineId, InventoryItemId) {
    let (one, other) = (Device::new("technician"), Device::new("technician"));
    let (ticket, item) = (one.ticket(), one.item("Screen"));
    let line = one.use_part(&ticket, &item, 2).unwrap();
    let mut rows: Vec<Row> =
        vec![one.row::<InventoryItem>(&item.0), one.row::<Ticket>(&ticket.0), one.row::<TicketLine>(&line.0)];
    let movement = one.movements(&item, None, 1).unwrap().remove(0);
    rows.push(one.row::<StockMovement>(&movement.id.0));
    other.receives(&rows, 5);
    (one, other, line, item)
}

fn returns(device: &Device) -> Vec<(String, Vec<crate::schema::Value>)> {
    let rows = device
        .read(|reader| reader.rows(StockMovement::TABLE, "WHERE kind = 'return' ORDER BY id", []))
        .unwrap();
    rows.into_iter().map(|row| (row.id, row.values)).collect()
}

#[test]
fn two_devices_that_cancel_the_same_line_make_the_same_movement() {
    let (one, other, line, item) = two_devices();
    one.cancel_line(&line).unwrap();
    other.pass(DAY);
    other.cancel_line(&line).unwrap();
    assert_eq!(returns(&one).len(), 1);
    assert_eq!(returns(&one), returns(&other));
    // What the one made arrives at the other, and counts once.
    let id = returns(&one).remove(0).0;
    other.receives(&[one.row::<InventoryItem>(&item.0), one.row::<StockMovement>(&id)], 6);
    assert_eq!(stock(&other, &item), (0, 0));
}

#[test]
fn a_reservation_follows_its_line() {
    let device = Device::new("technician");
    let (ticket, item) = (device.ticket(), device.item("Battery"));
    let line = TicketLine {
        kind: LineKind::Part,
        inventory_item_id: Some(item.clone()),
        quantity: 2,
        ..TicketLine::default()
    };
    let line = device.add_line(&ticket, &line).unwrap();
    device.reserve(&line).unwrap();
    device.reserve(&line).unwrap();
    assert_eq!(stock(&device, &item), (0, 2), "promised once");
    device.set_line_quantity(&line, 3).unwrap();
    assert_eq!(stock(&device, &item), (0, 3));
    device.release(&line).unwrap();
    assert_eq!(stock(&device, &item), (0, 0));
    device.reserve(&line).unwrap();
    device.use_line(&line).unwrap();
    assert_eq!(stock(&device, &item), (-3, 0), "used, and promised no more");
    device.cancel_line(&line).unwrap();
    assert_eq!(stock(&device, &item), (0, 0));
    let labour = device.add_line(&ticket, &TicketLine { quantity: 1, ..TicketLine::default() }).unwrap();
    assert_eq!(device.reserve(&labour).unwrap_err().code(), "required");
}

#[test]
fn a_count_carries_what_was_shown_and_moves_the_difference_zero_included() {
    let device = Device::new("manager");
    let item = device.item("Screw");
    device.receive(&item, 10, None).unwrap();
    device.count(&item, 7).unwrap();
    assert_eq!(stock(&device, &item), (7, 0));
    device.pass(1);
    device.count(&item, 7).unwrap();
    let last = device.movements(&item, None, 1).unwrap().remove(0);
    assert_eq!((last.quantity, last.counted, last.shown), (0, Some(7), Some(7)));
    assert_eq!(device.count(&item, -1).unwrap_err().code(), "range");
    device.adjust(&item, -2, Some("found none")).unwrap();
    device.write_off(&item, 1, None).unwrap();
    assert_eq!(stock(&device, &item), (4, 0));
    for refused in [device.receive(&item, 0, None), device.write_off(&item, -1, None)] {
        assert_eq!(refused.unwrap_err().code(), "range");
    }
    assert_eq!(device.adjust(&item, 0, None).unwrap_err().code(), "moves_nothing");
}

#[test]
fn who_may_not_move_stock_changes_nothing() {
    let owner = Device::new("owner");
    let (ticket, item) = (owner.ticket(), owner.item("Screen"));
    let line = owner.use_part(&ticket, &item, 1).unwrap();
    let before = (owner.rows_in("outbox"), owner.rows_in("ticket_lines"), stock(&owner, &item));
    owner.set_actor(Some("me".into()), Some("front_desk".into()));
    assert_eq!(owner.use_part(&ticket, &item, 1).unwrap_err().code(), "denied");
    assert_eq!(owner.cancel_line(&line).unwrap_err().code(), "denied");
    assert_eq!(owner.set_line_quantity(&line, 5).unwrap_err().code(), "denied");
    assert_eq!(owner.count(&item, 5).unwrap_err().code(), "denied");
    owner.set_actor(Some("me".into()), Some("technician".into()));
    assert_eq!(owner.receive(&item, 5, None).unwrap_err().code(), "denied");
    assert_eq!(owner.adjust(&item, 5, None).unwrap_err().code(), "denied");
    assert_eq!(owner.merge_items(&item, &owner.item("Display")).unwrap_err().code(), "denied");
    let after = (owner.rows_in("outbox") - 1, owner.rows_in("ticket_lines"), stock(&owner, &item));
    assert_eq!(before, after, "but for the item that was made to be merged");
    assert_eq!(owner.use_part(&TicketId("none".into()), &item, 1), Err(Error::missing("tickets")));
}

#[test]
fn merged_items_add_their_stock_up_and_keep_their_history() {
    let device = Device::new("manager");
    let (stays, gone) = (device.item("Screen"), device.item("Screen 6.1"));
    device.receive(&stays, 3, None).unwrap();
    device.receive(&gone, 4, None).unwrap();
    let ticket = device.ticket();
    let line = device.use_part(&ticket, &gone, 1).unwrap();
    let cost = ItemCost { item_id: gone.clone(), cost_cents: 900, ..ItemCost::default() };
    device.create(&cost).unwrap();
    let history = device.movements(&gone, None, 10).unwrap();
    device.merge_items(&stays, &gone).unwrap();
    assert_eq!(stock(&device, &stays), (6, 0));
    assert_eq!(device.get::<InventoryItem>(&gone.0), Ok(None));
    let row = device.row::<InventoryItem>(&gone.0);
    assert_eq!((row.int("quantity"), row.text("merged_into")), (Some(0), stays.0.as_str()));
    assert_eq!(device.movements(&gone, None, 10).unwrap().len(), history.len() + 1);
    let costs = device.list::<ItemCost>("", 10).unwrap();
    assert_eq!(
        costs.iter().map(|cost| (&cost.item_id, cost.cost_cents)).collect::<Vec<_>>(),
        [(&stays, 900)]
    );
    // The line names the item that stays, and gives back to it.
    device.cancel_line(&line).unwrap();
    assert_eq!(stock(&device, &stays), (7, 0));
}

#[test]
fn two_devices_that_merge_the_same_items_move_the_stock_once() {
    let (one, other) = (Device::new("manager"), Device::new("manager"));
    let (stays, gone) = (one.item("Screen"), one.item("Screen 6.1"));
    one.receive(&gone, 4, None).unwrap();
    other.receives(&[one.row::<InventoryItem>(&stays.0), one.row::<InventoryItem>(&gone.0)], 5);
    let adjustments = |device: &Device| -> Vec<String> {
        device.merge_items(&stays, &gone).unwrap();
        let rows =
            device.read(|reader| reader.rows(StockMovement::TABLE, "WHERE kind = 'adjust' ORDER BY id", []));
        rows.unwrap().into_iter().map(|row| row.id).collect()
    };
    assert_eq!(adjustments(&one), adjustments(&other));
}

#[test]
fn items_are_found_by_number_barcode_and_words() {
    let device = Device::new("technician");
    let screen = InventoryItem {
        name: "Écran".into(),
        sku: Some("SCR-1".into()),
        barcode: Some("4006381333931".into()),
        brand: Some("Nokia".into()),
        ..InventoryItem::default()
    };
    let id = device.create(&screen).unwrap();
    device.item("Battery");
    for found in [
        device.items_by_sku(" SCR-1 ").unwrap(),
        device.items_by_barcode("4006381333931").unwrap(),
        device.find_items("ecran nok", 10).unwrap(),
    ] {
        assert_eq!(found.iter().map(|row| row.id.0.as_str()).collect::<Vec<_>>(), [id.as_str()]);
    }
    assert!(device.items_by_sku("SCR").unwrap().is_empty());
}

#[test]
fn low_stock_and_movements_go_on_after_a_key() {
    let device = Device::new("manager");
    let low =
        |name: &str| InventoryItem { name: name.into(), reorder_level: Some(2), ..InventoryItem::default() };
    for name in ["C", "A", "B"] {
        device.create(&low(name)).unwrap();
    }
    let plenty = InventoryItemId(device.create(&low("D")).unwrap());
    for quantity in 1..=5 {
        device.pass(quantity % 2);
        device.receive(&plenty, quantity, None).unwrap();
    }
    let first = device.low_stock(None, 2).unwrap();
    let last = first.last().unwrap();
    let rest = device.low_stock(Some((&last.name, &last.id.0)), 2).unwrap();
    let names: Vec<_> = first.iter().chain(&rest).map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["A", "B", "C"]);
    let mut seen: Vec<Key> = Vec::new();
    let mut key: Option<Key> = None;
    loop {
        let window = device.movements(&plenty, key.as_ref(), 2).unwrap();
        let Some(last) = window.last() else { break };
        key = Some(last.key());
        seen.extend(window.iter().map(MovementRow::key));
    }
    assert_eq!(seen.len(), 5);
    let newer = |pair: &[Key]| (pair[0].at, &pair[0].id) > (pair[1].at, &pair[1].id);
    assert!(seen.windows(2).all(newer), "each once, the newest first, also within a millisecond");
}
