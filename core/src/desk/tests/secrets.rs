//! Passcodes.

use super::{DAY, Device};
use crate::entity::{SecretReveal, Ticket, TicketId, TicketSecret, TicketStatus};
use crate::error::Error;
use crate::keys::SecureStorage;
use crate::schema::{Entity, Value};

const PASSCODE: &str = "s3cret-pätt3rn";
fn gone() -> Error {
    Error::denied("ticket_secrets", "wiped")
}

/// A device with a ticket and its passcode.
fn sealed() -> (Device, TicketId) {
    let device = Device::new("manager");
    device.set_shop_key(1, &[7; 32]).unwrap();
    let ticket = device.ticket();
    device.set_passcode(&ticket, PASSCODE).unwrap();
    (device, ticket)
}

fn reveal(device: &Device, ticket: &TicketId) -> Result<String, Error> {
    device.reveal_passcode(ticket).map(|passcode| passcode.as_str().to_owned())
}

#[test]
fn a_passcode_is_shown_to_who_may_see_it_and_that_is_logged() {
    let (device, ticket) = sealed();
    assert_eq!(reveal(&device, &ticket), Ok(PASSCODE.into()));
    assert_eq!(device.rows_in("secret_reveals"), 1);
    let log = device.list::<SecretReveal>("", 1).unwrap().remove(0);
    assert_eq!((log.ticket_id, log.meta.created_by.as_deref()), (ticket.clone(), Some("me")));
    let shown = device.reveal_passcode(&ticket).unwrap();
    assert_eq!(format!("{shown:?}"), "Passcode");
}

#[test]
fn a_passcode_is_nowhere_in_the_clear() {
    let (device, ticket) = sealed();
    device.index(100).unwrap();
    assert!(device.find_tickets(PASSCODE, 10).unwrap().is_empty());
    device.store().checkpoint().unwrap();
    let bytes = std::fs::read(device.store().path()).unwrap();
    assert!(!bytes.windows(PASSCODE.len()).any(|window| window == PASSCODE.as_bytes()));
    let secret = device.list::<TicketSecret>("", 1).unwrap().remove(0);
    assert!(TicketSecret::TABLE.secret, "exports leave it out");
    assert_eq!((secret.ticket_id, secret.key_version), (ticket, 1));
    let kept = device.keys.get(&format!("shop-key-shop-1-{}", device.who().account)).unwrap().unwrap();
    assert!(
        !device
            .read(|reader| reader.all("SELECT value FROM facts", [], |row| row.get::<_, String>(0)))
            .unwrap()
            .contains(&kept)
    );
}

#[test]
fn a_new_passcode_takes_the_old_ones_place_under_a_new_key() {
    let (device, ticket) = sealed();
    let before = device.list::<TicketSecret>("", 1).unwrap().remove(0);
    device.set_shop_key(2, &[8; 32]).unwrap();
    device.set_passcode(&ticket, "0000").unwrap();
    let after = device.list::<TicketSecret>("", 2).unwrap();
    assert_eq!((after.len(), &after[0].id, after[0].key_version), (1, &before.id, 2));
    assert_ne!(before.wrapped_key, after[0].wrapped_key);
    assert_eq!(reveal(&device, &ticket), Ok("0000".into()));
}

#[test]
fn a_rotated_shop_key_still_opens_what_the_old_one_wrapped() {
    let (device, ticket) = sealed();
    device.set_shop_key(2, &[8; 32]).unwrap();
    assert_eq!(reveal(&device, &ticket), Ok(PASSCODE.into()));
}

#[test]
fn without_the_shop_key_nothing_is_sealed_or_shown_and_no_look_is_logged() {
    let (device, ticket) = sealed();
    let secret = device.list::<TicketSecret>("", 1).unwrap().remove(0);
    let other = Device::new("technician");
    other.receives(&[device.row::<Ticket>(&ticket.0), device.row::<TicketSecret>(&secret.id.0)], 3);
    let needs = Error::needs_server("shop_key");
    assert_eq!(reveal(&other, &ticket), Err(needs.clone()));
    assert_eq!(other.set_passcode(&ticket, "0000"), Err(needs));
    assert_eq!((other.rows_in("secret_reveals"), other.rows_in("outbox")), (0, 0));
    other.set_shop_key(1, &[9; 32]).unwrap();
    assert_eq!(reveal(&other, &ticket).unwrap_err().code(), "unreadable");
    other.set_shop_key(1, &[7; 32]).unwrap();
    assert_eq!(reveal(&other, &ticket), Ok(PASSCODE.into()));
}

#[test]
fn a_seal_opens_only_in_its_own_place_and_untouched() {
    let (device, ticket) = sealed();
    let secret = device.list::<TicketSecret>("", 1).unwrap().remove(0);
    let elsewhere = device.ticket();
    let moved = TicketSecret { ticket_id: elsewhere.clone(), id: "moved".into(), ..secret.clone() };
    device.receives(&[moved.to_row()], 4);
    assert_eq!(reveal(&device, &elsewhere).unwrap_err().code(), "unreadable");
    let other = Device::new("manager");
    other.set_shop_key(1, &[7; 32]).unwrap();
    let mut bent = secret.to_row();
    bent.set("sealed", Value::Text("AAAA".into()));
    other.receives(&[device.row::<Ticket>(&ticket.0), bent], 5);
    let refused = reveal(&other, &ticket).unwrap_err();
    assert_eq!(refused.to_string(), "ticket_secrets.sealed breaks the rule unreadable");
}

#[test]
fn past_its_time_a_passcode_is_refused_wiped_or_not() {
    let (device, ticket) = sealed();
    for to in [TicketStatus::Diagnosing, TicketStatus::Ready, TicketStatus::PickedUp] {
        device.transition(&ticket, to, None).unwrap();
    }
    device.pass(14 * DAY - 1);
    assert_eq!(device.wipe_due(), Ok(0));
    assert_eq!(reveal(&device, &ticket), Ok(PASSCODE.into()));
    device.pass(1);
    assert_eq!(reveal(&device, &ticket), Err(gone()), "before the schedule came round");
    assert_eq!(device.set_passcode(&ticket, "0000"), Err(gone()));
    assert_eq!(device.wipe_due(), Ok(1));
    assert_eq!(reveal(&device, &ticket), Err(gone()));
    assert_eq!(device.rows_in("secret_reveals"), 1);
    assert!(!device.ticket_view(&ticket).unwrap().unwrap().has_passcode);
}

#[test]
fn who_may_not_see_it_learns_nothing() {
    let (device, ticket) = sealed();
    let station = Device::station();
    let secret = device.list::<TicketSecret>("", 1).unwrap().remove(0);
    station.set_shop_key(1, &[7; 32]).unwrap();
    station.receives(&[device.row::<Ticket>(&ticket.0), device.row::<TicketSecret>(&secret.id.0)], 3);
    assert_eq!(reveal(&station, &ticket).unwrap_err().code(), "denied");
    assert_eq!(station.rows_in("secret_reveals"), 0);
    let empty = device.ticket();
    assert_eq!(reveal(&device, &empty), Err(Error::missing("passcode")));
    assert_eq!(device.set_passcode(&ticket, "").unwrap_err().code(), "length");
    assert_eq!(device.set_passcode(&ticket, &"x".repeat(257)).unwrap_err().code(), "length");
}
