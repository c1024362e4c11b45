//! How far this device has seen its shop: facts of the file, read and written in one place.

use super::wire::Cursor;
use crate::env::DAY_MS;
use crate::error::Result;
use crate::schema::Table;
use crate::store::{Reader, Tx};

/// The cursor, as the file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) cursor: Cursor,
}

impl Place {
    /// Where the file stands.
    pub(crate) fn of(reader: &Reader<'_>) -> Result<Place> {
        let n = reader.number("cursor")?;
        let tag = reader.fact("cursor_tag")?.unwrap_or_default();
        // Before its first load a device is of no epoch.
        let seen = n > 0 || !tag.is_empty();
        Ok(Place { cursor: Cursor { epoch: if seen { epoch(reader)? } else { String::new() }, n, tag } })
    }

    /// Moves it there.
    pub(super) fn set(&self, tx: &Tx<'_>) -> Result<()> {
        tx.set_fact("cursor", &self.cursor.n.to_string())?;
        tx.set_fact("cursor_tag", &self.cursor.tag)
    }
}

/// The install id of this file.
pub(super) fn device(reader: &Reader<'_>) -> Result<String> {
    Ok(reader.fact("install")?.unwrap_or_default())
}

/// The server's epoch, as the last session named it.
pub(super) fn epoch(reader: &Reader<'_>) -> Result<String> {
    Ok(reader.fact("epoch")?.unwrap_or_default())
}

/// The beginning of a table's window, by the server's clock.
pub(super) fn edge(reader: &Reader<'_>, table: &Table, now: i64) -> Result<i64> {
    let days = table.window.as_ref().map_or(0, |window| window.days);
    Ok(now + reader.number("server_ahead_ms")? - days * DAY_MS)
}

/// The condition that a row lies outside the schema's own windows, itself or with the row that it belongs to.
pub(crate) fn outside_windows(reader: &Reader<'_>, table: &Table, now: i64) -> Result<String> {
    let mut outside = match &table.window {
        Some(window) => {
            format!("({})", window.outside.replace(":edge", &edge(reader, table, now)?.to_string()))
        }
        None => "0".to_owned(),
    };
    if let Some((field, parents)) = reader.schema().parent_of(table) {
        let with_it = outside_windows(reader, parents, now)?;
        outside += &format!(
            " OR EXISTS (SELECT 1 FROM {0} WHERE {0}.id = {1}.\"{2}\" AND ({with_it}))",
            parents.name, table.name, field.name
        );
    }
    Ok(outside)
}
