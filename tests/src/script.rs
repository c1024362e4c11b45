//! A scripted transport: a test says what happens, and what the engine has to do about it, line by line.

use crate::courtesy::answered;
use crate::device::Device;
use crate::server::hash;
use crate::workbench::WORKBENCH;
use counterpart_core::Shop;
use counterpart_core::outbox::{Outcome, Receipt};
use counterpart_core::sync::{Answer, Call, Event, Page, PushAnswer};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// What the server says to one operation.
pub type Says<'a> = (&'a str, Outcome);

/// A device whose network is the test.
#[derive(Debug)]
pub struct Script {
    /// The device.
    pub device: Device,
    /// Its shop.
    pub shop: Shop,
    calls: Vec<Call>,
    flight: Vec<String>,
    titles: BTreeMap<String, String>,
    commit: i64,
}

impl Script {
    /// A device that is online and has nothing to send.
    pub fn online() -> Script {
        let mut script = Script::offline();
        script.when(Event::Network { up: true }).nothing();
        script
    }

    /// A device without a network.
    pub fn offline() -> Script {
        let device = Device::new(&WORKBENCH, 1);
        let shop = device.open().unwrap();
        Script { device, shop, calls: Vec::new(), flight: Vec::new(), titles: BTreeMap::new(), commit: 0 }
    }

    /// A new piece of that title.
    pub fn make(&mut self, title: &str) -> String {
        self.save("pieces", json!({ "title": title }), title)
    }

    /// A new row of any table, which the script calls by a name.
    pub fn save(&mut self, table: &str, row: Json, name: &str) -> String {
        let id = self.shop.save(table, row.as_object().unwrap()).unwrap();
        self.titles.insert(id.clone(), name.to_owned());
        id
    }

    /// Fields of a piece change.
    pub fn edit(&mut self, id: &str, mut fields: Json) {
        fields["id"] = json!(id);
        self.shop.save("pieces", fields.as_object().unwrap()).unwrap();
    }

    /// Calls a row by a name.
    pub fn call(&mut self, id: &str, name: &str) {
        self.titles.insert(id.to_owned(), name.to_owned());
    }

    /// Something happens.
    pub fn when(&mut self, event: Event) -> &mut Script {
        assert!(self.calls.is_empty(), "nobody asked about {:?}", self.calls);
        self.calls = answered(&self.shop, self.shop.step(event).unwrap());
        self
    }

    /// Time passes, and the engine is told so.
    pub fn after(&mut self, ms: i64) -> &mut Script {
        self.device.clock.advance(ms);
        self.when(Event::Tick)
    }

    /// The engine wants these operations sent, in this order: `insert chair`, `patch table` …
    pub fn pushes(&mut self, wanted: &[&str]) -> &mut Script {
        let Some(Call::Push(request)) = (!self.calls.is_empty()).then(|| self.calls.remove(0)) else {
            panic!("no push, but {:?}", self.calls)
        };
        self.flight = request.ops.iter().map(|op| op.get().to_owned()).collect();
        let found: Vec<String> = self.flight.iter().map(|body| self.name_of(body)).collect();
        assert_eq!(found, wanted);
        self
    }

    /// Whether the engine has a push ready for after the one that is on its way: then of these operations.
    pub fn prepares(&self, wanted: &[&str]) -> bool {
        let Some(push) = self.shop.push_after().unwrap() else { return false };
        let found: Vec<String> = push.ops.iter().map(|op| self.name_of(op.get())).collect();
        assert_eq!(found, wanted);
        true
    }

    fn name_of(&self, body: &str) -> String {
        let op: Json = serde_json::from_str(body).unwrap();
        let (kind, row) = (op["kind"].as_str().unwrap(), op["row"].as_str().unwrap());
        format!("{kind} {}", self.titles.get(row).map_or(row, String::as_str))
    }

    /// How many operations the push holds that the engine wants sent.
    pub fn pushes_some(&mut self) -> usize {
        let Some(Call::Push(request)) = self.calls.pop() else { panic!("no push") };
        self.flight = request.ops.iter().map(|op| op.get().to_owned()).collect();
        self.flight.len()
    }

    /// The bodies on their way.
    pub fn bodies(&self) -> Vec<Json> {
        self.flight.iter().map(|body| serde_json::from_str(body).unwrap()).collect()
    }

    /// The engine wants to be woken in that many milliseconds.
    pub fn waits(&mut self, ms: i64) -> &mut Script {
        let now = self.shop.env().clock.awake_and_asleep();
        assert!(
            matches!(self.calls.as_slice(), [Call::WakeAt(at)] if *at == now + ms),
            "{:?} at {now}",
            self.calls
        );
        self.calls.clear();
        self
    }

    /// The engine wants a new token.
    pub fn refreshes(&mut self) -> &mut Script {
        assert!(matches!(self.calls.as_slice(), [Call::RefreshToken]), "{:?}", self.calls);
        self.calls.clear();
        self
    }

    /// The engine wants nothing.
    pub fn nothing(&mut self) -> &mut Script {
        assert!(self.calls.is_empty(), "{:?}", self.calls);
        self
    }

    /// The push fails in this way.
    pub fn fails(&mut self, answer: Answer) -> &mut Script {
        self.flight.clear();
        self.calls = answered(&self.shop, self.shop.pushed(Err(answer)).unwrap());
        self
    }

    /// Every operation on its way is applied, in one commit.
    pub fn applied(&mut self) -> &mut Script {
        self.answered(&[])
    }

    /// Operations get these outcomes, the others are applied.
    pub fn answered(&mut self, says: &[Says<'_>]) -> &mut Script {
        self.commit += 1;
        let receipts = self.flight.iter().map(|body| {
            let name = self.name_of(body);
            let outcome =
                says.iter().find(|(other, _)| *other == name).map_or(Outcome::Applied, |(_, said)| *said);
            self.receipt(body, outcome)
        });
        let answer = PushAnswer { receipts: receipts.collect(), ..PushAnswer::default() };
        self.flight.clear();
        self.calls = answered(&self.shop, self.shop.pushed(Ok(answer)).unwrap());
        self
    }

    fn receipt(&self, body: &str, outcome: Outcome) -> Receipt {
        let op: Json = serde_json::from_str(body).unwrap();
        let refused = outcome == Outcome::Rejected;
        Receipt {
            id: op["id"].as_str().unwrap().to_owned(),
            hash: hash(body),
            outcome,
            n: (outcome != Outcome::Held).then_some(self.commit),
            code: refused.then(|| "not_allowed".to_owned()),
            field: None,
            message: None,
        }
    }

    /// Everything accepted is covered by the cursor, without any row.
    pub fn covered(&mut self) -> &mut Script {
        self.shop.take_page(&Page { through: self.commit, ..Page::default() }).unwrap();
        self
    }

    /// The app ends and starts again; the network is up.
    pub fn restarted(self) -> Script {
        self.shop.close().unwrap();
        let Script { device, shop, titles, commit, .. } = self;
        drop(shop);
        let shop = device.open().unwrap();
        Script { device, shop, calls: Vec::new(), flight: Vec::new(), titles, commit }
    }

    /// What waits for a person: operation, code.
    pub fn parked(&self) -> Vec<(String, String)> {
        let parked = self.shop.parked().unwrap();
        parked.into_iter().map(|parked| (parked.operation, parked.code)).collect()
    }

    /// `pending failed` as the person sees them, and what went wrong last.
    pub fn state(&self) -> (u64, u64, Option<String>) {
        let state = self.shop.state().unwrap();
        (state.pending, state.failed, state.last_error)
    }

    /// The queue's bodies, in order.
    pub fn queue(&self) -> Vec<Json> {
        let bodies: Vec<String> = self
            .shop
            .read(|reader| reader.all("SELECT body FROM outbox ORDER BY seq", [], |row| row.get(0)))
            .unwrap();
        bodies.iter().map(|body| serde_json::from_str(body).unwrap()).collect()
    }

    /// Moves a row's operations to the import's lane, as if they had been moved in from another system.
    pub fn imported(&mut self, id: &str) {
        let connection = rusqlite::Connection::open(self.device.path()).unwrap();
        connection.execute("UPDATE outbox SET lane = 1 WHERE row_id = ?1", [id]).unwrap();
    }
}
