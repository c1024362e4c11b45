//! Values and rows as the engine handles them: by field position, without a type of their own.

use super::{Column, Field, Invalid, Rule, Table, Type};
use chrono::{DateTime, SecondsFormat, SubsecRound, TimeZone, Utc};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

/// A JSON value.
pub type Json = serde_json::Value;

/// One cell. Booleans and times (milliseconds since 1970) are integers; sets, maps and other JSON are canonical text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Value {
    /// Nothing.
    #[default]
    Null,
    /// An integer, a boolean or a time.
    Int(i64),
    /// Text, an id, a word, or JSON as text.
    Text(String),
}

impl Value {
    /// Whether the cell is empty.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The integer, where there is one.
    pub fn int(&self) -> Option<i64> {
        match self {
            Value::Int(number) => Some(*number),
            Value::Null | Value::Text(_) => None,
        }
    }

    /// The text, where there is some.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            Value::Null | Value::Int(_) => None,
        }
    }

    /// The cell as it travels: times as RFC 3339, JSON as JSON.
    pub fn to_json(&self, kind: Type) -> Json {
        match (self, kind) {
            (Value::Null, _) => Json::Null,
            (Value::Int(number), Type::Bool) => Json::Bool(*number != 0),
            (Value::Int(ms), Type::Time) => Json::String(time_text(time_from_ms(*ms))),
            (Value::Int(number), _) => Json::from(*number),
            (Value::Text(text), Type::Json | Type::Map(_) | Type::Set(_)) => {
                serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.clone()))
            }
            (Value::Text(text), _) => Json::String(text.clone()),
        }
    }

    /// JSON as a cell, in its one spelling; an empty list or object is an empty cell.
    pub fn from_canonical(json: &Json) -> Value {
        let empty = match json {
            Json::Null => true,
            Json::Array(items) => items.is_empty(),
            Json::Object(entries) => entries.is_empty(),
            Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
        };
        if empty { Value::Null } else { Value::Text(json.to_string()) }
    }

    /// Reads what travelled. Only the shape is judged here; limits are [`Field::check`]'s.
    pub fn from_json(field: &Field, json: &Json) -> Result<Value, Invalid> {
        let wrong = || Invalid::field(field.name, Rule::Kind(field.kind.name()));
        match (field.kind, json) {
            (_, Json::Null) => Ok(Value::Null),
            (Type::Bool, Json::Bool(yes)) => Ok(Value::Int(i64::from(*yes))),
            (Type::Int, Json::Number(number)) => number.as_i64().map(Value::Int).ok_or_else(wrong),
            (Type::Time, Json::String(text)) => {
                let time = DateTime::parse_from_rfc3339(text).map_err(|_| wrong())?;
                Ok(Value::Int(time.timestamp_millis()))
            }
            (Type::Text | Type::Id | Type::Word(_), Json::String(text)) => Ok(Value::Text(text.clone())),
            (Type::Set(element), Json::Array(items)) => element.canonical(field.name, items),
            (Type::Map(_), Json::Object(_)) | (Type::Json, _) => Ok(Value::from_canonical(json)),
            (
                Type::Bool
                | Type::Int
                | Type::Time
                | Type::Text
                | Type::Id
                | Type::Word(_)
                | Type::Set(_)
                | Type::Map(_),
                _,
            ) => Err(wrong()),
        }
    }
}

/// The moment that many milliseconds after 1970; the end of time where there is none.
pub fn time_from_ms(ms: i64) -> DateTime<Utc> {
    Utc.timestamp_millis_opt(ms).single().unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// A moment as it travels: RFC 3339, milliseconds, `Z`.
pub fn time_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// What every synced row carries besides its fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Meta {
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// Which employee made it.
    pub created_by: Option<String>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Which employee changed it last.
    pub updated_by: Option<String>,
    /// The server's version of the row; 0 until the server has it.
    pub stamp: i64,
    /// When it was deleted, if it was.
    pub deleted_at: Option<DateTime<Utc>>,
}

impl Default for Meta {
    fn default() -> Self {
        Meta {
            created_at: time_from_ms(0),
            created_by: None,
            updated_at: time_from_ms(0),
            updated_by: None,
            stamp: 0,
            deleted_at: None,
        }
    }
}

/// A row of any table.
#[derive(Clone, Debug)]
pub struct Row {
    /// The table it belongs to.
    pub table: &'static Table,
    /// Its id.
    pub id: String,
    /// A value per field, in the table's order.
    pub values: Vec<Value>,
    /// Who, when, which version.
    pub meta: Meta,
    /// Columns that a newer app wrote, as a JSON object, kept to the letter.
    pub extra: Option<String>,
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.table.name == other.table.name
            && self.id == other.id
            && self.values == other.values
            && self.meta == other.meta
            && self.extra == other.extra
    }
}

impl Row {
    /// A row with nothing in it.
    pub fn empty(table: &'static Table, id: impl Into<String>) -> Row {
        Row {
            table,
            id: id.into(),
            values: vec![Value::Null; table.fields.len()],
            meta: Meta::default(),
            extra: None,
        }
    }

    /// A new row: no, zero and the first word where a field needs something, nothing elsewhere.
    pub fn blank(table: &'static Table, id: impl Into<String>) -> Row {
        let mut row = Row::empty(table, id);
        for (field, slot) in table.fields.iter().zip(&mut row.values).filter(|(field, _)| !field.optional) {
            *slot = match field.kind {
                Type::Bool | Type::Int => Value::Int(0),
                Type::Word(words) => words.first().map_or(Value::Null, |word| Value::Text((*word).into())),
                Type::Text | Type::Time | Type::Id | Type::Json | Type::Map(_) | Type::Set(_) => Value::Null,
            };
        }
        row
    }

    /// The value of a field; `Null` where the table has no such field.
    pub fn get(&self, field: &str) -> &Value {
        self.table.position(field).and_then(|at| self.values.get(at)).unwrap_or(&Value::Null)
    }

    /// Sets a field; a name that the table does not have is ignored.
    pub fn set(&mut self, field: &str, value: Value) {
        if let Some(slot) = self.table.position(field).and_then(|at| self.values.get_mut(at)) {
            *slot = value;
        }
    }

    /// The text of a field, empty where there is none.
    pub fn text(&self, field: &str) -> &str {
        self.get(field).text().unwrap_or_default()
    }

    /// The number of a field, where there is one.
    pub fn int(&self, field: &str) -> Option<i64> {
        self.get(field).int()
    }

    /// A field as one of the Rust types that can be a column.
    pub fn read<C: Column>(&self, field: &str) -> Option<C> {
        C::from_value(self.get(field)).ok()
    }

    /// Whether it was deleted.
    pub fn is_deleted(&self) -> bool {
        self.meta.deleted_at.is_some()
    }

    /// The row as it travels: an object of its fields, what every row carries, and what a newer app wrote.
    pub fn to_json(&self) -> serde_json::Map<String, Json> {
        let mut object = serde_json::Map::new();
        if let Some(Ok(Json::Object(extra))) = self.extra.as_deref().map(serde_json::from_str) {
            object = extra;
        }
        object.insert("id".into(), Json::String(self.id.clone()));
        for (field, value) in self.table.fields.iter().zip(&self.values) {
            object.insert(field.name.into(), value.to_json(field.kind));
        }
        if let Ok(Json::Object(meta)) = serde_json::to_value(&self.meta) {
            object.extend(meta);
        }
        for (name, time) in [
            ("created_at", Some(self.meta.created_at)),
            ("updated_at", Some(self.meta.updated_at)),
            ("deleted_at", self.meta.deleted_at),
        ] {
            object.insert(name.into(), time.map_or(Json::Null, |time| Json::String(time_text(time))));
        }
        object
    }

    /// The same as text, without what is empty: how a row is put aside.
    pub fn to_json_text(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Dense(self))
    }

    /// Reads a row that travelled. Unknown columns are kept, unknown words too; a wrong shape is refused.
    pub fn from_json(table: &'static Table, object: &serde_json::Map<String, Json>) -> Result<Row, Invalid> {
        let id = object.get("id").and_then(Json::as_str).ok_or(Invalid::field("id", Rule::Required))?;
        let mut row = Row::empty(table, id);
        let mut extra = serde_json::Map::new();
        let time = |name: &'static str, json: &Json| match json {
            Json::Null => Ok(None),
            Json::String(text) => DateTime::parse_from_rfc3339(text)
                .map(|time| Some(time.with_timezone(&Utc).trunc_subsecs(3)))
                .map_err(|_| Invalid::field(name, Rule::Kind("time"))),
            Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
                Err(Invalid::field(name, Rule::Kind("time")))
            }
        };
        for (name, json) in object {
            match name.as_str() {
                "id" => {}
                "created_at" => {
                    row.meta.created_at = time("created_at", json)?.unwrap_or(row.meta.created_at)
                }
                "updated_at" => {
                    row.meta.updated_at = time("updated_at", json)?.unwrap_or(row.meta.updated_at)
                }
                "deleted_at" => row.meta.deleted_at = time("deleted_at", json)?,
                "created_by" => row.meta.created_by = json.as_str().map(str::to_owned),
                "updated_by" => row.meta.updated_by = json.as_str().map(str::to_owned),
                "stamp" => row.meta.stamp = json.as_i64().unwrap_or(0),
                name => match table.position(name) {
                    Some(at) => {
                        if let Some((field, slot)) = table.fields.get(at).zip(row.values.get_mut(at)) {
                            *slot = Value::from_json(field, json)?;
                        }
                    }
                    None => {
                        extra.insert(name.to_owned(), json.clone());
                    }
                },
            }
        }
        if !extra.is_empty() {
            row.extra = Some(Json::Object(extra).to_string());
        }
        Ok(row)
    }
}

/// A row without what is empty, written without a tree of values in between: every save puts one aside.
struct Dense<'a>(&'a Row);

impl Serialize for Dense<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Row { table, id, values, meta, extra } = self.0;
        let mut map = serializer.serialize_map(None)?;
        if let Some(Ok(extra)) = extra.as_deref().map(serde_json::from_str::<serde_json::Map<String, Json>>) {
            extra.iter().try_for_each(|(name, json)| map.serialize_entry(name, json))?;
        }
        map.serialize_entry("id", id)?;
        for (field, value) in table.fields.iter().zip(values).filter(|(_, value)| !value.is_null()) {
            map.serialize_entry(field.name, &Cell(value, field.kind))?;
        }
        let times = [
            ("created_at", Some(meta.created_at)),
            ("updated_at", Some(meta.updated_at)),
            ("deleted_at", meta.deleted_at),
        ];
        for (name, time) in times {
            time.map_or(Ok(()), |time| map.serialize_entry(name, &time_text(time)))?;
        }
        for (name, who) in [("created_by", &meta.created_by), ("updated_by", &meta.updated_by)] {
            who.as_ref().map_or(Ok(()), |who| map.serialize_entry(name, who))?;
        }
        map.serialize_entry("stamp", &meta.stamp)?;
        map.end()
    }
}

/// A cell as it travels.
struct Cell<'a>(&'a Value, Type);

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.0, self.1) {
            (Value::Null, _) => serializer.serialize_unit(),
            (Value::Int(number), Type::Bool) => serializer.serialize_bool(*number != 0),
            (Value::Int(ms), Type::Time) => serializer.serialize_str(&time_text(time_from_ms(*ms))),
            (Value::Int(number), _) => serializer.serialize_i64(*number),
            (Value::Text(text), Type::Json | Type::Map(_) | Type::Set(_)) => {
                match serde_json::from_str::<&RawValue>(text) {
                    Ok(json) => json.serialize(serializer),
                    Err(_) => serializer.serialize_str(text),
                }
            }
            (Value::Text(text), _) => serializer.serialize_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{AnyJson, Conflict, Entity};

    #[test]
    fn a_row_put_aside_as_text_comes_back_the_same() {
        let json = |text: &str| AnyJson(serde_json::from_str(text).unwrap());
        let conflict = Conflict {
            field: "notes \"inside\"".into(),
            mine: json(r#"{"lines":[1,2.5,null]}"#),
            theirs: json("\"zwölf\""),
            mine_by: Some("e1".into()),
            open: true,
            ..Conflict::default()
        };
        let mut row = conflict.to_row();
        row.id = "c1".into();
        row.meta = Meta { stamp: 7, created_by: Some("e1".into()), ..Meta::default() };
        row.meta.updated_at = time_from_ms(1_767_204_000_123);
        row.extra = Some(r#"{"loyalty":{"points":3}}"#.into());
        let text = row.to_json_text().unwrap();
        assert_eq!(Row::from_json(Conflict::TABLE, &serde_json::from_str(&text).unwrap()), Ok(row.clone()));
        let mut object = row.to_json();
        object.retain(|_, json| !json.is_null());
        assert_eq!(serde_json::from_str::<Json>(&text).unwrap(), Json::Object(object));
    }
}
