//! Values and rows as the engine handles them: by field position, without a type of their own.

use super::{Column, Field, Invalid, Rule, Table, Type};
use chrono::{DateTime, NaiveDate, SecondsFormat, TimeZone, Utc};
use serde::{Deserialize, Serialize};

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
                let time = time_of(text).ok_or_else(wrong)?;
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

/// Whether a moment can travel: its year has four digits, wherever it is read.
pub(super) fn can_travel(ms: i64) -> bool {
    const YEAR_1: i64 = -62_135_596_800_000;
    const YEAR_10000: i64 = 253_402_300_800_000;
    (YEAR_1..YEAR_10000).contains(&ms)
}

/// A moment that travelled. The spelling of [`time_text`] is read at once, any other of RFC 3339 with care.
pub(super) fn time_of(text: &str) -> Option<DateTime<Utc>> {
    as_written(text.as_bytes())
        .or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|time| time.with_timezone(&Utc)))
        .filter(|time| can_travel(time.timestamp_millis()))
}

fn as_written(text: &[u8]) -> Option<DateTime<Utc>> {
    let &[
        y0,
        y1,
        y2,
        y3,
        b'-',
        m0,
        m1,
        b'-',
        d0,
        d1,
        b'T',
        h0,
        h1,
        b':',
        n0,
        n1,
        b':',
        s0,
        s1,
        b'.',
        f0,
        f1,
        f2,
        b'Z',
    ] = text
    else {
        return None;
    };
    let number = |digits: &[u8]| {
        digits
            .iter()
            .try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0')))
    };
    let year = i32::try_from(number(&[y0, y1, y2, y3])?).ok()?;
    let day = NaiveDate::from_ymd_opt(year, number(&[m0, m1])?, number(&[d0, d1])?)?;
    let second = number(&[s0, s1])?;
    let time =
        day.and_hms_milli_opt(number(&[h0, h1])?, number(&[n0, n1])?, second, number(&[f0, f1, f2])?)?;
    Some(time.and_utc())
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
}
