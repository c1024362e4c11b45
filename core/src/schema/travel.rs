//! Rows as they travel: JSON objects of their fields, of what every row carries, and of what a newer app wrote.
//!
//! A catch-up reads a hundred thousand of them: an object goes into its row in one go, without a tree of values.

use super::value::{time_from_ms, time_of, time_text};
use super::{Field, Invalid, Json, Row, Rule, Table, Type, Value};
use chrono::{DateTime, SubsecRound, Utc};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

impl Row {
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

    /// The same as text, names in order: what checksums are over, whoever keeps the row, and in what words.
    pub fn to_canonical_text(&self) -> String {
        Json::Object(self.to_json()).to_string()
    }

    /// The same as text, without what is empty: how a row is put aside.
    pub fn to_json_text(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Dense(self))
    }

    /// Reads a row that travelled. Unknown columns are kept, unknown words too; a wrong shape is refused.
    pub fn from_json(table: &'static Table, object: &serde_json::Map<String, Json>) -> Result<Row, Invalid> {
        let mut wrong = None;
        let row = Arriving { table, wrong: &mut wrong }.deserialize(object);
        row.map_err(|_| wrong.unwrap_or(Invalid::field("id", Rule::Kind("row"))))
    }

    /// The same from its text. Nothing where that is not JSON.
    pub fn from_json_text(table: &'static Table, text: &str) -> Option<Result<Row, Invalid>> {
        let mut wrong = None;
        let mut read = serde_json::Deserializer::from_str(text);
        let row = Arriving { table, wrong: &mut wrong }.deserialize(&mut read);
        match (row.and_then(|row| read.end().map(|()| row)), wrong) {
            (Ok(row), _) => Some(Ok(row)),
            (Err(_), Some(wrong)) => Some(Err(wrong)),
            (Err(_), None) => None,
        }
    }
}

/// A row on its way in. What is wrong with one that is JSON, but no row of the table, is said beside the error.
struct Arriving<'a> {
    table: &'static Table,
    wrong: &'a mut Option<Invalid>,
}

impl<'de> DeserializeSeed<'de> for Arriving<'_> {
    type Value = Row;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Row, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Arriving<'_> {
    type Value = Row;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
        let mut row = Row::empty(self.table, "");
        let mut extra = serde_json::Map::new();
        // Fields mostly come in the table's order.
        let (mut next, mut named) = (0, false);
        while let Some(name) = map.next_key::<Name<'de>>()? {
            let name = name.0.as_ref();
            let at = match self.table.fields.get(next) {
                Some(field) if field.name == name => Some(next),
                Some(_) | None => self.table.position(name),
            };
            if let Some((at, field)) = at.and_then(|at| Some((at, self.table.fields.get(at)?))) {
                let value = map.next_value_seed(ArrivingCell { field, wrong: &mut *self.wrong })?;
                next = at + 1;
                if let Some(slot) = row.values.get_mut(at) {
                    *slot = value;
                }
                continue;
            }
            let json: Json = map.next_value()?;
            named |= name == "id";
            if let Err(wrong) = carry(&mut row, &mut extra, name, json) {
                *self.wrong = Some(wrong);
                return Err(A::Error::custom("not a row"));
            }
        }
        if !named {
            *self.wrong = Some(Invalid::field("id", Rule::Required));
            return Err(A::Error::custom("not a row"));
        }
        if !extra.is_empty() {
            row.extra = Some(Json::Object(extra).to_string());
        }
        Ok(row)
    }
}

/// What every row carries besides its fields, or what a newer app wrote.
fn carry(
    row: &mut Row,
    extra: &mut serde_json::Map<String, Json>,
    name: &str,
    json: Json,
) -> Result<(), Invalid> {
    let text = |json: Json| match json {
        Json::String(text) => Some(text),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => None,
    };
    match name {
        "id" => row.id = text(json).ok_or(Invalid::field("id", Rule::Required))?,
        "created_at" => row.meta.created_at = time("created_at", &json)?.unwrap_or(row.meta.created_at),
        "updated_at" => row.meta.updated_at = time("updated_at", &json)?.unwrap_or(row.meta.updated_at),
        "deleted_at" => row.meta.deleted_at = time("deleted_at", &json)?,
        "created_by" => row.meta.created_by = text(json),
        "updated_by" => row.meta.updated_by = text(json),
        "stamp" => row.meta.stamp = json.as_i64().unwrap_or(0),
        newer => {
            extra.insert(newer.to_owned(), json);
        }
    }
    Ok(())
}

fn time(name: &'static str, json: &Json) -> Result<Option<DateTime<Utc>>, Invalid> {
    let wrong = || Invalid::field(name, Rule::Kind("time"));
    match json {
        Json::Null => Ok(None),
        Json::String(text) => time_of(text).map(|time| Some(time.trunc_subsecs(3))).ok_or_else(wrong),
        Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => Err(wrong()),
    }
}

/// A name that stays where it is in the text, unless something in it is escaped.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// A cell on its way in.
struct ArrivingCell<'a> {
    field: &'static Field,
    wrong: &'a mut Option<Invalid>,
}

impl ArrivingCell<'_> {
    fn take<E: serde::de::Error>(self, json: &Json) -> Result<Value, E> {
        Value::from_json(self.field, json).map_err(|wrong| {
            *self.wrong = Some(wrong);
            E::custom("not a cell of its field")
        })
    }
}

impl<'de> DeserializeSeed<'de> for ArrivingCell<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ArrivingCell<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a cell")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, yes: bool) -> Result<Value, E> {
        self.take(&Json::Bool(yes))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Value, E> {
        self.take(&Json::from(number))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Value, E> {
        self.take(&Json::from(number))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Value, E> {
        self.take(&Json::from(number))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: serde::de::Error>(self, text: String) -> Result<Value, E> {
        match self.field.kind {
            Type::Text | Type::Id | Type::Word(_) => Ok(Value::Text(text)),
            Type::Bool | Type::Int | Type::Time | Type::Json | Type::Map(_) | Type::Set(_) => {
                self.take(&Json::String(text))
            }
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Value, A::Error> {
        self.take(&Json::deserialize(SeqAccessDeserializer::new(items))?)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Value, A::Error> {
        self.take(&Json::deserialize(MapAccessDeserializer::new(entries))?)
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
    use crate::schema::{AnyJson, Conflict, Entity, Meta};

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
        assert_eq!(Row::from_json_text(Conflict::TABLE, &text), Some(Ok(row.clone())));
        let mut object = row.to_json();
        object.retain(|_, json| !json.is_null());
        assert_eq!(serde_json::from_str::<Json>(&text).unwrap(), Json::Object(object));
    }
    #[test]
    fn a_text_that_is_no_row_says_which_field_or_that_it_is_not_json() {
        let read = |text: &str| Row::from_json_text(Conflict::TABLE, text);
        let wrong = |field, rule| Some(Err(Invalid::field(field, rule)));
        assert_eq!(read(r#"{"field":"notes"}"#), wrong("id", Rule::Required));
        assert_eq!(read(r#"{"id":7}"#), wrong("id", Rule::Required));
        assert_eq!(read(r#"{"id":"c1","created_at":"yesterday"}"#), wrong("created_at", Rule::Kind("time")));
        assert_eq!(read(r#"{"id":"c1","open":"yes"}"#), wrong("open", Rule::Kind(Type::Bool.name())));
        assert_eq!(read(r#"{"id":"c1","field":[]}"#), wrong("field", Rule::Kind(Type::Text.name())));
        for broken in ["", "[]", "7", r#"{"id":"c1""#, r#"{"id":"c1"}}"#, r#"{"id":"c1",}"#] {
            assert_eq!(read(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_moment_reads_the_same_however_it_is_spelled() {
        for text in
            ["2024-02-29T23:59:59.987Z", "2024-02-29T23:59:59.987+00:00", "2024-03-01T00:59:59.987+01:00"]
        {
            assert_eq!(time_of(text).map(time_text).as_deref(), Some("2024-02-29T23:59:59.987Z"), "{text}");
        }
        for text in [
            "2023-02-29T00:00:00.000Z",
            "2024-13-01T00:00:00.000Z",
            "2024-01-01T24:00:00.000Z",
            "2024-01-01 00:00",
            // Years that would not be spelled with four digits.
            "9999-12-31T23:59:59.000-18:00",
            "0000-06-01T00:00:00.000Z",
            "",
        ] {
            assert_eq!(time_of(text), None, "{text}");
        }
    }
}
