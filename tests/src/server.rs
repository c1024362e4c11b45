//! The plainest server that keeps the protocol's promises: one sequence, an outcome per operation for ever, groups
//! whole or not at all. It merges nothing: what arrives last shows.

use crate::oracle::Shown;
use crate::world::{Deed, World};
use counterpart_core::outbox::{Outcome, Receipt};
use counterpart_core::schema::Row;
use counterpart_core::sync::Page;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A row's table and id.
pub type Key = (&'static str, String);

/// The server of one shop.
#[derive(Debug)]
pub struct Server {
    world: World,
    /// The number of the last commit.
    pub head: i64,
    /// The rows, deleted ones included.
    pub rows: BTreeMap<Key, Shown>,
    /// What became of every operation that was ever judged.
    pub receipts: BTreeMap<String, Receipt>,
    /// Which operation each refused one was sent again as.
    replaced: BTreeMap<String, String>,
}

/// What a test wants the server to say to an operation that it would take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Take it, and say so in this word.
    Take(Outcome),
    /// Refuse it for good.
    Reject,
    /// Say that something it needs is missing.
    Hold,
}

/// The hash by which a receipt names content.
pub fn hash(body: &str) -> String {
    Sha256::digest(body.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text<'a>(op: &'a Json, name: &str) -> Option<&'a str> {
    op.get(name).and_then(Json::as_str)
}

impl Server {
    /// An empty shop.
    pub fn new(world: World) -> Server {
        Server { world, head: 0, rows: BTreeMap::new(), receipts: BTreeMap::new(), replaced: BTreeMap::new() }
    }

    /// Judges operations, in order, groups whole. `verdict` is asked about each one (each group, by its first).
    pub fn push(&mut self, bodies: &[String], mut verdict: impl FnMut(&Json) -> Verdict) -> Vec<Receipt> {
        let ops: Vec<(Json, String)> =
            bodies.iter().map(|body| (serde_json::from_str(body).unwrap(), hash(body))).collect();
        let mut receipts = Vec::new();
        let mut rest = ops.as_slice();
        while let Some((first, _)) = rest.first() {
            let group = text(first, "group");
            let size = match group {
                None => 1,
                Some(_) => rest.iter().take_while(|(op, _)| text(op, "group") == group).count(),
            };
            let (members, later) = rest.split_at(size);
            receipts.extend(self.judge(members, &mut verdict));
            rest = later;
        }
        receipts
    }

    fn judge(
        &mut self,
        members: &[(Json, String)],
        verdict: &mut impl FnMut(&Json) -> Verdict,
    ) -> Vec<Receipt> {
        let known: Vec<Option<Receipt>> =
            members.iter().map(|(op, hash)| self.known(text(op, "id").unwrap(), hash)).collect();
        if known.iter().all(Option::is_some) {
            return known.into_iter().flatten().collect();
        }
        let fresh: Vec<&(Json, String)> =
            members.iter().zip(&known).filter(|(_, known)| known.is_none()).map(|(op, _)| op).collect();
        let all = |outcome, code: Option<&str>| -> Vec<Receipt> {
            fresh
                .iter()
                .map(|(op, hash)| Receipt {
                    id: text(op, "id").unwrap().to_owned(),
                    hash: hash.clone(),
                    outcome,
                    n: None,
                    code: code.map(str::to_owned),
                    field: None,
                    message: None,
                })
                .collect()
        };
        let mut said = match (fresh.first().map(|(op, _)| verdict(op)), self.obstacle(&fresh, &known)) {
            (_, Some("held")) | (Some(Verdict::Hold), None) if !is_void(&fresh[0].0) => {
                all(Outcome::Held, None)
            }
            (_, Some(code)) if code != "held" => all(Outcome::Rejected, Some(code)),
            (Some(Verdict::Reject), None) if !is_void(&fresh[0].0) => {
                all(Outcome::Rejected, Some("not_allowed"))
            }
            (Some(Verdict::Take(outcome)), _) => all(outcome, None),
            _ => all(Outcome::Applied, None),
        };
        let took = said
            .iter()
            .all(|receipt| matches!(receipt.outcome, Outcome::Applied | Outcome::Merged | Outcome::Conflict));
        let held = said.iter().any(|receipt| receipt.outcome == Outcome::Held);
        if !held {
            self.head += 1;
            for receipt in &mut said {
                receipt.n = Some(self.head);
                self.receipts.insert(receipt.id.clone(), receipt.clone());
            }
        }
        if took {
            for (op, _) in &fresh {
                self.take(op);
            }
        }
        said.extend(known.into_iter().flatten());
        said
    }

    fn known(&self, id: &str, hash: &str) -> Option<Receipt> {
        let receipt = self.receipts.get(id)?;
        // The void of an operation stands for every content of it.
        let hash = if receipt.outcome == Outcome::Voided { hash } else { &receipt.hash };
        Some(Receipt { hash: hash.to_owned(), ..receipt.clone() })
    }

    /// Why a group cannot be taken, if it cannot.
    fn obstacle(&self, fresh: &[&(Json, String)], known: &[Option<Receipt>]) -> Option<&'static str> {
        let refused = |receipt: &Receipt| matches!(receipt.outcome, Outcome::Rejected | Outcome::Voided);
        if known.iter().flatten().any(refused) {
            return Some("group_refused");
        }
        for (op, _) in fresh {
            let replaced = text(op, "replaces").and_then(|old| self.receipts.get(old));
            if is_void(op) {
                // An operation that was taken cannot be voided any more.
                return replaced.filter(|receipt| !refused(receipt)).map(|_| "stands");
            }
            if replaced.is_some_and(|receipt| !refused(receipt)) {
                return Some("stands");
            }
            for needed in op.get("needs").and_then(Json::as_array).into_iter().flatten() {
                let mut id = needed.as_str().unwrap().to_owned();
                while let Some(next) = self.replaced.get(&id) {
                    id.clone_from(next);
                }
                let inside = fresh.iter().any(|(other, _)| text(other, "id") == Some(&id));
                if !inside && self.receipts.get(&id).is_none_or(refused) {
                    return Some("held");
                }
            }
            let inserted = fresh.iter().any(|(other, _)| {
                text(other, "row") == text(op, "row") && text(other, "kind") == Some("insert")
            });
            let here = self.rows.contains_key(&self.key(op));
            match text(op, "kind").unwrap() {
                "patch" | "delete" if !here && !inserted => return Some("no_such_row"),
                "insert" if here && !self.rows[&self.key(op)].deleted => return Some("id_taken"),
                _ => {}
            }
        }
        None
    }

    fn key(&self, op: &Json) -> Key {
        (self.world.play(text(op, "table").unwrap()).table, text(op, "row").unwrap().to_owned())
    }

    fn take(&mut self, op: &Json) {
        let id = text(op, "id").unwrap().to_owned();
        if let Some(old) = text(op, "replaces") {
            let voided = Receipt {
                id: old.to_owned(),
                hash: String::new(),
                outcome: Outcome::Voided,
                n: Some(self.head),
                code: Some("voided".into()),
                field: None,
                message: None,
            };
            self.receipts.entry(old.to_owned()).or_insert(voided);
            if is_void(op) {
                return;
            }
            self.replaced.insert(old.to_owned(), id);
        }
        let key = self.key(op);
        let at = op.get("at").and_then(Json::as_i64).unwrap();
        let actor = text(op, "actor").map(str::to_owned);
        let play = self.world.play(key.0);
        let kind = text(op, "kind").unwrap();
        let mut row =
            self.rows.get(&key).cloned().unwrap_or_else(|| Shown::new(play.blank(), at, actor.clone()));
        if play.append && row.stamp > 0 {
            return;
        }
        row.deleted = kind == "delete";
        (row.stamp, row.updated_at, row.updated_by) = (self.head, at, actor);
        for (name, edit) in op.get("fields").and_then(Json::as_object).into_iter().flatten() {
            wire_deed(name, edit).done(play, &mut row.cells);
        }
        if let Some(moves) = &play.moves {
            let parent = (moves.table, row.cells[moves.key].as_str().unwrap_or_default().to_owned());
            if let Some(parent) = self.rows.get_mut(&parent) {
                (moves.effect)(&row.cells, at, &mut parent.cells);
                parent.stamp = self.head;
            }
        }
        self.rows.insert(key, row);
    }

    /// Another device's change of a row, which may be new.
    pub fn change(&mut self, key: &Key, at: i64, deleted: bool, deeds: &[Deed]) {
        self.head += 1;
        let play = self.world.play(key.0);
        let row = self.rows.entry(key.clone()).or_insert_with(|| Shown::new(play.blank(), at, None));
        row.deleted = deleted;
        (row.stamp, row.updated_at, row.updated_by) = (self.head, at, Some("employee-bob".into()));
        for deed in deeds {
            deed.done(play, &mut row.cells);
        }
        let cells = row.cells.clone();
        if let Some(moves) = &play.moves {
            let parent = (moves.table, cells[moves.key].as_str().unwrap_or_default().to_owned());
            if let Some(parent) = self.rows.get_mut(&parent) {
                (moves.effect)(&cells, at, &mut parent.cells);
                parent.stamp = self.head;
            }
        }
    }

    /// Everything since a cursor.
    pub fn page(&self, since: i64) -> Page {
        let rows = self.rows.iter().filter(|(_, row)| row.stamp > since);
        let receipts = self.receipts.values().filter(|receipt| receipt.n.is_some_and(|n| n > since));
        Page {
            rows: rows.map(|(key, row)| row.to_row(self.world, key)).collect(),
            // A stand-in for an operation that never arrived has no content of its own to name.
            receipts: receipts.filter(|receipt| !receipt.hash.is_empty()).cloned().collect(),
            through: self.head,
            tag: String::new(),
        }
    }
}

fn is_void(op: &Json) -> bool {
    text(op, "kind") == Some("void")
}

fn wire_deed(name: &str, edit: &Json) -> Deed {
    let list = |word: &str| edit["elements"][word].as_array().cloned().unwrap_or_default();
    match (name.split_once('/'), edit.get("to")) {
        (Some((field, entry)), Some(to)) => Deed::Entry(field.into(), entry.into(), to.clone()),
        (None, Some(to)) => Deed::Set(name.into(), to.clone()),
        (_, None) => Deed::Elements(name.into(), list("add"), list("remove")),
    }
}

/// A row as pages carry it.
pub fn row_of(world: World, key: &Key, object: &serde_json::Map<String, Json>) -> Row {
    Row::from_json(world.schema.table(key.0).unwrap(), object).unwrap()
}
