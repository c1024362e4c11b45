//! The numbers on the badges, and who works here.

use super::{DAY, Device, HOUR, NOON, ticket};
use crate::desk::{Badges, Bringer, Intake};
use crate::entity::{Appointment, Role, Ticket, TicketStatus};
use crate::schema::time_from_ms;

#[test]
fn badges_count_what_a_person_looks_for_first() {
    let device = Device::new("owner");
    device.employee("me", Role::Owner);
    let customer = device.customer("Okafor");
    let take_in = |due: Option<i64>| {
        let ticket = Ticket { due_at: due.map(time_from_ms), ..ticket("No sound") };
        device
            .intake(&Intake { bringer: Bringer::Known { id: customer.clone() }, ticket }, None)
            .unwrap()
            .ticket
    };
    take_in(Some(NOON + HOUR));
    let late = take_in(Some(NOON - HOUR));
    let ready = take_in(None);
    device.assign(&late, Some("me")).unwrap();
    for to in [TicketStatus::Diagnosing, TicketStatus::Ready] {
        device.transition(&ready, to, None).unwrap();
    }
    let closed = take_in(Some(NOON - HOUR));
    device.transition(&closed, TicketStatus::Cancelled, None).unwrap();
    let item = device.item("Screen");
    device.adjust(&item, -1, None).unwrap();
    for start in [NOON, NOON + DAY] {
        let appointment = Appointment {
            customer_id: customer.clone(),
            starts_at: time_from_ms(start),
            ends_at: time_from_ms(start + HOUR),
            time_zone: "UTC".into(),
            ..Appointment::default()
        };
        device.create(&appointment).unwrap();
    }
    let day = time_from_ms(NOON - 12 * HOUR);
    let badges = device.badges(day, time_from_ms(NOON + 12 * HOUR)).unwrap();
    assert_eq!(badges, Badges { open: 3, overdue: 1, ready: 1, mine: 1, low_stock: 1, today: 1 });
}

#[test]
fn employees_are_listed_by_name_those_who_left_last() {
    let device = Device::new("owner");
    for name in ["zoe", "ada"] {
        device.employee(name, Role::Technician);
    }
    let mut left = device.row::<crate::entity::Employee>("ada");
    left.set("active", crate::schema::Value::Int(0));
    device.receives(&[left], 2);
    let names: Vec<_> = device.employees().unwrap().into_iter().map(|row| (row.name, row.active)).collect();
    assert_eq!(names, [("zoe".into(), true), ("ada".into(), false)]);
}
