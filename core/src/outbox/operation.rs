//! What an operation says. Its body is what travels, byte for byte.

use crate::error::{Error, Result};
use crate::schema::{Element, Field, Json, Row, Type, Value, time_from_ms};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::mem;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Makes a row.
    Insert,
    /// Changes fields of a row.
    Patch,
    /// Deletes a row.
    Delete,
    /// Adds a row to a table that only grows; it may move its parent (stock, status).
    Append,
    /// Asks that another operation never take effect, and what became of it.
    Void,
}

impl Kind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::Insert => "insert",
            Kind::Patch => "patch",
            Kind::Delete => "delete",
            Kind::Append => "append",
            Kind::Void => "void",
        }
    }
}

impl FromSql for Kind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let all = [Kind::Insert, Kind::Patch, Kind::Delete, Kind::Append, Kind::Void];
        let found = value.as_str()?;
        all.into_iter().find(|kind| kind.word() == found).ok_or(FromSqlError::InvalidType)
    }
}

/// Where an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Never sent; its last one on a row may still be added to.
    Queued,
    /// It may have been sent: id and content are fixed.
    Frozen,
    /// Its void is on the way: it is not sent any more.
    Voiding,
    /// The server has it; the cursor does not cover it yet.
    Accepted,
    /// It waits for a person.
    Parked,
}

impl State {
    const WORDS: [(&'static str, State); 5] = [
        ("queued", State::Queued),
        ("frozen", State::Frozen),
        ("voiding", State::Voiding),
        ("accepted", State::Accepted),
        ("parked", State::Parked),
    ];

    pub(crate) fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, state)| *state == self).map_or("", |(word, _)| word)
    }

    /// Whether it still waits to be sent or answered.
    pub(crate) fn is_pending(self) -> bool {
        match self {
            State::Queued | State::Frozen | State::Voiding => true,
            State::Accepted | State::Parked => false,
        }
    }
}

impl ToSql for State {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.word().as_bytes())))
    }
}

impl FromSql for State {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let found = value.as_str()?;
        Self::WORDS
            .iter()
            .find(|(word, _)| *word == found)
            .map(|(_, state)| *state)
            .ok_or(FromSqlError::InvalidType)
    }
}

/// A change of one field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "SaidEdit")]
pub struct Edit {
    /// What it becomes.
    #[serde(flatten)]
    pub kind: EditKind,
    /// What it was when the person began, by the confirmed row.
    #[serde(default, skip_serializing_if = "Json::is_null")]
    pub was: Json,
    /// The row's version that the person began on.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub on: i64,
    /// When it was edited, if not with the operation.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub at: i64,
}

/// What a field becomes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EditKind {
    /// This value.
    To(Json),
    /// Elements in, elements out.
    Elements {
        /// In.
        add: Vec<Json>,
        /// Out.
        remove: Vec<Json>,
    },
}

/// An edit as it is read. What is flattened would first be put aside whole and then read again.
#[derive(Deserialize)]
struct SaidEdit {
    // Nothing is a value too: what is there counts, not what it holds.
    #[serde(default, deserialize_with = "there")]
    to: Option<Json>,
    elements: Option<SaidElements>,
    #[serde(default)]
    was: Json,
    #[serde(default)]
    on: i64,
    #[serde(default)]
    at: i64,
}

#[derive(Deserialize)]
struct SaidElements {
    add: Vec<Json>,
    remove: Vec<Json>,
}

fn there<'d, D: Deserializer<'d>>(json: D) -> std::result::Result<Option<Json>, D::Error> {
    Json::deserialize(json).map(Some)
}

impl TryFrom<SaidEdit> for Edit {
    type Error = &'static str;

    fn try_from(said: SaidEdit) -> std::result::Result<Edit, &'static str> {
        let kind = match (said.to, said.elements) {
            (Some(to), _) => EditKind::To(to),
            (None, Some(SaidElements { add, remove })) => EditKind::Elements { add, remove },
            (None, None) => return Err("an edit says neither a value nor elements"),
        };
        Ok(Edit { kind, was: said.was, on: said.on, at: said.at })
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// One change of one row, as it is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// Its id, a UUID.
    pub id: String,
    /// The device's own counter.
    pub seq: i64,
    /// Operations of one group apply together or not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The table.
    pub table: String,
    /// The row.
    pub row: String,
    /// What it does.
    pub kind: Kind,
    /// When the person did it, by this device's clock, in milliseconds.
    pub at: i64,
    /// The account that signed it in.
    pub account: String,
    /// Whose work it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The row's version that it was decided on; of an appended row, that of the row it moves.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub on: i64,
    /// The fields it sets. An entry of a map is named `field/entry`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Edit>,
    /// Operations that have to have applied before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// The refused operation that this one is sent instead of; for a void, the operation that it voids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
}

impl Operation {
    pub(crate) fn from_body(body: &str) -> Result<Operation> {
        serde_json::from_str(body).map_err(|_| Error::damaged())
    }

    /// Whether a body says what an operation has to say.
    pub(crate) fn is_whole(body: &str) -> bool {
        Operation::from_body(body).is_ok()
    }

    pub(crate) fn body(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| Error::defect(error.to_string()))
    }

    /// Takes out all fields but some.
    pub(super) fn keep_fields(&mut self, keep: impl Fn(&str) -> bool) {
        // As a new map: what takes entries out of a tree is long, and nothing else of an operation does.
        let all = mem::take(&mut self.fields);
        self.fields.extend(all.into_iter().filter(|(name, _)| keep(name)));
    }

    /// Does to a row what the operation says. No policy runs here: policies decide on the server.
    pub(crate) fn apply(&self, row: &mut Row) -> Result<()> {
        let at = time_from_ms(self.at);
        match self.kind {
            Kind::Void => return Ok(()),
            Kind::Insert | Kind::Append => {
                if row.meta.stamp == 0 {
                    (row.meta.created_at, row.meta.created_by) = (at, self.actor.clone());
                }
                row.meta.deleted_at = None;
            }
            Kind::Patch => row.meta.deleted_at = None,
            Kind::Delete => row.meta.deleted_at = Some(at),
        }
        // An operation that was added to shows as changed when its last edit was made.
        let edited = self.fields.values().map(|edit| edit.at).fold(self.at, i64::max);
        (row.meta.updated_at, row.meta.updated_by) = (time_from_ms(edited), self.actor.clone());
        let table = row.table;
        for (name, edit) in &self.fields {
            let (name, entry) =
                name.split_once('/').map_or((name.as_str(), None), |(name, entry)| (name, Some(entry)));
            // A field that this version does not know was written by a newer one and goes to the server as it is.
            if let Some(field) = table.field(name) {
                let value = edit.apply(field, entry, row.get(name))?;
                row.set(name, value);
            }
        }
        Ok(())
    }
}

/// What a body says has to have applied before, and nothing else of it.
pub(super) fn needs(body: &str) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Needs {
        #[serde(default)]
        needs: Vec<String>,
    }
    let read: serde_json::Result<Needs> = serde_json::from_str(body);
    read.map(|read| read.needs).map_err(|_| Error::damaged())
}

impl Edit {
    /// Sets a field to a value.
    pub(crate) fn to(value: Json) -> Edit {
        Edit { kind: EditKind::To(value), was: Json::Null, on: 0, at: 0 }
    }

    pub(super) fn apply(&self, field: &Field, entry: Option<&str>, current: &Value) -> Result<Value> {
        match (&self.kind, entry, field.kind) {
            (EditKind::To(to), Some(entry), Type::Map(_)) => {
                let mut entries = current.to_json(field.kind).as_object().cloned().unwrap_or_default();
                if to.is_null() {
                    entries.remove(entry);
                } else {
                    entries.insert(entry.to_owned(), to.clone());
                }
                Ok(if entries.is_empty() {
                    Value::Null
                } else {
                    Value::Text(Json::Object(entries).to_string())
                })
            }
            (EditKind::Elements { add, remove }, None, Type::Set(element)) => {
                let items = current.to_json(field.kind).as_array().cloned().unwrap_or_default();
                let items = with_elements(element, &items, add, remove);
                element.canonical(field.name, &items).map_err(|_| Error::damaged())
            }
            (EditKind::To(to), None, _) => Value::from_json(field, to).map_err(|_| Error::damaged()),
            (EditKind::To(_), Some(_), _) | (EditKind::Elements { .. }, _, _) => Err(Error::damaged()),
        }
    }
}

/// The list after elements went out and others came in; one that comes in again replaces its like.
fn with_elements(element: Element, items: &[Json], add: &[Json], remove: &[Json]) -> Vec<Json> {
    let is_in =
        |list: &[Json], item: &Json| list.iter().any(|other| element.normal(other) == element.normal(item));
    let kept = items.iter().filter(|item| !is_in(remove, item) && !is_in(add, item));
    kept.chain(add).cloned().collect()
}

/// The edits that lead a field from one value to another: one, or one per changed entry of a map.
pub(crate) fn edits_between(field: &Field, from: &Value, to: &Value) -> Vec<(String, EditKind, Json)> {
    let (old, new) = (from.to_json(field.kind), to.to_json(field.kind));
    match field.kind {
        Type::Set(element) => {
            let (old, new) =
                (old.as_array().cloned().unwrap_or_default(), new.as_array().cloned().unwrap_or_default());
            let gone = |item: &&Json| !new.iter().any(|other| element.normal(other) == element.normal(item));
            let remove: Vec<Json> = old.iter().filter(gone).cloned().collect();
            let add: Vec<Json> = new.iter().filter(|item| !old.contains(item)).cloned().collect();
            vec![(field.name.to_owned(), EditKind::Elements { add, remove }, Json::Null)]
        }
        Type::Map(_) => {
            let empty = serde_json::Map::new();
            let (old, new) = (old.as_object().unwrap_or(&empty), new.as_object().unwrap_or(&empty));
            let entry = |map: &serde_json::Map<String, Json>, name: &str| {
                map.get(name).cloned().unwrap_or(Json::Null)
            };
            let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
            names
                .map(|name| (name, entry(old, name), entry(new, name)))
                .filter(|(_, was, to)| was != to)
                .map(|(name, was, to)| (format!("{}/{name}", field.name), EditKind::To(to), was))
                .collect()
        }
        Type::Text | Type::Int | Type::Bool | Type::Time | Type::Id | Type::Word(_) | Type::Json => {
            vec![(field.name.to_owned(), EditKind::To(new), old)]
        }
    }
}

impl EditKind {
    /// This change, with a later one of the same field on top.
    pub(crate) fn then(self, later: EditKind, element: Option<Element>) -> EditKind {
        match (self, later, element) {
            (EditKind::Elements { add: a, remove: r }, EditKind::Elements { add, remove }, Some(element)) => {
                let out: Vec<Json> = r.into_iter().chain(remove.iter().cloned()).collect();
                EditKind::Elements {
                    remove: with_elements(element, &out, &[], &add),
                    add: with_elements(element, &a, &add, &remove),
                }
            }
            (EditKind::To(list), EditKind::Elements { add, remove }, Some(element)) => {
                let items = list.as_array().cloned().unwrap_or_default();
                EditKind::To(Json::Array(with_elements(element, &items, &add, &remove)))
            }
            (_, later, _) => later,
        }
    }
}
