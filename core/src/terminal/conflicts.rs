//! Conflicts: what a person has to choose between, and the choice.

use crate::error::{Error, Result};
use crate::schema::{AnyJson, Conflict, ConflictId, Entity, Field, Json, Table, Value};
use crate::shop::{Edits, Shop};

/// Two versions of one field that wait for a person.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct OpenConflict {
    /// The conflict.
    pub conflict: ConflictId,
    /// The table of the row that it is about.
    pub table: String,
    /// The row.
    pub id: String,
    /// The field, or `field/entry` of a map.
    pub field: String,
    /// What both began from.
    pub base: AnyJson,
    /// What the later one to arrive wanted.
    pub mine: AnyJson,
    /// What the server has, and the row shows.
    pub theirs: AnyJson,
    /// Who wrote theirs.
    pub by: Option<String>,
}

/// What a person chose.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Choice {
    /// What the later one to arrive wanted.
    Mine,
    /// What the row shows.
    Theirs,
    /// Something else.
    Value {
        /// The field's new value, or the entry's.
        value: AnyJson,
    },
}

impl Shop {
    /// The conflicts that wait for a person, the oldest first.
    pub fn open_conflicts(&self) -> Result<Vec<OpenConflict>> {
        let rows = self.read(|reader| reader.rows(Conflict::TABLE, OPEN, []))?;
        let open = |conflict: Conflict| OpenConflict {
            conflict: conflict.id,
            table: conflict.tbl,
            id: conflict.row_id,
            field: conflict.field,
            base: conflict.base,
            mine: conflict.mine,
            theirs: conflict.theirs,
            by: conflict.theirs_by,
        };
        rows.iter().map(|row| Ok(open(Conflict::from_row(row)?))).collect()
    }

    /// Closes a conflict with what a person chose, and puts that into the row. All or none of it applies.
    pub fn resolve(&self, conflict: &ConflictId, choice: &Choice) -> Result<()> {
        self.together(|edits| {
            let conflict: Conflict = edits.existing(&conflict.0)?;
            if !conflict.open {
                return Err(Error::Missing { what: "open conflict" });
            }
            // Closed before the row changes: if the field was changed again meanwhile, the server opens it anew.
            edits.edit(&conflict, &Conflict { open: false, ..conflict.clone() })?;
            match choice {
                Choice::Theirs => Ok(()),
                Choice::Mine => put(edits, &conflict, &conflict.mine.0),
                Choice::Value { value } => put(edits, &conflict, &value.0),
            }
        })
    }
}

const OPEN: &str = "WHERE open AND deleted_at IS NULL ORDER BY created_at, id";

/// Puts a value into the field, or the map's entry, that a conflict is about.
fn put(edits: &Edits<'_>, conflict: &Conflict, value: &Json) -> Result<()> {
    let missing = Error::Missing { what: "field" };
    let table = edits.schema().table(&conflict.tbl).ok_or(Error::Missing { what: "table" })?;
    let (name, entry) = match conflict.field.split_once('/') {
        Some((name, entry)) => (name, Some(entry)),
        None => (conflict.field.as_str(), None),
    };
    let field = table.field(name).ok_or(missing)?;
    let value = match entry {
        Some(entry) => with_entry(edits, table, field, &conflict.row_id, entry, value)?,
        None => value.clone(),
    };
    let value = Value::from_json(field, &value).map_err(|wrong| wrong.of(table.name))?;
    edits.change(table, &conflict.row_id, &[(field, value)])
}

/// A row's map with one entry set, or taken out.
fn with_entry(
    edits: &Edits<'_>,
    table: &'static Table,
    field: &Field,
    row: &str,
    entry: &str,
    value: &Json,
) -> Result<Json> {
    let row = edits.row(table, row)?.ok_or(Error::Missing { what: table.name })?;
    let mut entries = row.get(field.name).to_json(field.kind).as_object().cloned().unwrap_or_default();
    if value.is_null() {
        entries.remove(entry);
    } else {
        entries.insert(entry.to_owned(), value.clone());
    }
    Ok(Json::Object(entries))
}
