//! A server restored from a backup, and what it will not have again of what the one before it had confirmed.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use counterpart_core::entity::{InventoryItem, InventoryItemId, TicketId};
use counterpart_core::outbox::Status;
use counterpart_core::sync::{Call, Event};
use counterpart_core::{Error, NotNow};
use counterpart_tests::desk::{Backup, Desk, desk, server};
use std::collections::VecDeque;

fn quantity(desk: &Desk, item: &InventoryItemId) -> i64 {
    desk.shop.get::<InventoryItem>(&item.0).unwrap().unwrap().quantity
}

fn unsent(desk: &Desk, item: &InventoryItemId) -> u64 {
    desk.shop.safe("inventory_items", &item.0).unwrap().unsent
}

/// Ada received five, of which a backup knows, and then four. The server is restored, and she may not receive any more.
/// Her device is on its way to it.
fn refused_after_a_restore() -> Refused {
    let server = server();
    let mut ada = desk(&server, 1, "ada");
    let item = InventoryItem { name: "Display".into(), ..InventoryItem::default() };
    let item = InventoryItemId(ada.shop.create(&item).unwrap());
    let ticket = TicketId(ada.ticket());
    ada.shop.receive(&item, 5, None).unwrap();
    ada.sync();
    let backup = server.backed_up();
    ada.shop.receive(&item, 4, None).unwrap();
    ada.sync();
    assert_eq!((quantity(&ada, &item), unsent(&ada, &item)), (9, 0));
    let newer = server.backed_up();
    ada.tell(Event::Network { up: false });
    ada.server = server.restored(backup);
    ada.member.role = "technician".into();
    let calls = ada.shop.step(Event::Network { up: true }).unwrap().into();
    Refused { ada, item, ticket, newer, calls }
}

struct Refused {
    ada: Desk,
    item: InventoryItemId,
    ticket: TicketId,
    /// A backup that has the four.
    newer: Backup,
    /// What her device calls next.
    calls: VecDeque<Call>,
}

impl Refused {
    /// Everything until the load that follows what is given back.
    fn until_the_load(&mut self) {
        let mut given_back = false;
        while let Some(call) = self.calls.pop_front() {
            given_back |= matches!(call, Call::Push(_));
            if given_back && matches!(call, Call::Range(_)) {
                self.calls.push_front(call);
                return;
            }
            self.calls.extend(self.ada.answer(call));
        }
        panic!("no load follows");
    }
}

#[test]
fn a_movement_that_is_refused_now_shows_once_while_somebody_works_on() {
    let mut refused = refused_after_a_restore();
    refused.until_the_load();
    let Refused { mut ada, item, ticket, calls, .. } = refused;
    assert_eq!((quantity(&ada, &item), unsent(&ada, &item)), (9, 1), "what this server has not is not safe");
    ada.shop.use_part(&ticket, &item, 1).unwrap();
    let taken = ada.shop.use_part(&ticket, &item, 2).unwrap();
    ada.set("inventory_items", &item.0, "bin", "upper shelf");
    assert_eq!(quantity(&ada, &item), 6);
    // Somebody thinks better of it: the row is shown anew from what lies under it.
    let last = format!("SELECT id FROM outbox WHERE row_id = '{}'", taken.0);
    let last: Option<String> = ada.shop.read(|reader| reader.one(&last, [], |row| row.get(0))).unwrap();
    ada.shop.discard(&last.unwrap()).unwrap();
    assert_eq!(quantity(&ada, &item), 8);
    ada.make(calls.into());
    ada.sync();
    // The server has five, less what was used; what it does not take waits for a person, and shows over that.
    let parked = ada.shop.parked().unwrap();
    assert_eq!(parked.iter().map(|parked| parked.code.as_str()).collect::<Vec<_>>(), ["denied"]);
    let shown = ada.shop.record("inventory_items", &item.0).unwrap().unwrap();
    assert_eq!((quantity(&ada, &item), shown.status, unsent(&ada, &item)), (8, Status::Failed, 1));
    ada.shop.discard(&parked[0].operation).unwrap();
    assert_eq!((quantity(&ada, &item), unsent(&ada, &item)), (4, 0));
}

#[test]
fn what_is_refused_now_outlives_the_app_and_a_load_that_begins_anew() {
    let mut refused = refused_after_a_restore();
    refused.until_the_load();
    let Refused { mut ada, item, .. } = refused;
    ada.shop.close().unwrap();
    ada.shop = ada.device.open().unwrap();
    assert_eq!((quantity(&ada, &item), unsent(&ada, &item)), (9, 1));
    let purged = ada.shop.purge();
    assert_eq!(purged.err(), Some(Error::not_now(NotNow::Unsent { operations: 1 })));
    let calls = ada.shop.force_full_sync().unwrap();
    ada.make(calls);
    ada.tell(Event::Network { up: true });
    assert_eq!((quantity(&ada, &item), ada.shop.parked().unwrap().len()), (9, 1));
}

#[test]
fn a_server_restored_once_more_is_asked_again() {
    let mut refused = refused_after_a_restore();
    refused.until_the_load();
    let Refused { mut ada, item, newer, .. } = refused;
    ada.tell(Event::Network { up: false });
    ada.server = ada.server.restored(newer);
    ada.tell(Event::Network { up: true });
    ada.sync();
    assert_eq!((quantity(&ada, &item), unsent(&ada, &item), ada.shop.parked().unwrap().len()), (9, 0, 0));
}
