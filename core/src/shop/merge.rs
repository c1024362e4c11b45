//! Merging duplicates: everything that named the one names the other, and the one is gone. One group.

use super::{Edits, Shop};
use crate::error::{Error, Result};
use crate::schema::{Field, Invalid, Json, Policy, Rule, Table, Type, Value};

impl Shop {
    /// Merges a duplicate into the record that stays.
    pub fn merge_duplicates(&self, table: &str, stays: &str, duplicate: &str) -> Result<()> {
        let table = self.table(table)?;
        self.together(|edits| edits.merge_duplicates(table, stays, duplicate))
    }
}

impl Edits<'_> {
    /// Re-points whatever names the duplicate, fills what the one that stays lacks, joins sets, deletes the duplicate.
    /// Rows that are only ever added keep their name: they are history.
    pub fn merge_duplicates(&self, table: &'static Table, stays: &str, duplicate: &str) -> Result<()> {
        if stays == duplicate {
            return Err(Invalid::field("id", Rule::Of("same_record")).of(table.name).into());
        }
        let missing = Error::missing(table.name);
        let kept = self.row(table, stays)?.filter(|row| !row.is_deleted()).ok_or(missing.clone())?;
        let gone = self.row(table, duplicate)?.filter(|row| !row.is_deleted()).ok_or(missing)?;
        for (child, field) in self.schema().referring(table.name) {
            // A field that never changes names what its row is part of: that row is the caller's to carry over.
            if child.append_only || child.name == table.name || field.policy == Policy::Fixed {
                continue;
            }
            let sql =
                format!("SELECT id FROM {} WHERE \"{}\" = ?1 AND deleted_at IS NULL", child.name, field.name);
            for id in self.all(&sql, [duplicate], |row| row.get::<_, String>(0))? {
                self.change(child, &id, &[(field, Value::Text(stays.to_owned()))])?;
            }
        }
        let filled: Vec<(&'static Field, Value)> = table
            .fields
            .iter()
            .filter(|field| {
                !field.is_kept_by_events()
                    && field.policy != Policy::Fixed
                    && field.refers != Some(table.name)
            })
            .filter_map(|field| Some((field, joined(field, kept.get(field.name), gone.get(field.name))?)))
            .collect();
        if let Some(field) = table.field("merged_into") {
            self.change(table, duplicate, &[(field, Value::Text(stays.to_owned()))])?;
        }
        self.change(table, stays, &filled)?;
        self.delete(table, duplicate)
    }
}

/// What the one that stays gains in a field, if anything.
fn joined(field: &Field, kept: &Value, gone: &Value) -> Option<Value> {
    match field.kind {
        _ if gone.is_null() || kept == gone => None,
        Type::Set(element) => {
            let list = |value: &Value| value.to_json(field.kind).as_array().cloned().unwrap_or_default();
            let both: Vec<Json> = list(gone).into_iter().chain(list(kept)).collect();
            element.canonical(field.name, &both).ok().filter(|value| value != kept)
        }
        Type::Bool if field.policy == Policy::TrueWins => (*gone == Value::Int(1)).then(|| gone.clone()),
        Type::Text
        | Type::Int
        | Type::Bool
        | Type::Time
        | Type::Id
        | Type::Word(_)
        | Type::Json
        | Type::Map(_) => kept.is_null().then(|| gone.clone()),
    }
}
