//! Losing a role or a shop: what the account may not see any more goes from the device at once. Its unsent work is sealed,
//! sent once, and then only its outcome is left.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use counterpart_core::Opening;
use counterpart_core::entity::{Customer, InventoryItem, InventoryItemId, ItemCost, Ticket};
use counterpart_core::keys::{MemoryKeys, SecureStorage};
use counterpart_core::sync::{Answer, Call, Event, RetryPolicy};
use counterpart_tests::desk::{Desk, desk, desk_with, server};
use counterpart_tests::device::count;
use std::fs;
use std::sync::Arc;

/// Something happens, and the server answers that this account is a stranger to the shop.
fn shown_the_door(desk: &mut Desk, event: Event) {
    let calls = desk.shop.step(event).unwrap();
    let answered = calls.into_iter().find_map(|call| match call {
        Call::Open(_) => Some(desk.shop.opened(Err(Answer::NoShop))),
        Call::Push(_) => Some(desk.shop.pushed(Err(Answer::NoShop))),
        Call::Pull(_) => Some(desk.shop.pulled(Err(Answer::NoShop))),
        Call::Range(_)
        | Call::Snapshot(_)
        | Call::RefreshToken
        | Call::TakeNewIdentity
        | Call::LeaveShop
        | Call::Join
        | Call::Leave
        | Call::WakeAt(_) => None,
    });
    desk.make(answered.unwrap().unwrap());
}

/// Everything that the device's file and what lies beside it hold.
fn bytes(desk: &Desk) -> Vec<u8> {
    let path = desk.device.opening.path.clone();
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    let beside = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let own = beside.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(&name));
    own.flat_map(|path| fs::read(path).unwrap()).collect()
}

fn holds(desk: &Desk, text: &str) -> bool {
    bytes(desk).windows(text.len()).any(|found| found == text.as_bytes())
}

#[test]
fn losing_the_shop_leaves_nothing_of_it_on_the_device() {
    let server = server();
    let mut tess = desk(&server, 1, "tess");
    tess.customer("Abernathy");
    tess.sync();
    tess.shop.save_draft("intake", "Bartholomew").unwrap();
    tess.shop.step(Event::Network { up: false }).unwrap();
    tess.customer("Castellanos");
    assert!(["Abernathy", "Bartholomew", "Castellanos"].iter().all(|name| holds(&tess, name)));

    shown_the_door(&mut tess, Event::Network { up: true });
    assert!(!["Abernathy", "Bartholomew", "Castellanos"].iter().any(|name| holds(&tess, name)));
    assert_eq!(
        count(&tess.shop, "SELECT (SELECT count(*) FROM customers) + (SELECT count(*) FROM outbox)"),
        0
    );
    let state = tess.shop.state().unwrap();
    assert_eq!((state.pending, state.last_error.as_deref()), (1, Some("no_shop")));
    assert!(tess.shop.save("customers", &serde_json::Map::new()).is_err());
    assert!(!tess.shop.has_shop_key().unwrap());
}

#[test]
fn what_was_sealed_is_sent_once_the_account_is_back() {
    let server = server();
    let (mut tess, mut theo) = (desk(&server, 1, "tess"), desk(&server, 2, "theo"));
    tess.shop.step(Event::Network { up: false }).unwrap();
    let (ticket, gone) = (tess.ticket(), tess.customer("Unwanted"));
    tess.shop.delete("customers", &gone).unwrap();
    shown_the_door(&mut tess, Event::Network { up: true });

    // It survives the end of the app too.
    tess.shop.close().unwrap();
    tess.shop = tess.device.open().unwrap();
    assert_eq!(tess.shop.state().unwrap().pending, 4);
    tess.tell(Event::Network { up: true });
    tess.sync();
    theo.sync();
    assert_eq!(theo.shop.checksum().unwrap(), tess.shop.checksum().unwrap());
    assert_eq!(theo.shop.get::<Ticket>(&ticket).unwrap().unwrap().subject, "Screen");
    assert_eq!(tess.shop.state().unwrap().pending, 0);
    assert_eq!(count(&tess.shop, "SELECT count(*) FROM sealed"), 0);
    assert_eq!(
        count(&tess.shop, "SELECT count(*) FROM settled WHERE outcome = 'applied' AND body IS NULL"),
        4
    );
}

#[test]
fn losing_a_role_seals_only_the_work_that_it_was_needed_for() {
    let server = server();
    let (mut tess, mut owner) = (desk(&server, 1, "tess"), desk(&server, 2, "owner"));
    let item = InventoryItem { name: "Display".into(), ..InventoryItem::default() };
    let item = InventoryItemId(tess.shop.create(&item).unwrap());
    tess.sync();
    tess.shop.step(Event::Network { up: false }).unwrap();
    let cost = ItemCost { item_id: item, cost_cents: 4_321, ..ItemCost::default() };
    let cost = tess.shop.create(&cost).unwrap();
    let customer = tess.customer("Okafor");

    tess.member.role = "technician".into();
    tess.tell(Event::Network { up: true });
    assert_eq!(tess.shop.who().role, "technician");
    assert!(tess.shop.get::<ItemCost>(&cost).unwrap().is_none());
    let state = tess.shop.state().unwrap();
    assert_eq!((state.pending, state.failed), (0, 0), "what was refused is no matter for this person");
    let outcome = format!("SELECT count(*) FROM settled WHERE row_id = '{cost}' AND outcome = 'rejected'");
    assert_eq!(count(&tess.shop, &outcome), 1, "its outcome is kept");
    owner.sync();
    assert!(owner.shop.get::<ItemCost>(&cost).unwrap().is_none());
    assert!(owner.shop.get::<Customer>(&customer).unwrap().is_some());
}

#[test]
fn what_half_a_catch_up_had_brought_goes_with_the_role() {
    let server = server();
    let small = |opening: Opening| Opening { retry: RetryPolicy { page: 2, ..opening.retry }, ..opening };
    let (mut tess, mut owner) = (desk_with(&server, 1, "tess", small), desk(&server, 2, "owner"));
    tess.sync();
    let item = InventoryItem { name: "Display".into(), ..InventoryItem::default() };
    let item = InventoryItemId(owner.shop.create(&item).unwrap());
    let cost = ItemCost { item_id: item.clone(), cost_cents: 987_654, ..ItemCost::default() };
    let cost = owner.shop.create(&cost).unwrap();
    owner.sync();
    for name in ["Abernathy", "Bartholomew", "Castellanos", "Okafor"] {
        owner.customer(name);
        owner.sync();
    }

    let mut calls = tess.shop.step(Event::Asked).unwrap();
    while !holds(&tess, "987654") {
        calls = calls.into_iter().flat_map(|call| tess.answer(call)).collect();
    }
    assert!(tess.shop.get::<ItemCost>(&cost).unwrap().is_none(), "a catch-up is seen whole, or not yet");
    tess.member.role = "technician".into();
    calls = calls.into_iter().flat_map(|call| tess.answer(call)).collect();
    assert_eq!(tess.shop.who().role, "technician");
    assert!(!holds(&tess, "987654"));

    tess.make(calls);
    tess.sync();
    assert!(tess.shop.get::<InventoryItem>(&item.0).unwrap().is_some());
    assert!(tess.shop.get::<ItemCost>(&cost).unwrap().is_none());
}

#[test]
fn an_answer_of_an_earlier_role_that_comes_late_gives_it_back_to_nobody() {
    let server = server();
    let (mut tess, mut owner) = (desk(&server, 1, "tess"), desk(&server, 2, "owner"));
    let calls = tess.shop.step(Event::Asked).unwrap();
    let Some(Call::Pull(request)) = calls.into_iter().find(|call| matches!(call, Call::Pull(_))) else {
        panic!("no pull")
    };
    let late = server.ledger.pull(&tess.member, &request).unwrap();
    assert_eq!(late.standing.role, "owner");

    tess.shop.step(Event::Network { up: false }).unwrap();
    tess.member.role = "technician".into();
    owner.customer("Okafor");
    owner.sync();
    tess.tell(Event::Network { up: true });
    assert_eq!(tess.shop.who().role, "technician");

    tess.shop.pulled(Ok(late)).unwrap();
    assert_eq!(tess.shop.who().role, "technician");
    tess.sync();
}

#[test]
fn a_copy_that_went_without_its_key_cannot_read_what_was_sealed() {
    let server = server();
    let keys = Arc::new(MemoryKeys::default());
    let mut tess = desk_with(&server, 1, "tess", |mut opening| {
        opening.keys = keys.clone();
        opening
    });
    tess.shop.step(Event::Network { up: false }).unwrap();
    tess.customer("Okafor");
    shown_the_door(&mut tess, Event::Network { up: true });
    tess.shop.close().unwrap();
    keys.remove(&format!("seal-{}-account-tess", tess.shop.id())).unwrap();
    tess.shop = tess.device.open().unwrap();
    assert_eq!(tess.shop.state().unwrap().pending, 0);
    assert_eq!(count(&tess.shop, "SELECT count(*) FROM settled WHERE outcome = 'unreadable'"), 1);
}

#[test]
fn what_a_person_had_discarded_is_not_sent_from_under_the_seal() {
    let server = server();
    let mut tess = desk(&server, 1, "tess");
    let customer = tess.customer("Okafor");
    // It was sent, and nobody knows whether it arrived.
    let calls = tess.shop.step(Event::Asked).unwrap();
    assert!(calls.iter().any(|call| matches!(call, Call::Push(_))));
    let operation =
        tess.shop.read(|reader| reader.one("SELECT id FROM outbox", [], |row| row.get::<_, String>(0)));
    let operation = operation.unwrap().unwrap();
    let calls = tess.shop.pushed(Err(Answer::NoAnswer)).unwrap();
    drop(calls);
    tess.shop.discard(&operation).unwrap();
    shown_the_door(&mut tess, Event::Asked);
    assert_eq!(count(&tess.shop, &format!("SELECT count(*) FROM sealed WHERE id = '{operation}'")), 0);
    tess.sync();
    assert!(tess.shop.get::<Customer>(&customer).unwrap().is_none());
}
