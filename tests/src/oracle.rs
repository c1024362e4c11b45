//! What a device has to show, worked out the naive way: the rows as last confirmed, and on top of them, in order,
//! whatever this device did and the cursor does not cover. It knows the protocol's rules and none of the engine's.

use crate::server::{Key, hash, row_of};
use crate::world::{Cells, Deed, Form, World, deeds_between};
use counterpart_core::outbox::{Outcome, Receipt, Status};
use counterpart_core::schema::{Row, time_from_ms, time_text};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// After the first attempt, that many more.
const RETRIES: u32 = 3;

/// A row with what every row carries.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Its fields.
    pub cells: Cells,
    /// Whether it is deleted.
    pub deleted: bool,
    /// The server's version.
    pub stamp: i64,
    /// When it was made, and by whom.
    pub created: (i64, Option<String>),
    /// When it was last changed.
    pub updated_at: i64,
    /// By whom.
    pub updated_by: Option<String>,
}

impl Shown {
    /// A row that was made just now.
    pub fn new(cells: Cells, at: i64, by: Option<String>) -> Shown {
        Shown { cells, deleted: false, stamp: 0, created: (at, by.clone()), updated_at: at, updated_by: by }
    }

    /// As the engine reads it off a row.
    pub fn of(row: &Row) -> Shown {
        let mut cells = row.to_json();
        let fields: BTreeSet<&str> = row.table.fields.iter().map(|field| field.name).collect();
        cells.retain(|name, _| fields.contains(name.as_str()));
        Shown {
            cells,
            deleted: row.is_deleted(),
            stamp: row.meta.stamp,
            created: (row.meta.created_at.timestamp_millis(), row.meta.created_by.clone()),
            updated_at: row.meta.updated_at.timestamp_millis(),
            updated_by: row.meta.updated_by.clone(),
        }
    }

    /// As the server sends it.
    pub fn to_row(&self, world: World, key: &Key) -> Row {
        let time = |ms: i64| json!(time_text(time_from_ms(ms)));
        let mut object = self.cells.clone();
        object.insert("id".into(), json!(key.1));
        object.insert("stamp".into(), json!(self.stamp));
        object.insert("created_at".into(), time(self.created.0));
        object.insert("created_by".into(), json!(self.created.1));
        object.insert("updated_at".into(), time(self.updated_at));
        object.insert("updated_by".into(), json!(self.updated_by));
        object.insert("deleted_at".into(), if self.deleted { time(self.updated_at) } else { Json::Null });
        row_of(world, key, &object)
    }
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the protocol")]
pub enum Kind {
    Insert,
    Patch,
    Delete,
    Append,
    Void,
}

/// Where an operation stands. Of a parked one: whether its refusal is known. Of one being voided: whether a person
/// wants to edit it (else it goes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the protocol")]
pub enum State {
    Queued,
    Frozen,
    Voiding { edit: bool },
    Accepted { n: i64 },
    Parked { refused: bool },
}

impl State {
    fn is_pending(self) -> bool {
        matches!(self, State::Queued | State::Frozen | State::Voiding { .. })
    }

    /// The word in the queue's table.
    pub fn word(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Frozen => "frozen",
            State::Voiding { .. } => "voiding",
            State::Accepted { .. } => "accepted",
            State::Parked { .. } => "parked",
        }
    }
}

/// An operation that the cursor does not cover.
#[derive(Clone, Debug)]
pub struct Op {
    /// Its number for life; ids change when refused content is sent again.
    pub number: usize,
    /// Its id, empty until the engine has said it.
    pub id: String,
    /// Its row.
    pub key: Key,
    /// What it does.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// What it goes with.
    pub group: Option<usize>,
    actor: Option<String>,
    deeds: Vec<Deed>,
    // When it was first written, and last added to.
    at: i64,
    touched: i64,
    needs: Vec<usize>,
    voids: Option<usize>,
    tries: u32,
    again: bool,
}

/// The device, as it should be.
#[derive(Debug)]
pub struct Oracle {
    world: World,
    /// Rows as last confirmed.
    pub base: BTreeMap<Key, Shown>,
    /// Operations in order.
    pub ops: Vec<Op>,
    /// Up to which commit everything is here.
    pub cursor: i64,
    /// Who is at work.
    pub actor: Option<String>,
    gone: BTreeSet<usize>,
    next: usize,
    groups: usize,
}

impl Oracle {
    /// A new device.
    pub fn new(world: World) -> Oracle {
        let actor = Some("employee-ada".into());
        Oracle {
            world,
            base: BTreeMap::new(),
            ops: Vec::new(),
            cursor: 0,
            actor,
            gone: BTreeSet::new(),
            next: 0,
            groups: 0,
        }
    }

    fn parent(&self, op: &Op) -> Option<Key> {
        let moves = self.world.play(op.key.0).moves?;
        let named = op.deeds.iter().rev().find(|deed| deed.field() == moves.key)?;
        let Deed::Set(_, Json::String(id)) = named else { return None };
        Some((moves.table, id.clone()))
    }

    fn shows_on(&self, op: &Op, key: &Key) -> bool {
        op.kind != Kind::Void
            && (op.key == *key || (op.kind == Kind::Append && self.parent(op).as_ref() == Some(key)))
    }

    /// What is to be seen of a row.
    pub fn visible(&self, key: &Key) -> Option<Shown> {
        let play = self.world.play(key.0);
        let mut row = self.base.get(key).cloned();
        for op in self.ops.iter().filter(|op| self.shows_on(op, key)) {
            if op.key != *key {
                let moves = self.world.play(op.key.0).moves.expect("it moves its parent");
                if let Some(row) = &mut row {
                    let mut child = self.world.play(op.key.0).blank();
                    op.deeds.iter().for_each(|deed| deed.done(self.world.play(op.key.0), &mut child));
                    (moves.effect)(&child, op.at, &mut row.cells);
                }
                continue;
            }
            if matches!(op.kind, Kind::Insert | Kind::Append) {
                let row = row.get_or_insert_with(|| Shown::new(play.blank(), op.at, op.actor.clone()));
                if row.stamp == 0 {
                    row.created = (op.at, op.actor.clone());
                }
            }
            let Some(row) = &mut row else { continue };
            row.deleted = op.kind == Kind::Delete;
            (row.updated_at, row.updated_by) = (op.touched, op.actor.clone());
            op.deeds.iter().for_each(|deed| deed.done(play, &mut row.cells));
        }
        row
    }

    /// Every row that is to be seen, deleted ones included.
    pub fn everything(&self) -> BTreeMap<Key, Shown> {
        let mut keys: BTreeSet<Key> = self.base.keys().cloned().collect();
        keys.extend(self.ops.iter().filter(|op| op.kind != Kind::Void).map(|op| op.key.clone()));
        keys.into_iter().filter_map(|key| Some((key.clone(), self.visible(&key)?))).collect()
    }

    /// Where a record stands.
    pub fn status(&self, key: &Key, reachable: bool, in_flight: &BTreeSet<String>) -> Status {
        let on: Vec<&Op> = self
            .ops
            .iter()
            .filter(|op| self.shows_on(op, key) || (op.kind == Kind::Void && op.key == *key))
            .collect();
        let pending = on.iter().any(|op| op.state.is_pending());
        if on.iter().any(|op| matches!(op.state, State::Parked { .. })) || (pending && !reachable) {
            Status::Failed
        } else if on.iter().any(|op| in_flight.contains(&op.id)) {
            Status::Syncing
        } else if pending {
            Status::Pending
        } else {
            Status::Synced
        }
    }

    /// Operations without an answer, and operations that wait for a person.
    pub fn counts(&self) -> (u64, u64) {
        let pending = self.ops.iter().filter(|op| op.state.is_pending()).count();
        let parked = self.ops.iter().filter(|op| matches!(op.state, State::Parked { .. })).count();
        (pending as u64, parked as u64)
    }

    /// A group that begins.
    pub fn new_group(&mut self) -> usize {
        self.groups += 1;
        self.groups
    }

    fn push(&mut self, key: &Key, kind: Kind, at: i64, group: Option<usize>, deeds: Vec<Deed>) -> &mut Op {
        self.next += 1;
        let op = Op {
            number: self.next,
            id: String::new(),
            key: key.clone(),
            kind,
            state: State::Queued,
            group,
            actor: self.actor.clone(),
            deeds,
            at,
            touched: at,
            needs: Vec::new(),
            voids: None,
            tries: 0,
            again: false,
        };
        self.ops.push(op);
        self.ops.last_mut().expect("just pushed")
    }

    /// The operations that make rows which these deeds name.
    fn needs(&self, table: &str, deeds: &[Deed], before: usize) -> Vec<usize> {
        let play = self.world.play(table);
        let mut needs = Vec::new();
        for deed in deeds.iter().filter(|deed| play.cell(deed.field()).refers.is_some()) {
            let Deed::Set(_, Json::String(named)) = deed else { continue };
            let made = self.ops.iter().find(|op| {
                op.key.1 == *named
                    && matches!(op.kind, Kind::Insert | Kind::Append)
                    && !matches!(op.state, State::Accepted { .. })
            });
            needs.extend(made.filter(|made| made.number != before).map(|made| made.number));
        }
        needs
    }

    /// A person makes a row.
    pub fn insert(&mut self, key: &Key, given: &Cells, at: i64, group: Option<usize>) {
        let play = self.world.play(key.0);
        let under = self.visible(key);
        let old = under.as_ref().map_or_else(|| play.blank(), |row| row.cells.clone());
        let mut want = play.blank();
        for (name, value) in given {
            let cell = play.cell(name);
            if !value.is_null() || (cell.blank)().is_null() {
                want.insert(name.clone(), crate::world::spelled(cell.form, value));
            }
        }
        let set = play.cells.iter().filter(|cell| !matches!(cell.form, Form::Kept)).filter_map(|cell| {
            let value = want[cell.name].clone();
            let says = !value.is_null() || !old[cell.name].is_null();
            says.then(|| Deed::Set(cell.name.into(), value))
        });
        let deeds: Vec<Deed> = set.collect();
        let needs = self.needs(key.0, &deeds, 0);
        let kind = if play.append { Kind::Append } else { Kind::Insert };
        self.push(key, kind, at, group, deeds).needs = needs;
    }

    /// A person changes a row that they saw like this. Gives back whether that changes anything.
    pub fn patch(&mut self, key: &Key, seen: &Cells, want: &Cells, at: i64, group: Option<usize>) -> bool {
        let play = self.world.play(key.0);
        let before = self.visible(key).expect("a row that is there").cells;
        let differs = |name: &str| want.get(name).is_some_and(|to| *to != seen[name] && *to != before[name]);
        let mut changed: Vec<(&str, Json)> = play
            .cells
            .iter()
            .filter(|cell| differs(cell.name))
            .map(|cell| (cell.name, want[cell.name].clone()))
            .collect();
        for cell in play.cells.iter().filter(|cell| cell.joint.is_some()) {
            let joined = changed.iter().any(|(name, _)| play.cell(name).joint == cell.joint);
            if joined && !changed.iter().any(|(name, _)| *name == cell.name) {
                let named = want.get(cell.name).unwrap_or_else(|| &seen[cell.name]);
                changed.push((cell.name, named.clone()));
            }
        }
        let deeds: Vec<Deed> =
            changed.iter().flat_map(|(name, to)| deeds_between(play.cell(name), &seen[*name], to)).collect();
        let mut after = before.clone();
        deeds.iter().for_each(|deed| deed.done(play, &mut after));
        if after == before {
            return false;
        }
        let on_row = |op: &Op| self.shows_on(op, key) || (op.kind == Kind::Void && op.key == *key);
        let last = self.ops.iter().rposition(on_row);
        let joins = last.filter(|last| {
            let op = &self.ops[*last];
            let later = self
                .needs(key.0, &deeds, op.number)
                .iter()
                .any(|needed| self.position(*needed).is_some_and(|at| at > *last));
            op.key == *key
                && op.state == State::Queued
                && matches!(op.kind, Kind::Insert | Kind::Patch)
                && (&op.actor, op.group) == (&self.actor, group)
                && !op.again
                && !later
        });
        match joins {
            Some(last) => {
                let needs = self.needs(key.0, &deeds, self.ops[last].number);
                let op = &mut self.ops[last];
                op.touched = op.touched.max(at);
                op.needs.extend(needs);
                op.deeds.extend(deeds);
            }
            None => {
                let needs = self.needs(key.0, &deeds, 0);
                self.push(key, Kind::Patch, at, group, deeds).needs = needs;
            }
        }
        true
    }

    /// A person deletes a row.
    pub fn delete(&mut self, key: &Key, at: i64, group: Option<usize>) {
        self.push(key, Kind::Delete, at, group, Vec::new());
    }

    fn position(&self, number: usize) -> Option<usize> {
        self.ops.iter().position(|op| op.number == number)
    }

    fn find(&self, id: &str) -> Option<usize> {
        self.ops.iter().position(|op| op.id == id)
    }

    /// The operation and what goes with it.
    fn group(&self, at: usize) -> Vec<usize> {
        let op = &self.ops[at];
        let together =
            |other: &&Op| other.number == op.number || (op.group.is_some() && other.group == op.group);
        self.ops.iter().filter(together).map(|op| op.number).collect()
    }

    fn set(&mut self, number: usize, state: State) {
        if let Some(at) = self.position(number) {
            self.ops[at].state = state;
        }
    }

    /// What was sent is fixed.
    pub fn freeze(&mut self, id: &str) {
        let at = self.find(id).expect("an operation that is sent is in the queue");
        if self.ops[at].state == State::Queued {
            self.ops[at].state = State::Frozen;
        }
    }

    /// A push was answered: receipts, and for those of `in_flight` that got none, one attempt more.
    pub fn answered(&mut self, receipts: &[Receipt], in_flight: &[(String, String)]) {
        let bodies: BTreeMap<&str, &str> =
            in_flight.iter().map(|(id, body)| (id.as_str(), body.as_str())).collect();
        for receipt in receipts {
            self.settle(receipt, bodies.get(receipt.id.as_str()).copied());
        }
        for (id, _) in in_flight {
            let told = receipts.iter().any(|receipt| receipt.id == *id && receipt.outcome != Outcome::Held);
            let Some(at) = self.find(id).filter(|_| !told) else { continue };
            if self.ops[at].state == State::Frozen {
                self.ops[at].tries += 1;
                if self.ops[at].tries > RETRIES {
                    self.ops[at].state = State::Parked { refused: false };
                }
            }
        }
        self.cover(self.cursor);
    }

    /// Operations that the server cannot take even alone wait for a person; whether it ever took them is not known.
    pub fn park_unprocessable(&mut self, ops: &[(String, String)]) {
        for (id, _) in ops {
            if let Some(op) = self.ops.iter_mut().find(|op| op.id == *id && op.state == State::Frozen) {
                op.state = State::Parked { refused: false };
            }
        }
    }

    /// One receipt. `body` is what this device sent, where the test knows it.
    pub fn settle(&mut self, receipt: &Receipt, body: Option<&str>) {
        let Some(at) = self.find(&receipt.id) else { return };
        let (number, state, kind) = (self.ops[at].number, self.ops[at].state, self.ops[at].kind);
        if matches!(state, State::Queued | State::Accepted { .. }) {
            return;
        }
        let members = self.group(at);
        if body.is_some_and(|body| hash(body) != receipt.hash) {
            return self.refuse(&members);
        }
        let took = matches!(receipt.outcome, Outcome::Applied | Outcome::Merged | Outcome::Conflict);
        match (receipt.outcome, kind) {
            (Outcome::Held, _) => {}
            (_, Kind::Void) => {
                let target = self.ops[at].voids.expect("a void names what it voids");
                self.leave(number);
                match self.position(target).map(|at| self.ops[at].state) {
                    Some(State::Voiding { edit: true }) if took => {
                        self.set(target, State::Parked { refused: true })
                    }
                    Some(State::Voiding { edit: false }) if took => self.take_out(target),
                    Some(State::Voiding { .. }) => self.set(target, State::Frozen),
                    Some(_) | None => {}
                }
            }
            _ if took => self.set(number, State::Accepted { n: receipt.n.expect("a commit") }),
            _ => self.refuse(&members),
        }
    }

    /// The server will never take these: they wait for a person, or go where a person wanted that.
    fn refuse(&mut self, members: &[usize]) {
        for number in members.iter().rev() {
            let Some(at) = self.position(*number) else { continue };
            match self.ops[at].state {
                State::Accepted { .. } => {}
                State::Voiding { edit: false } => self.take_out(*number),
                State::Queued | State::Frozen | State::Parked { .. } | State::Voiding { edit: true } => {
                    self.set(*number, State::Parked { refused: true });
                }
            }
        }
    }

    fn leave(&mut self, number: usize) {
        self.ops.retain(|op| op.number != number);
    }

    /// An operation goes for good; what needed it waits for a person, with its group.
    fn take_out(&mut self, number: usize) {
        self.leave(number);
        self.gone.insert(number);
        let waiting: Vec<usize> =
            self.ops.iter().filter(|op| op.needs.contains(&number)).map(|op| op.number).collect();
        for number in waiting {
            let Some(at) = self.position(number) else { continue };
            if !matches!(self.ops[at].state, State::Queued | State::Frozen) {
                continue;
            }
            for member in self.group(at) {
                match self.position(member).map(|at| self.ops[at].state) {
                    Some(State::Queued) => self.set(member, State::Parked { refused: true }),
                    Some(State::Frozen) => self.set(member, State::Parked { refused: false }),
                    Some(State::Voiding { .. } | State::Accepted { .. } | State::Parked { .. }) | None => {}
                }
            }
        }
    }

    /// The cursor covers every commit up to this one.
    pub fn cover(&mut self, n: i64) {
        self.cursor = self.cursor.max(n);
        self.ops.retain(|op| !matches!(op.state, State::Accepted { n: commit } if commit <= n));
    }

    /// A row as the server has it. Older news is left out; an appended row that arrives ends its operation.
    pub fn absorb(&mut self, key: &Key, row: &Shown) {
        if self.base.get(key).is_some_and(|known| known.stamp >= row.stamp) {
            return;
        }
        self.base.insert(key.clone(), row.clone());
        self.ops.retain(|op| {
            !(op.key == *key && op.kind == Kind::Append && !matches!(op.state, State::Accepted { .. }))
        });
    }

    /// A person lets a parked operation try again. Gives back whether it was one.
    pub fn retry(&mut self, id: &str) -> bool {
        let Some(at) = self.find(id) else { return false };
        if !matches!(self.ops[at].state, State::Parked { .. }) {
            return false;
        }
        for number in self.group(at) {
            let at = self.position(number).expect("a member");
            match self.ops[at].state {
                State::Parked { refused: true } => self.resend(number),
                State::Parked { refused: false } => {
                    self.ops[at].state = State::Frozen;
                    self.ops[at].tries = 0;
                }
                State::Queued | State::Frozen | State::Voiding { .. } | State::Accepted { .. } => {}
            }
        }
        true
    }

    fn resend(&mut self, number: usize) {
        let gone = self.gone.clone();
        let at = self.position(number).expect("an operation");
        let op = &mut self.ops[at];
        op.needs.retain(|needed| !gone.contains(needed));
        (op.id, op.state, op.tries, op.again) = (String::new(), State::Queued, 0, true);
    }

    /// A person takes an operation back, with its group. Gives back whether that can be done.
    pub fn discard(&mut self, id: &str) -> bool {
        let Some(at) = self.find(id) else { return false };
        let members = self.group(at);
        let state = |oracle: &Oracle, number: usize| oracle.ops[oracle.position(number).unwrap()].state;
        if members.iter().any(|member| matches!(state(self, *member), State::Accepted { .. })) {
            return false;
        }
        let mut out = true;
        for member in &members {
            out &= self.is_out(*member, false);
        }
        if out {
            members.iter().rev().for_each(|member| self.take_out(*member));
        }
        true
    }

    fn is_out(&mut self, number: usize, edit: bool) -> bool {
        let at = self.position(number).expect("an operation");
        match self.ops[at].state {
            State::Queued | State::Parked { refused: true } => true,
            State::Voiding { .. } | State::Accepted { .. } => false,
            State::Frozen | State::Parked { refused: false } => {
                let (key, at_ms, actor) =
                    (self.ops[at].key.clone(), self.ops[at].at, self.ops[at].actor.clone());
                self.ops[at].state = State::Voiding { edit };
                let void = self.push(&key, Kind::Void, at_ms, None, Vec::new());
                (void.voids, void.actor) = (Some(number), actor);
                false
            }
        }
    }

    /// A person puts other values in an operation's place. Gives back whether that was done now.
    pub fn edit(&mut self, id: &str, values: &Cells) -> bool {
        let at = self.find(id).expect("an operation");
        let number = self.ops[at].number;
        if !self.is_out(number, true) {
            return false;
        }
        let play = self.world.play(self.ops[at].key.0);
        for (name, value) in values {
            let deeds = &mut self.ops[at].deeds;
            deeds.retain(|deed| deed.field() != name);
            deeds.push(Deed::Set(name.clone(), crate::world::spelled(play.cell(name).form, value)));
        }
        let deeds = self.ops[at].deeds.clone();
        self.ops[at].needs = self.needs(self.ops[at].key.0, &deeds, number);
        let op = &self.ops[at];
        if op.state != State::Queued {
            for member in self.group(at) {
                self.resend(member);
            }
        }
        true
    }
}
