//! `entity!`, `words!` and `json_column!`: an entity is described once, and everything else follows from it.

use super::{BadValue, Column, Row, Table, Value};
use serde::{Serialize, de::DeserializeOwned};

/// A Rust struct that is a row of a table.
pub trait Entity: Sized {
    /// Its table.
    const TABLE: &'static Table;

    /// Its id; empty until it was saved.
    fn id(&self) -> &str;
    /// From a row of its table.
    fn from_row(row: &Row) -> Result<Self, BadValue>;
    /// As a row of its table.
    fn to_row(&self) -> Row;
}

/// A JSON value as a cell, its keys in order, so that equal values are equal text; an empty list or object is an empty cell.
pub fn json_cell<T: Serialize>(value: &T) -> Value {
    // Through a JSON value, whose objects have one order of keys.
    serde_json::to_value(value).map_or(Value::Null, |json| Value::from_canonical(&json))
}

/// The other way; an empty cell is the type's default.
pub fn json_from_cell<T: DeserializeOwned + Default>(value: &Value) -> Result<T, BadValue> {
    match value {
        Value::Null => Ok(T::default()),
        Value::Text(text) => serde_json::from_str(text).map_err(|_| BadValue("json")),
        Value::Int(_) => Err(BadValue("json")),
    }
}

/// The cells of a row, one after the other. Each type of column is read in one place, not once for every field, and what
/// is wrong with a cell is told at the end.
#[derive(Debug)]
pub struct Cells<'a> {
    cells: std::slice::Iter<'a, Value>,
    wrong: Option<BadValue>,
}

impl<'a> Cells<'a> {
    /// Those of a row, from its first.
    pub fn of(row: &'a Row) -> Cells<'a> {
        Cells { cells: row.values.iter(), wrong: None }
    }

    /// The next one.
    pub fn take<C: Column + Default>(&mut self) -> C {
        let read = C::from_value(self.cells.next().unwrap_or(&Value::Null));
        read.unwrap_or_else(|wrong| {
            self.wrong.get_or_insert(wrong);
            C::default()
        })
    }

    /// Whether each held what it has to hold.
    pub fn end(self) -> Result<(), BadValue> {
        self.wrong.map_or(Ok(()), Err)
    }
}

/// Declares an entity: its struct, its typed id and its [`Table`], with each field's policy and limits beside it.
///
/// Read `entity/customer.rs` first: it is the example to copy.
#[macro_export]
macro_rules! entity {
    (
        $(#[$doc:meta])*
        $name:ident($id:ident) in $table:literal { $($key:ident: $given:expr),* $(,)? }
        $( $(#[$fdoc:meta])* $field:ident: $type:ty = $policy:ident $(in $joint:literal)? $([$($check:expr),+ $(,)?])?; )+
    ) => {
        $crate::row_id!($id in $table);

        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
        pub struct $name {
            /// Its id; empty until it was saved.
            pub id: $id,
            $( $(#[$fdoc])* pub $field: $type, )+
            /// Who, when, which version.
            pub meta: $crate::schema::Meta,
        }

        impl $crate::schema::Entity for $name {
            const TABLE: &'static $crate::schema::Table = {
                #[allow(unused_imports)]
                use $crate::schema::{Check::*, Column, Field, Table, policies::*};
                const FIELDS: &[Field] = &[$( Field {
                    name: stringify!($field),
                    kind: <$type as Column>::KIND,
                    optional: <$type as Column>::OPTIONAL,
                    policy: $policy,
                    refers: <$type as Column>::REFERS,
                    joint: $crate::entity!(@joint $($joint)?),
                    checks: &[$($($check),+)?],
                } ),+];
                &Table { $($key: $given,)* ..Table::plain($table, FIELDS) }
            };

            fn id(&self) -> &str {
                &self.id.0
            }

            fn from_row(row: &$crate::schema::Row) -> Result<Self, $crate::schema::BadValue> {
                let mut cells = $crate::schema::Cells::of(row);
                let item = $name {
                    id: $id(row.id.clone()),
                    $( $field: cells.take(), )+
                    meta: row.meta.clone(),
                };
                cells.end().map(|()| item)
            }

            fn to_row(&self) -> $crate::schema::Row {
                $crate::schema::Row {
                    table: Self::TABLE,
                    id: self.id.0.clone(),
                    values: vec![$( $crate::schema::Column::to_value(&self.$field) ),+],
                    meta: self.meta.clone(),
                    extra: None,
                }
            }
        }
    };
    (@joint) => { None };
    (@joint $joint:literal) => { Some($joint) };
}

/// The typed id of a table's rows: a string underneath, and a column that names that table.
#[macro_export]
macro_rules! row_id {
    ($id:ident in $table:literal) => {
        #[doc = concat!("The id of a row of `", $table, "`.")]
        #[derive(
            Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
        )]
        #[serde(transparent)]
        pub struct $id(pub String);

        #[cfg(feature = "uniffi")]
        uniffi::custom_newtype!($id, String);

        impl From<&str> for $id {
            fn from(text: &str) -> Self {
                $id(text.to_owned())
            }
        }

        impl AsRef<str> for $id {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $id {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl $crate::schema::Column for $id {
            const KIND: $crate::schema::Type = $crate::schema::Type::Id;
            const REFERS: Option<&'static str> = Some($table);

            fn to_value(&self) -> $crate::schema::Value {
                $crate::schema::Value::Text(self.0.clone())
            }

            fn from_value(value: &$crate::schema::Value) -> Result<Self, $crate::schema::BadValue> {
                value.text().map($id::from).ok_or($crate::schema::BadValue("id"))
            }
        }
    };
}

/// An enumeration stored as words. A word that a newer app wrote is kept as `Other`.
#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $first:ident = $first_word:literal $(, $variant:ident = $word:literal)* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(from = "String", into = "String")]
        #[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
        pub enum $name {
            #[doc = $first_word]
            #[default]
            $first,
            $( #[doc = $word] $variant, )*
            /// A word that this version does not know, kept to the letter.
            Other {
                /// The word.
                word: String,
            },
        }

        impl $name {
            /// The words that this version knows.
            pub const WORDS: &'static [&'static str] = &[$first_word $(, $word)*];

            /// The word as it is stored and sent.
            pub fn word(&self) -> &str {
                match self {
                    $name::$first => $first_word,
                    $( $name::$variant => $word, )*
                    $name::Other { word } => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $first_word => $name::$first,
                    $( $word => $name::$variant, )*
                    other => $name::Other { word: other.to_owned() },
                }
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                $name::from(word.as_str())
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> String {
                word.word().to_owned()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(self.word())
            }
        }

        impl $crate::schema::Column for $name {
            const KIND: $crate::schema::Type = $crate::schema::Type::Word(Self::WORDS);

            fn to_value(&self) -> $crate::schema::Value {
                $crate::schema::Value::Text(self.word().to_owned())
            }

            fn from_value(value: &$crate::schema::Value) -> Result<Self, $crate::schema::BadValue> {
                value.text().map($name::from).ok_or($crate::schema::BadValue("word"))
            }
        }
    };
}

/// Lets a serde type be a column that holds JSON: `json_column!(Vec<Phone>, Type::Set(Element::Phone))`.
#[macro_export]
macro_rules! json_column {
    ($type:ty, $kind:expr) => {
        impl $crate::schema::Column for $type {
            const KIND: $crate::schema::Type = $kind;
            const OPTIONAL: bool = true;

            fn to_value(&self) -> $crate::schema::Value {
                $crate::schema::json_cell(self)
            }

            fn from_value(value: &$crate::schema::Value) -> Result<Self, $crate::schema::BadValue> {
                $crate::schema::json_from_cell(value)
            }
        }
    };
}
