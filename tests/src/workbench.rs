//! A small schema that is no repair shop: every merge policy, a set of each kind, a map, a joint, references, and a
//! table that only grows and moves its parent.

use counterpart_core::entity::{Emails, Phone};
use counterpart_core::schema::{Denied, Entity, Migration, Onto, Row, Schema, Type, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

counterpart_core::entity! {
    /// A piece of furniture in the making.
    Piece(PieceId) in "pieces" {}
    /// What it is called.
    title: String = L [Chars(1, 80)];
    /// What to know.
    notes: Option<String> = M [Chars(0, 400)];
    /// Words.
    tags: Vec<String> = S [Items(20)];
    /// Addresses.
    mails: Emails = S;
    /// Numbers.
    phones: Vec<Phone> = S;
    /// What was looked at.
    marks: Marks = L;
    /// In a hurry.
    urgent: bool = T;
    /// What it costs.
    price: Option<i64> = Z [Range(0, 1_000_000)];
    /// From when …
    starts: Option<i64> = L in "span";
    /// … until when: one value with the former.
    ends: Option<i64> = L in "span";
    /// Where it stands; the device's own word counts.
    place: Option<String> = K;
    /// Where in the list.
    rank: Option<String> = O;
    /// Painted on once.
    code: Option<String> = F;
    /// The sum of its moves.
    stock: i64 = C;
    /// The piece that it belongs to.
    part_of: Option<PieceId> = L;
}

/// What was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Marks(pub BTreeMap<String, String>);
counterpart_core::json_column!(Marks, Type::Map(&["good", "bad"]));

counterpart_core::entity! {
    /// Something to do for a piece.
    Job(JobId) in "jobs" { parent: Some("piece_id") }
    /// The piece.
    piece_id: PieceId = L;
    /// What to do.
    what: String = L [Chars(1, 80)];
    /// Whether it is done.
    done: bool = T;
}

counterpart_core::entity! {
    /// So many more or fewer of a piece.
    Move(MoveId) in "moves" {
        append_only: true,
        parent: Some("piece_id"),
        onto: Some(Onto { table: "pieces", key: "piece_id", apply: add_up, judge: |_, _, _| Ok(()), counts: None }),
    }
    /// The piece.
    piece_id: PieceId = F;
    /// How many.
    by: i64 = F [NotZero];
    /// Why. Named like a field of the piece, which it has nothing to do with.
    notes: Option<String> = F;
}

fn add_up(moved: &Row, piece: &mut Row) {
    let sum = piece.int("stock").unwrap_or(0) + moved.int("by").unwrap_or(0);
    piece.set("stock", Value::Int(sum));
}

/// The schema.
pub static WORKBENCH: Schema = Schema {
    name: "workbench",
    tables: &[Piece::TABLE, Job::TABLE, Move::TABLE],
    migrations: &[Migration { number: 1, sql: TABLES }],
    permit: |_, _| Ok::<(), Denied>(()),
    wipes: &[],
    actors: None,
    numbered: None,
    auditors: &[],
};

macro_rules! meta_columns {
    () => {
        "created_at INTEGER NOT NULL, created_by TEXT, updated_at INTEGER NOT NULL, updated_by TEXT,
         stamp INTEGER NOT NULL, deleted_at INTEGER, extra TEXT) STRICT;"
    };
}

const TABLES: &str = concat!(
    "CREATE TABLE pieces (id TEXT PRIMARY KEY NOT NULL, title TEXT, notes TEXT, tags TEXT, mails TEXT, phones TEXT,
     marks TEXT, urgent INTEGER, price INTEGER, starts INTEGER, ends INTEGER, place TEXT, rank TEXT, code TEXT,
     stock INTEGER, part_of TEXT, ",
    meta_columns!(),
    "CREATE TABLE jobs (id TEXT PRIMARY KEY NOT NULL, piece_id TEXT, what TEXT, done INTEGER, ",
    meta_columns!(),
    "CREATE TABLE moves (id TEXT PRIMARY KEY NOT NULL, piece_id TEXT, \"by\" INTEGER, notes TEXT, ",
    meta_columns!(),
);
