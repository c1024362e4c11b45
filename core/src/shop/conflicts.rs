//! Conflicts: what a person has to choose between, and the choice.

use crate::error::{Error, Result};
use crate::schema::{
    AnyJson, Conflict, ConflictId, Counts, Entity, Field, Invalid, Json, Onto, Rule, Table, Value,
};
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
                return Err(Error::missing("open conflict"));
            }
            // Closed before the row changes: if the field was changed again meanwhile, the server opens it anew.
            edits.edit(&conflict, &Conflict { open: false, ..conflict.clone() })?;
            match (counted(edits, &conflict), choice) {
                (Some((counting, onto, counts)), _) => {
                    settle(edits, (counting, onto, counts), &conflict, choice)
                }
                (None, Choice::Theirs) => Ok(()),
                (None, Choice::Mine) => put(edits, &conflict, &conflict.mine.0),
                (None, Choice::Value { value }) => put(edits, &conflict, &value.0),
            }
        })
    }
}

/// The rows whose counts a conflict is about, if it is about a sum.
type Counting = (&'static Table, &'static Onto, &'static Counts);

fn counted(edits: &Edits<'_>, conflict: &Conflict) -> Option<Counting> {
    edits.schema().all_tables().find_map(|table| {
        let onto = table.onto.as_ref().filter(|onto| onto.table == conflict.tbl)?;
        let counts = onto.counts.as_ref().filter(|counts| counts.sum == conflict.field)?;
        Some((table, onto, counts))
    })
}

/// Counts once more, so that the sum becomes what a person chose. What moved since the conflict stays moved: taking one
/// side takes the other side's effect out again.
fn settle(
    edits: &Edits<'_>,
    (counting, onto, counts): Counting,
    conflict: &Conflict,
    choice: &Choice,
) -> Result<()> {
    let parents = edits.schema().table(onto.table).ok_or_else(|| Error::missing("table"))?;
    let parent = edits.row(parents, &conflict.row_id)?.filter(|row| !row.is_deleted());
    let parent = parent.ok_or_else(|| Error::missing(parents.name))?;
    let number = |value: &Json| {
        let whole = Invalid::field(counts.sum, Rule::Kind("integer"));
        value.as_i64().ok_or_else(|| Error::from(whole.of(parents.name)))
    };
    let without = |other: &AnyJson| -> Result<i64> {
        let shown = parent.int(counts.sum).unwrap_or_default();
        Ok(shown.wrapping_add(number(&conflict.base.0)?).wrapping_sub(number(&other.0)?))
    };
    let chosen = match choice {
        Choice::Mine => without(&conflict.theirs)?,
        Choice::Theirs => without(&conflict.mine)?,
        Choice::Value { value } => number(&value.0)?,
    };
    let row = (counts.settles)(&parent, chosen);
    let values: Vec<_> = counting.fields.iter().zip(row.values.iter().cloned()).collect();
    edits.insert(counting, None, &values)?;
    Ok(())
}

const OPEN: &str = "WHERE open AND deleted_at IS NULL ORDER BY created_at, id";

/// Puts a value into the field, or the map's entry, that a conflict is about.
fn put(edits: &Edits<'_>, conflict: &Conflict, value: &Json) -> Result<()> {
    let missing = Error::missing("field");
    let table = edits.schema().table(&conflict.tbl).ok_or_else(|| Error::missing("table"))?;
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
    let row = edits.row(table, row)?.ok_or_else(|| Error::missing(table.name))?;
    let mut entries = row.get(field.name).to_json(field.kind).as_object().cloned().unwrap_or_default();
    if value.is_null() {
        entries.remove(entry);
    } else {
        entries.insert(entry.to_owned(), value.clone());
    }
    Ok(Json::Object(entries))
}
