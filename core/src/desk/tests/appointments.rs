//! The calendar.

use super::{Device, HOUR, NOON};
use crate::desk::{AppointmentRow, Slot};
use crate::entity::{Appointment, AppointmentId, AppointmentState, EmployeeId};
use crate::schema::{Entity, time_from_ms};

/// From and until in hours from noon.
fn book(device: &Device, from: i64, until: i64, assignee: Option<&str>) -> AppointmentId {
    let customer_id = device.customer("Okafor");
    let appointment = Appointment {
        customer_id,
        starts_at: time_from_ms(NOON + from * HOUR),
        ends_at: time_from_ms(NOON + until * HOUR),
        time_zone: "Europe/Berlin".into(),
        assignee_id: assignee.map(EmployeeId::from),
        ..Appointment::default()
    };
    AppointmentId(device.create(&appointment).unwrap())
}

fn set(device: &Device, id: &AppointmentId, state: AppointmentState) {
    let before: Appointment = device.get(&id.0).unwrap().unwrap();
    device.edit(&before, &Appointment { state, ..before.clone() }).unwrap();
}

fn at(hours: i64) -> chrono::DateTime<chrono::Utc> {
    time_from_ms(NOON + hours * HOUR)
}

fn flags(rows: &[AppointmentRow]) -> Vec<(&AppointmentId, bool)> {
    rows.iter().map(|row| (&row.id, row.overlaps)).collect()
}

#[test]
fn the_calendar_lists_what_touches_a_range_and_flags_overlaps_of_one_person() {
    let device = Device::new("front_desk");
    let long = book(&device, -11, 1, Some("ada"));
    let inside = book(&device, 0, 2, Some("ada"));
    let touching = book(&device, 2, 3, Some("ada"));
    let others = book(&device, 0, 2, Some("eve"));
    let nobodys = book(&device, 0, 2, None);
    book(&device, -13, -12, Some("ada"));
    book(&device, 4, 5, Some("ada"));
    let all = device.calendar(at(0), at(4), None).unwrap();
    let mut found = flags(&all);
    let mut expected =
        vec![(&long, true), (&inside, true), (&touching, false), (&others, false), (&nobodys, false)];
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    let ada = EmployeeId("ada".into());
    let hers = device.calendar(at(0), at(4), Some(&ada)).unwrap();
    assert_eq!(flags(&hers), [(&long, true), (&inside, true), (&touching, false)]);
    set(&device, &inside, AppointmentState::Cancelled);
    let hers = device.calendar(at(0), at(4), Some(&ada)).unwrap();
    assert_eq!(flags(&hers), [(&long, false), (&inside, false), (&touching, false)]);
}

#[test]
fn a_slot_is_edited_and_sent_as_one_value() {
    let device = Device::new("front_desk");
    let id = book(&device, 0, 1, None);
    // The server has it, so that the next edit is a patch.
    let row = device.row::<Appointment>(&id.0);
    let other = Device::new("front_desk");
    other.receives(&[row], 3);
    let slot = Slot { starts_at: at(0), ends_at: at(2), time_zone: "Europe/Berlin".into() };
    other.reschedule(&id, &slot).unwrap();
    let body: String =
        other.read(|reader| reader.one("SELECT body FROM outbox", [], |row| row.get(0))).unwrap().unwrap();
    let sent: serde_json::Value = serde_json::from_str(&body).unwrap();
    let fields: Vec<_> = sent["fields"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["ends_at", "starts_at", "time_zone"]);
    assert_eq!(other.calendar(at(0), at(4), None).unwrap().remove(0).slot, slot);
}

#[test]
fn who_moves_a_slot_means_the_end_that_they_saw() {
    let device = Device::new("front_desk");
    let row = device.row::<Appointment>(&book(&device, 0, 2, None).0);
    let other = Device::new("front_desk");
    other.receives(std::slice::from_ref(&row), 3);
    let seen: Appointment = other.get(&row.id).unwrap().unwrap();
    // Somebody else moves it to the evening.
    let moved = Appointment { starts_at: at(8), ends_at: at(9), ..seen.clone() };
    other.receives(&[moved.to_row()], 4);
    other.edit(&seen, &Appointment { starts_at: at(1), ..seen.clone() }).unwrap();
    let shown: Appointment = other.get(&row.id).unwrap().unwrap();
    assert_eq!((shown.starts_at, shown.ends_at), (at(1), at(2)));
    // The rule judges the slot that was meant: nobody saw it end before it starts.
    let late = Appointment { starts_at: at(3), ..shown.clone() };
    assert_eq!(other.edit(&shown, &late).unwrap_err().code(), "ends_before_it_starts");
}

#[test]
fn a_slot_ends_after_it_starts_within_twelve_hours() {
    let device = Device::new("front_desk");
    let id = book(&device, 0, 1, None);
    for (until, rule) in [(0, "ends_before_it_starts"), (13, "longer_than_12_hours")] {
        let slot = Slot { starts_at: at(0), ends_at: at(until), time_zone: "UTC".into() };
        assert_eq!(device.reschedule(&id, &slot).unwrap_err().code(), rule);
    }
    assert_eq!(device.get::<Appointment>(&id.0).unwrap().unwrap().ends_at, at(1));
}

#[test]
fn a_technician_moves_only_their_own_appointments() {
    let device = Device::new("owner");
    let (own, others) = (book(&device, 0, 1, Some("me")), book(&device, 0, 1, Some("eve")));
    device.set_actor(Some("me".into()), Some("technician".into()));
    let slot = Slot { starts_at: at(1), ends_at: at(2), time_zone: "UTC".into() };
    device.reschedule(&own, &slot).unwrap();
    assert_eq!(device.reschedule(&others, &slot).unwrap_err().code(), "denied");
    assert_eq!(device.get::<Appointment>(&others.0).unwrap().unwrap().starts_at, at(0));
}

#[test]
fn reminders_are_what_is_still_to_come() {
    let device = Device::new("front_desk");
    book(&device, -1, 1, None);
    let soon = book(&device, 1, 2, None);
    let confirmed = book(&device, 2, 3, None);
    set(&device, &confirmed, AppointmentState::Confirmed);
    let cancelled = book(&device, 2, 3, None);
    set(&device, &cancelled, AppointmentState::Cancelled);
    book(&device, 30, 31, None);
    let found = device.reminders(at(24), 10).unwrap();
    assert_eq!(found.iter().map(|row| &row.id).collect::<Vec<_>>(), [&soon, &confirmed]);
    assert_eq!(device.reminders(at(24), 1).unwrap().len(), 1);
}

#[test]
fn a_customers_appointments_come_latest_first_after_a_moment() {
    let device = Device::new("front_desk");
    let first = book(&device, 0, 1, None);
    let customer = device.get::<Appointment>(&first.0).unwrap().unwrap().customer_id;
    let second = Appointment {
        starts_at: at(5),
        ends_at: at(6),
        id: AppointmentId::default(),
        ..device.get(&first.0).unwrap().unwrap()
    };
    device.create(&second).unwrap();
    let latest = device.appointments_of_customer(&customer, None, 1).unwrap();
    assert_eq!(latest[0].slot.starts_at, at(5));
    let earlier = device.appointments_of_customer(&customer, Some(at(5)), 5).unwrap();
    assert_eq!(earlier.iter().map(|row| &row.id).collect::<Vec<_>>(), [&first]);
}
