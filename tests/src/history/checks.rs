//! What is held against the oracle after every step, and the end of every history.

use super::{Life, json};
use crate::device::count;
use crate::oracle::{Shown, State};
use crate::server::{Key, Verdict};
use counterpart_core::outbox::Outcome;
use counterpart_core::sync::{Event, PushAnswer};
use std::collections::{BTreeMap, BTreeSet};

impl Life {
    /// The queue in the file is the queue that it should be; new ids are learned by their place.
    pub(super) fn learn_ids(&mut self) {
        let sql = "SELECT id, row_id, state, grp FROM outbox ORDER BY seq";
        let queue: Vec<(String, String, String, Option<String>)> = self
            .shop()
            .read(|reader| {
                reader.all(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            })
            .unwrap();
        let shape =
            |ops: &[(&str, &str)]| ops.iter().map(|(row, kind)| format!("{row} {kind}")).collect::<Vec<_>>();
        let found: Vec<(&str, &str)> =
            queue.iter().map(|(_, row, state, _)| (row.as_str(), state.as_str())).collect();
        let wanted: Vec<(&str, &str)> =
            self.oracle.ops.iter().map(|op| (op.key.1.as_str(), op.state.word())).collect();
        // What is about to be sent is frozen already, and the oracle hears of it in the same step.
        let plain = |shape: Vec<String>| {
            shape.into_iter().map(|line| line.replace("frozen", "queued")).collect::<Vec<_>>()
        };
        assert_eq!(plain(shape(&found)), plain(shape(&wanted)), "the queue");
        let mut groups: BTreeMap<usize, String> = BTreeMap::new();
        for (op, (id, _, _, group)) in self.oracle.ops.iter_mut().zip(&queue) {
            assert!(op.id.is_empty() || op.id == *id, "an id changed: {} is {id}", op.id);
            op.id.clone_from(id);
            match (op.group, group) {
                (None, None) => {}
                (Some(group), Some(name)) => {
                    let known = groups.entry(group).or_insert_with(|| name.clone());
                    assert_eq!(known, name, "a group fell apart");
                }
                (wanted, found) => panic!("group {wanted:?} is {found:?}"),
            }
        }
    }

    /// Everything that a person can see, and the book-keeping under it.
    pub(super) fn check(&mut self) {
        self.learn_ids();
        let shop = self.shop();
        let wanted = self.oracle.everything();
        let mut found: BTreeMap<Key, Shown> = BTreeMap::new();
        for play in self.world.plays {
            let table = self.world.schema.table(play.table).unwrap();
            let rows = shop.read(|reader| reader.rows(table, "ORDER BY id", [])).unwrap();
            found.extend(rows.iter().map(|row| ((play.table, row.id.clone()), Shown::of(row))));
        }
        for key in wanted.keys().chain(found.keys()).collect::<BTreeSet<_>>() {
            assert_eq!(found.get(key), wanted.get(key), "{key:?} is shown (left), should be (right)");
        }
        self.check_statuses(&wanted);
        let (pending, parked) = self.oracle.counts();
        let state = shop.state().unwrap();
        let failed = if state.reachable { parked } else { parked + pending };
        assert_eq!((state.pending, state.failed), (pending, failed), "what the sync shows");
        let in_table =
            |states: &str| count(&shop, &format!("SELECT count(*) FROM outbox WHERE state IN ({states})"));
        assert_eq!(in_table("'queued', 'frozen', 'voiding'"), i64::try_from(pending).unwrap());
        assert_eq!(in_table("'parked'"), i64::try_from(parked).unwrap());
        assert_eq!(shop.parked().unwrap().len() as u64, parked);
        let states: Vec<&str> = self.oracle.ops.iter().map(|op| op.state.word()).collect();
        let in_file: Vec<String> = shop
            .read(|reader| reader.all("SELECT state FROM outbox ORDER BY seq", [], |row| row.get(0)))
            .unwrap();
        assert_eq!(in_file, states, "the states");
        let second_copies = "SELECT count(*) FROM base_rows WHERE NOT EXISTS
            (SELECT 1 FROM outbox WHERE outbox.row_id = base_rows.row_id OR outbox.also_id = base_rows.row_id)";
        assert_eq!(count(&shop, second_copies), 0, "rows without operations have no second copy");
    }

    fn check_statuses(&self, wanted: &BTreeMap<Key, Shown>) {
        let shop = self.shop();
        let reachable = shop.state().unwrap().reachable;
        let in_flight: BTreeSet<String> =
            self.flight.iter().flat_map(|flight| flight.ops.iter().map(|(id, _)| id.clone())).collect();
        for play in self.world.plays {
            let records = shop.records(play.table, "", 10_000).unwrap();
            let live = wanted.iter().filter(|(key, row)| key.0 == play.table && !row.deleted).count();
            assert_eq!(records.len(), live);
            for record in records {
                let key: Key = (play.table, record.row.id.clone());
                assert_eq!(
                    record.status,
                    self.oracle.status(&key, reachable, &in_flight),
                    "status of {key:?}"
                );
            }
        }
    }

    /// When faults stop and a person has dealt with what waits, the queue drains and both sides are equal.
    pub(super) fn drain(&mut self) {
        for _ in 0..60 {
            if let Some(flight) = &self.flight {
                let bodies: Vec<String> = flight.ops.iter().map(|(_, body)| body.clone()).collect();
                let receipts = self.server.push(&bodies, |_| Verdict::Take(Outcome::Applied));
                self.answer(Ok(PushAnswer { receipts, ..PushAnswer::default() }));
            } else if self.wake.is_some() {
                self.time_passes();
            } else {
                let parked = self.oracle.ops.iter().find(|op| matches!(op.state, State::Parked { .. }));
                if let Some(id) = parked.map(|op| op.id.clone()) {
                    self.page();
                    if self.oracle.discard(&id) {
                        self.shop().discard(&id).unwrap();
                    }
                }
                self.send(Event::Asked);
                if self.flight.is_none() && self.oracle.counts() == (0, 0) {
                    break;
                }
            }
            self.check();
        }
        self.page();
        self.check();
        let left: Vec<_> = self.oracle.ops.iter().map(|op| (&op.key, op.kind, op.state)).collect();
        assert!(left.is_empty(), "the queue did not drain: {left:?}");
        let server: BTreeMap<Key, Shown> = self.server.rows.clone();
        assert_eq!(json_of(&self.oracle.everything()), json_of(&server), "device (left) and server (right)");
    }
}

/// The fields alone: what a server notes of the time of a change is its own.
fn json_of(rows: &BTreeMap<Key, Shown>) -> Vec<String> {
    rows.iter().map(|(key, row)| format!("{key:?} {} {}", row.deleted, json!(row.cells))).collect()
}
