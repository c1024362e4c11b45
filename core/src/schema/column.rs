//! Which Rust types can be a column, and how each becomes a [`Value`] and back.

use super::{Json, Type, Value, time_from_ms};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use thiserror::Error;

/// A stored value that is not of its field's kind: a damaged file, or a server that lies.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a stored value is not a {0}")]
pub struct BadValue(pub &'static str);

/// A Rust type that can be a column.
pub trait Column: Sized {
    /// What the column holds.
    const KIND: Type;
    /// Whether it may be empty.
    const OPTIONAL: bool = false;
    /// The table that it names rows of.
    const REFERS: Option<&'static str> = None;

    /// As a cell.
    fn to_value(&self) -> Value;
    /// From a cell.
    fn from_value(value: &Value) -> Result<Self, BadValue>;
}

impl Column for String {
    const KIND: Type = Type::Text;

    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }

    fn from_value(value: &Value) -> Result<Self, BadValue> {
        value.text().map(str::to_owned).ok_or(BadValue("text"))
    }
}

impl Column for i64 {
    const KIND: Type = Type::Int;

    fn to_value(&self) -> Value {
        Value::Int(*self)
    }

    fn from_value(value: &Value) -> Result<Self, BadValue> {
        value.int().ok_or(BadValue("whole number"))
    }
}

impl Column for bool {
    const KIND: Type = Type::Bool;

    fn to_value(&self) -> Value {
        Value::Int(i64::from(*self))
    }

    fn from_value(value: &Value) -> Result<Self, BadValue> {
        value.int().map(|number| number != 0).ok_or(BadValue("yes or no"))
    }
}

impl Column for DateTime<Utc> {
    const KIND: Type = Type::Time;

    fn to_value(&self) -> Value {
        Value::Int(self.timestamp_millis())
    }

    fn from_value(value: &Value) -> Result<Self, BadValue> {
        value.int().map(time_from_ms).ok_or(BadValue("time"))
    }
}

impl<C: Column> Column for Option<C> {
    const KIND: Type = C::KIND;
    const OPTIONAL: bool = true;
    const REFERS: Option<&'static str> = C::REFERS;

    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, Column::to_value)
    }

    fn from_value(value: &Value) -> Result<Self, BadValue> {
        if value.is_null() { Ok(None) } else { C::from_value(value).map(Some) }
    }
}

/// A set of words: tags, accessories.
impl Column for Vec<String> {
    const KIND: Type = Type::Set(super::Element::Word);
    const OPTIONAL: bool = true;

    fn to_value(&self) -> Value {
        super::declare::json_cell(self)
    }

    fn from_value(value: &Value) -> Result<Self, BadValue> {
        super::declare::json_from_cell(value)
    }
}

/// Any JSON object, one value.
impl Column for BTreeMap<String, Json> {
    const KIND: Type = Type::Json;
    const OPTIONAL: bool = true;

    fn to_value(&self) -> Value {
        super::declare::json_cell(self)
    }

    fn from_value(value: &Value) -> Result<Self, BadValue> {
        super::declare::json_from_cell(value)
    }
}
