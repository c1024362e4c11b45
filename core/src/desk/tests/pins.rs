//! PINs at a shared tablet.

use super::{Device, HOUR, MINUTE};
use crate::entity::{Employee, EmployeeId, EmployeePin, Role, TicketStatus};
use crate::error::{Error, NotNow};
use crate::schema::Value;
use crate::shop::Account;
use std::sync::atomic::Ordering;

fn wrong() -> Error {
    Error::denied("employee_pins", "wrong_pin")
}

fn locked(seconds: u64) -> Error {
    Error::not_now(NotNow::PinLocked { seconds })
}

/// A station that knows Ada and her PIN, 2580.
fn station(role: Role) -> (Device, EmployeeId) {
    let admin = Device::new("owner");
    let ada = admin.employee("ada", role);
    admin.set_pin(&ada, "2580").unwrap();
    let pin = admin.list::<EmployeePin>("", 1).unwrap().remove(0);
    assert!(pin.verifier.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    let station = Device::station();
    station.receives(&[admin.row::<Employee>("ada"), admin.row::<EmployeePin>(&pin.id.0)], 3);
    station.grant_station(&ada).unwrap();
    (station, ada)
}

#[test]
fn people_switch_by_pin_and_what_they_do_is_theirs() {
    let (station, ada) = station(Role::Technician);
    assert_eq!(station.switch(&ada, "2580"), Ok(()));
    assert_eq!(station.who().actor.as_deref(), Some("ada"));
    let ticket = station.ticket();
    station.transition(&ticket, TicketStatus::Diagnosing, None).unwrap();
    station.switch_off().unwrap();
    assert_eq!(station.who().actor, None);
    assert_eq!(station.transition(&ticket, TicketStatus::OnHold, None).unwrap_err().code(), "denied");
}

#[test]
fn a_pin_gives_a_manager_no_more_than_the_station_may() {
    let (station, ada) = station(Role::Manager);
    station.switch(&ada, "2580").unwrap();
    let customer = station.customer("Okafor");
    assert_eq!(station.delete("customers", &customer.0).unwrap_err().code(), "denied");
}

#[test]
fn the_first_time_on_a_device_needs_the_server_and_tells_nothing() {
    let (station, _) = station(Role::Technician);
    let eve = station.employee("eve", Role::Technician);
    let needs = Err(Error::needs_server("station_grant"));
    assert_eq!(station.switch(&eve, "2580"), needs);
    assert_eq!(station.switch(&EmployeeId("nobody".into()), "2580"), needs);
    assert_eq!(station.rows_in("pin_guard"), 0);
}

#[test]
fn a_wrong_pin_an_unknown_employee_and_one_who_left_are_answered_alike() {
    let (station, ada) = station(Role::Technician);
    let nobody = EmployeeId("nobody".into());
    let eve = station.employee("eve", Role::Technician);
    for employee in [&nobody, &eve] {
        station.grant_station(employee).unwrap();
        assert_eq!(station.switch(employee, "2580"), Err(wrong()));
    }
    assert_eq!(station.switch(&ada, "0000"), Err(wrong()));
    assert_eq!(station.switch(&ada, "not digits"), Err(wrong()));
    let mut left = station.row::<Employee>("ada");
    left.set("active", Value::Int(0));
    station.receives(&[left], 4);
    assert_eq!(station.switch(&ada, "2580"), Err(wrong()));
    assert_eq!(station.who().actor, None);
}

#[test]
fn five_wrong_pins_lock_and_each_further_one_for_longer_also_after_a_restart() {
    let (mut station, ada) = station(Role::Technician);
    for _ in 0..4 {
        assert_eq!(station.switch(&ada, "0000"), Err(wrong()));
    }
    for seconds in [30, 60, 300, 900, 3_600, 3_600] {
        assert_eq!(station.switch(&ada, "0000"), Err(locked(seconds)));
        station = station.reopened(Account::station("tablet"));
        assert_eq!(station.switch(&ada, "2580"), Err(locked(seconds)), "the right one neither");
        station.pass(i64::try_from(seconds).unwrap() * 1_000 - 1);
        assert_eq!(station.switch(&ada, "2580"), Err(locked(1)));
        station.pass(1);
    }
    assert_eq!(station.switch(&ada, "2580"), Ok(()));
    assert_eq!(station.rows_in("pin_guard"), 0);
    assert_eq!(station.switch(&ada, "0000"), Err(wrong()), "and the count begins anew");
}

#[test]
fn a_lock_is_one_persons() {
    let (station, ada) = station(Role::Technician);
    let nobody = EmployeeId("nobody".into());
    station.grant_station(&nobody).unwrap();
    for _ in 0..5 {
        assert!(station.switch(&nobody, "0000").is_err());
    }
    assert_eq!(station.switch(&ada, "2580"), Ok(()));
}

#[test]
fn the_wall_clock_does_not_open_a_lock_and_a_reboot_begins_it_anew() {
    let (mut station, ada) = station(Role::Technician);
    for _ in 0..6 {
        assert!(station.switch(&ada, "0000").is_err());
    }
    station.clock.wall.fetch_add(HOUR, Ordering::Relaxed);
    assert_eq!(station.switch(&ada, "2580"), Err(locked(30)));
    station.pass(20_000);
    station.clock.boot.store(5_000, Ordering::Relaxed);
    station = station.reopened(Account::station("tablet"));
    assert_eq!(station.switch(&ada, "2580"), Err(locked(30)), "how long it was off nobody knows");
    station.pass(29_999);
    assert_eq!(station.switch(&ada, "2580"), Err(locked(1)));
    station.pass(1);
    assert_eq!(station.switch(&ada, "2580"), Ok(()));
}

#[test]
fn a_pin_is_four_to_eight_digits_and_ones_own() {
    let device = Device::new("technician");
    let (me, ada) = (device.employee("me", Role::Technician), device.employee("ada", Role::Technician));
    for bad in ["", "123", "123456789", "12a4", "١٢٣٤"] {
        assert_eq!(device.set_pin(&me, bad).unwrap_err().code(), "four_to_eight_digits");
    }
    device.set_pin(&me, "1234").unwrap();
    device.set_pin(&me, "12345678").unwrap();
    assert_eq!(device.rows_in("employee_pins"), 1, "a new PIN takes the old one's place");
    assert_eq!(device.set_pin(&ada, "1234"), Err(Error::denied("employee_pins", "own_pin")));
    assert_eq!(device.set_pin(&EmployeeId("nobody".into()), "1234"), Err(Error::missing("employees")));
    assert_eq!(device.rows_in("employee_pins"), 1);
}

#[test]
fn the_pin_that_the_server_took_last_counts() {
    let (station, ada) = station(Role::Technician);
    let admin = Device::new("owner");
    admin.employee("ada", Role::Technician);
    // An admin whose device does not hold the verifier makes a second one.
    admin.set_pin(&ada, "1111").unwrap();
    let pin = admin.list::<EmployeePin>("", 1).unwrap().remove(0);
    station.receives(&[admin.row::<EmployeePin>(&pin.id.0)], 9);
    assert_eq!(station.switch(&ada, "2580"), Err(wrong()));
    assert_eq!(station.switch(&ada, "1111"), Ok(()));
}

#[test]
fn only_a_station_switches() {
    let device = Device::new("owner");
    let ada = device.employee("ada", Role::Technician);
    device.pass(MINUTE);
    let refused = Err(Error::denied("employee_pins", "station_only"));
    assert_eq!(device.switch(&ada, "2580"), refused);
    assert_eq!(device.switch_off(), refused);
    assert_eq!(device.who().actor.as_deref(), Some("me"));
}
