//! How the files of other systems are read, as data: which columns there may be, and what each means.

use crate::error::Result;
use crate::schema::{Row, Value, Who};
use crate::search_key::fold;
use std::fmt;

/// How lines become rows of a table.
#[derive(Clone, Copy)]
pub struct Layout {
    /// The table.
    pub table: &'static str,
    /// The columns that a file may have, none of which it must have. Of two for one field the earlier here goes in, the
    /// later only where that one is empty.
    pub columns: &'static [Column],
    /// Rows that a line makes besides its own: the first stock, the status.
    pub follow: fn(&Followed<'_>) -> Result<Vec<Row>>,
}

impl fmt::Debug for Layout {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Layout({})", self.table)
    }
}

/// A column that a file may have.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// What other systems call it, as [`plain_name`] spells it.
    pub names: &'static [&'static str],
    /// Where it goes.
    pub to: To,
    /// How its text is understood.
    pub reading: Reading,
}

/// Where a column goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// The other system's id of the line.
    ExternalId,
    /// A field of the row; a set takes from several columns.
    Field(&'static str),
    /// A part of a field that is an object; several columns for one part are joined by commas.
    Part(&'static str, &'static str),
    /// When the row was made.
    MadeAt,
    /// What only [`Layout::follow`] needs, under this name.
    Extra(&'static str),
}

impl To {
    /// What a refusal names.
    pub(super) fn name(self) -> &'static str {
        match self {
            To::ExternalId => "external_id",
            To::MadeAt => "created_at",
            To::Field(name) | To::Part(name, _) | To::Extra(name) => name,
        }
    }
}

/// How a column's text is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// As it is.
    Text,
    /// Words between commas, semicolons or bars.
    Words,
    /// Phone numbers, with this label.
    Phone(&'static str),
    /// E-mail addresses.
    Email,
    /// An amount of money, with up to two decimals.
    Money,
    /// A whole number.
    Count,
    /// Yes or no.
    YesNo,
    /// A day or a moment.
    Time,
    /// One of the field's words, or of these others for one of them.
    Word(&'static [(&'static str, &'static str)]),
    /// The other system's id of a row of this table, moved in before.
    Row(&'static str),
}

/// A line's own row, for what follows from it.
pub struct Followed<'a> {
    /// Who moves it in.
    pub who: &'a Who,
    /// The row.
    pub row: &'a Row,
    /// What its columns for [`To::Extra`] held.
    pub extras: &'a [(&'static str, Value)],
    /// The id of the `k`-th row that follows, the same whenever the file is read.
    pub id: &'a dyn Fn(&'static str, usize) -> String,
}

impl Followed<'_> {
    /// What a column for [`To::Extra`] held: the first of its name, if there are several.
    pub fn extra(&self, name: &str) -> Option<&Value> {
        self.extras.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

impl fmt::Debug for Followed<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Followed({})", self.row.table.name)
    }
}

/// A column's name or a word as it is compared: without case, accents, spaces and signs.
pub fn plain_name(name: &str) -> String {
    fold(name).chars().filter(|letter| letter.is_alphanumeric()).collect()
}
