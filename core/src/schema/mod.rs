//! What an entity is, without knowing any: tables as data, values, rows, checks.
//!
//! A [`Schema`] is a value. The repair shop's lives in [`mod@crate::entity`]; others can be given to the same
//! engine. Nothing in here, in the store, the outbox or the sync knows which one runs.

mod any_json;
mod check;
mod column;
#[macro_use]
mod declare;
mod conflict;
mod family;
mod table;
mod travel;
mod value;

pub use any_json::AnyJson;
#[cfg(feature = "uniffi")]
pub use any_json::FieldValue;
pub use check::{Check, Invalid, Rule};
pub use column::{BadValue, Column};
pub use conflict::{Conflict, ConflictId};
pub use declare::{Cells, Entity};
#[doc(hidden)]
pub use declare::{json_cell, json_from_cell};
pub use table::{
    Actors, Attempt, Counts, Denied, Element, Field, Holder, Migration, Numbered, Onto, Policy, Reach,
    Readers, Schema, Search, Table, Type, Verb, Who, Window, Wipe, policies,
};
pub use value::{Json, Meta, Row, Value, time_from_ms, time_text};
