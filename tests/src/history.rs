//! Histories: chance writes, sends, loses, repeats, refuses, discards and restarts; after every step the device has to
//! show what the oracle shows. A history that fails is made as short as it gets and printed with its seed.

use crate::courtesy::answered;
use crate::device::Device;
use crate::dice::Dice;
use crate::oracle::{Kind, Oracle, Shown, State};
use crate::server::{Key, Server, Verdict};
use crate::world::{Cells, Deed, Form, World};
use counterpart_core::outbox::{Outcome, Receipt};
use counterpart_core::schema::{Row, Value};
use counterpart_core::sync::{Answer, Call, Event, Page, PushAnswer};
use counterpart_core::{Error, Fault, NotNow, Shop};
use serde_json::{Value as Json, json};
use std::cell::Cell as Flag;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the words say it")]
pub enum What {
    Create,
    CreateAgain,
    Append,
    EditRaw,
    LookAt,
    EditSeen,
    Delete,
    Group,
    RefusedInput,
    Send,
    Receipts,
    LoseReceipts,
    LosePush,
    Busy,
    NotTaken,
    ForeignHash,
    TimePasses,
    Sleep,
    OtherDevice,
    Page,
    OldPage,
    OldReceipts,
    Retry,
    RetryAll,
    Discard,
    EditParked,
    Restart,
}

use What::*;

/// Which of them, how often.
const WEIGHTS: &[(What, usize)] = &[
    (Create, 8),
    (CreateAgain, 2),
    (Append, 8),
    (EditRaw, 14),
    (LookAt, 4),
    (EditSeen, 6),
    (Delete, 4),
    (Group, 5),
    (RefusedInput, 1),
    (Send, 12),
    (Receipts, 12),
    (LoseReceipts, 4),
    (LosePush, 2),
    (Busy, 1),
    (NotTaken, 2),
    (ForeignHash, 1),
    (TimePasses, 4),
    (Sleep, 1),
    (OtherDevice, 8),
    (Page, 8),
    (OldPage, 2),
    (OldReceipts, 2),
    (Retry, 3),
    (RetryAll, 1),
    (Discard, 6),
    (EditParked, 4),
    (Restart, 3),
];

/// One step of a history: what, and how the dice fall in it.
#[derive(Clone, Copy, Debug)]
pub struct Step(pub What, pub u64);

/// How often each thing really happened.
pub type Tally = BTreeMap<What, usize>;

/// A history of a seed.
pub fn steps(seed: u64, length: usize) -> Vec<Step> {
    let dice = Dice::new(seed);
    let all: usize = WEIGHTS.iter().map(|(_, weight)| weight).sum();
    (0..length)
        .map(|_| {
            let mut at = dice.below(all);
            let what = WEIGHTS.iter().find(|(_, weight)| {
                let here = at < *weight;
                at = at.saturating_sub(*weight);
                here
            });
            Step(what.expect("a weight").0, dice.number())
        })
        .collect()
}

thread_local! {
    static QUIET: Flag<bool> = const { Flag::new(false) };
}

/// Runs many histories, and fails with the shortest form of the first that fails.
pub fn run(world: World, seeds: std::ops::Range<u64>, length: usize) -> Tally {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !QUIET.get() {
            hook(info);
        }
    }));
    let mut tally = Tally::new();
    for seed in seeds {
        let history = steps(seed, length + usize::try_from(seed % 25).unwrap_or(0));
        QUIET.set(true);
        let failed = attempt(world, seed, &history, &mut tally).err();
        let Some(first) = failed else { continue };
        let (short, why) = shortest(world, seed, history, first);
        QUIET.set(false);
        let lines: Vec<String> = short.iter().map(|step| format!("  {step:?}")).collect();
        panic!("schema {}, seed {seed}, shortest history:\n{}\n{why}", world.schema.name, lines.join("\n"));
    }
    QUIET.set(false);
    tally
}

fn attempt(world: World, seed: u64, history: &[Step], tally: &mut Tally) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(|| {
        let mut life = Life::new(world, seed);
        for step in history {
            if life.step(*step) {
                *tally.entry(step.0).or_default() += 1;
            }
            life.check();
        }
        life.drain();
    }))
    .map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
    })
}

/// Leaves out whatever the failure does not need.
fn shortest(world: World, seed: u64, mut history: Vec<Step>, mut why: String) -> (Vec<Step>, String) {
    let mut size = history.len() / 2;
    while size > 0 {
        let mut at = 0;
        while at < history.len() {
            let mut shorter = history.clone();
            shorter.drain(at..(at + size).min(history.len()));
            match attempt(world, seed, &shorter, &mut Tally::new()) {
                Err(now) => (history, why) = (shorter, now),
                Ok(()) => at += size,
            }
        }
        size /= 2;
    }
    (history, why)
}

/// A push on its way: what it holds, and what the server said, if it arrived.
struct Flight {
    ops: Vec<(String, String)>,
}

/// A device, its server and what it should be.
struct Life {
    world: World,
    device: Device,
    shop: Option<Shop>,
    oracle: Oracle,
    server: Server,
    flight: Option<Flight>,
    wake: Option<i64>,
    // What was sent, byte for byte: it never changes while its outcome is unknown.
    sent: BTreeMap<String, String>,
    // Rows as a person saw them when they opened a screen.
    seen: Vec<Row>,
    old_pages: Vec<Page>,
    old_receipts: Vec<Receipt>,
    serial: usize,
}

impl Life {
    fn new(world: World, seed: u64) -> Life {
        let device = Device::new(world.schema, seed);
        let shop = device.open().unwrap();
        assert!(answered(&shop, shop.step(Event::Network { up: true }).unwrap()).is_empty());
        Life {
            world,
            device,
            shop: Some(shop),
            oracle: Oracle::new(world),
            server: Server::new(world),
            flight: None,
            wake: None,
            sent: BTreeMap::new(),
            seen: Vec::new(),
            old_pages: Vec::new(),
            old_receipts: Vec::new(),
            serial: 0,
        }
    }

    fn shop(&self) -> Shop {
        self.shop.clone().expect("open")
    }

    fn now(&self) -> i64 {
        self.shop().env().now()
    }

    /// Takes a step. Gives back whether there was anything to do.
    fn step(&mut self, Step(what, luck): Step) -> bool {
        let mut dice = Dice::new(luck);
        self.device.clock.advance(1 + i64::try_from(dice.below(2_000)).unwrap());
        match what {
            Create => self.create(&mut dice, None, false),
            CreateAgain => self.create_again(&mut dice),
            Append => self.create(&mut dice, None, true),
            EditRaw => self.edit_raw(&mut dice, None),
            LookAt => self.look_at(&mut dice),
            EditSeen => self.edit_seen(&mut dice),
            Delete => self.delete(&mut dice, None),
            Group => self.group(&mut dice),
            RefusedInput => self.refused_input(&mut dice),
            Send => self.send(Event::Asked),
            Receipts => self.receipts(&mut dice),
            LoseReceipts => self.lose(&mut dice, true),
            LosePush => self.lose(&mut dice, false),
            Busy => self.answer(Err(Answer::Busy { wait_ms: 700 })),
            NotTaken => self.answer(Err(Answer::NotTaken)),
            ForeignHash => self.foreign_hash(&mut dice),
            TimePasses => self.time_passes(),
            Sleep => self.sleep(),
            OtherDevice => self.other_device(&mut dice),
            Page => self.page(),
            OldPage => self.old_page(&mut dice),
            OldReceipts => self.repeat_receipts(&mut dice),
            Retry => self.retry(&mut dice),
            RetryAll => self.retry_all(),
            Discard => self.discard(&mut dice),
            EditParked => self.edit_parked(&mut dice),
            Restart => self.restart(&mut dice),
        }
    }

    fn ids(&self, table: &str) -> Vec<String> {
        let here = self.oracle.everything();
        here.iter()
            .filter(|(key, row)| key.0 == table && !row.deleted)
            .map(|(key, _)| key.1.clone())
            .collect()
    }

    fn live(&self, dice: &mut Dice, editable: bool) -> Option<Key> {
        let all: Vec<Key> = self
            .oracle
            .everything()
            .into_iter()
            .filter(|(_, row)| !row.deleted)
            .filter(|(key, _)| !editable || !self.world.play(key.0).append)
            .map(|(key, _)| key)
            .collect();
        dice.pick(&all).cloned()
    }

    fn send(&mut self, event: Event) -> bool {
        let calls = self.shop().step(event).unwrap();
        self.take_calls(calls)
    }

    /// What the engine wants done. A push that leaves freezes what it holds.
    fn take_calls(&mut self, calls: Vec<Call>) -> bool {
        let mut left = false;
        for call in answered(&self.shop(), calls) {
            match call {
                Call::WakeAt(at) => self.wake = Some(at),
                Call::RefreshToken
                | Call::TakeNewIdentity
                | Call::LeaveShop
                | Call::Open(_)
                | Call::Pull(_)
                | Call::Range(_)
                | Call::Snapshot(_)
                | Call::Join
                | Call::Leave => panic!("nobody refused the device"),
                Call::Push(request) => {
                    assert!(self.flight.is_none(), "one push at a time");
                    let bodies: Vec<String> = request.ops.iter().map(|op| op.get().to_owned()).collect();
                    self.learn_ids();
                    self.judge_batch(&bodies);
                    let ops: Vec<(String, String)> =
                        bodies.into_iter().map(|body| (id_of(&body), body)).collect();
                    for (id, body) in &ops {
                        self.oracle.freeze(id);
                        let before = self.sent.insert(id.clone(), body.clone());
                        assert!(before.is_none_or(|before| before == *body), "frozen content changed");
                    }
                    self.flight = Some(Flight { ops });
                    left = true;
                }
            }
        }
        left
    }

    /// A batch may hold an operation only after whatever comes before it on its row, and groups only whole.
    fn judge_batch(&self, bodies: &[String]) {
        let mut before = BTreeSet::new();
        let ids: BTreeSet<String> = bodies.iter().map(|body| id_of(body)).collect();
        for body in bodies {
            let id = id_of(body);
            let at = self.oracle.ops.iter().position(|op| op.id == id).expect("sent what is not queued");
            let op = &self.oracle.ops[at];
            assert!(matches!(op.state, State::Queued | State::Frozen), "sent a {}", op.state.word());
            for earlier in &self.oracle.ops[..at] {
                let done = matches!(earlier.state, State::Accepted { .. } | State::Voiding { .. });
                let waits = earlier.key == op.key && !done && earlier.kind != Kind::Void;
                let free = op.kind == Kind::Void;
                assert!(free || !waits || before.contains(&earlier.id), "overtook on its row");
            }
            for other in self.oracle.ops.iter().filter(|other| op.group.is_some() && other.group == op.group)
            {
                let whole = ids.contains(&other.id) || matches!(other.state, State::Accepted { .. });
                assert!(whole, "a group was split: {} stays", other.state.word());
            }
            before.insert(id);
        }
    }

    /// Judges what is on its way; afterwards the server knows it, whatever the device hears.
    fn arrive(&mut self, dice: &mut Dice) -> Vec<Receipt> {
        let Some(flight) = &self.flight else { return Vec::new() };
        let bodies: Vec<String> = flight.ops.iter().map(|(_, body)| body.clone()).collect();
        let reject = if dice.percent(35) { 40 } else { 0 };
        let receipts = self.server.push(&bodies, |_| match dice.below(100) {
            luck if luck < reject => Verdict::Reject,
            luck if luck < reject + 6 => Verdict::Hold,
            luck if luck < reject + 16 => Verdict::Take(Outcome::Merged),
            luck if luck < reject + 26 => Verdict::Take(Outcome::Conflict),
            _ => Verdict::Take(Outcome::Applied),
        });
        self.old_receipts.extend(receipts.iter().cloned());
        receipts
    }

    fn receipts(&mut self, dice: &mut Dice) -> bool {
        if self.flight.is_none() {
            return false;
        }
        let mut receipts = self.arrive(dice);
        if dice.percent(20) {
            receipts.extend(receipts.clone());
        }
        self.answer(Ok(PushAnswer { receipts, ..PushAnswer::default() }))
    }

    fn answer(&mut self, answer: Result<PushAnswer, Answer>) -> bool {
        let Some(flight) = self.flight.take() else { return false };
        let alone = self.is_alone(&flight);
        let not_taken = answer == Err(Answer::NotTaken);
        if let Ok(answer) = &answer {
            self.oracle.answered(&answer.receipts, &flight.ops);
        }
        let calls = self.shop().pushed(answer).unwrap();
        // After how many attempts it gives up is the retry rules' business; whom it parks is judged here.
        if not_taken && alone && self.is_parked(&flight.ops[0].0) {
            self.oracle.park_unprocessable(&flight.ops);
        }
        self.take_calls(calls);
        true
    }

    fn is_parked(&self, id: &str) -> bool {
        self.shop().parked().unwrap().iter().any(|parked| parked.operation == id)
    }

    fn is_alone(&self, flight: &Flight) -> bool {
        let group = |id: &String| self.oracle.ops.iter().find(|op| op.id == *id).and_then(|op| op.group);
        match flight.ops.as_slice() {
            [] | [_] => true,
            [(first, _), rest @ ..] => {
                let with = group(first);
                with.is_some() && rest.iter().all(|(id, _)| group(id) == with)
            }
        }
    }

    fn lose(&mut self, dice: &mut Dice, arrives: bool) -> bool {
        if self.flight.is_none() {
            return false;
        }
        if arrives {
            self.arrive(dice);
        }
        self.answer(Err(Answer::NoAnswer))
    }

    /// A copy of this file was there first: the receipt is for other content under the same id.
    fn foreign_hash(&mut self, dice: &mut Dice) -> bool {
        let Some(flight) = &self.flight else { return false };
        let mut receipts: Vec<Receipt> = Vec::new();
        let victim = dice.below(flight.ops.len());
        for (at, (id, body)) in flight.ops.clone().into_iter().enumerate() {
            if at == victim && self.sent_kind(&body) != "void" {
                let known = self.server.receipts.contains_key(&id);
                if known {
                    continue;
                }
                let other = Receipt {
                    id: id.clone(),
                    hash: crate::server::hash("other content"),
                    outcome: Outcome::Rejected,
                    n: Some(self.server.head),
                    code: Some("id_reused".into()),
                    field: None,
                    message: None,
                };
                self.server.receipts.insert(id, other.clone());
                receipts.push(other);
            }
        }
        self.answer(Ok(PushAnswer { receipts, ..PushAnswer::default() }))
    }

    fn sent_kind(&self, body: &str) -> String {
        let op: Json = serde_json::from_str(body).unwrap();
        op["kind"].as_str().unwrap().to_owned()
    }

    fn time_passes(&mut self) -> bool {
        let Some(at) = self.wake.take() else { return false };
        self.device.clock.reach(at);
        self.send(Event::Tick);
        true
    }

    /// To the background and back: whatever was on its way is lost, or heard of late.
    fn sleep(&mut self) -> bool {
        let flight = self.flight.take();
        let calls = answered(&self.shop(), self.shop().step(Event::Suspended).unwrap());
        assert!(calls.is_empty());
        if let Some(flight) = flight {
            let bodies: Vec<String> = flight.ops.iter().map(|(_, body)| body.clone()).collect();
            let receipts = self.server.push(&bodies, |_| Verdict::Take(Outcome::Applied));
            self.oracle.answered(&receipts, &[]);
            let late = self.shop().pushed(Ok(PushAnswer { receipts, ..PushAnswer::default() })).unwrap();
            assert!(late.is_empty(), "nothing is sent in the background");
        }
        self.send(Event::Resumed);
        true
    }

    fn other_device(&mut self, dice: &mut Dice) -> bool {
        let plays: Vec<_> = self.world.plays.iter().collect();
        let play = dice.pick(&plays).copied().unwrap();
        let rows: Vec<Key> = self.server.rows.keys().filter(|key| key.0 == play.table).cloned().collect();
        let new = play.append || rows.is_empty() || dice.percent(25);
        self.serial += 1;
        let key = if new {
            (play.table, format!("row-{:04}", self.serial))
        } else {
            dice.pick(&rows).cloned().unwrap()
        };
        let ids = |table: &str| -> Vec<String> {
            self.server.rows.keys().filter(|key| key.0 == table).map(|key| key.1.clone()).collect()
        };
        let cells = match new {
            true if play.cells.iter().any(|cell| {
                cell.refers.is_some_and(|table| table != play.table && ids(table).is_empty())
            }) =>
            {
                return false;
            }
            true => play.filled(dice, &ids),
            false => self.wanted(dice, &key),
        };
        let deeds: Vec<Deed> = cells.into_iter().map(|(name, value)| Deed::Set(name, value)).collect();
        let deleted = !new && dice.percent(20);
        let at = self.now() - 500;
        self.server.change(&key, at, deleted, if deleted { &[] } else { &deeds });
        true
    }

    fn take_page(&mut self, page: &Page) {
        for row in &page.rows {
            let key: Key = (self.world.play(row.table.name).table, row.id.clone());
            self.oracle.absorb(&key, &Shown::of(row));
        }
        for receipt in &page.receipts {
            let body = self.sent.get(&receipt.id).cloned();
            self.oracle.settle(receipt, body.as_deref());
        }
        self.oracle.cover(page.through);
        self.shop().take_page(page).unwrap();
    }

    fn page(&mut self) -> bool {
        let page = self.server.page(self.oracle.cursor);
        self.take_page(&page);
        self.old_pages.push(page);
        true
    }

    /// A page from before, late and for the second time.
    fn old_page(&mut self, dice: &mut Dice) -> bool {
        let Some(page) = dice.pick(&self.old_pages).cloned() else { return false };
        self.take_page(&page);
        true
    }

    /// Receipts from before, when nothing is waited for, and so as late news.
    fn repeat_receipts(&mut self, dice: &mut Dice) -> bool {
        if self.flight.is_some() || self.old_receipts.is_empty() {
            return false;
        }
        let receipts: Vec<Receipt> = (0..3)
            .filter_map(|_| dice.pick(&self.old_receipts).cloned())
            .filter(|old| old.outcome != Outcome::Held)
            .collect();
        for receipt in &receipts {
            let body = self.sent.get(&receipt.id).cloned();
            self.oracle.settle(receipt, body.as_deref());
        }
        self.oracle.cover(self.oracle.cursor);
        let calls = self.shop().pushed(Ok(PushAnswer { receipts, ..PushAnswer::default() })).unwrap();
        assert!(calls.is_empty(), "late news starts nothing");
        true
    }

    fn op_in(&self, dice: &mut Dice, fits: impl Fn(State) -> bool) -> Option<String> {
        let fitting: Vec<&String> = self
            .oracle
            .ops
            .iter()
            .filter(|op| fits(op.state) && op.kind != Kind::Void)
            .map(|op| &op.id)
            .collect();
        dice.pick(&fitting).map(|id| (*id).clone())
    }

    fn retry(&mut self, dice: &mut Dice) -> bool {
        let Some(id) = self.op_in(dice, |state| matches!(state, State::Parked { .. })) else { return false };
        self.shop().retry(&id).unwrap();
        assert!(self.oracle.retry(&id));
        true
    }

    fn retry_all(&mut self) -> bool {
        let parked: Vec<String> = self
            .oracle
            .ops
            .iter()
            .filter(|op| matches!(op.state, State::Parked { .. }))
            .map(|op| op.id.clone())
            .collect();
        self.shop().retry_all().unwrap();
        for id in &parked {
            self.oracle.retry(id);
        }
        !parked.is_empty()
    }

    /// Promise 3: what a row shows afterwards is its base with the later survivors, which the oracle works out anew.
    fn discard(&mut self, dice: &mut Dice) -> bool {
        let Some(id) = self.op_in(dice, |_| true) else { return false };
        let could = self.oracle.discard(&id);
        match self.shop().discard(&id).map_err(Error::into_fault) {
            Ok(()) => assert!(could, "discarded what the server has"),
            Err(Fault::Missing { .. }) => assert!(!could, "could not be discarded"),
            Err(error) => panic!("discarding failed: {error}"),
        }
        could
    }

    fn edit_parked(&mut self, dice: &mut Dice) -> bool {
        let Some(id) =
            self.op_in(dice, |state| matches!(state, State::Parked { .. } | State::Voiding { .. }))
        else {
            return false;
        };
        let op = self.oracle.ops.iter().find(|op| op.id == id).expect("an operation").clone();
        if matches!(op.kind, Kind::Delete | Kind::Void) {
            return false;
        }
        let play = self.world.play(op.key.0);
        let values = match op.kind {
            Kind::Append => {
                let filled = play.filled(dice, &|table| self.ids(table));
                let names: Vec<String> = filled.keys().cloned().collect();
                let name = dice.pick(&names).cloned().unwrap();
                if filled[&name].is_null() && !play.cell(&name).optional {
                    return false;
                }
                Cells::from_iter([(name.clone(), filled[&name].clone())])
            }
            Kind::Insert | Kind::Patch | Kind::Delete | Kind::Void => self.wanted(dice, &op.key),
        };
        let done = self.oracle.edit(&id, &values);
        match self.shop().edit_parked(&id, &values).map_err(Error::into_fault) {
            Ok(()) => assert!(done, "edited what may still take effect"),
            Err(Fault::NotNow(NotNow::Unanswered)) => assert!(!done, "could not be edited"),
            Err(error) => panic!("editing failed: {error}"),
        }
        true
    }

    fn restart(&mut self, dice: &mut Dice) -> bool {
        self.shop().close().unwrap();
        self.shop = None;
        // Somebody else may have the tablet now.
        let actor = ["employee-ada", "employee-eve"][dice.below(2)].to_owned();
        self.device.opening.account.employee = Some(actor.clone());
        self.oracle.actor = Some(actor);
        let shop = self.device.open().unwrap();
        assert_eq!(shop.findings(), []);
        self.shop = Some(shop);
        (self.flight, self.wake) = (None, None);
        self.send(Event::Network { up: true });
        true
    }
}

fn id_of(body: &str) -> String {
    let op: Json = serde_json::from_str(body).expect("an operation");
    op["id"].as_str().expect("its id").to_owned()
}

mod checks;
mod person;
