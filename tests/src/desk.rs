//! Several people of one shop, each at a device of their own, at a real ledger.

use crate::device::{Device, VirtualClock};
use crate::simulation::told;
use crate::snapshots::Parcel;
use counterpart_core::entity::{Customer, CustomerId, NoteKind, REPAIR_SHOP, Ticket, TicketId, TicketNote};
use counterpart_core::schema::Schema;
use counterpart_core::sync::{Call, Event};
use counterpart_core::{Opening, Shop};
use counterpart_hub::ledger::{Ledger, Member};
use serde_json::json;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// The shop's server.
#[derive(Debug)]
pub struct Server {
    /// Its books.
    pub ledger: Ledger,
    /// Its clock.
    pub clock: Arc<VirtualClock>,
    schema: &'static Schema,
    folder: tempfile::TempDir,
}

impl Server {
    /// Where its files are.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The server whose books lie in a folder, or are begun there.
    fn of(folder: tempfile::TempDir, schema: &'static Schema, seed: u64) -> Server {
        let Device { clock, opening, .. } = Device::new(schema, seed);
        let ledger = Ledger::open(&books(&folder), schema, opening.env).unwrap();
        Server { ledger, clock, schema, folder }
    }

    /// Its books as they are now.
    pub fn backed_up(&self) -> Backup {
        let folder = tempfile::tempdir().unwrap();
        self.ledger.back_up(&books(&folder)).unwrap();
        Backup { folder }
    }

    /// The server is lost, and the backup is put in its place.
    pub fn restored(&self, backup: Backup) -> Rc<Server> {
        let server = Server::of(backup.folder, self.schema, 998);
        server.ledger.restored(Some(&books(&self.folder))).unwrap();
        Rc::new(server)
    }
}

fn books(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("ledger.db")
}

/// A server's books as they were.
#[derive(Debug)]
pub struct Backup {
    folder: tempfile::TempDir,
}

/// One person at one device.
#[derive(Debug)]
pub struct Desk {
    /// The server.
    pub server: Rc<Server>,
    /// The device.
    pub device: Device,
    /// Its shop.
    pub shop: Shop,
    /// What the person is there.
    pub member: Member,
    /// Whether the channel is joined.
    pub joins: usize,
}

/// A server with an empty shop.
pub fn server() -> Rc<Server> {
    server_of(&REPAIR_SHOP)
}

/// A server with an empty shop of any trade.
pub fn server_of(schema: &'static Schema) -> Rc<Server> {
    let server = Server::of(tempfile::tempdir().unwrap(), schema, 999);
    server.ledger.create_shop("shop-1").unwrap();
    Rc::new(server)
}

/// A device of an owner of that name, which has loaded the shop.
pub fn desk(server: &Rc<Server>, seed: u64, person: &str) -> Desk {
    desk_with(server, seed, person, |opening| opening)
}

/// A device that has not been online yet.
pub fn new_desk(server: &Rc<Server>, seed: u64, person: &str, with: impl Fn(Opening) -> Opening) -> Desk {
    let mut device = Device::new(server.schema, seed);
    let account = &mut device.opening.account;
    (account.id, account.role) = (format!("account-{person}"), "owner".into());
    account.employee = Some(person.to_owned());
    device.opening = with(device.opening.clone());
    let member = Member {
        account: format!("account-{person}"),
        role: "owner".into(),
        station: false,
        employee: Some(person.to_owned()),
    };
    let shop = device.open().unwrap();
    Desk { server: Rc::clone(server), device, shop, member, joins: 0 }
}

/// A device that has loaded the shop, opened in a way of its own.
pub fn desk_with(server: &Rc<Server>, seed: u64, person: &str, with: impl Fn(Opening) -> Opening) -> Desk {
    let mut desk = new_desk(server, seed, person, with);
    desk.tell(Event::Network { up: true });
    desk
}

impl Desk {
    /// Something happens, and all that follows from it.
    pub fn tell(&mut self, event: Event) {
        let calls = self.shop.step(event).unwrap();
        self.make(calls);
    }

    /// All that is here goes, all that is there comes.
    pub fn sync(&mut self) {
        self.tell(Event::Asked);
        assert!(self.shop.is_caught_up());
    }

    /// Makes the engine's calls, on a network that works.
    pub fn make(&mut self, calls: Vec<Call>) {
        let mut calls = VecDeque::from(calls);
        while let Some(call) = calls.pop_front() {
            let next = self.answer(call);
            calls.extend(next);
        }
    }

    /// Makes one of them. Gives back those that follow.
    pub fn answer(&mut self, call: Call) -> Vec<Call> {
        let ledger = &self.server.ledger;
        let next = match call {
            Call::Open(request) => {
                self.shop.opened(told(ledger.open_device(&self.member, &request)).unwrap())
            }
            Call::Push(request) => {
                self.shop.pushed(told(ledger.push(&self.member, &request)).unwrap().map(|end| end.answer))
            }
            Call::Pull(request) => self.shop.pulled(told(ledger.pull(&self.member, &request)).unwrap()),
            Call::Range(request) => self.shop.ranged(told(ledger.range(&self.member, &request)).unwrap()),
            Call::Snapshot(request) => {
                let parcel = Parcel::of(ledger, &self.member, &request).unwrap();
                self.shop.landed(Ok(parcel.land(&self.shop).unwrap()))
            }
            Call::Join => {
                self.joins += 1;
                self.shop.step(Event::Joined)
            }
            Call::Leave => {
                self.joins = 0;
                Ok(Vec::new())
            }
            Call::RefreshToken | Call::TakeNewIdentity | Call::LeaveShop | Call::WakeAt(_) => Ok(Vec::new()),
        };
        next.unwrap()
    }

    /// A new customer.
    pub fn customer(&self, name: &str) -> String {
        self.shop.create(&Customer { last_name: Some(name.into()), ..Customer::default() }).unwrap()
    }

    /// A new ticket of a new customer.
    pub fn ticket(&self) -> String {
        let customer_id = CustomerId(self.customer("Okafor"));
        self.shop.create(&Ticket { customer_id, subject: "Screen".into(), ..Ticket::default() }).unwrap()
    }

    /// A note on a ticket.
    pub fn note(&self, ticket: &str) -> String {
        let ticket_id = TicketId(ticket.to_owned());
        let body = "Called back".to_owned();
        self.shop
            .create(&TicketNote { ticket_id, kind: NoteKind::Internal, body, ..TicketNote::default() })
            .unwrap()
    }

    /// A field changes.
    pub fn set(&self, table: &str, id: &str, field: &str, value: &str) {
        let row = json!({ "id": id, field: value });
        self.shop.save(table, row.as_object().unwrap()).unwrap();
    }
}
